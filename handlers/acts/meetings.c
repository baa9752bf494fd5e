/* What becomes of the meetings and site visits of joint handling. */
#include "acts/meetings.h"

#include "acts/audit.h"
#include "acts/change_private.h"
#include "acts/parts.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/timefmt.h"
#include "base/uuid.h"

enum { JSON_MAX = 60000 };

enum rc meeting_may_call(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->meetings >= MEETINGS_MAX ? RC_LIMIT_REACHED : RC_OK;
}

enum rc meeting_may_end(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->meetings ? RC_OK : RC_CONFLICT;
}

/* ---- what is kept of people and decisions ---- */

static void write_owner(struct json_out *w, const struct unit *unit, struct str organisation) {
    jw_key_int(w, "unit", unit ? unit->id : 0);
    jw_key_str(w, "organisation", unit ? (struct str){0} : organisation);
}

static void write_people(struct json_out *w, const char *key, const struct attendee *list, size_t n) {
    jw_key(w, key);
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        jw_begin_object(w);
        write_owner(w, list[i].unit, list[i].organisation);
        jw_key_str(w, "name", list[i].name);
        jw_key_str(w, "role", list[i].role);
        jw_end_object(w);
    }
    jw_end_array(w);
}

/* The list of a document under this name, as it stands in it; "[]" where there is none. */
static struct str kept_list(struct str json, const char *begin, const char *end) {
    const char *from = memmem(json.p, json.n, begin, strlen(begin));
    if (!from) return STR("[]");
    from += strlen(begin);
    const char *to = *end ? memmem(from, (size_t)(json.p + json.n - from), end, strlen(end)) : json.p + json.n - 1;
    return to ? (struct str){from, (size_t)(to - from)} : STR("[]");
}

#define INVITED "{\"invited\":"
#define CAME ",\"came\":"

/* before: what was kept until now, whose invited stay. */
static enum rc seal_people(struct act *act, const struct meeting *m, struct str before, struct row_meeting *row) {
    struct buf b;
    struct json_out w;
    buf_init(&b, act->arena, JSON_MAX);
    jw_init(&w, &b);
    jw_begin_object(&w);
    if (before.n) {
        jw_key(&w, "invited");
        jw_raw(&w, kept_list(before, INVITED, CAME));
    } else {
        write_people(&w, "invited", m->invited, m->invited_count);
    }
    write_people(&w, "came", m->came, m->came_count);
    jw_end_object(&w);
    if (b.failed) return RC_INTERNAL;
    return seal(act->keys, PLACE_MEETING_PEOPLE, row->id, buf_str(&b), act->arena, &row->people);
}

enum rc meeting_people(const struct act *act, const struct row_meeting *m, struct str *json) {
    return unseal(act->keys, PLACE_MEETING_PEOPLE, m->id, m->people, act->arena, json);
}

static struct str keep_decisions(struct act *act, const struct meeting *m) {
    struct buf b;
    struct json_out w;
    buf_init(&b, act->arena, JSON_MAX);
    jw_init(&w, &b);
    jw_begin_array(&w);
    for (size_t i = 0; i < m->decision_count; i++) {
        const struct decision *d = &m->decisions[i];
        jw_begin_object(&w);
        jw_key_str(&w, "text", d->text);
        write_owner(&w, d->unit, d->organisation);
        jw_key_int(&w, "due_by", d->due_by);
        jw_key_int(&w, "part", d->part);
        jw_end_object(&w);
    }
    jw_end_array(&w);
    return b.failed ? (struct str){0} : buf_str(&b);
}

/* Whom the notices go to, each unit once. */
static struct str list_units(struct act *act, const struct meeting *m) {
    struct buf b;
    buf_init(&b, act->arena, 1000);
    for (size_t i = 0; i < m->invited_count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) again |= unit_is(m->invited[k].unit, m->invited[i].unit);
        if (m->invited[i].unit && !again) buf_printf(&b, "%s%lld", b.n ? "," : "", (long long)m->invited[i].unit->id);
    }
    return b.failed ? (struct str){0} : b.n ? buf_str(&b) : STR("");
}

/* ---- rows ---- */

static enum rc bind_to_event(struct act *act, const struct row_appeal *a, struct row_meeting *row) {
    row->event_n = a->events + 1;
    act->event->detail = row->n;
    return audit_meeting_mac(act->keys, row, row->mac) ? RC_OK : RC_INTERNAL;
}

static enum rc insert(struct act *act, struct row_appeal *a, const struct meeting *m, struct row_meeting *row) {
    memcpy(row->appeal_id, a->id, 16);
    row->n = a->meetings + 1;
    row->starts_at = m->starts_at;
    row->place = m->place;
    row->agenda = m->agenda.p ? m->agenda : STR("");
    row->invited = list_units(act, m);
    row->made_at = act->now_us;
    if (!row->invited.p || !uuid_make(act->now_us, row->id)) return RC_INTERNAL;
    enum rc rc = seal_people(act, m, (struct str){0}, row);
    if (rc == RC_OK) rc = bind_to_event(act, a, row);
    a->meetings++;
    if (rc != RC_OK) return rc;
    return db_run(act->db, ST_meeting_insert,
                  DB_VALUES(v_id(row->appeal_id), v_int(row->n), v_id(row->id), v_int(row->event_n), v_int(row->kind),
                            v_int(row->state), v_time(row->starts_at), v_text(row->place), v_text(row->agenda),
                            v_text(row->invited), v_bytes(row->people), v_text_or_null(row->minutes),
                            v_time(row->made_at), v_time_or_null(row->held_at), v_hash(row->mac)),
                  NULL);
}

/* The resident is told what is meant for him, and of nothing else. */
static void tell_resident(struct act *act, const struct meeting *m) {
    act->event->public = m->public_text.p != NULL;
    act->event->text = m->public_text;
    if (m->public_text.p) act->event->notify |= N_REPORTER;
}

enum rc meeting_call(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_meeting row = {.kind = MEETING_MEETING, .state = MEETING_CALLED};
    if (c->meeting->starts_at <= act->now_us)
        return act_fail(act, RC_CONFLICT, "会议时间须在现在之后；已经开过的会，请先邀请再补写纪要。",
                        "A meeting is called for a time to come.");
    if (c->meeting->starts_at > act->now_us + MEETING_AHEAD_DAYS * DAY_S * SECOND_US)
        return act_fail(act, RC_CONFLICT, "会议时间须在一年之内。", "A meeting is called for within a year.");
    return insert(act, a, c->meeting, &row);
}

enum rc meeting_visit(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_meeting row = {
        .kind = MEETING_VISIT, .state = MEETING_HELD, .minutes = c->meeting->minutes, .held_at = act->now_us};
    if (c->meeting->starts_at > act->now_us)
        return act_fail(act, RC_CONFLICT, "现场查看的时间不能在现在之后。", "A site visit is written down afterwards.");
    tell_resident(act, c->meeting);
    return insert(act, a, c->meeting, &row);
}

enum rc meeting_held(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_meeting *row;
    struct str people;
    enum rc rc = db_row(act->db, ST_meeting_lock, DB_VALUES(v_id(a->id), v_int(c->detail)), act->arena, &row);
    if (rc == RC_OK && !row) rc = RC_NOT_FOUND;
    if (rc == RC_OK && row->state != MEETING_CALLED)
        rc = act_fail(act, RC_CONFLICT, "这次会议已有纪要。", "This meeting has its minutes already.");
    if (rc == RC_OK) rc = meeting_people(act, row, &people);
    bool untouched = false;
    if (rc == RC_OK) rc = audit_meeting_untouched(act->keys, row, &untouched);
    if (rc != RC_OK) return rc;
    uint8_t mac[32];
    memcpy(mac, row->mac, 32);
    row->state = MEETING_HELD;
    row->minutes = c->meeting->minutes;
    row->decisions = keep_decisions(act, c->meeting);
    row->held_at = act->now_us;
    if (!row->decisions.p) return RC_INTERNAL;
    rc = seal_people(act, c->meeting, people, row);
    if (rc == RC_OK) rc = bind_to_event(act, a, row);
    if (rc != RC_OK) return rc;
    if (!untouched) memcpy(row->mac, mac, 32); /* so that the mark of what was written past the product stays */
    tell_resident(act, c->meeting);
    return db_run(act->db, ST_meeting_update,
                  DB_VALUES(v_int(row->event_n), v_int(row->state), v_bytes(row->people), v_text(row->minutes),
                            v_text(row->decisions), v_time(row->held_at), v_hash(row->mac), v_id(row->appeal_id),
                            v_int(row->n)),
                  NULL);
}

/* ---- minutes with parts ---- */

static enum rc make_part(struct act *act, const uint8_t appeal[16], struct decision *d, struct row_appeal **after) {
    struct part_call call = {.unit = d->unit, .organisation = d->organisation, .due_by = d->due_by};
    struct change c = {.action = ACT_COHANDLE, .text = d->text, .call = &call};
    enum rc rc = appeal_change(act, appeal, &c, after);
    if (rc == RC_OK) d->part = (*after)->parts;
    return rc;
}

enum rc meeting_minutes(struct act *act, const uint8_t appeal[16], int64_t n, struct meeting *m,
                        struct row_appeal **after) {
    struct change c = {.action = ACT_MEETING_HELD, .detail = n, .meeting = m};
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < m->decision_count; i++)
        if (m->decisions[i].as_part) rc = make_part(act, appeal, &m->decisions[i], after);
    return rc == RC_OK ? appeal_change(act, appeal, &c, after) : rc;
}
