/* Which of the district's categories a message is of, as far as the classifier's model can tell, and how that is kept. */
#ifndef MINHU_SUGGESTION_H
#define MINHU_SUGGESTION_H

#include "base/buf.h"
#include "rules/classifier.h"
#include "rules/district.h"

struct suggested {
    int64_t category_id;
    double probability;
    struct str words[CLASSIFIER_WORDS];
    size_t word_count;
};

struct suggestion {
    const struct category *category; /* what may be taken without asking anybody; NULL: nothing is sure */
    double probability;              /* of that one with all below it; 0 without */
    uint32_t model;                  /* the model's id */
    struct suggested guesses[CLASSIFIER_GUESSES];
    size_t count;
};

/* Of a model that may know categories of any level. A category is as likely as it is itself and all below it are together, so that
 * where none below is sure what they have in common may be; the lowest that is at least so likely as sure (above 0.5) is taken. The
 * guesses are the most likely ones of the model's: only the first where that is the one taken, else there is something to choose
 * from. What the district doesn't have, or has closed, is never guessed, and makes nothing else more likely. title may be empty;
 * texts are in the arena. False when memory is used up or the message is longer than MESSAGE_MAX. */
bool suggest(struct arena *a, const struct district *d, const struct classifier *m, struct str title, struct str text,
             double sure, struct suggestion *out);

/* A suggestion as it is kept beside its appeal: a line "model TAB probability", then one a guess, "category TAB probability TAB
 * word TAB word…"; the model in hexadecimal, probabilities in ten-thousandths. At most SUGGESTION_BYTES long. */
enum { SUGGESTION_BYTES = 1000 };
bool suggestion_write(const struct suggestion *s, struct buf *b);
/* What suggestion_write wrote; category is NULL. False when it is something else. Words are slices of text. */
bool suggestion_read(struct str text, struct suggestion *out);

#endif
