/* Staff: what many report, as far as one may see it. */
#include "base/timefmt.h"
#include "resources.h"
#include "view.h"

/* Hot is what so many reported, the last of them in so many days. */
enum { REPORTS_LEAST = 3, HOT_DAYS = 7 };
#define DAY_US (DAY_S * SECOND_US)

static void write_topic(struct request *req, struct json_out *w, const struct row_topic *t) {
    const struct district *d = app_district();
    jw_begin_object(w);
    jw_key_uuid(w, "id", t->id);
    view_category(req, w, "category", category_by_id(d, t->category_id));
    view_unit(req, w, "area", unit_by_id(d, t->area_id));
    view_place(req, w, "place", place_by_id(d, t->place_id));
    jw_key_int(w, "reports", t->reports);
    jw_key_int(w, "reports_24h", t->fresh);
    view_time(w, "first_at", t->first_at);
    view_time(w, "last_at", t->last_at);
    jw_end_object(w);
}

enum rc list_topics(struct request *req, struct response *res) {
    struct act act = act_for(req);
    const struct unit *own = act.asker.unit, *town = own ? unit_at_tier(own, TIER_TOWN) : NULL;
    int64_t area = town ? town->id : 0, now = act.now_us;
    struct row_topic *rows;
    size_t n;
    enum rc rc = db_rows(act.db, ST_topics_seen,
                         DB_VALUES(v_time(now - DAY_US), v_time(now - DAY_US), v_time(now - HOT_DAYS * DAY_US),
                                   v_int(REPORTS_LEAST), v_int(area), v_int(area), STAFF_SIGHT(&act.asker),
                                   v_int(REPORTS_LEAST)),
                         act.arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) write_topic(req, &res->json, &rows[i]);
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

/* A topic of which one may see no matter isn't there. */
enum rc list_topic_appeals(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    const uint8_t *id = ((const struct path_id *)req->path_in)->id;
    struct act act = act_for(req);
    char filter[UUID_TEXT + 1];
    struct cursor start = {0}, at, next = {0};
    uuid_format(id, filter);
    enum rc rc = cursor_read(req, &q->list, filter, &start, &at);
    if (rc != RC_OK) return rc;
    struct row_appeal_item *items;
    size_t n, limit = (size_t)list_limit(&q->list);
    rc = db_rows(act.db, ST_topic_members_seen,
                 DB_VALUES(v_id(id), v_id(at.id), STAFF_SIGHT(&act.asker), v_int((int64_t)limit + 1)), act.arena,
                 &items, &n);
    if (rc != RC_OK) return rc;
    if (!n && !q->list.cursor.p) return RC_NOT_FOUND;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) view_appeal_item(req, &res->json, &items[i], false);
    if (n > limit) memcpy(next.id, items[limit - 1].id, 16);
    return list_end(req, res, filter, n > limit ? &next : NULL);
}
