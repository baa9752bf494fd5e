"""Who may do what to whose: every operation × every kind of caller × every object, against the table written by hand."""

import access_calls
import access_table
import contract
import pytest
from access_calls import Calls, blank, cells_of
from access_cast import Cast
from conftest import stack

OPERATIONS = list(contract.operations())

# All that operations change. A call that is denied changes none of it, nobody's.
TABLES = "appeal,appeal_event,ledger_line,attachment,notice,work_notice,session,token,invitation,resident,staff,post,api_key,client,idempotency,audit_line,trouble,trouble_joiner,disaster_mode"


@pytest.fixture(scope="module")
def table():
    return access_table.load(OPERATIONS)


@pytest.fixture(scope="module")
def calls(world):
    """The jobs rest meanwhile: no clock moves what has just been made ready."""
    stack("stop", world.folder, "jobs")
    yield Calls(Cast(world))
    stack("start", world.folder, "jobs")


def test_the_table_is_whole(table):
    assert not table.faults, "\n".join(table.faults)
    without = {name: set(OPERATIONS) ^ known for name, known in (("line", table.named), ("recipe", set(access_calls.RECIPES)))}
    assert not any(without.values()), f"operations without one, or the other way round: {without}"


def ways(op):
    """A gateway calls a resident's operations by name, too; no photo goes that way."""
    return (False, True) if op.entry == "zlb" and op.id not in ("callByName", "uploadAttachment") else (False,)


def named(cell, by_name):
    return f"{cell.op.id}{' by name' if by_name else ''}, {cell.caller} ({cell.seat_name}), {cell.thing}"


def difference(cell, by_name, wanted, answer):
    if access_table.fits(wanted, answer.status):
        return []
    return [f"{named(cell, by_name)}: wanted {wanted}, got {answer.status} {answer.raw[:200].decode(errors='replace')}"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_caller_gets_what_the_table_says(world, calls, table, operation):
    op = contract.operations()[operation]
    cells = [(cell, table.cells.get((operation, cell.caller, cell.thing)), by_name) for cell in cells_of(calls.cast, op) for by_name in ways(op)]
    missing = {named(cell, False) for cell, wanted, _ in cells if not wanted}
    assert not missing, f"no line of the table covers {sorted(missing)}"
    access_table.counted["cells"] += len(cells)

    # First what is denied: all of it leaves everything as it was, and what is hidden answers like what isn't there.
    denied = [(cell, wanted, by_name, calls.object(cell, fresh=False)) for cell, wanted, by_name in cells if wanted != "2xx"]
    before = world.sql(f"CHECKSUM TABLE {TABLES}")
    differences, hidden = [], {}
    for cell, wanted, by_name, it in denied:
        answer = calls.send(cell, it, by_name)
        differences += difference(cell, by_name, wanted, answer)
        if wanted == "404":
            hidden.setdefault((cell.caller, cell.seat_name, by_name), []).append((cell, blank(answer)))
    after = world.sql(f"CHECKSUM TABLE {TABLES}")
    differences += [f"{operation}: a call that was denied changed the table {was[0]}" for was, now in zip(before, after) if was != now]
    for (_, _, by_name), answers in hidden.items():
        differences += [f"{named(cell, by_name)}: answered otherwise than {answers[-1][0].thing}" for cell, answer in answers if answer != answers[-1][1]]

    for cell, wanted, by_name in cells:
        if wanted == "2xx":
            differences += difference(cell, by_name, wanted, calls.send(cell, calls.object(cell, fresh=op.method == "POST"), by_name))
    assert not differences, f"{len(differences)} differ:\n" + "\n".join(differences)
