/* One appeal in full: for its reporter, for the third party that posted it, for staff. */
#include "view.h"

#include "acts/pause.h"
#include "acts/weigh.h"
#include "base/uuid.h"
#include "demands.h"
#include "rules/clock.h"
#include "rules/ledger.h"
#include "rules/scrub.h"
#include "rules/suggestion.h"
#include "rules/urgency.h"

#include <stdio.h>

/* Everything the answer is made of, read before the first byte is written. */
struct dossier {
    const struct row_appeal *a;
    struct row_event *events;
    struct row_ledger *lines;
    struct row_attachment *photos;
    struct row_lead *lead;        /* NULL: it follows none */
    struct row_split_link *links; /* what was split off it, and what it was split off from */
    size_t link_count;
    size_t event_count, line_count, photo_count;
    uint32_t relations;
};

/* An appeal that was just submitted is known; only its photos, if it has any, are looked up. */
static bool take_fresh(const struct act *act, struct dossier *d) {
    if (!act->first_event || d->a->events != 1 || memcmp(act->first_event->appeal_id, d->a->id, 16) != 0) return false;
    d->events = act->first_event;
    d->event_count = 1;
    return true;
}

static enum rc read_photos(struct act *act, struct dossier *d) {
    return db_rows(act->db, ST_attachments_of, DB_VALUES(v_id(d->a->id)), act->arena, &d->photos, &d->photo_count);
}

enum { LINKS_MAX = 12 };

/* The other appeal that an entry made, or came from by a split; NULL: none. */
static const uint8_t *linked_by(const struct row_event *e) {
    bool split = e->action == ACT_SPLIT || e->action == ACT_SUBMIT;
    return split && !uuid_is_zero(e->target_id) ? e->target_id : NULL;
}

/* As the timeline of the answer tells; the newest, if there are many. */
static enum rc read_links(struct act *act, struct dossier *d) {
    struct db_value ids[LINKS_MAX];
    size_t n = 0;
    for (size_t i = d->event_count; i-- > 0 && n < LINKS_MAX;)
        if (linked_by(&d->events[i])) ids[n++] = v_id(d->events[i].target_id);
    if (!n) return RC_OK;
    for (size_t i = n; i < LINKS_MAX; i++) ids[i] = ids[0];
    return db_rows(act->db, ST_split_links, ids, LINKS_MAX, act->arena, &d->links, &d->link_count);
}

static enum rc read_dossier(struct request *req, struct act *act, struct dossier *d) {
    if (take_fresh(act, d)) return act->photos ? read_photos(act, d) : RC_OK;
    enum statement events = may_see_notes(d->relations) ? ST_events_all : ST_events_public;
    int64_t from = d->a->events > TIMELINE_IN_APPEAL ? d->a->events - TIMELINE_IN_APPEAL : 0;
    enum rc rc = db_rows(act->db, events, DB_VALUES(v_id(d->a->id), v_int(from), v_int(TIMELINE_IN_APPEAL)), act->arena,
                         &d->events, &d->event_count);
    /* What happened since the appeal was read is told when it is read as well: a timeline never runs ahead of the state beside it. */
    while (d->event_count && d->events[d->event_count - 1].n > d->a->events) d->event_count--;
    if (rc == RC_OK && d->a->lines_closed)
        rc = db_rows(act->db, ST_ledger_lines, DB_VALUES(v_id(d->a->id)), act->arena, &d->lines, &d->line_count);
    if (rc == RC_OK && !principal_of(req)->client) rc = read_photos(act, d);
    if (rc == RC_OK) rc = read_links(act, d);
    if (rc == RC_OK && !uuid_is_zero(d->a->lead_id))
        rc = db_row(act->db, ST_lead_of, DB_VALUES(v_id(d->a->lead_id)), act->arena, &d->lead);
    return rc;
}

static void number_or_null(struct json_out *w, const char *key, int64_t n) {
    jw_key(w, key);
    if (n) jw_int(w, n);
    else jw_null(w);
}

static void degrees_or_null(struct json_out *w, const char *key, int64_t n) {
    jw_key(w, key);
    if (n) jw_degrees(w, n);
    else jw_null(w);
}

static void write_matter(struct request *req, struct json_out *w, const struct row_appeal *a) {
    const struct district *d = app_district();
    jw_key_uuid(w, "id", a->id);
    jw_key_str(w, "number", a->number);
    view_word(req, w, "channel", channel_words, a->channel);
    view_word(req, w, "kind", kind_words, a->kind);
    jw_key_str(w, "title", a->title);
    jw_key_str(w, "text", a->text);
    view_category(req, w, "category", category_by_id(d, a->category_id));
    view_word(req, w, "urgency", urgency_words, a->urgency);
    view_place(req, w, "place", place_by_id(d, a->place_id));
    jw_key_str(w, "address", a->address);
    degrees_or_null(w, "lng", a->lng);
    degrees_or_null(w, "lat", a->lat);
    view_unit(req, w, "about_unit", unit_by_id(d, a->about_unit_id));
    jw_key_bool(w, "withhold_name", a->withheld);
}

/* What was answered to the category's questions, in the words of that day. */
static void write_form(struct request *req, struct json_out *w, const struct row_appeal *a) {
    struct str rest = a->form;
    struct form_line line;
    jw_key(w, "form_answers");
    jw_begin_array(w);
    while (form_next(&rest, &line)) {
        struct str text = req->english ? line.text_en : line.text;
        jw_begin_object(w);
        jw_key_str(w, "question", line.question);
        jw_key_str(w, "label", req->english ? line.label_en : line.label);
        jw_key_str(w, "value", line.value);
        jw_key_str(w, "text", text.n ? text : line.value);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_progress(struct request *req, struct json_out *w, const struct row_appeal *a) {
    const struct district *d = app_district();
    view_word(req, w, "state", state_words, a->state);
    jw_key_int(w, "round", a->round);
    jw_key_int(w, "version", a->version);
    view_time(w, "submitted_at", a->submitted_at);
    view_time(w, "updated_at", a->updated_at);
    view_unit(req, w, "holder", unit_by_id(d, a->holder_unit_id));
    view_unit(req, w, "first_unit", unit_by_id(d, a->first_unit_id));
    view_time(w, "respond_by", a->respond_by);
    view_time(w, "resolve_by", a->resolve_by);
    jw_key_bool(w, "provisional", a->provisional);
    view_time(w, "responded_at", a->responded_at);
    view_time(w, "resolved_at", a->resolved_at);
    view_time(w, "closed_at", a->closed_at);
    jw_key_bool(w, "overdue", a->overdue);
    view_word(req, w, "outcome", outcome_words, a->outcome);
    jw_key_str(w, "result", a->result);
    jw_key(w, "solved");
    if (a->solved) jw_bool(w, a->solved == 1);
    else jw_null(w);
    number_or_null(w, "stars", a->stars);
    jw_key_str(w, "rating_comment", principal_of(req)->client ? (struct str){0} : a->rating_comment);
}

/* What waits for the resident's answer. It began with the pause, whose line is the open one. */
static void write_question(struct json_out *w, const struct row_appeal *a) {
    jw_key(w, "question");
    if (!a->answer_by) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_key_str(w, "text", a->question);
    view_time(w, "asked_at", a->held_since);
    view_time(w, "answer_by", a->answer_by);
    jw_end_object(w);
}

/* Of the matter that it follows, which is another reporter's: how far it is. Which one it is, staff learn. */
static void write_lead(struct request *req, struct json_out *w, const struct row_lead *lead) {
    jw_key(w, "lead");
    if (!lead) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    if (principal_of(req)->staff) {
        jw_key_uuid(w, "id", lead->id);
        jw_key_str(w, "number", lead->number);
    }
    view_word(req, w, "state", state_words, lead->state);
    view_unit(req, w, "holder", unit_by_id(app_district(), lead->holder_unit_id));
    view_time(w, "submitted_at", lead->submitted_at);
    jw_key_int(w, "followers", lead->followers);
    jw_end_object(w);
}

/* Until when the unit above let it rest, and why; the open line of the ledger says since when. */
static void write_suspension(struct request *req, struct json_out *w, const struct row_appeal *a) {
    jw_key(w, "suspension");
    if (!a->suspended_until) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    view_time(w, "since", a->held_since);
    view_time(w, "until", a->suspended_until);
    view_reason(req, w, "reason", reason_by_id(app_district(), a->suspend_reason_id));
    jw_end_object(w);
}

static void write_link(struct request *req, struct json_out *w, const struct row_split_link *l) {
    jw_begin_object(w);
    jw_key_uuid(w, "id", l->id);
    jw_key_str(w, "number", l->number);
    jw_key_str(w, "title", l->title);
    view_word(req, w, "state", state_words, l->state);
    jw_end_object(w);
}

static const struct row_split_link *link_to(const struct dossier *d, const uint8_t *id) {
    for (size_t i = 0; id && i < d->link_count; i++)
        if (memcmp(d->links[i].id, id, 16) == 0) return &d->links[i];
    return NULL;
}

/* In the order that they were split off in: ids of one moment have none. What it was split off from is named by its first entry. */
static void write_links(struct request *req, struct json_out *w, const struct dossier *d) {
    const struct row_split_link *whole = NULL;
    jw_key(w, "split_into");
    jw_begin_array(w);
    for (size_t i = 0; i < d->event_count; i++) {
        const struct row_split_link *l = link_to(d, linked_by(&d->events[i]));
        if (l && d->events[i].action == ACT_SUBMIT) whole = l;
        else if (l) write_link(req, w, l);
    }
    jw_end_array(w);
    jw_key(w, "split_from");
    if (whole) write_link(req, w, whole);
    else jw_null(w);
}

static void write_timeline(struct request *req, struct json_out *w, const struct dossier *d) {
    jw_key(w, "timeline");
    jw_begin_array(w);
    for (size_t i = 0; i < d->event_count; i++) view_event(req, w, &d->events[i]);
    jw_end_array(w);
}

static void write_photos(struct json_out *w, const struct dossier *d) {
    jw_key(w, "attachments");
    jw_begin_array(w);
    for (size_t i = 0; i < d->photo_count; i++) {
        jw_begin_object(w);
        jw_key_uuid(w, "id", d->photos[i].id);
        jw_key_z(w, "media_type", d->photos[i].media_type == 1 ? "image/jpeg" : "image/png");
        jw_key_int(w, "bytes", d->photos[i].bytes);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_line(struct request *req, struct json_out *w, const struct row_ledger *l) {
    jw_begin_object(w);
    view_unit(req, w, "unit", unit_by_id(app_district(), l->unit_id));
    jw_key_z(w, "kind", l->kind == 1 + LEDGER_PAUSE ? "pause" : "held");
    jw_key_int(w, "round", l->round);
    view_time(w, "starts_at", l->starts_at);
    view_time(w, "ends_at", l->ends_at);
    jw_key_int(w, "wall_seconds", l->wall_seconds);
    jw_key_int(w, "working_seconds", l->working_seconds);
    jw_key_bool(w, "step_ran_out", l->step_ran_out);
    view_reason(req, w, "reason", reason_by_id(app_district(), l->reason_id));
    jw_end_object(w);
}

/* The closed lines, and the open one with its seconds so far, so that they add up to now. */
static void write_ledger(struct request *req, struct json_out *w, const struct dossier *d) {
    jw_key(w, "ledger");
    jw_begin_array(w);
    for (size_t i = 0; i < d->line_count; i++) write_line(req, w, &d->lines[i]);
    if (state_runs((enum state)d->a->state)) {
        const struct calendar *cal = &app_district()->calendar;
        struct row_ledger open = {.kind = 1 + (appeal_paused(d->a) ? LEDGER_PAUSE : LEDGER_HELD),
                                  .round = d->a->round,
                                  .unit_id = d->a->holder_unit_id,
                                  .starts_at = d->a->held_since,
                                  .reason_id = d->a->suspend_reason_id,
                                  .wall_seconds = clock_wall_seconds(d->a->held_since, req->now_us),
                                  .working_seconds = clock_working_seconds(cal, d->a->held_since, req->now_us)};
        write_line(req, w, &open);
    }
    jw_end_array(w);
}

static void write_allowed(struct json_out *w, struct action_set allowed) {
    jw_key(w, "allowed");
    jw_begin_array(w);
    for (int i = 1; i < ACT__MAX; i++)
        if (allowed.has[i]) jw_z(w, action_words[i].code);
    jw_end_array(w);
}

/* ---- staff only ---- */

static enum rc write_reporter(struct act *act, struct json_out *w, const struct dossier *d) {
    struct str name = {0}, phone = {0};
    if (may_see_reporter(d->relations, d->a->withheld)) {
        enum rc rc = unseal(act->keys, PLACE_APPEAL_NAME, d->a->id, d->a->reporter_name, act->arena, &name);
        if (rc == RC_OK) rc = unseal(act->keys, PLACE_APPEAL_PHONE, d->a->id, d->a->reporter_phone, act->arena, &phone);
        if (rc != RC_OK) return rc;
    }
    jw_key(w, "reporter");
    jw_begin_object(w);
    view_masked(w, "name", name, mask_name, act->arena);
    view_masked(w, "phone", phone, mask_phone, act->arena);
    jw_key_bool(w, "withheld", d->a->withheld);
    jw_end_object(w);
    return RC_OK;
}

static void write_probability(struct json_out *w, const char *key, double p) {
    char text[16];
    int n = snprintf(text, sizeof text, "%.4f", p);
    jw_key(w, key);
    if (p > 0) jw_raw(w, (struct str){text, (size_t)n});
    else jw_null(w);
}

static void write_guess(struct request *req, struct json_out *w, const struct suggested *g) {
    jw_begin_object(w);
    view_category(req, w, "category", category_by_id(app_district(), g->category_id));
    write_probability(w, "probability", g->probability);
    jw_key(w, "words");
    jw_begin_array(w);
    for (size_t i = 0; i < g->word_count; i++) jw_str(w, g->words[i]);
    jw_end_array(w);
    jw_end_object(w);
}

/* How the category was found, and between what a dispatcher may choose where nobody was sure. */
static enum rc write_classification(struct request *req, struct json_out *w, const struct row_appeal *a) {
    struct suggestion s = {0};
    if (a->suggestion.n && !suggestion_read(a->suggestion, &s)) return RC_INTERNAL; /* changed by hand */
    jw_key(w, "classification");
    if (!a->classified_by && !a->suggestion.n) {
        jw_null(w);
        return RC_OK;
    }
    jw_begin_object(w);
    view_word(req, w, "by", classified_by_words, a->classified_by);
    write_probability(w, "probability", s.probability);
    jw_key(w, "guesses");
    jw_begin_array(w);
    for (size_t i = 0; i < s.count; i++) write_guess(req, w, &s.guesses[i]);
    jw_end_array(w);
    jw_end_object(w);
    return RC_OK;
}

/* Every action that staff know, with the reason where it is not possible now. */
static void write_actions(struct request *req, struct act *act, struct json_out *w, const struct dossier *d) {
    jw_key(w, "actions");
    jw_begin_array(w);
    for (int i = ACT_ACCEPT; i < ACT__MAX; i++) {
        if (!(transition_of((enum action)i)->relations &
              (REL_HANDLER | REL_ASSIGNEE | REL_DISPATCHER | REL_ABOVE | REL_FIRST | REL_COUNIT)))
            continue;
        const struct word *why = appeal_why_not(act, d->a, (enum action)i);
        jw_begin_object(w);
        jw_key_z(w, "action", action_words[i].code);
        jw_key_z(w, "name", req->english ? action_words[i].en : action_words[i].zh);
        jw_key_bool(w, "allowed", why == NULL);
        jw_key_z(w, "why", why ? (req->english ? why->en : why->zh) : NULL);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_weight(struct request *req, struct json_out *w, const struct row_appeal *a) {
    jw_key(w, "weight");
    if (!a->weight) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_key_z(w, "code", weight_words[a->weight].code);
    jw_key_z(w, "name", req->english ? weight_words[a->weight].en : weight_words[a->weight].zh);
    view_word(req, w, "loop", loop_words, a->weight);
    jw_key_z(w, "by", a->weighed_by == WEIGHED_BY_STAFF ? "staff" : "rules");
    jw_key_bool(w, "repeated", a->weighed_by == WEIGHED_AS_REPEATED);
    jw_end_object(w);
}

static enum rc write_staff_part(struct request *req, struct act *act, struct json_out *w, const struct dossier *d) {
    static const uint8_t nobody[16];
    const struct row_appeal *a = d->a;
    enum rc rc = write_reporter(act, w, d);
    jw_key(w, "assignee_post_id");
    if (memcmp(a->assignee_id, nobody, 16)) jw_uuid(w, a->assignee_id);
    else jw_null(w);
    view_time(w, "step_by", a->step_by);
    view_unit(req, w, "sender_unit", unit_by_id(act->district, a->sender_unit_id));
    view_word(req, w, "arrival", arrival_words, a->arrival);
    jw_key_int(w, "returns", a->returns);
    jw_key_int(w, "transfers", a->transfers);
    jw_key_int(w, "parts", a->parts);
    jw_key_int(w, "parts_left", a->parts_left);
    jw_key_int(w, "meetings", a->meetings);
    jw_key_str(w, "external_id", a->external_id);
    write_weight(req, w, a);
    view_word(req, w, "request", request_words, a->request);
    if (rc == RC_OK) rc = write_classification(req, w, a);
    view_time(w, "contact_by", a->contact_by);
    number_or_null(w, "proposal", a->proposal_n);
    jw_key_bool(w, "reply_owed", !uuid_is_zero(a->reply_to));
    view_time(w, "reply_by", a->reply_by);
    write_actions(req, act, w, d);
    return rc;
}

/* Only with the answer to the submission: whom to call about what its text says is happening. */
static void write_advice(struct request *req, struct json_out *w, uint32_t dangers) {
    if (!dangers) return;
    jw_key(w, "advice");
    jw_begin_array(w);
    for (int i = 1; i < DANGER__MAX; i++) {
        const struct danger_advice *advice = dangers & DANGER_BIT(i) ? danger_advice((enum danger)i) : NULL;
        if (!advice) continue;
        jw_begin_object(w);
        view_word(req, w, "danger", danger_words, i);
        jw_key_z(w, "phone", advice->phone);
        jw_key_z(w, "text", req->english ? advice->en : advice->zh);
        jw_end_object(w);
    }
    jw_end_array(w);
}

void appeal_etag(struct request *req, struct response *res, const struct row_appeal *a) {
    char tag[48];
    snprintf(tag, sizeof tag, "%lld.%lld%s", (long long)a->version, (long long)a->events, req->english ? ".en" : "");
    response_etag(res, tag);
}

enum rc view_appeal(struct request *req, struct response *res, struct act *act, const struct row_appeal *a) {
    struct dossier d = {.a = a, .relations = appeal_relations(act, a)};
    struct json_out *w = &res->json;
    enum rc rc = read_dossier(req, act, &d);
    if (rc != RC_OK) return rc;
    jw_begin_object(w);
    write_matter(req, w, a);
    write_form(req, w, a);
    write_progress(req, w, a);
    write_question(w, a);
    rc = view_demands(req, w, act, a, d.events, d.event_count);
    if (rc != RC_OK) return rc;
    write_lead(req, w, d.lead);
    write_links(req, w, &d);
    jw_key_int(w, "followers", a->followers);
    write_suspension(req, w, a);
    jw_key_int(w, "extended_days", a->extended);
    view_time(w, "planned_for", a->planned_for);
    if (principal_of(req)->client) jw_key_str(w, "external_id", a->external_id);
    write_timeline(req, w, &d);
    if (!principal_of(req)->client) write_photos(w, &d);
    write_ledger(req, w, &d);
    write_allowed(w, appeal_allowed(act, a));
    if (principal_of(req)->staff) rc = write_staff_part(req, act, w, &d);
    write_advice(req, w, act->dangers);
    jw_end_object(w);
    appeal_etag(req, res, a);
    return rc;
}
