/* Private to the JSON readers: a strict JSON text as a sequence of events, so that set-up, limits and text rules exist
 * once. */
#ifndef MINHU_JSON_YAJL_H
#define MINHU_JSON_YAJL_H

#include "base/arena.h"
#include "base/rc.h"

enum json_event_kind {
    EV_NULL,
    EV_BOOL,
    EV_NUMBER,
    EV_STRING,
    EV_BEGIN_OBJECT,
    EV_BEGIN_ARRAY,
    EV_KEY,
    EV_END,
    EV__MAX
};

struct json_event {
    enum json_event_kind kind;
    struct str text; /* bool, number, string (decoded) and key; gone when the call returns */
    size_t depth;    /* how many containers are open around it; for an end: around what it ends */
    size_t index;    /* which item or member of its container it is; for an end: how many there were */
    size_t at;       /* containers only: where in the text the bracket stands */
};

/* Anything but RC_OK stops the parsing and is what json_events returns. */
typedef enum rc json_event_fn(void *ctx, const struct json_event *e);

struct json_limits {
    size_t members, items, values; /* of one object, of one array, of the whole document */
};

/* RC_OK, RC_BAD_JSON (not strict JSON, or a limit passed), RC_INTERNAL (memory), or what the function returned. */
enum rc json_events(struct str text, const struct json_limits *limits, json_event_fn *fn, void *ctx,
                    struct arena *a) MUST_USE;

#endif
