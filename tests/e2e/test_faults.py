"""Bad luck: connections die, the database is killed, several jobs processes run at once. Nothing acknowledged is lost or done twice."""

import os
import signal
import subprocess
import threading
import time
import uuid

from conftest import stack
from test_main_job import wait_for


class Writers:
    """Submits from several threads and keeps account of every key's answer, as a client that retries would."""

    def __init__(self, resident, threads=4):
        self.resident, self.acknowledged, self.open, self.faults = resident, {}, [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]
        for t in self.threads:
            t.start()

    def post(self, key):
        return self.resident.post("/zlb/v1/appeals", {"kind": "ask", "text": f"写入测试 {key}", "place_code": self.resident.world.place["code"]}, key=key)

    def run(self):
        while not self.stopping.is_set():
            key = "".join(chr(97 + b % 16) for b in uuid.uuid4().bytes)  # letters only: digits could be taken for a phone number
            try:
                answer = self.post(key)
            except OSError:
                self.open.append(key)
                continue
            if answer.status == 201:
                self.acknowledged[key] = answer.json["id"]
            else:
                self.open.append(key)
                if answer.status not in (502, 503, 504):
                    self.faults.append(answer)
                time.sleep(0.05)

    def end(self):
        self.stopping.set()
        for t in self.threads:
            t.join()
        assert not self.faults, self.faults
        return self

    def check(self):
        """Every 2xx is there once; every other is there at most once, and its repeat tells which."""
        assert self.acknowledged
        for key in self.open:
            self.acknowledged[key] = wait_for(lambda k=key: (lambda a: a.json["id"] if a.status == 201 else None)(self.post(k)), 10)
        rows = self.resident.world.sql("SELECT text,LOWER(HEX(id)),events FROM appeal WHERE text LIKE '写入测试 %'")
        found = {}
        for text, appeal, events in rows:
            found.setdefault(text.removeprefix("写入测试 "), []).append(appeal)
            assert int(events) >= 1
        for key, appeal in self.acknowledged.items():
            assert found.get(key) == [appeal.replace("-", "")], (key, appeal, found.get(key))


def test_killed_connections_cost_no_read_and_lose_no_write(world, resident):
    writers = Writers(resident)
    failed = []
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for row in world.sql("SELECT id FROM information_schema.processlist WHERE id<>CONNECTION_ID() AND db='minhu' ORDER BY RAND() LIMIT 3"):
            world.sql_quietly(f"KILL {row[0]}")
        for _ in range(5):
            answer = resident.get("/zlb/v1/me")
            if answer.status != 200:
                failed.append(answer)
    writers.end().check()
    assert not failed, failed


def test_a_killed_database_comes_back(world, resident):
    writers = Writers(resident)
    time.sleep(1)
    pid = int((world.folder / "run/mariadb.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    time.sleep(1)
    stack("start", world.folder, "mariadb")
    wait_for(lambda: resident.get("/zlb/v1/me").status == 200, 5)
    wait_for(lambda: resident.get("/zlb/v1/appeals?limit=1").status == 200, 5)
    time.sleep(1)
    writers.end().check()
    assert world.minhuctl("audit", "verify", check=False).returncode == 0


def test_three_jobs_processes_do_each_thing_once(world, resident):
    command = [f"{world.build}/minhu-jobs", "--config", f"{world.folder}/minhu.conf"]
    more = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        made = [resident.submit() for _ in range(6)]
        for i in range(8):
            victim = more[i % 2]
            os.kill(victim.pid, signal.SIGSTOP)
            time.sleep(0.7)
            os.kill(victim.pid, signal.SIGCONT)
            if i == 4:
                victim.kill()
                victim.wait()
                more[i % 2] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for appeal in made:
            wait_for(lambda a=appeal: resident.own(a)["holder"] != a["holder"], 30)
    finally:
        for process in more:
            process.terminate()
        for process in more:
            process.wait(15)
    for appeal in made:
        hexed = appeal["id"].replace("-", "")
        steps = world.sql(f"SELECT from_unit_id,COUNT(*) FROM appeal_event WHERE appeal_id=UNHEX('{hexed}') AND action=21 GROUP BY 1")
        assert steps and all(n == "1" for _, n in steps), "each holder's step clock ran out once"
        doubled = world.sql(f"SELECT COUNT(*)-COUNT(DISTINCT event_n,person_id) FROM notice WHERE appeal_id=UNHEX('{hexed}')")
        assert doubled == [["0"]]
    numbers = "SELECT seq FROM appeal_event WHERE seq IS NOT NULL UNION ALL SELECT seq FROM audit_line WHERE seq IS NOT NULL"
    assert world.sql(f"SELECT MAX(seq)-COUNT(*) FROM ({numbers}) s") == [["0"]], "seq has no gap"
