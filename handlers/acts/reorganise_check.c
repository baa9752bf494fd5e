/* Is a file of a reorganisation one act that can be done? Pure. */
#include "acts/reorganise.h"

#include "base/num.h"

enum { DEPTH_MAX = 64 };

const struct word reorganise_words[REORGANISE__MAX] = {
    {"", "", ""},
    {"new", "新设", "Made"},
    {"rename", "更名", "Renamed"},
    {"merge", "并入", "Merged"},
    {"split", "拆分", "Split"},
    {"unit", "下级单位", "A unit below"},
    {"place", "地点", "A place"},
    {"post", "人员", "A post"},
    {"category", "分类", "A category"},
};

/* Which cells an act needs, beside its code; the others stay empty. */
static const struct shape {
    bool to, name, share; /* share may be empty */
} shapes[REORGANISE__MAX] = {
    [REORGANISE_NEW] = {true, true, false},    [REORGANISE_RENAME] = {false, true, false},
    [REORGANISE_MERGE] = {true, false, false}, [REORGANISE_SPLIT] = {true, false, true},
    [REORGANISE_UNIT] = {true, false, false},  [REORGANISE_PLACE] = {true, false, false},
    [REORGANISE_POST] = {true, false, false},  [REORGANISE_CATEGORY] = {true, false, false},
};

struct checking {
    const struct import_known *known;
    struct import_problems *problems;
    struct arena *arena;
    struct reorganisation *plan;
    struct import_index units, places, categories, people, seen;
};

#define COMPLAIN(c, line, ...) import_complain((c)->problems, IMPORT_REORGANISATION, line, __VA_ARGS__)
#define SHOWN(s) (int)(s).n, (s).p

/* ---- look-ups ---- */

static struct str id_key(const int64_t *id) { return (struct str){(const char *)id, sizeof *id}; }

static bool index_units(struct checking *c, size_t rows) {
    const struct import_known *k = c->known;
    struct reorganisation *p = c->plan;
    struct import_index ids;
    p->units = arena_array(c->arena, k->unit_count + rows + 1, sizeof *p->units);
    if (!p->units || !import_index_init(&c->units, c->arena, k->unit_count + rows) ||
        !import_index_init(&ids, c->arena, k->unit_count))
        return false;
    for (size_t i = 0; i < k->unit_count; i++) {
        const struct row_unit *u = &k->units[i];
        p->units[i] = (struct reorganised_unit){.id = u->id,
                                                .tier = u->tier,
                                                .kind = u->kind,
                                                .review = u->review,
                                                .code = u->code,
                                                .name = u->name,
                                                .name_en = u->name_en,
                                                .active = u->active};
        import_index_put(&c->units, u->code, &p->units[i]);
        import_index_put(&ids, id_key(&u->id), &p->units[i]);
    }
    for (size_t i = 0; i < k->unit_count; i++)
        p->units[i].parent = import_index_get(&ids, id_key(&k->units[i].parent_id));
    p->unit_count = k->unit_count;
    return true;
}

static bool index_others(struct checking *c, size_t rows) {
    const struct import_known *k = c->known;
    if (!import_index_init(&c->places, c->arena, k->place_count) ||
        !import_index_init(&c->categories, c->arena, k->category_count) ||
        !import_index_init(&c->people, c->arena, k->person_count) || !import_index_init(&c->seen, c->arena, rows))
        return false;
    for (size_t i = 0; i < k->place_count; i++)
        import_index_put(&c->places, k->places[i].code, (void *)(uintptr_t)&k->places[i]);
    for (size_t i = 0; i < k->category_count; i++)
        import_index_put(&c->categories, k->categories[i].code, (void *)(uintptr_t)&k->categories[i]);
    for (size_t i = 0; i < k->person_count; i++)
        if (k->people[i].code.n) import_index_put(&c->people, k->people[i].code, &k->people[i]);
    return true;
}

/* A unit that is there and goes on, or is made by this file. */
static struct reorganised_unit *unit_of(struct checking *c, int64_t line, const char *column, struct str code) {
    struct reorganised_unit *u = code.n ? import_index_get(&c->units, code) : NULL;
    if (code.n && !u) COMPLAIN(c, line, column, "no unit has the code \"%.*s\"", SHOWN(code));
    else if (u && !u->active) COMPLAIN(c, line, column, "\"%.*s\" has ended already", SHOWN(code));
    return u && u->active ? u : NULL;
}

static struct reorganised_unit *unit_with_id(const struct checking *c, int64_t id) {
    for (size_t i = 0; i < c->known->unit_count; i++) /* the database's stand first */
        if (c->plan->units[i].id == id) return &c->plan->units[i];
    return NULL;
}

static bool is_below(const struct reorganised_unit *unit, const struct reorganised_unit *above) {
    for (int depth = 0; unit && depth <= DEPTH_MAX; depth++, unit = unit->parent)
        if (unit == above) return true;
    return false;
}

static bool is_heir(const struct reorganised_unit *ended, const struct reorganised_unit *unit) {
    for (size_t i = 0; i < ended->heir_count; i++)
        if (ended->heirs[i] == unit) return true;
    return false;
}

struct reorganised_unit *reorganisation_heir_over(const struct reorganised_unit *ended,
                                                  const struct reorganised_unit *unit) {
    for (; unit; unit = unit->parent)
        for (size_t i = 0; i < ended->heir_count; i++)
            if (ended->heirs[i] == unit) return ended->heirs[i];
    return NULL;
}

/* ---- rows by themselves ---- */

static void check_cell(struct checking *c, const struct import_reorganisation *r, const char *column, bool filled,
                       bool needed) {
    if (filled == needed) return;
    COMPLAIN(c, r->line, column, needed ? "is empty, which %s needs" : "has no meaning for %s",
             reorganise_words[r->act].code);
}

static void check_shape(struct checking *c, const struct import_reorganisation *r) {
    const struct shape *s = &shapes[r->act];
    check_cell(c, r, "to_code", r->to_code.n > 0, s->to);
    check_cell(c, r, "name", r->name.n > 0, s->name);
    if (r->name_en.n && !s->name) check_cell(c, r, "name_en", true, false);
    if (r->share.n && !s->share) check_cell(c, r, "share", true, false);
}

/* The same thing twice, which would be said two ways. */
static bool is_first(struct checking *c, const struct import_reorganisation *r, struct str more) {
    char *key = arena_printf(c->arena, "%lld\t%.*s\t%.*s", (long long)r->act, SHOWN(r->code), SHOWN(more));
    if (!key) {
        c->problems->failed = true;
        return true;
    }
    const struct import_reorganisation *first = import_index_put(&c->seen, str_of(key), (void *)(uintptr_t)r);
    if (first) COMPLAIN(c, r->line, "code", "is the same as in line %lld", (long long)first->line);
    return !first;
}

static void make_unit(struct checking *c, const struct import_reorganisation *r) {
    struct reorganised_unit *u = &c->plan->units[c->plan->unit_count];
    if (import_index_get(&c->units, r->code)) {
        COMPLAIN(c, r->line, "code", "there is a unit \"%.*s\" already", SHOWN(r->code));
        return;
    }
    *u = (struct reorganised_unit){
        .code = r->code, .name = r->name, .name_en = r->name_en, .active = true, .line = r->line};
    import_index_put(&c->units, r->code, u);
    c->plan->unit_count++;
}

/* ---- units that end ---- */

static void end_unit(struct checking *c, const struct import_reorganisation *r) {
    struct reorganised_unit *old = unit_of(c, r->line, "code", r->code);
    struct reorganised_unit *to = unit_of(c, r->line, "to_code", r->to_code);
    int64_t share = 100;
    if (!old || !to) return;
    bool more = r->act == REORGANISE_SPLIT && old->heir_count;
    if (!old->id) COMPLAIN(c, r->line, "code", "is made by this file");
    else if (!old->parent) COMPLAIN(c, r->line, "code", "is the district itself");
    else if (is_below(to, old)) COMPLAIN(c, r->line, "to_code", old == to ? "is the unit itself" : "is below it");
    else if (is_heir(old, to)) COMPLAIN(c, r->line, "to_code", "is the same as in an earlier line");
    else if (old->heir_count && (!more || old->ended_by->act != REORGANISE_SPLIT))
        COMPLAIN(c, r->line, "code", "ends in an earlier line already");
    else if (old->heir_count == REORGANISE_HEIRS_MAX)
        COMPLAIN(c, r->line, "code", "is split into more than %d units", REORGANISE_HEIRS_MAX);
    else if (r->share.n && !num_i64(r->share, 1, 99, &share))
        COMPLAIN(c, r->line, "share", "is not a number of percent from 1 to 99");
    else {
        if (!old->ended_by) old->ended_by = r;
        old->shares[old->heir_count] = r->act == REORGANISE_MERGE ? 100 : r->share.n ? share : 0;
        old->heirs[old->heir_count++] = to;
        to->inherits = true;
        if (!to->first) to->first = old;
    }
}

/* Said for all or for none, who then share alike. */
static void check_shares(struct checking *c, struct reorganised_unit *u, int64_t line) {
    int64_t sum = 0, n = (int64_t)u->heir_count, without = 0;
    for (size_t i = 0; i < u->heir_count; i++) {
        sum += u->shares[i];
        without += !u->shares[i];
    }
    if (without && without < n) COMPLAIN(c, line, "share", "is given for some of its units and not for all");
    else if (!without && sum != 100) COMPLAIN(c, line, "share", "adds up to %lld percent", (long long)sum);
    for (size_t i = 0; without == n && i < u->heir_count; i++) u->shares[i] = 100 / n + (i ? 0 : 100 % n);
}

static void check_ended(struct checking *c, struct reorganised_unit *u) {
    const struct import_reorganisation *r = u->ended_by;
    if (r->act == REORGANISE_SPLIT && u->heir_count == 1)
        COMPLAIN(c, r->line, NULL, "splits \"%.*s\" into one unit only: merge it", SHOWN(u->code));
    check_shares(c, u, r->line);
    for (size_t i = 0; i < u->heir_count; i++) {
        const struct reorganised_unit *to = u->heirs[i];
        if (to->heir_count) COMPLAIN(c, r->line, "to_code", "\"%.*s\" ends by this file itself", SHOWN(to->code));
        else if (to->tier && to->tier != u->tier)
            COMPLAIN(c, r->line, "to_code", "\"%.*s\" is of tier %s, \"%.*s\" is of tier %s", SHOWN(to->code),
                     tier_words[to->tier].code, SHOWN(u->code), tier_words[u->tier].code);
    }
}

/* Tier and kind are those of the first that it stands for. */
static void settle_made(struct checking *c, struct reorganised_unit *u) {
    if (!u->first) {
        COMPLAIN(c, u->line, NULL, "nothing is merged or split into \"%.*s\": make such a unit by an import",
                 SHOWN(u->code));
        return;
    }
    u->tier = u->first->tier;
    u->kind = u->first->kind;
    u->review = u->first->review;
}

static void check_parent(struct checking *c, const struct reorganised_unit *u) {
    const struct reorganised_unit *up = u->parent;
    if (!up || !u->tier || !up->tier) return;
    if (is_below(up, u)) COMPLAIN(c, u->line, "to_code", "\"%.*s\" is above itself", SHOWN(u->code));
    else if (up->heir_count) COMPLAIN(c, u->line, "to_code", "\"%.*s\" ends by this file", SHOWN(up->code));
    else if (up->tier <= u->tier && !(up->tier == TIER_DISTRICT && u->tier == TIER_DISTRICT))
        COMPLAIN(c, u->line, "to_code", "\"%.*s\" is of tier %s, which is not above %s", SHOWN(up->code),
                 tier_words[up->tier].code, tier_words[u->tier].code);
}

/* ---- what goes to which of several ---- */

static void check_split(struct checking *c, const struct import_reorganisation *r, const struct reorganised_unit *of,
                        const struct reorganised_unit *to) {
    if (!of || of->heir_count < 2) COMPLAIN(c, r->line, "code", "is of no unit that this file splits");
    else if (!is_heir(of, to))
        COMPLAIN(c, r->line, "to_code", "\"%.*s\" is not split into \"%.*s\"", SHOWN(of->code), SHOWN(to->code));
}

static void check_below(struct checking *c, struct reorganisation_row *row) {
    const struct import_reorganisation *r = row->row;
    row->unit = unit_of(c, r->line, "code", r->code);
    if (row->unit && row->to && is_first(c, r, STR(""))) check_split(c, r, row->unit->parent, row->to);
}

static void check_place(struct checking *c, struct reorganisation_row *row) {
    const struct import_reorganisation *r = row->row;
    row->place = import_index_get(&c->places, r->code);
    if (!row->place) COMPLAIN(c, r->line, "code", "no place has the code \"%.*s\"", SHOWN(r->code));
    else if (row->to && is_first(c, r, STR(""))) check_split(c, r, unit_with_id(c, row->place->unit_id), row->to);
}

static void check_category(struct checking *c, struct reorganisation_row *row) {
    const struct import_reorganisation *r = row->row;
    bool any = false;
    row->category = import_index_get(&c->categories, r->code);
    if (!row->category) COMPLAIN(c, r->line, "code", "no category has the code \"%.*s\"", SHOWN(r->code));
    if (!row->category || !row->to) return;
    for (size_t i = 0; i < c->plan->unit_count; i++)
        any |= c->plan->units[i].heir_count > 1 && is_heir(&c->plan->units[i], row->to);
    if (!any) COMPLAIN(c, r->line, "to_code", "nothing is split into \"%.*s\"", SHOWN(r->to_code));
    else (void)is_first(c, r, STR(""));
}

static void check_post(struct checking *c, struct reorganisation_row *row) {
    const struct import_reorganisation *r = row->row;
    bool any = false;
    row->person = import_index_get(&c->people, r->code);
    if (!row->person) COMPLAIN(c, r->line, "code", "nobody has this employee code");
    if (!row->person || !row->to) return;
    for (size_t i = 0; i < c->known->post_count; i++) {
        const struct row_post *p = &c->known->posts[i];
        if (memcmp(p->staff_id, row->person->id, 16) != 0) continue;
        const struct reorganised_unit *of = unit_with_id(c, p->unit_id);
        any |= of && of->heir_count > 1 && is_heir(of, row->to);
    }
    if (!any) COMPLAIN(c, r->line, "code", "has no post in a unit that is split into \"%.*s\"", SHOWN(r->to_code));
    else (void)is_first(c, r, r->to_code);
}

static void check_rename(struct checking *c, struct reorganisation_row *row) {
    const struct import_reorganisation *r = row->row;
    struct reorganised_unit *u = row->unit = unit_of(c, r->line, "code", r->code);
    if (!u || !is_first(c, r, STR(""))) return;
    if (!u->id) COMPLAIN(c, r->line, "code", "is made by this file: give it its name there");
    else if (u->heir_count) COMPLAIN(c, r->line, "code", "ends by this file");
    else if (str_eq(u->name, r->name) && str_eq(u->name_en, r->name_en))
        COMPLAIN(c, r->line, "name", "is its name already");
}

static void (*const checks[REORGANISE__MAX])(struct checking *, struct reorganisation_row *) = {
    [REORGANISE_RENAME] = check_rename, [REORGANISE_UNIT] = check_below,        [REORGANISE_PLACE] = check_place,
    [REORGANISE_POST] = check_post,     [REORGANISE_CATEGORY] = check_category,
};

/* ---- the whole ---- */

static void check_rows(struct checking *c) {
    struct reorganisation *p = c->plan;
    struct reorganisation_row *rows = p->rows, *end = rows + p->row_count;
    for (struct reorganisation_row *r = rows; r < end; r++)
        if (r->row->act == REORGANISE_NEW) make_unit(c, r->row);
    for (struct reorganisation_row *r = rows; r < end; r++)
        if (r->row->act == REORGANISE_MERGE || r->row->act == REORGANISE_SPLIT) end_unit(c, r->row);
        else if (shapes[r->row->act].to) r->to = unit_of(c, r->row->line, "to_code", r->row->to_code);
    for (struct reorganisation_row *r = rows; r < end; r++) {
        struct reorganised_unit *made = r->row->act == REORGANISE_NEW ? import_index_get(&c->units, r->row->code)
                                                                      : NULL;
        if (made && made->line == r->row->line) made->parent = r->to;
    }
    for (size_t i = c->known->unit_count; i < p->unit_count; i++) settle_made(c, &p->units[i]);
    for (size_t i = c->known->unit_count; i < p->unit_count; i++) check_parent(c, &p->units[i]);
    for (size_t i = 0; i < p->unit_count; i++)
        if (p->units[i].heir_count) check_ended(c, &p->units[i]);
    for (struct reorganisation_row *r = rows; r < end; r++)
        if (checks[r->row->act]) checks[r->row->act](c, r);
}

/* Rows with a fault of their own are left out: what they are about is not known. */
bool reorganisation_check(const struct import_known *known, const struct import_table *file, struct import_problems *p,
                          struct arena *a, struct reorganisation *out) {
    struct checking c = {.known = known, .problems = p, .arena = a, .plan = out};
    const struct import_reorganisation *rows = file->rows;
    *out = (struct reorganisation){.rows = arena_array(a, file->n + 1, sizeof *out->rows)};
    if (!out->rows || !index_units(&c, file->n) || !index_others(&c, file->n)) return false;
    if (!file->n && !file->broken) COMPLAIN(&c, 1, NULL, "no row follows the header");
    for (size_t i = 0; i < file->n; i++) {
        size_t before = p->n;
        if (!rows[i].faults) check_shape(&c, &rows[i]);
        if (!rows[i].faults && p->n == before) out->rows[out->row_count++].row = &rows[i];
    }
    check_rows(&c);
    return !p->failed;
}
