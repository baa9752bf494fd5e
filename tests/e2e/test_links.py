"""Somebody without an account answers for a part by a link: for that part only, for a time, until it is revoked."""

import json
import uuid

import pytest
from client import Client
from test_main_job import wait_for
from test_parts import call_in, here, lead, matter, resident, verify, waive, world  # noqa: F401


@pytest.fixture
def part(lead, matter):  # noqa: F811
    return call_in(lead, matter, None, organisation="云岚电信", text="请清理 3 幢楼道内本公司的废弃线缆。")


def make_link(lead, part, **body):  # noqa: F811
    made = lead.post(f"/zzd/v1/parts/{part['id']}/link", body).ok(201)
    return Client(lead.world, made["token"], "open", made)


def answer(guest, outcome="done", text="已清理，共 12 处。", key=None):
    return guest.post("/open/v1/part/answer", {"outcome": outcome, "text": text}, key=key or str(uuid.uuid4()))


def test_an_operator_answers_by_its_link(world, resident, lead, matter, part):  # noqa: F811
    guest = make_link(lead, part, days=14)
    assert lead.get(f"/zzd/v1/appeals/{matter['id']}/parts").ok()["items"][0]["link_until"] == guest.me["expires_at"]
    asked = guest.get("/open/v1/part").ok()
    assert (asked["organisation"], asked["text"], asked["state"]["code"]) == ("云岚电信", part["text"], "open")
    assert asked["place"]["code"] == matter["place"]["code"]
    # Nothing of who reported, nor of what he wrote.
    raw = json.dumps(asked, ensure_ascii=False)
    assert matter["text"] not in raw and matter["number"] not in raw and resident.me["name"] not in raw
    key = str(uuid.uuid4())
    done = answer(guest, text="已清理，联系人 13812345678。", key=key).ok()
    assert done["state"]["code"] == "done" and "13812345678" not in done["result"]
    assert answer(guest, text="已清理，联系人 13812345678。", key=key).ok() == done
    answer(guest).problem(409, "conflict")
    last = lead.seen(matter)["timeline"][-1]
    assert (last["action"]["code"], last["by"], last["part"]) == ("part_done", {"kind": "guest", "unit": None}, 1)
    assert lead.seen(matter)["parts_left"] == 0 and verify(world, matter)[0] == 0
    wait_for(lambda: [n for n in lead.get("/zzd/v1/notices").ok()["items"] if n["appeal"]["id"] == matter["id"] and n["action"]["code"] == "part_done"])


def test_a_link_opens_its_part_and_nothing_else(world, lead, matter, part):  # noqa: F811
    guest = make_link(lead, part)
    for path in ("me", "categories", "choices", "places", "changes", f"appeals/{matter['id']}"):
        guest.get(f"/open/v1/{path}").problem(403, "forbidden")
    guest.post("/open/v1/appeals", {"external_id": "X-1", "kind": "ask", "text": "请问几点开门？"}, key="x").problem(403, "forbidden")
    Client(world, guest.token, "zzd").get("/zzd/v1/me").problem(401, "token_invalid")
    Client(world, guest.token, "zlb").get("/zlb/v1/me").problem(401, "token_invalid")
    key = world.third_party(None, "property", "post,read,feed")
    key.get("/open/v1/part").problem(403, "forbidden")


def test_a_new_link_ends_the_one_before_and_revoking_the_last(lead, part):  # noqa: F811
    first = make_link(lead, part)
    second = make_link(lead, part)
    first.get("/open/v1/part").problem(401, "token_invalid")
    second.get("/open/v1/part").ok()
    revoke = f"/zzd/v1/parts/{part['id']}/revoke-link"
    assert lead.post(revoke, {}).ok()["link_until"] is None
    second.get("/open/v1/part").problem(401, "token_invalid")
    answer(second).problem(401, "token_invalid")
    lead.post(revoke, {}).problem(409, "conflict")


def test_a_link_ends_with_its_time_and_with_its_part(world, lead, matter, part):  # noqa: F811
    guest = make_link(lead, part)
    row = f"link_hash=UNHEX(SHA2('{guest.token}',256))"
    world.sql(f"UPDATE appeal_part SET link_until=link_until-INTERVAL 8 DAY WHERE {row}")
    guest.get("/open/v1/part").problem(401, "token_invalid")
    world.sql(f"UPDATE appeal_part SET link_until=link_until+INTERVAL 8 DAY WHERE {row}")
    guest.get("/open/v1/part").ok()
    waive(lead, part).ok()
    guest.get("/open/v1/part").problem(401, "token_invalid")
    lead.post(f"/zzd/v1/parts/{part['id']}/link", {}).problem(409, "conflict")
    lead.post(f"/zzd/v1/parts/{part['id']}/link", {"days": 31}).problem(400, "invalid_request")
    assert verify(world, matter)[0] == 0


def test_no_log_has_the_token(world, lead, part):  # noqa: F811
    guest = make_link(lead, part)
    guest.get("/open/v1/part").ok()
    answer(guest, "refused", "线路不是我们的。").ok()
    for log in (world.folder / "log").glob("*"):
        assert guest.token not in log.read_text(errors="replace"), log
    assert world.sql(f"SELECT COUNT(*) FROM appeal_part WHERE link_hash=UNHEX(SHA2('{guest.token}',256))") == [["1"]]
