/* Joint handling: the parts of a matter, and a unit's own of all matters. */
#include "resources.h"

#include "acts/parts.h"
#include "base/timefmt.h"
#include "rules/clock.h"
#include "view.h"
#include "write.h"

/* ---- how a part looks ---- */

void view_part_time(const struct request *req, struct json_out *w, const struct row_part *p) {
    bool paused = p->state == PART_OPEN && p->paused_since;
    int64_t until = p->ended_at ? p->ended_at : paused ? p->paused_since : req->now_us;
    view_time(w, "due_by", p->due_by);
    jw_key_bool(w, "late", until > p->due_by);
    jw_key_bool(w, "paused", paused);
}

void view_part(struct request *req, struct json_out *w, const struct row_part *p) {
    const struct district *d = app_district();
    static const uint8_t nobody[16];
    int64_t until = p->ended_at ? p->ended_at : req->now_us;
    jw_begin_object(w);
    jw_key_uuid(w, "id", p->id);
    jw_key_int(w, "n", p->n);
    view_unit(req, w, "unit", unit_by_id(d, p->unit_id));
    jw_key_str(w, "organisation", p->unit_id ? (struct str){0} : p->organisation);
    jw_key_str(w, "text", p->asked);
    view_word(req, w, "state", part_words, p->state);
    view_part_time(req, w, p);
    view_time(w, "made_at", p->made_at);
    view_time(w, "ended_at", p->ended_at);
    jw_key_int(w, "working_seconds", clock_working_seconds(&d->calendar, p->made_at, until));
    jw_key_bool(w, "contact", p->contact);
    jw_key_bool(w, "assigned", memcmp(p->assignee_id, nobody, 16) != 0);
    jw_key_str(w, "result", p->result);
    view_time(w, "link_until", p->link_until);
    jw_end_object(w);
}

/* A part in its unit's list, with what it is a part of. */
static void write_item(struct request *req, struct json_out *w, const struct row_part *p) {
    jw_begin_object(w);
    jw_key(w, "appeal");
    jw_begin_object(w);
    jw_key_uuid(w, "id", p->appeal_id);
    jw_key_str(w, "number", p->number);
    jw_key_str(w, "title", p->title);
    view_word(req, w, "state", state_words, p->appeal_state);
    jw_end_object(w);
    jw_key(w, "part");
    view_part(req, w, p);
    jw_end_object(w);
}

/* ---- reading ---- */

enum rc list_parts(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    return rc == RC_OK ? answer_parts(req, res, &act, a->id) : rc;
}

enum rc answer_parts(struct request *req, struct response *res, struct act *act, const uint8_t appeal[16]) {
    struct row_part *parts;
    size_t n;
    enum rc rc = db_rows(act->db, ST_parts_seen, DB_VALUES(v_id(appeal)), act->arena, &parts, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) view_part(req, &res->json, &parts[i]);
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

/* What the caller's unit still has to do of others' matters, by due time. */
enum rc list_my_parts(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    int64_t unit = sight_parts(&principal_of(req)->asker);
    struct cursor start = {.key = SECOND_US}, at, next = {0};
    enum rc rc = unit ? cursor_read(req, &q->list, "", &start, &at) : RC_NOT_FOUND;
    if (rc != RC_OK) return rc;
    struct db *db = thread_of(req)->db;
    struct row_part *parts;
    size_t n, limit = (size_t)list_limit(&q->list);
    struct db_value more = v_int((int64_t)limit + 1);
    if (q->list.cursor.p)
        rc = db_rows(db, ST_part_box, DB_VALUES(v_int(unit), v_time(at.key), v_time(at.key), v_id(at.id), more),
                     req->arena, &parts, &n);
    else rc = db_rows(db, ST_part_box_first, DB_VALUES(v_int(unit), more), req->arena, &parts, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) write_item(req, &res->json, &parts[i]);
    if (n > limit) {
        next.key = parts[limit - 1].due_by;
        memcpy(next.id, parts[limit - 1].id, 16);
    }
    return list_end(req, res, "", n > limit ? &next : NULL);
}

/* ---- acting ---- */

enum rc answer_part_row(struct request *req, struct response *res, struct act *act, const uint8_t appeal[16],
                        int64_t n) {
    struct row_part *p;
    enum rc rc = db_row(act->db, ST_part_seen, DB_VALUES(v_id(appeal), v_int(n)), act->arena, &p);
    if (rc == RC_OK && !p) rc = RC_NOT_FOUND;
    if (rc == RC_OK) view_part(req, &res->json, p);
    return rc;
}

static enum rc add_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_appeal *a;
    enum rc rc = appeal_change(act, ((const struct path_id *)req->path_in)->id, arg, &a);
    res->status = 201;
    return rc == RC_OK ? answer_part_row(req, res, act, a->id, a->parts) : rc;
}

enum rc add_part(struct request *req, struct response *res) {
    const struct body_part *in = req->body_in;
    struct part_call call = {.organisation = in->organisation, .due_by = in->due_by, .contact = in->contact};
    struct change c = {.action = ACT_COHANDLE, .text = in->text, .call = &call};
    if (!in->unit_code.p == !in->organisation.p)
        return fail_field(req, "/unit_code", "请填写单位 unit_code，或没有账号的机构名称 organisation，二者填一项。",
                          "Give either unit_code, or organisation for one without an account.");
    enum rc rc = in->unit_code.p ? find_unit(req, in->unit_code, &call.unit) : RC_OK;
    return rc == RC_OK ? write_run(req, res, add_in_tx, &c) : rc;
}

/* With the right to see its matter in the query. */
enum rc find_part(struct act *act, const uint8_t id[16], struct row_part **p) {
    enum rc rc = db_row(act->db, ST_part_of_staff, DB_VALUES(v_id(id), STAFF_SIGHT(&act->asker)), act->arena, p);
    return rc == RC_OK && !*p ? RC_NOT_FOUND : rc;
}

/* What is done to a part is a change of its matter. */
static enum rc act_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct change *c = arg;
    struct row_part *p;
    struct row_appeal *a;
    enum rc rc = find_part(act, ((const struct path_id *)req->path_in)->id, &p);
    if (rc != RC_OK) return rc;
    c->detail = p->n;
    rc = appeal_change(act, p->appeal_id, c, &a);
    return rc == RC_OK ? answer_part_row(req, res, act, a->id, p->n) : rc;
}

enum rc answer_part(struct request *req, struct response *res) {
    const struct body_part_answer *in = req->body_in;
    struct change c = {.action = in->outcome ? ACT_PART_REFUSE : ACT_PART_DONE, .text = in->text};
    return write_run(req, res, act_in_tx, &c);
}

enum rc waive_part(struct request *req, struct response *res) {
    struct change c = {.action = ACT_PART_WAIVE, .text = ((const struct body_text *)req->body_in)->text};
    return write_run(req, res, act_in_tx, &c);
}

enum rc assign_part(struct request *req, struct response *res) {
    struct change c = {.action = ACT_PART_ASSIGN};
    memcpy(c.post_id, ((const struct body_post *)req->body_in)->post_id, 16);
    return write_run(req, res, act_in_tx, &c);
}
