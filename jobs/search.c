/* Keeps what staff search matters by: each matter has a place in the order of the search from the moment that this job sees it, and
 * the postings of its terms follow the events in the order of their seq.
 *
 * A database that has matters already is gone through once, from the oldest, before the events are followed. What is written of a
 * batch is one transaction with the position, so that it is done once, whoever does it. */
#include "job.h"

#include "base/log.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "rules/postings.h"
#include "rules/terms.h"

#include <stdlib.h>

enum {
    BATCH = 600,       /* events of one transaction */
    PAST_BATCH = 2000, /* and matters of what is there already */
    AGAIN_BATCH = 500,
    STATES_AT_ONCE = 16, /* of these four each statement takes so many */
    MATTERS_AT_ONCE = 16,
    TERMS_AT_ONCE = 64,
    POSTINGS_AT_ONCE = 64,
    MATTER_VALUES = 4,
    POSTING_VALUES = 3,
    WORDS_MAX = 320,       /* characters of address and place */
    TRAIT_BYTES = 8,       /* of one term when packed */
    CHANGES_MAX = 1 << 20, /* of one transaction of the past; a matter has some hundreds, at most some thousands */
    MATTER_MEMORY = 1 << 20,
    CHANGES_MEMORY = 128 << 20,
};
/* What was there before the events are followed. */
enum past {
    PAST_NOT_BEGUN,
    PAST_BEGUN,
    PAST_DONE, /* by an earlier release, which entered neither weights nor results: all is gone through again */
    PAST_WHOLE
};
static const char seq_name[] = "search_seq", past_name[] = "search_past", again_name[] = "search_again";

/* The job's thread's own. */
static struct {
    int64_t fence;        /* of the lease that it was read under; 0: not read */
    int64_t seq;          /* events are done up to this one */
    int64_t past;         /* enum past */
    int64_t again;        /* of PAST_DONE: matters are gone through again up to this doc */
    struct arena one;     /* for one matter */
    struct arena changes; /* for those of one transaction */
    struct arena rows;    /* of matters; the job's own is reset between postings */
} mine;

/* ---- what changes ---- */

/* A matter that gets a term, or loses it. */
struct change {
    int64_t term;
    uint32_t doc;
    bool gets;
};

struct pass {
    struct job *job;
    struct row_search_state *rows;
    size_t n;
    int64_t next; /* the next new matter's doc */
    bool again;   /* what is known may lack what was not entered before */
    struct change *changes;
    size_t change_count, change_room;
    struct db_value matters[MATTERS_AT_ONCE * MATTER_VALUES];
    size_t matter_count;
};

/* The rest of a statement's rows say what its last one says. */
static void repeat_last(struct db_value *values, size_t width, size_t n, size_t rows) {
    for (; n < rows; n++) memcpy(values + n * width, values + (n - 1) * width, width * sizeof *values);
}

struct terms {
    int64_t *of;
    size_t n;
};

static bool has(const struct terms *t, int64_t term) {
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->of[middle] < term) low = middle + 1;
        else high = middle;
    }
    return low < t->n && t->of[low] == term;
}

/* Letters of texts as terms; p may be NULL. */
static bool letters_of(const struct str *texts, size_t n, struct terms *out) {
    size_t room = 0;
    out->n = 0;
    for (size_t i = 0; i < n; i++) room += texts[i].p ? 2 * utf8_count(texts[i]) : 0;
    out->of = arena_array(&mine.one, room + 1, sizeof *out->of);
    if (!out->of) return false;
    for (size_t i = 0; i < n; i++)
        if (texts[i].p) out->n += term_letters(texts[i], out->of + out->n);
    out->n = term_sort(out->of, out->n);
    return true;
}

/* Address and place, on two lines. */
static struct str words_of(const struct row_search_state *m, const struct place *place) {
    struct str none = {"", 0}, name = place ? place->name : none, address = m->address.p ? m->address : none;
    const char *both = arena_printf(&mine.one, "%.*s\n%.*s", (int)address.n, address.p, (int)name.n, name.p);
    return both ? utf8_prefix(str_of(both), WORDS_MAX) : (struct str){0};
}

static struct terms traits_of(const struct district *d, const struct row_search_state *m, const struct place *place,
                              int64_t room[TERM_TRAITS_MAX]) {
    const struct term_matter matter = {.holder = unit_by_id(d, m->holder_unit_id),
                                       .first = unit_by_id(d, m->first_unit_id),
                                       .category = category_by_id(d, m->category_id),
                                       .place = place,
                                       .number = m->number,
                                       .parts = m->parts,
                                       .lng = m->lng,
                                       .lat = m->lat,
                                       .state = m->state,
                                       .is_open = m->is_open,
                                       .overdue = m->overdue,
                                       .kind = m->kind,
                                       .tier = m->tier,
                                       .channel = m->channel,
                                       .urgency = m->urgency,
                                       .outcome = m->outcome,
                                       .stars = m->stars,
                                       .weight = m->weight};
    return (struct terms){room, term_traits(&matter, room)};
}

static struct str pack_traits(const struct terms *t, unsigned char *out) {
    for (size_t i = 0; i < t->n; i++)
        for (int k = 0; k < TRAIT_BYTES; k++)
            out[i * TRAIT_BYTES + (size_t)k] = (unsigned char)((uint64_t)t->of[i] >> (TRAIT_BYTES - 1 - k) * 8);
    return (struct str){(const char *)out, t->n * TRAIT_BYTES};
}

static struct terms unpack_traits(struct str bytes, int64_t room[TERM_TRAITS_MAX]) {
    struct terms t = {room, 0};
    for (size_t i = 0; i + TRAIT_BYTES <= bytes.n && t.n < TERM_TRAITS_MAX; i += TRAIT_BYTES) {
        uint64_t term = 0;
        for (size_t k = 0; k < TRAIT_BYTES; k++) term = term << 8 | (unsigned char)bytes.p[i + k];
        room[t.n++] = (int64_t)term;
    }
    return t;
}

static bool add_change(struct pass *p, int64_t term, int64_t doc, bool gets) {
    struct change *c = p->changes;
    size_t room = p->change_room ? 2 * p->change_room : 4096, size = sizeof *c;
    if (p->change_count == p->change_room) {
        if (!c || !arena_grow(&mine.changes, c, p->change_room * size, room * size)) {
            c = arena_array(&mine.changes, room, size);
            if (!c) return false;
            if (p->change_count) memcpy(c, p->changes, p->change_count * size);
        }
        p->changes = c;
        p->change_room = room;
    }
    p->changes[p->change_count++] = (struct change){.term = term, .doc = (uint32_t)doc, .gets = gets};
    return true;
}

/* Those of what that one has and neither of the others. */
static bool add_all(struct pass *p, int64_t doc, bool gets, const struct terms *what, const struct terms *but,
                    const struct terms *nor) {
    for (size_t i = 0; i < what->n; i++)
        if (!has(but, what->of[i]) && !has(nor, what->of[i]) && !add_change(p, what->of[i], doc, gets)) return false;
    return true;
}

static enum rc flush_matters(struct pass *p, struct db *db) {
    if (!p->matter_count) return RC_OK;
    repeat_last(p->matters, MATTER_VALUES, p->matter_count, MATTERS_AT_ONCE);
    p->matter_count = 0;
    return db_later(db, ST_search_matters_put, p->matters, MATTERS_AT_ONCE * MATTER_VALUES);
}

/* What is bound lives until the matters are flushed. */
static enum rc put_matter(struct pass *p, struct db *db, const struct row_search_state *m, int64_t doc,
                          const struct terms *traits, struct str words) {
    unsigned char *packed = arena_alloc(&mine.changes, TERM_TRAITS_MAX * TRAIT_BYTES);
    struct str kept = arena_str(&mine.changes, words);
    if (!packed || !kept.p) return RC_INTERNAL;
    const struct db_value row[MATTER_VALUES] = {v_int(doc), v_id(m->id), v_bytes(pack_traits(traits, packed)),
                                                v_text(kept)};
    memcpy(p->matters + p->matter_count * MATTER_VALUES, row, sizeof row);
    return ++p->matter_count == MATTERS_AT_ONCE ? flush_matters(p, db) : RC_OK;
}

/* Title and text never change: of a matter that is known only its traits and words are compared. What it was resolved with comes
 * with another state; the letters of an earlier result stay. */
static enum rc settle(struct pass *p, struct db *db, const struct row_search_state *m) {
    const struct district *d = job_district(p->job);
    const struct place *place = place_by_id(d, m->place_id);
    int64_t now_room[TERM_TRAITS_MAX], kept_room[TERM_TRAITS_MAX], doc = m->doc ? m->doc : p->next;
    arena_reset(&mine.one);
    struct str words = words_of(m, place);
    struct terms traits = traits_of(d, m, place, now_room), kept = unpack_traits(m->traits, kept_room), none = {0},
                 text, result, said, was;
    if (!words.p) return RC_INTERNAL;
    bool same_words = m->doc && str_eq(m->words, words);
    if (!p->again && same_words && traits.n == kept.n && memcmp(traits.of, kept.of, traits.n * sizeof *traits.of) == 0)
        return RC_OK;
    const struct str texts[] = {m->title, m->text, m->result};
    if (!letters_of(texts, 3, &text) || !letters_of(&m->result, 1, &result) || !letters_of(&words, 1, &said) ||
        !letters_of(&m->words, 1, &was))
        return RC_INTERNAL;
    bool done = add_all(p, doc, true, &traits, &kept, &none) && add_all(p, doc, false, &kept, &traits, &none);
    if (!m->doc) done = done && add_all(p, doc, true, &text, &none, &none);
    else if (p->again || !has(&kept, term_of(TERM_STATE, m->state)))
        done = done && add_all(p, doc, true, &result, &none, &none);
    done = done && add_all(p, doc, true, &said, &text, &was) && add_all(p, doc, false, &was, &text, &said);
    if (!done) return RC_INTERNAL;
    if (!m->doc) p->next++;
    return put_matter(p, db, m, doc, &traits, words);
}

/* The rows in their order, until there are so many changes. */
static enum rc settle_all(struct pass *p, struct db *db, size_t most) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < p->n && p->change_count < most; i++) rc = settle(p, db, &p->rows[i]);
    return rc == RC_OK ? flush_matters(p, db) : rc;
}

/* ---- postings ---- */

static uint32_t block_of(const struct change *c) { return c->doc / POSTING_BLOCK; }

static int by_block_and_term(const void *x, const void *y) {
    const struct change *a = x, *b = y;
    uint32_t of_a = block_of(a), of_b = block_of(b);
    if (of_a != of_b) return of_a < of_b ? -1 : 1;
    if (a->term != b->term) return a->term < b->term ? -1 : 1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

static bool same_posting(const struct change *a, const struct change *b) {
    return a->term == b->term && block_of(a) == block_of(b);
}

/* Postings of one block that are changed at once: where the changes of each begin. */
struct postings {
    const struct change *from[TERMS_AT_ONCE + 1];
    size_t n;
    struct db_value puts[POSTINGS_AT_ONCE * POSTING_VALUES];
    size_t put_count;
};

static enum rc read_postings(struct pass *p, struct db *db, const struct postings *some,
                             struct row_search_posting **rows, size_t *n) {
    struct db_value values[1 + TERMS_AT_ONCE] = {v_int(block_of(some->from[0]))};
    for (size_t i = 0; i < some->n; i++) values[1 + i] = v_int(some->from[i]->term);
    repeat_last(values + 1, 1, some->n, TERMS_AT_ONCE);
    return db_rows(db, ST_search_postings, values, 1 + TERMS_AT_ONCE, &p->job->arena, rows, n);
}

static enum rc change_posting(struct pass *p, struct db *db, struct postings *some, size_t i, struct str kept) {
    const struct change *c = some->from[i];
    struct posting_set set = {0};
    unsigned char *packed = arena_alloc(&p->job->arena, POSTING_BYTES_MAX);
    if (!packed || (kept.p && !posting_unpack(kept, &set))) return RC_INTERNAL;
    for (const struct change *k = c; k < some->from[i + 1]; k++) {
        if (k->gets) posting_add(&set, k->doc % POSTING_BLOCK);
        else posting_remove(&set, k->doc % POSTING_BLOCK);
    }
    size_t n = posting_pack(&set, packed);
    if (!n) return db_later(db, ST_search_posting_end, DB_VALUES(v_int(c->term), v_int(block_of(c))));
    const struct db_value row[POSTING_VALUES] = {v_int(c->term), v_int(block_of(c)),
                                                 v_bytes((struct str){(const char *)packed, n})};
    memcpy(some->puts + some->put_count++ * POSTING_VALUES, row, sizeof row);
    return RC_OK;
}

static enum rc change_postings(struct pass *p, struct db *db, struct postings *some) {
    struct row_search_posting *rows;
    size_t n = 0;
    arena_reset(&p->job->arena);
    some->put_count = 0;
    enum rc rc = read_postings(p, db, some, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < some->n; i++) {
        struct str kept = {0};
        for (size_t k = 0; k < n; k++)
            if (rows[k].term == some->from[i]->term) kept = rows[k].docs;
        rc = change_posting(p, db, some, i, kept);
    }
    if (rc != RC_OK || !some->put_count) return rc;
    repeat_last(some->puts, POSTING_VALUES, some->put_count, POSTINGS_AT_ONCE);
    return db_later(db, ST_search_postings_put, some->puts, POSTINGS_AT_ONCE * POSTING_VALUES);
}

static enum rc change_all(struct pass *p, struct db *db) {
    struct postings some = {.n = 0};
    enum rc rc = RC_OK;
    if (p->change_count) qsort(p->changes, p->change_count, sizeof *p->changes, by_block_and_term);
    for (size_t i = 0; rc == RC_OK && i < p->change_count;) {
        const struct change *first = &p->changes[i];
        while (i < p->change_count && same_posting(&p->changes[i], first)) i++;
        const struct change *end = &p->changes[i];
        some.from[some.n++] = first;
        some.from[some.n] = end;
        bool last = i == p->change_count || block_of(end) != block_of(first);
        if (some.n < TERMS_AT_ONCE && !last) continue;
        rc = change_postings(p, db, &some);
        some.n = 0;
    }
    return rc;
}

static enum rc begin(struct pass *p, struct db *db) {
    struct row_search_doc *last;
    enum rc rc = job_hold(p->job, db);
    if (rc == RC_OK) rc = db_row(db, ST_search_last, NULL, 0, &p->job->arena, &last);
    if (rc == RC_OK) p->next = last ? last->doc + 1 : 1;
    p->changes = NULL;
    p->change_count = p->change_room = p->matter_count = 0;
    arena_reset(&mine.changes);
    return rc;
}

/* ---- what is there already ---- */

static enum rc past_in_tx(struct db *db, void *arg) {
    struct pass *p = arg;
    struct row_search_doc *last;
    static const uint8_t none[16];
    enum rc rc = begin(p, db);
    if (rc == RC_OK) rc = db_row(db, ST_search_last, NULL, 0, &p->job->arena, &last);
    arena_reset(&mine.rows);
    if (rc == RC_OK)
        rc = db_rows(db, ST_search_states_after, DB_VALUES(v_id(last ? last->appeal_id : none), v_int(PAST_BATCH)),
                     &mine.rows, &p->rows, &p->n);
    if (rc != RC_OK) return rc;
    if (!p->n) return job_set_position(db, past_name, PAST_WHOLE);
    rc = settle_all(p, db, CHANGES_MAX);
    return rc == RC_OK ? change_all(p, db) : rc;
}

/* Whatever happens from now on has a seq above the last one, and is looked at after what is there. */
static enum rc note_seq(struct db *db, void *arg) {
    struct job *job = arg;
    struct row_number *next;
    enum rc rc = job_hold(job, db);
    if (rc == RC_OK) rc = db_row(db, ST_counter_read, DB_VALUES(v_z("seq")), &job->arena, &next);
    if (rc != RC_OK) return rc;
    mine.seq = next ? next->n - 1 : 0;
    rc = job_set_position(db, past_name, PAST_BEGUN);
    return rc == RC_OK ? job_set_position(db, seq_name, mine.seq) : rc;
}

static enum rc enter_past(struct job *job, bool *again) {
    struct pass p = {.job = job};
    *again = true;
    if (mine.past == PAST_NOT_BEGUN) {
        enum rc rc = db_tx(job->db, note_seq, job);
        if (rc == RC_OK) mine.past = PAST_BEGUN;
        return rc;
    }
    enum rc rc = db_tx(job->db, past_in_tx, &p);
    if (rc != RC_OK || p.n) return rc;
    mine.past = PAST_WHOLE;
    log_event(LOG_INFO, "search", "%lld matters can be searched; following events after %lld", (long long)p.next - 1,
              (long long)mine.seq);
    return RC_OK;
}

/* Some of what an earlier release entered; events are followed meanwhile. */
static enum rc again_in_tx(struct db *db, void *arg) {
    struct pass *p = arg;
    enum rc rc = begin(p, db);
    arena_reset(&mine.rows);
    if (rc == RC_OK)
        rc = db_rows(db, ST_search_states_again, DB_VALUES(v_int(mine.again), v_int(AGAIN_BATCH)), &mine.rows, &p->rows,
                     &p->n);
    if (rc == RC_OK && !p->n) return job_set_position(db, past_name, PAST_WHOLE);
    if (rc == RC_OK) rc = settle_all(p, db, SIZE_MAX);
    if (rc == RC_OK) rc = change_all(p, db);
    return rc == RC_OK ? job_set_position(db, again_name, p->rows[p->n - 1].doc) : rc;
}

static enum rc go_again(struct job *job, bool *again) {
    struct pass p = {.job = job, .again = true};
    *again = true;
    enum rc rc = db_tx(job->db, again_in_tx, &p);
    if (rc != RC_OK) return rc;
    if (p.n) mine.again = p.rows[p.n - 1].doc;
    else mine.past = PAST_WHOLE;
    return RC_OK;
}

/* ---- what happens ---- */

struct following {
    struct pass pass;
    const uint8_t (*ids)[16];
    size_t ids_n;
    int64_t seq;
};

static int by_id(const void *x, const void *y) { return memcmp(x, y, 16); }

/* Each appeal once, in the order of their ids, which is that of their submission. */
static size_t ids_of(const struct row_moved_event *events, size_t n, uint8_t (*out)[16]) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) memcpy(out[i], events[i].appeal_id, 16);
    qsort(out, n, 16, by_id);
    for (size_t i = 0; i < n; i++)
        if (!kept || memcmp(out[kept - 1], out[i], 16) != 0) memmove(out[kept++], out[i], 16);
    return kept;
}

static enum rc settle_some(struct following *f, struct db *db, size_t at) {
    struct db_value ids[STATES_AT_ONCE];
    size_t n = f->ids_n - at < STATES_AT_ONCE ? f->ids_n - at : STATES_AT_ONCE;
    for (size_t i = 0; i < n; i++) ids[i] = v_id(f->ids[at + i]);
    repeat_last(ids, 1, n, STATES_AT_ONCE);
    arena_reset(&mine.rows);
    enum rc rc = db_rows(db, ST_search_states, ids, STATES_AT_ONCE, &mine.rows, &f->pass.rows, &f->pass.n);
    return rc == RC_OK ? settle_all(&f->pass, db, SIZE_MAX) : rc;
}

static enum rc follow_in_tx(struct db *db, void *arg) {
    struct following *f = arg;
    enum rc rc = begin(&f->pass, db);
    for (size_t at = 0; rc == RC_OK && at < f->ids_n; at += STATES_AT_ONCE) rc = settle_some(f, db, at);
    if (rc == RC_OK) rc = change_all(&f->pass, db);
    return rc == RC_OK ? job_set_position(db, seq_name, f->seq) : rc;
}

static enum rc follow(struct job *job, bool *again) {
    static uint8_t ids[BATCH][16];
    struct following f = {.pass.job = job, .ids = ids};
    struct row_moved_event *events;
    size_t n = 0;
    enum rc rc = db_rows(job->db, ST_events_moved, DB_VALUES(v_int(mine.seq), v_int(BATCH)), &job->arena, &events, &n);
    if (rc != RC_OK || !n) return rc;
    f.ids_n = ids_of(events, n, ids);
    f.seq = events[n - 1].seq;
    rc = db_tx(job->db, follow_in_tx, &f);
    if (rc != RC_OK) return rc;
    mine.seq = f.seq;
    *again = n == BATCH;
    return RC_OK;
}

static enum rc take_over(struct job *job) {
    if (mine.fence == job->lease.fence) return RC_OK;
    if (!mine.fence) {
        arena_init(&mine.one, MATTER_MEMORY);
        arena_init(&mine.changes, CHANGES_MEMORY);
        arena_init(&mine.rows, CHANGES_MEMORY);
    }
    enum rc rc = job_position(job, job->db, seq_name, &mine.seq);
    if (rc == RC_OK) rc = job_position(job, job->db, past_name, &mine.past);
    if (rc == RC_OK) rc = job_position(job, job->db, again_name, &mine.again);
    if (rc == RC_OK) mine.fence = job->lease.fence;
    return rc;
}

enum rc search_run(struct job *job, bool *again) {
    enum rc rc = take_over(job);
    if (rc != RC_OK) return rc;
    if (mine.past < PAST_DONE) return enter_past(job, again);
    rc = follow(job, again);
    return rc == RC_OK && mine.past == PAST_DONE ? go_again(job, again) : rc;
}
