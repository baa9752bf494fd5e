"""Known trouble: a unit publishes it, residents there see it while they write and join with one tap, and are asked when it is over."""

import concurrent.futures
import signal
import subprocess
import time
import uuid

import pytest
from beijing import moment
from client import SLOW, Client
from conftest import stack
from test_main_job import wait_for

CATEGORY = "noise.life"
SOON = 6 * SLOW


@pytest.fixture(scope="module")
def here(world):
    """Three compounds of one village and one outside, with the units above them."""
    places = {}
    for place in world.stack.rows("places.tsv"):
        if world.units[place["unit_code"]]["tier"] == "compound":
            places.setdefault(world.units[place["unit_code"]]["parent_code"], []).append(place)
    village = next(code for code in reversed(places) if len(places[code]) >= 3)
    town = world.units[village]["parent_code"]
    outside = next(p for code in places if town not in world.chain(code) for p in places[code])
    return {"village": village, "town": town, "other_town": world.chain(outside["unit_code"])[2], "places": [p["code"] for p in places[village][:3]],
            "compound": places[village][0]["unit_code"], "outside": outside["code"], "top": world.chain(town)[-1]}


@pytest.fixture(scope="module")
def staff(world, here):
    return world.staff(here["town"], "dispatcher")


def notice(here, **changes):
    body = {"title": "三个小区停水至 18:00", "text": "主管道抢修，请提前储水。", "category_code": CATEGORY, "until": moment(hours=6),
            "areas": [{"place_code": code} for code in here["places"]]}
    body.update(changes)
    return {k: v for k, v in body.items() if v is not None}


def publish(client, here, **changes):
    return client.post("/zzd/v1/troubles", notice(here, **changes)).ok(201)


def act(client, trouble, action, body=None):
    return client.post(f"/zzd/v1/troubles/{trouble['id']}{action}", body or {})


def hints(client, place, **more):
    found = client.post("/zlb/v1/appeals/alike", {"text": "家里停水了", "place_code": place, **more}).ok()["troubles"]
    return [t["id"] for t in found]


def near(client, place):
    return [t["id"] for t in client.get(f"/zlb/v1/troubles?place_code={place}").ok()["items"]]


def join(client, trouble, **body):
    return client.post(f"/zlb/v1/troubles/{trouble['id']}/join", body, key=str(uuid.uuid4()))


def answer(client, trouble, restored):
    return client.post(f"/zlb/v1/troubles/{trouble['id']}/answer", {"restored": restored}, key=str(uuid.uuid4()))


def told(client, trouble):
    """What the inbox says of it, the oldest first."""
    items = client.get("/zlb/v1/notices?limit=100").ok()["items"]
    return [n["action"]["code"] for n in reversed(items) if n["trouble"] and n["trouble"]["id"] == trouble["id"]]


def counted(client, trouble):
    now = client.get(f"/zzd/v1/troubles/{trouble['id']}").ok()
    return now["joined"], now["restored"], now["not_restored"]


def audited(world, trouble):
    rows = world.sql(f"SELECT action,text FROM audit_line WHERE object_id=UNHEX('{trouble['id'].replace('-', '')}') ORDER BY id")
    return [int(row[0]) for row in rows]


def test_water_is_off_in_three_compounds_until_six(world, here, staff, resident, other_resident):
    made = publish(staff, here)
    assert (made["state"]["code"], made["joined"], [a["place"]["code"] for a in made["areas"]]) == ("current", 0, here["places"])
    party = world.third_party()  # each process of each entry reads it when its turn comes
    assert wait_for(lambda: all(made["id"] in hints(resident, here["places"][0]) for _ in range(6)), SOON)
    assert wait_for(lambda: all(made["id"] in [t["id"] for t in party.get("/open/v1/troubles").ok()["items"]] for _ in range(4)), SOON)
    assert all(made["id"] in hints(resident, place, category_code=code) for place in here["places"] for code in (CATEGORY, "noise"))
    assert made["id"] not in hints(resident, here["outside"]) and made["id"] not in near(resident, here["outside"])
    other = next(c["code"] for c in resident.get("/zlb/v1/categories").ok()["items"] if not c["code"].startswith("noise") and not c["stop"])
    assert made["id"] not in hints(resident, here["places"][0], category_code=other)

    # Joined with one tap, once.
    first = join(resident, made, place_code=here["places"][0]).ok(201)
    assert first["joined"] and join(resident, made).ok(200)["joined"]
    join(other_resident, made, place_code=here["places"][1]).ok(201)
    assert counted(staff, made) == (2, 0, 0)
    assert [t["joined"] for t in resident.get(f"/zlb/v1/troubles?place_code={here['places'][0]}").ok()["items"] if t["id"] == made["id"]] == [True]
    assert [t["id"] for t in resident.get("/zlb/v1/troubles/joined").ok()["items"]][0] == made["id"]
    answer(resident, made, True).problem(409, "conflict")

    # It takes longer: who joined is told. Other words only are no news.
    longer = act(staff, made, "", {"until": moment(hours=8), "text": "抢修延长，请耐心等候。"}).ok()
    assert longer["until"] > made["until"] and longer["text"] == "抢修延长，请耐心等候。"
    assert wait_for(lambda: told(resident, made) == ["trouble_until"], SOON)
    act(staff, made, "", {"title": "三个小区停水"}).ok()

    # It is over: they are asked.
    over = act(staff, made, "/end", {"text": "已抢修完毕。"}).ok()
    assert over["state"]["code"] == "over" and over["ended_at"] and over["remark"] == "已抢修完毕。"
    for client in (resident, other_resident):
        assert wait_for(lambda client=client: told(client, made) == ["trouble_until", "trouble_over"], SOON)
    done = answer(resident, made, True).ok()
    assert done["draft"] is None and done["trouble"]["answer"]["code"] == "restored"
    assert answer(resident, made, True).ok()["trouble"]["answer"]["code"] == "restored"
    answer(resident, made, False).problem(409, "conflict")
    still = answer(other_resident, made, False).ok()["draft"]
    assert (still["category_code"], still["place_code"]) == (CATEGORY, here["places"][1])
    appeal = other_resident.post("/zlb/v1/appeals", still, key=str(uuid.uuid4())).ok(201)
    assert appeal["title"].startswith("仍未恢复：三个小区停水")
    assert counted(staff, made) == (2, 1, 1)
    assert other_resident.get(f"/zlb/v1/troubles/{made['id']}").ok()["answer"]["code"] == "not_restored"
    join(world.resident(2), made).problem(409, "conflict")
    answer(world.resident(2), made, True).problem(404, "not_found")
    assert wait_for(lambda: made["id"] not in hints(resident, here["places"][0]), SOON)
    for action, body in (("", {"until": moment(hours=9)}), ("/end", {}), ("/withdraw", {"text": "x"})):
        act(staff, made, action, body).problem(409, "conflict")
    assert told(resident, made) == ["trouble_until", "trouble_over"] and len(audited(world, made)) == 4


def test_it_ends_by_itself_and_what_was_wrong_is_withdrawn(world, here, staff, resident):
    short = publish(staff, here, until=moment(seconds=2), areas=[{"unit_code": here["village"]}])
    wrong = publish(staff, here, title="误发的通告")
    ahead = publish(staff, here, **{"from": moment(hours=1)})
    assert ahead["state"]["code"] == "scheduled"
    join(resident, short).ok(201), join(resident, wrong).ok(201)
    join(resident, ahead).problem(409, "conflict")
    act(staff, ahead, "/end", {}).problem(409, "conflict")
    assert act(staff, ahead, "/withdraw", {"text": "施工改期。"}).ok()["state"]["code"] == "withdrawn"
    act(staff, wrong, "/withdraw", {"text": "发错了。"}).ok()
    assert wait_for(lambda: told(resident, wrong) == ["trouble_withdrawn"], SOON)
    answer(resident, wrong, True).problem(409, "conflict")
    assert wait_for(lambda: told(resident, short) == ["trouble_over"], SOON)
    now = resident.get(f"/zlb/v1/troubles/{short['id']}").ok()
    assert now["state"]["code"] == "over" and now["ended_at"] == now["until"]
    assert answer(resident, short, True).ok()["trouble"]["answer"]["code"] == "restored"
    items = {t["id"]: t for t in staff.get("/zzd/v1/troubles?limit=10").ok()["items"]}
    assert items[short["id"]]["restored"] == 1 and items[wrong["id"]]["joined"] == 1
    assert len(audited(world, short)) == 2


def test_a_unit_speaks_for_what_is_its_own(world, here, staff):
    body = notice(here)
    world.staff(here["other_town"], "dispatcher").post("/zzd/v1/troubles", body).problem(403, "forbidden")
    world.staff(here["compound"]).post("/zzd/v1/troubles", body).problem(403, "forbidden")
    world.staff(here["town"], "handler").post("/zzd/v1/troubles", body).problem(403, "forbidden")
    department = publish(world.staff("dep-city", "dispatcher", "unit_lead"), here)
    act(staff, department, "/end").problem(403, "forbidden")
    village = publish(world.staff(here["village"], "dispatcher"), here, areas=[{"unit_code": here["compound"]}])
    act(world.staff(here["other_town"], "dispatcher"), village, "", {"until": moment(hours=7)}).problem(403, "forbidden")
    assert act(staff, village, "/end").ok()["state"]["code"] == "over"  # who oversees it
    act(world.staff("dep-city", "dispatcher", "unit_lead"), department, "/withdraw", {"text": "试发。"}).ok()


@pytest.mark.parametrize("pointer, changes", [
    ("/until", {"until": moment(hours=-1)}), ("/until", {"until": moment(days=32)}), ("/until", {"from": moment(hours=3), "until": moment(hours=2)}),
    ("/from", {"from": moment(days=31), "until": moment(days=32)}), ("/category_code", {"category_code": "none"}),
    ("/areas/0", {"areas": [{}]}), ("/areas/0/unit_code", {"areas": [{"unit_code": "none"}]}), ("/areas", {"areas": []}),
    ("/areas/1/place_code", {"areas": [{"unit_code": "dep-city"}, {"place_code": "none"}]}), ("/areas", {"areas": [{"place_code": "x"}] * 21}),
    ("/title", {"title": "x" * 61}), ("/text", {"text": None})])
def test_what_can_t_be_published_is_told(here, staff, pointer, changes):
    refused = staff.post("/zzd/v1/troubles", notice(here, **changes)).problem(400, "invalid_request")
    assert pointer in [e["pointer"] for e in refused["errors"]]


def test_other_bad_input(here, staff, resident):
    made = publish(staff, here)
    for body in ({}, {"until": moment(hours=-1)}, {"title": "x"}):
        act(staff, made, "", body).problem(400, "invalid_request")
    act(staff, made, "", {"until": moment(days=31)}).problem(409, "conflict")
    act(staff, made, "/withdraw", {}).problem(400, "invalid_request")
    join(resident, made, place_code="none").problem(400, "invalid_request")
    resident.get("/zlb/v1/troubles?place_code=none").problem(400, "invalid_request")
    resident.get("/zlb/v1/troubles?category_code=none").problem(400, "invalid_request")
    absent = {"id": str(uuid.uuid4())}
    join(resident, absent).problem(404, "not_found"), answer(resident, absent, True).problem(404, "not_found")
    act(staff, absent, "/end").problem(404, "not_found")
    key, until = str(uuid.uuid4()), moment(hours=1)
    bodies = [staff.post("/zzd/v1/troubles", notice(here, until=until if n < 2 else moment(hours=2)), key=key) for n in range(3)]
    assert bodies[0].status == bodies[1].status == 201 and bodies[0].json == bodies[1].json and bodies[2].code == "idempotency_key_reused"
    for one in (made, bodies[0].json):
        act(staff, one, "/withdraw", {"text": "试发。"}).ok()


def crowd(world, n):
    return [world.sign_in(world.add_resident(idnum=None)["userid"]) for _ in range(n)]


def at_once(calls):
    """The statuses of calls made at the same time; what one of them raises is raised here."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [call.result().status for call in [pool.submit(call) for call in calls]]


def test_fifty_join_at_once_and_each_once(world, here, staff):
    made, clients = publish(staff, here), crowd(world, 10)
    answers = at_once([lambda c=c: join(c, made) for c in clients for _ in range(5)])
    assert set(answers) <= {200, 201} and answers.count(201) >= 10 and counted(staff, made) == (10, 0, 0)
    act(staff, made, "/end").ok()
    answers = at_once([lambda c=c, yes=yes: answer(c, made, yes) for c in clients for yes in (True, False)])
    joined, yes, no = counted(staff, made)
    assert sorted(answers) == [200] * 10 + [409] * 10 and joined == yes + no == 10


def test_each_is_told_once_whoever_dies_when(world, here, staff):
    """The jobs are killed again and again while they tell a thousand."""
    stack("stop", world.folder, "jobs")
    try:
        made = publish(staff, here)
        mine = f"UNHEX('{made['id'].replace('-', '')}')"
        world.sql(f"INSERT INTO trouble_joiner (trouble_id,resident_id,joined_at) SELECT {mine},UNHEX(MD5(seq)),UTC_TIMESTAMP(6) FROM seq_1_to_1000")
        act(staff, made, "/end").ok()
        command = [f"{world.build}/minhu-jobs", "--config", f"{world.folder}/minhu.conf", "--once"]
        for delay in (0.05, 0.1, 0.2):
            job = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay * SLOW)
            job.send_signal(signal.SIGKILL)
            job.wait()
            world.sql("UPDATE lease SET expires_at=UTC_TIMESTAMP(6)")
        world.minhu_jobs_once()
        assert world.sql(f"SELECT COUNT(*),COUNT(DISTINCT person_id) FROM notice WHERE kind=3 AND appeal_id={mine}") == [["1000", "1000"]]
        assert world.sql(f"SELECT news,news_n FROM trouble WHERE id={mine}") == [["0", "1"]]
    finally:
        world.sql("DELETE FROM trouble_joiner WHERE joined_at>'2026-01-01' AND resident_id NOT IN (SELECT id FROM resident)")
        stack("start", world.folder, "jobs")


# ---- where it is not over ----

def staff_told(client, trouble):
    items = client.get("/zzd/v1/notices?limit=100").ok()["items"]
    return [n["action"]["code"] for n in items if n["trouble"] and n["trouble"]["id"] == trouble["id"]]


def test_the_unit_is_told_once_where_it_is_not_over(world, here):
    # A village of its own, as a person gets only so many messages a day.
    crew = [world.staff(here["village"], role) for role in ("dispatcher", "unit_lead")]
    made, clients = publish(crew[0], here, title="东区停水", areas=[{"unit_code": here["village"]}]), [world.resident(n) for n in range(2, 10)]
    for client in clients:
        join(client, made).ok(201)
    act(crew[1], made, "/end").ok()
    answer(clients[0], made, True).ok()
    time.sleep(3 * SLOW)
    assert not staff_told(crew[0], made), "it is over with him who answered"
    assert at_once([lambda c=c: answer(c, made, False) for c in clients[1:6] for _ in range(2)]) == [200] * 10
    for client in crew:
        assert wait_for(lambda client=client: staff_told(client, made), SOON) == ["trouble_not_restored"]
    notice = next(n for n in crew[0].get("/zzd/v1/notices?limit=100").ok()["items"] if n["trouble"] and n["trouble"]["id"] == made["id"])
    assert notice["trouble"]["title"] == "东区停水" and notice["unit"]["code"] == here["village"] and notice["appeal"] is None and not notice["urgent"]
    assert counted(crew[0], made) == (8, 1, 5)
    account = world.account[world.staff_code(here["village"], ("unit_lead",))]
    texts = wait_for(lambda: [t for t in sent_to(world, account) if "东区停水" in t], 3 * SOON)
    assert len(texts) == 1 and "有居民反映仍未恢复" in texts[0]
    answer(clients[6], made, False).ok()
    time.sleep(4 * SLOW)
    assert [staff_told(client, made) for client in crew] == [["trouble_not_restored"]] * 2, "once"
    assert not staff_told(world.staff(here["village"], "handler"), made) and not staff_told(world.staff(here["town"], "dispatcher"), made)
    assert told(clients[1], made) == ["trouble_over"], "residents hear nothing of it"


def sent_to(world, account):
    return [str(n["msg"]) for n in world.control("zzd", "notices")["notices"] if str(account) in map(str, n["receivers"])]


# ---- who joined is forgotten ----

def test_who_joined_is_forgotten_in_time(world, here, staff, resident):
    old, young, empty = (publish(staff, here, title=title) for title in ("旧通告", "新通告", "无人加入"))
    for made in (old, young):
        join(resident, made).ok(201)
    mine, others = (f"UNHEX('{t['id'].replace('-', '')}')" for t in (old, young))
    for made in (old, young, empty):
        act(staff, made, "/end").ok()
    assert wait_for(lambda: told(resident, old) == ["trouble_over"], SOON)
    answer(resident, old, False).ok()
    stack("stop", world.folder, "jobs")
    try:
        # As many as three pieces of the work take.
        world.sql(f"INSERT INTO trouble_joiner (trouble_id,resident_id,joined_at,answer) SELECT {mine},UNHEX(MD5(seq)),UTC_TIMESTAMP(6),seq%3 FROM seq_1_to_450")
        before = counted(staff, old)
        assert before == (451, 150, 151)
        world.sql(f"UPDATE trouble SET ended_at=UTC_TIMESTAMP(6)-INTERVAL 90 DAY-INTERVAL 1 HOUR WHERE id IN ({mine},UNHEX('{empty['id'].replace('-', '')}'))"
                  f"; UPDATE trouble SET ended_at=UTC_TIMESTAMP(6)-INTERVAL 89 DAY WHERE id={others}; UPDATE lease SET expires_at=UTC_TIMESTAMP(6)")
        world.minhu_jobs_once()
        assert world.sql(f"SELECT COUNT(*) FROM trouble_joiner WHERE trouble_id={mine}") == [["0"]]
    finally:
        world.sql(f"DELETE FROM trouble_joiner WHERE trouble_id={mine} AND resident_id NOT IN (SELECT id FROM resident)")
        stack("start", world.folder, "jobs")
    assert world.sql(f"SELECT COUNT(*) FROM trouble_joiner WHERE trouble_id={others}") == [["1"]], "not before its time"
    assert counted(staff, old) == before, "how many they were stays known"
    assert not told(resident, old) and told(resident, young) == ["trouble_over"]
    assert old["id"] not in [t["id"] for t in resident.get("/zlb/v1/troubles/joined").ok()["items"]]
    assert resident.get(f"/zlb/v1/troubles/{old['id']}").ok()["joined"] is False
    answer(resident, old, False).problem(404, "not_found")
    assert world.sql(f"SELECT title,forgotten FROM trouble WHERE title IN ('旧通告','新通告','无人加入') ORDER BY id") == [["旧通告", "1"], ["新通告", "0"], ["无人加入", "1"]]


# ---- disaster mode ----

def mode(client):
    return client.get("/zlb/v1/meta").ok()["disaster_mode"]


@pytest.fixture
def chief(world, here):
    yield world.staff(here["top"], "district_supervisor", "unit_lead")
    chief = world.staff(here["top"], "district_supervisor", "unit_lead")
    chief.post("/zzd/v1/disaster-mode/end", {"text": "演练结束。"})
    assert wait_for(lambda: not any(mode(world.resident(0)) for _ in range(6)), SOON)


def test_a_disaster_cuts_the_form(world, here, chief, resident):
    whole = resident.get("/zlb/v1/categories")
    order = {"categories": [{"category_code": CATEGORY}], "until": moment(hours=2), "text": "台风应急，其他事项请拨打 12345。",
             "text_en": "Typhoon: for all else call 12345.", "reason": "台风橙色预警。"}
    made = chief.post("/zzd/v1/disaster-mode", order).ok(201)
    assert (made["state"]["code"], made["phone"], made["category_codes"]) == ("current", "12345", [CATEGORY])
    assert wait_for(lambda: all(mode(resident) for _ in range(6)), SOON) and mode(resident)["category_codes"] == [CATEGORY]
    form = resident.get("/zlb/v1/categories", If_None_Match=whole.headers["etag"]).ok()["items"]
    stops = {c["code"]: c["stop"] and c["stop"]["phone"] for c in form}
    assert stops[CATEGORY] is None and stops["noise"] is None and "12345" in stops.values()
    other = next(code for code, phone in stops.items() if phone)
    body = {"kind": "help", "text": "社区活动室的椅子坏了。", "place_code": here["places"][0]}
    for category in (other, None, "noise"):
        refused = resident.post("/zlb/v1/appeals", {k: v for k, v in {**body, "category_code": category}.items() if v}).problem(409, "disaster_mode")
        assert refused["detail"] == order["text"]
    english = resident.post("/zlb/v1/appeals", body, Accept_Language="en").problem(409, "disaster_mode")
    assert english["detail"] == order["text_en"]
    resident.submit(category_code=CATEGORY)
    resident.submit(category_code=None, text="三楼着火了，有人被困，快来人。")
    party = world.third_party()
    party.post("/open/v1/appeals", {**body, "category_code": other, "external_id": f"WY-{uuid.uuid4().hex[:8]}"}, key=str(uuid.uuid4())).ok(201)

    # Declared anew it takes the place of the one before, and ends by itself.
    again = chief.post("/zzd/v1/disaster-mode", {**order, "until": moment(seconds=2), "text": None}).ok(201)
    listed = {d["id"]: d for d in chief.get("/zzd/v1/disaster-mode").ok()["items"]}
    assert listed[made["id"]]["state"]["code"] == "over" and "119" in again["text"]
    assert wait_for(lambda: not any(mode(resident) for _ in range(6)), SOON)
    resident.submit(category_code=other)
    assert resident.get("/zlb/v1/categories").headers["etag"] == whole.headers["etag"]
    assert world.sql(f"SELECT text FROM audit_line WHERE object_id=UNHEX('{made['id'].replace('-', '')}')") == [[order["reason"]]]


def test_who_declares_and_what(world, here, chief, resident):
    order = {"categories": [{"category_code": CATEGORY}], "until": moment(hours=2), "reason": "演练"}
    for client in (world.staff(here["town"], "unit_lead", "dispatcher"), world.staff(here["top"], "handler"), world.staff("dep-city")):
        client.post("/zzd/v1/disaster-mode", order).problem(403, "forbidden")
        client.post("/zzd/v1/disaster-mode/end", {"text": "x"}).problem(403, "forbidden")
    for changes in ({"categories": []}, {"categories": [{"category_code": "none"}]}, {"until": moment(hours=-1)}, {"until": moment(days=31)}, {"reason": ""},
                    {"reason": "打 13812345678"}, {"from": moment(days=31), "until": moment(days=32)}, {"phone": "1"}):
        chief.post("/zzd/v1/disaster-mode", {**order, **changes}).problem(400, "invalid_request")
    chief.post("/zzd/v1/disaster-mode/end", {"text": "没有"}).problem(409, "conflict")
    ahead = chief.post("/zzd/v1/disaster-mode", {**order, "from": moment(hours=1)}).ok(201)
    assert ahead["state"]["code"] == "scheduled" and mode(resident) is None
    assert chief.post("/zzd/v1/disaster-mode/end", {"text": "取消"}).ok()["ended_at"]
    Client(world, None, "zzd").get("/zzd/v1/disaster-mode").problem(401, "token_required")
