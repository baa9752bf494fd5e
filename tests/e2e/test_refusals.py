"""Bad input, operation by operation, from the contract: a clear error each, nothing written, nothing lost."""

import http.client
import json
import os
import pathlib
import re
import socket
import urllib.parse
import uuid

import contract
import pytest
from client import Client

OPERATIONS = sorted(contract.operations())


def entry_of(operation):
    return contract.operations()[operation].entry


# What a path names that is no id and isn't there.
ABSENT = {"number": "20010101-000001", "external_id": "none", "operation": "getMe", "n": "7", "code": "none"}


def concrete(operation, appeal=None):
    named = ABSENT | ({"appeal_id": appeal["id"]} if appeal else {})
    return re.sub(r"\{(\w+)\}", lambda m: named.get(m[1]) or str(uuid.uuid4()), contract.operations()[operation].path)


def query_of(operation):
    return "?box=to_accept" if operation == "listBox" else ""


def example_body(operation):
    return contract.example_body(operation)


@pytest.fixture(scope="module")
def callers(world, resident):
    return {"zlb": resident, "zzd": world.staff(world.place["unit_code"]),
            "open": world.third_party(None, "property", "post,read,feed", "--per-minute", "1000000")}


@pytest.fixture(scope="module")
def guest(world, resident):
    """Who answers for a part by its link."""
    matter = resident.submit()
    staff = world.staff(matter["holder"]["code"])
    staff.act(matter, "accept").ok()
    part = staff.post(f"/zzd/v1/appeals/{matter['id']}/parts", {"organisation": "云岚电信", "text": "请清理废弃线缆。"}).ok(201)
    return Client(world, staff.post(f"/zzd/v1/parts/{part['id']}/link", {}).ok(201)["token"], "open")


def send(client, operation, body=None, appeal=None, headers=None, token=True):
    method = contract.operations()[operation].method
    head = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"1"'} if method == "POST" else {}
    head.update(headers or {})
    return client.send(method, concrete(operation, appeal) + query_of(operation), body if method == "POST" else None, head, token=token)


def needs_token(operation):
    return contract.operations()[operation].permission != "none"


def has_json_body(operation):
    return contract.request_schema(operation) is not None


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if needs_token(o)])
def test_without_a_right_token(world, callers, operation):
    body = b"{}" if contract.operations()[operation].method == "POST" else None
    photo = {"Content-Type": "image/png"} if operation == "uploadAttachment" else {}
    send(Client(world, None), operation, body, headers=photo).problem(401, "token_required")
    for other, client in callers.items():
        if other != entry_of(operation):
            send(client, operation, body, headers=photo).problem(401, "token_invalid")
    send(callers[entry_of(operation)], operation, body, headers={**photo, "Authorization": "Basic eDp5"}).problem(401, "token_invalid")


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if has_json_body(o) and o != "callByName"])
def test_bad_bodies(world, callers, guest, operation):
    client = callers[entry_of(operation)] if needs_token(operation) else Client(world, None)
    if contract.operations()[operation].permission == "part":
        client = guest
    before = world.sql("SELECT COUNT(*) FROM appeal")
    faults = []
    for case in contract.negative_bodies(operation):
        if case.late:
            continue
        answer = send(client, operation, case.body, headers={"Content-Type": case.content_type})
        told = {(e["pointer"], e["code"]) for e in (answer.json or {}).get("errors", [])}
        if (answer.status, answer.code) != (contract.expected_status(case), case.code) or not set(case.errors) <= told:
            faults.append(f"{case.name}: wanted {case.code} {case.errors}, got {answer.status} {answer.code} {sorted(told)}")
    assert not faults, "\n".join(faults)
    assert world.sql("SELECT COUNT(*) FROM appeal") == before


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "{" in contract.operations()[o].path and needs_token(o)])
def test_absent_objects_are_404(callers, operation):
    client = callers[entry_of(operation)]
    answer = send(client, operation, real_codes(client, operation, example_body(operation)))
    answer.problem(404, "not_found")


def real_codes(client, operation, body):
    """The contract's example with codes that this district has."""
    purposes = {"rejectAppeal": "reject", "returnAppeal": "return", "escalateAppeal": "escalate", "transferAppeal": "transfer", "unmaskContact": "unmask",
                "searchReporter": "unmask",
                "requestSuspension": "suspend"}
    body = dict(body or {})
    if "reason_code" in body:
        body["reason_code"] = client.get("/zzd/v1/choices").ok()["reasons"][purposes[operation]][0]["code"]
    if "category_code" in body:
        body["category_code"] = client.get("/zzd/v1/categories").ok()["items"][0]["code"]
    if "place_code" in body:
        body["place_code"] = client.world.place["code"]
    if "unit_code" in body:
        body["unit_code"] = client.world.place["unit_code"]
    return body


# All but the one that is for others' matters.
RESIDENT_ACTIONS = [o for o in OPERATIONS if entry_of(o) == "zlb" and "{appeal_id}" in contract.operations()[o].path and o != "joinAppeal"]


@pytest.mark.parametrize("operation", RESIDENT_ACTIONS)
def test_somebody_elses_appeal_is_as_if_absent(other_resident, appeal, operation):
    body = example_body(operation)
    theirs, absent = send(other_resident, operation, body, appeal), send(other_resident, operation, body)
    for answer in (theirs, absent):
        answer.problem(404, "not_found")
    blank = [a.raw.replace(a.json["request_id"].encode(), b"") for a in (theirs, absent)]
    assert blank[0] == blank[1]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if has_json_body(o)])
def test_media_type_and_length(world, callers, operation):
    client = callers[entry_of(operation)] if needs_token(operation) else Client(world, None)
    wrong = send(client, operation, b"{}", headers={"Content-Type": "text/plain"})
    if operation == "callByName":
        assert wrong.status == wrong.json["status"] == 415, "its refusals come in the envelope too"
        return
    wrong.problem(415, "media_type_not_supported")
    limit = 40 * 1024
    send(client, operation, b'{"x":"' + b"a" * (limit + 400000) + b'"}').problem(413, "body_too_large")


def test_a_cursor_is_for_one_list_and_for_whom_it_was_made(resident, other_resident):
    for one in (resident, other_resident):
        for _ in range(2):
            one.submit()
    cursor = resident.get("/zlb/v1/appeals?limit=1").ok()["next_cursor"]
    resident.get(f"/zlb/v1/appeals?limit=1&cursor={cursor}").ok()
    resident.get(f"/zlb/v1/appeals?limit=1&state=submitted&cursor={cursor}").problem(400, "cursor_mismatch")
    other_resident.get(f"/zlb/v1/appeals?limit=1&cursor={cursor}").problem(400, "cursor_mismatch")
    for at in (0, 20, len(cursor) - 4):
        forged = cursor[:at] + ("B" if cursor[at] == "A" else "A") + cursor[at + 1:]
        resident.get(f"/zlb/v1/appeals?limit=1&cursor={forged}").problem(400, "cursor_mismatch")


@pytest.mark.parametrize("path,status,code", [
    ("/zlb/v1/nothing", 404, "not_found"), ("/zlb/v1/me/", 400, "path_not_canonical"), ("/zlb//v1/me", 404, "not_found"), ("/zlb/v1//me", 400, "path_not_canonical"),
    ("/zlb/v1/../v1/me", 400, "path_not_canonical"), ("/zlb/v1/%6de", 400, "path_not_canonical"),
    ("/zlb/v1/me?x=1", 400, "invalid_request"), ("/zlb/v1/appeals?limit=0", 400, "invalid_request"),
    ("/zlb/v1/appeals?limit=1&limit=2", 400, "invalid_request"), ("/zlb/v1/appeals?state=nonsense", 400, "invalid_request"),
    ("/zlb/v1/appeals?cursor=AAAA", 400, "cursor_mismatch"), ("/zlb/v1/appeals/not-a-uuid", 404, "not_found"),
    ("/zlb/v1/appeals?limit=%ff", 400, "invalid_request"), ("/elsewhere", 404, "not_found"), ("/metrics", 404, "not_found"),
    ("/zlb/v1/appeals?limit=101", 400, "invalid_request"), ("/zlb/../zzd/v1/me", 400, "path_not_canonical"),
    ("/zlb/%2e%2e/zzd/v1/me", 400, "path_not_canonical"),
])
def test_paths_and_queries(resident, path, status, code):
    resident.get(path).problem(status, code)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_other_methods(resident, method):
    answer = resident.send(method, "/zlb/v1/me")
    assert answer.status == 405 and {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(",")) | {"GET", "POST"}
    if method not in ("HEAD",):
        assert answer.code == "method_not_allowed"


def test_a_wrong_method_names_the_right_ones(resident):
    answer = resident.send("POST", "/zlb/v1/choices", {})
    answer.problem(405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("tag", ['"1.2.3"', '"1."', '"1.x"', '".1"', '"1.en"', '"1.2.EN"', '"1.2.en.en"', '"-1"', '"01x"', '1', '""', '*', 'W/1'])
def test_if_match_is_as_etag_gave_it(resident, tag):
    made = resident.submit()
    resident.post(f"/zlb/v1/appeals/{made['id']}/withdraw", {}, If_Match=tag).problem(400, "bad_request")
    assert resident.own(made)["state"]["code"] == "submitted"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_if_match_takes_what_etag_gave(resident, language):
    made = resident.submit()
    tag = resident.get(f"/zlb/v1/appeals/{made['id']}", Accept_Language=language).headers["etag"]
    assert resident.post(f"/zlb/v1/appeals/{made['id']}/withdraw", {}, If_Match=tag).ok()["state"]["code"] == "withdrawn"


@pytest.mark.parametrize("header", ["Authorization", "Idempotency-Key", "If-Match", "X-Forwarded-For", "Content-Type"])
def test_doubled_headers(world, resident, header):
    values = {"Authorization": f"Bearer {resident.token}", "Idempotency-Key": "a", "If-Match": '"1"', "X-Forwarded-For": "192.0.2.1",
              "Content-Type": "application/json"}
    lines = [f"{header}: {values[header]}", f"{header}: {values[header]}"]
    if header != "Authorization":
        lines.append(f"Authorization: Bearer {resident.token}")
    status, body = raw(world, "POST /zlb/v1/me HTTP/1.1", lines, b"{}")
    assert status == 400 and json.loads(body)["code"] in ("header_repeated", "bad_request"), (status, body)


def raw(world, request_line, lines, body=b"", announce=None):
    """A request as it stands, for what a client library would not send."""
    host, port = urllib.parse.urlsplit(world.stack.base).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as plain, world.stack.tls.wrap_socket(plain, server_hostname=host) as tls:
        length = [f"Content-Length: {len(body) if announce is None else announce}"] if body or announce else []
        tls.sendall("\r\n".join([request_line, f"Host: {host}", "Connection: close", *lines, *length, "", ""]).encode() + body)
        answer = http.client.HTTPResponse(tls)
        answer.begin()
        return answer.status, answer.read()


@pytest.mark.parametrize("path", ["/zlb/v1", "/zzd/v1", "/open/v1", "/zlb/v1?a=b"])
def test_an_entry_without_its_slash_is_nothing(world, path):
    for method, body in (("GET", b""), ("POST", b"{}")):
        status, answer = raw(world, f"{method} {path} HTTP/1.1", [], body)
        assert status == 404 and json.loads(answer)["code"] == "not_found", (method, status, answer)


def test_nginx_answers_in_the_same_shape(world):
    for line, lines, status in [("GET /" + "x" * 20000 + " HTTP/1.1", [], 414), ("BREW /zlb/v1/me HTTP/1.1", [], 405),
                                ("GET /zlb/v1/me HTTP/1.1", ["X-Big: " + "y" * 40000], 400)]:
        got, body = raw(world, line, lines)
        problem = json.loads(body)
        assert got in (status, 431, 494) and problem["status"] == got and problem["code"] and problem["request_id"], (got, body)


def test_english_and_chinese(resident):
    zh = resident.get("/zlb/v1/appeals/not-a-uuid").json
    en = resident.get("/zlb/v1/appeals/not-a-uuid", Accept_Language="en").json
    assert zh["code"] == en["code"] and zh["detail"] != en["detail"] and en["detail"].isascii()


def test_all_faults_at_once(resident):
    answer = resident.post("/zlb/v1/appeals", {"kind": "nonsense", "text": "短", "lng": 500, "tesxt": 1}, key="x")
    pointers = {e["pointer"]: e["code"] for e in answer.problem(400, "invalid_request")["errors"]}
    assert set(pointers) >= {"/kind", "/text", "/lng", "/tesxt"}


def jpeg_of(width, height):
    """The frame of a JPEG, without a picture: what the product looks at."""
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xc0\0\x11\x08" + size + b"\3" + bytes(60) + b"\xff\xd9"


def png_of(width, height):
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes.fromhex("89504e470d0a1a0a0000000d49484452") + size + b"\x08\6" + bytes(40) + bytes.fromhex("0000000049454e44ae426082")


@pytest.mark.parametrize("bytes_of,kind", [(jpeg_of, "image/jpeg"), (png_of, "image/png")])
def test_photos_that_no_camera_makes(resident, bytes_of, kind):
    resident.send("POST", "/zlb/v1/attachments", bytes_of(4000, 3000), {"Content-Type": kind}).ok(201)
    for width, height in [(0, 0), (0, 10), (60000, 60000), (30000, 29999)]:
        resident.send("POST", "/zlb/v1/attachments", bytes_of(width, height), {"Content-Type": kind}).problem(422, "photo_not_valid")


@pytest.mark.parametrize("text", ["     ", "\u200b" * 6, "\u3000" * 8, "\u3164" * 6, "好\u200b\u200b\u200b\u200b"])
def test_what_nobody_can_see_is_no_content(world, resident, appeal, text):
    problem = resident.post("/zlb/v1/appeals", {"kind": "help", "text": text}, key=str(uuid.uuid4())).problem(400, "invalid_request")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/text", "too_short")]
    staff = world.staff(appeal["holder"]["code"])
    staff.act(appeal, "accept").ok()
    staff.act(appeal, "resolve", {"outcome": "solved", "text": text}).problem(400, "invalid_request")


def test_details_say_what_is_wanted(resident):
    problem = resident.post("/zlb/v1/appeals", {"kind": "x", "text": 5, "lng": 181, "lat": 1.12345678}, key="d").problem(400, "invalid_request")
    details = {e["pointer"]: e["detail"] for e in problem["errors"]}
    assert "suggest" in details["/kind"] and "文本" in details["/text"] and "136" in details["/lng"] and "136000000" not in details["/lng"]
    assert "6" in details["/lat"]


def test_photos(world, resident, appeal):
    jpeg = jpeg_of(640, 480)
    made = resident.send("POST", "/zlb/v1/attachments", jpeg, {"Content-Type": "image/jpeg"}).ok(201)
    assert resident.get(f"/zlb/v1/attachments/{made['id']}").raw == jpeg
    with_photo = resident.submit(attachment_ids=[made["id"]])
    assert [a["id"] for a in with_photo["attachments"]] == [made["id"]]
    staff = world.staff(with_photo["holder"]["code"])
    got = staff.get(f"/zzd/v1/attachments/{made['id']}")
    assert got.status == 200 and got.raw == jpeg and got.headers["content-disposition"] == "attachment"
    resident.post("/zlb/v1/appeals", {"kind": "ask", "text": "重复使用同一张照片。", "attachment_ids": [made["id"]]}, key="y").problem(400, "invalid_request")
    resident.send("POST", "/zlb/v1/attachments", b"<html>" * 20, {"Content-Type": "image/jpeg"}).problem(422, "photo_not_valid")
    resident.send("POST", "/zlb/v1/attachments", b"\0" * (5 * 1024 * 1024 + 1), {"Content-Type": "image/jpeg"}).problem(413, "body_too_large")
    resident.send("POST", "/zlb/v1/attachments", jpeg, {"Content-Type": "image/gif"}).problem(415, "media_type_not_supported")
    assert appeal["attachments"] == []


def test_photos_that_wait_are_bounded(world):
    one = world.sign_in(world.add_resident()["userid"])
    png, sent = png_of(1, 1), {"Content-Type": "image/png"}
    ids = [one.send("POST", "/zlb/v1/attachments", png, {**sent, "Idempotency-Key": f"photo-{i}"}).ok(201)["id"] for i in range(30)]
    files = world.sql("SELECT COUNT(*) FROM attachment")
    one.send("POST", "/zlb/v1/attachments", png_of(2, 1), sent).problem(409, "limit_reached")
    again = one.send("POST", "/zlb/v1/attachments", png, {**sent, "Idempotency-Key": "photo-29"})
    assert again.ok(201)["id"] == ids[29], "what was taken is still told"
    assert world.sql("SELECT COUNT(*) FROM attachment") == files
    one.submit(attachment_ids=ids[:3])
    one.send("POST", "/zlb/v1/attachments", png, sent).ok(201)


def test_a_record_is_added_to_till_it_is_long(resident):
    made = resident.submit()
    path, answers = f"/zlb/v1/appeals/{made['id']}/supplement", []
    while len(answers) < 600 and (not answers or answers[-1].status == 200):
        answers.append(resident.post(path, {"text": f"补充第 {len(answers) + 1} 次。"}))
    answers[-1].problem(409, "limit_reached")
    last = resident.own(made)
    assert last["timeline"][-1]["n"] >= 500 and "supplement" not in last["allowed"] and "withdraw" in last["allowed"]


def test_another_residents_photo(resident, other_resident):
    png = png_of(1, 1)
    made = resident.send("POST", "/zlb/v1/attachments", png, {"Content-Type": "image/png"}).ok(201)
    other_resident.get(f"/zlb/v1/attachments/{made['id']}").problem(404, "not_found")
    other_resident.post("/zlb/v1/appeals", {"kind": "ask", "text": "用别人的照片。", "attachment_ids": [made["id"]]}, key="z").problem(400, "invalid_request")


def test_numbers_leave_the_text(world, resident):
    made = resident.submit(text="请打我电话 13612345678 联系，谢谢。")
    assert "13612345678" not in made["text"] and "13612345678" not in made["title"]
    assert world.sql("SELECT COUNT(*) FROM appeal WHERE text LIKE '%13612345678%' OR title LIKE '%13612345678%'") == [["0"]]
    staff = world.staff(made["holder"]["code"])
    code = staff.get("/zzd/v1/choices").ok()["reasons"]["unmask"][0]["code"]
    assert staff.post(f"/zzd/v1/appeals/{made['id']}/unmask", {"reason_code": code}).ok()["numbers"] == ["13612345678"]


BY_NAME = [o for o in OPERATIONS if entry_of(o) == "zlb" and o != "callByName"]


@pytest.mark.parametrize("operation", BY_NAME)
def test_by_name(world, resident, appeal, operation):
    """Every /zlb operation answers by name what it answers by path: here for an absent object or an empty body."""
    envelope = {"token": resident.token, "path": {}, "idempotency_key": str(uuid.uuid4()), "version": 1}
    path = contract.operations()[operation].path
    if "{appeal_id}" in path:
        envelope["path"]["appeal_id"] = appeal["id"]
    for name in ("attachment_id", "trouble_id"):
        if "{" + name + "}" in path:
            envelope["path"][name] = str(uuid.uuid4())
    if "{code}" in path:
        envelope["path"]["code"] = ABSENT["code"]
    if not needs_token(operation):
        del envelope["token"]
    if has_json_body(operation):
        envelope["body"] = {"no_such_field": 1}
        answer = resident.send("POST", f"/zlb/v1/call/{operation}", envelope, token=False)
        inner = answer.json
        assert answer.status == inner["status"] == 400 and inner["body"]["code"] == "invalid_request", answer
        return
    direct = send(resident, operation, b"x" if operation == "uploadAttachment" else None, appeal, {"Content-Type": "image/png"})
    if operation == "uploadAttachment":
        envelope.update(body_base64="eA==", content_type="image/png")
    answer = resident.send("POST", f"/zlb/v1/call/{operation}", envelope, token=False)
    assert answer.json["status"] == direct.status, answer
    assert answer.json["headers"]["request_id"] == answer.headers["x-request-id"]


def test_by_name_the_whole_way(world, resident):
    def call(operation, **envelope):
        return resident.send("POST", f"/zlb/v1/call/{operation}", {"token": resident.token, **envelope}, token=False)
    made = call("submitAppeal", idempotency_key=str(uuid.uuid4()), body={"kind": "ask", "text": "按名称调用也要能提交。"}).json
    assert made["status"] == 201 and made["headers"]["location"].endswith(made["body"]["id"])
    gone = call("withdrawAppeal", path={"appeal_id": made["body"]["id"]}, version=1, body={}).json
    assert gone["status"] == 200 and gone["body"]["state"]["code"] == "withdrawn"
    listed = call("listAppeals", query={"limit": 1, "state": "withdrawn"}).json
    assert listed["body"]["items"][0]["id"] == made["body"]["id"]
    assert call("noSuchOperation").status == 404
    assert call("callByName", path={"operation": "getMe"}, body={}).status in (400, 404)
    assert world


DATA = os.environ.get("MINHU_TEST_DATA")


@pytest.mark.skipif(not DATA, reason="MINHU_TEST_DATA names no folder")
def test_hostile_json_of_a_folder(resident):
    faults = []
    for path in sorted((pathlib.Path(DATA) / "json/parsing").glob("*.json")):
        text = path.read_bytes()
        answer = resident.send("POST", "/zlb/v1/appeals", text, {"Idempotency-Key": "hostile"})
        if len(text) > 32 * 1024:
            answer.problem(413, "body_too_large")
        elif answer.status != 400 or (path.name.startswith("n_") and answer.code not in ("malformed_json", "invalid_request")):
            faults.append(f"{path.name}: {answer}")
    assert not faults, faults


@pytest.mark.skipif(not DATA, reason="MINHU_TEST_DATA names no folder")
def test_awkward_texts_of_a_folder(resident):
    strings = json.loads((pathlib.Path(DATA) / "json/naughty-strings.json").read_text(encoding="utf-8"))
    for text in strings:
        answer = resident.post("/zlb/v1/appeals", {"kind": "ask", "text": f"测试文本：{text}"[:1900]}, key=str(uuid.uuid4()))
        assert answer.status in (201, 400), (text, answer)
