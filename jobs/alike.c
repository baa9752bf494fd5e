/* Keeps what open matters are found by when somebody reports the same: a matter's grams and keys come in when it opens and go
 * out when it no longer is, as the events tell in the order of their seq.
 *
 * Where a town is merged or split, what was kept under it is kept under what it has become.
 *
 * A database that has matters already is gone through once, unit by unit, before the events are followed: first only counting,
 * for what a gram tells depends on how many matters have it. */
#include "job.h"

#include "acts/alike.h"
#include "acts/alike_counts.h"
#include "base/log.h"
#include "base/uuid.h"
#include "rules/alike.h"

#include <stdlib.h>

enum {
    BATCH = 500,         /* events, or open matters, of one transaction */
    STATES_AT_ONCE = 16, /* of these three each statement takes so many */
    MATTERS_AT_ONCE = 8,
    KEY_VALUES = 4,
    MATTER_VALUES = 7,
    LEASE_LEFT_SECONDS = 6,
    SCRATCH_MEMORY = 4 << 20,
    UNIT_MEMORY = 64 << 20,
    COUNTS_GROWN = 16, /* the counts are kept when so many matters and an eighth of those kept are new */
    WEIGHT_ONE = 255   /* of a key */
};
static const char seq_name[] = "alike_seq", unit_name[] = "alike_unit";

/* The job's thread's own. */
static struct {
    struct alike_counts counts;
    uint32_t kept;         /* matters in the counts that the database has */
    int64_t fence;         /* of the lease that it was read under; 0: not read */
    bool counting_is_done; /* what was there before is counted */
    int64_t seq, unit;     /* positions: events, and units gone through once, are done up to these */
    int64_t towns_of;      /* 1 + the version of the district whose ended towns have nothing left; 0: none */
    struct arena scratch;  /* for one matter */
    struct arena unit_matters;
} mine;

/* ---- one matter ---- */

struct pass {
    struct job *job;
    const struct row_id *ids;
    size_t n;
    struct row_alike_state **fresh; /* matters that came in */
    size_t fresh_count, settled;
    struct db_value matters[MATTERS_AT_ONCE * MATTER_VALUES];
    size_t matter_count;
};

/* The rest of a statement's rows say what its last one says. */
static void repeat_last(struct db_value *values, size_t width, size_t n, size_t rows) {
    for (; n < rows; n++) memcpy(values + n * width, values + (n - 1) * width, width * sizeof *values);
}

/* The keys that packed grams have; made of these, so that they are the same when the matter goes out. */
static size_t keys_of(struct str packed, struct alike_gram keys[ALIKE_KEYS_KEPT]) {
    struct alike matter;
    if (!alike_unpack(&mine.scratch, packed, &matter)) return 0;
    return alike_keys(&matter, keys, ALIKE_KEYS_KEPT);
}

static enum rc put_keys(struct db *db, const struct row_alike_state *m, int64_t area, struct str packed) {
    struct alike_gram keys[ALIKE_KEYS_KEPT];
    struct db_value values[ALIKE_KEYS_KEPT * KEY_VALUES];
    size_t n = keys_of(packed, keys);
    if (!n) return RC_OK;
    for (size_t i = 0; i < n; i++) {
        const struct db_value row[KEY_VALUES] = {v_int(area), v_int(keys[i].gram), v_id(m->id),
                                                 v_int((int64_t)(keys[i].weight * WEIGHT_ONE) + 1)};
        memcpy(values + i * KEY_VALUES, row, sizeof row);
    }
    repeat_last(values, KEY_VALUES, n, ALIKE_KEYS_KEPT);
    return db_later(db, ST_alike_keys_put, values, ALIKE_KEYS_KEPT * KEY_VALUES);
}

static enum rc end_keys(struct db *db, const struct row_alike_state *m) {
    struct alike_gram keys[ALIKE_KEYS_KEPT];
    struct db_value values[2 + ALIKE_KEYS_KEPT] = {v_int(m->kept_area_id), v_id(m->id)};
    size_t n = keys_of(m->grams, keys);
    if (!n) return RC_OK;
    for (size_t i = 0; i < n; i++) values[2 + i] = v_int(keys[i].gram);
    repeat_last(values + 2, 1, n, ALIKE_KEYS_KEPT);
    return db_later(db, ST_alike_keys_end, values, 2 + ALIKE_KEYS_KEPT);
}

static enum rc flush_matters(struct pass *p, struct db *db) {
    if (!p->matter_count) return RC_OK;
    repeat_last(p->matters, MATTER_VALUES, p->matter_count, MATTERS_AT_ONCE);
    p->matter_count = 0;
    return db_later(db, ST_alike_matters_put, p->matters, MATTERS_AT_ONCE * MATTER_VALUES);
}

static enum rc put_matter(struct pass *p, struct db *db, const struct row_alike_state *m, int64_t area,
                          struct str packed) {
    const struct db_value row[MATTER_VALUES] = {v_id(m->id),
                                                v_int(area),
                                                v_int_or_null(m->place_id),
                                                v_int_or_null(m->category_id),
                                                v_time(m->submitted_at),
                                                v_int(m->shown),
                                                v_bytes(packed)};
    memcpy(p->matters + p->matter_count * MATTER_VALUES, row, sizeof row);
    return ++p->matter_count == MATTERS_AT_ONCE ? flush_matters(p, db) : RC_OK;
}

/* What is packed lives until the matters are flushed. */
static enum rc come_in(struct pass *p, struct db *db, struct row_alike_state *m, int64_t area) {
    struct alike matter;
    unsigned char *packed = arena_alloc(&p->job->arena, ALIKE_PACKED_MAX);
    if (!packed || !alike_of(&mine.scratch, &mine.counts, m->title, m->text, &matter)) return RC_INTERNAL;
    struct str bytes = {(const char *)packed, alike_pack(&matter, packed)};
    if (!m->grams.p) p->fresh[p->fresh_count++] = m;
    enum rc rc = put_keys(db, m, area, bytes);
    return rc == RC_OK ? put_matter(p, db, m, area, bytes) : rc;
}

/* Makes the tables say of a matter what is so now: twice the same, whatever happened in between. */
static enum rc settle(struct pass *p, struct db *db, struct row_alike_state *m) {
    int64_t area = alike_area(job_district(p->job), m->place_id);
    bool kept = m->grams.p != NULL, same = kept && area == m->kept_area_id && m->place_id == m->kept_place_id &&
                                           m->category_id == m->kept_category_id;
    if (m->is_open ? same : !kept) return RC_OK;
    arena_reset(&mine.scratch);
    p->settled++;
    enum rc rc = kept ? end_keys(db, m) : RC_OK;
    if (rc != RC_OK) return rc;
    return m->is_open ? come_in(p, db, m, area) : db_later(db, ST_alike_matter_end, DB_VALUES(v_id(m->id)));
}

/* At most STATES_AT_ONCE of the pass, from at on. */
static enum rc read_states(struct pass *p, struct db *db, size_t at, struct row_alike_state **rows, size_t *n) {
    struct db_value ids[STATES_AT_ONCE];
    size_t count = p->n - at < STATES_AT_ONCE ? p->n - at : STATES_AT_ONCE;
    for (size_t i = 0; i < count; i++) ids[i] = v_id(p->ids[at + i].id);
    repeat_last(ids, 1, count, STATES_AT_ONCE);
    return db_rows(db, ST_alike_states, ids, STATES_AT_ONCE, &p->job->arena, rows, n);
}

static enum rc settle_all(struct pass *p, struct db *db) {
    enum rc rc = RC_OK;
    p->matter_count = p->fresh_count = p->settled = 0;
    p->fresh = arena_array(&p->job->arena, p->n + 1, sizeof *p->fresh);
    if (!p->fresh) return RC_INTERNAL;
    for (size_t at = 0; rc == RC_OK && at < p->n; at += STATES_AT_ONCE) {
        struct row_alike_state *rows;
        size_t n = 0;
        rc = read_states(p, db, at, &rows, &n);
        for (size_t i = 0; rc == RC_OK && i < n; i++) rc = settle(p, db, &rows[i]);
    }
    return rc == RC_OK ? flush_matters(p, db) : rc;
}

/* ---- counts ---- */

static bool count(const struct row_alike_state *m) {
    arena_reset(&mine.scratch);
    return alike_count(&mine.scratch, &mine.counts, m->title, m->text);
}

static enum rc keep_in_tx(struct db *db, void *arg) {
    struct job *job = arg;
    enum rc rc = job_hold(job, db);
    return rc == RC_OK ? alike_counts_write(db, &job->arena, &mine.counts) : rc;
}

static enum rc keep_counts(struct job *job) {
    enum rc rc = db_tx(job->db, keep_in_tx, job);
    if (rc == RC_OK) mine.kept = mine.counts.matters;
    return rc;
}

/* After the commit, as a transaction may be tried several times. What a crash loses of them, at most an eighth, changes weights
 * by next to nothing. */
static enum rc count_fresh(struct pass *p) {
    for (size_t i = 0; i < p->fresh_count; i++)
        if (!count(p->fresh[i])) return RC_INTERNAL;
    return mine.counts.matters - mine.kept >= COUNTS_GROWN + mine.kept / 8 ? keep_counts(p->job) : RC_OK;
}

enum rc alike_last(struct job *job) {
    bool unkept = mine.fence == job->lease.fence && mine.counting_is_done && mine.counts.matters != mine.kept;
    return unkept ? keep_counts(job) : RC_OK;
}

/* What another process counted meanwhile is in what it kept. */
static enum rc take_over(struct job *job) {
    if (mine.fence == job->lease.fence) return RC_OK;
    if (!mine.fence) arena_init(&mine.scratch, SCRATCH_MEMORY);
    if (!mine.fence) arena_init(&mine.unit_matters, UNIT_MEMORY);
    enum rc rc = alike_counts_read(job->db, &job->arena, &mine.counts, &mine.counting_is_done);
    if (rc == RC_OK) rc = job_position(job, job->db, seq_name, &mine.seq);
    if (rc == RC_OK) rc = job_position(job, job->db, unit_name, &mine.unit);
    if (rc != RC_OK) return rc;
    mine.kept = mine.counts.matters;
    mine.fence = job->lease.fence;
    return RC_OK;
}

/* ---- what is there already ---- */

static enum rc count_some(struct pass *p) {
    enum rc rc = RC_OK;
    for (size_t at = 0; rc == RC_OK && at < p->n; at += STATES_AT_ONCE) {
        struct row_alike_state *rows;
        size_t n = 0;
        rc = read_states(p, p->job->db, at, &rows, &n);
        for (size_t i = 0; rc == RC_OK && i < n; i++)
            if (!count(&rows[i])) rc = RC_INTERNAL;
    }
    return rc;
}

static enum rc settle_in_tx(struct db *db, void *arg) {
    struct pass *p = arg;
    enum rc rc = job_hold(p->job, db);
    return rc == RC_OK ? settle_all(p, db) : rc;
}
static enum rc settle_some(struct pass *p) { return db_tx(p->job->db, settle_in_tx, p); }

/* Does work for all open matters of a unit, in batches; RC_STALE when the process is to end. */
static enum rc for_unit(struct job *job, const struct unit *unit, enum rc (*work)(struct pass *)) {
    struct row_id *open;
    size_t n = 0;
    arena_reset(&mine.unit_matters);
    enum rc rc = db_rows(job->db, ST_open_of_unit, DB_VALUES(v_int(unit->id)), &mine.unit_matters, &open, &n);
    for (size_t at = 0; rc == RC_OK && at < n; at += BATCH) {
        struct pass p = {.job = job, .ids = &open[at], .n = n - at < BATCH ? n - at : BATCH};
        arena_reset(&job->arena);
        rc = job_stopping(job) ? RC_STALE : lease_keep(&job->lease, job->db, LEASE_LEFT_SECONDS);
        if (rc == RC_OK) rc = work(&p);
    }
    return rc;
}

/* A position on its way. */
struct move {
    struct job *job;
    int64_t to;
};

static enum rc begin_following(struct db *db, void *arg) {
    struct move *seq = arg;
    enum rc rc = job_hold(seq->job, db);
    if (rc == RC_OK) rc = job_set_position(db, seq_name, seq->to);
    return rc == RC_OK ? alike_counts_write(db, &seq->job->arena, &mine.counts) : rc;
}

/* Once in a database's life. Whatever happens from now on has a seq above the last one, and is looked at then. */
static enum rc count_all(struct job *job) {
    const struct district *d = job_district(job);
    struct move seq = {.job = job};
    struct row_number *next;
    enum rc rc = db_row(job->db, ST_counter_read, DB_VALUES(v_z("seq")), &job->arena, &next);
    if (rc == RC_OK && next) seq.to = next->n - 1;
    memset(&mine.counts, 0, sizeof mine.counts);
    for (size_t i = 0; rc == RC_OK && i < d->unit_count; i++) rc = for_unit(job, &d->units[i], count_some);
    if (rc == RC_OK) rc = db_tx(job->db, begin_following, &seq);
    if (rc != RC_OK) return rc;
    mine.counting_is_done = true;
    mine.kept = mine.counts.matters;
    mine.seq = seq.to;
    log_event(LOG_INFO, "alike", "%u open matters counted; following events after %lld", (unsigned)mine.kept,
              (long long)mine.seq);
    return RC_OK;
}

static enum rc set_unit(struct db *db, void *arg) {
    struct move *unit = arg;
    enum rc rc = job_hold(unit->job, db);
    return rc == RC_OK ? job_set_position(db, unit_name, unit->to) : rc;
}

/* The units beyond the position, which come in ascending order: all of them once, later what an import brings. */
static enum rc settle_units(struct job *job) {
    const struct district *d = job_district(job);
    struct move unit = {.job = job, .to = mine.unit};
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < d->unit_count; i++) {
        if (d->units[i].id <= mine.unit) continue;
        rc = for_unit(job, &d->units[i], settle_some);
        if (rc == RC_OK) unit.to = d->units[i].id;
    }
    if (unit.to == mine.unit || rc == RC_STALE) return rc;
    enum rc set = db_tx(job->db, set_unit, &unit);
    if (set == RC_OK) mine.unit = unit.to;
    return rc == RC_OK ? set : rc;
}

/* ---- what happens ---- */

static bool counts_as_open(int64_t state) {
    enum box box = state_box((enum state)state);
    return box == BOX_TO_ACCEPT || box == BOX_IN_HAND;
}

/* Whether a matter opened, ended, or may be of another place or category. */
static bool concerns(const struct row_moved_event *e) {
    return e->action == ACT_CLASSIFY || counts_as_open(e->from_state) != counts_as_open(e->to_state);
}

static int by_id(const void *x, const void *y) {
    const struct row_id *a = x, *b = y;
    return memcmp(a->id, b->id, sizeof a->id);
}

/* Each appeal once, in the order that they lie in; how many these are. */
static size_t each_once(struct row_id *ids, size_t all) {
    size_t n = 0;
    if (all) qsort(ids, all, sizeof *ids, by_id);
    for (size_t i = 0; i < all; i++)
        if (!n || by_id(&ids[n - 1], &ids[i]) != 0) ids[n++] = ids[i];
    return n;
}

static struct row_id *ids_of(struct arena *a, const struct row_moved_event *events, size_t count, size_t *n) {
    struct row_id *ids = arena_array(a, count + 1, sizeof *ids);
    size_t all = 0;
    if (!ids) return NULL;
    for (size_t i = 0; i < count; i++)
        if (concerns(&events[i])) memcpy(ids[all++].id, events[i].appeal_id, sizeof ids->id);
    *n = each_once(ids, all);
    return ids;
}

struct following {
    struct pass pass;
    int64_t seq;
};

static enum rc follow_in_tx(struct db *db, void *arg) {
    struct following *f = arg;
    enum rc rc = settle_in_tx(db, &f->pass);
    return rc == RC_OK ? job_set_position(db, seq_name, f->seq) : rc;
}

static enum rc follow(struct job *job, bool *again) {
    struct following f = {.pass.job = job};
    struct row_moved_event *events;
    size_t n = 0;
    arena_reset(&job->arena);
    enum rc rc = db_rows(job->db, ST_events_moved, DB_VALUES(v_int(mine.seq), v_int(BATCH)), &job->arena, &events, &n);
    if (rc != RC_OK || !n) return rc;
    f.pass.ids = ids_of(&job->arena, events, n, &f.pass.n);
    f.seq = events[n - 1].seq;
    rc = f.pass.ids ? db_tx(job->db, follow_in_tx, &f) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    mine.seq = f.seq;
    *again = n == BATCH;
    return count_fresh(&f.pass);
}

/* ---- what a town has become ---- */

/* What was settled left the area, so it is read from its start. */
static enum rc leave_area(struct job *job, int64_t area) {
    struct pass p = {.job = job, .settled = 1};
    enum rc rc = RC_OK;
    while (rc == RC_OK && p.settled) {
        struct row_id *ids;
        size_t n = 0;
        arena_reset(&job->arena);
        rc = job_stopping(job) ? RC_STALE : lease_keep(&job->lease, job->db, LEASE_LEFT_SECONDS);
        if (rc == RC_OK)
            rc = db_rows(job->db, ST_alike_of_area, DB_VALUES(v_int(area), v_int(BATCH)), &job->arena, &ids, &n);
        if (rc != RC_OK || !n) return rc;
        p.ids = ids;
        p.n = each_once(ids, n);
        rc = settle_some(&p);
    }
    return rc;
}

/* Looked at whenever the district is another one. */
static enum rc leave_ended_towns(struct job *job) {
    const struct district *d = job_district(job);
    enum rc rc = RC_OK;
    if (mine.towns_of == d->version + 1) return RC_OK;
    for (size_t i = 0; rc == RC_OK && i < d->unit_count; i++)
        if (d->units[i].tier == TIER_TOWN && d->units[i].heir_count) rc = leave_area(job, d->units[i].id);
    if (rc == RC_OK) mine.towns_of = d->version + 1;
    return rc;
}

enum rc alike_run(struct job *job, bool *again) {
    enum rc rc = take_over(job);
    if (rc == RC_OK && !mine.counting_is_done) rc = count_all(job);
    if (rc == RC_OK) rc = settle_units(job);
    if (rc == RC_OK) rc = leave_ended_towns(job);
    return rc == RC_OK ? follow(job, again) : rc;
}
