"""A message that holds several matters becomes several appeals, each with its own life."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from calm import resident, world  # noqa: F401
from test_duplicates import actions, holds
from test_main_job import notice_of, wait_for
from test_open import order
from test_staff import holder_of

PARTS = [{"text": "五幢东侧路灯不亮，请打 13612345678 联系。", "category_code": "noise.life"}, {"title": "摊贩占道", "text": "小区门口有摊贩占道，进出不便。"}]


def split(staff, appeal, parts=PARTS, version=None, key=None):
    return staff.act(appeal, "split", {"parts": parts}, version, key)


def test_each_is_an_appeal_of_its_own(world, resident):
    whole = resident.submit(text="三号楼电梯停运，五幢东侧路灯不亮，小区门口还有摊贩占道。", withhold_name=True)
    staff = holder_of(world, whole)
    staff.act(whole, "accept").ok()
    before = staff.seen(whole)
    done = split(staff, whole).ok()
    assert done["state"] == before["state"] and done["resolve_by"] == before["resolve_by"] and done["version"] == before["version"] + 2
    assert actions(done)[-2:] == ["split", "split"] and done["split_from"] is None and len(done["split_into"]) == 2
    mine = [resident.own(link) for link in done["split_into"]]
    assert len({a["number"] for a in [*mine, whole]}) == 3 and all(a["split_from"]["id"] == whole["id"] and a["split_into"] == [] for a in mine)
    assert [a["title"] for a in mine][1] == "摊贩占道" and "13612345678" not in mine[0]["text"] and mine[0]["category"]["code"] == "noise.life"
    for one in mine:
        assert one["state"]["code"] == "submitted" and one["place"] == whole["place"] and one["channel"] == whole["channel"]
        assert one["withhold_name"] is True and one["submitted_at"] >= whole["submitted_at"] and actions(one) == ["submit"]
        assert holds(world, one) is True
    assert holds(world, whole) is True and wait_for(lambda: notice_of(resident, "/zlb/v1", whole, "split"))


def test_none_ends_the_other_and_the_clock_is_the_first_ones(world, resident):
    whole = resident.submit(text="三号楼电梯停运，小区门口还有摊贩占道。", category_code="noise.life")
    staff = holder_of(world, whole)
    part = split(staff, whole, [{"text": "小区门口有摊贩占道，进出不便。", "category_code": "noise.life"}]).ok()["split_into"][0]
    assert resident.own(part)["resolve_by"] == whole["resolve_by"] and resident.own(part)["respond_by"] == whole["respond_by"], "the same rule, from the same second"
    resident.post(f"/zlb/v1/appeals/{whole['id']}/withdraw", {}, version=resident.own(whole)["version"]).ok()
    now = resident.own(part)
    assert now["state"]["code"] == "submitted" and now["split_from"]["state"]["code"] == "withdrawn"
    other = holder_of(world, now)
    other.act(part, "accept").ok()
    other.act(part, "resolve", {"outcome": "solved", "text": "摊贩已劝离，安排巡查。"}).ok()
    assert resident.own(part)["state"]["code"] == "resolved"


def test_a_third_partys_order_is_split_into_its_own(world, resident):
    party = world.third_party(f"split-{uuid.uuid4().hex[:6]}")
    whole = party.post("/open/v1/appeals", order(world), key=str(uuid.uuid4())).ok(201)
    done = split(holder_of(world, whole), whole).ok()
    parts = [party.get(f"/open/v1/appeals/{link['id']}").ok() for link in done["split_into"]]
    assert len(parts) == 2 and all(p["external_id"] is None and p["split_from"]["number"] == whole["number"] for p in parts)


def test_what_is_asked_wrongly_is_told_and_nothing_done(world, resident):
    whole = resident.submit()
    staff = holder_of(world, whole)
    errors = split(staff, whole, [{"text": "小区门口有摊贩占道。", "category_code": "none"}, {"text": "短"}]).problem(400, "invalid_request")["errors"]
    assert [e["pointer"] for e in errors] == ["/parts/1/text"]
    errors = split(staff, whole, [{"text": "小区门口有摊贩占道。", "category_code": "none", "place_code": "none"}]).problem(400, "invalid_request")["errors"]
    assert [e["pointer"] for e in errors] == ["/parts/0/category_code", "/parts/0/place_code"]
    split(staff, whole, version=9).problem(412, "version_mismatch")
    resident.post(f"/zlb/v1/appeals/{whole['id']}/withdraw", {}, version=1).ok()
    split(staff, whole).problem(409, "wrong_state")
    assert resident.own(whole)["split_into"] == []


def test_split_once_however_often_it_is_sent(world, resident):
    whole = resident.submit()
    staff, key = holder_of(world, whole), str(uuid.uuid4())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: split(staff, whole, version=1, key=key), range(4)))
    assert {a.status for a in answers} <= {200, 409} and any(a.status == 200 for a in answers)
    assert len(staff.seen(whole)["split_into"]) == 2
