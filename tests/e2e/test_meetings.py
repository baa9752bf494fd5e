"""Meetings and site visits: who was invited and came, what was decided, what the resident is told."""

import json

from beijing import moment
from test_main_job import wait_for
from test_parts import counit, here, lead, matter, resident, there, verify, world  # noqa: F401

GUEST = {"organisation": "云岚电信", "name": "周工程师", "role": "网络部"}


def call(client, appeal, invited, **more):
    body = {"at": moment(hours=2), "place": "物业会议室", "agenda": "商定飞线整治办法。", "invited": invited, **more}
    return client.post(f"/zzd/v1/appeals/{appeal['id']}/meetings", body)


def minutes(client, meeting, came, **more):
    return client.post(f"/zzd/v1/meetings/{meeting['id']}/minutes", {"text": "各家确认线路，同意统一入槽。", "came": came, **more})


def visit(client, appeal, **more):
    body = {"at": moment(hours=-1), "place": "3 幢", "text": "一至六层共 12 处飞线。", "came": [GUEST], **more}
    return client.post(f"/zzd/v1/appeals/{appeal['id']}/visits", body)


def meetings(client, appeal):
    return client.get(f"/zzd/v1/appeals/{appeal['id']}/meetings").ok()["items"]


def test_a_meeting_from_the_call_to_its_parts(world, resident, lead, counit, matter, there):  # noqa: F811
    meeting = call(lead, matter, [{"unit_code": there, "role": "主任"}, GUEST]).ok(201)
    assert (meeting["n"], meeting["held"], meeting["kind"]["code"], meeting["came"]) == (1, False, "meeting", [])
    assert [(p["unit"] and p["unit"]["code"], p["name"]) for p in meeting["invited"]] == [(there, None), (None, "周工程师")]
    wait_for(lambda: [n for n in counit.get("/zzd/v1/notices").ok()["items"] if n["appeal"]["id"] == matter["id"] and n["action"]["code"] == "meeting_call"])
    decisions = [{"text": "清理废弃线缆", "unit_code": there, "as_part": True}, {"text": "每周巡查", "organisation": "云岚物业", "due_by": moment(days=30)}]
    held = minutes(lead, meeting, [GUEST], decisions=decisions, public_text="已开会商定，统一整理线路。").ok()
    assert held["held"] and held["invited"] == meeting["invited"] and [p["organisation"] for p in held["came"]] == ["云岚电信"]
    assert [(d["part"], d["unit"] and d["unit"]["code"], d["organisation"]) for d in held["decisions"]] == [(1, there, None), (None, None, "云岚物业")]
    assert meetings(lead, matter) == [held] and meetings(counit, matter) == [held]
    parts = lead.get(f"/zzd/v1/appeals/{matter['id']}/parts").ok()["items"]
    assert [p["text"] for p in parts] == ["清理废弃线缆"]
    shown = resident.own(matter)["timeline"][-1]
    assert (shown["action"]["code"], shown["text"]) == ("meeting_held", "已开会商定，统一整理线路。")
    minutes(lead, meeting, [GUEST]).problem(409, "conflict")
    assert lead.seen(matter)["meetings"] == 1 and verify(world, matter)[0] == 0


def test_a_site_visit_and_what_the_resident_is_told(world, resident, lead, matter):  # noqa: F811
    made = visit(lead, matter).ok(201)
    assert made["kind"]["code"] == "visit" and made["held"] and made["text"] == "一至六层共 12 处飞线。"
    assert "site_visit" not in [e["action"]["code"] for e in resident.own(matter)["timeline"]]
    visit(lead, matter, public_text="已到现场查看。").ok(201)
    last = resident.own(matter)["timeline"][-1]
    assert (last["action"]["code"], last["text"]) == ("site_visit", "已到现场查看。")
    assert "飞线" not in json.dumps(resident.own(matter)["timeline"], ensure_ascii=False)
    assert [m["n"] for m in meetings(lead, matter)] == [1, 2] and verify(world, matter)[0] == 0


def test_what_is_no_meeting(lead, counit, matter, there):  # noqa: F811
    call(lead, matter, [GUEST], at=moment(hours=-1)).problem(409, "conflict")
    call(lead, matter, [GUEST], at=moment(days=367)).problem(409, "conflict")
    call(lead, matter, [GUEST], at="9999-12-31T16:00:00Z").problem(400, "invalid_request")  # the year 10000 in Beijing
    visit(lead, matter, at=moment(hours=1)).problem(409, "conflict")
    faults = call(lead, matter, [{"unit_code": "no-such"}, {"role": "主任"}, {"unit_code": there, "organisation": "某公司"},
                                 {"unit_code": there, "name": "王主任"}]).problem(400, "invalid_request")
    assert {e["pointer"] for e in faults["errors"]} == {"/invited/0/unit_code", "/invited/1/unit_code", "/invited/2/unit_code", "/invited/3/name"}
    call(counit, matter, [GUEST]).problem(404, "not_found")
    meeting = call(lead, matter, [GUEST]).ok(201)
    # A decision that can't become a part takes the minutes with it.
    late = [{"text": "清理", "unit_code": there, "as_part": True}, {"text": "清理", "unit_code": there, "as_part": True, "due_by": moment(days=400)}]
    minutes(lead, meeting, [GUEST], decisions=late).problem(409, "conflict")
    assert lead.seen(matter)["parts"] == 0 and not meetings(lead, matter)[0]["held"]


def test_names_are_sealed_in_the_row(world, lead, matter):  # noqa: F811
    meeting = call(lead, matter, [GUEST]).ok(201)
    row = world.sql(f"SELECT HEX(people) FROM appeal_meeting WHERE id=UNHEX('{meeting['id'].replace('-', '')}')")[0][0]
    assert "周工程师".encode().hex().upper() not in row


def test_whoever_changes_a_meeting_past_the_product_is_found(world, lead, matter):  # noqa: F811
    meeting = call(lead, matter, [GUEST]).ok(201)
    minutes(lead, meeting, [GUEST]).ok()
    row = f"id=UNHEX('{meeting['id'].replace('-', '')}')"
    for tamper, undo in (("minutes=CONCAT(minutes,'。')", "minutes='各家确认线路，同意统一入槽。'"), ("decisions='[]  '", "decisions='[]'"),
                         ("starts_at=starts_at+INTERVAL 1 DAY", "starts_at=starts_at-INTERVAL 1 DAY"), ("state=1", "state=2"),
                         ("event_n=event_n-1", "event_n=event_n+1")):
        assert verify(world, matter)[0] == 0
        world.sql(f"UPDATE appeal_meeting SET {tamper} WHERE {row}")
        code, out = verify(world, matter)
        assert code == 1 and "meeting" in out, tamper
        world.sql(f"UPDATE appeal_meeting SET {undo} WHERE {row}")
    world.sql(f"CREATE TABLE meeting_kept AS SELECT * FROM appeal_meeting WHERE {row}; DELETE FROM appeal_meeting WHERE {row}")
    assert verify(world, matter)[0] == 1
    world.sql("INSERT INTO appeal_meeting SELECT * FROM meeting_kept; DROP TABLE meeting_kept")
    world.sql(f"INSERT INTO appeal_meeting SELECT appeal_id,9,REVERSE(id),event_n,kind,state,starts_at,place,agenda,invited,people,minutes,decisions,"
              f"made_at,held_at,mac FROM appeal_meeting WHERE {row}")
    done = world.minhuctl("audit", "verify", check=False)
    assert done.returncode == 1 and "doesn't know of it" in done.stdout
    world.sql("DELETE FROM appeal_meeting WHERE n=9")
    assert verify(world, matter)[0] == 0
