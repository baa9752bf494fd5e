"""Who is on duty hears of what is urgent at once; who is away has nothing: it is with his substitute, or in the unit's box."""

import subprocess
import uuid

import pytest
from beijing import moment
from client import SLOW
from test_main_job import notice_of, wait_for
from test_staff import holder_of

FIRE = "地下车库起火了，浓烟很大！"


def put(client, kind, post_id, start=0, end=2, substitute=None, key=None):
    body = {"kind": kind, "post_id": post_id, "from": moment(hours=start), "until": moment(hours=end)}
    if substitute:
        body["substitute_post_id"] = substitute
    return client.post("/zzd/v1/rota", body, key=key)


def rota(client, unit=None):
    return client.get("/zzd/v1/rota" + (f"?unit_code={unit}" if unit else "")).ok()


@pytest.fixture
def unit(world):
    """A village with nobody on duty or away, and what is above it: its lead, dispatcher and handlers, and those of the town."""
    places = [p for p in world.stack.rows("places.tsv") if world.units[p["unit_code"]]["tier"] == "village"]
    place = places[len(places) // 3]
    yield {"code": place["unit_code"], "place": place["code"]}
    world.sql("DELETE FROM rota")


def post_of(client):
    return client.me["post"]["id"]


def test_the_one_on_duty_is_told_at_once(world, resident, unit):
    dispatcher, officer = world.staff(unit["code"]), world.staff(unit["code"], "handler")
    made = put(dispatcher, "duty", post_of(officer)).ok(201)
    assert made["now"] and made["who"]["post_id"] == post_of(officer) and made["who"]["name"] and made["substitute"] is None
    seen = rota(officer)
    assert seen["items"] == [made] and len(seen["gaps"]) == 1 and seen["gaps"][0]["from"] == made["until"] and not seen["overlaps"]
    calm = resident.submit(place_code=unit["place"], category_code=None, text="社区公告栏的字看不清楚了，请换新的。")
    burning = resident.submit(place_code=unit["place"], text=FIRE)
    assert burning["holder"]["code"] == unit["code"] == calm["holder"]["code"]
    notice = wait_for(lambda: notice_of(officer, "/zzd/v1", burning, "submit"))
    assert notice["urgent"] is True
    assert not notice_of(officer, "/zzd/v1", calm, "submit"), "what can wait is for those who hand it out"


def test_where_nobody_is_on_duty_the_unit_above_is_told(world, resident, unit):
    town = world.chain(unit["code"])[1]
    upper = world.staff(town)
    put(upper, "duty", post_of(upper)).ok(201)
    mine = world.staff(unit["code"], "handler")
    put(world.staff(unit["code"]), "duty", post_of(mine)).ok(201)
    put(mine, "absence", post_of(mine)).ok(201)
    burning = resident.submit(place_code=unit["place"], text=FIRE)
    assert wait_for(lambda: notice_of(upper, "/zzd/v1", burning, "submit"))["urgent"]
    assert not notice_of(mine, "/zzd/v1", burning, "submit"), "who is away is on no duty"
    assert upper.seen(burning)["id"] == burning["id"]


def test_gaps_and_overlaps_are_told(world, unit):
    dispatcher = world.staff(unit["code"])
    first, second = post_of(world.staff(unit["code"], "handler")), post_of(dispatcher)
    a = put(dispatcher, "duty", first, 1, 10).ok(201)
    b = put(dispatcher, "duty", second, 8, 20).ok(201)
    seen = rota(dispatcher)
    assert [i["id"] for i in seen["items"]] == [a["id"], b["id"]]
    assert seen["overlaps"] == [{"from": b["from"], "until": a["until"]}]
    assert [g["until"] for g in seen["gaps"]][0] == a["from"] and seen["gaps"][1]["from"] == b["until"]
    assert dispatcher.post(f"/zzd/v1/rota/{b['id']}/end", {}).status == 204
    assert not rota(dispatcher)["overlaps"] and len(rota(dispatcher)["items"]) == 1
    dispatcher.post(f"/zzd/v1/rota/{b['id']}/end", {}).problem(409, "conflict")
    assert [i["id"] for i in rota(world.staff(world.chain(unit["code"])[1]), unit["code"])["items"]] == [a["id"]], "who oversees sees it"


def test_refusals(world, unit):
    dispatcher, handler = world.staff(unit["code"]), world.staff(unit["code"], "handler")
    stranger = world.staff(world.chain(unit["code"])[-1], "unit_lead")
    put(handler, "duty", post_of(handler)).problem(403, "forbidden")
    put(handler, "absence", post_of(dispatcher)).problem(403, "forbidden")
    put(handler, "duty", post_of(stranger)).problem(404, "not_found")
    put(dispatcher, "duty", str(uuid.uuid4())).problem(404, "not_found")
    problem = put(dispatcher, "duty", post_of(handler), 5, 3).problem(400, "invalid_request")
    assert [e["pointer"] for e in problem["errors"]] == ["/until"]
    put(dispatcher, "duty", post_of(handler), 0, 24 * 400).problem(400, "invalid_request")
    put(dispatcher, "duty", post_of(handler), substitute=post_of(dispatcher)).problem(400, "invalid_request")
    put(handler, "absence", post_of(handler), substitute=post_of(stranger)).problem(409, "conflict")
    put(handler, "absence", post_of(handler), substitute=post_of(handler)).problem(409, "conflict")
    put(handler, "absence", post_of(handler), 1, 3, substitute=post_of(dispatcher)).ok(201)
    put(handler, "absence", post_of(handler), 2, 4).problem(409, "conflict")
    put(dispatcher, "absence", post_of(dispatcher), 2, 4, substitute=post_of(handler)).problem(409, "conflict")


def processing(world, resident, unit, post_id):
    appeal = resident.submit(place_code=unit["place"], text="社区活动室的门锁坏了，请修一下。")
    staff = holder_of(world, appeal)
    staff.act(appeal, "accept").ok()
    return staff, staff.act(appeal, "assign", {"post_id": post_id}).ok()


def test_who_is_away_has_nothing(world, resident, unit):
    dispatcher, handler = world.staff(unit["code"]), world.staff(unit["code"], "handler")
    key = str(uuid.uuid4())
    staff, appeal = processing(world, resident, unit, post_of(handler))
    assert appeal["assignee_post_id"] == post_of(handler)
    made = put(handler, "absence", post_of(handler), substitute=post_of(dispatcher), key=key).ok(201)
    assert put(handler, "absence", post_of(handler), substitute=post_of(dispatcher), key=key).status in (201, 422)
    now = wait_for(lambda: (lambda a: a if a["assignee_post_id"] == post_of(dispatcher) else None)(staff.seen(appeal)))
    assert now["state"]["code"] == "processing" and now["timeline"][-1]["action"]["code"] == "substitute" and now["step_by"] == appeal["step_by"]
    assert "substitute" not in [e["action"]["code"] for e in resident.own(appeal)["timeline"]], "who does it is the unit's own matter"
    wait_for(lambda: notice_of(dispatcher, "/zzd/v1", appeal, "substitute"))
    other = resident.submit(place_code=unit["place"], text="社区活动室的窗户关不上，请修一下。")
    staff.act(other, "accept").ok()
    staff.act(other, "assign", {"post_id": post_of(handler)}).problem(409, "conflict")
    assert handler.post(f"/zzd/v1/rota/{made['id']}/end", {}).status == 204
    staff.act(other, "assign", {"post_id": post_of(handler)}).ok()
    assert world.minhuctl("audit", "verify", "--appeal", appeal["number"]).returncode == 0


def test_without_a_substitute_it_is_the_units_again(world, resident, unit):
    dispatcher, handler = world.staff(unit["code"]), world.staff(unit["code"], "handler")
    staff, appeal = processing(world, resident, unit, post_of(handler))
    put(dispatcher, "absence", post_of(handler)).ok(201)
    now = wait_for(lambda: (lambda a: a if a["assignee_post_id"] is None else None)(staff.seen(appeal)))
    assert now["state"]["code"] == "accepted" and now["timeline"][-1]["action"]["code"] == "release"


def test_a_substitute_who_went_away_since_is_passed_over(world, resident, unit):
    dispatcher, handler = world.staff(unit["code"]), world.staff(unit["code"], "handler")
    staff, appeal = processing(world, resident, unit, post_of(handler))
    put(handler, "absence", post_of(handler), substitute=post_of(dispatcher)).ok(201)
    put(dispatcher, "absence", post_of(dispatcher)).ok(201)
    now = wait_for(lambda: (lambda a: a if a["assignee_post_id"] is None else None)(staff.seen(appeal)))
    assert now["state"]["code"] == "accepted"


def test_what_comes_while_they_are_away_is_told_to_who_is_there(world, resident, unit):
    handler, upper = world.staff(unit["code"], "handler"), [world.staff(unit["code"], role) for role in ("dispatcher", "unit_lead")]

    def told(*clients):
        matter = resident.submit(place_code=unit["place"], category_code=None, text="社区公告栏的字看不清楚了，请换新的。")
        assert matter["holder"]["code"] == unit["code"]
        for client in clients:
            wait_for(lambda c=client: notice_of(c, "/zzd/v1", matter, "submit"))
        return [bool(notice_of(client, "/zzd/v1", matter, "submit")) for client in (*upper, handler)]

    assert told(*upper) == [True, True, False]
    made = [put(client, "absence", post_of(client), substitute=post_of(handler) if n else None).ok(201) for n, client in enumerate(upper)]
    assert told(handler) == [False, False, True], "the dispatcher has no substitute, the lead has one"
    assert upper[1].post(f"/zzd/v1/rota/{made[1]['id']}/end", {}).status == 204
    assert told(upper[1]) == [False, True, False]
    put(upper[1], "absence", post_of(upper[1])).ok(201)
    assert told(handler)[2], "nobody who hands out is there: so everybody hears of it"


# ---- from a file ----

def minute(hours):
    return moment("minutes", hours=hours)[:16].replace("T", " ")


def write(folder, *rows):
    head = ("kind", "employee_code", "unit_code", "from", "until", "substitute_code")
    (folder / "rota.tsv").write_text("".join("\t".join(row) + "\n" for row in (head, *rows)), encoding="utf-8")
    return folder


def test_a_month_comes_from_a_file(world, resident, unit, tmp_path):
    codes = [world.staff_code(unit["code"], ("handler",), nth) for nth in range(2)] + [world.staff_code(unit["code"], ("dispatcher",))]
    dispatcher, officer = world.staff(unit["code"]), world.staff(unit["code"], "handler")
    rows = [("duty", codes[0], unit["code"], minute(-30), minute(10), ""), ("duty", codes[1], unit["code"], minute(10), minute(20), ""),
            ("absence", codes[1], unit["code"], minute(30), minute(40), codes[2])]
    told = world.minhuctl("import", write(tmp_path, *rows)).stdout
    assert "rota.tsv" in told and "3 rows, 3 of them new" in told, told
    made = rota(dispatcher)["items"]
    assert [i["kind"] for i in made] == ["duty", "duty", "absence"] and made[0]["now"] and made[0]["who"]["post_id"] == post_of(officer)
    assert made[2]["substitute"]["post_id"] == post_of(dispatcher) and made[0]["from"].startswith(rows[0][3].replace(" ", "T"))
    burning = resident.submit(place_code=unit["place"], text=FIRE)
    wait_for(lambda: notice_of(officer, "/zzd/v1", burning, "submit"))

    # The same again is nothing new; another end is another end; what isn't named stays.
    assert "3 rows, 0 of them new" in world.minhuctl("import", tmp_path).stdout and rota(dispatcher)["items"] == made
    longer = ("absence", codes[1], unit["code"], rows[2][3], minute(50), "")
    assert "1 rows, 0 of them new" in world.minhuctl("import", write(tmp_path, longer)).stdout
    now = rota(dispatcher)["items"]
    assert now[:2] == made[:2] and now[2]["id"] == made[2]["id"] and now[2]["until"] > made[2]["until"] and now[2]["substitute"] is None
    assert dispatcher.post(f"/zzd/v1/rota/{made[1]['id']}/end", {}).status == 204, "it is as one that was set by hand"


def test_a_file_with_faults_does_nothing(world, unit, tmp_path):
    dispatcher, mine = world.staff(unit["code"]), world.staff_code(unit["code"], ("handler",))
    other = world.staff_code(unit["code"], ("dispatcher",))
    put(dispatcher, "absence", post_of(world.staff(unit["code"], "handler")), 100, 110).ok(201)
    before = rota(dispatcher)["items"]
    bad = write(tmp_path, ("duty", mine, unit["code"], minute(1), minute(2), ""), ("duty", "GE_nobody", unit["code"], minute(1), minute(2), ""),
                ("duty", mine, "dep-city", minute(1), minute(2), ""), ("duty", mine, unit["code"], minute(5), minute(4), ""),
                ("duty", mine, unit["code"], minute(-9), minute(-8), ""), ("duty", mine, unit["code"], minute(1), minute(2), ""),
                ("absence", mine, unit["code"], minute(105), minute(120), ""), ("absence", other, unit["code"], minute(105), minute(120), mine),
                ("duty", mine, unit["code"], minute(8), minute(9), other), ("duty", mine, unit["code"], "2026-12-01", minute(9), ""))
    done = world.minhuctl("import", bad, check=False)
    told = {line.split(":")[1]: line for line in done.stderr.splitlines() if "rota.tsv:" in line}
    assert done.returncode == 65 and set(told) == {str(n) for n in range(3, 12)}, done.stderr
    for line, word in (("3", "nobody"), ("4", "no post"), ("5", "not after"), ("6", "over already"), ("7", "same as in line 2"), ("8", "overlaps with an entry"),
                       ("9", "is away in that time"), ("10", "no meaning for duty"), ("11", "a time like")):
        assert word in told[line], told[line]
    assert rota(dispatcher)["items"] == before, "the good row neither"
    assert world.minhuctl("import", write(tmp_path, ("duty", mine, unit["code"])), check=False).returncode == 65


def test_two_imports_at_once_make_one(world, unit, tmp_path):
    row = ("duty", world.staff_code(unit["code"], ("handler",)), unit["code"], minute(1), minute(2), "")
    write(tmp_path, row)
    patient = tmp_path / "minhu.conf"  # who comes second waits for all of the first's import, which an instrumented program does slowly
    patient.write_text((world.folder / "minhu.conf").read_text().replace("[database]\n", f"[database]\nlock_wait_seconds = {max(1, int(SLOW))}\n", 1))
    command = [f"{world.build}/minhuctl", "--config", str(patient), "import", str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [p.communicate()[0] for p in both]
    assert [p.returncode for p in both] == [0, 0] and sorted("1 of them new" in t for t in told) == [False, True], told
    assert len(rota(world.staff(unit["code"]))["items"]) == 1


def test_the_demonstration_brings_a_rota(world):
    rows = world.stack.rows("rota.tsv")
    assert {r["kind"] for r in rows} == {"duty", "absence"} and any(r["substitute_code"] for r in rows)
    assert {r["unit_code"] for r in rows} == {"town-0024"}
    assert {world.units[p["unit_code"]]["code"] for p in world.posts if p["employee_code"] in {r["employee_code"] for r in rows}} == {"town-0024"}
