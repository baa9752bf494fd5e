/* Requests to the unit above: asked for, granted, ended. */
#include "acts/request.h"

#include "acts/change_private.h"
#include "acts/pause.h"
#include "base/timefmt.h"
#include "rules/routing.h"

/* Is there still time that could be given more of? */
static bool too_late(const struct act *act, const struct row_appeal *a) {
    return a->request || a->overdue || (!appeal_paused(a) && a->resolve_by <= act->now_us);
}

enum rc request_may_extend(const struct act *act, const struct row_appeal *a) {
    if (a->extensions >= EXTENSIONS_MAX) return RC_LIMIT_REACHED;
    return too_late(act, a) ? RC_CONFLICT : RC_OK;
}

enum rc request_may_suspend(const struct act *act, const struct row_appeal *a) {
    if (a->suspensions >= SUSPENSIONS_MAX) return RC_LIMIT_REACHED;
    return a->suspended_until || too_late(act, a) ? RC_CONFLICT : RC_OK;
}

static enum rc is_of_kind(const struct row_appeal *a, enum request_kind kind) {
    return a->request == kind ? RC_OK : RC_CONFLICT;
}

enum rc request_is_extension(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return is_of_kind(a, REQUEST_EXTENSION);
}

enum rc request_is_suspension(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return is_of_kind(a, REQUEST_SUSPENSION);
}

enum rc request_is_open(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->request ? RC_OK : RC_CONFLICT;
}

/* ---- asking ---- */

/* The unit above that is not complained of. Departments have no way up, yet the district over them; at its top a supervisor
 * decides. */
static const struct unit *decider(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    const struct unit *up = holder ? route_up(holder, unit_by_id(act->district, a->about_unit_id)) : NULL;
    return up || !holder ? up : holder->parent ? holder->parent : holder;
}

static enum rc open(struct act *act, struct row_appeal *a, enum request_kind kind) {
    const struct unit *unit = decider(act, a);
    if (!unit) return RC_INTERNAL;
    a->request = kind;
    a->request_n = a->events + 1; /* the event that this change writes */
    return db_later(act->db, ST_request_insert,
                    DB_VALUES(v_id(a->id), v_int(unit->id), v_int(kind), v_int(a->request_n), v_time(act->now_us)));
}

enum rc request_extension(struct act *act, struct row_appeal *a, const struct change *c) {
    if (c->detail > act->handling->extension_days_max)
        return act_fail(act, RC_LIMIT_REACHED, "申请延期的天数超过上限，请减少天数。",
                        "That is longer than an extension may be; ask for fewer days.");
    a->extensions++;
    return open(act, a, REQUEST_EXTENSION);
}

static int64_t end_of_day(int64_t day) { return (day + 1) * DAY_S * SECOND_US - BEIJING_OFFSET_S * SECOND_US; }

static enum rc check_until(struct act *act, int64_t day) {
    int64_t until = end_of_day(day);
    if (until <= act->now_us)
        return act_fail(act, RC_CONFLICT, "中止的截止日期已过，请另选日期。", "That day is over; choose a later one.");
    if (until > act->now_us + (act->handling->suspension_days_max + 1) * DAY_S * SECOND_US)
        return act_fail(act, RC_LIMIT_REACHED, "中止时间超过上限，请选较早的日期。",
                        "That is longer than a suspension may be; choose an earlier day.");
    return RC_OK;
}

enum rc request_suspension(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = check_until(act, c->detail);
    return rc == RC_OK ? open(act, a, REQUEST_SUSPENSION) : rc;
}

/* ---- deciding ---- */

static enum rc read_request(const struct act *act, const struct row_appeal *a, enum action asked,
                            struct row_event **e) {
    enum rc rc = db_row(act->db, ST_event_of, DB_VALUES(v_id(a->id), v_int(a->request_n)), act->arena, e);
    return rc == RC_OK && (!*e || (*e)->action != (int64_t)asked) ? RC_INTERNAL : rc;
}

/* What is granted: all of it, or less. */
static enum rc choose(struct act *act, int64_t asked, int64_t granted) {
    if (granted > asked)
        return act_fail(act, RC_CONFLICT, "不能批准得比申请的更长。", "No more than was asked for can be granted.");
    act->event->detail = granted ? granted : asked;
    return RC_OK;
}

enum rc request_extend(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_event *asked;
    struct duration rule;
    bool provisional = a->provisional;
    enum rc rc = read_request(act, a, ACT_REQUEST_EXTENSION, &asked);
    if (rc == RC_OK) rc = choose(act, asked->detail, c->detail);
    if (rc == RC_OK) rc = request_end(act, a);
    if (rc != RC_OK) return rc;
    a->extended += act->event->detail;
    if (!duration_parse(a->resolve_rule, &rule)) return RC_INTERNAL;
    a->resolve_by = clock_longer(&act->district->calendar, a->resolve_by, rule, act->event->detail, &provisional);
    a->provisional = provisional;
    return RC_OK;
}

enum rc request_suspend(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_event *asked;
    enum rc rc = read_request(act, a, ACT_REQUEST_SUSPENSION, &asked);
    if (rc == RC_OK) rc = choose(act, asked->detail, c->detail);
    if (rc == RC_OK) rc = check_until(act, act->event->detail);
    if (rc == RC_OK) rc = request_end(act, a);
    if (rc != RC_OK) return rc;
    act->event->reason_id = asked->reason_id;
    return suspension_open(act, a, end_of_day(act->event->detail), asked->reason_id);
}

enum rc request_end(struct act *act, struct row_appeal *a) {
    a->request = a->request_n = 0;
    return db_later(act->db, ST_request_end, DB_VALUES(v_id(a->id)));
}

enum rc request_hand_on(struct act *act, const struct row_appeal *a) {
    const struct unit *unit = decider(act, a);
    return unit ? db_later(act->db, ST_request_to_unit, DB_VALUES(v_int(unit->id), v_id(a->id))) : RC_INTERNAL;
}
