/* The tables that the demonstration district is made from. */
#ifndef MINHU_DEMO_DATA_H
#define MINHU_DEMO_DATA_H

#include <stddef.h>

struct demo_named {
    const char *code, *zh, *en;
};
struct demo_category {
    const char *code; /* parts joined by "."; all but the last part are its parent's */
    const char *zh, *en, *urgency, *words;
};
struct demo_route {
    const char *category, *tier, *department; /* one of the two */
};
struct demo_reason {
    const char *purpose, *code, *zh, *en, *basis;
};

/* Each ends with an element whose first member is NULL. */
extern const struct demo_named demo_departments[];
extern const char *const demo_towns[][2]; /* Chinese, English */
extern const char *const demo_village_first[], *const demo_village_second[];
extern const char *const demo_compound_first[], *const demo_compound_second[];
extern const char *const demo_surnames[], *const demo_given[];
extern const struct demo_category demo_categories[];
extern const struct demo_route demo_routes[];
extern const struct demo_reason demo_reasons[];

#endif
