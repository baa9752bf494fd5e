/* What a message asks for, by its form: numbered items, questions, and clauses that begin with a request. */
#include "rules/demands.h"

#include "base/utf8.h"
#include "rules/demand_words.h"

#include <string.h>

#define STR_OF(z) \
    { z, sizeof(z) - 1 }
#define COUNT(list) (sizeof(list) / sizeof *(list))

static struct str part_of(struct str s, size_t from, size_t to) { return (struct str){s.p + from, to - from}; }

/* The longest of the words that stands at s[at]; 0 bytes: none. */
static size_t word_at(struct str s, size_t at, const struct str *words, size_t n) {
    size_t longest = 0;
    for (size_t i = 0; i < n; i++)
        if (at < s.n && s.p[at] == words[i].p[0] && words[i].n > longest && words[i].n <= s.n - at &&
            !memcmp(s.p + at, words[i].p, words[i].n))
            longest = words[i].n;
    return longest;
}

static bool holds_any(struct str s, const struct str *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (memmem(s.p, s.n, words[i].p, words[i].n)) return true;
    return false;
}

/* Bytes that are no UTF-8 count one by one. */
static size_t char_at(struct str s, size_t at) {
    size_t n = utf8_sequence(s.p + at, s.n - at);
    return n ? n : 1;
}

static const struct str stops[] = {STR_OF("。"), STR_OF("！"), STR_OF("？"), STR_OF("；"), STR_OF("!"),
                                   STR_OF("?"),  STR_OF(";"),  STR_OF("\n"), STR_OF("…")};
static const struct str question_marks[] = {STR_OF("？"), STR_OF("?")};
static const struct str pauses[] = {STR_OF("，"), STR_OF(","),  STR_OF("："), STR_OF(":"),
                                    STR_OF(" "),  STR_OF("　"), STR_OF("\t")};
static const struct str colons[] = {STR_OF("："), STR_OF(":")};
static const struct str edges[] = {STR_OF("，"), STR_OF(","),  STR_OF("："), STR_OF(":"),  STR_OF("、"), STR_OF(" "),
                                   STR_OF("　"), STR_OF("\t"), STR_OF("。"), STR_OF("！"), STR_OF("；"), STR_OF("!"),
                                   STR_OF(";"),  STR_OF("\n"), STR_OF("…"),  STR_OF("."),  STR_OF("”"),  STR_OF("“"),
                                   STR_OF("\r"), STR_OF("-"),  STR_OF("—"),  STR_OF("~")};

/* The longest of the words that s ends with. */
static size_t word_before(struct str s, const struct str *words, size_t n) {
    size_t longest = 0;
    for (size_t i = 0; i < n; i++)
        if (words[i].n > longest && words[i].n <= s.n && !memcmp(s.p + s.n - words[i].n, words[i].p, words[i].n))
            longest = words[i].n;
    return longest;
}

/* Without the punctuation at both ends, but a question mark; no longer than a demand may be. */
static struct str tidy(struct str s) {
    size_t at = 0;
    for (size_t n; (n = word_at(s, 0, edges, COUNT(edges))) != 0;) s = part_of(s, n, s.n);
    for (size_t n; (n = word_before(s, edges, COUNT(edges))) != 0 || (n = word_before(s, thanks, COUNT(thanks))) != 0;)
        s.n -= n;
    for (size_t n = 0; at < s.n && n < DEMAND_TEXT_MAX; n++) at += char_at(s, at);
    return part_of(s, 0, at);
}

/* ---- what anybody asks ---- */

enum { PLAIN_REST = 2 }; /* so many characters besides still say nothing */

static bool is_plain(struct str s) {
    size_t rest = 0;
    for (size_t at = 0, n; at < s.n; at += n) {
        n = word_at(s, at, plain_words, COUNT(plain_words));
        if (!n) n = word_at(s, at, edges, COUNT(edges));
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
    for (size_t n; (n = word_at(s, 0, edges, COUNT(edges))) != 0;) s = part_of(s, n, s.n);
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

/* "这样合理吗？", "那谁来管？": who asks so wants no answer to it. */
static bool is_rhetoric(struct str s) {
    static const struct str pointing[] = {STR_OF("这"), STR_OF("那"), STR_OF("如此")};
    enum { SHORT = 14 * 3 };
    return holds_any(s, rhetoric, COUNT(rhetoric)) || (s.n <= SHORT && word_at(s, 0, pointing, COUNT(pointing)));
}

static size_t skip_fillers(struct str s) {
    size_t at = 0;
    for (size_t n; (n = word_at(s, at, fillers, COUNT(fillers))) != 0;) at += n;
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
    size_t cue = word_at(rest, 0, cues, COUNT(cues));
    if (!cue) return holds_any(clause, strong_cues, COUNT(strong_cues));
    if (word_at(rest, 0, no_cues, COUNT(no_cues))) return false;
    if (word_at(rest, 0, shared_cues, COUNT(shared_cues)) == cue && from && !own && !s->n) return false;
    return s->asked || asks || word_at(rest, 0, weak_cues, COUNT(weak_cues)) != cue;
}

static void read_clause(struct sentence *s, size_t from, size_t to, bool colon) {
    struct str clause = part_of(s->text, from, to), rest = part_of(clause, skip_fillers(clause), clause.n);
    bool heading = colon && rest.n && word_at(rest, 0, headings, COUNT(headings)) == rest.n;
    bool asks = holds_any(clause, asking, COUNT(asking));
    if (!rest.n) return;
    if (((is_cue(s, from, clause, asks) && !heading) || s->announced) && s->n < COUNT(s->starts))
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
    struct sentence s = {.text = text, .asked = asked || (f->unmarked && holds_any(text, questions, COUNT(questions)))};
    size_t from = 0, at = 0, n;
    for (s.asks_from = text.n; at < text.n; at += n) {
        n = word_at(text, at, pauses, COUNT(pauses));
        if (n) {
            read_clause(&s, from, at, word_at(text, at, colons, COUNT(colons)));
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
        n = word_at(text, at, stops, COUNT(stops));
        if (!n) {
            n = char_at(text, at);
            continue;
        }
        bool asked = word_at(text, at, question_marks, COUNT(question_marks));
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

static const struct str chinese[] = {STR_OF("一"), STR_OF("二"), STR_OF("三"), STR_OF("四"), STR_OF("五"),
                                     STR_OF("六"), STR_OF("七"), STR_OF("八"), STR_OF("九"), STR_OF("十")};
static const struct str circles[] = {STR_OF("①"), STR_OF("②"), STR_OF("③"), STR_OF("④"), STR_OF("⑤"),
                                     STR_OF("⑥"), STR_OF("⑦"), STR_OF("⑧"), STR_OF("⑨"), STR_OF("⑩")};
static const struct str opening[] = {STR_OF("（"), STR_OF("(")}, closing[] = {STR_OF("）"), STR_OF(")")},
                        points[] = {STR_OF("、"), STR_OF("."),  STR_OF("．"), STR_OF("，"),
                                    STR_OF(","),  STR_OF("："), STR_OF(":")};

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

static size_t numeral_at(struct str s, size_t at, const struct str *numerals, size_t *value) {
    for (size_t i = 0; i < DEMANDS_MAX; i++)
        if (word_at(s, at, &numerals[i], 1)) {
            *value = i + 1;
            return numerals[i].n;
        }
    return 0;
}

static struct marker marker_at(struct str s, size_t at) {
    struct marker m = {.number = 0};
    size_t n = numeral_at(s, at, circles, &m.number);
    if (n) return (struct marker){STYLE_CIRCLE, m.number, n};
    size_t open = word_at(s, at, opening, COUNT(opening)), i = at + open;
    size_t ordinal = open ? 0 : word_at(s, i, &(const struct str)STR_OF("第"), 1);
    i += ordinal;
    bool arabic = !ordinal && (n = digits_at(s, i, &m.number)) != 0;
    if (!arabic) n = numeral_at(s, i, chinese, &m.number);
    if (!n) return (struct marker){.number = 0};
    i += n;
    size_t close = word_at(s, i, closing, COUNT(closing)), point = word_at(s, i, points, COUNT(points));
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
        bool round = word_at(s, at, circles, COUNT(circles)) || word_at(s, at, opening, COUNT(opening));
        struct marker m = fresh || round ? marker_at(s, at) : (struct marker){.number = 0};
        struct numbered *of = &lists[m.style];
        if (m.number && m.number == of->n + 1 && of->n < DEMANDS_MAX) {
            of->from[of->n] = at;
            of->text[of->n++] = at + m.length;
            n = m.length;
        }
        fresh = word_at(s, at, edges, COUNT(edges)) || word_at(s, at, stops, COUNT(stops)) ||
                word_at(s, at, closing, COUNT(closing)) || m.number;
    }
    for (size_t i = 0; i < STYLE__MAX; i++)
        if (lists[i].n > 1 && (!list->n || lists[i].from[0] < list->from[0])) *list = lists[i];
}

/* The last item ends with its line, or its sentence. */
static size_t item_end(struct str s, const struct numbered *list, size_t i) {
    if (i + 1 < list->n) return list->from[i + 1];
    size_t at = list->text[i], n = 0;
    while (at < s.n && !(n = word_at(s, at, stops, COUNT(stops)))) at += char_at(s, at);
    return n && word_at(s, at, question_marks, COUNT(question_marks)) ? at + n : at;
}

static bool asks(struct str item) {
    struct demands found_in = {.n = 0};
    struct finding f = {.d = &found_in};
    read_sentences(&f, item);
    return found_in.n || f.plain.p;
}

/* Numbered are demands, or what happened: half of them ask, or the words before say that these are what it is about. */
static bool is_of_demands(struct str s, const struct numbered *list) {
    static const struct str announce[] = {
        STR_OF("诉求"), STR_OF("请求"), STR_OF("要求"), STR_OF("问题"), STR_OF("建议"), STR_OF("希望"), STR_OF("请问"),
        STR_OF("咨询"), STR_OF("想问"), STR_OF("疑问"), STR_OF("疑惑"), STR_OF("解决"), STR_OF("请教"), STR_OF("意见")};
    enum { BEFORE = 20 * 3 };
    static const struct str leads_in[] = {STR_OF("："), STR_OF(":"), STR_OF("如下"), STR_OF("以下")},
                            blanks[] = {STR_OF(" "),  STR_OF("　"), STR_OF("\n"),
                                        STR_OF("。"), STR_OF("，"), STR_OF("\t")};
    struct str before = part_of(s, list->from[0] > BEFORE ? list->from[0] - BEFORE : 0, list->from[0]);
    size_t n = 0;
    for (size_t blank; (blank = word_before(before, blanks, COUNT(blanks))) != 0;) before.n -= blank;
    if (word_before(before, leads_in, COUNT(leads_in)) && holds_any(before, announce, COUNT(announce))) return true;
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
