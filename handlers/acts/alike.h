/* Open matters near and alike: what somebody about to report is shown first. Reads only. */
#ifndef MINHU_ACTS_ALIKE_H
#define MINHU_ACTS_ALIKE_H

#include "acts/submit.h"

enum { ALIKE_SHOWN_MAX = 5 };

struct alike_found {
    const struct row_alike_shown *items[ALIKE_SHOWN_MAX]; /* most alike first */
    size_t n;
    size_t total; /* how many of those looked at are alike, the items among them; about forty are looked at */
};

/* Looks for open matters alike to a draft (title, text, category, place or point; the rest isn't looked at) in the town that
 * its place is in, or among those without a known place. A matter whose reporter withholds his name, or that is about a unit,
 * is never found. Two round trips, or one when there is nothing. What was opened in the last seconds may not be found yet
 * (jobs/alike.c). */
enum rc appeals_alike(struct act *act, const struct submission *draft, struct alike_found *out) MUST_USE;

/* What staff are suggested beside an appeal. */
enum {
    ALIKE_SUGGESTIONS = 10,
    ALIKE_SUGGESTED_MAX = 40 /* the candidates of the statement: any of them may be hidden from who asks */
};
struct alike_suggestion {
    const struct row_appeal_item *item;
    double score; /* 0 to 1, by text, place, category and time */
};
struct alike_suggested {
    struct alike_suggestion items[ALIKE_SUGGESTIONS]; /* most alike first */
    size_t n;
};

/* Open matters alike to an appeal, of all channels, that the member of staff may see: in the town of its place, and among those whose
 * place nobody knows. Withheld ones and complaints too, for staff see these. Two round trips. */
enum rc appeal_suggestions(struct act *act, const struct row_appeal *a, struct alike_suggested *out) MUST_USE;

/* The town whose open matters one of that place is compared with; 0, where nobody knows its place or that is in no town. */
int64_t alike_area(const struct district *d, int64_t place_id);

/* The open matter of the same town that one is most like, where it is so alike that nobody need look whether they are the same; NULL:
 * there is none. A round trip. */
enum rc alike_nearest(struct act *act, const struct row_alike_candidate *m,
                      const struct row_alike_candidate **nearest) MUST_USE;

#endif
