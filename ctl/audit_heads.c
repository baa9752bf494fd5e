/* The heads that minhuctl audit verify walks: signatures, roots, and whether file and table agree. */
#include "audit_walk.h"

#include "base/timefmt.h"

#include <stdio.h>
#include <time.h>

static void found_in_head(struct walk *w, int64_t n, const char *what) {
    walk_finding(w, "head", (struct str){0}, "n", n, what);
}

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
    for (; (rc = walk_fill(w, S_HEADS)) == RC_OK && !w->ended[S_HEADS]; w->at[S_HEADS]++) {
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

enum rc walk_verify_file(struct walk *w) {
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
enum rc walk_verify_rest(struct walk *w) {
    enum rc rc;
    w->table_head = w->file_head;
    for (; (rc = walk_fill(w, S_HEADS)) == RC_OK && !w->ended[S_HEADS]; w->at[S_HEADS]++) {
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
void walk_verify_arrival(struct walk *w) {
    const int64_t lag = FILE_LAG_SECONDS * SECOND_US;
    if (!w->lacking_from || (w->heads_path && w->ctl->now_us - w->lacking_at <= lag)) return;
    while (!w->heads_path) {
        if (file_has_newest(w)) return;
        if (time_now_us() - w->table_head.at > lag) break;
        nanosleep(&(struct timespec){.tv_nsec = FILE_LOOK_MS * 1000000L}, NULL);
    }
    found_in_head(w, w->lacking_from, "it and what follows are in the database and not in the file");
}
