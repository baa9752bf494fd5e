/* JSON documents as trees. */
#include "base/json_read.h"

#include "base/json_yajl.h"

#include <stdint.h>

struct builder {
    struct arena *arena;
    struct json_value *root;
    struct json_value *open[JSON_DEPTH_MAX + 1]; /* [d]: the container whose content stands at depth d; [0] is none */
    struct json_value *last[JSON_DEPTH_MAX + 1]; /* [d]: the newest value at depth d of the open container */
    struct str key;
};

static enum json_kind kind_of(const struct json_event *e) {
    static const enum json_kind kinds[EV__MAX] = {
        [EV_NULL] = JSON_NULL,  [EV_NUMBER] = JSON_NUMBER,       [EV_STRING] = JSON_STRING,
        [EV_BOOL] = JSON_FALSE, [EV_BEGIN_OBJECT] = JSON_OBJECT, [EV_BEGIN_ARRAY] = JSON_ARRAY,
    };
    return e->kind == EV_BOOL && e->text.p[0] == 't' ? JSON_TRUE : kinds[e->kind];
}

/* Hangs the value into the tree as the newest at its depth. */
static void hang(struct builder *b, struct json_value *v, size_t depth) {
    if (depth == 0) {
        b->root = v;
    } else if (b->last[depth]) {
        b->last[depth]->next = v;
    } else {
        b->open[depth]->child = v;
    }
    b->last[depth] = v;
}

static enum rc build(void *ctx, const struct json_event *e) {
    struct builder *b = ctx;
    if (e->kind == EV_END) {
        return RC_OK;
    }
    if (e->kind == EV_KEY) {
        b->key = arena_str(b->arena, e->text);
        return b->key.p ? RC_OK : RC_INTERNAL;
    }
    struct json_value *v = ARENA_NEW(b->arena, struct json_value);
    if (!v) {
        return RC_INTERNAL;
    }
    v->kind = kind_of(e);
    if (e->depth > 0 && b->open[e->depth]->kind == JSON_OBJECT) {
        v->key = b->key;
    }
    if (e->kind == EV_STRING || e->kind == EV_NUMBER) {
        v->text = arena_str(b->arena, e->text);
        if (!v->text.p) {
            return RC_INTERNAL;
        }
    }
    hang(b, v, e->depth);
    if (e->kind == EV_BEGIN_OBJECT || e->kind == EV_BEGIN_ARRAY) {
        b->open[e->depth + 1] = v;
        b->last[e->depth + 1] = NULL;
    }
    return RC_OK;
}

enum rc json_parse(struct str text, size_t max_members, struct json_value **root, struct arena *a) {
    const struct json_limits limits = {SIZE_MAX, SIZE_MAX, max_members};
    struct builder b = {.arena = a};
    enum rc rc = json_events(text, &limits, build, &b, a);
    *root = rc == RC_OK ? b.root : NULL;
    return rc;
}

static const struct json_value *member(const struct json_value *v, const char *name) {
    if (!v || v->kind != JSON_OBJECT) {
        return NULL;
    }
    for (const struct json_value *c = v->child; c; c = c->next) {
        if (str_is(c->key, name)) {
            return c;
        }
    }
    return NULL;
}

const struct json_value *json_at(const struct json_value *v, ...) {
    va_list names;
    va_start(names, v);
    for (const char *name; v && (name = va_arg(names, const char *)) != NULL;) {
        v = member(v, name);
    }
    va_end(names);
    return v;
}

struct str json_text(const struct json_value *v) {
    return v && (v->kind == JSON_STRING || v->kind == JSON_NUMBER) ? v->text : (struct str){NULL, 0};
}
