/* The transition's execution: effects, clocks, ledger, event. */
#include "acts/change.h"

#include "acts/audit.h"
#include "acts/change_private.h"
#include "acts/clean.h"
#include "acts/follow.h"
#include "acts/moves.h"
#include "acts/parts.h"
#include "acts/pause.h"
#include "acts/request.h"
#include "acts/review.h"
#include "acts/watch.h"
#include "base/crypto.h"
#include "base/uuid.h"

enum { NUMBERS_MAX = 900 }; /* bytes, so that they fit their column when sealed */

enum rc act_fail(struct act *act, enum rc rc, const char *zh, const char *en) {
    act->zh = zh;
    act->en = en;
    return rc;
}

/* ---- who may ---- */

uint32_t appeal_relations(const struct act *act, const struct row_appeal *a) {
    const struct district *d = act->district;
    struct appeal_ties ties = {a->resident_id,
                               a->client_id,
                               a->assignee_id,
                               unit_by_id(d, a->holder_unit_id),
                               unit_by_id(d, a->first_unit_id),
                               unit_by_id(d, a->about_unit_id),
                               false,
                               false};
    if (memcmp(act->joint.appeal_id, a->id, 16) == 0) {
        ties.counit = act->joint.counit;
        ties.contact = act->joint.contact;
    }
    return ties.holder && ties.first ? relations_of(&act->asker, &ties) : 0;
}

/* ---- locking, with the right to see in the query ---- */

enum rc order_tie(struct act *act, const struct row_appeal *a) {
    struct row_number *n;
    act->taken_over = false;
    if (act->asker.kind != ACTOR_CLIENT || uuid_is_zero(a->resident_id)) return RC_OK;
    enum rc rc = db_row(act->db, ST_events_by, DB_VALUES(v_id(a->id), v_int(ACTOR_RESIDENT)), act->arena, &n);
    act->taken_over = rc == RC_OK && n && n->n > 0;
    return rc;
}

static enum rc lock_appeal(struct act *act, const uint8_t id[16], struct row_appeal **a) {
    const struct asker *k = &act->asker;
    enum rc rc = RC_INTERNAL;
    switch (k->kind) {
    case ACTOR_SYSTEM: rc = db_row(act->db, ST_appeal_lock, DB_VALUES(v_id(id)), act->arena, a); break;
    case ACTOR_RESIDENT:
        rc = db_row(act->db, ST_appeal_lock_resident, DB_VALUES(v_id(id), v_id(k->id)), act->arena, a);
        break;
    case ACTOR_CLIENT:
        rc = db_row(act->db, ST_appeal_lock_client, DB_VALUES(v_id(id), v_id(k->id)), act->arena, a);
        break;
    case ACTOR_STAFF:
        rc = db_row(act->db, ST_appeal_lock_staff, DB_VALUES(v_id(id), STAFF_SIGHT(k)), act->arena, a);
        break;
    case ACTOR_GUEST:
        rc = db_row(act->db, ST_appeal_lock_guest, DB_VALUES(v_id(id), v_id(k->id)), act->arena, a);
        break;
    case ACTOR__MAX: break;
    }
    if (rc == RC_OK && !*a) return RC_NOT_FOUND;
    if (rc == RC_OK) rc = order_tie(act, *a);
    return rc == RC_OK ? parts_tie(act, *a) : rc;
}

/* ---- the way through ---- */

static enum rc check(struct act *act, const struct row_appeal *a, const struct change *c, const struct transition *t) {
    switch (transition_check(c->action, (enum state)a->state, appeal_relations(act, a))) {
    case VERDICT_NOT_YOURS: return RC_FORBIDDEN;
    case VERDICT_WRONG_STATE: act->allowed = appeal_allowed(act, a); return RC_NOT_ACCEPTABLE_STATE;
    case VERDICT_YES: break;
    }
    if (t->effects & FX_VERSION && act->asker.kind != ACTOR_SYSTEM) {
        if (!c->has_version) return RC_VERSION_REQUIRED;
        if (c->version != a->version) return RC_STALE;
    }
    enum rc rc = action_within_limits(act, a, c->action);
    return rc == RC_OK ? rc : action_refuse(act, c->action, rc);
}

/* The effects that the table names, after the action's own work. */
static enum rc apply_effects(struct act *act, struct row_appeal *a, const struct transition *t, int64_t from_state) {
    enum rc rc = RC_OK;
    if (t->effects & FX_ROUND) change_start_round(act, a);
    if (t->effects & FX_RESPONDED && !a->responded_at) a->responded_at = act->now_us;
    if (t->effects & FX_OVERDUE) a->overdue = 1;
    if (t->effects & (FX_RESOLVED | FX_ENDS)) a->step_by = 0;
    /* Somebody who urges from above stops no clock that still runs: it will escalate the matter. */
    if (t->effects & FX_STEP_STOPS && !appeal_paused(a) && a->step_by <= act->now_us) a->step_by = 0;
    if (t->effects & FX_RESOLVED) a->resolved_at = act->now_us;
    bool ends = t->effects & (FX_RESOLVED | FX_ENDS) && state_runs((enum state)from_state);
    if (t->effects & FX_FOLLOWS) follow_effects(a, from_state);
    if (ends || t->effects & FX_LEAVES) rc = change_close_line(act, a, act->now_us, false);
    if (t->effects & FX_LEAVES) change_start_step(act, a);
    if (t->effects & FX_ENDS) a->closed_at = act->now_us;
    return rc;
}

/* What has a callback owed keeps its box until watch.c says that it is done. */
static enum box box_of(const struct row_appeal *a) {
    if (a->planned_for && (a->state == STATE_RESOLVED || a->state == STATE_CLOSED)) return BOX_PLANNED;
    return a->state == STATE_CLOSED && a->box == BOX_TO_CALL_BACK ? BOX_TO_CALL_BACK : state_box((enum state)a->state);
}

/* untouched: nobody had written the row past the product; else its MAC stays as it is, and tells. */
static enum rc write_appeal(struct act *act, struct row_appeal *a, int64_t events_before, bool untouched) {
    int64_t matched;
    a->box = box_of(a);
    a->is_open = a->box == BOX_TO_ACCEPT || a->box == BOX_IN_HAND;
    a->updated_at = act->now_us;
    if (untouched && !audit_appeal_mac(act->keys, a, a->mac)) return RC_INTERNAL;
    enum rc rc = db_run(
        act->db, ST_appeal_update,
        DB_VALUES(
            v_int_or_null(a->category_id), v_int(a->urgency), v_int_or_null(a->place_id), v_text(a->address),
            v_int_or_null(a->lng), v_int_or_null(a->lat), v_int(a->state), v_int(a->round), v_int(a->version),
            v_int(a->tier), v_id_or_null(a->assignee_id), v_int(a->holder_unit_id), v_int_or_null(a->sender_unit_id),
            v_int(a->arrival), v_int(a->returns), v_time(a->held_since), v_time(a->respond_by), v_time(a->resolve_by),
            v_time_or_null(a->step_by), v_time_or_null(a->responded_at), v_time_or_null(a->resolved_at),
            v_int(a->transfers), v_int(a->overdue), v_int(a->provisional), v_int_or_null(a->outcome),
            v_text_or_null(a->result), v_int_or_null(a->solved), v_int_or_null(a->stars),
            v_text_or_null(a->rating_comment), v_time_or_null(a->urged_at), v_int(a->events), v_int(a->lines_closed),
            v_hash(a->chain), v_time(a->updated_at), v_int(a->box), v_int(a->is_open), v_time_or_null(a->closed_at),
            v_time(a->round_started_at), v_text_or_null(a->respond_rule), v_text_or_null(a->resolve_rule),
            v_text_or_null(a->step_rule), v_text_or_null(a->question), v_id_or_null(a->asker_id),
            v_time_or_null(a->answer_by), v_time_or_null(a->remind_at), v_int(a->questions), v_id_or_null(a->lead_id),
            v_int(a->own_state), v_int(a->followers), v_int(a->parts), v_int(a->parts_left), v_int(a->meetings),
            v_int(a->request), v_int(a->request_n), v_int(a->extensions), v_int(a->extended),
            v_time_or_null(a->suspended_until), v_id_or_null(a->suspended_by), v_int_or_null(a->suspend_reason_id),
            v_int(a->suspensions), v_time_or_null(a->planned_for), v_int(a->plans), v_time_or_null(a->contact_by),
            v_time_or_null(a->silent_by), v_time_or_null(a->reply_by), v_id_or_null(a->reply_to),
            v_int(a->classified_by), v_int(a->proposal_n), v_int(a->weight), v_int(a->weighed_by), v_int(a->demands_n),
            v_int(a->demands_set), v_time_or_null(a->contact_since), v_text_or_null(a->contact_rule),
            v_time_or_null(a->silent_since), v_text_or_null(a->silent_rule), v_time_or_null(a->reply_since),
            v_text_or_null(a->reply_rule), v_time_or_null(a->answer_since), v_text_or_null(a->answer_rule),
            v_hash(a->mac), v_id(a->id), v_int(events_before)),
        &matched);
    return rc == RC_OK && matched != 1 ? RC_STALE : rc;
}

enum rc appeal_write_event(struct act *act, struct row_appeal *a, struct row_event *e, struct str numbers,
                           const uint8_t content[32]) {
    e->n = a->events;
    memcpy(e->appeal_id, a->id, 16);
    memcpy(e->client_id, a->client_id, 16);
    e->to_state = a->state;
    e->version = a->version;
    e->actor_kind = act->asker.kind;
    memcpy(e->actor_id, act->asker.id, 16);
    e->actor_unit_id = act->asker.unit ? act->asker.unit->id : 0;
    e->unit_id = a->holder_unit_id;
    e->at = act->now_us;
    e->address = act->address;
    if (numbers.n > NUMBERS_MAX)
        return act_fail(act, RC_TOO_LARGE, "内容中的电话、证件等号码过多，请精简后再提交。",
                        "The text holds too many phone and other numbers; shorten it.");
    enum rc rc = random_bytes(e->salt, 16) ? RC_OK : RC_INTERNAL;
    if (rc == RC_OK && numbers.n) rc = seal(act->keys, PLACE_EVENT_NUMBERS, e->salt, numbers, act->arena, &e->numbers);
    if (rc == RC_OK) rc = audit_chain_event(act->keys, e, a->chain, content);
    if (rc != RC_OK) return rc;
    memcpy(a->chain, e->mac, 32);
    return db_later(act->db, ST_event_insert,
                    DB_VALUES(v_id(e->appeal_id), v_int(e->n), v_int(e->action), v_int(e->from_state),
                              v_int(e->to_state), v_int(e->version), v_int(e->actor_kind), v_id(e->actor_id),
                              v_int_or_null(e->actor_unit_id), v_int_or_null(e->unit_id),
                              v_int_or_null(e->from_unit_id), v_id_or_null(e->target_id), v_int_or_null(e->reason_id),
                              v_int_or_null(e->detail), v_text(e->text.p ? e->text : STR("")),
                              v_bytes_or_null(e->numbers), v_int(e->public), v_int(e->notify), v_time(e->at),
                              v_text(e->address.p ? e->address : STR("")), v_id(e->salt), v_hash(e->commitment),
                              v_hash(e->mac), v_id_or_null(e->client_id)));
}

/* An event of the system's own that an act of somebody else brings about, before that act's. */
static enum rc write_by_system(const struct act *act, struct row_appeal *a, enum action action, int64_t detail,
                               uint32_t notify, const uint8_t content[32]) {
    struct act system = *act;
    struct row_event e = {.action = action,
                          .from_state = a->state,
                          .detail = detail,
                          .public = !!(transition_of(action)->effects & FX_PUBLIC),
                          .notify = notify};
    memcpy(e.target_id, a->assignee_id, 16);
    system.asker = (struct asker){.kind = ACTOR_SYSTEM};
    system.address = (struct str){0};
    a->events++;
    return appeal_write_event(&system, a, &e, (struct str){0}, content);
}

/* Does the change move the matter or end the work? */
static bool leaves(const struct act *act, const struct row_appeal *a, const struct change *c,
                   const struct transition *t) {
    return t->effects & (FX_MOVES | FX_RESOLVED | FX_ENDS | FX_FOLLOWS) ||
           (c->action == ACT_CLASSIFY && move_classified_to(act, a, c)->id != a->holder_unit_id);
}

/* That ends a pause first: an event and a ledger line of its own. A suspension ends a question that is open, too. */
static enum rc end_pause(const struct act *act, struct row_appeal *a, const struct change *c,
                         const struct transition *t) {
    bool over = leaves(act, a, c, t) || (t->effects & FX_PAUSES);
    if (!appeal_paused(a) || !over) return RC_OK;
    struct act ends = *act;
    enum action how = a->answer_by ? ACT_RESUME : ACT_CONTINUE;
    enum rc rc = pause_end(&ends, a);
    return rc == RC_OK ? write_by_system(act, a, how, 0, 0, ends.closed_line) : rc;
}

/* A request that nobody decided lapses with it, and when the time that it was about is over. */
static enum rc end_request(struct act *act, struct row_appeal *a, const struct change *c, const struct transition *t) {
    static const uint8_t no_content[32];
    if (!a->request || !(leaves(act, a, c, t) || t->effects & FX_OVERDUE)) return RC_OK;
    enum rc rc = request_end(act, a);
    return rc == RC_OK ? write_by_system(act, a, ACT_LAPSE, 0, transition_of(ACT_LAPSE)->notify, no_content) : rc;
}

/* An answer that comes after resolve_by, yet before the job looked, is late all the same: no end of the work escapes the mark. */
static enum rc mark_late(const struct act *act, struct row_appeal *a, const struct transition *t) {
    bool ends = t->effects & (FX_RESOLVED | FX_ENDS) && state_runs((enum state)a->state);
    if (!ends || a->overdue || a->resolve_by >= act->now_us) return RC_OK;
    static const uint8_t no_content[32];
    a->overdue = 1;
    return write_by_system(act, a, ACT_OVERDUE, 0, transition_of(ACT_OVERDUE)->notify, no_content);
}

/* Of a matter that ends unresolved, or whose answer will be another's, nothing is left to do for anybody. */
static enum rc end_parts(const struct act *act, struct row_appeal *a, const struct transition *t) {
    static const uint8_t no_content[32];
    enum rc rc = RC_OK;
    for (int64_t n = 1; rc == RC_OK && n && t->effects & (FX_ENDS | FX_FOLLOWS) && a->parts_left;) {
        struct act ends = *act;
        rc = part_waive_next(&ends, a, &n);
        if (rc == RC_OK && n)
            rc = write_by_system(act, a, ACT_PART_WAIVE, n, transition_of(ACT_PART_WAIVE)->notify, no_content);
    }
    return rc;
}

enum rc appeal_change(struct act *act, const uint8_t id[16], const struct change *given, struct row_appeal **after) {
    const struct transition *t = transition_of(given->action);
    struct row_appeal *a = NULL;
    struct change clean, proposal;
    const struct change *c = &clean;
    struct str numbers;
    bool review = false, untouched = false;
    enum rc rc = change_clean(act, given, &clean, &numbers);
    if (rc == RC_OK) rc = lock_appeal(act, id, &a);
    if (rc == RC_OK) rc = review_wanted(act, a, c, &review);
    if (review) {
        proposal = review_proposal(c);
        c = &proposal;
        t = transition_of(c->action);
    }
    if (rc == RC_OK) rc = check(act, a, c, t);
    if (rc != RC_OK) return rc;
    struct row_event e = {.action = c->action,
                          .from_state = a->state,
                          .text = c->text,
                          .detail = c->detail,
                          .public = !!(t->effects & FX_PUBLIC),
                          .notify = c->quiet ? 0 : t->notify,
                          .reason_id = c->reason ? c->reason->id : 0};
    bool names_post = c->action == ACT_ASSIGN || c->action == ACT_PART_ASSIGN || c->action == ACT_SUBSTITUTE;
    memcpy(e.target_id, names_post ? c->post_id : a->assignee_id, 16);
    int64_t events_before = a->events, holder_before = a->holder_unit_id;
    uint8_t lead_before[16];
    memcpy(lead_before, a->lead_id, 16);
    rc = audit_appeal_untouched(act->keys, a, &untouched);
    memset(act->closed_line, 0, sizeof act->closed_line);
    act->part = 0;
    act->event = &e;
    if (rc == RC_OK) rc = end_request(act, a, c, t);
    if (rc == RC_OK) rc = end_pause(act, a, c, t);
    if (rc == RC_OK) rc = mark_late(act, a, t);
    if (rc == RC_OK) rc = end_parts(act, a, t);
    if (rc != RC_OK) return rc;
    if (t->to != STATE_NONE) a->state = t->to;
    rc = action_run(act, a, c);
    if (rc == RC_OK) rc = apply_effects(act, a, t, e.from_state);
    if (rc != RC_OK) return rc;
    watch_after(act, a, t, e.from_state);
    review_after(a, t);
    if (act->part) e.detail = act->part;
    if (t->effects & FX_VERSION) a->version++;
    if (a->holder_unit_id != holder_before) e.from_unit_id = holder_before;
    if (memcmp(a->lead_id, lead_before, 16) != 0)
        memcpy(e.target_id, uuid_is_zero(a->lead_id) ? lead_before : a->lead_id, 16);
    if (c->action == ACT_CLASSIFY) e.detail = act->routed_by;
    a->events++;
    rc = appeal_write_event(act, a, &e, numbers, act->closed_line);
    if (rc == RC_OK) rc = write_appeal(act, a, events_before, untouched);
    *after = a;
    return rc;
}
