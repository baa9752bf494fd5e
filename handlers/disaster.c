/* Disaster mode: staff at the top declare and end it; the residents' form and their submissions follow it. */
#include "acts/disaster.h"

#include "acts/situation.h"
#include "resources.h"
#include "rules/urgency.h"
#include "view.h"
#include "write.h"

#include <stdio.h>

enum { SHOWN = 20 };
static const char usual_phone[] = "12345";

/* ---- what it does to the form ---- */

static void write_codes(struct json_out *w, const struct row_disaster *d) {
    const struct category *list[DISASTER_CATEGORIES_MAX];
    size_t n = disaster_categories(app_district(), d->categories, list);
    jw_key(w, "category_codes");
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) jw_str(w, list[i]->code);
    jw_end_array(w);
}

static void write_words(struct json_out *w, const struct row_disaster *d) {
    jw_key_str(w, "text", d->text);
    jw_key_str(w, "text_en", d->text_en);
    jw_key_str(w, "phone", d->phone);
    view_time(w, "from", d->from_at);
    view_time(w, "until", d->until_at);
    write_codes(w, d);
}

void write_disaster_mode(struct json_out *w, int64_t now_us) {
    const struct row_disaster *d = app_district() ? disaster_at(situation_in_use(), now_us) : NULL;
    jw_key(w, "disaster_mode");
    if (!d) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    write_words(w, d);
    jw_end_object(w);
}

const struct row_disaster *disaster_for(const struct request *req) {
    return app_of(req)->entry == ENTRY_ZLB ? disaster_at(situation_in_use(), req->now_us) : NULL;
}

const struct stopper *disaster_stop(const struct row_disaster *d, const struct category *category,
                                    struct stopper *store) {
    if (!d || disaster_takes(app_district(), d->categories, category)) return NULL;
    *store = (struct stopper){.text = d->text, .text_en = d->text_en, .phone = d->phone};
    return store;
}

void disaster_etag(struct response *res, const struct district *d, const struct row_disaster *disaster) {
    char tag[60];
    if (!disaster) {
        reference_etag(res, d);
        return;
    }
    snprintf(tag, sizeof tag, "r%lld-%lld", (long long)d->version, (long long)situation_in_use()->version);
    response_etag(res, tag);
}

/* What sounds like danger is let in, whatever it is called: nobody in need is sent away for a category. */
enum rc disaster_lets_in(struct request *req, const struct submission *s) {
    const struct row_disaster *d = disaster_for(req);
    if (!d || disaster_takes(app_district(), d->categories, s->category) ||
        text_urgency(app_district(), s->text, NULL) != URGENCY_NORMAL)
        return RC_OK;
    req->detail_zh = arena_dup(req->arena, d->text);
    req->detail_en = arena_dup(req->arena, d->text_en);
    return RC_DISASTER;
}

/* ---- staff ---- */

static void write_declared(struct request *req, struct json_out *w, const struct row_disaster *d) {
    int64_t kept = d->ended_at ? TROUBLE_OVER : TROUBLE_CURRENT;
    jw_begin_object(w);
    jw_key_uuid(w, "id", d->id);
    view_word(req, w, "state", trouble_words, trouble_state_at(kept, d->from_at, d->until_at, req->now_us));
    write_words(w, d);
    jw_key_str(w, "reason", d->reason);
    view_time(w, "created_at", d->created_at);
    view_time(w, "ended_at", d->ended_at);
    jw_end_object(w);
}

static enum rc answer_newest(struct request *req, struct response *res, struct db *db) {
    struct row_disaster *d;
    enum rc rc = db_row(db, ST_disasters, DB_VALUES(v_int(1)), req->arena, &d);
    if (rc != RC_OK) return rc;
    if (!d) return RC_INTERNAL;
    write_declared(req, &res->json, d);
    return RC_OK;
}

enum rc list_disaster_modes(struct request *req, struct response *res) {
    struct row_disaster *rows;
    size_t n;
    enum rc rc = db_rows(thread_of(req)->db, ST_disasters, DB_VALUES(v_int(SHOWN)), req->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) write_declared(req, &res->json, &rows[i]);
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

static void find_categories(struct request *req, const struct object_list *list, struct disaster_order *o) {
    const struct body_listed_category *in = list->items;
    for (size_t i = 0; i < list->n; i++) {
        o->categories[i] = category_by_code(app_district(), in[i].category_code);
        if (!o->categories[i])
            violations_add_text(&req->violations, arena_printf(req->arena, "/categories/%zu/category_code", i),
                                "没有这个分类，请从分类列表中选择。",
                                "There is no such category; choose from the list.");
    }
    o->category_count = list->n;
}

static enum rc declare_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    enum rc rc = disaster_declare(act, arg);
    if (rc != RC_OK) return rc;
    res->status = 201;
    return answer_newest(req, res, act->db);
}

enum rc set_disaster_mode(struct request *req, struct response *res) {
    const struct body_disaster *in = req->body_in;
    struct disaster_order o = {.from = in->from,
                               .until = in->until,
                               .text = in->text.p ? in->text : str_of(rc_info(RC_DISASTER)->detail_zh),
                               .text_en = in->text_en.p ? in->text_en : str_of(rc_info(RC_DISASTER)->detail_en),
                               .phone = in->phone.p ? in->phone : str_of(usual_phone),
                               .reason = in->reason};
    find_categories(req, &in->categories, &o);
    check_announced(req, in->from, in->until);
    enum rc rc = refuse_numbers(req, "/reason", in->reason);
    if (rc != RC_INTERNAL) rc = refuse_numbers(req, "/text", in->text);
    if (rc != RC_INTERNAL) rc = refuse_numbers(req, "/text_en", in->text_en);
    if (rc == RC_INTERNAL) return rc;
    return req->violations.count ? RC_INVALID : write_run(req, res, declare_in_tx, &o);
}

static enum rc end_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    (void)arg;
    enum rc rc = disaster_end(act, ((const struct body_text *)req->body_in)->text);
    return rc == RC_OK ? answer_newest(req, res, act->db) : rc;
}

enum rc end_disaster_mode(struct request *req, struct response *res) {
    enum rc rc = refuse_numbers(req, "/text", ((const struct body_text *)req->body_in)->text);
    return rc == RC_OK ? write_run(req, res, end_in_tx, NULL) : rc;
}
