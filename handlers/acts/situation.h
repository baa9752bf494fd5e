/* What goes on in the district now: known trouble, and disaster mode. In memory, so that looking costs no round trip. */
#ifndef MINHU_SITUATION_H
#define MINHU_SITUATION_H

#include "acts/act.h"

struct situation {
    int64_t version;                    /* grows with every change */
    const struct row_trouble *troubles; /* going on or yet to begin, the first to end first; 200 at most */
    size_t trouble_count;
    const struct row_disaster *disaster; /* declared and not ended; NULL: none */
};

/* As this process knows it: late by SITUATION_SECONDS and little more. Stays valid for two minutes, longer than any request. */
const struct situation *situation_in_use(void);
/* Reads it when it has changed. From one thread of the process only, every SITUATION_SECONDS at the most often. What fails is tried again. */
void situation_refresh(struct db *db);
enum { SITUATION_SECONDS = 2 };

/* Within the transaction that changes something of it, and the first thing that it writes: so those who do are one after the other. */
enum rc situation_changed(struct act *act) MUST_USE;

/* The disaster mode in force at an instant, or NULL. */
const struct row_disaster *disaster_at(const struct situation *s, int64_t now_us);
/* The troubles going on at a place that may be what a matter of this category (NULL: not chosen) is about; how many of max. */
size_t troubles_near(const struct act *act, const struct place *place, const struct category *category,
                     const struct row_trouble **out, size_t max);

#endif
