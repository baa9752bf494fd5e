/* A key file, made, read and removed. */
#include "keys.h"

#include "base/crypto.h"
#include "fuzz.h"

#include <unistd.h>

const struct keyring *keys_of_this_run(void) {
    char folder[] = "/tmp/minhu-fuzz-XXXXXX", path[64], error[200];
    struct keyring *keys = NULL;
    CHECK(crypto_init());
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/keys", folder);
    CHECK(keyring_create(path, SUITE_AES, error, sizeof error) == RC_OK);
    CHECK(keyring_load(path, &keys, error, sizeof error) == RC_OK);
    unlink(path);
    rmdir(folder);
    return keys;
}
