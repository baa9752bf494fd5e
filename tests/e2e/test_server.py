"""The server's own promises: idle connections, forged records, crashes, draining, reloading, health and metrics."""

import configparser
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import SLOW, Client
from conftest import stack
from test_main_job import wait_for
from test_refusals import raw


def pid_of(world, part):
    return int((world.folder / "run" / f"{part}.pid").read_text())


def children(pid):
    return [int(p) for p in subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()]


def ops(world, path):
    env = dict(line.strip().split("=", 1) for line in (world.folder / "env").read_text().splitlines() if "=" in line)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{env['OPS_PORT']}{path}", timeout=5 * SLOW) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_two_thousand_idle_connections_hold_no_thread(world, resident):
    sockets = []
    try:
        for _ in range(2000):
            s = socket.socket(socket.AF_UNIX)
            s.connect(str(world.folder / "run/zlb.sock"))
            sockets.append(s)
        started = time.monotonic()
        for _ in range(20):
            resident.get("/zlb/v1/me").ok()
        assert time.monotonic() - started < 5 * SLOW
        assert re.search(r'^minhu_connections\{[^}]*\} (\d+)', ops(world, "/zlb/metrics")[1], re.M)
    finally:
        for s in sockets:
            s.close()


def forged(marker):
    """A whole FastCGI request as an attacker would hide it in a body."""
    def record(kind, content):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    def pair(name, value):
        return bytes([len(name), len(value)]) + name + value
    params = (pair(b"REQUEST_METHOD", b"GET") + pair(b"REQUEST_URI", b"/zlb/v1/meta") + pair(b"REMOTE_ADDR", b"127.0.0.1")
              + pair(b"REQUEST_ID", marker))
    return record(1, struct.pack(">HB5x", 1, 1)) + record(4, params) + record(4, b"") + record(5, b"")


@pytest.mark.parametrize("path,status", [("/zlb/v1/nothing", 404), ("/zlb/v1/appeals", 401), ("/zlb/v1/sessions", 400)])
def test_no_body_forges_a_request(world, path, status):
    marker = uuid.uuid4().hex.encode()
    client = Client(world, None)
    for offset in list(range(0, 9000, 61)) + [16376, 32752, 65528]:
        body = (b" " * offset + forged(marker)) * (1 if status != 400 else 1)
        if status == 400 and len(body) > 4000:
            break
        answer = client.send("POST", path, body, {"Content-Type": "application/json"}, record=False)
        assert answer.status in (status, 413), answer
        assert client.get("/zlb/v1/meta").ok()["entry"] == "zlb", "the next request is the real one"
    log = (world.folder / "log/worker-zlb.log").read_bytes()
    assert marker not in log, "the forged request was run"


def test_a_short_body_is_an_error_never_a_short_json(world, resident):
    before = world.sql("SELECT COUNT(*) FROM appeal")
    body = b'{"kind":"ask","text":"' + "完整的正文，但是声明得更长。".encode() + b'"}'
    with pytest.raises(Exception):
        raw(world, "POST /zlb/v1/appeals HTTP/1.1", [f"Authorization: Bearer {resident.token}", "Content-Type: application/json"], body, len(body) + 50)
    assert world.sql("SELECT COUNT(*) FROM appeal") == before


def test_a_killed_process_is_replaced(world, resident):
    parent = pid_of(world, "worker-zlb")
    for _ in range(3):
        for child in children(parent):
            os.kill(child, signal.SIGKILL)

        def answers():
            return resident.get("/zlb/v1/me").status == 200
        wait_for(answers, 5)
    assert pid_of(world, "worker-zlb") == parent
    assert int(re.search(r"^minhu_worker_restarts_total\S* (\d+)", ops(world, "/zlb/metrics")[1], re.M).group(1)) >= 3


def test_sigterm_finishes_what_is_under_way(world):
    ticket = world.ticket(world.residents[0]["userid"])
    world.control("zlb", "fault", {"mode": "slow", "seconds": 2, "times": 1})
    try:
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(Client(world, None).post, "/zlb/v1/sessions", {"channel": "app", "ticket": ticket})
            time.sleep(0.7)
            stack("stop", world.folder, "worker-zlb")
            slow.result().ok(201)
    finally:
        world.control("zlb", "fault", {"mode": "none"})
        stack("start", world.folder, "worker-zlb")
    wait_for(lambda: Client(world, None).get("/zlb/v1/meta").status == 200, 10)


def test_without_workers_nginx_says_so_in_the_same_shape(world):
    stack("stop", world.folder, "worker-open")
    try:
        answer = Client(world, None).send("GET", "/open/v1/meta", record=False)
        answer.problem(502, "bad_gateway")
        assert int(answer.headers["retry-after"]) >= 1
    finally:
        stack("start", world.folder, "worker-open")
    wait_for(lambda: Client(world, None).get("/open/v1/meta").status == 200, 10)


def test_reload_changes_limits_without_a_failed_request(world, resident):
    config = world.folder / "minhu.conf"
    kept = config.read_text()
    parent = pid_of(world, "worker-zlb")
    one = world.sign_in(world.add_resident(idnum=None)["userid"])
    try:
        config.write_text(re.sub(r"(?m)^principal_burst.*$", "principal_burst = 3", re.sub(r"(?m)^principal_per_minute.*$", "principal_per_minute = 3", kept)))
        os.kill(parent, signal.SIGHUP)
        wait_for(lambda: one.get("/zlb/v1/me").status == 429, 5)
        problem = one.get("/zlb/v1/me")
        problem.problem(429, "too_many_requests")
        assert int(problem.headers["retry-after"]) >= 1
        config.write_text(kept + "\n[nonsense]\nx = 1\n")
        os.kill(parent, signal.SIGHUP)
        time.sleep(0.5)
        assert resident.get("/zlb/v1/meta").status == 200, "a wrong file changes nothing"
    finally:
        config.write_text(kept)
        os.kill(parent, signal.SIGHUP)
    wait_for(lambda: one.get("/zlb/v1/me").status == 200, 70)


def reload(world, **changes):
    """Changes settings (section__key=value) and has the residents' worker read them; returns the text to put back."""
    path = world.folder / "minhu.conf"
    kept = path.read_text()
    ini = configparser.ConfigParser(interpolation=None)
    ini.read_string(kept)
    for name, value in changes.items():
        section, key = name.split("__")
        if not ini.has_section(section):
            ini.add_section(section)
        ini.set(section, key, value)
    with open(path, "w", encoding="utf-8") as file:
        ini.write(file)
    os.kill(pid_of(world, "worker-zlb"), signal.SIGHUP)
    return kept


def address_of(world, appeal):
    return world.sql(f"SELECT address FROM appeal_event WHERE appeal_id=UNHEX('{appeal['id'].replace('-', '')}') AND n=1")[0][0]


def submit_from(client, address):
    body = {"kind": "ask", "text": "请问社区食堂几点开门？", "place_code": client.world.place["code"]}
    headers = {"X-Forwarded-For": address, "Idempotency-Key": str(uuid.uuid4())}
    return client.send("POST", "/zlb/v1/appeals", body, headers).ok(201)


def test_one_trusted_proxy_may_carry_everybody(world, resident, nobody):
    def flood():
        return [nobody.get("/zlb/v1/meta").status for _ in range(200)]
    assert address_of(world, submit_from(resident, "198.51.100.7")) == "127.0.0.1", "anybody can write that header"
    limits = {"zlb__address_per_minute": "60", "zlb__address_burst": "20"}
    kept = reload(world, server__trusted_proxies="127.0.0.1", **limits)
    try:
        wait_for(lambda: address_of(world, submit_from(resident, "198.51.100.7")) == "198.51.100.7", 10)
        assert address_of(world, submit_from(resident, "203.0.113.5, 198.51.100.8")) == "198.51.100.8", "the nearest that isn't trusted"
        assert set(flood()) == {200}
        reload(world, server__trusted_proxies="", **limits)
        wait_for(lambda: 429 in flood(), 10)
        refused = nobody.get("/zlb/v1/meta")
        refused.problem(429, "too_many_requests")
        assert int(refused.headers["retry-after"]) >= 1
    finally:
        (world.folder / "minhu.conf").write_text(kept)
        os.kill(pid_of(world, "worker-zlb"), signal.SIGHUP)
    wait_for(lambda: set(flood()) == {200}, 70)
    assert address_of(world, submit_from(resident, "198.51.100.7")) == "127.0.0.1"


def test_health_and_metrics_on_loopback_only(world, nobody):
    for entry in ("zlb", "zzd", "open"):
        assert ops(world, f"/{entry}/healthz")[0] == 200
        status, ready = ops(world, f"/{entry}/readyz")
        assert status == 200 and "true" in ready
        text = ops(world, f"/{entry}/metrics")[1]
        if shutil.which("promtool"):
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
            assert checked.returncode == 0 and not checked.stderr.strip(), checked.stderr + checked.stdout
        assert f'entry="{entry}"' in text and "minhu_calendar_next_year_known" in text
    for path in ("/healthz", "/readyz", "/metrics", "/zlb/metrics"):
        nobody.send("GET", path).problem(404, "not_found")


def test_every_answer_has_its_headers(world, resident):
    answer = resident.get("/zlb/v1/me")
    assert answer.headers["x-content-type-options"] == "nosniff" and "max-age" in answer.headers["strict-transport-security"]
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    worker_log = pathlib.Path(world.folder / "log/worker-zlb.log")
    wait_for(lambda: answer.headers["x-request-id"] in worker_log.read_text(), 5)
    log = worker_log.read_text()
    assert resident.token not in log and "13900139000" not in log, "nothing secret or personal in a log"


def test_bad_configuration_is_loud(world, tmp_path):
    good = (world.folder / "minhu.conf").read_text()
    worker = f"{world.build}/minhu-worker"

    def check(text):
        path = tmp_path / "c.conf"
        path.write_text(text)
        done = subprocess.run([worker, "--config", path, "--check-config"], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr
    assert check(good)[0] == 0
    for bad, expect in [(good + "\n[zlb2]\nx=1\n", "zlb2"), (good.replace("threads = 8", "threads = many", 1), "threads"),
                        (good.replace("threads = 8", "threads = 9999", 1), "threads"), (good.replace("[database]", "[database]\nunknown = 1"), "unknown"),
                        (good.replace("production = off", "production = on"), "stand-in"), (good + "\n[server]\ntrusted_proxies = banana\n", "banana"),
                        (good + "\n[server]\ntrusted_proxies = 0.0.0.0/0\n", "everybody"), (good + "\n[server]\ncors_origins = *\n", "cors_origins"),
                        (good.replace("access_key = BCDSGA_demo0001", "access_key ="), "access_key")]:
        code, text = check(bad)
        assert code == 78 and expect in text and "c.conf" in text, (code, text)


def test_check_counts_the_connections(world, tmp_path):
    """What the configuration would keep open, against what the database allows (300 here), and prepared (100,000)."""
    def told(**threads):
        ini = configparser.ConfigParser(interpolation=None)
        ini.read(world.folder / "minhu.conf")
        for entry in ("zlb", "zzd", "open"):
            ini[entry].update(processes="1", threads=threads.get(entry, "8"))
        with open(tmp_path / "minhu.conf", "w", encoding="utf-8") as f:
            ini.write(f)
        done = subprocess.run([f"{world.build}/minhuctl", "--config", str(tmp_path / "minhu.conf"), "check"], capture_output=True, text=True, check=False)
        return [line for line in done.stdout.splitlines() if " connections: " in line or " statements: " in line], done.returncode

    # zlb and zzd: 8 threads, 4 that stand in, reference data, health; open the same without the 4; one entry twice. And a job each.
    jobs = int(re.findall(r'"(\d+) jobs"', (world.folder / "log/jobs.log").read_text(encoding="utf-8"))[-1])
    (line, kept), code = told()
    assert line.startswith("ok ") and f" {14 + 14 + 10 + 14 + 2 + jobs} at most" in line and "allows 300" in line and code == 0, line
    assert kept.startswith("ok ") and "allows 100000" in kept, kept
    (line, kept), code = told(zlb="200")
    assert kept.startswith("warn") and "max_prepared_stmt_count" in kept, kept
    assert line.startswith("warn") and "changes over" in line and code == 0, line
    (line, _), code = told(zlb="256", zzd="256")
    assert line.startswith("fail") and "max_connections" in line and code == 1, line
