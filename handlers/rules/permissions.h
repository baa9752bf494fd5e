/* What a role may do at a tier, and what somebody is to an appeal: both as tables. */
#ifndef MINHU_PERMISSIONS_H
#define MINHU_PERMISSIONS_H

#include "rules/district.h"

enum ability {
    ABLE_HANDLE = 1 << 0,   /* works on what the unit holds */
    ABLE_DISPATCH = 1 << 1, /* moves it: assign, transfer, delegate, return, escalate, reject, classify */
    ABLE_OVERSEE = 1 << 2,  /* sees what units below hold, supervises, delegates */
    ABLE_STAFF = 1 << 3,    /* ends posts in the unit and below */
    ABLE_UNMASK = 1 << 4    /* may look at a reporter's contact */
};

/* Abilities of a role at the tier of its unit; 0 for what makes no sense (a district supervisor below district tier). */
uint32_t role_abilities(enum role role, enum tier tier);

struct asker {
    enum actor_kind kind;
    uint8_t id[16];          /* resident, client or staff */
    uint8_t post_id[16];     /* staff */
    const struct unit *unit; /* staff */
    enum role role;          /* staff */
    int64_t part;            /* guest: the one part that the link is for */
};

/* What the permission rules need to know of an appeal. */
struct appeal_ties {
    const uint8_t *resident_id, *client_id, *assignee_id;
    const struct unit *holder, *first, *about; /* about may be NULL */
    bool counit, contact; /* staff: the unit was called in; it may see the contact, too. Guest: the link is for it */
};

/* Bits of enum relation; 0: a stranger. */
uint32_t relations_of(const struct asker *asker, const struct appeal_ties *ties);

/* May somebody with these relations be shown the reporter (masked)? Never the unit complained of; no unit that
 * was called in, but by the lead's leave; not the handler when the name is withheld. Residents and clients see their own. */
bool may_see_reporter(uint32_t relations, bool withheld);

/* May they read what the units that answer for it write for themselves: notes, contact attempts? A unit that was called in reads what
 * is public, and the parts. */
bool may_see_notes(uint32_t relations);

#endif
