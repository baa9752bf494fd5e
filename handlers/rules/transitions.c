/* The transition table and its reading. */
#include "rules/transitions.h"

#define S(state) (1u << STATE_##state)

static const struct transition rows[] = {
#define TRANSITION(action, from, relations, to, effects, notify) {ACT_##action, from, relations, to, effects, notify},
#include "rules/transitions.def"
#undef TRANSITION
};

const struct transition *transition_of(enum action action) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].action == action) return &rows[i];
    return NULL;
}

/* What a unit complained of may still do when the matter lies with it: its plain work, nothing that opens the reporter's
 * contact (design §3: a unit complained of never sees who complained, even when it is the one that must act), nor has him
 * questioned and stops the clocks of the complaint against itself, nor lets the complaint go under in another matter or fall apart, nor
 * grants from above what the one below asks for, nor asks the reporter whether he is content, nor says how much his complaint weighs
 * or what it demands. */
static bool refused_to_the_accused(enum action action) {
    return action == ACT_UNMASK || action == ACT_REJECT || action == ACT_CONTACT || action == ACT_ASK_RESIDENT ||
           action == ACT_RESUME || action == ACT_MERGE || action == ACT_UNMERGE || action == ACT_SPLIT ||
           action == ACT_EXTEND || action == ACT_SUSPEND || action == ACT_REFUSE || action == ACT_CONTINUE ||
           action == ACT_CALLBACK || action == ACT_REDO || action == ACT_RULE || action == ACT_WEIGH ||
           action == ACT_NUMBER_DEMANDS;
}

enum verdict transition_check(enum action action, enum state from, uint32_t relations) {
    const struct transition *t = transition_of(action);
    if (!t || !(t->relations & relations)) return VERDICT_NOT_YOURS;
    if ((relations & REL_ABOUT) && refused_to_the_accused(action)) return VERDICT_NOT_YOURS;
    return from < STATE__MAX && t->from & (1u << from) ? VERDICT_YES : VERDICT_WRONG_STATE;
}

enum box state_box(enum state state) {
    switch (state) {
    case STATE_SUBMITTED: return BOX_TO_ACCEPT;
    case STATE_ACCEPTED:
    case STATE_PROCESSING: return BOX_IN_HAND;
    case STATE_RESOLVED: return BOX_UNRATED;
    case STATE_NONE:
    case STATE_CLOSED:
    case STATE_WITHDRAWN:
    case STATE_REJECTED:
    case STATE_MERGED:
    case STATE__MAX: break;
    }
    return BOX_NONE;
}

bool state_runs(enum state state) {
    enum box box = state_box(state);
    return box == BOX_TO_ACCEPT || box == BOX_IN_HAND || state == STATE_MERGED;
}
