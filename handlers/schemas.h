/* The bodies, queries and paths of all operations; one struct and one descriptor each. The contract's test compares them. */
#ifndef MINHU_SCHEMAS_H
#define MINHU_SCHEMAS_H

#include "base/schema.h"
#include "cursor.h"
#include "rules/demands.h"

enum { TEXT_MAX = 2000, NOTE_MAX = 1000, REMARK_MAX = 500, CODE_MAX = 32 };

struct path_id {
    uint64_t seen;
    uint8_t id[16];
};
struct path_number {
    uint64_t seen;
    struct str number;
};
struct path_code {
    uint64_t seen;
    struct str code;
};
struct path_external {
    uint64_t seen;
    struct str external_id;
};

struct body_sign_in {
    uint64_t seen;
    int channel;
    struct str ticket;
};
struct body_staff_sign_in {
    uint64_t seen;
    struct str code;
    int way;
};
struct body_invitation {
    uint64_t seen;
    struct str invitation;
};
struct body_refresh {
    uint64_t seen;
    struct str refresh_token;
};
struct body_revoke {
    uint64_t seen;
    uint8_t session_id[16];
    bool all;
};
struct body_profile {
    uint64_t seen;
    struct str place_code, address;
    bool elder;
};
struct body_post {
    uint64_t seen;
    uint8_t post_id[16];
};

/* A resident's submission and a third party's order share their matter. */
struct body_submit {
    uint64_t seen;
    int kind;
    struct str title, text, category_code, place_code, address, contact_phone, about_unit_code, external_id,
        reporter_name;
    int64_t lng, lat;
    bool withhold_name;
    int coordinate_system;
    struct str qr_code;
    struct uuid_list attachment_ids;
    struct object_list answers; /* of struct answer_given */
};
/* One answer to what the category asks. */
struct answer_given {
    uint64_t seen;
    struct str question, value;
};
enum { SUBMIT_LNG = 6, SUBMIT_LAT = 7 }; /* the same fields' indexes in both descriptors */

/* A draft of a submission, as far as it is written. */
struct body_alike {
    uint64_t seen;
    struct str title, text, category_code, place_code;
    int64_t lng, lat;
    int coordinate_system;
};
enum { ALIKE_LNG = 4, ALIKE_LAT = 5 };

/* "Me too": whatever the resident adds. */
struct body_join {
    uint64_t seen;
    struct str text, contact_phone;
    bool withhold_name;
};
/* One of several matters that a message holds. */
struct split_part {
    uint64_t seen;
    struct str title, text, category_code, place_code;
};
enum { SPLIT_MAX = 10 };
struct body_split {
    uint64_t seen;
    struct object_list parts; /* of struct split_part */
};
struct body_merge {
    uint64_t seen;
    uint8_t lead_id[16];
    struct str text;
};

struct body_empty {
    uint64_t seen;
};
struct body_text {
    uint64_t seen;
    struct str text;
};
struct body_rate {
    uint64_t seen;
    bool solved;
    int64_t stars;
    struct str comment;
};
struct body_reason {
    uint64_t seen;
    struct str reason_code, text;
};
struct body_classify {
    uint64_t seen;
    struct str category_code, place_code, address;
};
struct body_move {
    uint64_t seen;
    struct str unit_code, reason_code, text;
};
struct body_ruling {
    uint64_t seen;
    struct str unit_code, duty, text;
};
struct body_resolve {
    uint64_t seen;
    int outcome;
    struct str text, planned_for; /* a date */
    struct object_list answers;   /* of struct demand_answer */
};
struct demand_answer {
    uint64_t seen;
    int64_t number;
    int outcome;
    struct str text, reason_code;
};
struct demand_text {
    uint64_t seen;
    struct str text;
};
struct body_demands {
    uint64_t seen;
    struct object_list demands; /* of struct demand_text */
};
struct body_supervise {
    uint64_t seen;
    struct str text;
    int64_t reply_days;
};
struct body_callback {
    uint64_t seen;
    int outcome;
    struct str text;
    bool reopen;
};
struct body_contact {
    uint64_t seen;
    int outcome;
    struct str text;
};
struct body_weigh {
    uint64_t seen;
    int weight;
    struct str text;
};
struct body_rota {
    uint64_t seen;
    int kind;
    uint8_t post_id[16], substitute_post_id[16];
    int64_t from, until;
};
enum { ROTA_SUBSTITUTE = 4 };
/* What a search may ask of a matter; in every descriptor that has them these are the same fields in the same order. */
struct filters {
    struct str q;
    int state, kind, tier, channel, urgency, outcome, weight;
    bool open, overdue;
    struct str category_code, unit_code;
    int64_t stars;
    int64_t submitted_days, submitted_from, submitted_until;
    int64_t west, south, east, north;
};
enum filter {
    FILTER_Q,
    FILTER_STATE,
    FILTER_OPEN,
    FILTER_OVERDUE,
    FILTER_KIND,
    FILTER_CATEGORY,
    FILTER_UNIT,
    FILTER_TIER,
    FILTER_CHANNEL,
    FILTER_URGENCY,
    FILTER_OUTCOME,
    FILTER_STARS,
    FILTER_WEIGHT,
    FILTER_DAYS,
    FILTER_FROM,
    FILTER_UNTIL,
    FILTER_BOX, /* its four edges */
    FILTER__MAX = FILTER_BOX + 4
};
/* As they are kept. */
struct query_filters {
    uint64_t seen;
    struct filters filters;
};
struct body_reporter {
    uint64_t seen;
    struct str phone, reason_code;
};
struct body_view {
    uint64_t seen;
    struct str name;
    struct filters filters;
};
enum { PHRASES_MAX = 50 };
struct body_phrase {
    uint64_t seen;
    struct str text;
    int64_t position;
};
enum { PHRASE_POSITION = 1 }; /* the field's index */
struct body_up_to {
    uint64_t seen;
    uint8_t up_to[16];
};

struct body_extension {
    uint64_t seen;
    int64_t days;
    struct str text;
};
struct body_suspension {
    uint64_t seen;
    struct str reason_code, until, text; /* until: a date */
};

/* One action on many appeals. */
enum { BULK_MAX = 100 };
struct bulk_item {
    uint64_t seen;
    uint8_t appeal_id[16];
    int64_t version;
};
struct body_bulk {
    uint64_t seen;
    int action;
    struct object_list items; /* of struct bulk_item */
    uint8_t post_id[16], lead_id[16];
    struct str unit_code, reason_code, text;
};
enum { BULK_POST = 2, BULK_LEAD = 6 }; /* the fields' indexes */

struct body_part {
    uint64_t seen;
    struct str unit_code, organisation, text;
    int64_t due_by;
    bool contact;
};
struct body_group {
    uint64_t seen;
    struct str group_code, text;
    int64_t due_by;
    bool make_lead;
};
struct meeting_person {
    uint64_t seen;
    struct str unit_code, organisation, name, role;
};
struct meeting_decision {
    uint64_t seen;
    struct str text, unit_code, organisation;
    int64_t due_by;
    bool as_part;
};
struct body_meeting {
    uint64_t seen;
    int64_t at;
    struct str place, agenda;
    struct object_list invited;
};
struct body_minutes {
    uint64_t seen;
    struct str text, public_text;
    struct object_list came, decisions;
};
struct body_visit {
    uint64_t seen;
    int64_t at;
    struct str place, text, public_text;
    struct object_list came;
};
struct body_link {
    uint64_t seen;
    int64_t days;
};
struct body_part_answer {
    uint64_t seen;
    int outcome;
    struct str text;
};

struct body_join_trouble {
    uint64_t seen;
    struct str place_code;
};
struct body_answer_trouble {
    uint64_t seen;
    bool restored;
};
struct body_area {
    uint64_t seen;
    struct str unit_code, place_code;
};
struct body_trouble {
    uint64_t seen;
    struct str title, text, category_code;
    struct object_list areas;
    int64_t from, until;
};
struct body_update_trouble {
    uint64_t seen;
    struct str title, text;
    int64_t until;
};
struct body_listed_category {
    uint64_t seen;
    struct str category_code;
};
struct body_disaster {
    uint64_t seen;
    struct object_list categories;
    int64_t from, until;
    struct str text, text_en, phone, reason;
};

struct query_troubles {
    uint64_t seen;
    struct str place_code, category_code;
};
struct query_list {
    struct list_query list;
};
enum list_view { VIEW_FULL, VIEW_BRIEF };
struct query_appeals {
    struct list_query list;
    int state, view;
};
struct query_box {
    struct list_query list;
    int box;
    struct str unit_code;
    int view, weight;
    bool uncategorised;
};
enum { BOX_WEIGHT = 5, BOX_UNCATEGORISED = 6 };
struct query_rulings {
    struct list_query list;
    struct str category_code;
};
struct query_templates {
    uint64_t seen;
    int kind;
};
struct query_tags {
    uint64_t seen;
    struct str code;
};
struct query_boxes {
    uint64_t seen;
    struct str unit_code;
};
struct query_search {
    struct list_query list;
    struct filters filters;
};
enum { SEARCH_FILTERS = 2 }; /* the first filter's index */
struct query_places {
    struct list_query list;
    struct str q;
    int64_t near_lng, near_lat;
    int coordinate_system;
};
struct query_units {
    struct list_query list;
    struct str q, parent_code;
};
struct query_changes {
    struct list_query list;
};

#define SCHEMA(name) extern const struct schema schema_##name;
#include "schemas.def"
#undef SCHEMA

/* The order of box names in query_box. */
enum box_name {
    BOXN_TO_ACCEPT,
    BOXN_IN_HAND,
    BOXN_MINE,
    BOXN_DUE_SOON,
    BOXN_OVERDUE,
    BOXN_RETURNED,
    BOXN_ESCALATED,
    BOXN_UNRATED,
    BOXN_PLANNED,
    BOXN_TO_CALL_BACK,
    BOXN__MAX
};
extern const char *const box_names[BOXN__MAX + 1];
/* Names by number + 1 in model.h's lists: index 0 is the list's 1. */
extern const char *const kind_names[], *const outcome_names[], *const contact_names[], *const state_names[],
                                                                                           *const part_outcome_names[],
                                                                                               *const rota_names[];

#endif
