/* QR codes: what is printed is the tag's code with a mark that only this installation's keys make, so that none can be invented. */
#ifndef MINHU_TAGS_H
#define MINHU_TAGS_H

#include "acts/act.h"

enum { TAG_TEXT_MAX = 41 }; /* code, ".", eight characters */

/* "lift-0007.K3W9A2QX"; false when it can't be made. */
bool tag_text(const struct keyring *keys, struct str code, char out[TAG_TEXT_MAX + 1]);
/* The tag of a scanned code, or of the address that ends with it ("https://…/lift-0007.K3W9A2QX"); NULL when it is none of ours. */
const struct tag *tag_scanned(const struct keyring *keys, const struct district *d, struct str scanned);

#endif
