/* The walk of minhuctl audit verify: what its files share. */
#ifndef MINHU_AUDIT_WALK_H
#define MINHU_AUDIT_WALK_H

#include "ctl.h"

#include "acts/heads.h"

#include <sys/stat.h>

/* A head reaches the file moments after the table; later than this it is missing there. */
enum {
    FILE_LAG_SECONDS = 30,
    FILE_LOOK_MS = 200,
    PAGE_MEMORY = 64 * 1024 * 1024,
    APPEALS_PAGE = 200,
    EVENTS_PAGE = 1000,
    HEADS_PAGE = 500
};

enum stream { S_APPEALS, S_PHOTOS, S_EVENTS, S_LEDGER, S_PARTS, S_LINES, S_HEADS, S__MAX };

struct walk {
    struct ctl *ctl;
    const char *heads_path, *number;
    bool json, begun;
    FILE *file;
    off_t file_size;
    uint8_t public_key[32];
    struct arena arenas[S__MAX], scratch, side;
    struct row_appeal *appeals;
    struct row_attachment *photos;
    struct row_event *events;
    struct row_ledger_entry *ledger;
    struct row_part *parts;
    struct row_audit_line *lines;
    struct row_audit_head *heads;
    size_t n[S__MAX], at[S__MAX];
    bool ended[S__MAX];
    /* Where each stream has got to: the key of its page's last row. */
    uint8_t appeal_id[16], photo_of[16], photo_id[16], event_id[16], ledger_id[16], part_of[16], line_id[16];
    int64_t event_n, ledger_n, part_n, head_n;
    struct head file_head, table_head; /* the last ones seen */
    int64_t lacking_from, lacking_at;  /* the first head that the table has and the file didn't have at the start */
    int64_t covered;                   /* seq that the exported heads reach to */
    int64_t found, appeal_count, event_count, line_count, head_count, uncovered, renewals;
    struct str in_number;
    struct noted_succession *successions; /* that audit lines tell of */
};

/* The row that is due, or NULL at the end; the row stays valid until its stream moves on by more than a page. */
#define ROW_OF(w, s, rows) ((w)->ended[s] ? NULL : &(w)->rows[(w)->at[s]])

/* Makes sure that the stream's row is there, or that it has ended. */
enum rc walk_fill(struct walk *w, enum stream s) MUST_USE;
/* Tells a finding: of an appeal by its number, with the number of what it is about under n_name; 0: none. */
void walk_finding(struct walk *w, const char *kind, struct str number, const char *n_name, int64_t n, const char *what);

/* audit_successions.c: keeps what a line says of a unit's succession; false without memory. Afterwards: are those what the database has? */
bool walk_note_succession(struct walk *w, const struct row_audit_line *l) MUST_USE;
enum rc walk_verify_successions(struct walk *w) MUST_USE;

/* audit_heads.c: the file of heads, heads that are in the table only, and whether those are on their way to the file. */
enum rc walk_verify_file(struct walk *w) MUST_USE;
enum rc walk_verify_rest(struct walk *w) MUST_USE;
void walk_verify_arrival(struct walk *w);

#endif
