/* The district's reference data in memory: units, places, categories, rules, reasons, calendar. Loaded as one whole
 * (acts/reference.c), never changed afterwards, shared by all threads. */
#ifndef MINHU_DISTRICT_H
#define MINHU_DISTRICT_H

#include "rules/calendar.h"
#include "rules/clock.h"
#include "rules/form.h"
#include "rules/model.h"

struct unit {
    int64_t id;
    struct str code, name, name_en;
    enum tier tier;
    enum unit_kind kind;
    bool active, review;       /* its lead looks at each of its results */
    const struct unit *parent; /* NULL at the top */
    /* Of one that has ended: what it has become. The first takes what nothing else decides. And the ended ones that a unit stands for, by
     * way of others too. */
    const struct unit *const *heirs, *const *predecessors;
    size_t heir_count, predecessor_count;
    const struct unit *const
        *interests; /* the units that it has to do with; a unit is in the list of each that is in its own */
    size_t interest_count;
};

struct place {
    int64_t id;
    struct str code, name;
    const struct unit *unit;
    int64_t lng, lat;
    bool active;
};

struct category {
    int64_t id;
    struct str code, name, name_en, words;
    enum urgency urgency;
    bool active, review;        /* a lead looks at each result */
    enum weight weight;         /* what its matters begin as; WEIGHT_NONE: as the category above */
    const struct stopper *stop; /* NULL: none of its own */
    const struct form *form;    /* NULL: no questions of its own; else these, after those of the categories above */
    const struct category *parent;
};

/* A text to begin a reply with (rules/template.h). */
struct template {
    enum template_kind kind;
    const struct category *category; /* with all below it; NULL: any */
    const struct unit *unit;         /* likewise */
    struct str name, text;
};

/* What a QR code stands on, and what it fills in. */
struct tag {
    int64_t id;
    struct str code, name, address; /* address may be empty */
    enum tag_kind kind;
    const struct place *place;
    const struct category *category; /* NULL: none */
};

/* Who gets what; rules/routing.h says which of several wins. */
struct route_rule {
    int64_t id;                      /* for ever */
    const struct category *category; /* with all below it; NULL: any */
    const struct unit *area;         /* places below it; NULL: anywhere */
    const struct place *place;       /* only there, then area is NULL; NULL: anywhere */
    enum channel channel;            /* 0: any */
    enum kind kind;                  /* 0: any */
    enum tier tier;                  /* the unit of this tier above the place gets it; 0: unit says who */
    const struct unit *unit;
    int32_t valid_from, valid_until; /* Beijing dates, both included; valid_until 0: without an end */
    struct str basis;                /* the duty it rests on; may be empty */
    int64_t imported_at;             /* 0: not known */
};

struct clock_rule {
    enum tier tier;                  /* 0: any */
    const struct category *category; /* NULL: any */
    int urgency;                     /* -1: any */
    struct duration respond, resolve, step;
    struct duration contact; /* from acceptance to the first call; n 0: as a less special rule says */
};

struct reason {
    int64_t id;
    enum reason_purpose purpose;
    struct str code, name, name_en, basis;
    bool active;
};

/* Of a unit and all below it that have none. */
struct own_calendar {
    int64_t unit_id;
    const struct calendar *calendar;
};

/* A word that makes a text urgent, and what takes it back (rules/urgency.h). */
struct urgent_word {
    struct str word, unless; /* unless: comma-separated */
    enum urgency urgency;
    enum danger danger;
};
enum { URGENT_SLOTS = 256 };
struct urgent_index {
    const struct urgent_word *words;
    size_t count;
    uint16_t heads[URGENT_SLOTS]; /* by the first character: index + 1; 0 ends */
    uint16_t *next;
};

struct unit_group {
    struct str code, name, name_en;
    enum group_kind kind;
    const struct unit *lead, *area; /* attached to area: that one and those below call it in */
    const struct unit *const *members;
    size_t member_count;
    const struct str *organisations; /* members without an account, by name */
    size_t organisation_count;
};

/* Code or id to index; open addressing, made once. */
struct index_slot {
    uint64_t hash;
    uint32_t at; /* index + 1; 0 is free */
};
struct code_index {
    struct index_slot *slots;
    size_t mask;
};

struct district {
    int64_t version; /* of the imported data; a worker loads again when the database has a newer one */
    const struct unit *units;
    size_t unit_count;
    const struct place *places;
    size_t place_count;
    const struct category *categories;
    size_t category_count;
    const struct route_rule *routes; /* in the order of routing_index */
    size_t route_count;
    struct code_index route_index;
    const struct tag *tags;
    size_t tag_count;
    struct code_index tag_codes;           /* tags_index */
    const struct address_index *addresses; /* NULL: none */
    const struct area_index *areas;        /* NULL: none */
    const struct clock_rule *clocks;
    size_t clock_count;
    const struct reason *reasons;
    size_t reason_count;
    const struct template *templates;
    size_t template_count;
    const struct unit_group *groups;
    size_t group_count;
    struct urgent_index urgent;
    const struct unit *top;   /* the district itself: where everything ends up that has no nearer unit */
    struct calendar calendar; /* the district's: residents' clocks, ledger lines, and units' without one of their own */
    const struct own_calendar *own_calendars;
    size_t own_calendar_count;
    struct code_index unit_codes, unit_ids, place_codes, place_ids, category_codes, category_ids;
};

/* Look-ups; NULL when there is none. By code only what is active. */
const struct unit *unit_by_id(const struct district *d, int64_t id);
const struct unit *unit_by_code(const struct district *d, struct str code);
/* One that has ended, too. */
const struct unit *unit_by_code_ever(const struct district *d, struct str code);
const struct place *place_by_id(const struct district *d, int64_t id);
const struct place *place_by_code(const struct district *d, struct str code);
const struct category *category_by_id(const struct district *d, int64_t id);
/* What ends the form of a category: its own, or that of the nearest above; NULL: nothing. */
const struct stopper *category_stop(const struct category *category);
/* What it asks, with all categories above it; NULL: nothing. */
const struct form *category_form(const struct category *category);
const struct category *category_by_code(const struct district *d, struct str code);
/* A group that a unit may call in; NULL where it is not attached to the unit or one above it. */
const struct unit_group *group_by_code(const struct district *d, struct str code, const struct unit *unit);
const struct reason *reason_by_id(const struct district *d, int64_t id);
const struct reason *reason_by_code(const struct district *d, enum reason_purpose purpose, struct str code);

/* The calendar that the step clocks of this unit run by: its own, else that of the nearest unit above with one, else the
 * district's. */
const struct calendar *unit_calendar(const struct district *d, int64_t unit_id);

/* The same unit, by id: of two that a request holds, one may be of the district that an import has just replaced. */
static inline bool unit_is(const struct unit *a, const struct unit *b) { return a && b && a->id == b->id; }
/* True when it is that unit, or what became of it. */
bool unit_stands_for(const struct unit *unit, const struct unit *other);
/* True when above is unit itself or one of the units above it. */
bool unit_is_below(const struct unit *unit, const struct unit *above);
/* The unit complained of, or what became of it, and all below. */
bool unit_complained_of(const struct unit *unit, const struct unit *about);
/* Those, and each that has an interest with it, with all below: never the one that decides. */
bool unit_conflicted(const struct unit *unit, const struct unit *about);
/* The nearest unit of that tier: unit itself or above it; NULL when there is none. */
const struct unit *unit_at_tier(const struct unit *unit, enum tier tier);
/* The active place nearest to a point, within 5 km; NULL when none is so near. */
const struct place *place_near(const struct district *d, int64_t lng, int64_t lat);

/* For the loader: fills the six indexes from the arrays; false when memory (slots from the arena) is used up or a code or id
 * is there twice. */
struct arena;
/* The same for tags, after they are loaded. */
bool tags_index(struct district *d, struct arena *a);
const struct tag *tag_by_code(const struct district *d, struct str code);
bool district_index(struct district *d, struct arena *a);

#endif
