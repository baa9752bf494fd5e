"""Hints while typing: open matters near and alike are shown to whoever is about to report the same, and nothing of them that is not his to know."""

import time
import uuid

import pytest
from calm import nobody, other_resident, resident, world  # noqa: F401
from test_main_job import wait_for

PUMP = "地下车库二号水泵房漏水严重，积水已经没过鞋面，请物业尽快抽水检修。"
PUMP_AGAIN = "地下车库的二号水泵房一直在漏水，积水很深，麻烦检修。"
OTHER = "社区活动室周末能不能延长开放时间，孩子们想来看书。"


def places_of(world, town):
    """Places below a town."""
    return [p for p in world.stack.rows("places.tsv") if town in world.chain(p["unit_code"])]


@pytest.fixture(scope="module")
def towns(world):
    """Two places of one town and one of another, where no other test reports anything."""
    codes = [u["code"] for u in world.units.values() if u["tier"] == "town"][-2:]
    near, far = (places_of(world, code) for code in codes)
    return {"here": near[-1]["code"], "near": near[0]["code"], "far": far[-1]["code"]}


def ask(client, text, place, **more):
    return client.post("/zlb/v1/appeals/alike", {"text": text, "place_code": place, **more}).ok()


def ids(answer):
    return [item["id"] for item in answer["items"]]


def found(client, appeal, text, place):
    return wait_for(lambda: appeal["id"] in ids(ask(client, text, place)))


def gone(client, appeal, text, place):
    return wait_for(lambda: appeal["id"] not in ids(ask(client, text, place)))


def end(resident, appeal):
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/withdraw", {}, version=resident.own(appeal)["version"]).ok()


@pytest.fixture
def matter(resident, towns):
    appeal = resident.submit(text=PUMP, place_code=towns["here"])
    yield appeal
    if resident.own(appeal)["state"]["code"] != "withdrawn":
        end(resident, appeal)


def test_what_is_reported_already_is_found_within_five_seconds(other_resident, towns, matter):
    assert found(other_resident, matter, PUMP_AGAIN, towns["here"])
    answer = ask(other_resident, PUMP_AGAIN, towns["here"])
    item = next(i for i in answer["items"] if i["id"] == matter["id"])
    assert answer["items"][0] == item and answer["total"] >= 1
    assert item["place"]["code"] == towns["here"] and item["state"]["code"] == "submitted" and item["own"] is False
    assert matter["id"] in ids(ask(other_resident, PUMP_AGAIN, towns["near"])), "another compound of the same town is near"
    assert matter["id"] not in ids(ask(other_resident, OTHER, towns["here"])), "what is about something else isn't alike"


def test_nothing_of_it_is_told_but_reference_data(resident, other_resident, towns, matter):
    assert found(other_resident, matter, PUMP, towns["here"])
    item = next(i for i in ask(other_resident, PUMP, towns["here"])["items"] if i["id"] == matter["id"])
    assert set(item) == {"id", "kind", "category", "place", "state", "submitted_at", "followers", "own"}
    other_resident.get(f"/zlb/v1/appeals/{matter['id']}").problem(404, "not_found")
    mine = next(i for i in ask(resident, PUMP, towns["here"])["items"] if i["id"] == matter["id"])
    assert mine["own"] is True


def test_another_town_is_not_near(other_resident, towns, matter):
    assert found(other_resident, matter, PUMP, towns["here"])
    assert matter["id"] not in ids(ask(other_resident, PUMP, towns["far"]))


def test_what_has_ended_is_not_found(resident, other_resident, towns, matter):
    assert found(other_resident, matter, PUMP, towns["here"])
    end(resident, matter)
    assert matter["id"] not in ids(ask(other_resident, PUMP, towns["here"])), "at once, whatever the job has done so far"
    keys = f"SELECT COUNT(*) FROM alike_key WHERE appeal_id=UNHEX('{matter['id'].replace('-', '')}')"
    assert wait_for(lambda: resident.world.sql(keys) == [["0"]])


def test_a_solved_matter_is_not_found_until_it_is_reopened(world, resident, other_resident, towns, matter):
    assert found(other_resident, matter, PUMP, towns["here"])
    staff = world.staff(matter["holder"]["code"])
    staff.act(matter, "accept", {}).ok()
    staff.act(matter, "resolve", {"outcome": "solved", "text": "水泵已更换，积水已抽干。"}).ok()
    assert gone(other_resident, matter, PUMP, towns["here"])
    time.sleep(3)  # so that the job has taken it out, and has to bring it in again
    version = resident.own(matter)["version"]
    resident.post(f"/zlb/v1/appeals/{matter['id']}/reopen", {"text": "又开始漏水了。"}, version=version).ok()
    assert found(other_resident, matter, PUMP, towns["here"])


def test_a_matter_moves_with_its_place(world, other_resident, towns, matter):
    assert found(other_resident, matter, PUMP, towns["here"])
    staff = world.staff(matter["holder"]["code"], "dispatcher", "unit_lead")
    staff.act(matter, "classify", {"place_code": towns["far"]}).ok()
    assert found(other_resident, matter, PUMP, towns["far"])
    assert matter["id"] not in ids(ask(other_resident, PUMP, towns["here"]))


def test_what_is_withheld_or_about_a_unit_is_never_told(world, resident, other_resident, towns):
    text = "三楼东户半夜敲打装修材料扰民已经整整一个月。"
    hidden = [resident.submit(text=text, place_code=towns["here"], withhold_name=True),
              resident.submit(text=text, place_code=towns["here"], kind="complain", about_unit_code=world.place["unit_code"])]
    shown = resident.submit(text=text, place_code=towns["here"])
    assert found(other_resident, shown, text, towns["here"])
    for client in (other_resident, resident):
        answer = ask(client, text, towns["here"])
        assert not set(ids(answer)) & {h["id"] for h in hidden} and answer["total"] == len(answer["items"]) == 1
    for appeal in [*hidden, shown]:
        end(resident, appeal)


def test_five_are_shown_and_all_are_counted(resident, other_resident, towns):
    text = "整条街突然停水，自来水公司电话打不通，什么时候恢复供水？"
    all_of_it = [resident.submit(text=text, place_code=towns["near"]) for _ in range(7)]
    answer = wait_for(lambda: (a := ask(other_resident, text, towns["near"]))["total"] >= 7 and a)
    assert len(answer["items"]) == 5 and set(ids(answer)) <= {a["id"] for a in all_of_it}
    for appeal in all_of_it:
        end(resident, appeal)


def test_a_draft_without_a_place_is_near_what_has_none(world):
    nowhere = world.sign_in(world.add_resident(idnum=None)["userid"])
    text = "绕城高速收费站旁边有人倾倒渣土，气味刺鼻。"
    appeal = nowhere.submit(text=text, place_code=None)
    assert wait_for(lambda: appeal["id"] in ids(nowhere.post("/zlb/v1/appeals/alike", {"text": text}).ok()))
    end(nowhere, appeal)


@pytest.mark.parametrize("text", ["。", "，，！", "水", "\U0001F4A7", "a", "〇" * 2000, "楼道" * 1000], ids=lambda text: text[:3])
def test_any_draft_gets_an_answer(other_resident, towns, text):
    answer = ask(other_resident, text, towns["here"])
    assert answer["total"] >= len(answer["items"])


def test_who_may_not_submit_gets_no_hints(world, nobody):
    unverified = world.sign_in(world.add_resident(authlevel="1", idnum=None)["userid"])
    unverified.post("/zlb/v1/appeals/alike", {"text": PUMP}).problem(403, "identity_level_too_low")
    nobody.post("/zlb/v1/appeals/alike", {"text": PUMP}).problem(401, "token_required")


def test_codes_that_are_not_there_are_told(resident):
    answer = resident.post("/zlb/v1/appeals/alike", {"text": "水", "place_code": "none", "category_code": "none", "lng": 120.1}).problem(400, "invalid_request")
    assert {e["pointer"] for e in answer["errors"]} == {"/place_code", "/category_code", "/lat"}


# ---- suggestions to staff ----

def suggested(staff, appeal):
    items = staff.get(f"/zzd/v1/appeals/{appeal['id']}/alike").ok()["items"]
    assert [i["score"] for i in items] == sorted((i["score"] for i in items), reverse=True) and len(items) <= 10
    return {i["appeal"]["id"]: i for i in items}


def test_staff_are_suggested_what_is_alike_of_all_channels(world, resident, other_resident, towns):
    matter = resident.submit(text="幼儿园门口的窨井盖松动，汽车一压就翘起来，接送孩子很危险。", place_code=towns["here"])
    same = "幼儿园门口的窨井盖翘起来了，接送孩子时很危险，请尽快更换。"
    again = other_resident.submit(text=same, place_code=towns["here"], withhold_name=True)
    noted = world.third_party("alike-hotline", "hotline_12345", "post,read")
    order = noted.post("/open/v1/appeals", {"external_id": f"H-{uuid.uuid4().hex[:12]}", "kind": "report", "text": same, "reporter_name": "周先生",
                                            "reporter_phone": "13700137001"}, key=str(uuid.uuid4())).ok(201)
    staff = world.staff(matter["holder"]["code"])
    chief = world.staff(world.chain(matter["holder"]["code"])[-1], "dispatcher", "unit_lead")
    assert wait_for(lambda: again["id"] in suggested(staff, matter)), "withheld or not: staff see it"
    best = suggested(staff, matter)[again["id"]]
    assert best["score"] > 30 and best["appeal"]["state"]["code"] == "submitted" and matter["id"] not in suggested(staff, matter)
    assert wait_for(lambda: {again["id"], order["id"]} <= set(suggested(chief, matter))), "its place is not known, yet it may be the same"
    elsewhere = [i for i in suggested(staff, matter).values() if i["appeal"]["holder"]["code"] != matter["holder"]["code"]]
    assert not elsewhere, "one suggests what the caller may see, and no more"
    staff.act(again, "merge", {"lead_id": matter["id"]}).ok()
    assert again["id"] not in suggested(staff, matter), "what follows already is no suggestion"
    end(other_resident, again)
    end(resident, matter)
    noted.post(f"/open/v1/appeals/{order['id']}/withdraw", {}, version=order["version"], key=str(uuid.uuid4())).ok()
