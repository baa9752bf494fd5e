/* First contact, silence, callbacks. */
#include "acts/watch.h"

#include "acts/change_private.h"
#include "base/timefmt.h"
#include "rules/clock.h"
#include "rules/routing.h"

static bool in_hand(int64_t state) { return state_box((enum state)state) == BOX_IN_HAND; }

/* Can whoever has it call the reporter at all? Not the unit complained of, nor where the name is withheld, nor without a number. */
static bool can_call(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    const struct unit *about = unit_by_id(act->district, a->about_unit_id);
    return a->reporter_phone.n && !a->withheld && holder && !(about && unit_complained_of(holder, about));
}

struct duration watch_call_within(const struct act *act, const struct row_appeal *a, int64_t since_us) {
    const struct calendar *cal = &act->district->calendar;
    const struct duration *ruled = contact_within_for(
        act->district, (enum tier)a->tier, category_by_id(act->district, a->category_id), (enum urgency)a->urgency);
    struct duration within = ruled ? *ruled : act->handling->contact_within, d;
    if (a->urgency == URGENCY_NORMAL || !duration_parse(a->respond_rule, &d)) return within;
    return clock_due(cal, since_us, d, NULL) < clock_due(cal, since_us, within, NULL) ? d : within;
}

static void owe_call(const struct act *act, struct row_appeal *a) {
    change_start_clock(act, SIDE_CLOCK(a, contact), watch_call_within(act, a, act->now_us));
}

/* What the reporter hears of: a public word of staff, or a call. */
static bool breaks_silence(const struct act *act, const struct transition *t) {
    return act->asker.kind == ACTOR_STAFF && (t->effects & FX_PUBLIC || t->action == ACT_CONTACT);
}

bool watch_content(const struct row_appeal *a) { return a->stars > 2 && a->solved == 1; }

/* By whoever has it; of whom he can't call, the unit above hears, which may. What is planned is taken up again anyway. */
static void owe_callback(const struct act *act, struct row_appeal *a) {
    if (watch_content(a) || a->planned_for || !a->reporter_phone.n) return;
    if (can_call(act, a)) a->box = BOX_TO_CALL_BACK;
    else act->event->notify |= N_ABOVE;
}

void watch_after(const struct act *act, struct row_appeal *a, const struct transition *t, int64_t from_state) {
    enum box box = state_box((enum state)a->state);
    if (a->state == STATE_CLOSED && from_state != STATE_CLOSED) owe_callback(act, a);
    if (box != BOX_TO_ACCEPT && box != BOX_IN_HAND) { /* nobody owes a reply about what has ended */
        memset(a->reply_to, 0, 16);
        change_stop_clock(SIDE_CLOCK(a, reply));
    }
    if (!in_hand(a->state)) {
        change_stop_clock(SIDE_CLOCK(a, contact));
        change_stop_clock(SIDE_CLOCK(a, silent));
        return;
    }
    bool fresh = !in_hand(from_state);
    if (fresh && can_call(act, a)) owe_call(act, a);
    else if (fresh || t->action == ACT_CONTACT) change_stop_clock(SIDE_CLOCK(a, contact));
    if (t->effects & FX_RESUMES && a->contact_by && a->contact_by < act->now_us) owe_call(act, a);
    if (fresh || breaks_silence(act, t) || t->effects & FX_RESUMES)
        change_start_clock(act, SIDE_CLOCK(a, silent), act->handling->silent_within);
}

enum rc watch_contact_missed(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (!a->contact_by || a->contact_by > act->now_us)
        return act_fail(act, RC_CONFLICT, "首次联系的期限未到。", "The first call is not due yet.");
    change_stop_clock(SIDE_CLOCK(a, contact));
    return RC_OK;
}

enum rc watch_nudge(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (!a->silent_by || a->silent_by > act->now_us)
        return act_fail(act, RC_CONFLICT, "没有进展的期限未到。", "It has not been silent so long yet.");
    change_stop_clock(SIDE_CLOCK(a, silent));
    return RC_OK;
}

enum rc watch_attempts(struct act *act, const struct row_appeal *a, enum action action, int64_t since_us,
                       struct contact_attempt **attempts, size_t *n) {
    struct row_contact *rows;
    enum rc rc = db_rows(act->db, ST_contacts_of, DB_VALUES(v_id(a->id), v_int(action), v_time(since_us)), act->arena,
                         &rows, n);
    if (rc != RC_OK) return rc;
    *attempts = arena_array(act->arena, *n + 1, sizeof **attempts);
    if (!*attempts) return RC_INTERNAL;
    for (size_t i = 0; i < *n; i++)
        (*attempts)[i] = (struct contact_attempt){rows[i].at, (enum contact_outcome)rows[i].detail};
    return RC_OK;
}

enum rc watch_called_back(struct act *act, struct row_appeal *a, const struct change *c) {
    struct contact_attempt *attempts;
    size_t n;
    if (a->box != BOX_TO_CALL_BACK) return RC_OK;
    if (c->detail != CALLBACK_NOT_REACHED) {
        a->box = BOX_NONE;
        return RC_OK;
    }
    enum rc rc = watch_attempts(act, a, ACT_CALLBACK, a->closed_at, &attempts, &n);
    if (rc != RC_OK) return rc;
    attempts[n++].at_us = act->now_us; /* this one; who was reached is owed no callback, so none of them reached him */
    for (size_t i = 0; i < n; i++) attempts[i].outcome = CONTACT_NO_ANSWER;
    if (contact_unreachable(attempts, n)) a->box = BOX_NONE;
    return RC_OK;
}

/* Of a bad rating that nobody asked about the unit above hears, too; of those that never came there are too many. */
enum rc watch_callback_missed(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (a->box != BOX_TO_CALL_BACK || act->now_us - a->closed_at < CALLBACK_OWED_DAYS * DAY_S * SECOND_US)
        return act_fail(act, RC_CONFLICT, "回访期限未到。", "The callback is not late yet.");
    a->box = BOX_NONE;
    if (!a->stars) act->event->notify = 0;
    return RC_OK;
}
