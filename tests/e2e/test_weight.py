"""How weighty a matter is: by the rules, by what happens to it, and by staff with a reason."""

import urllib.parse

from conftest import stack
from test_main_job import wait_for
from test_staff import holder_of, reason


def weight(appeal):
    return appeal["weight"]["code"], appeal["weight"]["by"]


def weigh(staff, appeal, code, **more):
    return staff.post(f"/zzd/v1/appeals/{appeal['id']}/weigh", {"weight": code, "text": "需多部门联合办理。"}, **more)


def newcomer(world):
    return world.sign_in(world.add_resident(idnum=None)["userid"])


def test_departments_named_make_it_hard(world, resident):
    named = [u["name"].removeprefix("区") for u in world.units.values() if u["kind"] == "department"][:2]
    plain = newcomer(world).submit(text="小区门口的花坛没人浇水，花快枯了。")
    both = newcomer(world).submit(text=f"门口积水，{named[0]}说归{named[1]}管，没人来看。")
    one = newcomer(world).submit(text=f"门口积水，请{named[0]}来看看。")
    seen = [holder_of(world, a).seen(a) for a in (plain, one, both)]
    assert [weight(a) for a in seen] == [("micro", "rules"), ("small", "rules"), ("hard", "rules")]
    assert [a["weight"]["loop"]["code"] for a in seen] == ["small_loop", "medium_loop", "large_loop"]
    assert "weight" not in resident.own(resident.submit()), "it is for those who handle it"


def test_whom_it_concerns_is_read_in_the_text(world):
    made = [newcomer(world).submit(**body) for body in (
        {"text": "住在6号楼1203户，楼道灯不亮。"}, {"text": "楼里十来户都没有热水。"}, {"text": "全小区200多户停水两天了。"},
        {"title": "上百户居民没有热水", "text": "已经三天了，请尽快来修。"})]
    assert [weight(holder_of(world, a).seen(a))[0] for a in made] == ["micro", "small", "hard", "hard"]


def test_reported_again_is_one_step_up(world):
    someone = newcomer(world)
    body = {"text": "三号楼下水道又堵了，污水外溢。", "category_code": "noise.life"}
    first, second = someone.submit(**body), someone.submit(**body)
    staff = holder_of(world, second)
    now = wait_for(lambda: (lambda a: a if a["weight"]["repeated"] else None)(staff.seen(second)))
    assert weight(now) == ("small", "rules") and now["timeline"][-1]["action"]["code"] == "weigh"
    assert weight(staff.seen(first)) == ("micro", "rules")
    assert world.minhuctl("audit", "verify", "--appeal", second["number"]).returncode == 0


def test_one_that_cannot_be_raised_keeps_no_other_from_it(world):
    """They are raised together, and each by itself when one of them fails: here one that is what it would become."""
    bodies = [{"text": f"{n}号楼垃圾桶满了两天没人清运。", "category_code": "noise.life"} for n in (4, 5, 6)]
    people = [newcomer(world) for _ in bodies]
    for someone, body in zip(people, bodies):
        someone.submit(**body)
    stack("stop", world.folder, "jobs")
    try:
        again = [someone.submit(**body) for someone, body in zip(people, bodies)]
        world.sql(f"UPDATE appeal SET weight=2 WHERE number='{again[1]['number']}'")
    finally:
        stack("start", world.folder, "jobs")
    seen = [wait_for(lambda a=a: (lambda x: x if x["weight"]["repeated"] else None)(holder_of(world, a).seen(a))) for a in (again[0], again[2])]
    assert [weight(a) for a in seen] == [("small", "rules")] * 2
    left = holder_of(world, again[1]).seen(again[1])
    assert not left["weight"]["repeated"] and left["timeline"][-1]["action"]["code"] == "submit"
    world.sql(f"UPDATE appeal SET weight=1 WHERE number='{again[1]['number']}'")  # as its MAC has it


def test_staff_decide_with_a_reason(world):
    appeal = newcomer(world).submit(text="社区花园的木椅坏了一条腿。")
    staff = holder_of(world, appeal)
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/weigh", {"weight": "hard"}).problem(400, "invalid_request")
    now = weigh(staff, appeal, "hard").ok()
    assert weight(now) == ("hard", "staff") and now["version"] == 1, "who has it on the screen may go on"
    assert now["timeline"][-1]["text"] == "需多部门联合办理。"
    weigh(staff, appeal, "hard").problem(409, "conflict")
    again = staff.act(appeal, "classify", {"category_code": "noise.life"}).ok()
    assert weight(again) == ("hard", "staff"), "the rules leave it alone"
    item = next(i for i in staff.get("/zzd/v1/appeals?box=to_accept&limit=100").ok()["items"] if i["id"] == appeal["id"]) \
        if again["holder"]["code"] == appeal["holder"]["code"] else None
    assert item is None or item["weight"]["code"] == "hard"


def test_returned_twice_is_hard(world):
    appeal = newcomer(world).submit(text="社区花园的凉亭顶漏雨。")
    staff, upper = holder_of(world, appeal), world.staff(world.chain(appeal["holder"]["code"])[1])
    staff.act(appeal, "escalate", {"reason_code": reason(staff, "escalate")}).ok()
    for expected in ("micro", "hard"):
        upper.act(appeal, "delegate", {"unit_code": appeal["holder"]["code"]}).ok()
        now = staff.act(appeal, "return", {"reason_code": reason(staff, "return"), "text": "需上级协调。"}).status
        assert now == 200
        assert weight(upper.seen(appeal)) == (expected, "rules")


def test_a_box_is_sifted_by_weight_and_by_what_lacks_a_category(world):
    someone = newcomer(world)
    plain, hard, sorted_in = (someone.submit(text=f"凉亭{what}。") for what in ("漏雨", "倾斜", "太暗"))
    staff = holder_of(world, plain)
    weigh(staff, hard, "hard").ok()
    staff.act(sorted_in, "classify", {"category_code": "noise.life"}).ok()
    ours = {a["id"]: name for a, name in ((plain, "plain"), (hard, "hard"), (sorted_in, "sorted in"))}

    def sifted(box="to_accept", **sieve):
        """Page by page, so that cursors are sifted too."""
        query, got = {"box": box, "limit": 1, **sieve}, []
        while query:
            answer = staff.get("/zzd/v1/appeals?" + urllib.parse.urlencode(query)).ok()
            got += [ours.get(item["id"]) for item in answer["items"]]
            query = {**query, "cursor": answer["next_cursor"]} if answer["next_cursor"] else None
        return set(got) - {None}

    assert {staff.seen(a)["category"] is None for a in (plain, hard)} == {True}
    assert sifted(weight="hard") == {"hard"} and sifted(weight="micro") >= {"plain"} and "hard" not in sifted(weight="micro")
    assert sifted(uncategorised="true") == {"plain", "hard"} and sifted(uncategorised="true", weight="hard", view="brief") == {"hard"}
    assert not sifted(uncategorised="false") & {"plain", "hard"} and sifted(uncategorised="true", box="returned") == set()
    assert sifted(uncategorised="true", box="mine") == set() and sifted(uncategorised="true", weight="hard", box="due_soon") <= {"hard"}
    page = staff.get("/zzd/v1/appeals?box=to_accept&limit=1&uncategorised=true").ok()
    if page["next_cursor"]:
        staff.get(f"/zzd/v1/appeals?box=to_accept&limit=1&cursor={page['next_cursor']}").problem(400, "cursor_mismatch")
    staff.get("/zzd/v1/appeals?box=to_accept&weight=heavy").problem(400, "invalid_request")
    staff.get("/zzd/v1/appeals?box=to_accept&uncategorised=1").problem(400, "invalid_request")
