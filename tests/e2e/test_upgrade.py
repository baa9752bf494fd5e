"""A database of schema 4 is brought forward: it keeps its data, its dossiers hold as they did, and what the upgrade makes can't be had twice."""

import configparser
import gzip
import json
import os
import shutil
import subprocess
import uuid

import pytest
from conftest import SOURCE

GOLDEN = SOURCE / "tests/golden"
WAITING = "number='20250604-000008'"  # its step clock has run out long since, and no job has seen it yet
RENEW = 14  # acts/audit.h; numbers are for ever


class Old:
    """The old release's database, keys and heads, beside the stack's own."""

    def __init__(self, world, folder):
        self.world, self.folder, self.name = world, folder, f"t_{uuid.uuid4().hex[:8]}"
        world.sql(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        self.mariadb(gzip.decompress((GOLDEN / "release-4.sql.gz").read_bytes()))
        shutil.copy(GOLDEN / "release-4.heads", folder / "heads")
        ini = configparser.ConfigParser(interpolation=None)
        ini.read(world.folder / "minhu.conf")
        ini["database"]["name"] = self.name
        ini["minhu"].update(key_file=str(folder / "keys"), head_file=str(folder / "heads"), run_folder=str(folder))
        with open(folder / "minhu.conf", "w", encoding="utf-8") as f:
            ini.write(f)

    def give_keys(self):
        shutil.copy(GOLDEN / "release-4.keys", self.folder / "keys")
        os.chmod(self.folder / "keys", 0o600)

    def mariadb(self, sql):
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={self.world.folder}/run/db.sock", "--user=root", "-N", "-B", self.name],
                              input=sql, capture_output=True, check=True)
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    def sql(self, text):
        return self.mariadb(text.encode())

    def run(self, program, *arguments):
        return subprocess.run([f"{self.world.build}/{program}", "--config", str(self.folder / "minhu.conf"), *arguments],
                              capture_output=True, text=True, check=False, timeout=60)

    def migrate(self):
        done = self.run("minhuctl", "migrate")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    def findings(self):
        done = self.run("minhuctl", "audit", "verify", "--json")
        assert done.returncode in (0, 1), done.stderr
        *found, end = map(json.loads, done.stdout.splitlines())
        assert (end["findings"], done.returncode) == (len(found), 1 if found else 0)
        return [(f.get("number"), f["what"]) for f in found], end


@pytest.fixture
def old(world, tmp_path):
    one = Old(world, tmp_path)
    yield one
    world.sql(f"DROP DATABASE {one.name}")


@pytest.fixture
def upgraded(old):
    old.give_keys()
    old.migrate()
    return old


def test_the_dossiers_hold_before_and_after_the_next_act(upgraded):
    found, end = upgraded.findings()
    assert not found and end["appeals"] == 10 and end["heads"] >= 4
    events, lines = upgraded.sql(f"SELECT events, lines_closed FROM appeal WHERE {WAITING}")[0]
    assert (events, lines) == ("1", "0")
    done = upgraded.run("minhu-jobs", "--once")
    assert done.returncode == 0, done.stderr
    events, lines = upgraded.sql(f"SELECT events, lines_closed FROM appeal WHERE {WAITING}")[0]
    assert int(events) > 1 and lines == "1", "its deadline was not carried through"
    found, after = upgraded.findings()
    assert not found and after["events"] > end["events"] and after["heads"] > end["heads"]


def test_lists_and_clocks_have_what_they_read(upgraded):
    """As a row has it that this release writes itself: the beginning of the text, and the next thing that the clock does."""
    assert upgraded.sql("SELECT COUNT(*) FROM appeal WHERE excerpt<>LEFT(text,50)") == [["0"]]
    assert upgraded.sql("SELECT COUNT(*) FROM appeal WHERE excerpt=''") == [["0"]]
    assert upgraded.sql("SELECT COUNT(*) FROM appeal WHERE is_open=1 AND wake_at<>LEAST(resolve_by,COALESCE(step_by,resolve_by)) AND overdue=0") == [["0"]]
    assert upgraded.sql("SELECT COUNT(*)>0 FROM appeal WHERE is_open=1 AND wake_at IS NOT NULL") == [["1"]]
    assert upgraded.sql("SELECT COUNT(*) FROM appeal WHERE is_open=0 AND box<>3 AND wake_at IS NOT NULL") == [["0"]]


def test_orders_and_notices_are_found_by_their_new_keys(upgraded):
    same = "SELECT COUNT(*), COUNT(x.appeal_id) FROM {} LEFT JOIN {}"
    for rows, entry in [("appeal a", "client_order x ON x.appeal_id=a.id AND x.client_id=a.client_id AND x.external_id=a.external_id WHERE a.external_id IS NOT NULL"),
                        ("appeal a", "waiting_order x ON x.appeal_id=a.id AND x.reporter_index=a.reporter_index WHERE a.reporter_index IS NOT NULL AND a.resident_id IS NULL"),
                        ("appeal_event e", "client_change x ON x.client_id=e.client_id AND x.seq=e.seq AND x.appeal_id=e.appeal_id AND x.n=e.n "
                                           "WHERE e.client_id IS NOT NULL AND e.public=1 AND e.seq IS NOT NULL")]:
        [[wanted, there]] = upgraded.sql(same.format(rows, entry))
        assert wanted == there != "0", (rows, wanted, there)
    assert upgraded.sql("SELECT COUNT(*)>0, COUNT(*)=COUNT(n.id) FROM work_notice w LEFT JOIN notice n ON n.person_id=w.staff_id AND n.id=w.notice_id") == [["1", "1"]]


def test_what_is_changed_after_the_upgrade_is_found(upgraded):
    upgraded.run("minhu-jobs", "--once")
    for table, where, column, value in [("appeal", "number LIKE '%-000002'", "address", "'别处'"), ("appeal", "number LIKE '%-000006'", "resolve_by", "resolve_by+INTERVAL 1 DAY"),
                                        ("appeal", "number LIKE '%-000006'", "mac", "''"), ("appeal", "number LIKE '%-000003'", "excerpt", "'别的开头'"), ("appeal", WAITING, "mac", "''"),
                                        ("appeal_event", "n=3 AND text<>''", "text", "'改过'"), ("ledger_line", f"appeal_id=(SELECT id FROM appeal WHERE {WAITING})", "working_seconds", "working_seconds+1"),
                                        ("appeal_event", f"n=2 AND appeal_id=(SELECT id FROM appeal WHERE {WAITING})", "client_id", "REPEAT('x',16)")]:
        upgraded.sql(f"CREATE TABLE kept AS SELECT * FROM {table}; UPDATE {table} SET {column}={value} WHERE {where}")
        found, _ = upgraded.findings()
        # What the server computes by itself is given back with the rest, and not taken: only strict mode minds.
        upgraded.sql(f"SET sql_mode=''; DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")
        assert found, f"{table}.{column} was changed unseen"
    assert not upgraded.findings()[0]


def test_rows_are_renewed_once_only(upgraded):
    upgraded.run("minhu-jobs", "--once")
    upgraded.sql("UPDATE appeal SET mac='', address='别处'; DELETE FROM schema_migration WHERE version=5")
    assert "8 appeals don't hold" in upgraded.migrate(), "those that are open were acted on by this release"
    found, _ = upgraded.findings()
    assert any("renewed once more" in what for _, what in found)
    upgraded.sql(f"DELETE FROM audit_line WHERE action={RENEW} ORDER BY id LIMIT 1")
    found, _ = upgraded.findings()
    assert any(number is None for number, _ in found), f"the first renewal's line was removed unseen: {found}"


def test_without_keys_the_upgrade_waits(old):
    done = old.run("minhuctl", "migrate")
    assert done.returncode != 0 and "key" in done.stderr
    assert old.sql("SELECT MAX(version) FROM schema_migration") == [["4"]]
    assert old.run("minhu-jobs", "--once").returncode != 0, "jobs work on a schema that isn't there yet"
    old.give_keys()
    old.migrate()
    assert not old.findings()[0]
