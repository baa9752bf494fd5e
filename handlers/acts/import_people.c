/* Which persons an import's staff are. Pure. */
#include "acts/import_checking.h"

/* By code; else by mobile, when the person of that mobile has no code yet or the row gives none. */
static struct import_person *known_person(struct checking *c, const struct import_staff *s) {
    struct import_person *p = import_index_get(&c->people, s->employee_code);
    if (s->employee_code.n && p) return p;
    p = s->mobile.n ? import_index_get(&c->mobiles, s->mobile) : NULL;
    return p && (!p->code.n || !s->employee_code.n) ? p : NULL;
}

static void match_people(struct checking *c) {
    struct import_staff *rows = ROWS(c, staff, IMPORT_STAFF);
    for (size_t i = 0; i < COUNT(c, IMPORT_STAFF); i++) {
        struct import_staff *s = &rows[i];
        if (!s->employee_code.n && !s->mobile.n) {
            if (!s->faults) COMPLAIN(c, IMPORT_STAFF, s->line, "employee_code", "give an employee code or a mobile");
            continue;
        }
        struct import_person *p = known_person(c, s);
        if (p && p->row) {
            bool by_code = s->employee_code.n && str_eq(p->row->employee_code, s->employee_code);
            complain_twice(c, IMPORT_STAFF, s->line, by_code ? "employee_code" : "mobile", p->row->line);
            continue;
        }
        if (!p) p = &c->persons[c->person_count++];
        p->row = s;
        s->person = p;
        if (s->employee_code.n) import_index_put(&c->people, s->employee_code, p);
    }
}

/* Two people can't have one mobile: the host's directory couldn't tell them apart. Disabled people's may be somebody
 * else's by now. */
static bool check_mobiles(struct checking *c) {
    struct import_staff *rows = ROWS(c, staff, IMPORT_STAFF);
    struct import_index taken;
    if (!import_index_init(&taken, c->arena, c->person_count + 1)) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_STAFF); i++) {
        if (!rows[i].person || !rows[i].mobile.n) continue;
        const struct import_person *first = import_index_put(&taken, rows[i].mobile, rows[i].person);
        if (first) complain_twice(c, IMPORT_STAFF, rows[i].line, "mobile", first->row->line);
    }
    for (size_t i = 0; i < c->person_count; i++) {
        struct import_person *p = &c->persons[i];
        if (!p->mobile.n || p->disabled || (p->row && p->row->mobile.n)) continue;
        const struct import_person *other = import_index_put(&taken, p->mobile, p);
        if (other && other->row)
            COMPLAIN(c, IMPORT_STAFF, other->row->line, "mobile", "is that of another person in the database");
    }
    c->mobiles = taken;
    return true;
}

bool import_people_build(struct checking *c) {
    const struct import_known *k = c->known;
    size_t room = k->person_count + COUNT(c, IMPORT_STAFF);
    c->persons = arena_array(c->arena, room + 1, sizeof *c->persons);
    if (!c->persons || !import_index_init(&c->people, c->arena, room) ||
        !import_index_init(&c->mobiles, c->arena, room))
        return false;
    for (size_t i = 0; i < k->person_count; i++) {
        struct import_person *p = &c->persons[c->person_count++];
        *p = k->people[i];
        p->row = NULL;
        if (p->code.n) import_index_put(&c->people, p->code, p);
        if (p->mobile.n && !p->disabled) import_index_put(&c->mobiles, p->mobile, p);
    }
    match_people(c);
    return check_mobiles(c);
}

const struct import_person *import_person_of(struct checking *c, enum import_file file, int64_t line,
                                             const char *column, struct str code) {
    const struct import_person *p = code.n ? import_index_get(&c->people, code) : NULL;
    if (code.n && !p) p = import_index_get(&c->mobiles, code);
    if (code.n && !p && !c->data->tables[IMPORT_STAFF].broken)
        COMPLAIN(c, file, line, column, "nobody has this employee code or mobile");
    return p;
}
