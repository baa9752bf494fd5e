/* Outlines of areas. The input is a line each, WKT; a byte of 128 or more at its end is no part of the last one but says where a point
 * is looked for.
 * What was read has whole rings and reads as the same when written; a point is inside by the one rule, and its area is found. */
#include "base/buf.h"
#include "fuzz.h"
#include "rules/area.h"

#include <string.h>

enum { MEMORY = 64 << 20, AREAS_MAX = 8, PROBES_MAX = 40 };

static struct arena arena;
static const struct place places[AREAS_MAX] = {
    {.id = 1, .active = true}, {.id = 2, .active = true}, {.id = 3, .active = true}, {.id = 4, .active = false},
    {.id = 5, .active = true}, {.id = 6, .active = true}, {.id = 7, .active = true}, {.id = 8, .active = true},
};

/* ---- reading ---- */

static void write_degrees(struct buf *b, int64_t v) {
    buf_printf(b, "%s%lld.%06lld", v < 0 ? "-" : "", (long long)(v < 0 ? -v : v) / 1000000,
               (long long)(v < 0 ? -v : v) % 1000000);
}

/* Rings that are holes or parts need no mark: all in one polygon are the same. */
static struct str written(const struct outline *o) {
    struct buf b;
    buf_init(&b, &arena, MEMORY / 4);
    buf_add_z(&b, "POLYGON(");
    for (size_t ring = 0, i = 0; ring < o->rings; ring++) {
        buf_add_z(&b, ring ? ",(" : "(");
        for (size_t first = i; i < o->ends[ring]; i++) {
            buf_add_z(&b, i > first ? ", " : "");
            write_degrees(&b, o->points[i].lng);
            buf_add_char(&b, ' ');
            write_degrees(&b, o->points[i].lat);
        }
        buf_add_char(&b, ')');
    }
    buf_add_char(&b, ')');
    CHECK(!b.failed);
    return buf_str(&b);
}

static void check_rings(const struct outline *o) {
    CHECK(o->rings > 0 && o->n <= OUTLINE_POINTS_MAX && o->ends[o->rings - 1] == o->n);
    for (size_t ring = 0, first = 0; ring < o->rings; first = o->ends[ring++]) {
        CHECK(o->ends[ring] >= first + 4);
        struct point begin = o->points[first], end = o->points[o->ends[ring] - 1];
        CHECK(begin.lng == end.lng && begin.lat == end.lat);
    }
    for (size_t i = 0; i < o->n; i++) {
        CHECK(o->points[i].lng >= -180000000 && o->points[i].lng <= 180000000);
        CHECK(o->points[i].lat >= -90000000 && o->points[i].lat <= 90000000);
    }
}

static void check_round_trip(const struct outline *o) {
    struct outline again;
    CHECK(!outline_parse(written(o), &arena, &again));
    CHECK(again.n == o->n && again.rings == o->rings);
    CHECK(memcmp(again.points, o->points, o->n * sizeof *o->points) == 0);
    CHECK(memcmp(again.ends, o->ends, o->rings * sizeof *o->ends) == 0);
}

/* ---- inside ---- */

/* The same rule the other way: the point is moved a little to the east and far less to the north, where it lies on no border, and
 * looks north. */
static bool is_above(struct point a, struct point b, int64_t lng, int64_t lat) {
    if ((a.lng <= lng) == (b.lng <= lng)) return false;
    __int128 width = b.lng - a.lng, height = b.lat - a.lat;
    __int128 over = (a.lat - lat) * width + height * (lng - a.lng); /* of the edge over the point, times width */
    if (width < 0) over = -over;
    if (over) return over > 0;
    return width < 0 ? height < 0 : height > 0; /* it rises to the east */
}

static bool slow_contains(const struct outline *o, int64_t lng, int64_t lat) {
    bool inside = false;
    for (size_t ring = 0, i = 0; ring < o->rings; ring++, i++)
        for (; i + 1 < o->ends[ring]; i++) inside ^= is_above(o->points[i], o->points[i + 1], lng, lat);
    return inside;
}

static const struct place *slow_find(const struct area *areas, size_t n, int64_t lng, int64_t lat) {
    const struct area *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct area *a = &areas[i];
        if (!a->place->active || !slow_contains(&a->outline, lng, lat)) continue;
        if (!best || a->size < best->size || (!(a->size > best->size) && a->place->id < best->place->id)) best = a;
    }
    return best ? best->place : NULL;
}

static void probe(const struct area_index *x, const struct area *areas, int64_t lng, int64_t lat) {
    for (size_t i = 0; i < x->n; i++)
        CHECK(outline_contains(&areas[i].outline, lng, lat) == slow_contains(&areas[i].outline, lng, lat));
    CHECK(area_find(x, lng, lat) == slow_find(areas, x->n, lng, lat));
}

/* Corners, middles of edges, and points around them. */
static void probe_all(const struct area_index *x, const struct area *areas, unsigned seed) {
    for (size_t i = 0, done = 0; i < x->n; i++) {
        const struct outline *o = &areas[i].outline;
        for (size_t k = 0; k + 1 < o->n && done < PROBES_MAX; k++, done++) {
            struct point a = o->points[k], b = o->points[k + 1];
            probe(x, areas, a.lng, a.lat);
            probe(x, areas, ((int64_t)a.lng + b.lng) / 2, ((int64_t)a.lat + b.lat) / 2);
            seed = seed * 1664525 + 1013904223;
            probe(x, areas, a.lng + (int64_t)(seed >> 8 & 0xFFF) - 0x800, a.lat + (int64_t)(seed >> 20) - 0x800);
        }
    }
    probe(x, areas, 0, 0);
    probe(x, areas, 180000000, 90000000);
    probe(x, areas, -180000000, -90000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct area areas[AREAS_MAX];
    struct area_index x;
    size_t n = 0;
    arena_init(&arena, MEMORY);
    unsigned seed = size && data[size - 1] >= 128 ? data[--size] : 1;
    struct str left = {(const char *)data, size};
    while (left.n && n < AREAS_MAX) {
        const char *end = memchr(left.p, '\n', left.n);
        struct str line = {left.p, end ? (size_t)(end - left.p) : left.n};
        left = (struct str){line.p + line.n + (end != NULL), left.n - line.n - (end != NULL)};
        areas[n] = (struct area){.place = &places[n]};
        const char *why = outline_parse(line, &arena, &areas[n].outline);
        CHECK(!why || strcmp(why, "no memory") != 0);
        if (why) continue;
        check_rings(&areas[n].outline);
        check_round_trip(&areas[n++].outline);
    }
    CHECK(area_index(&x, areas, n, &arena));
    probe_all(&x, areas, seed);
    arena_free(&arena);
    return 0;
}
