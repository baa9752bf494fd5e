"""The statement catalogue against a migrated schema, the plans of all lists, and the migrations themselves."""

import os
import pathlib
import shutil
import subprocess
import uuid

import pytest
from client import SLOW
from conftest import SOURCE


@pytest.fixture
def fresh(world):
    """An empty database with the schema in it, made by the product's own migrations."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    world.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    yield name
    world.sql(f"DROP DATABASE {name}")


def config_for(world, name, folder):
    path = pathlib.Path(folder) / "db.conf"
    path.write_text((world.folder / "minhu.conf").read_text().replace("name = minhu", f"name = {name}"))
    return path


def migrate(world, config, *arguments):
    return subprocess.run([f"{world.build}/minhuctl", "--config", str(config), "migrate", *arguments], capture_output=True, text=True, check=False)


def run_c_test(world, database, program):
    env = {**os.environ, "MINHU_TEST_DB_SOCKET": str(world.folder / "run/db.sock"), "MINHU_TEST_DB_NAME": database}
    return subprocess.run([f"{world.build}/tests/unit/{program}"], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("program", ["test_catalogue", "test_plans", "test_transactions"])
def test_statements(world, fresh, tmp_path, program):
    assert migrate(world, config_for(world, fresh, tmp_path)).returncode == 0
    done = run_c_test(world, fresh, program)
    assert done.returncode == 0, done.stdout + done.stderr


def test_migrations_go_forward_once(world, fresh, tmp_path):
    config = config_for(world, fresh, tmp_path)
    dry = migrate(world, config, "--dry-run")
    assert dry.returncode == 0 and "0001" in dry.stdout
    assert world.sql(f"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema='{fresh}' AND table_name='appeal'") == [["0"]]
    assert migrate(world, config).returncode == 0
    assert migrate(world, config).returncode == 0, "a second time there is nothing to do"
    tables = world.sql("SELECT t.table_name, t.table_collation, COUNT(s.column_name) FROM information_schema.tables t LEFT JOIN information_schema.statistics s "
                       f"ON s.table_schema=t.table_schema AND s.table_name=t.table_name AND s.index_name='PRIMARY' WHERE t.table_schema='{fresh}' GROUP BY 1,2")
    assert tables and all(c.startswith("utf8mb4") and int(n) >= 1 for _, c, n in tables), "every table has a primary key and names its charset"


def test_an_altered_migration_is_refused(world, fresh, tmp_path):
    config = config_for(world, fresh, tmp_path)
    folder = tmp_path / "migrations"
    shutil.copytree(SOURCE / "db/migrations", folder)
    assert migrate(world, config, "--folder", str(folder)).returncode == 0
    first = folder / "0001_base.sql"
    first.write_text(first.read_text() + "\n-- altered\n")
    done = migrate(world, config, "--folder", str(folder))
    assert done.returncode != 0 and "0001" in done.stdout + done.stderr


def test_workers_refuse_a_schema_they_dont_know(world, fresh, tmp_path):
    config = config_for(world, fresh, tmp_path)
    assert migrate(world, config).returncode == 0
    world.sql(f"INSERT INTO {fresh}.schema_migration VALUES (99,'0099_future',REPEAT('0',64),NOW())")
    text = config.read_text().replace(f"run_folder = {world.folder}/run", f"run_folder = {tmp_path}")
    config.write_text(text)
    worker = subprocess.Popen([f"{world.build}/minhu-worker", "--config", str(config), "--entry", "zlb"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out, _ = worker.communicate(timeout=8 * SLOW)
        assert worker.returncode != 0 and b"schema" in out
    except subprocess.TimeoutExpired:
        worker.terminate()
        out, _ = worker.communicate(timeout=20)
        raise AssertionError(f"it serves on a schema it doesn't know: {out[-500:]}") from None
