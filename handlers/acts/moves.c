/* Actions that give an appeal another holder. */
#include "acts/moves.h"

#include "acts/change_private.h"
#include "acts/pause.h"
#include "acts/ruling.h"
#include "acts/succeed.h"
#include "acts/weigh.h"
#include "base/timefmt.h"
#include "rules/routing.h"

enum rc move_may_transfer(const struct act *act, const struct row_appeal *a) {
    (void)act;
    if (a->arrival == ARRIVAL_RULED) return RC_CONFLICT;
    return a->transfers >= TRANSFERS_MAX ? RC_LIMIT_REACHED : RC_OK;
}

/* Who sent it, or what has become of him. */
static const struct unit *sender_of(const struct act *act, const struct row_appeal *a) {
    return succeed_to(act, a, unit_by_id(act->district, a->sender_unit_id));
}

enum rc move_may_return(const struct act *act, const struct row_appeal *a) {
    if (a->arrival == ARRIVAL_RULED) return RC_CONFLICT;
    if (a->returns >= RETURNS_MAX) return RC_LIMIT_REACHED;
    const struct unit *to = sender_of(act, a);
    bool possible = to && to->id != a->holder_unit_id && !passed_over(to, unit_by_id(act->district, a->about_unit_id));
    return possible ? RC_OK : RC_CONFLICT;
}

enum rc move_may_escalate(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    return holder && route_up(holder, unit_by_id(act->district, a->about_unit_id)) ? RC_OK : RC_CONFLICT;
}

/* The column holds 16 bits; a district that has had more rules than that sees where a matter went, no longer by which rule. */
int64_t event_rule(const struct route_rule *rule) { return rule && rule->id <= UINT16_MAX ? rule->id : 0; }

int32_t act_day(const struct act *act) {
    int32_t day, second;
    time_split_beijing(act->now_us, &day, &second);
    return day;
}

static enum rc move_to(struct act *act, struct row_appeal *a, const struct unit *to, enum arrival arrival,
                       bool ran_out) {
    enum rc rc = change_close_line(act, a, act->now_us, ran_out);
    a->sender_unit_id = a->holder_unit_id;
    a->holder_unit_id = to->id;
    a->tier = to->tier;
    a->arrival = arrival;
    memset(a->assignee_id, 0, 16);
    change_start_step(act, a);
    return rc;
}

/* Who is to rule hears of it, unless it is he who has the matter now. */
static void tell_of_dispute(const struct act *act, const struct row_appeal *a) {
    const struct unit *from = unit_by_id(act->district, a->sender_unit_id),
                      *to = unit_by_id(act->district, a->holder_unit_id);
    if (ruling_may(act, a) == RC_OK && from && to && !unit_is_below(from, to)) act->event->notify |= N_ABOVE;
}

static enum rc check_conflict(struct act *act, const struct row_appeal *a, const struct unit *to) {
    if (unit_conflicted(to, unit_by_id(act->district, a->about_unit_id)))
        return act_fail(act, RC_CONFLICT, "不能派给被投诉的单位，或与其有利害关系的单位。",
                        "It can't go to the unit that is complained of, nor to one with an interest with it.");
    return RC_OK;
}

static enum rc check_target(struct act *act, const struct row_appeal *a, const struct unit *to) {
    if (to->id == a->holder_unit_id)
        return act_fail(act, RC_CONFLICT, "事项已经在该单位。", "The matter already lies with that unit.");
    return check_conflict(act, a, to);
}

enum rc move_transfer(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    enum rc rc = check_target(act, a, c->to);
    if (rc != RC_OK) return rc;
    if (!holder || c->to->tier != holder->tier)
        return act_fail(act, RC_CONFLICT, "转派只能到同级单位；向下请交办，向上请上报。",
                        "A transfer goes to a unit of the same tier; delegate downwards, escalate upwards.");
    a->transfers++;
    rc = move_to(act, a, c->to, ARRIVAL_MOVED, false);
    tell_of_dispute(act, a);
    return rc;
}

enum rc move_delegate(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct unit *own = act->asker.unit;
    enum rc rc = check_target(act, a, c->to);
    if (rc != RC_OK) return rc;
    if (!own || unit_is(c->to, own) || !unit_is_below(c->to, own))
        return act_fail(act, RC_CONFLICT, "只能交办给本单位的下级单位。", "Delegate to a unit below yours.");
    return move_to(act, a, c->to, ARRIVAL_MOVED, false);
}

enum rc move_ruled(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct unit *own = act->asker.unit;
    enum rc rc = check_conflict(act, a, c->to);
    if (rc != RC_OK) return rc;
    if (!own || unit_is(c->to, own) || !unit_is_below(c->to, own))
        return act_fail(act, RC_CONFLICT, "只能裁定给本单位的下级单位；其他单位的争议请上报。",
                        "Name a unit below yours; escalate what is between others.");
    if (c->to->id != a->holder_unit_id) {
        a->state = STATE_SUBMITTED;
        rc = move_to(act, a, c->to, ARRIVAL_RULED, false);
    }
    a->arrival = ARRIVAL_RULED;
    a->sender_unit_id = 0;
    return rc;
}

/* To the leading unit of a group that the holder is of, whatever its tier. */
enum rc move_hand_lead(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = check_target(act, a, c->to);
    return rc == RC_OK ? move_to(act, a, c->to, ARRIVAL_MOVED, false) : rc;
}

enum rc move_return(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    const struct unit *to = sender_of(act, a);
    enum rc rc = move_to(act, a, to, ARRIVAL_RETURNED, false);
    a->returns++;
    tell_of_dispute(act, a);
    a->sender_unit_id = 0;
    weigh_by_rules(act, a);
    return rc;
}

static enum rc go_up(struct act *act, struct row_appeal *a, bool ran_out) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    const struct unit *to = holder ? route_up(holder, unit_by_id(act->district, a->about_unit_id)) : NULL;
    if (!to) return act_fail(act, RC_CONFLICT, "已在区级，无法再上报。", "It is at district tier already.");
    return move_to(act, a, to, ARRIVAL_ESCALATED, ran_out);
}

enum rc move_escalate(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    return go_up(act, a, false);
}

enum rc move_step_out(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (appeal_paused(a) || !a->step_by || a->step_by > act->now_us)
        return act_fail(act, RC_CONFLICT, "环节时限未到。", "The step clock has not run out.");
    return go_up(act, a, true);
}

struct matter move_matter(const struct act *act, const struct row_appeal *a) {
    return (struct matter){category_by_id(act->district, a->category_id),
                           place_by_id(act->district, a->place_id),
                           unit_by_id(act->district, a->about_unit_id),
                           (enum channel)a->channel,
                           (enum kind)a->kind,
                           act_day(act)};
}

static struct routed classified(const struct act *act, const struct row_appeal *a, const struct change *c) {
    struct matter m = move_matter(act, a);
    if (c->category) m.category = c->category;
    if (c->place) m.place = c->place;
    return route(act->district, &m);
}

struct routed move_routed_now(const struct act *act, const struct row_appeal *a) {
    struct change as_it_is = {0};
    return classified(act, a, &as_it_is);
}

const struct unit *move_classified_to(const struct act *act, const struct row_appeal *a, const struct change *c) {
    return classified(act, a, c).unit;
}

/* A new category or place routes again; the resident's clock goes on, a holder that stays keeps its step clock, unless it is urgent. */
enum rc move_classify(struct act *act, struct row_appeal *a, const struct change *c) {
    struct routed routed = classified(act, a, c);
    const struct unit *to = routed.unit;
    if (c->category) {
        a->category_id = c->category->id;
        a->classified_by = CLASSIFIED_BY_STAFF;
    }
    if (c->place) a->place_id = c->place->id;
    if (c->place_address.p) a->address = c->place_address;
    if (c->category) change_more_urgent(act, a, c->category->urgency);
    weigh_by_rules(act, a);
    act->routed_by = event_rule(routed.rule);
    if (to->id == a->holder_unit_id) return RC_OK;
    a->state = STATE_SUBMITTED;
    return move_to(act, a, to, ARRIVAL_MOVED, false);
}
