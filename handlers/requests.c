/* Staff: what a unit asks the one above for, an extension or a suspension; and what is decided of it. */
#include "resources.h"

#include "base/timefmt.h"
#include "view.h"

enum rc find_day(struct request *req, const char *pointer, struct str text, int64_t *day) {
    int32_t days;
    if (!date_parse(text, &days))
        return fail_field(req, pointer, "请填写日期，例如 2026-12-31。", "Give a date such as 2026-12-31.");
    /* Too early or too late anyway, which the action says best. */
    if (days < 0) days = 0;
    if (days > DAYS_MAX) days = DAYS_MAX;
    *day = days;
    return RC_OK;
}

enum rc request_extension_of_time(struct request *req, struct response *res) {
    const struct body_extension *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_REQUEST_EXTENSION, .detail = in->days, .text = in->text});
}

enum rc extend_appeal(struct request *req, struct response *res) {
    const struct body_extension *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_EXTEND, .detail = in->days, .text = in->text});
}

enum rc request_suspension_of_work(struct request *req, struct response *res) {
    const struct body_suspension *in = req->body_in;
    struct change c = {.action = ACT_REQUEST_SUSPENSION, .text = in->text};
    enum rc rc = find_reason(req, PURPOSE_SUSPEND, in->reason_code, &c.reason);
    if (rc == RC_OK) rc = find_day(req, "/until", in->until, &c.detail);
    return rc == RC_OK ? do_change(req, res, c) : rc;
}

enum rc suspend_appeal(struct request *req, struct response *res) {
    const struct body_suspension *in = req->body_in;
    struct change c = {.action = ACT_SUSPEND, .text = in->text};
    enum rc rc = in->until.p ? find_day(req, "/until", in->until, &c.detail) : RC_OK;
    return rc == RC_OK ? do_change(req, res, c) : rc;
}

enum rc refuse_request(struct request *req, struct response *res) {
    const struct body_text *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_REFUSE, .text = in->text});
}

enum rc continue_appeal(struct request *req, struct response *res) {
    const struct body_text *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_CONTINUE, .text = in->text});
}

/* ---- what waits ---- */

static void write_request(struct request *req, struct json_out *w, const struct row_request *r) {
    struct row_appeal_item item = {.number = r->number,
                                   .title = r->title,
                                   .state = r->state,
                                   .version = r->version,
                                   .resolve_by = r->resolve_by,
                                   .overdue = r->overdue};
    bool extension = r->kind == REQUEST_EXTENSION;
    memcpy(item.id, r->appeal_id, 16);
    jw_begin_object(w);
    jw_key(w, "appeal");
    view_appeal_item(req, w, &item, true);
    view_word(req, w, "kind", request_words, r->kind);
    view_unit(req, w, "unit", unit_by_id(app_district(), r->holder_unit_id));
    view_time(w, "asked_at", r->asked_at);
    view_days(w, extension ? r->detail : 0);
    view_date(w, "until", extension ? 0 : r->detail);
    view_reason(req, w, "reason", reason_by_id(app_district(), r->reason_id));
    jw_key_str(w, "text", r->text);
    jw_end_object(w);
}

/* Of one's own unit, for who oversees those below it. */
enum rc list_requests(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    const struct asker *k = &principal_of(req)->asker;
    if (!sight_oversees(k)) return RC_NOT_FOUND;
    const char *filter = arena_printf(req->arena, "requests %lld", (long long)k->unit->id);
    struct cursor start = {.key = SECOND_US}, at, next = {0};
    struct row_request *rows;
    size_t n, limit = (size_t)list_limit(&q->list);
    enum rc rc = filter ? cursor_read(req, &q->list, filter, &start, &at) : RC_INTERNAL;
    if (rc == RC_OK)
        rc = db_rows(
            thread_of(req)->db, ST_requests_of_unit,
            DB_VALUES(v_int(k->unit->id), v_time(at.key), v_time(at.key), v_id(at.id), v_int((int64_t)limit + 1)),
            req->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) write_request(req, &res->json, &rows[i]);
    if (n > limit) {
        next.key = rows[limit - 1].asked_at;
        memcpy(next.id, rows[limit - 1].appeal_id, 16);
    }
    return list_end(req, res, filter, n > limit ? &next : NULL);
}
