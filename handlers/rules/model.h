/* The words of the product as numbers: what the database stores and the wire spells (names in model.c). Numbers are for ever. */
#ifndef MINHU_MODEL_H
#define MINHU_MODEL_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum tier { TIER_COMPOUND = 1, TIER_VILLAGE, TIER_TOWN, TIER_DISTRICT, TIER__MAX };

enum unit_kind {
    UNIT_GOVERNMENT = 1,
    UNIT_DEPARTMENT,
    UNIT_TOWN,
    UNIT_VILLAGE,
    UNIT_COMPOUND,
    UNIT_ENTERPRISE,
    UNIT_MERCHANT,
    UNIT_SOCIAL,
    UNIT_VOLUNTEERS,
    UNIT_PARTY,
    UNIT_OWNERS,
    UNIT_DELEGATES,
    UNIT__MAX
};

enum channel {
    CHANNEL_ZLB = 1,
    CHANNEL_GRID,
    CHANNEL_HOTLINE,
    CHANNEL_NPC,
    CHANNEL_CPPCC,
    CHANNEL_DELEGATE,
    CHANNEL_PROPERTY,
    CHANNEL_HOUSEKEEPING,
    CHANNEL_CIVIL_AFFAIRS,
    CHANNEL_PETITION,
    CHANNEL_OPINION,
    CHANNEL_VISIT,
    CHANNEL__MAX
};

enum kind { KIND_ASK = 1, KIND_HELP, KIND_COMPLAIN, KIND_REPORT, KIND_SUGGEST, KIND_PRAISE, KIND__MAX };

enum state {
    STATE_NONE,
    STATE_SUBMITTED,
    STATE_ACCEPTED,
    STATE_PROCESSING,
    STATE_RESOLVED,
    STATE_CLOSED,
    STATE_WITHDRAWN,
    STATE_REJECTED,
    STATE_MERGED,
    STATE__MAX
};

/* What can happen to an appeal. */
enum action {
    ACT_SUBMIT = 1,
    ACT_ACCEPT,
    ACT_REJECT,
    ACT_ASSIGN,
    ACT_TAKE_BACK,
    ACT_CLASSIFY,
    ACT_TRANSFER,
    ACT_DELEGATE,
    ACT_RETURN,
    ACT_ESCALATE,
    ACT_RESOLVE,
    ACT_RATE,
    ACT_REOPEN,
    ACT_WITHDRAW,
    ACT_SUPPLEMENT,
    ACT_URGE,
    ACT_NOTE,
    ACT_PROGRESS,
    ACT_CONTACT,
    ACT_UNMASK,
    ACT_STEP_OUT,
    ACT_SUPERVISE,
    ACT_OVERDUE,
    ACT_CLOSE,
    ACT_RELEASE,
    ACT_RECLOCK,
    ACT_ASK_RESIDENT,
    ACT_ANSWER,
    ACT_REMIND,
    ACT_RESUME,
    ACT_MERGE,
    ACT_UNMERGE,
    ACT_JOINED,
    ACT_COHANDLE,
    ACT_PART_DONE,
    ACT_PART_REFUSE,
    ACT_PART_WAIVE,
    ACT_PART_ASSIGN,
    ACT_REQUEST_EXTENSION,
    ACT_EXTEND,
    ACT_REQUEST_SUSPENSION,
    ACT_SUSPEND,
    ACT_CONTINUE,
    ACT_REFUSE,
    ACT_LAPSE,
    ACT_HAND_LEAD,
    ACT_SUBSTITUTE,
    ACT_PLAN,
    ACT_FOLLOW_UP,
    ACT_CONTACT_MISSED,
    ACT_NUDGE,
    ACT_REPLY,
    ACT_REPLY_LATE,
    ACT_CALLBACK,
    ACT_REDO,
    ACT_MEETING_CALL,
    ACT_MEETING_HELD,
    ACT_SITE_VISIT,
    ACT_PROPOSE,
    ACT_RULE,
    ACT_PART_LINK,
    ACT_PART_UNLINK,
    ACT_WEIGH,
    ACT_SPLIT,
    ACT_SUCCEED,
    ACT_PART_SUCCEED,
    ACT_NUMBER_DEMANDS,
    ACT_PART_LATE,
    ACT_CALLBACK_MISSED,
    ACT__MAX
};
struct action_set {
    bool has[ACT__MAX];
};

/* What somebody is to an appeal: several may hold at once, as bits. */
enum relation {
    REL_REPORTER = 1 << 0,   /* the resident whose matter it is */
    REL_CLIENT = 1 << 1,     /* the third party that posted it */
    REL_HANDLER = 1 << 2,    /* holds a post in the unit that has it */
    REL_ASSIGNEE = 1 << 3,   /* is the person it was assigned to */
    REL_DISPATCHER = 1 << 4, /* dispatches or leads the unit that has it */
    REL_FIRST = 1 << 5,      /* in the unit that was asked first, when another has it */
    REL_ABOVE = 1 << 6,      /* oversees the unit that has it from a tier above */
    REL_SYSTEM = 1 << 7,     /* a job */
    REL_ABOUT = 1 << 8,      /* in the unit complained of, or one with an interest: takes rights away, gives none */
    REL_COUNIT = 1 << 9,     /* in a unit that was called in to handle a part of it */
    REL_CONTACT = 1 << 10    /* in one that the lead lets see the reporter's contact, too */
};
enum { REL_COUNT = 11 };

enum role { ROLE_HANDLER = 1, ROLE_LEAD, ROLE_DISPATCHER, ROLE_SUPERVISOR, ROLE_ADMINISTRATOR, ROLE__MAX };

enum outcome_code {
    OUTCOME_SOLVED = 1,
    OUTCOME_PARTLY,
    OUTCOME_EXPLAINED,
    OUTCOME_PLANNED,
    OUTCOME_NOT_POSSIBLE,
    OUTCOME_NOT_OURS,
    OUTCOME_UNREACHABLE,
    OUTCOME__MAX
};

enum contact_outcome { CONTACT_REACHED = 1, CONTACT_NO_ANSWER, CONTACT_WRONG_NUMBER, CONTACT_REFUSED, CONTACT__MAX };

/* What the reporter says when somebody asks again after the end. */
enum callback_outcome { CALLBACK_SATISFIED = 1, CALLBACK_UNSATISFIED, CALLBACK_NOT_REACHED, CALLBACK__MAX };

enum arrival { ARRIVAL_ROUTED = 1, ARRIVAL_RETURNED, ARRIVAL_ESCALATED, ARRIVAL_MOVED, ARRIVAL_RULED, ARRIVAL__MAX };

/* Who found an appeal's category. */
enum classified_by {
    CLASSIFIED_BY_NOBODY,
    CLASSIFIED_BY_REPORTER,
    CLASSIFIED_BY_MODEL,
    CLASSIFIED_BY_WORDS,
    CLASSIFIED_BY_STAFF,
    CLASSIFIED_BY__MAX
};

enum box { BOX_NONE, BOX_TO_ACCEPT, BOX_IN_HAND, BOX_UNRATED, BOX_PLANNED, BOX_TO_CALL_BACK };

/* Standing groups: of the units around a town or a community; of district and town units tied to a village. */
enum group_kind { GROUP_COMMITTEE = 1, GROUP_PAIRING, GROUP__MAX };

/* A part of joint handling; what is neither done nor waived keeps the lead from resolving. */
enum part_state { PART_OPEN = 1, PART_DONE, PART_REFUSED, PART_WAIVED, PART__MAX };

enum meeting_kind { MEETING_MEETING = 1, MEETING_VISIT, MEETING__MAX };
enum meeting_state { MEETING_CALLED = 1, MEETING_HELD };

enum actor_kind { ACTOR_SYSTEM, ACTOR_RESIDENT, ACTOR_STAFF, ACTOR_CLIENT, ACTOR_GUEST, ACTOR__MAX };

enum reason_purpose {
    PURPOSE_REJECT = 1,
    PURPOSE_RETURN,
    PURPOSE_ESCALATE,
    PURPOSE_TRANSFER,
    PURPOSE_WITHDRAW,
    PURPOSE_UNMASK,
    PURPOSE_SUSPEND,
    PURPOSE__MAX
};

/* What a unit asks the one above for. */
enum request_kind { REQUEST_NONE, REQUEST_EXTENSION, REQUEST_SUSPENSION, REQUEST__MAX };

/* What a reply template is for. */
enum template_kind {
    TEMPLATE_ACCEPT = 1,
    TEMPLATE_PROGRESS,
    TEMPLATE_RESOLVE,
    TEMPLATE_REJECT,
    TEMPLATE_EXTENSION,
    TEMPLATE_PHRASE, /* a short text to insert while one writes, whatever that is */
    TEMPLATE__MAX
};

/* What a QR code stands on. */
enum tag_kind { TAG_COMPOUND = 1, TAG_LIFT, TAG_LAMP, TAG_DEPUTY, TAG_OTHER, TAG__MAX };

/* Known trouble: as it is kept, and, beside that, what is yet to begin. */
enum trouble_state { TROUBLE_CURRENT = 1, TROUBLE_OVER, TROUBLE_WITHDRAWN, TROUBLE_SCHEDULED, TROUBLE__MAX };
/* What those who joined are told of it; and the unit that published it, where it is not over. */
enum trouble_news { NEWS_UNTIL = 1, NEWS_OVER, NEWS_WITHDRAWN, NEWS_NOT_RESTORED, NEWS__MAX };
/* Whose a notice is; or of a trouble, whoever's, whose appeal_id is the trouble's id. */
enum notice_kind { NOTICE_RESIDENT = 1, NOTICE_STAFF, NOTICE_TROUBLE };
/* Has anybody said that a trouble which is over is not? And does the unit know it? */
enum trouble_unrestored { UNRESTORED_NOT = 0, UNRESTORED_SAID, UNRESTORED_TOLD };
enum trouble_answer { ANSWER_RESTORED = 1, ANSWER_NOT_RESTORED, ANSWER__MAX };

enum urgency { URGENCY_NORMAL, URGENCY_URGENT, URGENCY_EMERGENCY, URGENCY__MAX };

/* And so which loop it belongs in: the village's, the town's, several units'. */
enum weight { WEIGHT_NONE, WEIGHT_MICRO, WEIGHT_SMALL, WEIGHT_HARD, WEIGHT__MAX };

/* What a word of an urgent text is about. */
enum danger {
    DANGER_LIFE = 1,
    DANGER_FIRE,
    DANGER_GAS,
    DANGER_CURRENT,
    DANGER_COLLAPSE,
    DANGER_LIFT,
    DANGER_WATER,
    DANGER_TRAFFIC,
    DANGER_POISON,
    DANGER_LOST,
    DANGER_SELF_HARM,
    DANGER_VIOLENCE,
    DANGER_OTHER,
    DANGER__MAX
};

/* Where a resident's host account comes from; App and Alipay share one, WeChat and PC the other (entry points, B.4). */
enum resident_source { SOURCE_SIMPLEAUTH = 1, SOURCE_SSO, SOURCE__MAX };

/* One vocabulary: its wire names by number ([0] is "" where 0 means none) with texts for people. */
struct word {
    const char *code, *zh, *en;
};
extern const struct word tier_words[TIER__MAX], unit_kind_words[UNIT__MAX], channel_words[CHANNEL__MAX],
    kind_words[KIND__MAX], state_words[STATE__MAX], action_words[ACT__MAX], role_words[ROLE__MAX],
    outcome_words[OUTCOME__MAX], contact_words[CONTACT__MAX], purpose_words[PURPOSE__MAX], urgency_words[URGENCY__MAX],
    arrival_words[ARRIVAL__MAX], danger_words[DANGER__MAX], weight_words[WEIGHT__MAX], loop_words[WEIGHT__MAX],
    part_words[PART__MAX], request_words[REQUEST__MAX], classified_by_words[CLASSIFIED_BY__MAX],
    group_words[GROUP__MAX], callback_words[CALLBACK__MAX], meeting_words[MEETING__MAX], tag_kind_words[TAG__MAX],
    trouble_words[TROUBLE__MAX], news_words[NEWS__MAX], trouble_answer_words[ANSWER__MAX],
    template_words[TEMPLATE__MAX];

/* The number of a code in such a list, or 0. */
int word_find(const struct word *words, int count, struct str code);

#endif
