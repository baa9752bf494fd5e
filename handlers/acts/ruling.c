/* Rulings. */
#include "acts/ruling.h"

#include "acts/audit.h"
#include "acts/moves.h"
#include "base/uuid.h"

enum rc ruling_may(const struct act *act, const struct row_appeal *a) {
    (void)act;
    bool disputed = a->returns >= RETURNS_MAX || a->transfers >= TRANSFERS_MAX || (a->returns && a->transfers);
    return disputed ? RC_OK : RC_CONFLICT;
}

/* The list's line; the event that is about to be written says the same, and its MAC binds it to that. */
static enum rc keep(struct act *act, const struct row_appeal *a, const struct change *c) {
    struct row_ruling r = {.number = a->number,
                           .category_id = a->category_id,
                           .place_id = a->place_id,
                           .unit_id = c->to->id,
                           .ruler_id = act->asker.unit->id,
                           .duty = c->duty,
                           .at = act->now_us,
                           .event_n = a->events + 1};
    memcpy(r.appeal_id, a->id, 16);
    if (!uuid_make(act->now_us, r.id) || !audit_ruling_mac(act->keys, &r, r.mac)) return RC_INTERNAL;
    return db_run(act->db, ST_ruling_insert,
                  DB_VALUES(v_id(r.id), v_id(r.appeal_id), v_text(r.number), v_int_or_null(r.category_id),
                            v_int_or_null(r.place_id), v_int(r.unit_id), v_int(r.ruler_id), v_text(r.duty),
                            v_time(r.at), v_int(r.event_n), v_hash(r.mac)),
                  NULL);
}

enum rc ruling_run(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = move_ruled(act, a, c);
    return rc == RC_OK ? keep(act, a, c) : rc;
}

static const struct unit *now(const struct district *d, int64_t id, const struct matter *m) {
    const struct unit *unit = unit_by_id(d, id);
    return unit && unit->heir_count ? succession_heir(d, unit, m) : unit;
}

/* The rows say what was ruled then, each with its MAC: so it is looked up when they are read. */
void ruling_now(const struct district *d, const struct row_ruling *r, int32_t day, const struct unit **unit,
                const struct unit **ruler) {
    const struct matter m = {
        .category = category_by_id(d, r->category_id), .place = place_by_id(d, r->place_id), .day = day};
    *unit = now(d, r->unit_id, &m);
    *ruler = now(d, r->ruler_id, &m);
}
