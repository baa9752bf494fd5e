"""How tests talk to the stack: keep-alive HTTPS clients for residents, staff and third parties, and the world they live in."""

import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import threading
import urllib.parse
import uuid

import contract
from story import Stack

# A build under a sanitizer takes its time: how many times that of a plain one every wait may last.
SLOW = float(os.environ.get("MINHU_SLOW", "1"))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.raw = status, headers, body
        kind = headers.get("content-type", "")
        self.json = json.loads(body) if body and "json" in kind else None

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None

    def ok(self, status=200):
        assert self.status == status, f"expected {status}, got {self.status}: {self.raw[:600].decode(errors='replace')}"
        return self.json

    def problem(self, status, code):
        assert (self.status, self.code) == (status, code), f"expected {status} {code}, got {self.status} {self.raw[:600].decode(errors='replace')}"
        assert self.headers["content-type"].startswith("application/problem+json")
        assert self.json["request_id"] == self.headers["x-request-id"]
        assert self.json["detail"]
        return self.json

    def __repr__(self):
        return f"<{self.status} {self.raw[:300]!r}>"


class Client:
    """One caller. Connections are kept, one a thread."""

    records = []
    recording = threading.Lock()

    def __init__(self, world, token, entry="zlb", me=None):
        self.world, self.token, self.entry, self.me = world, token, entry, me or {}
        self.local = threading.local()

    def connection(self):
        if not getattr(self.local, "connection", None):
            host, port = urllib.parse.urlsplit(self.world.stack.base).netloc.split(":")
            self.local.connection = http.client.HTTPSConnection(host, int(port), context=self.world.stack.tls, timeout=30 * SLOW)
        return self.local.connection

    def send(self, method, path, body=None, headers=None, token=True, record=True):
        """body: bytes go as they are, anything else as JSON."""
        send = {"Connection": "keep-alive"}
        if token and self.token:
            send["Authorization"] = f"Bearer {self.token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        if body is not None:
            send["Content-Type"] = "application/json"
        send.update(headers or {})
        for last in (False, True):
            connection = self.connection()
            try:
                connection.request(method, path, body=body, headers={k: v for k, v in send.items() if v is not None})
                got = connection.getresponse()
                answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
                break
            except (http.client.RemoteDisconnected, http.client.CannotSendRequest, ConnectionError, ssl.SSLEOFError):
                connection.close()
                self.local.connection = None
                if last:
                    raise
        operation = contract.match(method, path.split("?")[0])
        if operation and record:
            with Client.recording:
                Client.records.append({"operation": operation, "status": answer.status, "headers": answer.headers,
                                       "body": answer.json if answer.json is not None else answer.raw})
        return answer

    def get(self, path, **headers):
        return self.send("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, body=None, version=None, key=None, **headers):
        extra = {k.replace("_", "-"): v for k, v in headers.items()}
        if version is not None:
            extra["If-Match"] = f'"{version}"'
        if key:
            extra["Idempotency-Key"] = key
        return self.send("POST", path, {} if body is None else body, extra)

    # ---- residents ----

    def submit(self, **changes):
        body = {"kind": "help", "text": "楼道里的灯坏了三天，老人上下楼很不方便，请尽快修好。", "place_code": self.world.place["code"]}
        body.update(changes)
        return self.post("/zlb/v1/appeals", {k: v for k, v in body.items() if v is not None}, key=str(uuid.uuid4())).ok(201)

    def own(self, appeal):
        return self.get(f"/zlb/v1/appeals/{appeal['id']}").ok()

    # ---- staff ----

    def seen(self, appeal):
        return self.get(f"/zzd/v1/appeals/{appeal['id']}").ok()

    def act(self, appeal, action, body=None, version=None, key=None):
        """An action with the version that the appeal has now, unless told otherwise."""
        if version is None:
            version = self.seen(appeal)["version"]
        return self.post(f"/zzd/v1/appeals/{appeal['id']}/{action}", body, version, key)


class World:
    """The demonstration district and everybody in it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.stack = Stack(str(folder))
        self.units = {u["code"]: u for u in self.stack.rows("units.tsv")}
        self.posts = self.stack.rows("posts.tsv")
        self.place = self.stack.rows("places.tsv")[0]
        people = json.loads((self.folder / "demo/people.json").read_text(encoding="utf-8"))
        people = people["people"] if isinstance(people, dict) else people
        self.account = {p["employeeCode"]: p["accountId"] for p in people if p.get("employeeCode")}
        residents = json.loads((self.folder / "demo/residents.json").read_text(encoding="utf-8"))
        self.residents = residents["people"] if isinstance(residents, dict) else residents
        self.signed_in = {}
        self.build = dict(line.strip().split("=", 1) for line in (self.folder / "env").read_text().splitlines() if "=" in line)["build"]

    def control(self, host, path, body=None):
        base = self.stack.zlb if host == "zlb" else self.stack.zzd
        return self.stack.call("GET" if body is None else "POST", f"{base}/_control/{path}", body)[1]

    def ticket(self, userid, channel="app", **more):
        return self.control("zlb", "ticket", {"userid": userid, "channel": channel, **more})["ticket"]

    def code(self, account, **more):
        return self.control("zzd", "code", {"accountId": account, **more})["code"]

    def add_resident(self, **fields):
        person = {"userid": f"u-{uuid.uuid4().hex[:12]}", "username": "赵小满", "mobile": "13900139000", "idtype": "1", "authlevel": "3"}
        person.update(fields)
        self.control("zlb", "person", {k: v for k, v in person.items() if v is not None})
        return person

    def sign_in(self, userid, channel="app"):
        session = Client(self, None).post("/zlb/v1/sessions", {"channel": channel, "ticket": self.ticket(userid, channel)}).ok(201)
        client = Client(self, session["access_token"], "zlb", session["resident"])
        client.session = session
        return client

    def resident(self, index):
        userid = self.residents[index]["userid"]
        if userid not in self.signed_in:
            self.signed_in[userid] = self.sign_in(userid)
        return self.signed_in[userid]

    def staff_code(self, unit_code, roles=("dispatcher", "unit_lead", "handler"), nth=0):
        """The employee code of the nth person with one of these roles in a unit."""
        for role in roles:
            found = [p["employee_code"] for p in self.posts if p["unit_code"] == unit_code and p["role"] == role and p["employee_code"] in self.account]
            if len(found) > nth:
                return found[nth]
        raise LookupError(f"{unit_code} has no {roles}")

    def staff(self, unit_code, *roles, nth=0):
        roles = roles or ("dispatcher", "unit_lead", "handler")
        code = self.staff_code(unit_code, roles, nth)
        key = (code, unit_code, roles)
        if key not in self.signed_in:
            self.signed_in[key] = self.sign_in_staff(code, unit_code, roles)
        return self.signed_in[key]

    def sign_in_staff(self, employee_code, unit_code=None, roles=None):
        session = Client(self, None, "zzd").post("/zzd/v1/sessions", {"code": self.code(self.account[employee_code])}).ok(201)
        client = Client(self, session["access_token"], "zzd", session["staff"])
        client.session = session
        for post in session["staff"]["posts"]:
            if post["unit"]["code"] == unit_code and post["role"]["code"] in roles:
                if post["id"] != session["staff"]["post"]["id"]:
                    client.me = client.post("/zzd/v1/me/post", {"post_id": post["id"]}).ok()
                break
        return client

    def chain(self, unit_code):
        """The unit and those above it, nearest first."""
        out = []
        while unit_code:
            out.append(unit_code)
            unit_code = self.units[unit_code]["parent_code"]
        return out

    def minhuctl(self, *arguments, check=True):
        done = subprocess.run([f"{self.build}/minhuctl", "--config", f"{self.folder}/minhu.conf", *map(str, arguments)],
                              capture_output=True, text=True, check=False)
        if check:
            assert done.returncode == 0, f"minhuctl {arguments}: {done.returncode} {done.stdout} {done.stderr}"
        return done

    def minhu_jobs_once(self):
        """Every job once, until nothing is left to do; the last is a signed head."""
        subprocess.run([f"{self.build}/minhu-jobs", "--config", f"{self.folder}/minhu.conf", "--once"], check=True, capture_output=True)

    def sql(self, text):
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={self.folder}/run/db.sock", "--user=root", "-N", "-B", "minhu"],
                              input=text, capture_output=True, text=True, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def sql_quietly(self, text):
        """For statements that may come too late, such as KILL."""
        subprocess.run(["mariadb", "--no-defaults", f"--socket={self.folder}/run/db.sock", "--user=root", "minhu", "-e", text], capture_output=True, check=False)

    def third_party(self, name=None, channel="property", scopes="post,read,feed", *more):
        name = name or f"client-{uuid.uuid4().hex[:8]}"
        out = self.minhuctl("key", "create", "--client", name, "--channel", channel, "--scopes", scopes, *more).stdout
        key = next(word for word in out.split() if word.startswith("mhk_"))
        return Client(self, key, "open", {"name": name})


class DatabaseProxy:
    """What tests/support/dbproxy shall do."""

    def __init__(self, folder):
        self.path = f"{folder}/run/dbproxy.ctl"

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.path)
            s.sendall(command.encode() + b"\n")
            return s.makefile().readline().strip()

    def tell(self, command):
        assert self.ask(command) == "ok", command

    def lost(self):
        """How many COMMITs got lost by lose-answer and lose-commit."""
        return int(self.ask("status").split()[2])
