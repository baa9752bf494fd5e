/* Matters by what they have in common: those that one may see, the newest first. Reads only. */
#ifndef MINHU_ACTS_SEARCH_H
#define MINHU_ACTS_SEARCH_H

#include "acts/act.h"
#include "rules/terms.h"

/* Of the matters that fit by what the search's tables say, so many are looked at for one page. */
enum { SEARCH_LOOKED_MAX = 10000, SEARCH_COUNT_MAX = 999 };

struct search {
    struct term_search terms;  /* what a matter needs; what one may see is added */
    int64_t days;              /* submitted within the last so many; 0: by these: */
    int64_t from_us, until_us; /* of submission, both counting; 0: any */
    bool has_box;              /* of the map, in millionths of a degree; its squares are in terms already */
    int64_t west, south, east, north;
    const uint8_t *except; /* an appeal that isn't looked for; NULL: none */
    /* Where the page begins: behind this place, or this appeal's; both 0: at the newest. */
    int64_t after_doc;
    uint8_t after[16];
    size_t limit;
};

struct search_found {
    struct row_appeal_item **items; /* as they are now */
    size_t n;                       /* at most limit */
    bool more;
    bool partial;     /* so many were looked at that others may fit that come before those of the next page */
    int64_t next_doc; /* where to go on when the last item doesn't say it; else 0 */
};

/* What the asker, staff, may see of what fits. What changed in the last seconds may not be found by what it is now (jobs/search.c);
 * what he may see, time and map are those of this moment. */
enum rc search_appeals(struct act *act, const struct search *s, struct search_found *out) MUST_USE;

struct search_count {
    int64_t n;   /* at most SEARCH_COUNT_MAX */
    bool capped; /* there are more, or may be: the newest million matters are counted */
};
/* How many of the matters that the asker may see fit each search, by terms, time and map; a time's ends are right to some seconds.
 * newest: the last place in the order of the search, 0: none. Whatever is counted, at most four round trips, as a rule one or two; and for
 * each time one more, for each map as many as its squares have SPOTS_AT_ONCE matters that fit besides: of more than SEARCH_SPOTS_MAX the
 * newest are counted. */
enum { SPOTS_AT_ONCE = 192, SEARCH_SPOTS_MAX = 3 * SPOTS_AT_ONCE };
enum rc search_counts(struct act *act, const struct search *searches, size_t n, int64_t newest,
                      struct search_count *out) MUST_USE;

#endif
