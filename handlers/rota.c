/* Staff: who is on duty, who is away, and where nobody is on duty. */
#include "acts/rota.h"

#include "base/timefmt.h"
#include "resources.h"
#include "rules/rota.h"
#include "view.h"
#include "write.h"

/* Gaps and overlaps are told for the next week. */
enum { WEEK_DAYS = 7, STRETCHES_MAX = 50 };

static enum rc write_post(const struct request *req, struct json_out *w, const char *key, const uint8_t post_id[16],
                          const uint8_t staff_id[16], struct str sealed) {
    struct str name = {0};
    jw_key(w, key);
    if (!sealed.p) {
        jw_null(w);
        return RC_OK;
    }
    enum rc rc = unseal(app_of(req)->keys, PLACE_STAFF_NAME, staff_id, sealed, req->arena, &name);
    jw_begin_object(w);
    jw_key_uuid(w, "post_id", post_id);
    jw_key_str(w, "name", name);
    jw_end_object(w);
    return rc;
}

static enum rc write_entry(struct request *req, struct json_out *w, const struct row_rota_entry *r) {
    jw_begin_object(w);
    jw_key_uuid(w, "id", r->id);
    jw_key_z(w, "kind", rota_names[r->kind - 1]);
    enum rc rc = write_post(req, w, "who", r->post_id, r->staff_id, r->name_sealed);
    view_word(req, w, "role", role_words, r->role);
    view_time(w, "from", r->from_at);
    view_time(w, "until", r->until_at);
    jw_key_bool(w, "now", r->from_at <= req->now_us);
    if (rc == RC_OK)
        rc = write_post(req, w, "substitute", r->substitute_id, r->substitute_staff_id, r->substitute_sealed);
    jw_end_object(w);
    return rc;
}

static void write_stretches(struct json_out *w, const char *key, const struct span *s, size_t n) {
    jw_key(w, key);
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        jw_begin_object(w);
        view_time(w, "from", s[i].from);
        view_time(w, "until", s[i].until);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static enum rc write_coverage(struct request *req, struct json_out *w, const struct row_rota_entry *rows, size_t n) {
    struct span *duty = arena_array(req->arena, n + 1, sizeof *duty), found[STRETCHES_MAX];
    const struct span week = {req->now_us, req->now_us + WEEK_DAYS * DAY_S * SECOND_US};
    size_t count = 0;
    if (!duty) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++)
        if (rows[i].kind == ROTA_DUTY) duty[count++] = (struct span){rows[i].from_at, rows[i].until_at};
    write_stretches(w, "gaps", found, rota_gaps(duty, count, week, found, STRETCHES_MAX));
    write_stretches(w, "overlaps", found, rota_overlaps(duty, count, week, found, STRETCHES_MAX));
    return RC_OK;
}

enum rc list_rota(struct request *req, struct response *res) {
    const struct query_boxes *q = req->query_in;
    struct act act = act_for(req);
    struct row_rota_entry *rows;
    size_t n;
    const struct unit *unit = q->unit_code.p ? unit_by_code(act.district, q->unit_code) : act.asker.unit;
    enum rc rc = rota_of_unit(&act, unit, &rows, &n);
    if (rc != RC_OK) return rc;
    struct json_out *w = &res->json;
    jw_begin_object(w);
    view_unit(req, w, "unit", unit);
    jw_key(w, "items");
    jw_begin_array(w);
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = write_entry(req, w, &rows[i]);
    jw_end_array(w);
    if (rc == RC_OK) rc = write_coverage(req, w, rows, n);
    jw_end_object(w);
    return rc;
}

static enum rc set_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    uint8_t id[16];
    struct row_rota_entry *row;
    enum rc rc = rota_set(act, arg, id);
    if (rc == RC_OK) rc = db_row(act->db, ST_rota_entry, DB_VALUES(v_id(id)), act->arena, &row);
    if (rc != RC_OK) return rc;
    res->status = 201;
    return row ? write_entry(req, &res->json, row) : RC_INTERNAL;
}

enum rc set_rota(struct request *req, struct response *res) {
    const struct body_rota *in = req->body_in;
    struct rota_entry e = {.kind = (enum rota_kind)(in->kind + 1), .from = in->from, .until = in->until};
    memcpy(e.post_id, in->post_id, 16);
    memcpy(e.substitute_id, in->substitute_post_id, 16);
    if (in->until <= in->from || in->until <= req->now_us)
        return fail_field(req, "/until", "结束时间须在开始时间和现在之后。",
                          "It must end after its start, and after now.");
    if (in->until - in->from > ROTA_DAYS_MAX * DAY_S * SECOND_US)
        return fail_field(req, "/until", "一次最多 366 天。", "At most 366 days at once.");
    if (e.kind == ROTA_DUTY && FIELD_SEEN(in, ROTA_SUBSTITUTE))
        return fail_field(req, "/substitute_post_id", "值班不需要代理人。", "Duty has no substitute.");
    return write_run(req, res, set_in_tx, &e);
}

static enum rc end_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    (void)arg;
    enum rc rc = rota_end(act, ((const struct path_id *)req->path_in)->id);
    res->status = 204;
    res->no_body = true;
    return rc;
}

enum rc end_rota(struct request *req, struct response *res) { return write_run(req, res, end_in_tx, NULL); }
