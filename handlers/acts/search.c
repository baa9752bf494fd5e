/* search_appeals: sets of matters from the postings, block by block from the newest; then what they are now. */
#include "acts/search.h"

#include "acts/search_sets.h"
#include "base/timefmt.h"

enum {
    TERMS_MAX = SEARCH_TERMS_MAX,
    DOCS_AT_ONCE = 32,
    FIRST_BLOCKS = 2, /* most searches end there */
    NEXT_BLOCKS = 32,
    READ_MEMORY = 16 << 20,
    /* By so many places the order of the search may differ from that of submission, which edges of a time are found by. */
    ORDER_SLACK = 1000
};

/* What is under way. */
struct looking {
    struct act *act;
    const struct search *s;
    struct term_search terms;
    int64_t low, high; /* docs, both counting */
    struct db_value all[TERMS_MAX];
    struct arena arena;                       /* for the postings of some blocks */
    struct posting_set sets[TERM_GROUPS_MAX]; /* of one block, by group */
    int64_t docs[DOCS_AT_ONCE];
    size_t doc_count, looked;
    struct search_found *out;
};

/* Each term once; those left over of the statement's say the last one again. False when there are too many. */
static bool list_terms(struct looking *l) {
    int64_t terms[TERM_GROUPS_MAX * TERM_ANY_MAX];
    size_t n = 0;
    for (size_t i = 0; i < l->terms.n; i++)
        for (size_t k = 0; k < l->terms.groups[i].n; k++) terms[n++] = l->terms.groups[i].any[k];
    n = term_sort(terms, n);
    for (size_t i = 0; i < TERMS_MAX; i++) l->all[i] = v_int(terms[i < n ? i : n - 1]);
    return n <= TERMS_MAX;
}

/* ---- what they are now ---- */

static bool is_excepted(const struct search *s, const struct row_appeal_item *a) {
    return s->except && memcmp(s->except, a->id, 16) == 0;
}

static enum rc look_at(struct looking *l) {
    const struct search *s = l->s;
    struct db_value values[DOCS_AT_ONCE + 12];
    struct row_appeal_item *rows;
    size_t n = 0, i = DOCS_AT_ONCE;
    if (!l->doc_count) return RC_OK;
    for (size_t k = 0; k < DOCS_AT_ONCE; k++) values[k] = v_int(l->docs[k < l->doc_count ? k : l->doc_count - 1]);
    int64_t from = search_from(l->act, s);
    const struct db_value rest[] = {v_time(from ? from : SECOND_US),
                                    v_time(s->until_us ? s->until_us : l->act->now_us + DAY_S * SECOND_US),
                                    v_int(s->has_box),
                                    v_int(s->west),
                                    v_int(s->east),
                                    v_int(s->south),
                                    v_int(s->north),
                                    STAFF_SIGHT(&l->act->asker)};
    memcpy(values + i, rest, sizeof rest);
    enum rc rc = db_rows(l->act->db, ST_search_found, values, DOCS_AT_ONCE + sizeof rest / sizeof *rest, l->act->arena,
                         &rows, &n);
    for (size_t k = 0; rc == RC_OK && k < n; k++) {
        if (is_excepted(s, &rows[k])) continue;
        if (l->out->n == s->limit) {
            l->out->more = true;
            break;
        }
        l->out->items[l->out->n++] = &rows[k];
    }
    l->looked += l->doc_count;
    if (!l->out->more && l->looked >= SEARCH_LOOKED_MAX) {
        l->out->partial = l->out->more = true;
        l->out->next_doc = l->docs[l->doc_count - 1];
    }
    l->doc_count = 0;
    return rc;
}

/* ---- the postings ---- */

static enum rc search_block(struct looking *l, int64_t block) {
    const struct posting_set *set = &l->sets[0];
    for (int64_t at = POSTING_BLOCK - 1; at >= 0; at--) {
        int64_t doc = block * POSTING_BLOCK + at;
        if (!set->words[at / 64]) {
            at = at / 64 * 64;
            continue;
        }
        if (doc > l->high || doc < l->low || !posting_has(set, (uint32_t)at)) continue;
        l->docs[l->doc_count++] = doc;
        enum rc rc = l->doc_count == DOCS_AT_ONCE ? look_at(l) : RC_OK;
        if (rc != RC_OK || l->out->more) return rc;
    }
    return RC_OK;
}

static enum rc search_blocks(struct looking *l, int64_t first, int64_t last) {
    struct db_value values[2 + TERMS_MAX] = {v_int(first), v_int(last)};
    struct row_search_posting *rows;
    size_t n;
    memcpy(values + 2, l->all, sizeof l->all);
    arena_reset(&l->arena);
    enum rc rc = db_rows(l->act->db, ST_search_read, values, 2 + TERMS_MAX, &l->arena, &rows, &n);
    const struct row_search_posting **of_block = arena_array(&l->arena, n + 1, sizeof *of_block);
    if (rc == RC_OK && !of_block) return RC_INTERNAL;
    for (int64_t block = last; rc == RC_OK && block >= first && !l->out->more; block--) {
        bool good = search_fit(&l->terms, of_block, search_rows_of(rows, n, block, of_block), l->sets);
        rc = good ? search_block(l, block) : RC_INTERNAL;
    }
    return rc;
}

static enum rc search_all(struct looking *l) {
    int64_t at = l->high / POSTING_BLOCK, end = l->low / POSTING_BLOCK, blocks = FIRST_BLOCKS;
    enum rc rc = RC_OK;
    while (rc == RC_OK && !l->out->more && l->high >= l->low && at >= end) {
        int64_t first = at - blocks + 1 > end ? at - blocks + 1 : end;
        rc = search_blocks(l, first, at);
        if (rc == RC_OK && !l->out->more) rc = look_at(l);
        at = first - 1;
        blocks = NEXT_BLOCKS;
    }
    return rc;
}

enum rc search_appeals(struct act *act, const struct search *s, struct search_found *out) {
    struct looking *l = ARENA_NEW(act->arena, struct looking);
    *out = (struct search_found){.items = arena_array(act->arena, s->limit + 1, sizeof(struct row_appeal_item *))};
    if (!l || !out->items) return RC_INTERNAL;
    l->act = act;
    l->s = s;
    l->terms = s->terms;
    l->out = out;
    if (!sight_unit(&act->asker)) return RC_OK; /* sees no matter */
    if (!search_add_sight(&l->terms, &act->asker) || !list_terms(l)) return RC_INTERNAL;
    enum rc rc = search_bounds(act, s, ORDER_SLACK, &l->low, &l->high);
    if (rc != RC_OK) return rc;
    arena_init(&l->arena, READ_MEMORY);
    rc = search_all(l);
    arena_free(&l->arena);
    return rc;
}
