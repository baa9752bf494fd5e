/* The one place where a return code becomes an answer: application/problem+json in the reader's language. */
#include "problem.h"

#include <inttypes.h>
#include <stdio.h>

static const char problem_type[] = "application/problem+json";

/* Where a text has a bound, it holds one "%" that the number replaces. */
static const struct {
    const char *zh, *en;
} texts[V__MAX] = {
    [V_REQUIRED] = {"此项必填。", "This is required."},
    [V_TYPE] = {"数据类型不对，请按接口说明填写。", "This has the wrong type; see the operation's description."},
    [V_TOO_SHORT] = {"至少需要 % 个字符。", "Give at least % characters."},
    [V_TOO_LONG] = {"最多 % 个字符，请缩短。", "Give at most % characters."},
    [V_TOO_SMALL] = {"不能小于 %。", "This must not be less than %."},
    [V_TOO_LARGE] = {"不能大于 %。", "This must not be greater than %."},
    [V_NOT_ONE_OF] = {"不是允许的取值，请从接口说明列出的取值中选择。",
                      "This is none of the values listed in the operation's description."},
    [V_FORMAT] = {"格式不正确，请按接口说明填写。",
                  "This is not in the right format; see the operation's description."},
    [V_UNKNOWN] = {"没有这个字段或参数，请去掉或检查拼写。",
                   "There is no such field or parameter; remove it or check its spelling."},
    [V_DUPLICATE] = {"只能出现一次，请去掉重复项。", "This may be given only once; remove the repetition."},
    [V_TOO_FEW] = {"至少需要 % 项。", "Give at least % items."},
    [V_TOO_MANY] = {"最多 % 项，请减少。", "Give at most % items."},
    [V_TEXT] = {"含有不允许的字符（须为有效的 UTF-8，不含控制字符）。",
                "This holds characters that are not allowed (valid UTF-8 without control characters)."},
    [V_OTHER] = {"此项不符合要求，请检查后修改。", "This is not acceptable; check and change it."},
};

/* What a field wants, by its type. */
static const struct {
    const char *zh, *en;
} wanted[] = {
    [F_TEXT] = {"应为文本（字符串）。", "Give a text (a string)."},
    [F_INT] = {"应为整数，不带小数和指数。", "Give a whole number, without fraction or exponent."},
    [F_BOOL] = {"应为 true 或 false。", "Give true or false."},
    [F_ENUM] = {"应为文本（字符串）。", "Give a text (a string)."},
    [F_UUID] = {"应为 UUID，例如 0192f3a1-7b2c-7d3e-8f40-5a6b7c8d9e0f。",
                "Give a UUID, for example 0192f3a1-7b2c-7d3e-8f40-5a6b7c8d9e0f."},
    [F_DEGREES] = {"应为数字（度），最多 6 位小数。", "Give a number of degrees with at most 6 decimals."},
    [F_TIME] = {"应为 RFC 3339 时间，例如 2026-11-24T09:30:00+08:00。",
                "Give an RFC 3339 time, for example 2026-11-24T09:30:00+08:00."},
    [F_UUIDS] = {"应为 UUID 的数组。", "Give an array of UUIDs."},
    [F_OBJECTS] = {"应为 JSON 对象的数组。", "Give an array of JSON objects."},
    [F_RAW] = {"应为 JSON 对象。", "Give a JSON object."},
};

/* Better than the code alone: the type that is wanted, the values that there are. */
static bool field_text(const struct violation *v, bool english, char *text, size_t size) {
    if (!v->field) return false;
    if (v->code == V_TYPE || v->code == V_FORMAT) {
        snprintf(text, size, "%s", english ? wanted[v->field->type].en : wanted[v->field->type].zh);
        return true;
    }
    if (v->code != V_NOT_ONE_OF || !v->field->names) return false;
    int n = snprintf(text, size, "%s", english ? "Give one of: " : "应为以下之一：");
    for (size_t i = 0; v->field->names[i] && n > 0 && (size_t)n < size; i++)
        n += snprintf(text + n, size - (size_t)n, "%s%s", i ? ", " : "", v->field->names[i]);
    return true;
}

void problem_violation_text(const struct violation *v, bool english, char *text, size_t size) {
    if (field_text(v, english, text, size)) return;
    const char *own = english ? v->en : v->zh;
    unsigned code = v->code < V__MAX ? (unsigned)v->code : (unsigned)V_OTHER;
    const char *form = own ? own : english ? texts[code].en : texts[code].zh;
    const char *percent = own ? NULL : strchr(form, '%');
    if (percent) snprintf(text, size, "%.*s%" PRId64 "%s", (int)(percent - form), form, v->bound, percent + 1);
    else snprintf(text, size, "%s", form);
}

static void write_errors(const struct request *req, struct json_out *w) {
    jw_key(w, "errors");
    jw_begin_array(w);
    for (const struct violation *v = req->violations.first; v; v = v->next) {
        char detail[512];
        problem_violation_text(v, req->english, detail, sizeof detail);
        jw_begin_object(w);
        jw_key_z(w, "pointer", v->pointer);
        jw_key_z(w, "code", violation_name(v->code));
        jw_key_z(w, "detail", detail);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static const char *detail_of(const struct request *req, const struct rc_info *info) {
    const char *own = req->english ? req->detail_en : req->detail_zh;
    return own && own[0] ? own : req->english ? info->detail_en : info->detail_zh;
}

static void write_members(struct request *req, struct response *res, const struct rc_info *info) {
    struct json_out *w = &res->json;
    char type[128];
    snprintf(type, sizeof type, "/docs/problems#%s", info->code);
    jw_begin_object(w);
    jw_key_z(w, "type", type);
    jw_key_z(w, "title", req->english ? info->title_en : info->title_zh);
    jw_key_int(w, "status", info->status);
    jw_key_z(w, "detail", detail_of(req, info));
    jw_key_z(w, "code", info->code);
    jw_key_z(w, "request_id", req->request_id);
    if (req->violations.first && (info->status == 400 || info->status == 422)) write_errors(req, w);
    if (req->problem_extra.p && req->problem_extra.n) {
        buf_add_char(&res->body, ',');
        buf_add_str(&res->body, req->problem_extra);
    }
    jw_end_object(w);
}

void problem_render(struct request *req, struct response *res, enum rc rc) {
    /* "OK" is no problem; whoever asks for it has lost his way. */
    const struct rc_info *info = rc_info(rc == RC_OK ? RC_INTERNAL : rc);
    buf_init(&res->body, req->arena, PROBLEM_MAX);
    jw_init(&res->json, &res->body);
    res->status = info->status;
    res->content_type = problem_type;
    res->has_etag = res->weak_list = res->no_body = false;
    res->location = NULL;
    write_members(req, res, info);
}
