/* What categories ask, for reference.c. */
#ifndef MINHU_REFERENCE_FORMS_H
#define MINHU_REFERENCE_FORMS_H

#include "acts/act.h"

/* Into the district's categories, which are all there. A question that this release doesn't understand, or that depends on one that
 * isn't asked before it, is left out, and logged. */
enum rc reference_load_forms(struct db *db, struct arena *a, const struct district *d,
                             struct category *categories) MUST_USE;

#endif
