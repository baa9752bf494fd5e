/* The route table by entry. */
#ifndef MINHU_ROUTES_H
#define MINHU_ROUTES_H

#include "http.h"

#include <stdio.h>

/* The rows of one entry of settings.h. */
const struct route *routes_of_entry(int entry, size_t *count);
/* All rows with their descriptors as JSON, for the contract's test. */
void routes_print(FILE *out);

#endif
