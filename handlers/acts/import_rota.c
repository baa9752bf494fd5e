/* The rota in an import (rota.tsv): who is on duty, and who is away with which substitute. Checked without I/O, then saved. */
#include "acts/import_checking.h"
#include "acts/rota.h"

#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/permissions.h"

#include <stdlib.h>

/* What an entry of the file, or of the database where the file doesn't say it anew, takes of a post's time. */
struct stretch {
    const struct import_rota_post *post;
    int64_t kind, from, until;
    const struct import_rota *row; /* NULL: the database's */
};

struct rota_check {
    struct checking *c;
    struct import_index posts; /* person and unit → the first of them */
    struct import_index by_id; /* the database's → import_rota_post */
    struct import_index known; /* kind, post and start → row_rota_span */
    bool *replaced;            /* of what the database has: the file says it anew */
    struct stretch *stretches;
    size_t stretch_count;
};

#define BAD(r, row, ...) import_complain((r)->c->problems, IMPORT_ROTA, (row)->line, __VA_ARGS__)

/* ---- posts ---- */

struct holder_key {
    const struct import_person *person;
    const struct import_entry *unit;
};
struct entry_key {
    uint8_t post_id[16];
    int64_t kind, from;
};

#define KEY(k) ((struct str){(const char *)(k), sizeof *(k)})

static bool add_post(struct rota_check *r, struct holder_key holder, int64_t role, const uint8_t *id) {
    struct import_rota_post *post = ARENA_NEW(r->c->arena, struct import_rota_post);
    struct holder_key *key = ARENA_NEW(r->c->arena, struct holder_key);
    if (!post || !key) return false;
    *key = holder;
    *post = (struct import_rota_post){holder.person, holder.unit, role, id, NULL};
    struct import_rota_post *first = import_index_put(&r->posts, KEY(key), post);
    for (struct import_rota_post *p = first; p; p = p->next)
        if (p->role == role) return true; /* the database has it, too */
    if (first) {
        post->next = first->next;
        first->next = post;
    }
    if (!uuid_is_zero(id)) import_index_put(&r->by_id, (struct str){(const char *)id, 16}, post);
    return true;
}

/* Those of the database, then what posts.tsv adds: their ids are not known before they are saved. */
static bool index_posts(struct rota_check *r) {
    struct checking *c = r->c;
    const struct import_known *k = c->known;
    struct import_post *rows = ROWS(c, post, IMPORT_POSTS);
    struct import_index people, units;
    size_t room = k->post_count + COUNT(c, IMPORT_POSTS);
    if (!import_index_init(&r->posts, c->arena, room) || !import_index_init(&r->by_id, c->arena, room) ||
        !import_index_init(&people, c->arena, c->person_count) || !import_index_init(&units, c->arena, c->unit_count))
        return false;
    for (size_t i = 0; i < c->person_count; i++)
        if (!uuid_is_zero(c->persons[i].id))
            import_index_put(&people, (struct str){(const char *)c->persons[i].id, 16}, &c->persons[i]);
    for (size_t i = 0; i < c->unit_count; i++)
        if (c->unit_entries[i].id) import_index_put(&units, KEY(&c->unit_entries[i].id), &c->unit_entries[i]);
    for (size_t i = 0; i < k->post_count; i++) {
        const struct row_post *p = &k->posts[i];
        struct holder_key holder = {import_index_get(&people, (struct str){(const char *)p->staff_id, 16}),
                                    import_index_get(&units, KEY(&p->unit_id))};
        if (holder.person && holder.unit && !add_post(r, holder, p->role, p->id)) return false;
    }
    for (size_t i = 0; i < COUNT(c, IMPORT_POSTS); i++)
        if (rows[i].person && rows[i].unit && rows[i].role &&
            !add_post(r, (struct holder_key){rows[i].person, rows[i].unit}, rows[i].role, rows[i].id))
            return false;
    return true;
}

static bool index_known(struct rota_check *r) {
    const struct import_known *k = r->c->known;
    r->replaced = arena_array(r->c->arena, k->rota_count + 1, sizeof *r->replaced);
    if (!r->replaced || !import_index_init(&r->known, r->c->arena, k->rota_count)) return false;
    for (size_t i = 0; i < k->rota_count; i++) {
        struct entry_key *key = ARENA_NEW(r->c->arena, struct entry_key);
        if (!key) return false;
        memcpy(key->post_id, k->rotas[i].post_id, 16);
        key->kind = k->rotas[i].kind;
        key->from = k->rotas[i].from_at;
        import_index_put(&r->known, KEY(key), (void *)(uintptr_t)&k->rotas[i]);
    }
    return true;
}

/* A person's post in a unit that handles matters: of that role (0: any), of several the one with the first role; *n: how many there are. */
static const struct import_rota_post *post_of(const struct rota_check *r, struct holder_key holder, int64_t role,
                                              size_t *n) {
    const struct import_rota_post *best = NULL;
    *n = 0;
    for (const struct import_rota_post *p = import_index_get(&r->posts, KEY(&holder)); p; p = p->next) {
        bool handles = role_abilities((enum role)p->role, (enum tier)holder.unit->tier) & ABLE_HANDLE;
        if (!handles || (role && p->role != role)) continue;
        if (!best || p->role < best->role) best = p;
        ++*n;
    }
    return best;
}

/* ---- rows by themselves ---- */

static const struct import_rota_post *find_post(struct rota_check *r, const struct import_rota *row) {
    const struct import_person *person = import_person_of(r->c, IMPORT_ROTA, row->line, "employee_code",
                                                          row->employee_code);
    size_t n;
    if (!person || !row->unit) return NULL;
    if (person->disabled) {
        BAD(r, row, "employee_code", "is disabled");
        return NULL;
    }
    const struct import_rota_post *post = post_of(r, (struct holder_key){person, row->unit}, row->role, &n);
    if (!n && !r->c->data->tables[IMPORT_POSTS].broken)
        BAD(r, row, "employee_code", "has no post%s%s in \"%.*s\" that handles matters", row->role ? " as " : "",
            row->role ? role_words[row->role].code : "", SHOWN(row->unit_code));
    if (n > 1) BAD(r, row, "role", "this person has several posts in \"%.*s\": say which", SHOWN(row->unit_code));
    return n == 1 ? post : NULL;
}

static void find_substitute(struct rota_check *r, struct import_rota *row) {
    size_t n;
    if (!row->substitute_code.n) return;
    if (row->kind == ROTA_DUTY) {
        BAD(r, row, "substitute_code", "has no meaning for duty");
        return;
    }
    const struct import_person *person = import_person_of(r->c, IMPORT_ROTA, row->line, "substitute_code",
                                                          row->substitute_code);
    if (!person || !row->post) return;
    row->substitute = post_of(r, (struct holder_key){person, row->unit}, 0, &n);
    if (person == row->post->person) BAD(r, row, "substitute_code", "is the one who is away");
    else if (person->disabled) BAD(r, row, "substitute_code", "is disabled");
    else if (!n && !r->c->data->tables[IMPORT_POSTS].broken)
        BAD(r, row, "substitute_code", "has no post in \"%.*s\" that handles matters", SHOWN(row->unit_code));
}

static bool says_the_same(const struct import_rota *row) {
    static const uint8_t none[16];
    const struct row_rota_span *old = row->same;
    const uint8_t *substitute = row->substitute ? row->substitute->id : none;
    return old && old->until_at == row->until && memcmp(old->substitute_id, substitute, 16) == 0;
}

static void check_times(struct rota_check *r, const struct import_rota *row) {
    if (row->until <= row->from) BAD(r, row, "until", "is not after from");
    else if (row->until - row->from > (int64_t)ROTA_DAYS_MAX * DAY_S * SECOND_US)
        BAD(r, row, "until", "is more than %d days after from", ROTA_DAYS_MAX);
    else if (row->until <= r->c->known->now_us && !says_the_same(row)) BAD(r, row, "until", "is over already");
}

static void check_row(struct rota_check *r, struct import_rota *row) {
    size_t before = r->c->problems->n;
    row->post = find_post(r, row);
    find_substitute(r, row);
    if (row->post) {
        struct entry_key key = {.kind = row->kind, .from = row->from};
        memcpy(key.post_id, row->post->id, 16);
        row->same = import_index_get(&r->known, KEY(&key));
    }
    check_times(r, row);
    if (r->c->problems->n > before) row->post = NULL; /* not told of together with others, too */
}

/* ---- rows together ---- */

static int compare_stretches(const void *x, const void *y) {
    const struct stretch *a = x, *b = y;
    if (a->post != b->post) return (uintptr_t)a->post < (uintptr_t)b->post ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->from != b->from) return a->from < b->from ? -1 : 1;
    int64_t line = a->row ? a->row->line : 0, other = b->row ? b->row->line : 0;
    return (line > other) - (line < other);
}

static bool gather(struct rota_check *r) {
    struct checking *c = r->c;
    const struct import_known *k = c->known;
    struct import_rota *rows = ROWS(c, rota, IMPORT_ROTA);
    r->stretches = arena_array(c->arena, COUNT(c, IMPORT_ROTA) + k->rota_count + 1, sizeof *r->stretches);
    if (!r->stretches) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_ROTA); i++) {
        if (!rows[i].post) continue;
        if (rows[i].same) r->replaced[rows[i].same - k->rotas] = true;
        r->stretches[r->stretch_count++] = (struct stretch){rows[i].post, rows[i].kind, rows[i].from, rows[i].until,
                                                            &rows[i]};
    }
    for (size_t i = 0; i < k->rota_count; i++) {
        const struct row_rota_span *s = &k->rotas[i];
        const struct import_rota_post *post = import_index_get(&r->by_id, (struct str){(const char *)s->post_id, 16});
        if (post && !r->replaced[i])
            r->stretches[r->stretch_count++] = (struct stretch){post, s->kind, s->from_at, s->until_at, NULL};
    }
    if (r->stretch_count) qsort(r->stretches, r->stretch_count, sizeof *r->stretches, compare_stretches);
    return true;
}

static void tell_overlap(struct rota_check *r, const struct stretch *a, const struct stretch *b) {
    if (!a->row && !b->row) return;
    if (!a->row || !b->row) {
        BAD(r, a->row ? a->row : b->row, "from", "overlaps with an entry that the database has");
        return;
    }
    const struct import_rota *first = a->row->line < b->row->line ? a->row : b->row,
                             *second = first == a->row ? b->row : a->row;
    BAD(r, second, "from", a->from == b->from ? "is the same as in line %lld" : "overlaps with line %lld",
        (long long)first->line);
}

/* Nobody is on the same duty, or away, twice at once. */
static void check_overlaps(struct rota_check *r) {
    const struct stretch *furthest = NULL;
    for (const struct stretch *s = r->stretches; s < r->stretches + r->stretch_count; s++) {
        bool together = furthest && furthest->post == s->post && furthest->kind == s->kind;
        if (together && s->from < furthest->until) tell_overlap(r, furthest, s);
        if (!together || s->until > furthest->until) furthest = s;
    }
}

/* The first absence of a post, or the end. */
static size_t first_absence(const struct rota_check *r, const struct import_rota_post *post) {
    const struct stretch least = {.post = post, .kind = ROTA_ABSENCE, .from = INT64_MIN};
    size_t low = 0, high = r->stretch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_stretches(&r->stretches[middle], &least) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void check_substitute_is_there(struct rota_check *r, const struct import_rota *row) {
    for (size_t i = first_absence(r, row->substitute); i < r->stretch_count; i++) {
        const struct stretch *s = &r->stretches[i];
        if (s->post != row->substitute || s->kind != ROTA_ABSENCE || s->from >= row->until) return;
        if (s->until <= row->from) continue;
        BAD(r, row, "substitute_code", "is away in that time, too");
        return;
    }
}

/* Told once for each unit, at the first that is too many. */
static bool check_room(struct rota_check *r) {
    struct checking *c = r->c;
    struct import_rota *rows = ROWS(c, rota, IMPORT_ROTA);
    int *ahead = arena_array(c->arena, c->unit_count + 1, sizeof *ahead);
    if (!ahead) return false;
    for (const struct stretch *s = r->stretches; s < r->stretches + r->stretch_count; s++)
        if (!s->row && s->until > c->known->now_us) ahead[s->post->unit - c->unit_entries]++;
    for (size_t i = 0; i < COUNT(c, IMPORT_ROTA); i++)
        if (rows[i].post && rows[i].until > c->known->now_us &&
            ++ahead[rows[i].unit - c->unit_entries] == ROTA_AHEAD_MAX + 1)
            BAD(r, &rows[i], "unit_code", "\"%.*s\" has more than %d entries ahead", SHOWN(rows[i].unit_code),
                ROTA_AHEAD_MAX);
    return true;
}

bool import_check_rota(struct checking *c) {
    struct rota_check r = {.c = c};
    struct import_rota *rows = ROWS(c, rota, IMPORT_ROTA);
    if (!COUNT(c, IMPORT_ROTA)) return true;
    if (!index_posts(&r) || !index_known(&r)) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_ROTA); i++)
        if (!rows[i].faults) check_row(&r, &rows[i]);
    if (!gather(&r)) return false;
    check_overlaps(&r);
    for (size_t i = 0; i < COUNT(c, IMPORT_ROTA); i++)
        if (rows[i].post && rows[i].substitute) check_substitute_is_there(&r, &rows[i]);
    return check_room(&r);
}

/* ---- saving ---- */

static enum rc save_entry(struct act *act, const struct import_rota *row, size_t *fresh) {
    static const uint8_t nobody[16];
    uint8_t id[16];
    const struct db_value until = v_time(row->until),
                          substitute = row->substitute ? v_id(row->substitute->id) : v_null();
    if (says_the_same(row)) return RC_OK;
    if (row->same) return db_run(act->db, ST_rota_change, DB_VALUES(until, substitute, v_id(row->same->id)), NULL);
    if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
    ++*fresh;
    return db_run(act->db, ST_rota_insert,
                  DB_VALUES(v_id(id), v_int(row->kind), v_int(row->unit->id), v_id(row->post->id), v_time(row->from),
                            until, substitute, v_id(nobody), v_time(act->now_us)),
                  NULL);
}

enum rc import_save_rota(struct act *act, const struct import_data *data, size_t *fresh) {
    const struct import_table *t = &data->tables[IMPORT_ROTA];
    const struct import_rota *rows = t->rows;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < t->n; i++) rc = save_entry(act, &rows[i], fresh);
    return rc;
}
