/* Residents: what a scanned QR code stands on. */
#include "resources.h"

#include "acts/tags.h"
#include "view.h"

/* A list of one, or of none: whoever scans something else is told so without an error. */
enum rc find_tags(struct request *req, struct response *res) {
    const struct query_tags *q = req->query_in;
    const struct tag *tag = tag_scanned(app_of(req)->keys, app_district(), q->code);
    struct json_out *w = &res->json;
    list_begin(res);
    if (tag) {
        jw_begin_object(w);
        jw_key_str(w, "code", tag->code);
        view_word(req, w, "kind", tag_kind_words, tag->kind);
        jw_key_str(w, "name", tag->name);
        view_place(req, w, "place", tag->place);
        view_category(req, w, "category", tag->category);
        jw_key_str(w, "address", tag->address.n ? tag->address : (struct str){0});
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return RC_OK;
}
