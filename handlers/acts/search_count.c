/* search_counts: all searches over the same postings, block by block from the newest. */
#include "acts/search.h"

#include "acts/search_sets.h"

enum {
    TERMS_AT_ONCE = 192, /* as statement search_read_many takes them */
    BLOCKS_AT_ONCE = 32,
    BLOCKS_MAX = 2 * BLOCKS_AT_ONCE,
    READ_MEMORY = 64 << 20
};

struct counting {
    struct act *act;
    const struct term_search *searches; /* with sight */
    size_t n;
    struct search_count *out;
    struct arena arena; /* for the postings of some blocks */
    int64_t *terms;
    struct posting_set sets[TERM_GROUPS_MAX];
};

/* Of the searches that are not counted to the end; in terms, each once. */
static size_t list_terms(struct counting *c) {
    size_t n = 0;
    for (size_t s = 0; s < c->n; s++)
        for (size_t i = 0; !c->out[s].capped && i < c->searches[s].n; i++)
            for (size_t k = 0; k < c->searches[s].groups[i].n; k++) c->terms[n++] = c->searches[s].groups[i].any[k];
    return term_sort(c->terms, n);
}

static enum rc count_block(struct counting *c, const struct row_search_posting *const *rows, size_t n) {
    for (size_t s = 0; s < c->n; s++) {
        struct search_count *out = &c->out[s];
        if (out->capped) continue;
        if (!search_fit(&c->searches[s], rows, n, c->sets)) return RC_INTERNAL;
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
        rc = count_block(c, of_block, search_rows_of(rows, n, block, of_block));
    return rc;
}

static enum rc count_all(struct counting *c, int64_t newest) {
    int64_t at = newest / POSTING_BLOCK, end = at - BLOCKS_MAX + 1 > 0 ? at - BLOCKS_MAX + 1 : 0;
    enum rc rc = RC_OK;
    size_t terms = list_terms(c);
    while (rc == RC_OK && terms && at >= end) {
        int64_t first = at - BLOCKS_AT_ONCE + 1 > end ? at - BLOCKS_AT_ONCE + 1 : end;
        rc = count_blocks(c, terms, first, at);
        at = first - 1;
        terms = list_terms(c);
    }
    for (size_t s = 0; end > 0 && s < c->n; s++) c->out[s].capped = true; /* there are older ones */
    return rc;
}

enum rc search_counts(struct act *act, const struct term_search *searches, size_t n, int64_t newest,
                      struct search_count *out) {
    struct counting *c = ARENA_NEW(act->arena, struct counting);
    struct term_search *seen = arena_array(act->arena, n + 1, sizeof *seen);
    memset(out, 0, n * sizeof *out);
    if (!c || !seen) return RC_INTERNAL;
    if (!sight_unit(&act->asker) || !newest) return RC_OK;
    c->act = act;
    c->searches = seen;
    c->n = n;
    c->out = out;
    c->terms = arena_array(act->arena, n * TERM_GROUPS_MAX * TERM_ANY_MAX + 1, sizeof *c->terms);
    if (!c->terms) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        seen[i] = searches[i];
        if (!search_add_sight(&seen[i], &act->asker)) return RC_INTERNAL;
    }
    arena_init(&c->arena, READ_MEMORY);
    enum rc rc = count_all(c, newest);
    arena_free(&c->arena);
    return rc;
}
