"""What an operator does while people use it fails no request: reloads of workers and nginx, and restarts of the workers with a new
program file or another configuration. MINHU_RELOADS is how often each is done."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
import uuid

import pytest
from conftest import stack
from faults import Lost, Wire, alive, children, until

TIMES = int(os.environ.get("MINHU_RELOADS", "3"))
ENTRIES = ("zlb", "zzd", "open")
RATE, THREADS, NOTED = 200, 24, 40  # notes go to so many appeals, as those on one wait for each other
BETWEEN_SECONDS = 0.3  # so that requests fall into every moment of a change


class Load:
    """So many requests a second, whatever becomes of them: each is due at its own time and never waits for another's answer, as long as
    a thread is free. Three in ten write."""

    def __init__(self, world):
        resident, self.world = world.resident(0), world
        staff = world.staff(resident.submit()["holder"]["code"], "dispatcher")
        party = world.third_party(None, "property", "post,read,feed", "--per-minute", "100000")
        self.noted = [resident.submit()["id"] for _ in range(NOTED)]
        text = {"kind": "ask", "text": "请问小区门口的路什么时候修好？", "place_code": world.place["code"]}
        self.asks = [("GET", "/zlb/v1/me", resident, None), ("GET", "/zlb/v1/appeals?limit=5", resident, None),
                     ("POST", "/zlb/v1/appeals", resident, text), ("GET", "/zzd/v1/boxes", staff, None),
                     ("GET", "/open/v1/me", party, None), ("GET", "/zlb/v1/meta", resident, None),
                     ("POST", "/zzd/v1/appeals/{noted}/notes", staff, {"text": "内部备注"}),
                     ("GET", "/zzd/v1/appeals?box=to_accept&limit=5", staff, None),
                     ("POST", "/open/v1/appeals", party, text), ("GET", "/open/v1/changes?limit=5", party, None)]
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.taken, self.failed, self.raced, self.seconds = 0, [], {"GET": 0, "POST": 0}, []
        self.began = time.monotonic() + 0.1
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(THREADS)]
        for t in self.threads:
            t.start()

    def run(self):
        wire = Wire(self.world)
        while not self.stopping.is_set():
            with self.lock:
                number, self.taken = self.taken, self.taken + 1
            due = self.began + number / RATE
            time.sleep(max(0, due - time.monotonic()))
            method, path, client, body = self.asks[number % len(self.asks)]
            self.one(wire, due, method, path.format(noted=self.noted[number // len(self.asks) % NOTED]), client, body)

    def one(self, wire, due, method, path, client, body):
        key = str(uuid.uuid4())
        if path.startswith("/open/") and body:
            body = {**body, "external_id": key}
        try:
            reply = self.send(wire, method, path, client.token, body, key)
        except Lost as why:
            self.failed.append((time.monotonic() - self.began, method, path, str(why)))
            return
        self.seconds.append(time.monotonic() - due)
        if reply.status not in (200, 201):
            self.failed.append((time.monotonic() - self.began, method, path, repr(reply)))

    def send(self, wire, method, path, token, body, key):
        """A kept connection that the server closes as idle at the very moment of a request has not taken it: a client sends it again on a
        new one. These are counted apart, and the answer must not be that of a repetition."""
        try:
            return wire.send(method, path, token, body, key if body else None)
        except Lost as why:
            if not why.raced:
                raise
            self.raced[method] += 1
        reply = wire.send(method, path, token, body, key if body else None)
        if "idempotent-replayed" in reply.headers:
            raise Lost(AssertionError("it was run though its connection was closed"), False)
        return reply

    def end(self):
        elapsed = time.monotonic() - self.began
        self.stopping.set()
        for t in self.threads:
            t.join()
        self.seconds.sort()
        rate = len(self.seconds) / elapsed
        print(f"\n{len(self.seconds)} requests, {rate:.0f} a second, {len(self.failed)} failed; sent again since their idle connection was just "
              f"being closed: {self.raced['GET']} GET, {self.raced['POST']} POST; median {1000 * self.seconds[len(self.seconds) // 2]:.0f} ms, "
              f"slowest {1000 * self.seconds[-1]:.0f} ms", flush=True)
        assert not self.failed, self.failed[:5]
        assert rate > 0.9 * RATE, f"the machine was too slow for {RATE} requests a second: {rate:.0f}"


@pytest.fixture
def load(calm_world):
    one = Load(calm_world)
    time.sleep(1)
    yield one
    one.stopping.set()


def pid_of(world, part):
    return int((world.folder / f"run/{part}.pid").read_text())


def log_of(world, part):
    return (world.folder / f"log/{part}.log").read_text(errors="replace")


def replaced(pid, before):
    """All of the processes before are gone, and as many serve instead."""
    return not any(alive(p) for p in before) and len(children(pid)) >= len(before)


def roll(world, entry):
    pid, log = pid_of(world, f"worker-{entry}"), log_of(world, f"worker-{entry}")
    before = children(pid)
    os.kill(pid, signal.SIGUSR2)
    until(lambda: replaced(pid, before), 20)
    assert "the new processes serve" in log_of(world, f"worker-{entry}")[len(log):]


def test_reloads_fail_no_request(calm_world, load):
    for _ in range(TIMES):
        for entry in ENTRIES:
            part, had = f"worker-{entry}", log_of(calm_world, f"worker-{entry}").count("configuration read")
            os.kill(pid_of(calm_world, part), signal.SIGHUP)
            until(lambda p=part, n=had: log_of(calm_world, p).count("configuration read") > n + (p == "worker-zlb"), 10)
        time.sleep(BETWEEN_SECONDS)
    load.end()


def test_nginx_reloads_fail_no_request(calm_world, load):
    folder = calm_world.folder
    for _ in range(TIMES):
        before = children(pid_of(calm_world, "nginx"))
        subprocess.run(["nginx", "-c", folder / "nginx.conf", "-p", folder, "-s", "reload"], check=True)
        until(lambda b=before: replaced(pid_of(calm_world, "nginx"), b), 20)
        time.sleep(BETWEEN_SECONDS)
    load.end()


def test_rolling_restarts_fail_no_request(calm_world, load):
    for _ in range(TIMES):
        for entry in ENTRIES:
            roll(calm_world, entry)
            time.sleep(BETWEEN_SECONDS)
    load.end()


def install(world, source, extra=b""):
    """As install(1) does: a new file in the old one's place."""
    folder = world.folder / "sbin"
    folder.mkdir(exist_ok=True)
    shutil.copy(source, folder / "new")
    with open(folder / "new", "ab") as f:
        f.write(extra)
    os.replace(folder / "new", folder / "minhu-worker")
    return folder / "minhu-worker"


def test_a_new_program_and_all_settings_are_taken_over(calm_world, load):
    world, build, config = calm_world, f"{calm_world.build}/minhu-worker", calm_world.folder / "minhu.conf"
    stack("stop", world.folder, "worker-open")
    program = install(world, build)
    worker = subprocess.Popen([program, "--config", config, "--entry", "open"], start_new_session=True, stdin=subprocess.DEVNULL,
                              stdout=open(world.folder / "log/worker-open.log", "ab"), stderr=subprocess.STDOUT)
    threading.Thread(target=worker.wait, daemon=True).start()  # so that it leaves no zombie behind
    (world.folder / "run/worker-open.pid").write_text(str(worker.pid))
    until(lambda: Wire(world).send("GET", "/open/v1/meta").status == 200, 10)
    load.failed.clear()  # those while it was stopped
    kept = config.read_text()

    def refused():
        before, had = children(worker.pid), log_of(world, "worker-open").count("the running program stays")
        os.kill(worker.pid, signal.SIGUSR2)
        until(lambda: log_of(world, "worker-open").count("the running program stays") > had, 15)
        assert children(worker.pid) == before
    try:
        for n in range(TIMES):
            install(world, build, b"%d" % n)
            roll(world, "open")
            assert os.stat(f"/proc/{worker.pid}/exe").st_ino == program.stat().st_ino
            time.sleep(BETWEEN_SECONDS)
        install(world, "/bin/false")
        refused()
        install(world, build)
        config.write_text(kept + "\n[nonsense]\nx = 1\n")
        refused()
        config.write_text(re.sub(r"(\[open\][^[]*processes *=) *1", r"\1 3", kept))
        before = len(children(worker.pid))
        roll(world, "open")
        until(lambda: len(children(worker.pid)) == before + 2, 15)  # the old ones finish what they have
    finally:
        config.write_text(kept)
    load.end()
