/* Third parties: post an order, read it by any of its numbers, supplement, withdraw, follow what changed. */
#include "resources.h"

#include "acts/numbers.h"
#include "base/num.h"
#include "rules/scrub.h"
#include "view.h"
#include "write.h"

/* ---- posting ---- */

/* The third party's own number is a natural key: the same order again is answered with the first, another one is a conflict. */
static enum rc first_order(struct request *req, struct response *res, struct act *act, const struct submission *s,
                           bool *found) {
    struct row_appeal *a;
    *found = false;
    enum rc rc = db_row(act->db, ST_appeal_of_client_external, DB_VALUES(v_id(act->asker.id), v_text(s->external_id)),
                        act->arena, &a);
    if (rc != RC_OK || !a) return rc;
    struct scrubbed text;
    if (!scrub_text(act->arena, s->text, &text)) return RC_INTERNAL;
    if (!str_eq(a->text, text.text) || a->kind != (int64_t)s->kind)
        return fail(req, RC_CONFLICT, "该外部单号已用于另一张工单。",
                    "This external_id belongs to another order of yours.");
    *found = true;
    rc = order_tie(act, a);
    return rc == RC_OK ? answer_appeal(req, res, act, a, false) : rc;
}

static enum rc post_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct submission *s = arg;
    struct row_appeal *a;
    bool found;
    enum rc rc = first_order(req, res, act, s, &found);
    if (rc != RC_OK || found) return rc;
    rc = appeal_submit(act, s, &a);
    return rc == RC_OK ? answer_appeal(req, res, act, a, true) : rc;
}

static bool is_external_id(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (i && (c == '.' || c == '_' || c == '-'))))
            return false;
    }
    return s.n > 0;
}

/* The unit a key is bound to: the one of its list that the place lies below, else the first. */
static enum rc bound_unit(struct request *req, const struct place *place, const struct unit **limit) {
    struct str list = principal_of(req)->client->units;
    *limit = NULL;
    if (!list.n) return RC_OK;
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        const struct unit *unit = unit_by_code(app_district(), (struct str){list.p, n});
        list = (struct str){list.p + skip, list.n - skip};
        if (!unit) continue;
        if (place && unit_is_below(place->unit, unit)) {
            *limit = unit;
            return RC_OK;
        }
        if (!*limit) *limit = unit;
    }
    if (!*limit) return RC_FORBIDDEN;
    if (place)
        return fail(req, RC_FORBIDDEN, "此密钥不能向该地点所属的单位派单。",
                    "This key may not post to the units of that place.");
    return RC_OK;
}

enum rc post_order(struct request *req, struct response *res) {
    const struct body_submit *in = req->body_in;
    struct submission s = {.channel = (enum channel)principal_of(req)->client->channel,
                           .external_id = in->external_id,
                           .name = in->reporter_name,
                           .phone = in->contact_phone};
    char number[NUMBER_TEXT];
    if (!is_external_id(in->external_id))
        violations_add_text(&req->violations, "/external_id", "外部单号以字母或数字开头，只能含字母、数字和 . _ -",
                            "Start with a letter or digit; use only letters, digits and . _ -");
    enum rc rc = submission_from_body(req, in, &s);
    if (rc == RC_OK) rc = bound_unit(req, s.place, &s.limit);
    if (rc == RC_OK) rc = number_take(thread_of(req)->db, req->arena, req->now_us, number);
    if (rc != RC_OK) return rc;
    s.number = str_of(number);
    rc = write_run(req, res, post_in_tx, &s);
    /* The same order came twice at once, under two keys: the second one now finds the first. */
    return rc == RC_CONFLICT ? write_run(req, res, post_in_tx, &s) : rc;
}

/* ---- reading ---- */

static enum rc answer_order(struct request *req, struct response *res, struct act *act, enum rc rc,
                            const struct row_appeal *a) {
    if (rc == RC_OK && !a) return RC_NOT_FOUND;
    if (rc == RC_OK) rc = order_tie(act, a);
    return rc == RC_OK ? view_appeal(req, res, act, a) : rc;
}

enum rc get_order(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = db_row(act.db, ST_appeal_of_client,
                        DB_VALUES(v_id(((const struct path_id *)req->path_in)->id), v_id(act.asker.id)), act.arena, &a);
    return answer_order(req, res, &act, rc, a);
}

enum rc get_order_by_external_id(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = db_row(
        act.db, ST_appeal_of_client_external,
        DB_VALUES(v_id(act.asker.id), v_text(((const struct path_external *)req->path_in)->external_id)), act.arena,
        &a);
    return answer_order(req, res, &act, rc, a);
}

enum rc get_order_by_number(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = db_row(act.db, ST_appeal_of_client_number,
                        DB_VALUES(v_text(((const struct path_number *)req->path_in)->number), v_id(act.asker.id)),
                        act.arena, &a);
    return answer_order(req, res, &act, rc, a);
}

/* ---- acting ---- */

enum rc supplement_order(struct request *req, struct response *res) { return supplement_appeal(req, res); }
enum rc number_order_demands(struct request *req, struct response *res) { return number_demands(req, res); }
enum rc answer_order_question(struct request *req, struct response *res) { return answer_question(req, res); }
enum rc withdraw_order(struct request *req, struct response *res) { return withdraw_appeal(req, res); }

/* ---- following ---- */

/* By seq only, up to what the sequencing job has committed: nothing that commits late is skipped. */
enum rc list_changes(struct request *req, struct response *res) {
    const struct query_changes *q = req->query_in;
    struct cursor start = {0}, at;
    enum rc rc = cursor_read(req, &q->list, "", &start, &at);
    if (rc != RC_OK) return rc;
    struct row_feed *rows;
    struct json_out *w = &res->json;
    size_t n, limit = (size_t)list_limit(&q->list);
    rc = db_rows(thread_of(req)->db, ST_changes_of_client,
                 DB_VALUES(v_id(principal_of(req)->asker.id), v_int(at.key), v_int(INT64_MAX), v_int((int64_t)limit)),
                 req->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) {
        jw_begin_object(w);
        jw_key_int(w, "seq", rows[i].seq);
        jw_key_uuid(w, "appeal_id", rows[i].appeal_id);
        jw_key_str(w, "number", rows[i].number);
        jw_key_str(w, "external_id", rows[i].external_id);
        view_word(req, w, "action", action_words, rows[i].action);
        view_word(req, w, "state", state_words, rows[i].to_state);
        jw_key_int(w, "version", rows[i].version);
        view_time(w, "at", rows[i].at);
        jw_end_object(w);
    }
    struct cursor next = {.key = n ? rows[n - 1].seq : at.key};
    return list_end(req, res, "", &next);
}
