/* Staff: publish known trouble, change it, end it, and see who joined and what they answered. */
#include "acts/trouble.h"

#include "base/timefmt.h"
#include "resources.h"
#include "view.h"
#include "write.h"

static void write_trouble(struct request *req, struct json_out *w, const struct row_trouble *t) {
    jw_begin_object(w);
    view_trouble(req, w, t);
    jw_key_int(w, "joined", t->joined);
    jw_key_int(w, "restored", t->restored);
    jw_key_int(w, "not_restored", t->not_restored);
    view_time(w, "created_at", t->created_at);
    view_time(w, "updated_at", t->updated_at);
    jw_end_object(w);
}

/* What is published is no secret: every member of staff sees all of it. */
enum rc staff_list_troubles(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    struct cursor start = {0}, at, next = {0};
    struct row_trouble *rows;
    size_t n, limit = (size_t)list_limit(&q->list);
    memset(start.id, 0xff, 16);
    enum rc rc = cursor_read(req, &q->list, "", &start, &at);
    if (rc == RC_OK)
        rc = db_rows(thread_of(req)->db, ST_troubles, DB_VALUES(v_id(at.id), v_int((int64_t)limit + 1)), req->arena,
                     &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) write_trouble(req, &res->json, &rows[i]);
    if (n > limit) memcpy(next.id, rows[limit - 1].id, 16);
    return list_end(req, res, "", n > limit ? &next : NULL);
}

static enum rc answer_trouble_row(struct request *req, struct response *res, struct db *db, const uint8_t id[16]) {
    struct row_trouble *t;
    enum rc rc = db_row(db, ST_trouble_counted, DB_VALUES(v_id(id)), req->arena, &t);
    if (rc != RC_OK) return rc;
    if (!t) return RC_NOT_FOUND;
    write_trouble(req, &res->json, t);
    return RC_OK;
}

enum rc staff_get_trouble(struct request *req, struct response *res) {
    return answer_trouble_row(req, res, thread_of(req)->db, ((const struct path_id *)req->path_in)->id);
}

/* ---- publishing ---- */

static const char *at_area(struct request *req, size_t i, const char *member) {
    return arena_printf(req->arena, "/areas/%zu%s", i, member);
}

static void find_area(struct request *req, const struct body_area *in, size_t i, struct trouble_area *out) {
    const struct district *d = app_district();
    struct violations *v = &req->violations;
    out->unit = in->unit_code.p ? unit_by_code(d, in->unit_code) : NULL;
    out->place = in->place_code.p ? place_by_code(d, in->place_code) : NULL;
    if (!in->unit_code.p == !in->place_code.p)
        violations_add_text(v, at_area(req, i, ""), "请填写单位或地点，二者择一。",
                            "Give a unit or a place, one of them.");
    else if (in->unit_code.p && !out->unit)
        violations_add_text(v, at_area(req, i, "/unit_code"), "没有这个单位。", "There is no such unit.");
    else if (in->place_code.p && !out->place)
        violations_add_text(v, at_area(req, i, "/place_code"), "没有这个地点，请从地点列表中选择。",
                            "There is no such place; choose from the list.");
}

void check_announced(struct request *req, int64_t from, int64_t until) {
    const int64_t most = TROUBLE_DAYS_MAX * DAY_S * SECOND_US;
    struct violations *v = &req->violations;
    if (from < req->now_us) from = req->now_us;
    if (from - req->now_us > most) violations_add_text(v, "/from", "最多提前 30 天。", "It begins within thirty days.");
    if (until <= from)
        violations_add_text(v, "/until", "结束时间须在开始时间和现在之后。",
                            "It must end after its start, and after now.");
    else if (until - from > most) violations_add_text(v, "/until", "一次最多 30 天。", "At most thirty days at once.");
}

static enum rc publish_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    uint8_t id[16];
    enum rc rc = trouble_publish(act, arg, id);
    if (rc != RC_OK) return rc;
    res->status = 201;
    return answer_trouble_row(req, res, act->db, id);
}

enum rc publish_trouble(struct request *req, struct response *res) {
    const struct body_trouble *in = req->body_in;
    const struct body_area *areas = in->areas.items;
    struct trouble_notice notice = {.title = in->title,
                                    .text = in->text,
                                    .category = category_by_code(app_district(), in->category_code),
                                    .area_count = in->areas.n,
                                    .from = in->from,
                                    .until = in->until};
    for (size_t i = 0; i < in->areas.n; i++) find_area(req, &areas[i], i, &notice.areas[i]);
    if (!notice.category)
        violations_add_text(&req->violations, "/category_code", "没有这个分类，请从分类列表中选择。",
                            "There is no such category; choose from the list.");
    check_announced(req, in->from, in->until);
    enum rc rc = refuse_numbers(req, "/title", in->title), also = refuse_numbers(req, "/text", in->text);
    if (rc == RC_INTERNAL || also == RC_INTERNAL) return RC_INTERNAL;
    return req->violations.count ? RC_INVALID : write_run(req, res, publish_in_tx, &notice);
}

/* ---- changing ---- */

static enum rc update_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_update_trouble *in = req->body_in;
    const uint8_t *id = arg;
    enum rc rc = trouble_update(act, id, in->title, in->text, in->until);
    return rc == RC_OK ? answer_trouble_row(req, res, act->db, id) : rc;
}

enum rc update_trouble(struct request *req, struct response *res) {
    const struct body_update_trouble *in = req->body_in;
    struct path_id path = *(const struct path_id *)req->path_in;
    if (!in->seen) return fail_field(req, "", "请至少填写一项修改。", "Give one change at least.");
    if (in->until && in->until <= req->now_us)
        return fail_field(req, "/until", "结束时间须在现在之后；已结束请用结束操作。",
                          "It must end after now; what is over is ended.");
    enum rc rc = refuse_numbers(req, "/title", in->title);
    if (rc == RC_OK) rc = refuse_numbers(req, "/text", in->text);
    return rc != RC_OK ? rc : write_run(req, res, update_in_tx, path.id);
}

static enum rc end_as(struct request *req, struct response *res, struct act *act, enum trouble_state how) {
    const uint8_t *id = ((const struct path_id *)req->path_in)->id;
    enum rc rc = trouble_end(act, id, how, ((const struct body_text *)req->body_in)->text);
    return rc == RC_OK ? answer_trouble_row(req, res, act->db, id) : rc;
}

static enum rc end_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    (void)arg;
    return end_as(req, res, act, TROUBLE_OVER);
}

static enum rc withdraw_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    (void)arg;
    return end_as(req, res, act, TROUBLE_WITHDRAWN);
}

static enum rc with_remark(struct request *req, struct response *res, write_fn *fn) {
    enum rc rc = refuse_numbers(req, "/text", ((const struct body_text *)req->body_in)->text);
    return rc == RC_OK ? write_run(req, res, fn, NULL) : rc;
}

enum rc end_trouble(struct request *req, struct response *res) { return with_remark(req, res, end_in_tx); }
enum rc withdraw_trouble(struct request *req, struct response *res) { return with_remark(req, res, withdraw_in_tx); }
