/* What a message asks for, by its form: numbered items, questions, and clauses that begin with a request. */
#include "rules/demands.h"

#include "base/utf8.h"
#include "rules/demand_words.h"

#include <string.h>

static struct str part_of(struct str s, size_t from, size_t to) { return (struct str){s.p + from, to - from}; }

/* Which of the 4096 bits is that of the character at p; words are of ASCII and of characters of three bytes. */
static unsigned start_of(const char *p, size_t left) {
    const unsigned char *c = (const unsigned char *)p;
    if (c[0] < 0x80) return c[0];
    return left < 3 ? 0 : (c[1] & 63u) << 6 | (c[2] & 63u);
}

static void learn_starts(struct words *w) {
    for (size_t i = 0; i < w->n; i++) {
        unsigned start = start_of(w->list[i].p, w->list[i].n);
        atomic_fetch_or_explicit(&w->starts[start / 64], UINT64_C(1) << start % 64, memory_order_relaxed);
    }
    atomic_store_explicit(&w->known, true, memory_order_release);
}

static bool may_start(struct words *w, struct str s, size_t at) {
    if (!atomic_load_explicit(&w->known, memory_order_acquire)) learn_starts(w);
    unsigned start = start_of(s.p + at, s.n - at);
    return atomic_load_explicit(&w->starts[start / 64], memory_order_relaxed) >> start % 64 & 1;
}

static bool stands_at(struct str s, size_t at, struct str word) {
    return word.n <= s.n - at && !memcmp(s.p + at, word.p, word.n);
}

/* The longest of the words that stands at s[at]; 0 bytes: none. */
static size_t word_at(struct str s, size_t at, struct words *w) {
    size_t longest = 0;
    if (at >= s.n || !may_start(w, s, at)) return 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->list[i].n > longest && stands_at(s, at, w->list[i])) longest = w->list[i].n;
    return longest;
}

/* Bytes that are no UTF-8 count one by one. */
static size_t char_at(struct str s, size_t at) {
    size_t n = utf8_sequence(s.p + at, s.n - at);
    return n ? n : 1;
}

static bool holds_any(struct str s, struct words *w) {
    for (size_t at = 0; at < s.n; at += char_at(s, at))
        if (word_at(s, at, w)) return true;
    return false;
}

WORDS(stops, W("。"), W("！"), W("？"), W("；"), W("!"), W("?"), W(";"), W("\n"), W("…"));
WORDS(question_marks, W("？"), W("?"));
WORDS(pauses, W("，"), W(","), W("："), W(":"), W(" "), W("　"), W("\t"));
WORDS(colons, W("："), W(":"));
WORDS(edges, W("，"), W(","), W("："), W(":"), W("、"), W(" "), W("　"), W("\t"), W("。"), W("！"), W("；"), W("!"),
      W(";"), W("\n"), W("…"), W("."), W("”"), W("“"), W("\r"), W("-"), W("—"), W("~"));

/* The longest of the words that s ends with. */
static size_t word_before(struct str s, struct words *w) {
    size_t longest = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->list[i].n > longest && w->list[i].n <= s.n &&
            !memcmp(s.p + s.n - w->list[i].n, w->list[i].p, w->list[i].n))
            longest = w->list[i].n;
    return longest;
}

/* Without the punctuation at both ends, but a question mark; no longer than a demand may be. */
static struct str tidy(struct str s) {
    size_t at = 0;
    for (size_t n; (n = word_at(s, 0, &edges)) != 0;) s = part_of(s, n, s.n);
    for (size_t n; (n = word_before(s, &edges)) != 0 || (n = word_before(s, &thanks)) != 0;) s.n -= n;
    for (size_t n = 0; at < s.n && n < DEMAND_TEXT_MAX; n++) at += char_at(s, at);
    return part_of(s, 0, at);
}

/* ---- what anybody asks ---- */

enum { PLAIN_REST = 2 }; /* so many characters besides still say nothing */

static bool is_plain(struct str s) {
    size_t rest = 0;
    for (size_t at = 0, n; at < s.n; at += n) {
        n = word_at(s, at, &plain_words);
        if (!n) n = word_at(s, at, &edges);
        if (n) continue;
        n = char_at(s, at);
        if (++rest > PLAIN_REST) return false;
    }
    return true;
}

/* ---- what was found ---- */

struct finding {
    struct demands *d;
    bool unmarked;    /* questions count without a question mark, too */
    struct str plain; /* the first request that says nothing of its own */
};

enum { SHORTEST = 2 * 3 }; /* bytes: two characters */

static struct str first_line(struct str s) {
    for (size_t n; (n = word_at(s, 0, &edges)) != 0;) s = part_of(s, n, s.n);
    const char *end = s.n ? memchr(s.p, '\n', s.n) : NULL;
    return end ? part_of(s, 0, (size_t)(end - s.p)) : s;
}

/* whole: it counts whatever it says. */
static void found(struct finding *f, struct str s, bool whole) {
    s = tidy(first_line(s));
    if (s.n < SHORTEST) return;
    if (!whole && is_plain(s)) {
        if (!f->plain.p) f->plain = s;
        return;
    }
    for (size_t i = 0; i < f->d->n; i++)
        if (str_eq(f->d->list[i].text, s)) return;
    if (f->d->n < DEMANDS_MAX) f->d->list[f->d->n++] = (struct demand){.text = s};
}

/* ---- sentences ---- */

WORDS(pointing, W("这"), W("那"), W("如此"));

/* "这样合理吗？", "那谁来管？": who asks so wants no answer to it. */
static bool is_rhetoric(struct str s) {
    enum { SHORT = 14 * 3 };
    return holds_any(s, &rhetoric) || (s.n <= SHORT && word_at(s, 0, &pointing));
}

static size_t skip_fillers(struct str s) {
    size_t at = 0;
    for (size_t n; (n = word_at(s, at, &fillers)) != 0;) at += n;
    return at;
}

enum { QUESTION_LONG = 40 * 3, QUESTION_SHORT = 8 * 3 }; /* bytes */

/* Clause by clause: where requests begin, and where the question does. */
struct sentence {
    struct str text;
    bool asked;                        /* ends with a question mark */
    size_t starts[DEMANDS_MAX + 1], n; /* of requests */
    size_t asks_from;                  /* where the question begins; text.n: no word of it asks */
    size_t clause, before;             /* where the last clause begins, and the one before it */
    bool announced;                    /* the clause before said "诉求：" */
};

/* Of others something is wanted, too ("通知要求…"), and others are asked: only at the start, of oneself, or after a request is it one. */
static bool is_cue(const struct sentence *s, size_t from, struct str clause, bool asks) {
    size_t own = skip_fillers(clause);
    struct str rest = part_of(clause, own, clause.n);
    size_t cue = word_at(rest, 0, &cues);
    if (!cue) return holds_any(clause, &strong_cues);
    if (word_at(rest, 0, &no_cues)) return false;
    if (word_at(rest, 0, &shared_cues) == cue && from && !own && !s->n) return false;
    return s->asked || asks || word_at(rest, 0, &weak_cues) != cue;
}

static void read_clause(struct sentence *s, size_t from, size_t to, bool colon) {
    struct str clause = part_of(s->text, from, to), rest = part_of(clause, skip_fillers(clause), clause.n);
    bool heading = colon && rest.n && word_at(rest, 0, &headings) == rest.n;
    bool asks = holds_any(clause, &asking);
    if (!rest.n) return;
    if (((is_cue(s, from, clause, asks) && !heading) || s->announced) && s->n < sizeof s->starts / sizeof *s->starts)
        s->starts[s->n++] = from;
    if (asks && s->text.n - s->asks_from < 1) s->asks_from = from;
    else if (asks && s->text.n - s->asks_from > QUESTION_LONG) s->asks_from = from;
    s->before = s->clause;
    s->clause = from;
    s->announced = heading;
}

/* Where the question begins: what is asked in two words is about what was said before. */
static size_t question_start(const struct sentence *s, size_t end) {
    size_t start = s->asks_from < s->text.n ? s->asks_from : s->clause;
    return start == s->clause && end - start < QUESTION_SHORT ? s->before : start;
}

static void read_sentence(struct finding *f, struct str text, bool asked) {
    struct sentence s = {.text = text, .asked = asked || (f->unmarked && holds_any(text, &questions))};
    size_t from = 0, at = 0, n;
    for (s.asks_from = text.n; at < text.n; at += n) {
        n = word_at(text, at, &pauses);
        if (n) {
            read_clause(&s, from, at, word_at(text, at, &colons));
            from = at + n;
        } else n = char_at(text, at);
    }
    read_clause(&s, from, text.n, false);
    if (s.asked && is_rhetoric(tidy(text)) && !s.n) return;
    if (s.asked && (!s.n || s.asks_from < s.starts[0])) {
        size_t end = s.n ? s.starts[0] : text.n, start = question_start(&s, end);
        if (start < end) found(f, part_of(text, start, end), false);
    }
    for (size_t i = 0; i < s.n; i++)
        found(f, part_of(text, s.starts[i], i + 1 < s.n ? s.starts[i + 1] : text.n), false);
}

static void read_sentences(struct finding *f, struct str text) {
    size_t from = 0, at = 0, n;
    for (; at < text.n; at += n) {
        n = word_at(text, at, &stops);
        if (!n) {
            n = char_at(text, at);
            continue;
        }
        bool asked = word_at(text, at, &question_marks);
        read_sentence(f, part_of(text, from, asked ? at + n : at), asked);
        from = at + n;
    }
    read_sentence(f, part_of(text, from, text.n), false);
}

/* ---- numbered items ---- */

/* The ways to number: 1. 1、 / 1) / (1) / 一、 / （一） / ① / 第一， / 其一， */
enum style {
    STYLE_POINT,
    STYLE_HALF,
    STYLE_BOTH,
    STYLE_CHINESE,
    STYLE_CHINESE_BOTH,
    STYLE_CIRCLE,
    STYLE_ORDINAL,
    STYLE__MAX
};

WORDS(chinese, W("一"), W("二"), W("三"), W("四"), W("五"), W("六"), W("七"), W("八"), W("九"), W("十"));
WORDS(circles, W("①"), W("②"), W("③"), W("④"), W("⑤"), W("⑥"), W("⑦"), W("⑧"), W("⑨"), W("⑩"));
WORDS(opening, W("（"), W("("));
WORDS(closing, W("）"), W(")"));
WORDS(points, W("、"), W("."), W("．"), W("，"), W(","), W("："), W(":"));
WORDS(ordinals, W("第"));

struct marker {
    enum style style;
    size_t number, length; /* number 0: none */
};

static size_t digits_at(struct str s, size_t at, size_t *value) {
    size_t n = 0;
    for (*value = 0; n < 2 && at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9'; n++)
        *value = *value * 10 + (size_t)(s.p[at + n] - '0');
    return n;
}

static size_t numeral_at(struct str s, size_t at, struct words *numerals, size_t *value) {
    size_t n = word_at(s, at, numerals);
    for (size_t i = 0; n && i < numerals->n; i++)
        if (stands_at(s, at, numerals->list[i])) *value = i + 1;
    return n;
}

static struct marker marker_at(struct str s, size_t at) {
    struct marker m = {.number = 0};
    size_t n = numeral_at(s, at, &circles, &m.number);
    if (n) return (struct marker){STYLE_CIRCLE, m.number, n};
    size_t open = word_at(s, at, &opening), i = at + open;
    size_t ordinal = open ? 0 : word_at(s, i, &ordinals);
    i += ordinal;
    bool arabic = !ordinal && (n = digits_at(s, i, &m.number)) != 0;
    if (!arabic) n = numeral_at(s, i, &chinese, &m.number);
    if (!n) return (struct marker){.number = 0};
    i += n;
    size_t close = word_at(s, i, &closing), point = word_at(s, i, &points);
    if (open && close) return (struct marker){arabic ? STYLE_BOTH : STYLE_CHINESE_BOTH, m.number, i + close - at};
    if (!open && close && arabic) return (struct marker){STYLE_HALF, m.number, i + close - at};
    if (open || !point) return (struct marker){.number = 0};
    i += point;
    /* 1.5 米, 1、2 号楼, 12:30 */
    if (arabic && i < s.n && s.p[i] >= '0' && s.p[i] <= '9') return (struct marker){.number = 0};
    return (struct marker){ordinal ? STYLE_ORDINAL : arabic ? STYLE_POINT : STYLE_CHINESE, m.number, i - at};
}

struct numbered {
    size_t n, from[DEMANDS_MAX], text[DEMANDS_MAX]; /* where the markers stand, and what is numbered begins */
};

/* The list that begins first and has two items or more. */
static void find_list(struct str s, struct numbered *list) {
    struct numbered lists[STYLE__MAX] = {{.n = 0}};
    bool fresh = true; /* what begins something; a marker that is round may stand anywhere */
    for (size_t at = 0, n; at < s.n; at += n) {
        n = char_at(s, at);
        bool round = word_at(s, at, &circles) || word_at(s, at, &opening);
        struct marker m = fresh || round ? marker_at(s, at) : (struct marker){.number = 0};
        struct numbered *of = &lists[m.style];
        if (m.number && m.number == of->n + 1 && of->n < DEMANDS_MAX) {
            of->from[of->n] = at;
            of->text[of->n++] = at + m.length;
            n = m.length;
        }
        fresh = word_at(s, at, &edges) || word_at(s, at, &stops) || word_at(s, at, &closing) || m.number;
    }
    for (size_t i = 0; i < STYLE__MAX; i++)
        if (lists[i].n > 1 && (!list->n || lists[i].from[0] < list->from[0])) *list = lists[i];
}

/* The last item ends with its line, or its sentence. */
static size_t item_end(struct str s, const struct numbered *list, size_t i) {
    if (i + 1 < list->n) return list->from[i + 1];
    size_t at = list->text[i], n = 0;
    while (at < s.n && !(n = word_at(s, at, &stops))) at += char_at(s, at);
    return n && word_at(s, at, &question_marks) ? at + n : at;
}

static bool asks(struct str item) {
    struct demands found_in = {.n = 0};
    struct finding f = {.d = &found_in};
    read_sentences(&f, item);
    return found_in.n || f.plain.p;
}

WORDS(announce, W("诉求"), W("请求"), W("要求"), W("问题"), W("建议"), W("希望"), W("请问"), W("咨询"), W("想问"),
      W("疑问"), W("疑惑"), W("解决"), W("请教"), W("意见"));
WORDS(leads_in, W("："), W(":"), W("如下"), W("以下"));
WORDS(blanks, W(" "), W("　"), W("\n"), W("。"), W("，"), W("\t"));

/* Numbered are demands, or what happened: half of them ask, or the words before say that these are what it is about. */
static bool is_of_demands(struct str s, const struct numbered *list) {
    enum { BEFORE = 20 * 3 };
    struct str before = part_of(s, list->from[0] > BEFORE ? list->from[0] - BEFORE : 0, list->from[0]);
    size_t n = 0;
    for (size_t blank; (blank = word_before(before, &blanks)) != 0;) before.n -= blank;
    if (word_before(before, &leads_in) && holds_any(before, &announce)) return true;
    for (size_t i = 0; i < list->n; i++) n += asks(part_of(s, list->text[i], item_end(s, list, i)));
    return 2 * n >= list->n;
}

static void find_in(struct finding *f, struct str s) {
    struct numbered list = {.n = 0};
    find_list(s, &list);
    if (list.n < 2 || !is_of_demands(s, &list)) {
        read_sentences(f, s);
        return;
    }
    size_t end = item_end(s, &list, list.n - 1);
    read_sentences(f, part_of(s, 0, list.from[0]));
    for (size_t i = 0; i < list.n; i++) found(f, part_of(s, list.text[i], item_end(s, &list, i)), true);
    read_sentences(f, part_of(s, end, s.n));
}

void demands_find(struct str title, struct str text, struct demands *d) {
    struct finding f = {.d = d};
    d->n = 0;
    if (text.p) find_in(&f, text);
    if (!d->n && title.p) find_in(&f, title);
    f.unmarked = true;
    if (!d->n && title.p) read_sentences(&f, title);
    if (!d->n && text.p) read_sentences(&f, text);
    if (!d->n && f.plain.p) d->list[d->n++] = (struct demand){.text = f.plain};
}
