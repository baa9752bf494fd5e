"""A flood on one entry, and thousands of slow connections, don't hurt residents: behind an nginx with the limits it is shipped
with. MINHU_FLOOD_ROUNDS asks for so many rounds of calm, flood and slow connections, and judges how much longer residents wait."""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

import pytest
from conftest import SOURCE
from flood import Line, at_a_rate, request
from test_main_job import wait_for

ROUNDS = int(os.environ.get("MINHU_FLOOD_ROUNDS", "0"))
SECONDS = 20 if ROUNDS else 3
SLOW_CONNECTIONS = 2000 if ROUNDS else 500
READERS, READS_PER_SECOND = 8, 60
QUOTA_PER_MINUTE = 2400 if ROUNDS else 600


def taken(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def gate(world, tmp_path_factory):
    """The port of an nginx in front of the same workers that limits as it does for an operator, by address."""
    root = tmp_path_factory.mktemp("nginx")
    for name in ("run", "log", "tmp"):
        (root / name).mkdir()
    port = int(world.stack.base.rsplit(":", 1)[1]) + 8  # the calm district has the four before
    config = subprocess.run([SOURCE / "nginx/render.sh", "--root", root, "--socket-dir", world.folder / "run", "--port", str(port),
                             "--ops-port", str(port + 1), "--cert", world.folder / "tls/cert.pem", "--key", world.folder / "tls/key.pem"],
                            capture_output=True, text=True, check=True).stdout
    (root / "nginx.conf").write_text(config)
    wait_for(lambda: not taken(port), 10)
    nginx = subprocess.Popen(["nginx", "-c", root / "nginx.conf", "-p", root, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        def answers():
            try:
                return Line(port, "127.0.0.1").ask(request("GET", "/zlb/v1/meta", ""))[0] == 200
            except OSError:
                return False
        wait_for(answers, 10)
        assert nginx.poll() is None, "another nginx answers at this port"
        yield port
    finally:
        nginx.terminate()
        nginx.wait(10)


class Readers:
    """Residents who read at a steady rate, each from an address of his own, and what they saw."""

    def __init__(self, port, token):
        self.port, self.requests = port, [request("GET", path, token) for path in ("/zlb/v1/me", "/zlb/v1/appeals?limit=20")]
        self.lines = [Line(port, f"127.0.0.{100 + n}") for n in range(READERS)]

    def read(self, seconds):
        """(waits in ms, statuses that aren't 200); a wait counts from when the read was due."""
        stop, waits, wrong = threading.Event(), [], []

        def one(n):
            def once(due):
                try:
                    status = self.lines[n].ask(self.requests[len(waits) % 2])[0]
                except OSError as error:
                    status = repr(error)
                waits.append((time.monotonic() - due) * 1000)
                if status != 200:
                    wrong.append(status)
            time.sleep(n / READS_PER_SECOND)  # not all at once
            at_a_rate(READS_PER_SECOND / READERS, stop, once)
        threads = [threading.Thread(target=one, args=(n,)) for n in range(READERS)]
        for t in threads:
            t.start()
        time.sleep(seconds)
        stop.set()
        for t in threads:
            t.join()
        return waits, wrong


class Attack:
    """A process of attackers, from "ready" to its account."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([sys.executable, SOURCE / "tests/support/flood.py", *map(str, arguments)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.account = json.loads(self.process.communicate("end\n", timeout=60)[0] or "{}")


def p99(waits):
    return sorted(waits)[int(len(waits) * 0.99)]


def posts(gate, world):
    key = world.third_party(None, "property", "post", "--per-minute", str(QUOTA_PER_MINUTE)).token
    return Attack("post", gate, 5 * QUOTA_PER_MINUTE // 60, key, world.place["code"])


@pytest.fixture(scope="module")
def readers(gate, world):
    who = Readers(gate, world.sign_in(world.add_resident(idnum=None)["userid"]).token)
    assert who.read(1)[1] == []
    return who


def test_a_flood_on_one_entry(gate, world, readers):
    with posts(gate, world) as attack:
        waits, wrong = readers.read(SECONDS)
    account = attack.account
    assert wrong == [] and len(waits) > SECONDS * READS_PER_SECOND / 2
    assert set(account) == {"201", "429", "when to retry", "by the quota"}, account
    assert account["429"] == account["when to retry"] and account["by the quota"] > 0, account


def test_slow_connections(gate, readers):
    with Attack("slow", gate, SLOW_CONNECTIONS) as attack:
        waits, wrong = readers.read(SECONDS)
    assert wrong == [] and len(waits) > SECONDS * READS_PER_SECOND / 2
    assert attack.account["held"] > 0.8 * SLOW_CONNECTIONS, attack.account


@pytest.mark.skipif(not ROUNDS, reason="at length only: MINHU_FLOOD_ROUNDS=5, as tests/faults/run floods has it")
def test_residents_wait_hardly_longer(gate, world, readers):
    """Each attack beside the calm of its own round, and the median of the rounds: what else this machine does hurts all alike."""
    seen = {"calm": [], "flood": [], "slow": []}
    begin = {"calm": lambda: Attack("none", gate, 0), "flood": lambda: posts(gate, world), "slow": lambda: Attack("slow", gate, SLOW_CONNECTIONS)}
    for _ in range(ROUNDS):
        for name, waits_of in seen.items():
            with begin[name]() as attack:
                waits, wrong = readers.read(SECONDS)
            print(f"{name:5} {len(waits)} reads, p50 {statistics.median(waits):.1f} ms, p99 {p99(waits):.1f} ms, {attack.account}")
            assert wrong == []
            waits_of.append(p99(waits))
    times = {name: statistics.median(a / c for a, c in zip(seen[name], seen["calm"])) for name in ("flood", "slow")}
    print(f"p99 against calm, median of {ROUNDS} rounds: flood {times['flood']:.2f}, slow {times['slow']:.2f}")
    assert max(times.values()) <= 2, times
