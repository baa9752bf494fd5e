/* Which unit an appeal goes to: a table (category × place or area × channel × kind × days → unit, or the tier that gets it), and where
 * it says nothing the chain compound → village → town → district. Every appeal reaches a unit, always.
 *
 * Of the rules that hold for a matter on a day, the most special one decides. One is more special than another when, at the first of
 * these where they differ, it
 *   1. names the nearer category: the matter's own, then the one above it …, then any;
 *   2. names the nearer place: the place itself, then the area of its unit, then the area above …, then anywhere;
 *   3. names the kind;
 *   4. names the channel.
 * Two that are equal in all four hold on different days: the import refuses others. So there are no ties. A rule for a tier that
 * isn't there above the place is as if it weren't there. */
#ifndef MINHU_ROUTING_H
#define MINHU_ROUTING_H

#include "rules/district.h"

/* What decides where an appeal goes. */
struct matter {
    const struct category *category; /* NULL: none */
    const struct place *place;       /* NULL: nobody knows where, so the top or a rule without an area */
    const struct unit *about;        /* the unit complained of; NULL: none */
    enum channel channel;
    enum kind kind;
    int32_t day; /* the Beijing date of the routing */
};
struct routed {
    const struct unit *unit; /* the active unit to take it on; never NULL on a district that has a top */
    const struct unit
        *named; /* whom the rule or the place names; from it upwards to unit all are passed over, as they are
                                     * closed or conflicted (unit_conflicted). NULL: nobody, the top takes it */
    const struct route_rule *rule; /* NULL: none, the place decided */
};
struct routed route(const struct district *d, const struct matter *m);
/* Does a rule that is for the matter's category and place decide, and if not, why? */
enum rule_fit { RULE_HOLDS, RULE_OTHER_KIND, RULE_OTHER_CHANNEL, RULE_NOT_YET, RULE_OVER, RULE_NO_TARGET };
enum rule_fit rule_fit(const struct route_rule *r, const struct matter *m);
/* Offers the rules for the matter's category and place, from the most special to the least, until one is taken; that one, or NULL. */
const struct route_rule *route_walk(const struct district *d, const struct matter *m,
                                    bool (*take)(const struct route_rule *r, const struct matter *m, void *arg),
                                    void *arg);

/* What decided that a matter went to a unit. */
enum decider { BY_UNKNOWN, BY_RULE, BY_PLACE, BY_DISTRICT, BY_KEY, BY_STAFF, BY_CLOCK };
enum decider routed_by(const struct routed *r);
/* The unit that a rule names for this place; NULL: there is none of its tier above it. */
const struct unit *route_rule_target(const struct route_rule *r, const struct place *place);

/* Why a unit can't be the one to act; PASSED_NOT: it can. */
enum passing { PASSED_NOT, PASSED_CLOSED, PASSED_COMPLAINED_OF, PASSED_INTEREST };
enum passing passing_of(const struct unit *unit, const struct unit *about);
static inline bool passed_over(const struct unit *unit, const struct unit *about) {
    return passing_of(unit, about) != PASSED_NOT;
}

/* For the loader: orders the rules and makes them the district's; false when memory is used up. */
bool routing_index(struct district *d, struct route_rule *rules, size_t n, struct arena *a);

/* The unit itself or the nearest one above that can act; NULL: none. */
const struct unit *route_fit(const struct unit *unit, const struct unit *about);

/* Where an appeal goes that the holder could not or did not solve: the next active unit above; NULL at district tier. */
const struct unit *route_up(const struct unit *holder, const struct unit *about);

/* The clock rule for a holder's tier, category and urgency: the most special row wins (category, then tier, then urgency);
 * without any row a built-in one (2 working hours, 5 working days, 1 working day). What is urgent runs round the clock: a row that
 * doesn't name its urgency is only taken where none of its clocks is in working time, and the built-in ones are 30 minutes, 24 hours,
 * 4 hours, and for an emergency 15 minutes, 4 hours, 30 minutes. */
const struct clock_rule *clock_rule_for(const struct district *d, enum tier tier, const struct category *category,
                                        enum urgency urgency);

/* How soon the reporter is called first: as the most special row says that says something; NULL when none does. */
const struct duration *contact_within_for(const struct district *d, enum tier tier, const struct category *category,
                                          enum urgency urgency);

/* A category for a text without one: the active category most of whose words occur in it; NULL when none does. */
const struct category *suggest_category(const struct district *d, struct str text);

#endif
