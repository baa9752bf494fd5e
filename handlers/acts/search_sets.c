/* Groups of terms as sets of a block's matters. */
#include "acts/search_sets.h"

#include "base/timefmt.h"

/* What units were asked first that the asker's stands for; what they held is its own (jobs/successions.c). Of very many only the first
 * can be searched for: the statement takes no more terms. */
static void add_predecessors(const struct term_search *t, struct term_group *g, const struct unit *unit) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) n += t->groups[i].n;
    for (size_t i = 0; i < unit->predecessor_count && g->n < TERM_ANY_MAX && n < SEARCH_TERMS_MAX; i++, n++)
        g->any[g->n++] = term_of(TERM_FIRST, unit->predecessors[i]->id);
}

/* Sight is three relations of the matter to the asker's unit, as STAFF_SEES says them. */
bool search_add_sight(struct term_search *t, const struct asker *k) {
    enum term_kind held = sight_oversees(k) ? TERM_BELOW : TERM_HOLDER;
    if (!term_need(t, held, sight_unit(k))) return false;
    struct term_group *g = &t->groups[t->n - 1];
    g->any[g->n++] = term_of(TERM_FIRST, sight_unit(k));
    g->any[g->n++] = term_of(TERM_PART, sight_parts(k));
    if (sight_unit(k)) add_predecessors(t, g, k->unit);
    return true;
}

size_t search_rows_of(const struct row_search_posting *rows, size_t n, int64_t block,
                      const struct row_search_posting **out) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].block == block) out[kept++] = &rows[i];
    return kept;
}

static bool has(const struct term_group *g, int64_t term) {
    for (size_t i = 0; i < g->n; i++)
        if (g->any[i] == term) return true;
    return false;
}

bool search_fit(const struct term_search *t, const struct row_search_posting *const *rows, size_t n,
                struct posting_set sets[TERM_GROUPS_MAX]) {
    memset(sets, 0, t->n * sizeof *sets);
    for (size_t i = 0; i < t->n; i++)
        for (size_t r = 0; r < n; r++)
            if (has(&t->groups[i], rows[r]->term) && !posting_unpack(rows[r]->docs, &sets[i])) return false;
    for (size_t i = 1; i < t->n; i++) posting_keep(&sets[0], &sets[i]);
    return true;
}

/* ---- where ---- */

int64_t search_from(const struct act *act, const struct search *s) {
    return s->days ? act->now_us - s->days * DAY_S * SECOND_US : s->from_us;
}

/* The least or greatest id that is made in a millisecond: ids begin with it. */
static void id_of_time(int64_t us, uint8_t rest, uint8_t id[16]) {
    int64_t ms = us / 1000;
    memset(id, rest, 16);
    for (int i = 5; i >= 0; i--, ms >>= 8) id[i] = (uint8_t)ms;
}

enum rc search_bounds(struct act *act, const struct search *s, int64_t slack, int64_t *low, int64_t *high) {
    struct row_search_bounds *b;
    int64_t from = search_from(act, s);
    uint8_t first[16] = {0}, last[16];
    memset(last, 0xff, 16);
    if (from) id_of_time(from, 0, first);
    if (s->until_us) id_of_time(s->until_us, 0xff, last);
    enum rc rc = db_row(act->db, ST_search_bounds, DB_VALUES(v_id(s->after), v_id(first), v_id(last)), act->arena, &b);
    if (rc != RC_OK) return rc;
    int64_t after = s->after_doc ? s->after_doc : b->after;
    *high = after ? after - 1 : b->newest;
    if (s->until_us && b->last + slack < *high) *high = b->last + slack;
    *low = from ? (b->first ? b->first : b->newest + 1) - slack : 1;
    if (*low < 1) *low = 1;
    return RC_OK;
}
