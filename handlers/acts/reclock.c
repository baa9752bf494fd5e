/* Due times computed anew, when the calendar knows more than when their clocks began. */
#include "acts/change_private.h"

#include "rules/ledger.h"

/* The closed lines of the round, oldest first: what a clock needs that stood still in it. */
struct round_lines {
    struct row_ledger *line;
    size_t n;
};

static enum rc read_round(const struct act *act, const struct row_appeal *a, struct round_lines *r) {
    *r = (struct round_lines){0};
    if (!a->questions && !a->suspensions) return RC_OK;
    enum rc rc = db_rows(act->db, ST_ledger_lines, DB_VALUES(v_id(a->id)), act->arena, &r->line, &r->n);
    for (; rc == RC_OK && r->n && r->line->round != a->round; r->n--) r->line++;
    return rc;
}

/* When the holder's step clock began: with the first of his lines on end. */
static int64_t step_start(const struct row_appeal *a, const struct round_lines *r) {
    int64_t start_us = a->held_since;
    for (size_t i = r->n; i && r->line[i - 1].unit_id == a->holder_unit_id; i--) start_us = r->line[i - 1].starts_at;
    return start_us;
}

/* A due time under the calendar of now, from its clock's own start and rule, the pauses since and the days that were granted; only
 * working time leans on the calendar. A pause that still runs counts when it ends. */
static int64_t due_again(const struct act *act, int64_t start_us, struct str rule, const struct round_lines *r,
                         int64_t extended, int64_t due_us, bool *provisional) {
    const struct calendar *cal = &act->district->calendar;
    struct duration d;
    bool leans = false;
    if (!duration_parse(rule, &d) || (d.unit != DURATION_WORK_MINUTES && d.unit != DURATION_WORKDAYS)) return due_us;
    due_us = clock_due(cal, start_us, d, &leans);
    for (size_t i = 0; i < r->n; i++)
        if (r->line[i].kind == LEDGER_PAUSE + 1 && r->line[i].ends_at > start_us)
            due_us = clock_extend(cal, due_us, d, r->line[i].starts_at, r->line[i].ends_at, &leans);
    due_us = clock_longer(cal, due_us, d, extended, &leans);
    *provisional |= leans;
    return due_us;
}

enum rc change_reclock(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    int64_t respond_by = a->respond_by, resolve_by = a->resolve_by, step_by = a->step_by, start = a->round_started_at;
    bool provisional = false, was = a->provisional;
    struct round_lines r;
    enum rc rc = read_round(act, a, &r);
    if (rc != RC_OK) return rc;
    if (!a->responded_at) a->respond_by = due_again(act, start, a->respond_rule, &r, 0, respond_by, &provisional);
    if (!a->overdue) a->resolve_by = due_again(act, start, a->resolve_rule, &r, a->extended, resolve_by, &provisional);
    if (step_by) a->step_by = due_again(act, step_start(a, &r), a->step_rule, &r, 0, step_by, &provisional);
    a->provisional = provisional;
    if (provisional == was && a->respond_by == respond_by && a->resolve_by == resolve_by && a->step_by == step_by)
        return act_fail(act, RC_CONFLICT, "时限没有变化。", "No due time changes.");
    return RC_OK;
}
