/* What becomes of the parts of joint handling. */
#include "acts/parts.h"

#include "acts/audit.h"
#include "acts/change_private.h"
#include "acts/links.h"
#include "acts/pause.h"
#include "acts/succeed.h"
#include "base/timefmt.h"
#include "base/uuid.h"

enum rc parts_tie(struct act *act, const struct row_appeal *a) {
    struct row_part_tie *tie = NULL;
    enum rc rc = RC_OK;
    if (act->asker.kind == ACTOR_STAFF && a->parts && act->asker.unit)
        rc = db_row(act->db, ST_part_tie, DB_VALUES(v_id(a->id), v_int(act->asker.unit->id)), act->arena, &tie);
    act->joint = (struct joint_tie){.counit = tie != NULL || act->asker.kind == ACTOR_GUEST,
                                    .contact = tie && tie->contact};
    memcpy(act->joint.appeal_id, a->id, 16);
    return rc;
}

/* ---- limits ---- */

enum rc part_may_call(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->parts >= PARTS_MAX ? RC_LIMIT_REACHED : RC_OK;
}

enum rc part_may_resolve(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->parts_left ? RC_CONFLICT : RC_OK;
}

enum rc part_may_end(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->parts_left ? RC_OK : RC_CONFLICT;
}

/* ---- rows ---- */

/* The part as it is after the event that this change is about to write. */
static enum rc bind_to_event(struct act *act, const struct row_appeal *a, struct row_part *p) {
    p->event_n = a->events + 1;
    act->part = p->n;
    return audit_part_mac(act->keys, p, p->mac) ? RC_OK : RC_INTERNAL;
}

/* A part on its way to another state. untouched: nobody had written the row past the product; else its MAC stays as it is, and
 * tells. */
struct taken {
    struct row_part *p;
    bool untouched;
};

static enum rc write_row(struct act *act, const struct row_part *p) {
    return db_run(act->db, ST_part_update,
                  DB_VALUES(v_int(p->event_n), v_int_or_null(p->unit_id), v_time(p->due_by), v_int(p->state),
                            v_id_or_null(p->assignee_id), v_time_or_null(p->ended_at), v_text_or_null(p->result),
                            v_time_or_null(p->link_until), v_id_or_null(p->link_id),
                            p->link_until ? v_hash(p->link_hash) : v_null(), v_time_or_null(p->told_due),
                            v_hash(p->mac), v_id(p->appeal_id), v_int(p->n)),
                  NULL);
}

static enum rc update(struct act *act, const struct row_appeal *a, const struct taken *t) {
    struct row_part *p = t->p;
    uint8_t mac[32];
    memcpy(mac, p->mac, 32);
    enum rc rc = bind_to_event(act, a, p);
    if (!t->untouched) memcpy(p->mac, mac, 32);
    return rc == RC_OK ? write_row(act, p) : rc;
}

/* Its due time as it is without the pause that the matter is in. */
static void end_part(const struct act *act, const struct row_appeal *a, struct row_part *p) {
    p->due_by = pause_moves(act, a, p->due_by, p->made_at);
    p->ended_at = act->now_us;
}

enum rc parts_stood_still(struct act *act, const struct row_appeal *a) {
    struct row_part *parts;
    size_t n = 0;
    enum rc rc = RC_OK;
    if (a->parts_left) rc = db_rows(act->db, ST_parts_of, DB_VALUES(v_id(a->id)), act->arena, &parts, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct row_part *p = &parts[i];
        bool untouched;
        int64_t due_by = pause_moves(act, a, p->due_by, p->made_at);
        if (p->state != PART_OPEN || due_by == p->due_by) continue;
        rc = audit_part_untouched(act->keys, p, &untouched);
        p->due_by = due_by;
        if (rc == RC_OK && untouched && !audit_part_mac(act->keys, p, p->mac)) rc = RC_INTERNAL;
        if (rc == RC_OK) rc = write_row(act, p);
    }
    return rc;
}

static enum rc insert(struct act *act, const struct row_part *p) {
    return db_run(act->db, ST_part_insert,
                  DB_VALUES(v_id(p->appeal_id), v_int(p->n), v_id(p->id), v_int(p->event_n), v_int_or_null(p->unit_id),
                            v_text(p->organisation), v_text(p->asked), v_time(p->due_by), v_int(p->state),
                            v_int(p->contact), v_time(p->made_at), v_hash(p->mac)),
                  NULL);
}

static bool is_left(const struct row_part *p) { return p->state == PART_OPEN || p->state == PART_REFUSED; }

/* The part that a change names, which the asker saw before; it may have changed since. */
enum wanted { PART_LEFT, PART_UNANSWERED, PART_ANY };
static enum rc take(struct act *act, const struct row_appeal *a, int64_t n, enum wanted wanted, struct taken *t) {
    enum rc rc = db_row(act->db, ST_part_lock, DB_VALUES(v_id(a->id), v_int(n)), act->arena, &t->p);
    if (rc != RC_OK) return rc;
    if (!t->p) return RC_NOT_FOUND;
    rc = audit_part_untouched(act->keys, t->p, &t->untouched);
    if (rc != RC_OK) return rc;
    if (wanted == PART_ANY || (wanted == PART_LEFT ? is_left(t->p) : t->p->state == PART_OPEN)) return RC_OK;
    return act_fail(act, RC_CONFLICT, "这项协办已经结束，请刷新查看。", "This part has ended already; read it again.");
}

/* ---- what is done to a part ---- */

static enum rc check_call(struct act *act, const struct row_appeal *a, const struct part_call *call) {
    int64_t resolve_by = pause_moves(act, a, a->resolve_by, 0);
    const struct unit *about = unit_by_id(act->district, a->about_unit_id);
    if (call->unit && call->unit->id == a->holder_unit_id && !call->handing)
        return act_fail(act, RC_CONFLICT, "办理单位自己不必协办，请邀请其他单位。",
                        "The unit that has the matter needs no part of it; call in another one.");
    if (call->contact && call->unit && unit_conflicted(call->unit, about))
        return act_fail(act, RC_CONFLICT, "被投诉的单位不能查看诉求人的联系方式，请去掉 contact。",
                        "The unit complained of may not see the reporter's contact; leave contact out.");
    if (!call->due_by && resolve_by <= act->now_us)
        return act_fail(act, RC_CONFLICT, "办理时限已过，请写明协办期限 due_by。",
                        "The matter is overdue; say by due_by until when the part is wanted.");
    if (call->due_by && (call->due_by <= act->now_us || (call->due_by > resolve_by && resolve_by > act->now_us)))
        return act_fail(act, RC_CONFLICT, "协办期限须在现在之后、办理时限之前。",
                        "A part is due after now and no later than the matter.");
    return RC_OK;
}

enum rc part_call(struct act *act, struct row_appeal *a, const struct change *c) {
    const struct part_call *call = c->call;
    struct row_part p = {.n = a->parts + 1,
                         .unit_id = call->unit ? call->unit->id : 0,
                         .organisation = call->unit ? STR("") : call->organisation,
                         .asked = c->text,
                         .due_by = call->due_by ? call->due_by : pause_moves(act, a, a->resolve_by, 0),
                         .state = PART_OPEN,
                         .contact = call->contact,
                         .made_at = act->now_us};
    enum rc rc = check_call(act, a, call);
    if (rc != RC_OK) return rc;
    memcpy(p.appeal_id, a->id, 16);
    if (!uuid_make(act->now_us, p.id)) return RC_INTERNAL;
    rc = bind_to_event(act, a, &p);
    if (rc == RC_OK) rc = insert(act, &p);
    a->parts++;
    a->parts_left++;
    return rc;
}

/* Only who the part is of, or whose link is for it: another co-unit sees it, and that is all. */
static enum rc check_own(const struct act *act, const struct row_part *p) {
    if (act->asker.kind == ACTOR_GUEST) return act->asker.part == p->n ? RC_OK : RC_FORBIDDEN;
    return act->asker.unit && act->asker.unit->id == p->unit_id ? RC_OK : RC_FORBIDDEN;
}

enum rc part_answer(struct act *act, struct row_appeal *a, const struct change *c) {
    struct taken t;
    enum rc rc = take(act, a, c->detail, PART_UNANSWERED, &t);
    if (rc == RC_OK) rc = check_own(act, t.p);
    if (rc != RC_OK) return rc;
    struct row_part *p = t.p;
    p->state = c->action == ACT_PART_DONE ? PART_DONE : PART_REFUSED;
    end_part(act, a, p);
    p->result = c->text;
    if (p->state == PART_DONE) a->parts_left--;
    return update(act, a, &t);
}

/* The reason stands beside what was answered: it is the event's text. */
enum rc part_waive(struct act *act, struct row_appeal *a, const struct change *c) {
    struct taken t;
    enum rc rc = take(act, a, c->detail, PART_LEFT, &t);
    if (rc != RC_OK) return rc;
    struct row_part *p = t.p;
    if (p->state == PART_OPEN) {
        end_part(act, a, p);
        p->result = c->text;
    }
    p->state = PART_WAIVED;
    a->parts_left--;
    return update(act, a, &t);
}

enum rc part_assign(struct act *act, struct row_appeal *a, const struct change *c) {
    struct taken t;
    enum rc rc = take(act, a, c->detail, PART_UNANSWERED, &t);
    bool away = act->asker.kind == ACTOR_SYSTEM; /* for good, or as the job absences says */
    if (rc == RC_OK && !away) rc = check_own(act, t.p);
    if (rc == RC_OK && !(away && uuid_is_zero(c->post_id))) rc = action_find_assignee(act, c->post_id, t.p->unit_id);
    if (rc != RC_OK) return rc;
    if (away && uuid_is_zero(c->post_id)) act->event->notify = N_COUNIT;
    if (!away && !(role_abilities(act->asker.role, act->asker.unit->tier) & ABLE_DISPATCH) &&
        memcmp(c->post_id, act->asker.post_id, 16) != 0)
        return act_fail(act, RC_FORBIDDEN, "经办人只能指派给自己，指派他人请调度员或负责人操作。",
                        "A handler takes a part for himself; a dispatcher or lead assigns it to others.");
    memcpy(t.p->assignee_id, c->post_id, 16);
    return update(act, a, &t);
}

enum rc part_late(struct act *act, struct row_appeal *a, const struct change *c) {
    struct taken t;
    enum rc rc = take(act, a, c->detail, PART_UNANSWERED, &t);
    if (rc != RC_OK) return rc;
    struct row_part *p = t.p;
    if (appeal_paused(a) || p->due_by > act->now_us || p->told_due == p->due_by)
        return act_fail(act, RC_CONFLICT, "协办期限未到，或已提醒。", "The part is not late, or that was told.");
    p->told_due = p->due_by;
    return update(act, a, &t);
}

enum rc part_link(struct act *act, struct row_appeal *a, const struct change *c) {
    struct taken t;
    enum rc rc = take(act, a, c->detail, c->action == ACT_PART_LINK ? PART_UNANSWERED : PART_LEFT, &t);
    if (rc != RC_OK) return rc;
    if (c->action == ACT_PART_UNLINK && !t.p->link_until)
        return act_fail(act, RC_CONFLICT, "这项协办没有链接可撤销。", "This part has no link to revoke.");
    t.p->link_until = c->link->expires_at;
    memcpy(t.p->link_id, c->link->id, 16);
    memcpy(t.p->link_hash, c->link->hash, 32);
    return update(act, a, &t);
}

enum rc part_may_succeed(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->parts ? RC_OK : RC_CONFLICT;
}

enum rc part_succeed(struct act *act, struct row_appeal *a, const struct change *c) {
    struct taken t;
    struct row_post *post = NULL;
    enum rc rc = take(act, a, c->detail, PART_ANY, &t);
    if (rc != RC_OK) return rc;
    const struct unit *unit = unit_by_id(act->district, t.p->unit_id);
    if (!unit || !unit->heir_count)
        return act_fail(act, RC_CONFLICT, "该单位没有撤并。", "The unit whose part it is has not ended.");
    t.p->unit_id = succeed_to(act, a, unit)->id;
    if (!uuid_is_zero(t.p->assignee_id))
        rc = db_row(act->db, ST_post_any, DB_VALUES(v_id(t.p->assignee_id)), act->arena, &post);
    if (!post || post->unit_id != t.p->unit_id) memset(t.p->assignee_id, 0, 16);
    return rc == RC_OK ? update(act, a, &t) : rc;
}

enum rc part_waive_next(struct act *act, struct row_appeal *a, int64_t *n) {
    struct row_part *parts;
    size_t count, i = 0;
    *n = 0;
    if (!a->parts_left) return RC_OK;
    enum rc rc = db_rows(act->db, ST_parts_of, DB_VALUES(v_id(a->id)), act->arena, &parts, &count);
    if (rc != RC_OK) return rc;
    while (i < count && !is_left(&parts[i])) i++;
    if (i == count) { /* somebody took the row away; verify tells */
        a->parts_left = 0;
        return RC_OK;
    }
    struct taken t = {.p = &parts[i]};
    rc = audit_part_untouched(act->keys, t.p, &t.untouched);
    if (rc != RC_OK) return rc;
    parts[i].state = PART_WAIVED;
    if (!parts[i].ended_at) parts[i].ended_at = act->now_us;
    a->parts_left--;
    *n = parts[i].n;
    return update(act, a, &t);
}

/* ---- groups ---- */

struct group_call {
    const uint8_t *id;
    struct change change;
    struct part_call part;
    struct row_appeal *after;
};

static enum rc call_one(struct act *act, struct group_call *g, const struct unit *unit, struct str organisation) {
    g->part.unit = unit;
    g->part.organisation = organisation;
    g->change.call = &g->part;
    return appeal_change(act, g->id, &g->change, &g->after);
}

/* Does the unit get a part, when the group is called in by who has the matter? */
static bool is_called(const struct act *act, const struct unit *unit, const struct unit_group *g, bool lead) {
    return lead ? !unit_is(unit, g->lead) : !unit_is(unit, act->asker.unit);
}

enum rc parts_call_group(struct act *act, const uint8_t id[16], const struct unit_group *g, const struct change *c,
                         int64_t due_by, bool lead, struct row_appeal **after) {
    struct group_call call = {
        .id = id, .change = {.action = ACT_COHANDLE, .text = c->text}, .part = {.due_by = due_by, .handing = lead}};
    struct change hand = *c;
    enum rc rc = RC_OK;
    bool led = lead; /* the leading unit is a member, too, named or not */
    for (size_t i = 0; rc == RC_OK && i < g->member_count; i++) {
        led |= unit_is(g->members[i], g->lead);
        if (is_called(act, g->members[i], g, lead)) rc = call_one(act, &call, g->members[i], (struct str){0});
    }
    for (size_t i = 0; rc == RC_OK && i < g->organisation_count; i++)
        rc = call_one(act, &call, NULL, g->organisations[i]);
    if (rc == RC_OK && !led && is_called(act, g->lead, g, lead)) rc = call_one(act, &call, g->lead, (struct str){0});
    hand.action = ACT_HAND_LEAD;
    hand.to = g->lead;
    if (rc == RC_OK && lead) rc = appeal_change(act, id, &hand, &call.after);
    if (rc == RC_OK && !call.after)
        return act_fail(act, RC_CONFLICT, "这个组团没有其他成员可以邀请。",
                        "The group has no other member to call in.");
    *after = call.after;
    return rc;
}
