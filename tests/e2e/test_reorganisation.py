"""Units merge, split and are renamed as one act: what they have follows, clocks run on, every matter is handed over once, whatever dies."""

import os
import signal

import pytest
from client import World
from conftest import private_stack, stack
from test_main_job import wait_for

HEAD = "act\tcode\tto_code\tname\tname_en\tshare\n"
MERGED, SPLIT, RENAMED = ("village-0001", "village-0025"), "village-0049", "village-0073"
NEW, FIRST, SECOND = "village-9001", "village-9002", "village-9003"
PARTS = ("worker-zlb", "worker-zzd", "worker-open", "jobs")
CLOCKS = ("respond_by", "resolve_by", "step_by")
BULK = 40


def write(path, *rows):
    path.write_text(HEAD + "".join("\t".join((*row, "", "", "", "", "")[:6]) + "\n" for row in rows))
    return path


def actions(appeal):
    return [e["action"]["code"] for e in appeal["timeline"]]


def place_of(world, unit):
    return next(p["code"] for p in world.stack.rows("places.tsv") if p["unit_code"] == unit)


@pytest.fixture(scope="module")
def world():
    """A district of its own, as units of it end."""
    with private_stack(2) as path:
        yield World(path)


@pytest.fixture(scope="module")
def plan(world):
    """One file: two merge, one is split, one renamed. The second of the split one's gets its second place, a unit below and a member of staff."""
    second_place = [p["code"] for p in world.stack.rows("places.tsv") if p["unit_code"] == SPLIT][1]
    below = [u["code"] for u in world.units.values() if u["parent_code"] == SPLIT and u["kind"] == "compound"][0]
    moved = world.staff_code(SPLIT, ("handler",))
    rows = [("new", NEW, "town-0001", "晨荷社区", "Chenhe Community"), ("merge", MERGED[0], NEW), ("merge", MERGED[1], NEW),
            ("new", FIRST, "town-0001", "丰乐东社区"), ("new", SECOND, "town-0001", "丰乐西社区"),
            ("split", SPLIT, FIRST, "", "", "60"), ("split", SPLIT, SECOND, "", "", "40"),
            ("place", second_place, SECOND), ("unit", below, SECOND), ("post", moved, SECOND), ("category", "noise", SECOND),
            ("rename", RENAMED, "", "东河新社区", "Donghe New Community")]
    return {"rows": rows, "place": second_place, "below": below, "moved": moved}


class Matters:
    """Before the act: of the two that merge, matters in every state; of the one that is split, one for each way to decide."""

    def __init__(self, world):
        self.resident, self.one, self.other = world.resident(0), world.staff(MERGED[0]), world.staff(MERGED[1])
        self.split, self.far, self.town = world.staff(SPLIT), world.staff(RENAMED), world.staff("town-0001")
        at = {unit: place_of(world, unit) for unit in (*MERGED, SPLIT, RENAMED)}

        def made(staff, unit, *, accept=True, **more):
            appeal = self.resident.submit(place_code=at[unit], **more)
            if accept:
                staff.act(appeal, "accept", {}).ok()
            return appeal

        self.submitted = made(self.one, MERGED[0], accept=False)
        self.asked = made(self.one, MERGED[0])
        handler = next(c for c in self.one.get("/zzd/v1/colleagues").ok()["items"] if c["role"]["code"] == "handler")
        self.one.act(self.asked, "assign", {"post_id": handler["post_id"]}).ok()
        self.one.post(f"/zzd/v1/appeals/{self.asked['id']}/ask", {"text": "请问是哪一单元？"}).ok()
        self.requested = made(self.other, MERGED[1])
        self.other.post(f"/zzd/v1/appeals/{self.requested['id']}/request-extension", {"days": 1, "text": "等配件到货。"}).ok()
        self.parted = made(self.far, RENAMED)
        self.part = self.far.post(f"/zzd/v1/appeals/{self.parted['id']}/parts", {"unit_code": MERGED[0], "text": "请一起查看。"}).ok(201)
        self.lead, self.follower = made(self.other, MERGED[1]), made(self.one, MERGED[0])
        self.town.act(self.follower, "merge", {"lead_id": self.lead["id"]}).ok()
        self.resolved, self.rated, self.blamed = (made(self.one, MERGED[0]) for _ in range(3))
        for appeal in (self.resolved, self.rated, self.blamed):
            self.one.act(appeal, "resolve", {"outcome": "solved", "text": "已更换路灯。"}).ok()
        for appeal, stars in ((self.rated, 5), (self.blamed, 1)):
            self.resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"stars": stars, "solved": stars == 5}, version=self.resident.own(appeal)["version"]).ok()
        self.returned = made(self.one, MERGED[0])
        self.one.act(self.returned, "transfer", {"unit_code": RENAMED, "reason_code": self.one.get("/zzd/v1/choices").ok()["reasons"]["transfer"][0]["code"]}).ok()
        self.by_first = made(self.split, SPLIT)
        second = [p["code"] for p in world.stack.rows("places.tsv") if p["unit_code"] == SPLIT][1]
        self.by_place = self.resident.submit(place_code=second)
        self.by_category = made(self.split, SPLIT, category_code="noise.life")
        self.bulk = [made(self.other, MERGED[1], accept=False, text=f"楼道里的灯坏了三天，这是第{n}户来说了。") for n in range(BULK)]
        self.all = [a for a in vars(self).values() if isinstance(a, dict) and "number" in a]


@pytest.fixture(scope="module")
def matters(world):
    return Matters(world)


@pytest.fixture(scope="module")
def before(world, matters):
    """What staff saw of each, and hundreds of matters more in the way, closed ones too."""
    seen = {a["id"]: matters.town.seen(a) for a in matters.all}
    return seen


@pytest.fixture(scope="module")
def done(world, plan, matters, before, tmp_path_factory):
    """Previewed, then done, with the jobs killed again and again while they hand over."""
    file = write(tmp_path_factory.mktemp("plan") / "reorganisation.tsv", *plan["rows"])
    stack("stop", world.folder, "jobs")
    preview = world.minhuctl("reorganise", "--preview", file).stdout
    assert world.sql(f"SELECT COUNT(*) FROM unit WHERE code='{NEW}'") == [["0"]] and "nothing was changed" in preview
    told = world.minhuctl("reorganise", file).stdout
    status = world.minhuctl("reorganise", "--status").stdout
    for part in PARTS:
        if part != "jobs":
            stack("stop", world.folder, part)
            stack("start", world.folder, part)
    # Each matter takes its time, so that the kills come in the middle of a transaction.
    world.sql("CREATE TRIGGER slow BEFORE UPDATE ON appeal FOR EACH ROW SET @slow=SLEEP(0.02)")
    left = "SELECT COUNT(DISTINCT a.id) FROM appeal a JOIN unit_succession s ON s.old_id=a.holder_unit_id"
    counts = [int(world.sql(left)[0][0])]
    while counts[-1] and len(counts) < 6:
        stack("start", world.folder, "jobs")
        wait_for(lambda: int(world.sql(left)[0][0]) < counts[-1])
        os.kill(int((world.folder / "run/jobs.pid").read_text()), signal.SIGKILL)
        stack("stop", world.folder, "jobs")
        counts.append(int(world.sql(left)[0][0]))
    world.sql("DROP TRIGGER slow")
    assert counts[1] > 0, counts
    stack("start", world.folder, "jobs")
    wait_for(lambda: world.sql(left) == [["0"]], 60)
    wait_for(lambda: world.sql("SELECT COUNT(*) FROM appeal_part p JOIN unit_succession s ON s.old_id=p.unit_id WHERE p.state<4") == [["0"]])
    return {"file": file, "preview": preview, "told": told, "status": status, "counts": counts}


def test_what_it_tells(world, done, before):
    assert done["told"].splitlines()[:-1] == done["preview"].splitlines()[:-1], "a preview tells what is then done"
    print(done["told"], done["counts"])


@pytest.fixture(scope="module")
def after(world, matters, done):
    """The town's eyes, afterwards."""
    return {a["id"]: matters.town.seen(a) for a in matters.all}


def test_each_is_handed_over_once(world, matters, done, after, before):
    held = [a["holder"]["code"] for a in after.values()]
    assert not {*MERGED, SPLIT} & set(held)
    for appeal in (matters.submitted, matters.asked, matters.requested, matters.lead, matters.follower, matters.resolved, matters.rated,
                   matters.blamed, *matters.bulk):
        seen = matters.town.seen(appeal)
        assert seen["holder"]["code"] == NEW and actions(seen).count("succeed") == 1, actions(seen)
        assert seen["first_unit"]["code"] in MERGED, "who was asked first never changes"
    lines = world.sql("SELECT COUNT(*) FROM ledger_line l JOIN appeal a ON a.id=l.appeal_id WHERE l.kind=1 AND a.number='%s'" % matters.submitted["number"])
    assert lines == [["1"]], "the line of the old unit is closed, the new one's runs"
    assert (after[matters.parted["id"]]["holder"]["code"], actions(after[matters.parted["id"]]).count("part_succeed")) == (RENAMED, 1)


def test_clocks_and_states_are_as_they_were(matters, before, after):
    for appeal in matters.all:
        was, now = before[appeal["id"]], after[appeal["id"]]
        assert now["state"] == was["state"] and now["assignee_post_id"] == was["assignee_post_id"], (was["number"], now["state"])
        if appeal is not matters.asked:
            assert [now[k] for k in CLOCKS] == [was[k] for k in CLOCKS], was["number"]


def test_a_question_waits_on_and_its_clocks_stand_still(world, matters, after):
    now = after[matters.asked["id"]]
    assert now["question"] and now["state"]["code"] == "processing"
    matters.resident.post(f"/zlb/v1/appeals/{matters.asked['id']}/answer", {"text": "二单元。"}).ok()
    assert matters.town.seen(matters.asked)["question"] is None
    lines = world.sql("SELECT l.kind FROM ledger_line l JOIN appeal a ON a.id=l.appeal_id WHERE a.number='%s' ORDER BY l.n" % matters.asked["number"])
    assert lines == [["1"], ["2"], ["2"]], "the pause is two lines, one of each unit"


def test_staff_work_on(world, matters, after):
    """Whoever was at one of the two is at the new one, still signed in, and goes on with what lay with either; the past is theirs, too."""
    assert matters.one.get("/zzd/v1/me").ok()["post"]["unit"]["code"] == NEW
    matters.one.act(matters.lead, "resolve", {"outcome": "solved", "text": "已更换路灯。"}).ok()
    wait_for(lambda: matters.resident.own(matters.follower)["state"]["code"] == "resolved")
    for staff in (matters.one, matters.other):
        for appeal in (matters.rated, matters.resolved, matters.returned, matters.parted):
            staff.seen(appeal)
        assert matters.submitted["id"] in [a["id"] for a in staff.get("/zzd/v1/appeals?box=to_accept&limit=100").ok()["items"]]
    matters.other.post(f"/zzd/v1/parts/{matters.part['id']}/answer", {"outcome": "done", "text": "已查看，线已捆扎。"}).ok()
    matters.town.post(f"/zzd/v1/appeals/{matters.requested['id']}/extend", {}).ok()


def test_a_callback_that_is_owed_is_owed_by_who_stands_for_the_unit(matters, after):
    for staff in (matters.one, matters.other):
        owed = [a["id"] for a in staff.get("/zzd/v1/appeals?box=to_call_back&limit=100").ok()["items"]]
        assert matters.blamed["id"] in owed and matters.rated["id"] not in owed
    matters.other.act(matters.blamed, "callback", {"outcome": "satisfied", "text": "居民表示已无异议。"}).ok()
    assert matters.blamed["id"] not in [a["id"] for a in matters.one.get("/zzd/v1/appeals?box=to_call_back&limit=100").ok()["items"]]


def test_what_was_sent_goes_back_to_who_stands_for_the_sender(matters, after):
    reasons = matters.far.get("/zzd/v1/choices").ok()["reasons"]["return"]
    back = matters.far.act(matters.returned, "return", {"reason_code": reasons[0]["code"], "text": "不在本村。"}).ok()
    assert back["holder"]["code"] == NEW


def test_split_decides_by_category_place_or_the_first(world, plan, matters, after):
    assert [after[a["id"]]["holder"]["code"] for a in (matters.by_first, matters.by_place, matters.by_category)] == [FIRST, SECOND, SECOND]
    fresh = [matters.resident.submit(place_code=p, **more)["holder"]["code"] for p, more in
             ((place_of(world, SPLIT), {}), (plan["place"], {}), (place_of(world, SPLIT), {"category_code": "noise.life"}))]
    assert fresh == [FIRST, SECOND, SECOND]
    moved = world.sign_in_staff(plan["moved"])
    assert moved.me["post"]["unit"]["code"] == SECOND and matters.split.get("/zzd/v1/me").ok()["post"]["unit"]["code"] == FIRST
    units = matters.town.get("/zzd/v1/units?q=" + plan["below"]).ok()["items"]
    assert [u["parent_code"] for u in units if u["code"] == plan["below"]] == [SECOND]


def test_search_finds_the_past_with_the_new_unit(world, matters, after):
    number = matters.rated["number"]

    def found(unit):
        return [a["number"] for a in matters.town.get(f"/zzd/v1/search?unit_code={unit}&limit=100").ok()["items"]]

    wait_for(lambda: number in found(NEW))
    wait_for(lambda: set(found(MERGED[0])) == set(found(NEW)), 20)  # an old unit's name finds what stands for it
    assert matters.one.get("/zzd/v1/search?stars=5").ok()["items"][0]["number"] == number


def test_audit_and_check_know_of_it(world, matters, done, after):
    verified = world.minhuctl("audit", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert ": done" in world.minhuctl("reorganise", "--status").stdout
    assert "ok   reorganisation" in world.minhuctl("check", check=False).stdout
    first = f"new_id=(SELECT id FROM unit WHERE code='{FIRST}')"
    world.sql(f"UPDATE unit_succession SET share=99 WHERE {first}")
    verified = world.minhuctl("audit", "verify", check=False)
    world.sql(f"UPDATE unit_succession SET share=60 WHERE {first}")
    assert verified.returncode == 1 and verified.stdout.count("succession ") == 2, verified.stdout


def test_twice_is_refused_and_so_is_an_old_import(world, done, tmp_path):
    again = world.minhuctl("reorganise", done["file"], check=False)
    assert again.returncode == 65 and "has ended already" in again.stderr and "there is a unit" in again.stderr and "is its name already" in again.stderr
    lines = (world.folder / "demo/units.tsv").read_text(encoding="utf-8").splitlines(True)
    (tmp_path / "units.tsv").write_text("".join(line for line in lines if line.split("\t")[0] in ("code", *MERGED, SPLIT)), encoding="utf-8")
    old = world.minhuctl("import", tmp_path, check=False)
    assert old.returncode == 65 and old.stderr.count("was ended by a reorganisation") == 3, old.stderr


def test_faults_are_told_all_at_once(world, done, tmp_path):
    file = write(tmp_path / "bad.tsv", ("merge", "village-0002", "village-0002"), ("merge", "nobody", NEW), ("fold", "village-0003", NEW),
                 ("merge", "village-0004", "town-0002"), ("split", "village-0005", "village-0006", "", "", "70"), ("new", NEW, "town-0001", "甲"),
                 ("rename", "village-0007"), ("place", "place-0001", NEW), ("merge", "village-0008", "village-0009"), ("merge", "village-0009", NEW),
                 ("merge", "district", NEW), ("new", "village-9999", "town-0001", "无名"))
    bad = world.minhuctl("reorganise", file, check=False)
    told = {line.split(":")[1] for line in bad.stderr.splitlines() if "bad.tsv:" in line}
    assert bad.returncode == 65 and told == {str(n) for n in range(2, 14) if n != 11}, bad.stderr
    assert world.minhuctl("reorganise", tmp_path / "none.tsv", check=False).returncode == 66
    (tmp_path / "empty.tsv").write_text(HEAD)
    assert world.minhuctl("reorganise", tmp_path / "empty.tsv", check=False).returncode == 65
    (tmp_path / "other.tsv").write_text("act\tcode\n")
    assert world.minhuctl("reorganise", tmp_path / "other.tsv", check=False).returncode == 65
