"""Staff: boxes, moving an appeal, who may do what, who sees whom."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest


def holder_of(world, appeal):
    return world.staff(appeal["holder"]["code"])


def sibling(world, code):
    """Another unit of the same parent and tier."""
    unit = world.units[code]
    return next(u["code"] for u in world.units.values() if u["parent_code"] == unit["parent_code"] and u["tier"] == unit["tier"] and u["code"] != code)


def reason(client, purpose):
    return client.get("/zzd/v1/choices").ok()["reasons"][purpose][0]["code"]


def test_assign_and_take_back(world, appeal):
    staff = holder_of(world, appeal)
    colleagues = staff.get("/zzd/v1/colleagues").ok()["items"]
    one = world.staff(appeal["holder"]["code"], "handler")
    handler = next(c for c in colleagues if c["post_id"] == one.me["post"]["id"])
    staff.act(appeal, "assign", {"post_id": handler["post_id"]}).problem(409, "wrong_state")
    staff.act(appeal, "accept").ok()
    assigned = staff.act(appeal, "assign", {"post_id": handler["post_id"]}).ok()
    assert assigned["state"]["code"] == "processing" and assigned["assignee_post_id"] == handler["post_id"]
    mine = one.get("/zzd/v1/appeals?box=mine&limit=100").ok()["items"]
    assert appeal["id"] in [i["id"] for i in mine] and one.get("/zzd/v1/boxes").ok()["mine"] >= 1
    assert staff.act(appeal, "take-back").ok()["assignee_post_id"] is None
    stranger = world.staff(sibling(world, appeal["holder"]["code"]))
    theirs = stranger.get("/zzd/v1/colleagues").ok()["items"][0]["post_id"]
    staff.act(appeal, "assign", {"post_id": theirs}).problem(409, "conflict")


def test_a_handler_does_not_dispatch(world, appeal):
    one = world.staff(appeal["holder"]["code"], "handler")
    one.act(appeal, "escalate", {"reason_code": reason(one, "escalate")}).problem(403, "forbidden")
    seen = {a["action"]: a for a in one.seen(appeal)["actions"]}
    assert seen["escalate"]["allowed"] is False and seen["escalate"]["why"]
    assert seen["accept"]["allowed"] is True and seen["accept"]["why"] is None


def test_transfer_sideways_at_most_three_times(world, appeal):
    here, there = appeal["holder"]["code"], sibling(world, appeal["holder"]["code"])
    for turn in range(3):
        frm, to = (here, there) if turn % 2 == 0 else (there, here)
        staff = world.staff(frm)
        moved = staff.act(appeal, "transfer", {"unit_code": to, "reason_code": reason(staff, "transfer")}).ok()
        assert moved["holder"]["code"] == to and moved["transfers"] == turn + 1 if moved else True
    staff = world.staff(there)
    staff.act(appeal, "transfer", {"unit_code": here, "reason_code": reason(staff, "transfer")}).problem(409, "limit_reached")


def test_escalate_delegate_return(world, appeal):
    here = appeal["holder"]["code"]
    above = world.chain(here)[1]
    staff, upper = world.staff(here), world.staff(above)
    staff.act(appeal, "return", {"reason_code": reason(staff, "return"), "text": "不属于我单位职责"}).problem(409, "conflict")
    up = staff.act(appeal, "escalate", {"reason_code": reason(staff, "escalate")}).ok()
    assert up["holder"]["code"] == above and up["arrival"]["code"] == "escalated"
    assert up["resolve_by"] == appeal["resolve_by"] and up["first_unit"]["code"] == here
    down = upper.act(appeal, "delegate", {"unit_code": here}).ok()
    assert down["holder"]["code"] == here and down["sender_unit"]["code"] == above
    back = staff.act(appeal, "return", {"reason_code": reason(staff, "return"), "text": "需上级协调"}).ok()
    assert back["holder"]["code"] == above and back["arrival"]["code"] == "returned" and back["returns"] == 1
    assert appeal["id"] in [i["id"] for i in upper.get("/zzd/v1/appeals?box=returned&limit=100").ok()["items"]]
    upper.act(appeal, "delegate", {"unit_code": here}).ok()
    staff.act(appeal, "return", {"reason_code": reason(staff, "return"), "text": "再次退回"}).ok()
    upper.act(appeal, "delegate", {"unit_code": here}).ok()
    staff.act(appeal, "return", {"reason_code": reason(staff, "return"), "text": "第三次"}).problem(409, "limit_reached")


def test_each_holder_gets_a_step_clock_of_its_own(world, appeal):
    def step_by():
        return world.sql(f"SELECT step_by FROM appeal WHERE id=UNHEX('{appeal['id'].replace('-', '')}')")[0][0]

    staff, before = holder_of(world, appeal), step_by()
    staff.act(appeal, "escalate", {"reason_code": reason(staff, "escalate")}).ok()
    assert step_by() > before


def test_reject_needs_a_legal_reason(world, appeal):
    staff = holder_of(world, appeal)
    staff.act(appeal, "reject", {"reason_code": "invented", "text": "不予受理"}).problem(400, "invalid_request")
    gone = staff.act(appeal, "reject", {"reason_code": reason(staff, "reject"), "text": "已由法院受理。"}).ok()
    assert gone["state"]["code"] == "rejected" and gone["timeline"][-1]["reason"]["basis"]


def test_classify_routes_again_and_the_clock_goes_on(world, appeal):
    staff = holder_of(world, appeal)
    categories = [c["code"] for c in staff.get("/zzd/v1/categories").ok()["items"]]
    moved = None
    for code in categories:
        answer = staff.act(appeal, "classify", {"category_code": code}, version=staff.seen(appeal)["version"])
        if answer.json["holder"]["code"] != appeal["holder"]["code"]:
            moved = answer.ok()
            break
    assert moved, "some category routes elsewhere"
    assert moved["submitted_at"] == appeal["submitted_at"] and moved["resolve_by"] == appeal["resolve_by"]
    assert len(moved["ledger"]) == 2


def test_find_by_number_only_what_one_may_see(world, appeal):
    staff = holder_of(world, appeal)
    assert staff.get(f"/zzd/v1/appeals/by-number/{appeal['number']}").ok()["id"] == appeal["id"]
    stranger = world.staff(sibling(world, appeal["holder"]["code"]))
    hidden = stranger.get(f"/zzd/v1/appeals/by-number/{appeal['number']}")
    absent = stranger.get("/zzd/v1/appeals/by-number/20010101-000001")
    assert hidden.problem(404, "not_found")["detail"] == absent.problem(404, "not_found")["detail"]


def test_a_stranger_sees_the_same_as_nothing(world, appeal):
    stranger = world.staff(sibling(world, appeal["holder"]["code"]))
    there = stranger.get(f"/zzd/v1/appeals/{appeal['id']}")
    absent = stranger.get(f"/zzd/v1/appeals/{uuid.uuid4()}")
    for answer in (there, absent):
        answer.problem(404, "not_found")
    blank = [a.raw.replace(a.json["request_id"].encode(), b"") for a in (there, absent)]
    assert blank[0] == blank[1]


def test_the_contact_is_masked_and_unmasking_is_audited(world, resident, appeal):
    staff = holder_of(world, appeal)
    reporter = staff.seen(appeal)["reporter"]
    assert "*" in reporter["name"] and "****" in reporter["phone"]
    full = staff.post(f"/zzd/v1/appeals/{appeal['id']}/unmask", {"reason_code": reason(staff, "unmask"), "text": "联系居民"}).ok()
    assert full["phone"].isdigit() and len(full["phone"]) == 11
    audit = [e for e in staff.seen(appeal)["timeline"] if e["action"]["code"] == "unmask"]
    assert len(audit) == 1 and audit[0]["reason"] and audit[0]["public"] is False
    assert "unmask" not in [e["action"]["code"] for e in resident.own(appeal)["timeline"]]


def test_a_withheld_name_is_nobodys_to_see_at_the_handler(world, resident):
    appeal = resident.submit(withhold_name=True)
    staff = holder_of(world, appeal)
    assert staff.seen(appeal)["reporter"] == {"name": None, "phone": None, "withheld": True}
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/unmask", {"reason_code": reason(staff, "unmask")}).problem(403, "forbidden")


def test_the_unit_complained_of_is_passed_over_and_never_learns_who(world, resident):
    unit = resident.submit()["holder"]["code"]
    appeal = resident.submit(kind="complain", text="物业不作为，电梯坏了一周没人修。", about_unit_code=unit)
    assert appeal["holder"]["code"] != unit, "conflict of interest: it goes to a unit above"
    accused = world.staff(unit)
    accused.get(f"/zzd/v1/appeals/{appeal['id']}").problem(404, "not_found")
    upper = holder_of(world, appeal)
    upper.act(appeal, "delegate", {"unit_code": unit}).problem(409, "conflict")


def test_overseers_see_and_supervise_what_is_below(world, appeal):
    top = next(code for code in world.chain(appeal["holder"]["code"])[-1:])
    boss = world.staff(top, "district_supervisor", "unit_lead")
    seen = boss.seen(appeal)
    assert seen["id"] == appeal["id"]
    below = boss.get(f"/zzd/v1/appeals?box=to_accept&unit_code={appeal['holder']['code']}&limit=100").ok()
    assert appeal["id"] in [i["id"] for i in below["items"]]
    boss.get(f"/zzd/v1/boxes?unit_code={appeal['holder']['code']}").ok()
    boss.post(f"/zzd/v1/appeals/{appeal['id']}/supervise", {"text": "请尽快办理"}).ok()
    low = holder_of(world, appeal)
    low.get(f"/zzd/v1/boxes?unit_code={top}").problem(404, "not_found")


def test_stale_versions_are_refused_and_missing_ones_too(world, appeal):
    staff = holder_of(world, appeal)
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/accept").problem(428, "version_required")
    staff.act(appeal, "accept", version=7).problem(412, "version_mismatch")
    staff.act(appeal, "accept", version=1).ok()
    staff.act(appeal, "resolve", {"outcome": "solved", "text": "已处理完毕。"}, version=1).problem(412, "version_mismatch")


def test_of_many_at_once_one_wins(world, appeal):
    staff = holder_of(world, appeal)
    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(a.status for a in pool.map(lambda _: staff.act(appeal, "accept", version=1), range(16)))
    assert statuses.count(200) == 1 and set(statuses) <= {200, 409, 412}


def test_lists_by_due_time_with_a_cursor(world, resident):
    made = [resident.submit(text=f"排序测试第 {i} 件。") for i in range(5)]
    staff = world.staff(made[0]["holder"]["code"])
    seen, path = [], "/zzd/v1/appeals?box=to_accept&limit=3"
    while path:
        page = staff.get(path)
        seen += [(i["resolve_by"], i["id"]) for i in page.ok()["items"]]
        path = page.headers.get("link", "").partition(">")[0].lstrip("<") or None
    assert seen == sorted(seen) and len(seen) == len(set(seen))
    there = {i for _, i in seen}
    assert all(m["id"] in there for m in made if resident.own(m)["holder"] == m["holder"])


def test_ending_a_post_gives_its_tasks_back(world, resident, appeal):
    unit = appeal["holder"]["code"]
    staff = world.staff(unit)
    staff.act(appeal, "accept").ok()
    handler = world.staff(unit, "handler", nth=1)
    post = handler.me["post"]["id"]
    staff.act(appeal, "assign", {"post_id": post}).ok()
    place = next(p for p in world.stack.rows("places.tsv") if p["unit_code"] == sibling(world, unit))
    other = resident.submit(place_code=place["code"])
    lead = holder_of(world, other)
    lead.act(other, "accept").ok()
    part = lead.post(f"/zzd/v1/appeals/{other['id']}/parts", {"unit_code": unit, "text": "请派人一起查看。"}).ok(201)
    assert staff.post(f"/zzd/v1/parts/{part['id']}/assign", {"post_id": post}).ok()["assigned"]
    admin = None
    for code in world.chain(unit):
        try:
            admin = world.staff(code, "administrator")
            break
        except LookupError:
            continue
    assert admin, "some unit of the chain has an administrator"
    staff.post(f"/zzd/v1/posts/{post}/end").problem(403, "forbidden")
    handler.get("/zzd/v1/me").ok()  # now he is remembered as a caller
    assert admin.post(f"/zzd/v1/posts/{post}/end").status == 204
    after = staff.seen(appeal)
    assert after["assignee_post_id"] is None and after["state"]["code"] == "accepted"
    assert [p["assigned"] for p in staff.get(f"/zzd/v1/appeals/{other['id']}/parts").ok()["items"]] == [False]
    handler.get("/zzd/v1/me").problem(401, "token_invalid")


@pytest.mark.parametrize("path", ["/zzd/v1/units?limit=2", "/zzd/v1/places?limit=2", "/zzd/v1/categories", "/zzd/v1/choices", "/zzd/v1/meta"])
def test_lists_for_forms(world, path):
    staff = world.staff(world.posts[0]["unit_code"])
    staff.get(path).ok()


def test_staff_timeline_has_what_is_internal(world, appeal):
    staff = holder_of(world, appeal)
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/notes", {"text": "内部备注"}).ok()
    items = staff.get(f"/zzd/v1/appeals/{appeal['id']}/timeline?limit=50").ok()["items"]
    assert "note" in [e["action"]["code"] for e in items]
