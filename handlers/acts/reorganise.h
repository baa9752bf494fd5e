/* Reorganisation: units are made, renamed, merged and split as one act. A file says how; everything that names the old units follows.
 * Their matters are handed over afterwards, by a job (jobs/successions.c).
 *
 * A file's rows: new (a unit, its parent and name), rename, merge (a unit ends, another stands for it), split (one row for each of
 * several that stand for it, the first for what nothing else decides), and for what is split: unit, place, post and category, each
 * with the one of these that it goes to. */
#ifndef MINHU_REORGANISE_H
#define MINHU_REORGANISE_H

#include "acts/import.h"

enum reorganise_act {
    REORGANISE_NEW = 1,
    REORGANISE_RENAME,
    REORGANISE_MERGE,
    REORGANISE_SPLIT,
    REORGANISE_UNIT,
    REORGANISE_PLACE,
    REORGANISE_POST,
    REORGANISE_CATEGORY,
    REORGANISE__MAX
};
extern const struct word reorganise_words[REORGANISE__MAX];

enum { REORGANISE_HEIRS_MAX = 20 };

/* A unit as it is, or is to be. */
struct reorganised_unit {
    int64_t id, tier, kind, review; /* id 0: to be made */
    struct str code, name, name_en;
    struct reorganised_unit *parent;
    bool active, inherits;
    int64_t line;                                 /* of the row that makes it */
    const struct import_reorganisation *ended_by; /* the first row that ends it; NULL: none does */
    struct reorganised_unit *heirs[REORGANISE_HEIRS_MAX];
    int64_t shares[REORGANISE_HEIRS_MAX]; /* percent, together 100 */
    size_t heir_count;                    /* more than 0: it ends */
    const struct reorganised_unit *first; /* of an heir: the one whose tier and kind it has */
    /* What goes along, once it is done. */
    int64_t posts, places, units, open, all;
};

/* A row with what it names. */
struct reorganisation_row {
    const struct import_reorganisation *row;
    struct reorganised_unit *unit, *to;
    const struct row_place *place;
    const struct row_category *category;
    const struct import_person *person;
};

struct reorganisation {
    struct reorganised_unit *units; /* those known first, in their order; then those to be made */
    size_t unit_count;
    struct reorganisation_row *rows;
    size_t row_count;
};

/* Pure: reads the file's rows against what the database has, and adds every fault to p. False only when
 * memory is used up. */
bool reorganisation_check(const struct import_known *known, const struct import_table *file, struct import_problems *p,
                          struct arena *a, struct reorganisation *out) MUST_USE;
/* The heir of a unit that is at or above another; NULL: none. */
struct reorganised_unit *reorganisation_heir_over(const struct reorganised_unit *ended,
                                                  const struct reorganised_unit *unit);

struct reorganise_result {
    struct import_problems problems;
    struct reorganisation plan;
    int64_t rules, rules_dropped, keys, groups, interests, calendars,
        troubles; /* that follow; rules that another one made needless */
    int64_t version;
};
/* Within a transaction: RC_INVALID with the problems, RC_OK when all is written. */
enum rc reorganise_run(struct act *act, struct str text, struct reorganise_result *result) MUST_USE;

/* Rules, keys and groups (reorganise_rules.c), after units and places are written. */
enum rc reorganise_rules(struct act *act, const struct import_known *known, struct reorganise_result *r) MUST_USE;
enum rc reorganise_lists(struct act *act, struct reorganise_result *r) MUST_USE;

/* What the audit line of a succession says; in the arena, NULL without memory. */
const char *reorganise_audit_text(struct arena *a, int64_t old_id, int64_t new_id, int64_t share);

#endif
