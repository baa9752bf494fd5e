/* What minhuctl train is made of: cases read from files, a model fitted to them, and how well it does. */
#ifndef MINHU_TRAIN_H
#define MINHU_TRAIN_H

#include "ctl.h"

#include "rules/classifier.h"

#include <sys/types.h>

enum { TRAIN_FOLDS = 10, TRAIN_ROWS_MAX = 50000 };

/* A case whose category is known. */
struct case_row {
    struct str category, title, text;
    uint32_t label; /* the category's number, in the order of the codes; UINT32_MAX: the model does not know it */
    uint32_t fold;  /* 0 to TRAIN_FOLDS - 1; messages nearly alike share one */
    const struct feature *features;
    size_t feature_count;
};

struct cases {
    struct case_row *rows; /* n, of which the first are judged; the others are only learnt from */
    size_t n, judged;
    char (*codes)[CLASSIFIER_CODE_MAX]; /* of the categories, ascending */
    size_t categories;
};

struct case_files {
    char **paths; /* n, of which the rows of the first are judged */
    size_t n, judged;
};

/* Reads files of columns category, title (may be missing) and text; other columns are left aside. Tells every bad line; 0 or an exit
 * code. Numbers the categories. */
int cases_read(struct ctl *c, const struct case_files *files, struct cases *out);

/* Makes a model of the files' cases in the place of the one before, and prints how well it does. 0 or an exit code. */
int train_make(struct ctl *c, const char *model, const struct case_files *files);
/* Writes the district's own cases into such a file, the newest first. 0 or an exit code. */
int cases_export(struct ctl *c, const char *path);

/* Guesses of the judged rows beside the truth. */
struct judged {
    const struct cases *cases;
    uint32_t *guess; /* of each row */
    double *probability;
    double accuracy, macro_f1, sure_share, sure_accuracy;
};
/* Beside the file first, then in its place: whoever reads meanwhile gets the old one or the new one, whole. NULL, or why not. */
const char *train_write(struct ctl *c, const char *path, mode_t mode, struct str bytes);

/* Room for the guesses; false when memory is used up. */
bool judged_init(struct arena *a, struct judged *j, const struct cases *cases);
/* Fills in the four figures. False when memory is used up. */
bool judge(struct arena *a, struct judged *j);
/* Prints the pairs that are confused most. */
void judged_print_confused(struct arena *a, const struct judged *j);

/* Fits a model and calibrates it on guesses for judged rows that were held out (cross-validation), which go to held_out. The same
 * rows in the same order give the same model. NULL, or why not. */
const char *train_fit(struct arena *a, struct cases *cases, struct classifier *out, struct judged *held_out);

#endif
