/* Personal numbers in free text: found, taken out, replaced by a mark that says what stood there. */
#ifndef MINHU_SCRUB_H
#define MINHU_SCRUB_H

#include "base/arena.h"
#include "base/str.h"

struct scrubbed {
    struct str text; /* with 〔手机号〕, 〔电话号码〕, 〔身份证号〕, 〔车牌号〕, 〔银行卡号〕 where a number stood */
    struct str removed; /* what stood there, one a line, in order; empty when nothing was found */
};

/* Mobile and landline numbers (also with +86, spaces, hyphens), ID numbers with a right check digit (GB 11643), plates
 * (GA 36, new-energy ones too), bank cards (16–19 digits that pass Luhn). Full-width digits count. The product's own numbers
 * (20261124-000123) stay. s must be valid UTF-8. False only when memory is used up. */
bool scrub_text(struct arena *a, struct str s, struct scrubbed *out);

/* The whole of s is a mobile number of mainland China: 11 digits, 1[3-9]…. */
bool is_mobile(struct str s);
/* Masks for answers: 138****1234; 王小明 → *小明 (first character hidden); ID: first and last. In the arena. */
struct str mask_phone(struct arena *a, struct str phone);
struct str mask_name(struct arena *a, struct str name);

#endif
