"""The classifier in the request: what it is sure of is taken, what it isn't goes to a dispatcher with its guesses; a model is swapped
while people submit, and staff's corrections are what the next one learns from."""

import subprocess
import threading
import uuid

import pytest
from client import World
from conftest import private_stack, stack
from round_trips import TOKEN, Log
from test_main_job import wait_for
from test_open import order, post
from test_questions import holds
from test_server import ops

PLACES = ("东门", "北巷", "三号楼", "菜场边", "学校旁", "河边", "车站", "公园", "桥头", "西街")
LAMP, POTHOLE, LIFT, OUTAGE = "city.road.lamp", "city.road.pothole", "property.building.lift", "utility.water.outage"
SUBJECTS = {LAMP: ("路灯", "街灯", "灯杆"), POTHOLE: ("路面", "坑洼", "塌陷"), LIFT: ("电梯", "轿厢", "梯门"), OUTAGE: ("停水", "断水", "没水")}
SURE, BETWEEN, ROADS = "路灯和街灯坏了好几天", "路灯和电梯坏了", "路灯和路面"


def cases(folder, subjects=None):
    """Each subject at each place."""
    rows = [f"{category}\t{place}\t{place}的{word}有几天了，没有人来修\n" for category, words in (subjects or SUBJECTS).items()
            for word in words for place in PLACES]
    path = folder / "cases.tsv"
    path.write_text("category\ttitle\ttext\n" + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture(name="world", scope="module")
def world_with_a_classifier():
    with private_stack(2, "--set", "minhu.classifier_model=@DIR@/classifier.model", "--set", "zlb.processes=2") as path:
        world = World(path)
        learn(world, cases(path))
        yield world


@pytest.fixture(name="resident", scope="module")
def who_reports(world):
    return world.resident(0)


def model_file(world):
    return world.folder / "classifier.model"


def figure(world, name):
    """Asked for anew within five seconds."""
    return next((line for line in ops(world, "/zlb/metrics")[1].splitlines() if line.startswith(name)), "")


def in_use(world):
    """The model of the file, once it is the one that serves: named by the checksum at the end."""
    name = f'minhu_classifier_info{{model="{int.from_bytes(model_file(world).read_bytes()[-4:], "little"):08x}"}} 1'
    assert wait_for(lambda: figure(world, name), 15)
    return name


def log_of(world, text, entry="zlb"):
    return (world.folder / f"log/worker-{entry}.log").read_text(encoding="utf-8").count(text)


def taken_over(world, entry):
    return log_of(world, "in use", entry) - log_of(world, "stays in use", entry)


def learn(world, path, *also):
    """A model in the place of the one before; returns when all processes have it."""
    processes = {"zlb": 2, "zzd": 1, "open": 1}
    before = {entry: taken_over(world, entry) for entry in processes}
    world.minhuctl("train", "--model", model_file(world), *also, path)
    for entry, n in processes.items():
        wait_for(lambda entry=entry, n=n: taken_over(world, entry) >= before[entry] + n, 15)


def submit(resident, text, **more):
    return resident.submit(text=text, kind="report", **more)


def staff_view(world, appeal):
    return world.staff(appeal["holder"]["code"]).seen(appeal)


def codes(classification):
    return [guess["category"]["code"] for guess in classification["guesses"]]


def routed_without_category(world, resident):
    return resident.submit(text="今天天气很好，谢谢大家。", kind="praise")["holder"]


def test_what_it_is_sure_of_is_taken(world, resident):
    mine = submit(resident, SURE)
    assert mine["category"]["code"] == LAMP and "classification" not in mine
    chosen = submit(resident, SURE, category_code=LAMP)
    assert mine["holder"] == chosen["holder"], "it is routed as if the resident had chosen"
    seen = staff_view(world, mine)["classification"]
    assert seen["by"]["code"] == "model" and 0.9 <= seen["probability"] <= 1
    assert codes(seen) == [LAMP] and any("灯" in word for word in seen["guesses"][0]["words"])
    assert all(word in SURE for word in seen["guesses"][0]["words"])
    assert staff_view(world, chosen)["classification"] == {"by": {"code": "reporter", "name": "报事人选择"}, "probability": None, "guesses": []}
    assert holds(world, mine) is True and holds(world, chosen) is True


def test_what_it_is_not_sure_of_goes_to_a_dispatcher(world, resident):
    mine = submit(resident, BETWEEN)
    assert mine["category"] is None and mine["holder"] == routed_without_category(world, resident)
    assert "classification" not in mine and "classification" not in resident.own(mine)
    staff = world.staff(mine["holder"]["code"])
    seen = staff.seen(mine)["classification"]
    assert seen["by"] is None and seen["probability"] is None and len(seen["guesses"]) == 3
    assert set(codes(seen)[:2]) == {LAMP, LIFT}
    likely = [guess["probability"] for guess in seen["guesses"]]
    assert likely == sorted(likely, reverse=True) and likely[0] < 0.9
    words = {code: " ".join(guess["words"]) for code, guess in zip(codes(seen), seen["guesses"])}
    assert "灯" in words[LAMP] and "梯" in words[LIFT]

    english = staff.get(f"/zzd/v1/appeals/{mine['id']}", Accept_Language="en").ok()
    assert english["classification"]["guesses"][0]["category"]["name"] != seen["guesses"][0]["category"]["name"]
    done = staff.act(mine, "classify", {"category_code": LIFT}).ok()
    assert done["category"]["code"] == LIFT and done["classification"]["by"]["code"] == "staff"
    assert done["classification"]["guesses"] == seen["guesses"], "what it thought is kept beside what was right"
    assert holds(world, mine) is True


def test_another_place_is_no_other_judgement(world, resident):
    mine = submit(resident, SURE)
    staff = world.staff(mine["holder"]["code"])
    done = staff.act(mine, "classify", {"place_code": world.stack.rows("places.tsv")[1]["code"]}).ok()
    assert done["classification"]["by"]["code"] == "model"


def test_what_two_have_in_common_is_taken_when_neither_is_sure(world, resident):
    mine = submit(resident, ROADS)
    assert mine["category"]["code"] == "city.road"
    seen = staff_view(world, mine)["classification"]
    assert seen["by"]["code"] == "model" and seen["probability"] >= 0.9 and set(codes(seen)[:2]) == {LAMP, POTHOLE}
    assert max(guess["probability"] for guess in seen["guesses"]) < 0.9


def test_an_order_is_classified_too(world):
    party = world.third_party("classified", "property", "post,read,feed")
    made = post(party, order(world, text=SURE, category_code=None)).ok(201)
    assert made["category"]["code"] == LAMP and "classification" not in made
    assert staff_view(world, made)["classification"]["by"]["code"] == "model"


def test_personal_numbers_are_no_words(world, resident):
    seen = staff_view(world, submit(resident, "路灯电话13812345678坏了，街灯13812345678也坏了"))["classification"]
    assert not any("138" in word for guess in seen["guesses"] for word in guess["words"])


def test_it_costs_no_round_trip(world, resident):
    stack("stop", world.folder, "jobs")
    try:
        with Log(world.sql) as log:
            trips = [text for text in log.of(lambda: submit(resident, BETWEEN), least=3) if TOKEN not in text]
    finally:
        stack("start", world.folder, "jobs")
    assert len(trips) <= 5, trips


@pytest.mark.parametrize("column, value", [("classified_by", "1"), ("suggestion", "REPLACE(suggestion,'9','1')"), ("suggestion", "NULL")])
def test_what_is_changed_of_it_is_found(world, resident, column, value):
    mine = submit(resident, SURE)
    world.sql(f"UPDATE appeal SET {column}={value} WHERE number='{mine['number']}'")
    assert holds(world, mine) is not True


# ---- another model

def test_swapped_while_people_submit(world, resident):
    """No request fails or waits for it, and each is judged by one of the two."""
    halt, answers = threading.Event(), []

    def keep_submitting():
        while not halt.is_set():
            answers.append(resident.post("/zlb/v1/appeals", {"kind": "report", "text": "电梯和轿厢坏了好几天", "place_code": world.place["code"]},
                                         key=str(uuid.uuid4())))

    threads = [threading.Thread(target=keep_submitting) for _ in range(4)]
    before = in_use(world)
    for thread in threads:
        thread.start()
    try:
        for subjects in ({**SUBJECTS, OUTAGE: SUBJECTS[LIFT], LIFT: SUBJECTS[OUTAGE]}, SUBJECTS) * 2:
            learn(world, cases(world.folder, subjects))
    finally:
        halt.set()
        for thread in threads:
            thread.join()
    assert {a.status for a in answers} == {201}
    assert {a.json["category"]["code"] for a in answers} == {LIFT, OUTAGE}
    assert in_use(world) == before, "the same cases make the same model"


def test_a_broken_file_changes_nothing(world, resident):
    """It is told in the log, to who watches and to who checks; the next good one is taken."""
    good, before = model_file(world).read_bytes(), in_use(world)
    broken = world.folder / "broken.model"
    for bad, why in ((good[:-5], "cut off"), (good[:5000] + bytes([good[5000] ^ 1]) + good[5001:], "checksum"), (b"", "too short")):
        told = log_of(world, why)
        broken.write_bytes(bad)
        broken.rename(model_file(world))
        wait_for(lambda why=why, told=told: log_of(world, why) >= told + 2, 15)
        assert submit(resident, SURE)["category"]["code"] == LAMP
    wait_for(lambda: figure(world, "minhu_classifier_file_refused").endswith(" 1"), 15)
    assert figure(world, "minhu_classifier_info") == before
    checked = world.minhuctl("check", check=False)
    assert checked.returncode == 1 and "fail classifier: " in checked.stdout and "too short" in checked.stdout
    started = subprocess.run([f"{world.build}/minhu-worker", "--config", f"{world.folder}/minhu.conf", "--check-config"], capture_output=True, text=True, check=False)
    assert started.returncode == 78 and "classifier_model" in started.stderr and "too short" in started.stderr

    model_file(world).unlink()
    wait_for(lambda: log_of(world, "can't be read") >= 1, 15)
    assert submit(resident, SURE)["category"]["code"] == LAMP
    model_file(world).write_bytes(good)
    wait_for(lambda: figure(world, "minhu_classifier_file_refused").endswith(" 0"), 15)
    assert figure(world, "minhu_classifier_info") == before
    checked = world.minhuctl("check")
    assert "ok   classifier: model " in checked.stdout and "4 categories" in checked.stdout


def test_what_it_judged_is_counted(world, resident):
    def counted():
        return {name: int(figure(world, f'minhu_classified_total{{sure="{name}"').split()[-1]) for name in ("yes", "no")}

    wait_for(counted)
    before = counted()
    submit(resident, SURE)
    submit(resident, BETWEEN)
    submit(resident, BETWEEN, category_code=LAMP)
    wait_for(lambda: counted() == {"yes": before["yes"] + 1, "no": before["no"] + 1}, 15)


def test_a_fresh_install_has_one_to_begin_with(world, tmp_path):
    """Of the seed corpus; one that is there is kept."""
    config, model = tmp_path / "minhu.conf", tmp_path / "first.model"
    config.write_text((world.folder / "minhu.conf").read_text(encoding="utf-8").replace(str(model_file(world)), str(model)), encoding="utf-8")
    for told in ("first.model is made from", "first.model is there already and was kept"):
        done = subprocess.run([f"{world.build}/minhuctl", "--config", config, "init"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and told in done.stdout, done.stderr
        made = model.read_bytes()
    assert made == model.read_bytes()


# ---- learning from what became of them

def exported(world, path):
    told = world.minhuctl("train", "--export", path).stdout
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == ["category", "title", "text"] and all(len(line) == 3 for line in lines)
    assert told.startswith(f"{len(lines) - 1} cases, ")
    return lines[1:]


def test_corrections_are_what_the_next_model_learns_from(world, resident, tmp_path):
    """Words that no model knew: what staff called them, the next model calls them, too."""
    def said(n):
        return f"{PLACES[n]}的窨井盖\n翘起来了，第{n}天"

    assert submit(resident, said(0))["category"] is None
    for n in range(1, 8):
        mine = submit(resident, said(n), title="窨井盖" if n % 2 else None)
        world.staff(mine["holder"]["code"]).act(mine, "classify", {"category_code": "city.road.manhole"}).ok()
    left = {name: submit(resident, f"窨井盖翘起来了：{name}") for name in ("withdrawn", "open", "resolved")}
    for one in left.values():
        world.staff(one["holder"]["code"]).act(one, "classify", {"place_code": world.place["code"], "category_code": LAMP} if one is left["withdrawn"]
                                               else {"place_code": world.place["code"]})
    resident.post(f"/zlb/v1/appeals/{left['withdrawn']['id']}/withdraw", {}, version=resident.own(left["withdrawn"])["version"]).ok()
    called = resident.submit(text="我家电话13812345678，窨井盖翘起来了", category_code="city.road.manhole")
    staff = world.staff(called["holder"]["code"])
    staff.act(called, "accept").ok()
    staff.act(called, "resolve", {"outcome": "solved", "text": "已换新盖。"}).ok()

    rows = exported(world, tmp_path / "own.tsv")
    assert (tmp_path / "own.tsv").stat().st_mode & 0o777 == 0o600
    manholes = [(title, text) for category, title, text in rows if category == "city.road.manhole"]
    assert sum(title == "窨井盖" and "天" in text for title, text in manholes) == 4
    assert sum(not title and "窨井盖 翘" in text for title, text in manholes) == 3, "a title made from the text is none"
    assert sum("我家电话" in text for _, text in manholes) == 1 and not any("13812345678" in text for _, text in manholes)
    assert not any("：" in text for _, _, text in rows), "withdrawn, or nobody has said what it is"

    own = tmp_path / "own.tsv"
    done = world.minhuctl("train", "--model", tmp_path / "next.model", "--also", cases(tmp_path), own)
    assert f"{len(rows) + 120} cases of 5 categories" in done.stdout
    learn(world, own, "--also", cases(tmp_path))
    now = submit(resident, "桥头的窨井盖翘起来了，好几天了")
    assert now["category"]["code"] == "city.road.manhole", staff_view(world, now)["classification"]


def test_where_there_is_nothing_to_export_to(world, tmp_path):
    assert world.minhuctl("train", "--export", tmp_path / "none" / "x", check=False).returncode == 73
    assert world.minhuctl("train", "--export", tmp_path / "x", "--model", tmp_path / "y", check=False).returncode == 64


def test_a_category_that_is_closed_is_never_guessed(world, resident):
    def version():
        return int(world.sql("SELECT value FROM setting WHERE name='reference_version'")[0][0])

    def put(active):
        world.sql(f"UPDATE category SET active={active} WHERE code='{LAMP}'; UPDATE setting SET value=value+1 WHERE name='reference_version'")
        wait_for(lambda: log_of(world, f"version {version()} in use") >= 2, 150)

    put(0)
    mine = submit(resident, SURE)
    assert mine["category"] is None and LAMP not in codes(staff_view(world, mine)["classification"])
