/* What a message is to the classifier: how often each character n-gram occurs in it, by hash. Training and use share this file,
 * so that they see the same. */
#ifndef MINHU_FEATURES_H
#define MINHU_FEATURES_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

/* The whole message, and once more its first characters, which name the matter where the rest tells its story. */
enum feature_block { BLOCK_WHOLE, BLOCK_HEAD, BLOCK_COUNT };
enum { GRAM_MAX = 4, HEAD_MAX = 100 };

/* Chosen when a model is trained, and kept in its file. */
struct feature_settings {
    uint32_t gram_max[BLOCK_COUNT]; /* n-grams of 1 to so many characters; 1 to GRAM_MAX */
    uint32_t head;                  /* characters that BLOCK_HEAD takes; 1 to HEAD_MAX */
};

/* One character as it counts: white space left out, letters small, full-width forms plain, a run of digits one 0. */
struct symbol {
    uint32_t code;
    uint32_t from, to; /* bytes of the message that it stands for */
};

/* An n-gram that occurs. */
struct feature {
    uint32_t hash; /* of its characters, length and block */
    uint16_t count;
    uint8_t block;
};

/* One occurrence of a feature. */
struct gram {
    uint32_t feature; /* index in features */
    uint32_t at;      /* symbol that it begins with */
    uint8_t length;
};

struct features {
    struct str message;     /* title and text, one after the other */
    struct symbol *symbols; /* symbol_count */
    struct feature *list;   /* count, each once; in an order that depends on the message only */
    struct gram *grams;     /* gram_count, in the order of the message, block after block */
    size_t symbol_count, count, gram_count;
};

/* title may be empty; both must be valid UTF-8 and no longer than MESSAGE_MAX bytes together. Everything is in the arena. False
 * when memory is used up or the message is too long. */
enum { MESSAGE_MAX = 1 << 20 };
bool features_of(struct arena *a, const struct feature_settings *s, struct str title, struct str text,
                 struct features *out);

#endif
