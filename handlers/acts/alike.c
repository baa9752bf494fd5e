/* Matters alike: the candidates that the database finds by their keys, compared here. */
#include "acts/alike.h"

#include "acts/alike_counts.h"
#include "base/timefmt.h"
#include "rules/alike.h"
#include "rules/scrub.h"

enum { KEY_VALUES = 2 };

/* Who looks, by how many of the heaviest keys, of which so many are looked for among those without a known place. */
struct look {
    enum statement statement;
    size_t keys, beside;
};
static const struct look for_hints = {ST_alike_candidates, ALIKE_KEYS_MAX, 0},
                         for_staff = {ST_alike_candidates_all, ALIKE_KEYS_MAX, 8},
                         for_topics = {ST_alike_candidates_same, ALIKE_KEYS_SAME, 0};

/* What is compared with the others. */
struct looked_for {
    struct alike grams;
    int64_t place_id, category_id; /* 0: not known */
    const uint8_t *itself;         /* an appeal that is no match of its own; NULL: none */
};

struct ranked {
    const struct row_alike_candidate *row;
    double order;
};

/* The best first; those that have no room are only counted. */
struct ranking {
    struct ranked best[ALIKE_SUGGESTED_MAX];
    size_t room, n, total;
    double least; /* of a score, to be alike */
};

int64_t alike_area(const struct district *d, int64_t place_id) {
    const struct place *place = place_by_id(d, place_id);
    const struct unit *town = place ? unit_at_tier(place->unit, TIER_TOWN) : NULL;
    return town ? town->id : 0;
}

static void put_keys(struct db_value *values, int64_t area, const struct alike_gram *keys, size_t count, size_t room) {
    for (size_t i = 0; i < room; i++) {
        values[i * KEY_VALUES] = v_int(area);
        values[i * KEY_VALUES + 1] = i < count ? v_int(keys[i].gram) : v_null();
    }
}

/* What has one of the heaviest grams in the same town, or, beside that, among those without a known place. A key too few is a row
 * too many that no matter has. */
static enum rc find_candidates(struct act *act, const struct look *look, const struct looked_for *it,
                               struct row_alike_candidate **rows, size_t *n) {
    struct alike_gram keys[ALIKE_KEYS_MAX];
    struct db_value values[ALIKE_KEYS_MAX * KEY_VALUES];
    int64_t area = alike_area(act->district, it->place_id);
    size_t count = alike_keys(&it->grams, keys, look->keys), near = area ? look->keys - look->beside : look->keys;
    *n = 0;
    if (!count) return RC_OK;
    put_keys(values, area, keys, count, near);
    put_keys(values + near * KEY_VALUES, 0, keys, count, look->keys - near);
    return db_rows(act->db, look->statement, values, look->keys * KEY_VALUES, act->arena, rows, n);
}

/* Inserted by their order. */
static void add_ranked(struct ranking *r, struct ranked one) {
    size_t at = r->n < r->room ? r->n++ : r->room;
    for (; at > 0 && one.order > r->best[at - 1].order; at--)
        if (at < r->room) r->best[at] = r->best[at - 1];
    if (at < r->room) r->best[at] = one;
    r->total++;
}

static enum rc rank(struct act *act, const struct looked_for *it, const struct row_alike_candidate *rows, size_t n,
                    struct ranking *r) {
    struct alike *others = arena_array(act->arena, n + 1, sizeof *others);
    double *score = arena_array(act->arena, n + 1, sizeof *score),
           *order = arena_array(act->arena, n + 1, sizeof *order);
    if (!others || !score || !order) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++)
        if (!alike_unpack(act->arena, rows[i].grams, &others[i])) return RC_INTERNAL;
    if (!alike_rank(act->arena, &it->grams, others, n, score, order)) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        double days = (double)(act->now_us - rows[i].submitted_at) / ((double)DAY_S * SECOND_US);
        const struct nearness by = {.same_place = it->place_id && rows[i].place_id == it->place_id,
                                    .same_category = it->category_id && rows[i].category_id == it->category_id,
                                    .days = days > 0 ? days : 0};
        if (it->itself && memcmp(rows[i].appeal_id, it->itself, 16) == 0) continue;
        if (alike_near(score[i], &by) >= r->least) add_ranked(r, (struct ranked){&rows[i], alike_near(order[i], &by)});
    }
    return RC_OK;
}

/* ---- hints to residents ---- */

/* The draft as a matter: without the numbers that would leave it on submission. */
static enum rc read_draft(struct act *act, const struct submission *draft, struct alike *out) {
    struct scrubbed title = {.text = STR("")}, text;
    if ((draft->title.p && !scrub_text(act->arena, draft->title, &title)) ||
        !scrub_text(act->arena, draft->text, &text) ||
        !alike_of(act->arena, alike_counts_in_use(), title.text, text.text, out))
        return RC_INTERNAL;
    return RC_OK;
}

/* What they are now, in the order found: what has ended meanwhile falls out. */
static enum rc read_shown(struct act *act, const struct ranking *r, struct alike_found *out) {
    struct db_value ids[ALIKE_SHOWN_MAX];
    struct row_alike_shown *rows;
    size_t n;
    for (size_t i = 0; i < ALIKE_SHOWN_MAX; i++) ids[i] = v_id(r->best[i < r->n ? i : 0].row->appeal_id);
    enum rc rc = db_rows(act->db, ST_alike_shown, ids, ALIKE_SHOWN_MAX, act->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < n; k++)
            if (memcmp(rows[k].id, r->best[i].row->appeal_id, 16) == 0) out->items[out->n++] = &rows[k];
    out->total = r->total - (r->n - out->n);
    return RC_OK;
}

enum rc appeals_alike(struct act *act, const struct submission *draft, struct alike_found *out) {
    const struct place *place = submission_place(act, draft);
    struct looked_for it = {.place_id = place ? place->id : 0,
                            .category_id = draft->category ? draft->category->id : 0};
    struct ranking r = {.room = ALIKE_SHOWN_MAX, .least = ALIKE_LEAST};
    struct row_alike_candidate *rows;
    size_t n;
    *out = (struct alike_found){0};
    enum rc rc = read_draft(act, draft, &it.grams);
    if (rc == RC_OK) rc = find_candidates(act, &for_hints, &it, &rows, &n);
    if (rc == RC_OK && n) rc = rank(act, &it, rows, n, &r);
    return rc == RC_OK && r.n ? read_shown(act, &r, out) : rc;
}

/* ---- suggestions to staff ---- */

/* Those that the asker may see, the best first. Sight is asked of all candidates that are alike, as the best may be hidden. */
static enum rc read_suggested(struct act *act, const struct ranking *r, struct alike_suggested *out) {
    const struct db_value sight[] = {STAFF_SIGHT(&act->asker)};
    struct db_value values[ALIKE_SUGGESTED_MAX + sizeof sight / sizeof *sight];
    struct row_appeal_item *rows;
    size_t n;
    for (size_t i = 0; i < ALIKE_SUGGESTED_MAX; i++) values[i] = v_id(r->best[i < r->n ? i : 0].row->appeal_id);
    memcpy(values + ALIKE_SUGGESTED_MAX, sight, sizeof sight);
    enum rc rc = db_rows(act->db, ST_alike_suggested, values, sizeof values / sizeof *values, act->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < r->n && out->n < ALIKE_SUGGESTIONS; i++)
        for (size_t k = 0; k < n; k++)
            if (memcmp(rows[k].id, r->best[i].row->appeal_id, 16) == 0)
                out->items[out->n++] = (struct alike_suggestion){&rows[k], r->best[i].order};
    return RC_OK;
}

enum rc appeal_suggestions(struct act *act, const struct row_appeal *a, struct alike_suggested *out) {
    struct looked_for it = {.place_id = a->place_id, .category_id = a->category_id, .itself = a->id};
    struct ranking r = {.room = ALIKE_SUGGESTED_MAX, .least = ALIKE_LEAST};
    struct row_alike_candidate *rows;
    size_t n;
    *out = (struct alike_suggested){0};
    enum rc rc = alike_of(act->arena, alike_counts_in_use(), a->title, a->text, &it.grams) ? RC_OK : RC_INTERNAL;
    if (rc == RC_OK) rc = find_candidates(act, &for_staff, &it, &rows, &n);
    if (rc == RC_OK && n) rc = rank(act, &it, rows, n, &r);
    return rc == RC_OK && r.n ? read_suggested(act, &r, out) : rc;
}

/* ---- topics ---- */

enum rc alike_nearest(struct act *act, const struct row_alike_candidate *m,
                      const struct row_alike_candidate **nearest) {
    struct looked_for it = {.place_id = m->place_id, .category_id = m->category_id, .itself = m->appeal_id};
    struct ranking r = {.room = 1, .least = ALIKE_SAME};
    struct row_alike_candidate *rows;
    size_t n;
    *nearest = NULL;
    enum rc rc = alike_unpack(act->arena, m->grams, &it.grams) ? RC_OK : RC_INTERNAL;
    if (rc == RC_OK) rc = find_candidates(act, &for_topics, &it, &rows, &n);
    if (rc == RC_OK && n) rc = rank(act, &it, rows, n, &r);
    if (rc == RC_OK && r.n) *nearest = r.best[0].row;
    return rc;
}
