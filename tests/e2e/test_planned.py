"""What is planned for a day, whom the holder owes a call, a word or a reply, and who asks again after the end."""

import uuid

import pytest
from beijing import day
from forging import bend
from test_main_job import notice_of, seconds_between, wait_for
from test_questions import actions, ask, holds, take_back
from test_requests import post
from test_staff import holder_of, reason

SOON, PAST = "UTC_TIMESTAMP(6)+INTERVAL 1 DAY", "UTC_TIMESTAMP(6)-INTERVAL 1 SECOND"


@pytest.fixture
def staff(world, appeal):
    """Who has accepted the appeal, whose step clock lasts a day."""
    bend(world, f"step_by={SOON}", appeal)
    one = holder_of(world, appeal)
    one.act(appeal, "accept").ok()
    return one


@pytest.fixture
def chief(world, appeal):
    return world.staff(world.chain(appeal["holder"]["code"])[1])


def plan(staff, appeal, days=30, **more):
    return staff.act(appeal, "resolve", {"outcome": "planned", "text": "列入明年改造计划。", "planned_for": day(days), **more})


def resolve(staff, appeal, outcome="solved"):
    return staff.act(appeal, "resolve", {"outcome": outcome, "text": "已处理完毕。"})


def comes(look, appeal, action):
    return wait_for(lambda: (lambda a: a if action in actions(a) else None)(look(appeal)))


# ---- planned ----

def test_planned_told_and_taken_up_again(world, resident, appeal, staff):
    boxes = staff.get("/zzd/v1/boxes").ok()
    planned = plan(staff, appeal).ok()
    assert planned["state"]["code"] == "resolved" and planned["outcome"]["code"] == "planned" and planned["planned_for"] == f"{day(30)}T00:00:00+08:00"
    after = staff.get("/zzd/v1/boxes").ok()
    assert after["planned"] == boxes["planned"] + 1 and after["unrated"] == boxes["unrated"], "counted apart"
    assert appeal["id"] in [a["id"] for a in staff.get("/zzd/v1/appeals?box=planned&limit=100").ok()["items"]]
    mine = resident.own(appeal)
    assert mine["planned_for"] == planned["planned_for"] and mine["timeline"][-1]["until"] == day(30) and {"rate", "reopen"} <= set(mine["allowed"])
    wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "plan"))
    rated = resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": False, "stars": 3}, version=mine["version"]).ok()
    assert rated["state"]["code"] == "closed" and rated["planned_for"] == planned["planned_for"], "a rating ends no promise"
    assert holds(world, appeal) is True

    bend(world, f"planned_for={PAST}", appeal)
    on = comes(resident.own, appeal, "follow_up")
    assert on["state"]["code"] == "accepted" and on["round"] == 2 and on["planned_for"] is None and on["outcome"] is None and on["stars"] is None
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "follow_up"))
    assert resolve(staff, appeal).ok()["outcome"]["code"] == "solved"


def test_not_for_ever(world, resident, appeal, staff):
    for turn in range(3):
        plan(staff, appeal).ok()
        resident.post(f"/zlb/v1/appeals/{appeal['id']}/reopen", {"text": "等不了。"}, version=resident.own(appeal)["version"]).ok()
        bend(world, f"step_by={SOON}", appeal)
    plan(staff, appeal).problem(409, "limit_reached")
    assert holds(world, appeal) is True


def test_days_and_outcomes_that_do_not_fit(appeal, staff):
    def told(answer):
        return {(e["pointer"], e["code"]) for e in answer.problem(400, "invalid_request")["errors"]}
    assert told(staff.act(appeal, "resolve", {"outcome": "planned", "text": "列入计划。"})) == {("/planned_for", "other")}
    assert told(staff.act(appeal, "resolve", {"outcome": "solved", "text": "已修好了。", "planned_for": day(3)})) == {("/planned_for", "other")}
    assert told(plan(staff, appeal, planned_for="2027-02-30")) == {("/planned_for", "other")}
    for days in (-1, 0, 800):
        plan(staff, appeal, days).problem(409, "conflict")
    for far in ("1969-12-31", "9999-12-31"):
        assert "两年之内" in plan(staff, appeal, planned_for=far).problem(409, "conflict")["detail"]


# ---- the first call, and who can't be reached ----

def contact(staff, appeal, outcome="no_answer"):
    return post(staff, appeal, "contacts", outcome=outcome)


def test_the_first_call_is_due(world, appeal, staff):
    assert staff.seen(appeal)["contact_by"]
    bend(world, f"contact_by={PAST}", appeal)
    seen = comes(staff.seen, appeal, "contact_missed")
    assert seen["contact_by"] is None and actions(seen).count("contact_missed") == 1
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "contact_missed"))
    assert holds(world, appeal) is True


def test_a_call_in_time(world, appeal, staff):
    assert contact(staff, appeal).ok()["contact_by"] is None
    staff.act(appeal, "escalate", {"reason_code": reason(staff, "escalate")}).ok()
    above = world.staff(world.chain(appeal["holder"]["code"])[1])
    assert above.seen(appeal)["contact_by"] is None, "not before it is accepted"
    assert above.act(appeal, "accept").ok()["contact_by"], "each holder for itself"


def test_who_reports_danger_is_called_sooner(world, resident):
    burning = resident.submit(text="三楼厨房着火了，烟很大！", category_code=None)
    staff = holder_of(world, burning)
    seen = staff.act(burning, "accept").ok()
    assert seen["urgency"]["code"] == "emergency" and seconds_between(seen["timeline"][-1]["at"], seen["contact_by"]) == 15 * 60


def test_nobody_has_to_call_who_withheld_his_name(world, resident):
    secret = resident.submit(withhold_name=True)
    staff = holder_of(world, secret)
    assert staff.act(secret, "accept").ok()["contact_by"] is None


def test_not_to_be_reached_takes_three_days(world, appeal, staff):
    answer = resolve(staff, appeal, "unreachable")
    assert "三次" in answer.problem(409, "conflict")["detail"]
    for _ in range(3):
        contact(staff, appeal).ok()
    resolve(staff, appeal, "unreachable").problem(409, "conflict")
    one = f"(SELECT id FROM appeal WHERE number='{appeal['number']}')"
    at_other_times = "UPDATE appeal_event SET at=at{}INTERVAL 1+n*25 HOUR WHERE appeal_id=" + one + " AND action=19"
    world.sql(at_other_times.format("+"))
    assert resolve(staff, appeal, "unreachable").ok()["outcome"]["code"] == "unreachable"
    world.sql(at_other_times.format("-"))  # the dossier holds again


# ---- silence ----

def test_silence_brings_one_nudge(world, appeal, staff):
    bend(world, f"silent_by={PAST}", appeal)
    assert actions(comes(staff.seen, appeal, "nudge")).count("nudge") == 1
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "nudge"))
    assert world.sql(f"SELECT silent_by FROM appeal WHERE number='{appeal['number']}'") == [["NULL"]], "once a silence"
    post(staff, appeal, "notes", text="内部。").ok()
    assert world.sql(f"SELECT silent_by FROM appeal WHERE number='{appeal['number']}'") == [["NULL"]], "a note is no word to him"
    post(staff, appeal, "progress", text="电工今天下午到。").ok()
    assert world.sql(f"SELECT silent_by>UTC_TIMESTAMP(6) FROM appeal WHERE number='{appeal['number']}'") == [["1"]]
    assert holds(world, appeal) is True


def test_no_nudge_while_the_clocks_stand_still(world, appeal, staff):
    ask(staff, appeal).ok()
    bend(world, f"silent_by={PAST},contact_by={PAST}", appeal)
    take_back(staff, appeal).ok()
    assert world.sql(f"SELECT silent_by>UTC_TIMESTAMP(6),contact_by>UTC_TIMESTAMP(6) FROM appeal WHERE number='{appeal['number']}'") == [["1", "1"]]
    assert not {"nudge", "contact_missed"} & set(actions(staff.seen(appeal)))


# ---- supervision that wants a reply ----

def test_a_reply_is_owed_and_given(world, appeal, staff, chief):
    post(staff, appeal, "reply", text="没人问。").problem(409, "conflict")
    owed = post(chief, appeal, "supervise", text="请说明。", reply_days=3).ok()
    assert owed["reply_owed"] and owed["reply_by"] and owed["timeline"][-1]["days"] == 3
    post(chief, appeal, "reply", text="不是我。").problem(403, "forbidden")
    done = post(staff, appeal, "reply", text="已约维保单位到场。").ok()
    assert not done["reply_owed"] and done["reply_by"] is None
    wait_for(lambda: notice_of(chief, "/zzd/v1", appeal, "reply"))
    post(staff, appeal, "reply", text="再说一次。").problem(409, "conflict")
    assert holds(world, appeal) is True


def test_a_late_reply_is_told_to_who_wants_it(world, appeal, staff, chief):
    post(chief, appeal, "supervise", reply_days=1).ok()
    bend(world, f"reply_by={PAST}", appeal)
    late = comes(staff.seen, appeal, "reply_late")
    assert late["reply_owed"] and late["reply_by"] is None
    wait_for(lambda: notice_of(chief, "/zzd/v1", appeal, "reply_late"))
    assert not post(staff, appeal, "reply", text="来晚了。").ok()["reply_owed"]
    assert not post(chief, appeal, "supervise", text="只是催一下。").ok()["reply_owed"]


def test_the_result_is_a_reply_too(world, appeal, staff, chief):
    post(chief, appeal, "supervise", reply_days=1).ok()
    assert not resolve(staff, appeal).ok()["reply_owed"] and holds(world, appeal) is True


# ---- asked again after the end ----

def call_back(staff, appeal, outcome="unsatisfied", **more):
    return staff.act(appeal, "callback", {"outcome": outcome, "text": "他说修好又坏了。", **more})


def rate(resident, appeal, solved, stars):
    return resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": solved, "stars": stars}, version=resident.own(appeal)["version"]).ok()


def test_after_a_bad_rating_it_opens_again(world, resident, appeal, staff, chief):
    resolve(staff, appeal).ok()
    call_back(chief, appeal).problem(409, "wrong_state")
    rate(resident, appeal, False, 1)
    assert call_back(chief, appeal, "not_reached").ok()["state"]["code"] == "closed"
    call_back(chief, appeal, "satisfied", reopen=True).problem(400, "invalid_request")
    key = str(uuid.uuid4())
    version = chief.seen(appeal)["version"]
    again = chief.post(f"/zzd/v1/appeals/{appeal['id']}/callback", {"outcome": "unsatisfied", "text": "他说修好又坏了。", "reopen": True}, version, key).ok()
    assert again["state"]["code"] == "accepted" and again["round"] == 2 and again["timeline"][-1]["detail"]["code"] == "unsatisfied"
    mine = resident.own(appeal)
    assert actions(mine)[-1] == "redo" and mine["timeline"][-1]["text"] is None and "callback" not in actions(mine)
    wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "redo"))
    assert holds(world, appeal) is True


def test_who_is_content_is_left_alone(resident, appeal, staff, chief):
    resolve(staff, appeal).ok()
    rate(resident, appeal, True, 5)
    call_back(chief, appeal).problem(409, "conflict")
    call_back(chief, appeal, reopen=True).problem(409, "conflict")
