"""Short texts that a member of staff keeps to insert while he writes, in his own order."""

import random
import threading

import pytest
from calm import world  # noqa: F401
from client import Client


@pytest.fixture
def staff(world):
    """One who keeps nothing yet."""
    one = world.staff(world.place["unit_code"])
    forget(one)
    yield one
    forget(one)


def phrases(client):
    return client.get("/zzd/v1/phrases").ok()["items"]


def forget(client):
    for phrase in phrases(client):
        assert client.post(f"/zzd/v1/phrases/{phrase['id']}/delete", {}).status == 204


def keep(client, text, **body):
    return client.post("/zzd/v1/phrases", {"text": text, **body}).ok(201)


def change(client, phrase, **body):
    return client.post(f"/zzd/v1/phrases/{phrase['id']}", body)


def texts(client):
    items = phrases(client)
    assert [p["position"] for p in items] == list(range(1, len(items) + 1)), items
    return "".join(p["text"] for p in items)


def test_kept_changed_ordered_and_forgotten(staff):
    a, b, c = (keep(staff, text) for text in "abc")
    assert [p["position"] for p in (a, b, c)] == [1, 2, 3] and texts(staff) == "abc"
    d = keep(staff, "d", position=2)
    assert d["position"] == 2 and texts(staff) == "adbc"
    assert keep(staff, "e", position=50)["position"] == 5 and texts(staff) == "adbce"
    assert change(staff, c, position=1).ok() == {"id": c["id"], "position": 1, "text": "c"} and texts(staff) == "cadbe"
    assert change(staff, a, position=4).ok()["position"] == 4 and texts(staff) == "cdbae"
    assert change(staff, c, position=50).ok()["position"] == 5 and texts(staff) == "dbaec"
    assert change(staff, b, position=2).ok()["position"] == 2 and texts(staff) == "dbaec"
    assert change(staff, b, text="B").ok() == {"id": b["id"], "position": 2, "text": "B"} and texts(staff) == "dBaec"
    assert change(staff, b, text="bb", position=1).ok()["position"] == 1 and texts(staff) == "bbdaec"
    assert staff.post(f"/zzd/v1/phrases/{a['id']}/delete", {}).status == 204 and texts(staff) == "bbdec"
    change(staff, a, text="x").problem(404, "not_found")
    staff.post(f"/zzd/v1/phrases/{a['id']}/delete", {}).problem(404, "not_found")
    assert keep(staff, "好" * 200)["position"] == 5


def test_a_phrase_is_its_owner_s(world, staff):
    made, other = keep(staff, "我的"), world.staff(world.chain(world.place["unit_code"])[-1])
    assert made["id"] not in [p["id"] for p in phrases(other)]
    change(other, made, text="改").problem(404, "not_found")
    other.post(f"/zzd/v1/phrases/{made['id']}/delete", {}).problem(404, "not_found")
    assert texts(staff) == "我的"
    Client(world, None, "zzd").get("/zzd/v1/phrases").problem(401, "token_required")


def at_once(calls):
    answers = []
    threads = [threading.Thread(target=lambda call=call: answers.append(call())) for call in calls]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def test_fifty_are_kept_whoever_comes_at_once(staff):
    made = [keep(staff, f"{n}。") for n in range(47)]
    answers = at_once([lambda: staff.post("/zzd/v1/phrases", {"text": "同时", "position": 2})] * 8)
    assert sorted(a.status for a in answers) == [201] * 3 + [409] * 5
    assert {a.code for a in answers if a.status == 409} == {"limit_reached"}
    assert texts(staff) == "0。" + "同时" * 3 + "".join(f"{n}。" for n in range(1, 47))
    moves = [lambda p=p: change(staff, p, position=1) for p in made[:4]]
    deletes = [lambda p=p: staff.post(f"/zzd/v1/phrases/{p['id']}/delete", {}) for p in made[10:14]]
    assert sorted(a.status for a in at_once(moves + deletes)) == [200] * 4 + [204] * 4
    assert len(texts(staff)) and {p["text"] for p in phrases(staff)[:4]} == {f"{n}。" for n in range(4)}


def test_the_same_key_keeps_one(staff):
    key = f"phrase-{random.randrange(10 ** 9)}"
    first, again = (staff.post("/zzd/v1/phrases", {"text": "一次"}, key=key) for _ in range(2))
    assert first.status == again.status == 201 and first.json == again.json and texts(staff) == "一次"
    staff.post("/zzd/v1/phrases", {"text": "两次"}, key=key).problem(422, "idempotency_key_reused")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "好" * 201}, {"text": 1}, {"text": None}, {"text": "电话13812345678"}, {"text": "a", "position": 0},
                                  {"text": "a", "position": 51}, {"text": "a", "position": "1"}, {"text": "a", "name": "b"}])
def test_what_can_t_be_kept_is_told(staff, body):
    kept = keep(staff, "原样")
    staff.post("/zzd/v1/phrases", body).problem(400, "invalid_request")
    change(staff, kept, **body).problem(400, "invalid_request")
    assert texts(staff) == "原样"


def test_who_is_disabled_leaves_none(world):
    """Neither phrases nor views, whose owner nobody is any more."""
    post = next(p for p in reversed(world.posts) if p["role"] == "handler" and p["unit_code"] != world.place["unit_code"])
    client = world.sign_in_staff(post["employee_code"])
    client.post("/zzd/v1/phrases", {"text": "再见"}).ok(201)
    client.post("/zzd/v1/views", {"name": "再见", "open": True}).ok(201)
    of = f"FROM {{}} WHERE staff_id=(SELECT id FROM staff WHERE employee_code='{post['employee_code']}')"
    count = [f"SELECT COUNT(*) {of.format(table)}" for table in ("staff_phrase", "staff_view")]
    assert [world.sql(q) for q in count] == [[["1"]], [["1"]]]
    world.minhuctl("staff", "disable", post["employee_code"])
    assert [world.sql(q) for q in count] == [[["0"]], [["0"]]]
