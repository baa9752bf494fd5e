/* Staff: one appeal with what may be done, and each thing that can be done to it. */
#include "resources.h"

#include "acts/parts.h"
#include "acts/posts.h"
#include "callers.h"
#include "demands.h"
#include "view.h"
#include "write.h"

enum rc staff_find_appeal(struct act *act, const uint8_t id[16], struct row_appeal **a) {
    const struct asker *k = &act->asker;
    enum rc rc = db_row(act->db, ST_appeal_of_staff, DB_VALUES(v_id(id), STAFF_SIGHT(k)), act->arena, a);
    if (rc == RC_OK && !*a) return RC_NOT_FOUND;
    return rc == RC_OK ? parts_tie(act, *a) : rc;
}

enum rc staff_get_appeal(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    return rc == RC_OK ? view_appeal(req, res, &act, a) : rc;
}

enum rc staff_list_timeline(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    if (rc != RC_OK) return rc;
    bool all = may_see_notes(appeal_relations(&act, a));
    return answer_timeline(req, res, &act, a, all ? ST_events_all : ST_events_public);
}

/* ---- actions ---- */

enum rc find_reason(struct request *req, enum reason_purpose purpose, struct str code, const struct reason **reason) {
    *reason = reason_by_code(app_district(), purpose, code);
    return *reason ? RC_OK
                   : fail_field(req, "/reason_code", "没有这个理由，请从理由列表中选择。",
                                "There is no such reason; choose from the list.");
}

static enum rc with_reason(struct request *req, struct response *res, enum action action, enum reason_purpose purpose) {
    const struct body_reason *in = req->body_in;
    struct change c = {.action = action, .text = in->text};
    enum rc rc = find_reason(req, purpose, in->reason_code, &c.reason);
    if (rc == RC_OK) rc = refuse_gaps(req, "/text", in->text);
    return rc == RC_OK ? do_change(req, res, c) : rc;
}

static enum rc with_text(struct request *req, struct response *res, enum action action) {
    const struct body_text *in = req->body_in;
    bool told = transition_of(action)->effects & FX_PUBLIC;
    enum rc rc = told ? refuse_gaps(req, "/text", in->text) : RC_OK;
    return rc == RC_OK ? do_change(req, res, (struct change){.action = action, .text = in->text}) : rc;
}

enum rc find_unit(struct request *req, struct str code, const struct unit **unit) {
    *unit = unit_by_code(app_district(), code);
    return *unit ? RC_OK
                 : fail_field(req, "/unit_code", "没有这个单位，请从单位列表中选择。",
                              "There is no such unit; choose from the list.");
}

enum rc accept_appeal(struct request *req, struct response *res) { return with_text(req, res, ACT_ACCEPT); }
enum rc add_note(struct request *req, struct response *res) { return with_text(req, res, ACT_NOTE); }
enum rc add_progress(struct request *req, struct response *res) { return with_text(req, res, ACT_PROGRESS); }
enum rc ask_resident(struct request *req, struct response *res) { return with_text(req, res, ACT_ASK_RESIDENT); }
enum rc withdraw_question(struct request *req, struct response *res) { return with_text(req, res, ACT_RESUME); }
enum rc unmerge_appeal(struct request *req, struct response *res) { return with_text(req, res, ACT_UNMERGE); }
enum rc reply_to_supervision(struct request *req, struct response *res) { return with_text(req, res, ACT_REPLY); }
enum rc reject_appeal(struct request *req, struct response *res) {
    return with_reason(req, res, ACT_REJECT, PURPOSE_REJECT);
}
enum rc return_appeal(struct request *req, struct response *res) {
    return with_reason(req, res, ACT_RETURN, PURPOSE_RETURN);
}
enum rc escalate_appeal(struct request *req, struct response *res) {
    return with_reason(req, res, ACT_ESCALATE, PURPOSE_ESCALATE);
}
enum rc take_back_appeal(struct request *req, struct response *res) {
    return do_change(req, res, (struct change){.action = ACT_TAKE_BACK});
}

enum rc assign_appeal(struct request *req, struct response *res) {
    const struct body_post *in = req->body_in;
    struct change c = {.action = ACT_ASSIGN};
    memcpy(c.post_id, in->post_id, 16);
    return do_change(req, res, c);
}

enum rc classify_appeal(struct request *req, struct response *res) {
    const struct body_classify *in = req->body_in;
    struct change c = {.action = ACT_CLASSIFY, .place_address = in->address};
    c.category = in->category_code.p ? category_by_code(app_district(), in->category_code) : NULL;
    c.place = in->place_code.p ? place_by_code(app_district(), in->place_code) : NULL;
    if (in->category_code.p && !c.category)
        return fail_field(req, "/category_code", "没有这个分类，请从分类列表中选择。",
                          "There is no such category; choose from the list.");
    if (in->place_code.p && !c.place)
        return fail_field(req, "/place_code", "没有这个地点，请从地点列表中选择。",
                          "There is no such place; choose from the list.");
    if (!c.category && !c.place && !in->address.p)
        return fail_field(req, "", "请至少填写分类、地点、地址中的一项。", "Give a category, a place or an address.");
    return do_change(req, res, c);
}

enum rc weigh_appeal(struct request *req, struct response *res) {
    const struct body_weigh *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_WEIGH, .detail = in->weight + 1, .text = in->text});
}

enum rc transfer_appeal(struct request *req, struct response *res) {
    const struct body_move *in = req->body_in;
    struct change c = {.action = ACT_TRANSFER, .text = in->text};
    enum rc rc = find_unit(req, in->unit_code, &c.to);
    if (rc == RC_OK) rc = find_reason(req, PURPOSE_TRANSFER, in->reason_code, &c.reason);
    return rc == RC_OK ? do_change(req, res, c) : rc;
}

enum rc delegate_appeal(struct request *req, struct response *res) {
    const struct body_move *in = req->body_in;
    struct change c = {.action = ACT_DELEGATE, .text = in->text};
    enum rc rc = find_unit(req, in->unit_code, &c.to);
    return rc == RC_OK ? do_change(req, res, c) : rc;
}

/* What is planned has a day, and only that. */
enum rc resolve_appeal(struct request *req, struct response *res) {
    const struct body_resolve *in = req->body_in;
    struct change c = {.action = ACT_RESOLVE, .detail = in->outcome + 1, .text = in->text};
    bool planned = c.detail == OUTCOME_PLANNED;
    if (planned != (in->planned_for.p != NULL))
        return fail_field(req, "/planned_for", planned ? "挂账须填写计划日期。" : "只有挂账才填写计划日期，请删去。",
                          planned ? "What is planned needs its day." : "Only what is planned has a day; leave it out.");
    struct demands answers;
    enum rc rc = refuse_gaps(req, "/text", in->text);
    if (rc == RC_OK) rc = demands_answers(req, &in->answers, &answers);
    if (answers.n) c.demands = &answers;
    if (rc == RC_OK && planned) {
        c.action = ACT_PLAN;
        rc = find_day(req, "/planned_for", in->planned_for, &c.detail);
    }
    if (rc == RC_OK) rc = do_change(req, res, c);
    /* What the act finds invalid are the answers: nothing else is left to be. */
    return rc == RC_INVALID && !req->violations.count ? fail_field(req, "/answers", req->detail_zh, req->detail_en)
                                                      : rc;
}

enum rc supervise_appeal(struct request *req, struct response *res) {
    const struct body_supervise *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_SUPERVISE, .detail = in->reply_days, .text = in->text});
}

/* What the reporter says opens it again only if he isn't content. */
enum rc call_back(struct request *req, struct response *res) {
    const struct body_callback *in = req->body_in;
    struct change c = {.action = in->reopen ? ACT_REDO : ACT_CALLBACK, .detail = in->outcome + 1, .text = in->text};
    if (in->reopen && c.detail != CALLBACK_UNSATISFIED)
        return fail_field(req, "/reopen", "只有诉求人不满意才能重办。",
                          "It opens again only if the reporter isn't satisfied.");
    return do_change(req, res, c);
}

enum rc add_contact(struct request *req, struct response *res) {
    const struct body_contact *in = req->body_in;
    return do_change(req, res, (struct change){.action = ACT_CONTACT, .detail = in->outcome + 1, .text = in->text});
}

/* ---- the reporter's contact, in full: audited with its purpose before it is shown ---- */

struct unmasking {
    struct change change;
    const uint8_t *id;
    const struct row_appeal *a;
};

static enum rc unmask_in_tx(struct db *db, void *arg) {
    (void)db;
    struct unmasking *u = ((void **)arg)[0];
    struct act *act = ((void **)arg)[1];
    struct row_appeal *a;
    enum rc rc = appeal_change(act, u->id, &u->change, &a);
    u->a = a;
    if (rc == RC_OK && !may_see_reporter(appeal_relations(act, a), a->withheld))
        rc = act_fail(act, RC_FORBIDDEN, "报事人要求对办理人匿名，不能查看。",
                      "The reporter's name is withheld from the handler.");
    return rc;
}

/* Phone and other numbers that were taken out of the texts: part of what is unmasked. */
static enum rc write_numbers(struct act *act, struct json_out *w, const uint8_t id[16]) {
    struct row_sealed *rows;
    size_t n;
    enum rc rc = db_rows(act->db, ST_removed_numbers, DB_VALUES(v_id(id), v_id(id)), act->arena, &rows, &n);
    jw_key(w, "numbers");
    jw_begin_array(w);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        bool of_appeal = memcmp(rows[i].row, id, 16) == 0;
        struct str list;
        rc = unseal(act->keys, of_appeal ? PLACE_APPEAL_NUMBERS : PLACE_EVENT_NUMBERS, rows[i].row, rows[i].value,
                    act->arena, &list);
        while (rc == RC_OK && list.n) {
            const char *end = memchr(list.p, '\n', list.n);
            size_t length = end ? (size_t)(end - list.p) : list.n, skip = end ? length + 1 : length;
            jw_str(w, (struct str){list.p, length});
            list = (struct str){list.p + skip, list.n - skip};
        }
    }
    jw_end_array(w);
    return rc;
}

enum rc unmask_contact(struct request *req, struct response *res) {
    const struct body_reason *in = req->body_in;
    struct act act = act_for(req);
    struct unmasking u = {.change = {.action = ACT_UNMASK, .text = in->text},
                          .id = ((const struct path_id *)req->path_in)->id};
    struct str name = {0}, phone = {0};
    enum rc rc = find_reason(req, PURPOSE_UNMASK, in->reason_code, &u.change.reason);
    if (rc == RC_OK) rc = db_tx(act.db, unmask_in_tx, (void *[]){&u, &act});
    if (rc == RC_OK) rc = unseal(act.keys, PLACE_APPEAL_NAME, u.a->id, u.a->reporter_name, act.arena, &name);
    if (rc == RC_OK) rc = unseal(act.keys, PLACE_APPEAL_PHONE, u.a->id, u.a->reporter_phone, act.arena, &phone);
    if (rc != RC_OK) return act_result(req, &act, rc);
    jw_begin_object(&res->json);
    jw_key_str(&res->json, "name", name);
    jw_key_str(&res->json, "phone", phone);
    rc = write_numbers(&act, &res->json, u.a->id);
    jw_end_object(&res->json);
    return rc;
}

/* ---- posts ---- */

static enum rc end_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    enum rc rc = post_end(act, ((const struct path_id *)req->path_in)->id, arg);
    res->status = 204;
    res->no_body = true;
    return rc;
}

enum rc end_post(struct request *req, struct response *res) {
    uint8_t holder[16] = {0};
    enum rc rc = write_run(req, res, end_in_tx, holder);
    callers_forget(holder);
    return rc;
}
