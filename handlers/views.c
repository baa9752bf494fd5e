/* Staff: searches that one keeps, with how many matters fit each. */
#include "acts/search.h"
#include "filters.h"
#include "resources.h"
#include "view.h"
#include "write.h"

#include "rules/scrub.h"

enum { VIEWS_MAX = 20 };

static void write_view(struct json_out *w, const uint8_t id[16], struct str name, const struct query_filters *f) {
    jw_begin_object(w);
    jw_key_uuid(w, "id", id);
    jw_key_str(w, "name", name);
    jw_key(w, "filters");
    jw_begin_object(w);
    filters_write(w, f);
    jw_end_object(w);
}

enum rc list_views(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_staff_view *rows;
    struct query_filters kept[VIEWS_MAX];
    struct search_count counts[VIEWS_MAX];
    size_t n;
    enum rc rc = db_rows(act.db, ST_staff_views, DB_VALUES(v_id(act.asker.id)), req->arena, &rows, &n);
    if (n > VIEWS_MAX) n = VIEWS_MAX;
    struct search *searches = arena_array(req->arena, n + 1, sizeof *searches);
    if (rc == RC_OK && !searches) return RC_INTERNAL;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = filters_unpack(req->arena, rows[i].filters, &kept[i]);
        if (rc == RC_OK) rc = filters_kept_search(app_district(), &kept[i], &searches[i]);
    }
    if (rc == RC_OK && n) rc = search_counts(&act, searches, n, rows[0].newest, counts);
    if (rc != RC_OK) return act_result(req, &act, rc);
    list_begin(res);
    for (size_t i = 0; i < n; i++) {
        write_view(&res->json, rows[i].id, rows[i].name, &kept[i]);
        jw_key_int(&res->json, "count", counts[i].n);
        jw_key_bool(&res->json, "capped", counts[i].capped);
        jw_end_object(&res->json);
    }
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

/* ---- changes ---- */

static uint64_t filters_seen(const struct body_view *in) { return in->seen >> 1; }

/* Of numbers for people nothing is kept that may be somebody's. */
enum rc refuse_numbers(struct request *req, const char *pointer, struct str text) {
    struct scrubbed s = {.text = text};
    if (text.p && !scrub_text(req->arena, text, &s)) return RC_INTERNAL;
    return text.p && s.removed.n ? fail_field(req, pointer, "请勿填写电话、证件等个人号码。",
                                              "Leave out phone and other personal numbers.")
                                 : RC_OK;
}

static enum rc check_view(struct request *req, const struct body_view *in) {
    struct search search;
    if (!filters_seen(in)) return fail_field(req, "", "请至少填写一项查找条件。", "Give one filter at least.");
    enum rc rc = refuse_numbers(req, "/name", in->name);
    if (rc == RC_OK) rc = refuse_numbers(req, "/q", in->filters.q);
    return rc == RC_OK ? filters_search(req, "/", &in->filters, filters_seen(in), &search) : rc;
}

static void answer_view(struct response *res, const uint8_t id[16], const struct body_view *in) {
    const struct query_filters f = {.seen = filters_seen(in), .filters = in->filters};
    write_view(&res->json, id, in->name, &f);
    jw_end_object(&res->json);
}

/* The staff's row is locked, so that two at once don't both count nineteen. */
static enum rc room_for_one(struct act *act) {
    struct row_id *staff;
    struct row_number *n;
    enum rc rc = db_row(act->db, ST_staff_lock, DB_VALUES(v_id(act->asker.id)), act->arena, &staff);
    if (rc == RC_OK) rc = db_row(act->db, ST_staff_views_count, DB_VALUES(v_id(act->asker.id)), act->arena, &n);
    if (rc != RC_OK) return rc;
    return n && n->n < VIEWS_MAX ? RC_OK
                                 : act_fail(act, RC_LIMIT_REACHED, "最多保存 20 个视图，请先删除不用的。",
                                            "Twenty views can be kept; delete one first.");
}

static enum rc create_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_view *in = req->body_in;
    struct str packed = filters_pack(req->arena, &in->filters, filters_seen(in));
    uint8_t id[16];
    (void)arg;
    if (!packed.p || !uuid_make(act->now_us, id)) return RC_INTERNAL;
    enum rc rc = room_for_one(act);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_staff_view_insert,
                    DB_VALUES(v_id(act->asker.id), v_id(id), v_text(in->name), v_text(packed)), NULL);
    if (rc != RC_OK) return rc;
    res->status = 201;
    answer_view(res, id, in);
    return RC_OK;
}

enum rc create_view(struct request *req, struct response *res) {
    enum rc rc = check_view(req, req->body_in);
    return rc == RC_OK ? write_run(req, res, create_in_tx, NULL) : rc;
}

static enum rc update_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_view *in = req->body_in;
    const uint8_t *id = ((const struct path_id *)req->path_in)->id;
    struct str packed = filters_pack(req->arena, &in->filters, filters_seen(in));
    int64_t matched = 0;
    (void)arg;
    if (!packed.p) return RC_INTERNAL;
    enum rc rc = db_run(act->db, ST_staff_view_update,
                        DB_VALUES(v_text(in->name), v_text(packed), v_id(act->asker.id), v_id(id)), &matched);
    if (rc == RC_OK && !matched) return RC_NOT_FOUND;
    if (rc == RC_OK) answer_view(res, id, in);
    return rc;
}

enum rc update_view(struct request *req, struct response *res) {
    enum rc rc = check_view(req, req->body_in);
    return rc == RC_OK ? write_run(req, res, update_in_tx, NULL) : rc;
}

static enum rc delete_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    int64_t matched = 0;
    (void)arg;
    enum rc rc = db_run(act->db, ST_staff_view_delete,
                        DB_VALUES(v_id(act->asker.id), v_id(((const struct path_id *)req->path_in)->id)), &matched);
    if (rc == RC_OK && !matched) return RC_NOT_FOUND;
    res->status = 204;
    res->no_body = true;
    return rc;
}

enum rc delete_view(struct request *req, struct response *res) { return write_run(req, res, delete_in_tx, NULL); }
