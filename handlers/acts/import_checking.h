/* What the parts of an import's check share. */
#ifndef MINHU_IMPORT_CHECKING_H
#define MINHU_IMPORT_CHECKING_H

#include "acts/import.h"

struct checking {
    const struct import_known *known;
    struct import_data *data;
    struct import_problems *problems;
    struct arena *arena;
    struct import_index units, categories; /* code → import_entry */
    struct import_index places;            /* code → its id, an int64_t that is set when new places are saved */
    struct import_index people, mobiles;   /* → import_person */
    struct import_entry *unit_entries, *category_entries;
    size_t unit_count, category_count;
    struct import_person *persons;
    size_t person_count;
};

#define ROWS(c, type, file) (struct import_##type *)(c)->data->tables[file].rows
#define COUNT(c, file) (c)->data->tables[file].n
#define COMPLAIN(c, file, line, ...) import_complain((c)->problems, file, line, __VA_ARGS__)
#define SHOWN(s) (int)(s).n, (s).p

/* Two rows of one file with the same key. */
static inline void complain_twice(struct checking *c, enum import_file file, int64_t line, const char *column,
                                  int64_t first) {
    COMPLAIN(c, file, line, column, "is the same as in line %lld", (long long)first);
}

/* Who the file's staff are: persons of the database, or new ones; in c->persons, found by code in c->people and by mobile in
 * c->mobiles. What doesn't fit is told. False: memory was used up. */
bool import_people_build(struct checking *c) MUST_USE;
/* By employee code or mobile; NULL, and told, when it is nobody's; NULL for an empty cell. */
const struct import_person *import_person_of(struct checking *c, enum import_file file, int64_t line,
                                             const char *column, struct str code);

/* import_rota.c: the rota, whose units are resolved already, against posts and what the database has. False only when memory is used up. */
bool import_check_rota(struct checking *c) MUST_USE;

#endif
