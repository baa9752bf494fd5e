/* Places found in what people write: a table of addresses, matched however they are spelt. */
#ifndef MINHU_ADDRESS_H
#define MINHU_ADDRESS_H

#include "base/arena.h"
#include "rules/district.h"

enum { ADDRESS_MIN = 2, ADDRESS_MAX = 100 }; /* code points, after and before they are spelt one way */

/* A text spelt one way, so that what means the same is the same: half-width; small letters; no white space, brackets and middle dots
 * (a space between digits stays, as one); 栋, 棟, 号楼 are 幢; # and 號 are 号; 樓 and 區 are 楼 and 区; every dash is "-"; numerals
 * are digits: 一二三 is 123, 十二 is 12, 一百零五 is 105. p == NULL: no memory. */
struct str address_spelling(struct arena *a, struct str text);

struct address {
    struct str text; /* in that spelling */
    const struct place *place;
    size_t shorter; /* index + 1 of the longest other that it begins with; 0: none */
};
struct address_index {
    const struct address *items; /* in order of their bytes */
    size_t n;
    uint64_t *begins; /* bits: of the hash of the first two characters of each */
};
/* Makes it from items, which it orders; false when memory is used up. */
bool address_index(struct address_index *x, struct address *items, size_t n, struct arena *a);
/* The place of the longest address that stands in the text, closed places aside; of two equally long ones the first. An address that begins or ends with a
 * digit stands there only where the text has no further digit. NULL: none, or no memory. */
const struct place *address_find(const struct address_index *x, struct str text, struct arena *a);

#endif
