"""Many at the same thing at once: updates, moves, reloads, sessions. Nothing is lost, nothing is done twice, and it stays fast.

MINHU_RACE_SECONDS says how long each race lasts (8); `tests/faults/run races` runs them for 60.
"""

import collections
import os
import random
import re
import signal
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import Client
from conftest import stack
from test_main_job import wait_for
from test_server import ops, pid_of
from test_staff import holder_of, reason, sibling

SECONDS = float(os.environ.get("MINHU_RACE_SECONDS", "8"))
CLIENTS = 32


def sql_id(appeal):
    return "UNHEX('" + appeal["id"].replace("-", "") + "')"


@pytest.fixture
def unmoved(world):
    """No step clock moves the appeals of a race: where clocks run out within seconds, the jobs rest."""
    short = world.sql("SELECT COUNT(*) FROM clock_rule WHERE step REGEXP '^[0-9]{1,2}s$'") != [["0"]]
    if short:
        stack("stop", world.folder, "jobs")
    yield
    if short:
        stack("start", world.folder, "jobs")


def get(client, appeal):
    return client.send("GET", f"/{client.entry}/v1/appeals/{appeal['id']}", record=False).ok()


def post(client, appeal, action, body, version=None):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return client.send("POST", f"/{client.entry}/v1/appeals/{appeal['id']}/{action}", body, headers, record=False)


class Race:
    """32 clients do step(client's number) again and again; step returns the appeal and the answer of its one try to change it."""

    def __init__(self, step, seconds):
        self.answers, self.wins, self.odd = collections.Counter(), collections.Counter(), []
        self.step, self.adding = step, threading.Lock()
        started = time.monotonic()
        self.end = started + seconds
        with ThreadPoolExecutor(CLIENTS) as pool:
            for client in [pool.submit(self.run, i) for i in range(CLIENTS)]:
                client.result()
        self.seconds = time.monotonic() - started
        self.won = sum(self.wins.values())
        self.rate = self.won / self.seconds

    def run(self, number):
        while time.monotonic() < self.end:
            appeal, answer = self.step(number)
            with self.adding:
                self.answers[answer.status] += 1
                if 200 <= answer.status < 300:
                    self.wins[appeal["id"]] += 1
                elif answer.status != 412:
                    self.odd.append(answer)

    def share(self, status):
        return self.answers[status] / sum(self.answers.values())

    def __str__(self):
        return f"{self.rate:.1f} changes/s in {self.seconds:.0f} s, answers {dict(sorted(self.answers.items()))}"


def check_changes(world, before, wins):
    """Each appeal rose by one version and one event for every 2xx, and its dossier holds. That its reporter had reported the same is an
    event of the rules' own (action 63), which is nobody's version."""
    for appeal in before:
        row = world.sql(f"SELECT a.version,a.events,COUNT(*),MIN(e.n),MAX(e.n),COUNT(DISTINCT e.version),SUM(e.action=63) FROM appeal a "
                        f"JOIN appeal_event e ON e.appeal_id=a.id WHERE a.id={sql_id(appeal)}")[0]
        version, events, rows, first, last, versions, weighed = map(int, row)
        assert version - appeal["version"] == wins[appeal["id"]], f"{appeal['number']}: every 2xx is one version, no more, no less"
        assert versions == version and (events, rows, first, last) == (rows, version + weighed, 1, rows), f"{appeal['number']}: the events' numbers have no gap"
        done = world.minhuctl("audit", "verify", "--appeal", appeal["number"], check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_of_many_with_one_version_one_wins(world, resident, unmoved):
    appeals = [resident.submit() for _ in range(10)]
    staff = holder_of(world, appeals[0])
    posts = [c["post_id"] for c in staff.get("/zzd/v1/colleagues").ok()["items"] if c["role"]["code"] == "handler"]
    before = [staff.act(a, "accept").ok() for a in appeals]

    def step(_):
        appeal = random.choice(appeals)
        version = get(staff, appeal)["version"]
        return appeal, post(staff, appeal, "assign", {"post_id": random.choice(posts)}, version)
    race = Race(step, SECONDS)
    print(f"\n32 clients with If-Match on 10 appeals: {race}")
    assert not race.odd, race.odd[:3]
    assert race.answers[412] > 0, "nobody lost: that was no race"
    check_changes(world, before, race.wins)


class Moves:
    """The moves between two units that go on for ever: three transfers, two returns, then it is resolved and reopened."""

    def __init__(self, world, resident):
        a = world.place["unit_code"]
        b = next(p["unit_code"] for p in world.stack.rows("places.tsv") if p["unit_code"] == sibling(world, a))
        self.resident, self.units = resident, (a, b)
        self.places = {p["unit_code"]: p["code"] for p in world.stack.rows("places.tsv")}
        self.staff = {unit: world.staff(unit) for unit in self.units}
        some = self.staff[a]
        self.reasons = {purpose: reason(some, purpose) for purpose in ("transfer", "return")}

    def submit(self, n):
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda i: self.resident.submit(place_code=self.places[self.units[i % 2]]), range(n)))

    def next(self, appeal):
        """One step on, from how the first unit sees the appeal now."""
        now = get(self.staff[appeal["first_unit"]["code"]], appeal)
        here = now["holder"]["code"]
        there = self.units[1 - self.units.index(here)]
        state, version = now["state"]["code"], now["version"]
        if state == "resolved":
            return post(self.resident, appeal, "reopen", {"text": "问题又出现了。"}, version)
        if now["returns"] < 2 and here != appeal["first_unit"]["code"]:
            return post(self.staff[here], appeal, "return", {"reason_code": self.reasons["return"], "text": "不属本单位职责。"}, version)
        if now["transfers"] < 3:
            return post(self.staff[here], appeal, "transfer", {"reason_code": self.reasons["transfer"], "unit_code": there}, version)
        if state == "submitted":
            return post(self.staff[here], appeal, "accept", {}, version)
        return post(self.staff[here], appeal, "resolve", {"outcome": "solved", "text": "已处理完毕。"}, version)


def retries(world):
    return sum(int(n) for n in re.findall(r"^minhu_database_retries_total\S* (\d+)", ops(world, "/zzd/metrics")[1] + ops(world, "/zlb/metrics")[1], re.M))


def test_crosswise_moves_neither_lock_up_nor_slow_down(world, resident, unmoved):
    moves = Moves(world, resident)
    own = moves.submit(20 * CLIENTS)
    alone = Race(lambda number: (lambda appeal: (appeal, moves.next(appeal)))(own[number * 20 + random.randrange(20)]), max(4, SECONDS / 3))
    print(f"\n32 clients on 640 appeals, 20 each: {alone}")
    assert set(alone.answers) == {200}, alone.odd[:3]

    before, retried = moves.submit(20), retries(world)
    storm = Race(lambda _: (lambda appeal: (appeal, moves.next(appeal)))(random.choice(before)), SECONDS)
    print(f"32 clients crosswise on 20 appeals: {storm}; {retries(world) - retried} transactions repeated; "
          f"{storm.rate / alone.rate:.2f} of the uncontended rate; {100 * storm.share(503):.3f} % 503")
    # Who acts on what was already moved away may also learn that he no longer holds it, or that it is in another state.
    others = [a for a in storm.odd if a.status not in (403, 404, 409, 503)]
    assert not others, others[:3]
    assert storm.share(503) <= 0.001
    assert storm.rate >= alone.rate / 5
    check_changes(world, before, storm.wins)


class Session:
    """A database session of ours, with its locks."""

    def __init__(self, world):
        command = ["mariadb", "--no-defaults", f"--socket={world.folder}/run/db.sock", "--user=root", "-N", "-B", "-n", "minhu"]
        self.client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, text):
        self.client.stdin.write(f"{text}; SELECT 'done';\n")
        self.client.stdin.flush()
        while (line := self.client.stdout.readline()) != "done\n":
            assert line, f"the session ended at: {text}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stdin.close()
        self.client.wait(10)
        self.client.stdout.close()


def waits_for_a_lock(world):
    return world.sql("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state='LOCK WAIT'") != [["0"]]


def test_a_deadlock_is_repeated_and_done_once(world, unmoved, appeal):
    staff, handler = holder_of(world, appeal), world.staff(appeal["holder"]["code"], "handler")
    accepted, its_post = staff.act(appeal, "accept").ok(), handler.me["post"]["id"]
    row = "UNHEX('" + its_post.replace("-", "") + "')"
    before = retries(world)
    with Session(world) as other, ThreadPoolExecutor(1) as pool:
        # The transaction that wrote more is spared, so that it is the worker's that must be repeated.
        other.run("CREATE OR REPLACE TABLE heavy (n INT PRIMARY KEY) ENGINE=InnoDB")
        other.run(f"BEGIN; INSERT INTO heavy SELECT seq FROM seq_1_to_1000; SELECT 1 FROM post WHERE id={row} FOR UPDATE")
        assign = pool.submit(post, staff, appeal, "assign", {"post_id": its_post}, accepted["version"])
        wait_for(lambda: waits_for_a_lock(world), 1)
        other.run(f"SELECT 1 FROM appeal WHERE id={sql_id(appeal)} FOR UPDATE")
        other.run("COMMIT")
        answer = assign.result()
        other.run("DROP TABLE heavy")
    assigned = answer.ok()
    assert assigned["version"] == accepted["version"] + 1 and assigned["assignee_post_id"] == its_post
    done = [e["action"]["code"] for e in assigned["timeline"] if e["by"]["kind"] != "system"]  # a job may weigh it meanwhile
    assert done == ["submit", "accept", "assign"], "done once"
    wait_for(lambda: retries(world) == before + 1, 5)


def test_who_waits_for_a_lock_learns_what_for(world, unmoved, appeal):
    staff = holder_of(world, appeal)
    key, body = str(uuid.uuid4()), {"text": "已到现场。"}
    path = f"/zzd/v1/appeals/{appeal['id']}/progress"
    staff.act(appeal, "accept").ok()
    with Session(world) as other:
        other.run(f"BEGIN; SELECT 1 FROM appeal WHERE id={sql_id(appeal)} FOR UPDATE")
        for name in (key, None):
            busy = staff.post(path, body, key=name)
            assert "同一事项" in busy.problem(503, "unavailable")["detail"]
            assert int(busy.headers["retry-after"]) >= 1
        other.run("ROLLBACK")
    first = staff.post(path, body, key=key)
    assert first.ok() and "idempotent-replayed" not in first.headers, "what was refused was not kept"
    # The key's own row: somebody with the same key has not committed yet.
    twin = str(uuid.uuid4())
    caller, operation = world.sql(f"SELECT HEX(caller_id),operation FROM idempotency WHERE key_hash=LEFT(UNHEX(SHA2('{key}',256)),16)")[0]
    with Session(world) as other:
        other.run("BEGIN; INSERT INTO idempotency (caller_id,operation,key_hash,body_hash,status,answer,created_at) VALUES "
                  f"(UNHEX('{caller}'),'{operation}',LEFT(UNHEX(SHA2('{twin}',256)),16),REPEAT('x',32),200,'',UTC_TIMESTAMP(6))")
        staff.post(path, body, key=twin).problem(409, "idempotency_key_running")
        other.run("ROLLBACK")
    assert "idempotent-replayed" not in staff.post(path, body, key=twin).headers
    assert "idempotent-replayed" in staff.post(path, body, key=twin).headers


def test_reloads_fail_no_request(world, resident, unmoved):
    appeals = [resident.submit() for _ in range(CLIENTS)]
    staff = holder_of(world, appeals[0])
    before = [staff.act(a, "accept").ok() for a in appeals]
    stopping = threading.Event()

    def reload():
        while not stopping.wait(0.05):
            os.kill(pid_of(world, "worker-zzd"), signal.SIGHUP)
    with ThreadPoolExecutor(1) as pool:
        reloading = pool.submit(reload)
        race = Race(lambda number: (appeals[number], post(staff, appeals[number], "notes", {"text": "记录。"})), SECONDS / 2)
        stopping.set()
        reloading.result()
    assert set(race.answers) == {200}, race.odd[:3]
    for appeal in before:
        assert get(staff, appeal)["version"] == appeal["version"]
        counted = world.sql(f"SELECT COUNT(*) FROM appeal_event WHERE appeal_id={sql_id(appeal)} AND text='记录。'")
        assert counted == [[str(race.wins[appeal["id"]])]]


def test_signing_out_wins_over_refreshes_at_the_same_time(world):
    person = world.add_resident(idnum=None)
    for _ in range(10):
        one = world.sign_in(person["userid"])
        token = {"refresh_token": one.session["refresh_token"]}
        with ThreadPoolExecutor(9) as pool:
            refreshes = [pool.submit(Client(world, None).post, "/zlb/v1/sessions/refresh", token) for _ in range(8)]
            signing_out = pool.submit(one.post, "/zlb/v1/sessions/revoke", {"all": True})
            answers = [r.result() for r in refreshes]
        # A refresh that was faster took the access token that signs out: then it is the new one's turn.
        given = {a.json["access_token"]: a.json["refresh_token"] for a in answers if a.status == 200}
        assert {a.status for a in answers} <= {200, 401} and len(given) <= 1, answers
        if signing_out.result().status != 204:
            signing_out.result().problem(401, "token_invalid")
            Client(world, next(iter(given))).post("/zlb/v1/sessions/revoke", {"all": True}).ok(204)
        for access, refresh in {one.token: one.session["refresh_token"], **given}.items():
            Client(world, access).get("/zlb/v1/me").problem(401, "token_invalid")
            Client(world, None).post("/zlb/v1/sessions/refresh", {"refresh_token": refresh}).problem(401, "token_invalid")
