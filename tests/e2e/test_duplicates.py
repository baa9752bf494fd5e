"""Duplicates: residents join what others reported, staff merge; what follows gets its lead's answer and stays its reporter's own."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from calm import other_resident as neighbour  # noqa: F401
from calm import resident, world  # noqa: F401
from conftest import stack
from test_main_job import notice_of, wait_for
from test_staff import holder_of

TEXT = "三号楼东侧电梯从昨天下午起停运，老人没法下楼。"


@pytest.fixture
def lead(resident):
    return resident.submit(text=TEXT)


@pytest.fixture
def other(neighbour):
    """Another's matter of the same, reported by itself."""
    return neighbour.submit(text=TEXT + "请尽快修。")


def join(client, lead, key=None, **body):
    return client.post(f"/zlb/v1/appeals/{lead['id']}/join", body, key=key)


def merge(staff, appeal, lead, version=None, **more):
    return staff.act(appeal, "merge", {"lead_id": lead["id"], **more}, version)


def actions(appeal):
    return [event["action"]["code"] for event in appeal["timeline"]]


def state(client, appeal):
    return client.own(appeal)["state"]["code"]


def comes(look):
    return wait_for(look)


def counted(client, appeal, n):
    """As many follow it, once the job has counted them."""
    return comes(lambda: (client.seen(appeal) if client.entry == "zzd" else client.own(appeal))["followers"] == n)


def holds(world, appeal):
    done = world.minhuctl("audit", "verify", "--appeal", appeal["number"], check=False)
    return done.returncode == 0 or done.stdout + done.stderr


def followers(staff, lead, query=""):
    return staff.get(f"/zzd/v1/appeals/{lead['id']}/followers{query}").ok()


# ---- joining ----

def test_joined_answered_and_rated_on_its_own(world, resident, neighbour, lead):
    staff = holder_of(world, lead)
    mine = join(neighbour, lead, text="我家在五楼，也受影响。").ok(201)
    assert mine["id"] != lead["id"] and mine["number"] != lead["number"] and mine["text"] == "我家在五楼，也受影响。"
    assert mine["state"]["code"] == "merged" and actions(mine) == ["submit", "merge"] and mine["kind"]["code"] == lead["kind"]["code"]
    assert mine["place"] == lead["place"] and mine["category"] == lead["category"]
    assert mine["lead"]["state"]["code"] == "submitted" and set(mine["lead"]) == {"state", "holder", "submitted_at", "followers"}
    neighbour.get(f"/zlb/v1/appeals/{lead['id']}").problem(404, "not_found")
    assert counted(resident, lead, 1) and "joined" in actions(resident.own(lead))
    assert [item["id"] for item in followers(staff, lead)["items"]] == [mine["id"]]
    seen = staff.seen(mine)
    assert seen["lead"]["id"] == lead["id"] and seen["lead"]["number"] == lead["number"]
    box = staff.get("/zzd/v1/appeals?box=to_accept&limit=100").ok()["items"]
    assert mine["id"] not in [item["id"] for item in box]

    staff.act(lead, "accept").ok()
    staff.post(f"/zzd/v1/appeals/{lead['id']}/progress", {"text": "维保人员下午三点到场。"}).ok()
    assert comes(lambda: "progress" in actions(neighbour.own(mine)))
    told = next(e for e in neighbour.own(mine)["timeline"] if e["action"]["code"] == "progress")
    assert told["text"] == "维保人员下午三点到场。" and told["by"]["kind"] == "system"
    staff.act(lead, "resolve", {"outcome": "solved", "text": "电梯主板已更换，恢复运行。"}).ok()
    assert comes(lambda: state(neighbour, mine) == "resolved")
    now = neighbour.own(mine)
    assert now["result"] == "电梯主板已更换，恢复运行。" and now["outcome"]["code"] == "solved" and actions(now).count("progress") == 1
    assert now["lead"]["state"]["code"] == "resolved"
    assert comes(lambda: all(notice_of(neighbour, "/zlb/v1", mine, action) for action in ("progress", "resolve")))
    assert now["stars"] is None and "rate" in now["allowed"]
    neighbour.post(f"/zlb/v1/appeals/{mine['id']}/rate", {"solved": True, "stars": 4}, version=now["version"]).ok()
    assert state(neighbour, mine) == "closed" and state(resident, lead) == "resolved" and resident.own(lead)["stars"] is None
    assert holds(world, mine) is True and holds(world, lead) is True


def test_who_joins_twice_has_joined_once(neighbour, lead):
    key = str(uuid.uuid4())
    mine = join(neighbour, lead, key).ok(201)
    assert mine["title"].startswith("我也反映") and mine["text"] == mine["title"], "without words of his own, and without the reporter's"
    assert join(neighbour, lead, key).ok(201)["id"] == mine["id"]
    assert join(neighbour, lead, text="再说一次。").ok()["id"] == mine["id"]


def test_what_cannot_be_joined(world, resident, neighbour, lead):
    assert join(resident, lead).problem(409, "conflict")["detail"].startswith("这是您自己的诉求")
    join(neighbour, {"id": str(uuid.uuid4())}).problem(404, "not_found")
    hidden = [resident.submit(text=TEXT, withhold_name=True), resident.submit(text=TEXT, kind="complain", about_unit_code=world.place["unit_code"])]
    for one in hidden:
        join(neighbour, one).problem(404, "not_found")
    resident.post(f"/zlb/v1/appeals/{lead['id']}/withdraw", {}, version=1).ok()
    assert join(neighbour, lead).problem(409, "conflict")["detail"].endswith("请另行提交诉求。")
    assert join(neighbour, hidden[0], contact_phone="12345678901").problem(400, "invalid_request")["errors"][0]["pointer"] == "/contact_phone"


def test_hints_say_how_many_join(world, resident, neighbour, lead):
    text = f"三号楼东侧电梯从昨天下午起停运，老人没法下楼，编号{uuid.uuid4().hex[:6]}。"
    made = resident.submit(text=text)
    join(neighbour, made).ok(201)
    assert counted(resident, made, 1)

    def hint():
        items = neighbour.post("/zlb/v1/appeals/alike", {"text": text, "place_code": made["place"]["code"]}).ok()["items"]
        return next((item for item in items if item["id"] == made["id"]), None)
    assert comes(lambda: hint() and hint()["followers"] == 1)


def test_fifty_join_at_once(world, resident, lead):
    joiners = [world.resident(1)] + [world.sign_in(world.add_resident()["userid"]) for _ in range(49)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda client: join(client, lead), joiners))
    made = {answer.ok(201)["id"] for answer in answers}
    assert len(made) == 50 and counted(resident, lead, 50)
    staff = holder_of(world, lead)
    first = followers(staff, lead, "?limit=30")
    second = followers(staff, lead, f"?limit=30&cursor={first['next_cursor']}")
    assert {item["id"] for item in first["items"] + second["items"]} == made and second["next_cursor"] is None
    staff.act(lead, "accept").ok()
    staff.act(lead, "resolve", {"outcome": "explained", "text": "已向居民说明维修安排。"}).ok()
    assert comes(lambda: all(state(client, {"id": answer.json["id"]}) == "resolved" for client, answer in zip(joiners, answers)))
    assert holds(world, lead) is True and holds(world, answers[7].json) is True


def test_one_who_taps_often_joins_once(neighbour, resident, lead):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: join(neighbour, lead), range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201] and len({answer.json["id"] for answer in answers}) == 1
    assert counted(resident, lead, 1)


# ---- merging ----

def test_merged_and_undone(world, resident, neighbour, lead, other):
    staff = holder_of(world, other)
    staff.act(other, "accept").ok()
    before = staff.seen(other)
    staff.post(f"/zzd/v1/appeals/{other['id']}/merge", {"lead_id": lead["id"]}).problem(428, "version_required")
    merge(staff, other, lead, version=1).problem(412, "version_mismatch")
    merged = merge(staff, other, lead, text="同一部电梯。").ok()
    assert merged["state"]["code"] == "merged" and merged["lead"]["id"] == lead["id"] and merged["holder"] == before["holder"]
    assert merged["resolve_by"] == before["resolve_by"] and merged["step_by"] is None and merged["version"] == before["version"] + 1
    assert merged["ledger"][-1]["ends_at"] is None, "the resident's clock goes on"
    mine = neighbour.own(other)
    assert mine["timeline"][-1]["action"]["code"] == "merge" and mine["timeline"][-1]["text"] is None, "why is between units"
    assert counted(staff, lead, 1) and comes(lambda: notice_of(neighbour, "/zlb/v1", other, "merge"))
    undone = staff.act(other, "unmerge", {"text": "不是同一部电梯。"}).ok()
    assert undone["state"]["code"] == "accepted" and undone["lead"] is None and undone["step_by"] and undone["resolve_by"] == before["resolve_by"]
    assert [line["ends_at"] is None for line in undone["ledger"]] == [False, True]
    assert counted(staff, lead, 0) and holds(world, other) is True and holds(world, lead) is True
    staff.act(other, "unmerge", {}).problem(409, "wrong_state")


def test_a_question_ends_with_the_merge(world, neighbour, lead, other):
    staff = holder_of(world, other)
    staff.act(other, "accept").ok()
    staff.post(f"/zzd/v1/appeals/{other['id']}/ask", {"text": "请问是几单元？"}).ok()
    merged = merge(staff, other, lead).ok()
    assert merged["question"] is None and [line["kind"] for line in merged["ledger"]] == ["held", "pause", "held"]
    assert holds(world, other) is True


def test_who_is_followed_cannot_follow_what_follows_it(world, lead, other, resident):
    staff = holder_of(world, lead)
    assert merge(staff, lead, lead).problem(409, "conflict")
    merge(staff, other, lead).ok()
    assert merge(staff, lead, other).problem(409, "conflict"), "its lead is the matter itself"
    third = resident.submit(text=TEXT)
    assert merge(staff, third, other).ok()["lead"]["id"] == lead["id"], "what follows leads to its lead"
    errors = merge(staff, lead, {"id": str(uuid.uuid4())}).problem(400, "invalid_request")["errors"]
    assert errors[0]["pointer"] == "/lead_id"


def test_followers_come_along(world, resident, neighbour, lead, other):
    """A lead with followers that is merged itself: they follow its lead."""
    joined = join(neighbour, lead).ok(201)
    staff = holder_of(world, lead)
    assert counted(staff, lead, 1)
    merge(staff, lead, other).ok()
    assert comes(lambda: staff.seen(joined)["lead"]["id"] == other["id"])
    assert counted(staff, other, 2) and counted(staff, lead, 0)
    assert holds(world, joined) is True


@pytest.mark.parametrize("middle", ["follows", "is withdrawn", "has a result of its own", "is on its own again"])
def test_followers_come_along_however_late_the_job_is(world, resident, neighbour, lead, other, middle):
    """Its lead was merged, and all of them have ended since: it has the answer of what its lead followed to its end."""
    joined, staff = join(neighbour, lead).ok(201), holder_of(world, lead)
    assert counted(staff, lead, 1)
    for appeal in (lead, other):
        staff.act(appeal, "accept").ok()
    stack("stop", world.folder, "jobs")
    try:
        merge(staff, lead, other).ok()
        if middle == "is withdrawn":
            resident.post(f"/zlb/v1/appeals/{lead['id']}/withdraw", {}, version=resident.own(lead)["version"]).ok()
        if middle == "is on its own again":
            staff.act(lead, "unmerge").ok()
        if middle in ("has a result of its own", "is on its own again"):
            staff.act(lead, "resolve", {"outcome": "solved", "text": "这一台已单独修好。"}).ok()
        staff.act(other, "resolve", {"outcome": "solved", "text": "电梯都已修好。"}).ok()
    finally:
        stack("start", world.folder, "jobs")
    assert comes(lambda: state(neighbour, joined) == "resolved")
    assert neighbour.own(joined)["result"] == ("这一台已单独修好。" if middle == "is on its own again" else "电梯都已修好。") and holds(world, joined) is True


@pytest.mark.parametrize("how", ["withdraw", "reject"])
def test_a_lead_that_ends_without_a_result_sets_them_free(world, resident, neighbour, lead, other, how):
    staff = holder_of(world, lead)
    staff.act(other, "accept").ok()
    merge(staff, other, lead).ok()
    joined = join(neighbour, lead)
    assert joined.ok()["id"] == other["id"], "his own matter follows it already"
    if how == "withdraw":
        resident.post(f"/zlb/v1/appeals/{lead['id']}/withdraw", {}, version=1).ok()
    else:
        code = staff.get("/zzd/v1/choices").ok()["reasons"]["reject"][0]["code"]
        staff.act(lead, "reject", {"reason_code": code, "text": "已由法院受理。"}).ok()
    assert comes(lambda: state(neighbour, other) == "accepted")
    assert neighbour.own(other)["lead"] is None and holds(world, other) is True


def test_the_lead_moves_alone_and_the_follower_may_leave(world, resident, neighbour, lead):
    mine = join(neighbour, lead).ok(201)
    neighbour.post(f"/zlb/v1/appeals/{mine['id']}/supplement", {"text": "补充：西侧的也停了。"}).ok()
    neighbour.post(f"/zlb/v1/appeals/{mine['id']}/urge", {}).problem(409, "wrong_state")
    code = holder_of(world, lead).get("/zzd/v1/choices").ok()["reasons"]["escalate"][0]["code"]
    holder_of(world, lead).act(lead, "escalate", {"reason_code": code}).ok()
    assert neighbour.own(mine)["holder"] == mine["holder"] != resident.own(lead)["holder"]
    assert counted(resident, lead, 1)
    neighbour.post(f"/zlb/v1/appeals/{mine['id']}/withdraw", {}, version=neighbour.own(mine)["version"]).ok()
    assert state(neighbour, mine) == "withdrawn" and counted(resident, lead, 0) and holds(world, mine) is True


def test_reopened_it_is_on_its_own(world, resident, neighbour, lead):
    mine = join(neighbour, lead).ok(201)
    staff = holder_of(world, lead)
    staff.act(lead, "accept").ok()
    staff.act(lead, "resolve", {"outcome": "solved", "text": "电梯已恢复运行。"}).ok()
    assert comes(lambda: state(neighbour, mine) == "resolved")
    version = neighbour.own(mine)["version"]
    now = neighbour.post(f"/zlb/v1/appeals/{mine['id']}/reopen", {"text": "今天又停了。"}, version=version).ok()
    assert now["state"]["code"] == "accepted" and now["round"] == 2 and now["lead"] is None and state(resident, lead) == "resolved"
    assert counted(resident, lead, 0) and holds(world, mine) is True


def test_it_is_overdue_by_its_own_clock(world, neighbour, lead):
    mine = join(neighbour, lead).ok(201)
    world.sql(f"UPDATE appeal_follower SET late_at=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND WHERE follower_id=UNHEX('{mine['id'].replace('-', '')}')")
    rest = f"SELECT late_at IS NULL FROM appeal_follower WHERE follower_id=UNHEX('{mine['id'].replace('-', '')}')"
    assert comes(lambda: world.sql(rest) == [["1"]])
    assert neighbour.own(mine)["overdue"] is False, "what the table says too early marks nothing: the appeal's own time decides"
    # Nor does it go unseen that nobody would look again.
    assert holds(world, mine) is not True
    world.sql(f"UPDATE appeal_follower f JOIN appeal a ON a.id=f.follower_id SET f.late_at=a.resolve_by WHERE a.number='{mine['number']}'")
    assert holds(world, mine) is True


def test_a_complaint_about_a_unit_follows_only_such(world, resident, neighbour, lead):
    unit = world.place["unit_code"]
    complaint = resident.submit(text=TEXT, kind="complain", about_unit_code=unit)
    staff = world.staff(complaint["holder"]["code"])
    merge(staff, complaint, lead)
    assert staff.seen(complaint)["state"]["code"] == "submitted"
    same = neighbour.submit(text=TEXT, kind="complain", about_unit_code=unit)
    assert merge(staff, complaint, same).ok()["lead"]["id"] == same["id"]


def test_merging_meets_resolving(world, resident, neighbour):
    """Whichever comes first: what is merged has an answer in the end, or was refused."""
    for _ in range(6):
        lead, other = resident.submit(text=TEXT), neighbour.submit(text=TEXT)
        staff = holder_of(world, lead)
        staff.act(lead, "accept").ok()
        with ThreadPoolExecutor(2) as pool:
            merged = pool.submit(merge, staff, other, lead)
            resolved = pool.submit(staff.act, lead, "resolve", {"outcome": "solved", "text": "电梯已恢复运行。"})
        resolved.result().ok()
        if merged.result().status == 200:
            assert comes(lambda: state(neighbour, other) == "resolved")
        else:
            merged.result().problem(409, "conflict")
            assert state(neighbour, other) == "submitted"
        assert holds(world, other) is True


def test_progress_is_told_once_whatever_the_job_does_again(world, neighbour, lead):
    mine = join(neighbour, lead).ok(201)
    staff = holder_of(world, lead)
    staff.act(lead, "accept").ok()
    staff.post(f"/zzd/v1/appeals/{lead['id']}/progress", {"text": "维保人员下午三点到场。"}).ok()
    assert comes(lambda: "progress" in actions(neighbour.own(mine)))
    stack("stop", world.folder, "jobs")
    world.sql("UPDATE setting SET value='0' WHERE name='follower_seq'")
    stack("start", world.folder, "jobs")
    assert comes(lambda: world.sql("SELECT value>0 FROM setting WHERE name='follower_seq'") == [["1"]])
    assert actions(neighbour.own(mine)).count("progress") == 1
