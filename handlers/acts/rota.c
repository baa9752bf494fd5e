/* rota_set, rota_end. */
#include "acts/rota.h"

#include "acts/audit.h"
#include "base/timefmt.h"
#include "base/uuid.h"

const struct word rota_words[ROTA__MAX] = {{"", "", ""}, {"duty", "值班", "Duty"}, {"absence", "请假", "Absence"}};

/* A unit's rota is seen by who works in it, and by who oversees it from above. */
static bool sees(const struct asker *k, const struct unit *unit) {
    if (!unit || !sight_unit(k) || !unit_is_below(unit, k->unit)) return false;
    return unit_is(unit, k->unit) || sight_oversees(k);
}

static bool may_set(const struct asker *k, enum rota_kind kind, const struct unit *unit, const uint8_t post_id[16]) {
    if (kind == ROTA_ABSENCE && memcmp(post_id, k->post_id, 16) == 0) return true;
    return unit_is(unit, k->unit) && role_abilities(k->role, k->unit->tier) & ABLE_DISPATCH;
}

static enum rc find_post(struct act *act, const uint8_t id[16], enum rota_kind kind, struct row_post **post) {
    enum rc rc = db_row(act->db, ST_post_any, DB_VALUES(v_id(id)), act->arena, post);
    if (rc != RC_OK) return rc;
    const struct unit *unit = *post && !(*post)->ended_at ? unit_by_id(act->district, (*post)->unit_id) : NULL;
    if (!sees(&act->asker, unit)) return RC_NOT_FOUND;
    if (!may_set(&act->asker, kind, unit, id)) return RC_FORBIDDEN;
    if (role_abilities((enum role)(*post)->role, unit->tier) & ABLE_HANDLE) return RC_OK;
    return act_fail(act, RC_CONFLICT, "该岗位不办理事项，不需要值班或请假。",
                    "That post handles no matters; it has neither duty nor absence.");
}

static enum rc check_away(struct act *act, const uint8_t post_id[16], const struct rota_entry *e, const char *zh,
                          const char *en) {
    struct row_id *found;
    enum rc rc = db_row(act->db, ST_rota_away_between, DB_VALUES(v_id(post_id), v_time(e->from), v_time(e->until)),
                        act->arena, &found);
    return rc == RC_OK && found ? act_fail(act, RC_CONFLICT, zh, en) : rc;
}

static enum rc check_substitute(struct act *act, const struct rota_entry *e, const struct row_post *post) {
    struct row_post *other;
    if (uuid_is_zero(e->substitute_id)) return RC_OK;
    enum rc rc = db_row(act->db, ST_post_any, DB_VALUES(v_id(e->substitute_id)), act->arena, &other);
    if (rc != RC_OK) return rc;
    const struct unit *unit = unit_by_id(act->district, post->unit_id);
    bool fits = other && !other->ended_at && other->unit_id == post->unit_id &&
                memcmp(other->staff_id, post->staff_id, 16) != 0 &&
                role_abilities((enum role)other->role, unit->tier) & ABLE_HANDLE;
    if (!fits)
        return act_fail(act, RC_CONFLICT, "代理人须是本单位另一位能经办的在任人员。",
                        "The substitute must be somebody else of the same unit who handles matters.");
    return check_away(act, e->substitute_id, e, "代理人在此期间也不在岗，请另选。",
                      "The substitute is away in that time, too; choose another.");
}

static enum rc has_room(struct act *act, int64_t unit_id) {
    struct row_number *ahead;
    enum rc rc = db_row(act->db, ST_rota_ahead, DB_VALUES(v_int(unit_id), v_time(act->now_us)), act->arena, &ahead);
    if (rc != RC_OK || ahead->n < ROTA_AHEAD_MAX) return rc;
    return act_fail(act, RC_CONFLICT, "本单位的值班和请假记录已满，请先删去不需要的。",
                    "The unit's rota is full; end what isn't needed first.");
}

enum rc rota_set(struct act *act, const struct rota_entry *given, uint8_t id[16]) {
    struct rota_entry e = *given;
    struct row_post *post;
    if (e.from < act->now_us) e.from = act->now_us;
    enum rc rc = find_post(act, e.post_id, e.kind, &post);
    if (rc == RC_OK) rc = has_room(act, post->unit_id);
    if (rc == RC_OK && e.kind == ROTA_ABSENCE)
        rc = check_away(act, e.post_id, &e, "该岗位在此期间已登记请假。", "An absence in that time is there already.");
    if (rc == RC_OK) rc = check_substitute(act, &e, post);
    if (rc != RC_OK) return rc;
    if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
    rc = db_run(act->db, ST_rota_insert,
                DB_VALUES(v_id(id), v_int(e.kind), v_int(post->unit_id), v_id(e.post_id), v_time(e.from),
                          v_time(e.until), v_id_or_null(e.substitute_id), v_id(act->asker.id), v_time(act->now_us)),
                NULL);
    return rc == RC_OK ? audit_write(act, AUDIT_ROTA_SET, e.post_id, e.kind == ROTA_DUTY ? "duty" : "absence") : rc;
}

enum rc rota_end(struct act *act, const uint8_t id[16]) {
    struct row_rota *r;
    int64_t ended = 0;
    enum rc rc = db_row(act->db, ST_rota_by_id, DB_VALUES(v_id(id)), act->arena, &r);
    if (rc != RC_OK) return rc;
    const struct unit *unit = r ? unit_by_id(act->district, r->unit_id) : NULL;
    if (!sees(&act->asker, unit)) return RC_NOT_FOUND;
    if (!may_set(&act->asker, (enum rota_kind)r->kind, unit, r->post_id)) return RC_FORBIDDEN;
    rc = db_run(act->db, ST_rota_end, DB_VALUES(v_time(act->now_us), v_id(id), v_time(act->now_us)), &ended);
    if (rc == RC_OK && !ended) return act_fail(act, RC_CONFLICT, "该记录已结束。", "This entry is over.");
    return rc == RC_OK ? audit_write(act, AUDIT_ROTA_END, r->post_id, r->kind == ROTA_DUTY ? "duty" : "absence") : rc;
}

enum rc rota_of_unit(const struct act *act, const struct unit *unit, struct row_rota_entry **rows, size_t *n) {
    if (!sees(&act->asker, unit)) return RC_NOT_FOUND;
    return db_rows(act->db, ST_rota_of_unit, DB_VALUES(v_int(unit->id), v_time(act->now_us), v_int(ROTA_AHEAD_MAX)),
                   act->arena, rows, n);
}
