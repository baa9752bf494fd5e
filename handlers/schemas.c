/* The descriptors. Names of bodies are those of the contract's components. */
#include "schemas.h"

#include "rules/form.h"
#include "rules/template.h"
#include "rules/trouble.h"

#define AT(type, member) offsetof(struct type, member)
#define TEXT_(type, member, required, min, max) \
    { #member, F_TEXT, AT(type, member), required, min, max, NULL, NULL }
#define INT_(type, member, required, min, max) \
    { #member, F_INT, AT(type, member), required, min, max, NULL, NULL }
#define BOOL_(type, member, required) \
    { #member, F_BOOL, AT(type, member), required, 0, 0, NULL, NULL }
#define UUID_(type, member, required) \
    { #member, F_UUID, AT(type, member), required, 0, 0, NULL, NULL }
#define ENUM_(type, member, required, names) \
    { #member, F_ENUM, AT(type, member), required, 0, 0, names, NULL }
#define TIME_(type, member) \
    { #member, F_TIME, AT(type, member), false, 0, 0, NULL, NULL }
#define DEGREES_(type, member, low, high) \
    { #member, F_DEGREES, AT(type, member), false, (low)*1000000, (high)*1000000, NULL, NULL }
/* min to max items, each by the schema of that name. */
#define OBJECTS_(type, member, required, min, max, of) \
    { #member, F_OBJECTS, AT(type, member), required, min, max, NULL, &schema_##of }
#define TIME_(type, member) \
    { #member, F_TIME, AT(type, member), false, 0, 0, NULL, NULL }
#define DEFINE(name, component, type, list) \
    const struct schema schema_##name = {component, sizeof(struct type), list, sizeof list / sizeof *list};

const char *const box_names[BOXN__MAX + 1] = {"to_accept", "in_hand", "mine",    "due_soon",     "overdue", "returned",
                                              "escalated", "unrated", "planned", "to_call_back", NULL};
const char *const kind_names[] = {"ask", "help", "complain", "report", "suggest", "praise", NULL};
const char *const outcome_names[] = {"solved",       "partly",   "explained",   "planned",
                                     "not_possible", "not_ours", "unreachable", NULL};
const char *const contact_names[] = {"reached", "no_answer", "wrong_number", "refused", NULL};
const char *const part_outcome_names[] = {"done", "refused", NULL};
static const char *const tier_names[] = {"compound", "village", "town", "district", NULL};
static const char *const urgency_names[] = {"normal", "urgent", "emergency", NULL};
static const char *const channel_names[] = {
    "zlb",           "grid",     "hotline_12345",  "npc_bridge", "cppcc", "party_delegate", "property", "housekeeping",
    "civil_affairs", "petition", "public_opinion", "visit",      NULL};
static const char *const system_names[] = {"gcj02", "wgs84", NULL}; /* enum coordinate_system */
static const char *const view_names[] = {"full", "brief", NULL};
const char *const state_names[] = {"submitted", "accepted", "processing", "resolved", "closed",
                                   "withdrawn", "rejected", "merged",     NULL};
static const char *const bulk_names[] = {"accept", "assign", "transfer", "merge", NULL};
static const char *const template_names[] = {"accept", "progress", "resolve", "reject", "extension", "phrase", NULL};
static const char *const demand_outcome_names[] = {"answered", "refused", NULL}; /* enum demand_outcome */
static const char *const callback_names[] = {"satisfied", "unsatisfied", "not_reached", NULL};
static const char *const channel_ways[] = {"app", "alipay", "wechat", NULL};
static const char *const code_ways[] = {"client", "qr", NULL};

static const struct field path_id[] = {{"appeal_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_id, "AppealPath", path_id, path_id)
static const struct field path_attachment[] = {{"attachment_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_attachment, "AttachmentPath", path_id, path_attachment)
static const struct field path_part[] = {{"part_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_part, "PartPath", path_id, path_part)
static const struct field path_meeting[] = {{"meeting_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_meeting, "MeetingPath", path_id, path_meeting)
static const struct field path_post[] = {{"post_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_post, "PostPath", path_id, path_post)
static const struct field path_rota[] = {{"rota_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_rota, "RotaPath", path_id, path_rota)
static const struct field path_topic[] = {{"topic_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_topic, "TopicPath", path_id, path_topic)
static const struct field path_view[] = {{"view_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_view, "ViewPath", path_id, path_view)
static const struct field path_phrase[] = {{"phrase_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_phrase, "PhrasePath", path_id, path_phrase)
static const struct field path_trouble[] = {{"trouble_id", F_UUID, AT(path_id, id), true, 0, 0, NULL, NULL}};
DEFINE(path_trouble, "TroublePath", path_id, path_trouble)
static const struct field path_number[] = {TEXT_(path_number, number, true, 15, 20)};
DEFINE(path_number, "NumberPath", path_number, path_number)
static const struct field path_code[] = {TEXT_(path_code, code, true, 1, CODE_MAX)};
DEFINE(path_code, "CategoryPath", path_code, path_code)
static const struct field path_external[] = {TEXT_(path_external, external_id, true, 1, 64)};
DEFINE(path_external, "ExternalIdPath", path_external, path_external)

static const struct field sign_in[] = {ENUM_(body_sign_in, channel, true, channel_ways),
                                       TEXT_(body_sign_in, ticket, true, 1, 512)};
DEFINE(sign_in, "SignInBody", body_sign_in, sign_in)
static const struct field staff_sign_in[] = {TEXT_(body_staff_sign_in, code, true, 1, 512),
                                             ENUM_(body_staff_sign_in, way, false, code_ways)};
DEFINE(staff_sign_in, "StaffSignInBody", body_staff_sign_in, staff_sign_in)
static const struct field invitation[] = {TEXT_(body_invitation, invitation, true, 1, 100)};
DEFINE(invitation, "StaffSignInByInvitationBody", body_invitation, invitation)
static const struct field refresh[] = {TEXT_(body_refresh, refresh_token, true, 1, 100)};
DEFINE(refresh, "RefreshSessionBody", body_refresh, refresh)
static const struct field revoke[] = {UUID_(body_revoke, session_id, false), BOOL_(body_revoke, all, false)};
DEFINE(revoke, "RevokeSessionBody", body_revoke, revoke)
static const struct field profile[] = {TEXT_(body_profile, place_code, false, 0, CODE_MAX),
                                       TEXT_(body_profile, address, false, 0, 200), BOOL_(body_profile, elder, false)};
DEFINE(profile, "UpdateMeBody", body_profile, profile)
static const struct field post[] = {UUID_(body_post, post_id, true)};
DEFINE(post, "PostIdBody", body_post, post)

static const struct field form_answer[] = {TEXT_(answer_given, question, true, 1, CODE_MAX),
                                           TEXT_(answer_given, value, true, 1, FORM_TEXT_MAX)};
DEFINE(form_answer, "FormAnswerBody", answer_given, form_answer)

#define MATTER \
    ENUM_(body_submit, kind, true, kind_names), TEXT_(body_submit, title, false, 1, 60), \
        TEXT_(body_submit, text, true, 5, TEXT_MAX), TEXT_(body_submit, category_code, false, 1, CODE_MAX), \
        TEXT_(body_submit, place_code, false, 1, CODE_MAX), TEXT_(body_submit, address, false, 1, 200), \
        DEGREES_(body_submit, lng, 73, 136), DEGREES_(body_submit, lat, 3, 54), \
        TEXT_(body_submit, about_unit_code, false, 1, CODE_MAX), BOOL_(body_submit, withhold_name, false), \
        ENUM_(body_submit, coordinate_system, false, system_names), \
        OBJECTS_(body_submit, answers, false, 0, FORM_ANSWERS_MAX, form_answer)
static const struct field submit[] = {
    MATTER,
    TEXT_(body_submit, contact_phone, false, 11, 11),
    TEXT_(body_submit, qr_code, false, 1, 300),
    {"attachment_ids", F_UUIDS, AT(body_submit, attachment_ids), false, 0, 3, NULL, NULL}};
DEFINE(submit, "SubmitAppealBody", body_submit, submit)
static const struct field order[] = {
    MATTER,
    TEXT_(body_submit, external_id, true, 1, 64),
    TEXT_(body_submit, reporter_name, false, 1, 60),
    {"reporter_phone", F_TEXT, AT(body_submit, contact_phone), false, 11, 11, NULL, NULL}};
DEFINE(order, "PostOrderBody", body_submit, order)

static const struct field alike[] = {TEXT_(body_alike, title, false, 1, 60),
                                     TEXT_(body_alike, text, true, 1, TEXT_MAX),
                                     TEXT_(body_alike, category_code, false, 1, CODE_MAX),
                                     TEXT_(body_alike, place_code, false, 1, CODE_MAX),
                                     DEGREES_(body_alike, lng, 73, 136),
                                     DEGREES_(body_alike, lat, 3, 54),
                                     ENUM_(body_alike, coordinate_system, false, system_names)};
DEFINE(alike, "AlikeAppealsBody", body_alike, alike)

static const struct field join[] = {TEXT_(body_join, text, false, 1, TEXT_MAX),
                                    TEXT_(body_join, contact_phone, false, 11, 11),
                                    BOOL_(body_join, withhold_name, false)};
DEFINE(join, "JoinAppealBody", body_join, join)
static const struct field split_part[] = {
    TEXT_(split_part, title, false, 1, 60), TEXT_(split_part, text, true, 5, TEXT_MAX),
    TEXT_(split_part, category_code, false, 1, CODE_MAX), TEXT_(split_part, place_code, false, 1, CODE_MAX)};
DEFINE(split_part, "SplitPart", split_part, split_part)
static const struct field split[] = {OBJECTS_(body_split, parts, true, 1, SPLIT_MAX, split_part)};
DEFINE(split, "SplitAppealBody", body_split, split)
static const struct field merge[] = {UUID_(body_merge, lead_id, true), TEXT_(body_merge, text, false, 1, REMARK_MAX)};
DEFINE(merge, "MergeAppealBody", body_merge, merge)

static const struct field empty[1];
const struct schema schema_empty = {"EmptyBody", sizeof(struct body_empty), empty, 0};
static const struct field note[] = {TEXT_(body_text, text, true, 1, NOTE_MAX)};
DEFINE(supplement, "SupplementBody", body_text, note)
DEFINE(note, "NoteBody", body_text, note)
DEFINE(ask, "AskResidentBody", body_text, note)
DEFINE(answer, "AnswerBody", body_text, note)
DEFINE(reopen, "ReopenAppealBody", body_text, note)
static const struct field remark[] = {TEXT_(body_text, text, false, 1, REMARK_MAX)};
DEFINE(remark, "RemarkBody", body_text, remark)
static const struct field rate[] = {BOOL_(body_rate, solved, true), INT_(body_rate, stars, true, 1, 5),
                                    TEXT_(body_rate, comment, false, 1, REMARK_MAX)};
DEFINE(rate, "RateAppealBody", body_rate, rate)
static const struct field reason_and_text[] = {TEXT_(body_reason, reason_code, true, 1, CODE_MAX),
                                               TEXT_(body_reason, text, true, 1, NOTE_MAX)};
DEFINE(reject, "RejectAppealBody", body_reason, reason_and_text)
DEFINE(return, "ReturnAppealBody", body_reason, reason_and_text)
static const struct field reason_and_remark[] = {TEXT_(body_reason, reason_code, true, 1, CODE_MAX),
                                                 TEXT_(body_reason, text, false, 1, REMARK_MAX)};
DEFINE(escalate, "EscalateAppealBody", body_reason, reason_and_remark)
DEFINE(unmask, "UnmaskContactBody", body_reason, reason_and_remark)
static const struct field classify[] = {TEXT_(body_classify, category_code, false, 1, CODE_MAX),
                                        TEXT_(body_classify, place_code, false, 1, CODE_MAX),
                                        TEXT_(body_classify, address, false, 1, 200)};
DEFINE(classify, "ClassifyAppealBody", body_classify, classify)
static const struct field transfer[] = {TEXT_(body_move, unit_code, true, 1, CODE_MAX),
                                        TEXT_(body_move, reason_code, true, 1, CODE_MAX),
                                        TEXT_(body_move, text, false, 1, REMARK_MAX)};
DEFINE(transfer, "TransferAppealBody", body_move, transfer)
static const struct field ruling[] = {TEXT_(body_ruling, unit_code, true, 1, CODE_MAX),
                                      TEXT_(body_ruling, duty, true, 1, 300),
                                      TEXT_(body_ruling, text, true, 1, NOTE_MAX)};
DEFINE(ruling, "RuleAppealBody", body_ruling, ruling)
static const struct field delegate[] = {TEXT_(body_move, unit_code, true, 1, CODE_MAX),
                                        TEXT_(body_move, text, false, 1, REMARK_MAX)};
DEFINE(delegate, "DelegateAppealBody", body_move, delegate)
static const struct field demand_answer[] = {
    INT_(demand_answer, number, true, 1, DEMANDS_MAX), ENUM_(demand_answer, outcome, true, demand_outcome_names),
    TEXT_(demand_answer, text, true, 2, DEMAND_ANSWER_MAX), TEXT_(demand_answer, reason_code, false, 1, CODE_MAX)};
DEFINE(demand_answer, "DemandAnswer", demand_answer, demand_answer)
static const struct field demand_text[] = {TEXT_(demand_text, text, true, 2, DEMAND_TEXT_MAX)};
DEFINE(demand_text, "DemandText", demand_text, demand_text)
static const struct field demands[] = {OBJECTS_(body_demands, demands, true, 1, DEMANDS_MAX, demand_text)};
DEFINE(demands, "NumberDemandsBody", body_demands, demands)
static const struct field resolve[] = {ENUM_(body_resolve, outcome, true, outcome_names),
                                       TEXT_(body_resolve, text, true, 5, TEXT_MAX),
                                       TEXT_(body_resolve, planned_for, false, 10, 10),
                                       OBJECTS_(body_resolve, answers, false, 1, DEMANDS_MAX, demand_answer)};
DEFINE(resolve, "ResolveAppealBody", body_resolve, resolve)
static const struct field contact[] = {ENUM_(body_contact, outcome, true, contact_names),
                                       TEXT_(body_contact, text, false, 1, REMARK_MAX)};
DEFINE(contact, "AddContactBody", body_contact, contact)
static const struct field part[] = {
    TEXT_(body_part, unit_code, false, 1, CODE_MAX), TEXT_(body_part, organisation, false, 2, 60),
    TEXT_(body_part, text, true, 1, NOTE_MAX), TIME_(body_part, due_by), BOOL_(body_part, contact, false)};
DEFINE(part, "AddPartBody", body_part, part)
static const struct field group[] = {TEXT_(body_group, group_code, true, 1, CODE_MAX),
                                     TEXT_(body_group, text, true, 1, NOTE_MAX), TIME_(body_group, due_by),
                                     BOOL_(body_group, make_lead, false)};
DEFINE(group, "CallGroupBody", body_group, group)
static const struct field meeting_person[] = {
    TEXT_(meeting_person, unit_code, false, 1, CODE_MAX), TEXT_(meeting_person, organisation, false, 2, 60),
    TEXT_(meeting_person, name, false, 1, 30), TEXT_(meeting_person, role, false, 1, 30)};
DEFINE(meeting_person, "MeetingPersonBody", meeting_person, meeting_person)
static const struct field meeting_decision[] = {
    TEXT_(meeting_decision, text, true, 1, NOTE_MAX), TEXT_(meeting_decision, unit_code, false, 1, CODE_MAX),
    TEXT_(meeting_decision, organisation, false, 2, 60), TIME_(meeting_decision, due_by),
    BOOL_(meeting_decision, as_part, false)};
DEFINE(meeting_decision, "MeetingDecisionBody", meeting_decision, meeting_decision)
static const struct field meeting[] = {{"at", F_TIME, AT(body_meeting, at), true, 0, 0, NULL, NULL},
                                       TEXT_(body_meeting, place, true, 1, 200),
                                       TEXT_(body_meeting, agenda, true, 1, NOTE_MAX),
                                       OBJECTS_(body_meeting, invited, true, 1, 40, meeting_person)};
DEFINE(meeting, "CallMeetingBody", body_meeting, meeting)
static const struct field minutes[] = {TEXT_(body_minutes, text, true, 1, TEXT_MAX),
                                       OBJECTS_(body_minutes, came, true, 1, 40, meeting_person),
                                       OBJECTS_(body_minutes, decisions, false, 0, 20, meeting_decision),
                                       TEXT_(body_minutes, public_text, false, 1, NOTE_MAX)};
DEFINE(minutes, "MeetingMinutesBody", body_minutes, minutes)
static const struct field visit[] = {{"at", F_TIME, AT(body_visit, at), true, 0, 0, NULL, NULL},
                                     TEXT_(body_visit, place, true, 1, 200),
                                     TEXT_(body_visit, text, true, 1, TEXT_MAX),
                                     OBJECTS_(body_visit, came, true, 1, 40, meeting_person),
                                     TEXT_(body_visit, public_text, false, 1, NOTE_MAX)};
DEFINE(visit, "RecordVisitBody", body_visit, visit)
static const struct field link[] = {INT_(body_link, days, false, 1, 30)};
DEFINE(link, "LinkPartBody", body_link, link)
static const struct field part_answer[] = {ENUM_(body_part_answer, outcome, true, part_outcome_names),
                                           TEXT_(body_part_answer, text, true, 1, TEXT_MAX)};
DEFINE(part_answer, "AnswerPartBody", body_part_answer, part_answer)
static const char *const weight_names[] = {"micro", "small", "hard", NULL};
static const struct field weigh[] = {ENUM_(body_weigh, weight, true, weight_names),
                                     TEXT_(body_weigh, text, true, 1, REMARK_MAX)};
DEFINE(weigh, "WeighAppealBody", body_weigh, weigh)
const char *const rota_names[] = {"duty", "absence", NULL};
static const struct field rota[] = {ENUM_(body_rota, kind, true, rota_names),
                                    UUID_(body_rota, post_id, true),
                                    {"from", F_TIME, AT(body_rota, from), true, 0, 0, NULL, NULL},
                                    {"until", F_TIME, AT(body_rota, until), true, 0, 0, NULL, NULL},
                                    UUID_(body_rota, substitute_post_id, false)};
DEFINE(rota, "SetRotaBody", body_rota, rota)
#define FILTER_TEXT(type, member, max) \
    { #member, F_TEXT, AT(type, filters.member), false, 1, max, NULL, NULL }
#define FILTER_BOOL(type, member) \
    { #member, F_BOOL, AT(type, filters.member), false, 0, 0, NULL, NULL }
#define FILTER_ENUM(type, member, names) \
    { #member, F_ENUM, AT(type, filters.member), false, 0, 0, names, NULL }
#define FILTER_TIME(type, member) \
    { #member, F_TIME, AT(type, filters.member), false, 0, 0, NULL, NULL }
#define FILTER_DEGREES(type, member, low, high) \
    { #member, F_DEGREES, AT(type, filters.member), false, (low)*1000000, (high)*1000000, NULL, NULL }
#define FILTERS(type, q_max) \
    FILTER_TEXT(type, q, q_max), FILTER_ENUM(type, state, state_names), FILTER_BOOL(type, open), \
        FILTER_BOOL(type, overdue), FILTER_ENUM(type, kind, kind_names), FILTER_TEXT(type, category_code, CODE_MAX), \
        FILTER_TEXT(type, unit_code, CODE_MAX), FILTER_ENUM(type, tier, tier_names), \
        FILTER_ENUM(type, channel, channel_names), FILTER_ENUM(type, urgency, urgency_names), \
        FILTER_ENUM(type, outcome, outcome_names), {"stars", F_INT, AT(type, filters.stars), false, 0, 5, NULL, NULL}, \
        FILTER_ENUM(type, weight, weight_names), \
        {"submitted_days", F_INT, AT(type, filters.submitted_days), false, 1, 366, NULL, NULL}, \
        FILTER_TIME(type, submitted_from), FILTER_TIME(type, submitted_until), FILTER_DEGREES(type, west, 73, 136), \
        FILTER_DEGREES(type, south, 3, 54), FILTER_DEGREES(type, east, 73, 136), FILTER_DEGREES(type, north, 3, 54)
static const struct field filters[] = {FILTERS(query_filters, 60)};
DEFINE(filters, "Filters", query_filters, filters)
/* Counts of twenty such views are few terms (acts/search_count.c). */
static const struct field view[] = {TEXT_(body_view, name, true, 1, 30), FILTERS(body_view, 12)};
DEFINE(view, "ViewBody", body_view, view)
static const struct field phrase[] = {TEXT_(body_phrase, text, true, 1, PHRASE_MAX),
                                      INT_(body_phrase, position, false, 1, PHRASES_MAX)};
DEFINE(phrase, "PhraseBody", body_phrase, phrase)
static const struct field update_phrase[] = {TEXT_(body_phrase, text, false, 1, PHRASE_MAX),
                                             INT_(body_phrase, position, false, 1, PHRASES_MAX)};
DEFINE(update_phrase, "UpdatePhraseBody", body_phrase, update_phrase)
static const struct field reporter[] = {TEXT_(body_reporter, phone, true, 11, 11),
                                        TEXT_(body_reporter, reason_code, true, 1, CODE_MAX)};
DEFINE(reporter, "SearchReporterBody", body_reporter, reporter)
static const struct field up_to[] = {UUID_(body_up_to, up_to, true)};
DEFINE(up_to, "ReadNoticesBody", body_up_to, up_to)

static const struct field request_extension[] = {INT_(body_extension, days, true, 1, 60),
                                                 TEXT_(body_extension, text, true, 1, NOTE_MAX)};
DEFINE(request_extension, "RequestExtensionBody", body_extension, request_extension)
static const struct field extend[] = {INT_(body_extension, days, false, 1, 60),
                                      TEXT_(body_extension, text, false, 1, REMARK_MAX)};
DEFINE(extend, "ExtendAppealBody", body_extension, extend)
static const struct field request_suspension[] = {TEXT_(body_suspension, reason_code, true, 1, CODE_MAX),
                                                  TEXT_(body_suspension, until, true, 10, 10),
                                                  TEXT_(body_suspension, text, true, 1, NOTE_MAX)};
DEFINE(request_suspension, "RequestSuspensionBody", body_suspension, request_suspension)
static const struct field suspend[] = {TEXT_(body_suspension, until, false, 10, 10),
                                       TEXT_(body_suspension, text, false, 1, REMARK_MAX)};
DEFINE(suspend, "SuspendAppealBody", body_suspension, suspend)
DEFINE(refuse, "RefuseRequestBody", body_text, note)
static const struct field supervise[] = {TEXT_(body_supervise, text, false, 1, REMARK_MAX),
                                         INT_(body_supervise, reply_days, false, 1, 30)};
DEFINE(supervise, "SuperviseAppealBody", body_supervise, supervise)
DEFINE(reply, "ReplyBody", body_text, note)
static const struct field callback[] = {ENUM_(body_callback, outcome, true, callback_names),
                                        TEXT_(body_callback, text, true, 1, NOTE_MAX),
                                        BOOL_(body_callback, reopen, false)};
DEFINE(callback, "CallBackBody", body_callback, callback)

static const struct field bulk_item[] = {UUID_(bulk_item, appeal_id, true),
                                         INT_(bulk_item, version, true, 1, INT32_MAX)};
DEFINE(bulk_item, "BulkItem", bulk_item, bulk_item)
static const struct field bulk[] = {ENUM_(body_bulk, action, true, bulk_names),
                                    OBJECTS_(body_bulk, items, true, 1, BULK_MAX, bulk_item),
                                    UUID_(body_bulk, post_id, false),
                                    TEXT_(body_bulk, unit_code, false, 1, CODE_MAX),
                                    TEXT_(body_bulk, reason_code, false, 1, CODE_MAX),
                                    TEXT_(body_bulk, text, false, 1, REMARK_MAX),
                                    UUID_(body_bulk, lead_id, false)};
DEFINE(bulk, "BulkAppealsBody", body_bulk, bulk)

#define WHEN_(type, member) \
    { #member, F_TIME, AT(type, member), true, 0, 0, NULL, NULL }
static const struct field join_trouble[] = {TEXT_(body_join_trouble, place_code, false, 1, CODE_MAX)};
DEFINE(join_trouble, "JoinTroubleBody", body_join_trouble, join_trouble)
static const struct field answer_trouble[] = {BOOL_(body_answer_trouble, restored, true)};
DEFINE(answer_trouble, "AnswerTroubleBody", body_answer_trouble, answer_trouble)
static const struct field area[] = {TEXT_(body_area, unit_code, false, 1, CODE_MAX),
                                    TEXT_(body_area, place_code, false, 1, CODE_MAX)};
DEFINE(area, "AreaBody", body_area, area)
static const struct field trouble[] = {TEXT_(body_trouble, title, true, 2, 60),
                                       TEXT_(body_trouble, text, true, 5, REMARK_MAX),
                                       TEXT_(body_trouble, category_code, true, 1, CODE_MAX),
                                       OBJECTS_(body_trouble, areas, true, 1, TROUBLE_AREAS_MAX, area),
                                       TIME_(body_trouble, from),
                                       WHEN_(body_trouble, until)};
DEFINE(trouble, "PublishTroubleBody", body_trouble, trouble)
static const struct field update_trouble[] = {TEXT_(body_update_trouble, title, false, 2, 60),
                                              TEXT_(body_update_trouble, text, false, 5, REMARK_MAX),
                                              TIME_(body_update_trouble, until)};
DEFINE(update_trouble, "UpdateTroubleBody", body_update_trouble, update_trouble)
static const struct field why[] = {TEXT_(body_text, text, true, 1, REMARK_MAX)};
DEFINE(withdraw_trouble, "WithdrawTroubleBody", body_text, why)
static const struct field listed_category[] = {TEXT_(body_listed_category, category_code, true, 1, CODE_MAX)};
DEFINE(listed_category, "ListedCategory", body_listed_category, listed_category)
static const struct field disaster[] = {
    OBJECTS_(body_disaster, categories, true, 1, DISASTER_CATEGORIES_MAX, listed_category),
    TIME_(body_disaster, from),
    WHEN_(body_disaster, until),
    TEXT_(body_disaster, text, false, 5, 200),
    TEXT_(body_disaster, text_en, false, 5, 300),
    TEXT_(body_disaster, phone, false, 3, 20),
    TEXT_(body_disaster, reason, true, 1, REMARK_MAX)};
DEFINE(disaster, "SetDisasterModeBody", body_disaster, disaster)
DEFINE(end_disaster, "EndDisasterModeBody", body_text, why)

static const struct field query_troubles[] = {TEXT_(query_troubles, place_code, false, 1, CODE_MAX),
                                              TEXT_(query_troubles, category_code, false, 1, CODE_MAX)};
DEFINE(query_troubles, "TroublesQuery", query_troubles, query_troubles)
static const struct field query_list[] = {LIST_FIELDS(query_list)};
DEFINE(query_list, "ListQuery", query_list, query_list)
static const struct field query_appeals[] = {LIST_FIELDS(query_appeals),
                                             ENUM_(query_appeals, state, false, state_names),
                                             ENUM_(query_appeals, view, false, view_names)};
DEFINE(query_appeals, "AppealsQuery", query_appeals, query_appeals)
static const struct field query_box[] = {LIST_FIELDS(query_box),
                                         ENUM_(query_box, box, true, box_names),
                                         TEXT_(query_box, unit_code, false, 1, CODE_MAX),
                                         ENUM_(query_box, view, false, view_names),
                                         ENUM_(query_box, weight, false, weight_names),
                                         BOOL_(query_box, uncategorised, false)};
DEFINE(query_box, "BoxQuery", query_box, query_box)
static const struct field query_rulings[] = {LIST_FIELDS(query_rulings),
                                             TEXT_(query_rulings, category_code, false, 1, CODE_MAX)};
DEFINE(query_rulings, "RulingsQuery", query_rulings, query_rulings)
static const struct field query_templates[] = {ENUM_(query_templates, kind, false, template_names)};
DEFINE(query_templates, "TemplatesQuery", query_templates, query_templates)
static const struct field query_tags[] = {TEXT_(query_tags, code, true, 1, 300)};
DEFINE(query_tags, "TagsQuery", query_tags, query_tags)
static const struct field query_boxes[] = {TEXT_(query_boxes, unit_code, false, 1, CODE_MAX)};
DEFINE(query_boxes, "BoxesQuery", query_boxes, query_boxes)
static const struct field query_search[] = {LIST_FIELDS(query_search), FILTERS(query_search, 60)};
DEFINE(query_search, "SearchQuery", query_search, query_search)
static const struct field query_places[] = {
    LIST_FIELDS(query_places), TEXT_(query_places, q, false, 1, 50), DEGREES_(query_places, near_lng, 73, 136),
    DEGREES_(query_places, near_lat, 3, 54), ENUM_(query_places, coordinate_system, false, system_names)};
DEFINE(query_places, "PlacesQuery", query_places, query_places)
static const struct field query_units[] = {LIST_FIELDS(query_units), TEXT_(query_units, q, false, 1, 50),
                                           TEXT_(query_units, parent_code, false, 1, CODE_MAX)};
DEFINE(query_units, "UnitsQuery", query_units, query_units)
static const struct field query_changes[] = {LIST_FIELDS(query_changes)};
DEFINE(query_changes, "ChangesQuery", query_changes, query_changes)
