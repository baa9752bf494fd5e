/* minhuctl train: makes the classifier's model from past cases, or measures one on cases that it has not seen. */
#include "train.h"

#include "base/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum { MODEL_MAX = 512 << 20 };

const char *train_write(struct ctl *c, const char *path, mode_t mode, struct str bytes) {
    char *beside = arena_printf(c->arena, "%s.new", path);
    if (!beside) return "no memory";
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) return strerror(errno);
    bool good = true;
    for (size_t at = 0; good && at < bytes.n;) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n > 0) at += (size_t)n;
        else good = n < 0 && errno == EINTR;
    }
    good = good && fsync(fd) == 0;
    const char *why = good ? NULL : strerror(errno);
    if (close(fd) != 0 && !why) why = strerror(errno);
    if (!why && rename(beside, path) != 0) why = strerror(errno);
    if (why) unlink(beside);
    return why;
}

int train_make(struct ctl *c, const char *model, const struct case_files *files) {
    struct cases cases;
    struct judged held_out;
    struct classifier made;
    struct buf file;
    int code = cases_read(c, files, &cases);
    if (code != EX_OK) return code;
    if (!judged_init(c->arena, &held_out, &cases)) return ctl_fail(EX_OSERR, "no memory");
    const char *why = train_fit(c->arena, &cases, &made, &held_out);
    if (why) return ctl_fail(EX_DATAERR, "%s", why);
    buf_init(&file, c->arena, MODEL_MAX);
    if (!judge(c->arena, &held_out) || !classifier_save(&made, &file))
        return ctl_fail(EX_OSERR, "no memory for the model");
    why = train_write(c, model, 0640, buf_str(&file));
    if (why) return ctl_fail(EX_CANTCREAT, "%s: %s", model, why);
    printf("%zu cases of %zu categories, %zu n-grams. On %zu of them, held out in %d parts:\n", cases.n,
           cases.categories, made.vocabulary.count, cases.judged, TRAIN_FOLDS);
    printf("accuracy %.4f, macro-F1 %.4f; sure of %.1f %%, of which %.1f %% are right\n", held_out.accuracy,
           held_out.macro_f1, held_out.sure_share * 100, held_out.sure_accuracy * 100);
    judged_print_confused(c->arena, &held_out);
    return EX_OK;
}

/* Puts the rows' categories into the model's numbers. One that it lacks keeps its own number, above all of the model's. */
static bool renumber(struct arena *a, struct cases *cases, const struct classifier *m) {
    char(*codes)[CLASSIFIER_CODE_MAX] = arena_array(a, m->categories + cases->categories, sizeof *codes);
    uint32_t *number = arena_array(a, cases->categories, sizeof *number);
    if (!codes || !number) return false;
    memcpy(codes, m->codes, m->categories * sizeof *codes);
    for (size_t k = 0; k < cases->categories; k++) {
        size_t i = 0;
        while (i < m->categories && strcmp(m->codes[i], cases->codes[k]) != 0) i++;
        number[k] = (uint32_t)(i < m->categories ? i : m->categories + k);
        if (i == m->categories) memcpy(codes[i + k], cases->codes[k], sizeof *codes);
    }
    for (size_t i = 0; i < cases->n; i++) cases->rows[i].label = number[cases->rows[i].label];
    cases->codes = codes;
    cases->categories += m->categories;
    return true;
}

static bool guess_all(const struct classifier *m, struct judged *j, double *us) {
    struct arena scratch;
    arena_init(&scratch, (size_t)256 << 20);
    bool good = true;
    int64_t start = time_mono_us();
    for (size_t i = 0; good && i < j->cases->judged; i++) {
        struct classified got;
        arena_reset(&scratch);
        good = classify(&scratch, m, j->cases->rows[i].title, j->cases->rows[i].text, NULL, &got);
        if (!good) break;
        for (size_t k = 0; k < m->categories; k++)
            if (m->codes[k] == got.guesses[0].category.p) j->guess[i] = (uint32_t)k;
        j->probability[i] = got.guesses[0].probability;
    }
    *us = (double)(time_mono_us() - start) / (double)j->cases->judged;
    arena_free(&scratch);
    return good;
}

static int measure(struct ctl *c, const char *model, const struct case_files *files) {
    struct cases cases;
    struct judged j;
    struct str file;
    const struct classifier *m;
    double us;
    const char *why = ctl_read_file(c, model, MODEL_MAX, &file);
    if (!why) why = classifier_load(c->arena, file, &m);
    if (why) return ctl_fail(EX_NOINPUT, "%s: %s", model, why);
    int code = cases_read(c, files, &cases);
    if (code != EX_OK) return code;
    if (!renumber(c->arena, &cases, m) || !judged_init(c->arena, &j, &cases) || !guess_all(m, &j, &us) ||
        !judge(c->arena, &j))
        return ctl_fail(EX_OSERR, "no memory");
    printf("accuracy %.4f\nmacro_f1 %.4f\nsure_share %.4f\nsure_accuracy %.4f\nus_per_message %.0f\n", j.accuracy,
           j.macro_f1, j.sure_share, j.sure_accuracy, us);
    return EX_OK;
}

int ctl_train(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"model", required_argument, NULL, 'm'},
                                          {"also", required_argument, NULL, 'a'},
                                          {"measure", no_argument, NULL, 't'},
                                          {"export", required_argument, NULL, 'e'},
                                          {0}};
    const char *model = NULL, *export = NULL;
    bool measuring = false;
    size_t n = 0;
    char **also = arena_array(c->arena, 2 * (size_t)argc, sizeof *also), **paths = also + argc;
    if (!also) return ctl_fail(EX_OSERR, "no memory");
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 'm') model = optarg;
        else if (o == 'a') also[n++] = optarg;
        else if (o == 't') measuring = true;
        else if (o == 'e') export = optarg;
        else return EX_USAGE;
    }
    if (export) return model || measuring || n || optind < argc ? EX_USAGE : cases_export(c, export);
    struct case_files files = {.paths = paths, .judged = (size_t)(argc - optind)};
    files.n = files.judged + n;
    if (!model || !files.judged || (measuring && n)) return EX_USAGE;
    memcpy(paths, argv + optind, files.judged * sizeof *paths);
    memcpy(paths + files.judged, also, n * sizeof *paths);
    return (measuring ? measure : train_make)(c, model, &files);
}
