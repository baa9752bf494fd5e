/* The role table and the relation rules. */
#include "rules/permissions.h"

#define ALL_TIERS ((1u << TIER_COMPOUND) | (1u << TIER_VILLAGE) | (1u << TIER_TOWN) | (1u << TIER_DISTRICT))
#define ABOVE_COMPOUND (ALL_TIERS & ~(1u << TIER_COMPOUND))

static const struct {
    enum role role;
    uint32_t tiers, abilities;
} table[] = {
    {ROLE_HANDLER, ALL_TIERS, ABLE_HANDLE | ABLE_UNMASK},
    {ROLE_LEAD, ALL_TIERS, ABLE_HANDLE | ABLE_DISPATCH | ABLE_UNMASK},
    {ROLE_LEAD, ABOVE_COMPOUND, ABLE_OVERSEE},
    {ROLE_DISPATCHER, ALL_TIERS, ABLE_HANDLE | ABLE_DISPATCH | ABLE_UNMASK},
    {ROLE_DISPATCHER, ABOVE_COMPOUND, ABLE_OVERSEE},
    {ROLE_SUPERVISOR, 1u << TIER_DISTRICT, ABLE_OVERSEE | ABLE_UNMASK},
    {ROLE_ADMINISTRATOR, ALL_TIERS, ABLE_STAFF},
};

uint32_t role_abilities(enum role role, enum tier tier) {
    uint32_t able = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].role == role && table[i].tiers & (1u << tier)) able |= table[i].abilities;
    return able;
}

static uint32_t staff_relations(const struct asker *s, const struct appeal_ties *ties) {
    uint32_t able = role_abilities(s->role, s->unit->tier), rel = 0;
    if (unit_conflicted(s->unit, ties->about)) rel |= REL_ABOUT;
    if (ties->counit && able & ABLE_HANDLE) rel |= REL_COUNIT | (ties->contact ? REL_CONTACT : 0);
    if (unit_stands_for(s->unit, ties->holder)) {
        if (able & ABLE_HANDLE) rel |= REL_HANDLER;
        if (able & ABLE_DISPATCH) rel |= REL_DISPATCHER;
        if (able & ABLE_HANDLE && memcmp(ties->assignee_id, s->post_id, 16) == 0) rel |= REL_ASSIGNEE;
        if (able & ABLE_OVERSEE && !(able & ABLE_HANDLE)) rel |= REL_ABOVE;
        return rel;
    }
    if (unit_stands_for(s->unit, ties->first) && able & ABLE_HANDLE) rel |= REL_FIRST;
    if (able & ABLE_OVERSEE && unit_is_below(ties->holder, s->unit)) rel |= REL_ABOVE;
    return rel;
}

uint32_t relations_of(const struct asker *asker, const struct appeal_ties *ties) {
    switch (asker->kind) {
    case ACTOR_SYSTEM: return REL_SYSTEM;
    case ACTOR_RESIDENT: return memcmp(asker->id, ties->resident_id, 16) == 0 ? REL_REPORTER : 0;
    case ACTOR_CLIENT: return memcmp(asker->id, ties->client_id, 16) == 0 ? REL_CLIENT : 0;
    case ACTOR_STAFF: return staff_relations(asker, ties);
    case ACTOR_GUEST: return ties->counit ? REL_COUNIT : 0;
    case ACTOR__MAX: break;
    }
    return 0;
}

bool may_see_reporter(uint32_t relations, bool withheld) {
    if (relations & (REL_REPORTER | REL_CLIENT)) return true;
    if (!relations || relations & REL_ABOUT) return false;
    if (!(relations & ~(uint32_t)REL_COUNIT)) return false;
    return !withheld || relations & (REL_ABOVE | REL_FIRST);
}

bool may_see_notes(uint32_t relations) {
    return relations & (REL_HANDLER | REL_ASSIGNEE | REL_DISPATCHER | REL_FIRST | REL_ABOVE);
}
