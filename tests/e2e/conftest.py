"""The real stack over HTTPS: started once for all tests, every answer recorded and checked against the contract."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "support"))

import contract  # noqa: E402
from client import Client, DatabaseProxy, World  # noqa: E402

# Tests of the step clock need it short; the district's own rules are working time. Long runs may want it and other settings
# otherwise (section.key=value, separated by spaces).
STEP_SECONDS = os.environ.get("MINHU_STEP_SECONDS", "4")
MORE_SETTINGS = [word for setting in os.environ.get("MINHU_SETTINGS", "").split() for word in ("--set", setting)]
# And so do tests of questions that stay without an answer.
SUITE = ("--fast-steps", STEP_SECONDS, "--set", "notices.gather_seconds=2", "--set", "appeals.answer_within=5s", *MORE_SETTINGS)


# One caller is everybody here.
FREELY = ["--set", "zlb.principal_per_minute=100000", "--set", "zlb.principal_burst=10000",
          "--set", "zlb.address_per_minute=1000000", "--set", "zlb.address_burst=100000",
          "--set", "zzd.principal_per_minute=100000", "--set", "zzd.principal_burst=10000",
          "--set", "zzd.address_per_minute=1000000", "--set", "zzd.address_burst=100000",
          "--set", "open.principal_per_minute=100000", "--set", "open.principal_burst=10000",
          "--set", "open.address_per_minute=1000000", "--set", "open.address_burst=100000"]


def stack(*arguments, **environment):
    env = {**os.environ, "NGINX_RATE": "600000r/m", "NGINX_BURST": "20000", **environment}
    done = subprocess.run([str(SOURCE / "tests/support/stack"), *map(str, arguments)], stderr=subprocess.PIPE, text=True, env=env)
    assert not done.returncode, f"stack {arguments[0]} of {arguments[1]}: {done.stderr}"


@contextlib.contextmanager
def private_stack(number, *options, **environment):
    """A stack of its own, started and removed again; the number tells its ports from those of others (0: the session's)."""
    port = int(os.environ.get("MINHU_TEST_PORT", "18443")) + 4 * number
    with tempfile.TemporaryDirectory(prefix="minhu-e2e-") as path:
        try:
            stack("up", path, os.environ["MINHU_BUILD"], "--port", port, *FREELY, *options, **environment)
            yield pathlib.Path(path)
        finally:
            if sys.exc_info()[0] or os.environ.get("MINHU_KEEP_LOGS"):
                kept = pathlib.Path(os.environ.get("MINHU_KEEP_LOGS", "/tmp/minhu-e2e-log"), pathlib.Path(path).name)
                subprocess.run(["mkdir", "-p", kept], check=False)
                subprocess.run(["cp", "-r", f"{path}/log/.", kept], check=False)
            stack("down", path)


@pytest.fixture(scope="session")
def folder():
    """The stack's folder. MINHU_STACK names one that runs already, for trying single tests again and again."""
    running = os.environ.get("MINHU_STACK")
    if running:
        yield pathlib.Path(running)
        return
    with private_stack(0, *SUITE) as path:
        yield path


@pytest.fixture(scope="session")
def world(folder):
    return World(folder)


@pytest.fixture(scope="session")
def calm_world():
    """A second district, for what would disturb others: everything there may be killed, and clocks run in working time only."""
    with private_stack(1, "--set", "zlb.processes=2", *MORE_SETTINGS) as path:
        yield World(path)


@pytest.fixture(scope="session")
def nobody(world):
    return Client(world, None)


@pytest.fixture(scope="session")
def resident(world):
    return world.resident(0)


@pytest.fixture(scope="session")
def other_resident(world):
    return world.resident(1)


@pytest.fixture(scope="module")
def bad_database(world):
    """Tells the proxy that stands between the product and its database, while a module's tests run, what shall go wrong."""
    stack("proxy", world.folder, "yes")
    yield DatabaseProxy(world.folder)
    stack("proxy", world.folder, "no")


@pytest.fixture
def appeal(world, resident):
    """A fresh appeal of the resident's, in the box of its first unit."""
    return resident.submit()


def pytest_addoption(parser):
    parser.addoption("--part", choices=("shared", "apart", "access"), help="only the tests in the session's own district, or only those in "
                     "others, or only the access table's, for which the jobs rest; all may run side by side, with ports of their own")
    parser.addoption("--called", metavar="FILE", help="where to write which operations were called; contract.py judges all parts' files")


def pytest_collection_modifyitems(config, items):
    """The parts, file by file."""
    if config.option.part:
        shared = {item.path for item in items if "folder" in item.fixturenames}
        parts = {path: "access" if path.name == "test_access.py" else "shared" if path in shared else "apart" for path in {item.path for item in items}}
        others = [item for item in items if parts[item.path] != config.option.part]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if parts[item.path] == config.option.part]


def pytest_sessionfinish(session, exitstatus):
    """Every recorded answer fits its schema, and every operation of the contract was hit (when the whole suite ran)."""
    faults = contract_faults(session)
    for fault in faults[:40]:
        print(f"\ncontract: {fault}", file=sys.stderr)
    if faults and exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    table = sys.modules.get("access_table")
    if table and table.counted["cells"]:
        terminalreporter.write_line(f"access: {table.counted['cells']} cells of the table called")


def contract_faults(session):
    faults = []
    for record in Client.records:
        faults += [f"{record['operation']} {record['status']}: {f}" for f in
                   contract.validate_response(record["operation"], record["status"], record["headers"], record["body"], closed=True)]
    options, called = session.config.option, {r["operation"] for r in Client.records}
    if options.called:
        pathlib.Path(options.called).write_text("".join(f"{operation}\n" for operation in sorted(called)), encoding="utf-8")
    if called and not options.part and not options.keyword and not session.config.args[0].endswith(".py"):
        faults += contract.never_called(called)
    return sorted(set(faults))
