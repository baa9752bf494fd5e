/* Opens and ends the pauses of an appeal's clocks. */
#include "acts/pause.h"

#include "acts/change_private.h"
#include "acts/parts.h"
#include "base/timefmt.h"
#include "rules/clock.h"

enum rc question_may_open(const struct act *act, const struct row_appeal *a) {
    if (appeal_paused(a) || (a->step_by && a->step_by <= act->now_us)) return RC_CONFLICT;
    return a->questions >= QUESTIONS_MAX ? RC_LIMIT_REACHED : RC_OK;
}

enum rc question_is_open(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->answer_by ? RC_OK : RC_CONFLICT;
}

enum rc suspension_is_open(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->suspended_until ? RC_OK : RC_CONFLICT;
}

int64_t question_half_way(const struct row_appeal *a) { return a->answer_since + (a->answer_by - a->answer_since) / 2; }

enum rc question_open(struct act *act, struct row_appeal *a, struct str text) {
    enum rc rc = change_close_line(act, a, act->now_us, false);
    a->question = text;
    memcpy(a->asker_id, act->asker.id, 16);
    change_start_clock(act, SIDE_CLOCK(a, answer), act->handling->answer_within);
    a->remind_at = question_half_way(a);
    a->questions++;
    return rc;
}

enum rc suspension_open(struct act *act, struct row_appeal *a, int64_t until_us, int64_t reason_id) {
    enum rc rc = change_close_line(act, a, act->now_us, false);
    a->suspended_until = until_us;
    memcpy(a->suspended_by, act->asker.id, 16);
    a->suspend_reason_id = reason_id;
    a->suspensions++;
    return rc;
}

/* What was left of a clock when the pause began is left when it ends. */
static int64_t stood_still(const struct calendar *cal, int64_t due_us, struct str rule, int64_t from_us, int64_t to_us,
                           bool *provisional) {
    struct duration d;
    if (!duration_parse(rule, &d)) return due_us;
    return clock_extend(cal, due_us, d, from_us, to_us, provisional);
}

/* Where its line ends when the pause does now: lines are of whole seconds. */
static int64_t paused_to(const struct act *act, const struct row_appeal *a) {
    return clock_second(pause_until(a) < act->now_us ? pause_until(a) : act->now_us) * SECOND_US;
}

int64_t pause_moves(const struct act *act, const struct row_appeal *a, int64_t due_us, int64_t since_us) {
    int64_t from = since_us > a->held_since ? since_us : a->held_since;
    bool provisional = false;
    if (!appeal_paused(a)) return due_us;
    return stood_still(&act->district->calendar, due_us, a->resolve_rule, from, paused_to(act, a), &provisional);
}

enum rc pause_divide(struct act *act, struct row_appeal *a) {
    int64_t from = a->held_since, to = paused_to(act, a);
    bool provisional = a->provisional;
    const struct calendar *cal = &act->district->calendar, *holders = unit_calendar(act->district, a->holder_unit_id);
    enum rc rc = parts_stood_still(act, a);
    if (rc == RC_OK) rc = change_close_line(act, a, to, false);
    to = a->held_since;
    a->resolve_by = stood_still(cal, a->resolve_by, a->resolve_rule, from, to, &provisional);
    if (a->step_by) a->step_by = stood_still(holders, a->step_by, a->step_rule, from, to, &provisional);
    a->provisional = provisional;
    return rc;
}

enum rc pause_end(struct act *act, struct row_appeal *a) {
    enum rc rc = pause_divide(act, a);
    a->question = (struct str){0};
    memset(a->asker_id, 0, 16);
    memset(a->suspended_by, 0, 16);
    change_stop_clock(SIDE_CLOCK(a, answer));
    a->remind_at = a->suspended_until = a->suspend_reason_id = 0;
    return rc;
}
