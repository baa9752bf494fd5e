/* What a category asks, for who fills in its form; and his answers against it. */
#include "forms.h"

#include "view.h"

/* ---- the form ---- */

static void write_where(struct json_out *w, const char *key, const struct form_choice *c, bool ends) {
    view_stop(w, key, c->where.text.n && c->ends == ends ? &c->where : NULL);
}

static void write_choices(struct json_out *w, const struct form_question *q) {
    jw_key(w, "choices");
    jw_begin_array(w);
    for (size_t i = 0; i < q->choice_count; i++) {
        const struct form_choice *c = &q->choices[i];
        jw_begin_object(w);
        jw_key_str(w, "code", c->code);
        jw_key_str(w, "name", c->name);
        jw_key_str(w, "name_en", c->name_en);
        write_where(w, "stop", c, true);
        write_where(w, "advice", c, false);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_when(struct json_out *w, const struct form *form, const struct form_question *q) {
    jw_key(w, "shown_when");
    if (q->when < 0) {
        jw_null(w);
        return;
    }
    const struct form_question *on = form->questions[q->when];
    jw_begin_object(w);
    jw_key_str(w, "question", on->code);
    jw_key(w, "values");
    jw_begin_array(w);
    for (size_t i = 0; i < on->choice_count; i++)
        if (q->when_any & UINT32_C(1) << i) jw_str(w, on->choices[i].code);
    jw_end_array(w);
    jw_end_object(w);
}

static void write_bound(struct json_out *w, const char *key, const struct form_question *q, int64_t bound) {
    jw_key(w, key);
    if (q->kind == FORM_NUMBER || q->kind == FORM_TEXT || q->kind == FORM_CHOICES) jw_int(w, bound);
    else jw_null(w);
}

static struct str text_or_null(struct str s) { return s.n ? s : (struct str){0}; }

static void write_form_question(struct json_out *w, const struct form *form, const struct form_question *q) {
    jw_begin_object(w);
    jw_key_str(w, "code", q->code);
    jw_key_z(w, "kind", form_kind_words[q->kind].code);
    jw_key_str(w, "label", q->label);
    jw_key_str(w, "label_en", q->label_en);
    jw_key_str(w, "help", text_or_null(q->help));
    jw_key_str(w, "help_en", text_or_null(q->help_en));
    jw_key_bool(w, "required", q->required);
    write_bound(w, "min", q, q->min);
    write_bound(w, "max", q, q->max);
    jw_key_str(w, "unit", text_or_null(q->unit));
    jw_key_str(w, "unit_en", text_or_null(q->unit_en));
    write_when(w, form, q);
    write_choices(w, q);
    jw_end_object(w);
}

enum rc get_category_form(struct request *req, struct response *res) {
    const struct path_code *path = req->path_in;
    const struct category *c = category_by_code(app_district(), path->code);
    if (!c) return RC_NOT_FOUND;
    const struct form *form = category_form(c);
    const struct row_disaster *disaster = disaster_for(req);
    struct stopper store;
    const struct stopper *stop = disaster_stop(disaster, c, &store);
    struct json_out *w = &res->json;
    jw_begin_object(w);
    jw_key_str(w, "category_code", c->code);
    view_stop(w, "stop", stop ? stop : category_stop(c));
    jw_key(w, "questions");
    jw_begin_array(w);
    for (size_t i = 0; form && i < form->count; i++) write_form_question(w, form, form->questions[i]);
    jw_end_array(w);
    jw_end_object(w);
    disaster_etag(res, app_district(), disaster);
    return RC_OK;
}

/* ---- answers ---- */

/* What to do about each fault. "%s" is the question, the numbers its bounds. */
static const struct {
    const char *zh, *en;
} fault_texts[FORM_WRONG__MAX] = {
    [FORM_UNKNOWN] = {"该分类没有这个问题，请重新读取表单。",
                      "The category asks no such question; read its form again."},
    [FORM_NOT_ASKED] = {"按前面的回答不需要回答“%s”，请去掉。",
                        "\"%s\" is not asked after these answers; leave it out."},
    [FORM_TWICE] = {"“%s”回答重复，请只保留一个。", "\"%s\" is answered twice; keep one of them."},
    [FORM_NO_CHOICE] = {"请从“%s”列出的选项中选择。", "Choose one of the choices of \"%s\"."},
    [FORM_NO_NUMBER] = {"“%s”请填写 %lld 到 %lld 之间的整数。", "Give \"%s\" as a whole number from %lld to %lld."},
    [FORM_NO_DATE] = {"“%s”请填写日期，例如 2026-11-24。", "Give \"%s\" as a date like 2026-11-24."},
    [FORM_NO_TIME] = {"“%s”请填写时间，例如 21:30。", "Give \"%s\" as a time of day like 21:30."},
    [FORM_NO_PHONE] = {"“%s”请填写 11 位手机号。", "Give \"%s\" as a mobile number of 11 digits."},
    [FORM_LENGTH] = {"“%s”请填写 %lld 到 %lld 个字。", "Answer \"%s\" with %lld to %lld characters."},
    [FORM_MISSING] = {"请回答“%s”。", "Answer \"%s\"."},
    [FORM_HOW_MANY] = {"“%s”请选择 %lld 到 %lld 项。", "Choose %lld to %lld of \"%s\"."},
};

/* The text with the question in place of "%s" and its bounds in place of the two "%lld", in whatever order they stand. */
static const char *fault_text(struct arena *a, const char *form, struct str label, int64_t min, int64_t max) {
    struct buf b;
    buf_init(&b, a, 1000);
    int64_t bounds[] = {min, max};
    size_t next = 0;
    for (const char *p = form; *p; p++) {
        if (strncmp(p, "%s", 2) == 0) {
            buf_add_str(&b, label);
            p += 1;
        } else if (strncmp(p, "%lld", 4) == 0 && next < 2) {
            buf_add_int(&b, bounds[next++]);
            p += 3;
        } else buf_add_char(&b, *p);
    }
    return arena_dup(a, buf_str(&b));
}

static const char *pointer_to(struct arena *a, int answer) {
    return answer < 0 ? "/answers" : arena_printf(a, "/answers/%d", answer);
}

static void blame(struct request *req, const struct form_fault *f) {
    static const struct form_question none;
    const struct form_question *q = f->question ? f->question : &none;
    struct arena *a = req->arena;
    violations_add_text(&req->violations, pointer_to(a, f->answer),
                        fault_text(a, fault_texts[f->wrong].zh, q->label, q->min, q->max),
                        fault_text(a, fault_texts[f->wrong].en, q->label_en, q->min, q->max));
}

enum rc send_elsewhere(struct request *req, const char *pointer, const struct stopper *stop) {
    struct buf b;
    struct json_out w;
    const char *zh = arena_dup(req->arena, stop->text), *en = arena_dup(req->arena, stop->text_en);
    buf_init(&b, req->arena, 8000);
    jw_init(&w, &b);
    view_stop(&w, "stop", stop);
    if (b.failed || !zh || !en) return RC_INTERNAL;
    req->problem_extra = buf_str(&b);
    violations_add_text(&req->violations, pointer, zh, en);
    return fail(req, RC_ELSEWHERE, zh, en);
}

enum rc submission_answers(struct request *req, const struct object_list *in, bool complete, struct submission *s) {
    const struct answer_given *given = in->items;
    const struct form *form = category_form(s->category);
    if (!in->n && !(form && complete)) return RC_OK;
    struct form_answers *all = ARENA_NEW(req->arena, struct form_answers);
    if (!all) return RC_INTERNAL;
    all->form = form;
    all->n = in->n;
    for (size_t i = 0; i < in->n; i++) all->given[i] = (struct form_answer){given[i].question, given[i].value};
    form_check(form, all->given, all->n, complete, &all->checked);
    s->answers = all;
    const struct form_checked *k = &all->checked;
    if (k->stop) return send_elsewhere(req, arena_printf(req->arena, "/answers/%zu", k->stop_answer), k->stop);
    for (size_t i = 0; i < k->fault_count; i++) blame(req, &k->faults[i]);
    return req->violations.count ? RC_INVALID : RC_OK;
}
