/* Everything about a request's head that can be refused without knowing the route. */
#include "request_decode.h"

#include "base/crypto.h"
#include "base/encode.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "router.h"

#include <strings.h>

/* No request waits as long as this, in microseconds: nginx gives it up before. */
enum { AGE_MAX_US = 60000000 };

/* Headers with a meaning, by their CGI name: a second one is refused. comma: nginx from 1.23 on joins repeated headers
 * with commas, and this one's syntax has none. */
enum head {
    H_METHOD,
    H_URI,
    H_TYPE,
    H_LENGTH,
    H_REMOTE,
    H_ID,
    H_SENT,
    H_AUTHORIZATION,
    H_KEY,
    H_IF_MATCH,
    H_IF_NONE_MATCH,
    H_FORWARDED_FOR,
    H_ORIGIN,
    H_AGENT,
    H_PREFER,
    H_FORWARDED,
    H_REAL_IP,
    H_HTTP_TYPE,
    H_HTTP_LENGTH,
    H_ENCODING,
    H__MAX
};

static const struct {
    const char *name;
    bool comma;
} heads[H__MAX] = {
    [H_METHOD] = {"REQUEST_METHOD", false},
    [H_URI] = {"REQUEST_URI", false},
    [H_TYPE] = {"CONTENT_TYPE", true},
    [H_LENGTH] = {"CONTENT_LENGTH", true},
    [H_REMOTE] = {"REMOTE_ADDR", false},
    [H_ID] = {"REQUEST_ID", false},
    [H_SENT] = {"REQUEST_MSEC", false},
    [H_AUTHORIZATION] = {"HTTP_AUTHORIZATION", true},
    [H_KEY] = {"HTTP_IDEMPOTENCY_KEY", true},
    [H_IF_MATCH] = {"HTTP_IF_MATCH", false},
    [H_IF_NONE_MATCH] = {"HTTP_IF_NONE_MATCH", false},
    [H_FORWARDED_FOR] = {"HTTP_X_FORWARDED_FOR", false},
    [H_ORIGIN] = {"HTTP_ORIGIN", true},
    [H_AGENT] = {"HTTP_USER_AGENT", false},
    [H_PREFER] = {"HTTP_PREFER", false},
    [H_FORWARDED] = {"HTTP_FORWARDED", false},
    [H_REAL_IP] = {"HTTP_X_REAL_IP", true},
    [H_HTTP_TYPE] = {"HTTP_CONTENT_TYPE", true},
    [H_HTTP_LENGTH] = {"HTTP_CONTENT_LENGTH", true},
    [H_ENCODING] = {"HTTP_CONTENT_ENCODING", false},
};

struct head_values {
    struct str value[H__MAX];
    bool repeated;
};

static struct str trim(struct str s) {
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) s = (struct str){s.p + 1, s.n - 1};
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) s.n--;
    return s;
}

/* Takes the next comma-separated item off *list, trimmed; false at its end. Commas inside quotes count too: our
 * callers' quoted values hold none. */
static bool next_item(struct str *list, struct str *item) {
    if (!list->p) return false;
    const char *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
    size_t n = comma ? (size_t)(comma - list->p) : list->n;
    *item = trim((struct str){list->p, n});
    *list = comma ? (struct str){comma + 1, list->n - n - 1} : (struct str){NULL, 0};
    return true;
}

static void collect(const struct exchange *x, struct head_values *h) {
    for (size_t i = 0; i < x->param_count; i++)
        for (int k = 0; k < H__MAX; k++)
            if (str_is(x->params[i].name, heads[k].name)) {
                struct str value = trim(x->params[i].value);
                h->repeated |= h->value[k].p != NULL || (heads[k].comma && value.n && memchr(value.p, ',', value.n));
                if (!h->value[k].p) h->value[k] = value.p ? value : (struct str){"", 0};
                break;
            }
}

/* ---- language ---- */

/* "q=0.8" as thousandths; 1000 without one, 0 for nonsense. */
static int quality(struct str parameter) {
    int value = 0, digits = 0;
    parameter = trim(parameter);
    if (parameter.n < 3 || (parameter.p[0] | 0x20) != 'q' || parameter.p[1] != '=') return parameter.n ? 0 : 1000;
    for (size_t i = 2; i < parameter.n; i++) {
        char c = parameter.p[i];
        if (i == 3 && c == '.') continue;
        if (c < '0' || c > '9' || digits == 4 || (digits == 1 && i == 3)) return 0;
        value = value * 10 + (c - '0');
        digits++;
    }
    for (; digits < 4; digits++) value *= 10;
    return value > 1000 ? 0 : value;
}

static bool range_is(struct str range, const char *language) {
    return range.n >= 2 && strncasecmp(range.p, language, 2) == 0 && (range.n == 2 || range.p[2] == '-');
}

bool language_is_english(struct str accept) {
    int english = -1, chinese = -1, any = 0, items = 0;
    struct str item;
    while (items++ < 32 && next_item(&accept, &item)) {
        const char *semicolon = item.n ? memchr(item.p, ';', item.n) : NULL;
        struct str range = {item.p, semicolon ? (size_t)(semicolon - item.p) : item.n};
        struct str rest = semicolon ? (struct str){semicolon + 1, item.n - range.n - 1} : (struct str){"", 0};
        int q = quality(rest);
        range = trim(range);
        if (range_is(range, "en")) english = q > english ? q : english;
        else if (range_is(range, "zh")) chinese = q > chinese ? q : chinese;
        else if (str_is(range, "*")) any = q;
    }
    return (english < 0 ? any : english) > (chinese < 0 ? any : chinese);
}

static void decode_language(struct request *req, const struct exchange *x) {
    for (size_t i = 0; i < x->param_count; i++)
        if (str_is(x->params[i].name, "HTTP_ACCEPT_LANGUAGE")) {
            req->english = language_is_english(x->params[i].value);
            return;
        }
}

/* ---- id and address ---- */

static void decode_id(struct request *req, struct str given) {
    uint8_t bytes[16];
    if (given.n != 32 || !hex_decode(given, bytes, sizeof bytes)) {
        memset(bytes, 0, sizeof bytes);
        if (!random_bytes(bytes, sizeof bytes)) memcpy(bytes, &req->now_us, sizeof req->now_us);
    }
    hex_encode(bytes, sizeof bytes, req->request_id);
}

/* From nginx's "seconds.milliseconds", by the clock of the same machine; 0 for what makes no sense, as when the clock was set. */
static int64_t age_of(struct str sent, int64_t now_us) {
    int64_t ms = 0;
    if (sent.n < 5 || sent.n > 15 || sent.p[sent.n - 4] != '.') return 0;
    for (size_t i = 0; i < sent.n; i++) {
        if (i == sent.n - 4) continue;
        if (sent.p[i] < '0' || sent.p[i] > '9') return 0;
        ms = ms * 10 + (sent.p[i] - '0');
    }
    int64_t age = now_us - ms * 1000;
    return age > 0 && age < AGE_MAX_US ? age : 0;
}

/* One hop of X-Forwarded-For: an address, in brackets or with a port as some proxies write it. */
static bool parse_hop(struct str hop, struct address *out) {
    if (hop.n && hop.p[0] == '[') {
        const char *end = memchr(hop.p, ']', hop.n);
        return end && address_parse((struct str){hop.p + 1, (size_t)(end - hop.p) - 1}, out);
    }
    if (address_parse(hop, out)) return true;
    const char *colon = hop.n ? memchr(hop.p, ':', hop.n) : NULL;
    return colon && address_parse((struct str){hop.p, (size_t)(colon - hop.p)}, out) && out->v4;
}

/* From the right, the first hop that is no proxy of ours; what stands left of it anybody may have written. */
static bool client_of(struct str forwarded, const struct address_list *trusted, struct address *client) {
    bool found = false;
    while (forwarded.p) {
        size_t start = forwarded.n;
        while (start > 0 && forwarded.p[start - 1] != ',') start--;
        struct address hop;
        if (!parse_hop(trim((struct str){forwarded.p + start, forwarded.n - start}), &hop)) return found;
        *client = hop;
        found = true;
        if (start == 0 || !address_list_has(trusted, &hop)) return true;
        forwarded.n = start - 1;
    }
    return found;
}

static enum rc decode_address(struct request *req, const struct head_values *h, const struct address_list *trusted) {
    struct str remote = h->value[H_REMOTE];
    struct address peer, client;
    bool local = remote.p && str_starts(remote, "unix:"), known = address_parse(remote, &peer);
    bool proxy = known && address_list_has(trusted, &peer);
    bool told = (proxy || local) && client_of(h->value[H_FORWARDED_FOR], trusted, &client);
    req->from_proxy = proxy || (local && !told);
    req->address = local ? STR("unix:") : STR("");
    if (!known && !told) return RC_OK;
    char text[ADDRESS_TEXT_MAX];
    address_format(told ? &client : &peer, text);
    struct str copy = arena_str(req->arena, str_of(text));
    if (!copy.p)
        return RC_INTERNAL; /* who asked is written into dossiers: no address is another answer than this one */
    req->address = copy;
    return RC_OK;
}

/* ---- path, versions, keys ---- */

bool path_is_canonical(struct str path) {
    struct str rest = path, segment;
    if (path.n == 0 || path.p[0] != '/') return false;
    if (path.n == 1) return true;
    while (path_next(&rest, &segment)) {
        if (segment.n == 0 || str_is(segment, ".") || str_is(segment, "..")) return false;
        for (size_t i = 0; i < segment.n; i++)
            if (!path_char(segment.p[i])) return false;
    }
    return true;
}

static enum rc decode_uri(struct request *req, struct str uri) {
    const char *mark = uri.n ? memchr(uri.p, '?', uri.n) : NULL;
    req->uri = uri;
    req->path = (struct str){uri.p, mark ? (size_t)(mark - uri.p) : uri.n};
    req->query = mark ? (struct str){mark + 1, uri.n - req->path.n - 1} : (struct str){"", 0};
    if (req->path.n > PATH_MAX_BYTES || req->query.n > QUERY_MAX_BYTES) return RC_URI_TOO_LONG;
    return path_is_canonical(req->path) ? RC_OK : RC_BAD_PATH;
}

struct str idempotency_key_of(struct str s) {
    static const struct str none = {NULL, 0};
    s = trim(s);
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') {
        s = (struct str){s.p + 1, s.n - 2};
        if (s.n && (memchr(s.p, '"', s.n) || memchr(s.p, '\\', s.n))) return none;
    }
    if (!s.p || s.n == 0 || s.n > KEY_MAX_BYTES) return none;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x21 || s.p[i] > 0x7e || s.p[i] == ',') return none;
    return s;
}

struct str bearer_of(struct str s) {
    static const struct str none = {NULL, 0};
    s = trim(s);
    if (s.n < 8 || strncasecmp(s.p, "Bearer ", 7) != 0) return none;
    struct str token = trim((struct str){s.p + 7, s.n - 7});
    if (token.n == 0 || token.n > TOKEN_MAX_BYTES) return none;
    for (size_t i = 0; i < token.n; i++)
        if (!path_char(token.p[i]) && !memchr("~+/=", token.p[i], 4)) return none;
    return token;
}

static enum rc decode_key(struct request *req, struct str given) {
    if (!given.p) return RC_OK;
    req->idempotency_key = idempotency_key_of(given);
    if (req->idempotency_key.p) return RC_OK;
    return fail(req, RC_BAD_REQUEST, "Idempotency-Key 须为 1–255 个可见 ASCII 字符（不含逗号）。",
                "Idempotency-Key must be 1 to 255 visible ASCII characters without a comma.");
}

/* One entity tag that names a version: "5" or W/"5". */
static bool version_of(struct str tag, int64_t *version) {
    if (str_starts(tag, "W/")) tag = (struct str){tag.p + 2, tag.n - 2};
    if (tag.n < 3 || tag.p[0] != '"' || tag.p[tag.n - 1] != '"') return false;
    /* "5.12" and "5.12.en" are version 5 with its 12th event: what comes after the dot tells representations apart, not versions. */
    const int64_t most = INT64_C(9007199254740991);
    struct str number = {tag.p + 1, tag.n - 2};
    const char *dot = memchr(number.p, '.', number.n);
    if (!dot) return num_i64(number, 0, most, version);
    struct str event = {dot + 1, number.n - (size_t)(dot + 1 - number.p)};
    if (event.n > 3 && memcmp(event.p + event.n - 3, ".en", 3) == 0) event.n -= 3;
    number.n = (size_t)(dot - number.p);
    int64_t unused;
    return num_i64(number, 0, most, version) && num_i64(event, 0, most, &unused);
}

static enum rc decode_if_match(struct request *req, struct str list) {
    struct str tag;
    while (next_item(&list, &tag)) {
        int64_t version;
        if (tag.n == 0) continue;
        if (!version_of(tag, &version))
            return fail(req, RC_BAD_REQUEST, "If-Match 须为 ETag 给出的版本号，例如 \"5\"；不接受 *。",
                        "If-Match must be a version as ETag gave it, for example \"5\"; * is not taken.");
        if (req->has_version && version != req->version)
            return fail(req, RC_BAD_REQUEST, "If-Match 只能给出一个版本号。", "Give exactly one version in If-Match.");
        req->has_version = true;
        req->version = version;
    }
    return RC_OK;
}

static enum rc decode_length(struct request *req, struct str given) {
    int64_t length;
    if (!given.p || given.n == 0) return RC_OK;
    if (!num_i64(given, 0, INT64_MAX, &length))
        return fail(req, RC_BAD_REQUEST, "Content-Length 须为十进制字节数。",
                    "Content-Length must be a decimal number of bytes.");
    req->has_length = true;
    req->length = (uint64_t)length;
    return RC_OK;
}

static enum http_method method_of(struct str s) {
    if (str_is(s, "GET")) return M_GET;
    return str_is(s, "POST") ? M_POST : M__MAX;
}

static enum rc first(enum rc so_far, enum rc next) { return so_far != RC_OK ? so_far : next; }

/* One of the preferences of RFC 7240; others, and parameters of it, are passed over. */
static bool prefers_minimal(struct str list) {
    static const char wanted[] = "return=minimal";
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        const char *semicolon = memchr(list.p, ';', n);
        struct str one = utf8_trim((struct str){list.p, semicolon ? (size_t)(semicolon - list.p) : n});
        if (one.n == sizeof wanted - 1 && strncasecmp(one.p, wanted, one.n) == 0) return true;
        list = (struct str){list.p + skip, list.n - skip};
    }
    return false;
}

enum rc request_decode(struct request *req, struct exchange *x, const struct address_list *trusted) {
    struct head_values h = {0};
    collect(x, &h);
    req->exchange = x;
    req->now_us = time_now_us();
    decode_language(req, x);
    decode_id(req, h.value[H_ID]);
    req->age_us = age_of(h.value[H_SENT], req->now_us);
    enum rc rc = decode_address(req, &h, trusted);
    req->method = method_of(h.value[H_METHOD]);
    req->content_type = h.value[H_TYPE].n ? h.value[H_TYPE] : (struct str){NULL, 0};
    req->if_none_match = h.value[H_IF_NONE_MATCH];
    req->origin = h.value[H_ORIGIN];
    req->user_agent = h.value[H_AGENT];
    req->minimal = prefers_minimal(h.value[H_PREFER]);
    req->has_authorization = h.value[H_AUTHORIZATION].p != NULL;
    if (req->has_authorization) req->bearer = bearer_of(h.value[H_AUTHORIZATION]);
    rc = first(rc, decode_uri(req, h.value[H_URI]));
    if (h.repeated) return first(rc, RC_REPEATED_HEADER);
    rc = first(rc, decode_length(req, h.value[H_LENGTH]));
    if (rc == RC_OK) rc = decode_key(req, h.value[H_KEY]);
    if (rc == RC_OK) rc = decode_if_match(req, h.value[H_IF_MATCH]);
    return rc;
}

struct str request_header(const struct request *req, const char *name) {
    static const struct str none = {NULL, 0};
    char cgi[64] = "HTTP_";
    size_t n = strlen(name);
    struct str found = none;
    if (!req->exchange || n + 6 > sizeof cgi) return none;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        cgi[5 + i] = c == '-' ? '_' : (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    for (size_t i = 0; i < req->exchange->param_count; i++)
        if (str_is(req->exchange->params[i].name, cgi)) {
            if (found.p) return none;
            struct str value = trim(req->exchange->params[i].value);
            found = value.p ? value : STR("");
        }
    return found;
}
