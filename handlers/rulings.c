/* Staff: whose matter it is, ruled from above; and what was ruled before. */
#include "acts/ruling.h"

#include "base/timefmt.h"
#include "base/utf8.h"
#include "resources.h"
#include "view.h"

enum rc rule_appeal(struct request *req, struct response *res) {
    const struct body_ruling *in = req->body_in;
    struct change c = {.action = ACT_RULE, .duty = in->duty};
    enum rc rc = find_unit(req, in->unit_code, &c.to);
    if (rc != RC_OK) return rc;
    char *text = arena_printf(req->arena, "%.*s\n%.*s", (int)in->duty.n, in->duty.p, (int)in->text.n, in->text.p);
    if (!text) return RC_INTERNAL;
    c.text = str_of(text);
    return do_change(req, res, c);
}

static void write_ruling(struct request *req, struct json_out *w, const struct row_ruling *r) {
    const struct district *d = app_district();
    const struct unit *unit, *ruler;
    int32_t day, second;
    time_split_beijing(req->now_us, &day, &second);
    ruling_now(d, r, day, &unit, &ruler);
    jw_begin_object(w);
    jw_key_uuid(w, "id", r->id);
    jw_key_str(w, "number", r->number);
    view_category(req, w, "category", category_by_id(d, r->category_id));
    view_place(req, w, "place", place_by_id(d, r->place_id));
    view_unit(req, w, "unit", unit);
    view_unit(req, w, "ruler", ruler);
    jw_key_str(w, "duty", r->duty);
    view_time(w, "at", r->at);
    jw_end_object(w);
}

enum { RULINGS_CATEGORY = 2 };

/* Newest first. They name no person and no text of the matter: whoever handles others alike may know them. */
enum rc list_rulings(struct request *req, struct response *res) {
    const struct query_rulings *q = req->query_in;
    const struct category *category = NULL;
    bool filtered = FIELD_SEEN(&q->list, RULINGS_CATEGORY);
    if (filtered && !(category = category_by_code(app_district(), q->category_code)))
        return fail_field(req, "?category_code", "没有这个分类，请从分类列表中选择。",
                          "There is no such category; choose from the list.");
    const char *filter = arena_printf(req->arena, "rulings %lld", category ? (long long)category->id : 0LL);
    struct cursor start = {0}, at, next = {0};
    memset(start.id, 0xff, 16);
    struct row_ruling *rows;
    size_t n, limit = (size_t)list_limit(&q->list);
    enum rc rc = filter ? cursor_read(req, &q->list, filter, &start, &at) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    struct db_value most = v_int((int64_t)limit + 1);
    rc = category ? db_rows(thread_of(req)->db, ST_rulings_of_category,
                            DB_VALUES(v_int(category->id), v_id(at.id), most), req->arena, &rows, &n)
                  : db_rows(thread_of(req)->db, ST_rulings, DB_VALUES(v_id(at.id), most), req->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) write_ruling(req, &res->json, &rows[i]);
    if (n > limit) memcpy(next.id, rows[limit - 1].id, 16);
    return list_end(req, res, filter, n > limit ? &next : NULL);
}
