"""What the benchmarks measure is there to be measured: a filled district proves its dossiers, and each operation answers."""

import os
import subprocess

from conftest import SOURCE

BUILD = os.environ.get("MINHU_BUILD", ".")
PORT = int(os.environ.get("MINHU_TEST_PORT", "18443")) + 8


def test_a_filled_district_is_whole(tmp_path):
    environment = {**os.environ, "DB_OPTIONS": "--innodb-buffer-pool-size=128M"}
    done = subprocess.run([SOURCE / "tests/bench/fill", tmp_path / "filled", BUILD, "1000", "--port", str(PORT)],
                          capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok: 1000 appeals" in done.stdout and " 0 findings" in done.stdout


def test_a_backlog_is_worked_off_by_two_processes_each_once():
    environment = {**os.environ, "DB_OPTIONS": "--innodb-buffer-pool-size=128M"}
    done = subprocess.run([SOURCE / "tests/bench/backlog", BUILD, "1000", "--port", str(PORT)],
                          capture_output=True, text=True, check=False, env=environment)
    figures = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line.count(" ") <= 2)
    assert figures["doubles"] == "0" and figures["left"] == "0" and " 0 findings" in done.stdout, done.stdout + done.stderr
    # The shares hold what else was due by the clock, as well.
    assert figures["moved"] == "1000" and all(int(n) > 0 for n in figures["shares"].split()), figures
