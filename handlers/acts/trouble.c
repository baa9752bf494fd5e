/* Publishes and changes troubles; joins and answers. */
#include "acts/trouble.h"

#include "acts/audit.h"
#include "acts/situation.h"
#include "base/timefmt.h"
#include "base/uuid.h"

static const uint8_t nobody[16];

static enum trouble_state state_now(const struct act *act, const struct row_trouble *t) {
    return trouble_state_at(t->state, t->from_at, t->until_at, act->now_us);
}

/* ---- staff ---- */

static enum rc may_publish(struct act *act, const struct trouble_notice *notice) {
    const struct asker *k = &act->asker;
    if (!(role_abilities(k->role, k->unit->tier) & ABLE_DISPATCH)) return RC_FORBIDDEN;
    for (size_t i = 0; i < notice->area_count; i++)
        if (!trouble_may_cover(k->unit, &notice->areas[i]))
            return act_fail(act, RC_FORBIDDEN, "只能为本单位及下辖范围发布通告。",
                            "A unit publishes for itself and for what is below it.");
    return RC_OK;
}

static enum rc has_room(struct act *act) {
    struct row_number *n;
    enum rc rc = db_row(act->db, ST_troubles_of_unit, DB_VALUES(v_int(act->asker.unit->id), v_time(act->now_us)),
                        act->arena, &n);
    if (rc != RC_OK || !n || n->n < TROUBLES_OF_UNIT_MAX) return rc;
    return act_fail(act, RC_LIMIT_REACHED, "本单位发布的通告已满，请先结束不需要的。",
                    "The unit has as many notices as it may; end one first.");
}

enum rc trouble_publish(struct act *act, const struct trouble_notice *notice, uint8_t id[16]) {
    struct buf areas;
    int64_t from = notice->from > act->now_us ? notice->from : act->now_us;
    buf_init(&areas, act->arena, 300);
    enum rc rc = may_publish(act, notice);
    if (rc != RC_OK) return rc;
    if (!trouble_areas_write(&areas, notice->areas, notice->area_count) || !uuid_make(act->now_us, id))
        return RC_INTERNAL;
    rc = situation_changed(act);
    if (rc == RC_OK) rc = has_room(act);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_trouble_insert,
                    DB_VALUES(v_id(id), v_int(act->asker.unit->id), v_int(notice->category->id), v_text(notice->title),
                              v_text(notice->text), v_text(buf_str(&areas)), v_time(from), v_time(notice->until),
                              v_int(TROUBLE_CURRENT), v_id(nobody), v_id(act->asker.id), v_time(act->now_us),
                              v_time(act->now_us)),
                    NULL);
    return rc == RC_OK ? audit_write(act, AUDIT_TROUBLE_PUBLISH, id, arena_dup(act->arena, buf_str(&areas))) : rc;
}

static bool may_change(const struct asker *k, const struct unit *publisher) {
    uint32_t able = role_abilities(k->role, k->unit->tier);
    return (unit_is(publisher, k->unit) && able & ABLE_DISPATCH) ||
           (publisher && unit_is_below(publisher, k->unit) && able & ABLE_OVERSEE);
}

/* Locked, and the asker's to change. */
static enum rc take(struct act *act, const uint8_t id[16], struct row_trouble **t) {
    enum rc rc = situation_changed(act);
    if (rc == RC_OK) rc = db_row(act->db, ST_trouble_lock, DB_VALUES(v_id(id)), act->arena, t);
    if (rc != RC_OK) return rc;
    if (!*t) return RC_NOT_FOUND;
    if (act->asker.kind == ACTOR_SYSTEM) return RC_OK;
    if (!may_change(&act->asker, unit_by_id(act->district, (*t)->unit_id))) return RC_FORBIDDEN;
    enum trouble_state now = state_now(act, *t);
    if (now == TROUBLE_CURRENT || now == TROUBLE_SCHEDULED) return RC_OK;
    return act_fail(act, RC_CONFLICT, "通告已结束或已撤回，请另行发布。",
                    "The notice is over or withdrawn; publish another one.");
}

/* News begins with the first who joined; what was being told is told no more. */
static enum rc save(struct act *act, struct row_trouble *t, enum trouble_news news, enum audit_action action) {
    if (news) {
        t->news = news;
        t->news_n++;
        memcpy(t->told_to, nobody, 16);
    }
    enum rc rc = db_run(act->db, ST_trouble_save,
                        DB_VALUES(v_text(t->title), v_text(t->text), v_time(t->until_at), v_int(t->state),
                                  v_time_or_null(t->ended_at), v_text(t->remark), v_int(t->news_n), v_int(t->news),
                                  v_id(t->told_to), v_time(act->now_us), v_id(t->id)),
                        NULL);
    return rc == RC_OK ? audit_write(act, action, t->id, news ? news_words[news].code : "") : rc;
}

enum rc trouble_update(struct act *act, const uint8_t id[16], struct str title, struct str text, int64_t until) {
    struct row_trouble *t;
    enum rc rc = take(act, id, &t);
    if (rc != RC_OK) return rc;
    bool moved = until && until != t->until_at;
    if (title.p) t->title = title;
    if (text.p) t->text = text;
    if (until && (until <= t->from_at || until - t->from_at > TROUBLE_DAYS_MAX * DAY_S * SECOND_US))
        return act_fail(act, RC_CONFLICT, "结束时间须在开始之后 30 天以内。",
                        "It must end after its start, within thirty days of it.");
    if (moved) t->until_at = until;
    return save(act, t, moved ? NEWS_UNTIL : 0, AUDIT_TROUBLE_UPDATE);
}

enum rc trouble_end(struct act *act, const uint8_t id[16], enum trouble_state how, struct str remark) {
    struct row_trouble *t;
    enum rc rc = take(act, id, &t);
    if (rc != RC_OK) return rc;
    if (how == TROUBLE_OVER && t->from_at > act->now_us)
        return act_fail(act, RC_CONFLICT, "通告尚未开始，请改用撤回。", "It has not begun yet; withdraw it.");
    t->state = how;
    t->ended_at = act->now_us;
    if (remark.p) t->remark = remark;
    return how == TROUBLE_OVER ? save(act, t, NEWS_OVER, AUDIT_TROUBLE_END)
                               : save(act, t, NEWS_WITHDRAWN, AUDIT_TROUBLE_WITHDRAW);
}

enum rc trouble_run_out(struct act *act, const uint8_t id[16]) {
    struct row_trouble *t;
    enum rc rc = take(act, id, &t);
    if (rc != RC_OK) return rc == RC_NOT_FOUND ? RC_OK : rc;
    if (t->state != TROUBLE_CURRENT || t->until_at > act->now_us) return RC_OK;
    t->state = TROUBLE_OVER;
    t->ended_at = t->until_at;
    return save(act, t, NEWS_OVER, AUDIT_TROUBLE_END);
}

/* ---- residents ---- */

/* Not locked against others who join: in an outage thousands do at once. */
static enum rc share(struct act *act, const uint8_t id[16], struct row_trouble **t) {
    enum rc rc = db_row(act->db, ST_trouble_share, DB_VALUES(v_id(act->asker.id), v_id(id)), act->arena, t);
    return rc == RC_OK && !*t ? RC_NOT_FOUND : rc;
}

enum rc trouble_join(struct act *act, const uint8_t id[16], const struct place *place, struct row_trouble **t,
                     bool *created) {
    *created = false;
    enum rc rc = share(act, id, t);
    if (rc != RC_OK || (*t)->joined_at) return rc;
    if (state_now(act, *t) != TROUBLE_CURRENT)
        return act_fail(act, RC_CONFLICT, "该情况不在持续中；如您仍受影响，请提交诉求。",
                        "This does not go on; if it does where you are, submit an appeal.");
    (*t)->joined_at = act->now_us;
    (*t)->place_id = place ? place->id : 0;
    *created = true;
    return db_run(act->db, ST_joiner_insert,
                  DB_VALUES(v_id(id), v_id(act->asker.id), v_int_or_null((*t)->place_id), v_time(act->now_us)), NULL);
}

/* The first to say so marks the trouble, and so takes it for himself: who shared it first would wait for others who do the same. */
static enum rc take_to_mark(struct act *act, const uint8_t id[16], enum trouble_answer answer) {
    struct row_trouble *t;
    if (answer != ANSWER_NOT_RESTORED) return RC_OK;
    enum rc rc = db_row(act->db, ST_trouble_of_resident, DB_VALUES(v_id(act->asker.id), v_id(id)), act->arena, &t);
    if (rc != RC_OK || !t || t->unrestored) return rc;
    return db_row(act->db, ST_trouble_lock, DB_VALUES(v_id(id)), act->arena, &t);
}

/* The unit that published it is told by a job, once. */
static enum rc mark_unrestored(struct act *act, const struct row_trouble *t) {
    if (t->unrestored || t->answer != ANSWER_NOT_RESTORED) return RC_OK;
    return db_run(act->db, ST_trouble_unrestored, DB_VALUES(v_time(act->now_us), v_id(t->id)), NULL);
}

enum rc trouble_answer(struct act *act, const uint8_t id[16], enum trouble_answer answer, struct row_trouble **t) {
    int64_t matched = 0;
    enum rc rc = take_to_mark(act, id, answer);
    if (rc == RC_OK) rc = share(act, id, t);
    if (rc != RC_OK) return rc;
    if (!(*t)->joined_at) return RC_NOT_FOUND;
    if (state_now(act, *t) != TROUBLE_OVER)
        return act_fail(act, RC_CONFLICT, "该情况尚未结束，或通告已撤回，不需要确认。",
                        "It is not over yet, or the notice was withdrawn; there is nothing to confirm.");
    if (!(*t)->answer) {
        rc = db_run(act->db, ST_joiner_answer,
                    DB_VALUES(v_int(answer), v_time(act->now_us), v_id(id), v_id(act->asker.id)), &matched);
        if (rc != RC_OK) return rc;
        if (matched) (*t)->answer = answer;
        rc = matched ? mark_unrestored(act, *t)
                     : share(act, id, t); /* at the same moment, from another of his devices */
    }
    if (rc != RC_OK || (*t)->answer == answer) return rc;
    return act_fail(act, RC_CONFLICT, "您已确认过；如情况有变，请提交诉求。",
                    "You have answered already; if that is no longer so, submit an appeal.");
}
