/* Rulings. */
#include "acts/ruling.h"

#include "acts/moves.h"
#include "base/uuid.h"

enum rc ruling_may(const struct act *act, const struct row_appeal *a) {
    (void)act;
    bool disputed = a->returns >= RETURNS_MAX || a->transfers >= TRANSFERS_MAX || (a->returns && a->transfers);
    return disputed ? RC_OK : RC_CONFLICT;
}

/* The list's line; the event that is about to be written says the same, and proves it. */
static enum rc keep(struct act *act, const struct row_appeal *a, const struct change *c) {
    uint8_t id[16];
    if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
    return db_run(act->db, ST_ruling_insert,
                  DB_VALUES(v_id(id), v_id(a->id), v_text(a->number), v_int_or_null(a->category_id),
                            v_int_or_null(a->place_id), v_int(c->to->id), v_int(act->asker.unit->id), v_text(c->duty),
                            v_time(act->now_us)),
                  NULL);
}

enum rc ruling_run(struct act *act, struct row_appeal *a, const struct change *c) {
    enum rc rc = move_ruled(act, a, c);
    return rc == RC_OK ? keep(act, a, c) : rc;
}
