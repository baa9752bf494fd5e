/* Builds the message: a heading and a line for each notice. */
#include "work_text.h"

#include "base/json_write.h"
#include "base/timefmt.h"
#include "hosts/zzd.h"
#include "rules/model.h"

static const char *action_text(const struct row_work_notice *n) {
    bool trouble = n->kind == NOTICE_TROUBLE;
    bool known = n->action > 0 && n->action < (trouble ? (int64_t)NEWS__MAX : (int64_t)ACT__MAX);
    if (!known) return "有更新";
    return trouble ? news_words[n->action].zh : action_words[n->action].zh;
}

/* "20261124-000123 催办 11-24 09:30:05": number (of a trouble its title) and second make contents differ, as the host refuses the same one to the
 * same person on one day, and an appeal can climb two tiers within a minute. */
static void add_line(struct buf *b, const struct row_work_notice *n) {
    int32_t days, second;
    int year, month, day;
    time_split_beijing(n->created_at, &days, &second);
    date_from_days(days, &year, &month, &day);
    buf_add_str(b, n->subject);
    buf_printf(b, " %s %02d-%02d %02d:%02d:%02d", action_text(n), month, day, (int)(second / 3600),
               (int)(second / 60 % 60), (int)(second % 60));
}

static struct str content_of(const struct row_work_notice *notices, size_t n, struct arena *a) {
    struct buf b;
    buf_init(&b, a, ZZD_MSG_MAX);
    if (n > 1) buf_printf(&b, "【民呼必应】您有 %zu 条事项动态", n);
    else buf_add_z(&b, "【民呼必应】");
    for (size_t i = 0; i < n; i++) {
        if (n > 1) buf_add_char(&b, '\n');
        add_line(&b, &notices[i]);
    }
    return b.failed ? (struct str){0} : buf_str(&b);
}

static struct str message_of(struct str content, const char *page, struct arena *a) {
    struct buf b;
    struct json_out w;
    buf_init(&b, a, ZZD_MSG_MAX);
    jw_init(&w, &b);
    jw_begin_object(&w);
    jw_key_z(&w, "msgtype", *page ? "link" : "text");
    jw_key(&w, *page ? "link" : "text");
    jw_begin_object(&w);
    if (*page) {
        jw_key_z(&w, "messageUrl", page);
        jw_key_z(&w, "picUrl", "");
        jw_key_z(&w, "title", "民呼必应");
        jw_key_str(&w, "text", content);
    } else {
        jw_key_str(&w, "content", content);
    }
    jw_end_object(&w);
    jw_end_object(&w);
    return b.failed ? (struct str){0} : buf_str(&b);
}

struct str work_text(const struct row_work_notice *notices, size_t n, const char *page, struct arena *a,
                     size_t *taken) {
    for (*taken = n; *taken > 0; *taken -= 1) {
        struct str content = content_of(notices, *taken, a);
        struct str message = content.p ? message_of(content, page, a) : (struct str){0};
        if (message.p) return message;
    }
    return (struct str){0};
}
