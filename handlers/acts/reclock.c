/* Due times computed anew: when a calendar says something else than when their clocks began, or the operator wants the rules of now. */
#include "acts/change_private.h"

#include "acts/pause.h"
#include "rules/ledger.h"

#include <stddef.h>

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

/* ---- the clocks ---- */

/* Where in its row an appeal keeps a clock. */
struct kept {
    size_t due, since, rule;
    bool holders; /* counts by the holder's calendar, else by the district's */
    bool stands;  /* still in a pause */
};
#define KEPT(name, began) \
    offsetof(struct row_appeal, name##_by), offsetof(struct row_appeal, began), offsetof(struct row_appeal, name##_rule)
static const struct kept kept[CLOCK__MAX] = {
    [CLOCK_RESPOND] = {KEPT(respond, round_started_at), .stands = true},
    [CLOCK_RESOLVE] = {KEPT(resolve, round_started_at), .stands = true},
    [CLOCK_STEP] = {KEPT(step, held_since), .holders = true, .stands = true},
    [CLOCK_CONTACT] = {KEPT(contact, contact_since), .stands = false},
    [CLOCK_SILENT] = {KEPT(silent, silent_since), .stands = false},
    [CLOCK_REPLY] = {KEPT(reply, reply_since), .stands = false},
    [CLOCK_ANSWER] = {KEPT(answer, answer_since), .stands = false},
};
const char *const appeal_clock_names[CLOCK__MAX] = {"respond", "resolve", "step",  "contact",
                                                    "silent",  "reply",   "answer"};

static int64_t *due_in(struct row_appeal *a, const struct kept *k) { return (int64_t *)(void *)((char *)a + k->due); }

static struct str rule_in(const struct row_appeal *a, const struct kept *k) {
    struct str rule;
    memcpy(&rule, (const char *)a + k->rule, sizeof rule);
    return rule;
}

int64_t appeal_clock_due(const struct row_appeal *a, enum appeal_clock clock) {
    int64_t due_us, since_us;
    memcpy(&due_us, (const char *)a + kept[clock].due, sizeof due_us);
    memcpy(&since_us, (const char *)a + kept[clock].since, sizeof since_us);
    bool over = (clock == CLOCK_RESPOND && a->responded_at) || (clock == CLOCK_RESOLVE && a->overdue);
    return over || !since_us ? 0 : due_us;
}

/* One that runs: when it began, under which calendar, and the days that were granted. */
struct running {
    const struct kept *kept;
    const struct calendar *cal;
    int64_t start_us, extended;
    const struct round_lines *lines;
};

/* Its due time under the calendar of now, with the pauses since; a pause that still runs counts when it ends. Time round the clock
 * leans on no calendar: with the rule that it began with it stays, to the microsecond. */
static int64_t due_again(const struct running *k, const struct row_appeal *was, struct row_appeal *a,
                         bool *provisional) {
    struct str rule = rule_in(a, k->kept);
    int64_t due_us = *due_in(a, k->kept);
    struct duration d;
    bool leans = false;
    if (!duration_parse(rule, &d)) return due_us;
    bool working = d.unit == DURATION_WORK_MINUTES || d.unit == DURATION_WORKDAYS;
    if (!working && str_eq(rule, rule_in(was, k->kept))) return due_us;
    due_us = clock_due(k->cal, k->start_us, d, &leans);
    for (size_t i = 0; k->kept->stands && i < k->lines->n; i++) {
        const struct row_ledger *line = &k->lines->line[i];
        if (line->kind == LEDGER_PAUSE + 1 && line->ends_at > k->start_us)
            due_us = clock_extend(k->cal, due_us, d, line->starts_at, line->ends_at, &leans);
    }
    due_us = clock_longer(k->cal, due_us, d, k->extended, &leans);
    *provisional |= leans && k->kept->stands;
    return due_us;
}

enum rc appeal_reclock(const struct act *act, struct row_appeal *a, bool rules, bool *moved) {
    const struct row_appeal was = *a;
    const struct calendar *cal = &act->district->calendar, *holders = unit_calendar(act->district, a->holder_unit_id);
    bool provisional = false;
    struct round_lines lines;
    enum rc rc = read_round(act, a, &lines);
    if (rc != RC_OK) return rc;
    if (rules) change_take_rules(act, a);
    *moved = false;
    for (enum appeal_clock i = 0; i < CLOCK__MAX; i++) {
        if (!appeal_clock_due(&was, i)) continue;
        struct running k = {&kept[i], kept[i].holders ? holders : cal, 0, i == CLOCK_RESOLVE ? a->extended : 0, &lines};
        memcpy(&k.start_us, (const char *)a + kept[i].since, sizeof k.start_us);
        if (i == CLOCK_STEP) k.start_us = step_start(act, a, &lines);
        int64_t due_us = due_again(&k, &was, a, &provisional), *due = due_in(a, &kept[i]);
        *moved |= *due != due_us;
        *due = due_us;
    }
    if (a->remind_at && a->answer_by != was.answer_by) a->remind_at = question_half_way(a);
    a->provisional = provisional;
    *moved |= a->provisional != was.provisional;
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
