/* minhuctl qr: the QR codes of tags, as SVG files to be printed. */
#include "ctl.h"

#include "acts/reference.h"
#include "acts/tags.h"

#include <errno.h>
#include <getopt.h>
#include <qrencode.h>
#include <string.h>
#include <sys/stat.h>

enum { QUIET = 4 }; /* modules of white around it, as the standard asks */

/* Text in XML. */
static void put_escaped(FILE *f, struct str s) {
    for (size_t i = 0; i < s.n; i++) switch (s.p[i]) {
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '&': fputs("&amp;", f); break;
        default: fputc(s.p[i], f);
        }
}

static void put_svg(FILE *f, const QRcode *code, const struct tag *tag, const char *text) {
    int size = code->width + 2 * QUIET;
    fprintf(
        f,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" text-anchor=\"middle\">\n"
        "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<path d=\"",
        size, size + 6, size, size + 6);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1) fprintf(f, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
    fprintf(f, "\"/>\n<text x=\"%d\" y=\"%d\" font-size=\"2.4\">", size / 2, size + 1);
    put_escaped(f, tag->name);
    fprintf(f, "</text>\n<text x=\"%d\" y=\"%d\" font-size=\"1.8\">%s</text>\n</svg>\n", size / 2, size + 4, text);
}

static int write_tag(struct ctl *c, const struct tag *tag, const char *dir, const char *base) {
    char text[TAG_TEXT_MAX + 1];
    if (!tag_text(c->keys, tag->code, text)) return ctl_fail(EX_SOFTWARE, "no code can be made of a tag");
    const char *path = arena_printf(c->arena, "%s/%.*s.svg", dir, (int)tag->code.n, tag->code.p),
               *link = arena_printf(c->arena, "%s%s", base, text);
    if (!path || !link) return ctl_fail(EX_OSERR, "no memory");
    QRcode *code = QRcode_encodeString8bit(link, 0, QR_ECLEVEL_Q); /* a quarter of it may be scratched off */
    FILE *f = code ? fopen(path, "we") : NULL;
    if (f) put_svg(f, code, tag, text);
    QRcode_free(code);
    if (!f) return ctl_fail(EX_CANTCREAT, "%s: %s", path, strerror(errno));
    bool good = !ferror(f);
    if (fclose(f) != 0 || !good) return ctl_fail(EX_IOERR, "%s can't be written", path);
    printf("%.*s\t%s\n", (int)tag->code.n, tag->code.p, link);
    return EX_OK;
}

int ctl_qr(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {
        {"url", required_argument, NULL, 'u'}, {"code", required_argument, NULL, 'c'}, {0}};
    const char *base = "", *only = NULL;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 'u') base = optarg;
        else if (o == 'c') only = optarg;
        else return EX_USAGE;
    }
    if (argc - optind != 1) return EX_USAGE;
    const char *dir = argv[optind];
    int code = ctl_need_all(c);
    if (code != EX_OK) return code;
    const struct reference *r = reference_open(c->db, c->settings->work_hours);
    if (!r) return ctl_fail(EX_DATAERR, "the district can't be loaded; the log line above says why");
    const struct district *d = reference_district(r);
    if (only && !tag_by_code(d, str_of(only))) return ctl_fail(EX_DATAERR, "no tag has the code \"%s\"", only);
    if (!d->tag_count) return ctl_fail(EX_DATAERR, "there are no tags; import tags.tsv");
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) return ctl_fail(EX_CANTCREAT, "%s: %s", dir, strerror(errno));
    for (size_t i = 0; code == EX_OK && i < d->tag_count; i++)
        if (!only || str_is(d->tags[i].code, only)) code = write_tag(c, &d->tags[i], dir, base);
    return code;
}
