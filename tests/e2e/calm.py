"""For tests of staff at their work: `from calm import resident, world` puts a file into the second district, where no step clock runs out
and carries a matter off from whom the test asks to act on it."""

import pytest
from client import Client


@pytest.fixture(scope="module")
def world(calm_world):
    return calm_world


@pytest.fixture(scope="module")
def resident(world):
    return world.resident(0)


@pytest.fixture(scope="module")
def other_resident(world):
    return world.resident(1)


@pytest.fixture(scope="module")
def nobody(world):
    return Client(world, None)
