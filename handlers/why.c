/* Staff: why an appeal is where it is. */
#include "resources.h"

#include "acts/why.h"
#include "base/timefmt.h"
#include "view.h"

static const struct word decider_words[] = {
    [BY_UNKNOWN] = {"unknown", "未留下记录", "Not recorded"},
    [BY_RULE] = {"rule", "按派单规则", "A routing rule"},
    [BY_PLACE] = {"place", "按地点所属单位", "The unit of the place"},
    [BY_DISTRICT] = {"district", "地点不明，由区级接收", "No place is known: the district"},
    [BY_KEY] = {"key", "按接入方的派单范围", "What the third party's key may post to"},
    [BY_STAFF] = {"staff", "人工流转", "Staff moved it"},
    [BY_CLOCK] = {"clock", "超时自动上报", "The step clock ran out"},
};
static const struct word passing_words[] = {
    [PASSED_CLOSED] = {"closed", "单位已停用", "The unit is closed"},
    [PASSED_COMPLAINED_OF] = {"complained_of", "被投诉单位", "It is complained of"},
    [PASSED_INTEREST] = {"interest", "与被投诉单位有利害关系", "It has an interest with the unit complained of"},
};

static void view_day(struct json_out *w, const char *key, int32_t day) {
    char text[16];
    int year, month, date;
    date_from_days(day, &year, &month, &date);
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, date);
    jw_key_z(w, key, day ? text : NULL);
}

static void view_rule(struct request *req, struct json_out *w, const struct route_rule *r, int64_t retired_at) {
    jw_key(w, "rule");
    if (!r) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_key_int(w, "number", r->id);
    view_category(req, w, "category", r->category);
    view_unit(req, w, "area", r->area);
    view_place(req, w, "place", r->place);
    view_word(req, w, "channel", channel_words, r->channel);
    view_word(req, w, "kind", kind_words, r->kind);
    view_word(req, w, "tier", tier_words, r->tier);
    view_unit(req, w, "unit", r->unit);
    view_day(w, "valid_from", r->valid_from);
    view_day(w, "valid_until", r->valid_until);
    jw_key_str(w, "basis", r->basis.n ? r->basis : (struct str){0});
    view_time(w, "imported_at", r->imported_at);
    view_time(w, "retired_at", retired_at);
    jw_end_object(w);
}

static void view_passed(struct request *req, struct json_out *w, const struct unit *named, const struct unit *got,
                        const struct unit *about) {
    view_unit(req, w, "named", named);
    jw_key(w, "passed_over");
    jw_begin_array(w);
    for (const struct unit *u = named; u && !unit_is(u, got); u = u->parent) {
        jw_begin_object(w);
        view_unit(req, w, "unit", u);
        view_word(req, w, "why", passing_words, passing_of(u, about));
        jw_end_object(w);
    }
    jw_end_array(w);
    view_unit(req, w, "unit", got);
}

static void view_step(struct request *req, struct json_out *w, const struct why *why, const struct why_step *s) {
    const struct district *d = app_district();
    const struct row_event *e = s->event;
    jw_begin_object(w);
    jw_key_int(w, "n", e->n);
    view_time(w, "at", e->at);
    view_word(req, w, "action", action_words, e->action);
    view_word(req, w, "by", decider_words, s->by);
    view_rule(req, w, s->rule, s->retired_at);
    view_passed(req, w, s->named, unit_by_id(d, e->unit_id), why->about);
    view_unit(req, w, "from_unit", unit_by_id(d, e->from_unit_id));
    view_reason(req, w, "reason", reason_by_id(d, e->reason_id));
    jw_end_object(w);
}

enum rc explain_routing(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct json_out *w = &res->json;
    struct row_appeal *a;
    struct why why;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    if (rc == RC_OK) rc = appeal_why(&act, a, &why);
    if (rc != RC_OK) return rc;
    jw_begin_object(w);
    jw_key(w, "steps");
    jw_begin_array(w);
    for (size_t i = 0; i < why.n; i++) view_step(req, w, &why, &why.steps[i]);
    jw_end_array(w);
    jw_key(w, "now");
    jw_begin_object(w);
    view_word(req, w, "by", decider_words, routed_by(&why.now));
    view_rule(req, w, why.now.rule, 0);
    view_passed(req, w, why.now.named, why.now.unit, why.about);
    jw_end_object(w);
    jw_end_object(w);
    return RC_OK;
}
