"""What is urgent by its words: round the clock, with clocks of its own, and whom to call comes with the answer."""

import uuid

import pytest
from test_calendar import restart
from test_main_job import seconds_between

HEAD = "word\turgency\tdanger\tunless\n"


def submit(client, text, **headers):
    body = {"kind": "help", "text": text, "place_code": client.world.place["code"]}
    return client.post("/zlb/v1/appeals", body, key=str(uuid.uuid4()), **headers).ok(201)


def test_an_emergency_runs_round_the_clock(resident):
    calm = submit(resident, "楼道里的灯坏了三天，请尽快修好。")
    burning = submit(resident, "三楼厨房着火了，烟很大！")
    assert calm["urgency"]["code"] == "normal" and "advice" not in calm
    assert burning["urgency"]["code"] == "emergency"
    assert seconds_between(burning["submitted_at"], burning["respond_by"]) == 15 * 60
    assert seconds_between(burning["submitted_at"], burning["resolve_by"]) == 4 * 3600
    assert [(a["danger"]["code"], a["phone"]) for a in burning["advice"]] == [("fire", "119")]
    assert "advice" not in resident.own(burning), "it comes with the answer to the submission only"


def test_who_speaks_of_harming_himself_is_told_whom_to_call(resident):
    appeal = submit(resident, "工作没了，房贷还不上，我真的不想活了。", Prefer="return=minimal")
    advice = appeal["advice"][0]
    assert advice["danger"]["code"] == "self_harm" and advice["phone"] == "12356" and "12356" in advice["text"]
    english = submit(resident, "工作没了，房贷还不上，真的不想活了。", Accept_Language="en")
    assert "helpline" in english["advice"][0]["text"]


@pytest.mark.parametrize("text", ["昨晚楼道着火，已灭火，墙面要重新粉刷。", "物业态度恶劣，差点气死我，请管管。", "请修好裸露的插座，以免触电伤人。"])
def test_a_word_alone_is_no_emergency(resident, text):
    appeal = submit(resident, text)
    assert appeal["urgency"]["code"] == "normal" and "advice" not in appeal


def test_the_same_key_gives_the_same_advice(resident):
    body, key = {"kind": "help", "text": "有人落水，在桥下面！"}, str(uuid.uuid4())
    first = resident.post("/zlb/v1/appeals", body, key=key).ok(201)
    again = resident.post("/zlb/v1/appeals", body, key=key).ok(201)
    assert first["advice"] == again["advice"] and first["id"] == again["id"]


def test_orders_of_third_parties_too(world):
    party = world.third_party()
    body = {"external_id": f"WY-{uuid.uuid4().hex[:8]}", "kind": "report", "text": "地下车库起火了，请来人。", "place_code": world.place["code"]}
    order = party.post("/open/v1/appeals", body, key=str(uuid.uuid4())).ok(201)
    assert order["urgency"]["code"] == "emergency" and order["advice"][0]["phone"] == "119"


def test_a_district_brings_its_own_words(world, resident, tmp_path):
    own, before = tmp_path / "own", tmp_path / "before"
    own.mkdir()
    before.mkdir()
    words = (world.folder / "demo/urgent-words.tsv").read_text(encoding="utf-8")
    (before / "urgent-words.tsv").write_text(words, encoding="utf-8")
    (own / "urgent-words.tsv").write_text(HEAD + "管涌\turgent\twater\t已封堵\n" + "急\tnormal\tnothing\t\n管涌\turgent\twater\t\n", encoding="utf-8")
    done = world.minhuctl("import", own, check=False)
    assert done.returncode == 65 and "3 faults; nothing was imported" in done.stderr, done.stderr
    assert all(f"urgent-words.tsv:{place}" in done.stderr for place in ("3:1: word", "3:3: danger", "4:1: word")), done.stderr
    (own / "urgent-words.tsv").write_text(HEAD + "管涌\turgent\twater\t已封堵\n", encoding="utf-8")
    assert "1 rows, replacing all there were" in world.minhuctl("import", own).stdout
    try:
        restart(world)
        assert submit(resident, "堤脚发现管涌，水在冒。")["urgency"]["code"] == "urgent"
        assert submit(resident, "堤脚管涌已封堵，请验收。")["urgency"]["code"] == "normal"
        assert submit(resident, "三楼厨房着火了。")["urgency"]["code"] == "normal", "its own words are all there are"
    finally:
        world.minhuctl("import", before)
        restart(world)
    assert submit(resident, "三楼厨房着火了。")["urgency"]["code"] == "emergency"
