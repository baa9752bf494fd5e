"""What hangs on units that end: keys, interests, calendars, what rests, known trouble, disaster mode, matters alike, rulings. Two towns merge, and two
villages of theirs."""

import uuid

import pytest
from beijing import day, moment
from client import World
from conftest import private_stack
from test_alike import PUMP, PUMP_AGAIN, ask, found, ids
from test_calendar import beijing, restart
from test_main_job import wait_for
from test_reorganisation import place_of, write
from test_requests import lines, post, rest
from test_rulings import DUTY, move
from test_staff import reason
from test_troubles import CATEGORY, act, join, mode, near, told

TOWNS, NEW_TOWN, NEW = ("town-0001", "town-0002"), "town-9001", "village-9001"
DISPATCHER = ("dispatcher", "unit_lead")


@pytest.fixture(scope="module")
def world():
    with private_stack(2) as path:
        yield World(path)


@pytest.fixture(scope="module")
def villages(world):
    """Two of the first town, which merge; a third that stays, and one of the second town."""
    first, second = ([u["code"] for u in world.units.values() if u["kind"] == "village" and u["parent_code"] == town] for town in TOWNS)
    return {"one": first[0], "other": first[1], "third": first[2], "there": second[0]}


def accepted(staff, resident, place, **more):
    appeal = resident.submit(place_code=place, **more)
    staff.act(appeal, "accept", {}).ok()
    return appeal


class Ties:
    """All that is there before."""

    def __init__(self, world, villages, folder):
        self.one, self.town, self.third = world.staff(villages["one"]), world.staff(TOWNS[0]), world.staff(villages["third"])
        self.top = world.staff("district", "district_supervisor")
        self.resident, self.neighbour = world.resident(0), world.resident(1)
        self.here, self.there = place_of(world, villages["one"]), place_of(world, villages["there"])
        (folder / "interests.tsv").write_text(f"unit_code\twith_code\n{villages['one']}\tdep-gas\n{TOWNS[1]}\tdep-fire\n")
        world.minhuctl("import", folder)
        own = folder / "own.tsv"
        own.write_text("unit_code\tdate\tkind\thours\tname\n" + "\t".join((villages["one"], "workday", "work", "09:00-11:00,14:00-16:00", "夏令")) + "\n")
        world.minhuctl("calendar", "import", own)
        restart(world)

        self.party = world.third_party(None, "property", "post,read,feed", "--units", f"{villages['one']},dep-gas")
        self.above = world.third_party(None, "property", "post,read,feed", "--units", TOWNS[1])
        self.resting = accepted(self.one, self.resident, self.here)
        rest(self.one, self.resting).ok()
        self.granted = post(self.town, self.resting, "suspend", until=day(3), text="等判决。").ok()
        self.asked_to_rest = accepted(self.one, self.resident, self.here)
        rest(self.one, self.asked_to_rest).ok()
        self.clocked = accepted(self.one, self.resident, self.here)
        self.step_by = self.one.seen(self.clocked)["step_by"]
        self.trouble = self.publish(world.staff(villages["one"], *DISPATCHER), {"unit_code": villages["one"]})
        self.wide = self.publish(world.staff(TOWNS[1], *DISPATCHER), {"unit_code": TOWNS[1]})
        self.widest = self.publish(world.staff("dep-city", *DISPATCHER), {"unit_code": TOWNS[0]}, {"unit_code": TOWNS[1]})
        join(self.resident, self.trouble, place_code=self.here).ok(201)
        self.disaster = self.top.post("/zzd/v1/disaster-mode", {"categories": [{"category_code": CATEGORY}], "from": moment(hours=5), "until": moment(hours=6),
                                                                "reason": "台风预案。"}).ok(201)
        self.alike = self.resident.submit(text=PUMP, place_code=self.here)
        assert found(self.neighbour, self.alike, PUMP_AGAIN, self.here)
        assert self.alike["id"] not in ids(ask(self.neighbour, PUMP_AGAIN, self.there)), "another town"
        self.ruled = self.disputed(villages)

    def publish(self, staff, *areas):
        return staff.post("/zzd/v1/troubles", {"title": "停水", "text": "主管道抢修。", "category_code": CATEGORY, "until": moment(hours=6), "areas": areas}).ok(201)

    def disputed(self, villages):
        """Ruled by the town to be the first village's."""
        appeal = self.resident.submit(place_code=self.here, category_code=CATEGORY)
        for _ in range(2):
            move(None, self.one, appeal, "transfer", unit_code=villages["third"]).ok()
            move(None, self.third, appeal, "return", text="不属于本村职责。").ok()
        self.town.act(appeal, "rule", {"unit_code": villages["one"], "duty": DUTY, "text": "由你村负责。"}).ok()
        return appeal


@pytest.fixture(scope="module")
def ties(world, villages, tmp_path_factory):
    return Ties(world, villages, tmp_path_factory.mktemp("ties"))


@pytest.fixture(scope="module")
def done(world, villages, ties, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    file = write(folder / "reorganisation.tsv", ("new", NEW_TOWN, "district", "合流镇"), ("merge", TOWNS[0], NEW_TOWN), ("merge", TOWNS[1], NEW_TOWN),
                 ("new", NEW, NEW_TOWN, "晨荷社区"), ("merge", villages["one"], NEW), ("merge", villages["other"], NEW))
    told_ = world.minhuctl("reorganise", file).stdout
    restart(world)
    left = "SELECT COUNT(*) FROM appeal a JOIN unit_succession s ON s.old_id=a.holder_unit_id"
    wait_for(lambda: world.sql(left) == [["0"]], 60)
    return told_


def test_it_tells_what_follows(done):
    # An interest stands both ways; each key once.
    assert "2 keys" in done and "1 days of calendars" in done and "2 known troubles" in done, done


def test_keys_post_where_they_did(world, ties, done, villages):
    def send(party, place):
        return party.post("/open/v1/appeals", {"external_id": f"WY-{uuid.uuid4().hex[:10]}", "kind": "report", "text": "楼道里的灯坏了三天。", "place_code": place},
                          key=str(uuid.uuid4()))

    assert send(ties.party, ties.here).ok(201) and send(ties.above, ties.there).ok(201)
    assert send(ties.above, ties.here).ok(201), "what stands for its unit has more below it"
    other = next(u["code"] for u in world.units.values() if u["kind"] == "village" and u["parent_code"] == "town-0003")
    for party in (ties.party, ties.above):
        assert send(party, place_of(world, other)).status in (403, 404, 400)
    kept = sorted(row[0] for row in world.sql("SELECT units FROM api_key WHERE units<>''"))
    assert kept == sorted([f"{NEW},dep-gas", NEW_TOWN])


def test_who_has_an_interest_never_decides(world, ties, done):
    """What stands for the village has its interest with the gas company, and what stands for the town the town's with the fire brigade."""
    def holder(about):
        return ties.resident.submit(kind="complain", about_unit_code=about, place_code=ties.here, category_code="social", text="上门检查时态度恶劣，没有出示证件。")["holder"]["code"]

    assert holder("dep-gas") == NEW_TOWN
    assert holder("dep-fire") == "district", "the village is below the one that has the interest"
    assert holder("dep-parks") == NEW
    explained = world.minhuctl("route", "explain", "--place", ties.here, "--about", "dep-gas").stdout
    assert f"passed over: {NEW} " in explained and "interest" in explained, explained
    assert world.sql("SELECT COUNT(*) FROM unit_interest i JOIN unit_succession s ON s.old_id IN (i.unit_id,i.with_id)") == [["0"]]


def test_its_own_calendar_goes_on(world, ties, done, villages):
    shown = world.minhuctl("calendar", "show", "--units").stdout
    assert f"{NEW}\tworkday\twork\t09:00-11:00,14:00-16:00" in shown and villages["one"] not in shown, shown
    now = ties.one.seen(ties.clocked)
    assert now["holder"]["code"] == NEW and now["step_by"] == ties.step_by
    fresh = ties.one.seen(ties.resident.submit(place_code=ties.here))
    assert beijing(fresh["step_by"])[1] == "16:00", fresh["step_by"]


def test_what_rests_goes_on_resting(world, ties, done):
    now = ties.one.seen(ties.resting)
    was, rests = ties.granted["suspension"], now["suspension"]
    assert now["holder"]["code"] == NEW and (rests["until"], rests["reason"]) == (was["until"], was["reason"])
    assert lines(now) == ["held", "pause", "pause"], "the pause is two lines, one of each unit"
    assert post(ties.town, ties.asked_to_rest, "suspend", until=day(2), text="同意。").ok()["suspension"], "asked of the old town, granted by the new one"
    on = post(ties.town, ties.resting, "continue", text="判决已下。").ok()
    assert on["suspension"] is None and lines(on) == ["held", "pause", "pause", "held"]


def test_known_trouble_is_of_what_stands_for_the_unit(world, ties, done):
    towns = {ties.wide["id"], ties.widest["id"]}
    assert wait_for(lambda: set(near(ties.resident, ties.here)) == towns | {ties.trouble["id"]})
    assert wait_for(lambda: set(near(ties.resident, ties.there)) == towns)
    shown = ties.one.get(f"/zzd/v1/troubles/{ties.trouble['id']}").ok()
    assert (shown["unit"]["code"], [a["unit"]["code"] for a in shown["areas"]], shown["joined"]) == (NEW, [NEW], 1)
    wide, widest = (ties.town.get(f"/zzd/v1/troubles/{t['id']}").ok() for t in (ties.wide, ties.widest))
    assert [t["unit"]["code"] for t in (wide, widest)] == [NEW_TOWN, "dep-city"]
    assert [[a["unit"]["code"] for a in t["areas"]] for t in (wide, widest)] == [[NEW_TOWN]] * 2, "each area once"
    colleague = world.staff(TOWNS[0], *DISPATCHER)
    assert act(colleague, ties.wide, "", {"until": moment(hours=7)}).ok()["until"] > wide["until"], "of the other town, which is the same now"
    act(colleague, ties.widest, "/end").problem(403, "forbidden")
    assert act(ties.one, ties.trouble, "/end", {"text": "已修好。"}).ok()["state"]["code"] == "over"
    assert wait_for(lambda: told(ties.resident, ties.trouble) == ["trouble_over"])


def test_disaster_mode_stays(ties, done):
    listed = {d["id"]: d for d in ties.top.get("/zzd/v1/disaster-mode").ok()["items"]}
    assert listed[ties.disaster["id"]]["state"]["code"] == "scheduled" and mode(ties.resident) is None
    ties.top.post("/zzd/v1/disaster-mode/end", {"text": "解除。"}).ok()


def test_matters_alike_are_found_in_what_the_town_became(world, ties, done):
    assert found(ties.neighbour, ties.alike, PUMP_AGAIN, ties.here)
    assert found(ties.neighbour, ties.alike, PUMP_AGAIN, ties.there), "one town now"
    for table in ("alike_key", "alike_matter"):
        assert wait_for(lambda table=table: world.sql(f"SELECT COUNT(*) FROM {table} k JOIN unit_succession s ON s.old_id=k.area_id") == [["0"]])
    assert world.sql(f"SELECT COUNT(DISTINCT area_id) FROM alike_key WHERE appeal_id=UNHEX('{ties.alike['id'].replace('-', '')}')") == [["1"]]


def test_rulings_and_precedents_name_who_it_is_now(world, ties, done):
    row = next(r for r in ties.third.get(f"/zzd/v1/rulings?category_code={CATEGORY}").ok()["items"] if r["number"] == ties.ruled["number"])
    assert (row["unit"]["code"], row["ruler"]["code"], row["duty"]) == (NEW, NEW_TOWN, DUTY)
    printed = world.minhuctl("route", "precedents").stdout
    assert f"{CATEGORY}\t{NEW_TOWN}\t\t{NEW}\t" in printed, printed


def test_all_of_it_can_be_proved(world, ties, done):
    wait_for(lambda: world.minhuctl("audit", "verify", check=False).returncode == 0)
    assert "ok   reorganisation" in world.minhuctl("check", check=False).stdout
