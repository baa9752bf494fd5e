/* The text of a work notice: what happened to which appeals and troubles, for one person. */
#ifndef MINHU_WORK_TEXT_H
#define MINHU_WORK_TEXT_H

#include "base/arena.h"
#include "db/db.h"

enum { WORK_NOTICES_MAX = 25 }; /* in one message */

/* The msg parameter of the host: a text, or a link where page is not empty. Takes as many of the n notices, from the
 * first on, as fit into the host's limit; *taken is how many. The same notices give the same bytes. p == NULL when not
 * even one fits. */
struct str work_text(const struct row_work_notice *notices, size_t n, const char *page, struct arena *a, size_t *taken);

#endif
