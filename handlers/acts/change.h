/* The one way an appeal changes: lock, check the transition, apply its effects, write ledger line, event and appeal. */
#ifndef MINHU_CHANGE_H
#define MINHU_CHANGE_H

#include "acts/act.h"

struct part_call;
struct meeting;
struct link_change;

struct submission;
struct demands;

/* What comes along with an action; members that the action doesn't use stay zero. */
struct change {
    enum action action;
    bool has_version;
    int64_t version; /* what the caller saw */
    const struct reason *reason;
    struct str text;
    int64_t detail;                  /* outcome, stars, contact outcome, how many follow, number of a part or meeting */
    const struct unit *to;           /* transfer, delegate, rule */
    struct str duty;                 /* rule: what it rests on; the text begins with it */
    uint8_t post_id[16];             /* assign, substitute */
    const struct category *category; /* classify */
    const struct place *place;       /* classify */
    struct str place_address;        /* classify; absent: unchanged */
    bool solved;                     /* rate */
    uint8_t lead_id[16];             /* merge */
    const struct submission *part;   /* split */
    bool quiet;                      /* tells nobody: what is said elsewhere, or too often */
    const struct part_call *call;    /* cohandle: parts.h */
    const struct meeting *meeting;   /* meetings.h */
    const struct link_change *link;  /* links.h */
    const struct demands *demands;   /* resolve, plan: their answers by number (demands.h); NULL: none */
};

/* Within a transaction. Numbers of people leave its texts (clean.h). *after is the appeal as it is now, in the arena. RC_NOT_FOUND for what the asker may not see,
 * RC_FORBIDDEN, RC_NOT_ACCEPTABLE_STATE (act->allowed), RC_STALE, RC_VERSION_REQUIRED, RC_LIMIT_REACHED, RC_INVALID… */
enum rc appeal_change(struct act *act, const uint8_t id[16], const struct change *c,
                      struct row_appeal **after) MUST_USE;

/* Of an order, for the third party that posted it: reads into act->taken_over whether a resident, whose it is since he signed in with
 * the phone named in it, has said or done something about it; costs a round trip only where it is a resident's. */
enum rc order_tie(struct act *act, const struct row_appeal *a) MUST_USE;

/* The relations of the asker, and the actions that would be accepted now. */
uint32_t appeal_relations(const struct act *act, const struct row_appeal *a);
struct action_set appeal_allowed(const struct act *act, const struct row_appeal *a);
/* Why an action is not possible now, for people; NULL when it is. */
const struct word *appeal_why_not(const struct act *act, const struct row_appeal *a, enum action action);

/* The clocks of an appeal, by the names of their due times: those of the round and of its holder, then those beside them. */
enum appeal_clock {
    CLOCK_RESPOND,
    CLOCK_RESOLVE,
    CLOCK_STEP,
    CLOCK_CONTACT,
    CLOCK_SILENT,
    CLOCK_REPLY,
    CLOCK_ANSWER,
    CLOCK__MAX
};
extern const char *const appeal_clock_names[CLOCK__MAX];
/* 0: it does not run, or has nothing to say any more. */
int64_t appeal_clock_due(const struct row_appeal *a, enum appeal_clock clock);

/* The due times of the clocks that run, computed anew in *a: by the calendar of now and the rules that they began with, or the rules
 * of now. What has run out for good stays so. A change with ACT_RECLOCK does it, RECLOCK_RULES in its detail for the rules of now. */
enum { RECLOCK_RULES = 1 };
enum rc appeal_reclock(const struct act *act, struct row_appeal *a, bool rules, bool *moved) MUST_USE;

/* Which appeals would move, looked for a page at a time among those whose clocks run; they are only read. */
enum { CLOCKS_PAGE = 96 };
struct clocks_walk {
    bool all, rules;   /* all, or only those with provisional due times; by the rules of now */
    struct row_due at; /* where to go on; zero at first */
    struct row_due seen[CLOCKS_PAGE];
    size_t n, moving; /* seen on this page; fewer than CLOCKS_PAGE on the last one; of them move */
    struct row_appeal *before[CLOCKS_PAGE], *after[CLOCKS_PAGE]; /* those that move, in act->arena */
};
enum rc clocks_next(const struct act *act, struct clocks_walk *w) MUST_USE;

/* First and last events are written alike: chains e to the appeal and inserts it. content: see audit.h; zero but
 * for submit. numbers: plain; absent or empty for none. */
enum rc appeal_write_event(struct act *act, struct row_appeal *a, struct row_event *e, struct str numbers,
                           const uint8_t content[32]) MUST_USE;
/* Starts the clocks of the round that a now has, as of began_us, and now its holder's step clock, at district tier too. */
void appeal_start_clocks(const struct act *act, struct row_appeal *a, int64_t began_us);

#endif
