/* Cursors: 8 bytes key, 16 bytes id, 8 bytes MAC, as base64url. */
#include "cursor.h"

#include "base/crypto.h"
#include "base/encode.h"

enum { CURSOR_BYTES = 32, CURSOR_MAC = 8 };

static bool mac(const struct request *req, const char *filter, const uint8_t head[24], uint8_t out[32]) {
    const struct principal *p = principal_of(req);
    const uint8_t *key = keyring_key(app_of(req)->keys, "cursor");
    struct str parts[] = {str_of(req->route->operation),
                          str_of(filter),
                          {(const char *)head, 24},
                          {p ? (const char *)p->asker.id : "", p ? 16 : 0}};
    return key && hmac_sha256_parts((struct str){(const char *)key, 32}, parts, 4, out);
}

static void pack(const struct cursor *c, uint8_t head[24]) {
    uint64_t key = (uint64_t)c->key;
    for (int i = 7; i >= 0; i--, key >>= 8) head[i] = (uint8_t)key;
    memcpy(head + 8, c->id, 16);
}

enum rc cursor_read(struct request *req, const struct list_query *q, const char *filter, const struct cursor *start,
                    struct cursor *out) {
    uint8_t bytes[CURSOR_BYTES], want[32];
    size_t n;
    *out = *start;
    if (!q->cursor.p) return RC_OK;
    if (!base64url_decode(q->cursor, bytes, sizeof bytes, &n) || n != CURSOR_BYTES) return RC_CURSOR;
    if (!mac(req, filter, bytes, want)) return RC_INTERNAL;
    if (!ct_equal(bytes + 24, want, CURSOR_MAC)) return RC_CURSOR;
    uint64_t key = 0;
    for (int i = 0; i < 8; i++) key = key << 8 | bytes[i];
    out->key = (int64_t)key;
    memcpy(out->id, bytes + 8, 16);
    return RC_OK;
}

/* A parameter as it was sent, but for bytes that may not stand in an address: they would end the link, or the header. */
static void add_param(struct buf *b, struct str param) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$'()*+,;=:@/?%";
    for (size_t i = 0; i < param.n; i++) {
        char c = param.p[i];
        if (c && strchr(allowed, c)) buf_add_char(b, c);
        else buf_printf(b, "%%%02X", (unsigned char)c);
    }
}

/* Its name may be written with escapes, each three letters for one. */
static bool is_cursor(struct str param) {
    const char *equals = memchr(param.p, '=', param.n);
    struct str name = {param.p, equals ? (size_t)(equals - param.p) : param.n}, plain;
    char room[3 * sizeof "cursor"];
    return name.n <= sizeof room && percent_decode(name, true, room, &plain) && str_is(plain, "cursor");
}

/* The same address with another cursor: all parameters but the old cursor are kept. */
static const char *next_link(struct request *req, const char *cursor) {
    struct buf b;
    buf_init(&b, req->arena, 8192);
    buf_add_char(&b, '<');
    buf_add_str(&b, req->path);
    buf_add_char(&b, '?');
    struct str rest = req->query;
    while (rest.n) {
        const char *amp = memchr(rest.p, '&', rest.n);
        struct str one = {rest.p, amp ? (size_t)(amp - rest.p) : rest.n};
        size_t skip = one.n + (amp ? 1 : 0);
        rest = (struct str){rest.p + skip, rest.n - skip};
        if (one.n && !is_cursor(one)) {
            add_param(&b, one);
            buf_add_char(&b, '&');
        }
    }
    buf_printf(&b, "cursor=%s>; rel=\"next\"", cursor);
    buf_add_char(&b, '\0');
    return b.failed ? NULL : b.p;
}

enum rc list_end(struct request *req, struct response *res, const char *filter, const struct cursor *next) {
    char text[CURSOR_TEXT_MAX + 1];
    jw_end_array(&res->json);
    if (next) {
        uint8_t bytes[CURSOR_BYTES], full[32];
        pack(next, bytes);
        if (!mac(req, filter, bytes, full)) return RC_INTERNAL;
        memcpy(bytes + 24, full, CURSOR_MAC);
        base64url_encode(bytes, sizeof bytes, text);
        response_header(res, "Link", next_link(req, text));
    }
    jw_key_z(&res->json, "next_cursor", next ? text : NULL);
    jw_end_object(&res->json);
    return RC_OK;
}

enum rc page_read(struct request *req, const struct page *p, const struct db_value *where, size_t where_n,
                  const struct db_value *after, size_t after_n, struct row_appeal_item **items, size_t *n) {
    enum { VALUES_MAX = 20 };
    struct db_value values[VALUES_MAX];
    const struct page_statements *s = p->statements;
    size_t k = where_n;
    if (where_n + after_n + 1 > VALUES_MAX) return RC_INTERNAL;
    memcpy(values, where, where_n * sizeof *where);
    if (p->next) {
        memcpy(values + k, after, after_n * sizeof *after);
        k += after_n;
    }
    values[k++] = v_int(p->limit);
    enum statement st = p->brief ? (p->next ? s->next_brief : s->first_brief) : p->next ? s->next : s->first;
    return db_rows(thread_of(req)->db, st, values, k, req->arena, items, n);
}
