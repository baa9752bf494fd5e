/* Staff: short texts of one's own, to insert while one writes, in the order that one gives them. */
#include "resources.h"
#include "write.h"

static void write_phrase(struct json_out *w, const uint8_t id[16], int64_t n, struct str text) {
    jw_begin_object(w);
    jw_key_uuid(w, "id", id);
    jw_key_int(w, "position", n);
    jw_key_str(w, "text", text);
    jw_end_object(w);
}

enum rc list_phrases(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_staff_phrase *rows;
    size_t n;
    enum rc rc = db_rows(act.db, ST_staff_phrases, DB_VALUES(v_id(act.asker.id), v_int(PHRASES_MAX)), req->arena, &rows,
                         &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) write_phrase(&res->json, rows[i].id, rows[i].n, rows[i].text);
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

/* ---- changes: places are 1, 2, … without a gap, so each change moves those between its two places by one ---- */

/* Locks the staff's row, so that two at once don't both count forty-nine, or take one place. */
static enum rc lock_and_count(struct act *act, int64_t *count) {
    struct row_id *staff;
    struct row_number *n;
    enum rc rc = db_row(act->db, ST_staff_lock, DB_VALUES(v_id(act->asker.id)), act->arena, &staff);
    if (rc == RC_OK) rc = db_row(act->db, ST_staff_phrases_count, DB_VALUES(v_id(act->asker.id)), act->arena, &n);
    if (rc == RC_OK) *count = n ? n->n : 0;
    return rc;
}

static enum rc move(struct act *act, int64_t from, int64_t until, int64_t by) {
    if (from > until) return RC_OK;
    return db_run(act->db, ST_staff_phrases_move, DB_VALUES(v_int(by), v_id(act->asker.id), v_int(from), v_int(until)),
                  NULL);
}

static enum rc create_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_phrase *in = req->body_in;
    uint8_t id[16];
    int64_t count;
    (void)arg;
    enum rc rc = uuid_make(act->now_us, id) ? lock_and_count(act, &count) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    if (count >= PHRASES_MAX)
        return act_fail(act, RC_LIMIT_REACHED, "最多保存 50 条常用语，请先删除不用的。",
                        "Fifty phrases can be kept; delete one first.");
    int64_t n = FIELD_SEEN(in, PHRASE_POSITION) && in->position <= count ? in->position : count + 1;
    rc = move(act, n, count, 1);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_staff_phrase_insert,
                    DB_VALUES(v_id(act->asker.id), v_id(id), v_int(n), v_text(in->text)), NULL);
    if (rc != RC_OK) return rc;
    res->status = 201;
    write_phrase(&res->json, id, n, in->text);
    return RC_OK;
}

enum rc create_phrase(struct request *req, struct response *res) {
    enum rc rc = refuse_numbers(req, "/text", ((const struct body_phrase *)req->body_in)->text);
    return rc == RC_OK ? write_run(req, res, create_in_tx, NULL) : rc;
}

/* One's own phrase of the path, and how many there are. */
static enum rc find(const struct request *req, struct act *act, struct row_staff_phrase **p, int64_t *count) {
    enum rc rc = lock_and_count(act, count);
    if (rc == RC_OK)
        rc = db_row(act->db, ST_staff_phrase,
                    DB_VALUES(v_id(act->asker.id), v_id(((const struct path_id *)req->path_in)->id)), act->arena, p);
    return rc == RC_OK && !*p ? RC_NOT_FOUND : rc;
}

static enum rc update_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_phrase *in = req->body_in;
    struct row_staff_phrase *p;
    int64_t count;
    (void)arg;
    enum rc rc = find(req, act, &p, &count);
    if (rc != RC_OK) return rc;
    int64_t n = !FIELD_SEEN(in, PHRASE_POSITION) ? p->n : in->position < count ? in->position : count;
    struct str text = in->text.p ? in->text : p->text;
    rc = n < p->n ? move(act, n, p->n - 1, 1) : move(act, p->n + 1, n, -1);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_staff_phrase_update,
                    DB_VALUES(v_int(n), v_text(text), v_id(act->asker.id), v_id(p->id)), NULL);
    if (rc == RC_OK) write_phrase(&res->json, p->id, n, text);
    return rc;
}

enum rc update_phrase(struct request *req, struct response *res) {
    const struct body_phrase *in = req->body_in;
    if (!in->seen) return fail_field(req, "", "请填写 text 或 position。", "Give text or position.");
    enum rc rc = refuse_numbers(req, "/text", in->text);
    return rc == RC_OK ? write_run(req, res, update_in_tx, NULL) : rc;
}

static enum rc delete_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_staff_phrase *p;
    int64_t count;
    (void)arg;
    enum rc rc = find(req, act, &p, &count);
    if (rc == RC_OK) rc = db_run(act->db, ST_staff_phrase_delete, DB_VALUES(v_id(act->asker.id), v_id(p->id)), NULL);
    if (rc == RC_OK) rc = move(act, p->n + 1, count, -1);
    res->status = 204;
    res->no_body = true;
    return rc;
}

enum rc delete_phrase(struct request *req, struct response *res) { return write_run(req, res, delete_in_tx, NULL); }
