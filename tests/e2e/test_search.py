"""Staff find matters by number, words, address and what else they have in common: only those that they may see."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
import urllib.parse
import uuid

import pytest
from calm import resident, world  # noqa: F401
from client import SLOW, Client
from forging import bend
from test_main_job import wait_for


def rare(length=6):
    """A word that no other text has, of characters that stand in no message."""
    return "".join(chr(random.randrange(0x20000, 0x2A6D0)) for _ in range(length))


def search(staff, **filters):
    return staff.get("/zzd/v1/search?" + urllib.parse.urlencode(filters)).ok()


def ids(answer):
    return [item["id"] for item in answer["items"]]


def found(staff, appeal, **filters):
    return wait_for(lambda: appeal["id"] in ids(search(staff, **filters)))


@pytest.fixture(scope="module")
def top(world, resident):
    """One who oversees the whole district."""
    return world.staff(world.chain(world.place["unit_code"])[-1])


@pytest.fixture(scope="module")
def matter(world, resident, top):
    word = rare()
    appeal = resident.submit(title="水泵房", text=f"地下室{word}积水，WiFi 路由器也泡坏了。", address="锦绣花园７幢502室")
    assert found(top, appeal, q=word)
    return {**appeal, "word": word}


def test_a_fresh_matter_is_found_by_its_words_within_five_seconds(resident, top):
    word = rare()
    appeal = resident.submit(text=f"楼下{word}堆满了杂物。")
    assert found(top, appeal, q=word)
    answer = search(top, q=word)
    assert ids(answer) == [appeal["id"]] and answer["partial"] is False and answer["next_cursor"] is None
    assert answer["items"][0]["number"] == appeal["number"] and answer["items"][0]["state"]["code"] == "submitted"


def test_what_somebody_types_finds_what_another_wrote(top, matter):
    word = matter["word"]
    finds = [word, word[0], word[1:3], f"{word} 积水", f"积水，{word}！", f"水泵房 {word}", f"{word} wifi", f"{word} ＷＩＦＩ", f"{word} 7幢", f"{word} ７幢５０２",
             f"{word} 锦绣花园", f"{word} 502室", matter["number"], f" {matter['number']} ", f"{word} {matter['number'].split('-')[1]}"]
    for q in finds:
        assert matter["id"] in ids(search(top, q=q)), q
    for q in [f"{word} 停电", word[::-1], f"{word}积电", f"{word} 503室", "20010101-000001", f"{word} {int(matter['number'].split('-')[1]) + 1:06d}"]:
        assert matter["id"] not in ids(search(top, q=q)), q


def test_filters_are_all_needed(world, top, matter):
    q, unit = matter["word"], matter["holder"]["code"]
    day = matter["submitted_at"][:10]
    good = {"state": "submitted", "open": "true", "overdue": "false", "kind": "help", "unit_code": unit, "tier": matter["holder"]["tier"]["code"],
            "channel": "zlb", "urgency": matter["urgency"]["code"], "weight": "micro", "submitted_from": f"{day}T00:00:00+08:00"}
    assert ids(search(top, q=q, **good)) == [matter["id"]]
    assert ids(search(top, q=q, unit_code=world.chain(unit)[-1])) == [matter["id"]], "a unit's are those of the units below it too"
    other = next(u["code"] for u in world.units.values() if u["tier"] == "town" and u["code"] not in world.chain(unit))
    bad = {"state": "closed", "open": "false", "overdue": "true", "kind": "ask", "unit_code": other, "tier": "district", "channel": "visit",
           "urgency": "emergency", "outcome": "solved", "stars": 5, "weight": "hard", "submitted_from": "2040-01-01T00:00:00+08:00"}
    for name, value in bad.items():
        assert ids(search(top, q=q, **{**good, name: value})) == [], name
    assert ids(search(top, q=q, submitted_until="2020-01-01T00:00:00+08:00")) == []


def test_filters_alone_find_too(top, resident):
    appeal = resident.submit(kind="praise", text="物业师傅修灯很快，谢谢。")
    assert found(top, appeal, kind="praise", open="true")
    kinds = {item["kind"]["code"] for item in search(top, kind="praise", limit=100)["items"]}
    assert kinds == {"praise"}


def test_a_category_is_those_below_it(world, top, resident):
    word = rare()
    appeal = resident.submit(text=f"{word}半夜装修声音很大。", category_code="noise.life")
    assert found(top, appeal, q=word, category_code="noise.life") and found(top, appeal, q=word, category_code="noise")
    assert ids(search(top, q=word, category_code="noise.work")) == []


def test_time_is_to_the_instant(top, resident):
    word = rare()
    first = resident.submit(text=f"{word}第一件事情。")
    time.sleep(2.1)
    second = resident.submit(text=f"{word}第二件事情。")
    assert found(top, second, q=word) and found(top, first, q=word)
    assert ids(search(top, q=word)) == [second["id"], first["id"]], "the newest first"
    assert ids(search(top, q=word, submitted_until=first["submitted_at"][:-6] + ".999999+08:00")) == [first["id"]]
    assert ids(search(top, q=word, submitted_from=second["submitted_at"])) == [second["id"]]


def test_the_map(world, top, resident):
    word = rare()
    here, there = (resident.submit(text=f"{word}路面塌陷一处。", lng=lng, lat=30.25) for lng in (120.161, 120.168))
    assert found(top, here, q=word) and found(top, there, q=word)
    box = {"west": 120.16, "south": 30.24, "east": 120.165, "north": 30.26}
    assert ids(search(top, q=word, **box)) == [here["id"]]
    assert set(ids(search(top, q=word, **{**box, "east": 120.17}))) == {here["id"], there["id"]}
    assert set(ids(search(top, q=word, west=74, south=4, east=135, north=53))) == {here["id"], there["id"]}
    answer = top.get("/zzd/v1/search?west=120.1&south=30.1").problem(400, "invalid_request")
    assert {e["pointer"] for e in answer["errors"]} & {"?east", "?north"}
    top.get("/zzd/v1/search?west=121&south=30&east=120&north=31").problem(400, "invalid_request")


def test_only_what_one_may_see(world, resident, top):
    word = rare()
    appeal = resident.submit(text=f"{word}邻居装修扰民。", category_code="noise.life")
    unit = appeal["holder"]["code"]
    assert found(top, appeal, q=word)
    chain = world.chain(unit)
    for code in chain:
        assert ids(search(world.staff(code), q=word)) == [appeal["id"]], code
    outside = [u["code"] for u in world.units.values() if u["tier"] in ("village", "town") and u["code"] not in chain][:2]
    for code in outside:
        assert ids(search(world.staff(code), q=word)) == ids(search(world.staff(code), q=appeal["number"])) == []
    above = next(code for code in chain[1:] if any(p["unit_code"] == code and p["role"] == "handler" for p in world.posts))
    assert ids(search(world.staff(above, "handler"), q=word)) == [], "a handler oversees nothing"
    world.staff(unit).act(appeal, "escalate", {"reason_code": top.get("/zzd/v1/choices").ok()["reasons"]["escalate"][0]["code"]}).ok()
    assert found(world.staff(chain[1]), appeal, q=word)
    assert ids(search(world.staff(unit), q=word)) == [appeal["id"]], "the first unit stays answerable"


def test_sight_is_that_of_this_moment(world, resident, top):
    """A matter that left a unit is not found there, whatever the job has done so far."""
    word = rare()
    appeal = resident.submit(text=f"{word}邻居跳绳扰民。", category_code="noise.life")
    assert found(top, appeal, q=word)
    above, reasons = world.chain(appeal["holder"]["code"])[1], top.get("/zzd/v1/choices").ok()["reasons"]
    world.staff(appeal["holder"]["code"]).act(appeal, "escalate", {"reason_code": reasons["escalate"][0]["code"]}).ok()
    below = next(u["code"] for u in world.units.values() if u["parent_code"] == above and u["code"] != appeal["holder"]["code"])
    staff = world.staff(below)
    world.staff(above).act(appeal, "delegate", {"unit_code": below}).ok()
    assert found(staff, appeal, q=word)
    staff.act(appeal, "return", {"reason_code": reasons["return"][0]["code"], "text": "不属于本单位职责。"}).ok()
    assert ids(search(staff, q=word)) == []


def test_who_has_a_part_finds_it(world, resident, top):
    word = rare()
    appeal = resident.submit(text=f"{word}楼道乱拉电线。", category_code="noise.life")
    holder = appeal["holder"]["code"]
    beside = next(u["code"] for u in world.units.values() if u["tier"] == "village" and u["parent_code"] == world.units[holder]["parent_code"] and u["code"] != holder)
    staff = world.staff(holder)
    staff.act(appeal, "accept", {}).ok()
    assert found(staff, appeal, q=word) and ids(search(world.staff(beside), q=word)) == []
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/parts", {"unit_code": beside, "text": "请协助核实电线归属。"}).ok(201)
    assert found(world.staff(beside), appeal, q=word)


def test_it_follows_what_happens(world, resident, top):
    word = rare()
    appeal = resident.submit(text=f"{word}路灯不亮。", address=f"东头{word[0]}")
    staff = world.staff(appeal["holder"]["code"])
    assert found(top, appeal, q=word, state="submitted")
    staff.act(appeal, "accept", {}).ok()
    assert found(top, appeal, q=word, state="accepted") and ids(search(top, q=word, state="submitted")) == []
    street = rare(4)
    staff.act(appeal, "classify", {"address": f"{street}路3号", "category_code": "noise.life"}).ok()
    assert found(top, appeal, q=street) and found(top, appeal, q=word, category_code="noise")
    assert ids(search(top, q=f"{word} 东头")) == [] and ids(search(top, q=f"{word} 3号")) == [appeal["id"]]
    staff = world.staff(top.seen(appeal)["holder"]["code"])  # it went where such matters go
    staff.act(appeal, "accept", {}).ok()
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/weigh", {"weight": "hard", "text": "需多部门联合办理。"}).ok()
    assert found(top, appeal, q=word, weight="hard") and ids(search(top, q=word, weight="micro")) == []
    answer = rare(4)
    staff.act(appeal, "resolve", {"outcome": "explained", "text": f"已向居民说明{answer}检修计划。"}).ok()
    assert found(top, appeal, q=word, outcome="explained", open="false") and ids(search(top, q=f"{word} {answer}检修")) == [appeal["id"]]
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": True, "stars": 4}, version=resident.own(appeal)["version"]).ok()
    assert found(top, appeal, q=word, stars=4, state="closed") and ids(search(top, q=word, open="true")) == []
    assert ids(search(top, q=word, stars=0)) == []
    left = resident.submit(text=f"{word}坏了一半。")
    staff = world.staff(left["holder"]["code"])
    staff.act(left, "accept").ok()
    staff.act(left, "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
    assert ids(search(top, q=word, stars=0)) == [], "it can still be rated"
    bend(world, "resolved_at=resolved_at-INTERVAL 16 DAY", left)
    assert found(top, left, q=word, stars=0) and ids(search(top, q=word, stars=0)) == [left["id"]]
    gone = resident.submit(text=f"{word}又不亮了。")
    assert found(top, gone, q=word, state="submitted")
    resident.post(f"/zlb/v1/appeals/{gone['id']}/withdraw", {}, version=gone["version"]).ok()
    assert found(top, gone, q=word, state="withdrawn")


def test_pages_lose_nothing_and_double_nothing(resident, top):
    word = rare()
    made = [resident.submit(text=f"{word}第{n}件，楼道灯坏了。") for n in range(11)]
    assert found(top, made[-1], q=word) and found(top, made[0], q=word)
    seen, path = [], "/zzd/v1/search?" + urllib.parse.urlencode({"q": word, "limit": 3})
    cursor = ""
    for page in range(4):
        answer = top.get(path + cursor).ok()
        seen += ids(answer)
        if page == 1:  # what comes meanwhile stands before the first page
            assert found(top, resident.submit(text=f"{word}第十二件事情。"), q=word)
        assert (answer["next_cursor"] is None) == (page == 3)
        cursor = f"&cursor={answer['next_cursor']}"
    assert seen == [a["id"] for a in reversed(made)]
    other = top.get(path).ok()["next_cursor"]
    top.get(f"/zzd/v1/search?q=%E6%A5%BC%E9%81%93&cursor={other}").problem(400, "cursor_mismatch")


def test_numbers_that_were_taken_out_are_not_found(resident, top):
    word = rare()
    appeal = resident.submit(text=f"{word}物业电话 13812345678 打不通。")
    assert found(top, appeal, q=word)
    assert ids(search(top, q="13812345678")) == []


@pytest.mark.parametrize("q", ["a", "水", "\U0001F4A7", "%", "_", "'\"\\", "x' OR '1'='1", "+-*<>~()", "水" * 60, "〇", "0" * 60, "🈳 🈵", "1" * 9, "20261124-", "-1"], ids=lambda q: q[:9])
def test_any_text_gets_an_answer(top, q):
    answer = top.get("/zzd/v1/search?" + urllib.parse.urlencode({"q": q}))
    letters = any(c.isalnum() or ord(c) > 0xffff for c in q)
    assert answer.status == (200 if letters else 400), answer


def test_what_fits_nothing_is_told(top):
    for bad in ("q=%F0%9F", "q=", "q=" + "a" * 61, "state=lost", "open=yes", "stars=6", "category_code=none", "unit_code=none", "tier=1", "x=1",
                "submitted_from=yesterday", "west=500", "limit=0", "limit=101", "cursor=abc", "submitted_from=2026-02-02T00:00:00Z&submitted_until=2026-02-01T00:00:00Z"):
        assert top.get("/zzd/v1/search?" + bad).status == 400, bad


def test_who_sees_no_matter_finds_none(world, top, matter):
    admin = next(world.staff(code, "administrator") for code in world.chain(matter["holder"]["code"])
                 if any(p["unit_code"] == code and p["role"] == "administrator" for p in world.posts))
    assert search(admin, q=matter["word"]) == {"partial": False, "items": [], "next_cursor": None}
    Client(world, None, "zzd").get("/zzd/v1/search?q=a").problem(401, "token_required")


def test_what_is_there_already_is_entered_once(world, resident, top):
    """As on a database from before: the tables are empty, the job goes through all that there is, then follows."""
    word = rare()
    before = [resident.submit(text=f"{word}旧事第{n}件。") for n in range(3)]
    assert found(top, before[-1], q=word)
    rows = "SELECT (SELECT COUNT(*) FROM search_matter),(SELECT COUNT(*) FROM appeal)"
    assert wait_for(lambda: len(set(world.sql(rows)[0])) == 1)
    postings = "SELECT HEX(MD5(GROUP_CONCAT(term,':',block,':',LENGTH(docs) ORDER BY term,block))),COUNT(*) FROM search_posting"
    world.sql("DELETE FROM search_posting; DELETE FROM search_matter; UPDATE setting SET value='0' WHERE name LIKE 'search%'; "
              "UPDATE lease SET expires_at='2000-01-01',owner=UNHEX(REPEAT('00',16)) WHERE name='search'")
    assert wait_for(lambda: set(ids(search(top, q=word))) == {a["id"] for a in before})
    after = resident.submit(text=f"{word}新事一件。")
    assert found(top, after, q=word)
    assert wait_for(lambda: len(set(world.sql(rows)[0])) == 1) and int(world.sql(postings)[0][1]) > 100
    assert str(uuid.UUID(after["id"])) == ids(search(top, q=word))[0]


def test_what_an_earlier_release_left_out_is_entered(world, resident, top):
    """Its tables have neither weights nor results; matters are found meanwhile, and what happens is followed."""
    word, answer = rare(), rare(4)
    appeal = resident.submit(text=f"{word}井盖松动。")
    staff = world.staff(appeal["holder"]["code"])
    staff.act(appeal, "accept", {}).ok()
    staff.act(appeal, "resolve", {"outcome": "solved", "text": f"{answer}已更换。"}).ok()
    assert found(top, appeal, q=answer, weight="micro")
    term = f"{1 << 56}+({ord(answer[0])}<<21)+{ord(answer[1])}"  # TERM_LETTERS; TERM_WEIGHT is 20
    world.sql(f"DELETE FROM search_posting WHERE term>>56=20 OR term={term}; UPDATE search_matter SET traits=''; "
              "UPDATE setting SET value='2' WHERE name='search_past'; UPDATE setting SET value='0' WHERE name='search_again'; "
              "UPDATE lease SET expires_at='2000-01-01',owner=UNHEX(REPEAT('00',16)) WHERE name='search'")
    assert found(top, appeal, q=word)
    # The job must miss its lease first, which it looks at only when that is about to end.
    assert wait_for(lambda: world.sql("SELECT value FROM setting WHERE name='search_past'") == [["3"]])
    assert found(top, appeal, q=answer, weight="micro")


# ---- beside an appeal, and by the reporter's phone ----

def beside(staff, appeal, what, **query):
    return staff.get(f"/zzd/v1/appeals/{appeal['id']}/{what}?" + urllib.parse.urlencode(query))


def newcomer(world, phone=None):
    return world.sign_in(world.add_resident(idnum=None, mobile=phone or f"139{random.randrange(10 ** 8):08d}")["userid"])


def test_what_is_nearby(world, resident, top):
    lng = 120.3 + random.randrange(1000) / 10000
    here, near, far = (resident.submit(text=f"{rare()}河边围栏损坏。", lng=round(lng + d, 6), lat=30.3) for d in (0, 0.004, 0.02))
    for appeal in (here, near, far):
        assert found(top, appeal, q=appeal["number"])
    assert ids(beside(top, here, "nearby").ok()) == [near["id"]]
    assert ids(beside(top, far, "nearby").ok()) == []
    nowhere = newcomer(world).submit(text=f"{rare()}不知道在哪里。", place_code=None)
    assert beside(top, nowhere, "nearby").ok()["items"] == []
    stranger = world.staff(next(u["code"] for u in world.units.values() if u["tier"] == "village" and u["code"] not in world.chain(here["holder"]["code"])))
    beside(stranger, here, "nearby").problem(404, "not_found")


def test_what_else_is_from_the_reporter(world, top):
    person = newcomer(world)
    made = [person.submit(text=f"{rare()}楼上漏水第{n}次。", category_code="noise.life") for n in range(6)]
    newcomer(world).submit(text="别人的事情，楼上漏水。", category_code="noise.life")
    seen, cursor = [], {}
    while True:
        answer = beside(top, made[2], "same-reporter", limit=2, **cursor).ok()
        seen += ids(answer)
        if not answer["next_cursor"]:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert seen == [a["id"] for a in reversed(made) if a["id"] != made[2]["id"]], "at once, whatever the job has done so far"
    assert "reporter" not in str(beside(top, made[2], "same-reporter").ok())
    other = beside(top, made[1], "same-reporter", limit=2).ok()["next_cursor"]
    beside(top, made[2], "same-reporter", limit=2, cursor=other).problem(400, "cursor_mismatch")


def test_the_reporter_stays_hidden_where_he_is(world, top):
    """Withheld from the handler, and never told to the unit complained of, by no way around."""
    person = newcomer(world)
    plain, hidden = (person.submit(text=f"{rare()}噪声扰民。", category_code="noise.life", withhold_name=w) for w in (False, True))
    unit = plain["holder"]["code"]
    about = person.submit(kind="complain", text=f"{rare()}居委会推诿不办。", about_unit_code=unit)
    staff = world.staff(unit)
    assert hidden["holder"]["code"] == unit and staff.get(f"/zzd/v1/appeals/{hidden['id']}").status == 200
    beside(staff, hidden, "same-reporter").problem(403, "forbidden")
    assert ids(beside(staff, plain, "same-reporter").ok()) == []
    assert set(ids(beside(top, plain, "same-reporter").ok())) == {hidden["id"], about["id"]}, "who oversees may see him"


def by_phone(staff, phone):
    reason = staff.get("/zzd/v1/choices").ok()["reasons"]["unmask"][0]["code"]
    return staff.post("/zzd/v1/search/reporter", {"phone": phone, "reason_code": reason})


def test_matters_by_phone_are_audited_with_their_purpose(world, top):
    phone = f"137{random.randrange(10 ** 8):08d}"
    person, also = newcomer(world, phone), newcomer(world, phone)
    made = [who.submit(text=f"{rare()}水压不足。", category_code="noise.life") for who in (person, also, person)]
    count = "SELECT COUNT(*) FROM audit_line WHERE action=17"
    before = int(world.sql(count)[0][0])
    answer = by_phone(top, phone).ok()
    assert ids(answer) == [a["id"] for a in reversed(made)] and answer["more"] is False
    assert by_phone(top, "13700000000").ok() == {"items": [], "more": False}
    assert int(world.sql(count)[0][0]) == before + 2, "who was not found was looked for too"
    log = (world.folder / "log/minhu.log").read_text(errors="replace") if (world.folder / "log/minhu.log").exists() else ""
    assert phone not in log and phone not in "".join("".join(r) for r in world.sql("SELECT text FROM audit_line WHERE action=17"))
    outside = world.staff(next(u["code"] for u in world.units.values() if u["tier"] == "village" and u["code"] not in world.chain(made[0]["holder"]["code"])))
    assert by_phone(outside, phone).ok()["items"] == []
    for body in ({"phone": phone}, {"phone": "12345678901", "reason_code": "x"}, {"phone": phone, "reason_code": "none"}, {"reason_code": "x"}):
        assert top.post("/zzd/v1/search/reporter", body).status == 400


def test_orders_are_found_by_their_reporter_s_phone(world, top):
    phone = f"136{random.randrange(10 ** 8):08d}"
    party = world.third_party()
    order = {"external_id": f"S-{rare(2).encode().hex()}", "kind": "report", "text": "地下车库漏水，业主报修。", "place_code": world.place["code"],
             "reporter_name": "钱业主", "reporter_phone": phone}
    made = [party.post("/open/v1/appeals", {**order, "external_id": order["external_id"] + str(n)}, key=str(uuid.uuid4())).ok(201) for n in range(2)]
    assert ids(by_phone(top, phone).ok()) == [a["id"] for a in reversed(made)]
    assert ids(beside(top, made[0], "same-reporter").ok()) == [made[1]["id"]]
    person = newcomer(world, phone)
    mine = person.submit(text="车库又漏水了。")
    assert ids(by_phone(top, phone).ok()) == [mine["id"], made[1]["id"], made[0]["id"]], "they are his since he signed in"


def test_the_index_gives_way_to_a_crowd_yet_not_for_ever(world, resident, top):
    """Who submits in a crowd is found when the job's patience of five seconds is at its end, while the crowd is still there."""
    with ThreadPoolExecutor(12) as pool:
        crowd = [pool.submit(world.sql, f"SELECT SLEEP({8 + 8 * SLOW})") for _ in range(12)]
        wait_for(lambda: int(world.sql("SHOW GLOBAL STATUS LIKE 'Threads_running'")[0][1]) > 12, 3)
        time.sleep(1.5)  # the run under way ends, and the next begins with waiting
        since, word = time.monotonic(), rare()
        appeal = resident.submit(text=f"楼下{word}堆满了杂物。")
        assert wait_for(lambda: appeal["id"] in ids(search(top, q=word)), 10), "the crowd keeps it from its work for ever"
        waited = time.monotonic() - since
        assert not all(sleeper.done() for sleeper in crowd), "found only when the crowd was gone"
    assert waited > 2, "it was found as soon as without a crowd"
