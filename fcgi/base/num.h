/* Whole numbers from hostile text: decimal digits only, all of the text, checked bounds. */
#ifndef MINHU_NUM_H
#define MINHU_NUM_H

#include "base/str.h"

#include <stdint.h>

/* Optional '-', no '+', no leading zeros, no spaces. False when it does not fit min..max. */
bool num_i64(struct str s, int64_t min, int64_t max, int64_t *out);
/* A decimal with up to 6 fraction digits, no exponent, as millionths: "120.05" -> 120050000. */
bool num_millionths(struct str s, int64_t *out);

#endif
