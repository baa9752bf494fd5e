/* The clocks of a round and of its holder: started by rule, closed line by line. */
#include "acts/audit.h"
#include "acts/change_private.h"
#include "acts/pause.h"
#include "acts/watch.h"
#include "base/timefmt.h"
#include "rules/ledger.h"
#include "rules/routing.h"

static const struct clock_rule *rule_of(const struct act *act, const struct row_appeal *a) {
    return clock_rule_for(act->district, (enum tier)a->tier, category_by_id(act->district, a->category_id),
                          (enum urgency)a->urgency);
}

/* The spelling that the appeal keeps, so that a changed rule moves no clock that runs. Without memory it is absent, which the
 * database refuses. */
static struct str keep_rule(const struct act *act, struct duration d) {
    char text[DURATION_TEXT_MAX];
    struct str spelling = {text, duration_format(d, text)};
    const char *copy = arena_dup(act->arena, spelling);
    return (struct str){copy, copy ? spelling.n : 0};
}

void change_start_clock(const struct act *act, struct side_clock clock, struct duration d) {
    *clock.by_us = clock_due(&act->district->calendar, act->now_us, d, NULL);
    *clock.since_us = act->now_us;
    *clock.rule = keep_rule(act, d);
}

void change_stop_clock(struct side_clock clock) {
    *clock.by_us = *clock.since_us = 0;
    *clock.rule = (struct str){0};
}

void change_take_rules(const struct act *act, struct row_appeal *a) {
    const struct unit *began = a->round == 1 ? unit_by_id(act->district, a->first_unit_id) : NULL;
    const struct clock_rule *whole = clock_rule_for(act->district, began ? began->tier : (enum tier)a->tier,
                                                    category_by_id(act->district, a->category_id),
                                                    (enum urgency)a->urgency);
    if (!a->responded_at) a->respond_rule = keep_rule(act, whole->respond);
    if (!a->overdue) a->resolve_rule = keep_rule(act, whole->resolve);
    if (a->step_by) a->step_rule = keep_rule(act, rule_of(act, a)->step);
    if (a->contact_since) a->contact_rule = keep_rule(act, watch_call_within(act, a, a->contact_since));
}

void change_start_step(const struct act *act, struct row_appeal *a) {
    struct duration d = rule_of(act, a)->step;
    bool provisional = false;
    a->step_rule = keep_rule(act, d);
    a->step_by = clock_due(unit_calendar(act->district, a->holder_unit_id), act->now_us, d, &provisional);
    a->provisional |= provisional;
}

void appeal_start_clocks(const struct act *act, struct row_appeal *a, int64_t began_us) {
    const struct clock_rule *r = rule_of(act, a);
    const struct calendar *cal = &act->district->calendar;
    bool respond = false, resolve = false, accepted_already = a->round > 1;
    a->round_started_at = began_us;
    a->held_since = clock_second(act->now_us) * SECOND_US;
    a->respond_rule = keep_rule(act, r->respond);
    a->resolve_rule = keep_rule(act, r->resolve);
    a->respond_by = accepted_already ? act->now_us : clock_due(cal, began_us, r->respond, &respond);
    a->resolve_by = clock_due(cal, began_us, r->resolve, &resolve);
    a->provisional = respond || resolve;
    change_start_step(act, a);
}

/* One of its clocks: when it ends, and the rule that says so. */
struct clock_ends {
    int64_t *by_us;
    struct str *rule;
};

static void end_earlier(const struct act *act, struct row_appeal *a, const struct calendar *cal, struct duration d,
                        struct clock_ends ends) {
    /* While it rests its clocks do, and go on from where they stand. */
    int64_t from_us = appeal_paused(a) ? a->held_since : act->now_us;
    bool provisional = false;
    int64_t by_us = clock_due(cal, from_us, d, &provisional);
    if (by_us >= *ends.by_us) return;
    *ends.by_us = by_us;
    *ends.rule = keep_rule(act, d);
    a->provisional |= provisional;
}

void change_more_urgent(const struct act *act, struct row_appeal *a, enum urgency urgency) {
    const struct calendar *cal = &act->district->calendar;
    if ((int64_t)urgency <= a->urgency) return;
    a->urgency = urgency;
    if (a->state == STATE_MERGED) return;
    const struct clock_rule *r = rule_of(act, a);
    if (!a->responded_at) end_earlier(act, a, cal, r->respond, (struct clock_ends){&a->respond_by, &a->respond_rule});
    if (!a->overdue) end_earlier(act, a, cal, r->resolve, (struct clock_ends){&a->resolve_by, &a->resolve_rule});
    if (a->step_by)
        end_earlier(act, a, unit_calendar(act->district, a->holder_unit_id), r->step,
                    (struct clock_ends){&a->step_by, &a->step_rule});
}

enum rc change_close_line(struct act *act, struct row_appeal *a, int64_t end_us, bool ran_out) {
    struct ledger_line line = {.from_s = clock_second(a->held_since),
                               .kind = appeal_paused(a) ? LEDGER_PAUSE : LEDGER_HELD,
                               .unit_id = a->holder_unit_id};
    ledger_close(&act->district->calendar, &line, clock_second(end_us));
    a->lines_closed++;
    a->held_since = line.to_s * SECOND_US;
    struct row_ledger_entry l = {.n = a->lines_closed,
                                 .round = a->round,
                                 .kind = line.kind + 1,
                                 .unit_id = line.unit_id,
                                 .starts_at = line.from_s * SECOND_US,
                                 .ends_at = line.to_s * SECOND_US,
                                 .wall_seconds = line.wall_s,
                                 .working_seconds = line.working_s,
                                 .step_ran_out = ran_out,
                                 .reason_id = a->suspend_reason_id};
    memcpy(l.appeal_id, a->id, 16);
    memcpy(l.granted_by, a->suspended_until ? a->suspended_by : a->asker_id, 16);
    if (!audit_ledger_digest(&l, act->closed_line)) return RC_INTERNAL;
    return db_run(act->db, ST_ledger_insert,
                  DB_VALUES(v_id(l.appeal_id), v_int(l.n), v_int(l.round), v_int(l.kind), v_int(l.unit_id),
                            v_time(l.starts_at), v_time(l.ends_at), v_int(l.wall_seconds), v_int(l.working_seconds),
                            v_int(l.step_ran_out), v_int_or_null(l.reason_id), v_id_or_null(l.granted_by)),
                  NULL);
}

void change_start_round(const struct act *act, struct row_appeal *a) {
    a->round++;
    a->outcome = a->solved = a->stars = 0;
    a->result = a->rating_comment = (struct str){0};
    a->resolved_at = a->closed_at = 0;
    a->returns = a->transfers = a->questions = 0;
    a->extensions = a->extended = a->suspensions = 0;
    a->planned_for = 0;
    memset(a->assignee_id, 0, 16); /* accepted means in the unit's box; whoever had it may long be gone */
    appeal_start_clocks(act, a, act->now_us);
}
