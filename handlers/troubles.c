/* Residents and third parties: what goes on near; residents join it, and say when it is over whether it is. */
#include "acts/trouble.h"

#include "acts/situation.h"
#include "base/utf8.h"
#include "resources.h"
#include "view.h"
#include "write.h"

enum { NEAR_MAX = 20, JOINED_LOOKED_AT = 100, DRAFT_TITLE = 60 };

/* ---- how they look ---- */

static void write_areas(struct request *req, struct json_out *w, struct str kept) {
    struct trouble_area areas[TROUBLE_AREAS_NOW_MAX];
    size_t n = trouble_areas_read(app_district(), kept, areas);
    jw_key(w, "areas");
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        jw_begin_object(w);
        view_unit(req, w, "unit", areas[i].unit);
        view_place(req, w, "place", areas[i].place);
        jw_end_object(w);
    }
    jw_end_array(w);
}

void view_trouble(struct request *req, struct json_out *w, const struct row_trouble *t) {
    const struct district *d = app_district();
    jw_key_uuid(w, "id", t->id);
    jw_key_str(w, "title", t->title);
    jw_key_str(w, "text", t->text);
    view_category(req, w, "category", category_by_id(d, t->category_id));
    view_unit(req, w, "unit", unit_by_id(d, t->unit_id));
    write_areas(req, w, t->areas);
    view_time(w, "from", t->from_at);
    view_time(w, "until", t->until_at);
    view_word(req, w, "state", trouble_words, trouble_state_at(t->state, t->from_at, t->until_at, req->now_us));
    view_time(w, "ended_at", t->ended_at);
    jw_key_str(w, "remark", t->remark.n ? t->remark : (struct str){0});
}

/* As the resident who asks sees it. */
static void write_own(struct request *req, struct json_out *w, const struct row_trouble *t) {
    jw_begin_object(w);
    view_trouble(req, w, t);
    jw_key_bool(w, "joined", t->joined_at != 0);
    view_word(req, w, "answer", trouble_answer_words, t->answer);
    jw_end_object(w);
}

/* ---- near ---- */

static enum rc find_codes(struct request *req, const struct query_troubles *q, const struct place **place,
                          const struct category **category) {
    const struct district *d = app_district();
    if (q->place_code.p && !(*place = place_by_code(d, q->place_code)))
        return fail_field(req, "?place_code", "没有这个地点，请从地点列表中选择。",
                          "There is no such place; choose from the list.");
    if (q->category_code.p && !(*category = category_by_code(d, q->category_code)))
        return fail_field(req, "?category_code", "没有这个分类，请从分类列表中选择。",
                          "There is no such category; choose from the list.");
    return RC_OK;
}

/* What goes on is in memory; only which of it one has joined is asked for. */
enum rc list_troubles(struct request *req, struct response *res) {
    const struct row_resident_caller *r = principal_of(req)->resident;
    const struct place *place = place_by_id(app_district(), r->place_id);
    const struct category *category = NULL;
    const struct row_trouble *found[NEAR_MAX];
    struct row_trouble_joined *mine = NULL;
    size_t joined = 0;
    struct act act = act_for(req);
    enum rc rc = find_codes(req, req->query_in, &place, &category);
    if (rc != RC_OK) return rc;
    size_t n = troubles_near(&act, place, category, found, NEAR_MAX);
    if (n)
        rc = db_rows(act.db, ST_troubles_joined_last, DB_VALUES(v_id(act.asker.id), v_int(JOINED_LOOKED_AT)), act.arena,
                     &mine, &joined);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) {
        struct row_trouble t = *found[i];
        for (size_t k = 0; k < joined; k++)
            if (memcmp(mine[k].trouble_id, t.id, 16) == 0) t.joined_at = mine[k].joined_at;
        write_own(req, &res->json, &t);
    }
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

/* All of the district that goes on, for whoever answers its calls. */
enum rc open_list_troubles(struct request *req, struct response *res) {
    const struct situation *s = situation_in_use();
    list_begin(res);
    for (size_t i = 0; i < s->trouble_count; i++) {
        const struct row_trouble *t = &s->troubles[i];
        if (trouble_state_at(t->state, t->from_at, t->until_at, req->now_us) != TROUBLE_CURRENT) continue;
        jw_begin_object(&res->json);
        view_trouble(req, &res->json, t);
        jw_end_object(&res->json);
    }
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

/* ---- one's own ---- */

enum rc list_joined_troubles(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    struct cursor start = {0}, at, next = {0};
    struct row_trouble *rows;
    size_t n, limit = (size_t)list_limit(&q->list);
    memset(start.id, 0xff, 16);
    enum rc rc = cursor_read(req, &q->list, "", &start, &at);
    if (rc != RC_OK) return rc;
    rc = db_rows(thread_of(req)->db, ST_troubles_joined,
                 DB_VALUES(v_id(principal_of(req)->asker.id), v_id(at.id), v_int((int64_t)limit + 1)), req->arena,
                 &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) write_own(req, &res->json, &rows[i]);
    if (n > limit) memcpy(next.id, rows[limit - 1].id, 16);
    return list_end(req, res, "", n > limit ? &next : NULL);
}

enum rc get_trouble(struct request *req, struct response *res) {
    const uint8_t *id = ((const struct path_id *)req->path_in)->id;
    struct row_trouble *t;
    enum rc rc = db_row(thread_of(req)->db, ST_trouble_of_resident,
                        DB_VALUES(v_id(principal_of(req)->asker.id), v_id(id)), req->arena, &t);
    if (rc != RC_OK) return rc;
    if (!t) return RC_NOT_FOUND;
    write_own(req, &res->json, t);
    return RC_OK;
}

static enum rc join_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_trouble *t;
    bool created;
    enum rc rc = trouble_join(act, ((const struct path_id *)req->path_in)->id, arg, &t, &created);
    if (rc != RC_OK) return rc;
    res->status = created ? 201 : 200;
    write_own(req, &res->json, t);
    return RC_OK;
}

enum rc join_trouble(struct request *req, struct response *res) {
    const struct body_join_trouble *in = req->body_in;
    const struct place *place = place_by_id(app_district(), principal_of(req)->resident->place_id);
    if (in->place_code.p && !(place = place_by_code(app_district(), in->place_code)))
        return fail_field(req, "/place_code", "没有这个地点，请从地点列表中选择。",
                          "There is no such place; choose from the list.");
    return write_run(req, res, join_in_tx, (void *)(uintptr_t)place);
}

/* Who still has the trouble gets a submission to look through and to send: an appeal that he didn't write, without his words on what is
 * still amiss, would only be one more of the same. */
static enum rc write_draft(struct request *req, struct json_out *w, const struct row_trouble *t) {
    const struct category *category = category_by_id(app_district(), t->category_id);
    const struct place *place = place_by_id(app_district(), t->place_id);
    const char *title = arena_printf(req->arena, "仍未恢复：%.*s", (int)t->title.n, t->title.p);
    const char *text = arena_printf(req->arena, "通告“%.*s”已结束，但我这里仍未恢复。", (int)t->title.n, t->title.p);
    if (!title || !text) return RC_INTERNAL;
    jw_begin_object(w);
    jw_key_z(w, "kind", kind_words[KIND_HELP].code);
    jw_key_str(w, "title", utf8_prefix(str_of(title), DRAFT_TITLE));
    jw_key_z(w, "text", text);
    jw_key_str(w, "category_code", category ? category->code : (struct str){0});
    jw_key_str(w, "place_code", place ? place->code : (struct str){0});
    jw_end_object(w);
    return RC_OK;
}

static enum rc answer_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const enum trouble_answer *answer = arg;
    struct row_trouble *t;
    struct json_out *w = &res->json;
    enum rc rc = trouble_answer(act, ((const struct path_id *)req->path_in)->id, *answer, &t);
    if (rc != RC_OK) return rc;
    jw_begin_object(w);
    jw_key(w, "trouble");
    write_own(req, w, t);
    jw_key(w, "draft");
    if (*answer == ANSWER_NOT_RESTORED) rc = write_draft(req, w, t);
    else jw_null(w);
    jw_end_object(w);
    return rc;
}

enum rc answer_trouble(struct request *req, struct response *res) {
    enum trouble_answer answer = ((const struct body_answer_trouble *)req->body_in)->restored ? ANSWER_RESTORED
                                                                                              : ANSWER_NOT_RESTORED;
    return write_run(req, res, answer_in_tx, &answer);
}
