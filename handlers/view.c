/* The parts that several answers share. */
#include "view.h"

#include "base/timefmt.h"
#include "rules/transitions.h"

#include <stdio.h>

static const char *pick(const struct request *req, const char *zh, const char *en) {
    return req->english && en && *en ? en : zh;
}

static struct str pick_str(const struct request *req, struct str zh, struct str en) {
    return req->english && en.n ? en : zh;
}

void view_word_of(struct request *req, struct json_out *w, const char *key, const struct word *words, size_t count,
                  int64_t value) {
    jw_key(w, key);
    if (value < 0 || (uint64_t)value >= count || !words[value].code[0]) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_key_z(w, "code", words[value].code);
    jw_key_z(w, "name", pick(req, words[value].zh, words[value].en));
    jw_end_object(w);
}

static void named(struct json_out *w, struct str code, struct str name) {
    jw_begin_object(w);
    jw_key_str(w, "code", code);
    jw_key_str(w, "name", name);
}

void view_unit(struct request *req, struct json_out *w, const char *key, const struct unit *unit) {
    jw_key(w, key);
    if (!unit) {
        jw_null(w);
        return;
    }
    named(w, unit->code, pick_str(req, unit->name, unit->name_en));
    view_word(req, w, "tier", tier_words, unit->tier);
    jw_end_object(w);
}

void view_category(struct request *req, struct json_out *w, const char *key, const struct category *category) {
    jw_key(w, key);
    if (!category) {
        jw_null(w);
        return;
    }
    named(w, category->code, pick_str(req, category->name, category->name_en));
    jw_end_object(w);
}

void view_place(struct request *req, struct json_out *w, const char *key, const struct place *place) {
    (void)req;
    jw_key(w, key);
    if (!place) {
        jw_null(w);
        return;
    }
    named(w, place->code, place->name);
    jw_end_object(w);
}

void view_stop(struct json_out *w, const char *key, const struct stopper *s) {
    jw_key(w, key);
    if (!s) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_key_str(w, "text", s->text);
    jw_key_str(w, "text_en", s->text_en);
    jw_key_str(w, "phone", s->phone.n ? s->phone : (struct str){0});
    jw_key_str(w, "link", s->link.n ? s->link : (struct str){0});
    jw_end_object(w);
}

void view_reason(struct request *req, struct json_out *w, const char *key, const struct reason *reason) {
    jw_key(w, key);
    if (!reason) {
        jw_null(w);
        return;
    }
    named(w, reason->code, pick_str(req, reason->name, reason->name_en));
    jw_key_str(w, "basis", reason->basis);
    jw_end_object(w);
}

void view_masked(struct json_out *w, const char *key, struct str value, struct str (*mask)(struct arena *, struct str),
                 struct arena *a) {
    struct str masked = value.p ? mask(a, value) : value;
    if (value.p && !masked.p) w->buf->failed = true;
    jw_key_str(w, key, masked);
}

void view_time(struct json_out *w, const char *key, int64_t us) { jw_key_time(w, key, us); }

/* Codes instead of names: what a list on a small screen needs, and what an act needs that follows from it. */
static void write_brief(struct json_out *w, const struct row_appeal_item *a) {
    bool known = a->state > 0 && a->state < STATE__MAX;
    jw_key_str(w, "state", known ? str_of(state_words[a->state].code) : (struct str){0});
    jw_key_int(w, "version", a->version);
    view_time(w, "resolve_by", a->resolve_by);
    jw_key_bool(w, "overdue", a->overdue);
}

void view_appeal_item(struct request *req, struct json_out *w, const struct row_appeal_item *a, bool brief) {
    const struct district *d = app_district();
    static const uint8_t nobody[16];
    jw_begin_object(w);
    jw_key_uuid(w, "id", a->id);
    jw_key_str(w, "number", a->number);
    jw_key_str(w, "title", a->title);
    if (brief) {
        write_brief(w, a);
        jw_end_object(w);
        return;
    }
    view_word(req, w, "kind", kind_words, a->kind);
    jw_key_str(w, "excerpt", a->excerpt);
    view_category(req, w, "category", category_by_id(d, a->category_id));
    view_place(req, w, "place", place_by_id(d, a->place_id));
    view_word(req, w, "state", state_words, a->state);
    jw_key_int(w, "version", a->version);
    view_unit(req, w, "holder", unit_by_id(d, a->holder_unit_id));
    view_time(w, "submitted_at", a->submitted_at);
    view_time(w, "updated_at", a->updated_at);
    view_time(w, "resolve_by", a->resolve_by);
    jw_key_bool(w, "overdue", a->overdue);
    jw_key(w, "stars");
    if (a->stars) jw_int(w, a->stars);
    else jw_null(w);
    if (principal_of(req)->staff) {
        view_word(req, w, "urgency", urgency_words, a->urgency);
        jw_key_str(w, "address", a->address);
        view_time(w, "respond_by", a->respond_by);
        view_time(w, "step_by", a->step_by);
        jw_key_bool(w, "assigned", memcmp(a->assignee_id, nobody, 16) != 0);
        view_word(req, w, "arrival", arrival_words, a->arrival);
        jw_key_int(w, "followers", a->followers);
        view_word(req, w, "weight", weight_words, a->weight);
        jw_key_bool(w, "paused", a->paused);
    }
    jw_end_object(w);
}

void view_date(struct json_out *w, const char *key, int64_t days) {
    int year, month, day;
    char text[16];
    date_from_days((int32_t)days, &year, &month, &day);
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    jw_key_z(w, key, days ? text : NULL);
}

void view_days(struct json_out *w, int64_t days) {
    jw_key(w, "days");
    if (days) jw_int(w, days);
    else jw_null(w);
}

/* Who did it, as far as the reader may know: a kind and a unit, never a person. */
static void view_actor(struct request *req, struct json_out *w, const struct row_event *e) {
    static const char *const kinds[ACTOR__MAX] = {"system", "resident", "staff", "client", "guest"};
    jw_key(w, "by");
    jw_begin_object(w);
    jw_key_z(w, "kind", kinds[e->actor_kind >= 0 && e->actor_kind < ACTOR__MAX ? e->actor_kind : ACTOR_SYSTEM]);
    view_unit(req, w, "unit", unit_by_id(app_district(), e->actor_unit_id));
    jw_end_object(w);
}

/* Whose detail is a number of days, or a day. */
static bool tells_days(enum action action) {
    return action == ACT_REQUEST_EXTENSION || action == ACT_EXTEND || action == ACT_SUPERVISE;
}
static bool tells_day(enum action action) {
    return action == ACT_REQUEST_SUSPENSION || action == ACT_SUSPEND || action == ACT_PLAN;
}

static void view_detail(struct request *req, struct json_out *w, const struct row_event *e) {
    if (e->action == ACT_RESOLVE || e->action == ACT_PROPOSE) view_word(req, w, "detail", outcome_words, e->detail);
    else if (e->action == ACT_PLAN) view_word(req, w, "detail", outcome_words, OUTCOME_PLANNED);
    else if (e->action == ACT_CONTACT) view_word(req, w, "detail", contact_words, e->detail);
    else if (e->action == ACT_CALLBACK || e->action == ACT_REDO) view_word(req, w, "detail", callback_words, e->detail);
    else {
        jw_key(w, "detail");
        jw_null(w);
    }
    jw_key(w, "stars");
    if (e->action == ACT_RATE) jw_int(w, e->detail);
    else jw_null(w);
    view_days(w, tells_days((enum action)e->action) ? e->detail : 0);
    view_date(w, "until", tells_day((enum action)e->action) ? e->detail : 0);
}

/* What units write to each other when a matter moves is not for the reporter (design §3: progress, never internal notes). */
static bool between_units(const struct request *req, const struct row_event *e) {
    const struct transition *t = transition_of((enum action)e->action);
    return !principal_of(req)->staff && t && t->effects & FX_INSIDE;
}

/* What a resident writes about an order is for those who work on it, not for the third party that posted it: of that one it may be. */
static bool between_resident_and_units(const struct request *req, const struct row_event *e) {
    return principal_of(req)->client && e->actor_kind == ACTOR_RESIDENT;
}

/* Which part or meeting it is about. */
static void view_joint_number(struct json_out *w, const struct row_event *e) {
    const struct transition *t = transition_of((enum action)e->action);
    jw_key(w, "part");
    if (t && t->effects & FX_PART) jw_int(w, e->detail);
    else jw_null(w);
    jw_key(w, "meeting");
    if (t && t->effects & FX_MEETING) jw_int(w, e->detail);
    else jw_null(w);
}

void view_event(struct request *req, struct json_out *w, const struct row_event *e) {
    const struct district *d = app_district();
    jw_begin_object(w);
    jw_key_int(w, "n", e->n);
    view_word(req, w, "action", action_words, e->action);
    view_time(w, "at", e->at);
    view_actor(req, w, e);
    bool shown = !between_units(req, e) && !between_resident_and_units(req, e);
    jw_key_str(w, "text", shown ? e->text : (struct str){0});
    view_word(req, w, "state", state_words, e->to_state);
    view_unit(req, w, "unit", unit_by_id(d, e->unit_id));
    view_unit(req, w, "from_unit", unit_by_id(d, e->from_unit_id));
    view_reason(req, w, "reason", reason_by_id(d, e->reason_id));
    view_detail(req, w, e);
    if (principal_of(req)->staff) {
        jw_key_bool(w, "public", e->public);
        view_joint_number(w, e);
    }
    jw_end_object(w);
}

/* What a notice is about: an appeal, which has a number, or a trouble, which has none; null where it is the other. */
static void view_noticed(struct json_out *w, const char *key, const struct row_notice *n, bool it_is, bool numbered) {
    jw_key(w, key);
    if (!it_is) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_key_uuid(w, "id", n->appeal_id);
    if (numbered) jw_key_str(w, "number", n->number);
    jw_key_str(w, "title", n->title);
    jw_end_object(w);
}

void view_notice(struct request *req, struct json_out *w, const struct row_notice *n) {
    bool trouble = n->kind == NOTICE_TROUBLE;
    jw_begin_object(w);
    jw_key_uuid(w, "id", n->id);
    view_noticed(w, "appeal", n, !trouble, true);
    view_noticed(w, "trouble", n, trouble, false);
    if (trouble) view_word(req, w, "action", news_words, n->action);
    else view_word(req, w, "action", action_words, n->action);
    view_unit(req, w, "unit", unit_by_id(app_district(), n->unit_id));
    jw_key_bool(w, "urgent", n->urgent);
    view_time(w, "created_at", n->created_at);
    jw_key_bool(w, "read", n->read_at != 0);
    jw_end_object(w);
}
