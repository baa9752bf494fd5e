/* Joint handling: meetings with their minutes, and site visits. */
#include "resources.h"

#include "acts/meetings.h"
#include "base/json_read.h"
#include "base/num.h"
#include "view.h"
#include "write.h"

/* ---- how they look ---- */

enum { KEPT_VALUES_MAX = 2000 };

static int64_t kept_number(const struct json_value *v, const char *name) {
    int64_t n = 0;
    return num_i64(json_text(json_at(v, name, NULL)), 0, INT64_MAX, &n) ? n : 0;
}

static void write_owner(struct request *req, struct json_out *w, const struct json_value *v) {
    view_unit(req, w, "unit", unit_by_id(app_district(), kept_number(v, "unit")));
    jw_key_str(w, "organisation", json_text(json_at(v, "organisation", NULL)));
}

static void write_people(struct request *req, struct json_out *w, const char *key, const struct json_value *list) {
    jw_key(w, key);
    jw_begin_array(w);
    for (const struct json_value *v = list ? list->child : NULL; v; v = v->next) {
        jw_begin_object(w);
        write_owner(req, w, v);
        jw_key_str(w, "name", json_text(json_at(v, "name", NULL)));
        jw_key_str(w, "role", json_text(json_at(v, "role", NULL)));
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_decisions(struct request *req, struct json_out *w, const struct json_value *list) {
    jw_key(w, "decisions");
    jw_begin_array(w);
    for (const struct json_value *v = list ? list->child : NULL; v; v = v->next) {
        int64_t part = kept_number(v, "part");
        jw_begin_object(w);
        jw_key_str(w, "text", json_text(json_at(v, "text", NULL)));
        write_owner(req, w, v);
        view_time(w, "due_by", kept_number(v, "due_by"));
        jw_key(w, "part");
        if (part) jw_int(w, part);
        else jw_null(w);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static enum rc write_meeting(struct request *req, struct response *res, struct act *act, const struct row_meeting *m) {
    struct json_out *w = &res->json;
    struct str people;
    struct json_value *persons, *decisions = NULL;
    enum rc rc = meeting_people(act, m, &people);
    if (rc == RC_OK) rc = json_parse(people, KEPT_VALUES_MAX, &persons, act->arena);
    if (rc == RC_OK && m->decisions.p) rc = json_parse(m->decisions, KEPT_VALUES_MAX, &decisions, act->arena);
    if (rc != RC_OK) return RC_INTERNAL;
    jw_begin_object(w);
    jw_key_uuid(w, "id", m->id);
    jw_key_int(w, "n", m->n);
    view_word(req, w, "kind", meeting_words, m->kind);
    jw_key_bool(w, "held", m->state == MEETING_HELD);
    view_time(w, "at", m->starts_at);
    jw_key_str(w, "place", m->place);
    jw_key_str(w, "agenda", m->agenda.n ? m->agenda : (struct str){0});
    write_people(req, w, "invited", json_at(persons, "invited", NULL));
    write_people(req, w, "came", json_at(persons, "came", NULL));
    jw_key_str(w, "text", m->minutes);
    write_decisions(req, w, decisions);
    view_time(w, "made_at", m->made_at);
    view_time(w, "held_at", m->held_at);
    jw_end_object(w);
    return RC_OK;
}

enum rc list_meetings(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    struct row_meeting *rows = NULL;
    size_t n = 0;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    if (rc == RC_OK) rc = db_rows(act.db, ST_meetings_of, DB_VALUES(v_id(a->id)), act.arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = write_meeting(req, res, &act, &rows[i]);
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return rc;
}

/* ---- what comes in ---- */

/* Either a unit or an organisation, with a violation at its place in the body else. */
static const struct unit *owner_of(struct request *req, const char *list, size_t i, struct str unit_code,
                                   struct str organisation, bool needed) {
    const struct unit *unit = unit_code.p ? unit_by_code(app_district(), unit_code) : NULL;
    char *at = arena_printf(req->arena, "/%s/%zu/unit_code", list, i);
    if (unit_code.p && !unit)
        violations_add_text(&req->violations, at, "没有这个单位，请从单位列表中选择。",
                            "There is no such unit; choose from the list.");
    else if (unit_code.p && organisation.p)
        violations_add_text(&req->violations, at, "单位和机构名称只能填一项。",
                            "Give either a unit or an organisation.");
    else if (needed && !unit_code.p && !organisation.p)
        violations_add_text(&req->violations, at, "请填写单位 unit_code，或没有账号的机构名称 organisation。",
                            "Give unit_code, or organisation for who has no account.");
    return unit;
}

static struct attendee *read_people(struct request *req, const char *list, const struct object_list *in) {
    struct attendee *out = arena_array(req->arena, in->n + 1, sizeof *out);
    const struct meeting_person *p = in->items;
    for (size_t i = 0; out && i < in->n; i++) {
        out[i] = (struct attendee){.organisation = p[i].organisation, .name = p[i].name, .role = p[i].role};
        out[i].unit = owner_of(req, list, i, p[i].unit_code, p[i].organisation, true);
        if (p[i].unit_code.p && p[i].name.p)
            violations_add_text(&req->violations, arena_printf(req->arena, "/%s/%zu/name", list, i),
                                "本系统单位的人员请只填单位和职务。",
                                "Of a unit's people give the unit and the role only.");
    }
    return out;
}

static struct decision *read_decisions(struct request *req, const struct object_list *in) {
    struct decision *out = arena_array(req->arena, in->n + 1, sizeof *out);
    const struct meeting_decision *d = in->items;
    for (size_t i = 0; out && i < in->n; i++) {
        out[i] = (struct decision){
            .text = d[i].text, .organisation = d[i].organisation, .due_by = d[i].due_by, .as_part = d[i].as_part};
        out[i].unit = owner_of(req, "decisions", i, d[i].unit_code, d[i].organisation, d[i].as_part);
    }
    return out;
}

/* ---- acting ---- */

static enum rc answer_meeting(struct request *req, struct response *res, struct act *act, const uint8_t appeal[16],
                              int64_t n) {
    struct row_meeting *m;
    enum rc rc = db_row(act->db, ST_meeting_lock, DB_VALUES(v_id(appeal), v_int(n)), act->arena, &m);
    if (rc == RC_OK && !m) rc = RC_NOT_FOUND;
    return rc == RC_OK ? write_meeting(req, res, act, m) : rc;
}

static enum rc make_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_appeal *a;
    enum rc rc = appeal_change(act, ((const struct path_id *)req->path_in)->id, arg, &a);
    res->status = 201;
    return rc == RC_OK ? answer_meeting(req, res, act, a->id, a->meetings) : rc;
}

enum rc call_meeting(struct request *req, struct response *res) {
    const struct body_meeting *in = req->body_in;
    struct meeting m = {.starts_at = in->at, .place = in->place, .agenda = in->agenda, .invited_count = in->invited.n};
    struct change c = {.action = ACT_MEETING_CALL, .text = in->agenda, .meeting = &m};
    m.invited = read_people(req, "invited", &in->invited);
    if (!m.invited) return RC_INTERNAL;
    return req->violations.count ? RC_INVALID : write_run(req, res, make_in_tx, &c);
}

enum rc record_visit(struct request *req, struct response *res) {
    const struct body_visit *in = req->body_in;
    struct meeting m = {.starts_at = in->at,
                        .place = in->place,
                        .minutes = in->text,
                        .came_count = in->came.n,
                        .public_text = in->public_text};
    struct change c = {.action = ACT_SITE_VISIT, .meeting = &m};
    m.came = read_people(req, "came", &in->came);
    if (!m.came) return RC_INTERNAL;
    return req->violations.count ? RC_INVALID : write_run(req, res, make_in_tx, &c);
}

static enum rc minutes_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_meeting *m;
    struct row_appeal *a;
    enum rc rc = db_row(act->db, ST_meeting_of_staff,
                        DB_VALUES(v_id(((const struct path_id *)req->path_in)->id), STAFF_SIGHT(&act->asker)),
                        act->arena, &m);
    if (rc == RC_OK && !m) rc = RC_NOT_FOUND;
    if (rc == RC_OK) rc = meeting_minutes(act, m->appeal_id, m->n, arg, &a);
    return rc == RC_OK ? answer_meeting(req, res, act, a->id, m->n) : rc;
}

enum rc record_minutes(struct request *req, struct response *res) {
    const struct body_minutes *in = req->body_in;
    struct meeting m = {.minutes = in->text,
                        .came_count = in->came.n,
                        .decision_count = in->decisions.n,
                        .public_text = in->public_text};
    m.came = read_people(req, "came", &in->came);
    m.decisions = read_decisions(req, &in->decisions);
    if (!m.came || !m.decisions) return RC_INTERNAL;
    return req->violations.count ? RC_INVALID : write_run(req, res, minutes_in_tx, &m);
}
