/* How well the product finds messages of the same event: for each message of an event all others are ranked by alike_rank.
 *
 *   duplicates_rank FEED EVENTS    tab-separated, with a line of names: id, user, time, topic, text …; event, about, id …
 *
 * Prints hit_rate (the nearest other message is of the same event) and map (mean average precision over the messages). */
#include "base/arena.h"
#include "rules/alike.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS_MAX = 16, MEMORY = 1 << 30 };

struct message {
    struct str id, event, title, text;
};

struct feed {
    struct message *messages;
    struct alike *alike;
    size_t n;
};

static void stop(const char *what, const char *of) {
    fprintf(stderr, "duplicates: %s: %s\n", of, what);
    exit(1);
}

static struct str read_file(struct arena *a, const char *path) {
    FILE *f = fopen(path, "r");
    if (!f || fseek(f, 0, SEEK_END) != 0) stop("cannot be read", path);
    long size = ftell(f);
    rewind(f);
    char *p = arena_alloc(a, (size_t)(size > 0 ? size : 0) + 1);
    if (!p || fread(p, 1, (size_t)size, f) != (size_t)size) stop("cannot be read", path);
    fclose(f);
    return (struct str){p, (size_t)size};
}

/* The part of s before the first c, which s then begins behind. */
static struct str take(struct str *s, char c) {
    const char *at = s->n ? memchr(s->p, c, s->n) : NULL;
    struct str part = {s->p, at ? (size_t)(at - s->p) : s->n};
    size_t gone = part.n + (at != NULL);
    *s = (struct str){s->p + gone, s->n - gone};
    return part;
}

static size_t take_columns(struct str *rest, struct str columns[COLUMNS_MAX]) {
    struct str line = take(rest, '\n');
    size_t n = 0;
    while (line.n && n < COLUMNS_MAX) columns[n++] = take(&line, '\t');
    return n;
}

static size_t column_of(const struct str *names, size_t n, const char *name, const char *path) {
    for (size_t i = 0; i < n; i++)
        if (str_is(names[i], name)) return i;
    stop("a column is missing", path);
    return 0;
}

static void read_feed(struct arena *a, const char *path, struct feed *out) {
    struct str rest = read_file(a, path), columns[COLUMNS_MAX];
    size_t lines = 0;
    for (size_t i = 0; i < rest.n; i++) lines += rest.p[i] == '\n';
    out->messages = arena_array(a, lines + 1, sizeof *out->messages);
    out->alike = arena_array(a, lines + 1, sizeof *out->alike);
    if (!out->messages || !out->alike) stop("no memory", path);
    size_t n = take_columns(&rest, columns), id = column_of(columns, n, "id", path);
    size_t title = column_of(columns, n, "topic", path), text = column_of(columns, n, "text", path);
    while (rest.n) {
        n = take_columns(&rest, columns);
        if (n <= id || n <= title || n <= text) continue;
        out->messages[out->n++] = (struct message){columns[id], {NULL, 0}, columns[title], columns[text]};
    }
}

static void read_events(struct arena *a, const char *path, struct feed *feed) {
    struct str rest = read_file(a, path), columns[COLUMNS_MAX];
    size_t n = take_columns(&rest, columns);
    size_t event = column_of(columns, n, "event", path), id = column_of(columns, n, "id", path);
    while (rest.n) {
        n = take_columns(&rest, columns);
        for (size_t i = 0; n > event && n > id && i < feed->n; i++)
            if (str_eq(feed->messages[i].id, columns[id])) feed->messages[i].event = columns[event];
    }
}

static void weigh(struct arena *a, struct feed *feed) {
    struct alike_counts *counts = ARENA_NEW(a, struct alike_counts);
    struct arena scratch;
    arena_init(&scratch, MEMORY);
    if (!counts) stop("no memory", "feed");
    for (size_t i = 0; i < feed->n; i++, arena_reset(&scratch))
        if (!alike_count(&scratch, counts, feed->messages[i].title, feed->messages[i].text)) stop("no memory", "feed");
    for (size_t i = 0; i < feed->n; i++, arena_reset(&scratch)) {
        struct alike one;
        unsigned char packed[ALIKE_PACKED_MAX];
        /* As they come from the database. */
        if (!alike_of(&scratch, counts, feed->messages[i].title, feed->messages[i].text, &one))
            stop("no memory", "feed");
        struct str bytes = {(const char *)packed, alike_pack(&one, packed)};
        if (!alike_unpack(a, bytes, &feed->alike[i])) stop("not unpacked", "feed");
    }
    arena_free(&scratch);
}

struct ranked {
    double score;
    size_t place; /* in the feed: of equal scores the first */
    bool same;    /* event */
};

static int best_first(const void *x, const void *y) {
    const struct ranked *a = x, *b = y;
    if (a->score != b->score) return a->score < b->score ? 1 : -1;
    return (a->place > b->place) - (a->place < b->place);
}

/* The average precision of one message's ranking of all others; *hit when the first is of its event. */
static double average_precision(struct arena *a, const struct feed *feed, size_t of, bool *hit) {
    size_t n = 0, found = 0;
    struct alike *others = arena_array(a, feed->n, sizeof *others);
    struct ranked *ranked = arena_array(a, feed->n, sizeof *ranked);
    double *score = arena_array(a, feed->n, 2 * sizeof *score), *order = score + feed->n, sum = 0;
    if (!others || !ranked || !score) stop("no memory", "ranking");
    for (size_t i = 0; i < feed->n; i++) {
        if (i == of) continue;
        others[n] = feed->alike[i];
        ranked[n++] = (struct ranked){0, i, str_eq(feed->messages[i].event, feed->messages[of].event)};
    }
    if (!alike_rank(a, &feed->alike[of], others, n, score, order)) stop("no memory", "ranking");
    for (size_t i = 0; i < n; i++) ranked[i].score = order[i];
    qsort(ranked, n, sizeof *ranked, best_first);
    for (size_t i = 0; i < n; i++)
        if (ranked[i].same) sum += (double)++found / (double)(i + 1);
    *hit = n && ranked[0].same;
    return found ? sum / (double)found : 0;
}

int main(int argc, char **argv) {
    struct arena a, scratch;
    struct feed feed = {.n = 0};
    double hits = 0, sum = 0;
    size_t n = 0;
    if (argc != 3) stop("usage: duplicates_rank FEED EVENTS", "arguments");
    arena_init(&a, MEMORY);
    arena_init(&scratch, MEMORY);
    read_feed(&a, argv[1], &feed);
    read_events(&a, argv[2], &feed);
    weigh(&a, &feed);
    for (size_t i = 0; i < feed.n; i++, arena_reset(&scratch)) {
        bool hit;
        if (!feed.messages[i].event.n) continue;
        sum += average_precision(&scratch, &feed, i, &hit);
        hits += hit;
        n++;
    }
    if (!n) stop("no message of any event is in the feed", argv[2]);
    printf("hit_rate %.3f\nmap %.3f\n", hits / (double)n, sum / (double)n);
    arena_free(&scratch);
    arena_free(&a);
    return 0;
}
