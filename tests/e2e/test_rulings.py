"""A dispute of whose matter it is: the parent rules, it binds, and it is a precedent."""

import pytest
from test_calendar import restart
from test_main_job import notice_of, wait_for
from test_questions import actions, holds
from test_routing import HEAD, rule, write
from test_staff import holder_of, reason

DUTY = "村社职责清单第五条"


@pytest.fixture(scope="module")
def villages(world):
    """Two villages of one town, the second with a place, and the town."""
    of = {}
    for place in world.stack.rows("places.tsv"):
        unit = world.units[place["unit_code"]]
        if unit["tier"] == "compound":
            of.setdefault(unit["parent_code"], place["code"])
    for town in (u["code"] for u in world.units.values() if u["tier"] == "town"):
        mine = [v for v in of if world.units[v]["parent_code"] == town]
        if len(mine) > 2:
            return {"one": mine[-1], "other": mine[-2], "town": town, "place": of[mine[-1]]}
    raise AssertionError("no town has two villages with places")


def move(world, staff, appeal, action, **body):
    return staff.act(appeal, action, {"reason_code": reason(staff, action), **body} if action != "rule" else body)


@pytest.fixture
def disputed(world, resident, villages):
    """Of the first village, which sent it to the other twice and had it back twice."""
    appeal = resident.submit(category_code="noise.life", place_code=villages["place"])
    assert appeal["holder"]["code"] == villages["one"]
    one, other = world.staff(villages["one"]), world.staff(villages["other"])
    for _ in range(2):
        move(world, one, appeal, "transfer", unit_code=villages["other"]).ok()
        move(world, other, appeal, "return", text="不属于本村职责。").ok()
    return appeal


def test_who_is_to_rule_hears_of_it(world, resident, villages):
    one, other, town = (world.staff(villages[who]) for who in ("one", "other", "town"))
    appeal = resident.submit(category_code="noise.life", place_code=villages["place"])

    def told():
        return [n["action"]["code"] for n in town.get("/zzd/v1/notices").ok()["items"] if n["appeal"] and n["appeal"]["id"] == appeal["id"]]

    move(world, one, appeal, "transfer", unit_code=villages["other"]).ok()
    wait_for(lambda: notice_of(other, "/zzd/v1", appeal, "transfer"))
    assert told() == [], "one transfer is no dispute"
    move(world, other, appeal, "return", text="不属于本村职责。").ok()
    assert wait_for(told) == ["return"]


def test_ruled_bound_and_found_again(world, resident, villages, disputed):
    one, other, town = (world.staff(villages[who]) for who in ("one", "other", "town"))
    move(world, one, disputed, "transfer", unit_code=villages["other"]).ok()
    again = move(world, other, disputed, "return", text="不属于本村职责。").problem(409, "limit_reached")
    assert "裁定" in again["detail"]
    for_town = {a["action"]: a for a in town.seen(disputed)["actions"]}
    assert for_town["rule"]["allowed"]
    one.act(disputed, "rule", {"unit_code": villages["other"], "duty": DUTY, "text": "归你村。"}).problem(403, "forbidden")

    before = town.seen(disputed)
    ruled = town.act(disputed, "rule", {"unit_code": villages["other"], "duty": DUTY, "text": "公共楼道由村社负责。"}).ok()
    assert ruled["holder"]["code"] == villages["other"] and ruled["arrival"]["code"] == "ruled", "it had it already"
    assert ruled["resolve_by"] == before["resolve_by"] and ruled["respond_by"] == before["respond_by"] and ruled["step_by"] == before["step_by"]
    assert ruled["timeline"][-1]["text"] == f"{DUTY}\n公共楼道由村社负责。"
    mine = resident.own(disputed)["timeline"][-1]
    assert mine["action"]["code"] == "rule" and mine["text"] is None

    assert "裁定" in move(world, other, disputed, "return", text="还是不归我们。").problem(409, "conflict")["detail"]
    assert "裁定" in move(world, other, disputed, "transfer", unit_code=villages["one"]).problem(409, "conflict")["detail"]
    other.act(disputed, "accept").ok()
    assert holds(world, disputed) is True
    for bent, undone in (("category_id=category_id+1", "category_id=category_id-1"), ("appeal_id=REVERSE(appeal_id)", "appeal_id=REVERSE(appeal_id)")):
        world.sql(f"UPDATE ruling SET {bent} WHERE number='{disputed['number']}'")
        found = holds(world, disputed)
        world.sql(f"UPDATE ruling SET {undone} WHERE number='{disputed['number']}'")
        assert found is not True and "ruling" in found, bent
    assert holds(world, disputed) is True

    found = other.get("/zzd/v1/rulings?category_code=noise.life&limit=5").ok()["items"][0]
    assert found["number"] == disputed["number"] and found["duty"] == DUTY
    assert (found["unit"]["code"], found["ruler"]["code"]) == (villages["other"], villages["town"])
    assert all(r["category"]["code"] != "noise.life" for r in other.get("/zzd/v1/rulings?category_code=market").ok()["items"])
    other.get("/zzd/v1/rulings?category_code=nonsense").problem(400, "invalid_request")


def test_ruled_by_a_move(world, resident, villages, disputed):
    """The unit that has it sends it up; whoever got it rules that it is the other's, which gets a step clock of its own."""
    one, town = world.staff(villages["one"]), world.staff(villages["town"])
    up = move(world, one, disputed, "escalate").ok()
    assert up["holder"]["code"] == villages["town"]
    town.act(disputed, "rule", {"unit_code": villages["town"], "duty": DUTY, "text": "归本镇。"}).problem(409, "conflict")
    ruled = town.act(disputed, "rule", {"unit_code": villages["other"], "duty": DUTY, "text": "归你村。"}).ok()
    assert ruled["holder"]["code"] == villages["other"] and ruled["state"]["code"] == "submitted" and ruled["step_by"]
    assert ruled["resolve_by"] == up["resolve_by"]
    assert actions(ruled)[-2:] == ["escalate", "rule"] and ruled["timeline"][-1]["from_unit"]["code"] == villages["town"]
    assert holds(world, disputed) is True


def test_only_a_dispute_is_ruled(world, resident, villages):
    appeal = resident.submit(category_code="noise.life", place_code=villages["place"])
    town = world.staff(villages["town"])
    told = town.act(appeal, "rule", {"unit_code": villages["other"], "duty": DUTY, "text": "归你村。"}).problem(409, "conflict")
    assert "交办" in told["detail"]
    rule_now = {a["action"]: a for a in town.seen(appeal)["actions"]}["rule"]
    assert not rule_now["allowed"] and "争议" in rule_now["why"]


def test_a_precedent_is_offered_as_a_rule(world, resident, villages, disputed, tmp_path):
    world.staff(villages["town"]).act(disputed, "rule", {"unit_code": villages["other"], "duty": DUTY, "text": "归你村。"}).ok()
    told = world.minhuctl("route", "precedents").stdout.splitlines()
    at = told.index(f"# {disputed['number']}")
    row = told[at + 1].split("\t")
    assert row == ["noise.life", villages["town"], "", villages["other"], "", "", "", "", "", DUTY]
    demo = [rule(**r) for r in world.stack.rows("routes.tsv")]
    write(tmp_path / "routes.tsv", HEAD, [*demo, tuple(row)])
    tried = world.minhuctl("route", "try", tmp_path, "--last", "50").stdout
    assert any(disputed["number"] in line and f"-> {villages['other']} " in line for line in tried.splitlines()), tried
    try:
        world.minhuctl("import", tmp_path)
        restart(world)
        assert resident.submit(category_code="noise.life", place_code=villages["place"])["holder"]["code"] == villages["other"]
    finally:
        write(tmp_path / "routes.tsv", HEAD, demo)
        world.minhuctl("import", tmp_path)
        restart(world)
