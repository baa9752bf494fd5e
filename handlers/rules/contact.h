/* When somebody counts as not to be reached. */
#ifndef MINHU_CONTACT_H
#define MINHU_CONTACT_H

#include "rules/model.h"

#include <stdbool.h>
#include <stddef.h>

struct contact_attempt {
    int64_t at_us;
    enum contact_outcome outcome;
};

/* How many attempts have to have failed, each on another day and at another hour of the day than the others. */
enum { UNREACHED_MIN = 3 };

/* Of attempts in the order of their time: did so many fail, by Beijing time, since he was last spoken to? Who refused to talk was
 * spoken to. */
bool contact_unreachable(const struct contact_attempt *attempts, size_t n);

#endif
