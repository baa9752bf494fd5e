/* appeals_alike: the candidates that the database finds by their keys, compared here. */
#include "acts/alike.h"

#include "acts/alike_counts.h"
#include "base/timefmt.h"
#include "rules/alike.h"
#include "rules/scrub.h"

enum { KEY_VALUES = 2 };

/* The draft as a matter: without the numbers that would leave it on submission. */
static enum rc read_draft(struct act *act, const struct submission *draft, struct alike *out) {
    struct scrubbed title = {.text = STR("")}, text;
    if ((draft->title.p && !scrub_text(act->arena, draft->title, &title)) ||
        !scrub_text(act->arena, draft->text, &text) ||
        !alike_of(act->arena, alike_counts_in_use(), title.text, text.text, out))
        return RC_INTERNAL;
    return RC_OK;
}

/* What has one of the heaviest grams in the same town. A key too few is a row too many that no matter has. */
static enum rc find_candidates(struct act *act, const struct alike *draft, const struct place *place,
                               struct row_alike_candidate **rows, size_t *n) {
    struct alike_gram keys[ALIKE_KEYS_MAX];
    struct db_value values[ALIKE_KEYS_MAX * KEY_VALUES];
    const struct unit *town = place ? unit_at_tier(place->unit, TIER_TOWN) : NULL;
    size_t count = alike_keys(draft, keys, ALIKE_KEYS_MAX);
    *n = 0;
    if (!count) return RC_OK;
    for (size_t i = 0; i < ALIKE_KEYS_MAX; i++) {
        values[i * KEY_VALUES] = v_int(town ? town->id : 0);
        values[i * KEY_VALUES + 1] = i < count ? v_int(keys[i].gram) : v_null();
    }
    return db_rows(act->db, ST_alike_candidates, values, ALIKE_KEYS_MAX * KEY_VALUES, act->arena, rows, n);
}

struct ranked {
    const struct row_alike_candidate *row;
    double order;
};

/* Inserted by their order, the best first; those beyond the fifth are only counted. */
static void add_ranked(struct ranked best[ALIKE_SHOWN_MAX], size_t *n, struct ranked one) {
    size_t at = *n < ALIKE_SHOWN_MAX ? (*n)++ : ALIKE_SHOWN_MAX;
    for (; at > 0 && one.order > best[at - 1].order; at--)
        if (at < ALIKE_SHOWN_MAX) best[at] = best[at - 1];
    if (at < ALIKE_SHOWN_MAX) best[at] = one;
}

static enum rc rank(struct act *act, const struct submission *draft, const struct place *place,
                    const struct alike *matter, const struct row_alike_candidate *rows, size_t n,
                    struct ranked best[ALIKE_SHOWN_MAX], size_t *total) {
    struct alike *others = arena_array(act->arena, n + 1, sizeof *others);
    double *score = arena_array(act->arena, n + 1, sizeof *score),
           *order = arena_array(act->arena, n + 1, sizeof *order);
    size_t kept = 0;
    *total = 0;
    if (!others || !score || !order) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++)
        if (!alike_unpack(act->arena, rows[i].grams, &others[i])) return RC_INTERNAL;
    if (!alike_rank(act->arena, matter, others, n, score, order)) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        double days = (double)(act->now_us - rows[i].submitted_at) / ((double)DAY_S * SECOND_US);
        const struct nearness by = {.same_place = place && rows[i].place_id == place->id,
                                    .same_category = draft->category && rows[i].category_id == draft->category->id,
                                    .days = days > 0 ? days : 0};
        if (alike_near(score[i], &by) < ALIKE_LEAST) continue;
        add_ranked(best, &kept, (struct ranked){&rows[i], alike_near(order[i], &by)});
        ++*total;
    }
    return RC_OK;
}

/* What they are now, in the order found: what has ended meanwhile falls out. */
static enum rc read_shown(struct act *act, const struct ranked best[ALIKE_SHOWN_MAX], struct alike_found *out) {
    struct db_value ids[ALIKE_SHOWN_MAX];
    struct row_alike_shown *rows;
    size_t n, count = out->total < ALIKE_SHOWN_MAX ? out->total : ALIKE_SHOWN_MAX;
    for (size_t i = 0; i < ALIKE_SHOWN_MAX; i++) ids[i] = v_id(best[i < count ? i : 0].row->appeal_id);
    enum rc rc = db_rows(act->db, ST_alike_shown, ids, ALIKE_SHOWN_MAX, act->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < n; k++)
            if (memcmp(rows[k].id, best[i].row->appeal_id, 16) == 0) out->items[out->n++] = &rows[k];
    out->total -= count - out->n;
    return RC_OK;
}

enum rc appeals_alike(struct act *act, const struct submission *draft, struct alike_found *out) {
    struct alike matter;
    struct row_alike_candidate *rows;
    struct ranked best[ALIKE_SHOWN_MAX];
    const struct place *place = submission_place(act, draft);
    size_t n;
    *out = (struct alike_found){0};
    enum rc rc = read_draft(act, draft, &matter);
    if (rc == RC_OK) rc = find_candidates(act, &matter, place, &rows, &n);
    if (rc == RC_OK && n) rc = rank(act, draft, place, &matter, rows, n, best, &out->total);
    return rc == RC_OK && out->total ? read_shown(act, best, out) : rc;
}
