/* JSON out: straight into a buffer, commas and escapes taken care of. Output is checked UTF-8: what is not valid
 * becomes U+FFFD. */
#ifndef MINHU_JSON_WRITE_H
#define MINHU_JSON_WRITE_H

#include "base/buf.h"

#include <stdint.h>

struct json_out {
    struct buf *buf;
    bool comma; /* the next value or key needs one before it */
};

void jw_init(struct json_out *w, struct buf *b);
void jw_begin_object(struct json_out *w);
void jw_end_object(struct json_out *w);
void jw_begin_array(struct json_out *w);
void jw_end_array(struct json_out *w);
/* A member's name; a value must follow. name must need no escape. */
void jw_key(struct json_out *w, const char *name);
void jw_str(struct json_out *w, struct str s); /* p == NULL writes null */
void jw_z(struct json_out *w, const char *z);  /* NULL writes null */
void jw_int(struct json_out *w, int64_t v);
void jw_bool(struct json_out *w, bool v);
void jw_null(struct json_out *w);
void jw_uuid(struct json_out *w, const uint8_t id[16]);
void jw_time(struct json_out *w, int64_t us); /* RFC 3339, +08:00, seconds; 0 writes null */
void jw_degrees(struct json_out *w, int64_t millionths);
void jw_raw(struct json_out *w, struct str json); /* already JSON */

/* A member and its value at once. */
void jw_key_str(struct json_out *w, const char *name, struct str s);
void jw_key_z(struct json_out *w, const char *name, const char *z);
void jw_key_int(struct json_out *w, const char *name, int64_t v);
void jw_key_bool(struct json_out *w, const char *name, bool v);
void jw_key_uuid(struct json_out *w, const char *name, const uint8_t id[16]);
void jw_key_time(struct json_out *w, const char *name, int64_t us);

#endif
