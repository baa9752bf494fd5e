"""What a unit can't grant itself: more time, and that a matter rests. Asked for from the unit above, decided there, told, and proved."""

import uuid

import pytest
from beijing import day
from forging import bend
from test_main_job import notice_of, wait_for
from test_questions import actions, ask, holds, lines
from test_races import unmoved  # noqa: F401 (a fixture)
from test_staff import holder_of, reason, sibling


def post(client, appeal, what, key=None, **body):
    return client.post(f"/zzd/v1/appeals/{appeal['id']}/{what}", body, key=key)


def rest(staff, appeal, until=5):
    return post(staff, appeal, "request-suspension", reason_code=reason(staff, "suspend"), until=day(until), text="须待法院判决。")


def more_time(staff, appeal, days=3):
    return post(staff, appeal, "request-extension", days=days, text="等配件到货。")


def handled(appeal):
    """What was done, without the job's weighing, which comes when it comes."""
    return [action for action in actions(appeal) if action != "weigh"]


def waiting(chief, appeal):
    """The request as the unit above sees it in its list, if it is there."""
    cursor = ""
    while True:
        page = chief.get(f"/zzd/v1/requests?limit=100{cursor}").ok()
        found = [r for r in page["items"] if r["appeal"]["id"] == appeal["id"]]
        if found or not page["next_cursor"]:
            return found[0] if found else None
        cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
def staff(world, appeal, unmoved):  # noqa: F811
    """Who has accepted the appeal, which no step clock moves."""
    one = holder_of(world, appeal)
    one.act(appeal, "accept").ok()
    return one


@pytest.fixture
def chief(world, appeal):
    return world.staff(world.chain(appeal["holder"]["code"])[1])


def test_more_time_is_asked_for_and_granted(world, resident, appeal, staff, chief):
    before = staff.seen(appeal)
    asked = more_time(staff, appeal).ok()
    assert asked["request"]["code"] == "extension" and asked["version"] == before["version"] and asked["resolve_by"] == before["resolve_by"]
    assert "request_extension" not in actions(resident.own(appeal)), "what units ask each other is theirs"
    row, count = waiting(chief, appeal), chief.get("/zzd/v1/boxes").ok()["to_decide"]
    assert count >= 1 and staff.get("/zzd/v1/boxes").ok()["to_decide"] == 0
    assert (row["kind"]["code"], row["days"], row["until"], row["text"]) == ("extension", 3, None, "等配件到货。") and row["unit"]["code"] == appeal["holder"]["code"]

    possible = {a["action"]: a["allowed"] for a in chief.seen(appeal)["actions"]}
    assert possible["extend"] and possible["refuse"] and not possible["suspend"]
    granted = post(chief, appeal, "extend", days=2, text="请先加装临时照明。").ok()
    assert granted["request"] is None and granted["extended_days"] == 2 and granted["version"] == before["version"]
    assert granted["resolve_by"] > before["resolve_by"] and granted["step_by"] == before["step_by"], "the step clock goes on"
    mine = resident.own(appeal)
    assert mine["resolve_by"] == granted["resolve_by"] and mine["extended_days"] == 2
    told = mine["timeline"][-1]
    assert (told["action"]["code"], told["days"], told["text"], told["by"]["unit"]["code"]) == ("extend", 2, "请先加装临时照明。", chief.me["post"]["unit"]["code"])
    assert waiting(chief, appeal) is None and holds(world, appeal) is True
    assert chief.get("/zzd/v1/boxes").ok()["to_decide"] == count - 1
    more_time(staff, appeal).problem(409, "limit_reached")


def test_it_is_told(world, resident, appeal):
    bend(world, "step_by=UTC_TIMESTAMP(6)+INTERVAL 1 HOUR", appeal)
    staff = holder_of(world, appeal)
    staff.act(appeal, "accept").ok()
    chief = world.staff(world.chain(appeal["holder"]["code"])[1])
    more_time(staff, appeal).ok()
    wait_for(lambda: notice_of(chief, "/zzd/v1", appeal, "request_extension"))
    post(chief, appeal, "extend").ok()
    wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "extend"))
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "extend"))


def test_refused(world, appeal, staff, chief):
    before = staff.seen(appeal)
    more_time(staff, appeal).ok()
    post(chief, appeal, "refuse").problem(400, "invalid_request")
    refused = post(chief, appeal, "refuse", text="请抓紧办理。").ok()
    assert refused["request"] is None and refused["resolve_by"] == before["resolve_by"] and refused["extended_days"] == 0
    post(chief, appeal, "refuse", text="再次。").problem(409, "conflict")
    more_time(staff, appeal).problem(409, "limit_reached")
    assert holds(world, appeal) is True


def test_only_one_waits_and_only_above_decides(world, appeal, staff, chief):
    more_time(staff, appeal, 60).problem(409, "limit_reached")
    more_time(staff, appeal).ok()
    more_time(staff, appeal).problem(409, "limit_reached")
    rest(staff, appeal).problem(409, "conflict")
    post(staff, appeal, "extend").problem(403, "forbidden")
    post(chief, appeal, "extend", days=4).problem(409, "conflict")
    post(chief, appeal, "suspend").problem(409, "conflict")
    stranger = world.staff(sibling(world, appeal["holder"]["code"]))
    for what, body in (("extend", {}), ("refuse", {"text": "不。"}), ("request-extension", {"days": 1, "text": "要。"})):
        post(stranger, appeal, what, **body).problem(404, "not_found")
    assert waiting(world.staff(sibling(world, chief.me["post"]["unit"]["code"])), appeal) is None, "another unit's list"
    handler = world.staff(appeal["holder"]["code"], "handler")
    handler.get("/zzd/v1/requests").problem(404, "not_found")
    key = str(uuid.uuid4())
    first, again = post(chief, appeal, "extend", key), post(chief, appeal, "extend", key)
    assert first.ok()["extended_days"] == 3 and again.ok() == first.json and again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("how", ["transfer", "resolve"])
def test_it_lapses_with_the_matter(world, appeal, staff, chief, how):
    more_time(staff, appeal).ok()
    body = {"outcome": "solved", "text": "已更换路灯。"} if how == "resolve" else \
        {"unit_code": sibling(world, appeal["holder"]["code"]), "reason_code": reason(staff, "transfer")}
    staff.act(appeal, how, body).ok()
    seen = chief.seen(appeal)
    assert seen["request"] is None and handled(seen)[-2:] == ["lapse", how]
    assert waiting(chief, appeal) is None and holds(world, appeal) is True


def test_it_lapses_when_the_time_is_over(world, appeal, chief):
    bend(world, "step_by=UTC_TIMESTAMP(6)+INTERVAL 1 HOUR", appeal)
    staff = holder_of(world, appeal)
    staff.act(appeal, "accept").ok()
    more_time(staff, appeal).ok()
    bend(world, "step_by=NULL,resolve_by=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND", appeal)
    seen = wait_for(lambda: (lambda a: a if a["overdue"] else None)(chief.seen(appeal)))
    assert handled(seen)[-2:] == ["lapse", "overdue"] and waiting(chief, appeal) is None
    more_time(staff, appeal).problem(409, "limit_reached")


def test_it_rests_and_goes_on_by_itself(world, resident, appeal):
    bend(world, "step_by=UTC_TIMESTAMP(6)+INTERVAL 1 HOUR", appeal)
    staff = holder_of(world, appeal)
    staff.act(appeal, "accept").ok()
    chief = world.staff(world.chain(appeal["holder"]["code"])[1])
    before = staff.seen(appeal)
    assert rest(staff, appeal).ok()["suspension"] is None
    row = waiting(chief, appeal)
    assert (row["kind"]["code"], row["days"], row["until"], row["reason"]["code"]) == ("suspension", None, day(5), reason(staff, "suspend"))
    granted = post(chief, appeal, "suspend", until=day(3), text="请每周说明进展。").ok()
    assert granted["suspension"]["until"] == f"{day(4)}T00:00:00+08:00" and granted["suspension"]["reason"]["code"] == reason(staff, "suspend")
    assert lines(granted) == ["held", "pause"] and granted["ledger"][-1]["reason"]["code"] == reason(staff, "suspend")
    mine = resident.own(appeal)
    assert mine["suspension"] == granted["suspension"] and mine["timeline"][-1]["until"] == day(3) and mine["timeline"][-1]["reason"]
    ask(staff, appeal).problem(409, "conflict")
    assert holds(world, appeal) is True

    bend(world, "suspended_until=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND", appeal)
    on = wait_for(lambda: (lambda a: a if not a["suspension"] else None)(staff.seen(appeal)))
    assert lines(on)[1:] == ["pause", "held"] and handled(on)[-1] == "continue"
    assert next(e for e in on["timeline"] if e["action"]["code"] == "continue")["by"]["kind"] == "system"
    assert on["step_by"] >= before["step_by"] and on["ledger"][1]["step_ran_out"] is False
    wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "continue"))


def test_taken_up_again_by_hand_and_twice_at_most(world, appeal, staff, chief):
    for turn in range(2):
        rest(staff, appeal).ok()
        post(chief, appeal, "suspend").ok()
        post(staff, appeal, "request-suspension", reason_code=reason(staff, "suspend"), until=day(9), text="再等。").problem(
            409, "limit_reached" if turn else "conflict")
        on = post(chief if turn else staff, appeal, "continue", text="判决已下。").ok()
        assert on["suspension"] is None and on["timeline"][-1]["action"]["code"] == "continue"
        post(staff, appeal, "continue").problem(409, "conflict")
    rest(staff, appeal).problem(409, "limit_reached")
    assert lines(staff.seen(appeal)) == ["held", "pause", "held", "pause", "held"] and holds(world, appeal) is True


def test_a_suspension_ends_a_question_and_a_move_ends_it(world, resident, appeal, staff, chief):
    ask(staff, appeal).ok()
    rest(staff, appeal).ok()
    post(chief, appeal, "suspend").ok()
    seen = staff.seen(appeal)
    assert seen["question"] is None and lines(seen) == ["held", "pause", "held", "pause"] and actions(seen)[-2:] == ["resume", "suspend"]
    staff.act(appeal, "transfer", {"unit_code": sibling(world, appeal["holder"]["code"]), "reason_code": reason(staff, "transfer")}).ok()
    mine = resident.own(appeal)
    assert mine["suspension"] is None and actions(mine)[-2:] == ["continue", "transfer"] and holds(world, appeal) is True


def test_of_a_department_the_district_decides(world, resident, unmoved):  # noqa: F811
    """It has no way up, and is overseen all the same; at the very top the supervisor decides."""
    department = next(u for u in world.units.values() if u["tier"] == "district" and u["parent_code"])
    top, now = department["parent_code"], resident.submit()
    while now["holder"]["code"] != top:
        holder = holder_of(world, now)
        holder.act(now, "escalate", {"reason_code": reason(holder, "escalate")}).ok()
        now = resident.own(now)
    chief, supervisor = world.staff(top), world.staff(top, "district_supervisor")
    chief.act(now, "accept").ok()
    more_time(chief, now).ok()
    post(chief, now, "extend").problem(403, "forbidden")
    assert waiting(supervisor, now) and post(supervisor, now, "refuse", text="请抓紧。").ok()["request"] is None

    chief.act(now, "delegate", {"unit_code": department["code"]}).ok()
    staff = world.staff(department["code"])
    staff.act(now, "accept").ok()
    rest(staff, now).ok()
    assert waiting(staff, now) is None and waiting(chief, now) and waiting(supervisor, now)
    assert post(supervisor, now, "suspend").ok()["suspension"]
    assert holds(world, now) is True


def test_days_that_can_not_be(appeal, staff, chief):
    rest(staff, appeal, -1).problem(409, "conflict")
    rest(staff, appeal, 92).problem(409, "limit_reached")
    for far, code in (("1969-12-31", "conflict"), ("9999-01-01", "limit_reached")):
        post(staff, appeal, "request-suspension", reason_code=reason(staff, "suspend"), until=far, text="等。").problem(409, code)
    for wrong in ("2026-02-30", "tomorrow!!"):
        post(staff, appeal, "request-suspension", reason_code=reason(staff, "suspend"), until=wrong, text="等。").problem(400, "invalid_request")
    rest(staff, appeal).ok()
    post(chief, appeal, "suspend", until=day(6)).problem(409, "conflict")


def test_what_is_changed_is_found(world, appeal, staff, chief):
    more_time(staff, appeal).ok()
    post(chief, appeal, "extend").ok()
    rest(staff, appeal).ok()
    post(chief, appeal, "suspend").ok()
    for change in ("extended=extended+1", "suspended_by=REPEAT('x',16)", "suspend_reason_id=suspend_reason_id+1", "request=1"):
        column = change.split("=")[0]
        kept = world.sql(f"SELECT COALESCE(HEX({column}),'') FROM appeal WHERE number='{appeal['number']}'")[0][0]
        bend(world, change, appeal)  # with a MAC that holds
        assert holds(world, appeal) is not True, change
        bend(world, f"{column}=X'{kept}'" if column == "suspended_by" else f"{column}=CONV('{kept}',16,10)", appeal)
    assert holds(world, appeal) is True
