/* Due times computed anew: when a calendar says something else than when their clocks began, or the operator wants the rules of now. */
#include "acts/change_private.h"

#include "rules/ledger.h"

/* The closed lines of the round, oldest first: what a clock needs that stood still in it. */
struct round_lines {
    struct row_ledger *line;
    size_t n;
};

static enum rc read_round(const struct act *act, const struct row_appeal *a, struct round_lines *r) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    *r = (struct round_lines){0};
    if (!a->questions && !a->suspensions && !(holder && holder->predecessor_count)) return RC_OK;
    enum rc rc = db_rows(act->db, ST_ledger_lines, DB_VALUES(v_id(a->id)), act->arena, &r->line, &r->n);
    for (; rc == RC_OK && r->n && r->line->round != a->round; r->n--) r->line++;
    return rc;
}

/* When the holder's step clock began: with the first of his lines on end, or of units that he stands for. */
static int64_t step_start(const struct act *act, const struct row_appeal *a, const struct round_lines *r) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    int64_t start_us = a->held_since;
    for (size_t i = r->n; i && unit_stands_for(holder, unit_by_id(act->district, r->line[i - 1].unit_id)); i--)
        start_us = r->line[i - 1].starts_at;
    return start_us;
}

/* One clock: when it began and what it was to take, the days that were granted. */
struct running {
    const struct calendar *cal;
    int64_t start_us;
    struct str rule;
    int64_t extended;
};

/* Its due time under the calendar of now, with the pauses since; a pause that still runs counts when it ends. Time round the clock
 * leans on no calendar: with the rule that it began with it stays, to the microsecond. */
static int64_t due_again(const struct running *k, const struct round_lines *r, struct str began_with, int64_t due_us,
                         bool *provisional) {
    struct duration d;
    bool leans = false;
    if (!duration_parse(k->rule, &d)) return due_us;
    bool working = d.unit == DURATION_WORK_MINUTES || d.unit == DURATION_WORKDAYS;
    if (!working && str_eq(k->rule, began_with)) return due_us;
    due_us = clock_due(k->cal, k->start_us, d, &leans);
    for (size_t i = 0; i < r->n; i++)
        if (r->line[i].kind == LEDGER_PAUSE + 1 && r->line[i].ends_at > k->start_us)
            due_us = clock_extend(k->cal, due_us, d, r->line[i].starts_at, r->line[i].ends_at, &leans);
    due_us = clock_longer(k->cal, due_us, d, k->extended, &leans);
    *provisional |= leans;
    return due_us;
}

enum rc appeal_reclock(const struct act *act, struct row_appeal *a, bool rules, bool *moved) {
    const struct row_appeal was = *a;
    const struct calendar *cal = &act->district->calendar, *holders = unit_calendar(act->district, a->holder_unit_id);
    bool provisional = false;
    struct round_lines r;
    enum rc rc = read_round(act, a, &r);
    if (rc != RC_OK) return rc;
    if (rules) change_take_rules(act, a);
    const struct running respond = {cal, a->round_started_at, a->respond_rule, 0},
                         resolve = {cal, a->round_started_at, a->resolve_rule, a->extended},
                         step = {holders, step_start(act, a, &r), a->step_rule, 0};
    if (!a->responded_at) a->respond_by = due_again(&respond, &r, was.respond_rule, was.respond_by, &provisional);
    if (!a->overdue) a->resolve_by = due_again(&resolve, &r, was.resolve_rule, was.resolve_by, &provisional);
    if (was.step_by) a->step_by = due_again(&step, &r, was.step_rule, was.step_by, &provisional);
    a->provisional = provisional;
    *moved = a->provisional != was.provisional || a->respond_by != was.respond_by || a->resolve_by != was.resolve_by ||
             a->step_by != was.step_by;
    return RC_OK;
}

enum rc change_reclock(struct act *act, struct row_appeal *a, const struct change *c) {
    bool moved;
    enum rc rc = appeal_reclock(act, a, c->detail == RECLOCK_RULES, &moved);
    return rc == RC_OK && !moved ? act_fail(act, RC_CONFLICT, "时限没有变化。", "No due time changes.") : rc;
}

/* ---- which would move ---- */

enum { AT_ONCE = 16 };

static enum rc compare(const struct act *act, struct clocks_walk *w, struct row_appeal *a) {
    struct row_appeal *before = ARENA_NEW(act->arena, struct row_appeal);
    bool moved = false;
    if (!before) return RC_INTERNAL;
    *before = *a;
    enum rc rc = appeal_reclock(act, a, w->rules, &moved);
    if (rc != RC_OK || !moved) return rc;
    w->before[w->moving] = before;
    w->after[w->moving++] = a;
    return RC_OK;
}

enum rc clocks_next(const struct act *act, struct clocks_walk *w) {
    struct row_due *due;
    enum rc rc = db_rows(
        act->db, ST_appeals_with_clocks,
        DB_VALUES(v_time(w->at.at), v_time(w->at.at), v_id(w->at.id), v_int(w->all), v_int(CLOCKS_PAGE)), act->arena,
        &due, &w->n);
    w->moving = 0;
    if (rc != RC_OK || !w->n) return rc;
    memcpy(w->seen, due, w->n * sizeof *due);
    w->at = w->seen[w->n - 1];
    for (size_t i = 0; rc == RC_OK && i < w->n; i += AT_ONCE) {
        struct db_value ids[AT_ONCE];
        struct row_appeal *rows;
        size_t n = 0;
        for (size_t k = 0; k < AT_ONCE; k++) ids[k] = v_id(w->seen[i + k < w->n ? i + k : i].id);
        rc = db_rows(act->db, ST_appeals_at, ids, AT_ONCE, act->arena, &rows, &n);
        for (size_t k = 0; rc == RC_OK && k < n; k++)
            if (rows[k].is_open) rc = compare(act, w, &rows[k]);
    }
    return rc;
}
