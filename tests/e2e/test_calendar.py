"""The working calendar: due times beyond it are provisional, and follow when the year is imported; nothing else moves them."""

import datetime

import pytest
from beijing import BEIJING
from conftest import stack
from test_main_job import wait_for
from test_staff import reason

DAY = datetime.timedelta(days=1)
HEAD = "tier\tcategory_code\turgency\trespond\tresolve\tstep\n"
SERVICES = ("worker-zlb", "worker-zzd", "worker-open", "jobs")


def restart(world):
    """Reference data are exchanged at most once in two minutes; a process that starts reads them at once."""
    for part in SERVICES:
        stack("stop", world.folder, part)
        stack("start", world.folder, part)


def weekdays_between(start, end):
    """How many Mondays to Fridays are after start, up to end."""
    days = (end - start).days
    return sum((start + n * DAY).weekday() < 5 for n in range(1, days + 1))


def workday_after(day, n):
    while n:
        day += DAY
        n -= day.weekday() < 5
    return day


def known_years(world):
    return {int(y) for y in world.minhuctl("calendar", "show").stdout.splitlines()[0].split(":")[1].split() if y.isdigit()}


def import_clocks(world, folder, rule):
    folder.mkdir(exist_ok=True)
    (folder / "clocks.tsv").write_text(HEAD + "\t\t\t" + "\t".join(rule) + "\n")
    world.minhuctl("import", folder)


def import_calendar(world, path, holidays):
    path.write_text("date\tkind\tholiday\n" + "".join(f"{d.isoformat()}\tholiday\t试验\n" for d in sorted(holidays)))
    return world.minhuctl("calendar", "import", path)


@pytest.fixture
def unknown_year(world, tmp_path):
    """The first year without a calendar; afterwards it is that again, with the rules of the demonstration."""
    years = known_years(world)
    year = datetime.datetime.now(BEIJING).year
    while year in years:
        year += 1
    yield year
    world.sql(f"DELETE FROM calendar_day WHERE YEAR(day)>={year}; DELETE FROM calendar_year WHERE year>={year}")
    own = tmp_path / "original"
    own.mkdir()
    (own / "clocks.tsv").write_bytes((world.folder / "demo/clocks.tsv").read_bytes())
    world.minhuctl("import", own)
    restart(world)
    assert known_years(world) == years


def beijing(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(BEIJING)
    return at.date(), at.strftime("%H:%M")


def reclocked(staff, appeal):
    return [e for e in staff.seen(appeal)["timeline"] if e["action"]["code"] == "reclock"]


def test_due_times_follow_an_imported_year(world, resident, unknown_year, tmp_path):
    today = datetime.datetime.now(BEIJING).date()
    days = weekdays_between(today, datetime.date(unknown_year + (today.year == unknown_year), 6, 15))
    import_clocks(world, tmp_path / "rules", (f"{days}wd", f"{days + 5}wd", f"{days + 10}wd"))
    restart(world)

    # Elsewhere than other tests: a person gets only so many messages a day, and some tests wait for theirs.
    compounds = [p for p in world.stack.rows("places.tsv") if world.units[p["unit_code"]]["tier"] == "compound"]
    place = next(p["code"] for p in reversed(compounds) if p["unit_code"] != compounds[-1]["unit_code"])
    waits, accepted, reopened, closed, asked = (resident.submit(place_code=place) for _ in range(5))
    staff = world.staff(waits["holder"]["code"])
    for one in (accepted, reopened, asked):
        staff.act(one, "accept").ok()
    staff.post(f"/zzd/v1/appeals/{asked['id']}/ask", {"text": "请问是几单元？"}).ok()
    pause = staff.post(f"/zzd/v1/appeals/{asked['id']}/withdraw-question", {}).ok()["ledger"][1]
    staff.act(reopened, "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
    reopened = resident.post(f"/zlb/v1/appeals/{reopened['id']}/reopen", {"text": "又坏了。"}, version=3).ok()
    staff.act(closed, "reject", {"reason_code": reason(staff, "reject"), "text": "不属于受理范围。"}).ok()
    before = resident.own(waits)
    assert before["provisional"] is True and reopened["provisional"] is True
    respond, resolve = beijing(before["respond_by"]), beijing(before["resolve_by"])
    first = respond[0]
    assert first.year >= unknown_year and respond[1] == "17:00" and resolve[0] == workday_after(first, 5)

    # The rules change meanwhile: an appeal's clocks keep those that they were started with.
    import_clocks(world, tmp_path / "rules", ("1wd", "2wd", "3wd"))
    restart(world)
    # Three holidays in a row, the first of them the day on which it was to be accepted.
    holidays = {first, workday_after(first, 1), workday_after(first, 2)}
    holidays |= {datetime.date(y, 1, 1) for y in range(unknown_year, first.year + 2)}
    later = 3 + sum(today < d < first and d.weekday() < 5 for d in holidays)
    import_calendar(world, tmp_path / "year.tsv", holidays)

    after = wait_for(lambda: (lambda a: a if not a["provisional"] else None)(resident.own(waits)), 30)
    assert beijing(after["respond_by"]) == (workday_after(first, later), "17:00")
    assert beijing(after["resolve_by"]) == (workday_after(resolve[0], later), "17:00")
    assert after["version"] == before["version"] and after["state"] == before["state"], "nobody's If-Match is spoiled"
    assert after["holder"] == before["holder"] and after["ledger"][0]["starts_at"] == before["ledger"][0]["starts_at"]
    assert after["timeline"] == before["timeline"], "the entry is internal"
    assert beijing(staff.seen(waits)["step_by"]) == (workday_after(resolve[0], 5 + later), "17:00")
    assert len(reclocked(staff, waits)) == 1
    # What was answered in time keeps the time by which it had to be.
    other = wait_for(lambda: (lambda a: a if not a["provisional"] else None)(resident.own(accepted)), 30)
    assert beijing(other["respond_by"])[0] == first and beijing(other["resolve_by"])[0] == workday_after(resolve[0], later)
    # A pause is given back by the new calendar, too; by night there is nothing to give back.
    wait_for(lambda: not resident.own(asked)["provisional"], 30)
    same = [staff.seen(asked)[by] == staff.seen(accepted)[by] for by in ("resolve_by", "step_by")]
    assert same == [not pause["working_seconds"]] * 2, (same, pause)
    again = wait_for(lambda: (lambda a: a if not a["provisional"] else None)(resident.own(reopened)), 30)
    assert again["respond_by"] == reopened["respond_by"] and again["resolve_by"] == other["resolve_by"]
    assert reclocked(staff, closed) == [], "what is closed stays as it was"

    # Looking again, as a process that starts does, finds nothing and writes nothing.
    stack("stop", world.folder, "jobs")
    stack("start", world.folder, "jobs")
    late = resident.submit(place_code=place)
    mark = f"SELECT seq FROM appeal_event WHERE appeal_id=UNHEX('{late['id'].replace('-', '')}') AND seq IS NOT NULL"
    wait_for(lambda: world.sql(mark), 30)
    assert [len(reclocked(staff, a)) for a in (waits, accepted, reopened, closed)] == [1, 1, 1, 0]
    done = world.minhuctl("audit", "verify", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_rule_says_when_the_first_call_is_due(world, resident, unknown_year, tmp_path):
    """For a category and those below it; where it says nothing, the configuration does."""
    (tmp_path / "clocks.tsv").write_text(HEAD.strip() + "\tcontact\n" + "\t\t\t2wh\t5wd\t1wd\t\n" + "\tnoise\t\t2wh\t5wd\t1wd\t90m\n")
    world.minhuctl("import", tmp_path)
    restart(world)
    loud, other = (resident.submit(category_code=code) for code in ("noise.life", "education"))

    def call_within(appeal):
        seen = world.staff(appeal["holder"]["code"]).act(appeal, "accept").ok()
        return datetime.datetime.fromisoformat(seen["contact_by"]) - datetime.datetime.fromisoformat(seen["timeline"][-1]["at"])
    assert round(call_within(loud) / datetime.timedelta(minutes=1)) == 90
    assert call_within(other) > datetime.timedelta(hours=8), "eight hours of work take longer than that"
