/* A district small enough to know by heart, for tests of routing and permissions. */
#ifndef MINHU_TEST_DISTRICT_FIXTURE_H
#define MINHU_TEST_DISTRICT_FIXTURE_H

#include "rules/district.h"

/* The tree (x: closed):
 *   D district
 *     D1 water, D2 roads, Dx (departments, district tier)
 *     T1 ─ V1 ─ C1, C2; V2 ─ C3x        T2 ─ V3x ─ C4        T3x ─ V4 ─ C5x */
enum { U_D, U_D1, U_D2, U_DX, U_T1, U_T2, U_T3X, U_V1, U_V2, U_V3X, U_V4, U_C1, U_C2, U_C3X, U_C4, U_C5X, U_COUNT };
enum { P_C1, P_C2, P_V2, P_C3X, P_C4, P_C5X, P_D, P_GONE, P_COUNT };
/* Leaks are water, lamps are roads; one is closed. */
enum { K_WATER, K_LEAK, K_ROAD, K_LAMP, K_PET, K_CLOSED, K_COUNT };
enum { REASONS = 3, ROUTES = 6, CLOCKS = 6 };

#define FIXTURE_UNIT(id_, code_, tier_, kind_, active_, parent_) \
    { \
        .id = 100 + (id_), .code = {code_, sizeof(code_) - 1}, .name = {code_, sizeof(code_) - 1}, \
        .tier = TIER_##tier_, .kind = UNIT_##kind_, .active = active_, .parent = parent_ \
    }

static const struct unit units[U_COUNT] = {
    [U_D] = FIXTURE_UNIT(U_D, "D", DISTRICT, GOVERNMENT, true, NULL),
    [U_D1] = FIXTURE_UNIT(U_D1, "D1", DISTRICT, DEPARTMENT, true, &units[U_D]),
    [U_D2] = FIXTURE_UNIT(U_D2, "D2", DISTRICT, DEPARTMENT, true, &units[U_D]),
    [U_DX] = FIXTURE_UNIT(U_DX, "DX", DISTRICT, DEPARTMENT, false, &units[U_D]),
    [U_T1] = FIXTURE_UNIT(U_T1, "T1", TOWN, TOWN, true, &units[U_D]),
    [U_T2] = FIXTURE_UNIT(U_T2, "T2", TOWN, TOWN, true, &units[U_D]),
    [U_T3X] = FIXTURE_UNIT(U_T3X, "T3X", TOWN, TOWN, false, &units[U_D]),
    [U_V1] = FIXTURE_UNIT(U_V1, "V1", VILLAGE, VILLAGE, true, &units[U_T1]),
    [U_V2] = FIXTURE_UNIT(U_V2, "V2", VILLAGE, VILLAGE, true, &units[U_T1]),
    [U_V3X] = FIXTURE_UNIT(U_V3X, "V3X", VILLAGE, VILLAGE, false, &units[U_T2]),
    [U_V4] = FIXTURE_UNIT(U_V4, "V4", VILLAGE, VILLAGE, true, &units[U_T3X]),
    [U_C1] = FIXTURE_UNIT(U_C1, "C1", COMPOUND, COMPOUND, true, &units[U_V1]),
    [U_C2] = FIXTURE_UNIT(U_C2, "C2", COMPOUND, COMPOUND, true, &units[U_V1]),
    [U_C3X] = FIXTURE_UNIT(U_C3X, "C3X", COMPOUND, COMPOUND, false, &units[U_V2]),
    [U_C4] = FIXTURE_UNIT(U_C4, "C4", COMPOUND, COMPOUND, true, &units[U_V3X]),
    [U_C5X] = FIXTURE_UNIT(U_C5X, "C5X", COMPOUND, COMPOUND, false, &units[U_V4]),
};

/* Coordinates in millionths of a degree. */
#define FIXTURE_PLACE(id_, code_, unit_, lng_, lat_, active_) \
    { \
        .id = 200 + (id_), .code = {code_, sizeof(code_) - 1}, .name = {code_, sizeof(code_) - 1}, \
        .unit = &units[unit_], .lng = lng_, .lat = lat_, .active = active_ \
    }

static const struct place places[P_COUNT] = {
    [P_C1] = FIXTURE_PLACE(P_C1, "p-c1", U_C1, 120000000, 30000000, true),
    [P_C2] = FIXTURE_PLACE(P_C2, "p-c2", U_C2, 120010000, 30000000, true),
    [P_V2] = FIXTURE_PLACE(P_V2, "p-v2", U_V2, 120000000, 30020000, true),
    [P_C3X] = FIXTURE_PLACE(P_C3X, "p-c3", U_C3X, 120100000, 30100000, true),
    [P_C4] = FIXTURE_PLACE(P_C4, "p-c4", U_C4, 120200000, 30200000, true),
    [P_C5X] = FIXTURE_PLACE(P_C5X, "p-c5", U_C5X, 120300000, 30300000, true),
    [P_D] = FIXTURE_PLACE(P_D, "p-d", U_D, 120400000, 30400000, true),
    [P_GONE] = FIXTURE_PLACE(P_GONE, "p-gone", U_C1, 120000100, 30000000, false),
};

#define FIXTURE_CATEGORY(id_, code_, words_, active_, parent_) \
    { \
        .id = 300 + (id_), .code = {code_, sizeof(code_) - 1}, .name = {code_, sizeof(code_) - 1}, \
        .words = {words_, sizeof(words_) - 1}, .active = active_, .parent = parent_ \
    }

static const struct category categories[K_COUNT] = {
    [K_WATER] = FIXTURE_CATEGORY(K_WATER, "water", "停水,水压", true, NULL),
    [K_LEAK] = FIXTURE_CATEGORY(K_LEAK, "leak", "漏水,水管爆裂", true, &categories[K_WATER]),
    [K_ROAD] = FIXTURE_CATEGORY(K_ROAD, "road", "路面,坑洼", true, NULL),
    [K_LAMP] = FIXTURE_CATEGORY(K_LAMP, "lamp", "路灯", true, &categories[K_ROAD]),
    [K_PET] = FIXTURE_CATEGORY(K_PET, "pet", "", true, NULL),
    [K_CLOSED] = FIXTURE_CATEGORY(K_CLOSED, "closed", "漏水,水管爆裂,停水,路灯,烟花", false, NULL),
};

static const struct route_rule routes[ROUTES] = {
    {.id = 1, .category = &categories[K_WATER], .unit = &units[U_D1]}, /* water anywhere: the water department */
    {.id = 2,
     .category = &categories[K_LEAK],
     .area = &units[U_T1],
     .tier = TIER_VILLAGE}, /* leaks in T1: the village */
    {.id = 3, .category = &categories[K_LEAK], .area = &units[U_C2], .unit = &units[U_C2]}, /* in C2: itself */
    {.id = 4, .area = &units[U_C2], .tier = TIER_TOWN},               /* all else in C2: the town */
    {.id = 5, .category = &categories[K_ROAD], .unit = &units[U_DX]}, /* roads: a department that is closed */
    {.id = 6, .category = &categories[K_LAMP], .area = &units[U_T2], .unit = &units[U_D2]},
};

static const struct clock_rule clocks[CLOCKS] = {
    {0, NULL, -1, {1, DURATION_WORKDAYS}, {5, DURATION_WORKDAYS}, {1, DURATION_WORKDAYS}, {0}},
    {0, NULL, URGENCY_EMERGENCY, {10, DURATION_MINUTES}, {60, DURATION_MINUTES}, {30, DURATION_MINUTES}, {0}},
    {TIER_TOWN, NULL, -1, {2, DURATION_WORKDAYS}, {6, DURATION_WORKDAYS}, {2, DURATION_WORKDAYS}, {0}},
    {0, &categories[K_WATER], -1, {3, DURATION_WORKDAYS}, {7, DURATION_WORKDAYS}, {3, DURATION_WORKDAYS}, {0}},
    {TIER_TOWN,
     &categories[K_WATER],
     URGENCY_URGENT,
     {4, DURATION_WORKDAYS},
     {8, DURATION_WORKDAYS},
     {4, DURATION_WORKDAYS},
     {0}},
    {0,
     &categories[K_LEAK],
     URGENCY_URGENT,
     {5, DURATION_WORKDAYS},
     {9, DURATION_WORKDAYS},
     {5, DURATION_WORKDAYS},
     {0}},
};

static const struct reason reasons[REASONS] = {
    {1, PURPOSE_REJECT, {"not_here", 8}, {"不属本区", 12}, {"Not here", 8}, {"", 0}, true},
    {2, PURPOSE_RETURN, {"not_here", 8}, {"不属本单位", 15}, {"Not ours", 8}, {"", 0}, true},
    {3, PURPOSE_REJECT, {"old", 3}, {"旧理由", 9}, {"Old", 3}, {"", 0}, false},
};

static inline struct district fixture_district(void) {
    return (struct district){
        .units = units,
        .unit_count = U_COUNT,
        .places = places,
        .place_count = P_COUNT,
        .categories = categories,
        .category_count = K_COUNT,
        .clocks = clocks,
        .clock_count = CLOCKS,
        .reasons = reasons,
        .reason_count = REASONS,
        .top = &units[U_D],
    };
}

#endif
