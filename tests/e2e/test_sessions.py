"""Who is asking: signing in by the host apps, tokens and their life, who loses access and how fast."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import Client
from test_main_job import wait_for


@pytest.mark.parametrize("channel", ["app", "alipay", "wechat"])
def test_each_way_in(world, channel):
    person = world.add_resident(idnum=None, authlevel="2")
    me = world.sign_in(person["userid"], channel).get("/zlb/v1/me").ok()
    assert me["name"] == "*小满" and me["phone"] == "139****9000"


def test_one_verified_person_is_one_resident_by_any_way(world):
    number = "330100198512120021"
    person = world.add_resident(idnum=number)
    by_app, by_wechat = world.sign_in(person["userid"], "app"), world.sign_in(person["userid"], "wechat")
    assert by_app.me["id"] == by_wechat.me["id"]


def test_a_ticket_opens_one_session(world, nobody):
    ticket = world.ticket(world.residents[0]["userid"])
    nobody.post("/zlb/v1/sessions", {"channel": "app", "ticket": ticket}).ok(201)
    nobody.post("/zlb/v1/sessions", {"channel": "app", "ticket": ticket}).problem(401, "ticket_invalid")
    nobody.post("/zlb/v1/sessions", {"channel": "app", "ticket": "ST-invented"}).problem(401, "ticket_invalid")


def test_staff_without_a_post_stay_out(world, nobody):
    world.control("zzd", "person", {"accountId": 990001, "employeeCode": "GE_nobody", "lastName": "无岗", "account": "nobody"})
    nobody.post("/zzd/v1/sessions", {"code": world.code(990001)}).problem(403, "no_post")
    code = world.code(world.account[world.posts[0]["employee_code"]])
    nobody.post("/zzd/v1/sessions", {"code": code}).ok(201)
    nobody.post("/zzd/v1/sessions", {"code": code}).problem(401, "ticket_invalid")


def test_unverified_people_may_look_but_not_submit(world):
    person = world.add_resident(authlevel="1", idnum=None)
    one = world.sign_in(person["userid"])
    one.get("/zlb/v1/me").ok()
    one.post("/zlb/v1/appeals", {"kind": "ask", "text": "请问可以提交吗？"}, key="x").problem(403, "identity_level_too_low")


@pytest.mark.parametrize("mode", ["dead", "error500", "garbage"])
def test_a_broken_host_app_is_503_and_nothing_else(world, nobody, resident, mode):
    ticket = world.ticket(world.residents[0]["userid"])
    world.control("zlb", "fault", {"mode": mode})
    try:
        answer = nobody.post("/zlb/v1/sessions", {"channel": "app", "ticket": ticket})
        answer.problem(503, "host_app_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        resident.get("/zlb/v1/me").ok()
    finally:
        world.control("zlb", "fault", {"mode": "none"})


def test_a_slow_host_app_holds_only_its_share_of_threads(world, nobody, resident):
    userid = world.residents[0]["userid"]
    tickets = [world.ticket(userid) for _ in range(24)]
    world.control("zlb", "fault", {"mode": "slow", "seconds": 3})
    try:
        with ThreadPoolExecutor(24) as pool:
            waiting = [pool.submit(Client(world, None).post, "/zlb/v1/sessions", {"channel": "app", "ticket": t}) for t in tickets]
            time.sleep(0.5)
            started = time.monotonic()
            for _ in range(10):
                resident.get("/zlb/v1/me").ok()
            assert time.monotonic() - started < 2.5, "reads wait for no sign-in"
            statuses = [w.result().status for w in waiting]
        assert statuses.count(503) >= 12 and set(statuses) <= {201, 503}
    finally:
        world.control("zlb", "fault", {"mode": "none"})


def test_refresh_rotates_and_forgives_a_lost_answer(world, nobody):
    session = world.sign_in(world.residents[0]["userid"]).session
    first = nobody.post("/zlb/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}).ok()
    again = nobody.post("/zlb/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}).ok()
    assert first["access_token"] == again["access_token"], "within the grace the same successor"
    assert first["refresh_token"] != session["refresh_token"]
    second = nobody.post("/zlb/v1/sessions/refresh", {"refresh_token": first["refresh_token"]}).ok()
    Client(world, second["access_token"]).get("/zlb/v1/me").ok()
    nobody.post("/zlb/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}).problem(401, "token_invalid")
    Client(world, second["access_token"]).get("/zlb/v1/me").problem(401, "token_invalid")


def test_twenty_refreshes_at_once_leave_the_honest_client_in(world, nobody):
    session = world.sign_in(world.residents[0]["userid"]).session
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: Client(world, None).post("/zlb/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}), range(20)))
    tokens = {a.json["access_token"] for a in answers if a.status == 200}
    assert len(tokens) == 1, [a.status for a in answers]
    Client(world, tokens.pop()).get("/zlb/v1/me").ok()


def test_the_list_of_sessions_and_signing_out(world):
    person = world.add_resident(idnum="330100197001010010")
    one, two = world.sign_in(person["userid"]), world.sign_in(person["userid"])
    listed = one.get("/zlb/v1/sessions").ok()["items"]
    assert len(listed) == 2 and [s["current"] for s in listed].count(True) == 1
    other = next(s["id"] for s in listed if not s["current"])
    assert one.post("/zlb/v1/sessions/revoke", {"session_id": other}).status == 204
    two.get("/zlb/v1/me").problem(401, "token_invalid")
    three = world.sign_in(person["userid"])
    assert one.post("/zlb/v1/sessions/revoke", {"all": True}).status == 204
    for gone in (one, three):
        gone.get("/zlb/v1/me").problem(401, "token_invalid")


def test_somebody_elses_session_cant_be_ended(world, resident, other_resident):
    theirs = other_resident.session["session_id"]
    resident.post("/zlb/v1/sessions/revoke", {"session_id": theirs}).problem(404, "not_found")
    other_resident.get("/zlb/v1/me").ok()


def test_staff_sessions(world):
    code = world.posts[-1]["employee_code"]
    one = world.sign_in_staff(code)
    assert one.get("/zzd/v1/sessions").ok()["items"]
    renewed = Client(world, None).post("/zzd/v1/sessions/refresh", {"refresh_token": one.session["refresh_token"]}).ok()
    again = Client(world, renewed["access_token"], "zzd")
    assert again.get("/zzd/v1/me").ok()["id"] == one.me["id"]
    assert again.post("/zzd/v1/sessions/revoke", {"all": True}).status == 204
    again.get("/zzd/v1/me").problem(401, "token_invalid")


def test_tokens_of_one_entry_are_nothing_at_another(world, resident):
    staff = world.staff(world.posts[0]["unit_code"])
    key = world.third_party()
    for token, path in [(resident.token, "/zzd/v1/me"), (resident.token, "/open/v1/me"), (staff.token, "/zlb/v1/me"),
                        (staff.token, "/open/v1/me"), (key.token, "/zlb/v1/me"), (key.token, "/zzd/v1/me"),
                        (resident.session["refresh_token"], "/zlb/v1/me"), (resident.token[:-1] + ("x" if resident.token[-1] != "x" else "y"), "/zlb/v1/me")]:
        Client(world, token).get(path).problem(401, "token_invalid")


RECHECK_SECONDS = 10  # [tokens] recheck_seconds, as shipped


def test_a_revoked_key_and_a_disabled_person_are_out_within_seconds(world):
    key = world.third_party()
    key.get("/open/v1/me").ok()
    listed = world.minhuctl("key", "list", "--json").stdout
    import json
    mine = next(k for k in json.loads(listed) if k["client"] == key.me["name"])
    world.minhuctl("key", "revoke", mine["id"])
    wait_for(lambda: key.get("/open/v1/me").status == 401, RECHECK_SECONDS + 1)
    code = world.posts[-2]["employee_code"]
    staff = world.sign_in_staff(code)
    staff.get("/zzd/v1/me").ok()
    world.minhuctl("staff", "disable", code)
    wait_for(lambda: staff.get("/zzd/v1/me").status == 401, RECHECK_SECONDS + 1)


def test_my_profile(world, resident):
    place = world.place["code"]
    me = resident.post("/zlb/v1/me", {"place_code": place, "address": "3 幢 2 单元 501", "elder": True}).ok()
    assert me["default_place"]["code"] == place and me["address"] == "3 幢 2 单元 501" and me["elder"] is True
    assert resident.submit(place_code=None)["place"]["code"] == place, "the default place is used"
    assert resident.post("/zlb/v1/me", {"place_code": "", "address": "", "elder": False}).ok()["default_place"] is None
    resident.post("/zlb/v1/me", {"place_code": "no-such"}).problem(400, "invalid_request")
    sealed = world.sql("SELECT COUNT(*) FROM resident WHERE address_sealed LIKE '%501%'")
    assert sealed == [["0"]]


def test_switching_posts(world):
    by_person = {}
    for p in world.posts:
        by_person.setdefault(p["employee_code"], []).append(p)
    code, posts = next((c, p) for c, p in by_person.items() if len(p) > 1)
    staff = world.sign_in_staff(code)
    other = next(p for p in staff.me["posts"] if p["id"] != staff.me["post"]["id"])
    assert staff.post("/zzd/v1/me/post", {"post_id": other["id"]}).ok()["post"] == other
    assert staff.get("/zzd/v1/me").ok()["post"] == other and len(posts) > 1
    staff.post("/zzd/v1/me/post", {"post_id": str(uuid.uuid4())}).problem(404, "not_found")


def test_the_first_administrators_link_works_once(world, nobody):
    unit = next(u["code"] for u in world.units.values() if not u["parent_code"])
    out = world.minhuctl("init", "--admin", "首任管理员", "--unit", unit).stdout
    import re
    invitation = re.search(r"mhi_[0-9A-Za-z]+", out).group(0)
    session = nobody.post("/zzd/v1/sessions/invitation", {"invitation": invitation}).ok(201)
    assert session["staff"]["post"]["role"]["code"] == "administrator"
    nobody.post("/zzd/v1/sessions/invitation", {"invitation": invitation}).problem(401, "ticket_invalid")


