/* What anybody may ask: the version and the server's time; and what all lists share. */
#include "resources.h"

#include "config.h"

void list_begin(struct response *res) {
    jw_begin_object(&res->json);
    jw_key(&res->json, "items");
    jw_begin_array(&res->json);
}

enum rc get_meta(struct request *req, struct response *res) {
    jw_begin_object(&res->json);
    jw_key_z(&res->json, "version", PACKAGE_VERSION);
    jw_key_time(&res->json, "server_time", req->now_us);
    jw_key_z(&res->json, "entry", entry_names[app_of(req)->entry]);
    write_disaster_mode(&res->json, req->now_us);
    jw_end_object(&res->json);
    return RC_OK;
}
