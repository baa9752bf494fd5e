/* What every act needs: who asks, when, with what at hand. Acts run inside the caller's transaction (db_tx), know no HTTP,
 * and serve phones, API keys and jobs alike. */
#ifndef MINHU_ACT_H
#define MINHU_ACT_H

#include "base/arena.h"
#include "base/rc.h"
#include "base/seal.h"
#include "db/db.h"
#include "rules/clock.h"
#include "rules/district.h"
#include "rules/permissions.h"
#include "rules/transitions.h"

/* Times that a district settles for itself ([appeals] in the configuration). */
struct handling {
    struct duration answer_within;  /* how long a question to the resident may stop the clocks */
    struct duration contact_within; /* when the reporter has to be called first, from acceptance */
    struct duration silent_within;  /* how long he may hear nothing before the holder is reminded */
    int64_t extension_days_max, suspension_days_max;
};

struct act {
    struct db *db;
    struct arena *arena;
    const struct district *district;
    const struct keyring *keys;
    int64_t now_us;
    struct asker asker;
    const struct handling *handling; /* what the district has settled about times */
    struct row_event *event;         /* of the change that runs: an action may add to what it tells */
    struct str address;              /* where the caller is, for the audit; may be absent */
    const char *zh, *en;             /* set by act_fail: what to tell the caller */
    struct action_set allowed;       /* with RC_NOT_ACCEPTABLE_STATE: what is possible now */
    /* Set by appeal_submit, so that the answer needs no look at what was just written: the only event, how many photos. */
    struct row_event *first_event;
    size_t photos;
    uint32_t dangers; /* set by appeal_submit: what the text says is happening, DANGER_BIT each (rules/urgency.h) */
    struct joint_tie {
        uint8_t appeal_id[16];
        bool counit, contact;
    } joint;           /* what the asker's unit is by its parts to the appeal looked at last (parts.h) */
    bool taken_over;   /* of the order that a third party looked at last: its reporter speaks for himself (order_tie) */
    int64_t part;      /* of the change that runs: the part it is about, else 0 */
    int64_t routed_by; /* of the change that runs: the routing rule that decided, 0: none */
    uint8_t closed_line[32]; /* of the change that runs: digest of the ledger line that it closes, else zero */
};

/* Keeps the texts for the caller and returns rc. */
enum rc act_fail(struct act *act, enum rc rc, const char *zh, const char *en);

/* What a member of staff may see, as the statements ask for it (statements.def, STAFF_SEES): own and first unit's matters for who
 * works on them or oversees, those of units below for who oversees. An administrator of people sees none. */
#define STAFF_SIGHT(asker) \
    v_int(sight_unit(asker)), v_int(sight_unit(asker)), v_int(sight_oversees(asker)), v_int(sight_unit(asker)), \
        v_int(sight_parts(asker))
static inline bool sight_oversees(const struct asker *k) {
    return role_abilities(k->role, k->unit->tier) & ABLE_OVERSEE;
}
static inline int64_t sight_unit(const struct asker *k) {
    return role_abilities(k->role, k->unit->tier) & (ABLE_HANDLE | ABLE_OVERSEE) ? k->unit->id : 0;
}

/* A part is worked on by who handles: who only oversees a unit sees its parts where he sees the matter. */
static inline int64_t sight_parts(const struct asker *k) {
    return role_abilities(k->role, k->unit->tier) & ABLE_HANDLE ? k->unit->id : 0;
}

/* Tables and columns of sealed values; numbers are for ever (base/seal.h). */
#define PLACE_RESIDENT_NAME ((struct seal_place){1, 1})
#define PLACE_RESIDENT_PHONE ((struct seal_place){1, 2})
#define PLACE_RESIDENT_ID_NUMBER ((struct seal_place){1, 3})
#define PLACE_RESIDENT_ADDRESS ((struct seal_place){1, 4})
#define PLACE_STAFF_NAME ((struct seal_place){2, 1})
#define PLACE_STAFF_PHONE ((struct seal_place){2, 2})
#define PLACE_APPEAL_NAME ((struct seal_place){3, 1})
#define PLACE_APPEAL_PHONE ((struct seal_place){3, 2})
#define PLACE_APPEAL_NUMBERS ((struct seal_place){3, 3})
#define PLACE_EVENT_NUMBERS ((struct seal_place){3, 4})
#define PLACE_ANSWER ((struct seal_place){4, 1})
#define PLACE_MEETING_PEOPLE ((struct seal_place){5, 1})
#define INDEX_PHONE "phone"
#define INDEX_ID_NUMBER "id_number"

#endif
