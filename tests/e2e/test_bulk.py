"""One action on many appeals: each by itself, with its own result; the whole once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_races import Session, sql_id, unmoved  # noqa: F401 (a fixture)
from test_staff import holder_of, reason, sibling

pytestmark = pytest.mark.usefixtures("unmoved")


def bulk(staff, action, appeals, key=None, **members):
    items = [{"appeal_id": a["id"], "version": a["version"]} for a in appeals]
    return staff.post("/zzd/v1/appeals/bulk", {"action": action, "items": items, **members}, key=key or str(uuid.uuid4()))


def outcomes(answer):
    return [r["code"] or r["status"] for r in answer["results"]]


def actions(world, appeal):
    return [row[0] for row in world.sql(f"SELECT action FROM appeal_event WHERE appeal_id={sql_id(appeal)} ORDER BY n")]


@pytest.fixture
def three(resident):
    return [resident.submit() for _ in range(3)]


def test_accepted_assigned_transferred(world, three):
    staff = holder_of(world, three[0])
    done = bulk(staff, "accept", three).ok()
    assert (done["done"], done["failed"], outcomes(done)) == (3, 0, [200] * 3) and [r["appeal_id"] for r in done["results"]] == [a["id"] for a in three]
    now = [staff.seen(a) for a in three]
    assert [a["state"]["code"] for a in now] == ["accepted"] * 3 and [a["version"] for a in now] == [r["version"] for r in done["results"]]
    tag = done["results"][0]["etag"]
    assert staff.send("GET", f"/zzd/v1/appeals/{three[0]['id']}", headers={"If-None-Match": tag}).status == 304, "as the appeal's own"

    handler = world.staff(three[0]["holder"]["code"], "handler").me["post"]["id"]
    assert outcomes(bulk(staff, "assign", now, post_id=handler).ok()) == [200] * 3
    now = [staff.seen(a) for a in three]
    assert {a["assignee_post_id"] for a in now} == {handler}

    there = sibling(world, three[0]["holder"]["code"])
    moved = bulk(staff, "transfer", now, unit_code=there, reason_code=reason(staff, "transfer"), text="归你处管。").ok()
    assert moved["done"] == 3 and {world.staff(there).seen(a)["holder"]["code"] for a in three} == {there}


def test_each_by_itself(world, resident, other_resident, three):
    """What one may not see, what is stale, what is in the wrong state: told for each, and no hindrance to the others."""
    staff = holder_of(world, three[0])
    staff.act(three[0], "accept").ok()
    accepted = staff.seen(three[0])
    noise = resident.submit(category_code="noise.work")
    assert noise["holder"]["code"] != three[0]["holder"]["code"]
    absent = {"id": str(uuid.uuid4()), "version": 1}
    done = bulk(staff, "accept", [three[0], accepted, noise, absent][1:] + three[1:]).ok()
    assert outcomes(done) == ["wrong_state", "not_found", "not_found", 200, 200] and (done["done"], done["failed"]) == (2, 3)
    assert all(r["detail"] and r["version"] is r["etag"] is None for r in done["results"][:3])
    assert {k: v for k, v in done["results"][1].items() if k != "appeal_id"} == {k: v for k, v in done["results"][2].items() if k != "appeal_id"}
    stale = bulk(staff, "assign", [three[0], three[1]], post_id=staff.me["post"]["id"]).ok()
    assert outcomes(stale) == ["version_mismatch"] * 2


def test_a_handler_transfers_nothing_and_an_administrator_sees_nothing(world, three):
    handler, lead = world.staff(three[0]["holder"]["code"], "handler"), holder_of(world, three[0])
    how = {"unit_code": sibling(world, three[0]["holder"]["code"]), "reason_code": reason(lead, "transfer")}
    assert outcomes(bulk(handler, "transfer", three, **how).ok()) == ["forbidden"] * 3
    back = bulk(lead, "transfer", three, unit_code=three[0]["holder"]["code"], reason_code=how["reason_code"]).ok()
    assert outcomes(back) == ["conflict"] * 3 and "已经在该单位" in back["results"][0]["detail"]
    stranger = world.staff(how["unit_code"])
    assert outcomes(bulk(stranger, "accept", three).ok()) == ["not_found"] * 3


def test_faults_are_told_before_anything_is_done(world, three):
    staff = holder_of(world, three[0])

    def told(answer):
        return {(e["pointer"], e["code"]) for e in answer.problem(400, "invalid_request")["errors"]}
    assert told(bulk(staff, "accept", [*three, three[1], three[0]])) == {("/items/3/appeal_id", "duplicate"), ("/items/4/appeal_id", "duplicate")}
    assert told(bulk(staff, "assign", three)) == {("/post_id", "other")}
    assert told(bulk(staff, "transfer", three, post_id=three[0]["id"])) == {("/post_id", "other"), ("/unit_code", "other"), ("/reason_code", "other")}
    assert told(bulk(staff, "transfer", three, unit_code="no-such", reason_code=reason(staff, "transfer"))) == {("/unit_code", "other")}
    many = [{"id": str(uuid.uuid4()), "version": 1} for _ in range(101)]
    assert told(bulk(staff, "accept", many)) == {("/items", "too_many")}
    assert bulk(staff, "accept", many[:100]).ok()["failed"] == 100
    staff.post("/zzd/v1/appeals/bulk", {"action": "accept", "items": [{"appeal_id": three[0]["id"], "version": 1}]}).problem(400, "idempotency_key_required")
    assert all(actions(world, a) == ["1"] for a in three)


def test_the_same_key_is_the_same_answer(world, three):
    staff, key = holder_of(world, three[0]), str(uuid.uuid4())
    first = bulk(staff, "accept", three, key)
    staff.act(three[0], "assign", {"post_id": staff.me["post"]["id"]}).ok()
    again = bulk(staff, "accept", three, key)
    assert first.ok() == again.ok() and again.headers["idempotent-replayed"] == "true" and "idempotent-replayed" not in first.headers
    bulk(staff, "accept", three[:2], key).problem(422, "idempotency_key_reused")
    assert [actions(world, a) for a in three] == [["1", "2", "4"], ["1", "2"], ["1", "2"]]


def test_what_was_cut_off_goes_on(world, three):
    """Somebody is at the second: the others are done, the whole isn't. Repeated, the second is done, and nothing twice."""
    staff, key = holder_of(world, three[0]), str(uuid.uuid4())
    with Session(world) as other:
        other.run(f"BEGIN; SELECT 1 FROM appeal WHERE id={sql_id(three[1])} FOR UPDATE")
        busy = bulk(staff, "accept", three, key)
        assert "同一幂等键" in busy.problem(503, "unavailable")["detail"] and int(busy.headers["retry-after"]) >= 1
        other.run("ROLLBACK")
    assert [actions(world, a) for a in three] == [["1", "2"], ["1"], ["1", "2"]]
    bulk(staff, "accept", three[:1], key).problem(422, "idempotency_key_reused")
    on = bulk(staff, "accept", three, key)
    assert outcomes(on.ok()) == [200] * 3 and "idempotent-replayed" not in on.headers
    assert on.json["results"][0]["version"] == staff.seen(three[0])["version"]
    assert [actions(world, a) for a in three] == [["1", "2"]] * 3
    assert bulk(staff, "accept", three, key).json == on.json


def test_twins_do_it_once(world, resident):
    appeals = [resident.submit() for _ in range(10)]
    staff, key = holder_of(world, appeals[0]), str(uuid.uuid4())
    with ThreadPoolExecutor(6) as pool:
        answers = [a.ok() for a in pool.map(lambda _: bulk(staff, "accept", appeals, key), range(6))]
    assert all(a == answers[0] for a in answers) and answers[0]["done"] == 10
    assert all(actions(world, a) == ["1", "2"] for a in appeals)


def test_merged_into_one(world, resident, other_resident, three):
    """What names itself, or a lead that isn't there, is told for each."""
    staff, lead = holder_of(world, three[0]), other_resident.submit()
    done = bulk(staff, "merge", [*three, lead], lead_id=lead["id"], text="同一件事。").ok()
    assert outcomes(done) == [200] * 3 + ["conflict"] and {staff.seen(a)["lead"]["id"] for a in three} == {lead["id"]}
    assert outcomes(bulk(staff, "merge", [lead], lead_id=str(uuid.uuid4())).ok()) == ["invalid_request"]
    errors = bulk(staff, "merge", [lead]).problem(400, "invalid_request")["errors"]
    assert [e["pointer"] for e in errors] == ["/lead_id"]
