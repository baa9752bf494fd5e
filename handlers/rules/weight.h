/* How weighty a matter is, and so which loop it belongs in. Pure. */
#ifndef MINHU_WEIGHT_H
#define MINHU_WEIGHT_H

#include "rules/district.h"

/* What is known of a matter. */
struct weighing {
    const struct category *category; /* NULL: none */
    int64_t people;     /* whom it concerns: who report it, the first included, or as many as are said to be */
    size_t departments; /* named in its text */
    int64_t returns;    /* in this round */
    bool repeated;      /* the same person reported such a matter there within REPEATED_DAYS before */
};

enum { REPEATED_DAYS = 90, PEOPLE_SMALL = 5, PEOPLE_HARD = 30, DEPARTMENTS_HARD = 2 };

/* It begins as what its category says, or the nearest category above that says something, else micro. What five concern, or names a
 * department, is small at least; what thirty concern, names two departments, or was returned twice is hard; what was reported before is
 * one step up. */
enum weight weigh(const struct weighing *w);
/* How many different departments a text names, at most max: by their names, a leading 区 aside. */
size_t departments_named(const struct district *d, struct str text, size_t max);

#endif
