/* What the rules need to know, from the appeal's row. */
#include "acts/weigh.h"

#include "rules/people.h"
#include "rules/weight.h"

/* Who report it, or, when that are more, how many those who wrote it say it concerns. */
static int64_t people_of(const struct row_appeal *a) {
    int64_t people = 1 + a->followers;
    const struct str said[] = {a->title, a->text};
    for (size_t i = 0; people < PEOPLE_HARD && i < sizeof said / sizeof *said; i++) {
        int64_t n = said[i].p ? people_named(said[i]) : 0;
        if (n > people) people = n;
    }
    return people;
}

void weigh_by_rules(const struct act *act, struct row_appeal *a) {
    if (a->weighed_by == WEIGHED_BY_STAFF) return;
    struct weighing w = {.category = category_by_id(act->district, a->category_id),
                         .people = people_of(a),
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
