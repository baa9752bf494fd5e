/* routes.def as arrays, one an entry. */
#include "routes.h"

#include "acts/keys.h"
#include "dispatch.h"
#include "resources.h"

#define ROUTE_ROW(method_, path_, operation_, handler_, path_in, query_in, body_in, kind_, max_, access_, flags_) \
    {.method = M_##method_, \
     .path = path_, \
     .operation = operation_, \
     .handler = handler_, \
     .path_schema = SCHEMA_OF(path_in), \
     .query_schema = SCHEMA_OF(query_in), \
     .body_schema = SCHEMA_OF(body_in), \
     .body = kind_, \
     .body_max = max_, \
     .access = access_, \
     .flags = flags_},
#define POINTER_NONE NULL
#define POINTER_path_id &schema_path_id
#define POINTER_path_attachment &schema_path_attachment
#define POINTER_path_post &schema_path_post
#define POINTER_path_topic &schema_path_topic
#define POINTER_path_part &schema_path_part
#define POINTER_path_rota &schema_path_rota
#define POINTER_path_number &schema_path_number
#define POINTER_path_external &schema_path_external
#define POINTER_path_code &schema_path_code
#define POINTER_sign_in &schema_sign_in
#define POINTER_staff_sign_in &schema_staff_sign_in
#define POINTER_invitation &schema_invitation
#define POINTER_refresh &schema_refresh
#define POINTER_revoke &schema_revoke
#define POINTER_profile &schema_profile
#define POINTER_post &schema_post
#define POINTER_submit &schema_submit
#define POINTER_order &schema_order
#define POINTER_alike &schema_alike
#define POINTER_join &schema_join
#define POINTER_merge &schema_merge
#define POINTER_split &schema_split
#define POINTER_empty &schema_empty
#define POINTER_supplement &schema_supplement
#define POINTER_ask &schema_ask
#define POINTER_answer &schema_answer
#define POINTER_note &schema_note
#define POINTER_remark &schema_remark
#define POINTER_reopen &schema_reopen
#define POINTER_rate &schema_rate
#define POINTER_reject &schema_reject
#define POINTER_return &schema_return
#define POINTER_escalate &schema_escalate
#define POINTER_unmask &schema_unmask
#define POINTER_classify &schema_classify
#define POINTER_transfer &schema_transfer
#define POINTER_delegate &schema_delegate
#define POINTER_ruling &schema_ruling
#define POINTER_demands &schema_demands
#define POINTER_resolve &schema_resolve
#define POINTER_contact &schema_contact
#define POINTER_part &schema_part
#define POINTER_group &schema_group
#define POINTER_path_meeting &schema_path_meeting
#define POINTER_meeting &schema_meeting
#define POINTER_minutes &schema_minutes
#define POINTER_visit &schema_visit
#define POINTER_link &schema_link
#define POINTER_part_answer &schema_part_answer
#define POINTER_weigh &schema_weigh
#define POINTER_rota &schema_rota
#define POINTER_path_view &schema_path_view
#define POINTER_view &schema_view
#define POINTER_path_phrase &schema_path_phrase
#define POINTER_phrase &schema_phrase
#define POINTER_update_phrase &schema_update_phrase
#define POINTER_reporter &schema_reporter
#define POINTER_up_to &schema_up_to
#define POINTER_bulk &schema_bulk
#define POINTER_supervise &schema_supervise
#define POINTER_reply &schema_reply
#define POINTER_callback &schema_callback
#define POINTER_request_extension &schema_request_extension
#define POINTER_extend &schema_extend
#define POINTER_request_suspension &schema_request_suspension
#define POINTER_suspend &schema_suspend
#define POINTER_refuse &schema_refuse
#define POINTER_path_trouble &schema_path_trouble
#define POINTER_join_trouble &schema_join_trouble
#define POINTER_answer_trouble &schema_answer_trouble
#define POINTER_trouble &schema_trouble
#define POINTER_update_trouble &schema_update_trouble
#define POINTER_withdraw_trouble &schema_withdraw_trouble
#define POINTER_disaster &schema_disaster
#define POINTER_end_disaster &schema_end_disaster
#define POINTER_query_troubles &schema_query_troubles
#define POINTER_query_list &schema_query_list
#define POINTER_query_appeals &schema_query_appeals
#define POINTER_query_box &schema_query_box
#define POINTER_query_boxes &schema_query_boxes
#define POINTER_query_templates &schema_query_templates
#define POINTER_query_tags &schema_query_tags
#define POINTER_query_rulings &schema_query_rulings
#define POINTER_query_search &schema_query_search
#define POINTER_query_places &schema_query_places
#define POINTER_query_units &schema_query_units
#define POINTER_query_changes &schema_query_changes
#define SCHEMA_OF(name) POINTER_##name

#define ROUTE_ZLB(...) ROUTE_ROW(__VA_ARGS__)
#define ROUTE_ZZD(...)
#define ROUTE_OPEN(...)
#define ROUTE(entry, ...) ROUTE_##entry(__VA_ARGS__)
static const struct route zlb_routes[] = {
#include "routes.def"
    {.method = M_POST,
     .path = "/zlb/v1/call/{operation}",
     .operation = "callByName",
     .handler = byname_call,
     .path_schema = &byname_path_schema,
     .body_schema = &byname_body_schema,
     .body = BODY_JSON,
     .body_max = 7340032,
     .flags = ROUTE_NO_TOKEN},
};
#undef ROUTE_ZLB
#undef ROUTE_ZZD
#define ROUTE_ZLB(...)
#define ROUTE_ZZD(...) ROUTE_ROW(__VA_ARGS__)
static const struct route zzd_routes[] = {
#include "routes.def"
};
#undef ROUTE_ZZD
#undef ROUTE_OPEN
#define ROUTE_ZZD(...)
#define ROUTE_OPEN(...) ROUTE_ROW(__VA_ARGS__)
static const struct route open_routes[] = {
#include "routes.def"
};

static const struct {
    const struct route *rows;
    size_t n;
} tables[ENTRY__MAX] = {
    [ENTRY_ZLB] = {zlb_routes, sizeof zlb_routes / sizeof *zlb_routes},
    [ENTRY_ZZD] = {zzd_routes, sizeof zzd_routes / sizeof *zzd_routes},
    [ENTRY_OPEN] = {open_routes, sizeof open_routes / sizeof *open_routes},
};

const struct route *routes_of_entry(int entry, size_t *count) {
    *count = tables[entry].n;
    return tables[entry].rows;
}

/* ---- for the contract's test ---- */

static void print_fields(FILE *out, const struct schema *s) {
    static const char *const types[] = {"text",    "int",  "bool",  "enum",    "uuid",
                                        "degrees", "time", "uuids", "objects", "raw"};
    fprintf(out, "{\"name\":\"%s\",\"fields\":[", s->name);
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        fprintf(out, "%s{\"name\":\"%s\",\"type\":\"%s\",\"required\":%s,\"min\":%lld,\"max\":%lld,\"values\":[",
                i ? "," : "", f->name, types[f->type], f->required ? "true" : "false", (long long)f->min,
                (long long)f->max);
        for (size_t k = 0; f->names && f->names[k]; k++) fprintf(out, "%s\"%s\"", k ? "," : "", f->names[k]);
        fprintf(out, "],\"item\":");
        if (f->item) print_fields(out, f->item);
        else fprintf(out, "null");
        fprintf(out, "}");
    }
    fprintf(out, "]}");
}

static void print_schema(FILE *out, const char *key, const struct schema *s) {
    fprintf(out, ",\"%s\":", key);
    if (s) print_fields(out, s);
    else fprintf(out, "null");
}

void routes_print(FILE *out) {
    fprintf(out, "[");
    for (int e = 0; e < ENTRY__MAX; e++)
        for (size_t i = 0; i < tables[e].n; i++) {
            const struct route *r = &tables[e].rows[i];
            static const char *const bodies[] = {"none", "json", "binary"};
            fprintf(
                out,
                "%s\n{\"entry\":\"%s\",\"method\":\"%s\",\"path\":\"%s\",\"operation\":\"%s\",\"body_kind\":\"%s\",\"body_max\":%u,",
                e || i ? "," : "", entry_names[e], r->method == M_GET ? "GET" : "POST", r->path, r->operation,
                bodies[r->body], r->body_max);
            fprintf(out, "\"access\":%u,\"token\":%s,\"key\":%s,\"key_required\":%s,\"version\":%s", r->access,
                    r->flags & ROUTE_NO_TOKEN ? "false" : "true", r->flags & ROUTE_KEY ? "true" : "false",
                    r->flags & ROUTE_KEY_REQUIRED ? "true" : "false", r->flags & ROUTE_VERSION ? "true" : "false");
            print_schema(out, "path_in", r->path_schema);
            print_schema(out, "query_in", r->query_schema);
            print_schema(out, "body_in", r->body_schema);
            fprintf(out, "}");
        }
    fprintf(out, "\n]\n");
}
