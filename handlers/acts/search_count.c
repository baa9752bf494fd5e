/* search_counts: all searches over the same postings, block by block from the newest. */
#include "acts/search.h"

#include "acts/search_sets.h"

enum {
    TERMS_AT_ONCE = 192, /* as statement search_read_many takes them */
    BLOCKS_AT_ONCE = 32,
    BLOCKS_MAX = 2 * BLOCKS_AT_ONCE,
    READ_MEMORY = 64 << 20
};

/* One search on its way. */
struct tally {
    const struct search *search;
    struct term_search terms; /* with sight */
    int64_t low, high;        /* docs, both counting */
    int64_t *spots;           /* with a map: the newest that may lie on it; else NULL */
    size_t spot_count;
};

struct counting {
    struct act *act;
    struct tally *tallies;
    size_t n;
    struct search_count *out;
    struct arena arena; /* for the postings of some blocks */
    int64_t *terms;
    struct posting_set sets[TERM_GROUPS_MAX];
};

/* Is anything to be counted of it from this block on, towards older ones? */
static bool goes_on(const struct counting *c, size_t s, int64_t block) {
    return !c->out[s].capped && c->tallies[s].low < (block + 1) * POSTING_BLOCK;
}

/* Of the searches that are not counted to the end; in terms, each once. */
static size_t list_terms(struct counting *c, int64_t block) {
    size_t n = 0;
    for (size_t s = 0; s < c->n; s++) {
        const struct term_search *t = &c->tallies[s].terms;
        for (size_t i = 0; goes_on(c, s, block) && i < t->n; i++)
            for (size_t k = 0; k < t->groups[i].n; k++) c->terms[n++] = t->groups[i].any[k];
    }
    return term_sort(c->terms, n);
}

/* ---- the postings ---- */

/* Kept to be looked at, the newest first. False when there are too many. */
static bool add_spots(struct tally *t, const struct posting_set *set, int64_t block) {
    for (int64_t at = POSTING_BLOCK - 1; at >= 0; at--) {
        if (!posting_has(set, (uint32_t)at)) continue;
        if (t->spot_count == SEARCH_SPOTS_MAX) return false;
        t->spots[t->spot_count++] = block * POSTING_BLOCK + at;
    }
    return true;
}

static enum rc count_block(struct counting *c, int64_t block, const struct row_search_posting *const *rows, size_t n) {
    for (size_t s = 0; s < c->n; s++) {
        struct search_count *out = &c->out[s];
        struct tally *t = &c->tallies[s];
        if (!goes_on(c, s, block)) continue;
        if (!search_fit(&t->terms, rows, n, c->sets)) return RC_INTERNAL;
        posting_between(&c->sets[0], t->low - block * POSTING_BLOCK, t->high - block * POSTING_BLOCK);
        if (t->spots) {
            out->capped = !add_spots(t, &c->sets[0], block);
            continue;
        }
        out->n += (int64_t)posting_count(&c->sets[0]);
        out->capped = out->n > SEARCH_COUNT_MAX;
        if (out->capped) out->n = SEARCH_COUNT_MAX;
    }
    return RC_OK;
}

/* The terms' postings of these blocks: as many statements as the terms need, whose rows lie one behind the other. */
static enum rc read_blocks(struct counting *c, size_t terms, int64_t first, int64_t last,
                           struct row_search_posting **rows, size_t *n) {
    *n = 0;
    *rows = NULL;
    for (size_t at = 0; at < terms; at += TERMS_AT_ONCE) {
        struct db_value values[2 + TERMS_AT_ONCE] = {v_int(first), v_int(last)};
        struct row_search_posting *some, *all;
        size_t count, left = terms - at;
        for (size_t i = 0; i < TERMS_AT_ONCE; i++) values[2 + i] = v_int(c->terms[at + (i < left ? i : left - 1)]);
        enum rc rc = db_rows(c->act->db, ST_search_read_many, values, 2 + TERMS_AT_ONCE, &c->arena, &some, &count);
        if (rc != RC_OK) return rc;
        all = arena_array(&c->arena, *n + count + 1, sizeof *all);
        if (!all) return RC_INTERNAL;
        if (*n) memcpy(all, *rows, *n * sizeof *all);
        if (count) memcpy(all + *n, some, count * sizeof *all);
        *rows = all;
        *n += count;
    }
    return RC_OK;
}

static enum rc count_blocks(struct counting *c, size_t terms, int64_t first, int64_t last) {
    struct row_search_posting *rows;
    size_t n;
    arena_reset(&c->arena);
    enum rc rc = read_blocks(c, terms, first, last, &rows, &n);
    const struct row_search_posting **of_block = arena_array(&c->arena, n + 1, sizeof *of_block);
    if (rc == RC_OK && !of_block) return RC_INTERNAL;
    for (int64_t block = last; rc == RC_OK && block >= first; block--)
        rc = count_block(c, block, of_block, search_rows_of(rows, n, block, of_block));
    return rc;
}

static enum rc count_all(struct counting *c, int64_t newest) {
    int64_t at = newest / POSTING_BLOCK, end = at - BLOCKS_MAX + 1 > 0 ? at - BLOCKS_MAX + 1 : 0;
    enum rc rc = RC_OK;
    size_t terms = list_terms(c, at);
    while (rc == RC_OK && terms && at >= end) {
        int64_t first = at - BLOCKS_AT_ONCE + 1 > end ? at - BLOCKS_AT_ONCE + 1 : end;
        rc = count_blocks(c, terms, first, at);
        at = first - 1;
        terms = list_terms(c, at);
    }
    for (size_t s = 0; end > 0 && s < c->n; s++) /* there are older ones */
        c->out[s].capped |= c->tallies[s].low < end * POSTING_BLOCK;
    return rc;
}

/* ---- time and map ---- */

static enum rc count_spots(struct counting *c, const struct tally *t, struct search_count *out) {
    const struct search *s = t->search;
    enum rc rc = RC_OK;
    for (size_t at = 0; rc == RC_OK && at < t->spot_count; at += SPOTS_AT_ONCE) {
        struct db_value values[SPOTS_AT_ONCE + 4];
        struct row_number *found;
        size_t left = t->spot_count - at;
        for (size_t i = 0; i < SPOTS_AT_ONCE; i++) values[i] = v_int(t->spots[at + (i < left ? i : left - 1)]);
        const struct db_value box[] = {v_int(s->west), v_int(s->east), v_int(s->south), v_int(s->north)};
        memcpy(values + SPOTS_AT_ONCE, box, sizeof box);
        rc = db_row(c->act->db, ST_search_spots, values, SPOTS_AT_ONCE + 4, c->act->arena, &found);
        if (rc == RC_OK && found) out->n += found->n;
    }
    return rc;
}

/* Views of one time, say of the last week, are of the same places. */
static enum rc find_bounds(struct counting *c, size_t s, int64_t newest) {
    struct tally *t = &c->tallies[s];
    const struct search *of = t->search;
    t->low = 1;
    t->high = newest;
    if (!search_from(c->act, of) && !of->until_us) return RC_OK;
    for (size_t i = 0; i < s; i++) {
        const struct search *other = c->tallies[i].search;
        if (search_from(c->act, other) != search_from(c->act, of) || other->until_us != of->until_us) continue;
        t->low = c->tallies[i].low;
        t->high = c->tallies[i].high;
        return RC_OK;
    }
    return search_bounds(c->act, of, 0, &t->low, &t->high);
}

static enum rc begin(struct counting *c, const struct search *searches, int64_t newest) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < c->n; i++) {
        struct tally *t = &c->tallies[i];
        *t = (struct tally){.search = &searches[i], .terms = searches[i].terms};
        if (searches[i].has_box) t->spots = arena_array(c->act->arena, SEARCH_SPOTS_MAX, sizeof *t->spots);
        if (searches[i].has_box && !t->spots) return RC_INTERNAL;
        if (!search_add_sight(&t->terms, &c->act->asker)) return RC_INTERNAL;
        rc = find_bounds(c, i, newest);
    }
    return rc;
}

enum rc search_counts(struct act *act, const struct search *searches, size_t n, int64_t newest,
                      struct search_count *out) {
    struct counting *c = ARENA_NEW(act->arena, struct counting);
    memset(out, 0, n * sizeof *out);
    if (!c) return RC_INTERNAL;
    if (!sight_unit(&act->asker) || !newest) return RC_OK;
    c->act = act;
    c->n = n;
    c->out = out;
    c->tallies = arena_array(act->arena, n + 1, sizeof *c->tallies);
    c->terms = arena_array(act->arena, n * TERM_GROUPS_MAX * TERM_ANY_MAX + 1, sizeof *c->terms);
    if (!c->tallies || !c->terms) return RC_INTERNAL;
    enum rc rc = begin(c, searches, newest);
    if (rc != RC_OK) return rc;
    arena_init(&c->arena, READ_MEMORY);
    rc = count_all(c, newest);
    arena_free(&c->arena);
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = count_spots(c, &c->tallies[i], &out[i]);
    return rc;
}
