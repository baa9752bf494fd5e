/* The situations that a process has: the one in use, and those before it that a request may still look at. */
#include "acts/situation.h"

#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "rules/trouble.h"

#include <stdatomic.h>

/* Each lasts SITUATION_SECONDS at least, so that a slot is taken anew after two minutes. */
enum { SLOTS = 64, TROUBLES_MAX = 200, MEMORY = 1 << 20 };
static const char version_name[] = "situation_version";

/* Zeroed, the first is a district where nothing has ever been published. */
static struct slot {
    struct arena arena;
    struct situation situation;
} slots[SLOTS];
static _Atomic(const struct situation *) in_use = &slots[0].situation;
static size_t at;

const struct situation *situation_in_use(void) { return atomic_load_explicit(&in_use, memory_order_acquire); }

static enum rc read_version(struct db *db, struct arena *a, int64_t *version) {
    struct row_setting *s;
    enum rc rc = db_row(db, ST_setting_get, DB_VALUES(v_z(version_name)), a, &s);
    if (rc == RC_OK && !(s && num_i64(s->value, 0, INT64_MAX, version))) *version = 0;
    return rc;
}

/* Where something changes between the readings it is read once more, for the version kept is the earlier one. */
static enum rc read_into(struct slot *slot, struct db *db) {
    struct situation *s = &slot->situation;
    struct row_trouble *troubles;
    struct row_disaster *disaster;
    const int64_t now = time_now_us();
    enum rc rc = read_version(db, &slot->arena, &s->version);
    if (rc == RC_OK)
        rc = db_rows(db, ST_troubles_now, DB_VALUES(v_time(now), v_int(TROUBLES_MAX)), &slot->arena, &troubles,
                     &s->trouble_count);
    if (rc == RC_OK) rc = db_row(db, ST_disaster_now, DB_VALUES(v_time(now)), &slot->arena, &disaster);
    if (rc != RC_OK) return rc;
    s->troubles = troubles;
    s->disaster = disaster;
    return RC_OK;
}

void situation_refresh(struct db *db) {
    struct arena a;
    int64_t version = 0;
    arena_init(&a, 1 << 16);
    enum rc rc = read_version(db, &a, &version);
    arena_free(&a);
    if (rc != RC_OK || version == situation_in_use()->version) return;
    struct slot *next = &slots[(at + 1) % SLOTS];
    arena_free(&next->arena);
    arena_init(&next->arena, MEMORY);
    next->situation = (struct situation){0};
    if (read_into(next, db) != RC_OK) {
        log_event(LOG_ERROR, "situation", "version %lld can't be read; the one before stays in use",
                  (long long)version);
        return;
    }
    at = (at + 1) % SLOTS;
    atomic_store_explicit(&in_use, &next->situation, memory_order_release);
}

enum rc situation_changed(struct act *act) {
    return db_run(act->db, ST_situation_changed, DB_VALUES(v_z(version_name)), NULL);
}

const struct row_disaster *disaster_at(const struct situation *s, int64_t now_us) {
    const struct row_disaster *d = s->disaster;
    return d && d->from_at <= now_us && now_us < d->until_at ? d : NULL;
}

size_t troubles_near(const struct act *act, const struct place *place, const struct category *category,
                     const struct row_trouble **out, size_t max) {
    const struct situation *s = situation_in_use();
    size_t n = 0;
    for (size_t i = 0; i < s->trouble_count && n < max; i++) {
        const struct row_trouble *t = &s->troubles[i];
        if (trouble_state_at(t->state, t->from_at, t->until_at, act->now_us) == TROUBLE_CURRENT &&
            trouble_is_about(act->district, t->category_id, category) && trouble_covers(act->district, t->areas, place))
            out[n++] = t;
    }
    return n;
}
