/* Which characters of a text count when texts are compared or searched, and which of these are the same. Pure. */
#ifndef MINHU_LETTERS_H
#define MINHU_LETTERS_H

#include <stdint.h>

/* The code point as it counts: full width as half, small letters; 0 for what parts words and says nothing. */
uint32_t letter_fold(uint32_t c);

#endif
