"""A job works under a lease: whoever has lost it does nothing more."""

import time

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
