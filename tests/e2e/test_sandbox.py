"""Running workers and jobs are confined, and work all the same: what they need from outside stays in their reach."""

import os
import pathlib
import signal
import subprocess

from client import Client
from test_main_job import wait_for
from test_server import children, pid_of


def status_of(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def confined(world):
    """Every process that reads what others send: the workers' children and the jobs."""
    parents = [pid_of(world, f"worker-{entry}") for entry in ("zlb", "zzd", "open")]
    return [child for parent in parents for child in children(parent)] + [pid_of(world, "jobs")]


def uses_tsan(world):
    return b"__tsan_init" in pathlib.Path(world.build, "minhu-worker").read_bytes()


def test_all_that_serve_are_confined(world):
    """What was started a moment ago sets itself up first; it serves only when it is confined."""
    def walls():
        return [tuple(status_of(pid)[field] for field in ("Seccomp", "NoNewPrivs")) for pid in confined(world)]
    wait_for(lambda: walls() == [("2", "1")] * 7, 10)
    for pid in confined(world):
        threads = [status_of(f"{pid}/task/{thread}") for thread in os.listdir(f"/proc/{pid}/task")]
        bare = [t for t in threads if (t["Seccomp"], t["NoNewPrivs"]) != ("2", "1")]
        # ThreadSanitizer has a thread of its own, from before there was a filter.
        assert len(bare) <= (1 if uses_tsan(world) else 0), "each thread, too"


def test_a_confined_worker_reopens_its_log_and_reads_its_configuration(world, resident):
    """Both are files that may be replaced while it runs."""
    config, log, secret = world.folder / "minhu.conf", world.folder / "log/own.log", world.folder / "secret/zlb"
    kept = config.read_text()
    secret.parent.mkdir(exist_ok=True)
    secret.write_text("BCDSGS_demo0001\n")
    text = kept.replace("[minhu]", f"[minhu]\nlog_file = {log}", 1)
    text = "\n".join(f"secret_key = file:{secret}" if line.startswith("secret_key") else line for line in text.splitlines()) + "\n"
    other = world.folder / "other.conf"
    other.write_text(text.replace(f"run_folder = {world.folder}/run", f"run_folder = {world.folder}/run2"))
    (world.folder / "run2").mkdir(exist_ok=True)
    worker = subprocess.Popen([f"{world.build}/minhu-worker", "--config", other, "--entry", "zlb"])
    try:
        wait_for(lambda: (world.folder / "run2/zlb.sock").exists(), 10)
        log.rename(f"{log}.1")
        new = other.with_suffix(".new")
        new.write_text(other.read_text().replace("[zlb]", "[zlb]\nprincipal_burst = 7", 1) if "principal_burst" not in kept else other.read_text())
        new.rename(other)
        secret.with_suffix(".new").write_text("BCDSGS_demo0001\n")
        secret.with_suffix(".new").rename(secret)
        os.kill(worker.pid, signal.SIGHUP)
        pids = {worker.pid, *children(worker.pid)}
        assert len(pids) == 3
        wait_for(lambda: log.exists() and log.read_text().count('"configuration read"') == 2, 10)
        assert "errors" not in log.read_text()
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
    assert resident.get("/zlb/v1/me").status == 200


def test_production_refuses_to_go_without(world, tmp_path):
    config = tmp_path / "minhu.conf"
    config.write_text("[minhu]\nproduction = on\nsandbox = off\n[zheliban]\naccess_key = a\nsecret_key = b\n"
                      "[zhezhengding]\napp_key = c\napp_secret = d\n")
    done = subprocess.run([f"{world.build}/minhu-worker", "--config", config, "--check-config"], capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "sandbox = off" in done.stderr


def test_names_are_still_resolved(world):
    """A sign-in whose host app is known by name: libcurl resolves in a thread of its own."""
    config = world.folder / "minhu.conf"
    kept = config.read_text()
    assert "http://127.0.0.1:" in kept
    named = world.folder / "named.conf"
    named.write_text(kept.replace("gateway = http://127.0.0.1:", "gateway = http://localhost:").replace(
        f"run_folder = {world.folder}/run", f"run_folder = {world.folder}/run3"))
    (world.folder / "run3").mkdir(exist_ok=True)
    worker = subprocess.Popen([f"{world.build}/minhu-worker", "--config", named, "--entry", "zlb"], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: (world.folder / "run3/zlb.sock").exists(), 10)
        moved = world.folder / "run/zlb.sock"
        moved.rename(world.folder / "run/zlb.kept")
        try:
            os.symlink(world.folder / "run3/zlb.sock", moved)
            ticket = world.ticket(world.residents[0]["userid"])
            Client(world, None).post("/zlb/v1/sessions", {"channel": "app", "ticket": ticket}).ok(201)
        finally:
            moved.unlink()
            (world.folder / "run/zlb.kept").rename(moved)
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
