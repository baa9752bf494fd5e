"""Whoever may write to the database, but has no key, leaves traces wherever he writes."""

import os
import random

import pytest
import tampering
from client import World
from conftest import private_stack, stack


@pytest.fixture(scope="module")
def world():
    """A small district of its own: all of it is verified twice for each tampering."""
    with private_stack(2) as path:
        stack("stop", path, "jobs")
        yield World(path)


def test_random_tamperings_are_found(world):
    """MINHU_TAMPERINGS says how many; tests/faults/tamper tries a thousand."""
    seed = int(os.environ.get("MINHU_SEED", random.randrange(1 << 31)))
    print(f"\nseed {seed}")
    tampering.fill(world, 9, 30)
    tamperer = tampering.Tamperer(world, seed)
    tamperer.settle()
    missed, alarms = tamperer.run(int(os.environ.get("MINHU_TAMPERINGS", "42")))
    tamperer.end()
    assert not missed and not alarms, missed
