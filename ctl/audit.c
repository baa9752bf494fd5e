/* minhuctl audit verify: walks every dossier, every audit line and every signed head, and tells what doesn't hold.
 *
 * All of it is read in one snapshot, as streams in the order of their keys, so that memory stays flat and work that
 * goes on meanwhile is no finding. How long the file of heads is, is noted before: what it has then, the snapshot must
 * have. */
#include "ctl.h"

#include "acts/audit.h"
#include "acts/dossier.h"
#include "acts/heads.h"
#include "base/crypto.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"

#include <errno.h>
#include <getopt.h>
#include <sys/stat.h>
#include <time.h>

/* A head reaches the file moments after the table; later than this it is missing there. */
enum {
    FILE_LAG_SECONDS = 30,
    FILE_LOOK_MS = 200,
    PAGE_MEMORY = 64 * 1024 * 1024,
    APPEALS_PAGE = 200,
    EVENTS_PAGE = 1000,
    HEADS_PAGE = 500
};

static const char usage[] =
    "Usage: minhuctl audit verify [--heads FILE] [--appeal NUMBER] [--json]\n"
    "\n"
    "Proves that nothing that was recorded was changed, removed, moved, put in or cut off since.\n"
    "\n"
    "  --heads FILE      the exported heads, best a copy from another machine (default: head_file of the "
    "configuration)\n"
    "  --appeal NUMBER   one dossier only, without the heads\n"
    "  --json            one JSON object a finding, and one at the end\n"
    "\n"
    "Exit status: 0 all holds, 1 something doesn't, else it could not be found out.\n";

enum stream { S_APPEALS, S_PHOTOS, S_EVENTS, S_LEDGER, S_PARTS, S_LINES, S_HEADS, S__MAX };

struct walk {
    struct ctl *ctl;
    const char *heads_path, *number;
    bool json, begun;
    FILE *file;
    off_t file_size;
    uint8_t public_key[32];
    struct arena arenas[S__MAX], scratch;
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
};

/* ---- findings ---- */

static void finding(struct walk *w, const char *kind, struct str number, const char *n_name, int64_t n,
                    const char *what) {
    w->found++;
    if (!w->json) {
        printf("%s", kind);
        if (number.n) printf(" %.*s", (int)number.n, number.p);
        if (n) printf(" %s %lld", n_name, (long long)n);
        printf(": %s\n", what);
        return;
    }
    struct buf b;
    struct json_out o;
    arena_reset(&w->scratch);
    buf_init(&b, &w->scratch, 4096);
    jw_init(&o, &b);
    jw_begin_object(&o);
    jw_key_z(&o, "kind", kind);
    if (number.n) jw_key_str(&o, "number", number);
    if (n) jw_key_int(&o, n_name, n);
    jw_key_z(&o, "what", what);
    jw_end_object(&o);
    printf("%.*s\n", (int)b.n, buf_str(&b).p);
}

static void found_in_appeal(void *arg, int64_t event, const char *what) {
    struct walk *w = arg;
    finding(w, "appeal", w->in_number, "event", event, what);
}

static void found_in_head(struct walk *w, int64_t n, const char *what) {
    finding(w, "head", (struct str){0}, "n", n, what);
}

/* ---- streams ---- */

static enum rc load(struct walk *w, enum stream s) {
    struct db *db = w->ctl->db;
    struct arena *a = &w->arenas[s];
    arena_reset(a);
    w->at[s] = 0;
    switch (s) {
    case S_APPEALS:
        return db_rows(db, ST_appeals_after, DB_VALUES(v_id(w->appeal_id), v_int(APPEALS_PAGE)), a, &w->appeals,
                       &w->n[s]);
    case S_PHOTOS:
        return db_rows(db, ST_attachments_after,
                       DB_VALUES(v_id(w->photo_of), v_id(w->photo_of), v_id(w->photo_id), v_int(EVENTS_PAGE)), a,
                       &w->photos, &w->n[s]);
    case S_EVENTS:
        return db_rows(db, ST_events_after,
                       DB_VALUES(v_id(w->event_id), v_id(w->event_id), v_int(w->event_n), v_int(EVENTS_PAGE)), a,
                       &w->events, &w->n[s]);
    case S_LEDGER:
        return db_rows(db, ST_ledger_after,
                       DB_VALUES(v_id(w->ledger_id), v_id(w->ledger_id), v_int(w->ledger_n), v_int(EVENTS_PAGE)), a,
                       &w->ledger, &w->n[s]);
    case S_PARTS:
        return db_rows(db, ST_parts_after,
                       DB_VALUES(v_id(w->part_of), v_id(w->part_of), v_int(w->part_n), v_int(EVENTS_PAGE)), a,
                       &w->parts, &w->n[s]);
    case S_LINES:
        return db_rows(db, ST_audit_lines_after, DB_VALUES(v_id(w->line_id), v_int(EVENTS_PAGE)), a, &w->lines,
                       &w->n[s]);
    case S_HEADS:
        return db_rows(db, ST_audit_heads, DB_VALUES(v_int(w->head_n), v_int(HEADS_PAGE)), a, &w->heads, &w->n[s]);
    case S__MAX: break;
    }
    return RC_INTERNAL;
}

/* The key after which the next page begins. */
static void remember(struct walk *w, enum stream s) {
    size_t i = w->n[s] - 1;
    switch (s) {
    case S_APPEALS: memcpy(w->appeal_id, w->appeals[i].id, 16); break;
    case S_PHOTOS:
        memcpy(w->photo_of, w->photos[i].appeal_id, 16);
        memcpy(w->photo_id, w->photos[i].id, 16);
        break;
    case S_EVENTS:
        memcpy(w->event_id, w->events[i].appeal_id, 16);
        w->event_n = w->events[i].n;
        break;
    case S_LEDGER:
        memcpy(w->ledger_id, w->ledger[i].appeal_id, 16);
        w->ledger_n = w->ledger[i].n;
        break;
    case S_PARTS:
        memcpy(w->part_of, w->parts[i].appeal_id, 16);
        w->part_n = w->parts[i].n;
        break;
    case S_LINES: memcpy(w->line_id, w->lines[i].id, 16); break;
    case S_HEADS: w->head_n = w->heads[i].n; break;
    case S__MAX: break;
    }
}

/* Makes sure that at points to a row, or that the stream has ended. */
static enum rc fill(struct walk *w, enum stream s) {
    if (w->ended[s] || w->at[s] < w->n[s]) return RC_OK;
    enum rc rc = load(w, s);
    if (rc != RC_OK) return rc;
    if (w->n[s]) remember(w, s);
    else w->ended[s] = true;
    return RC_OK;
}

/* The row that is due, or NULL at the end; the row stays valid until its stream moves on by more than a page. */
#define ROW_OF(w, s, rows) ((w)->ended[s] ? NULL : &(w)->rows[(w)->at[s]])

/* ---- dossiers ---- */

static void count_entry(struct walk *w, int64_t seq) {
    if (!seq || seq > w->covered) w->uncovered++;
}

/* Photos, events, ledger lines and parts that lie before the appeal's own belong to none that is there. */
static enum rc orphans(struct walk *w, const uint8_t *id) {
    uint8_t last[16] = {0};
    enum rc rc;
    for (; (rc = fill(w, S_PHOTOS)) == RC_OK; w->at[S_PHOTOS]++) {
        const struct row_attachment *p = ROW_OF(w, S_PHOTOS, photos);
        if (!p || (id && memcmp(p->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(p->appeal_id, text);
        finding(w, "appeal", str_of(text), "", 0, "a photo of an appeal that isn't there");
    }
    for (; rc == RC_OK && (rc = fill(w, S_EVENTS)) == RC_OK; w->at[S_EVENTS]++) {
        const struct row_event *e = ROW_OF(w, S_EVENTS, events);
        if (!e || (id && memcmp(e->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(e->appeal_id, text);
        if (memcmp(last, e->appeal_id, 16) != 0)
            finding(w, "appeal", str_of(text), "event", e->n, "its appeal was removed");
        memcpy(last, e->appeal_id, 16);
        w->event_count++;
        count_entry(w, e->seq);
    }
    for (; rc == RC_OK && (rc = fill(w, S_LEDGER)) == RC_OK; w->at[S_LEDGER]++) {
        const struct row_ledger_entry *l = ROW_OF(w, S_LEDGER, ledger);
        if (!l || (id && memcmp(l->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(l->appeal_id, text);
        finding(w, "appeal", str_of(text), "line", l->n, "a ledger line of an appeal that isn't there");
    }
    for (; rc == RC_OK && (rc = fill(w, S_PARTS)) == RC_OK; w->at[S_PARTS]++) {
        const struct row_part *p = ROW_OF(w, S_PARTS, parts);
        if (!p || (id && memcmp(p->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(p->appeal_id, text);
        finding(w, "appeal", str_of(text), "part", p->n, "a part of an appeal that isn't there");
    }
    return rc;
}

static enum rc next_line(struct walk *w, struct dossier *d) {
    enum rc rc = fill(w, S_LEDGER);
    if (rc != RC_OK) return rc;
    const struct row_ledger_entry *l = ROW_OF(w, S_LEDGER, ledger);
    if (l && memcmp(l->appeal_id, d->appeal->id, 16) != 0) l = NULL;
    dossier_line(d, l);
    if (l) w->at[S_LEDGER]++;
    return RC_OK;
}

static enum rc lines_left(struct walk *w, const struct row_appeal *a) {
    enum rc rc;
    for (; (rc = fill(w, S_LEDGER)) == RC_OK; w->at[S_LEDGER]++) {
        const struct row_ledger_entry *l = ROW_OF(w, S_LEDGER, ledger);
        if (!l || memcmp(l->appeal_id, a->id, 16) != 0) break;
        finding(w, "appeal", a->number, "line", l->n, "a ledger line that no event closed");
    }
    return rc;
}

static enum rc verify_appeal(struct walk *w, const struct row_appeal *a) {
    struct dossier d;
    enum rc rc;
    w->in_number = a->number;
    dossier_begin(&d, w->ctl->keys, a, found_in_appeal, w);
    for (; (rc = fill(w, S_PHOTOS)) == RC_OK; w->at[S_PHOTOS]++) {
        const struct row_attachment *p = ROW_OF(w, S_PHOTOS, photos);
        if (!p || memcmp(p->appeal_id, a->id, 16) != 0) break;
        dossier_photo(&d, p);
    }
    for (; rc == RC_OK && (rc = fill(w, S_EVENTS)) == RC_OK; w->at[S_EVENTS]++) {
        const struct row_event *e = ROW_OF(w, S_EVENTS, events);
        if (!e || memcmp(e->appeal_id, a->id, 16) != 0) break;
        w->event_count++;
        count_entry(w, e->seq);
        if (dossier_event(&d, e) && (rc = next_line(w, &d)) != RC_OK) return rc;
    }
    for (; rc == RC_OK && (rc = fill(w, S_PARTS)) == RC_OK; w->at[S_PARTS]++) {
        const struct row_part *p = ROW_OF(w, S_PARTS, parts);
        if (!p || memcmp(p->appeal_id, a->id, 16) != 0) break;
        dossier_part(&d, p);
    }
    if (rc == RC_OK) rc = lines_left(w, a);
    if (rc == RC_OK) dossier_end(&d);
    w->appeal_count++;
    return rc;
}

static enum rc verify_dossiers(struct walk *w) {
    enum rc rc;
    for (; (rc = fill(w, S_APPEALS)) == RC_OK && !w->ended[S_APPEALS]; w->at[S_APPEALS]++) {
        const struct row_appeal *a = ROW_OF(w, S_APPEALS, appeals);
        rc = orphans(w, a->id);
        if (rc == RC_OK) rc = verify_appeal(w, a);
        if (rc != RC_OK) return rc;
    }
    return rc == RC_OK ? orphans(w, NULL) : rc;
}

static void found_excerpt(struct walk *w, const struct row_numbered *row) {
    finding(w, "appeal", row->number, "", 0, "lists show another text than its own");
}

/* What lists show of a text is the text's. After the dossiers, whose arena is free then. */
static enum rc verify_excerpts(struct walk *w) {
    struct arena *a = &w->arenas[S_APPEALS];
    struct row_numbered *rows;
    uint8_t after[16] = {0};
    size_t n;
    enum rc rc;
    do {
        arena_reset(a);
        rc = db_rows(w->ctl->db, ST_excerpts_changed, DB_VALUES(v_id(after), v_int(APPEALS_PAGE)), a, &rows, &n);
        if (rc != RC_OK) return rc;
        for (size_t i = 0; i < n; i++) found_excerpt(w, &rows[i]);
        if (n) memcpy(after, rows[n - 1].id, 16);
    } while (n == APPEALS_PAGE);
    return rc;
}

static enum rc verify_one(struct walk *w) {
    struct row_appeal *a;
    enum rc rc = db_row(w->ctl->db, ST_appeal_by_number, DB_VALUES(v_z(w->number)), &w->arenas[S_APPEALS], &a);
    if (rc != RC_OK) return rc;
    if (!a) return RC_NOT_FOUND;
    memcpy(w->photo_of, a->id, 16);
    memcpy(w->event_id, a->id, 16);
    memcpy(w->ledger_id, a->id, 16);
    memcpy(w->part_of, a->id, 16);
    rc = verify_appeal(w, a);
    struct row_numbered *changed;
    if (rc == RC_OK) rc = db_row(w->ctl->db, ST_excerpt_changed, DB_VALUES(v_id(a->id)), &w->arenas[S_LINES], &changed);
    if (rc == RC_OK && changed) found_excerpt(w, changed);
    return rc;
}

static enum rc verify_lines(struct walk *w) {
    enum rc rc;
    for (; (rc = fill(w, S_LINES)) == RC_OK && !w->ended[S_LINES]; w->at[S_LINES]++) {
        const struct row_audit_line *l = ROW_OF(w, S_LINES, lines);
        char id[UUID_TEXT + 1];
        uuid_format(l->id, id);
        if (!audit_line_holds(w->ctl->keys, l))
            finding(w, "audit_line", str_of(id), "seq", l->seq, "it was changed, or its MAC is wrong");
        if (l->action == AUDIT_RENEW && w->renewals++)
            finding(w, "audit_line", str_of(id), "seq", l->seq, "the appeals' MACs were renewed once more");
        w->line_count++;
        count_entry(w, l->seq);
    }
    return rc;
}

/* ---- heads ---- */

/* The next line of the file, as long as it was at the start. False at its end. */
static bool read_line(struct walk *w, char line[HEAD_LINE_MAX + 2], size_t *n) {
    if (!w->file || ftello(w->file) >= w->file_size || !fgets(line, HEAD_LINE_MAX + 2, w->file)) return false;
    *n = strlen(line);
    return true;
}

/* What a head must be by itself and after the one before it. */
static void check_head(struct walk *w, const struct head *h, const struct head *before) {
    if (h->n != before->n + 1)
        found_in_head(w, h->n, "the heads before it are missing, or its number was there before");
    if (h->first_seq != before->last_seq + 1 || h->last_seq < h->first_seq)
        found_in_head(w, h->n, "its range doesn't follow the head before it");
    if (memcmp(h->previous, before->root, 32) != 0)
        found_in_head(w, h->n, "it was signed after another head than the one before it");
    if (h->at < before->at) found_in_head(w, h->n, "it is older than the head before it");
    if (!head_holds(w->public_key, h)) found_in_head(w, h->n, "its signature is wrong");
}

static bool same_head(const struct head *h, const struct row_audit_head *row) {
    return row->n == h->n && row->first_seq == h->first_seq && row->last_seq == h->last_seq && row->at == h->at &&
           memcmp(row->root, h->root, 32) == 0 && row->signature.n == 64 &&
           memcmp(row->signature.p, h->signature, 64) == 0;
}

static enum rc check_root(struct walk *w, const struct head *h) {
    char what[160];
    uint8_t root[32];
    int64_t missing = 0;
    if (h->last_seq < h->first_seq || h->first_seq < 1) return RC_OK; /* told already */
    enum rc rc = heads_root(w->ctl->db, &w->scratch, h->first_seq, h->last_seq, NULL, NULL, root, &missing);
    if (rc != RC_OK) return rc;
    if (missing) {
        snprintf(what, sizeof what, "the entry with seq %lld was removed, or is there twice", (long long)missing);
        found_in_head(w, h->n, what);
    } else if (memcmp(root, h->root, 32) != 0) {
        snprintf(what, sizeof what, "an entry of seq %lld to %lld was changed, moved or replaced",
                 (long long)h->first_seq, (long long)h->last_seq);
        found_in_head(w, h->n, what);
    }
    return RC_OK;
}

/* The table must have what the file has; missing ones are told as one range. */
static enum rc compare_with_table(struct walk *w, const struct head *h, int64_t *missing_from) {
    enum rc rc;
    for (; (rc = fill(w, S_HEADS)) == RC_OK && !w->ended[S_HEADS]; w->at[S_HEADS]++) {
        const struct row_audit_head *row = ROW_OF(w, S_HEADS, heads);
        if (row->n >= h->n) break;
        found_in_head(w, row->n, "it is in the database and not in the file");
    }
    if (rc != RC_OK) return rc;
    const struct row_audit_head *row = ROW_OF(w, S_HEADS, heads);
    if (!row || row->n != h->n) {
        if (!*missing_from) *missing_from = h->n;
        return RC_OK;
    }
    if (!same_head(h, row)) found_in_head(w, h->n, "the database has it otherwise than the file");
    w->at[S_HEADS]++;
    return RC_OK;
}

static enum rc verify_file(struct walk *w) {
    char line[HEAD_LINE_MAX + 2];
    size_t n;
    int64_t missing_from = 0;
    enum rc rc = RC_OK;
    while (rc == RC_OK && read_line(w, line, &n)) {
        struct head h;
        arena_reset(&w->scratch);
        if (line[n - 1] != '\n' || !head_parse((struct str){line, n - 1}, &w->scratch, &h)) {
            found_in_head(w, w->file_head.n + 1, "its line in the file is not a head");
            continue;
        }
        check_head(w, &h, &w->file_head);
        rc = compare_with_table(w, &h, &missing_from);
        if (rc == RC_OK) rc = check_root(w, &h);
        w->file_head = h;
        w->head_count++;
    }
    if (missing_from) {
        char what[120];
        snprintf(what, sizeof what, "it and all up to %lld are in the file and not in the database",
                 (long long)w->file_head.n);
        found_in_head(w, missing_from, what);
    }
    w->covered = w->file_head.last_seq;
    return rc;
}

/* Heads that are in the table only. */
static enum rc verify_rest(struct walk *w) {
    enum rc rc;
    w->table_head = w->file_head;
    for (; (rc = fill(w, S_HEADS)) == RC_OK && !w->ended[S_HEADS]; w->at[S_HEADS]++) {
        const struct row_audit_head *row = ROW_OF(w, S_HEADS, heads);
        struct head h;
        if (!w->lacking_from) {
            w->lacking_from = row->n;
            w->lacking_at = row->at;
        }
        if (!head_from_row(row, w->table_head.root, &h)) {
            found_in_head(w, row->n, "its signature was changed");
            continue;
        }
        check_head(w, &h, &w->table_head);
        rc = check_root(w, &h);
        if (rc != RC_OK) return rc;
        w->table_head = h;
        w->head_count++;
    }
    return rc;
}

/* Whether the file, which has grown meanwhile, has the newest head of the table now. */
static bool file_has_newest(const struct walk *w) {
    char line[HEAD_LINE_MAX + 2], newest[HEAD_LINE_MAX];
    struct str want = {newest, head_format(&w->table_head, newest)};
    FILE *f = fopen(w->ctl->settings->head_file, "re");
    bool found = false;
    if (!f) return false;
    if (fseeko(f, w->file_size, SEEK_SET) == 0)
        while (!found && fgets(line, sizeof line, f)) found = str_eq(want, (struct str){line, strcspn(line, "\n")});
    fclose(f);
    return found;
}

/* Fresh heads are on their way to the file: those that don't arrive in time were cut off there. On its way to a copy nothing is;
 * that may lack what is as fresh as this. */
static void verify_arrival(struct walk *w) {
    const int64_t lag = FILE_LAG_SECONDS * SECOND_US;
    if (!w->lacking_from || (w->heads_path && w->ctl->now_us - w->lacking_at <= lag)) return;
    while (!w->heads_path) {
        if (file_has_newest(w)) return;
        if (time_now_us() - w->table_head.at > lag) break;
        nanosleep(&(struct timespec){.tv_nsec = FILE_LOOK_MS * 1000000L}, NULL);
    }
    found_in_head(w, w->lacking_from, "it and what follows are in the database and not in the file");
}

/* ---- the command ---- */

/* The transaction that db_tx began is exchanged for one whose reads all see the same instant. */
static enum rc begin_snapshot(struct db *db, struct arena *a) {
    static const struct str steps[] = {{"COMMIT", 6},
                                       {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", 47},
                                       {"START TRANSACTION WITH CONSISTENT SNAPSHOT", 42}};
    enum rc rc = RC_OK;
    const char *error;
    for (size_t i = 0; rc == RC_OK && i < sizeof steps / sizeof *steps; i++)
        rc = db_execute_text(db, steps[i], a, &error);
    return rc;
}

/* Once only: what was read before the connection got lost can't be read again in the same snapshot, nor be taken back. */
static enum rc verify_all(struct db *db, void *arg) {
    struct walk *w = arg;
    if (w->begun) return RC_UNAVAILABLE;
    w->begun = true;
    enum rc rc = begin_snapshot(db, &w->scratch);
    if (rc != RC_OK) return rc;
    if (w->number) return verify_one(w);
    rc = verify_file(w);
    if (rc == RC_OK) rc = verify_rest(w);
    if (rc == RC_OK) rc = verify_dossiers(w);
    if (rc == RC_OK) rc = verify_excerpts(w);
    if (rc == RC_OK) rc = verify_lines(w);
    if (rc == RC_OK) verify_arrival(w);
    return rc;
}

static int open_file(struct walk *w) {
    struct stat st;
    const char *path = w->heads_path ? w->heads_path : w->ctl->settings->head_file;
    w->file = fopen(path, "re");
    if (!w->file && errno == ENOENT && !w->heads_path)
        return EX_OK; /* a fresh system; if the table has heads, that is a finding */
    if (!w->file || fstat(fileno(w->file), &st))
        return ctl_fail(EX_NOINPUT, "audit: cannot read %s: %s", path, strerror(errno));
    w->file_size = st.st_size;
    return EX_OK;
}

static int conclude(struct walk *w, enum rc rc) {
    if (rc == RC_NOT_FOUND) return ctl_fail(EX_DATAERR, "audit: there is no appeal %s", w->number);
    if (rc != RC_OK) return ctl_fail_rc("audit verify", rc, NULL);
    if (w->json)
        printf("{\"ok\":%s,\"findings\":%lld,\"appeals\":%lld,\"events\":%lld,\"audit_lines\":%lld,\"heads\":%lld,"
               "\"not_yet_covered\":%lld}\n",
               w->found ? "false" : "true", (long long)w->found, (long long)w->appeal_count, (long long)w->event_count,
               (long long)w->line_count, (long long)w->head_count, (long long)w->uncovered);
    else if (w->number)
        printf("%s: appeal %s, %lld events, %lld findings\n", w->found ? "NOT ok" : "ok", w->number,
               (long long)w->event_count, (long long)w->found);
    else
        printf("%s: %lld appeals, %lld events, %lld heads, %lld audit lines, %lld findings; not yet covered: %lld\n",
               w->found ? "NOT ok" : "ok", (long long)w->appeal_count, (long long)w->event_count,
               (long long)w->head_count, (long long)w->line_count, (long long)w->found, (long long)w->uncovered);
    return w->found ? 1 : EX_OK;
}

static int verify(struct walk *w) {
    int code = ctl_need_all(w->ctl);
    const uint8_t *seed = code == EX_OK ? keyring_key(w->ctl->keys, "head") : NULL;
    if (code == EX_OK && (!seed || !ed25519_public(seed, w->public_key)))
        code = ctl_fail(EX_CONFIG, "audit: the key file has no key \"head\"");
    if (code == EX_OK && !w->number) code = open_file(w);
    if (code != EX_OK) return code;
    for (int i = 0; i < S__MAX; i++) arena_init(&w->arenas[i], PAGE_MEMORY);
    arena_init(&w->scratch, PAGE_MEMORY);
    code = conclude(w, db_tx(w->ctl->db, verify_all, w));
    for (int i = 0; i < S__MAX; i++) arena_free(&w->arenas[i]);
    arena_free(&w->scratch);
    if (w->file) fclose(w->file);
    return code;
}

int ctl_audit(struct ctl *c, int argc, char **argv) {
    enum { HEADS = 256, APPEAL, JSON };
    static const struct option longs[] = {{"heads", required_argument, NULL, HEADS},
                                          {"appeal", required_argument, NULL, APPEAL},
                                          {"json", no_argument, NULL, JSON},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    static struct walk w;
    w = (struct walk){.ctl = c};
    optind = 0; /* minhuctl has read options of its own */
    for (int o; (o = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        switch (o) {
        case HEADS: w.heads_path = optarg; break;
        case APPEAL: w.number = optarg; break;
        case JSON: w.json = true; break;
        case 'h': fputs(usage, stdout); return EX_OK;
        default: fputs(usage, stderr); return EX_USAGE;
        }
    }
    if (argc - optind != 1 || strcmp(argv[optind], "verify") != 0) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    return verify(&w);
}
