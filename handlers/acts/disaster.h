/* Disaster mode: the residents' form is cut to few categories for a while, so that what saves lives isn't buried. */
#ifndef MINHU_DISASTER_H
#define MINHU_DISASTER_H

#include "acts/act.h"
#include "rules/trouble.h"

struct disaster_order {
    const struct category *categories[DISASTER_CATEGORIES_MAX]; /* what is still taken, with all below */
    size_t category_count;
    int64_t from, until;             /* from before now is now; it ends by itself */
    struct str text, text_en, phone; /* what to do instead */
    struct str reason;               /* for the audit */
};

/* By who oversees at the top of the district; RC_FORBIDDEN else. One that was declared before ends. */
enum rc disaster_declare(struct act *act, const struct disaster_order *order) MUST_USE;
/* Ends it now, or takes it back before it begins; RC_CONFLICT where there is none. */
enum rc disaster_end(struct act *act, struct str reason) MUST_USE;

#endif
