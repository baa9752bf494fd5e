"""Who rated badly or not at all is asked again: what waits for that lies in a box with a count, for fifteen days."""

import pytest
from calm import other_resident, resident, world  # noqa: F401
from forging import bend
from test_main_job import notice_of, wait_for
from test_planned import call_back, comes, plan, rate, resolve
from test_questions import actions, holds
from test_staff import holder_of

LONG = "INTERVAL 16 DAY"


@pytest.fixture
def appeal(resident):  # noqa: F811
    return resident.submit()


@pytest.fixture
def staff(world, appeal):  # noqa: F811
    return accepted(world, appeal)


def accepted(world, appeal):  # noqa: F811
    one = holder_of(world, appeal)
    one.act(appeal, "accept").ok()
    return one


def waiting(client, **query):
    """Its count, and the matters themselves; the one is the other's."""
    more = "".join(f"&{k}={v}" for k, v in query.items())
    count = client.get("/zzd/v1/boxes" + more.replace("&", "?", 1)).ok()["to_call_back"]
    found = {}
    for view in ("full", "brief"):
        ids, cursor = [], ""
        while cursor is not None:
            page = client.get(f"/zzd/v1/appeals?box=to_call_back&limit=50&view={view}{more}{cursor}").ok()
            ids += [a["id"] for a in page["items"]]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        found[view] = ids
    assert found["full"] == found["brief"] and len(found["full"]) == count
    return found["full"]


@pytest.mark.parametrize("solved, stars, owed", [(False, 1, True), (True, 2, True), (False, 5, True), (True, 3, False)])
def test_a_bad_rating_is_called_back_about(world, resident, appeal, staff, solved, stars, owed):  # noqa: F811
    resolve(staff, appeal).ok()
    assert appeal["id"] not in waiting(staff)
    rate(resident, appeal, solved, stars)
    assert (appeal["id"] in waiting(staff)) is owed
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "rate"))
    assert holds(world, appeal) is True


def test_a_callback_takes_it_off(world, resident, appeal, staff):  # noqa: F811
    chief = world.staff(world.chain(appeal["holder"]["code"])[1])
    resolve(staff, appeal).ok()
    rate(resident, appeal, False, 1)
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/notes", {"text": "下午再打。"}).ok()
    assert appeal["id"] in waiting(staff), "a note is no callback"
    assert appeal["id"] in waiting(chief, unit_code=appeal["holder"]["code"]), "who oversees it sees it, too"
    call_back(staff, appeal, "satisfied").ok()
    assert appeal["id"] not in waiting(staff) and holds(world, appeal) is True
    call_back(staff, appeal, "not_reached").ok()
    assert appeal["id"] not in waiting(staff), "what was done is done"


def test_opened_again_it_waits_no_more(world, resident, appeal, staff):  # noqa: F811
    resolve(staff, appeal).ok()
    rate(resident, appeal, False, 1)
    assert call_back(staff, appeal, reopen=True).ok()["state"]["code"] == "accepted" and appeal["id"] not in waiting(staff)
    resolve(staff, appeal).ok()
    rate(resident, appeal, True, 5)
    assert appeal["id"] not in waiting(staff) and holds(world, appeal) is True


def test_a_rating_that_never_came_is_asked_for(world, resident, appeal, staff):  # noqa: F811
    resolve(staff, appeal).ok()
    bend(world, f"resolved_at=resolved_at-{LONG}", appeal)
    closed = comes(staff.seen, appeal, "close")
    bend(world, f"resolved_at=resolved_at+{LONG}", appeal)  # the dossier holds again
    assert closed["state"]["code"] == "closed" and closed["stars"] is None and appeal["id"] in waiting(staff)
    call_back(staff, appeal, "unsatisfied").ok()
    assert appeal["id"] not in waiting(staff) and holds(world, appeal) is True


def test_who_was_not_reached_is_called_three_times(world, resident, appeal, staff):  # noqa: F811
    resolve(staff, appeal).ok()
    rate(resident, appeal, False, 2)
    for _ in range(3):
        call_back(staff, appeal, "not_reached").ok()
    assert appeal["id"] in waiting(staff), "three times in an hour are not enough"
    one = f"(SELECT id FROM appeal WHERE number='{appeal['number']}')"
    on_other_days = f"UPDATE appeal_event SET at=at{{}}INTERVAL 1+n*25 HOUR WHERE appeal_id={one} AND action=54"
    world.sql(on_other_days.format("+"))
    call_back(staff, appeal, "not_reached").ok()
    assert appeal["id"] not in waiting(staff)
    last = f" AND n<(SELECT events FROM appeal WHERE id={one})"
    world.sql(on_other_days.format("-") + last)  # the dossier holds again
    assert holds(world, appeal) is True


@pytest.mark.parametrize("stars", [1, None])
def test_nobody_called(world, resident, appeal, staff, stars):  # noqa: F811
    """Told to the unit and the one above where the rating was bad; of the many that never came the list says enough."""
    chief = world.staff(world.chain(appeal["holder"]["code"])[1])
    resolve(staff, appeal).ok()
    if stars:
        rate(resident, appeal, False, stars)
    else:
        bend(world, f"resolved_at=resolved_at-{LONG}", appeal)
        comes(staff.seen, appeal, "close")
        bend(world, f"resolved_at=resolved_at+{LONG}", appeal)
    bend(world, f"closed_at=closed_at-{LONG}", appeal)
    missed = comes(staff.seen, appeal, "callback_missed")
    bend(world, f"closed_at=closed_at+{LONG}", appeal)
    assert actions(missed).count("callback_missed") == 1 and missed["state"]["code"] == "closed" and appeal["id"] not in waiting(staff)
    assert "callback_missed" not in actions(resident.own(appeal)) and holds(world, appeal) is True
    if stars:
        for client in (staff, chief):
            wait_for(lambda c=client: notice_of(c, "/zzd/v1", appeal, "callback_missed"))
    else:
        assert world.sql(f"SELECT notify FROM appeal_event WHERE action=69 AND appeal_id=X'{appeal['id'].replace('-', '')}'") == [["0"]]
    call_back(chief, appeal).ok()  # late is better than never


def test_above_hears_where_the_holder_can_not_call(world, resident):  # noqa: F811
    """It lies in nobody's box: the unit complained of, and who may not know the name, could never take it off."""
    secret = resident.submit(withhold_name=True)
    staff, chief = accepted(world, secret), world.staff(world.chain(secret["holder"]["code"])[1])
    resolve(staff, secret).ok()
    rate(resident, secret, False, 1)
    assert secret["id"] not in waiting(staff)
    wait_for(lambda: notice_of(chief, "/zzd/v1", secret, "rate"))
    assert chief.seen(secret)["reporter"]["phone"] and call_back(chief, secret).ok()
    assert holds(world, secret) is True


def test_what_is_planned_is_not(world, resident, appeal, staff):  # noqa: F811
    plan(staff, appeal).ok()
    rate(resident, appeal, False, 1)
    assert appeal["id"] not in waiting(staff)
