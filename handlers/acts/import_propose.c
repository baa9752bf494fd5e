/* Rules as they would be: a routes.tsv beside the district in use, so that its effect is seen before it is imported. */
#include "acts/import.h"

#include "rules/routing.h"

static struct route_rule proposed_rule(const struct district *d, const struct import_route *r) {
    return (struct route_rule){.id = r->line,
                               .category = r->category ? category_by_id(d, r->category->id) : NULL,
                               .area = r->area ? unit_by_id(d, r->area->id) : NULL,
                               .place = r->place_id ? place_by_id(d, *r->place_id) : NULL,
                               .channel = (enum channel)r->channel,
                               .kind = (enum kind)r->kind,
                               .tier = (enum tier)r->tier,
                               .unit = r->unit ? unit_by_id(d, r->unit->id) : NULL,
                               .valid_from = (int32_t)r->valid_from,
                               .valid_until = (int32_t)r->valid_until,
                               .basis = r->basis};
}

enum rc import_propose_routes(struct act *act, struct str text, struct import_problems *p, struct district *proposed) {
    struct import_known *known = ARENA_NEW(act->arena, struct import_known);
    struct import_data *data = ARENA_NEW(act->arena, struct import_data);
    if (!known || !data) return RC_INTERNAL;
    *p = (struct import_problems){.arena = act->arena};
    enum rc rc = import_known_things(act, known);
    if (rc != RC_OK) return rc;
    import_parse(IMPORT_ROUTES, text, data, p, act->arena);
    if (!import_check(known, data, p, act->arena)) return RC_INTERNAL;
    import_sort_problems(p);
    if (p->n) return RC_INVALID;
    const struct import_table *t = &data->tables[IMPORT_ROUTES];
    const struct import_route *rows = t->rows;
    struct route_rule *rules = arena_array(act->arena, t->n + 1, sizeof *rules);
    if (!rules) return RC_INTERNAL;
    for (size_t i = 0; i < t->n; i++) rules[i] = proposed_rule(act->district, &rows[i]);
    *proposed = *act->district;
    return routing_index(proposed, rules, t->n, act->arena) ? RC_OK : RC_INTERNAL;
}
