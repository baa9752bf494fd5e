/* Meetings and site visits of joint handling (design §3): who was invited and came, what was said, what was decided. Each entry is an
 * event of the matter; a meeting's row is bound to the last event about it by its MAC. Names are of people without an account, sealed. */
#ifndef MINHU_MEETINGS_H
#define MINHU_MEETINGS_H

#include "acts/change.h"

enum { MEETING_PEOPLE_MAX = 40, DECISIONS_MAX = 20, MEETING_AHEAD_DAYS = 366 };

/* Somebody at the table: for a unit in a role, or of an organisation; the name only of who has no account. */
struct attendee {
    const struct unit *unit; /* NULL: of organisation */
    struct str organisation, name, role;
};
struct decision {
    struct str text;
    const struct unit *unit; /* its owner: a unit, or an organisation */
    struct str organisation;
    int64_t due_by; /* 0: none was set */
    bool as_part;   /* becomes a part of joint handling, asked of its owner */
    int64_t part;   /* the number of that part; else 0 */
};

/* A meeting called, its minutes, or a site visit; what the action doesn't use stays zero. */
struct meeting {
    int64_t starts_at;
    struct str place, agenda, minutes;
    const struct attendee *invited, *came;
    size_t invited_count, came_count;
    struct decision *decisions;
    size_t decision_count;
    struct str public_text; /* what the resident is told of it; absent: nothing */
};

/* Limits and runs of the actions, for actions.c. */
enum rc meeting_may_call(const struct act *act, const struct row_appeal *a);
enum rc meeting_may_end(const struct act *act, const struct row_appeal *a);
enum rc meeting_call(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc meeting_held(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc meeting_visit(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* Within a transaction, the minutes with those decisions that become parts: all of it or nothing. n: the meeting's number. */
enum rc meeting_minutes(struct act *act, const uint8_t appeal[16], int64_t n, struct meeting *m,
                        struct row_appeal **after) MUST_USE;

/* For answers: the people of a row, unsealed, and its decisions, as JSON that meetings.c made:
 * {"invited":[{"unit":ID,"organisation":…,"name":…,"role":…}],"came":[…]} and [{"text":…,"unit":ID,"organisation":…,"due_by":US,
 * "part":N}]. */
enum rc meeting_people(const struct act *act, const struct row_meeting *m, struct str *json) MUST_USE;

#endif
