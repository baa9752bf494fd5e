"""Whoever may write to the database, but has no key, leaves traces wherever he writes."""

import os
import random
import uuid

import pytest
import tampering
from client import Client, World
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


def test_whoever_writes_himself_a_link_leaves_his_mark(world):
    """Who answers in a part's name by a token that he wrote into its row is found for good, even when he undoes it."""
    lead, matter = world.staff(world.place["unit_code"]), world.resident(0).submit()
    lead.act(matter, "accept").ok()
    part, other = (lead.post(f"/zzd/v1/appeals/{matter['id']}/parts", {"organisation": name, "text": "请一起查看。"}).ok(201) for name in ("云岚电信", "云岚物业"))
    spent, real = (lead.post(f"/zzd/v1/parts/{p['id']}/link", {}).ok(201)["token"] for p in (other, part))
    lead.post(f"/zzd/v1/parts/{other['id']}/revoke-link", {}).ok()
    stranger, row = Client(world, spent, "open"), f"id=UNHEX('{part['id'].replace('-', '')}')"

    def holds():
        return world.minhuctl("audit", "verify", "--appeal", matter["number"], check=False).returncode == 0

    def link(token):
        world.sql(f"UPDATE appeal_part SET link_hash=UNHEX(SHA2('{token}',256)) WHERE {row}")

    assert holds()
    link(spent)
    assert not holds()
    stranger.post("/open/v1/part/answer", {"outcome": "done", "text": "都清理完了。"}, key=str(uuid.uuid4())).ok()
    link(real)
    assert not holds()
