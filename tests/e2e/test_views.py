"""Searches that staff keep, with how many matters fit each."""

import random
import threading
import time

import pytest
from beijing import moment
from calm import resident, world  # noqa: F401
from client import Client
from test_main_job import wait_for
from test_search import rare, search




@pytest.fixture
def staff(world):
    """One who keeps nothing yet, at the top."""
    top = world.staff(world.chain(world.place["unit_code"])[-1])
    forget(top)
    yield top
    forget(top)


def forget(client):
    for view in views(client):
        assert client.post(f"/zzd/v1/views/{view['id']}/delete", {}).status == 204


def views(client):
    return client.get("/zzd/v1/views").ok()["items"]


def keep(client, **body):
    return client.post("/zzd/v1/views", body).ok(201)


def counts(client):
    return {v["name"]: (v["count"], v["capped"]) for v in views(client)}


def test_a_view_is_kept_counted_changed_and_forgotten(resident, staff):
    word = rare(4)
    made = keep(staff, name="水表", q=word, open=True)
    assert made["filters"] == {"q": word, "state": None, "open": True, "overdue": None, "kind": None, "category_code": None, "unit_code": None,
                               "tier": None, "channel": None, "urgency": None, "outcome": None, "stars": None, "weight": None,
                               "submitted_days": None, "submitted_from": None, "submitted_until": None, "west": None, "south": None, "east": None, "north": None}
    assert counts(staff) == {"水表": (0, False)}
    appeals = [resident.submit(text=f"{word}水表空转第{n}次。") for n in range(3)]
    assert wait_for(lambda: counts(staff)["水表"] == (3, False))
    resident.post(f"/zlb/v1/appeals/{appeals[0]['id']}/withdraw", {}, version=1).ok()
    assert wait_for(lambda: counts(staff)["水表"] == (2, False))
    changed = staff.post(f"/zzd/v1/views/{made['id']}", {"name": "撤回的", "q": word, "state": "withdrawn"}).ok()
    assert changed["id"] == made["id"] and changed["filters"]["state"] == "withdrawn" and changed["filters"]["open"] is None
    assert counts(staff) == {"撤回的": (1, False)}
    assert staff.post(f"/zzd/v1/views/{made['id']}/delete", {}).status == 204
    assert views(staff) == []
    staff.post(f"/zzd/v1/views/{made['id']}", {"name": "x", "open": True}).problem(404, "not_found")
    staff.post(f"/zzd/v1/views/{made['id']}/delete", {}).problem(404, "not_found")


def test_a_view_counts_what_the_search_finds(world, resident, staff):
    word = rare(3)
    for kind in ("help", "ask", "ask"):
        resident.submit(text=f"{word}分类统计的事情。", kind=kind, category_code="noise.life")
    unit = world.place["unit_code"]
    filters = [{"q": word, "kind": "ask"}, {"q": word, "category_code": "noise"}, {"q": word, "tier": "district"}, {"q": word, "unit_code": world.chain(unit)[-1]},
               {"channel": "zlb", "urgency": "normal", "overdue": False, "q": word}, {"q": word, "stars": 3}, {"q": word, "stars": 0}, {"q": word, "weight": "micro"}]
    for n, one in enumerate(filters):
        keep(staff, name=f"第{n}个", **one)
    assert wait_for(lambda: counts(staff)["第1个"] == (3, False))
    for n, one in enumerate(filters):
        found = len(search(staff, limit=100, **{k: str(v).lower() if isinstance(v, bool) else v for k, v in one.items()})["items"])
        assert counts(staff)[f"第{n}个"] == (found, False), one


def told(client, name):
    """A view's count, and how many the search finds by the filters that it says it keeps."""
    view = next(v for v in views(client) if v["name"] == name)
    given = {k: str(v).lower() if isinstance(v, bool) else v for k, v in view["filters"].items() if v is not None}
    return view["count"], len(search(client, limit=100, **given)["items"])


def test_a_view_of_a_time(world, resident, staff):
    word = rare(4)
    old, middle, new = (resident.submit(text=f"{word}第{n}件事情。") for n in range(3))
    keep(staff, name="都", q=word)
    assert wait_for(lambda: counts(staff)["都"] == (3, False))
    keep(staff, name="七天", q=word, submitted_days=7)
    keep(staff, name="以前", q=word, submitted_until=moment(days=-1))
    keep(staff, name="以后", q=word, submitted_from=moment(hours=1))
    keep(staff, name="这一小时", q=word, submitted_from=moment(hours=-1), submitted_until=moment(seconds=1))
    assert [told(staff, name) for name in ("七天", "以前", "以后", "这一小时")] == [(3, 3), (0, 0), (0, 0), (3, 3)]
    kept = next(v for v in views(staff) if v["name"] == "七天")["filters"]
    assert kept["submitted_days"] == 7 and kept["submitted_from"] is None and kept["submitted_until"] is None
    began = moment()
    kept = keep(staff, name="从此", q=word, submitted_from=began)["filters"]
    assert kept["submitted_from"] == began, "as it was given, to the millisecond"
    time.sleep(1)
    resident.submit(text=f"{word}后来的事情。")
    assert wait_for(lambda: counts(staff)["都"] == (4, False)) and told(staff, "从此") == (1, 1)


def test_a_view_of_a_piece_of_the_map(world, resident, staff):
    """Right to the edge, though what is kept of each matter is a square of a kilometre."""
    word = rare(4)
    for lng in (120.1612, 120.1618, 120.168):
        resident.submit(text=f"{word}路面塌陷一处。", lng=lng, lat=30.25)
    keep(staff, name="都", q=word)
    assert wait_for(lambda: counts(staff)["都"] == (3, False))
    box = {"south": 30.24, "north": 30.26}
    made = keep(staff, name="半个", q=word, west=120.16, east=120.1615, **box)
    assert {k: made["filters"][k] for k in ("west", "south", "east", "north")} == {"west": 120.16, "south": 30.24, "east": 120.1615, "north": 30.26}
    keep(staff, name="一格", q=word, west=120.16, east=120.1699, **box)
    keep(staff, name="全国", q=word, west=74, east=135, south=4, north=53)
    keep(staff, name="别处", q=word, west=121, east=121.1, **box)
    keep(staff, name="没有字", west=120.1611, east=120.1613, submitted_days=1, **box)
    assert [told(staff, name) for name in ("半个", "一格", "全国", "别处")] == [(1, 1), (3, 3), (3, 3), (0, 0)]
    count, found = told(staff, "没有字")
    assert count == found >= 1
    assert counts(staff)["半个"] == (1, False)


def test_a_count_is_of_what_one_may_see(world, resident, staff):
    word = rare(4)
    appeal = resident.submit(text=f"{word}邻里纠纷。", category_code="noise.life")
    unit = appeal["holder"]["code"]
    other = next(u["code"] for u in world.units.values() if u["tier"] == "village" and u["code"] not in world.chain(unit))
    for client in (staff, world.staff(unit), world.staff(other)):
        keep(client, name="纠纷", q=word)
    assert wait_for(lambda: counts(staff)["纠纷"] == (1, False))
    assert counts(world.staff(unit))["纠纷"] == (1, False) and counts(world.staff(other))["纠纷"] == (0, False)
    forget(world.staff(unit)), forget(world.staff(other))


def test_a_view_is_its_owner_s(world, staff):
    made, other = keep(staff, name="我的", open=True), world.staff(world.place["unit_code"])
    assert made["id"] not in [v["id"] for v in views(other)]
    other.post(f"/zzd/v1/views/{made['id']}", {"name": "改", "open": True}).problem(404, "not_found")
    other.post(f"/zzd/v1/views/{made['id']}/delete", {}).problem(404, "not_found")
    assert [v["name"] for v in views(staff)] == ["我的"]
    Client(world, None, "zzd").get("/zzd/v1/views").problem(401, "token_required")


def test_twenty_are_kept_whoever_comes_at_once(staff):
    for n in range(17):
        keep(staff, name=f"第{n}", q=f"水表{n}", open=bool(n % 2), stars=1 + n % 5)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(staff.post("/zzd/v1/views", {"name": "同时", "open": True}))) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a.status for a in answers) == [201] * 3 + [409] * 5
    assert {a.code for a in answers if a.status == 409} == {"limit_reached"} and len(views(staff)) == 20


def test_the_same_key_keeps_one(staff):
    key = f"view-{random.randrange(10 ** 9)}"
    first, again = (staff.post("/zzd/v1/views", {"name": "一次", "open": True}, key=key) for _ in range(2))
    assert first.status == again.status == 201 and first.json == again.json and len(views(staff)) == 1


@pytest.mark.parametrize("body", [{"name": "空"}, {"open": True}, {"name": "", "open": True}, {"name": "a" * 31, "open": True}, {"name": "a", "q": "。"},
                                  {"name": "a", "q": "a" * 13}, {"name": "a", "q": "13812345678"}, {"name": "打13812345678", "open": True},
                                  {"name": "a", "category_code": "none"}, {"name": "a", "unit_code": "none"}, {"name": "a", "submitted_days": 0}, {"name": "a", "submitted_days": 367},
                                  {"name": "a", "submitted_from": "yesterday"}, {"name": "a", "submitted_days": 7, "submitted_from": "2026-01-01T00:00:00+08:00"},
                                  {"name": "a", "submitted_from": "2026-02-01T00:00:00+08:00", "submitted_until": "2026-01-01T00:00:00+08:00"},
                                  {"name": "a", "west": 120.1}, {"name": "a", "west": 121, "south": 30, "east": 120, "north": 31}, {"name": "a", "west": 20, "south": 30, "east": 120, "north": 31}, {"name": "a", "state": "lost"}, {"name": "a", "limit": 3}])
def test_what_can_t_be_kept_is_told(staff, body):
    staff.post("/zzd/v1/views", body).problem(400, "invalid_request")
    assert views(staff) == []
