/* Staff: the boxes with their counts, and the lists behind them, by due time. */
#include "resources.h"

#include "base/timefmt.h"
#include "view.h"

#define SOON_US (24 * 3600 * SECOND_US)

/* The unit whose boxes are meant: one's own, or one below that one oversees. */
static enum rc box_unit(struct request *req, struct str code, const struct unit **unit) {
    const struct asker *k = &principal_of(req)->asker;
    *unit = k->unit;
    if (!sight_unit(k)) return RC_NOT_FOUND;
    if (!code.p) return RC_OK;
    *unit = unit_by_code(app_district(), code);
    if (!*unit || !unit_is_below(*unit, k->unit)) return RC_NOT_FOUND;
    return unit_is(*unit, k->unit) || sight_oversees(k) ? RC_OK : RC_NOT_FOUND;
}

/* Those that are a box as matters have it; BOX_NONE: the others. */
static const enum box boxes[BOXN__MAX] = {[BOXN_TO_ACCEPT] = BOX_TO_ACCEPT,
                                          [BOXN_IN_HAND] = BOX_IN_HAND,
                                          [BOXN_UNRATED] = BOX_UNRATED,
                                          [BOXN_PLANNED] = BOX_PLANNED,
                                          [BOXN_TO_CALL_BACK] = BOX_TO_CALL_BACK};

static void add_counts(const struct row_box_count *c, int64_t counts[BOXN__MAX]) {
    bool open = c->box == BOX_TO_ACCEPT || c->box == BOX_IN_HAND;
    for (int i = 0; i < BOXN__MAX; i++)
        if (boxes[i] != BOX_NONE && boxes[i] == (enum box)c->box) counts[i] += c->total;
    if (c->box == BOX_TO_ACCEPT && c->arrival == ARRIVAL_RETURNED) counts[BOXN_RETURNED] += c->total;
    if (c->box == BOX_TO_ACCEPT && c->arrival == ARRIVAL_ESCALATED) counts[BOXN_ESCALATED] += c->total;
    if (open) {
        counts[BOXN_OVERDUE] += c->late;
        counts[BOXN_DUE_SOON] += c->soon - c->late;
    }
}

enum rc get_boxes(struct request *req, struct response *res) {
    const struct query_boxes *q = req->query_in;
    const struct unit *unit;
    struct db *db = thread_of(req)->db;
    struct row_box_count *rows;
    struct row_own_counts *own;
    const struct asker *k = &principal_of(req)->asker;
    size_t n;
    int64_t counts[BOXN__MAX] = {0};
    enum rc rc = box_unit(req, q->unit_code, &unit);
    if (rc == RC_OK)
        rc = db_rows(db, ST_box_counts, DB_VALUES(v_time(req->now_us), v_time(req->now_us + SOON_US), v_int(unit->id)),
                     req->arena, &rows, &n);
    if (rc == RC_OK)
        rc = db_row(db, ST_own_counts,
                    DB_VALUES(v_id(k->post_id), v_int(BOX_IN_HAND), v_int(sight_oversees(k) ? k->unit->id : 0),
                              v_int(sight_parts(k)), v_int(sight_parts(k)), v_time(req->now_us)),
                    req->arena, &own);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < n; i++) add_counts(&rows[i], counts);
    counts[BOXN_MINE] = own ? own->mine : 0;
    jw_begin_object(&res->json);
    view_unit(req, &res->json, "unit", unit);
    for (int i = 0; i < BOXN__MAX; i++) jw_key_int(&res->json, box_names[i], counts[i]);
    jw_key_int(&res->json, "to_decide", own ? own->to_decide : 0);
    jw_key_int(&res->json, "parts", own ? own->parts : 0);
    jw_key_int(&res->json, "parts_late", own ? own->parts_late : 0);
    jw_end_object(&res->json);
    return RC_OK;
}

/* ---- one box ---- */

/* What a box is a range of. */
enum range { RANGE_BOX, RANGE_ARRIVAL, RANGE_ASSIGNEE, RANGE_DUE, RANGE__MAX };
enum { RANGE_VALUES_MAX = 16 };
struct range_values {
    enum range range;
    struct db_value of[RANGE_VALUES_MAX];
    size_t n;
};

static void add(struct range_values *v, const struct db_value *values, size_t n) {
    memcpy(v->of + v->n, values, n * sizeof *values);
    v->n += n;
}

/* The values of the statements' sieve, which only those that sift have. */
static void add_sieve(struct range_values *v, const struct query_box *q) {
    int64_t weight = FIELD_SEEN(&q->list, BOX_WEIGHT) ? q->weight + 1 : 0;
    add(v, DB_VALUES(v_int(weight), v_int(weight), v_int(FIELD_SEEN(&q->list, BOX_UNCATEGORISED)),
                     v_int(q->uncategorised)));
}

/* Both open boxes, each as far as the page may need it: the second one's place to go on from is the page's. */
static void add_due(struct range_values *v, const struct query_box *q, const struct unit *unit, const struct cursor *at,
                    int64_t now_us, int64_t limit, bool sifted) {
    int64_t until = q->box == BOXN_OVERDUE ? now_us : now_us + SOON_US;
    v->range = RANGE_DUE;
    for (int i = 0; i < 2; i++) {
        add(v, DB_VALUES(v_int(unit->id)));
        if (sifted) add_sieve(v, q);
        add(v, DB_VALUES(v_time(until)));
        if (i == 0) add(v, DB_VALUES(v_time(at->key), v_time(at->key), v_id(at->id), v_int(limit)));
    }
}

static void range_of(struct request *req, const struct query_box *q, const struct unit *unit, struct range_values *v) {
    if (q->box == BOXN_RETURNED || q->box == BOXN_ESCALATED) {
        v->range = RANGE_ARRIVAL;
        add(v, DB_VALUES(v_int(unit->id), v_int(q->box == BOXN_RETURNED ? ARRIVAL_RETURNED : ARRIVAL_ESCALATED),
                         v_int(BOX_TO_ACCEPT)));
    } else if (q->box == BOXN_MINE) {
        v->range = RANGE_ASSIGNEE;
        add(v, DB_VALUES(v_id(principal_of(req)->asker.post_id), v_int(BOX_IN_HAND)));
    } else {
        v->range = RANGE_BOX;
        add(v, DB_VALUES(v_int(unit->id), v_int(boxes[q->box])));
    }
}

/* Every list is a range of one index, in its order. */
static enum rc read_box(struct request *req, const struct query_box *q, const struct unit *unit,
                        const struct cursor *at, int64_t limit, struct row_appeal_item **items, size_t *n) {
#define ALWAYS(name) \
    { ST_##name, ST_##name, ST_##name##_brief, ST_##name##_brief } /* its start is a time, not the first */
    static const struct page_statements plain[RANGE__MAX] = {PAGES(box_list), PAGES(box_list_arrival),
                                                             PAGES(box_list_assignee), ALWAYS(box_list_due)};
    static const struct page_statements sifting[RANGE__MAX] = {ALWAYS(box_sifted), ALWAYS(box_sifted_arrival),
                                                               ALWAYS(box_sifted_assignee), ALWAYS(box_sifted_due)};
#undef ALWAYS
    bool sifted = FIELD_SEEN(&q->list, BOX_WEIGHT) || FIELD_SEEN(&q->list, BOX_UNCATEGORISED);
    bool due = q->box == BOXN_DUE_SOON || q->box == BOXN_OVERDUE;
    struct range_values v = {.n = 0};
    if (due) {
        add_due(&v, q, unit, at, req->now_us, limit, sifted);
    } else {
        range_of(req, q, unit, &v);
        if (sifted) add_sieve(&v, q);
    }
    struct page page = {.statements = &(sifted ? sifting : plain)[v.range],
                        .brief = q->view == VIEW_BRIEF,
                        .next = sifted || due || q->list.cursor.p,
                        .limit = limit};
    return page_read(req, &page, v.of, v.n, DB_VALUES(v_time(at->key), v_time(at->key), v_id(at->id)), items, n);
}

enum rc list_box(struct request *req, struct response *res) {
    const struct query_box *q = req->query_in;
    const struct unit *unit;
    enum rc rc = box_unit(req, q->unit_code, &unit);
    if (rc != RC_OK) return rc;
    int weight = FIELD_SEEN(&q->list, BOX_WEIGHT) ? q->weight + 1 : 0,
        category = FIELD_SEEN(&q->list, BOX_UNCATEGORISED) ? q->uncategorised + 1 : 0;
    const char *filter = arena_printf(req->arena, "%s %lld %d %d", box_names[q->box], (long long)unit->id, weight,
                                      category);
    struct cursor start = {.key = q->box == BOXN_DUE_SOON ? req->now_us : SECOND_US}, at;
    rc = filter ? cursor_read(req, &q->list, filter, &start, &at) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    struct row_appeal_item *items;
    size_t n, limit = (size_t)list_limit(&q->list);
    rc = read_box(req, q, unit, &at, (int64_t)limit + 1, &items, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) view_appeal_item(req, &res->json, &items[i], q->view == VIEW_BRIEF);
    struct cursor next = {0};
    if (n > limit) {
        next.key = items[limit - 1].resolve_by;
        memcpy(next.id, items[limit - 1].id, 16);
    }
    return list_end(req, res, filter, n > limit ? &next : NULL);
}

enum rc find_appeal_by_number(struct request *req, struct response *res) {
    const struct path_number *path = req->path_in;
    const struct asker *k = &principal_of(req)->asker;
    struct row_appeal_item *a;
    enum rc rc = db_row(thread_of(req)->db, ST_appeal_of_staff_number, DB_VALUES(v_text(path->number), STAFF_SIGHT(k)),
                        req->arena, &a);
    if (rc != RC_OK) return rc;
    if (!a) return RC_NOT_FOUND;
    view_appeal_item(req, &res->json, a, false);
    return RC_OK;
}
