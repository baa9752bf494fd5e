/* Replays a dossier: chain, numbers, and every figure of the appeal that its events decide. */
#include "acts/dossier.h"

#include "acts/audit.h"
#include "base/crypto.h"
#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/clock.h"
#include "rules/demands.h"
#include "rules/ledger.h"
#include "rules/transitions.h"

#include <stdio.h>

static void report(const struct dossier *d, int64_t event, const char *what) { d->found(d->arg, event, what); }

void dossier_begin(struct dossier *d, const struct keyring *keys, const struct row_appeal *a, dossier_found *found,
                   void *arg) {
    *d = (struct dossier){.keys = keys, .appeal = a, .found = found, .arg = arg};
}

void dossier_photo(struct dossier *d, const struct row_attachment *photo) {
    if (!audit_photo_digest(photo, d->photos)) report(d, 0, "the digest of its photos can't be computed");
}

/* ---- the chain ---- */

static void check_number(struct dossier *d, const struct row_event *e) {
    char what[80];
    if (e->n == d->events + 1) return;
    if (e->n > d->events + 1) {
        snprintf(what, sizeof what, "%lld events before it are missing", (long long)(e->n - d->events - 1));
        report(d, e->n, what);
    } else {
        report(d, e->n, "its number was there before");
    }
}

/* line: the digest of the ledger line that it closes, else zero. */
static void check_chain(struct dossier *d, const struct row_event *e, const uint8_t before[32],
                        const uint8_t line[32]) {
    static const uint8_t start[32];
    uint8_t content[32];
    bool first = e->n == 1;
    if (first) before = start;
    if ((!first || audit_content_digest(d->appeal, d->photos, content)) &&
        audit_event_holds(d->keys, e, before, first ? content : line))
        return;
    if (audit_event_is_earlier(d->keys, d->appeal, e, before)) return;
    report(d, e->n,
           first ? "it, the appeal's content or its photos were changed, or its MAC is wrong"
                 : "it or the ledger line that it closes was changed, or its chain MAC is wrong");
}

/* Numbers and seq grow together; one without a seq has only such after it. */
static void check_seq(struct dossier *d, const struct row_event *e) {
    if (e->seq && d->events && (!d->seq || e->seq <= d->seq)) report(d, e->n, "its seq is out of order");
    d->seq = e->seq;
}

/* ---- the replay ---- */

static bool keep_text(struct str text, uint8_t digest[32]) { return sha256(text.p ? text.p : "", text.n, digest); }

/* What follows the result are answers to the matter's demands. */
static void replay_result(struct dossier *d, const struct row_event *e) {
    struct str result = demands_result(e->text);
    d->has_result = keep_text(result, d->result);
    if (result.n != e->text.n) d->demands_n = e->n;
}

static void replay_action(struct dossier *d, const struct row_event *e) {
    if (e->action == ACT_ASSIGN || e->action == ACT_SUBSTITUTE || e->action == ACT_SUCCEED)
        memcpy(d->assignee, e->target_id, 16);
    if (e->action == ACT_TAKE_BACK || e->action == ACT_RELEASE) memset(d->assignee, 0, 16);
    if (e->action == ACT_URGE) d->urged_at = e->at;
    if (e->action == ACT_RESOLVE) {
        d->outcome = e->detail;
        replay_result(d, e);
    }
    if (e->action == ACT_PLAN) {
        d->outcome = OUTCOME_PLANNED;
        replay_result(d, e);
        d->planned_day = e->detail;
        d->plans++;
    }
    if (e->action == ACT_NUMBER_DEMANDS) {
        d->demands_n = e->n;
        d->demands_set++;
    }
    if (e->action == ACT_PROPOSE) d->proposal_n = e->n;
    else if (state_box((enum state)e->to_state) != BOX_IN_HAND || e->action == ACT_ASSIGN ||
             e->action == ACT_TAKE_BACK || e->action == ACT_RELEASE)
        d->proposal_n = 0;
    if (e->action == ACT_SUPERVISE && e->detail) d->reply_owed = true;
    if (e->action == ACT_REPLY || state_box((enum state)e->to_state) > BOX_IN_HAND ||
        !state_box((enum state)e->to_state))
        d->reply_owed = false;
    if (e->action == ACT_RATE) {
        d->stars = e->detail;
        d->has_comment = keep_text(e->text, d->comment);
    }
}

/* What ends a matter for its reporter, or begins it anew, ends its following too; the lead's answer does not. */
static void replay_following(struct dossier *d, const struct row_event *e, uint32_t effects) {
    if (effects & FX_FOLLOWS) {
        memcpy(d->lead, e->target_id, 16);
        d->follows_since = e->at;
        d->own_state = e->from_state == STATE_SUBMITTED ? STATE_SUBMITTED : STATE_ACCEPTED;
        memset(d->assignee, 0, 16);
    }
    if (effects & (FX_LEAVES | FX_ROUND) || e->action == ACT_WITHDRAW) {
        memset(d->lead, 0, 16);
        d->own_state = 0;
    }
    if (e->action == ACT_JOINED) d->followers = e->detail;
}

/* After the ledger: the line that an event closes is of the time before it. */
static void replay_pause(struct dossier *d, const struct row_event *e, uint32_t effects) {
    if (effects & FX_PAUSES && e->action == ACT_ASK_RESIDENT) {
        d->questions++;
        d->has_question = keep_text(e->text, d->question);
        memcpy(d->asker, e->actor_id, 16);
    }
    if (effects & FX_PAUSES && e->action == ACT_SUSPEND) {
        d->suspensions++;
        d->suspended = true;
        d->suspend_reason = e->reason_id;
        memcpy(d->suspender, e->actor_id, 16);
    }
    if (effects & FX_RESUMES) {
        d->has_question = d->suspended = false;
        d->suspend_reason = 0;
        memset(d->asker, 0, 16);
        memset(d->suspender, 0, 16);
    }
}

static void replay_request(struct dossier *d, const struct row_event *e, uint32_t effects) {
    if (effects & FX_ASKS) {
        d->request = e->action == ACT_REQUEST_EXTENSION ? REQUEST_EXTENSION : REQUEST_SUSPENSION;
        d->request_n = e->n;
        d->extensions += d->request == REQUEST_EXTENSION;
    }
    if (effects & FX_DECIDES) d->request = d->request_n = 0;
    if (e->action == ACT_EXTEND) d->extended += e->detail;
}

static void replay_effects(struct dossier *d, const struct row_event *e, uint32_t effects) {
    if (effects & FX_ROUND) {
        d->round++;
        d->outcome = d->stars = d->resolved_at = d->closed_at = d->questions = 0;
        d->extensions = d->extended = d->suspensions = d->planned_day = 0;
        d->has_result = d->has_comment = false;
        memset(d->assignee, 0, 16);
        d->line_from_s = clock_second(e->at);
    }
    if (effects & FX_RESPONDED && !d->responded_at) d->responded_at = e->at;
    if (effects & FX_OVERDUE) d->overdue = 1;
    if (effects & FX_RESOLVED) d->resolved_at = e->at;
    if (effects & FX_ENDS) d->closed_at = e->at;
}

/* Part events name their part by its number; those of one part follow each other. */
static void replay_part(struct dossier *d, const struct row_event *e) {
    static const int64_t left[ACT__MAX] = {[ACT_COHANDLE] = PART_OPEN,
                                           [ACT_PART_DONE] = PART_DONE,
                                           [ACT_PART_REFUSE] = PART_REFUSED,
                                           [ACT_PART_WAIVE] = PART_WAIVED};
    int64_t n = e->detail, state = left[e->action];
    if (e->action == ACT_COHANDLE) d->parts++;
    if (n < 1 || n > PARTS_MAX || n > d->parts) {
        report(d, e->n, "it is about a part that isn't there");
        return;
    }
    d->part[n].event_n = e->n;
    if (!state) return;
    d->part[n].state = state;
    if (state == PART_OPEN) d->parts_left++;
    if (state == PART_DONE || state == PART_WAIVED) d->parts_left--;
}

void dossier_part(struct dossier *d, const struct row_part *p) {
    bool known = p->n >= 1 && p->n <= PARTS_MAX && p->n <= d->parts;
    d->parts_seen++;
    if (!known) report(d, 0, "it has a part that no event made");
    else if (!audit_part_holds(d->keys, p) || p->event_n != d->part[p->n].event_n || p->state != d->part[p->n].state)
        report(d, d->part[p->n].event_n, "the part that it is about was changed since, or the part's MAC is wrong");
}

/* Likewise of meetings and site visits. */
static void replay_meeting(struct dossier *d, const struct row_event *e) {
    int64_t n = e->detail;
    if (e->action != ACT_MEETING_HELD) d->meetings++;
    if (n < 1 || n > MEETINGS_MAX || n > d->meetings) {
        report(d, e->n, "it is about a meeting that isn't there");
        return;
    }
    d->meeting[n].event_n = e->n;
    d->meeting[n].state = e->action == ACT_MEETING_CALL ? MEETING_CALLED : MEETING_HELD;
}

void dossier_meeting(struct dossier *d, const struct row_meeting *m) {
    bool known = m->n >= 1 && m->n <= MEETINGS_MAX && m->n <= d->meetings;
    d->meetings_seen++;
    if (!known) report(d, 0, "it has a meeting that no event made");
    else if (!audit_meeting_holds(d->keys, m) || m->event_n != d->meeting[m->n].event_n ||
             m->state != d->meeting[m->n].state)
        report(d, d->meeting[m->n].event_n, "the meeting that it is about was changed since, or its MAC is wrong");
}

/* By its row its lead's answers come to it, and it is marked late while it follows; an end of the work marks it whatever the row says. */
void dossier_following(struct dossier *d, const struct row_following *f) {
    const struct row_appeal *a = d->appeal;
    if (!f) {
        report(d, 0, "it is not among those that follow the matter that it follows");
        return;
    }
    bool waits = f->late_at == a->resolve_by, marked = !f->late_at;
    if (f->since != d->follows_since || !(a->state == STATE_MERGED ? (a->overdue ? marked : waits) : waits || marked))
        report(d, 0, "since when it follows its lead, or when it is late, doesn't follow from its events");
}

/* Each event of a ruling has its row, which nothing changes: so many that hold are all of them. */
void dossier_ruling(struct dossier *d, const struct row_ruling *r) {
    d->rulings_seen++;
    if (!audit_ruling_holds(d->keys, r)) report(d, r->event_n, "the ruling's row was changed, or its MAC is wrong");
}

/* A move closes the line that runs, and so do a pause and the end of the work; the end of a pause closes the pause's. */
static bool replay_ledger(struct dossier *d, const struct row_event *e, uint32_t effects) {
    bool moved = e->from_unit_id && state_runs((enum state)d->state),
         ends = effects & (FX_RESOLVED | FX_ENDS) && state_runs((enum state)d->state);
    if (!moved && !ends && !(effects & (FX_PAUSES | FX_RESUMES | FX_LEAVES))) return false;
    int64_t at_s = clock_second(e->at);
    d->line_unit = d->holder;
    d->line_to_s = at_s > d->line_from_s ? at_s : d->line_from_s;
    d->line_ran_out = e->action == ACT_STEP_OUT;
    d->line_kind = 1 + (d->has_question || d->suspended ? LEDGER_PAUSE : LEDGER_HELD);
    d->line_reason = d->suspend_reason;
    memcpy(d->line_granted_by, d->suspended ? d->suspender : d->asker, 16);
    if (moved && e->action != ACT_SUCCEED) memset(d->assignee, 0, 16);
    return true;
}

bool dossier_event(struct dossier *d, const struct row_event *e) {
    const struct transition *t = e->action > 0 && e->action < ACT__MAX ? transition_of((enum action)e->action) : NULL;
    static const uint8_t no_line[32];
    bool closes = false;
    check_number(d, e);
    check_seq(d, e);
    if (!t) report(d, e->n, "its action is unknown");
    if (e->action == ACT_SUBMIT) {
        d->round = 1;
        d->line_from_s = clock_second(e->at);
        if (e->at != d->appeal->submitted_at) report(d, e->n, "its time is not the appeal's submission");
    } else if (t) {
        replay_action(d, e);
        closes = replay_ledger(d, e, t->effects);
    }
    if (t) replay_effects(d, e, t->effects);
    if (t) replay_pause(d, e, t->effects);
    if (t) replay_request(d, e, t->effects);
    if (t) replay_following(d, e, t->effects);
    if (t && t->effects & FX_PART) replay_part(d, e);
    if (t && t->effects & FX_MEETING) replay_meeting(d, e);
    if (e->action == ACT_RULE) d->rulings++;
    d->closing = closes ? e : NULL;
    memcpy(d->before, d->chain, 32);
    if (!closes) check_chain(d, e, d->before, no_line);
    d->state = e->to_state;
    d->version = e->version;
    d->holder = e->unit_id;
    d->events = e->n;
    memcpy(d->chain, e->mac, 32);
    return closes;
}

void dossier_line(struct dossier *d, const struct row_ledger_entry *l) {
    char what[120];
    uint8_t digest[32] = {0};
    d->lines++;
    if (!l) {
        report(d, d->events, "its ledger line is missing");
    } else {
        struct ledger_line line = {.from_s = clock_second(l->starts_at),
                                   .to_s = clock_second(l->ends_at),
                                   .kind = (enum ledger_kind)(d->line_kind - 1),
                                   .unit_id = l->unit_id,
                                   .working_s = l->working_seconds,
                                   .wall_s = l->wall_seconds};
        /* A pause ends with its time, which may be noticed later. */
        if (d->line_kind == 1 + LEDGER_PAUSE && line.to_s >= line.from_s && line.to_s < d->line_to_s)
            d->line_to_s = line.to_s;
        enum ledger_fault fault = ledger_check(NULL, &line, 1, d->line_from_s, d->line_to_s, NULL);
        bool others = l->n == d->lines && l->round == d->round && l->kind == d->line_kind &&
                      l->unit_id == d->line_unit && !!l->step_ran_out == d->line_ran_out &&
                      l->reason_id == d->line_reason && memcmp(l->granted_by, d->line_granted_by, 16) == 0;
        snprintf(what, sizeof what, "its ledger line %lld was changed: %s", (long long)l->n,
                 fault != LEDGER_OK ? ledger_fault_text(fault) : "number, round, kind, unit, reason or who granted it");
        if (fault != LEDGER_OK || !others) report(d, d->events, what);
        if (audit_ledger_digest(l, digest)) check_chain(d, d->closing, d->before, digest);
    }
    d->line_from_s = d->line_to_s;
}

/* ---- the end ---- */

static int64_t day_start(int64_t day) { return day * DAY_S * SECOND_US - BEIJING_OFFSET_S * SECOND_US; }

static bool text_differs(bool expected, const uint8_t digest[32], struct str text) {
    uint8_t now[32];
    if (!expected) return text.n != 0;
    return !keep_text(text, now) || memcmp(now, digest, 32) != 0;
}

void dossier_end(struct dossier *d) {
    const struct row_appeal *a = d->appeal;
    const struct {
        bool wrong;
        const char *what;
    } checks[] = {
        {d->events != a->events, "its events were cut off: the last number is not the appeal's"},
        {memcmp(d->chain, a->chain, 32) != 0, "its chain is not the last event's MAC"},
        {d->state != a->state, "its state is not the last event's"},
        {d->version != a->version, "its version is not the last event's"},
        {d->holder != a->holder_unit_id, "its holder is not the last event's"},
        {d->round != a->round, "its round doesn't follow from its events"},
        {memcmp(d->assignee, a->assignee_id, 16) != 0, "its assignee doesn't follow from its events"},
        {d->outcome != a->outcome || text_differs(d->has_result, d->result, a->result),
         "its result doesn't follow from its events"},
        {d->stars != a->stars || text_differs(d->has_comment, d->comment, a->rating_comment),
         "its rating doesn't follow from its events"},
        {d->questions != a->questions || d->has_question != !!a->answer_by || memcmp(d->asker, a->asker_id, 16) != 0 ||
             text_differs(d->has_question, d->question, a->question),
         "its question doesn't follow from its events"},
        {memcmp(d->lead, a->lead_id, 16) != 0 || d->own_state != a->own_state,
         "the matter that it follows doesn't follow from its events"},
        {d->followers != a->followers, "the number of those that follow it doesn't follow from its events"},
        {d->parts != a->parts || d->parts_left != a->parts_left || d->parts_seen != d->parts,
         "its parts don't follow from its events"},
        {d->meetings != a->meetings || d->meetings_seen != d->meetings, "its meetings don't follow from its events"},
        {d->rulings_seen != d->rulings, "its rulings don't follow from its events"},
        {d->suspensions != a->suspensions || d->suspended != !!a->suspended_until ||
             d->suspend_reason != a->suspend_reason_id || memcmp(d->suspender, a->suspended_by, 16) != 0,
         "its suspension doesn't follow from its events"},
        {d->request != a->request || d->request_n != a->request_n || d->extensions != a->extensions ||
             d->extended != a->extended,
         "its requests don't follow from its events"},
        {d->plans != a->plans || a->planned_for != (d->planned_day ? day_start(d->planned_day) : 0),
         "its plan doesn't follow from its events"},
        {d->demands_n != a->demands_n || d->demands_set != a->demands_set, "its demands don't follow from its events"},
        {d->proposal_n != a->proposal_n, "the result that waits for its unit's lead doesn't follow from its events"},
        {d->reply_owed == uuid_is_zero(a->reply_to), "the reply that it owes doesn't follow from its events"},
        {d->overdue != a->overdue, "its overdue mark doesn't follow from its events"},
        {d->responded_at != a->responded_at || d->resolved_at != a->resolved_at || d->closed_at != a->closed_at ||
             d->urged_at != a->urged_at,
         "its times don't follow from its events"},
        {!audit_appeal_holds(d->keys, a), "its row was changed, or the row's MAC is wrong"},
        {d->lines != a->lines_closed || d->line_from_s != clock_second(a->held_since),
         "its ledger doesn't follow from its events"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].wrong) report(d, 0, checks[i].what);
}
