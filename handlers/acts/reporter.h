/* Matters of one reporter, among those whose reporter the asker may see. Reads only, but for the audit line of a search by phone. */
#ifndef MINHU_ACTS_REPORTER_H
#define MINHU_ACTS_REPORTER_H

#include "acts/act.h"

enum { REPORTERS_MAX = 5 }; /* residents with one phone */

/* Residents, or where there are none the blind index of a phone that third parties' orders were posted with. */
struct reporter {
    uint8_t residents[REPORTERS_MAX][16];
    size_t n;
    uint8_t index[16];
};

struct reporter_found {
    struct row_appeal_item **items; /* the newest first */
    size_t n;                       /* at most limit */
    bool more;
    uint8_t last[16]; /* the last one looked at: the page after this begins behind it */
};

/* Who reported an appeal. */
void reporter_of(const struct row_appeal *a, struct reporter *out);
/* Who has this phone, 11 digits; audited with its purpose, in a transaction of the caller's. RC_FORBIDDEN for who may look at no
 * contact. */
enum rc reporter_by_phone(struct act *act, struct str phone, const struct reason *purpose,
                          struct reporter *out) MUST_USE;
/* Matters older than the one before (all 0xff: from the newest) that the asker may see, and may see the reporter of: one whose
 * reporter is withheld from him, or that is about his unit, is left out. except: none of these; NULL: all. */
enum rc reporter_appeals(struct act *act, const struct reporter *r, const uint8_t before[16], const uint8_t *except,
                         size_t limit, struct reporter_found *out) MUST_USE;

#endif
