/* Known trouble: a unit publishes it, residents join, and say when it is over whether it is. Each within the caller's transaction.
 * Who joined is told by a job what becomes of it (jobs/troubles.c). */
#ifndef MINHU_TROUBLE_H
#define MINHU_TROUBLE_H

#include "acts/act.h"
#include "rules/trouble.h"

enum {
    TROUBLES_OF_UNIT_MAX = 50, /* going on or yet to begin */
    TROUBLE_DAYS_MAX = 30      /* how long it lasts, and how far ahead it begins */
};

struct trouble_notice {
    struct str title, text;
    const struct category *category;
    struct trouble_area areas[TROUBLE_AREAS_MAX];
    size_t area_count;
    int64_t from, until; /* from before now is now */
};

/* By a dispatcher or lead, for what the unit may speak for (trouble_may_cover); RC_FORBIDDEN else. RC_LIMIT_REACHED: the unit has too
 * many. */
enum rc trouble_publish(struct act *act, const struct trouble_notice *notice, uint8_t id[16]) MUST_USE;

/* By a dispatcher or lead of the unit that published it, or who oversees that unit. RC_CONFLICT, with a text, for what is over or
 * withdrawn. title, text: p NULL and until: 0 for what stays; another end is told to who joined. */
enum rc trouble_update(struct act *act, const uint8_t id[16], struct str title, struct str text,
                       int64_t until) MUST_USE;
/* It is over (over: what goes on) or was wrong (what is yet to begin, too). remark may be absent. */
enum rc trouble_end(struct act *act, const uint8_t id[16], enum trouble_state how, struct str remark) MUST_USE;
/* The system's: until has passed. RC_OK also where somebody has changed that meanwhile. */
enum rc trouble_run_out(struct act *act, const uint8_t id[16]) MUST_USE;

/* A resident's; *t is the trouble with what he is to it. *created: he hadn't joined before. RC_CONFLICT for what doesn't go on. */
enum rc trouble_join(struct act *act, const uint8_t id[16], const struct place *place, struct row_trouble **t,
                     bool *created) MUST_USE;
/* Once, of a trouble that is over; the same answer again is RC_OK. RC_NOT_FOUND for who hasn't joined. Where it isn't over, the unit that
 * published it is told by the same job, once, some time after the first who says so. */
enum rc trouble_answer(struct act *act, const uint8_t id[16], enum trouble_answer answer,
                       struct row_trouble **t) MUST_USE;

#endif
