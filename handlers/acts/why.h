/* Why a matter is where it is: which rule decided when it was routed, who was passed over, where it was moved since. */
#ifndef MINHU_WHY_H
#define MINHU_WHY_H

#include "acts/act.h"
#include "rules/routing.h"

enum { WHY_STEPS_MAX = 100 };

struct why_step {
    const struct row_event *event;
    enum decider by;
    const struct route_rule *rule; /* as it was; NULL: none */
    int64_t retired_at;            /* of the rule; 0: it is in force */
    const struct unit
        *named; /* whom rule or place named, passed over or not; NULL: nobody, or it can't be told any more */
};
struct why {
    struct why_step *steps; /* oldest first */
    size_t n;
    struct routed now; /* where category and place would take it today */
    const struct unit *about;
};

/* The appeal must be the asker's to see. */
enum rc appeal_why(struct act *act, const struct row_appeal *a, struct why *out) MUST_USE;

#endif
