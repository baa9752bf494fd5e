/* What an import would do to clocks that run: looked at in its own transaction, which is then rolled back. */
#include "ctl.h"

#include "acts/change.h"
#include "acts/reference.h"
#include "base/log.h"
#include "base/timefmt.h"

#include <stdlib.h>

enum { EXAMPLES = 10, UNITS_SHOWN = 20, PREVIEW_MEMORY = 16 << 20 };

struct unit_moves {
    const struct unit *unit;
    int64_t earlier, later;
};

struct shift {
    char number[24], clock[8];
    int64_t was_us, becomes_us;
};

struct moves {
    int64_t seen, moved, of[CLOCK__MAX], now_provisional;
    struct unit_moves *units;
    size_t unit_count;
    struct shift largest[EXAMPLES];
    size_t shifts;
};

static int64_t size_of(const struct shift *s) { return llabs(s->becomes_us - s->was_us); }

/* The largest ones, largest first. */
static void keep_largest(struct moves *m, const struct shift *s) {
    size_t at = m->shifts;
    while (at && size_of(&m->largest[at - 1]) < size_of(s)) at--;
    if (at == EXAMPLES) return;
    size_t last = m->shifts < EXAMPLES ? m->shifts++ : EXAMPLES - 1;
    memmove(&m->largest[at + 1], &m->largest[at], (last - at) * sizeof *s);
    m->largest[at] = *s;
}

static bool note_shift(struct moves *m, const struct row_appeal *a, const char *clock, int64_t was, int64_t becomes) {
    struct shift s = {.was_us = was, .becomes_us = becomes};
    if (was == becomes) return false;
    snprintf(s.number, sizeof s.number, "%.*s", (int)a->number.n, a->number.p);
    snprintf(s.clock, sizeof s.clock, "%s", clock);
    keep_largest(m, &s);
    return true;
}

/* The step's, which moves the matter on, before the whole's and those beside. */
static int64_t first_shift(const struct row_appeal *was, const struct row_appeal *a) {
    int64_t by = appeal_clock_due(a, CLOCK_STEP) - appeal_clock_due(was, CLOCK_STEP);
    for (enum appeal_clock i = CLOCK_RESOLVE; !by && i < CLOCK__MAX; i++)
        by = appeal_clock_due(a, i) - appeal_clock_due(was, i);
    return by;
}

static void note(struct moves *m, const struct district *d, const struct row_appeal *was, const struct row_appeal *a) {
    m->moved++;
    for (enum appeal_clock i = 0; i < CLOCK__MAX; i++)
        m->of[i] += note_shift(m, a, appeal_clock_names[i], appeal_clock_due(was, i), appeal_clock_due(a, i));
    m->now_provisional += a->provisional && !was->provisional;
    const struct unit *holder = unit_by_id(d, a->holder_unit_id);
    if (!holder) return;
    struct unit_moves *u = &m->units[holder - d->units];
    u->unit = holder;
    int64_t by = first_shift(was, a);
    u->earlier += by < 0;
    u->later += by > 0;
}

static int most_first(const void *x, const void *y) {
    const struct unit_moves *a = x, *b = y;
    int64_t n = a->earlier + a->later, m = b->earlier + b->later;
    return n > m ? -1 : n < m;
}

static void print_at(int64_t us) {
    int32_t day, second;
    int year, month, mday;
    time_split_beijing(us, &day, &second);
    date_from_days(day, &year, &month, &mday);
    printf(" %04d-%02d-%02d %02d:%02d", year, month, mday, second / 3600, second / 60 % 60);
}

static void tell(struct moves *m) {
    printf("preview: %lld open appeals with a running clock, %lld of them move:", (long long)m->seen,
           (long long)m->moved);
    for (enum appeal_clock i = 0; i < CLOCK__MAX; i++)
        printf("%s %lld %s_by", i ? "," : "", (long long)m->of[i], appeal_clock_names[i]);
    printf("; %lld become provisional\n", (long long)m->now_provisional);
    qsort(m->units, m->unit_count, sizeof *m->units, most_first);
    for (size_t i = 0; i < m->unit_count && i < UNITS_SHOWN && m->units[i].unit; i++)
        printf("unit %.*s: %lld earlier, %lld later\n", (int)m->units[i].unit->code.n, m->units[i].unit->code.p,
               (long long)m->units[i].earlier, (long long)m->units[i].later);
    for (size_t i = 0; i < m->shifts; i++) {
        printf("%s %s_by", m->largest[i].number, m->largest[i].clock);
        print_at(m->largest[i].was_us);
        printf(" ->");
        print_at(m->largest[i].becomes_us);
        putchar('\n');
    }
    puts("nothing was changed");
}

enum rc ctl_preview_clocks(struct ctl *c, bool rules) {
    struct arena arena;
    struct moves m = {0};
    struct clocks_walk w = {.all = true, .rules = rules};
    struct reference *r = reference_open(c->db, c->settings->work_hours);
    if (!r) return RC_INTERNAL;
    struct act act = ctl_act(c);
    act.district = reference_district(r);
    act.arena = &arena;
    m.unit_count = act.district->unit_count;
    m.units = arena_array(c->arena, m.unit_count, sizeof *m.units);
    arena_init(&arena, PREVIEW_MEMORY);
    enum rc rc = m.units ? RC_OK : RC_INTERNAL;
    do {
        arena_reset(&arena);
        if (rc == RC_OK) rc = clocks_next(&act, &w);
        if (rc != RC_OK) break;
        m.seen += (int64_t)w.n;
        for (size_t i = 0; i < w.moving; i++) note(&m, act.district, w.before[i], w.after[i]);
    } while (w.n == CLOCKS_PAGE);
    if (rc == RC_OK) tell(&m);
    arena_free(&arena);
    reference_close(r);
    return rc == RC_OK ? RC_STALE : rc;
}
