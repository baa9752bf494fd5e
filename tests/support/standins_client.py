"""A client of the stand-ins for tests: starts one, signs calls, reads answers.

Shares no code with the stand-ins, so that a slip in how they sign or count
can't hide behind the same slip here.
"""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import pathlib
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, quote_plus, urlsplit

HERE = pathlib.Path(__file__).resolve().parent
BEIJING = timezone(timedelta(hours=8))
ZZD_AK, ZZD_SK = "minhu-demo-appkey", "minhu-demo-secret-0001"
ZLB_AK, ZLB_SK = "BCDSGA_demo0001", "BCDSGS_demo0001"
VECTOR_TIME = datetime(2025, 3, 1, 1, 30, tzinfo=timezone.utc).timestamp()
VECTOR_NONCE = "17407926001234567"
nonces = itertools.count(time.time_ns() // 1000)

TICKET = "/restapi/prod/IC33000020220228000002/sso/servlet/simpleauth"
USER = "/restapi/prod/IC33000020220228000004/sso/servlet/simpleauth"
SSO_TOKEN = "/restapi/prod/IC33000020220329000007/uc/sso/access_token"
SSO_USER = "/restapi/prod/IC33000020220329000008/uc/sso/getUserInfo"
SMS = "/restapi/prod/IC33000020220322000001/rest/sop-sms/sms/post/Send"
NOTICE = "/message/workNotification"
APP_USER = "/rpc/oauth2/dingtalk_app_user.json"


class Process:
    """One stand-in, started as its users start it."""

    def __init__(self, name, *options, context=None):
        command = [sys.executable, str(HERE / f"standin_{name}.py"), "--port", "0", *options]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
        line = self.child.stdout.readline().split()
        assert line and line[0] == "ready", line
        self.url = urlsplit(line[1])
        self.context = context

    def connect(self):
        if self.url.scheme == "https":
            return http.client.HTTPSConnection(self.url.netloc, timeout=10, context=self.context)
        return http.client.HTTPConnection(self.url.netloc, timeout=10)

    def call(self, method, target, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def control(self, target, value=None, status=200):
        method = "GET" if value is None else "POST"
        body = None if value is None else json.dumps(value)
        got, text = self.call(method, "/_control" + target, body)
        assert got == status, text
        return json.loads(text)

    def last(self):
        return self.control("/log")["requests"][-1]

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(10)
        finally:
            self.child.kill()
            self.child.stdout.close()


# Independent helpers: how a client signs. ------------------------------------


def zzd_text(method, stamp, nonce, path, pairs):
    text = f"{method}\n{stamp}\n{nonce}\n{path}"
    filled = sorted((n, v) for n, v in pairs if v)
    return text + "\n" + "&".join(n + "=" + v for n, v in filled) if filled else text


def zzd_sign(text, secret=ZZD_SK):
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), "sha256").digest()).decode()


def zzd_stamp(seconds):
    moment = datetime.fromtimestamp(seconds, BEIJING)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+08:00"


def zzd_call(process, method, path, pairs=(), ak=ZZD_AK, sk=ZZD_SK, order=None, **headers):
    pairs = list(pairs.items()) if isinstance(pairs, dict) else list(pairs)
    stamp = headers.pop("Timestamp", zzd_stamp(time.time()))
    nonce = headers.pop("Nonce", str(next(nonces)))
    text = zzd_text(method, stamp, nonce, path, pairs)
    if order:
        text = "\n".join([method, stamp, nonce, path, "&".join(f"{n}={v}" for n, v in order)])
    sent = {"Timestamp": stamp, "Nonce": nonce, "Version": "1.0",
            "Signature": zzd_sign(text, sk), **headers}
    wire = "&".join(f"{quote_plus(n)}={quote_plus(v)}" for n, v in pairs if v)
    lines = {"X-Hmac-Auth-" + name: value for name, value in sent.items() if value is not None}
    lines["apiKey"] = ak
    if method == "POST":
        lines["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        status, reply = process.call("POST", path, wire, lines)
    else:
        status, reply = process.call("GET", path + ("?" + wire if wire else ""), None, lines)
    return status, json.loads(reply)


def zlb_headers(method, path, query="", seconds=None, ak=ZLB_AK, sk=ZLB_SK, end="\n"):
    moment = datetime.fromtimestamp(seconds or time.time(), timezone.utc)
    date = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    text = f"{method}\n{path}\n{query}\n{ak}\n{date}{end}"
    mac = hmac.new(sk.encode(), text.encode(), hashlib.sha256).digest()
    return {"X-BG-HMAC-ACCESS-KEY": ak, "X-BG-HMAC-ALGORITHM": "hmac-sha256",
            "X-BG-DATE-TIME": date, "X-BG-HMAC-SIGNATURE": base64.b64encode(mac).decode()}


def zlb_post(process, path, body="", query="", kind="application/x-www-form-urlencoded"):
    headers = {**zlb_headers("POST", path, query), "Content-Type": kind}
    return process.call("POST", path + ("?" + query if query else ""), body, headers)


def service_form(method, ak=ZLB_AK, sk=ZLB_SK, moment=None, **more):
    moment = moment or datetime.now(BEIJING).strftime("%Y%m%d%H%M%S")
    form = {"method": method, "servicecode": ak, "time": moment, "datatype": "json",
            "sign": hashlib.md5(f"{ak}{sk}{moment}".encode()).hexdigest(), **more}
    return "&".join(f"{n}={quote(v)}" for n, v in form.items() if v is not None)


def simple(process, path, method, **more):
    status, text = zlb_post(process, path, service_form(method, **more))
    assert status == 200
    return json.loads(text)


def sso(process, path, value):
    return json.loads(zlb_post(process, path, json.dumps(value), kind="application/json")[1])
