/* The separate demands of a submission (诉求点): found in what its reporter writes, numbered, and answered one by one. Pure; what is
 * found are slices of what was read. */
#ifndef MINHU_DEMANDS_H
#define MINHU_DEMANDS_H

#include "base/arena.h"
#include "base/str.h"

/* How many a matter has at most, and how long one is, in characters; of an answer to it; how often they may be numbered anew. */
enum { DEMANDS_MAX = 10, DEMAND_TEXT_MAX = 100, DEMAND_ANSWER_MAX = 300, DEMANDS_SET_MAX = 20 };
/* A result with its answers, in characters: what an event's text holds. */
enum { DEMANDS_ANSWERED_MAX = 6000 };

enum demand_outcome { DEMAND_OPEN, DEMAND_ANSWERED, DEMAND_REFUSED, DEMAND__MAX };

struct demand {
    struct str text;
    enum demand_outcome outcome;
    struct str answer, reason; /* reason: why it is refused, by its name; absent else */
};
struct demands {
    size_t n;
    struct demand list[DEMANDS_MAX]; /* number 1 first */
};

/* What title and text ask for: numbered items, questions, requests. Requests that anybody makes ("please look into it") count only
 * where there is nothing else; none: the matter as a whole is what is asked. Any bytes may come; the slices end at characters. */
void demands_find(struct str title, struct str text, struct demands *d);

/* As an event tells it, in lines: the demands, each with its answer where it has one. result: what stands before the answers; absent:
 * nothing is answered yet. Line breaks within a demand or an answer become blanks. p == NULL: memory is used up. */
struct str demands_write(struct arena *a, struct str result, const struct demands *d);
/* The same read back; false when it is no such text. */
bool demands_read(struct str text, struct demands *d);
/* Of a result with answers the result alone; of any other text all. */
struct str demands_result(struct str text);

#endif
