"""What is urgent by its words: round the clock, with clocks of its own, and whom to call comes with the answer."""

import time
import uuid

import pytest
from test_calendar import restart
from test_main_job import seconds_between, wait_for

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


def short(appeal, since):
    """The clocks of an emergency, from an event that made it one."""
    return seconds_between(since, appeal["resolve_by"]) == 4 * 3600 and seconds_between(since, appeal["respond_by"]) == 15 * 60


def test_what_turns_urgent_runs_by_the_clocks_of_that(world, resident):
    calm = submit(resident, "楼道里堆着很多纸板，没有人收拾，请来看一下。")
    resident.post(f"/zlb/v1/appeals/{calm['id']}/supplement", {"text": "纸板堆到了门口，没有着火。"}, key=str(uuid.uuid4())).ok()
    same = resident.own(calm)
    assert same["urgency"]["code"] == "normal" and same["resolve_by"] == calm["resolve_by"]
    resident.post(f"/zlb/v1/appeals/{calm['id']}/supplement", {"text": "纸板着火了，烟很大！"}, key=str(uuid.uuid4())).ok()
    now = resident.own(calm)
    told = now["timeline"][-1]["at"]
    assert now["urgency"]["code"] == "emergency" and short(now, told) and now["version"] == calm["version"], now
    staff = world.staff(now["holder"]["code"])
    assert wait_for(lambda: [n for n in staff.get("/zzd/v1/notices").ok()["items"]
                             if n["appeal"] and n["appeal"]["id"] == calm["id"] and n["action"]["code"] == "supplement" and n["urgent"]])
    # Again it brings nothing forward, and less than that takes nothing back.
    for text in ("烟还在冒，火灾！", "现在没事了，谢谢。"):
        resident.post(f"/zlb/v1/appeals/{calm['id']}/supplement", {"text": text}, key=str(uuid.uuid4())).ok()
    assert resident.own(calm)["resolve_by"] == now["resolve_by"]


def ask(world, appeal, text):
    staff = world.staff(appeal["holder"]["code"])
    staff.act(appeal, "accept").ok()
    staff.act(appeal, "ask", {"text": text}).ok()


def test_an_answer_may_tell_of_danger(world, resident):
    appeal = submit(resident, "家里厨房的灶具不好用了，想请人来看一看。")
    ask(world, appeal, "请问灶具是什么情况？")
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/answer", {"text": "有很重的煤气味，是燃气泄漏。"}, key=str(uuid.uuid4())).ok()
    now = resident.own(appeal)
    assert now["urgency"]["code"] == "emergency" and seconds_between(now["timeline"][-1]["at"], now["resolve_by"]) == 4 * 3600
    assert world.minhuctl("audit", "verify", "--appeal", appeal["number"]).returncode == 0


def test_while_it_rests_it_keeps_all_of_its_new_time(world, resident):
    appeal = submit(resident, "楼道里堆着很多纸板，没有人收拾，请来看一下。")
    ask(world, appeal, "请问在几楼？")
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/supplement", {"text": "纸板着火了！"}, key=str(uuid.uuid4())).ok()
    assert resident.own(appeal)["urgency"]["code"] == "emergency"
    time.sleep(2)
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/answer", {"text": "在三楼。"}, key=str(uuid.uuid4())).ok()
    now = resident.own(appeal)
    assert 0 <= 4 * 3600 - seconds_between(now["timeline"][-1]["at"], now["resolve_by"]) < 2
    assert world.minhuctl("audit", "verify", "--appeal", appeal["number"]).returncode == 0


def test_a_category_chosen_later_brings_its_clocks(world, resident):
    appeal = submit(resident, "这边的这个东西没有人管，请你们来看一下。")
    staff = world.staff(appeal["holder"]["code"])
    now = staff.act(appeal, "classify", {"category_code": "utility.gas.leak"}).ok()
    chosen = now["timeline"][-1]["at"]
    assert now["urgency"]["code"] == "emergency" and short(now, chosen)
    assert now["holder"] != appeal["holder"], "it goes to who stops leaks"


def test_who_joins_with_more_danger_is_heard_at_once(world, resident):
    other = world.resident(1)
    lead = submit(resident, "单元门口堆着很多纸板没人收，请来处理一下。")
    texts = {"calm": "我们这边也是，堆得很乱。", "danger": "纸板着火了，烟很大！"}
    mine = {key: world.resident(n).post(f"/zlb/v1/appeals/{lead['id']}/join", {"text": text}, key=str(uuid.uuid4())).ok(201)
            for n, (key, text) in enumerate(texts.items(), 1)}
    assert other.own(mine["calm"])["state"]["code"] == "merged" and mine["danger"]["urgency"]["code"] == "emergency"

    def told(appeal):
        items = world.staff(appeal["holder"]["code"]).get("/zzd/v1/notices").ok()["items"]
        return [n for n in items if n["appeal"] and n["appeal"]["id"] == appeal["id"] and n["urgent"]]

    assert wait_for(lambda: told(mine["danger"]))
    assert not told(mine["calm"])


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
