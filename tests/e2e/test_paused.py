"""What rests, until the reporter answers or a suspension ends, is neither late nor due soon: its clocks stand still, those of its parts too."""

import pytest
from calm import resident, world  # noqa: F401
from client import SLOW
from forging import bend
from test_main_job import wait_for
from test_questions import ask, take_back
from test_requests import post, rest
from test_search import found, ids, rare, search


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
    appeal = resident.submit(text=f"{word}路灯不亮。")
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
    """In each way that the box is listed: in full, in brief, sifted."""
    ways = [{}, {"view": "brief"}, {"weight": "micro"}, {"weight": "micro", "view": "brief"}]
    return {appeal["id"] in [item["id"] for item in listed(client, box, **way)] for way in ways}


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
    assert found(lead, matter, q=matter["word"], overdue="true") and wait_for(lambda: fit() == {"超期": 1, "没有超期": 0}, 5 * SLOW)
    assert search(lead, q=matter["word"])["items"][0]["paused"] is False

    pause("question", lead, chief, matter)  # late it stays, as a mark; what is to be done about it rests
    assert counts(lead) == (in_hand, soon, late) and lies_in(lead, "overdue", matter) == {False}
    assert ids(search(lead, q=matter["word"], overdue="true")) == [matter["id"]] and fit()["超期"] == 1
