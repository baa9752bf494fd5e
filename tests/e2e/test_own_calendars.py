"""Calendars of units: their step clocks run by them, everything else by the district's; a change is shown before it is made, and running
clocks follow it. Rules move running clocks only when the operator says so."""

import re

import pytest
from test_calendar import HEAD, beijing, import_clocks, reclocked, restart
from test_main_job import wait_for

OWN = "unit_code\tdate\tkind\thours\tname\n"


@pytest.fixture
def places(world, tmp_path):
    """Two places of different units, under rules in working days; afterwards calendars and rules are as before."""
    compounds = [p for p in world.stack.rows("places.tsv") if world.units[p["unit_code"]]["tier"] == "compound"]
    one = compounds[-1]
    other = next(p for p in reversed(compounds) if world.units[p["unit_code"]]["parent_code"] != world.units[one["unit_code"]]["parent_code"])
    import_clocks(world, tmp_path / "rules", ("3wd", "8wd", "5wd"))
    restart(world)
    yield one, other
    world.sql("DELETE FROM unit_calendar")
    (tmp_path / "original").mkdir()
    (tmp_path / "original/clocks.tsv").write_bytes((world.folder / "demo/clocks.tsv").read_bytes())
    world.minhuctl("import", tmp_path / "original")
    restart(world)


def write(path, *rows):
    path.write_text(OWN + "".join("\t".join(row) + "\n" for row in rows))
    return path


def test_a_unit_goes_by_its_own_hours(world, resident, places, tmp_path):
    one, other = places
    village = world.units[one["unit_code"]]["parent_code"]  # the compound's calendar is that of the village above it
    mine, theirs = (resident.submit(place_code=p["code"]) for p in (one, other))
    staff, others = world.staff(one["unit_code"]), world.staff(other["unit_code"])
    before, unmoved = staff.seen(mine), others.seen(theirs)
    assert beijing(before["step_by"])[1] == "17:00"

    file = write(tmp_path / "own.tsv", (village, "workday", "work", "09:00-11:00,14:00-16:00", "夏令"), (village, "sat", "window", "09:00-12:00", ""))
    told = world.minhuctl("calendar", "import", "--preview", file).stdout
    assert f"unit {one['unit_code']}: " in told and " 0 resolve_by," in told and f"{mine['number']} step_by" in told, told
    assert f"unit {other['unit_code']}: " not in told and "nothing was changed" in told
    assert world.sql("SELECT COUNT(*) FROM unit_calendar") == [["0"]]
    assert staff.seen(mine)["step_by"] == before["step_by"]

    world.minhuctl("calendar", "import", file)
    restart(world)
    after = wait_for(lambda: (lambda a: a if a["step_by"] != before["step_by"] else None)(staff.seen(mine)), 30)
    assert beijing(after["step_by"]) == (beijing(before["step_by"])[0], "16:00")
    assert [after[by] for by in ("respond_by", "resolve_by", "version")] == [before[by] for by in ("respond_by", "resolve_by", "version")]
    assert len(reclocked(staff, mine)) == 1
    assert others.seen(theirs)["step_by"] == unmoved["step_by"] and reclocked(others, theirs) == []
    fresh = staff.seen(resident.submit(place_code=one["code"]))
    assert (beijing(fresh["step_by"])[1], beijing(fresh["resolve_by"])[1]) == ("16:00", "17:00")
    assert f"{village}\tsat\twindow\t09:00-12:00\t" in world.minhuctl("calendar", "show", "--units").stdout

    world.minhuctl("calendar", "forget", village)
    restart(world)
    wait_for(lambda: staff.seen(mine)["step_by"] == before["step_by"], 30)
    assert len(reclocked(staff, mine)) == 2
    done = world.minhuctl("audit", "verify", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_faults_of_a_file_are_told_all_at_once(world, places, tmp_path):
    unit = places[0]["unit_code"]
    file = write(tmp_path / "bad.tsv", ("nobody", "sat", "window", "09:00-12:00", ""), (unit, "sat", "window", "", ""), (unit, "2026-10-01", "holiday", "", ""),
                 (unit, "2026-10-01", "work", "", ""), (unit, "funday", "work", ""))
    done = world.minhuctl("calendar", "import", file, check=False)
    told = [line.split(":")[2] for line in done.stderr.splitlines() if "bad.tsv:" in line]
    assert done.returncode == 65 and told == ["2", "3", "5", "6"], done.stderr
    idle = write(tmp_path / "idle.tsv", *((unit, day, "holiday", "", "") for day in ("mon", "tue", "wed", "thu", "fri")))
    done = world.minhuctl("calendar", "import", idle, check=False)
    assert done.returncode == 65 and "no working day left" in done.stderr, done.stderr
    assert world.minhuctl("calendar", "forget", unit, check=False).returncode == 65
    assert world.sql("SELECT COUNT(*) FROM unit_calendar") == [["0"]]


def test_rules_move_running_clocks_only_when_asked(world, resident, places, tmp_path):
    mine = resident.submit(place_code=places[0]["code"])
    staff = world.staff(mine["holder"]["code"])
    before = staff.seen(mine)
    folder = tmp_path / "shorter"
    folder.mkdir()
    (folder / "clocks.tsv").write_text(HEAD + "\t\t\t2wd\t6wd\t4wd\n")
    told = world.minhuctl("import", "--preview", folder).stdout
    assert ", 0 of them move" in told, told
    told = world.minhuctl("import", "--preview", "--reclock", folder).stdout
    assert int(re.search(r", (\d+) of them move", told)[1]) > 0 and "nothing was changed" in told, told
    world.minhuctl("import", folder)
    restart(world)
    fresh = staff.seen(resident.submit(place_code=places[0]["code"]))
    assert fresh["resolve_by"] < before["resolve_by"] and staff.seen(mine)["resolve_by"] == before["resolve_by"]
    world.minhuctl("import", "--reclock", folder)
    restart(world)
    by = ("respond_by", "resolve_by", "step_by")
    wait_for(lambda: [staff.seen(mine)[k][:10] for k in by] == [fresh[k][:10] for k in by], 30)
    assert len(reclocked(staff, mine)) == 1
    done = world.minhuctl("audit", "verify", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
