/* What holds for every object that a decoder of the product filled and called good, seen from outside: by rules of its own
 * where that is possible, so that a fault in a decoder is not looked at with the same eyes. */
#ifndef MINHU_FUZZ_OBJECT_H
#define MINHU_FUZZ_OBJECT_H

#include "base/buf.h"
#include "base/schema.h"

/* Required members are there, each is within its bounds, and what was not given is zero. */
void object_check(const struct schema *s, const void *object);
/* Were the same members given, with the same values? */
bool object_same(const struct schema *s, const void *a, const void *b);
/* The object as a JSON body and as a query string that a client would send for it. */
void object_write_json(const struct schema *s, const void *object, struct buf *out);
void object_write_query(const struct schema *s, const void *object, struct buf *out);
/* Every violation has a code, and a pointer that can be shown. */
void violations_check(const struct violations *v);
/* Well-formed UTF-8 without NUL. */
bool is_clean_text(struct str s);

#endif
