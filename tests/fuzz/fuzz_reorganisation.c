/* The file of a reorganisation, against a small district. Whatever it says, each fault has its line, a plan without faults can be
 * carried out, and the same text says the same. */
#include "acts/reorganise.h"
#include "fuzz.h"

#include <string.h>

enum { MEMORY = 16 << 20, DEPTH = 16 };

#define S(literal) \
    { literal, sizeof(literal) - 1 }
#define UNIT(id_, code_, tier_, kind_, parent_, active_) \
    { \
        .id = id_, .code = S(code_), .name = S(code_), .tier = TIER_##tier_, .kind = UNIT_##kind_, \
        .parent_id = parent_, .active = active_ \
    }
static const struct row_unit units[] = {
    UNIT(1, "d", DISTRICT, GOVERNMENT, 0, 1),  UNIT(2, "t", TOWN, TOWN, 1, 1),
    UNIT(3, "v1", VILLAGE, VILLAGE, 2, 1),     UNIT(4, "v2", VILLAGE, VILLAGE, 2, 1),
    UNIT(5, "v3", VILLAGE, VILLAGE, 2, 1),     UNIT(6, "gone", VILLAGE, VILLAGE, 2, 0),
    UNIT(7, "c1", COMPOUND, COMPOUND, 3, 1),   UNIT(8, "e1", DISTRICT, DEPARTMENT, 1, 1),
    UNIT(9, "e2", DISTRICT, DEPARTMENT, 8, 1),
};
static const struct row_place places[] = {{.id = 1, .code = S("p1"), .unit_id = 3, .active = 1},
                                          {.id = 2, .code = S("p2"), .unit_id = 4, .active = 1}};
static const struct row_category categories[] = {{.id = 1, .code = S("noise"), .active = 1}};
static const struct row_post posts[] = {{.staff_id = {1}, .unit_id = 3, .role = ROLE_HANDLER}};
static struct import_person people[] = {{.id = {1}, .code = S("E1")}, {.id = {2}, .code = S("E2")}};
#define COUNT(list) (sizeof(list) / sizeof *(list))
static const struct import_known known = {.units = units,
                                          .places = places,
                                          .categories = categories,
                                          .posts = posts,
                                          .people = people,
                                          .unit_count = COUNT(units),
                                          .place_count = COUNT(places),
                                          .category_count = COUNT(categories),
                                          .post_count = COUNT(posts),
                                          .person_count = COUNT(people)};

static struct arena arena;

static void check_problems(const struct import_problems *p, struct str text) {
    int64_t lines = 1, before = 0;
    for (size_t i = 0; i < text.n; i++) lines += text.p[i] == '\n';
    CHECK(!p->failed);
    for (size_t i = 0; i < p->n; i++) {
        const struct import_problem *one = &p->list[i];
        CHECK(one->file == IMPORT_REORGANISATION && one->reason[0] && one->column >= 0);
        CHECK(one->line >= before && one->line <= lines);
        before = one->line;
    }
}

/* It goes on, or ends for some of its tier that go on, which share all of it. */
static void check_unit(const struct reorganised_unit *u) {
    int64_t sum = 0;
    CHECK(u->code.n && u->name.n && u->tier && u->kind && u->heir_count <= REORGANISE_HEIRS_MAX);
    for (size_t i = 0; i < u->heir_count; i++) {
        const struct reorganised_unit *to = u->heirs[i];
        CHECK(to->active && !to->heir_count && to->inherits && to->tier == u->tier && to != u);
        CHECK(u->shares[i] >= 1 && u->shares[i] <= 100);
        CHECK(reorganisation_heir_over(u, to) == to);
        sum += u->shares[i];
    }
    CHECK(!u->heir_count || (sum == 100 && u->id && u->active && u->parent));
    int depth = 0;
    for (const struct reorganised_unit *up = u->parent; up; up = up->parent) CHECK(up != u && ++depth < DEPTH);
    CHECK(u->id || (u->first && u->parent && !u->parent->heir_count));
}

/* What each act works with (reorganise.c) is there. */
static void check_row(const struct reorganisation_row *r) {
    CHECK(r->row->act >= REORGANISE_NEW && r->row->act < REORGANISE__MAX);
    switch ((enum reorganise_act)r->row->act) {
    case REORGANISE_NEW: CHECK(r->to); break;
    case REORGANISE_RENAME: CHECK(r->unit && r->unit->id && r->row->name.n); break;
    case REORGANISE_UNIT: CHECK(r->unit && r->to && r->unit->parent && r->unit->parent->heir_count > 1); break;
    case REORGANISE_PLACE: CHECK(r->place && r->to); break;
    case REORGANISE_POST: CHECK(r->person && r->to); break;
    case REORGANISE_CATEGORY: CHECK(r->category && r->to); break;
    case REORGANISE_MERGE:
    case REORGANISE_SPLIT:
    case REORGANISE__MAX: break;
    }
}

static size_t plan(struct str text) {
    struct import_problems p = {.arena = &arena};
    struct import_data *data = ARENA_NEW(&arena, struct import_data);
    struct reorganisation out;
    CHECK(data);
    import_parse(IMPORT_REORGANISATION, text, data, &p, &arena);
    CHECK(reorganisation_check(&known, &data->tables[IMPORT_REORGANISATION], &p, &arena, &out));
    import_sort_problems(&p);
    check_problems(&p, text);
    CHECK(out.unit_count >= known.unit_count);
    for (size_t i = 0; !p.n && i < out.unit_count; i++) check_unit(&out.units[i]);
    for (size_t i = 0; !p.n && i < out.row_count; i++) check_row(&out.rows[i]);
    return p.n;
}

/* Most of what could be tried is what follows a header: an input that has none gets one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char head[] = "act\tcode\tto_code\tname\tname_en\tshare\n";
    struct str text = {(const char *)data, size};
    arena_init(&arena, MEMORY);
    size_t faults = plan(text);
    CHECK(plan(text) == faults);
    char *whole = arena_alloc(&arena, size + sizeof head);
    CHECK(whole);
    memcpy(whole, head, sizeof head - 1);
    if (size) memcpy(whole + sizeof head - 1, data, size);
    plan((struct str){whole, size + sizeof head - 1});
    arena_free(&arena);
    return 0;
}
