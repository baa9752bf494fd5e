"""Where two things meet: a clock that ran out unseen, a person who acts from above, twins."""

import struct
import time
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import stack
from forging import bend
from test_staff import holder_of, reason


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.fixture
def still(world, appeal):
    """The jobs rest, so that no clock moves the appeal."""
    stack("stop", world.folder, "jobs")
    yield appeal
    stack("start", world.folder, "jobs")


def test_a_late_answer_is_late_though_no_job_saw_it(world, resident, still):
    staff = holder_of(world, still)
    staff.act(still, "accept").ok()
    bend(world, "resolve_by=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND", still)
    done = staff.act(still, "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
    assert done["overdue"] is True
    assert [e["action"]["code"] for e in done["timeline"]][-2:] == ["overdue", "resolve"]
    assert resident.own(still)["overdue"] is True
    code = world.minhuctl("audit", "verify", check=False)
    assert code.returncode == 0, code.stdout + code.stderr


def test_who_urges_from_above_stops_no_clock(world, still):
    boss = world.staff(world.chain(still["holder"]["code"])[-1], "district_supervisor", "unit_lead")
    bend(world, "step_by=UTC_TIMESTAMP(6)+INTERVAL 1 HOUR", still)
    before = boss.seen(still)["step_by"]
    urged = boss.post(f"/zzd/v1/appeals/{still['id']}/supervise", {"text": "请尽快办理"}).ok()
    assert before and urged["step_by"] == before


def test_a_post_that_is_ending_gets_nothing(world, still):
    unit = still["holder"]["code"]
    staff, handler = world.staff(unit), world.staff(unit, "handler")
    staff.act(still, "accept").ok()
    post = handler.me["post"]["id"]
    row = "UNHEX('" + post.replace("-", "") + "')"
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(world.sql, f"BEGIN; UPDATE post SET ended_at=UTC_TIMESTAMP(6) WHERE id={row}; SELECT SLEEP(0.6); COMMIT")
        time.sleep(0.3)
        got = staff.act(still, "assign", {"post_id": post})
        ending.result()
    world.sql(f"UPDATE post SET ended_at=NULL WHERE id={row}")
    got.problem(409, "conflict")


def test_the_same_order_twice_at_once_is_one_order(world):
    key = world.third_party(channel="property")
    for i in range(6):
        order = {"kind": "report", "text": "电梯停运，业主无法上楼。", "external_id": f"TWIN-{i}", "place_code": world.place["code"]}
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda _: key.post("/open/v1/appeals", order, key=str(uuid.uuid4())), range(4)))
        assert {a.status for a in got} == {200, 201} and len({a.json["id"] for a in got}) == 1, got


def test_a_bound_key_does_not_hand_a_complaint_to_the_accused(world):
    unit = world.place["unit_code"]
    key = world.third_party(None, "property", "post,read,feed", "--units", unit)
    order = {"kind": "complain", "text": "物业长期不清运垃圾，多次反映无果。", "external_id": "ACCUSED-1", "place_code": world.place["code"], "about_unit_code": unit}
    made = key.post("/open/v1/appeals", order, key=str(uuid.uuid4())).ok(201)
    assert made["holder"]["code"] == world.chain(unit)[1]
    plain = {**order, "external_id": "PLAIN-1", "about_unit_code": None}
    assert key.post("/open/v1/appeals", {k: v for k, v in plain.items() if v}, key=str(uuid.uuid4())).ok(201)["holder"]["code"] == unit


def test_more_numbers_than_can_be_kept_are_refused(resident):
    text = "，".join(f"1381234{n:04d}" for n in range(150))
    answer = resident.post("/zlb/v1/appeals", {"kind": "help", "text": text, "place_code": resident.world.place["code"]}, key=str(uuid.uuid4()))
    answer.problem(413, "body_too_large")
    mine = resident.submit()
    assert resident.post(f"/zlb/v1/appeals/{mine['id']}/supplement", {"text": text[:1000]}).status == 413


def test_photos_of_a_new_appeal_are_in_its_answer(resident):
    ids = [resident.send("POST", "/zlb/v1/attachments", PNG, {"Content-Type": "image/png"}).ok(201)["id"] for _ in range(3)]
    made = resident.submit(attachment_ids=ids)
    assert sorted(p["id"] for p in made["attachments"]) == sorted(ids)
    assert made == resident.own(made)
    body = {"kind": "help", "text": "同一照片不能再用。", "place_code": resident.world.place["code"], "attachment_ids": ids[:1]}
    assert resident.post("/zlb/v1/appeals", body, key=str(uuid.uuid4())).status == 400


def test_what_units_write_to_each_other_stays_inside(world, resident, still):
    staff = holder_of(world, still)
    staff.act(still, "escalate", {"reason_code": reason(staff, "escalate"), "text": "本单位人手不足，内部说明"}).ok()
    upper = world.staff(world.chain(still["holder"]["code"])[1])
    mine, theirs = resident.own(still)["timeline"][-1], upper.seen(still)["timeline"][-1]
    assert mine["action"]["code"] == theirs["action"]["code"] == "escalate"
    assert theirs["text"] == "本单位人手不足，内部说明" and mine["text"] is None and mine["reason"]
    page = resident.get(f"/zlb/v1/appeals/{still['id']}/timeline?limit=50").ok()["items"]
    assert "内部说明" not in str(page)


def test_the_nearest_place_alone_on_a_page_is_followed_by_the_others(world, resident):
    path, seen = f"/zlb/v1/places?limit=1&near_lng={world.place['lng']}&near_lat={world.place['lat']}", []
    for _ in range(4):
        answer = resident.get(path)
        seen += [p["code"] for p in answer.ok()["items"]]
        path = answer.headers["link"].partition(">")[0].lstrip("<")
    assert len(set(seen)) == 4, seen


def test_two_phones_change_different_things_of_a_profile(resident):
    def change(body):
        resident.post("/zlb/v1/me", body).ok()
    for turn in range(8):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(change, [{"address": f"住址{turn}"}, {"elder": turn % 2 == 0}]))
        me = resident.get("/zlb/v1/me").ok()
        assert me["address"] == f"住址{turn}" and me["elder"] == (turn % 2 == 0)


def test_who_is_verified_later_is_one_person_by_all_ways(world):
    person = world.add_resident(authlevel="1", idnum=None)
    first = world.sign_in(person["userid"], "app")
    world.add_resident(userid=person["userid"], authlevel="3", idnum=f"33010019851212{int(time.time()) % 10000:04d}")
    verified, by_wechat = world.sign_in(person["userid"], "app"), world.sign_in(person["userid"], "wechat")
    assert first.me["id"] == verified.me["id"] == by_wechat.me["id"]


def test_signing_in_shows_the_profile_as_it_is(world):
    person = world.add_resident(authlevel="3", idnum=None)
    world.sign_in(person["userid"]).post("/zlb/v1/me", {"place_code": world.place["code"], "address": "三幢一单元", "elder": True}).ok()
    again = world.sign_in(person["userid"])
    assert again.me == again.get("/zlb/v1/me").ok() and again.me["address"] == "三幢一单元"


def test_a_reopened_matter_lies_in_the_box_again(world, resident, still):
    staff, handler = holder_of(world, still), world.staff(still["holder"]["code"], "handler")
    staff.act(still, "accept").ok()
    staff.act(still, "assign", {"post_id": handler.me["post"]["id"]}).ok()
    handler.act(still, "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
    resident.post(f"/zlb/v1/appeals/{still['id']}/reopen", {"text": "又坏了。"}, version=resident.own(still)["version"]).ok()
    assert staff.seen(still)["assignee_post_id"] is None
    done = world.minhuctl("audit", "verify", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
