"""Three minhu-jobs on one database, stopped, continued and killed at random: each deadline escalates once and never early, each notice
leaves once, none before its event is committed. MINHU_JOBS_SECONDS is how long, MINHU_SEED repeats a run's choices."""

import collections
import datetime
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest
from client import World
from conftest import private_stack
from faults import (STEP_OUT, SUBMIT, SUPERVISE, Keeper, await_jobs, check_notices, events_of, marker, seed, until)

SECONDS = int(os.environ.get("MINHU_JOBS_SECONDS", "15"))
STEP_SECONDS, BURST, BURST_EVERY_SECONDS = 3, 50, 30  # so many that no one person gets more messages than the host takes in a day
PARTS = ("jobs", "jobs-2", "jobs-3")
LINE = re.compile(r"\d{8}-\d{6} \S+ \d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def own_world():
    with private_stack(2, "--fast-steps", STEP_SECONDS, "--set", "notices.gather_seconds=1", "--set", "notices.daily_max=100",
                       ZZD_OPTIONS="--witness @DIR@/run/db.sock") as folder:
        yield World(folder)


@pytest.fixture
def keeper(own_world):
    """Two more processes beside the stack's; all three are started again whenever they end."""
    folder, more = own_world.folder, []
    for part in PARTS[1:]:
        shutil.copy(folder / "run/jobs.cmd", folder / f"run/{part}.cmd")
        command = (folder / "run/jobs.cmd").read_bytes().split(b"\0")[:-1]
        with open(folder / f"log/{part}.log", "ab") as log:
            more.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))
        (folder / f"run/{part}.pid").write_text(str(more[-1].pid))
    one = Keeper(own_world, PARTS)
    yield one
    one.stop()
    for part in PARTS[1:]:
        os.kill(one.pids[part], signal.SIGTERM)
    for process in more:
        process.wait()


class Submitter:
    """Bursts of appeals, each at a place of its own, so that many people get a few notices each."""

    def __init__(self, world, prefix, chance):
        self.world, self.prefix, self.made, self.stopping = world, prefix, [], threading.Event()
        self.places = [p for p in world.stack.rows("places.tsv") if world.units[p["unit_code"]]["tier"] == "compound"]
        chance.shuffle(self.places)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        resident = self.world.resident(0)
        while True:
            for _ in range(BURST):
                place = self.places[len(self.made) % len(self.places)]
                self.made.append(resident.submit(text=self.prefix + marker(), place_code=place["code"]))
            if self.stopping.wait(BURST_EVERY_SECONDS):
                return

    def end(self):
        self.stopping.set()
        self.thread.join()


def molest(keeper, chance, until_time):
    """Stops and continues at random, for up to longer than a lease lasts, two at a time at most, and kills what runs or stands still."""
    stopped, done = {}, collections.Counter()

    def signal_to(part, number):
        try:
            os.kill(keeper.pids[part], number)
            done[signal.Signals(number).name] += 1
        except ProcessLookupError:
            pass  # it has just ended, and is about to be started again
    while time.monotonic() < until_time:
        time.sleep(chance.uniform(0.05, 0.6))
        for part in [p for p, end in stopped.items() if time.monotonic() >= end]:
            signal_to(part, signal.SIGCONT)
            del stopped[part]
        part = chance.choice(PARTS)
        if chance.random() < 0.25:
            signal_to(part, signal.SIGKILL)
            stopped.pop(part, None)
        elif part not in stopped and len(stopped) < 2:
            signal_to(part, signal.SIGSTOP)
            stopped[part] = time.monotonic() + 0.05 * 260 ** chance.random()
    for part in stopped:
        signal_to(part, signal.SIGCONT)
    return done


def check_escalations(world, events, made):
    """Up the chain, one step each, never before its time, and supervised once at the top; the ledger's lines join. Returns the worst
    delay of a step."""
    codes, worst = dict(world.sql("SELECT id,code FROM unit")), 0
    lines = collections.defaultdict(list)
    for appeal, *line in world.sql("SELECT LOWER(HEX(appeal_id)),starts_at,ends_at,unit_id,step_ran_out FROM ledger_line ORDER BY appeal_id,n"):
        lines[appeal].append(line)
    held = {a: (s, h) for a, s, h in world.sql("SELECT LOWER(HEX(id)),DATE_FORMAT(submitted_at,'%Y-%m-%d %H:%i:%s'),"
                                               "DATE_FORMAT(held_since,'%Y-%m-%d %H:%i:%s') FROM appeal")}
    for appeal in made:
        own, chain = events[appeal["id"].replace("-", "")], world.chain(appeal["holder"]["code"])
        assert [e["action"] for e in own] == [SUBMIT] + [STEP_OUT] * (len(chain) - 1) + [SUPERVISE], own
        assert [codes[str(e["unit"])] for e in own[:-1]] == chain and [codes[str(e["from"])] for e in own[1:-1]] == chain[:-1], own
        at = [datetime.datetime.fromisoformat(e["at"]) for e in own]
        steps = [(b - a).total_seconds() for a, b in zip(at, at[1:])]
        assert min(steps) >= STEP_SECONDS - 1, steps  # the clock counts whole seconds
        worst = max(worst, max(steps) - STEP_SECONDS)
        book, (submitted, since) = lines[appeal["id"].replace("-", "")], held[appeal["id"].replace("-", "")]
        assert [codes[line[2]] for line in book] == chain[:-1] and all(line[3] == "1" for line in book), book
        assert [submitted] + [line[1] for line in book] == [line[0] for line in book] + [since], (submitted, book, since)
    return worst


def check_messages(world):
    """What the host took: each message once, to its person, with a line for each of its notices, which were all committed when it
    arrived; and no notice in two messages."""
    taken, rows = world.control("zzd", "notices")["notices"], collections.defaultdict(list)
    for message, account in world.sql("SELECT w.message_id,f.account_id FROM work_notice w JOIN staff f ON f.id=w.staff_id"):
        rows[message].append(account)
    assert taken and len({t["bizMsgId"] for t in taken}) == len(taken)
    for t in taken:
        lines = LINE.findall(t["msg"]["text"]["content"])
        assert t["committed"] == len(lines) == len(rows[t["bizMsgId"]]), t
        assert set(rows[t["bizMsgId"]]) == set(t["receivers"]) and len(t["receivers"]) == 1, t
    assert set(rows) == {t["bizMsgId"] for t in taken}
    return len(taken), sum(map(len, rows.values()))


def test_each_deadline_and_each_notice_once(own_world, keeper):
    world, chance, prefix = own_world, seed(), f"时限测试 {marker()} "
    submitter = Submitter(world, prefix, chance)
    done = molest(keeper, chance, time.monotonic() + SECONDS)
    submitter.end()
    supervised = f"SELECT COUNT(*) FROM appeal_event e JOIN appeal a ON a.id=e.appeal_id WHERE e.action={SUPERVISE} AND a.text LIKE '{prefix}%'"
    until(lambda: world.sql(supervised) == [[str(len(submitter.made))]], 90, 0.5)
    await_jobs(world)
    # One whose sender was killed at the call is sent again after half a minute, with the same number.
    until(lambda: world.sql("SELECT COUNT(*) FROM work_notice WHERE state<>3") == [["0"]], 150, 0.5)
    events = events_of(world, prefix)
    worst = check_escalations(world, events, submitter.made)
    check_notices(world, prefix, events)
    messages, notices = check_messages(world)
    assert world.minhuctl("audit", "verify", check=False).returncode == 0
    refused = (world.folder / "log/standin-zzd.log").read_text().count("STANDIN-NOTICE-DUPLICATE")
    print(f"{done['SIGSTOP']} stops, {done['SIGKILL']} kills in {SECONDS} s: {len(submitter.made)} appeals took {sum(len(e) - 2 for e in events.values())} "
          f"steps up, each once, {worst:.1f} s late at worst; {notices} notices left in {messages} messages, each once, "
          f"{refused} repetitions refused by the host", flush=True)
