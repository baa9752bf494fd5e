"""The clocks beside those of the round: the first call, the silence, a reply wanted from above, an answer of the resident. A calendar that
comes later moves them too, by what they began with, and the preview says so before."""

import datetime
import re
import uuid

import pytest
from client import World
from conftest import private_stack
from beijing import BEIJING
from test_calendar import DAY, HEAD, import_calendar, reclocked, restart
from test_main_job import wait_for

BESIDE = ("contact_by", "silent_by", "reply_by", "answer_by", "remind_at")


@pytest.fixture(scope="module")
def world():
    """A district of its own, as its calendar changes; clocks run in working time."""
    with private_stack(2) as path:
        yield World(path)


@pytest.fixture(scope="module")
def today():
    return datetime.datetime.now(BEIJING).date()


@pytest.fixture(scope="module")
def holidays(world, today, tmp_path_factory):
    """Of this year and the next; nothing but weekends besides."""
    free = {datetime.date(today.year + n, 1, 1) for n in (0, 1)}
    import_calendar(world, tmp_path_factory.mktemp("base") / "base.tsv", free)
    restart(world)
    return free


def next_workday(day, free):
    day += DAY
    while day.weekday() >= 5 or day in free:
        day += DAY
    return day


def kept(world, appeal, *columns):
    """As the database has them: an instant each, in Beijing, or None."""
    row = world.sql(f"SELECT {','.join(columns)} FROM appeal WHERE id=UNHEX('{uuid.UUID(appeal['id']).hex}')")[0]
    return {c: None if at == "NULL" else datetime.datetime.fromisoformat(at).replace(tzinfo=datetime.timezone.utc).astimezone(BEIJING)
            for c, at in zip(columns, row)}


@pytest.fixture(scope="module")
def matters(world, holidays):
    """One that its holder has accepted, one that he has called about, one that a reply is wanted for, one whose reporter is asked, and one
    whose silence began when nothing was kept of it."""
    resident = world.resident(0)
    made = dict(zip(("held", "called", "supervised", "asked", "older"), (resident.submit() for _ in range(5))))
    staff = world.staff(made["held"]["holder"]["code"])
    for one in made.values():
        staff.act(one, "accept").ok()
    staff.post(f"/zzd/v1/appeals/{made['called']['id']}/contacts", {"outcome": "reached"}).ok()
    above = world.staff(world.chain(made["held"]["holder"]["code"])[1])
    above.post(f"/zzd/v1/appeals/{made['supervised']['id']}/supervise", {"text": "请尽快办理。", "reply_days": 3}).ok()
    staff.post(f"/zzd/v1/appeals/{made['asked']['id']}/ask", {"text": "请问是几单元？"}).ok()
    world.sql(f"UPDATE appeal SET silent_since=NULL,silent_rule=NULL WHERE number='{made['older']['number']}'")
    return {"staff": staff} | made


def test_they_run(world, matters):
    before = {name: kept(world, matters[name], *BESIDE) for name in ("held", "called", "supervised", "asked")}
    runs = {name: {c for c, at in row.items() if at} for name, row in before.items()}
    assert runs["held"] == {"contact_by", "silent_by"} and runs["called"] == {"silent_by"}
    assert runs["supervised"] == {"contact_by", "silent_by", "reply_by"}
    assert runs["asked"] == {"contact_by", "silent_by", "answer_by", "remind_at"}


def test_a_holiday_that_comes_later_moves_them(world, matters, holidays, today, tmp_path):
    staff, names = matters["staff"], ("held", "called", "supervised", "asked", "older")
    before = {name: kept(world, matters[name], *BESIDE) for name in names}
    free = holidays | {next_workday(today, holidays)}
    file = tmp_path / "later.tsv"
    file.write_text("date\tkind\tholiday\n" + "".join(f"{d.isoformat()}\tholiday\t试验\n" for d in sorted(free)))

    told = world.minhuctl("calendar", "import", "--preview", file).stdout
    moving = {clock: int(n) for n, clock in re.findall(r" (\d+) (\w+)_by[,;]", told)}
    assert moving["contact"] >= 4 and moving["silent"] >= 4 and moving["reply"] >= 1 and moving["answer"] >= 1, told
    assert all(kept(world, matters[name], *BESIDE) == before[name] for name in names) and "nothing was changed" in told

    world.minhuctl("calendar", "import", file)
    restart(world)
    moved = ("held", "called", "supervised", "asked")
    wait_for(lambda: all(kept(world, matters[name], "silent_by") != {"silent_by": before[name]["silent_by"]} for name in moved), 30)
    after = {name: kept(world, matters[name], *BESIDE) for name in names}
    for name in moved:
        assert {c for c, at in after[name].items() if at} == {c for c, at in before[name].items() if at}
        for clock in ("silent_by", "reply_by", "answer_by"):  # whole working days
            was, now = before[name][clock], after[name][clock]
            assert was is None or (now.date(), now.time()) == (next_workday(was.date(), free), was.time()), (name, clock)
        assert before[name]["contact_by"] is None or after[name]["contact_by"].date() == next_workday(before[name]["contact_by"].date(), free)
    began = kept(world, matters["asked"], "answer_since")["answer_since"]
    assert abs(after["asked"]["remind_at"] - (began + (after["asked"]["answer_by"] - began) / 2)) < datetime.timedelta(milliseconds=1)
    assert after["older"]["silent_by"] == before["older"]["silent_by"], "nobody knows when it began"
    assert after["older"]["contact_by"] > before["older"]["contact_by"]
    assert [len(reclocked(staff, matters[name])) for name in moved] == [1] * 4, "a trace of each"
    for name in moved:
        done = world.minhuctl("audit", "verify", "--appeal", matters[name]["number"], check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_call_takes_rules_of_now_when_the_operator_says_so(world, matters, tmp_path):
    before = kept(world, matters["held"], "contact_by", "silent_by")
    (tmp_path / "clocks.tsv").write_text(HEAD.strip() + "\tcontact\n" + "\t\t\t3wd\t8wd\t5wd\t30wh\n")
    told = [world.minhuctl("import", "--preview", *more, tmp_path).stdout for more in ((), ("--reclock",))]
    moving = [int(re.search(r" (\d+) contact_by,", text)[1]) for text in told]
    assert moving[0] == 0 < moving[1], told
    world.minhuctl("import", "--reclock", tmp_path)
    restart(world)
    wait_for(lambda: kept(world, matters["held"], "contact_by")["contact_by"] > before["contact_by"], 30)
    assert kept(world, matters["held"], "silent_by")["silent_by"] == before["silent_by"]


def test_what_is_over_keeps_nothing(world, matters):
    staff, over = matters["staff"], ("contact_since", "contact_rule", "silent_since", "silent_rule", "reply_since", "reply_rule", "answer_since", "answer_rule")
    for name in ("supervised", "asked"):
        if name == "asked":
            staff.post(f"/zzd/v1/appeals/{matters[name]['id']}/withdraw-question", {}).ok()
        else:
            staff.post(f"/zzd/v1/appeals/{matters[name]['id']}/reply", {"text": "正在办理。"}).ok()
        staff.post(f"/zzd/v1/appeals/{matters[name]['id']}/contacts", {"outcome": "reached"}).ok()
        staff.act(matters[name], "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
        assert set(kept(world, matters[name], *over).values()) == {None}
