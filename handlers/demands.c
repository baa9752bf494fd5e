/* What a matter demands, point by point: set right by its reporter or by staff, and what a result says to each. */
#include "demands.h"

#include "base/utf8.h"
#include "resources.h"
#include "rules/template.h"

/* ---- setting them right ---- */

static enum rc read_demands(struct request *req, const struct body_demands *in, struct demands *d) {
    const struct demand_text *items = in->demands.items;
    d->n = in->demands.n;
    for (size_t i = 0; i < d->n; i++) {
        d->list[i] = (struct demand){.text = utf8_trim(items[i].text)};
        for (size_t k = 0; k < i; k++)
            if (str_eq(d->list[i].text, d->list[k].text))
                violations_add_text(&req->violations, arena_printf(req->arena, "/demands/%zu/text", i),
                                    "与前面的诉求点重复，请删去一项。", "It is there before; leave one out.");
    }
    return req->violations.count ? RC_INVALID : RC_OK;
}

enum rc number_demands(struct request *req, struct response *res) {
    struct demands d;
    enum rc rc = read_demands(req, req->body_in, &d);
    if (rc != RC_OK) return rc;
    struct str text = demands_write(req->arena, (struct str){0}, &d);
    if (!text.p) return RC_INTERNAL;
    return do_change(req, res, (struct change){.action = ACT_NUMBER_DEMANDS, .text = text});
}

/* ---- answering ---- */

static void fault(struct request *req, size_t i, const char *field, const char *zh, const char *en) {
    violations_add_text(&req->violations, arena_printf(req->arena, "/answers/%zu/%s", i, field), zh, en);
}

static void read_answer(struct request *req, const struct demand_answer *in, size_t i, struct demands *d) {
    struct demand *of = &d->list[in->number - 1];
    bool refuses = in->outcome + 1 == DEMAND_REFUSED;
    const struct reason *reason = in->reason_code.p ? reason_by_code(app_district(), PURPOSE_REJECT, in->reason_code)
                                                    : NULL;
    if (of->outcome != DEMAND_OPEN)
        fault(req, i, "number", "同一项诉求点答复了两次。", "The same demand is answered twice.");
    if (refuses && !reason)
        fault(req, i, "reason_code", "不予支持须选择理由，请从理由列表中选择。",
              "What is refused needs a reason; choose from the list.");
    if (!refuses && in->reason_code.p)
        fault(req, i, "reason_code", "只有不予支持才填写理由，请删去。",
              "Only what is refused has a reason; leave it out.");
    if (template_gap(in->text).n)
        fault(req, i, "text", "模板里有还没填写的内容，请填好或删去。",
              "Something of a template is not filled in; fill it in or leave it out.");
    of->outcome = (enum demand_outcome)(in->outcome + 1);
    of->answer = utf8_trim(in->text);
    of->reason = reason ? reason->name : (struct str){0};
    if ((size_t)in->number > d->n) d->n = (size_t)in->number;
}

enum rc demands_answers(struct request *req, const struct object_list *in, struct demands *d) {
    *d = (struct demands){.n = 0};
    for (size_t i = 0; i < in->n; i++) read_answer(req, (const struct demand_answer *)in->items + i, i, d);
    return req->violations.count ? RC_INVALID : RC_OK;
}

/* ---- reading ---- */

static const struct word outcome_of_demand[DEMAND__MAX] = {
    {"", "", ""}, {"answered", "已答复", "Answered"}, {"refused", "不予支持", "Refused"}};

static void write_demand(struct request *req, struct json_out *w, size_t number, const struct demand *d) {
    jw_begin_object(w);
    jw_key_int(w, "number", (int64_t)number);
    jw_key_str(w, "text", d->text);
    view_word(req, w, "outcome", outcome_of_demand, d->outcome);
    jw_key_str(w, "answer", d->answer);
    jw_key_str(w, "reason", d->reason);
    jw_end_object(w);
}

/* NULL: not at hand. */
static const struct row_event *event_numbered(const struct row_event *events, size_t n, int64_t number) {
    while (n-- > 0)
        if (events[n].n == number) return &events[n];
    return NULL;
}

/* Nothing but notes follows it, so that it is at hand as a rule. */
static enum rc find_rejection(const struct act *act, const struct row_appeal *a, const struct row_event *events,
                              size_t n, const struct row_event **found) {
    struct row_event *e = NULL;
    while (n-- > 0)
        if (events[n].action == ACT_REJECT) {
            *found = &events[n];
            return RC_OK;
        }
    enum rc rc = db_row(act->db, ST_event_done, DB_VALUES(v_id(a->id), v_int(ACT_REJECT)), act->arena, &e);
    *found = e;
    return rc;
}

/* What became of it when the matter ended: by whom it is rejected, all of it is; one demand is answered by the result. */
static struct demand ended(struct request *req, const struct row_appeal *a, const struct demand *d, size_t of,
                           const struct row_event *rejection) {
    struct demand one = {.text = d->text};
    if (a->state == STATE_REJECTED && rejection) {
        const struct reason *reason = reason_by_id(app_district(), rejection->reason_id);
        one.outcome = DEMAND_REFUSED;
        one.answer = rejection->text;
        if (reason) one.reason = req->english ? reason->name_en : reason->name;
    } else if (a->state == STATE_RESOLVED || a->state == STATE_CLOSED) {
        if (of > 1 || d->outcome) return *d;
        one.outcome = DEMAND_ANSWERED;
        one.answer = a->result;
    }
    return one; /* answers of an earlier round hold no more */
}

enum rc view_demands(struct request *req, struct json_out *w, const struct act *act, const struct row_appeal *a,
                     const struct row_event *events, size_t n) {
    struct demands d;
    const struct row_event *rejection = NULL;
    enum rc rc = demands_of(act, a, event_numbered(events, n, a->demands_n), &d);
    if (rc == RC_OK && d.n && a->state == STATE_REJECTED) rc = find_rejection(act, a, events, n, &rejection);
    jw_key(w, "demands");
    jw_begin_array(w);
    for (size_t i = 0; rc == RC_OK && i < d.n; i++) {
        struct demand one = ended(req, a, &d.list[i], d.n, rejection);
        write_demand(req, w, i + 1, &one);
    }
    jw_end_array(w);
    return rc;
}
