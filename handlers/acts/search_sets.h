/* What the search and its counts share: the asker's sight as terms, and which of a block's matters fit. */
#ifndef MINHU_ACTS_SEARCH_SETS_H
#define MINHU_ACTS_SEARCH_SETS_H

#include "acts/search.h"
#include "rules/postings.h"

enum { SEARCH_TERMS_MAX = 64 }; /* of one search, as statement search_read takes them */

/* One group more: the matters that the asker, who sees some, may see. False when there is no room. */
bool search_add_sight(struct term_search *t, const struct asker *k);
/* The rows of one block, of those of several; out has room for n. Returns how many. */
size_t search_rows_of(const struct row_search_posting *rows, size_t n, int64_t block,
                      const struct row_search_posting **out);
/* Leaves in sets[0] the block's matters that have a term of each group, of which there is one at least. False when a row holds no
 * set. */
bool search_fit(const struct term_search *t, const struct row_search_posting *const *rows, size_t n,
                struct posting_set sets[TERM_GROUPS_MAX]);

/* Since when a matter must have been submitted; 0: any time. */
int64_t search_from(const struct act *act, const struct search *s);
/* Between which places in the order of the search the matters of a page and a time lie, both counting; wider by slack places at the ends
 * of a time, as that order is not quite that of submission. One round trip. */
enum rc search_bounds(struct act *act, const struct search *s, int64_t slack, int64_t *low, int64_t *high) MUST_USE;

#endif
