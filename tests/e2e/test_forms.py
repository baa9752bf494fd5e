"""What a category asks of who reports, and categories and answers that send him elsewhere instead."""

import pathlib
import uuid

import pytest
from beijing import moment
from test_calendar import restart
from test_main_job import wait_for
from test_troubles import CATEGORY, SOON, chief, here, mode  # noqa: F401

FILES = pathlib.Path(__file__).resolve().parents[2] / "data/forms"
STOPPERS = "category_code\ttext\ttext_en\tphone\tlink\n"
LIFT = "property.building.lift"
NUMBERED = {"question": "broken", "value": "13800001111 说\t明天来修"}
ELSEWHERE = {"text": "请拨打 110 报警。", "text_en": "Call 110.", "phone": "110", "link": "https://example.cn/110"}

# More than the files that come along ask of a lift: a kind of each, and a question below one that is itself not always asked.
MORE = f"""{LIFT}\tbroken\ttext\tno\t谁来看过\tWho looked at it\t\t\t2\t60\t\t\tstate=other
{LIFT}\tfloors\tnumber\tno\t有几层\tHow many floors\t\t\t1\t99\t层\tfloors\t
{LIFT}\tat\ttime\tno\t几点\tWhat time\t\t\t\t\t\t\tneeds=elder
{LIFT}\tcall\tphone\tno\t物业手机\tMobile of the property office\t\t\t\t\t\t\t
"""


def answers(**given):
    return [{"question": q, "value": v} for q, values in given.items() for v in (values if isinstance(values, list) else [values])]


def texts(folder):
    return {name: (FILES / name).read_text(encoding="utf-8") for name in ("forms.tsv", "form-choices.tsv")} | {"stoppers.tsv": STOPPERS}


def put(world, folder, files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return world.minhuctl("import", folder).stdout


@pytest.fixture(scope="module")
def asked(world, tmp_path_factory):
    """The district asks, and sends away who reports what the police deal with; afterwards it does neither."""
    folder = tmp_path_factory.mktemp("forms")
    files = texts(folder)
    said = put(world, folder, files | {"forms.tsv": files["forms.tsv"] + MORE,
                                       "stoppers.tsv": STOPPERS + "traffic.parking\t" + "\t".join(ELSEWHERE.values()) + "\n"})
    assert "replacing all there were" in said
    restart(world)
    yield
    put(world, folder, {name: text.split("\n")[0] + "\n" for name, text in files.items()})
    restart(world)


def submit(client, category, given, **more):
    body = {"kind": "help", "text": "三单元的电梯又不动了，请派人来看。", "place_code": client.world.place["code"], "category_code": category, "answers": given}
    path, body = ("/zlb/v1/appeals", body) if client.entry == "zlb" else ("/open/v1/appeals", body | {"external_id": f"WY-{uuid.uuid4().hex[:8]}"})
    return client.post(path, {k: v for k, v in (body | more).items() if v is not None}, key=str(uuid.uuid4()))


GOOD = answers(trapped="no", state="stopped", since="2026-11-20", only="yes", needs=["elder", "ill"], floors="18", at="21:30", call="13800002222")


def test_the_form(resident, asked):
    answer = resident.get(f"/zlb/v1/categories/{LIFT}/form")
    form = answer.ok()
    questions = {q["code"]: q for q in form["questions"]}
    assert list(questions) == ["trapped", "state", "since", "only", "needs", "broken", "floors", "at", "call"] and form["stop"] is None
    assert questions["since"]["shown_when"] == {"question": "state", "values": ["stopped", "now_and_then"]}
    assert (questions["floors"]["min"], questions["floors"]["max"], questions["floors"]["unit"], questions["at"]["min"]) == (1, 99, "层", None)
    yes, no = questions["trapped"]["choices"]
    assert yes["stop"]["phone"] == "96333" and yes["advice"] is None and no["stop"] is None
    assert [c["name"] for c in questions["only"]["choices"]] == ["是", "否"]
    assert resident.get(f"/zlb/v1/categories/{LIFT}/form", If_None_Match=answer.headers["etag"]).status == 304
    named = resident.post("/zlb/v1/call/getCategoryForm", {"path": {"code": LIFT}}).ok()
    assert named["body"] == form

    # What a category above asks comes first; one that asks nothing costs no look at its form.
    below = resident.get("/zlb/v1/categories/noise.life.neighbour/form").ok()
    assert [q["code"] for q in below["questions"]] == ["hours", "now", "warned", "violence"]
    counts = {c["code"]: c["questions"] for c in resident.get("/zlb/v1/categories").ok()["items"]}
    assert (counts["noise.life.neighbour"], counts["noise.air.fumes"], counts["city.road"], counts[LIFT]) == (4, 2, 0, 9)
    assert resident.get("/zlb/v1/categories/city.road/form").ok() == {"category_code": "city.road", "stop": None, "questions": []}


def test_what_is_answered_is_kept_and_shown(world, resident, asked):
    appeal = submit(resident, LIFT, GOOD).ok(201)
    shown = [(a["question"], a["value"], a["text"]) for a in appeal["form_answers"]]
    assert shown == [("trapped", "no", "没有"), ("state", "stopped", "完全停运"), ("since", "2026-11-20", "2026-11-20"), ("only", "yes", "是"),
                     ("needs", "elder", "行动不便的老人"), ("needs", "ill", "需要就医的病人"), ("floors", "18", "18 层"), ("at", "21:30", "21:30"),
                     ("call", "〔手机号〕", "〔手机号〕")]
    staff = world.staff(appeal["holder"]["code"])
    assert staff.seen(appeal)["form_answers"] == appeal["form_answers"] and "13800002222" not in str(world.sql(f"SELECT form FROM appeal WHERE number='{appeal['number']}'"))
    english = resident.get(f"/zlb/v1/appeals/{appeal['id']}", Accept_Language="en").ok()["form_answers"]
    assert (english[0]["label"], english[0]["text"], english[6]["text"]) == ("Is somebody trapped in the lift", "No", "18 floors")

    # A new category asks no more: what was answered stays.
    staff.act(appeal, "classify", {"category_code": "city.road"}).ok()
    assert resident.own(appeal)["form_answers"] == appeal["form_answers"]

    # Free text is kept on one line, without numbers; an answer can make the matter urgent.
    other = submit(resident, LIFT, [*answers(trapped="no", state="other"), NUMBERED]).ok(201)
    assert other["form_answers"][2]["value"] == "〔手机号〕 说 明天来修"
    assert [submit(resident, "market.food.unsafe", answers(ill=ill, bought="2026-11-20")).ok(201)["urgency"]["code"] for ill in ("no", "yes")] == ["urgent", "urgent"]
    assert [submit(resident, "utility.gas.leak", answers(now="yes"), text="厨房有点味道，想请人看看。").ok(201)["urgency"]["code"]] == ["emergency"]

    # What was kept can't be changed unseen.
    world.sql(f"UPDATE appeal SET form=REPLACE(form,'stopped','fell') WHERE number='{appeal['number']}'")
    try:
        assert "its row was changed" in world.minhuctl("audit", "verify", "--appeal", appeal["number"], check=False).stdout
    finally:
        world.sql(f"UPDATE appeal SET form=REPLACE(form,'fell','stopped') WHERE number='{appeal['number']}'")


BAD = [
    ([], {("/answers", "电梯里有人被困吗"), ("/answers", "电梯现在怎样")}),
    (answers(trapped="no", state="stopped", where="here"), {("/answers/2", "没有这个问题")}),
    (answers(trapped="maybe", state="stopped"), {("/answers/0", "选项")}),
    (answers(trapped="no", state="fell", since="2026-11-20"), {("/answers/2", "不需要回答“从哪天开始”")}),
    # The lift isn't the only one, so nobody is asked who needs it, nor then at what time.
    (answers(trapped="no", state="stopped", only="no", needs="elder", at="21:30"), {("/answers/3", "不需要"), ("/answers/4", "不需要")}),
    (answers(trapped=["no", "no"], state="stopped"), {("/answers/1", "重复")}),
    (answers(trapped="no", state="stopped", only="yes", needs=["ill", "ill"]), {("/answers/4", "重复")}),
    (answers(trapped="no", state="stopped", floors="100"), {("/answers/2", "1 到 99")}),
    (answers(trapped="no", state="stopped", floors="1.5", since="2026-02-30", call="1380000"), {("/answers/2", "整数"), ("/answers/3", "日期"), ("/answers/4", "手机号")}),
    (answers(trapped="no", state="stopped", only="yes", needs="elder", at="24:00"), {("/answers/4", "时间")}),
    (answers(trapped="no", state="other", broken="我"), {("/answers/2", "2 到 60")}),
]


@pytest.mark.parametrize("given, wanted", BAD)
def test_wrong_answers(world, resident, asked, given, wanted):
    before = world.sql("SELECT COUNT(*) FROM appeal")
    problem = submit(resident, LIFT, given).problem(400, "invalid_request")
    assert {e["pointer"] for e in problem["errors"]} == {pointer for pointer, _ in wanted} and len(problem["errors"]) == len(wanted)
    for pointer, part in wanted:
        assert any(e["pointer"] == pointer and part in e["detail"] for e in problem["errors"]), (pointer, part, problem["errors"])
    assert world.sql("SELECT COUNT(*) FROM appeal") == before


def test_answers_without_a_category(resident, asked):
    problem = submit(resident, None, answers(trapped="no")).problem(400, "invalid_request")
    assert [e["pointer"] for e in problem["errors"]] == ["/answers/0"]
    assert submit(resident, None, None).ok(201)["form_answers"] == []


def test_an_answer_sends_elsewhere(resident, asked):
    # Whatever else is wrong: who is in danger need not mend a form.
    refused = submit(resident, LIFT, answers(trapped="yes", floors="100"), contact_phone="12345678901").problem(422, "go_elsewhere")
    assert refused["stop"]["phone"] == "96333" and refused["detail"] == refused["stop"]["text"]
    assert ("/answers/0", refused["stop"]["text"]) in [(e["pointer"], e["detail"]) for e in refused["errors"]]


def test_a_category_sends_elsewhere(world, resident, asked):
    items = {c["code"]: c for c in resident.get("/zlb/v1/categories").ok()["items"]}
    assert items["traffic.parking.illegal"]["stop"] == items["traffic.parking"]["stop"] == ELSEWHERE and items["traffic"]["stop"] is None
    assert resident.get("/zlb/v1/categories/traffic.parking.illegal/form").ok()["stop"] == ELSEWHERE
    for headers, said in (({}, ELSEWHERE["text"]), ({"Accept_Language": "en"}, ELSEWHERE["text_en"])):
        body = {"kind": "help", "text": "有人在楼下闹事，请处理。", "category_code": "traffic.parking.illegal"}
        refused = resident.post("/zlb/v1/appeals", body, key=str(uuid.uuid4()), **headers).problem(422, "go_elsewhere")
        assert refused["stop"] == ELSEWHERE and [(e["pointer"], e["detail"]) for e in refused["errors"]] == [("/category_code", said)] and refused["detail"] == said
    submit(world.third_party(), "traffic.parking.illegal", None).problem(422, "go_elsewhere")


def test_third_parties_answer_what_they_asked(world, asked):
    party = world.third_party()
    assert len(party.get(f"/open/v1/categories/{LIFT}/form").ok()["questions"]) == 9
    order = submit(party, LIFT, answers(floors="6")).ok(201)
    assert [(a["question"], a["text"]) for a in order["form_answers"]] == [("floors", "6 层")]
    assert submit(party, LIFT, None).ok(201)["form_answers"] == []
    problem = submit(party, LIFT, answers(floors="six", since="2026-11-20")).problem(400, "invalid_request")
    assert {e["pointer"] for e in problem["errors"]} == {"/answers/0", "/answers/1"}
    submit(party, LIFT, answers(trapped="yes")).problem(422, "go_elsewhere")


def test_bad_files_change_nothing(world, resident, asked, tmp_path):
    files = texts(tmp_path)
    (tmp_path / "forms.tsv").write_text(files["forms.tsv"] + f"{LIFT}\tlate\tyes_no\tno\t问\tAsk\t\t\t\t\t\t\tlate=yes\n", encoding="utf-8")
    (tmp_path / "form-choices.tsv").write_text(files["form-choices.tsv"], encoding="utf-8")
    told = world.minhuctl("import", tmp_path, check=False)
    assert told.returncode and "forms.tsv" in told.stderr + told.stdout and "is not asked before this question" in told.stderr + told.stdout
    assert len(resident.get(f"/zlb/v1/categories/{LIFT}/form").ok()["questions"]) == 9


def test_a_disaster_ends_the_form(world, resident, asked, here, chief):
    """The tag changes when it begins and when it ends; and nobody fills in what isn't taken."""
    path, taken, party = f"/zlb/v1/categories/{LIFT}/form", "/zlb/v1/categories/noise.life.neighbour/form", world.third_party()
    before = resident.get(path)
    tag = before.headers["etag"]
    order = {"categories": [{"category_code": CATEGORY}], "until": moment(hours=1), "text": "台风应急，其他事项请拨打 12345。",
             "text_en": "Typhoon: for all else call 12345.", "reason": "台风橙色预警。"}
    chief.post("/zzd/v1/disaster-mode", order).ok(201)
    assert wait_for(lambda: all(mode(resident) for _ in range(6)), SOON)
    during = resident.get(path, If_None_Match=tag)
    stop = {"text": order["text"], "text_en": order["text_en"], "phone": "12345", "link": None}
    assert during.ok() == {**before.json, "stop": stop} and during.headers["etag"] != tag
    assert resident.get(path, If_None_Match=during.headers["etag"]).status == 304
    assert resident.get(taken).ok()["stop"] is None
    # What leads to a taken category isn't taken itself; what always is sent elsewhere is told of the disaster, as in the list.
    assert resident.get("/zlb/v1/categories/noise/form").ok()["stop"] == stop
    assert resident.get("/zlb/v1/categories/traffic.parking.illegal/form").ok()["stop"] == stop
    submit(resident, "traffic.parking.illegal", None).problem(409, "disaster_mode")
    # Neither missing nor wrong answers, nor anything else that is to be mended, come before that.
    for given, more in ((None, {}), (GOOD, {}), (answers(trapped="maybe", floors="x"), {}), (answers(trapped="yes"), {}), (None, {"contact_phone": "12345678901"})):
        assert submit(resident, LIFT, given, **more).problem(409, "disaster_mode")["detail"] == order["text"]
    # But a category that there isn't is a mistake, and danger is let in, with what its form asks.
    assert [e["pointer"] for e in submit(resident, "no-such", None).problem(400, "invalid_request")["errors"]] == ["/category_code"]
    danger = {"text": "电梯里着火了，有人被困，快来人。"}
    assert {e["pointer"] for e in submit(resident, LIFT, None, **danger).problem(400, "invalid_request")["errors"]} == {"/answers"}
    submit(resident, LIFT, answers(trapped="no", state="stopped"), **danger).ok(201)
    # Orders come from who knows better.
    assert party.get(f"/open/v1/categories/{LIFT}/form").ok()["stop"] is None
    submit(party, LIFT, answers(floors="6")).ok(201)

    chief.post("/zzd/v1/disaster-mode/end", {"text": "台风过境。"}).ok()
    assert wait_for(lambda: not any(mode(resident) for _ in range(6)), SOON)
    assert resident.get(path, If_None_Match=tag).status == 304 and resident.get(path).ok() == before.json
    submit(resident, LIFT, None).problem(400, "invalid_request")
