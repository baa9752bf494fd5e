/* Keys that no other run has. */
#ifndef MINHU_FUZZ_KEYS_H
#define MINHU_FUZZ_KEYS_H

#include "base/seal.h"

/* Never freed. */
const struct keyring *keys_of_this_run(void);

#endif
