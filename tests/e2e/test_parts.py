"""Joint handling: the lead calls units in, each does its part, and the matter is resolved when none is left."""

import datetime
import json
import subprocess
import time

import pytest
from beijing import moment
from calm import resident, world  # noqa: F401
from client import SLOW
from conftest import stack
from test_main_job import wait_for
from test_staff import reason, sibling


@pytest.fixture(scope="module")
def here(world):
    return world.place["unit_code"]


@pytest.fixture(scope="module")
def lead(world, here):
    return world.staff(here)


@pytest.fixture(scope="module")
def there(world, here):
    return sibling(world, here)


@pytest.fixture(scope="module")
def counit(world, there):
    return world.staff(there)


@pytest.fixture
def matter(resident, lead):
    appeal = resident.submit()
    lead.act(appeal, "accept", {}).ok()
    return lead.seen(appeal)


def call_in(lead, matter, unit, **more):
    body = {"unit_code": unit, "text": "请派人一起查看楼道里的线。", **more}
    return lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", {k: v for k, v in body.items() if v is not None}).ok(201)


def answer(client, part, outcome="done", text="已查看，线已捆扎。"):
    return client.post(f"/zzd/v1/parts/{part['id']}/answer", {"outcome": outcome, "text": text})


def waive(client, part):
    return client.post(f"/zzd/v1/parts/{part['id']}/waive", {"text": "已由物业一并处理。"})


def resolve(lead, matter):
    return lead.act(matter, "resolve", {"outcome": "solved", "text": "各家的线都整理好了。"})


def verify(world, matter):
    done = world.minhuctl("audit", "verify", "--appeal", matter["number"], check=False)
    return done.returncode, done.stdout


def mine(client):
    """All open parts of the unit, page by page."""
    found, cursor = [], None
    while True:
        page = client.get("/zzd/v1/parts?limit=2" + (f"&cursor={cursor}" if cursor else "")).ok()
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def test_a_part_from_the_call_to_the_end(world, lead, counit, matter, there):
    part = call_in(lead, matter, there)
    assert (part["n"], part["state"]["code"], part["unit"]["code"], part["late"], part["result"]) == (1, "open", there, False, None)
    assert part["due_by"] == matter["resolve_by"]
    assert [item["part"]["id"] for item in mine(counit) if item["appeal"]["id"] == matter["id"]] == [part["id"]]
    seen = lead.seen(matter)
    assert (seen["parts"], seen["parts_left"]) == (1, 1) and "resolve" not in seen["allowed"]
    assert next(a for a in seen["actions"] if a["action"] == "resolve")["why"]
    resolve(lead, matter).problem(409, "conflict")

    done = answer(counit, part).ok()
    assert done["state"]["code"] == "done" and done["result"] == "已查看，线已捆扎。" and done["ended_at"]
    answer(counit, part).problem(409, "conflict")
    assert not [item for item in mine(counit) if item["appeal"]["id"] == matter["id"]]
    assert lead.seen(matter)["parts_left"] == 0
    resolve(lead, matter).ok()
    assert verify(world, matter)[0] == 0


def test_the_unit_called_in_sees_what_its_part_needs(resident, lead, counit, matter, there):
    counit.get(f"/zzd/v1/appeals/{matter['id']}").problem(404, "not_found")
    lead.post(f"/zzd/v1/appeals/{matter['id']}/notes", {"text": "内部备注：先别声张。"}).ok()
    lead.post(f"/zzd/v1/appeals/{matter['id']}/progress", {"text": "已联系各家。"}).ok()
    part = call_in(lead, matter, there)
    seen = counit.seen(matter)
    assert seen["text"] == matter["text"] and seen["place"] == matter["place"]
    assert seen["reporter"] == {"name": None, "phone": None, "withheld": False}
    assert seen["allowed"] == ["part_done", "part_refuse", "part_assign"]
    shown = {e["action"]["code"] for e in seen["timeline"]}
    assert "progress" in shown and not shown & {"note", "cohandle"}
    timeline = counit.get(f"/zzd/v1/appeals/{matter['id']}/timeline").ok()
    assert "先别声张" not in json.dumps(timeline, ensure_ascii=False)
    counit.post(f"/zzd/v1/appeals/{matter['id']}/unmask", {"reason_code": reason(lead, "unmask")}).problem(403, "forbidden")
    assert resident.own(matter)["timeline"][-1]["action"]["code"] == "progress"
    # Waived, it is none of its business any more.
    assert waive(lead, part).ok()["state"]["code"] == "waived"
    counit.get(f"/zzd/v1/appeals/{matter['id']}").problem(404, "not_found")
    answer(counit, part).problem(404, "not_found")
    assert lead.seen(matter)["parts_left"] == 0


def test_the_lead_may_show_the_contact(lead, counit, matter, there):
    call_in(lead, matter, there)
    call_in(lead, matter, there, contact=True)
    seen = counit.seen(matter)
    assert "*" in seen["reporter"]["phone"]
    full = counit.post(f"/zzd/v1/appeals/{matter['id']}/unmask", {"reason_code": reason(lead, "unmask")}).ok()
    assert full["phone"].startswith(seen["reporter"]["phone"][:3])


def test_the_unit_complained_of_must_act_and_sees_nobody(world, resident, here, there, counit):
    made = resident.submit(kind="complain", about_unit_code=there, text="物业把线扔在楼道里没人管。")
    lead = world.staff(made["holder"]["code"])
    lead.act(made, "accept", {}).ok()
    body = {"unit_code": there, "text": "请清理。"}
    lead.post(f"/zzd/v1/appeals/{made['id']}/parts", {**body, "contact": True}).problem(409, "conflict")
    part = lead.post(f"/zzd/v1/appeals/{made['id']}/parts", body).ok(201)
    seen = counit.seen(made)
    assert seen["reporter"] == {"name": None, "phone": None, "withheld": False}
    assert seen["allowed"] == ["part_done", "part_refuse", "part_assign"]
    answer(counit, part).ok()
    assert verify(world, made)[0] == 0


def test_a_refused_part_is_waived_or_asked_of_another(world, lead, counit, matter, there):
    part = call_in(lead, matter, there)
    refused = answer(counit, part, "refused", "线不是我们的。").ok()
    assert refused["state"]["code"] == "refused" and refused["result"] == "线不是我们的。"
    resolve(lead, matter).problem(409, "conflict")
    counit.seen(matter)
    waived = waive(lead, part).ok()
    assert waived["state"]["code"] == "waived" and waived["result"] == "线不是我们的。"
    counit.get(f"/zzd/v1/appeals/{matter['id']}").problem(404, "not_found")
    waive(lead, part).problem(409, "conflict")
    resolve(lead, matter).ok()
    events = [(e["action"]["code"], e["part"], e["text"]) for e in lead.seen(matter)["timeline"] if e["part"]]
    assert [e[:2] for e in events] == [("cohandle", 1), ("part_refuse", 1), ("part_waive", 1)] and events[2][2] == "已由物业一并处理。"
    assert verify(world, matter)[0] == 0


def test_only_whose_part_it_is_answers(world, lead, counit, matter, there, here):
    part = call_in(lead, matter, there)
    third = sibling(world, there) if sibling(world, there) != here else world.chain(here)[1]
    call_in(lead, matter, third)
    other = world.staff(third)
    assert len(other.get(f"/zzd/v1/appeals/{matter['id']}/parts").ok()["items"]) == 2
    answer(other, part).problem(403, "forbidden")
    answer(lead, part).problem(403, "forbidden")
    waive(counit, part).problem(403, "forbidden")


def test_an_organisation_without_an_account(lead, matter):
    part = call_in(lead, matter, None, organisation="某通信公司")
    assert part["unit"] is None and part["organisation"] == "某通信公司"
    lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", {"text": "请整理。"}).problem(400, "invalid_request")
    lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", {"text": "请整理。", "organisation": "某公司", "unit_code": "x"}).problem(400, "invalid_request")
    waive(lead, part).ok()


def test_due_times_lie_within_the_leads_clock(lead, matter, there, here):
    def due(moment):
        return lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", {"unit_code": there, "text": "请查看。", "due_by": moment.isoformat()})

    ends = datetime.datetime.fromisoformat(matter["resolve_by"])
    due(ends + datetime.timedelta(seconds=1)).problem(409, "conflict")
    due(datetime.datetime.fromisoformat(matter["submitted_at"])).problem(409, "conflict")
    sooner = ends - datetime.timedelta(minutes=5)
    assert due(sooner).ok(201)["due_by"] == sooner.isoformat()
    lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", {"unit_code": here, "text": "请查看。"}).problem(409, "conflict")


def test_a_part_is_assigned_inside_its_unit(world, lead, counit, matter, there):
    part = call_in(lead, matter, there)
    handler = world.staff(there, "handler")
    assign = f"/zzd/v1/parts/{part['id']}/assign"
    counit.post(assign, {"post_id": lead.me["post"]["id"]}).problem(409, "conflict")
    handler.post(assign, {"post_id": counit.me["post"]["id"]}).problem(403, "forbidden")
    assert handler.post(assign, {"post_id": handler.me["post"]["id"]}).ok()["assigned"]
    assert counit.post(assign, {"post_id": handler.me["post"]["id"]}).ok()["assigned"]
    assert verify(world, matter)[0] == 0


def test_the_boxes_count_what_is_left_of_others_matters(lead, counit, matter, there):
    def left(client):
        return client.get("/zzd/v1/boxes").ok()["parts"]

    before, others = left(counit), left(lead)
    part = call_in(lead, matter, there)
    assert left(counit) == before + 1 and left(lead) == others
    answer(counit, part).ok()
    assert left(counit) == before


def test_nobody_who_is_away_has_a_part(world, lead, counit, matter, there):
    part = call_in(lead, matter, there)
    handler = world.staff(there, "handler")
    post, own = handler.me["post"]["id"], counit.me["post"]["id"]

    def away(substitute=None):
        body = {"kind": "absence", "post_id": post, "from": moment(), "until": moment(hours=2),
                **({"substitute_post_id": substitute} if substitute else {})}
        return handler.post("/zzd/v1/rota", body).ok(201)["id"]

    def told(action):
        return [n for n in counit.get("/zzd/v1/notices").ok()["items"] if n["appeal"]["id"] == matter["id"] and n["action"]["code"] == action]

    assert handler.post(f"/zzd/v1/parts/{part['id']}/assign", {"post_id": post}).ok()["assigned"]
    first = away(own)
    wait_for(lambda: world.sql(f"SELECT 1 FROM appeal_part WHERE id=0x{part['id'].replace('-', '')} AND assignee_id=0x{own.replace('-', '')}"))
    wait_for(lambda: told("part_assign"))
    assert handler.post(f"/zzd/v1/rota/{first}/end", {}).status == 204
    assert counit.post(f"/zzd/v1/parts/{part['id']}/assign", {"post_id": post}).ok()["assigned"]
    second = away()
    wait_for(lambda: not [p for p in counit.get(f"/zzd/v1/appeals/{matter['id']}/parts").ok()["items"] if p["assigned"]])
    wait_for(lambda: len(told("part_assign")) == 2)
    assert handler.post(f"/zzd/v1/rota/{second}/end", {}).status == 204
    assert verify(world, matter)[0] == 0
    answer(counit, part).ok()


def test_parts_go_along_and_end_with_the_matter(world, resident, lead, counit, matter, there):
    """The next holder leads; withdrawn, nobody has anything left to do."""
    part = call_in(lead, matter, there)
    lead.act(matter, "escalate", {"reason_code": reason(lead, "escalate")}).ok()
    above = world.staff(world.chain(matter["holder"]["code"])[1])
    assert above.seen(matter)["parts_left"] == 1
    assert counit.seen(matter)["state"]["code"] == "submitted"
    resident.post(f"/zlb/v1/appeals/{matter['id']}/withdraw", {}, version=resident.own(matter)["version"]).ok()
    parts = above.get(f"/zzd/v1/appeals/{matter['id']}/parts").ok()["items"]
    assert [(p["id"], p["state"]["code"]) for p in parts] == [(part["id"], "waived")]
    assert not [item for item in mine(counit) if item["appeal"]["id"] == matter["id"]]
    assert verify(world, matter)[0] == 0


def test_units_called_in_are_told(world, lead, counit, matter, there):
    part = call_in(lead, matter, there)
    wait_for(lambda: [n for n in counit.get("/zzd/v1/notices").ok()["items"]
                         if n["appeal"]["id"] == matter["id"] and n["action"]["code"] == "cohandle"])
    answer(counit, part).ok()
    wait_for(lambda: [n for n in lead.get("/zzd/v1/notices").ok()["items"]
                         if n["appeal"]["id"] == matter["id"] and n["action"]["code"] == "part_done"])


def test_the_same_key_calls_in_once(lead, matter, there):
    path, body = f"/zzd/v1/appeals/{matter['id']}/parts", {"unit_code": there, "text": "请查看。"}
    first = lead.post(path, body, key="part-once-" + matter["id"]).ok(201)
    again = lead.post(path, body, key="part-once-" + matter["id"]).ok(201)
    assert again == first and lead.seen(matter)["parts"] == 1


def test_whoever_changes_a_part_past_the_product_is_found(world, lead, counit, matter, there):
    part = call_in(lead, matter, there)
    answer(counit, part).ok()
    row = f"id=UNHEX('{part['id'].replace('-', '')}')"
    kept = world.sql(f"SELECT HEX(mac), event_n, HEX(appeal_id) FROM appeal_part WHERE {row}")[0]
    for tamper, undo in (("result='没办'", "result='已查看，线已捆扎。'"), ("due_by=due_by+INTERVAL 1 DAY", "due_by=due_by-INTERVAL 1 DAY"),
                         ("state=1", "state=2"), ("event_n=event_n-1", f"event_n={kept[1]}"), ("contact=1", "contact=0")):
        assert verify(world, matter)[0] == 0
        world.sql(f"UPDATE appeal_part SET {tamper} WHERE {row}")
        code, out = verify(world, matter)
        assert code == 1 and "part" in out, tamper
        world.sql(f"UPDATE appeal_part SET {undo} WHERE {row}")
    world.sql(f"CREATE TABLE part_kept AS SELECT * FROM appeal_part WHERE {row}; DELETE FROM appeal_part WHERE {row}")
    assert verify(world, matter)[0] == 1
    # What the server computes by itself is given back with the rest, and not taken: only strict mode minds.
    world.sql("SET sql_mode=''; INSERT INTO appeal_part SELECT * FROM part_kept; DROP TABLE part_kept")
    assert verify(world, matter)[0] == 0


# ---- late ----

def late_told(client, matter):
    return [n for n in client.get("/zzd/v1/notices?limit=100").ok()["items"] if n["appeal"] and n["appeal"]["id"] == matter["id"] and n["action"]["code"] == "part_late"]


def late_parts(lead, matter):
    return [e["part"] for e in lead.seen(matter)["timeline"] if e["action"]["code"] == "part_late"]


def test_a_late_part_is_told_once(world, resident, lead, counit, matter, there):
    """To its unit and the lead; not to the resident, nor of what was done or waived in time."""
    before = counit.get("/zzd/v1/boxes").ok()["parts_late"]
    late, done, waived = (call_in(lead, matter, there, due_by=moment(seconds=2 + SLOW)) for _ in range(3))
    later = call_in(lead, matter, there)
    answer(counit, done).ok()
    waive(lead, waived).ok()
    wait_for(lambda: late_parts(lead, matter))
    for client in (lead, counit):
        wait_for(lambda c=client: late_told(c, matter))
    assert counit.get("/zzd/v1/boxes").ok()["parts_late"] == before + 1
    assert [item["part"]["late"] for item in mine(counit) if item["part"]["id"] in (late["id"], later["id"])] == [True, False]
    world.minhu_jobs_once()
    assert late_parts(lead, matter) == [late["n"]] and len(late_told(lead, matter)) == len(late_told(counit, matter)) == 1
    assert "part_late" not in {e["action"]["code"] for e in resident.own(matter)["timeline"]} and verify(world, matter)[0] == 0
    answer(counit, late).ok()
    assert counit.get("/zzd/v1/boxes").ok()["parts_late"] == before
    waive(lead, later).ok()


def test_a_late_part_without_an_account_is_told_to_the_lead(world, lead, matter):
    part = call_in(lead, matter, None, organisation="云岚电信", due_by=moment(seconds=1))
    wait_for(lambda: late_told(lead, matter))
    assert late_parts(lead, matter) == [part["n"]] and verify(world, matter)[0] == 0


def test_two_processes_tell_of_late_parts_once(world, lead, counit, matter, there):
    """More than one look takes of one matter, all at the same time."""
    stack("stop", world.folder, "jobs")
    try:
        at = moment(seconds=2 + SLOW)
        parts = [call_in(lead, matter, there, due_by=at)["n"] for _ in range(7)]
        time.sleep(2.5 + SLOW)
        command = [f"{world.build}/minhu-jobs", "--config", f"{world.folder}/minhu.conf", "--once"]
        for job in [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]:
            job.wait()
    finally:
        stack("start", world.folder, "jobs")
    wait_for(lambda: len(late_parts(lead, matter)) >= len(parts))
    world.minhu_jobs_once()
    assert sorted(late_parts(lead, matter)) == parts and verify(world, matter)[0] == 0


def test_a_new_due_time_counts_anew(world, lead, counit, matter, there):
    """As a pause moves it: what is told is that this due time has passed."""
    part = call_in(lead, matter, there, due_by=moment(seconds=1))
    wait_for(lambda: late_parts(lead, matter))
    row = f"id=UNHEX('{part['id'].replace('-', '')}')"
    world.sql(f"UPDATE appeal_part SET due_by=due_by+INTERVAL 1 MICROSECOND WHERE {row}")
    wait_for(lambda: late_parts(lead, matter) == [part["n"]] * 2)
    assert world.sql(f"SELECT told_due=due_by, wake_at FROM appeal_part WHERE {row}") == [["1", "NULL"]]
