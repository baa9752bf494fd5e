"""What rests, until the reporter answers or a suspension ends, is neither late nor due soon: its clocks stand still, those of its parts too."""

import time

import pytest
from beijing import moment
from calm import resident, world  # noqa: F401
from client import SLOW
from forging import bend
from test_main_job import seconds_between, wait_for
from test_parts import answer, call_in, late_parts, mine
from test_questions import ask, holds, take_back
from test_requests import post, rest
from test_search import found, ids, rare, search
from test_staff import sibling


@pytest.fixture(scope="module")
def lead(world):
    return world.staff(world.place["unit_code"])


@pytest.fixture(scope="module")
def chief(world):
    return world.staff(world.chain(world.place["unit_code"])[1])


@pytest.fixture
def matter(resident, lead):
    """In hand, with a word of its own."""
    word = rare()
    appeal = resident.submit(text=f"{word}楼道里的灯坏了三天，老人上下楼很不方便，请尽快修好。")
    lead.act(appeal, "accept", {}).ok()
    return {**lead.seen(appeal), "word": word}


def pause(how, lead, chief, appeal):
    if how == "question":
        ask(lead, appeal).ok()
    else:
        rest(lead, appeal).ok()
        post(chief, appeal, "suspend").ok()


def go_on(how, lead, appeal):
    (take_back(lead, appeal) if how == "question" else post(lead, appeal, "continue")).ok()


def listed(client, box, **query):
    """A box page by page."""
    rows, cursor, more = [], "", "".join(f"&{k}={v}" for k, v in query.items())
    while True:
        page = client.get(f"/zzd/v1/appeals?box={box}&limit=50{more}{cursor}").ok()
        rows += page["items"]
        if not page["next_cursor"]:
            return rows
        cursor = f"&cursor={page['next_cursor']}"


def lies_in(client, box, appeal):
    """In each way that the box is listed: in full, in brief, sifted. Again when its weight was another by then: a job raises that of
    what one reports anew, a second or more after he did."""
    while True:
        weight = client.seen(appeal)["weight"]["code"]
        ways = [{}, {"view": "brief"}, {"weight": weight}, {"weight": weight, "view": "brief"}]
        found_in = {appeal["id"] in [item["id"] for item in listed(client, box, **way)] for way in ways}
        if client.seen(appeal)["weight"]["code"] == weight:
            return found_in


def counts(client):
    boxes = client.get("/zzd/v1/boxes").ok()
    return boxes["in_hand"], boxes["due_soon"], boxes["overdue"]


@pytest.mark.parametrize("how", ["question", "suspension"])
def test_what_rests_is_neither_late_nor_due_soon(world, lead, chief, matter, how):
    in_hand, soon, late = counts(lead)
    for view in lead.get("/zzd/v1/views").ok()["items"]:
        lead.post(f"/zzd/v1/views/{view['id']}/delete", {})
    for name, overdue in (("超期", True), ("没有超期", False)):
        lead.post("/zzd/v1/views", {"name": name, "q": matter["word"], "overdue": overdue}).ok(201)

    def fit():
        return {v["name"]: v["count"] for v in lead.get("/zzd/v1/views").ok()["items"]}
    bend(world, "resolve_by=UTC_TIMESTAMP(6)+INTERVAL 1 HOUR,step_by=UTC_TIMESTAMP(6)+INTERVAL 1 DAY", matter)
    assert counts(lead) == (in_hand, soon + 1, late) and lies_in(lead, "due_soon", matter) == {True}

    pause(how, lead, chief, matter)
    assert counts(lead) == (in_hand, soon, late) and lies_in(lead, "due_soon", matter) == {False}
    assert lies_in(lead, "in_hand", matter) == {True} and found(lead, matter, q=matter["word"])
    assert [a["paused"] for a in listed(lead, "in_hand") if a["id"] == matter["id"]] == [True]
    assert search(lead, q=matter["word"])["items"][0]["paused"] is True
    bend(world, "resolve_by=UTC_TIMESTAMP(6)-INTERVAL 1 HOUR", matter)
    assert counts(lead) == (in_hand, soon, late) and lies_in(lead, "overdue", matter) == {False}
    lead.post(f"/zzd/v1/appeals/{matter['id']}/notes", {"text": "等待中。"}).ok()  # what the search knows is as it is now
    assert ids(search(lead, q=matter["word"], overdue="true")) == [] and ids(search(lead, q=matter["word"], overdue="false")) == [matter["id"]]
    assert fit() == {"超期": 0, "没有超期": 1}

    go_on(how, lead, matter)
    assert counts(lead) == (in_hand, soon, late + 1) and lies_in(lead, "overdue", matter) == {True}
    assert found(lead, matter, q=matter["word"], overdue="true") and wait_for(lambda: fit() == {"超期": 1, "没有超期": 0})
    assert search(lead, q=matter["word"])["items"][0]["paused"] is False

    pause("question", lead, chief, matter)  # late it stays, as a mark; what is to be done about it rests
    assert counts(lead) == (in_hand, soon, late) and lies_in(lead, "overdue", matter) == {False}
    assert ids(search(lead, q=matter["word"], overdue="true")) == [matter["id"]] and fit()["超期"] == 1


# ---- the parts of what rests ----

def part_of(client, matter, part):
    return next(p for p in client.get(f"/zzd/v1/appeals/{matter['id']}/parts").ok()["items"] if p["id"] == part["id"])


@pytest.fixture
def there(world):
    return sibling(world, world.place["unit_code"])


@pytest.mark.parametrize("how", ["question", "suspension"])
def test_parts_rest_with_their_matter(world, lead, chief, matter, there, how):
    """Round the clock, so that the pause counts whenever this runs."""
    bend(world, "resolve_rule='48h',resolve_by=UTC_TIMESTAMP(6)+INTERVAL 48 HOUR,step_by=UTC_TIMESTAMP(6)+INTERVAL 1 DAY", matter)
    counit, due = world.staff(there), lead.seen(matter)["resolve_by"]
    whole = call_in(lead, matter, there)
    late = call_in(lead, matter, there, due_by=moment(seconds=1))
    time.sleep(2.1)  # clocks are of whole seconds
    near, open_still = (call_in(lead, matter, there, due_by=moment(seconds=4 + SLOW)) for _ in range(2))
    assert whole["due_by"] == due and (whole["paused"], whole["late"]) == (False, False)

    pause(how, lead, chief, matter)
    began = lead.seen(matter)["ledger"][-1]["starts_at"]
    after = call_in(lead, matter, there)
    time.sleep(5 + SLOW)
    for part, is_late in ((whole, False), (near, False), (open_still, False), (late, True), (after, False)):
        seen = part_of(lead, matter, part)
        assert (seen["paused"], seen["late"]) == (True, is_late)
    assert {item["part"]["late"] for item in mine(counit) if item["part"]["id"] in (near["id"], open_still["id"])} == {False}
    assert set(late_parts(lead, matter)) <= {late["n"]}, "nobody hears that what rests is late"
    in_time = answer(counit, near).ok()
    assert (in_time["late"], in_time["paused"]) == (False, False)
    assert abs(seconds_between(near["due_by"], in_time["due_by"]) - seconds_between(began, in_time["ended_at"])) <= 1

    go_on(how, lead, matter)
    now = lead.seen(matter)
    rested = now["ledger"][-2]["wall_seconds"]
    assert rested >= 5 and seconds_between(due, now["resolve_by"]) == rested
    assert part_of(lead, matter, whole)["due_by"] == now["resolve_by"]
    assert abs(seconds_between(now["resolve_by"], part_of(lead, matter, after)["due_by"])) <= 1
    assert abs(seconds_between(open_still["due_by"], part_of(lead, matter, open_still)["due_by"]) - rested) <= 1, "called as the pause began"
    wait_for(lambda: late_parts(lead, matter) == [late["n"], open_still["n"]])
    assert part_of(lead, matter, late) == {**late, "late": True, "working_seconds": part_of(lead, matter, late)["working_seconds"]}
    assert part_of(lead, matter, near)["due_by"] == in_time["due_by"], "what is answered is not moved again"
    assert not any(part_of(lead, matter, part)["paused"] for part in (whole, near, late, after))
    answer(counit, whole).ok()
    assert holds(world, matter) is True


def test_while_it_rests_a_part_is_due_as_its_matter_will_be(world, lead, chief, matter, there):
    bend(world, "resolve_rule='48h',resolve_by=UTC_TIMESTAMP(6)+INTERVAL 3 SECOND,step_by=UTC_TIMESTAMP(6)+INTERVAL 1 DAY", matter)
    pause("question", lead, chief, matter)
    time.sleep(3.5)
    part = call_in(lead, matter, there)
    assert (part["late"], part["paused"]) == (False, True) and seconds_between(lead.seen(matter)["resolve_by"], part["due_by"]) >= 2
    body = {"unit_code": there, "text": "请查看。", "due_by": moment(seconds=600)}
    lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", body).problem(409, "conflict")
    go_on("question", lead, matter)
    assert abs(seconds_between(lead.seen(matter)["resolve_by"], part_of(lead, matter, part)["due_by"])) <= 1


def test_a_part_waived_while_its_matter_rests(world, lead, chief, matter, there):
    part = call_in(lead, matter, there)
    pause("question", lead, chief, matter)
    waived = lead.post(f"/zzd/v1/parts/{part['id']}/waive", {"text": "不必了。"}).ok()
    assert (waived["late"], waived["paused"]) == (False, False) and lead.seen(matter)["parts_left"] == 0
    lead.act(matter, "resolve", {"outcome": "solved", "text": "已更换路灯。"}).ok()
    assert holds(world, matter) is True
