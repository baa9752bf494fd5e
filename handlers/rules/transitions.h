/* Which action is possible from which state for whom, and what follows from it: the one table that changes appeals. */
#ifndef MINHU_TRANSITIONS_H
#define MINHU_TRANSITIONS_H

#include "rules/model.h"

#include <stdbool.h>
#include <stdint.h>

enum effect {
    FX_PUBLIC = 1 << 0,    /* the resident sees the entry */
    FX_VERSION = 1 << 1,   /* moves state or holder: needs the caller's version and raises it */
    FX_REASON = 1 << 2,    /* needs a coded reason */
    FX_TEXT = 1 << 3,      /* needs a text */
    FX_ARRIVES = 1 << 4,   /* a first step clock starts */
    FX_MOVES = 1 << 5,     /* another holder: closes the ledger line, starts a fresh step clock, empties the assignee */
    FX_RESPONDED = 1 << 6, /* stops the response clock, the first time */
    FX_RESOLVED = 1 << 7,  /* stops the resolution and step clocks and closes the ledger line */
    FX_ENDS = 1 << 8,      /* nothing runs any more */
    FX_ROUND = 1 << 9,     /* round n+1 with clocks of its own */
    FX_STEP_STOPS = 1 << 10, /* the step clock is spent without a move */
    FX_OVERDUE = 1 << 11,    /* marked for good */
    FX_INSIDE = 1 << 12,     /* the entry is public, its text is between units */
    FX_PAUSES = 1 << 13,     /* the ledger line closes, a pause begins, the clocks stand still */
    /* The pause's line closes and the clocks go on with what was left: so before FX_MOVES, FX_RESOLVED and FX_ENDS. */
    FX_RESUMES = 1 << 14,
    /* Another matter's answer will be its answer: nobody works on it, yet its line and its resident's clock go on. */
    FX_FOLLOWS = 1 << 15,
    FX_LEAVES = 1 << 16,  /* it follows none any more: its holder's line closes, and a fresh step clock starts */
    FX_PART = 1 << 17,    /* about one part of joint handling, whose number is the event's detail */
    FX_ASKS = 1 << 18,    /* a request waits for the unit above */
    FX_DECIDES = 1 << 19, /* it waits no more */
    /* About a meeting or site visit, whose number is the event's detail; public, and told to the resident, where it has a text for him. */
    FX_MEETING = 1 << 20
};

/* Whom an event tells; kept in the event, from which a job makes the notices. */
enum notify {
    N_REPORTER = 1 << 0,
    N_HOLDER = 1 << 1, /* the dispatchers and leads of the unit that has it now */
    N_FROM = 1 << 2,   /* the unit that had it before */
    N_FIRST = 1 << 3,  /* the first unit, when another has it */
    N_ABOVE = 1 << 4,  /* the parent of the holder */
    N_ASSIGNEE = 1 << 5,
    N_URGENT = 1 << 6, /* the work notice leaves at once */
    N_COUNIT = 1 << 7, /* the unit whose part the event is about, and whom it assigned that to */
    N_INVITED = 1 << 8 /* the units invited to the meeting that the event is about */
};

struct transition {
    enum action action;
    uint32_t from;      /* bit 1 << state */
    uint32_t relations; /* any of these may */
    enum state to;      /* STATE_NONE: unchanged */
    uint32_t effects, notify;
};

/* The row of an action; every action has exactly one. */
const struct transition *transition_of(enum action action);

enum verdict { VERDICT_YES, VERDICT_WRONG_STATE, VERDICT_NOT_YOURS };
/* May somebody with these relations do it from this state? relations 0 is a stranger. */
enum verdict transition_check(enum action action, enum state from, uint32_t relations);
/* The box of its holder that an appeal in this state lies in. */
enum box state_box(enum state state);
/* Does a line of its ledger run in this state? While the work lasts, be it on another matter that it follows. */
bool state_runs(enum state state);

/* Limits of design §2: a third return needs the parent's ruling, a fourth sideways transfer is refused. */
enum { RETURNS_MAX = 2, TRANSFERS_MAX = 3, REOPEN_DAYS = 15, URGE_HOURS = 24, UNRATED_DAYS = 15, PHOTOS_MAX = 3 };
enum { SUPPLEMENTS_TILL = 500 }; /* entries of a timeline */
/* Questions to the resident in one round, so that nobody keeps the clocks standing for ever. */
enum { QUESTIONS_MAX = 3 };
/* Parts of joint handling in an appeal's life. */
enum { PARTS_MAX = 50 };
/* How often a matter may be planned, and for how long at most. */
enum { PLANS_MAX = 3, PLAN_DAYS_MAX = 730 };
/* After the end: for how long a callback is owed (as wake_at in the database says), and until when one may open it again. */
enum { CALLBACK_OWED_DAYS = 15, CALLBACK_DAYS = 90 };
/* Its meetings and site visits. */
enum { MEETINGS_MAX = 50 };
/* Extensions asked for, and suspensions granted, in one round. */
enum { EXTENSIONS_MAX = 1, SUSPENSIONS_MAX = 2 };

#endif
