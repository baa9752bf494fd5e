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

static void add_counts(const struct row_box_count *c, int64_t counts[BOXN__MAX]) {
    bool open = c->box == BOX_TO_ACCEPT || c->box == BOX_IN_HAND;
    if (c->box == BOX_TO_ACCEPT) counts[BOXN_TO_ACCEPT] += c->total;
    if (c->box == BOX_IN_HAND) counts[BOXN_IN_HAND] += c->total;
    if (c->box == BOX_UNRATED) counts[BOXN_UNRATED] += c->total;
    if (c->box == BOX_PLANNED) counts[BOXN_PLANNED] += c->total;
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
                    DB_VALUES(v_id(k->post_id), v_int(BOX_IN_HAND), v_int(sight_oversees(k) ? k->unit->id : 0)),
                    req->arena, &own);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < n; i++) add_counts(&rows[i], counts);
    counts[BOXN_MINE] = own ? own->mine : 0;
    jw_begin_object(&res->json);
    view_unit(req, &res->json, "unit", unit);
    for (int i = 0; i < BOXN__MAX; i++) jw_key_int(&res->json, box_names[i], counts[i]);
    jw_key_int(&res->json, "to_decide", own ? own->to_decide : 0);
    jw_end_object(&res->json);
    return RC_OK;
}

/* One page of a box: every list is a range of one index, in its order. */
static enum rc read_box(struct request *req, const struct query_box *q, const struct unit *unit,
                        const struct cursor *at, int64_t limit, struct row_appeal_item **items, size_t *n) {
    static const struct page_statements by_box = PAGES(box_list), by_arrival = PAGES(box_list_arrival),
                                        by_assignee = PAGES(box_list_assignee),
                                        by_due = {ST_box_list_due, ST_box_list_due, ST_box_list_due_brief,
                                                  ST_box_list_due_brief};
    struct page page = {.brief = q->view == VIEW_BRIEF, .next = q->list.cursor.p != NULL, .limit = limit};
#define AFTER DB_VALUES(v_time(at->key), v_time(at->key), v_id(at->id)), items, n
    switch ((enum box_name)q->box) {
    case BOXN_TO_ACCEPT:
    case BOXN_IN_HAND:
    case BOXN_UNRATED:
    case BOXN_PLANNED: {
        static const enum box boxes[BOXN__MAX] = {[BOXN_TO_ACCEPT] = BOX_TO_ACCEPT,
                                                  [BOXN_IN_HAND] = BOX_IN_HAND,
                                                  [BOXN_UNRATED] = BOX_UNRATED,
                                                  [BOXN_PLANNED] = BOX_PLANNED};
        int64_t box = boxes[q->box];
        page.statements = &by_box;
        return page_read(req, &page, DB_VALUES(v_int(unit->id), v_int(box)), AFTER);
    }
    case BOXN_RETURNED:
    case BOXN_ESCALATED: {
        int64_t arrival = q->box == BOXN_RETURNED ? ARRIVAL_RETURNED : ARRIVAL_ESCALATED;
        page.statements = &by_arrival;
        return page_read(req, &page, DB_VALUES(v_int(unit->id), v_int(arrival), v_int(BOX_TO_ACCEPT)), AFTER);
    }
    case BOXN_MINE:
        page.statements = &by_assignee;
        return page_read(req, &page, DB_VALUES(v_id(principal_of(req)->asker.post_id), v_int(BOX_IN_HAND)), AFTER);
    case BOXN_DUE_SOON:
    case BOXN_OVERDUE: {
        int64_t until = q->box == BOXN_OVERDUE ? req->now_us : req->now_us + SOON_US;
        page.statements = &by_due;
        page.next = true; /* its start is a time, not the first */
        /* Both open boxes, each as far as the page may need it. */
        const struct db_value box[] = {v_int(unit->id), v_time(until), v_time(at->key),
                                       v_time(at->key), v_id(at->id),  v_int(limit)};
        return page_read(req, &page, DB_VALUES(box[0], box[1], box[2], box[3], box[4], box[5], box[0], box[1]), AFTER);
    }
    case BOXN__MAX: break;
    }
#undef AFTER
    return RC_INTERNAL;
}

enum rc list_box(struct request *req, struct response *res) {
    const struct query_box *q = req->query_in;
    const struct unit *unit;
    enum rc rc = box_unit(req, q->unit_code, &unit);
    if (rc != RC_OK) return rc;
    const char *filter = arena_printf(req->arena, "%s %lld", box_names[q->box], (long long)unit->id);
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
