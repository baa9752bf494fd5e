"""Proves that the stand-ins check what they claim to check.

standins_client, which shares no code with the stand-ins, makes the signatures;
the published vectors go over the wire as the protocol notes print them.

Run: /usr/bin/python3 -m pytest tests/support/standins_test.py
"""

import hashlib
import http.client
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone

import pytest

from standins_client import (APP_USER, HERE, NOTICE, SMS, SSO_TOKEN, SSO_USER, TICKET, USER,
                             VECTOR_NONCE, VECTOR_TIME, ZZD_AK, ZZD_SK, Process, service_form,
                             simple, sso, zlb_headers, zlb_post, zzd_call, zzd_sign, zzd_stamp,
                             zzd_text)


@pytest.fixture(scope="module")
def zzd_process():
    process = Process("zzd", "--qr-ak", "qr-key", "--qr-sk", "qr-secret")
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="module")
def zlb_process():
    process = Process("zlb")
    yield process
    assert process.stop() == 0


@pytest.fixture
def zzd(zzd_process):
    zzd_process.control("/reset", {"people": True})
    zzd_process.control("/person", [
        {"accountId": 1001, "employeeCode": "GE_a", "lastName": "测试甲", "mobile": "13800000001",
         "account": "demo01", "organizationCodes": ["GO_x"]},
        {"accountId": 9007199254740993, "employeeCode": "GE_b", "mobile": "13800000002"}])
    return zzd_process


@pytest.fixture
def zlb(zlb_process):
    zlb_process.control("/reset", {"people": True})
    zlb_process.control("/person", {"userid": "u1", "username": "测试甲", "mobile": "13800000001",
                                    "idnum": "330100199001010011", "authlevel": "3"})
    return zlb_process


# Zhezhengding: vectors and the gate. ------------------------------------------

Z4_MSG = '{"msgtype":"text","text":{"content":"工单 A+1 已受理"}}'
ZZD_VECTORS = [
    ("Z1", "GET", "/gettoken.json", [("appkey", ZZD_AK), ("appsecret", ZZD_SK)],
     "G6NeRnSycEjICUUONbPWQlirxKCI8BXBV/UuFmPycrA=", "accepted"),
    ("Z2", "GET", "/gettoken.json", [], "WIxxLN+Mt5bIIpShPIj98Bh1CJDpU7I4+AHCbci33D4=", "accepted"),
    ("Z3", "POST", APP_USER, [("access_token", "app_demo0001"), ("auth_code", "demo-code-01")],
     "F/Ezd7W4an7DdE653jfP+k5TBu4P7EzlKWiB+LiSmcg=", "failed"),
    ("Z4", "POST", NOTICE, [("bizMsgId", "MH-1"), ("msg", Z4_MSG),
                            ("receiverIds", "1001,1002"), ("tenantId", "100")],
     "DC1T8iaRO0rhiHC7sAwbVX8dhG33+mSNVw6aBvFVmmE=", "accepted"),
    ("Z5", "POST", "/mozi/employee/listEmployeeAccountIds",
     [("employeeCodes", "GE_b"), ("employeeCodes", "GE_a"), ("tenantId", "100")],
     "wnm+QoHIW6QKrMkO53cQADEWdyScBVt5hY3FHsPf3HI=", "accepted"),
]
VECTOR_STAMP = "2025-03-01T09:30:00.123+08:00"


@pytest.mark.parametrize("name,method,path,pairs,signature,verdict", ZZD_VECTORS)
def test_zzd_vectors(zzd, name, method, path, pairs, signature, verdict):
    assert zzd_sign(zzd_text(method, VECTOR_STAMP, VECTOR_NONCE, path, pairs)) == signature
    zzd.control("/clock", {"skew": VECTOR_TIME - time.time()})
    zzd_call(zzd, method, path, pairs, Timestamp=VECTOR_STAMP, Nonce=VECTOR_NONCE,
             Signature=signature)
    assert zzd.last()["verdict"] == verdict   # failed: signed well, the token is made up


def test_zzd_vector_z6_md5(zzd):
    text = zzd_text("GET", VECTOR_STAMP, VECTOR_NONCE, *ZZD_VECTORS[0][2:4])
    digest = hashlib.md5(f"{text}\n{ZZD_SK}".encode()).hexdigest()
    assert digest == "b8a036f0bc426a55a7395e8d67075799"
    zzd.control("/clock", {"skew": VECTOR_TIME - time.time()})
    call = dict(Timestamp=VECTOR_STAMP, Nonce=VECTOR_NONCE, Signature=digest)
    assert zzd_call(zzd, *ZZD_VECTORS[0][1:4], **call)[1]["success"] is False
    assert zzd_call(zzd, *ZZD_VECTORS[0][1:4], Algorithm="md5", **call)[1]["success"] is True


def test_zzd_both_sort_orders(zzd):
    for order in ([("subTypeCode", "1"), ("subject", "x")], [("subject", "x"), ("subTypeCode", "1")]):
        assert zzd_call(zzd, "GET", "/gettoken.json", order, order=order)[1]["success"]
    order = [("tenantId", "1"), ("appkey", ZZD_AK)]
    assert not zzd_call(zzd, "GET", "/gettoken.json", order, order=order)[1]["success"]


@pytest.mark.parametrize("headers,reason", [
    ({"Signature": "AAAA"}, "signature does not match"),
    ({"Signature": None}, "a signature header is missing"),
    ({"Nonce": "abc"}, "nonce is not digits"),
    ({"Version": "2.0"}, "X-Hmac-Auth-Version is not 1.0"),
    ({"Timestamp": "2025-03-01 09:30:00"}, "malformed timestamp"),
    ({"Timestamp": "2025-13-01T09:30:00.123Z"}, "malformed timestamp"),
    ({"ak": "other"}, "unknown apiKey"),
    ({"sk": "other"}, "signature does not match"),
])
def test_zzd_gate_refuses(zzd, headers, reason):
    reply = zzd_call(zzd, "GET", "/gettoken.json", **headers)[1]
    assert (reply["success"], reply["Message"]) == (False, reason)
    assert zzd.last()["verdict"] == "refused"


def test_zzd_signature_refusal_has_the_published_code(zzd):
    assert zzd_call(zzd, "GET", "/gettoken.json", sk="x")[1]["bizErrorCode"] == "OPF-B001-05-16-0009"


@pytest.mark.parametrize("late,good", [(-890, True), (890, True), (-910, False), (910, False)])
def test_zzd_clock_skew(zzd, late, good):
    stamp = zzd_stamp(time.time() + late)
    assert zzd_call(zzd, "GET", "/gettoken.json", Timestamp=stamp)[1]["success"] is good


def test_zzd_utc_timestamp(zzd):
    now = datetime.now(timezone.utc)
    assert zzd_call(zzd, "GET", "/gettoken.json", Timestamp=f"{now:%FT%T}.000Z")[1]["success"]


def test_zzd_nonce_replay(zzd):
    assert zzd_call(zzd, "GET", "/gettoken.json", Nonce="123", Signature="x")[1]["success"] is False
    assert zzd_call(zzd, "GET", "/gettoken.json", Nonce="123")[1]["success"] is True
    assert zzd_call(zzd, "GET", "/gettoken.json", Nonce="123")[1]["Message"] == "nonce was used before"


def test_zzd_unknown_path_is_not_granted(zzd):
    assert "not authorized" in zzd_call(zzd, "POST", "/nothing")[1]["Message"]


def test_zzd_denied_api_and_refusal_status():
    process = Process("zzd", "--deny", NOTICE, "--refusal-status", "403")
    try:
        status, reply = zzd_call(process, "POST", NOTICE)
        assert (status, reply["success"]) == (403, False) and "not authorized" in reply["Message"]
        assert zzd_call(process, "GET", "/gettoken.json")[1]["success"]
    finally:
        assert process.stop() == 0


def test_zzd_method(zzd):
    assert zzd_call(zzd, "GET", APP_USER)[1]["Code"] == "MethodNotAllowed"


# Zhezhengding: token, identity, directory. ------------------------------------------


def app_token(process, **keys):
    data = zzd_call(process, "GET", "/gettoken.json", **keys)[1]["content"]["data"]
    assert data["accessToken"].startswith("app_") and data["expiresIn"] == 7200
    return data["accessToken"]


def sign_in(process, token, code, path=APP_USER, name="auth_code", **keys):
    return zzd_call(process, "POST", path, {"access_token": token, name: code}, **keys)[1]["content"]


def test_zzd_token_is_renewed_until_it_expires(zzd):
    first = app_token(zzd)
    assert app_token(zzd) == first
    zzd.control("/clock", {"offset": 7201})
    assert app_token(zzd) != first


def test_zzd_identity(zzd):
    token, code = app_token(zzd), zzd.control("/code", {"accountId": 1001})["code"]
    data = sign_in(zzd, token, code)["data"]
    assert (data["accountId"], data["realmId"], data["lastName"]) == (1001, 100, "测试甲")
    assert data["tenantUserId"] == "100$1001" and "openid" in data and "mobile" not in data
    again = sign_in(zzd, token, code)
    assert (again["success"], again["responseCode"], "data" in again) == (False, "240111", False)


def test_zzd_code_expires(zzd):
    code = zzd.control("/code", {"accountId": 1001})["code"]
    zzd.control("/clock", {"offset": 301})
    assert sign_in(zzd, app_token(zzd), code)["responseCode"] == "240111"


def test_zzd_token_forgotten(zzd):
    token, code = app_token(zzd), zzd.control("/code", {"accountId": 1001})["code"]
    zzd.control("/expire", {"what": "tokens"})
    assert sign_in(zzd, token, code)["responseCode"] == "240133"
    assert sign_in(zzd, app_token(zzd), code)["success"] is True


def test_zzd_qr_app_has_its_own_token(zzd):
    path, keys = "/rpc/oauth2/getuserinfo_bycode.json", dict(ak="qr-key", sk="qr-secret")
    code = zzd.control("/code", {"accountId": 9007199254740993, "kind": "qr"})["code"]
    assert sign_in(zzd, app_token(zzd), code, path, "code")["responseCode"] == "240111"
    assert sign_in(zzd, app_token(zzd), code, path, "code", **keys)["responseCode"] == "250027"
    data = sign_in(zzd, app_token(zzd, **keys), code, path, "code", **keys)["data"]
    assert data["accountId"] == 9007199254740993 and "openid" not in data


def test_zzd_unknown_account(zzd):
    assert "5" in zzd.control("/code", {"accountId": 5}, 404)["reason"]


def directory(process, call, **given):
    return zzd_call(process, "POST", "/mozi/employee/" + call,
                    {"tenantId": "100", **given})[1]["content"]


def test_zzd_directory(zzd):
    area = {"areaCode": "86", "namespace": "local"}
    assert directory(zzd, "get_by_mobile", mobile="13800000001", **area)["data"] == {
        "accountId": 1001, "employeeCode": "GE_a", "status": 0}
    assert not directory(zzd, "get_by_mobile", mobile="13900000000", **area)["success"]
    assert not directory(zzd, "get_by_mobile", mobile="13800000001")["success"]
    many = directory(zzd, "get_by_mobiles", mobiles="13800000002,13900000000", **area)["data"]
    assert [entry["employeeCode"] for entry in many] == ["GE_b"]
    assert not directory(zzd, "get_by_mobiles", mobiles=",".join(["1"] * 51), **area)["success"]
    assert directory(zzd, "getEmployeeByCode", employeeCode="GE_a")["data"]["employeeName"] == "测试甲"
    assert not directory(zzd, "getEmployeeByCode", employeeCode="GE_a", tenantId="7")["success"]


def test_zzd_account_ids(zzd):
    path, tenant = "/mozi/employee/listEmployeeAccountIds", ("tenantId", "100")
    pairs = [("employeeCodes", code) for code in ("GE_b", "GE_a")] + [tenant]
    data = zzd_call(zzd, "POST", path, pairs)[1]["content"]["data"]
    assert {entry["accountId"] for entry in data} == {1001, 9007199254740993}
    pairs = [("employeeCodes", f"GE_{n}") for n in range(101)] + [tenant]
    assert not zzd_call(zzd, "POST", path, pairs)[1]["content"]["success"]


# Zhezhengding: the limits of work notices. ---------------------------------------------


def notice(process, biz_id, receivers="1001", content=None, **more):
    text = content if content is not None else "工单 " + biz_id
    msg = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False)
    given = {"tenantId": "100", "bizMsgId": biz_id, "receiverIds": receivers, "msg": msg, **more}
    return zzd_call(process, "POST", NOTICE, given)[1]


def limit_code(reply):
    assert reply["content"]["success"] is False
    return reply["content"]["responseCode"].removeprefix("STANDIN-NOTICE-")


def test_notice_is_recorded(zzd):
    reply = notice(zzd, "b1", "1001,777")
    kept = zzd.control("/notices")["notices"]
    assert reply == {"success": True, "content": {"msgId": kept[0]["msgId"]}} and len(kept) == 1
    assert kept[0]["receivers"] == ["1001", "777"] and kept[0]["unknownReceivers"] == ["777"]
    assert kept[0]["batch"] and kept[0]["msg"]["text"]["content"] == "工单 b1"


def test_notice_size_counts_bytes(zzd):
    frame = len('{"msgtype": "text", "text": {"content": ""}}')
    fits = "字" * ((2048 - frame) // 3) + "x" * ((2048 - frame) % 3)
    assert "msgId" in notice(zzd, "b1", content=fits)["content"]
    assert limit_code(notice(zzd, "b3", content=fits + "x")) == "SIZE"


def test_notice_receivers(zzd):
    ids = [str(n) for n in range(1, 1002)]
    assert limit_code(notice(zzd, "b1", ",".join(ids))) == "RECEIVERS"
    assert limit_code(notice(zzd, "b1", ",".join(ids[:1000]), organizationCodes="GO_x")) == "RECEIVERS"
    assert "msgId" in notice(zzd, "b1", ",".join(ids[:1000]))["content"]


def test_notice_duplicate_id(zzd):
    notice(zzd, "b1")
    assert limit_code(notice(zzd, "b1", content="another")) == "DUPLICATE"


def test_notice_same_content_once_a_day(zzd):
    notice(zzd, "b1", content="same")
    assert limit_code(notice(zzd, "b2", content="same")) == "SAME-CONTENT"
    assert "msgId" in notice(zzd, "b3", "1002", content="same")["content"]
    assert limit_code(notice(zzd, "b4", "", content="same", organizationCodes="GO_x")) == "SAME-CONTENT"
    zzd.control("/clock", {"offset": 86400})
    assert "msgId" in notice(zzd, "b5", content="same")["content"]


def test_notice_hundred_a_day(zzd):
    for number in range(100):
        assert "msgId" in notice(zzd, f"b{number}")["content"]
    assert limit_code(notice(zzd, "b100")) == "PERSON-DAY"
    assert "msgId" in notice(zzd, "b101", "1002")["content"]


def test_notice_batch_gap(zzd):
    assert "msgId" in notice(zzd, "b1", "1,2")["content"]
    assert limit_code(notice(zzd, "b2", "3,4")) == "BATCH-GAP"
    assert "msgId" in notice(zzd, "b3", "5")["content"]   # one person is no batch
    zzd.control("/clock", {"offset": 601})
    assert "msgId" in notice(zzd, "b4", "3,4")["content"]


def test_notice_parallel(zzd):
    zzd.control("/fault", {"mode": "slow", "seconds": 0.8, "path": NOTICE, "times": 1})
    first = {}
    thread = threading.Thread(target=lambda: first.update(notice(zzd, "b1")))
    thread.start()
    time.sleep(0.3)
    assert limit_code(notice(zzd, "b2", "1002")) == "PARALLEL"
    thread.join()
    assert first["content"]["msgId"] and "msgId" in notice(zzd, "b2", "1002")["content"]


def test_notice_shape(zzd):
    for msg in ("x", "[]", '{"msgtype":"fax"}', '{"msgtype":"text","text":{}}'):
        assert limit_code(notice(zzd, "b1", msg=msg)) == "MESSAGE"
    assert not notice(zzd, "", msg=Z4_MSG)["content"]["success"]
    assert not notice(zzd, "b1", "", msg=Z4_MSG)["content"]["success"]


def test_notice_thresholds_are_options():
    process = Process("zzd", "--batch-gap", "0", "--person-day", "2", "--max-receivers", "2",
                      "--max-msg-bytes", "80", "--app-day", "5", "--same-content-day", "0",
                      "--content-as-string", "--biz-id-optional")
    try:
        assert isinstance(notice(process, "", "1,2", content="x")["content"], str)
        assert isinstance(notice(process, "", "1,2", content="x")["content"], str)
        assert limit_code(notice(process, "b3", "1")) == "PERSON-DAY"
        assert limit_code(notice(process, "b3", "3,4")) == "APP-DAY"
        assert limit_code(notice(process, "b3", "3,4,5")) == "RECEIVERS"
        assert limit_code(notice(process, "b3", "3", content="x" * 80)) == "SIZE"
    finally:
        assert process.stop() == 0


# Zheliban: vectors and the gateway. ----------------------------------------------------

B3_QUERY = "MessageContent=%E5%B7%B2%E5%8F%97%E7%90%86&UserNumber=13800000000&f=1&signCode="
ZLB_VECTORS = [
    ("B1", SSO_TOKEN, "", "\n", "KgpCB81kjzJuEHYAV/qR1w+snJD0W7nC5Yw0ug5as3o=", 200),
    ("B1x", SSO_TOKEN, "", "", "dZ7WjZa40XdE1wPqYh7fuJifprm5wLPuQviK1Fi2K/g=", 401),
    ("B2", TICKET, "", "\n", "SZl87B9O0uWf4krSpix47wqvBWPA7BUrsy2lI9zqq70=", 200),
    ("B3", SMS, B3_QUERY, "\n", "ymgT9/xBPgWibcX2PdPxZie12Rrp1LqEXQhQ+NdEUAQ=", 200),
]


@pytest.mark.parametrize("name,path,query,end,signature,status", ZLB_VECTORS)
def test_zlb_vectors(zlb, name, path, query, end, signature, status):
    headers = zlb_headers("POST", path, query, VECTOR_TIME, end=end)
    assert headers["X-BG-DATE-TIME"] == "Sat, 01 Mar 2025 01:30:00 GMT"
    assert headers["X-BG-HMAC-SIGNATURE"] == signature
    zlb.control("/clock", {"skew": VECTOR_TIME - time.time()})
    assert zlb.call("POST", path + ("?" + query if query else ""), "", headers)[0] == status


def test_zlb_vector_m1(zlb):
    form = service_form("ticketValidation", moment="20250301093000", st="ST-unknown-ticket")
    assert "sign=1b01f919b02cb5f97b1516704f41ff28" in form
    zlb.control("/clock", {"skew": VECTOR_TIME - time.time()})
    headers = {**zlb_headers("POST", TICKET, "", VECTOR_TIME),
               "Content-Type": "application/x-www-form-urlencoded"}
    assert json.loads(zlb.call("POST", TICKET, form, headers)[1])["result"] == "6002"


@pytest.mark.parametrize("change,message", [
    # Each row spoils also what is checked later, so the rows prove the order.
    ({"HMAC-ACCESS-KEY": "", "HMAC-ALGORITHM": "x"}, "access key or signature missing"),
    ({"HMAC-SIGNATURE": "", "HMAC-ACCESS-KEY": "x"}, "access key or signature missing"),
    ({"HMAC-ACCESS-KEY": "x", "HMAC-ALGORITHM": "x"}, "Invalid access key"),
    ({"HMAC-ALGORITHM": "hmac-sha1", "DATE-TIME": "x"}, "algorithm hmac-sha1 not supported"),
    ({"DATE-TIME": "2025-03-01", "HMAC-SIGNATURE": "x"}, "Invalid GMT format time"),
    ({"DATE-TIME": "Sat, 01 Mar 2025 01:30:00 GMT", "HMAC-SIGNATURE": "x"}, "Clock skew exceeded"),
    ({"HMAC-SIGNATURE": "x"}, "Invalid signature"),
])
def test_zlb_refusals_in_order(zlb, change, message):
    headers = zlb_headers("POST", SMS)
    headers.update({"X-BG-" + name: value for name, value in change.items()})
    status, text = zlb.call("POST", SMS, "", headers)
    assert (status, json.loads(text)) == (401, {"message": message})


@pytest.mark.parametrize("late,status", [(-80, 200), (80, 200), (-100, 401), (100, 401)])
def test_zlb_clock_skew(zlb, late, status):
    headers = zlb_headers("POST", SSO_TOKEN, "", time.time() + late)
    assert zlb.call("POST", SSO_TOKEN, "{}", headers)[0] == status


def test_zlb_component_not_granted(zlb):
    status, text = zlb_post(zlb, "/restapi/prod/IC0/uc/sso/access_token")
    assert (status, json.loads(text)["message"]) == (401, "The route_id is forbidden.")


# Zheliban: tickets, tokens, people. ----------------------------------------------------


def test_zlb_simpleauth(zlb):
    ticket = zlb.control("/ticket", {"userid": "u1", "channel": "app"})["ticket"]
    first = simple(zlb, TICKET, "ticketValidation", st=ticket)
    assert (first["result"], first["userid"], first["username"]) == ("0", "u1", "测试甲")
    user = simple(zlb, USER, "getUserInfo", token=first["token"])
    assert (user["idnum"], user["authlevel"], user["idtype"]) == ("330100199001010011", "3", "1")
    assert user["email"] == "" and simple(zlb, TICKET, "ticketValidation", st=ticket)["result"] == "6001"


def test_zlb_answers_xml_unless_asked(zlb):
    form = service_form("ticketValidation", st="ST-unknown-ticket", datatype=None)
    assert "<result>6002</result>" in zlb_post(zlb, TICKET, form)[1]


def test_zlb_ticket_codes(zlb):
    def result(ticket, **more):
        return simple(zlb, TICKET, "ticketValidation", st=ticket, **more)["result"]
    new = lambda **more: zlb.control("/ticket", {"userid": "u1", **more})["ticket"]
    assert result(new(channel="wechat")) == "6002"
    assert result(new(servicecode="other")) == "6003"
    assert result("<>") == "6004" and result("") == "6004"
    short, normal = new(lifetime=0.2), new(channel="alipay")
    time.sleep(0.3)
    assert result(short) == "6001"
    zlb.control("/clock", {"offset": 61})
    assert result(normal) == "6001"
    assert result(new(), ak="x") == "9900" and result(new(), sk="x") == "9901"
    assert result(new(), moment="2025") == "9902"
    utc = datetime.now(timezone.utc).strftime("%Y%m%d%H%M%S")
    assert result(new(), moment=utc) == "9902"
    assert simple(zlb, TICKET, "getUserInfo")["result"] == "9800"


def test_zlb_token_codes(zlb):
    given = zlb.control("/ticket", {"userid": "u1"})
    token = simple(zlb, TICKET, "ticketValidation", st=given["ticket"])["token"]
    result = lambda token: simple(zlb, USER, "getUserInfo", token=token)["result"]
    assert (result("unknown-token"), result("<>"), result(token)) == ("6502", "6505", "0")
    zlb.control("/person", {"userid": "u1", "unreadable": True})
    assert result(token) == "6503"
    zlb.control("/clock", {"offset": 1801})
    assert result(token) == "6501"


def test_zlb_keys_of_their_own():
    process = Process("zlb", "--component-key", "user=AK2:SK2")
    try:
        process.control("/person", {"userid": "u1"})
        ticket = process.control("/ticket", {"userid": "u1"})["ticket"]
        token = simple(process, TICKET, "ticketValidation", st=ticket)["token"]
        assert zlb_post(process, USER, "")[0] == 401
        headers = {**zlb_headers("POST", USER, ak="AK2", sk="SK2"),
                   "Content-Type": "application/x-www-form-urlencoded"}
        form = service_form("getUserInfo", ak="AK2", sk="SK2", token=token)
        assert json.loads(process.call("POST", USER, form, headers)[1])["result"] == "6504"
    finally:
        assert process.stop() == 0


def test_zlb_unified_sign_on(zlb):
    given = zlb.control("/ticket", {"userid": "u1", "channel": "wechat"})
    body = {"ticketId": given["ticket"], "appId": "minhu-demo-appid"}
    assert given["param"] == "ticketId"
    assert sso(zlb, SSO_TOKEN, {**body, "appId": "x"})["errorCode"] == "C-USER-SSO-TICKET-INVALID"
    token = sso(zlb, SSO_TOKEN, body)["data"]["accessToken"]
    assert sso(zlb, SSO_TOKEN, body)["errorCode"] == "C-USER-SSO-TICKET-INVALID"
    data = sso(zlb, SSO_USER, {"token": token})["data"]
    assert data["userType"] == "PERSON" and data["personInfo"]["idType"] == "ID_CARD"
    assert data["personInfo"]["idNo"] == "330100199001010011"
    assert sso(zlb, SSO_USER, {"token": "x"})["errorCode"] == "C-USER-SSO-TOKEN-INVALID"
    zlb.control("/person", {"userid": "u1", "unreadable": True})
    assert sso(zlb, SSO_USER, {"token": token})["errorCode"] == "C-USER-SSO-USER-EMPTY"


def test_zlb_legal_person_and_expired_ticket(zlb):
    zlb.control("/person", {"userid": "c1", "legal": {"name": "测试公司"}})
    body = {"ticketId": zlb.control("/ticket", {"userid": "c1", "channel": "pc"})["ticket"],
            "appId": "minhu-demo-appid"}
    token = sso(zlb, SSO_TOKEN, body)["data"]["accessToken"]
    data = sso(zlb, SSO_USER, {"token": token})["data"]
    assert (data["userType"], data["legalPersonInfo"]["name"]) == ("LEGAL_PERSON", "测试公司")
    body["ticketId"] = zlb.control("/ticket", {"userid": "c1", "channel": "pc"})["ticket"]
    zlb.control("/clock", {"offset": 61})
    assert sso(zlb, SSO_TOKEN, body)["errorCode"] == "C-USER-SSO-TICKET-INVALID"


def test_zlb_sms(zlb):
    assert zlb_post(zlb, SMS, "", B3_QUERY)[0] == 200
    kept = zlb.control("/sms")["sms"]
    assert (kept[0]["number"], kept[0]["content"]) == ("13800000000", "已受理")
    assert zlb_post(zlb, SMS, "", "UserNumber=1")[0] == 400 and len(zlb.control("/sms")["sms"]) == 1


def test_zlb_unknown_userid(zlb):
    assert "nobody" in zlb.control("/ticket", {"userid": "nobody", "channel": "app"}, 404)["reason"]


# Faults, control, transport. --------------------------------------------------------------


def test_fault_modes_zlb(zlb):
    fault = lambda **value: zlb.control("/fault", value)
    fault(mode="wrong")
    assert simple(zlb, TICKET, "ticketValidation")["result"] == "6099"
    assert sso(zlb, SSO_TOKEN, {})["errorCode"] == "C-USER-SSO-TICKET-INVALID"
    fault(mode="wrong", code="9904")
    assert simple(zlb, USER, "getUserInfo")["result"] == "9904"
    fault(mode="badsig")
    assert zlb_post(zlb, SMS, "", B3_QUERY) == (401, '{"message":"Invalid signature"}')

def test_fault_modes_zzd(zzd):
    get = lambda: zzd_call(zzd, "GET", "/gettoken.json")
    zzd.control("/fault", {"mode": "wrong", "code": "250027"})
    assert get()[1]["content"]["responseCode"] == "250027"
    zzd.control("/fault", {"mode": "badsig"})
    assert get()[1]["bizErrorCode"] == "OPF-B001-05-16-0009"
    zzd.control("/fault", {"mode": "error500"})
    assert get()[0] == 500
    zzd.control("/fault", {"mode": "garbage"})
    with pytest.raises(json.JSONDecodeError):
        get()
    zzd.control("/fault", {"mode": "dead"})
    with pytest.raises(http.client.RemoteDisconnected):
        get()
    assert zzd.last()["reason"] == "dead"
    zzd.control("/fault", {"mode": "slow", "seconds": 0.3})
    start = time.monotonic()
    assert get()[1]["success"] and time.monotonic() - start >= 0.3


def test_fault_path_and_times(zzd):
    zzd.control("/fault", {"mode": "error500", "path": "/mozi", "times": 1})
    assert zzd_call(zzd, "GET", "/gettoken.json")[0] == 200
    assert zzd_call(zzd, "POST", "/mozi/employee/get_by_mobile")[0] == 500
    assert zzd_call(zzd, "POST", "/mozi/employee/get_by_mobile")[0] == 200


def test_fault_after_loses_only_the_answer(zzd):
    zzd.control("/fault", {"mode": "dead", "after": True, "times": 1})
    with pytest.raises(http.client.RemoteDisconnected):
        notice(zzd, "b1")
    assert len(zzd.control("/notices")["notices"]) == 1
    assert limit_code(notice(zzd, "b1")) == "DUPLICATE"


def test_control_refuses_nonsense(zzd):
    zzd.control("/fault", {"mode": "odd"}, 400)
    zzd.control("/fault", {"mode": "slow", "second": 1}, 400)
    zzd.control("/person", {"lastName": "x"}, 400)
    zzd.control("/nothing", {}, 404)


def test_control_is_for_loopback():
    sys.path.insert(0, str(HERE))
    import standin_common
    assert standin_common.is_loopback("127.0.0.9") and standin_common.is_loopback("::ffff:127.0.0.1")
    assert not standin_common.is_loopback("10.0.0.1") and not standin_common.is_loopback("::2")


def test_keep_alive(zlb):
    connection = zlb.connect()
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/_control/log")
        connection.getresponse().read()
        assert connection.sock is first   # dropped, had the server closed it
    connection.close()


def test_malformed_target_is_refused(zlb):
    with socket.create_connection((zlb.url.hostname, zlb.url.port), 10) as raw:
        raw.sendall(b"GET http://[/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_people_file_of_a_district(tmp_path):
    file = tmp_path / "people.json"
    file.write_text(json.dumps({"people": [{"accountId": n} for n in range(1, 11001)]}))
    process = Process("zzd", "--people", str(file))
    try:
        process.control("/reset", {})
        assert process.control("/code", {"accountId": 11000})["expiresIn"] == 300
    finally:
        assert process.stop() == 0


def test_tls(tmp_path):
    cert, key = str(tmp_path / "c.pem"), str(tmp_path / "k.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    process = Process("zzd", "--cert", cert, "--key", key,
                      context=ssl.create_default_context(cafile=cert))
    try:
        assert process.url.scheme == "https"
        assert zzd_call(process, "GET", "/gettoken.json")[1]["success"]
    finally:
        assert process.stop() == 0
