/* Which unit an appeal goes to: a table (category × area × tier → unit), and where it says nothing the chain
 * compound → village → town → district. Every appeal reaches a unit, always. */
#ifndef MINHU_ROUTING_H
#define MINHU_ROUTING_H

#include "rules/district.h"

/* The active unit to take it on; never NULL on a district that has a top. place NULL: nobody knows where, so the top or a rule
 * without an area. about: the unit complained of; it and all below it are passed over, upwards (conflict of interest). */
const struct unit *route(const struct district *d, const struct category *category, const struct place *place,
                         const struct unit *about);
/* Where an appeal goes that the holder could not or did not solve: the next active unit above; NULL at district tier. */
const struct unit *route_up(const struct unit *holder, const struct unit *about);

/* The clock rule for a holder's tier, category and urgency: the most special row wins (category, then tier, then urgency);
 * without any row a built-in one (2 working hours, 5 working days, 1 working day). What is urgent runs round the clock: a row that
 * doesn't name its urgency is only taken where none of its clocks is in working time, and the built-in ones are 30 minutes, 24 hours,
 * 4 hours, and for an emergency 15 minutes, 4 hours, 30 minutes. */
const struct clock_rule *clock_rule_for(const struct district *d, enum tier tier, const struct category *category,
                                        enum urgency urgency);

/* A category for a text without one: the active category most of whose words occur in it; NULL when none does. */
const struct category *suggest_category(const struct district *d, struct str text);

#endif
