/* What stands for units that have ended is what the audit's lines say, and nothing else. */
#include "audit_walk.h"

#include "acts/audit.h"
#include "acts/reorganise.h"

struct noted_succession {
    struct str text;
    bool there;
    struct noted_succession *next;
};

bool walk_note_succession(struct walk *w, const struct row_audit_line *l) {
    static const struct str said = {" is succeeded by ", 17};
    if (l->action != AUDIT_REORGANISE || !memmem(l->text.p, l->text.n, said.p, said.n)) return true;
    struct noted_succession *s = ARENA_NEW(w->ctl->arena, struct noted_succession);
    if (!s) return false;
    s->text = arena_str(w->ctl->arena, l->text);
    s->next = w->successions;
    w->successions = s;
    return s->text.p != NULL;
}

static struct noted_succession *find(const struct walk *w, struct str text) {
    struct noted_succession *s = w->successions;
    while (s && !str_eq(s->text, text)) s = s->next;
    return s;
}

enum rc walk_verify_successions(struct walk *w) {
    struct row_unit_succession *rows;
    size_t n;
    enum rc rc = db_rows(w->ctl->db, ST_unit_successions, NULL, 0, &w->side, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (!rows[i].direct) continue;
        const char *text = reorganise_audit_text(&w->side, rows[i].old_id, rows[i].new_id, rows[i].share);
        if (!text) return RC_INTERNAL;
        struct noted_succession *s = find(w, str_of(text));
        if (s) s->there = true;
        else walk_finding(w, "succession", str_of(text), "", 0, "no audit line says so");
    }
    for (struct noted_succession *s = w->successions; rc == RC_OK && s; s = s->next)
        if (!s->there) walk_finding(w, "succession", s->text, "", 0, "this was recorded, and is so no more");
    return rc;
}
