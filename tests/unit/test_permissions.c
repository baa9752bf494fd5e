/* What a role may do at a tier, what somebody is to an appeal, and who is shown the reporter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "district_fixture.h"
#include "rules/permissions.h"
#include "rules/transitions.h"
#include <cmocka.h>

enum { WORK = ABLE_HANDLE | ABLE_UNMASK, LEADS = WORK | ABLE_DISPATCH, LEADS_ABOVE = LEADS | ABLE_OVERSEE };

static void role_by_tier(void **state) {
    (void)state;
    static const uint32_t want[ROLE__MAX][TIER__MAX] = {
        /*                       compound    village      town         district */
        [ROLE_HANDLER] = {0, WORK, WORK, WORK, WORK},
        [ROLE_LEAD] = {0, LEADS, LEADS_ABOVE, LEADS_ABOVE, LEADS_ABOVE},
        [ROLE_DISPATCHER] = {0, LEADS, LEADS_ABOVE, LEADS_ABOVE, LEADS_ABOVE},
        [ROLE_SUPERVISOR] = {0, 0, 0, 0, ABLE_OVERSEE | ABLE_UNMASK},
        [ROLE_ADMINISTRATOR] = {0, ABLE_STAFF, ABLE_STAFF, ABLE_STAFF, ABLE_STAFF},
    };
    for (int role = 0; role <= ROLE__MAX; role++)
        for (int tier = 0; tier <= TIER__MAX; tier++) {
            uint32_t w = role < ROLE__MAX && tier < TIER__MAX ? want[role][tier] : 0;
            assert_int_equal(role_abilities((enum role)role, (enum tier)tier), w);
        }
}

static const uint8_t nobody[16] = {0}, resident[16] = {1}, other_resident[16] = {2}, client[16] = {3}, post[16] = {4},
                     other_post[16] = {5};

static struct appeal_ties ties_of(int holder, int first, int about) {
    return (struct appeal_ties){.resident_id = resident,
                                .client_id = client,
                                .assignee_id = post,
                                .holder = &units[holder],
                                .first = &units[first],
                                .about = about < 0 ? NULL : &units[about]};
}

static struct asker asker_of(enum actor_kind kind, const uint8_t id[16]) {
    struct asker a = {.kind = kind};
    memcpy(a.id, id, sizeof a.id);
    return a;
}

static uint32_t staff_at(int unit, enum role role, const uint8_t post_id[16], struct appeal_ties ties) {
    struct asker a = {.kind = ACTOR_STAFF, .unit = &units[unit], .role = role};
    memcpy(a.post_id, post_id, sizeof a.post_id);
    return relations_of(&a, &ties);
}

static void outsiders(void **state) {
    (void)state;
    struct appeal_ties ties = ties_of(U_C1, U_C1, -1);
    struct asker a = asker_of(ACTOR_SYSTEM, nobody);
    assert_int_equal(relations_of(&a, &ties), REL_SYSTEM);
    a = asker_of(ACTOR_RESIDENT, resident);
    assert_int_equal(relations_of(&a, &ties), REL_REPORTER);
    a = asker_of(ACTOR_RESIDENT, other_resident);
    assert_int_equal(relations_of(&a, &ties), 0);
    a = asker_of(ACTOR_CLIENT, client);
    assert_int_equal(relations_of(&a, &ties), REL_CLIENT);
    /* The same bytes as somebody of another kind make nobody. */
    a = asker_of(ACTOR_RESIDENT, client);
    assert_int_equal(relations_of(&a, &ties), 0);
    a = asker_of(ACTOR_CLIENT, resident);
    assert_int_equal(relations_of(&a, &ties), 0);
    a = asker_of(ACTOR__MAX, resident);
    assert_int_equal(relations_of(&a, &ties), 0);
}

static void in_the_unit_that_has_it(void **state) {
    (void)state;
    struct appeal_ties ties = ties_of(U_V1, U_V1, -1);
    assert_int_equal(staff_at(U_V1, ROLE_HANDLER, other_post, ties), REL_HANDLER);
    assert_int_equal(staff_at(U_V1, ROLE_HANDLER, post, ties), REL_HANDLER | REL_ASSIGNEE);
    assert_int_equal(staff_at(U_V1, ROLE_LEAD, other_post, ties), REL_HANDLER | REL_DISPATCHER);
    assert_int_equal(staff_at(U_V1, ROLE_DISPATCHER, post, ties), REL_HANDLER | REL_DISPATCHER | REL_ASSIGNEE);
    assert_int_equal(staff_at(U_V1, ROLE_ADMINISTRATOR, post, ties), 0);
    assert_int_equal(staff_at(U_V1, ROLE_SUPERVISOR, post, ties), 0);
    ties = ties_of(U_D, U_D, -1);
    assert_int_equal(staff_at(U_D, ROLE_SUPERVISOR, other_post, ties), REL_ABOVE);
}

static void elsewhere(void **state) {
    (void)state;
    struct appeal_ties ties = ties_of(U_V1, U_C1, -1);
    /* An assignee only in the unit that has it. */
    assert_int_equal(staff_at(U_C1, ROLE_HANDLER, post, ties), REL_FIRST);
    assert_int_equal(staff_at(U_C1, ROLE_ADMINISTRATOR, post, ties), 0);
    assert_int_equal(staff_at(U_C2, ROLE_LEAD, post, ties), 0);
    assert_int_equal(staff_at(U_V2, ROLE_LEAD, other_post, ties), 0);
    assert_int_equal(staff_at(U_T2, ROLE_LEAD, other_post, ties), 0);
    assert_int_equal(staff_at(U_D1, ROLE_LEAD, other_post, ties), 0); /* a department is above nobody's village */
    assert_int_equal(staff_at(U_T1, ROLE_LEAD, other_post, ties), REL_ABOVE);
    assert_int_equal(staff_at(U_T1, ROLE_DISPATCHER, other_post, ties), REL_ABOVE);
    assert_int_equal(staff_at(U_T1, ROLE_HANDLER, other_post, ties), 0);
    assert_int_equal(staff_at(U_D, ROLE_SUPERVISOR, other_post, ties), REL_ABOVE);
    assert_int_equal(staff_at(U_D, ROLE_HANDLER, other_post, ties), 0);
    /* First asked, and above the one that has it now (it was delegated). */
    ties = ties_of(U_C1, U_V1, -1);
    assert_int_equal(staff_at(U_V1, ROLE_LEAD, other_post, ties), REL_FIRST | REL_ABOVE);
    assert_int_equal(staff_at(U_V1, ROLE_HANDLER, other_post, ties), REL_FIRST);
}

static void complained_of(void **state) {
    (void)state;
    struct appeal_ties ties = ties_of(U_V1, U_V1, U_V1);
    assert_int_equal(staff_at(U_V1, ROLE_HANDLER, other_post, ties), REL_HANDLER | REL_ABOUT);
    assert_int_equal(staff_at(U_V1, ROLE_LEAD, other_post, ties), REL_HANDLER | REL_DISPATCHER | REL_ABOUT);
    assert_int_equal(staff_at(U_C1, ROLE_HANDLER, other_post, ties), REL_ABOUT); /* below it counts too */
    assert_int_equal(staff_at(U_T1, ROLE_LEAD, other_post, ties), REL_ABOVE);
    ties = ties_of(U_T1, U_C1, U_C1);
    assert_int_equal(staff_at(U_C1, ROLE_HANDLER, other_post, ties), REL_FIRST | REL_ABOUT);
    assert_int_equal(staff_at(U_C2, ROLE_HANDLER, other_post, ties), 0);
}

/* An appeal that no client posted and nobody is assigned to has all-zero ids there. */
static void assigned_to_nobody(void **state) {
    (void)state;
    struct appeal_ties ties = ties_of(U_V1, U_V1, -1);
    ties.assignee_id = ties.client_id = nobody;
    assert_int_equal(staff_at(U_V1, ROLE_HANDLER, post, ties), REL_HANDLER);
    struct asker a = asker_of(ACTOR_CLIENT, client);
    assert_int_equal(relations_of(&a, &ties), 0);
}

static void who_sees_the_reporter(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits < 1u << REL_COUNT; bits++)
        for (int withheld = 0; withheld < 2; withheld++) {
            bool own = bits & (REL_REPORTER | REL_CLIENT);
            bool shown = may_see_reporter(bits, withheld);
            if (own) assert_true(shown);
            else if (!bits || (bits & REL_ABOUT) || bits == REL_COUNIT) assert_false(shown);
            else if (!withheld) assert_true(shown);
            else assert_int_equal(shown, (bits & (REL_ABOVE | REL_FIRST)) != 0);
        }
    assert_false(may_see_reporter(REL_HANDLER | REL_DISPATCHER | REL_ASSIGNEE, true));
    assert_false(may_see_reporter(REL_HANDLER | REL_DISPATCHER | REL_ABOVE | REL_FIRST | REL_ABOUT, false));
}

/* An import replaces the district under a request: the same unit is then there twice. */
static void units_of_two_districts(void **state) {
    (void)state;
    struct unit again = units[U_V1], accused = units[U_C1];
    struct appeal_ties ties = ties_of(U_V1, U_V1, -1);
    ties.holder = ties.first = &again;
    assert_int_equal(staff_at(U_V1, ROLE_HANDLER, other_post, ties), REL_HANDLER);
    ties.about = &accused;
    assert_true(staff_at(U_C1, ROLE_LEAD, other_post, ties) & REL_ABOUT);
    assert_true(unit_is_below(&again, &units[U_T1]) && unit_is_below(&units[U_C1], &accused));
}

/* A part ties a unit's handlers to a matter, and to its contact where the lead says so; it takes nothing away. */
static void a_part_is_a_tie(void **state) {
    (void)state;
    struct appeal_ties ties = ties_of(U_C1, U_C1, -1);
    for (int role = 1; role < ROLE__MAX; role++) {
        bool handles = role_abilities((enum role)role, units[U_V1].tier) & ABLE_HANDLE;
        ties.counit = false;
        uint32_t without = staff_at(U_V1, (enum role)role, other_post, ties);
        ties.counit = true;
        ties.contact = false;
        assert_int_equal(staff_at(U_V1, (enum role)role, other_post, ties), without | (handles ? REL_COUNIT : 0));
        ties.contact = true;
        assert_int_equal(staff_at(U_V1, (enum role)role, other_post, ties),
                         without | (handles ? REL_COUNIT | REL_CONTACT : 0));
    }
    assert_false(may_see_notes(REL_COUNIT | REL_CONTACT));
    assert_true(may_see_notes(REL_COUNIT | REL_FIRST) && may_see_notes(REL_ABOVE) && may_see_notes(REL_HANDLER));
    assert_false(may_see_notes(REL_REPORTER) || may_see_notes(REL_CLIENT) || may_see_notes(0));
}

/* All staff of the district against all appeals: what they are and what they may agree with the tree. */
static void no_relation_without_a_tie(void **state) {
    (void)state;
    for (int u = 0; u < U_COUNT; u++)
        for (int holder = 0; holder < U_COUNT; holder++)
            for (int about = -1; about < U_COUNT; about++)
                for (int role = 1; role < ROLE__MAX; role++) {
                    uint32_t rel = staff_at(u, (enum role)role, other_post, ties_of(holder, U_C1, about));
                    bool accused = about >= 0 && unit_is_below(&units[u], &units[about]);
                    assert_int_equal((rel & REL_ABOUT) != 0, accused);
                    assert_int_equal(rel & (REL_REPORTER | REL_CLIENT | REL_SYSTEM), 0);
                    if (u != holder) assert_int_equal(rel & (REL_HANDLER | REL_ASSIGNEE | REL_DISPATCHER), 0);
                    if (rel & REL_ABOVE) assert_true(unit_is_below(&units[holder], &units[u]));
                    if (rel & REL_FIRST) assert_true(u == U_C1 && holder != U_C1);
                    if (role == ROLE_ADMINISTRATOR) assert_int_equal(rel & ~(uint32_t)REL_ABOUT, 0);
                    if (accused) assert_false(may_see_reporter(rel, false));
                    if (accused)
                        assert_int_equal(transition_check(ACT_UNMASK, STATE_PROCESSING, rel), VERDICT_NOT_YOURS);
                }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(role_by_tier),
        cmocka_unit_test(outsiders),
        cmocka_unit_test(in_the_unit_that_has_it),
        cmocka_unit_test(elsewhere),
        cmocka_unit_test(complained_of),
        cmocka_unit_test(assigned_to_nobody),
        cmocka_unit_test(who_sees_the_reporter),
        cmocka_unit_test(units_of_two_districts),
        cmocka_unit_test(a_part_is_a_tie),
        cmocka_unit_test(no_relation_without_a_tie),
    };
    return cmocka_run_group_tests_name("permissions", tests, NULL, NULL);
}
