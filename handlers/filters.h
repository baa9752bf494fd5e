/* What a search asks of a matter, as it comes in, as it is kept, as it goes out. */
#ifndef MINHU_FILTERS_H
#define MINHU_FILTERS_H

#include "app.h"
#include "acts/search.h"
#include "schemas.h"

/* The search that the filters given (seen: their bits, the first one's at 0) ask for. pointer: what comes before a field's name in a
 * violation, "?" or "/". */
enum rc filters_search(struct request *req, const char *pointer, const struct filters *f, uint64_t seen,
                       struct search *out) MUST_USE;

/* As parameters of an address, to be kept; p == NULL without memory. */
struct str filters_pack(struct arena *a, const struct filters *f, uint64_t seen);
/* What was kept, also by an earlier release: what this one doesn't know is left out. */
enum rc filters_unpack(struct arena *a, struct str packed, struct query_filters *out) MUST_USE;
/* As filters_search, of what was kept: where a code isn't there any more, or it doesn't fit together by this release's rules, it
 * finds nothing. */
enum rc filters_kept_search(const struct district *d, const struct query_filters *f, struct search *out) MUST_USE;
/* Every filter as a member, null where it isn't given. */
void filters_write(struct json_out *w, const struct query_filters *f);

#endif
