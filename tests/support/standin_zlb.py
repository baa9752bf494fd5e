#!/usr/bin/python3
"""Stand-in for Zheliban (浙里办): component gateway, sign-in and SMS.

It plays the component gateway that an application calls with signed
requests, and the components behind it: the ticket calls of simpleauth (App,
Alipay), the unified sign-on (WeChat, PC) and the SMS component.
"""

import argparse
import base64
import hashlib
import hmac
import re
import secrets
import sys
import urllib.parse
from datetime import datetime, timezone
from xml.sax.saxutils import escape

from beijing import BEIJING
from standin_common import (COMMON_HELP, ControlError, Refusal, Reply, Standin,
                            add_common_arguments, json_reply, load_people, run,
                            same_text, stamp)

PREFIX = "/restapi/prod/"
SIMPLEAUTH = "/sso/servlet/simpleauth"

# name: (default component id, path behind it)
COMPONENTS = {
    "ticket": ("IC33000020220228000002", SIMPLEAUTH),
    "user": ("IC33000020220228000004", SIMPLEAUTH),
    "sso-token": ("IC33000020220329000007", "/uc/sso/access_token"),
    "sso-user": ("IC33000020220329000008", "/uc/sso/getUserInfo"),
    "sms": ("IC33000020220322000001", "/rest/sop-sms/sms/post/Send"),
}

# Channel of the page: who spends the ticket, and the name it arrives under.
CHANNELS = {"app": ("simpleauth", "ticket"), "alipay": ("simpleauth", "ticket"),
            "wechat": ("sso", "ticketId"), "pc": ("sso", "ticketId")}

USER_FIELDS = (
    "userid", "loginname", "username", "authlevel", "idtype", "idnum",
    "passport", "permitlicense", "taiwanlicense", "officerlicense", "greencard",
    "sex", "nation", "birthday", "country", "province", "city",
    "mobile", "email", "postcode", "homephone", "homeaddress",
    "officephone", "officefax", "officeaddress",
    "cakey", "headpicture", "useable", "orderby")

SSO_ID_TYPES = {"1": "ID_CARD", "2": "PASSPORT", "3": "OFFICER_CARD"}

MESSAGES = {
    "0": "成功", "6001": "票据已过期", "6002": "不是有效的票据", "6003": "票据属于其他应用",
    "6004": "票据格式错误", "6099": "票据验证失败", "6501": "令牌已过期", "6502": "令牌不存在",
    "6503": "读取用户信息失败", "6504": "令牌属于其他应用", "6505": "令牌格式错误",
    "6599": "获取用户信息失败", "9800": "未知的方法", "9900": "未知的接入代码",
    "9901": "签名错误", "9902": "时间错误", "9903": "来源地址不允许", "9904": "服务已停用"}

TICKET_SHAPE = re.compile(r"[A-Za-z0-9_.-]{8,128}")
TOKEN_SHAPE = re.compile(r"[A-Za-z0-9_.-]{8,50}")
DATE_SHAPE = "%a, %d %b %Y %H:%M:%S GMT"

EPILOG = """\
people file: a JSON list, or {"people": [...]}. Of a person only userid is needed:
  {"userid": "u1", "username": "测试甲", "mobile": "13800000000", "idtype": "1",
   "idnum": "330100199001010011", "authlevel": "3", ...any field of getUserInfo...,
   "ssoUserId": "the userId of unified sign-on, by default sso-<userid>: hosts do not
                 promise that both are the same",
   "legal": {...legalPersonInfo; makes the user a LEGAL_PERSON...},
   "organizations": [...organizationInfoList...],
   "unreadable": true for a user that can't be read (6503, C-USER-SSO-USER-EMPTY)}

""" + COMMON_HELP + """\
  POST /_control/ticket   {"userid": ..., "channel": "app|alipay|wechat|pc",
                           "lifetime": N, "servicecode": ..., "appId": ...}
                          -> {"ticket", "channel", "param", "expiresIn"}; the last three
                          of the request are optional; 404 for an unknown userid
  GET  /_control/sms      {"sms": [{time, number, content, f, signCode}]}

A spent ticket answers 6001 as an expired one does (not published which).
"""


def canonical_query(pairs):
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    ordered = sorted(pairs, key=lambda pair: pair[0])   # stable: values keep their order
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in ordered)


def gateway_signature(secret, method, path, query, ak, date):
    text = "\n".join((method, path, query, ak, date)) + "\n"
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def service_sign(servicecode, servicepwd, time_text):
    return hashlib.md5((servicecode + servicepwd + time_text).encode()).hexdigest()


def gateway_refusal(message, status=401):
    return Refusal(json_reply({"message": message}, status, "refused", message))


class Zheliban(Standin):
    name = "zlb"

    def __init__(self, args):
        self.args = args
        self.keys = {args.ak: args.sk}
        self.component_owner = {}   # component name: the only AK it is granted to
        for text in args.component_key:
            name, ak, sk = text.replace("=", ":", 1).split(":", 2)
            if name not in COMPONENTS:
                raise ValueError(f"--component-key: no component named {name}")
            self.keys[ak] = sk
            self.component_owner[name] = ak
        self.components = {}        # component id: (name, path behind it)
        for name, (_, path) in COMPONENTS.items():
            ident = getattr(args, "component_" + name.replace("-", "_"))
            self.components[ident] = (name, path)
        super().__init__(load_people(args.people))
        self.controls[("POST", "/ticket")] = self.control_ticket
        self.controls[("GET", "/sms")] = lambda request: {"sms": self.sms}

    # State. ---------------------------------------------------------------

    def clear_people(self):
        self.people = {}

    def forget(self):
        self.tickets = {}
        self.sms = []
        self.forget_tokens()

    def forget_tokens(self):
        self.tokens = {}

    def add_person(self, person):
        userid = person.get("userid")
        if not isinstance(userid, str) or not 1 <= len(userid) <= 32:
            raise ControlError(400, "a person needs a userid of 1 to 32 characters")
        self.people[userid] = {"loginname": userid, "useable": "1",
                               "idtype": "1" if person.get("idnum") else "", **person}

    def control_ticket(self, request):
        value = self.control_body(request)
        userid, channel = value.get("userid"), value.get("channel", "app")
        if userid not in self.people:
            raise ControlError(404, f"no person with userid {userid}")
        if channel not in CHANNELS:
            raise ControlError(400, "channel is one of " + ", ".join(CHANNELS))
        kind, param = CHANNELS[channel]
        owner = value.get("servicecode", self.args.ak) if kind == "simpleauth" \
            else value.get("appId", self.args.app_id)
        lifetime = float(value.get("lifetime", self.args.ticket_life))
        ticket = ("ST-" if kind == "simpleauth" else "debug_tk_") + secrets.token_hex(16)
        self.tickets[ticket] = {"kind": kind, "userid": userid, "owner": owner, "spent": False,
                                "expires": self.clock.now() + lifetime}
        return {"ticket": ticket, "channel": channel, "param": param, "expiresIn": lifetime}

    def new_token(self, kind, userid, owner):
        token = ("" if kind == "simpleauth" else "debug_at_") + secrets.token_hex(16)
        self.tokens[token] = {"kind": kind, "userid": userid, "owner": owner,
                              "expires": self.clock.now() + self.args.token_life}
        return token

    def find(self, store, name, kind, owner):
        """An entry and what is wrong with it: "", unknown, foreign or expired."""
        entry = store.get(name) if isinstance(name, str) else None
        if entry is None or entry["kind"] != kind:
            return None, "unknown"
        if owner is not None and entry["owner"] != owner:
            return entry, "foreign"
        if entry.get("spent") or entry["expires"] <= self.clock.now():
            return entry, "expired"
        return entry, ""

    def readable(self, userid):
        person = self.people.get(userid)
        return None if person is None or person.get("unreadable") else person

    # The gateway. -----------------------------------------------------------

    def answer(self, request):
        if not request.path.startswith(PREFIX):
            raise gateway_refusal("no such route", 404)
        ak = self.check_signature(request)
        ident, _, rest = request.path[len(PREFIX):].partition("/")
        name, path = self.components.get(ident, ("", ""))
        if not name or self.component_owner.get(name, ak) != ak:
            raise gateway_refusal("The route_id is forbidden.")
        if "/" + rest != path:
            raise gateway_refusal("no such path behind the component", 404)
        if request.method != "POST":
            raise gateway_refusal("method not allowed", 405)
        actions = {"ticket": self.simpleauth, "user": self.simpleauth, "sms": self.send_sms,
                   "sso-token": self.sso_token, "sso-user": self.sso_user}
        return actions[name](request, name)

    def check_signature(self, request):
        """The AK of the caller. The order of the refusals is the gateway's."""
        header = lambda name: request.headers.get("X-BG-" + name) or ""
        ak, signature = header("HMAC-ACCESS-KEY"), header("HMAC-SIGNATURE")
        algorithm, date = header("HMAC-ALGORITHM"), header("DATE-TIME")
        if not ak or not signature:
            raise gateway_refusal("access key or signature missing")
        if ak not in self.keys:
            raise gateway_refusal("Invalid access key")
        if algorithm != "hmac-sha256":
            raise gateway_refusal(f"algorithm {algorithm} not supported")
        try:
            then = datetime.strptime(date, DATE_SHAPE).replace(tzinfo=timezone.utc)
        except ValueError:
            raise gateway_refusal("Invalid GMT format time") from None
        if abs(self.clock.signature_now() - then.timestamp()) > self.args.skew:
            raise gateway_refusal("Clock skew exceeded")
        try:
            query = canonical_query(request.query())
        except ValueError:
            raise gateway_refusal("Invalid signature") from None
        due = gateway_signature(self.keys[ak], request.method, request.path, query, ak, date)
        if not same_text(due, signature):
            raise gateway_refusal("Invalid signature")
        return ak

    # simpleauth. --------------------------------------------------------------

    def simpleauth(self, request, component):
        try:
            form = dict(request.form())
        except ValueError:
            form = {}
        if request.media_type() != "application/x-www-form-urlencoded":
            form = {}   # a servlet reads parameters from a form body only
        steps = {"ticket": ("ticketValidation", self.validate_ticket),
                 "user": ("getUserInfo", self.get_user_info)}
        method, action = steps[component]
        code = self.check_service(form)
        fields, reason = {}, ""
        if code == "0" and form.get("method") != method:
            code = "9800"
        if code == "0":
            code, fields, reason = action(form)
        return self.simple_reply(form, code, fields, reason)

    def check_service(self, form):
        servicecode, time_text = form.get("servicecode", ""), form.get("time", "")
        if servicecode not in self.keys:
            return "9900"
        try:
            then = datetime.strptime(time_text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
        except ValueError:
            return "9902"
        late = abs(self.clock.signature_now() - then.timestamp())
        if len(time_text) != 14 or late > self.args.time_skew:
            return "9902"
        due = service_sign(servicecode, self.keys[servicecode], time_text)
        return "0" if same_text(due, form.get("sign", "")) else "9901"

    def validate_ticket(self, form):
        ticket, owner = form.get("st", ""), form["servicecode"]
        if not TICKET_SHAPE.fullmatch(ticket):
            return "6004", {}, ""
        entry, fault = self.find(self.tickets, ticket, "simpleauth", owner)
        if fault:
            code = {"unknown": "6002", "foreign": "6003", "expired": "6001"}[fault]
            spent = fault == "expired" and entry["spent"]
            return code, {}, "ticket already spent" if spent else ""
        entry["spent"] = True
        person = self.readable(entry["userid"])
        if person is None:
            return "6099", {}, "user can't be read"
        token = self.new_token("simpleauth", entry["userid"], owner)
        names = ("userid", "loginname", "username", "orgcoding")
        return "0", {"token": token, **{n: str(person.get(n, "")) for n in names}}, ""

    def get_user_info(self, form):
        token, owner = form.get("token", ""), form["servicecode"]
        if not TOKEN_SHAPE.fullmatch(token):
            return "6505", {}, ""
        entry, fault = self.find(self.tokens, token, "simpleauth", owner)
        if fault:
            return {"unknown": "6502", "foreign": "6504", "expired": "6501"}[fault], {}, ""
        person = self.readable(entry["userid"])
        if person is None:
            return "6503", {}, ""
        return "0", {name: str(person.get(name, "")) for name in USER_FIELDS}, ""

    def simple_reply(self, form, code, fields, reason=""):
        result = int(code) if self.args.result_number else code
        value = {"result": result, "errmsg": MESSAGES.get(code, "失败"), **fields}
        verdict = "accepted" if code == "0" else "failed"
        reason = " ".join(filter(None, ("" if code == "0" else code, reason)))
        if form.get("datatype") == "json":
            return json_reply(value, 200, verdict, reason)
        lines = "".join(f"<{n}>{escape(str(v))}</{n}>" for n, v in value.items())
        text = f'<?xml version="1.0" encoding="UTF-8"?><response>{lines}</response>'
        return Reply(200, text.encode(), "text/xml;charset=UTF-8", verdict, reason)

    # Unified sign-on. -----------------------------------------------------------

    @staticmethod
    def sso_reply(data, code=None, reason=""):
        value = {"success": code is None, "errorCode": code,
                 "errorMsg": None if code is None else "登录信息无效", "data": data}
        verdict = "accepted" if code is None else "failed"
        return json_reply(value, 200, verdict, " ".join(filter(None, (code, reason))))

    def sso_token(self, request, component):
        body = request.json() or {}
        entry, fault = self.find(self.tickets, body.get("ticketId"), "sso", body.get("appId", ""))
        if fault:
            return self.sso_reply(None, "C-USER-SSO-TICKET-INVALID", fault)
        entry["spent"] = True
        return self.sso_reply({"accessToken": self.new_token("sso", entry["userid"], entry["owner"])})

    def sso_user(self, request, component):
        body = request.json() or {}
        entry, fault = self.find(self.tokens, body.get("token"), "sso", None)
        if fault:
            return self.sso_reply(None, "C-USER-SSO-TOKEN-INVALID", fault)
        person = self.readable(entry["userid"])
        if person is None:
            return self.sso_reply(None, "C-USER-SSO-USER-EMPTY")
        legal = person.get("legal")
        return self.sso_reply({
            "userType": "LEGAL_PERSON" if legal else "PERSON",
            "personInfo": self.person_info(person),
            "legalPersonInfo": legal or None,
            "organizationInfoList": person.get("organizations", [])})

    @staticmethod
    def person_info(person):
        text = lambda name: str(person.get(name, ""))
        idtype = text("idtype")
        return {"userId": person.get("ssoUserId", "sso-" + person["userid"]),
                "userName": text("username"),
                "idType": person.get("ssoIdType", SSO_ID_TYPES.get(idtype, "")),
                "outerIdType": idtype, "idNo": text("idnum"),
                "attnUserType": person.get("attnUserType"), "phone": text("mobile"),
                "email": text("email"), "nation": text("nation"), "gender": text("sex"),
                "birthday": text("birthday"), "certKey": text("cakey"),
                "attributes": person.get("attributes", {})}

    # SMS. ----------------------------------------------------------------------

    def send_sms(self, request, component):
        query = dict(request.query())
        number, content = query.get("UserNumber", ""), query.get("MessageContent", "")
        if not number or not content:
            return json_reply({"success": False, "message": "UserNumber or MessageContent missing"},
                              400, "failed", "parameter missing")
        self.sms.append({"time": stamp(self.clock.now()), "number": number, "content": content,
                         "f": query.get("f", ""), "signCode": query.get("signCode", "")})
        return json_reply({"success": True})   # the real body is not published

    # Faults. ----------------------------------------------------------------------

    def badsig_reply(self, request):
        return gateway_refusal("Invalid signature").reply

    def wrong_reply(self, request, code):
        ident = request.path[len(PREFIX):].partition("/")[0]
        name, _ = self.components.get(ident, ("", ""))
        if name in ("ticket", "user"):
            default = {"ticket": "6099", "user": "6599"}[name]
            try:
                form = dict(request.form())
            except ValueError:
                form = {}
            return self.simple_reply(form, code or default, {})
        if name in ("sso-token", "sso-user"):
            default = {"sso-token": "C-USER-SSO-TICKET-INVALID",
                       "sso-user": "C-USER-SSO-USER-EMPTY"}[name]
            return self.sso_reply(None, code or default)
        return json_reply({"success": False, "message": code or "stand-in fault"}, 400)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_arguments(parser, "BCDSGA_demo0001", "BCDSGS_demo0001")
    for name, (ident, path) in COMPONENTS.items():
        parser.add_argument("--component-" + name, default=ident, metavar="ID",
                            help=f"component id of …{path} (%(default)s)")
    parser.add_argument("--component-key", action="append", default=[], metavar="NAME=AK:SK",
                        help="grant the component (ticket, user, sso-token, sso-user, sms) to "
                             "this key pair only; may be repeated")
    parser.add_argument("--app-id", default="minhu-demo-appid",
                        help="appId of the unified sign-on (%(default)s)")
    parser.add_argument("--skew", type=float, default=90, metavar="SECONDS",
                        help="clock skew that the gateway bears (%(default)s)")
    parser.add_argument("--time-skew", type=float, default=900, metavar="SECONDS",
                        help="skew that the parameter time of simpleauth bears (%(default)s)")
    parser.add_argument("--ticket-life", type=float, default=60, metavar="SECONDS",
                        help="lifetime of a ticket (%(default)s)")
    parser.add_argument("--token-life", type=float, default=1800, metavar="SECONDS",
                        help="lifetime of a token (%(default)s)")
    parser.add_argument("--result-number", action="store_true",
                        help="give simpleauth's result as a number, as some answers do")
    return parser.parse_args(argv)


def main():
    args = parse_arguments()
    try:
        standin = Zheliban(args)
    except (ControlError, OSError, ValueError) as error:
        sys.exit(f"standin_zlb: {error}")
    return run(standin, args)


if __name__ == "__main__":
    sys.exit(main())
