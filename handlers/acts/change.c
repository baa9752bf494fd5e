/* The transition's execution: effects, clocks, ledger, event. */
#include "acts/change.h"

#include "acts/audit.h"
#include "acts/change_private.h"
#include "acts/question.h"
#include "base/crypto.h"
#include "base/timefmt.h"
#include "rules/ledger.h"
#include "rules/routing.h"

#define DAY_US (DAY_S * SECOND_US)
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
                               unit_by_id(d, a->about_unit_id)};
    return ties.holder && ties.first ? relations_of(&act->asker, &ties) : 0;
}

/* Limits that are not the state's: nothing is ever offered as possible that would then be refused. */
static enum rc limit_transfer(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->transfers >= TRANSFERS_MAX ? RC_LIMIT_REACHED : RC_OK;
}

static enum rc limit_return(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->returns >= RETURNS_MAX ? RC_LIMIT_REACHED : a->sender_unit_id ? RC_OK : RC_CONFLICT;
}

static enum rc limit_escalate(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    return holder && route_up(holder, unit_by_id(act->district, a->about_unit_id)) ? RC_OK : RC_CONFLICT;
}

static enum rc limit_urge(const struct act *act, const struct row_appeal *a) {
    return a->urged_at && act->now_us - a->urged_at < URGE_HOURS * 3600 * SECOND_US ? RC_LIMIT_REACHED : RC_OK;
}

static enum rc limit_reopen(const struct act *act, const struct row_appeal *a) {
    return act->now_us - a->resolved_at > REOPEN_DAYS * DAY_US ? RC_LIMIT_REACHED : RC_OK;
}

static enum rc (*const limits[ACT__MAX])(const struct act *, const struct row_appeal *) = {
    [ACT_TRANSFER] = limit_transfer, [ACT_RETURN] = limit_return,     [ACT_ESCALATE] = limit_escalate,
    [ACT_URGE] = limit_urge,         [ACT_REOPEN] = limit_reopen,     [ACT_ASK_RESIDENT] = question_may_open,
    [ACT_ANSWER] = question_is_open, [ACT_RESUME] = question_is_open, [ACT_REMIND] = question_is_open,
};

static enum rc within_limits(const struct act *act, const struct row_appeal *a, enum action action) {
    return limits[action] ? limits[action](act, a) : RC_OK;
}

uint32_t appeal_allowed(const struct act *act, const struct row_appeal *a) {
    uint32_t relations = appeal_relations(act, a), allowed = 0;
    for (int action = 1; action < ACT__MAX; action++)
        if (transition_check((enum action)action, (enum state)a->state, relations) == VERDICT_YES &&
            within_limits(act, a, (enum action)action) == RC_OK)
            allowed |= 1u << action;
    return allowed;
}

const struct word *appeal_why_not(const struct act *act, const struct row_appeal *a, enum action action) {
    static const struct word not_yours = {"not_yours", "您的岗位不能办理此项操作", "Your post may not do this"},
                             wrong_state = {"wrong_state", "当前状态不能这样做", "Not possible in this state"},
                             limit = {"limit_reached", "已达次数或期限上限", "The limit of times or days is reached"},
                             no_target = {"no_target", "没有可去的单位", "There is no unit to send it to"},
                             asked = {"asked", "已在等居民答复，或环节时限已到",
                                      "A question is open, or the step clock has run out"},
                             not_asked = {"not_asked", "没有等待答复的问题", "No question is open"};
    switch (transition_check(action, (enum state)a->state, appeal_relations(act, a))) {
    case VERDICT_NOT_YOURS: return &not_yours;
    case VERDICT_WRONG_STATE: return &wrong_state;
    case VERDICT_YES: break;
    }
    enum rc rc = within_limits(act, a, action);
    if (rc == RC_OK || rc == RC_LIMIT_REACHED) return rc == RC_OK ? NULL : &limit;
    return action == ACT_ASK_RESIDENT ? &asked : action == ACT_RESUME ? &not_asked : &no_target;
}

/* ---- locking, with the right to see in the query ---- */

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
    case ACTOR__MAX: break;
    }
    return rc == RC_OK && !*a ? RC_NOT_FOUND : rc;
}

/* ---- clocks and ledger ---- */

static const struct clock_rule *rule_of(const struct act *act, const struct row_appeal *a) {
    return clock_rule_for(act->district, (enum tier)a->tier, category_by_id(act->district, a->category_id),
                          (enum urgency)a->urgency);
}

/* The spelling that the appeal keeps, so that a changed rule moves no clock that runs. Without memory it is absent, which the
 * database refuses. */
static struct str keep_rule(const struct act *act, struct duration d) {
    char text[DURATION_TEXT_MAX];
    struct str spelling = {text, duration_format(d, text)};
    const char *copy = arena_dup(act->arena, spelling);
    return (struct str){copy, copy ? spelling.n : 0};
}

static void start_step(const struct act *act, struct row_appeal *a) {
    struct duration d = rule_of(act, a)->step;
    bool provisional = false;
    a->step_rule = keep_rule(act, d);
    a->step_by = clock_due(&act->district->calendar, act->now_us, d, &provisional);
    a->provisional |= provisional;
}

void appeal_start_clocks(const struct act *act, struct row_appeal *a) {
    const struct clock_rule *r = rule_of(act, a);
    const struct calendar *cal = &act->district->calendar;
    bool respond = false, resolve = false, accepted_already = a->round > 1;
    a->round_started_at = act->now_us;
    a->held_since = clock_second(act->now_us) * SECOND_US;
    a->respond_rule = keep_rule(act, r->respond);
    a->resolve_rule = keep_rule(act, r->resolve);
    a->respond_by = accepted_already ? act->now_us : clock_due(cal, act->now_us, r->respond, &respond);
    a->resolve_by = clock_due(cal, act->now_us, r->resolve, &resolve);
    a->provisional = respond || resolve;
    start_step(act, a);
}

enum rc change_close_line(struct act *act, struct row_appeal *a, int64_t end_us, bool ran_out) {
    struct ledger_line line = {.from_s = clock_second(a->held_since),
                               .kind = a->answer_by ? LEDGER_PAUSE : LEDGER_HELD,
                               .unit_id = a->holder_unit_id};
    ledger_close(&act->district->calendar, &line, clock_second(end_us));
    a->lines_closed++;
    a->held_since = line.to_s * SECOND_US;
    struct row_ledger_entry l = {.n = a->lines_closed,
                                 .round = a->round,
                                 .kind = line.kind + 1,
                                 .unit_id = line.unit_id,
                                 .starts_at = line.from_s * SECOND_US,
                                 .ends_at = line.to_s * SECOND_US,
                                 .wall_seconds = line.wall_s,
                                 .working_seconds = line.working_s,
                                 .step_ran_out = ran_out};
    memcpy(l.appeal_id, a->id, 16);
    memcpy(l.granted_by, a->asker_id, 16);
    if (!audit_ledger_digest(&l, act->closed_line)) return RC_INTERNAL;
    return db_run(act->db, ST_ledger_insert,
                  DB_VALUES(v_id(l.appeal_id), v_int(l.n), v_int(l.round), v_int(l.kind), v_int(l.unit_id),
                            v_time(l.starts_at), v_time(l.ends_at), v_int(l.wall_seconds), v_int(l.working_seconds),
                            v_int(l.step_ran_out), v_int_or_null(l.reason_id), v_id_or_null(l.granted_by)),
                  NULL);
}

static void start_round(const struct act *act, struct row_appeal *a) {
    a->round++;
    a->outcome = a->solved = a->stars = 0;
    a->result = a->rating_comment = (struct str){0};
    a->resolved_at = a->closed_at = 0;
    a->returns = a->transfers = a->questions = 0;
    memset(a->assignee_id, 0, 16); /* accepted means in the unit's box; whoever had it may long be gone */
    appeal_start_clocks(act, a);
}

static enum rc move_to(struct act *act, struct row_appeal *a, const struct unit *to, enum arrival arrival,
                       bool ran_out) {
    enum rc rc = change_close_line(act, a, act->now_us, ran_out);
    a->sender_unit_id = a->holder_unit_id;
    a->holder_unit_id = to->id;
    a->tier = to->tier;
    a->arrival = arrival;
    memset(a->assignee_id, 0, 16);
    start_step(act, a);
    return rc;
}

/* ---- what each action does besides its row of the table ---- */

static enum rc check_target(struct act *act, const struct row_appeal *a, const struct unit *to) {
    if (to->id == a->holder_unit_id)
        return act_fail(act, RC_CONFLICT, "事项已经在该单位。", "The matter already lies with that unit.");
    const struct unit *about = unit_by_id(act->district, a->about_unit_id);
    if (about && unit_is_below(to, about))
        return act_fail(act, RC_CONFLICT, "不能派给被投诉的单位。", "It can't go to the unit that is complained of.");
    return RC_OK;
}

static enum rc do_transfer(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    enum rc rc = check_target(act, a, c->to);
    if (rc != RC_OK) return rc;
    if (!holder || c->to->tier != holder->tier)
        return act_fail(act, RC_CONFLICT, "转派只能到同级单位；向下请交办，向上请上报。",
                        "A transfer goes to a unit of the same tier; delegate downwards, escalate upwards.");
    a->transfers++;
    return move_to(act, a, c->to, ARRIVAL_MOVED, false);
}

static enum rc do_delegate(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct unit *own = act->asker.unit;
    enum rc rc = check_target(act, a, c->to);
    if (rc != RC_OK) return rc;
    if (!own || unit_is(c->to, own) || !unit_is_below(c->to, own))
        return act_fail(act, RC_CONFLICT, "只能交办给本单位的下级单位。", "Delegate to a unit below yours.");
    return move_to(act, a, c->to, ARRIVAL_MOVED, false);
}

static enum rc do_return(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    const struct unit *to = unit_by_id(act->district, a->sender_unit_id);
    if (!to || !to->active)
        return act_fail(act, RC_CONFLICT, "没有可退回的单位，请上报。",
                        "There is no unit to return it to; escalate it.");
    enum rc rc = move_to(act, a, to, ARRIVAL_RETURNED, false);
    a->returns++;
    a->sender_unit_id = 0;
    return rc;
}

static enum rc go_up(struct act *act, struct row_appeal *a, bool ran_out) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    const struct unit *to = holder ? route_up(holder, unit_by_id(act->district, a->about_unit_id)) : NULL;
    if (!to) return act_fail(act, RC_CONFLICT, "已在区级，无法再上报。", "It is at district tier already.");
    return move_to(act, a, to, ARRIVAL_ESCALATED, ran_out);
}

static enum rc do_escalate(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    return go_up(act, a, false);
}

static enum rc do_step_out(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (a->answer_by || !a->step_by || a->step_by > act->now_us)
        return act_fail(act, RC_CONFLICT, "环节时限未到。", "The step clock has not run out.");
    return go_up(act, a, true);
}

static enum rc do_overdue(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (a->answer_by || a->overdue || a->resolve_by >= act->now_us)
        return act_fail(act, RC_CONFLICT, "办理时限未到。", "It is not overdue.");
    return RC_OK;
}

static enum rc do_close(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (act->now_us - a->resolved_at < UNRATED_DAYS * DAY_US)
        return act_fail(act, RC_CONFLICT, "评价期未满。", "The time to rate is not over.");
    return RC_OK;
}

static enum rc do_assign(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_post *post;
    enum rc rc = db_row(act->db, ST_post_in_unit, DB_VALUES(v_id(c->post_id), v_int(a->holder_unit_id)), act->arena,
                        &post);
    if (rc != RC_OK) return rc;
    if (!post || !(role_abilities((enum role)post->role, (enum tier)a->tier) & ABLE_HANDLE))
        return act_fail(act, RC_CONFLICT, "该岗位不在本单位，或不能经办。",
                        "That post is not in this unit or can't handle appeals.");
    bool dispatcher = appeal_relations(act, a) & REL_DISPATCHER;
    if (!dispatcher && memcmp(c->post_id, act->asker.post_id, 16) != 0)
        return act_fail(act, RC_FORBIDDEN, "经办人只能指派给自己，指派他人请调度员或负责人操作。",
                        "A handler takes a matter for himself; a dispatcher or lead assigns it to others.");
    memcpy(a->assignee_id, c->post_id, 16);
    return RC_OK;
}

static enum rc do_unassign(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)act;
    (void)c;
    memset(a->assignee_id, 0, 16);
    return RC_OK;
}

/* Where a new category or place, or those it has, lead. */
static const struct unit *classified_to(const struct act *act, const struct row_appeal *a, const struct change *c) {
    return route(act->district, c->category ? c->category : category_by_id(act->district, a->category_id),
                 c->place ? c->place : place_by_id(act->district, a->place_id),
                 unit_by_id(act->district, a->about_unit_id));
}

/* A new category or place routes again; the resident's clock goes on, a holder that stays keeps its step clock. */
static enum rc do_classify(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct unit *to = classified_to(act, a, c);
    if (c->category) a->category_id = c->category->id;
    if (c->place) a->place_id = c->place->id;
    if (c->place_address.p) a->address = c->place_address;
    if (c->category && (int64_t)c->category->urgency > a->urgency) a->urgency = c->category->urgency;
    if (to->id == a->holder_unit_id) return RC_OK;
    a->state = STATE_SUBMITTED;
    return move_to(act, a, to, ARRIVAL_MOVED, false);
}

static enum rc do_resolve(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)act;
    a->outcome = c->detail;
    a->result = c->text;
    return RC_OK;
}

static enum rc do_rate(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)act;
    a->solved = c->solved ? 1 : 2;
    a->stars = c->detail;
    a->rating_comment = c->text.p ? c->text : STR("");
    return RC_OK;
}

static enum rc do_urge(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    a->urged_at = act->now_us;
    return RC_OK;
}

static enum rc do_ask(struct act *act, struct row_appeal *a, const struct change *c) {
    return question_open(act, a, c->text);
}

/* Once, half way. */
static enum rc do_remind(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (!a->remind_at || a->remind_at > act->now_us)
        return act_fail(act, RC_CONFLICT, "提醒时间未到。", "It is not the time to remind.");
    a->remind_at = 0;
    return RC_OK;
}

/* By itself only when the time is over; staff may take the question back before. */
static enum rc do_resume(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (act->asker.kind == ACTOR_SYSTEM && a->answer_by > act->now_us)
        return act_fail(act, RC_CONFLICT, "答复期限未到。", "The time for the answer is not over.");
    return question_end(act, a);
}

static enum rc do_answer(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    return question_end(act, a);
}

static enum rc (*const doers[ACT__MAX])(struct act *, struct row_appeal *, const struct change *) = {
    [ACT_TRANSFER] = do_transfer,  [ACT_DELEGATE] = do_delegate, [ACT_RETURN] = do_return,
    [ACT_ESCALATE] = do_escalate,  [ACT_STEP_OUT] = do_step_out, [ACT_ASSIGN] = do_assign,
    [ACT_TAKE_BACK] = do_unassign, [ACT_RELEASE] = do_unassign,  [ACT_CLASSIFY] = do_classify,
    [ACT_RESOLVE] = do_resolve,    [ACT_RATE] = do_rate,         [ACT_URGE] = do_urge,
    [ACT_OVERDUE] = do_overdue,    [ACT_CLOSE] = do_close,       [ACT_RECLOCK] = change_reclock,
    [ACT_ASK_RESIDENT] = do_ask,   [ACT_ANSWER] = do_answer,     [ACT_REMIND] = do_remind,
    [ACT_RESUME] = do_resume,
};

/* ---- the way through ---- */

/* What limits say, for people. */
static const struct {
    enum action action;
    enum rc rc;
    const char *zh, *en;
} refusals[] = {
    {ACT_RETURN, RC_LIMIT_REACHED, "已退单两次，请上报，由上级单位裁定。",
     "It was returned twice; escalate it so that the unit above rules."},
    {ACT_RETURN, RC_CONFLICT, "没有可退回的单位，请上报。", "There is no unit to return it to; escalate it."},
    {ACT_URGE, RC_LIMIT_REACHED, "24 小时内只能催办一次，请稍后再试。",
     "You can urge once in 24 hours; try again later."},
    {ACT_REOPEN, RC_LIMIT_REACHED, "办结已超过 15 天，请重新提交诉求。",
     "It was resolved more than 15 days ago; submit a new appeal."},
    {ACT_ASK_RESIDENT, RC_LIMIT_REACHED, "本轮已问询三次，请按已知情况办理，或直接联系居民。",
     "Three questions were asked in this round; go on with what is known, or call the resident."},
    {ACT_ASK_RESIDENT, RC_CONFLICT, "上一个问题还在等居民答复，或环节时限已到，不能问询。",
     "A question still waits for its answer, or the step clock has run out."},
    {ACT_ANSWER, RC_CONFLICT, "目前没有等您答复的问题；如需说明，请用补充说明。",
     "No question waits for your answer; to say more, supplement it."},
    {ACT_RESUME, RC_CONFLICT, "没有等待答复的问题。", "No question is open."},
};

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
    enum rc rc = within_limits(act, a, c->action);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].action == c->action && refusals[i].rc == rc)
            return act_fail(act, rc, refusals[i].zh, refusals[i].en);
    return rc;
}

/* The effects that the table names, after the action's own work. */
static enum rc apply_effects(struct act *act, struct row_appeal *a, const struct transition *t, int64_t from_state) {
    enum rc rc = RC_OK;
    if (t->effects & FX_ROUND) start_round(act, a);
    if (t->effects & FX_RESPONDED && !a->responded_at) a->responded_at = act->now_us;
    if (t->effects & FX_OVERDUE) a->overdue = 1;
    if (t->effects & (FX_RESOLVED | FX_ENDS)) a->step_by = 0;
    /* Somebody who urges from above stops no clock that still runs: it will escalate the matter. */
    if (t->effects & FX_STEP_STOPS && !a->answer_by && a->step_by <= act->now_us) a->step_by = 0;
    if (t->effects & FX_RESOLVED) a->resolved_at = act->now_us;
    bool line_open = state_box((enum state)from_state) == BOX_TO_ACCEPT ||
                     state_box((enum state)from_state) == BOX_IN_HAND;
    if (t->effects & (FX_RESOLVED | FX_ENDS) && line_open) rc = change_close_line(act, a, act->now_us, false);
    if (t->effects & FX_ENDS) a->closed_at = act->now_us;
    return rc;
}

/* untouched: nobody had written the row past the product; else its MAC stays as it is, and tells. */
static enum rc write_appeal(struct act *act, struct row_appeal *a, int64_t events_before, bool untouched) {
    int64_t matched;
    a->box = state_box((enum state)a->state);
    a->is_open = a->box == BOX_TO_ACCEPT || a->box == BOX_IN_HAND;
    a->updated_at = act->now_us;
    if (untouched && !audit_appeal_mac(act->keys, a, a->mac)) return RC_INTERNAL;
    enum rc rc = db_run(
        act->db, ST_appeal_update,
        DB_VALUES(v_int_or_null(a->category_id), v_int(a->urgency), v_int_or_null(a->place_id), v_text(a->address),
                  v_int_or_null(a->lng), v_int_or_null(a->lat), v_int(a->state), v_int(a->round), v_int(a->version),
                  v_int(a->tier), v_id_or_null(a->assignee_id), v_int(a->holder_unit_id),
                  v_int_or_null(a->sender_unit_id), v_int(a->arrival), v_int(a->returns), v_time(a->held_since),
                  v_time(a->respond_by), v_time(a->resolve_by), v_time_or_null(a->step_by),
                  v_time_or_null(a->responded_at), v_time_or_null(a->resolved_at), v_int(a->transfers),
                  v_int(a->overdue), v_int(a->provisional), v_int_or_null(a->outcome), v_text_or_null(a->result),
                  v_int_or_null(a->solved), v_int_or_null(a->stars), v_text_or_null(a->rating_comment),
                  v_time_or_null(a->urged_at), v_int(a->events), v_int(a->lines_closed), v_hash(a->chain),
                  v_time(a->updated_at), v_int(a->box), v_int(a->is_open), v_time_or_null(a->closed_at),
                  v_time(a->round_started_at), v_text_or_null(a->respond_rule), v_text_or_null(a->resolve_rule),
                  v_text_or_null(a->step_rule), v_text_or_null(a->question), v_id_or_null(a->asker_id),
                  v_time_or_null(a->answer_by), v_time_or_null(a->remind_at), v_int(a->questions), v_hash(a->mac),
                  v_id(a->id), v_int(events_before)),
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
    return db_run(act->db, ST_event_insert,
                  DB_VALUES(v_id(e->appeal_id), v_int(e->n), v_int(e->action), v_int(e->from_state), v_int(e->to_state),
                            v_int(e->version), v_int(e->actor_kind), v_id(e->actor_id), v_int_or_null(e->actor_unit_id),
                            v_int_or_null(e->unit_id), v_int_or_null(e->from_unit_id), v_id_or_null(e->target_id),
                            v_int_or_null(e->reason_id), v_int_or_null(e->detail),
                            v_text(e->text.p ? e->text : STR("")), v_bytes_or_null(e->numbers), v_int(e->public),
                            v_int(e->notify), v_time(e->at), v_text(e->address.p ? e->address : STR("")), v_id(e->salt),
                            v_hash(e->commitment), v_hash(e->mac), v_id_or_null(e->client_id)),
                  NULL);
}

/* An event of the system's own that an act of somebody else brings about, before that act's. */
static enum rc write_by_system(const struct act *act, struct row_appeal *a, enum action action, uint32_t notify,
                               const uint8_t content[32]) {
    struct act system = *act;
    struct row_event e = {.action = action,
                          .from_state = a->state,
                          .public = !!(transition_of(action)->effects & FX_PUBLIC),
                          .notify = notify};
    memcpy(e.target_id, a->assignee_id, 16);
    system.asker = (struct asker){.kind = ACTOR_SYSTEM};
    system.address = (struct str){0};
    a->events++;
    return appeal_write_event(&system, a, &e, (struct str){0}, content);
}

/* What moves the matter or ends the work ends an open question first: an event and a ledger line of its own. */
static enum rc end_question(const struct act *act, struct row_appeal *a, const struct change *c,
                            const struct transition *t) {
    bool leaves = t->effects & (FX_MOVES | FX_RESOLVED | FX_ENDS) ||
                  (c->action == ACT_CLASSIFY && classified_to(act, a, c)->id != a->holder_unit_id);
    if (!a->answer_by || !leaves) return RC_OK;
    struct act ends = *act;
    enum rc rc = question_end(&ends, a);
    return rc == RC_OK ? write_by_system(act, a, ACT_RESUME, 0, ends.closed_line) : rc;
}

/* An answer that comes after resolve_by, yet before the job looked, is late all the same: no end of the work escapes the mark. */
static enum rc mark_late(const struct act *act, struct row_appeal *a, const struct transition *t) {
    enum box box = state_box((enum state)a->state);
    bool ends = t->effects & (FX_RESOLVED | FX_ENDS) && (box == BOX_TO_ACCEPT || box == BOX_IN_HAND);
    if (!ends || a->overdue || a->resolve_by >= act->now_us) return RC_OK;
    static const uint8_t no_content[32];
    a->overdue = 1;
    return write_by_system(act, a, ACT_OVERDUE, transition_of(ACT_OVERDUE)->notify, no_content);
}

enum rc appeal_change(struct act *act, const uint8_t id[16], const struct change *c, struct row_appeal **after) {
    const struct transition *t = transition_of(c->action);
    struct row_appeal *a = NULL;
    enum rc rc = lock_appeal(act, id, &a);
    if (rc == RC_OK) rc = check(act, a, c, t);
    if (rc != RC_OK) return rc;
    struct row_event e = {.action = c->action,
                          .from_state = a->state,
                          .text = c->text,
                          .detail = c->detail,
                          .public = !!(t->effects & FX_PUBLIC),
                          .notify = t->notify,
                          .reason_id = c->reason ? c->reason->id : 0};
    memcpy(e.target_id, c->action == ACT_ASSIGN ? c->post_id : a->assignee_id, 16);
    int64_t events_before = a->events, holder_before = a->holder_unit_id;
    bool untouched = audit_appeal_holds(act->keys, a);
    memset(act->closed_line, 0, sizeof act->closed_line);
    rc = end_question(act, a, c, t);
    if (rc == RC_OK) rc = mark_late(act, a, t);
    if (rc != RC_OK) return rc;
    if (t->to != STATE_NONE) a->state = t->to;
    if (doers[c->action]) rc = doers[c->action](act, a, c);
    if (rc == RC_OK) rc = apply_effects(act, a, t, e.from_state);
    if (rc != RC_OK) return rc;
    if (t->effects & FX_VERSION) a->version++;
    if (a->holder_unit_id != holder_before) e.from_unit_id = holder_before;
    a->events++;
    rc = appeal_write_event(act, a, &e, c->numbers, act->closed_line);
    if (rc == RC_OK) rc = write_appeal(act, a, events_before, untouched);
    *after = a;
    return rc;
}
