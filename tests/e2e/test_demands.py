"""Asked and answered: what a matter demands is numbered, set right by who asked or answers, and its result answers or refuses each."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from calm import other_resident as neighbour  # noqa: F401
from calm import resident, world  # noqa: F401
from forging import bend
from test_duplicates import holds
from test_main_job import notice_of, wait_for
from test_staff import holder_of, reason

TEXT = "三号楼电梯停运一周了，请问何时修好？另外要求物业退还这一周的电梯费。"
FOUND = ["请问何时修好？", "另外要求物业退还这一周的电梯费"]
RESULT = "已督促维保单位抢修，并与物业协商。"


def texts(appeal):
    assert [d["number"] for d in appeal["demands"]] == list(range(1, len(appeal["demands"]) + 1))
    return [d["text"] for d in appeal["demands"]]


def body(*demands):
    return {"demands": [{"text": text} for text in demands]}


def correct(resident, appeal, *demands, version, key=None):
    return resident.post(f"/zlb/v1/appeals/{appeal['id']}/demands", body(*demands), version=version, key=key)


def answers(staff, *refused, n=2):
    code = reason(staff, "reject")
    return [{"number": i, "outcome": "refused", "text": f"第{i}项没有依据。", "reason_code": code} if i in refused else
            {"number": i, "outcome": "answered", "text": f"第{i}项已经办好。"} for i in range(1, n + 1)]


def resolve(staff, appeal, given=None, **more):
    return staff.act(appeal, "resolve", {"outcome": "solved", "text": RESULT, **({"answers": given} if given else {}), **more})


@pytest.fixture
def matter(world, resident):
    made = resident.submit(text=TEXT)
    holder_of(world, made).act(made, "accept").ok()
    return made


@pytest.fixture
def staff(world, matter):
    return holder_of(world, matter)


def test_each_demand_is_answered_or_refused(world, resident, matter, staff):
    assert texts(matter) == FOUND and all(d["outcome"] is d["answer"] is d["reason"] is None for d in matter["demands"])
    missing = resolve(staff, matter).problem(400, "invalid_request")["errors"]
    assert [e["pointer"] for e in missing] == ["/answers"] and "1、2" in missing[0]["detail"]
    one = resolve(staff, matter, answers(staff, n=1)).problem(400, "invalid_request")["errors"]
    assert [e["pointer"] for e in one] == ["/answers"] and "第 2 项" in one[0]["detail"]
    done = resolve(staff, matter, answers(staff, 2)).ok()
    assert done["state"]["code"] == "resolved" and done["result"] == RESULT
    mine = resident.own(matter)
    assert mine["demands"] == done["demands"] and texts(mine) == FOUND
    first, second = mine["demands"]
    assert (first["outcome"]["code"], first["answer"], first["reason"]) == ("answered", "第1项已经办好。", None)
    assert (second["outcome"]["code"], second["answer"]) == ("refused", "第2项没有依据。") and second["reason"]
    said = mine["timeline"][-1]
    assert said["action"]["code"] == "resolve" and said["text"].startswith(RESULT + "\n逐项答复：\n1. 请问何时修好？\n答复：")
    assert holds(world, matter) is True
    again = resident.post(f"/zlb/v1/appeals/{matter['id']}/reopen", {"text": "电梯又停了。"}, version=mine["version"]).ok()
    assert texts(again) == FOUND and again["demands"][0]["outcome"] is None, "what was said in the round before holds no more"
    assert resolve(staff, matter).problem(400, "invalid_request") and resolve(staff, matter, answers(staff)).ok()["demands"][1]["outcome"]["code"] == "answered"
    assert holds(world, matter) is True


def test_one_demand_or_none_is_answered_by_the_result(world, resident):
    for text, found in (("三号楼路灯坏了，请修好路灯。", ["请修好路灯"]), ("三号楼路灯坏了三天。", [])):
        made = resident.submit(text=text)
        staff = holder_of(world, made)
        staff.act(made, "accept").ok()
        assert texts(made) == found
        resolve(staff, made, answers(staff, n=len(found) + 1)).problem(400, "invalid_request")
        done = resolve(staff, made).ok()
        assert [(d["outcome"]["code"], d["answer"]) for d in done["demands"]] == [("answered", RESULT)] * len(found)


def test_who_asked_and_who_answers_set_them_right(world, resident, matter, staff):
    version = staff.seen(matter)["version"]
    mine = correct(resident, matter, "何时修好电梯？", " 退还电梯费，电话 13612345678 ", "查清停运原因", version=version).ok()
    assert texts(mine) == ["何时修好电梯？", "退还电梯费，电话 〔手机号〕", "查清停运原因"] and mine["version"] == version + 1
    assert mine["timeline"][-1]["action"]["code"] == "number_demands" and "〔手机号〕" in mine["timeline"][-1]["text"]
    assert wait_for(lambda: notice_of(staff, "/zzd/v1", matter, "number_demands"))
    theirs = staff.act(matter, "demands", body("何时修好电梯？")).ok()
    assert texts(theirs) == ["何时修好电梯？"] == texts(resident.own(matter))
    assert wait_for(lambda: notice_of(resident, "/zlb/v1", matter, "number_demands"))
    staff.act(matter, "demands", body("何时修好电梯？")).problem(409, "conflict")
    done = resolve(staff, matter).ok()
    assert done["demands"][0]["answer"] == RESULT and holds(world, matter) is True
    correct(resident, matter, "再加一项", version=done["version"]).problem(409, "wrong_state")
    staff.act(matter, "demands", body("再加一项")).problem(409, "wrong_state")


def test_of_two_at_once_one_is_stale(resident, matter, staff):
    version, key = staff.seen(matter)["version"], str(uuid.uuid4())
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: staff.act(matter, "demands", body(f"第{n}种说法"), version), range(4)))
    assert sorted(a.status for a in done) == [200, 412, 412, 412]
    staff.act(matter, "resolve", {"outcome": "solved", "text": RESULT}, version).problem(412, "version_mismatch")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: correct(resident, matter, "只算一次", version=version + 1, key=key), range(4)))
    assert {a.status for a in done} <= {200, 409} and resident.own(matter)["version"] == version + 2


def test_what_is_said_wrongly_is_told(world, resident, neighbour, matter, staff):
    version = staff.seen(matter)["version"]
    for wrong, pointer in ((body(), "/demands"), (body("x"), "/demands/0/text"), (body("何" * 101), "/demands/0/text"), (body("同一项", "同一项"), "/demands/1/text"),
                           (body(*(f"第{n}项要求" for n in range(11))), "/demands"), ({"demands": ["何时"]}, "/demands/0"), ({}, "/demands"),
                           ({**body("何时修好"), "more": 1}, "/more")):
        errors = staff.act(matter, "demands", wrong).problem(400, "invalid_request")["errors"]
        assert [e["pointer"] for e in errors] == [pointer], wrong
    good = answers(staff)
    for wrong, pointer in (([{**good[0], "number": 0}, good[1]], "/answers/0/number"), ([good[0], good[0]], "/answers/1/number"),
                           ([{**good[0], "number": 3}], "/answers"), ([{**good[0], "outcome": "refused"}, good[1]], "/answers/0/reason_code"),
                           ([{**good[0], "reason_code": "none"}, good[1]], "/answers/0/reason_code"), ([{**good[0], "text": "好"}, good[1]], "/answers/0/text"),
                           ([{**good[0], "outcome": "maybe"}, good[1]], "/answers/0/outcome"), ([{"number": 1}], None)):
        errors = resolve(staff, matter, wrong).problem(400, "invalid_request")["errors"]
        assert pointer is None or [e["pointer"] for e in errors] == [pointer], wrong
    staff.act(matter, "resolve", {"outcome": "solved", "text": "好。\n逐项答复：\n1. 何时修好\n答复：今日"}).problem(400, "invalid_request")
    correct(resident, matter, "何时修好", version=version + 7).problem(412, "version_mismatch")
    correct(resident, matter, "何时修好", version=None).problem(428, "version_required")
    correct(neighbour, matter, "何时修好", version=version).problem(404, "not_found")
    assert staff.seen(matter)["version"] == version and texts(resident.own(matter)) == FOUND


def test_the_unit_complained_of_makes_nothing_smaller(world, resident):
    unit = world.place["unit_code"]
    made = resident.submit(text=TEXT, kind="complain", about_unit_code=unit)
    for client in (world.staff(unit), holder_of(world, made)):
        if client.get(f"/zzd/v1/appeals/{made['id']}").status == 200 and client.me["post"]["unit"]["code"] == unit:
            client.act(made, "demands", body("没有诉求"), version=1).problem(403, "forbidden")


def test_enough_is_enough(world, resident, matter, staff):
    bend(world, "demands_set=20", matter)
    seen = staff.seen(matter)
    assert next(a for a in seen["actions"] if a["action"] == "number_demands")["allowed"] is False
    staff.act(matter, "demands", body("第二十一次")).problem(409, "limit_reached")
    bend(world, "demands_set=0", matter)


def test_followers_are_told_the_result_and_not_anothers_demands(world, resident, neighbour, matter, staff):
    follower = neighbour.post(f"/zlb/v1/appeals/{matter['id']}/join", {}).ok(201)
    resolve(staff, matter, answers(staff)).ok()
    got = wait_for(lambda: (lambda a: a if a["state"]["code"] == "resolved" else None)(neighbour.own(follower)))
    assert got["result"] == RESULT == got["timeline"][-1]["text"] and holds(world, follower) is True


# ---- third parties ----

def post(party):
    body = {"external_id": f"WY-{uuid.uuid4().hex[:8]}", "kind": "help", "text": TEXT, "place_code": party.world.place["code"]}
    return party.post("/open/v1/appeals", body, key=str(uuid.uuid4())).ok(201)


def set_right(party, order, *demands, version, key=""):
    return party.post(f"/open/v1/appeals/{order['id']}/demands", body(*demands), version=version, key=str(uuid.uuid4()) if key == "" else key)


@pytest.fixture(scope="module")
def party(world):
    return world.third_party()


def test_who_posted_an_order_sets_its_demands_right(world, party):
    order = post(party)
    assert texts(order) == FOUND and "number_demands" in order["allowed"]
    mine = set_right(party, order, "何时修好电梯？", "退还电梯费，电话 13612345678", version=1).ok()
    assert texts(mine) == ["何时修好电梯？", "退还电梯费，电话 〔手机号〕"] and (mine["version"], mine["timeline"][-1]["action"]["code"]) == (2, "number_demands")
    staff = holder_of(world, order)
    assert texts(staff.seen(order)) == texts(mine) and staff.seen(order)["timeline"][-1]["by"]["kind"] == "client"
    assert wait_for(lambda: notice_of(staff, "/zzd/v1", order, "number_demands"))
    staff.act(order, "accept").ok()
    resolve(staff, order).problem(400, "invalid_request")
    resolve(staff, order, answers(staff, 2)).ok()
    done = party.get(f"/open/v1/appeals/{order['id']}").ok()
    assert [d["outcome"]["code"] for d in done["demands"]] == ["answered", "refused"] and "number_demands" not in done["allowed"]
    set_right(party, order, "再加一项", version=done["version"]).problem(409, "wrong_state")
    assert holds(world, order) is True


def test_an_order_of_whom_said_how(world, party):
    order = post(party)
    for wrong, pointer in ((body(), "/demands"), (body("x"), "/demands/0/text"), (body("何" * 101), "/demands/0/text"), (body("同一项", "同一项"), "/demands/1/text"),
                           ({"demands": "何时"}, "/demands"), ({"demands": [1]}, "/demands/0"), ({}, "/demands")):
        answer = party.post(f"/open/v1/appeals/{order['id']}/demands", wrong, version=1, key=str(uuid.uuid4()))
        assert [e["pointer"] for e in answer.problem(400, "invalid_request")["errors"]] == [pointer], wrong
    set_right(party, order, "何时修好", version=7).problem(412, "version_mismatch")
    set_right(party, order, "何时修好", version=None).problem(428, "version_required")
    set_right(party, order, "何时修好", version=1, key=None).problem(400, "idempotency_key_required")
    set_right(party, order, *FOUND, version=1).problem(409, "conflict")
    set_right(world.third_party(), order, "何时修好", version=1).problem(404, "not_found")
    set_right(world.third_party(None, "property", "read,feed"), order, "何时修好", version=1).problem(403, "forbidden")
    set_right(world.resident(0), order, "何时修好", version=1).problem(401, "token_invalid")
    bend(world, "demands_set=20", order)
    set_right(party, order, "第二十一次", version=1).problem(409, "limit_reached")
    bend(world, "demands_set=0", order)

    # At once: one counts, the others are stale; the same again is the same.
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: set_right(party, order, f"第{n}种说法", version=1), range(4)))
    assert sorted(a.status for a in done) == [200, 412, 412, 412]
    key = str(uuid.uuid4())
    first, again = (set_right(party, order, "只算一次", version=2, key=key) for _ in range(2))
    assert first.ok() == again.ok() and first.json["version"] == 3
    set_right(party, order, "另一种", version=2, key=key).problem(422, "idempotency_key_reused")


# ---- a rejection ----

def test_a_rejection_refuses_each(world, resident, party):
    for made in (resident.submit(text=TEXT), post(party), resident.submit(text="三号楼路灯坏了，请修好路灯。")):
        staff, code = holder_of(world, made), reason(holder_of(world, made), "reject")
        said = staff.act(made, "reject", {"reason_code": code, "text": "已由法院判决。"}).ok()
        assert len(said["demands"]) == len(made["demands"]) > 0
        for demand, before in zip(said["demands"], made["demands"]):
            assert (demand["text"], demand["outcome"]["code"], demand["answer"]) == (before["text"], "refused", "已由法院判决。")
            assert demand["reason"] == said["timeline"][-1]["reason"]["name"]
        mine = party.get(f"/open/v1/appeals/{made['id']}").ok() if made.get("external_id") else resident.own(made)
        assert mine["demands"] == said["demands"] and holds(world, made) is True
        english = staff.get(f"/zzd/v1/appeals/{made['id']}", Accept_Language="en").ok()
        assert english["demands"][0]["reason"] == english["timeline"][-1]["reason"]["name"] != said["demands"][0]["reason"]


def test_a_rejection_counts_whatever_came_before_and_after(world, resident, matter, staff):
    """Answers of an earlier round give way to it; many notes later it still does."""
    done = resolve(staff, matter, answers(staff, 2)).ok()
    resident.post(f"/zlb/v1/appeals/{matter['id']}/reopen", {"text": "电梯又停了。"}, version=done["version"]).ok()
    moved = staff.act(matter, "escalate", {"reason_code": reason(staff, "escalate"), "text": "须上级协调。"}).ok()
    above = holder_of(world, moved)
    rejected = above.act(matter, "reject", {"reason_code": reason(above, "reject"), "text": "已进入诉讼。"}).ok()
    wanted = [("refused", "已进入诉讼。")] * 2
    assert [(d["outcome"]["code"], d["answer"]) for d in rejected["demands"]] == wanted
    for n in range(101):
        above.post(f"/zzd/v1/appeals/{matter['id']}/notes", {"text": f"第{n}条备注。"}).ok()
    seen = above.seen(matter)
    assert not any(e["action"]["code"] == "reject" for e in seen["timeline"]) and seen["demands"] == rejected["demands"]
    assert resident.own(matter)["demands"] == rejected["demands"] and holds(world, matter) is True


def test_what_is_withdrawn_is_neither_answered_nor_refused(resident):
    made = resident.submit(text=TEXT)
    gone = resident.post(f"/zlb/v1/appeals/{made['id']}/withdraw", {}, version=1).ok()
    assert texts(gone) == FOUND and all(d["outcome"] is d["answer"] is d["reason"] is None for d in gone["demands"])
