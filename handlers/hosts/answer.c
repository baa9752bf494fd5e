/* Members of host apps' answers as short plain texts. */
#include "hosts/answer.h"

#include "base/utf8.h"

enum { ANSWER_VALUES_MAX = 20000, NAME_MAX_CHARACTERS = 60 };

const struct json_value *answer_parse(struct str text, struct arena *a) {
    struct json_value *root = NULL;
    if (!text.n || json_parse(text, ANSWER_VALUES_MAX, &root, a) != RC_OK) return NULL;
    return root && root->kind == JSON_OBJECT ? root : NULL;
}

struct str answer_text(const struct json_value *object, const char *name, size_t max) {
    struct str s = json_text(json_at(object, name, NULL));
    return s.p && s.n > 0 && s.n <= max && utf8_is_text(s) ? s : (struct str){0};
}

struct str answer_name(const struct json_value *object, const char *name) {
    struct str s = json_text(json_at(object, name, NULL));
    if (!s.p || !utf8_is_text(s)) return (struct str){0};
    s = utf8_prefix(utf8_trim(s), NAME_MAX_CHARACTERS);
    return s.n ? s : (struct str){0};
}

bool answer_is_true(const struct json_value *v) {
    return v && (v->kind == JSON_TRUE || (v->kind == JSON_STRING && str_is(v->text, "true")));
}

bool answer_is_absent(const struct json_value *v) { return !v || v->kind == JSON_NULL; }

struct code_text answer_code(struct str code) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    struct code_text out = {{0}};
    for (size_t i = 0; i < code.n && i + 1 < sizeof out.z; i++)
        out.z[i] = code.p[i] && strchr(plain, code.p[i]) ? code.p[i] : '?';
    return out;
}
