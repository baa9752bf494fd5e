/* What each action asks and does besides its row of the transition table. */
#include "acts/change_private.h"
#include "acts/demands.h"
#include "acts/follow.h"
#include "acts/split.h"
#include "acts/succeed.h"
#include "acts/meetings.h"
#include "acts/moves.h"
#include "acts/parts.h"
#include "acts/pause.h"
#include "acts/request.h"
#include "acts/watch.h"
#include "acts/ruling.h"
#include "acts/weigh.h"
#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/contact.h"
#include "rules/urgency.h"

#define DAY_US (DAY_S * SECOND_US)

/* Limits that are not the state's: nothing is ever offered as possible that would then be refused. */
static enum rc limit_urge(const struct act *act, const struct row_appeal *a) {
    return a->urged_at && act->now_us - a->urged_at < URGE_HOURS * 3600 * SECOND_US ? RC_LIMIT_REACHED : RC_OK;
}

static enum rc limit_reopen(const struct act *act, const struct row_appeal *a) {
    return act->now_us - a->resolved_at > REOPEN_DAYS * DAY_US ? RC_LIMIT_REACHED : RC_OK;
}

/* No file without an end; who works on it writes on. A third party leaves its reporter half of it. */
static enum rc limit_supplement(const struct act *act, const struct row_appeal *a) {
    int64_t most = act->asker.kind == ACTOR_CLIENT ? SUPPLEMENTS_TILL / 2 : SUPPLEMENTS_TILL;
    return a->events >= most ? RC_LIMIT_REACHED : RC_OK;
}

static enum rc limit_resolve(const struct act *act, const struct row_appeal *a) {
    enum rc rc = follow_may_pass_on(act, a);
    return rc == RC_OK ? part_may_resolve(act, a) : rc;
}

static enum rc do_overdue(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (appeal_paused(a) || a->overdue || a->resolve_by >= act->now_us)
        return act_fail(act, RC_CONFLICT, "办理时限未到。", "It is not overdue.");
    return RC_OK;
}

static enum rc do_close(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (a->planned_for || act->now_us - a->resolved_at < UNRATED_DAYS * DAY_US)
        return act_fail(act, RC_CONFLICT, "评价期未满。", "The time to rate is not over.");
    return RC_OK;
}

enum rc action_find_assignee(struct act *act, const uint8_t post_id[16], int64_t unit_id) {
    struct row_post *post;
    const struct unit *unit = unit_by_id(act->district, unit_id);
    enum rc rc = db_row(act->db, ST_post_in_unit,
                        DB_VALUES(v_time(act->now_us), v_time(act->now_us), v_id(post_id), v_int(unit_id)), act->arena,
                        &post);
    if (rc != RC_OK) return rc;
    if (!post || !unit || !(role_abilities((enum role)post->role, unit->tier) & ABLE_HANDLE))
        return act_fail(act, RC_CONFLICT, "该岗位不在本单位，或不能经办。",
                        "That post is not in this unit or can't handle appeals.");
    if (post->away)
        return act_fail(act, RC_CONFLICT, "该同志目前不在岗，请指派给其代理人或其他同志。",
                        "That person is away just now; assign it to the substitute or somebody else.");
    return RC_OK;
}

static enum rc do_assign(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = action_find_assignee(act, c->post_id, a->holder_unit_id);
    if (rc != RC_OK) return rc;
    bool dispatcher = appeal_relations(act, a) & REL_DISPATCHER;
    if (!dispatcher && memcmp(c->post_id, act->asker.post_id, 16) != 0)
        return act_fail(act, RC_FORBIDDEN, "经办人只能指派给自己，指派他人请调度员或负责人操作。",
                        "A handler takes a matter for himself; a dispatcher or lead assigns it to others.");
    memcpy(a->assignee_id, c->post_id, 16);
    return RC_OK;
}

/* The assignee is away: the job absences says so. */
static enum rc do_substitute(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = action_find_assignee(act, c->post_id, a->holder_unit_id);
    if (rc == RC_OK) memcpy(a->assignee_id, c->post_id, 16);
    return rc;
}

static enum rc do_unassign(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)act;
    (void)c;
    memset(a->assignee_id, 0, 16);
    return RC_OK;
}

/* Staff don't say so of somebody whom they hardly tried to reach. */
static enum rc check_unreachable(struct act *act, const struct row_appeal *a) {
    struct contact_attempt *attempts;
    size_t n;
    enum rc rc = watch_attempts(act, a, ACT_CONTACT, a->round_started_at, &attempts, &n);
    if (rc != RC_OK) return rc;
    if (contact_unreachable(attempts, n)) return RC_OK;
    return act_fail(act, RC_CONFLICT, "须在不同日期的不同时段联系三次均未联系上并记录，才能以联系不上办结。",
                    "Try to reach him on three days, at another hour each time, and record it, before you say so.");
}

static enum rc do_resolve(struct act *act, struct row_appeal *a, const struct change *c) {
    if (c->detail == OUTCOME_UNREACHABLE && act->asker.kind == ACTOR_STAFF) {
        enum rc rc = check_unreachable(act, a);
        if (rc != RC_OK) return rc;
    }
    a->outcome = c->detail;
    a->result = c->text;
    return demands_answer(act, a, c);
}

/* What could not be a result can't be proposed as one. */
static enum rc do_propose(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = c->detail == OUTCOME_UNREACHABLE ? check_unreachable(act, a) : RC_OK;
    return rc == RC_OK ? demands_answer(act, a, c) : rc;
}

static int64_t start_of_day(int64_t day) { return day * DAY_US - BEIJING_OFFSET_S * SECOND_US; }

static enum rc limit_plan(const struct act *act, const struct row_appeal *a) {
    return a->plans >= PLANS_MAX ? RC_LIMIT_REACHED : limit_resolve(act, a);
}

static enum rc do_plan(struct act *act, struct row_appeal *a, const struct change *c) {
    int64_t day = start_of_day(c->detail);
    if (day <= act->now_us || day > act->now_us + PLAN_DAYS_MAX * DAY_US)
        return act_fail(act, RC_CONFLICT, "计划日期应在明天至两年之内。",
                        "The day planned for has to be between tomorrow and two years from now.");
    a->outcome = OUTCOME_PLANNED;
    a->result = c->text;
    a->planned_for = day;
    a->plans++;
    return demands_answer(act, a, c);
}

static enum rc do_follow_up(struct act *act, struct row_appeal *a, const struct change *c) {
    if (!a->planned_for || a->planned_for > act->now_us)
        return act_fail(act, RC_CONFLICT, "计划日期未到。", "The day planned for has not come.");
    return follow_end(act, a, c);
}

/* After a bad rating, or when none came. */
static enum rc limit_callback(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return watch_content(a) ? RC_CONFLICT : RC_OK;
}

static enum rc limit_redo(const struct act *act, const struct row_appeal *a) {
    if (act->now_us - a->resolved_at > CALLBACK_DAYS * DAY_US) return RC_LIMIT_REACHED;
    return limit_callback(act, a);
}

/* Supervision from above may want a reply within so many working days; the last one that wants it gets it. */
static enum rc do_supervise(struct act *act, struct row_appeal *a, const struct change *c) {
    if (!c->detail || act->asker.kind != ACTOR_STAFF) return RC_OK;
    change_start_clock(act, SIDE_CLOCK(a, reply), (struct duration){(int32_t)c->detail, DURATION_WORKDAYS});
    memcpy(a->reply_to, act->asker.post_id, 16);
    return RC_OK;
}

static bool reply_owed(const struct row_appeal *a) {
    static const uint8_t nobody[16];
    return memcmp(a->reply_to, nobody, 16) != 0;
}

static enum rc limit_reply(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return reply_owed(a) ? RC_OK : RC_CONFLICT;
}

/* It goes to who asked for it. */
static enum rc do_reply(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    memcpy(act->event->target_id, a->reply_to, 16);
    memset(a->reply_to, 0, 16);
    change_stop_clock(SIDE_CLOCK(a, reply));
    return RC_OK;
}

static enum rc do_reply_late(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (!a->reply_by || a->reply_by > act->now_us)
        return act_fail(act, RC_CONFLICT, "回复期限未到。", "The reply is not due yet.");
    memcpy(act->event->target_id, a->reply_to, 16);
    change_stop_clock(SIDE_CLOCK(a, reply)); /* told once; the reply is still owed */
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

/* By itself only when the time is over; staff may take the question back, or end the suspension, before. */
static enum rc do_resume(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (act->asker.kind == ACTOR_SYSTEM && pause_until(a) > act->now_us)
        return act_fail(act, RC_CONFLICT, "计时暂停的期限未到。", "The time of the pause is not over.");
    return pause_end(act, a);
}

/* Who adds something may tell of danger that there was none of before. */
static enum rc do_supplement(struct act *act, struct row_appeal *a, const struct change *c) {
    change_more_urgent(act, a, text_urgency(act->district, c->text, NULL));
    return RC_OK;
}

static enum rc do_answer(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = pause_end(act, a);
    return rc == RC_OK ? do_supplement(act, a, c) : rc;
}

static enum rc do_refuse(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    return request_end(act, a);
}

static const struct {
    enum rc (*limit)(const struct act *, const struct row_appeal *);          /* NULL: none */
    enum rc (*run)(struct act *, struct row_appeal *, const struct change *); /* NULL: the table says it all */
} parts[ACT__MAX] = {
    [ACT_ASSIGN] = {NULL, do_assign},
    [ACT_TAKE_BACK] = {NULL, do_unassign},
    [ACT_CLASSIFY] = {NULL, move_classify},
    [ACT_TRANSFER] = {move_may_transfer, move_transfer},
    [ACT_DELEGATE] = {NULL, move_delegate},
    [ACT_RETURN] = {move_may_return, move_return},
    [ACT_RULE] = {ruling_may, ruling_run},
    [ACT_ESCALATE] = {move_may_escalate, move_escalate},
    [ACT_RESOLVE] = {limit_resolve, do_resolve},
    [ACT_PROGRESS] = {follow_may_pass_on, follow_pass_on},
    [ACT_RATE] = {NULL, do_rate},
    [ACT_REOPEN] = {limit_reopen, follow_end},
    [ACT_WITHDRAW] = {NULL, follow_end},
    [ACT_SUPPLEMENT] = {limit_supplement, do_supplement},
    [ACT_URGE] = {limit_urge, do_urge},
    [ACT_STEP_OUT] = {NULL, move_step_out},
    [ACT_OVERDUE] = {NULL, do_overdue},
    [ACT_CLOSE] = {NULL, do_close},
    [ACT_SUBSTITUTE] = {NULL, do_substitute},
    [ACT_WEIGH] = {NULL, do_weigh},
    [ACT_RELEASE] = {NULL, do_unassign},
    [ACT_RECLOCK] = {NULL, change_reclock},
    [ACT_ASK_RESIDENT] = {question_may_open, do_ask},
    [ACT_ANSWER] = {question_is_open, do_answer},
    [ACT_REMIND] = {question_is_open, do_remind},
    [ACT_RESUME] = {question_is_open, do_resume},
    [ACT_SPLIT] = {NULL, split_off},
    [ACT_SUCCEED] = {NULL, succeed_matter},
    [ACT_PART_SUCCEED] = {part_may_succeed, part_succeed},
    [ACT_NUMBER_DEMANDS] = {demands_may_number, demands_number},
    [ACT_MERGE] = {NULL, follow_begin},
    [ACT_UNMERGE] = {NULL, follow_leave},
    [ACT_JOINED] = {NULL, follow_count},
    [ACT_COHANDLE] = {part_may_call, part_call},
    [ACT_HAND_LEAD] = {NULL, move_hand_lead},
    [ACT_MEETING_CALL] = {meeting_may_call, meeting_call},
    [ACT_MEETING_HELD] = {meeting_may_end, meeting_held},
    [ACT_SITE_VISIT] = {meeting_may_call, meeting_visit},
    [ACT_PART_LINK] = {part_may_end, part_link},
    [ACT_PART_UNLINK] = {part_may_end, part_link},
    [ACT_PART_DONE] = {part_may_end, part_answer},
    [ACT_PART_REFUSE] = {part_may_end, part_answer},
    [ACT_PART_WAIVE] = {part_may_end, part_waive},
    [ACT_PART_ASSIGN] = {part_may_end, part_assign},
    [ACT_PART_LATE] = {part_may_end, part_late},
    [ACT_REQUEST_EXTENSION] = {request_may_extend, request_extension},
    [ACT_EXTEND] = {request_is_extension, request_extend},
    [ACT_REQUEST_SUSPENSION] = {request_may_suspend, request_suspension},
    [ACT_SUSPEND] = {request_is_suspension, request_suspend},
    [ACT_CONTINUE] = {suspension_is_open, do_resume},
    [ACT_REFUSE] = {request_is_open, do_refuse},
    [ACT_PLAN] = {limit_plan, do_plan},
    [ACT_FOLLOW_UP] = {NULL, do_follow_up},
    [ACT_PROPOSE] = {limit_resolve, do_propose},
    [ACT_CONTACT_MISSED] = {NULL, watch_contact_missed},
    [ACT_NUDGE] = {NULL, watch_nudge},
    [ACT_SUPERVISE] = {NULL, do_supervise},
    [ACT_REPLY] = {limit_reply, do_reply},
    [ACT_REPLY_LATE] = {NULL, do_reply_late},
    [ACT_CALLBACK] = {limit_callback, watch_called_back},
    [ACT_CALLBACK_MISSED] = {NULL, watch_callback_missed},
    [ACT_REDO] = {limit_redo, follow_end},
};

/* What a limit says: to who asks beforehand what is possible, and to who tried. */
static const struct refusal {
    enum action action;
    enum rc rc;
    struct word why;
    const char *zh, *en;
} refusals[] = {
#define NO_TARGET \
    { "no_target", "没有可去的单位", "There is no unit to send it to" }
#define LIMIT \
    { "limit_reached", "已达次数或期限上限", "The limit of times or days is reached" }
#define NO_PART \
    { "no_part", "没有待办的协办事项", "No part is left" }
#define PARTS_LEFT \
    {"parts_left", "还有协办未完成，也未免除", "Parts of it are neither done nor waived"}, \
        "还有协办未完成；请等协办单位办完，或写明理由免除后再办结。", \
        "Parts of it are not done; wait for the units called in, or waive the parts with a reason, then resolve it."
#define NOT_ASKED \
    { "not_asked", "没有等待答复的问题", "No question is open" }
#define NO_REQUEST \
    { "no_request", "不能申请", "It can't be asked for now" }
#define CONTENT \
    { "content", "诉求人已评价满意", "The reporter is content" }
#define TAKEN_OVER \
    { "taken_over", "诉求人已亲自跟进", "Its reporter has taken it over" }
#define NOTHING_ASKED \
    { "nothing_asked", "没有待决定的申请", "No request waits" }
    {ACT_TRANSFER, RC_LIMIT_REACHED, LIMIT, "已转派三次，请办理，或上报由上级单位裁定。",
     "It was transferred three times; handle it, or escalate it so that the unit above rules."},
    {ACT_RETURN, RC_LIMIT_REACHED, LIMIT, "已退单两次，请上报，由上级单位裁定。",
     "It was returned twice; escalate it so that the unit above rules."},
    {ACT_RETURN, RC_CONFLICT, NO_TARGET, "没有可退回的单位，或上级已裁定由本单位办理；确有困难请上报。",
     "There is no unit to return it to, or the unit above ruled that it is yours; escalate it if you can't handle it."},
    {ACT_TRANSFER,
     RC_CONFLICT,
     {"ruled", "上级已裁定由本单位办理", "The unit above ruled that it is yours"},
     "上级已裁定由本单位办理，不能再转派；确有困难请上报。",
     "The unit above ruled that it is yours; escalate it if you can't handle it."},
    {ACT_RULE,
     RC_CONFLICT,
     {"no_dispute", "单位之间没有争议", "No units dispute it"},
     "只有退单两次、转派三次或转派后被退回的事项才需裁定；请直接交办。",
     "Only what was returned twice, transferred three times, or transferred and returned is ruled; delegate it."},
    {ACT_ESCALATE, RC_CONFLICT, NO_TARGET, "没有可上报的上级单位。", "There is no unit above to escalate it to."},
    {ACT_URGE, RC_LIMIT_REACHED, LIMIT, "24 小时内只能催办一次，请稍后再试。",
     "You can urge once in 24 hours; try again later."},
    {ACT_WITHDRAW, RC_FORBIDDEN, TAKEN_OVER, "诉求人已用本人账号跟进此单，只有本人可以撤回。",
     "Its reporter has taken it over; only that person can withdraw it now."},
    {ACT_ANSWER, RC_FORBIDDEN, TAKEN_OVER, "诉求人已用本人账号跟进此单，由本人答复。",
     "Its reporter has taken it over; that person answers."},
    {ACT_NUMBER_DEMANDS, RC_FORBIDDEN, TAKEN_OVER, "诉求人已用本人账号跟进此单，由本人核对诉求点。",
     "Its reporter has taken it over; that person sets its demands right."},
    {ACT_SUPPLEMENT, RC_LIMIT_REACHED, LIMIT, "此事项的记录已很多，不能再补充；请联系承办单位，或另行提交。",
     "This matter's record is too long to add to; call the unit that handles it, or submit another."},
    {ACT_REOPEN, RC_LIMIT_REACHED, LIMIT, "办结已超过 15 天，请重新提交诉求。",
     "It was resolved more than 15 days ago; submit a new appeal."},
    {ACT_ASK_RESIDENT, RC_LIMIT_REACHED, LIMIT, "本轮已问询三次，请按已知情况办理，或直接联系居民。",
     "Three questions were asked in this round; go on with what is known, or call the resident."},
    {ACT_ASK_RESIDENT,
     RC_CONFLICT,
     {"asked", "计时已暂停，或环节时限已到", "The clocks stand still, or the step clock has run out"},
     "上一个问题还在等居民答复，或事项已中止，或环节时限已到，不能问询。",
     "A question still waits for its answer, or the matter is suspended, or the step clock has run out."},
    {ACT_ANSWER, RC_CONFLICT, NOT_ASKED, "目前没有等您答复的问题；如需说明，请用补充说明。",
     "No question waits for your answer; to say more, supplement it."},
    {ACT_RESUME, RC_CONFLICT, NOT_ASKED, "没有等待答复的问题。", "No question is open."},
    {ACT_RESOLVE, RC_CONFLICT, PARTS_LEFT},
    {ACT_PLAN, RC_CONFLICT, PARTS_LEFT},
    {ACT_PROPOSE, RC_CONFLICT, PARTS_LEFT},
    {ACT_COHANDLE, RC_LIMIT_REACHED, LIMIT, "协办已达 50 项，不能再邀请。",
     "It has 50 parts already; no more can be added."},
    {ACT_MEETING_CALL, RC_LIMIT_REACHED, LIMIT, "会议和现场查看已达 50 次，不能再增加。",
     "It has 50 meetings and site visits already; no more can be added."},
    {ACT_SITE_VISIT, RC_LIMIT_REACHED, LIMIT, "会议和现场查看已达 50 次，不能再增加。",
     "It has 50 meetings and site visits already; no more can be added."},
    {ACT_MEETING_HELD,
     RC_CONFLICT,
     {"no_meeting", "没有召集过会议", "No meeting was called"},
     "没有召集过会议。",
     "No meeting was called."},
    {ACT_PART_LINK, RC_CONFLICT, NO_PART, "没有待办的协办事项。", "No part is left."},
    {ACT_PART_UNLINK, RC_CONFLICT, NO_PART, "没有待办的协办事项。", "No part is left."},
    {ACT_PART_DONE, RC_CONFLICT, NO_PART, "没有待办的协办事项。", "No part is left."},
    {ACT_PART_REFUSE, RC_CONFLICT, NO_PART, "没有待办的协办事项。", "No part is left."},
    {ACT_PART_WAIVE, RC_CONFLICT, NO_PART, "没有待办的协办事项。", "No part is left."},
    {ACT_PART_ASSIGN, RC_CONFLICT, NO_PART, "没有待办的协办事项。", "No part is left."},
#undef NO_PART
    {ACT_REQUEST_EXTENSION, RC_LIMIT_REACHED, LIMIT, "本轮已申请过延期，不能再申请。",
     "An extension was asked for in this round already."},
    {ACT_REQUEST_EXTENSION, RC_CONFLICT, NO_REQUEST, "已有申请待上级决定，或办理时限已过，不能申请延期。",
     "A request waits for the unit above, or the time to resolve it is over."},
    {ACT_REQUEST_SUSPENSION, RC_LIMIT_REACHED, LIMIT, "本轮已中止两次，不能再申请。",
     "It was suspended twice in this round already."},
    {ACT_REQUEST_SUSPENSION, RC_CONFLICT, NO_REQUEST,
     "已有申请待上级决定，或事项已中止，或办理时限已过，不能申请中止。",
     "A request waits for the unit above, or it is suspended, or the time to resolve it is over."},
    {ACT_EXTEND, RC_CONFLICT, NOTHING_ASKED, "没有待决定的延期申请。", "No request for an extension waits."},
    {ACT_SUSPEND, RC_CONFLICT, NOTHING_ASKED, "没有待决定的中止申请。", "No request for a suspension waits."},
    {ACT_REFUSE, RC_CONFLICT, NOTHING_ASKED, "没有待决定的申请。", "No request waits."},
    {ACT_PLAN, RC_LIMIT_REACHED, LIMIT, "已挂账三次，请办结，或说明无法办理的原因。",
     "It was planned three times; resolve it, or say why that is not possible."},
    {ACT_NUMBER_DEMANDS, RC_LIMIT_REACHED, LIMIT, "诉求点已核对二十次，不能再改；请在结果中一并说明。",
     "The demands were set right twenty times; say the rest in the result."},
    {ACT_REPLY,
     RC_CONFLICT,
     {"no_reply_owed", "没有待回复的督办", "No reply is owed"},
     "没有待回复的督办。",
     "No reply is owed."},
    {ACT_CALLBACK, RC_CONFLICT, CONTENT, "诉求人已评价满意，无需回访。",
     "The reporter is content; nobody need ask again."},
    {ACT_REDO, RC_CONFLICT, CONTENT, "诉求人已评价满意，不能重办。", "The reporter is content; it stays closed."},
    {ACT_REDO, RC_LIMIT_REACHED, LIMIT, "办结已超过 90 天，不能重办，请另行登记。",
     "It was resolved more than 90 days ago; it takes a new appeal."},
    {ACT_CONTINUE,
     RC_CONFLICT,
     {"not_suspended", "事项没有中止", "It is not suspended"},
     "事项没有中止。",
     "It is not suspended."},
#undef NO_TARGET
#undef LIMIT
#undef NOT_ASKED
#undef NO_REQUEST
#undef NOTHING_ASKED
#undef CONTENT
#undef TAKEN_OVER
#undef PARTS_LEFT
};

static const struct refusal *refusal_of(enum action action, enum rc rc) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].action == action && refusals[i].rc == rc) return &refusals[i];
    return NULL;
}

/* Once a resident has spoken about what a third party posted for him, nobody ends it, answers or sums it up in his name. */
static bool is_his_own(enum action action) {
    return action == ACT_WITHDRAW || action == ACT_ANSWER || action == ACT_NUMBER_DEMANDS;
}

enum rc action_within_limits(const struct act *act, const struct row_appeal *a, enum action action) {
    if (act->taken_over && is_his_own(action)) return RC_FORBIDDEN;
    return parts[action].limit ? parts[action].limit(act, a) : RC_OK;
}

enum rc action_refuse(struct act *act, enum action action, enum rc rc) {
    const struct refusal *r = refusal_of(action, rc);
    return r ? act_fail(act, rc, r->zh, r->en) : rc;
}

enum rc action_run(struct act *act, struct row_appeal *a, const struct change *c) {
    return parts[c->action].run ? parts[c->action].run(act, a, c) : RC_OK;
}

struct action_set appeal_allowed(const struct act *act, const struct row_appeal *a) {
    uint32_t relations = appeal_relations(act, a);
    struct action_set allowed = {{false}};
    for (int action = 1; action < ACT__MAX; action++)
        allowed.has[action] = transition_check((enum action)action, (enum state)a->state, relations) == VERDICT_YES &&
                              action_within_limits(act, a, (enum action)action) == RC_OK;
    return allowed;
}

const struct word *appeal_why_not(const struct act *act, const struct row_appeal *a, enum action action) {
    static const struct word not_yours = {"not_yours", "您的岗位不能办理此项操作", "Your post may not do this"},
                             wrong_state = {"wrong_state", "当前状态不能这样做", "Not possible in this state"};
    switch (transition_check(action, (enum state)a->state, appeal_relations(act, a))) {
    case VERDICT_NOT_YOURS: return &not_yours;
    case VERDICT_WRONG_STATE: return &wrong_state;
    case VERDICT_YES: break;
    }
    const struct refusal *r = refusal_of(action, action_within_limits(act, a, action));
    return r ? &r->why : NULL;
}
