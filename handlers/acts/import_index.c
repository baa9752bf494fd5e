/* Keys to things, for the import: open addressing in the arena, filled once and asked often. */
#include "acts/import.h"

/* FNV-1a. */
static uint64_t hash(struct str key) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.n; i++) h = (h ^ (uint8_t)key.p[i]) * UINT64_C(0x100000001b3);
    return h;
}

bool import_index_init(struct import_index *x, struct arena *a, size_t n) {
    size_t size = 16;
    while (size < n * 2) size *= 2;
    *x = (struct import_index){.slots = arena_array(a, size, sizeof *x->slots), .mask = size - 1};
    return x->slots != NULL;
}

static struct import_slot *find(const struct import_index *x, struct str key) {
    size_t at = (size_t)hash(key) & x->mask;
    while (x->slots[at].key.p && !str_eq(x->slots[at].key, key)) at = (at + 1) & x->mask;
    return &x->slots[at];
}

void *import_index_get(const struct import_index *x, struct str key) { return key.p ? find(x, key)->value : NULL; }

void *import_index_put(struct import_index *x, struct str key, void *value) {
    struct import_slot *slot = find(x, key);
    if (slot->key.p) return slot->value;
    *slot = (struct import_slot){key, value};
    x->n++;
    return NULL;
}
