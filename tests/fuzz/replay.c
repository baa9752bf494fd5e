/* main() of a target without libFuzzer: gives it the files named, those in folders too, one after the other. Without names:
 * the target's corpus in the source tree; and to json_body the hostile documents of $MINHU_TEST_DATA too. */
#include "fuzz.h"

#include <ftw.h>
#include <string.h>

static unsigned long inputs;

static void replay(const char *path) {
    FILE *f = fopen(path, "rb");
    CHECK(f);
    CHECK(fseek(f, 0, SEEK_END) == 0);
    long size = ftell(f);
    CHECK(size >= 0);
    rewind(f);
    /* Of exactly this size, so that a sanitizer sees who reads past the end. */
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    CHECK(data);
    CHECK(fread(data, 1, (size_t)size, f) == (size_t)size);
    fclose(f);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    inputs++;
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *where) {
    (void)st, (void)where;
    if (kind != FTW_F) return 0;
    /* What crashes here can't be told afterwards. */
    fprintf(stderr, "%s\n", path);
    replay(path);
    return 0;
}

static void walk(const char *path) {
    if (nftw(path, visit, 16, FTW_PHYS) == 0) return;
    perror(path);
    exit(1);
}

int main(int argc, char **argv) {
    const char *slash = strrchr(argv[0], '/'), *target = slash ? slash + 1 : argv[0];
    const char *source = getenv("MINHU_SRC"), *data = getenv("MINHU_TEST_DATA");
    char path[1000];
    for (int i = 1; i < argc; i++) walk(argv[i]);
    if (argc == 1) {
        if (strncmp(target, "fuzz_", 5) == 0) target += 5;
        snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", source ? source : ".", target);
        walk(path);
        snprintf(path, sizeof path, "%s/json", data ? data : "");
        if (data && strcmp(target, "json_body") == 0) walk(path);
    }
    printf("%s: %lu inputs\n", target, inputs);
    return inputs > 0 ? 0 : 1;
}
