/* Begins and ends following, and joins. */
#include "acts/follow.h"
#include "acts/weigh.h"

#include "base/utf8.h"
#include "base/uuid.h"
#include "rules/urgency.h"

enum { TITLE_MAX = 60 };
enum { HOPS_MAX = 3 }; /* from what was named to its lead: it may have been merged a moment ago, and its lead too */

/* The lead of what is named, locked so that it can't end meanwhile; NULL for what the asker may not see. */
static enum rc find_lead(struct act *act, const uint8_t id[16], struct row_lead **lead) {
    const struct asker *k = &act->asker;
    for (int hops = 0; hops <= HOPS_MAX; hops++) {
        enum rc rc = k->kind == ACTOR_STAFF
                         ? db_row(act->db, ST_lead_lock_staff, DB_VALUES(v_id(id), STAFF_SIGHT(k)), act->arena, lead)
                         : db_row(act->db, ST_lead_lock, DB_VALUES(v_id(id)), act->arena, lead);
        if (rc != RC_OK || !*lead || (*lead)->state != STATE_MERGED) return rc;
        id = (*lead)->lead_id;
    }
    *lead = NULL;
    return RC_OK;
}

static enum rc may_follow(struct act *act, const struct row_appeal *a, const struct row_lead *lead) {
    if (!lead)
        return act_fail(act, RC_INVALID, "没有这个事项，或您无权查看，请重新选择主事项。",
                        "There is no such matter that you may see; choose another lead.");
    if (memcmp(lead->id, a->id, 16) == 0)
        return act_fail(act, RC_CONFLICT, "不能并入自己，或并入随它办理的事项。",
                        "A matter can't follow itself or what follows it.");
    /* Who follows on by the job hears of this end next. */
    if (!lead->is_open && act->asker.kind != ACTOR_SYSTEM)
        return act_fail(act, RC_CONFLICT, "主事项已办结或终止，请选择还在办理的事项。",
                        "The lead is no longer open; choose one that is.");
    /* Else the unit complained of could hold the lead, and answer the complaint against itself. */
    if (a->about_unit_id && a->about_unit_id != lead->about_unit_id)
        return act_fail(act, RC_CONFLICT, "投诉单位的事项只能并入投诉同一单位的事项。",
                        "A complaint about a unit can only follow one about the same unit.");
    return RC_OK;
}

enum rc follow_begin(struct act *act, struct row_appeal *a, const struct change *c) {
    struct row_lead *lead;
    enum rc rc = find_lead(act, c->lead_id, &lead);
    if (rc == RC_OK) rc = may_follow(act, a, lead);
    if (rc != RC_OK) return rc;
    memcpy(a->lead_id, lead->id, 16);
    return db_run(
        act->db, ST_follower_insert,
        DB_VALUES(v_id(lead->id), v_id(a->id), v_time(act->now_us), v_time_or_null(a->overdue ? 0 : a->resolve_by)),
        NULL);
}

enum rc follow_may_pass_on(const struct act *act, const struct row_appeal *a) {
    return act->asker.kind == ACTOR_SYSTEM && a->state != STATE_MERGED ? RC_CONFLICT : RC_OK;
}

int64_t follow_told(int64_t lead_event_n) { return lead_event_n & UINT16_MAX; }

enum rc follow_pass_on(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (act->asker.kind == ACTOR_SYSTEM) memcpy(act->event->target_id, a->lead_id, 16);
    return RC_OK;
}

void follow_effects(struct row_appeal *a, int64_t from_state) {
    a->own_state = from_state == STATE_SUBMITTED ? STATE_SUBMITTED : STATE_ACCEPTED;
    a->step_by = 0;
    memset(a->assignee_id, 0, 16);
}

enum rc follow_end(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    if (uuid_is_zero(a->lead_id)) return RC_OK;
    enum rc rc = db_later(act->db, ST_follower_end, DB_VALUES(v_id(a->lead_id), v_id(a->id)));
    memset(a->lead_id, 0, 16);
    a->own_state = 0;
    return rc;
}

enum rc follow_leave(struct act *act, struct row_appeal *a, const struct change *c) {
    a->state = a->own_state;
    return follow_end(act, a, c);
}

enum rc follow_count(struct act *act, struct row_appeal *a, const struct change *c) {
    a->followers = c->detail;
    weigh_by_rules(act, a);
    return RC_OK;
}

/* ---- joining ---- */

static enum rc may_join(struct act *act, const struct row_lead *lead) {
    if (!lead || lead->withheld || lead->about_unit_id) return RC_NOT_FOUND;
    if (memcmp(lead->resident_id, act->asker.id, 16) == 0)
        return act_fail(act, RC_CONFLICT, "这是您自己的诉求；如需说明，请用补充说明。",
                        "This is your own matter; to say more, supplement it.");
    if (!lead->is_open)
        return act_fail(act, RC_CONFLICT, "该事项已办结或终止，请另行提交诉求。",
                        "This matter is no longer open; submit one of your own.");
    return RC_OK;
}

/* Of the lead only what reference data say: its texts are its reporter's. */
static enum rc fill_in(struct act *act, const struct row_lead *lead, struct submission *s) {
    s->kind = (enum kind)lead->kind;
    s->category = category_by_id(act->district, lead->category_id);
    s->place = place_by_id(act->district, lead->place_id);
    const struct str what = s->category ? s->category->name : STR("同一事项"),
                     where = s->place ? s->place->name : STR("");
    const char *title = arena_printf(act->arena, "我也反映：%.*s%s%.*s", (int)what.n, what.p, where.n ? "，" : "",
                                     (int)where.n, where.n ? where.p : "");
    if (!title) return RC_INTERNAL;
    s->title = utf8_prefix(str_of(title), TITLE_MAX);
    if (!s->text.p) s->text = s->title;
    /* Who tells of more danger than is known is heard at once. */
    s->quiet = (int64_t)text_urgency(act->district, s->text, NULL) <= lead->urgency;
    return RC_OK;
}

/* That it follows is not the resident's doing alone: whoever lets it follow may end that, and so the system does it for him. */
static enum rc follow_at_once(struct act *act, const struct row_lead *lead, struct row_appeal **a) {
    struct act system = *act;
    struct change c = {.action = ACT_MERGE, .quiet = true};
    system.asker = (struct asker){.kind = ACTOR_SYSTEM};
    memcpy(c.lead_id, lead->id, 16);
    return appeal_change(&system, (*a)->id, &c, a);
}

enum rc appeal_join(struct act *act, const uint8_t lead_id[16], struct submission *s, struct row_appeal **joined,
                    bool *created) {
    struct row_resident_profile *me;
    struct row_lead *lead;
    *created = false;
    /* Locked, so that who taps twice joins once. */
    enum rc rc = db_row(act->db, ST_resident_profile_lock, DB_VALUES(v_id(act->asker.id)), act->arena, &me);
    if (rc == RC_OK) rc = find_lead(act, lead_id, &lead);
    if (rc == RC_OK) rc = may_join(act, lead);
    if (rc == RC_OK)
        rc = db_row(act->db, ST_follower_of_resident, DB_VALUES(v_id(act->asker.id), v_id(lead->id)), act->arena,
                    joined);
    if (rc != RC_OK || *joined) return rc;
    rc = fill_in(act, lead, s);
    if (rc == RC_OK) rc = appeal_submit(act, s, joined);
    if (rc == RC_OK) rc = follow_at_once(act, lead, joined);
    *created = rc == RC_OK;
    return rc;
}
