/* Where a matter is, by what is known of it. */
#ifndef MINHU_WHEREABOUTS_H
#define MINHU_WHEREABOUTS_H

#include "base/arena.h"
#include "rules/district.h"

/* The place of a point (GCJ-02): that of the smallest area around it; else the nearest within 5 km; NULL when there is none. */
const struct place *place_at(const struct district *d, int64_t lng, int64_t lat);

struct whereabouts {
    const struct place *named; /* what the reporter chose; NULL: nothing */
    struct str address, title, text;
    bool has_point;
    int64_t lng, lat;
    const struct place *usual; /* the reporter's own place; NULL: none */
};
/* The first of these that tells: the place named; an address of the table in the address; the point; an address of the table in the
 * title, then in the text; the reporter's own place. The address before the point, for who reports may have gone on. NULL: none. */
const struct place *place_of(const struct district *d, const struct whereabouts *w, struct arena *a);

#endif
