"""A unit lead's second pair of eyes: where the category asks for it, the result of anybody else waits for him."""

import time

import pytest
from beijing import day
from forging import bend
from test_main_job import notice_of, wait_for
from test_planned import plan, resolve
from test_questions import actions, holds
from test_staff import holder_of

@pytest.fixture(scope="module")
def category(world):
    """A category whose results are looked at, known to the workers."""
    top = world.sql("SELECT id,code FROM category WHERE parent_id IS NULL AND active=1 ORDER BY id LIMIT 1")[0]
    code = world.sql(f"SELECT code FROM category WHERE parent_id={top[0]} AND active=1 ORDER BY id LIMIT 1")[0][0]

    def let(review):
        world.sql(f"UPDATE category SET review={review} WHERE id={top[0]}; UPDATE setting SET value=value+1 WHERE name='reference_version'")
        time.sleep(3)  # reference data is looked at every two seconds
    let(1)
    yield code
    let(0)


@pytest.fixture
def matter(world, resident, category):
    made = resident.submit(category_code=category)
    bend(world, "step_by=UTC_TIMESTAMP(6)+INTERVAL 1 DAY", made)
    holder_of(world, made).act(made, "accept").ok()
    return made


@pytest.fixture
def staff(world, matter):
    return world.staff(matter["holder"]["code"], "handler")


@pytest.fixture
def lead(world, matter):
    return world.staff(matter["holder"]["code"], "unit_lead")


def test_a_result_waits_for_the_lead(world, resident, matter, staff, lead):
    before = staff.seen(matter)
    proposed = resolve(staff, matter).ok()
    assert proposed["state"] == before["state"] and proposed["version"] == before["version"] and proposed["result"] is None
    event = proposed["timeline"][-1]
    assert proposed["proposal"] == event["n"] and (event["action"]["code"], event["detail"]["code"], event["text"]) == ("propose", "solved", "已处理完毕。")
    assert event["public"] is False and "propose" not in actions(resident.own(matter))
    wait_for(lambda: notice_of(lead, "/zzd/v1", matter, "propose"))
    assert holds(world, matter) is True
    done = resolve(lead, matter).ok()
    assert done["state"]["code"] == "resolved" and done["proposal"] is None and done["outcome"]["code"] == "solved"
    assert holds(world, matter) is True


def test_a_plan_waits_too_and_the_lead_names_the_day(matter, staff, lead):
    proposed = plan(staff, matter).ok()
    assert proposed["timeline"][-1]["detail"]["code"] == "planned" and proposed["planned_for"] is None
    assert plan(lead, matter, 60).ok()["planned_for"] == f"{day(60)}T00:00:00+08:00"


def test_a_better_one_and_the_lead_says_no(world, matter, staff, lead):
    first = resolve(staff, matter).ok()["proposal"]
    assert resolve(staff, matter, "explained").ok()["proposal"] > first
    lead.post(f"/zzd/v1/appeals/{matter['id']}/notes", {"text": "请再到现场看一次。"}).ok()
    again = lead.act(matter, "assign", {"post_id": staff.me["post"]["id"]}).ok()
    assert again["proposal"] is None and again["state"]["code"] == "processing"
    assert resolve(staff, matter).ok()["proposal"] and holds(world, matter) is True


def test_what_is_no_result_is_no_proposal(matter, staff):
    resolve(staff, matter, "unreachable").problem(409, "conflict")
    assert staff.seen(matter)["proposal"] is None


def test_elsewhere_nobody_waits(world, appeal):
    staff = world.staff(appeal["holder"]["code"], "handler")
    staff.act(appeal, "accept").ok()
    assert resolve(staff, appeal).ok()["state"]["code"] == "resolved"
