/* The inbox: residents by resident, staff by person. */
#include "resources.h"

#include "view.h"
#include "write.h"

enum rc list_notices(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    struct cursor start = {.key = 0}, at;
    memset(start.id, 0xff, 16);
    enum rc rc = cursor_read(req, &q->list, "", &start, &at);
    if (rc != RC_OK) return rc;
    struct row_notice *rows;
    size_t n, limit = (size_t)list_limit(&q->list);
    rc = db_rows(thread_of(req)->db, ST_notices,
                 DB_VALUES(v_id(principal_of(req)->asker.id), v_id(at.id), v_int((int64_t)limit + 1)), req->arena,
                 &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) view_notice(req, &res->json, &rows[i]);
    struct cursor next = {0};
    if (n > limit) memcpy(next.id, rows[limit - 1].id, 16);
    return list_end(req, res, "", n > limit ? &next : NULL);
}

static enum rc write_unread(struct request *req, struct response *res) {
    struct row_number *row;
    enum rc rc = db_row(thread_of(req)->db, ST_notices_unread, DB_VALUES(v_id(principal_of(req)->asker.id)), req->arena,
                        &row);
    if (rc != RC_OK) return rc;
    jw_begin_object(&res->json);
    jw_key_int(&res->json, "unread", row ? row->n : 0);
    jw_end_object(&res->json);
    return RC_OK;
}

enum rc count_unread(struct request *req, struct response *res) { return write_unread(req, res); }

static enum rc read_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_up_to *in = req->body_in;
    struct row_id *mine;
    (void)arg;
    enum rc rc = db_row(act->db, ST_notice_of, DB_VALUES(v_id(act->asker.id), v_id(in->up_to)), act->arena, &mine);
    if (rc == RC_OK && !mine)
        rc = act_fail(act, RC_NOT_FOUND, "您的通知中没有这一条。", "This is not one of your notices.");
    if (rc == RC_OK)
        rc = db_run(act->db, ST_notices_read_until,
                    DB_VALUES(v_time(act->now_us), v_id(act->asker.id), v_id(in->up_to)), NULL);
    return rc == RC_OK ? write_unread(req, res) : rc;
}

enum rc read_notices(struct request *req, struct response *res) { return write_run(req, res, read_in_tx, NULL); }
