#!/usr/bin/python3
"""Stand-in for Zhezhengding (浙政钉): signed calls, identity, directory, notices.

It checks every request's signature, clock and nonce, hands out the app's
access token, turns sign-in codes into identities, answers the directory
calls, and takes work notices as strictly as the host's documents allow.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import secrets
import subprocess
import sys
import uuid
from datetime import datetime

from beijing import BEIJING
from standin_common import (COMMON_HELP, ControlError, Refusal, Standin, add_common_arguments,
                            json_reply, load_people, run, same_text, stamp)

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")

SIGNATURE_CODE = "OPF-B001-05-16-0009"
# The codes of the other refusals are not published. These are the stand-in's
# own, named so that nobody takes them for the host's.
GATE = "STANDIN-GATE-"
NOTICE = "STANDIN-NOTICE-"
PARAMETER = "STANDIN-PARAMETER"
MISSING = "STANDIN-NOT-FOUND"

# msgtype: (key of the body, fields it must have)
NOTICE_SHAPES = {
    "text": ("text", ("content",)),
    "link": ("link", ("messageUrl", "title", "text")),
    "markdown": ("markdown", ("title", "text")),
    "oa": ("oa", ("message_url", "body")),
    "action_card": ("action_card", ("title", "markdown")),
}

EPILOG = """\
people file: a JSON list, or {"people": [...]}. Of a person only accountId is needed:
  {"accountId": 1001, "employeeCode": "GE_demo0001" (leave it out for a super
   administrator), "lastName": "测试甲", "mobile": "13800000000", "account": "demo01",
   "realmId": 100, "realmName": "测试租户", "status": 0,
   "organizationCodes": ["GO_a"], "openid": ..., "nickNameCn": ..., "clientId": ...,
   "employee": {...fields to add to getEmployeeByCode...}}

""" + COMMON_HELP + """\
  POST /_control/code     {"accountId": ..., "realmId": N, "kind": "app|qr", "lifetime": N}
                          -> {"code", "kind", "expiresIn"}; all but accountId optional;
                          app: for dingtalk_app_user, qr: for getuserinfo_bycode; 404 for
                          an unknown account
  GET  /_control/notices  {"notices": [{time, msgId, bizMsgId, tenantId, receivers,
                          organizationCodes, unknownReceivers, batch, msg}]}; with
                          --witness also committed: how many events of the product's
                          stood committed behind the message when it arrived

Limits of work notices: 0 switches a limit off. A day is a calendar day at
+08:00. A call that breaks a limit is refused whole. A batch is a call with more
than one receiver or with an organization.
"""


def signing_strings(method, timestamp, nonce, path, pairs):
    """The strings that a caller may have signed: the two known sort orders."""
    kept = [(name, value) for name, value in pairs if value != ""]
    orders = (lambda pair: (pair[0].lower(), pair[1]), lambda pair: (pair[0], pair[1]))
    head = [method, timestamp, nonce, path]
    for order in orders:
        params = "&".join(f"{name}={value}" for name, value in sorted(kept, key=order))
        yield "\n".join(head + [params] if params else head)


def sign(secret, text, algorithm):
    if algorithm == "md5":
        return hashlib.md5((text + "\n" + secret).encode()).hexdigest()
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def split_list(text):
    return [part.strip() for part in text.split(",") if part.strip()]


def number_or_text(value):
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]+", text) else text


class Witness:
    """Asks the product's database, over a connection of its own, so that it sees only what is committed."""

    QUESTION = ("SELECT COUNT(*) FROM work_notice w JOIN notice n ON n.id=w.notice_id "
                "JOIN appeal_event e ON e.appeal_id=n.appeal_id AND e.n=n.event_n "
                "WHERE w.state=2 AND w.message_id='%s';\n")

    def __init__(self, socket):
        self.client = subprocess.Popen(
            ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root", "-N", "-B", "--unbuffered", "minhu"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def committed(self, biz_id):
        if not re.fullmatch(r"[0-9a-f-]{36}", biz_id):
            return 0
        self.client.stdin.write(self.QUESTION % biz_id)
        self.client.stdin.flush()
        return int(self.client.stdout.readline())


class NoticeDesk:
    """The host's limits on work notices, and the notices that kept them."""

    def __init__(self, args):
        self.args = args
        self.busy = False
        self.notices = []
        self.biz_ids = set()
        self.last_batch = None
        self.day = None
        self.turn_day("")

    def turn_day(self, day):
        if day != self.day:
            self.day = day
            self.by_person = {}    # account: notices today
            self.by_content = {}   # (account, content hash): notices today
            self.sent_today = 0

    def broken_limit(self, notice, people, now):
        """The first limit that this notice breaks, as (name, text), or None."""
        args, addressed = self.args, len(notice["receivers"]) + len(notice["organizationCodes"])
        self.turn_day(datetime.fromtimestamp(now, BEIJING).date().isoformat())
        if args.max_receivers and addressed > args.max_receivers:
            return "RECEIVERS", f"{addressed} receivers, at most {args.max_receivers}"
        if notice["bizMsgId"] in self.biz_ids:
            return "DUPLICATE", "bizMsgId was used before"
        if notice["batch"] and self.last_batch is not None:
            gap = now - self.last_batch
            if gap < args.batch_gap:
                return "BATCH-GAP", f"{gap:.1f} s after the last batch, at least {args.batch_gap:g}"
        if args.app_day and self.sent_today + len(people) > args.app_day:
            return "APP-DAY", f"more than {args.app_day} a day for the app"
        digest = self.digest(notice)
        for person in people:
            if args.person_day and self.by_person.get(person, 0) >= args.person_day:
                return "PERSON-DAY", f"account {person} had {args.person_day} today"
            same = self.by_content.get((person, digest), 0)
            if args.same_content_day and same >= args.same_content_day:
                return "SAME-CONTENT", f"account {person} had this content today"
        return None

    @staticmethod
    def digest(notice):
        text = json.dumps(notice["msg"], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

    def keep(self, notice, people, now):
        digest = self.digest(notice)
        for person in people:
            self.by_person[person] = self.by_person.get(person, 0) + 1
            key = (person, digest)
            self.by_content[key] = self.by_content.get(key, 0) + 1
        self.sent_today += len(people)
        if notice["bizMsgId"]:
            self.biz_ids.add(notice["bizMsgId"])
        if notice["batch"]:
            self.last_batch = now
        self.notices.append(notice)


class Zhezhengding(Standin):
    name = "zzd"

    def __init__(self, args):
        self.args = args
        self.keys = {args.ak: args.sk}
        if args.qr_ak:
            self.keys[args.qr_ak] = args.qr_sk
        self.witness = Witness(args.witness) if args.witness else None
        super().__init__(load_people(args.people))
        self.controls[("POST", "/code")] = self.control_code
        self.controls[("GET", "/notices")] = lambda request: {"notices": self.desk.notices}
        both, post = ("GET", "POST"), ("POST",)
        self.calls = {
            "/gettoken.json": (both, self.get_token),
            "/rpc/oauth2/dingtalk_app_user.json": (post, self.app_user),
            "/rpc/oauth2/getuserinfo_bycode.json": (post, self.qr_user),
            "/mozi/employee/get_by_mobile": (post, self.by_mobile),
            "/mozi/employee/get_by_mobiles": (post, self.by_mobiles),
            "/mozi/employee/getEmployeeByCode": (post, self.employee_by_code),
            "/mozi/employee/listEmployeeAccountIds": (post, self.account_ids),
            "/message/workNotification": (post, self.work_notice),
        }

    # State. --------------------------------------------------------------------

    def clear_people(self):
        self.people = {}     # (realm, account id): person
        self.by_number = {}  # (realm, mobile): the same persons
        self.by_code = {}    # (realm, employee code): likewise

    def forget(self):
        self.codes = {}
        self.nonces = {}     # (AK, nonce): when it was seen
        self.desk = NoticeDesk(self.args)
        self.forget_tokens()

    def forget_tokens(self):
        self.tokens = {}     # access token: (AK, expiry)
        self.token_of = {}   # AK: its access token

    def add_person(self, person):
        account = str(person.get("accountId", ""))
        if not re.fullmatch(r"[0-9]{1,19}", account):
            raise ControlError(400, "a person needs a numeric accountId")
        realm = str(person.get("realmId", self.args.tenant))
        old = self.people.get((realm, account))
        if old is not None:
            self.by_number.pop((realm, old.get("mobile")), None)
            self.by_code.pop((realm, old.get("employeeCode")), None)
        kept = {"account": "a" + account, "lastName": "", "status": 0, **person,
                "accountId": account, "realmId": realm}
        if kept.get("mobile"):
            kept["mobile"] = str(kept["mobile"])
        self.people[(realm, account)] = kept
        if kept.get("mobile"):
            self.by_number[(realm, kept["mobile"])] = kept
        if kept.get("employeeCode"):
            self.by_code[(realm, kept["employeeCode"])] = kept

    def control_code(self, request):
        value = self.control_body(request)
        realm = str(value.get("realmId", self.args.tenant))
        account, kind = str(value.get("accountId", "")), value.get("kind", "app")
        if (realm, account) not in self.people:
            raise ControlError(404, f"no account {account} in realm {realm}")
        if kind not in ("app", "qr"):
            raise ControlError(400, "kind is app or qr")
        owner = self.args.qr_ak if kind == "qr" and self.args.qr_ak else self.args.ak
        lifetime = float(value.get("lifetime", self.args.code_life))
        code = secrets.token_hex(16)
        self.codes[code] = {"kind": kind, "owner": owner, "person": (realm, account),
                            "expires": self.clock.now() + lifetime}
        return {"code": code, "kind": kind, "expiresIn": lifetime}

    # Envelopes. ----------------------------------------------------------------

    @staticmethod
    def done(data):
        return json_reply({
            "success": True, "bizErrorCode": "0",
            "content": {"success": True, "data": data, "requestId": uuid.uuid4().hex,
                        "responseMessage": "OK", "responseCode": "0", "bizErrorCode": "0"}})

    @staticmethod
    def failed(code, message):
        return json_reply({
            "success": True, "bizErrorCode": "0",
            "content": {"success": False, "requestId": uuid.uuid4().hex,
                        "responseMessage": message, "responseCode": code, "bizErrorCode": code},
        }, 200, "failed", f"{code} {message}")

    def gate_refusal(self, biz_code, code, message):
        return Refusal(json_reply({
            "_RequestId": uuid.uuid4().hex, "HostId": "standin-zzd", "Code": code,
            "Message": message, "bizErrorCode": biz_code, "debug": None, "success": False,
        }, self.args.refusal_status, "refused", message))

    def fail(self, code, message):
        return Refusal(self.failed(code, message))

    # The gate. -----------------------------------------------------------------

    def answer(self, request):
        pairs = self.read_pairs(request)
        ak = self.check_signature(request, pairs)
        methods, call = self.calls.get(request.path, ((), None))
        if call is None or request.path in self.args.deny:
            raise self.gate_refusal(GATE + "DENIED", "Forbidden", "the API is not authorized for the app")
        if request.method not in methods:
            raise self.gate_refusal(GATE + "METHOD", "MethodNotAllowed", "method not supported")
        return call(request, ak, pairs)

    def read_pairs(self, request):
        try:
            pairs = request.query()
            if request.body:
                if request.media_type() != "application/x-www-form-urlencoded":
                    raise self.gate_refusal(GATE + "BODY", "InvalidBody", "body is not a form")
                pairs += request.form()
        except ValueError:
            raise self.gate_refusal(GATE + "BODY", "InvalidBody", "parameters are not UTF-8") from None
        return pairs

    def check_signature(self, request, pairs):
        """The AK of the caller; a nonce counts as used only with a right signature."""
        header = lambda name: request.headers.get("X-Hmac-Auth-" + name) or ""
        ak, timestamp, nonce = request.headers.get("apiKey") or "", header("Timestamp"), header("Nonce")
        if not (ak and timestamp and nonce and header("Signature")):
            raise self.gate_refusal(GATE + "HEADER", "MissingHeader", "a signature header is missing")
        if ak not in self.keys:
            raise self.gate_refusal(GATE + "KEY", "InvalidApiKey", "unknown apiKey")
        if header("Version") != "1.0":
            raise self.gate_refusal(GATE + "VERSION", "InvalidVersion", "X-Hmac-Auth-Version is not 1.0")
        self.check_time(timestamp)
        if not re.fullmatch(r"[0-9]{1,64}", nonce):
            raise self.gate_refusal(GATE + "NONCE", "InvalidNonce", "nonce is not digits")
        algorithm = header("Algorithm").lower()
        if algorithm not in ("", "md5"):
            raise self.gate_refusal(GATE + "ALGORITHM", "InvalidAlgorithm", "unknown algorithm")
        strings = signing_strings(request.method, timestamp, nonce, request.path, pairs)
        given = header("Signature")
        if not any(same_text(sign(self.keys[ak], text, algorithm), given) for text in strings):
            raise self.signature_refusal()
        self.use_nonce(ak, nonce)
        return ak

    def signature_refusal(self):
        return self.gate_refusal(SIGNATURE_CODE, "SignatureDoesNotMatch", "signature does not match")

    def check_time(self, timestamp):
        then = None
        if TIMESTAMP.fullmatch(timestamp):
            try:
                then = datetime.fromisoformat(timestamp).timestamp()
            except ValueError:
                pass   # a thirteenth month, say
        if then is None:
            raise self.gate_refusal(GATE + "TIMESTAMP", "InvalidTimestamp", "malformed timestamp")
        if abs(self.clock.signature_now() - then) > self.args.skew:
            raise self.gate_refusal(GATE + "SKEW", "TimestampExpired", "timestamp too far from now")

    def use_nonce(self, ak, nonce):
        if self.args.allow_replay:
            return
        if (ak, nonce) in self.nonces:
            raise self.gate_refusal(GATE + "REPLAY", "NonceReplayed", "nonce was used before")
        now = self.clock.signature_now()
        self.nonces[(ak, nonce)] = now
        # Older ones are stale by their timestamp; the dict keeps arrival order,
        # so dropping from its head is enough.
        while self.nonces:
            first = next(iter(self.nonces))
            if now - self.nonces[first] <= 2 * self.args.skew:
                break
            del self.nonces[first]

    # Token and identity. -----------------------------------------------------------

    def get_token(self, request, ak, pairs):
        given = dict(pairs)
        if given.get("appkey", ak) != ak or given.get("appsecret", self.keys[ak]) != self.keys[ak]:
            raise self.fail(PARAMETER, "appkey or appsecret does not belong to the caller")
        now, token = self.clock.now(), self.token_of.get(ak)
        if token is None or self.tokens[token][1] <= now:
            token = "app_" + secrets.token_hex(16)
        self.token_of[ak] = token
        self.tokens[token] = (ak, now + self.args.token_life)   # asking again renews it
        life = int(self.args.token_life)
        return self.done({"accessToken": token,
                          "expiresIn": str(life) if self.args.numbers_as_strings else life})

    def app_user(self, request, ak, pairs):
        return self.identity(ak, dict(pairs), "auth_code", "app", "240133")

    def qr_user(self, request, ak, pairs):
        return self.identity(ak, dict(pairs), "code", "qr", "250027")

    def identity(self, ak, given, parameter, kind, bad_token):
        owner, expires = self.tokens.get(given.get("access_token", ""), (None, 0))
        if owner != ak or expires <= self.clock.now():
            raise self.fail(bad_token, "access token invalid or not existing")
        code = self.codes.get(given.get(parameter, ""))
        if (code is None or code["kind"] != kind or code["owner"] != owner
                or code["expires"] <= self.clock.now() or code["person"] not in self.people):
            raise self.fail("240111", "login code invalid or not existing")
        del self.codes[given[parameter]]
        return self.done(self.identity_data(self.people[code["person"]], ak, kind))

    def as_number(self, text):
        return text if self.args.numbers_as_strings else number_or_text(text)

    def identity_data(self, person, ak, kind):
        realm, account = person["realmId"], person["accountId"]
        data = {
            "account": person["account"], "accountId": self.as_number(account),
            "clientId": person.get("clientId", "minhu_dingoa"),
            "employeeCode": person.get("employeeCode"),
            "lastName": person["lastName"],
            "nickNameCn": person.get("nickNameCn", person["lastName"]),
            "namespace": "local", "realmId": self.as_number(realm),
            "realmName": person.get("realmName", "测试租户"),
            "tenantUserId": f"{realm}${account}"}
        if kind == "app":
            made = hashlib.sha256(f"{ak} {realm} {account}".encode()).hexdigest()[:32]
            data["openid"] = person.get("openid", made)
        if not data["employeeCode"]:
            del data["employeeCode"]   # a super administrator has none
        return data

    # Directory. ------------------------------------------------------------------------

    def tenant_of(self, given):
        tenant = given.get("tenantId", "")
        if tenant != str(self.args.tenant):
            raise self.fail(PARAMETER, "tenantId is missing or not the app's")
        return tenant

    def directory_entry(self, person, *names):
        entry = {"accountId": self.as_number(person["accountId"]),
                 "accountCode": person["account"], "accountNamespace": "local",
                 "employeeCode": person.get("employeeCode"),
                 "mobile": person.get("mobile"), "status": person["status"]}
        return {name: entry[name] for name in names}

    def check_mobile_call(self, given):
        if given.get("areaCode") != "86" or given.get("namespace") != "local":
            raise self.fail(PARAMETER, "areaCode is not 86 or namespace is not local")
        return self.tenant_of(given)

    def by_mobile(self, request, ak, pairs):
        given = dict(pairs)
        tenant = self.check_mobile_call(given)
        person = self.by_number.get((tenant, given.get("mobile", "")))
        if person is None:
            raise self.fail(MISSING, "no employee with this mobile")
        return self.done(self.directory_entry(person, "accountId", "employeeCode", "status"))

    def by_mobiles(self, request, ak, pairs):
        given = dict(pairs)
        tenant = self.check_mobile_call(given)
        mobiles = split_list(given.get("mobiles", ""))
        if not 1 <= len(mobiles) <= 50:
            raise self.fail(PARAMETER, "mobiles holds 1 to 50 numbers")
        found = [self.by_number[(tenant, m)] for m in mobiles if (tenant, m) in self.by_number]
        names = ("accountId", "mobile", "employeeCode", "status")
        return self.done([self.directory_entry(person, *names) for person in found])

    def employee_by_code(self, request, ak, pairs):
        given = dict(pairs)
        person = self.by_code.get((self.tenant_of(given), given.get("employeeCode", "")))
        if person is None:
            raise self.fail(MISSING, "no employee with this code")
        return self.done({"employeeCode": person["employeeCode"],
                          "employeeName": person["lastName"],
                          "status": "A" if person["status"] in (0, "A") else "F",
                          "gmtCreate": "2025-01-01 08:00:00", **person.get("employee", {})})

    def account_ids(self, request, ak, pairs):
        tenant = self.tenant_of(dict(pairs))
        codes = [value for name, value in pairs if name == "employeeCodes" and value]
        if not 1 <= len(codes) <= 100:
            raise self.fail(PARAMETER, "employeeCodes is given 1 to 100 times")
        found = [self.by_code[(tenant, c)] for c in codes if (tenant, c) in self.by_code]
        names = ("accountId", "accountCode", "accountNamespace", "employeeCode")
        return self.done([self.directory_entry(person, *names) for person in found])

    # Work notices. ------------------------------------------------------------------------

    def work_notice(self, request, ak, pairs):
        self.take_turn(request)
        given = dict(pairs)
        notice = self.read_notice(given, self.tenant_of(given))
        people = self.people_addressed(notice)
        now = self.clock.now()
        broken = self.desk.broken_limit(notice, people, now)
        if broken:
            raise self.fail(NOTICE + broken[0], broken[1])
        notice["time"] = stamp(now)
        if self.witness:
            notice["committed"] = self.witness.committed(notice["bizMsgId"])
        self.desk.keep(notice, people, now)
        content = notice["msgId"] if self.args.content_as_string else {"msgId": notice["msgId"]}
        return json_reply({"success": True, "content": content})

    def take_turn(self, request):
        """Hold the desk until this call's answer leaves; a second caller is parallel."""
        desk = self.desk
        if desk.busy and not self.args.allow_parallel:
            raise self.fail(NOTICE + "PARALLEL", "another call is being processed")
        desk.busy = True

        def release():
            desk.busy = False
        request.releases.append(release)
        request.hold = self.args.notice_time

    def read_notice(self, given, tenant):
        receivers = split_list(given.get("receiverIds", ""))
        organizations = split_list(given.get("organizationCodes", ""))
        if not receivers and not organizations:
            raise self.fail(PARAMETER, "receiverIds or organizationCodes is needed")
        if not all(re.fullmatch(r"[0-9]{1,19}", text) for text in receivers):
            raise self.fail(PARAMETER, "receiverIds are account ids joined by comma")
        biz_id = given.get("bizMsgId", "")
        if not biz_id and not self.args.biz_id_optional:
            raise self.fail(PARAMETER, "bizMsgId is needed")
        return {"time": "", "msgId": str(uuid.uuid4()), "bizMsgId": biz_id, "tenantId": tenant,
                "receivers": receivers, "organizationCodes": organizations,
                "unknownReceivers": [r for r in receivers if (tenant, r) not in self.people],
                "batch": len(receivers) > 1 or bool(organizations),
                "msg": self.read_message(given.get("msg", ""))}

    def read_message(self, text):
        size, limit = len(text.encode()), self.args.max_msg_bytes
        if limit and size > limit:
            raise self.fail(NOTICE + "SIZE", f"msg has {size} bytes, at most {limit}")
        try:
            message = json.loads(text)
            key, fields = NOTICE_SHAPES[message["msgtype"]]
            complete = all(message[key].get(field) for field in fields)
        except (ValueError, KeyError, TypeError, AttributeError):
            complete = False
        if not complete:
            raise self.fail(NOTICE + "MESSAGE", "msg is no JSON text of a known msgtype and shape")
        return message

    def people_addressed(self, notice):
        """Account ids, once each: the receivers and the organizations' members."""
        wanted = set(notice["organizationCodes"])
        people = dict.fromkeys(notice["receivers"])
        if wanted:
            for (realm, account), person in self.people.items():
                if realm == notice["tenantId"] and wanted & set(person.get("organizationCodes", ())):
                    people[account] = None
        return list(people)

    # Faults. ----------------------------------------------------------------------------------

    def badsig_reply(self, request):
        return self.signature_refusal().reply

    def wrong_reply(self, request, code):
        default = {"/rpc/oauth2/dingtalk_app_user.json": "240111",
                   "/rpc/oauth2/getuserinfo_bycode.json": "240111"}.get(request.path, "240132")
        return self.failed(code or default, "stand-in fault")


def add_notice_arguments(parser):
    group = parser.add_argument_group("work notices")
    limits = (("max-msg-bytes", 2048, "bytes of msg"), ("max-receivers", 1000, "receivers a call"),
              ("same-content-day", 1, "times a day for one content to one person"),
              ("person-day", 100, "notices a day for one person"),
              ("app-day", 20000, "notices a day for the app, counted by receiver"))
    for name, default, text in limits:
        group.add_argument("--" + name, type=int, default=default, metavar="N",
                           help=f"at most so many {text} (%(default)s)")
    group.add_argument("--batch-gap", type=float, default=600, metavar="SECONDS",
                       help="least time between batches (%(default)s)")
    group.add_argument("--notice-time", type=float, default=0, metavar="SECONDS",
                       help="how long a call is being processed, for parallel callers to meet")
    group.add_argument("--allow-parallel", action="store_true", help="take parallel calls")
    group.add_argument("--biz-id-optional", action="store_true", help="take calls without bizMsgId")
    group.add_argument("--witness", metavar="SOCKET",
                       help="the product's database: what is committed there is noted with each notice")
    group.add_argument("--content-as-string", action="store_true",
                       help="answer with the message id as content itself")


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_arguments(parser, "minhu-demo-appkey", "minhu-demo-secret-0001")
    parser.add_argument("--qr-ak", help="access key of the QR sign-in app; without it the "
                        "main app's codes serve both identity calls")
    parser.add_argument("--qr-sk", default="", help="secret key of --qr-ak")
    parser.add_argument("--tenant", type=int, default=100, help="tenant id (%(default)s)")
    parser.add_argument("--skew", type=float, default=900, metavar="SECONDS",
                        help="clock skew that the gate bears (%(default)s)")
    parser.add_argument("--allow-replay", action="store_true", help="do not check nonces")
    parser.add_argument("--code-life", type=float, default=300, metavar="SECONDS",
                        help="lifetime of a sign-in code (%(default)s)")
    parser.add_argument("--token-life", type=float, default=7200, metavar="SECONDS",
                        help="lifetime of an access token (%(default)s)")
    parser.add_argument("--deny", action="append", default=[], metavar="PATH",
                        help="an API that is not granted to the app; may be repeated")
    parser.add_argument("--refusal-status", type=int, default=200, metavar="STATUS",
                        help="HTTP status of the gate's refusals, not published (%(default)s)")
    parser.add_argument("--numbers-as-strings", action="store_true",
                        help="give accountId, realmId and expiresIn as strings")
    add_notice_arguments(parser)
    return parser.parse_args(argv)


def main():
    args = parse_arguments()
    try:
        standin = Zhezhengding(args)
    except (ControlError, OSError, ValueError) as error:
        sys.exit(f"standin_zzd: {error}")
    return run(standin, args)


if __name__ == "__main__":
    sys.exit(main())
