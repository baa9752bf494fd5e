/* What the events of an appeal tell of its way: the rule's number is in the event that routed it. */
#include "acts/why.h"

#include "acts/moves.h"
#include "acts/reference.h"
#include "base/uuid.h"

/* The rule of that number, in force or retired. */
static enum rc read_rule(struct act *act, int64_t id, struct why_step *s) {
    struct row_route_rule *row;
    struct route_rule *rule = ARENA_NEW(act->arena, struct route_rule);
    if (!rule) return RC_INTERNAL;
    enum rc rc = db_row(act->db, ST_route_rule_by_id, DB_VALUES(v_int(id)), act->arena, &row);
    if (rc != RC_OK || !row) return rc;
    *rule = reference_rule(act->district, row);
    s->rule = rule;
    s->retired_at = row->retired_at;
    return RC_OK;
}

/* Whom it named, as far as the matter's place is still the one of that time: then the unit that got it is above him. */
static void find_named(const struct act *act, const struct row_appeal *a, struct why_step *s) {
    const struct unit *got = unit_by_id(act->district, s->event->unit_id);
    const struct place *place = place_by_id(act->district, a->place_id);
    bool third_party = s->event->action == ACT_SUBMIT && !uuid_is_zero(a->client_id);
    s->named = s->rule ? route_rule_target(s->rule, place) : place ? place->unit : NULL;
    if (s->named && !unit_is_below(s->named, got)) s->named = NULL;
    if (s->named) s->by = s->rule ? BY_RULE : BY_PLACE;
    else if (third_party && !unit_is(got, act->district->top)) s->by = BY_KEY;
    else if (s->rule) s->by = BY_RULE;
    else s->by = unit_is(got, act->district->top) && !place ? BY_DISTRICT : BY_UNKNOWN;
}

static enum rc explain(struct act *act, const struct row_appeal *a, const struct row_event *e, struct why_step *s) {
    *s = (struct why_step){.event = e, .by = e->actor_kind == ACTOR_SYSTEM ? BY_CLOCK : BY_STAFF};
    if (e->action != ACT_SUBMIT && e->action != ACT_CLASSIFY) return RC_OK;
    enum rc rc = e->detail ? read_rule(act, e->detail, s) : RC_OK;
    if (rc == RC_OK) find_named(act, a, s);
    return rc;
}

enum rc appeal_why(struct act *act, const struct row_appeal *a, struct why *out) {
    struct row_event *events;
    *out = (struct why){.about = unit_by_id(act->district, a->about_unit_id), .now = move_routed_now(act, a)};
    enum rc rc = db_rows(act->db, ST_events_moving, DB_VALUES(v_id(a->id), v_int(WHY_STEPS_MAX)), act->arena, &events,
                         &out->n);
    if (rc != RC_OK) return rc;
    out->steps = arena_array(act->arena, out->n + 1, sizeof *out->steps);
    if (!out->steps) return RC_INTERNAL;
    for (size_t i = 0; rc == RC_OK && i < out->n; i++) rc = explain(act, a, &events[i], &out->steps[i]);
    return rc;
}
