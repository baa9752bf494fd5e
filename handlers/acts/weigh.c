/* What the rules need to know, from the appeal's row. */
#include "acts/weigh.h"

#include "rules/weight.h"

void weigh_by_rules(const struct act *act, struct row_appeal *a) {
    if (a->weighed_by == WEIGHED_BY_STAFF) return;
    struct weighing w = {.category = category_by_id(act->district, a->category_id),
                         .people = 1 + a->followers,
                         .departments = departments_named(act->district, a->text, DEPARTMENTS_HARD),
                         .returns = a->returns,
                         .repeated = a->weighed_by == WEIGHED_AS_REPEATED};
    a->weight = weigh(&w);
}

enum rc do_weigh(struct act *act, struct row_appeal *a, const struct change *c) {
    int64_t before = a->weight;
    if (act->asker.kind == ACTOR_SYSTEM) {
        if (a->weighed_by != WEIGHED_BY_RULES) return RC_CONFLICT;
        a->weighed_by = WEIGHED_AS_REPEATED;
        weigh_by_rules(act, a);
        return a->weight == before ? RC_CONFLICT : RC_OK;
    }
    if (c->detail == before && a->weighed_by == WEIGHED_BY_STAFF)
        return act_fail(act, RC_CONFLICT, "难易程度已经是这个。", "That is its weight already.");
    a->weight = c->detail;
    a->weighed_by = WEIGHED_BY_STAFF;
    return RC_OK;
}
