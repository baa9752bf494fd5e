/* minhuctl audit verify: walks every dossier, every audit line and every signed head, and tells what doesn't hold.
 *
 * All of it is read in one snapshot, as streams in the order of their keys, so that memory stays flat and work that
 * goes on meanwhile is no finding. How long the file of heads is, is noted before: what it has then, the snapshot must
 * have. */
#include "audit_walk.h"

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

/* ---- findings ---- */

void walk_finding(struct walk *w, const char *kind, struct str number, const char *n_name, int64_t n,
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
    walk_finding(w, "appeal", w->in_number, "event", event, what);
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
enum rc walk_fill(struct walk *w, enum stream s) {
    if (w->ended[s] || w->at[s] < w->n[s]) return RC_OK;
    enum rc rc = load(w, s);
    if (rc != RC_OK) return rc;
    if (w->n[s]) remember(w, s);
    else w->ended[s] = true;
    return RC_OK;
}

/* ---- dossiers ---- */

static void count_entry(struct walk *w, int64_t seq) {
    if (!seq || seq > w->covered) w->uncovered++;
}

/* Photos, events, ledger lines and parts that lie before the appeal's own belong to none that is there. */
static enum rc orphans(struct walk *w, const uint8_t *id) {
    uint8_t last[16] = {0};
    enum rc rc;
    for (; (rc = walk_fill(w, S_PHOTOS)) == RC_OK; w->at[S_PHOTOS]++) {
        const struct row_attachment *p = ROW_OF(w, S_PHOTOS, photos);
        if (!p || (id && memcmp(p->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(p->appeal_id, text);
        walk_finding(w, "appeal", str_of(text), "", 0, "a photo of an appeal that isn't there");
    }
    for (; rc == RC_OK && (rc = walk_fill(w, S_EVENTS)) == RC_OK; w->at[S_EVENTS]++) {
        const struct row_event *e = ROW_OF(w, S_EVENTS, events);
        if (!e || (id && memcmp(e->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(e->appeal_id, text);
        if (memcmp(last, e->appeal_id, 16) != 0)
            walk_finding(w, "appeal", str_of(text), "event", e->n, "its appeal was removed");
        memcpy(last, e->appeal_id, 16);
        w->event_count++;
        count_entry(w, e->seq);
    }
    for (; rc == RC_OK && (rc = walk_fill(w, S_LEDGER)) == RC_OK; w->at[S_LEDGER]++) {
        const struct row_ledger_entry *l = ROW_OF(w, S_LEDGER, ledger);
        if (!l || (id && memcmp(l->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(l->appeal_id, text);
        walk_finding(w, "appeal", str_of(text), "line", l->n, "a ledger line of an appeal that isn't there");
    }
    for (; rc == RC_OK && (rc = walk_fill(w, S_PARTS)) == RC_OK; w->at[S_PARTS]++) {
        const struct row_part *p = ROW_OF(w, S_PARTS, parts);
        if (!p || (id && memcmp(p->appeal_id, id, 16) >= 0)) break;
        char text[UUID_TEXT + 1];
        uuid_format(p->appeal_id, text);
        walk_finding(w, "appeal", str_of(text), "part", p->n, "a part of an appeal that isn't there");
    }
    return rc;
}

static enum rc next_line(struct walk *w, struct dossier *d) {
    enum rc rc = walk_fill(w, S_LEDGER);
    if (rc != RC_OK) return rc;
    const struct row_ledger_entry *l = ROW_OF(w, S_LEDGER, ledger);
    if (l && memcmp(l->appeal_id, d->appeal->id, 16) != 0) l = NULL;
    dossier_line(d, l);
    if (l) w->at[S_LEDGER]++;
    return RC_OK;
}

static enum rc lines_left(struct walk *w, const struct row_appeal *a) {
    enum rc rc;
    for (; (rc = walk_fill(w, S_LEDGER)) == RC_OK; w->at[S_LEDGER]++) {
        const struct row_ledger_entry *l = ROW_OF(w, S_LEDGER, ledger);
        if (!l || memcmp(l->appeal_id, a->id, 16) != 0) break;
        walk_finding(w, "appeal", a->number, "line", l->n, "a ledger line that no event closed");
    }
    return rc;
}

/* Few matters have meetings: they are read matter by matter. */
static enum rc verify_meetings(struct walk *w, struct dossier *d) {
    struct row_meeting *rows;
    size_t n;
    if (!d->appeal->meetings) return RC_OK;
    arena_reset(&w->side);
    enum rc rc = db_rows(w->ctl->db, ST_meetings_of, DB_VALUES(v_id(d->appeal->id)), &w->side, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) dossier_meeting(d, &rows[i]);
    return rc;
}

/* Rulings are fewer still. */
static enum rc verify_rulings(struct walk *w, struct dossier *d) {
    struct row_ruling *rows;
    size_t n;
    if (!d->rulings) return RC_OK;
    arena_reset(&w->side);
    enum rc rc = db_rows(w->ctl->db, ST_rulings_of, DB_VALUES(v_id(d->appeal->id)), &w->side, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) dossier_ruling(d, &rows[i]);
    return rc;
}

static enum rc verify_following(struct walk *w, struct dossier *d) {
    const struct row_appeal *a = d->appeal;
    struct row_following *row;
    if (uuid_is_zero(a->lead_id)) return RC_OK;
    arena_reset(&w->side);
    enum rc rc = db_row(w->ctl->db, ST_follower_row, DB_VALUES(v_id(a->lead_id), v_id(a->id)), &w->side, &row);
    if (rc == RC_OK) dossier_following(d, row);
    return rc;
}

static enum rc verify_appeal(struct walk *w, const struct row_appeal *a) {
    struct dossier d;
    enum rc rc;
    w->in_number = a->number;
    dossier_begin(&d, w->ctl->keys, a, found_in_appeal, w);
    for (; (rc = walk_fill(w, S_PHOTOS)) == RC_OK; w->at[S_PHOTOS]++) {
        const struct row_attachment *p = ROW_OF(w, S_PHOTOS, photos);
        if (!p || memcmp(p->appeal_id, a->id, 16) != 0) break;
        dossier_photo(&d, p);
    }
    for (; rc == RC_OK && (rc = walk_fill(w, S_EVENTS)) == RC_OK; w->at[S_EVENTS]++) {
        const struct row_event *e = ROW_OF(w, S_EVENTS, events);
        if (!e || memcmp(e->appeal_id, a->id, 16) != 0) break;
        w->event_count++;
        count_entry(w, e->seq);
        if (dossier_event(&d, e) && (rc = next_line(w, &d)) != RC_OK) return rc;
    }
    for (; rc == RC_OK && (rc = walk_fill(w, S_PARTS)) == RC_OK; w->at[S_PARTS]++) {
        const struct row_part *p = ROW_OF(w, S_PARTS, parts);
        if (!p || memcmp(p->appeal_id, a->id, 16) != 0) break;
        dossier_part(&d, p);
    }
    if (rc == RC_OK) rc = verify_meetings(w, &d);
    if (rc == RC_OK) rc = verify_rulings(w, &d);
    if (rc == RC_OK) rc = verify_following(w, &d);
    if (rc == RC_OK) rc = lines_left(w, a);
    if (rc == RC_OK) dossier_end(&d);
    w->appeal_count++;
    return rc;
}

static enum rc verify_dossiers(struct walk *w) {
    enum rc rc;
    for (; (rc = walk_fill(w, S_APPEALS)) == RC_OK && !w->ended[S_APPEALS]; w->at[S_APPEALS]++) {
        const struct row_appeal *a = ROW_OF(w, S_APPEALS, appeals);
        rc = orphans(w, a->id);
        if (rc == RC_OK) rc = verify_appeal(w, a);
        if (rc != RC_OK) return rc;
    }
    return rc == RC_OK ? orphans(w, NULL) : rc;
}

static void found_astray(struct walk *w, const uint8_t appeal_id[16], const char *n_name, int64_t n, const char *what) {
    char text[UUID_TEXT + 1];
    uuid_format(appeal_id, text);
    walk_finding(w, "appeal", str_of(text), n_name, n, what);
}

/* Those of no matter that knows of them. */
static enum rc verify_astray(struct walk *w) {
    struct db *db = w->ctl->db;
    struct row_meeting *meetings;
    struct row_ruling *rulings;
    struct row_follower *followers;
    size_t n;
    arena_reset(&w->side);
    enum rc rc = db_rows(db, ST_meetings_astray, DB_VALUES(v_int(EVENTS_PAGE)), &w->side, &meetings, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        found_astray(w, meetings[i].appeal_id, "meeting", meetings[i].n,
                     "a meeting of an appeal that doesn't know of it");
    if (rc == RC_OK)
        rc = db_rows(db, ST_rulings_astray, DB_VALUES(v_int(ACT_RULE), v_int(EVENTS_PAGE)), &w->side, &rulings, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        found_astray(w, rulings[i].appeal_id, "event", rulings[i].event_n, "a ruling that no event says");
    if (rc == RC_OK) rc = db_rows(db, ST_followers_astray, DB_VALUES(v_int(EVENTS_PAGE)), &w->side, &followers, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        found_astray(w, followers[i].follower_id, "", 0,
                     "it is among those that follow a matter, and doesn't know of it");
    return rc;
}

static void found_excerpt(struct walk *w, const struct row_numbered *row) {
    walk_finding(w, "appeal", row->number, "", 0, "lists show another text than its own");
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
    for (; (rc = walk_fill(w, S_LINES)) == RC_OK && !w->ended[S_LINES]; w->at[S_LINES]++) {
        const struct row_audit_line *l = ROW_OF(w, S_LINES, lines);
        char id[UUID_TEXT + 1];
        uuid_format(l->id, id);
        if (!audit_line_holds(w->ctl->keys, l))
            walk_finding(w, "audit_line", str_of(id), "seq", l->seq, "it was changed, or its MAC is wrong");
        if (l->action == AUDIT_RENEW && w->renewals++)
            walk_finding(w, "audit_line", str_of(id), "seq", l->seq, "the appeals' MACs were renewed once more");
        if (!walk_note_succession(w, l)) return RC_INTERNAL;
        w->line_count++;
        count_entry(w, l->seq);
    }
    return rc;
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
    rc = walk_verify_file(w);
    if (rc == RC_OK) rc = walk_verify_rest(w);
    if (rc == RC_OK) rc = verify_dossiers(w);
    if (rc == RC_OK) rc = verify_astray(w);
    if (rc == RC_OK) rc = verify_excerpts(w);
    if (rc == RC_OK) rc = verify_lines(w);
    if (rc == RC_OK) rc = walk_verify_successions(w);
    if (rc == RC_OK) walk_verify_arrival(w);
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
    arena_init(&w->side, PAGE_MEMORY);
    code = conclude(w, db_tx(w->ctl->db, verify_all, w));
    for (int i = 0; i < S__MAX; i++) arena_free(&w->arenas[i]);
    arena_free(&w->scratch);
    arena_free(&w->side);
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
