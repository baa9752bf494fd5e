/* The JSON writer: bytes that need no escape are copied in runs. */
#include "base/json_write.h"

#include "base/timefmt.h"
#include "base/utf8.h"
#include "base/uuid.h"

void jw_init(struct json_out *w, struct buf *b) { *w = (struct json_out){.buf = b}; }

/* Before each value: the comma, if one is due; after it one is. */
static void separate(struct json_out *w) {
    if (w->comma) {
        buf_add_char(w->buf, ',');
    }
    w->comma = true;
}

static void begin(struct json_out *w, char c) {
    separate(w);
    buf_add_char(w->buf, c);
    w->comma = false;
}

static void end(struct json_out *w, char c) {
    buf_add_char(w->buf, c);
    w->comma = true;
}

void jw_begin_object(struct json_out *w) { begin(w, '{'); }

void jw_end_object(struct json_out *w) { end(w, '}'); }

void jw_begin_array(struct json_out *w) { begin(w, '['); }

void jw_end_array(struct json_out *w) { end(w, ']'); }

void jw_key(struct json_out *w, const char *name) {
    size_t n = strlen(name);
    char *p = buf_room(w->buf, n + 3 + (w->comma ? 1 : 0));
    if (!p) {
        return;
    }
    if (w->comma) {
        *p++ = ',';
    }
    *p++ = '"';
    memcpy(p, name, n);
    p[n] = '"';
    p[n + 1] = ':';
    w->comma = false;
}

/* A character of three bytes, as nearly all of Chinese is, whose lead byte leaves its second free (E1 to EC). */
static bool is_plain_three(const char *p) {
    const unsigned char *c = (const unsigned char *)p;
    return c[0] >= 0xE1 && c[0] <= 0xEC && (c[1] & 0xC0) == 0x80 && (c[2] & 0xC0) == 0x80;
}

/* The bytes from p on that go out as they are: ASCII without control characters, quote and backslash, and whole UTF-8
 * sequences. Returns how many there are. */
static size_t plain_run(const char *p, size_t n) {
    size_t i = 0;
    while (i < n) {
        unsigned char c = (unsigned char)p[i];
        if (n - i >= 3 && is_plain_three(p + i)) {
            i += 3;
        } else if (c >= 0x80) {
            size_t length = utf8_sequence(p + i, n - i);
            if (length == 0) {
                break;
            }
            i += length;
        } else if (c < 0x20 || c == '"' || c == '\\') {
            break;
        } else {
            i++;
        }
    }
    return i;
}

static void escape(struct buf *b, unsigned char c) {
    static const char short_forms[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c >= 0x80) {
        buf_add(b, "\xEF\xBF\xBD", 3);
    } else if (c >= 0x20 || short_forms[c]) {
        const char pair[2] = {'\\', c >= 0x20 ? (char)c : short_forms[c]};
        buf_add(b, pair, 2);
    } else {
        const char digits[6] = {'\\', 'u', '0', '0', (char)('0' + (c >> 4)), "0123456789abcdef"[c & 15]};
        buf_add(b, digits, 6);
    }
}

/* What goes out as it is, which is nearly every text, in one piece. */
static bool write_plain(struct json_out *w, struct str s) {
    if (plain_run(s.p, s.n) != s.n) {
        return false;
    }
    char *p = buf_room(w->buf, s.n + 2 + w->comma);
    if (p) {
        if (w->comma) {
            *p++ = ',';
        }
        *p++ = '"';
        memcpy(p, s.p, s.n);
        p[s.n] = '"';
    }
    w->comma = true;
    return true;
}

void jw_str(struct json_out *w, struct str s) {
    if (!s.p) {
        jw_null(w);
        return;
    }
    if (write_plain(w, s)) {
        return;
    }
    separate(w);
    buf_add_char(w->buf, '"');
    size_t at = 0;
    while (at < s.n && !w->buf->failed) {
        size_t run = plain_run(s.p + at, s.n - at);
        buf_add(w->buf, s.p + at, run);
        at += run;
        if (at < s.n) {
            escape(w->buf, (unsigned char)s.p[at++]);
        }
    }
    buf_add_char(w->buf, '"');
}

void jw_z(struct json_out *w, const char *z) { jw_str(w, str_of(z)); }

void jw_int(struct json_out *w, int64_t v) {
    separate(w);
    buf_add_int(w->buf, v);
}

void jw_bool(struct json_out *w, bool v) { jw_raw(w, v ? STR("true") : STR("false")); }

void jw_null(struct json_out *w) { jw_raw(w, STR("null")); }

void jw_uuid(struct json_out *w, const uint8_t id[16]) {
    char text[UUID_TEXT + 3];
    text[0] = '"';
    uuid_format(id, text + 1);
    text[UUID_TEXT + 1] = '"';
    jw_raw(w, (struct str){text, UUID_TEXT + 2});
}

void jw_time(struct json_out *w, int64_t us) {
    if (us == 0) {
        jw_null(w);
        return;
    }
    char text[TIME_TEXT_MAX + 2];
    text[0] = '"';
    size_t n = time_format_beijing(us, 0, text + 1);
    text[n + 1] = '"';
    jw_raw(w, (struct str){text, n + 2});
}

void jw_degrees(struct json_out *w, int64_t millionths) {
    separate(w);
    uint64_t v = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
    if (millionths < 0) {
        buf_add_char(w->buf, '-');
    }
    buf_add_int(w->buf, (long long)(v / 1000000));
    uint64_t rest = v % 1000000;
    if (rest == 0) {
        return;
    }
    char digits[7] = {'.'};
    for (int i = 6; i >= 1; i--) {
        digits[i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    size_t n = sizeof digits;
    while (digits[n - 1] == '0') {
        n--;
    }
    buf_add(w->buf, digits, n);
}

void jw_raw(struct json_out *w, struct str json) {
    char *p = buf_room(w->buf, json.n + w->comma);
    if (p) {
        *p = ',';
        memcpy(p + w->comma, json.p, json.n);
    }
    w->comma = true;
}

void jw_key_str(struct json_out *w, const char *name, struct str s) {
    jw_key(w, name);
    jw_str(w, s);
}

void jw_key_z(struct json_out *w, const char *name, const char *z) {
    jw_key(w, name);
    jw_z(w, z);
}

void jw_key_int(struct json_out *w, const char *name, int64_t v) {
    jw_key(w, name);
    jw_int(w, v);
}

void jw_key_bool(struct json_out *w, const char *name, bool v) {
    jw_key(w, name);
    jw_bool(w, v);
}

void jw_key_uuid(struct json_out *w, const char *name, const uint8_t id[16]) {
    jw_key(w, name);
    jw_uuid(w, id);
}

void jw_key_time(struct json_out *w, const char *name, int64_t us) {
    jw_key(w, name);
    jw_time(w, us);
}
