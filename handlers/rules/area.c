/* Outlines, and which of them a point lies in. */
#include "rules/area.h"

#include "base/num.h"

#include <stdlib.h>

/* ---- reading ---- */

struct reading {
    const char *p, *end;
    struct outline *out;
    const char *why;
};

static bool fails(struct reading *r, const char *why) {
    if (!r->why) r->why = why;
    return false;
}

static void skip_blanks(struct reading *r) {
    while (r->p < r->end && *r->p == ' ') r->p++;
}

static bool take(struct reading *r, char c) {
    skip_blanks(r);
    if (r->p == r->end || *r->p != c) return false;
    r->p++;
    return true;
}

static bool take_word(struct reading *r, const char *word) {
    size_t n = strlen(word);
    skip_blanks(r);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0) return false;
    r->p += n;
    return true;
}

static bool read_degrees(struct reading *r, int64_t limit, int32_t *out) {
    int64_t v;
    skip_blanks(r);
    const char *start = r->p, *cut = NULL;
    while (r->p < r->end && (*r->p == '-' || *r->p == '.' || (*r->p >= '0' && *r->p <= '9'))) {
        if (*r->p == '.' && !cut) cut = r->p;
        r->p++;
    }
    const char *stop = cut && r->p - cut > 7 ? cut + 7 : r->p;
    for (const char *p = stop; p < r->p; p++)
        if (*p < '0' || *p > '9') return fails(r, "a number of degrees is expected");
    if (!num_millionths((struct str){start, (size_t)(stop - start)}, &v))
        return fails(r, "a number of degrees is expected");
    if (v < -limit || v > limit) return fails(r, "a point is not on the earth");
    *out = (int32_t)v;
    return true;
}

static bool same_point(struct point a, struct point b) { return a.lng == b.lng && a.lat == b.lat; }

/* Twice the area that the ring encloses, from its first point; 0 for a line there and back. */
static double doubled(const struct point *p, size_t n) {
    double sum = 0;
    for (size_t i = 1; i + 1 < n; i++)
        sum += (double)(p[i].lng - p[0].lng) * (p[i + 1].lat - p[0].lat) -
               (double)(p[i + 1].lng - p[0].lng) * (p[i].lat - p[0].lat);
    return sum < 0 ? -sum : sum;
}

static bool read_ring(struct reading *r) {
    struct outline *o = r->out;
    size_t first = o->n;
    if (!take(r, '(')) return fails(r, "\"(\" is expected");
    do {
        struct point p;
        if (o->n == OUTLINE_POINTS_MAX) return fails(r, "it has more than 20000 points");
        if (!read_degrees(r, 180000000, &p.lng) || !read_degrees(r, 90000000, &p.lat)) return false;
        o->points[o->n++] = p;
    } while (take(r, ','));
    if (!take(r, ')')) return fails(r, "\",\" or \")\" is expected");
    if (o->n - first < 4) return fails(r, "a ring has at least four points");
    if (!same_point(o->points[first], o->points[o->n - 1])) return fails(r, "a ring ends where it begins");
    o->ends[o->rings++] = (uint32_t)o->n;
    return doubled(&o->points[first], o->n - first) > 0 || fails(r, "a ring encloses nothing");
}

static bool read_polygon(struct reading *r) {
    if (!take(r, '(')) return fails(r, "\"(\" is expected");
    do
        if (!read_ring(r)) return false;
    while (take(r, ','));
    return take(r, ')') || fails(r, "\",\" or \")\" is expected");
}

static bool read_polygons(struct reading *r) {
    if (!take(r, '(')) return fails(r, "\"(\" is expected");
    do
        if (!read_polygon(r)) return false;
    while (take(r, ','));
    return take(r, ')') || fails(r, "\",\" or \")\" is expected");
}

const char *outline_parse(struct str wkt, struct arena *a, struct outline *out) {
    struct reading r = {wkt.p, wkt.p + wkt.n, out, NULL};
    size_t room = wkt.n / 4 + 1; /* "1 1," */
    if (room > OUTLINE_POINTS_MAX) room = OUTLINE_POINTS_MAX;
    *out = (struct outline){.points = arena_array(a, room, sizeof *out->points),
                            .ends = arena_array(a, room / 4 + 1, sizeof *out->ends)};
    if (!out->points || !out->ends) return "no memory";
    bool good = false;
    if (take_word(&r, "MULTIPOLYGON")) good = read_polygons(&r);
    else if (take_word(&r, "POLYGON")) good = read_polygon(&r);
    else fails(&r, "it is no POLYGON and no MULTIPOLYGON");
    skip_blanks(&r);
    if (good && r.p != r.end) fails(&r, "something stands behind its end");
    return r.why;
}

/* ---- a point ---- */

/* Is the edge from a to b crossed by the half line from the point to the east? Ends by the half-open rule; all in whole numbers. */
static bool crosses(struct point a, struct point b, int64_t lng, int64_t lat) {
    if ((a.lat <= lat) == (b.lat <= lat)) return false;
    int64_t side = (int64_t)(b.lng - a.lng) * (lat - a.lat) - (lng - a.lng) * (int64_t)(b.lat - a.lat);
    return b.lat > a.lat ? side > 0 : side < 0;
}

bool outline_contains(const struct outline *o, int64_t lng, int64_t lat) {
    bool inside = false;
    for (size_t ring = 0, i = 0; ring < o->rings; ring++, i++)
        for (; i + 1 < o->ends[ring]; i++) inside ^= crosses(o->points[i], o->points[i + 1], lng, lat);
    return inside;
}

/* ---- the index ---- */

static int compare_areas(const void *x, const void *y) {
    const struct area *a = x, *b = y;
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    return (a->place->id > b->place->id) - (a->place->id < b->place->id);
}

static void measure(struct area *a) {
    const struct outline *o = &a->outline;
    a->low = a->high = o->points[0];
    for (size_t i = 0; i < o->n; i++) {
        struct point p = o->points[i];
        if (p.lng < a->low.lng) a->low.lng = p.lng;
        if (p.lat < a->low.lat) a->low.lat = p.lat;
        if (p.lng > a->high.lng) a->high.lng = p.lng;
        if (p.lat > a->high.lat) a->high.lat = p.lat;
    }
    a->size = 0;
    for (size_t ring = 0, first = 0; ring < o->rings; first = o->ends[ring++])
        a->size += doubled(&o->points[first], o->ends[ring] - first) / 2;
}

static size_t band_of(const struct area_index *x, int64_t lat) { return (size_t)((lat - x->low) / x->height); }

bool area_index(struct area_index *x, struct area *items, size_t n, struct arena *a) {
    *x = (struct area_index){.items = items, .n = n};
    if (!n) return true;
    for (size_t i = 0; i < n; i++) measure(&items[i]);
    qsort(items, n, sizeof *items, compare_areas);
    int64_t low = items[0].low.lat, high = items[0].high.lat;
    for (size_t i = 1; i < n; i++) {
        if (items[i].low.lat < low) low = items[i].low.lat;
        if (items[i].high.lat > high) high = items[i].high.lat;
    }
    x->low = low;
    x->height = (high - low) / AREA_BANDS + 1;
    uint32_t *starts = arena_array(a, AREA_BANDS + 1, sizeof *starts), *lists;
    if (!starts) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t b = band_of(x, items[i].low.lat); b <= band_of(x, items[i].high.lat); b++) starts[b + 1]++;
    for (size_t b = 0; b < AREA_BANDS; b++) starts[b + 1] += starts[b];
    lists = arena_array(a, starts[AREA_BANDS] + 1, sizeof *lists);
    uint32_t *next = arena_array(a, AREA_BANDS, sizeof *next);
    if (!lists || !next) return false;
    memcpy(next, starts, AREA_BANDS * sizeof *next);
    for (size_t i = 0; i < n; i++)
        for (size_t b = band_of(x, items[i].low.lat); b <= band_of(x, items[i].high.lat); b++)
            lists[next[b]++] = (uint32_t)i;
    x->starts = starts;
    x->lists = lists;
    return true;
}

const struct place *area_find(const struct area_index *x, int64_t lng, int64_t lat) {
    if (!x->n || lat < x->low || lat >= x->low + x->height * AREA_BANDS) return NULL;
    size_t band = band_of(x, lat);
    for (uint32_t i = x->starts[band]; i < x->starts[band + 1]; i++) {
        const struct area *a = &x->items[x->lists[i]];
        if (lng < a->low.lng || lng > a->high.lng || lat < a->low.lat || lat > a->high.lat || !a->place->active)
            continue;
        if (outline_contains(&a->outline, lng, lat)) return a->place;
    }
    return NULL;
}
