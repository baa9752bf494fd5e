/* Look-ups in the district, and which unit an appeal goes to: always one, never the one complained of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "district_fixture.h"
#include "rules/routing.h"
#include <cmocka.h>

static struct arena arena;
static struct district d;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, (size_t)1 << 20);
    d = fixture_district();
    struct route_rule *rules = arena_array(&arena, ROUTES, sizeof *rules);
    if (!rules || !district_index(&d, &arena)) return -1;
    memcpy(rules, routes, sizeof routes);
    return routing_index(&d, rules, ROUTES, &arena) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static void look_ups(void **state) {
    (void)state;
    for (int i = 0; i < U_COUNT; i++) {
        assert_ptr_equal(unit_by_id(&d, units[i].id), &units[i]);
        assert_ptr_equal(unit_by_code(&d, units[i].code), units[i].active ? &units[i] : NULL);
    }
    for (int i = 0; i < P_COUNT; i++) {
        assert_ptr_equal(place_by_id(&d, places[i].id), &places[i]);
        assert_ptr_equal(place_by_code(&d, places[i].code), places[i].active ? &places[i] : NULL);
    }
    for (int i = 0; i < K_COUNT; i++) {
        assert_ptr_equal(category_by_id(&d, categories[i].id), &categories[i]);
        assert_ptr_equal(category_by_code(&d, categories[i].code), categories[i].active ? &categories[i] : NULL);
    }
    assert_ptr_equal(reason_by_id(&d, 3), &reasons[2]);
    assert_ptr_equal(reason_by_code(&d, PURPOSE_REJECT, STR("not_here")), &reasons[0]);
    assert_ptr_equal(reason_by_code(&d, PURPOSE_RETURN, STR("not_here")), &reasons[1]);
    assert_null(reason_by_code(&d, PURPOSE_REJECT, STR("old")));
    assert_null(reason_by_code(&d, PURPOSE_UNMASK, STR("not_here")));
    assert_null(reason_by_id(&d, 0));
}

static void look_ups_that_find_nothing(void **state) {
    (void)state;
    static const int64_t ids[] = {0, -1, 99, 100 + U_COUNT, INT64_MAX, INT64_MIN};
    static const struct str codes[] = {{"", 0}, {NULL, 0}, {"d", 1}, {"D ", 2}, {"D\0", 2}, {"T", 1}, {"p-c11", 5}};
    struct district empty = {.version = 1};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_null(unit_by_id(&d, ids[i]));
        assert_null(unit_by_id(&empty, ids[i]));
        assert_null(place_by_id(&d, ids[i]));
        assert_null(category_by_id(&d, ids[i]));
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_null(unit_by_code(&d, codes[i]));
        assert_null(unit_by_code(&empty, codes[i]));
        assert_null(place_by_code(&d, codes[i]));
        assert_null(category_by_code(&d, codes[i]));
    }
}

static void an_index_refuses_doubles_and_lack_of_memory(void **state) {
    (void)state;
    struct unit twice[2] = {units[U_D], units[U_T1]};
    struct district small = {.units = twice, .unit_count = 2, .top = &twice[0]};
    assert_true(district_index(&small, &arena));
    twice[1].id = twice[0].id;
    assert_false(district_index(&small, &arena));
    twice[1].id = 7;
    twice[1].code = twice[0].code;
    assert_false(district_index(&small, &arena));
    arena.fail_after = 2;
    twice[1].code = STR("other");
    assert_false(district_index(&small, &arena));
    arena.fail_after = -1;
    assert_true(district_index(&small, &arena));
}

static void the_tree(void **state) {
    (void)state;
    assert_true(unit_is_below(&units[U_C1], &units[U_C1]));
    assert_true(unit_is_below(&units[U_C1], &units[U_V1]));
    assert_true(unit_is_below(&units[U_C1], &units[U_D]));
    assert_true(unit_is_below(&units[U_C4], &units[U_V3X]));
    assert_false(unit_is_below(&units[U_C1], &units[U_C2]));
    assert_false(unit_is_below(&units[U_V1], &units[U_C1]));
    assert_false(unit_is_below(&units[U_C1], &units[U_V2]));
    assert_false(unit_is_below(&units[U_D1], &units[U_D2]));
    assert_false(unit_is_below(NULL, &units[U_D]));
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_COMPOUND), &units[U_C1]);
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_VILLAGE), &units[U_V1]);
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_TOWN), &units[U_T1]);
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_DISTRICT), &units[U_D]);
    assert_ptr_equal(unit_at_tier(&units[U_D1], TIER_DISTRICT), &units[U_D1]);
    assert_null(unit_at_tier(&units[U_V1], TIER_COMPOUND));
    assert_null(unit_at_tier(NULL, TIER_TOWN));
}

static void places_near(void **state) {
    (void)state;
    assert_ptr_equal(place_near(&d, 120000000, 30000000), &places[P_C1]);
    assert_ptr_equal(place_near(&d, 120000100, 30000000), &places[P_C1]); /* the one there is closed */
    assert_ptr_equal(place_near(&d, 120006000, 30000000), &places[P_C2]);
    assert_ptr_equal(place_near(&d, 120004000, 30000000), &places[P_C1]);
    assert_ptr_equal(place_near(&d, 120000000, 30011000), &places[P_V2]);
    /* The limit of five kilometres: a hundredth of a degree of latitude is 1.11 km. */
    assert_ptr_equal(place_near(&d, 120000000, 29955000), &places[P_C1]);
    assert_null(place_near(&d, 120000000, 29954000));
    assert_null(place_near(&d, 0, 0));
    assert_null(place_near(&d, -180000000, -90000000));
    assert_null(place_near(&d, 180000000, 90000000));
    struct district empty = {.version = 1};
    assert_null(place_near(&empty, 120000000, 30000000));
}

static const struct unit *routed(int category, int place, int about) {
    struct matter m = {.category = category < 0 ? NULL : &categories[category],
                       .place = place < 0 ? NULL : &places[place],
                       .about = about < 0 ? NULL : &units[about]};
    return route(&d, &m).unit;
}

static void by_the_table(void **state) {
    (void)state;
    assert_ptr_equal(routed(K_WATER, P_C1, -1), &units[U_D1]);
    assert_ptr_equal(routed(K_LEAK, P_C1, -1), &units[U_V1]); /* its own row before its parent's */
    assert_ptr_equal(routed(K_LEAK, P_C4, -1), &units[U_D1]); /* the row's area is elsewhere: the parent's row */
    assert_ptr_equal(routed(K_LEAK, P_C2, -1), &units[U_C2]); /* the nearest area */
    assert_ptr_equal(routed(K_PET, P_C2, -1), &units[U_T1]);  /* any category, but this area */
    assert_ptr_equal(routed(-1, P_C2, -1), &units[U_T1]);
    assert_ptr_equal(routed(K_WATER, P_C2, -1), &units[U_D1]); /* the category counts before the area */
    assert_ptr_equal(routed(K_LAMP, P_C4, -1), &units[U_D2]);
    assert_ptr_equal(routed(K_WATER, -1, -1), &units[U_D1]); /* no place: a row without an area */
    assert_ptr_equal(routed(K_LEAK, -1, -1), &units[U_D1]);
}

static void by_the_chain(void **state) {
    (void)state;
    assert_ptr_equal(routed(K_PET, P_C1, -1), &units[U_C1]);
    assert_ptr_equal(routed(-1, P_C1, -1), &units[U_C1]);
    assert_ptr_equal(routed(-1, P_V2, -1), &units[U_V2]);
    assert_ptr_equal(routed(-1, P_D, -1), &units[U_D]);
    assert_ptr_equal(routed(-1, -1, -1), &units[U_D]);
    assert_ptr_equal(routed(K_PET, -1, -1), &units[U_D]);
}

static void closed_units_are_passed_over(void **state) {
    (void)state;
    assert_ptr_equal(routed(-1, P_C3X, -1), &units[U_V2]);
    assert_ptr_equal(routed(-1, P_C5X, -1), &units[U_V4]);
    assert_ptr_equal(routed(-1, P_C5X, U_V4), &units[U_D]); /* V4 complained of, T3X closed */
    assert_ptr_equal(routed(K_ROAD, P_C1, -1), &units[U_D]);
    assert_ptr_equal(routed(K_ROAD, -1, -1), &units[U_D]);
}

static void the_unit_complained_of_is_passed_over(void **state) {
    (void)state;
    assert_ptr_equal(routed(-1, P_C1, U_C1), &units[U_V1]);
    assert_ptr_equal(routed(-1, P_C1, U_V1), &units[U_T1]); /* and all below it */
    assert_ptr_equal(routed(-1, P_C1, U_T1), &units[U_D]);
    assert_ptr_equal(routed(-1, P_C1, U_C2), &units[U_C1]); /* another's matter doesn't touch it */
    assert_ptr_equal(routed(K_WATER, P_C1, U_D1), &units[U_D]);
    assert_ptr_equal(routed(K_LEAK, P_C2, U_C2), &units[U_V1]);
    assert_ptr_equal(routed(-1, P_C4, U_C4), &units[U_T2]); /* V3X is closed */
    assert_ptr_equal(routed(-1, P_C1, U_D), &units[U_D]);   /* there is nobody above the district */
}

static void upwards(void **state) {
    (void)state;
    assert_ptr_equal(route_up(&units[U_C1], NULL), &units[U_V1]);
    assert_ptr_equal(route_up(&units[U_V1], NULL), &units[U_T1]);
    assert_ptr_equal(route_up(&units[U_T1], NULL), &units[U_D]);
    assert_ptr_equal(route_up(&units[U_C4], NULL), &units[U_T2]);
    assert_ptr_equal(route_up(&units[U_V4], NULL), &units[U_D]);
    assert_ptr_equal(route_up(&units[U_C1], &units[U_V1]), &units[U_T1]);
    assert_ptr_equal(route_up(&units[U_C1], &units[U_T1]), &units[U_D]);
    assert_null(route_up(&units[U_D], NULL));
    assert_null(route_up(&units[U_D1], NULL));
    for (int i = 0; i < U_COUNT; i++) { /* by steps one always arrives at the district tier */
        const struct unit *unit = &units[i];
        int steps = 0;
        while (unit && unit->tier != TIER_DISTRICT && steps < TIER__MAX) {
            const struct unit *up = route_up(unit, NULL);
            assert_non_null(up);
            assert_true(up->active && up->tier > unit->tier && unit_is_below(unit, up));
            unit = up;
            steps++;
        }
        assert_int_equal(unit->tier, TIER_DISTRICT);
    }
}

/* Every appeal reaches a unit, always; it is open; it isn't the one complained of nor below it, but for the top. */
static void every_appeal_reaches_a_unit(void **state) {
    (void)state;
    for (int k = -1; k < K_COUNT; k++)
        for (int p = -1; p < P_COUNT; p++)
            for (int about = -1; about < U_COUNT; about++) {
                const struct unit *unit = routed(k, p, about);
                assert_non_null(unit);
                assert_true(unit->active);
                if (unit != d.top && about >= 0) assert_false(unit_is_below(unit, &units[about]));
            }
    struct district bare = {.units = units, .unit_count = 1, .top = &units[U_D]};
    struct matter nothing = {0}, leak = {&categories[K_LEAK], &places[P_C1], &units[U_D], 0, 0, 0};
    assert_ptr_equal(route(&bare, &nothing).unit, &units[U_D]);
    assert_ptr_equal(route(&bare, &leak).unit, &units[U_D]);
}

/* ---- many rules, against a model that looks at all of them ---- */

static uint32_t random_bits = 1;

static uint32_t below(uint32_t n) {
    random_bits = random_bits * 1664525 + 1013904223;
    return (random_bits >> 8) % n;
}

static int up_to_category(const struct category *from, const struct category *to) {
    int steps = 0;
    for (; from != to; from = from->parent, steps++)
        if (!from) return -1;
    return steps;
}

/* The place itself is 0, its unit's area 1, the one above 2 …, anywhere the last. */
static int up_to_where(const struct matter *m, const struct route_rule *r) {
    if (r->place) return m->place == r->place ? 0 : -1;
    int steps = 1;
    for (const struct unit *u = m->place ? m->place->unit : NULL; u != r->area; u = u->parent, steps++)
        if (!u) return -1;
    return steps;
}

/* How special: the smaller the better; -1: the rule says nothing about this matter. */
static int speciality(const struct matter *m, const struct route_rule *r) {
    int category = up_to_category(m->category, r->category), where = up_to_where(m, r);
    bool day = r->valid_from <= m->day && (!r->valid_until || r->valid_until >= m->day);
    bool target = r->unit || (m->place && unit_at_tier(m->place->unit, r->tier));
    if (category < 0 || where < 0 || !day || !target || (r->kind && r->kind != m->kind) ||
        (r->channel && r->channel != m->channel))
        return -1;
    return ((category * 100 + where) * 2 + !r->kind) * 2 + !r->channel;
}

static const struct route_rule *slow_model(const struct route_rule *rules, size_t n, const struct matter *m) {
    const struct route_rule *best = NULL;
    for (size_t i = 0; i < n; i++) {
        int s = speciality(m, &rules[i]);
        if (s >= 0 && best) assert_int_not_equal(s, speciality(m, best)); /* no ties */
        if (s >= 0 && (!best || s < speciality(m, best))) best = &rules[i];
    }
    return best;
}

static struct route_rule random_rule(int64_t id) {
    struct route_rule r = {.id = id, .channel = below(4), .kind = below(4)};
    if (below(4)) r.category = &categories[below(K_CLOSED)];
    if (below(3) == 0) r.place = &places[below(P_COUNT)];
    else if (below(3)) r.area = &units[below(U_COUNT)];
    if (below(2)) r.unit = &units[below(U_COUNT)];
    else r.tier = (enum tier)(1 + below(TIER__MAX - 1));
    r.valid_from = (int32_t)below(3) * 10; /* three stretches of days that don't overlap, or the last without an end */
    r.valid_until = r.valid_from < 20 ? r.valid_from + 9 : 0;
    return r;
}

static bool rivals(const struct route_rule *a, const struct route_rule *b) {
    return a->category == b->category && a->area == b->area && a->place == b->place && a->channel == b->channel &&
           a->kind == b->kind && a->valid_from == b->valid_from;
}

static size_t random_rules(struct route_rule *rules, size_t n) {
    size_t kept = 0;
    for (size_t tries = 0; tries < n; tries++) {
        bool rival = false;
        rules[kept] = random_rule((int64_t)kept + 1);
        for (size_t i = 0; i < kept && !rival; i++) rival = rivals(&rules[i], &rules[kept]);
        kept += !rival;
    }
    return kept;
}

static void the_index_finds_what_a_walk_over_all_rules_finds(void **state) {
    (void)state;
    enum { RULES = 2000, MATTERS = 20000 };
    struct district many = d;
    struct route_rule *rules = arena_array(&arena, RULES + 1, sizeof *rules);
    assert_non_null(rules);
    size_t n = random_rules(rules, RULES), by_rule = 0;
    assert_true(n > RULES / 2 && routing_index(&many, rules, n, &arena));
    for (int i = 0; i < MATTERS; i++) {
        struct matter m = {.channel = 1 + below(4), .kind = 1 + below(4), .day = (int32_t)below(40)};
        if (below(5)) m.category = &categories[below(K_COUNT)];
        if (below(5)) m.place = &places[below(P_COUNT)];
        struct routed got = route(&many, &m);
        assert_ptr_equal(got.rule, slow_model(rules, n, &m));
        assert_non_null(got.unit);
        by_rule += got.rule != NULL;
    }
    assert_true(by_rule > MATTERS / 4);
}

static void special_rules_win_in_their_order(void **state) {
    (void)state;
    struct district own = d;
    struct route_rule rules[] = {
        {.id = 1, .unit = &units[U_D]},
        {.id = 2, .category = &categories[K_PET], .area = &units[U_T1], .unit = &units[U_T1]},
        {.id = 3, .category = &categories[K_PET], .place = &places[P_C1], .unit = &units[U_V1]},
        {.id = 4,
         .category = &categories[K_PET],
         .place = &places[P_C1],
         .channel = CHANNEL_HOTLINE,
         .unit = &units[U_D1]},
        {.id = 5, .category = &categories[K_PET], .place = &places[P_C1], .kind = KIND_COMPLAIN, .unit = &units[U_D2]},
        {.id = 6,
         .category = &categories[K_PET],
         .place = &places[P_C1],
         .kind = KIND_COMPLAIN,
         .unit = &units[U_T2],
         .valid_from = 100,
         .valid_until = 199,
         .channel = CHANNEL_HOTLINE},
    };
    assert_true(routing_index(&own, rules, sizeof rules / sizeof *rules, &arena));
    static const struct {
        int category, place;
        enum channel channel;
        enum kind kind;
        int32_t day;
        int64_t rule;
    } cases[] = {
        {K_ROAD, P_C1, CHANNEL_ZLB, KIND_ASK, 1, 1},
        {K_PET, P_C2, CHANNEL_ZLB, KIND_ASK, 1, 2},
        {K_PET, P_C1, CHANNEL_ZLB, KIND_ASK, 1, 3},
        {K_PET, P_C1, CHANNEL_HOTLINE, KIND_ASK, 1, 4},
        {K_PET, P_C1, CHANNEL_HOTLINE, KIND_COMPLAIN, 99, 5},  /* the kind counts before the channel */
        {K_PET, P_C1, CHANNEL_HOTLINE, KIND_COMPLAIN, 100, 6}, /* both days included */
        {K_PET, P_C1, CHANNEL_HOTLINE, KIND_COMPLAIN, 199, 6},
        {K_PET, P_C1, CHANNEL_HOTLINE, KIND_COMPLAIN, 200, 5},
        {K_PET, P_C1, CHANNEL_ZLB, KIND_COMPLAIN, 150, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct matter m = {&categories[cases[i].category],
                           &places[cases[i].place],
                           NULL,
                           cases[i].channel,
                           cases[i].kind,
                           cases[i].day};
        assert_int_equal(route(&own, &m).rule->id, cases[i].rule);
    }
}

/* The property office C1 and the committee C2 have an interest with each other; V1 is above both, and may rule. */
static void who_has_an_interest_is_passed_over(void **state) {
    (void)state;
    static struct unit own[U_COUNT];
    const struct unit *with_c2[] = {&own[U_C2]}, *with_c1[] = {&own[U_C1]};
    memcpy(own, units, sizeof own);
    for (int i = 0; i < U_COUNT; i++)
        if (units[i].parent) own[i].parent = &own[units[i].parent - units];
    own[U_C1].interests = with_c2;
    own[U_C1].interest_count = 1;
    own[U_C2].interests = with_c1;
    own[U_C2].interest_count = 1;
    struct place at = places[P_C1];
    at.unit = &own[U_C1];
    struct district small = {.units = own, .unit_count = U_COUNT, .top = &own[U_D]};
    struct matter m = {.place = &at, .about = &own[U_C2]};
    struct routed got = route(&small, &m);
    assert_ptr_equal(got.named, &own[U_C1]);
    assert_ptr_equal(got.unit, &own[U_V1]);
    m.about = &own[U_C4];
    assert_ptr_equal(route(&small, &m).unit, &own[U_C1]); /* none with it */
    m.about = NULL;
    assert_ptr_equal(route(&small, &m).unit, &own[U_C1]);
    assert_true(unit_conflicted(&own[U_C2], &own[U_C1]));
    assert_false(unit_conflicted(&own[U_V1], &own[U_C1]));
    assert_false(unit_conflicted(&own[U_C1], NULL));
    assert_true(unit_conflicted(&own[U_C1], &own[U_C1]));
}

static int respond_days(enum tier tier, int category, enum urgency urgency) {
    const struct clock_rule *r = clock_rule_for(&d, tier, category < 0 ? NULL : &categories[category], urgency);
    assert_non_null(r);
    return r->respond.unit == DURATION_WORKDAYS ? r->respond.n : -r->respond.n;
}

static void clock_rules(void **state) {
    (void)state;
    assert_int_equal(respond_days(TIER_VILLAGE, -1, URGENCY_NORMAL), 1);
    assert_int_equal(respond_days(TIER_VILLAGE, K_PET, URGENCY_URGENT), -30); /* round the clock, or the built-in one */
    assert_int_equal(respond_days(TIER_VILLAGE, K_PET, URGENCY_EMERGENCY), -10);
    assert_int_equal(respond_days(TIER_TOWN, K_PET, URGENCY_NORMAL), 2);
    assert_int_equal(respond_days(TIER_TOWN, K_PET, URGENCY_EMERGENCY), -10); /* the tier's row stands still at night */
    assert_int_equal(respond_days(TIER_VILLAGE, K_WATER, URGENCY_NORMAL), 3);
    assert_int_equal(respond_days(TIER_VILLAGE, K_WATER, URGENCY_EMERGENCY), -10); /* so does the category's */
    assert_int_equal(respond_days(TIER_TOWN, K_WATER, URGENCY_NORMAL), 3);
    assert_int_equal(respond_days(TIER_TOWN, K_WATER, URGENCY_URGENT), 4);
    assert_int_equal(respond_days(TIER_TOWN, K_LEAK, URGENCY_URGENT), 5); /* its own row before its parent's */
    assert_int_equal(respond_days(TIER_TOWN, K_LEAK, URGENCY_NORMAL), 3);
    static const struct clock_rule awake[] = {
        {0, NULL, URGENCY_URGENT, {1, DURATION_MINUTES}, {1, DURATION_MINUTES}, {1, DURATION_MINUTES}, {0}},
        {TIER_TOWN, NULL, -1, {2, DURATION_MINUTES}, {2, DURATION_MINUTES}, {2, DURATION_MINUTES}, {0}},
        {TIER_TOWN, &categories[K_PET], -1, {3, DURATION_MINUTES}, {3, DURATION_MINUTES}, {3, DURATION_WORKDAYS}, {0}},
    };
    struct district none = {.version = 1}, round = {.version = 1, .clocks = awake, .clock_count = 3};
    assert_ptr_equal(clock_rule_for(&round, TIER_VILLAGE, NULL, URGENCY_URGENT), &awake[0]);
    assert_ptr_equal(clock_rule_for(&round, TIER_TOWN, NULL, URGENCY_URGENT),
                     &awake[1]); /* the tier before the urgency */
    assert_ptr_equal(clock_rule_for(&round, TIER_TOWN, &categories[K_PET], URGENCY_URGENT), &awake[1]);
    assert_ptr_equal(clock_rule_for(&round, TIER_TOWN, &categories[K_PET], URGENCY_NORMAL), &awake[2]);
    assert_int_equal(clock_rule_for(&none, TIER_TOWN, NULL, URGENCY_URGENT)->resolve.n, 24 * 60);
    assert_int_equal(clock_rule_for(&none, TIER_TOWN, NULL, URGENCY_EMERGENCY)->step.unit, DURATION_MINUTES);
    const struct clock_rule *built = clock_rule_for(&none, TIER_TOWN, NULL, URGENCY_NORMAL);
    assert_int_equal(built->respond.n, 120);
    assert_int_equal(built->respond.unit, DURATION_WORK_MINUTES);
    assert_int_equal(built->resolve.n, 5);
    assert_int_equal(built->resolve.unit, DURATION_WORKDAYS);
    assert_int_equal(built->step.n, 1);
    assert_int_equal(built->step.unit, DURATION_WORKDAYS);
}

/* Which row's; 0: no row says it. */
static int contact_minutes(const struct district *of, enum tier tier, int category, enum urgency urgency) {
    const struct duration *within = contact_within_for(of, tier, category < 0 ? NULL : &categories[category], urgency);
    return within ? within->n : 0;
}

/* A more special row that says nothing of it leaves it to the less special one. */
static void first_calls(void **state) {
    static const struct clock_rule rules[] = {
        {.urgency = -1},
        {.category = &categories[K_WATER], .urgency = -1, .contact = {60, DURATION_MINUTES}},
        {.tier = TIER_TOWN, .category = &categories[K_WATER], .urgency = -1},
        {.category = &categories[K_LEAK], .urgency = -1},
        {.category = &categories[K_LEAK], .urgency = URGENCY_URGENT, .contact = {10, DURATION_MINUTES}},
        {.tier = TIER_VILLAGE, .urgency = -1, .contact = {90, DURATION_MINUTES}},
    };
    const struct district some = {.version = 1, .clocks = rules, .clock_count = sizeof rules / sizeof *rules};
    (void)state;
    assert_int_equal(contact_minutes(&some, TIER_TOWN, -1, URGENCY_NORMAL), 0);
    assert_int_equal(contact_minutes(&some, TIER_VILLAGE, -1, URGENCY_NORMAL), 90);
    assert_int_equal(contact_minutes(&some, TIER_VILLAGE, K_WATER, URGENCY_NORMAL),
                     60); /* the category before the tier */
    assert_int_equal(contact_minutes(&some, TIER_TOWN, K_WATER, URGENCY_NORMAL), 60);
    assert_int_equal(contact_minutes(&some, TIER_TOWN, K_LEAK, URGENCY_NORMAL), 60);
    assert_int_equal(contact_minutes(&some, TIER_TOWN, K_LEAK, URGENCY_URGENT), 10);
}

static void categories_suggested(void **state) {
    (void)state;
    assert_ptr_equal(suggest_category(&d, STR("楼上漏水，已经三天")), &categories[K_LEAK]);
    assert_ptr_equal(suggest_category(&d, STR("小区停水，水压也小")), &categories[K_WATER]);
    assert_ptr_equal(suggest_category(&d, STR("路灯坏了")), &categories[K_LAMP]);
    assert_ptr_equal(suggest_category(&d, STR("路面坑洼，路灯不亮")), &categories[K_ROAD]);
    assert_null(suggest_category(&d, STR("烟花太吵"))); /* only a closed category knows the word */
    assert_null(suggest_category(&d, STR("谢谢")));
    assert_null(suggest_category(&d, STR("")));
    assert_null(suggest_category(&d, STR(",")));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_ups),
        cmocka_unit_test(look_ups_that_find_nothing),
        cmocka_unit_test(an_index_refuses_doubles_and_lack_of_memory),
        cmocka_unit_test(the_tree),
        cmocka_unit_test(places_near),
        cmocka_unit_test(by_the_table),
        cmocka_unit_test(by_the_chain),
        cmocka_unit_test(closed_units_are_passed_over),
        cmocka_unit_test(the_unit_complained_of_is_passed_over),
        cmocka_unit_test(upwards),
        cmocka_unit_test(every_appeal_reaches_a_unit),
        cmocka_unit_test(the_index_finds_what_a_walk_over_all_rules_finds),
        cmocka_unit_test(special_rules_win_in_their_order),
        cmocka_unit_test(who_has_an_interest_is_passed_over),
        cmocka_unit_test(clock_rules),
        cmocka_unit_test(first_calls),
        cmocka_unit_test(categories_suggested),
    };
    return cmocka_run_group_tests_name("routing", tests, setup, teardown);
}
