"""Hot topics: what several report is put together by a job, and shown to staff as far as they may see it."""

import pytest
from client import World
from conftest import private_stack, stack
from test_alike import places_of
from test_main_job import wait_for

# In nearly the same words: among the few matters of a test, what three of them name counts as common, and tells little.
TEXT = "银杏路口的红绿灯坏了，早高峰堵得一塌糊涂，请尽快修复"
TEXTS = [TEXT + "。", TEXT + "！", TEXT + "，谢谢。"]
OTHER = "社区食堂的菜价涨了两次，老人觉得太贵。"


@pytest.fixture(scope="module")
def world():
    """A district of its own: what others report would be among its topics."""
    with private_stack(2) as path:
        yield World(path)


@pytest.fixture(scope="module")
def residents(world):
    return [world.resident(0), world.resident(1), world.sign_in(world.add_resident()["userid"])]


@pytest.fixture(scope="module")
def towns(world):
    """A place each of two towns."""
    codes = [u["code"] for u in world.units.values() if u["tier"] == "town"][:2]
    return [(code, places_of(world, code)[0]["code"]) for code in codes]


@pytest.fixture(scope="module")
def matters(residents, towns):
    """Three report the same, one of them something else, too."""
    made = [r.submit(text=text, place_code=towns[0][1], category_code="noise.life") for r, text in zip(residents, TEXTS)]
    residents[0].submit(text=OTHER, place_code=towns[0][1])
    return made


def topics(staff):
    return staff.get("/zzd/v1/topics").ok()["items"]


def members(staff, topic, query=""):
    return staff.get(f"/zzd/v1/topics/{topic['id']}/appeals{query}").ok()


def of(staff, appeal):
    """The topic that has an appeal."""
    return next((t for t in topics(staff) if appeal["id"] in [i["id"] for i in members(staff, t, "?limit=100")["items"]]), None)


@pytest.fixture(scope="module")
def topic(world, towns, matters):
    chief = world.staff(towns[0][0], "dispatcher", "unit_lead")
    return wait_for(lambda: (t := of(chief, matters[0])) and t["reports"] == 3 and t)


def test_what_three_report_is_a_topic(world, towns, matters, topic):
    chief = world.staff(towns[0][0], "dispatcher", "unit_lead")
    assert topic["reports_24h"] == 3 and topic["area"]["code"] == towns[0][0] and topic["place"]["code"] == towns[0][1]
    first = members(chief, topic, "?limit=2")
    second = members(chief, topic, f"?limit=2&cursor={first['next_cursor']}")
    assert [i["id"] for i in first["items"] + second["items"]] == sorted(m["id"] for m in matters) and second["next_cursor"] is None


def test_another_town_sees_nothing_of_it(world, towns, topic):
    there = world.staff(towns[1][0], "dispatcher", "unit_lead")
    assert topic["id"] not in [t["id"] for t in topics(there)]
    there.get(f"/zzd/v1/topics/{topic['id']}/appeals").problem(404, "not_found")


def test_who_joins_counts_and_who_follows_counts_once(world, residents, towns, matters, topic):
    chief = world.staff(towns[0][0], "dispatcher", "unit_lead")
    one = world.sign_in(world.add_resident()["userid"])
    one.post(f"/zlb/v1/appeals/{matters[0]['id']}/join", {}).ok(201)
    assert wait_for(lambda: of(chief, matters[0])["reports"] == 4)
    chief.act(matters[1], "merge", {"lead_id": matters[0]["id"]}, version=matters[1]["version"]).ok()
    assert wait_for(lambda: chief.seen(matters[0])["followers"] == 2)
    now = of(chief, matters[0])
    assert (now["reports"], now["reports_24h"]) == (4, 4)


def test_one_matter_that_many_join_is_a_topic(world, residents, towns):
    lead = residents[0].submit(text="滨河步道的护栏断了一截，夜里没有灯，有人差点掉下去。", place_code=towns[1][1], category_code="noise.life")
    chief = world.staff(towns[1][0], "dispatcher", "unit_lead")
    for resident in residents[1:]:
        resident.post(f"/zlb/v1/appeals/{lead['id']}/join", {}).ok(201)
    found = wait_for(lambda: (t := of(chief, lead)) and t["reports"] == 3 and t)
    assert [i["id"] for i in members(chief, found)["items"]] == [lead["id"]], "who follows is found beside the lead"


def test_what_is_copied_is_one_topic_however_it_comes_in(world, towns):
    """Forty of the same words wait for the job: those that come in together find each other, and nobody is in it twice."""
    stack("stop", world.folder, "jobs")
    try:
        copies = [world.sign_in(world.add_resident(idnum=None)["userid"]).submit(
            text="【转发】西门口的快递柜夜里报警响个不停，吵得全小区睡不着。", place_code=towns[1][1]) for _ in range(40)]
    finally:
        stack("start", world.folder, "jobs")
    ids = ",".join(f"UNHEX(REPLACE('{a['id']}','-',''))" for a in copies)
    query = f"SELECT COUNT(*),COUNT(DISTINCT topic_id) FROM topic_member WHERE appeal_id IN ({ids})"
    assert wait_for(lambda: (lambda row: row if row[0] == "40" else None)(world.sql(query)[0])) == ["40", "1"]
    assert world.sql(f"SELECT members FROM topic WHERE id=(SELECT topic_id FROM topic_member WHERE appeal_id IN ({ids}) LIMIT 1)") == [["40"]]
