/* Areas on the map: outlines of grids, villages and towns, by which a point finds its place. */
#ifndef MINHU_AREA_H
#define MINHU_AREA_H

#include "base/arena.h"
#include "rules/district.h"

enum { OUTLINE_POINTS_MAX = 20000 };

struct point {
    int32_t lng, lat; /* millionths of a degree */
};
/* The rings of an outline, one after the other, each closed: its last point is its first again. What an odd number of rings is around
 * is inside: holes and parts need no mark. */
struct outline {
    struct point *points;
    size_t n;
    uint32_t *ends; /* of each ring: how many points it and those before it have */
    size_t rings;
};
/* Reads a POLYGON or MULTIPOLYGON as WKT has it, longitude first; decimals from the seventh on are cut off. NULL when it is one, else
 * what is wrong, in English. */
const char *outline_parse(struct str wkt, struct arena *a, struct outline *out);
/* Points are whole millionths and the sum is exact, so that each point belongs to exactly one of two outlines with a common border: on
 * the border itself to the one to the east, or, where the border runs east to west, to the north. */
bool outline_contains(const struct outline *o, int64_t lng, int64_t lat);

struct area {
    const struct place *place;
    struct outline outline;
    struct point low, high; /* what it lies within */
    double size;            /* what its rings enclose, in square millionths */
};
enum { AREA_BANDS = 256 };
struct area_index {
    const struct area *items; /* the smallest first */
    size_t n;
    int64_t low, height;    /* of the bands: strips of equal height from south to north */
    const uint32_t *starts; /* of each band's list, and the end of the last */
    const uint32_t *lists;  /* areas that reach into the band, the smallest first */
};
/* Makes it from items, whose place and outline are set, and which it orders; false when memory is used up. */
bool area_index(struct area_index *x, struct area *items, size_t n, struct arena *a);
/* The place of the smallest area that contains the point; NULL when none does. */
const struct place *area_find(const struct area_index *x, int64_t lng, int64_t lat);

#endif
