/* What matters are searched by: terms, whole numbers that a matter has or hasn't. A letter or a pair of neighbouring ones, its
 * number, who holds it, its state, where it lies. A search is a list of groups, of each of which a matter needs one term. Pure;
 * results live where the caller says. */
#ifndef MINHU_TERMS_H
#define MINHU_TERMS_H

#include "base/str.h"
#include "rules/district.h"

/* Numbers are for ever: the database keeps terms. */
enum term_kind {
    TERM_LETTERS = 1, /* one letter, or two that follow each other */
    TERM_NUMBER,      /* the whole number for people */
    TERM_TAIL,        /* what of it comes after the day */
    TERM_HOLDER,
    TERM_BELOW, /* the holder is this unit or below it */
    TERM_FIRST,
    TERM_STATE,
    TERM_OPEN, /* these two by term_whether */
    TERM_OVERDUE,
    TERM_KIND,
    TERM_CATEGORY, /* the matter's, or one above it */
    TERM_TIER,
    TERM_CHANNEL,
    TERM_URGENCY,
    TERM_OUTCOME,
    TERM_STARS, /* 0: closed without */
    TERM_CELL,  /* a square of a hundredth of a degree, about a kilometre */
    TERM_AREA,  /* and of a tenth */
    TERM_PART,  /* this unit has a part of it, which was not waived */
    TERM_WEIGHT,
    TERM__MAX
};

enum {
    TERM_TRAITS_MAX = 90,  /* of one matter, its letters aside */
    TERM_ANY_MAX = 16,     /* in one group */
    TERM_GROUPS_MAX = 32,  /* of one search */
    TERM_LETTERS_MAX = 16, /* groups of letters: of a longer text, as many, evenly spread */
};

int64_t term_of(enum term_kind kind, int64_t value);
static inline int64_t term_whether(bool yes) { return yes ? 1 : 2; }

/* The letters of a text and the pairs of them, in the order that they stand in, with what is there twice: at most two for each
 * character. What parts words is passed over: 停，水 has the pair 停水. Returns how many. */
size_t term_letters(struct str text, int64_t *out);
/* Ascending, each once; returns how many are left. */
size_t term_sort(int64_t *terms, size_t n);

/* What of a matter changes, or is no text. */
struct term_matter {
    const struct unit *holder, *first; /* may be NULL */
    const struct category *category;
    const struct place *place;
    struct str number, parts; /* parts: ids of units, parted by commas */
    int64_t lng, lat;         /* 0: its place's */
    int64_t state, is_open, overdue, kind, tier, channel, urgency, outcome, stars, weight;
};
/* In ascending order, each once; returns how many. */
size_t term_traits(const struct term_matter *m, int64_t out[TERM_TRAITS_MAX]);

struct term_group {
    int64_t any[TERM_ANY_MAX];
    size_t n;
};
struct term_search {
    struct term_group groups[TERM_GROUPS_MAX];
    size_t n;
};
/* One more term that a matter needs. False when there is no room. */
bool term_need(struct term_search *s, enum term_kind kind, int64_t value);
/* What somebody types: words, parted by what is no letter, each with all its pairs; or a number for people; the digits after its
 * day find it too. False when there is no letter in it, or no room. */
bool term_need_text(struct term_search *s, struct str q);
/* A rectangle of the map, in millionths of a degree, west <= east and south <= north: the squares that cover it, which reach over its
 * edges. Of one too large to be covered nothing is needed. False when there is no room. */
bool term_need_box(struct term_search *s, int64_t west, int64_t south, int64_t east, int64_t north);

#endif
