/* How urgent a text says it is, by words with their exceptions, and what its writer is told at once. Pure. */
#ifndef MINHU_URGENCY_H
#define MINHU_URGENCY_H

#include "base/arena.h"
#include "rules/district.h"

#define DANGER_BIT(danger) (1u << (danger))

/* Makes d->urgent findable, once, when its words are there; without any the product's own list is taken. False: no memory. */
bool urgency_index(struct district *d, struct arena *a);

/* The highest urgency that a word of the text asks for; *dangers (may be NULL) gets a DANGER_BIT for each kind of word that counted.
 * A word doesn't count
 *   - within one of its exceptions that holds it ("跳楼价"), or in a sentence with one that doesn't ("消防演练");
 *   - right after a word that denies, averts or supposes it ("没有发生火灾", "以免触电", "一旦着火"), "有没有" and "是不是" aside.
 * In time linear in the text. */
enum urgency text_urgency(const struct district *d, struct str text, uint32_t *dangers);

/* What somebody in such a danger is told with the answer: whom to call, and a word. NULL: nothing. */
struct danger_advice {
    enum danger danger;
    const char *phone;
    const char *zh, *en;
};
const struct danger_advice *danger_advice(enum danger danger);

/* The product's own list, for who wants to begin with it. */
const struct urgent_word *urgent_words_builtin(size_t *n);

#endif
