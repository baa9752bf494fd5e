"""A job works under a lease: whoever has lost it does nothing more."""

import subprocess
import time

import pytest
from conftest import stack
from test_main_job import wait_for

TAKEN = "UPDATE lease SET owner=UNHEX(REPEAT('AB',16)),fence=fence+1,expires_at=UTC_TIMESTAMP(6)+INTERVAL 5 SECOND"


def test_what_was_taken_is_not_worked_under(world, resident):
    def sequence_ends():
        return world.sql("SELECT expires_at FROM lease WHERE name='sequence'")

    # Just renewed: the process that has the lease won't look at it by itself for a while.
    before = sequence_ends()
    wait_for(lambda: sequence_ends() != before, 15)
    world.sql(TAKEN)
    taken = time.monotonic()
    appeal = resident.submit()["id"].replace("-", "")

    def numbered():
        return world.sql(f"SELECT COUNT(*) FROM appeal_event WHERE appeal_id=UNHEX('{appeal}') AND seq IS NOT NULL") != [["0"]]

    while time.monotonic() - taken < 4:
        assert not numbered(), "numbered under a lease that another has"
        time.sleep(0.2)
    wait_for(numbered, 15)


@pytest.fixture
def stopped(world):
    """What a test does between a stop of the jobs and their next start."""
    def stop():
        stack("stop", world.folder, "jobs")
    yield stop
    stop()  # a test that failed may not have come to it
    stack("start", world.folder, "jobs")


def test_a_stop_leaves_no_lease(world, stopped):
    """Neither when the connections were lost since they were last used."""
    held = "SELECT name FROM lease WHERE expires_at>UTC_TIMESTAMP(6) AND owner<>UNHEX(REPEAT('AB',16)) ORDER BY name"  # but for what was TAKEN
    wait_for(lambda: len(world.sql(held)) > 5 and world.sql(held) == world.sql("SELECT name FROM lease ORDER BY name"), 20)
    connections = "SELECT id FROM information_schema.processlist WHERE db='minhu' AND id<>CONNECTION_ID()"
    world.sql_quietly("".join(f"KILL {number};" for number, in world.sql(connections)))
    stopped()
    assert not world.sql(held)


def test_a_job_that_fails_is_not_one_that_another_does(world, resident, stopped):
    """The counter is behind what it gave already, as after half a restore: that is told, and nothing is given twice."""
    stopped()
    before = world.sql("SELECT next FROM counter WHERE name='seq'")[0][0]
    appeal = resident.submit()["id"].replace("-", "")
    world.sql("UPDATE counter SET next=next-1 WHERE name='seq'")
    once = [f"{world.build}/minhu-jobs", "--config", f"{world.folder}/minhu.conf", "--once"]
    failed = subprocess.run(once, capture_output=True, text=True, check=False)
    world.sql(f"UPDATE counter SET next={before} WHERE name='seq'")
    told = failed.stdout + failed.stderr
    assert failed.returncode == 75 and '"event":"sequence"' in told and "skipped" not in told, told
    world.minhu_jobs_once()
    assert world.sql(f"SELECT seq IS NOT NULL FROM appeal_event WHERE appeal_id=UNHEX('{appeal}') AND n=1") == [["1"]]
