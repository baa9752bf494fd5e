"""What the fault tests share: a ledger of intents, writers that keep it, the oracle that judges it, a keeper that restarts what ends,
and a probe that tells how long nobody answered."""

import collections
import contextlib
import http.client
import json
import os
import queue
import random
import select
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

SUBMIT, ACCEPT, RESOLVE, RATE, PROGRESS, STEP_OUT, SUPERVISE = 1, 2, 11, 12, 18, 21, 22  # of enum action
PAUSE_SECONDS = 0.2  # of a client that got no answer, or one that says to come again


def seed():
    """The run's seed, printed so that MINHU_SEED can repeat its choices."""
    value = int(os.environ.get("MINHU_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"\nMINHU_SEED={value}", flush=True)
    return random.Random(value)


def until(look, seconds, step=0.02):
    """What look() finds, as soon as it finds it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(step)
    raise AssertionError(f"did not happen within {seconds} s")


# ---- one connection that tells how far a request came ----

class Lost(OSError):
    """No whole answer came. raced: a kept connection was closed before a byte of it, as servers may do with idle ones."""

    def __init__(self, why, raced):
        super().__init__(f"{type(why).__name__}: {why}")
        self.raced = raced


class Reply:
    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw
        self.json = json.loads(raw) if raw and "json" in headers.get("content-type", "") else None

    def __repr__(self):
        return f"<{self.status} {self.raw[:300]!r}>"


class Wire:
    """A kept TLS connection, for one thread. Sends each request once: who repeats it decides that himself."""

    def __init__(self, world, timeout=15):
        host, port = urllib.parse.urlsplit(world.stack.base).netloc.split(":")
        self.address, self.tls, self.timeout, self.socket = (host, int(port)), world.stack.tls, timeout, None

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def open(self):
        """True when it was open: a connection that the server has closed meanwhile is opened anew."""
        if self.socket and not select.select([self.socket], [], [], 0)[0]:
            return True
        self.close()
        plain = socket.create_connection(self.address, self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = self.tls.wrap_socket(plain, server_hostname=self.address[0])
        return False

    def send(self, method, path, token=None, body=None, key=None, version=None):
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.address[0]}"]
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        if token:
            head.append(f"Authorization: Bearer {token}")
        if body is not None:
            head += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        if key:
            head.append(f"Idempotency-Key: {key}")
        if version is not None:
            head.append(f'If-Match: "{version}"')
        kept = answering = False
        try:
            kept = self.open()
            self.socket.sendall("\r\n".join(head + ["", ""]).encode() + data)
            answer = http.client.HTTPResponse(self.socket, method=method)
            answer.begin()
            answering = True
            raw = answer.read()
        except (OSError, http.client.HTTPException) as why:
            self.close()
            early = isinstance(why, (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError))
            raise Lost(why, kept and not answering and early) from None
        if answer.will_close:
            self.close()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, raw)


# ---- the ledger ----

class Intent:
    """One write: what was meant, before it is sent, and what came of it."""

    def __init__(self, action, marker, client, path, body, appeal=None, version=None):
        self.action, self.marker, self.client, self.path, self.body = action, marker, client, path, body
        self.appeal, self.version, self.key = appeal, version, str(uuid.uuid4())
        self.status, self.replayed = None, None

    @property
    def acknowledged(self):
        return self.status is not None and 200 <= self.status < 300


class Ledger:
    """Every intent is on the disk before it is sent, every answer after it."""

    def __init__(self, path):
        self.file = open(path, "wb", buffering=0)
        self.lock = threading.Lock()
        self.intents = []
        self.prefix = f"写入测试 {marker()} "  # of every text, with a marker after it: tells this ledger's rows from others'

    def write(self, **what):
        self.file.write(json.dumps(what).encode() + b"\n")
        os.fdatasync(self.file.fileno())

    def intend(self, intent):
        with self.lock:
            self.intents.append(intent)
        self.write(key=intent.key, action=intent.action, path=intent.path, marker=intent.marker, version=intent.version)

    def answered(self, intent, status, why=None):
        intent.status = status
        self.write(key=intent.key, status=status, why=why)

    def open(self):
        return [i for i in self.intents if not i.acknowledged]


def marker():
    """Letters only: digits could be taken for a phone number."""
    return "".join(chr(97 + b % 16) for b in uuid.uuid4().bytes)


# ---- the writers ----

class Writers:
    """Eight of them by default: three submit as residents, two work on it as staff, one rates, two post orders as a third party. What
    is acknowledged goes on to the next; what has no answer, or one that isn't final, stays open in the ledger until settle()."""

    PASSING = (502, 503, 504)  # as the contract says: come again with the same key
    WAITING_MOST = 50  # who submits waits for staff then: else one unit would hold more open matters than any ever does

    def __init__(self, world, ledger, place=None):
        self.world, self.ledger, self.stopping, self.faults = world, ledger, threading.Event(), []
        self.place = place or world.place["code"]
        unit = next(p["unit_code"] for p in world.stack.rows("places.tsv") if p["code"] == self.place)
        self.residents = [world.resident(i) for i in range(3)]
        self.staff = [world.staff(unit, "dispatcher"), world.staff(unit, "unit_lead")]
        self.party = world.third_party(None, "property", "post,read,feed", "--per-minute", "100000")
        self.submitted, self.resolved = queue.Queue(), queue.Queue()
        jobs = [(self.submits, r) for r in self.residents] + [(self.works, s) for s in self.staff]
        jobs += [(self.rates, self.residents[0]), (self.orders, self.party), (self.orders, self.party)]
        self.threads = [threading.Thread(target=self.live, args=job, daemon=True) for job in jobs]

    def start(self):
        for t in self.threads:
            t.start()
        return self

    def live(self, step, client):
        wire = Wire(self.world)
        while not self.stopping.is_set():
            step(wire, client)
        wire.close()

    def do(self, wire, intent):
        """Sends it once. Its answer when it was acknowledged, else None."""
        self.ledger.intend(intent)
        try:
            reply = wire.send("POST", intent.path, intent.client.token, intent.body, intent.key, intent.version)
        except Lost as why:
            self.ledger.answered(intent, None, str(why))
            self.stopping.wait(PAUSE_SECONDS)
            return None
        self.ledger.answered(intent, reply.status)
        if intent.acknowledged:
            intent.appeal = intent.appeal or reply.json["id"]
            intent.replayed = reply.headers.get("idempotent-replayed") == "true"
            return reply.json
        if reply.status not in self.PASSING:
            self.faults.append((intent.path, reply))
        self.stopping.wait(PAUSE_SECONDS)
        return None

    def wait_for_staff(self):
        while self.submitted.qsize() > self.WAITING_MOST and not self.stopping.wait(0.02):
            pass

    def submits(self, wire, client):
        self.wait_for_staff()
        mark = marker()
        body = {"kind": "ask", "text": self.ledger.prefix + mark, "place_code": self.place}
        made = self.do(wire, Intent(SUBMIT, mark, client, "/zlb/v1/appeals", body))
        if made:
            self.submitted.put((made, client))

    def orders(self, wire, client):
        self.wait_for_staff()
        mark = marker()
        body = {"external_id": mark, "kind": "report", "text": self.ledger.prefix + mark, "place_code": self.place}
        made = self.do(wire, Intent(SUBMIT, mark, client, "/open/v1/appeals", body))
        if made:
            self.submitted.put((made, None))

    def works(self, wire, client):
        made, owner = self.take(self.submitted)
        steps = [(ACCEPT, "accept", {}), (PROGRESS, "progress", {}), (RESOLVE, "resolve", {"outcome": "solved"})]
        for action, word, body in steps if made else []:
            mark = marker()
            version = None if action == PROGRESS else made["version"]
            intent = Intent(action, mark, client, f"/zzd/v1/appeals/{made['id']}/{word}", {**body, "text": self.ledger.prefix + mark}, made["id"], version)
            answer = self.do(wire, intent)
            if not answer:
                return
            made = {**made, "version": answer.get("version", made["version"])}
        if owner:
            self.resolved.put((made, owner))

    def rates(self, wire, _):
        made, owner = self.take(self.resolved)
        if made:
            mark = marker()
            body = {"solved": True, "stars": 5, "comment": self.ledger.prefix + mark}
            self.do(wire, Intent(RATE, mark, owner, f"/zlb/v1/appeals/{made['id']}/rate", body, made["id"], made["version"]))

    @staticmethod
    def take(things):
        try:
            return things.get(timeout=0.2)
        except queue.Empty:
            return None, None

    def end(self):
        self.stopping.set()
        for t in self.threads:
            t.join()
        assert not self.faults, self.faults[:5]
        return self

    def settle(self):
        """Repeats with its key all that has no final answer: each must be acknowledged now, and tells whether it had been done before.
        Returns (how many were repeated, how many of them had been done)."""
        open_ones, wires = self.ledger.open(), threading.local()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: until(lambda: self.repeat(wires, i), 15), open_ones))
        return len(open_ones), sum(bool(i.replayed) for i in open_ones)

    def repeat(self, wires, intent):
        wire = wires.__dict__.setdefault("wire", Wire(self.world))
        try:
            reply = wire.send("POST", intent.path, intent.client.token, intent.body, intent.key, intent.version)
        except Lost:
            return False
        assert reply.status < 400 or reply.status in (*self.PASSING, 409), f"{intent.path} {intent.key}: {reply}"
        if reply.status >= 400:
            return False  # 409: another run with this key is still under way, for as long as it waits for a lock
        self.ledger.answered(intent, reply.status)
        intent.appeal = intent.appeal or reply.json["id"]
        # An order's own number finds it as well.
        intent.replayed = reply.headers.get("idempotent-replayed") == "true" or (intent.path.startswith("/open/") and reply.status == 200)
        return True


# ---- the oracle ----

def compact(appeal):
    return appeal.replace("-", "").lower()


def check(world, ledger):
    """Every intent was acknowledged in the end: the database has each exactly once, in the order that its appeal was worked on in, and
    nothing else of the writers'; and what follows from it is there exactly once, too. Returns figures."""
    assert not ledger.open()
    meant = collections.defaultdict(list)
    for intent in ledger.intents:
        meant[compact(intent.appeal)].append((intent.action, intent.marker))
    events = events_of(world, ledger.prefix)
    lost = [f"{appeal}: meant {wanted}, found {[(e['action'], e['marker']) for e in events.get(appeal, [])]}"
            for appeal, wanted in meant.items() if [(e["action"], e["marker"]) for e in events.get(appeal, [])] != sorted(wanted, key=order_of)]
    assert not lost, f"{len(lost)} appeals are not as acknowledged: {lost[:3]}"
    strangers = set(events) - set(meant)
    assert not strangers, f"{len(strangers)} appeals nobody was told of: {list(strangers)[:3]}"
    check_whole(world, events)
    await_jobs(world)
    check_notices(world, ledger.prefix, events)
    verified = world.minhuctl("audit", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return {"appeals": len(meant), "acknowledged": len(ledger.intents)}


def order_of(step):
    return (SUBMIT, ACCEPT, PROGRESS, RESOLVE, RATE).index(step[0])


def events_of(world, prefix):
    """Of the appeals whose text begins so, each with what its appeal's row says."""
    rows = world.sql("SELECT LOWER(HEX(a.id)),e.n,e.action,IF(e.action=1,a.text,e.text),e.version,e.to_state,e.notify,e.unit_id,"
                     "LOWER(HEX(e.actor_id)),COALESCE(LOWER(HEX(a.resident_id)),''),a.events,a.version,a.state,a.lines_closed,"
                     "COALESCE(e.from_unit_id,0),a.first_unit_id,e.at FROM appeal a JOIN appeal_event e ON e.appeal_id=a.id "
                     f"WHERE a.text LIKE '{prefix}%' ORDER BY a.id,e.n")
    events = collections.defaultdict(list)
    names = ("n", "action", "text", "version", "state", "notify", "unit", "actor", "resident", "a_events", "a_version", "a_state", "a_lines", "from", "first", "at")
    for appeal, *values in rows:
        e = {name: value if name in ("text", "actor", "resident", "at") else int(value) for name, value in zip(names, values)}
        e["marker"] = e["text"].removeprefix(prefix)
        events[appeal].append(e)
    return events


def check_whole(world, events):
    """No appeal is half done: numbers without gaps, its row says what its events say."""
    for appeal, own in events.items():
        last, steps = own[-1], sum(e["action"] in (ACCEPT, RESOLVE, RATE) for e in own)
        assert [e["n"] for e in own] == list(range(1, len(own) + 1)), (appeal, own)
        assert last["a_events"] == len(own) and last["a_version"] == last["version"] == 1 + steps and last["a_state"] == last["state"], (appeal, own)
    torn = world.sql("SELECT LOWER(HEX(id)) FROM appeal a WHERE lines_closed<>(SELECT COUNT(*) FROM ledger_line l WHERE l.appeal_id=a.id)")
    assert not torn, torn
    twice = world.sql("SELECT COUNT(*)-COUNT(DISTINCT number) FROM appeal")
    assert twice == [["0"]]


def await_jobs(world, seconds=180):
    """All events have their seq, without gaps, and the notices of all are made."""
    numbers = "SELECT seq FROM appeal_event UNION ALL SELECT seq FROM audit_line"
    open_ones = f"SELECT COUNT(*)-COUNT(seq) FROM ({numbers}) s"
    until(lambda: world.sql(open_ones) == [["0"]], seconds, 0.5)
    assert world.sql(f"SELECT MAX(seq)-COUNT(seq)+MIN(seq)-1,COUNT(seq)-COUNT(DISTINCT seq) FROM ({numbers}) s") == [["0", "0"]], "seq has gaps"
    last = world.sql("SELECT MAX(seq) FROM appeal_event WHERE notify<>0")[0][0]
    until(lambda: int((world.sql("SELECT value FROM setting WHERE name='notice_seq'") or [["0"]])[0][0]) >= int(last), seconds, 0.5)


# Which units' dispatchers and leads an event tells, and whether it tells the resident.
TOLD = {SUBMIT: (("unit",), False), RATE: (("unit",), False), ACCEPT: ((), True), PROGRESS: ((), True), RESOLVE: ((), True),
        STEP_OUT: (("unit", "from", "first"), True), SUPERVISE: (("unit",), False)}


def check_notices(world, prefix, events):
    """Each event that tells somebody has told each of them once, but never who did it; a work notice goes with each of the staff's."""
    desks = collections.defaultdict(set)
    for unit, person in world.sql("SELECT p.unit_id,LOWER(HEX(f.id)) FROM post p JOIN staff f ON f.id=p.staff_id "
                                  "WHERE p.role IN (2,3) AND p.ended_at IS NULL AND f.disabled_at IS NULL"):
        desks[int(unit)].add(person)
    found = collections.defaultdict(collections.Counter)
    for appeal, n, person in world.sql("SELECT LOWER(HEX(t.appeal_id)),t.event_n,LOWER(HEX(t.person_id)) FROM notice t "
                                       f"JOIN appeal a ON a.id=t.appeal_id WHERE a.text LIKE '{prefix}%'"):
        found[appeal, int(n)][person] += 1
    for appeal, own in events.items():
        for e in own:
            units, resident = TOLD[e["action"]]
            told = set().union(*(desks[e[unit]] for unit in units)) | ({e["resident"]} - {""} if resident else set())
            assert e["notify"], e
            assert found[appeal, e["n"]] == collections.Counter(told - {e["actor"]}), (appeal, e, found[appeal, e["n"]], told)
    missing = world.sql("SELECT COUNT(*) FROM notice n LEFT JOIN work_notice w ON w.staff_id=n.person_id AND w.notice_id=n.id WHERE n.kind=2 AND w.notice_id IS NULL")
    assert missing == [["0"]]


# ---- what restarts, and what is asked meanwhile ----

def status_of(pid):
    """State and process group; a process that has ended has state X, whether or not anybody has taken note of it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            state, _, group = f.read().rsplit(")", 1)[1].split()[:3]
            return "X" if state == "Z" else state, int(group)
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0


def alive(pid):
    return status_of(pid)[0] != "X"


def members(group):
    """The processes of a group that have not ended."""
    return [int(p) for p in os.listdir("/proc") if p.isdigit() and status_of(p)[0] != "X" and status_of(p)[1] == group]


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(p) for p in f.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


class Keeper:
    """Stands for the service manager of a real installation (systemd's Restart=always with no delay, KillMode=mixed): when a part's
    main process ends, what is left of its processes is killed and the same command started again."""

    def __init__(self, world, parts):
        self.world, self.stopping, self.restarts, self.started = world, threading.Event(), collections.Counter(), {}
        self.pids = {part: int((world.folder / f"run/{part}.pid").read_text()) for part in parts}
        self.threads = [threading.Thread(target=self.keep, args=(part,), daemon=True) for part in parts]
        for t in self.threads:
            t.start()

    def keep(self, part):
        while not self.stopping.wait(0.02):
            process, pid = self.started.get(part), self.pids[part]
            if process.poll() is not None if process else not alive(pid):
                self.restart(part, pid)

    def restart(self, part, pid):
        for left in members(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        until(lambda: not members(pid), 10)
        command = (self.world.folder / f"run/{part}.cmd").read_bytes().split(b"\0")[:-1]
        with open(self.world.folder / f"log/{part}.log", "ab") as log:
            self.started[part] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.pids[part] = self.started[part].pid
        (self.world.folder / f"run/{part}.pid").write_text(str(self.pids[part]))
        self.restarts[part] += 1

    def stop(self):
        """Keeps no more; what runs goes on, for the stack to end."""
        self.stopping.set()
        for t in self.threads:
            t.join()
        for process in self.started.values():
            threading.Thread(target=process.wait, daemon=True).start()  # so that it leaves no zombie behind


class Probe:
    """Asks every entry for something from the database every 50 ms, each on a connection of its own."""

    def __init__(self, world, asks):
        self.world, self.stopping, self.seen = world, threading.Event(), [[] for _ in asks]
        self.threads = [threading.Thread(target=self.run, args=(seen, *ask), daemon=True) for seen, ask in zip(self.seen, asks)]
        for t in self.threads:
            t.start()

    def run(self, seen, path, token):
        wire = Wire(self.world, timeout=10)
        while not self.stopping.wait(0.05):
            began = time.monotonic()
            try:
                reply = wire.send("GET", path, token)
                wrong = None if reply.status == 200 else repr(reply)
            except Lost as why:
                wrong = str(why)
            seen.append((began, time.monotonic(), wrong))

    @staticmethod
    def back(seen, since):
        """Seconds from since until it answers again, for good as far as is known; None: not yet."""
        later = [one for one in seen if one[1] >= since]
        if len(later) < 3 or not all(one[0] >= since and not one[2] for one in later[-3:]):
            return None
        failed = [i for i, one in enumerate(later) if one[2]]
        return later[failed[-1] + 1][1] - since if failed else 0.0

    def await_back(self, since, seconds=30):
        """The slowest entry's time to be back."""
        for seen in self.seen:
            del seen[:sum(one[1] < since for one in seen)]
        try:
            until(lambda: all(self.back(seen, since) is not None for seen in self.seen), seconds)
        except AssertionError:
            raise AssertionError(f"not back {seconds} s after: " + "; ".join(f"{round(one[1] - since, 2)} s {one[2] or 'well'}"
                                                                         for seen in self.seen for one in seen[-4:])) from None
        return max(self.back(seen, since) for seen in self.seen)

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join()
