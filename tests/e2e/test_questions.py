"""A question to the resident: the clocks stand still until he answers, or for so long as the district allows; here for five seconds."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_main_job import notice_of, seconds_between, wait_for
from test_open import order, post
from test_staff import holder_of, reason, sibling

ANSWER_WITHIN = 5  # conftest.SUITE


def ask(staff, appeal, text="请问是几单元？", key=None):
    return staff.post(f"/zzd/v1/appeals/{appeal['id']}/ask", {"text": text}, key=key)


def answer(resident, appeal, text="三单元。", key=None):
    return resident.post(f"/zlb/v1/appeals/{appeal['id']}/answer", {"text": text}, key=key)


def take_back(staff, appeal):
    return staff.post(f"/zzd/v1/appeals/{appeal['id']}/withdraw-question", {})


def actions(appeal):
    return [event["action"]["code"] for event in appeal["timeline"]]


def lines(appeal):
    """The ledger's kinds, after a look at whether its lines join."""
    ledger = appeal["ledger"]
    assert all(line["ends_at"] == after["starts_at"] for line, after in zip(ledger, ledger[1:]))
    assert all(line["wall_seconds"] == seconds_between(line["starts_at"], line["ends_at"]) for line in ledger if line["ends_at"])
    return [line["kind"] for line in ledger]


def holds(world, appeal):
    done = world.minhuctl("audit", "verify", "--appeal", appeal["number"], check=False)
    return done.returncode == 0 or done.stdout + done.stderr


@pytest.fixture
def staff(world, appeal):
    """Who has accepted the appeal."""
    one = holder_of(world, appeal)
    one.act(appeal, "accept").ok()
    return one


def test_asked_seen_and_answered(world, resident, appeal, staff):
    before = staff.seen(appeal)
    asked = ask(staff, appeal).ok()
    assert asked["question"]["text"] == "请问是几单元？" and seconds_between(asked["question"]["asked_at"], asked["question"]["answer_by"]) in (ANSWER_WITHIN, ANSWER_WITHIN + 1)
    assert asked["version"] == before["version"] and asked["state"] == before["state"], "it moves nothing"
    assert lines(asked) == ["held", "pause"] and asked["ledger"][-1]["unit"] == appeal["holder"]
    possible = {a["action"]: a for a in asked["actions"]}
    assert possible["resume"]["allowed"] and not possible["ask_resident"]["allowed"] and possible["ask_resident"]["why"]

    mine = resident.own(appeal)
    assert mine["question"] == asked["question"] and "answer" in mine["allowed"]
    assert mine["timeline"][-1]["text"] == "请问是几单元？" and mine["timeline"][-1]["by"] == {"kind": "staff", "unit": appeal["holder"]}
    wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "ask_resident"))
    done = answer(resident, appeal, "三单元，我的电话是 13812345678。").ok()
    assert done["question"] is None and "answer" not in done["allowed"] and done["version"] == before["version"]
    assert done["timeline"][-1]["action"]["code"] == "answer" and "13812345678" not in done["timeline"][-1]["text"]

    seen = staff.seen(appeal)
    assert lines(seen) == ["held", "pause", "held"]
    pause = seen["ledger"][1]
    assert seconds_between(before["step_by"], seen["step_by"]) == pause["wall_seconds"], "what was left of the step is left"
    assert (seen["resolve_by"] > before["resolve_by"]) == (pause["working_seconds"] > 0), "resolve_by is in working time"
    assert "三单元" in seen["timeline"][-1]["text"]
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "answer"))
    assert holds(world, appeal) is True


def test_silence_goes_on_too(world, resident, appeal, staff):
    until = ask(staff, appeal).ok()["question"]["answer_by"]
    on = wait_for(lambda: (lambda a: a if not a["question"] else None)(staff.seen(appeal)), 30)
    assert on["holder"] == appeal["holder"], "the step clock of four seconds does not run out in a pause of five"
    assert [a for a in actions(on) if a in ("ask_resident", "remind", "resume", "answer")] == ["ask_resident", "remind", "resume"]
    assert on["timeline"][-1]["by"] == {"kind": "system", "unit": None} or actions(on)[-1] != "resume"
    half = seconds_between(on["ledger"][1]["starts_at"], next(e["at"] for e in on["timeline"] if e["action"]["code"] == "remind"))
    assert 2 <= half <= ANSWER_WITHIN
    assert lines(on)[:3] == ["held", "pause", "held"]
    assert seconds_between(on["ledger"][1]["ends_at"], until) in (0, 1), "it ends with its time, however late that is noticed"
    for action in ("remind", "resume"):
        wait_for(lambda action=action: notice_of(resident, "/zlb/v1", appeal, action))
    wait_for(lambda: notice_of(staff, "/zzd/v1", appeal, "resume"))
    answer(resident, appeal).problem(409, "conflict")

    up = wait_for(lambda: (lambda a: a if a["holder"] != appeal["holder"] else None)(resident.own(appeal)), 30)
    assert lines(up)[:4] == ["held", "pause", "held", "held"] and up["ledger"][2]["step_ran_out"] is True
    held = up["ledger"][0]["wall_seconds"] + up["ledger"][2]["wall_seconds"]
    assert held >= 4 and up["ledger"][1]["step_ran_out"] is False, "all of the step was given"
    assert holds(world, appeal) is True


def test_one_at_a_time_and_three_in_a_round(world, resident, appeal, staff):
    for _ in range(3):
        ask(staff, appeal).ok()
        ask(staff, appeal).problem(409, "conflict")
        answer(resident, appeal).ok()
        answer(resident, appeal).problem(409, "conflict")
    ask(staff, appeal).problem(409, "limit_reached")
    assert lines(resident.own(appeal)) == ["held", "pause"] * 3 + ["held"] and holds(world, appeal) is True


def test_not_before_it_is_accepted_nor_after_the_answer(world, resident, appeal):
    staff = holder_of(world, appeal)
    ask(staff, appeal).problem(409, "wrong_state")
    answer(resident, appeal).problem(409, "wrong_state")
    take_back(staff, appeal).problem(409, "wrong_state")
    staff.act(appeal, "accept").ok()
    answer(resident, appeal).problem(409, "conflict")
    take_back(staff, appeal).problem(409, "conflict")
    staff.act(appeal, "resolve", {"outcome": "solved", "text": "已更换路灯。"}).ok()
    ask(staff, appeal).problem(409, "wrong_state")


def test_strangers_neither_ask_nor_answer(world, other_resident, appeal, staff):
    stranger = world.staff(sibling(world, appeal["holder"]["code"]))
    ask(stranger, appeal).problem(404, "not_found")
    ask(staff, appeal).ok()
    answer(other_resident, appeal).problem(404, "not_found")
    take_back(stranger, appeal).problem(404, "not_found")


def test_all_faults_of_a_question_are_told(resident, appeal, staff):
    for body in ({}, {"text": ""}, {"text": "问" * 1001}, {"text": "好", "until": "2030-01-01"}):
        staff.post(f"/zzd/v1/appeals/{appeal['id']}/ask", body).problem(400, "invalid_request")
        resident.post(f"/zlb/v1/appeals/{appeal['id']}/answer", body).problem(400, "invalid_request")


def test_of_many_at_once_one_asks_and_one_answers(world, resident, appeal, staff):
    with ThreadPoolExecutor(12) as pool:
        asked = list(pool.map(lambda n: ask(staff, appeal, f"第 {n} 问").status, range(12)))
        answered = list(pool.map(lambda n: answer(resident, appeal, f"第 {n} 答").status, range(12)))
    for statuses in (asked, answered):
        assert statuses.count(200) == 1 and set(statuses) <= {200, 409, 503}, statuses
    after = staff.seen(appeal)
    assert [actions(after).count(a) for a in ("ask_resident", "answer")] == [1, 1] and lines(after) == ["held", "pause", "held"]
    assert holds(world, appeal) is True


def test_the_same_key_asks_and_answers_once(resident, appeal, staff):
    key = str(uuid.uuid4())
    first, again = ask(staff, appeal, key=key), ask(staff, appeal, key=key)
    assert first.ok()["question"] == again.ok()["question"] and again.headers["idempotent-replayed"] == "true"
    first, again = answer(resident, appeal, key=key), answer(resident, appeal, key=key)
    assert first.ok()["timeline"] == again.ok()["timeline"]


def test_taken_back_the_clocks_run_on(world, resident, appeal, staff):
    before = ask(staff, appeal).ok()
    after = take_back(staff, appeal).ok()
    assert after["question"] is None and after["version"] == before["version"] and lines(after) == ["held", "pause", "held"]
    assert after["timeline"][-1]["action"]["code"] == "resume" and after["timeline"][-1]["by"]["kind"] == "staff"
    wait_for(lambda: notice_of(resident, "/zlb/v1", appeal, "resume"))
    assert holds(world, appeal) is True


def by_transfer(world, resident, appeal, staff):
    staff.act(appeal, "transfer", {"unit_code": sibling(world, appeal["holder"]["code"]), "reason_code": reason(staff, "transfer")}).ok()


def by_classifying(world, resident, appeal, staff):
    other = next(c["code"] for c in staff.get("/zzd/v1/categories").ok()["items"] if c["code"].startswith("noise.work"))
    assert staff.act(appeal, "classify", {"category_code": other}).ok()["holder"] != appeal["holder"]


def by_result(world, resident, appeal, staff):
    staff.act(appeal, "resolve", {"outcome": "solved", "text": "已更换路灯。"}).ok()


def by_withdrawal(world, resident, appeal, staff):
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/withdraw", {}, version=resident.own(appeal)["version"]).ok()


@pytest.mark.parametrize("end, action", [(by_transfer, "transfer"), (by_classifying, "classify"), (by_result, "resolve"), (by_withdrawal, "withdraw")])
def test_a_move_or_the_end_ends_the_question(world, resident, appeal, staff, end, action):
    ask(staff, appeal).ok()
    end(world, resident, appeal, staff)
    after = resident.own(appeal)
    ends = [a for a in ("resume", action) if a != "classify"]  # which is internal
    assert after["question"] is None and actions(after)[-len(ends):] == ends
    assert lines(after)[:3] == ["held", "pause", "held"] and after["ledger"][2]["wall_seconds"] == 0
    assert holds(world, appeal) is True


def test_what_goes_on_meanwhile(world, resident, appeal, staff):
    """Whoever works on it, adds to it or presses may do so; the question stays open."""
    ask(staff, appeal).ok()
    staff.act(appeal, "assign", {"post_id": staff.me["post"]["id"]}).ok()
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/notes", {"text": "等居民答复。"}).ok()
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/supplement", {"text": "补充：门牌坏了。"}).ok()
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/urge", {}).ok()
    assert staff.seen(appeal)["question"] and answer(resident, appeal).ok()["state"]["code"] == "processing"
    assert holds(world, appeal) is True


def test_a_new_round_has_its_own_questions(resident, appeal, staff):
    for _ in range(3):
        ask(staff, appeal).ok()
        take_back(staff, appeal).ok()
    by_result(None, resident, appeal, staff)
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/reopen", {"text": "还是不亮。"}, version=resident.own(appeal)["version"]).ok()
    assert ask(staff, appeal).ok()["question"]


def test_what_is_changed_in_a_question_is_found(world, resident, appeal, staff):
    """The pause's line, who granted it, and what is open: each is proved."""
    ask(staff, appeal).ok()
    answer(resident, appeal).ok()
    one = f"(SELECT id FROM appeal WHERE number='{appeal['number']}')"
    for table, column, value in (("ledger_line", "granted_by", "REPEAT('x',16)"), ("ledger_line", "kind", "1"), ("ledger_line", "ends_at", "ends_at-INTERVAL 1 SECOND")):
        kept = world.sql(f"SELECT COALESCE(HEX({column}),'') FROM {table} WHERE appeal_id={one} AND n=2") if column == "granted_by" else \
            world.sql(f"SELECT {column} FROM {table} WHERE appeal_id={one} AND n=2")
        world.sql(f"UPDATE {table} SET {column}={value} WHERE appeal_id={one} AND n=2")
        assert holds(world, appeal) is not True, f"{table}.{column} was changed unseen"
        back = f"X'{kept[0][0]}'" if column == "granted_by" else f"'{kept[0][0]}'"
        world.sql(f"UPDATE {table} SET {column}={back} WHERE appeal_id={one} AND n=2")
    assert holds(world, appeal) is True


def test_an_order_is_answered_by_who_posted_it(world):
    party = world.third_party("questions", "property", "post,read,feed", "--per-minute", "100000")
    made = post(party, order(world, reporter_phone=None, reporter_name=None)).ok(201)
    staff = world.staff(made["holder"]["code"])
    staff.act(made, "accept").ok()
    ask(staff, made, "漏水点在哪一层？").ok()
    seen = party.get(f"/open/v1/appeals/{made['id']}").ok()
    assert seen["question"]["text"] == "漏水点在哪一层？" and "answer" in seen["allowed"]
    party.post(f"/open/v1/appeals/{made['id']}/answer", {"text": "B2 层。"}).problem(400, "idempotency_key_required")
    done = party.post(f"/open/v1/appeals/{made['id']}/answer", {"text": "B2 层。"}, key=str(uuid.uuid4())).ok()
    assert done["question"] is None and lines(done) == ["held", "pause", "held"]
    party.post(f"/open/v1/appeals/{made['id']}/answer", {"text": "B2 层。"}, key=str(uuid.uuid4())).problem(409, "conflict")

    def told():
        return {"ask_resident", "answer"} <= {c["action"]["code"] if isinstance(c["action"], dict) else c["action"] for c in party.get("/open/v1/changes?limit=100").ok()["items"]}
    wait_for(told)
