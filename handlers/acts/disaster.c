/* disaster_declare, disaster_end. */
#include "acts/disaster.h"

#include "acts/audit.h"
#include "acts/situation.h"
#include "base/buf.h"
#include "base/uuid.h"

static bool may_declare(const struct act *act) {
    const struct asker *k = &act->asker;
    return unit_is(k->unit, act->district->top) && role_abilities(k->role, k->unit->tier) & ABLE_OVERSEE;
}

static enum rc end_all(struct act *act, int64_t *ended) {
    return db_run(act->db, ST_disaster_end, DB_VALUES(v_time(act->now_us), v_time(act->now_us)), ended);
}

enum rc disaster_declare(struct act *act, const struct disaster_order *o) {
    struct buf ids;
    uint8_t id[16];
    buf_init(&ids, act->arena, 300);
    for (size_t i = 0; i < o->category_count; i++)
        buf_printf(&ids, "%s%lld", i ? "," : "", (long long)o->categories[i]->id);
    if (!may_declare(act)) return RC_FORBIDDEN;
    if (ids.failed || !uuid_make(act->now_us, id)) return RC_INTERNAL;
    enum rc rc = situation_changed(act);
    if (rc == RC_OK) rc = end_all(act, NULL);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_disaster_insert,
                    DB_VALUES(v_id(id), v_time(o->from > act->now_us ? o->from : act->now_us), v_time(o->until),
                              v_text(buf_str(&ids)), v_text(o->text), v_text(o->text_en), v_text(o->phone),
                              v_text(o->reason), v_id(act->asker.id), v_time(act->now_us)),
                    NULL);
    return rc == RC_OK ? audit_write(act, AUDIT_DISASTER_ON, id, arena_dup(act->arena, o->reason)) : rc;
}

enum rc disaster_end(struct act *act, struct str reason) {
    int64_t ended = 0;
    static const uint8_t all[16];
    if (!may_declare(act)) return RC_FORBIDDEN;
    enum rc rc = situation_changed(act);
    if (rc == RC_OK) rc = end_all(act, &ended);
    if (rc != RC_OK) return rc;
    if (!ended) return act_fail(act, RC_CONFLICT, "当前没有应急模式。", "There is no disaster mode to end.");
    return audit_write(act, AUDIT_DISASTER_OFF, all, arena_dup(act->arena, reason));
}
