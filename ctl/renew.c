/* The part of migration 0005 that no SQL can do: appeals that are there from before get their own MAC.
 *
 * What this can't be misused for: an appeal gets a MAC only when it has none and its last event is of the earlier form, which
 * the audit key alone can make; the product writes no such event any more. It is done between the migration's statements and
 * its record, without which neither workers nor jobs start. Together with the record an audit line is written, which the
 * signed heads cover: who takes the record away, to have rows renewed that he changed, leaves a second line or a missing one,
 * and minhuctl audit verify tells of both. */
#include "ctl.h"

#include "acts/audit.h"

#include <string.h>

enum { BATCH = 200, BATCH_MEMORY = 64 * 1024 * 1024 };

struct renewal {
    struct ctl *c;
    struct arena arena;
    uint8_t after[16]; /* the last appeal of the batch before */
    struct row_appeal *appeals;
    size_t n, left; /* of the batch that runs: appeals; those that stay without a MAC */
};

static bool is_from_before(const struct ctl *c, const struct row_appeal *a, const struct row_event *events, size_t n) {
    static const uint8_t start[32];
    if (!n || events[n - 1].n != a->events || memcmp(events[n - 1].mac, a->chain, 32) != 0) return false;
    return audit_event_is_earlier(c->keys, a, &events[n - 1], n > 1 ? events[n - 2].mac : start);
}

static enum rc renew_one(struct db *db, struct renewal *r, struct row_appeal *a) {
    static const uint8_t none[32];
    struct row_event *events;
    size_t n;
    if (memcmp(a->mac, none, 32) != 0) return RC_OK;
    enum rc rc = db_rows(db, ST_events_all, DB_VALUES(v_id(a->id), v_int(a->events > 2 ? a->events - 2 : 0), v_int(2)),
                         &r->arena, &events, &n);
    if (rc != RC_OK) return rc;
    if (!is_from_before(r->c, a, events, n)) {
        r->left++;
        return RC_OK;
    }
    if (!audit_appeal_mac(r->c->keys, a, a->mac)) return RC_INTERNAL;
    return db_run(db, ST_appeal_renew, DB_VALUES(v_hash(a->mac), v_id(a->id), v_int(a->events)), NULL);
}

static enum rc renew_batch(struct db *db, void *arg) {
    struct renewal *r = arg;
    arena_reset(&r->arena);
    r->left = 0;
    enum rc rc = db_rows(db, ST_appeals_at_5_after, DB_VALUES(v_id(r->after), v_int(BATCH)), &r->arena, &r->appeals,
                         &r->n);
    if (rc == RC_OK && r->n && ctl_need_keys(r->c) != EX_OK) return RC_INVALID;
    for (size_t i = 0; rc == RC_OK && i < r->n; i++) rc = renew_one(db, r, &r->appeals[i]);
    return rc;
}

int ctl_renew(struct ctl *c, size_t *seen) {
    struct renewal r = {.c = c};
    size_t left = 0;
    enum rc rc;
    *seen = 0;
    arena_init(&r.arena, BATCH_MEMORY);
    while ((rc = db_tx(c->db, renew_batch, &r)) == RC_OK && r.n) {
        memcpy(r.after, r.appeals[r.n - 1].id, 16);
        *seen += r.n;
        left += r.left;
    }
    arena_free(&r.arena);
    if (rc != RC_OK)
        return ctl_fail_rc("migrate: the appeals' MACs", rc, rc == RC_INVALID ? "they need the key file" : NULL);
    if (left) fprintf(stderr, "minhuctl: %zu appeals don't hold and get no MAC: see minhuctl audit verify\n", left);
    return EX_OK;
}
