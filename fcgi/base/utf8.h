/* Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef MINHU_UTF8_H
#define MINHU_UTF8_H

#include "base/str.h"

#include <stdint.h>

bool utf8_valid(struct str s);
/* Length (1 to 4) of the well-formed sequence that p starts with, or 0; n is how many bytes there are. */
size_t utf8_sequence(const char *p, size_t n);
/* Number of code points; s must be valid. */
size_t utf8_count(struct str s);
/* Decodes the code point at *at and moves past it; s must be valid and *at < s.n. */
uint32_t utf8_next(struct str s, size_t *at);
/* The longest prefix of at most count code points. */
struct str utf8_prefix(struct str s, size_t count);
/* Valid, no NUL, no control character but TAB and LF (CR is refused), no U+FEFF, no bidirectional override
 * (U+202A–202E, U+2066–2069). */
bool utf8_is_text(struct str s);
/* Without what is blank at both ends: white space (U+3000 too) and characters that show nothing. */
struct str utf8_trim(struct str s);

#endif
