/* Outlines and points in them, and the offset between WGS-84 and GCJ-02. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "rules/area.h"
#include "rules/coordinates.h"
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct outline outline_of(const char *wkt) {
    struct outline o;
    const char *why = outline_parse(str_of(wkt), &arena, &o);
    if (why) fail_msg("%s: %s", wkt, why);
    return o;
}

static void outlines_read(void **state) {
    (void)state;
    struct outline o = outline_of("POLYGON ((120 30, 120.1 30, 120.1 30.1, 120 30.1, 120 30))");
    assert_int_equal(o.n, 5);
    assert_int_equal(o.rings, 1);
    assert_int_equal(o.points[2].lng, 120100000);
    assert_int_equal(o.points[2].lat, 30100000);
    o = outline_of("MULTIPOLYGON(((1 1,2 1,2 2,1 1)),((5 5,6 5,6 6,5 5),(5.5 5.2,5.6 5.2,5.6 5.3,5.5 5.2)))");
    assert_int_equal(o.rings, 3);
    assert_int_equal(o.ends[1], 8);
    o = outline_of("POLYGON((0.1234567890123 -1,1 -1,1 0,0.1234567 -1))"); /* more decimals than are kept */
    assert_int_equal(o.points[0].lng, 123456);
}

static void outlines_that_are_none(void **state) {
    (void)state;
    static const struct {
        const char *wkt, *why;
    } cases[] = {
        {"", "no POLYGON"},
        {"POINT(1 1)", "no POLYGON"},
        {"POLYGON", "\"(\""},
        {"POLYGON((1 1,2 1,2 2,1 1)", "\")\""},
        {"POLYGON((1 1,2 1,2 2,1 1)) x", "behind its end"},
        {"POLYGON((1 1,2 1,1 1))", "four points"},
        {"POLYGON((1 1,2 1,2 2,1 2))", "where it begins"},
        {"POLYGON((1 1,2 2,3 3,1 1))", "encloses nothing"},
        {"POLYGON((1 1,2 1,2 91,1 1))", "not on the earth"},
        {"POLYGON((1 1,181 1,2 2,1 1))", "not on the earth"},
        {"POLYGON((1 1,2 x,2 2,1 1))", "number of degrees"},
        {"POLYGON((1 1,2,2 2,1 1))", "number of degrees"},
        {"POLYGON((1 1,2 1.1234567.8,2 2,1 1))", "number of degrees"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outline o;
        const char *why = outline_parse(str_of(cases[i].wkt), &arena, &o);
        if (!why || !strstr(why, cases[i].why)) fail_msg("%s: %s", cases[i].wkt, why ? why : "taken");
    }
}

/* Two squares side by side, and two above them: every point on their borders is in exactly one. */
static void a_border_belongs_to_one(void **state) {
    (void)state;
    const struct outline squares[] = {
        outline_of("POLYGON((0 0,1 0,1 1,0 1,0 0))"), outline_of("POLYGON((1 0,2 0,2 1,1 1,1 0))"),
        outline_of("POLYGON((0 1,0 2,1 2,1 1,0 1))"), outline_of("POLYGON((1 1,2 1,2 2,1 2,1 1))")};
    for (int64_t lng = 0; lng < 2000000; lng += 125000)
        for (int64_t lat = 0; lat < 2000000; lat += 125000) {
            int in = 0;
            for (size_t i = 0; i < 4; i++) in += outline_contains(&squares[i], lng, lat);
            assert_int_equal(in, 1);
        }
    assert_true(outline_contains(&squares[1], 1000000, 500000));  /* to the east */
    assert_true(outline_contains(&squares[2], 500000, 1000000));  /* to the north */
    assert_true(outline_contains(&squares[3], 1000000, 1000000)); /* to both */
    assert_false(outline_contains(&squares[1], 2000000, 500000));
    assert_false(outline_contains(&squares[2], 500000, 2000000));
}

static void holes_and_parts(void **state) {
    (void)state;
    struct outline ring = outline_of("POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3))");
    assert_true(outline_contains(&ring, 1000000, 1000000));
    assert_false(outline_contains(&ring, 4000000, 4000000));
    struct outline parts = outline_of("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))");
    assert_true(outline_contains(&parts, 700000, 300000));
    assert_true(outline_contains(&parts, 5700000, 5300000));
    assert_false(outline_contains(&parts, 3000000, 3000000));
    /* A ring that touches its own beginning half way is still one ring. */
    struct outline eight = outline_of("POLYGON((0 0,2 0,2 2,0 0,-2 0,-2 -2,0 0))");
    assert_int_equal(eight.rings, 1);
    assert_true(outline_contains(&eight, 1500000, 500000));
    assert_true(outline_contains(&eight, -1500000, -500000));
    assert_false(outline_contains(&eight, -500000, 500000));
}

static uint32_t random_bits = 3;

static int64_t below(int64_t n) {
    random_bits = random_bits * 1664525 + 1013904223;
    return (int64_t)(random_bits >> 4) % n;
}

/* A star around a point: no ring of it crosses itself. */
static struct outline random_star(int64_t lng, int64_t lat, int64_t radius) {
    char text[4000];
    size_t n = (size_t)snprintf(text, sizeof text, "POLYGON((");
    long first[2] = {0};
    for (int i = 0; i <= 12; i++) {
        double angle = i * 3.14159265358979 / 6, r = (double)(radius / 2 + below(radius / 2));
        long x = i == 12 ? first[0] : lround((double)lng + r * cos(angle)),
             y = i == 12 ? first[1] : lround((double)lat + r * sin(angle));
        if (!i) first[0] = x, first[1] = y;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%ld.%06ld %ld.%06ld", i ? "," : "", x / 1000000,
                              x % 1000000, y / 1000000, y % 1000000);
    }
    snprintf(text + n, sizeof text - n, "))");
    return outline_of(text);
}

static void the_smallest_area_wins_as_a_look_at_all_says(void **state) {
    (void)state;
    enum { AREAS = 400 };
    static struct place here[AREAS];
    struct area *items = arena_array(&arena, AREAS, sizeof *items);
    assert_non_null(items);
    for (int64_t i = 0; i < AREAS; i++) {
        here[i] = (struct place){.id = i + 1, .active = i % 17 != 0};
        items[i].place = &here[i];
        items[i].outline = random_star(120000000 + below(400000), 30000000 + below(400000), i % 10 ? 20000 : 200000);
    }
    struct area_index x;
    assert_true(area_index(&x, items, AREAS, &arena));
    size_t found = 0;
    for (int i = 0; i < 20000; i++) {
        int64_t lng = 119900000 + below(700000), lat = 29900000 + below(700000);
        const struct area *best = NULL;
        for (size_t k = 0; k < AREAS; k++)
            if (items[k].place->active && outline_contains(&items[k].outline, lng, lat) &&
                (!best || items[k].size < best->size))
                best = &items[k];
        assert_ptr_equal(area_find(&x, lng, lat), best ? best->place : NULL);
        found += best != NULL;
    }
    assert_true(found > 2000);
    struct area_index none = {0};
    assert_null(area_find(&none, 120000000, 30000000));
    assert_null(area_find(&x, 120000000, 89000000));
    assert_null(area_find(&x, 120000000, -89000000));
}

static void the_known_offset(void **state) {
    (void)state;
    int64_t lng = 116404000, lat = 39915000; /* Tiananmen, as many publish it: 116.410244, 39.916404 */
    gcj02_from_wgs84(&lng, &lat);
    assert_in_range(lng, 116410244, 116410245);
    assert_int_equal(lat, 39916404);
    lng = 139767000, lat = 35681000; /* Tokyo: no offset */
    gcj02_from_wgs84(&lng, &lat);
    assert_int_equal(lng, 139767000);
    assert_int_equal(lat, 35681000);
}

static void there_and_back(void **state) {
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t lng = 74000000 + below(61000000), lat = 4000000 + below(49000000), x = lng, y = lat;
        gcj02_from_wgs84(&x, &y);
        assert_true(llabs(x - lng) < 20000 && llabs(y - lat) < 20000);
        wgs84_from_gcj02(&x, &y);
        assert_true(llabs(x - lng) <= 1 && llabs(y - lat) <= 1);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(outlines_read),
        cmocka_unit_test(outlines_that_are_none),
        cmocka_unit_test(a_border_belongs_to_one),
        cmocka_unit_test(holes_and_parts),
        cmocka_unit_test(the_smallest_area_wins_as_a_look_at_all_says),
        cmocka_unit_test(the_known_offset),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests_name("area", tests, setup, teardown);
}
