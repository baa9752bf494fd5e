"""Where two things meet: a clock that ran out unseen, a person who acts from above, twins."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import stack
from test_staff import holder_of


def sql_id(appeal):
    return "UNHEX('" + appeal["id"].replace("-", "") + "')"


@pytest.fixture
def still(world, appeal):
    """The jobs rest, so that no clock moves the appeal."""
    stack("stop", world.folder, "jobs")
    yield appeal
    stack("start", world.folder, "jobs")


def test_a_late_answer_is_late_though_no_job_saw_it(world, resident, still):
    staff = holder_of(world, still)
    staff.act(still, "accept").ok()
    world.sql(f"UPDATE appeal SET resolve_by=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND WHERE id={sql_id(still)}")
    done = staff.act(still, "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
    assert done["overdue"] is True
    assert [e["action"]["code"] for e in done["timeline"]][-2:] == ["overdue", "resolve"]
    assert resident.own(still)["overdue"] is True
    code = world.minhuctl("audit", "verify", check=False)
    assert code.returncode == 0, code.stdout + code.stderr


def test_who_urges_from_above_stops_no_clock(world, still):
    boss = world.staff(world.chain(still["holder"]["code"])[-1], "district_supervisor", "unit_lead")
    world.sql(f"UPDATE appeal SET step_by=UTC_TIMESTAMP(6)+INTERVAL 1 HOUR WHERE id={sql_id(still)}")
    before = boss.seen(still)["step_by"]
    urged = boss.post(f"/zzd/v1/appeals/{still['id']}/supervise", {"text": "请尽快办理"}).ok()
    assert before and urged["step_by"] == before


def test_a_post_that_is_ending_gets_nothing(world, still):
    unit = still["holder"]["code"]
    staff, handler = world.staff(unit), world.staff(unit, "handler", nth=1)
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
