"""The main job, end to end: from a resident's phone to the unit that solves it, and back resolved and rated."""

import time
import uuid

import pytest
from client import SLOW


def test_the_whole_way(world, resident, appeal):
    assert appeal["state"]["code"] == "submitted" and appeal["version"] == 1
    assert appeal["first_unit"] == appeal["holder"]
    staff = world.staff(appeal["holder"]["code"])
    box = staff.get("/zzd/v1/appeals?box=to_accept&limit=100").ok()
    assert appeal["id"] in [item["id"] for item in box["items"]]
    accepted = staff.act(appeal, "accept", {}).ok()
    assert accepted["state"]["code"] == "accepted" and accepted["version"] == 2 and accepted["responded_at"]
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/progress", {"text": "电工今天下午到现场。"}).ok()
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/notes", {"text": "内部：请电工带灯泡。"}).ok()
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/contacts", {"outcome": "reached", "text": "已说明情况"}).ok()
    resolved = staff.act(appeal, "resolve", {"outcome": "solved", "text": "已更换路灯，试亮正常。"}).ok()
    assert resolved["state"]["code"] == "resolved" and resolved["outcome"]["code"] == "solved"
    mine = resident.own(appeal)
    actions = [e["action"]["code"] for e in mine["timeline"]]
    assert actions == ["submit", "accept", "progress", "resolve"], "notes and contacts are internal"
    assert "rate" in mine["allowed"] and "withdraw" not in mine["allowed"]
    rated = resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": True, "stars": 5, "comment": "很快"}, version=mine["version"]).ok()
    assert rated["state"]["code"] == "closed" and rated["stars"] == 5 and rated["solved"] is True
    assert resident.get(f"/zlb/v1/appeals/{appeal['id']}/timeline?limit=2").ok()["next_cursor"]


def test_both_sides_are_notified(world):
    # A person and a place of their own: the clocks of what other tests left behind fill an inbox faster than one can look.
    resident = world.sign_in(world.add_resident(idnum=None)["userid"])
    compounds = [p for p in world.stack.rows("places.tsv") if world.units[p["unit_code"]]["tier"] == "compound"]
    appeal = resident.submit(place_code=compounds[len(compounds) // 2]["code"])
    staff = world.staff(appeal["holder"]["code"])
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "submit"), 60)
    staff.act(appeal, "accept", {}).ok()
    notice = wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "accept"), 60)
    assert notice["appeal"]["number"] == appeal["number"] and notice["read"] is False
    before = resident.get("/zlb/v1/notices/unread").ok()["unread"]
    assert before >= 1
    after = resident.post("/zlb/v1/notices/read", {"up_to": notice["id"]}).ok()["unread"]
    assert after < before
    assert notice_of(resident, "/zlb/v1", appeal, "accept")["read"] is True
    number = staff.get("/zzd/v1/notices/unread").ok()["unread"]
    assert number >= 1

    def all_read():
        newest = staff.get("/zzd/v1/notices?limit=1").ok()["items"][0]
        return staff.post("/zzd/v1/notices/read", {"up_to": newest["id"]}).ok()["unread"] == 0
    wait_for(all_read)


def test_work_notices_reach_the_host(world, resident):
    # In a place of its own: a person gets only so many messages a day, and other tests make many.
    places = [p for p in world.stack.rows("places.tsv") if world.units[p["unit_code"]]["tier"] == "compound"]
    appeal = resident.submit(place_code=places[-1]["code"])

    def sent():
        for n in world.control("zzd", "notices")["notices"]:
            if appeal["number"] in str(n["msg"]):
                return n
        return None
    notice = wait_for(sent, 30)
    code = world.staff_code(appeal["holder"]["code"], ("dispatcher", "unit_lead"))
    accounts = {str(world.account[p["employee_code"]]) for p in world.posts if p["unit_code"] == appeal["holder"]["code"]}
    assert {str(r) for r in notice["receivers"]} <= accounts and code


def test_whose_messages_of_the_day_are_used_up_is_told_tomorrow(world):
    """Each notice is put off once: what is not due yet stays as it is, however often something of the same person is put off."""
    person = world.sql("SELECT HEX(id) FROM staff WHERE account_id IS NOT NULL AND disabled_at IS NULL ORDER BY id DESC LIMIT 1")[0][0]
    insert = "INSERT INTO work_notice (notice_id,staff_id,urgent,state,message_id,attempts,not_before,sent_at) "
    world.sql(insert + f"SELECT UNHEX(MD5(CONCAT('sent',seq))),X'{person}',0,3,UUID(),1,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6) FROM seq_1_to_100; "
              + insert + f"VALUES (UNHEX(MD5('due')),X'{person}',0,1,NULL,0,UTC_TIMESTAMP(6)-INTERVAL 1 MINUTE,NULL),"
              f"(UNHEX(MD5('not due')),X'{person}',0,1,NULL,0,'2099-01-01',NULL)")
    try:
        wait_for(lambda: world.sql("SELECT not_before>UTC_TIMESTAMP() FROM work_notice WHERE notice_id=UNHEX(MD5('due'))") == [["1"]], 30)
        assert world.sql("SELECT state,DATEDIFF(not_before+INTERVAL 8 HOUR,UTC_TIMESTAMP()+INTERVAL 8 HOUR) FROM work_notice WHERE notice_id=UNHEX(MD5('due'))") == [["1", "1"]]
        assert world.sql("SELECT YEAR(not_before) FROM work_notice WHERE notice_id=UNHEX(MD5('not due'))") == [["2099"]], "it was put off though it wasn't due"
    finally:
        ids = ",".join(f"UNHEX(MD5('{n}'))" for n in ["due", "not due"] + [f"sent{n}" for n in range(1, 101)])
        world.sql(f"DELETE FROM work_notice WHERE staff_id=X'{person}' AND notice_id IN ({ids})")  # by key, or it meets the jobs' locks


def test_left_alone_it_falls_to_the_next_tier(world, resident, appeal):
    moved = wait_for(lambda: (lambda a: a if a["holder"] != appeal["holder"] else None)(resident.own(appeal)), 30)
    chain = world.chain(appeal["holder"]["code"])
    assert moved["holder"]["code"] == chain[1], "one tier, to the parent"
    assert moved["first_unit"] == appeal["first_unit"], "the first unit never changes"
    assert moved["resolve_by"] == appeal["resolve_by"], "the resident's clock goes on"
    assert moved["ledger"][0]["step_ran_out"] is True and moved["ledger"][0]["unit"]["code"] == chain[0]
    assert moved["ledger"][0]["ends_at"] == moved["ledger"][1]["starts_at"]
    above = world.staff(chain[1])
    assert "escalated" in [k for k, v in above.get("/zzd/v1/boxes").ok().items() if v]


def test_at_district_tier_it_is_supervised_and_stays(world, resident, appeal):
    def at_top():
        mine = resident.own(appeal)
        return mine if mine["holder"]["tier"]["code"] == "district" else None
    top = wait_for(at_top, 90)
    staff = world.staff(top["holder"]["code"])
    seen = wait_for(lambda: (lambda a: a if any(e["action"]["code"] == "supervise" for e in a["timeline"]) else None)(staff.seen(appeal)), 30)
    assert seen["holder"] == top["holder"] and seen["step_by"] is None
    assert sum(line["wall_seconds"] for line in seen["ledger"][:-1]) == seconds_between(seen["ledger"][0]["starts_at"], seen["ledger"][-1]["starts_at"])


def test_reopen_opens_a_round_with_its_own_clocks(world, resident, appeal):
    staff = world.staff(appeal["holder"]["code"])
    staff.act(appeal, "accept").ok()
    staff.act(appeal, "resolve", {"outcome": "explained", "text": "已向居民解释说明。"}).ok()
    mine = resident.own(appeal)
    again = resident.post(f"/zlb/v1/appeals/{appeal['id']}/reopen", {"text": "灯还是不亮。"}, version=mine["version"]).ok()
    assert again["state"]["code"] == "accepted" and again["round"] == 2 and again["result"] is None
    assert [line["round"] for line in again["ledger"]] == [1, 2], "lines of earlier rounds stay"


def test_withdraw_and_what_is_then_possible(world, resident, appeal):
    gone = resident.post(f"/zlb/v1/appeals/{appeal['id']}/withdraw", {"text": "已自行解决"}, version=1).ok()
    assert gone["state"]["code"] == "withdrawn" and gone["allowed"] == []
    problem = world.staff(appeal["holder"]["code"]).act(appeal, "accept").problem(409, "wrong_state")
    assert problem["allowed"] == ["note"]


def test_urge_once_a_day_and_supplement(resident, appeal):
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/urge").ok()
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/urge").problem(409, "limit_reached")
    more = resident.post(f"/zlb/v1/appeals/{appeal['id']}/supplement", {"text": "三单元也不亮了。"}).ok()
    assert more["version"] == 1, "neither changes the version"
    assert more["timeline"][-1]["text"] == "三单元也不亮了。"


def test_the_same_key_is_the_same_appeal(resident, world):
    body = {"kind": "ask", "text": "请问社区食堂几点开门？", "place_code": world.place["code"]}
    key = str(uuid.uuid4())
    first = resident.post("/zlb/v1/appeals", body, key=key)
    again = resident.post("/zlb/v1/appeals", body, key=key)
    assert first.status == again.status == 201 and first.raw == again.raw
    assert again.headers["idempotent-replayed"] == "true" and again.headers["etag"] == first.headers["etag"]
    resident.post("/zlb/v1/appeals", {**body, "kind": "help"}, key=key).problem(422, "idempotency_key_reused")


def test_a_key_is_its_callers_own(world, resident, other_resident):
    key = str(uuid.uuid4())
    made = [one.post("/zlb/v1/appeals", {"kind": "ask", "text": "请问社区食堂几点开门？"}, key=key).ok(201)["id"] for one in (resident, other_resident)]
    assert made[0] != made[1]


def test_a_change_with_a_key_is_replayed_not_refused(world, resident, appeal):
    staff = world.staff(appeal["holder"]["code"])
    key = str(uuid.uuid4())
    first = staff.act(appeal, "accept", {}, version=1, key=key)
    again = staff.act(appeal, "accept", {}, version=1, key=key)
    assert first.ok() == again.ok() and again.headers["idempotent-replayed"] == "true"


def test_my_appeals_page_newest_first(world):
    person = world.add_resident(idnum="33010019900101001X")
    one = world.sign_in(person["userid"])
    made = [one.submit(text=f"第 {i} 件事情，请处理。")["id"] for i in range(5)]
    seen, path = [], "/zlb/v1/appeals?limit=2"
    while path:
        page = one.get(path)
        seen += [item["id"] for item in page.ok()["items"]]
        path = page.headers.get("link", "").partition(">")[0].lstrip("<") or None
    assert seen == list(reversed(made))
    assert len(one.get("/zlb/v1/appeals?state=submitted&limit=3").ok()["items"]) == 3
    assert one.get("/zlb/v1/appeals?state=closed").ok()["items"] == []
    cursor = one.get("/zlb/v1/appeals?limit=2").ok()["next_cursor"]
    one.get(f"/zlb/v1/appeals?state=closed&cursor={cursor}").problem(400, "cursor_mismatch")


@pytest.mark.parametrize("text,place,expected", [("地下车库停水了，水管在漏水。", True, "category"), ("没有说在哪里的事情，请帮忙。", False, "top")])
def test_every_appeal_reaches_a_unit(world, text, place, expected):
    person = world.add_resident(idnum=f"3301001990{uuid.uuid4().int % 10**7:07d}X"[:18])
    one = world.sign_in(person["userid"])
    made = one.submit(text=text, place_code=world.place["code"] if place else None)
    assert made["holder"]["code"] in world.units
    if expected == "top":
        assert made["holder"]["tier"]["code"] == "district"
    else:
        assert made["category"] is not None


def test_etag_and_304(resident, appeal):
    got = resident.get(f"/zlb/v1/appeals/{appeal['id']}")
    assert resident.get(f"/zlb/v1/appeals/{appeal['id']}", If_None_Match=got.headers["etag"]).status == 304
    tag = got.headers["etag"].removeprefix("W/")
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/withdraw", {}, If_Match=f"W/{tag}").ok()


# ---- helpers ----

def wait_for(look, seconds=25):
    seconds *= SLOW
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"did not happen within {seconds} s")


def notice_of(client, prefix, appeal, action):
    for notice in client.get(f"{prefix}/notices?limit=100").ok()["items"]:
        if notice["appeal"] and notice["appeal"]["id"] == appeal["id"] and notice["action"]["code"] == action:
            return notice
    return None


def seconds_between(start, end):
    from datetime import datetime
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
