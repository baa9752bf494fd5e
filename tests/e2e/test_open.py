"""Third parties: orders by API key."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_main_job import wait_for


@pytest.fixture(scope="module")
def party(world):
    return world.third_party("smart-property", "property", "post,read,feed", "--per-minute", "100000")


def order(world, **changes):
    body = {"external_id": f"WY-{uuid.uuid4().hex[:10]}", "kind": "report", "text": "地下车库漏水，业主报修。", "place_code": world.place["code"],
            "reporter_name": "钱业主", "reporter_phone": "13700137000"}
    body.update(changes)
    return {k: v for k, v in body.items() if v is not None}


def post(party, body, key=None):
    return party.post("/open/v1/appeals", body, key=key or str(uuid.uuid4()))


def test_an_order_by_any_of_its_numbers(world, party):
    body = order(world)
    made = post(party, body).ok(201)
    for path in (made["id"], f"by-external-id/{body['external_id']}", f"by-number/{made['number']}"):
        assert party.get(f"/open/v1/appeals/{path}").ok()["id"] == made["id"]
    assert made["external_id"] == body["external_id"] and made["channel"]["code"] == "property"


def test_the_same_number_twice_is_the_same_order(world, party):
    body = order(world)
    first, again = post(party, body).ok(201), post(party, body).ok(200)
    assert first["id"] == again["id"]
    post(party, {**body, "text": "完全不同的另一件事情。"}).problem(409, "conflict")


def test_fifty_at_once_are_one(world, party):
    body, key = order(world), str(uuid.uuid4())
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda _: post(party, body, key), range(50)))
    assert {a.status for a in answers} <= {200, 201, 409} and any(a.status == 201 for a in answers), [a.status for a in answers]
    assert len({a.json["id"] for a in answers if a.status in (200, 201)}) == 1
    assert world.sql(f"SELECT COUNT(*) FROM appeal WHERE external_id='{body['external_id']}'") == [["1"]]


def test_a_key_is_required(world, party):
    party.post("/open/v1/appeals", order(world)).problem(400, "idempotency_key_required")


def test_the_reporter_who_signs_in_sees_and_rates_it(world, party):
    phone = f"136{uuid.uuid4().int % 10**8:08d}"
    made = post(party, order(world, reporter_phone=phone)).ok(201)
    person = world.add_resident(mobile=phone, idnum=None, authlevel="2")
    one = world.sign_in(person["userid"])
    assert [i["id"] for i in one.get("/zlb/v1/appeals").ok()["items"]] == [made["id"]]
    later = post(party, order(world, reporter_phone=phone)).ok(201)
    assert one.own(later)["id"] == later["id"], "a known phone's order is his at once"
    staff = world.staff(made["holder"]["code"])
    staff.act(made, "accept").ok()
    staff.act(made, "resolve", {"outcome": "solved", "text": "已维修完毕。"}).ok()
    one.post(f"/zlb/v1/appeals/{made['id']}/rate", {"solved": True, "stars": 4}, version=one.own(made)["version"]).ok()
    assert party.get(f"/open/v1/appeals/{made['id']}").ok()["stars"] == 4


def test_who_takes_an_order_over_speaks_for_himself(world, party):
    phone = f"136{uuid.uuid4().int % 10**8:08d}"
    made = post(party, order(world, reporter_phone=phone)).ok(201)
    assert "withdraw" in made["allowed"]
    one = world.sign_in(world.add_resident(mobile=phone, idnum=None, authlevel="2")["userid"])
    path = f"/open/v1/appeals/{made['id']}"
    before = party.post(f"{path}/supplement", {"text": "补充：在 B2 层。"}, key=str(uuid.uuid4())).ok()
    assert one.own(made)["state"] and "withdraw" in before["allowed"], "who only looks has not spoken; nor is it told who has an account"
    one.post(f"/zlb/v1/appeals/{made['id']}/supplement", {"text": "物业态度恶劣，请为我保密。"}).ok()
    assert party.post(f"{path}/withdraw", {}, version=1, key=str(uuid.uuid4())).problem(403, "forbidden")["detail"].startswith("诉求人已用本人账号跟进")
    demands = {"demands": [{"text": "修好电梯"}, {"text": "说明原因"}]}
    party.post(f"{path}/demands", demands, version=1, key=str(uuid.uuid4())).problem(403, "forbidden")
    assert not {"withdraw", "answer", "number_demands"} & set(party.get(path).ok()["allowed"])
    assert post(party, order(world, reporter_phone=phone, external_id=made["external_id"])).ok()["allowed"] == ["supplement"]
    staff = world.staff(made["holder"]["code"])
    staff.act(made, "accept").ok()
    staff.act(made, "ask", {"text": "电梯是几号梯？"}).ok()
    party.post(f"{path}/answer", {"text": "二号梯。"}, key=str(uuid.uuid4())).problem(403, "forbidden")
    one.post(f"/zlb/v1/appeals/{made['id']}/answer", {"text": "我家门口那部，请别告诉物业。"}).ok()
    staff.act(made, "resolve", {"outcome": "solved", "text": "已维修完毕。"}).ok()
    one.post(f"/zlb/v1/appeals/{made['id']}/rate", {"solved": True, "stars": 2, "comment": "是物业拖了半年。"}, version=one.own(made)["version"]).ok()
    own, theirs = one.own(made), party.get(path).ok()
    assert own["rating_comment"] == "是物业拖了半年。" and "请为我保密" in str(own["timeline"]) and "请别告诉物业" in str(own["timeline"])
    assert theirs["rating_comment"] is None and theirs["stars"] == 2 and theirs["result"] == "已维修完毕。" and theirs["allowed"] == []
    said = [(e["by"]["kind"], e["action"]["code"], e["text"]) for e in theirs["timeline"] if e["action"]["code"] in ("supplement", "answer", "rate")]
    assert said == [("client", "supplement", "补充：在 B2 层。"), ("resident", "supplement", None), ("resident", "answer", None), ("resident", "rate", None)]
    assert "请为我保密" in str(staff.get(f"/zzd/v1/appeals/{made['id']}").ok()["timeline"]), "who works on it reads it"


def test_an_order_without_an_account_behind_it_is_withdrawn(world, party):
    other = f"136{uuid.uuid4().int % 10**8:08d}"
    made = post(party, order(world, reporter_phone=other)).ok(201)
    assert party.post(f"/open/v1/appeals/{made['id']}/withdraw", {}, version=1, key=str(uuid.uuid4())).ok()["state"]["code"] == "withdrawn"


def test_supplement_and_withdraw(world, party):
    made = post(party, order(world)).ok(201)
    party.post(f"/open/v1/appeals/{made['id']}/supplement", {"text": "补充：在 B2 层。"}, key=str(uuid.uuid4())).ok()
    party.post(f"/open/v1/appeals/{made['id']}/withdraw", {}, key=str(uuid.uuid4())).problem(428, "version_required")
    assert party.post(f"/open/v1/appeals/{made['id']}/withdraw", {}, version=1, key=str(uuid.uuid4())).ok()["state"]["code"] == "withdrawn"


def test_what_changed_in_order_and_complete(world, party):
    start = None
    while True:  # to the end of what is there
        page = party.get("/open/v1/changes?limit=100" + (f"&cursor={start}" if start else "")).ok()
        start = page["next_cursor"]
        if not page["items"]:
            break
    made = [post(party, order(world)).ok(201)["id"] for _ in range(6)]
    seen = []

    def all_there():
        nonlocal start
        page = party.get(f"/open/v1/changes?limit=2&cursor={start}").ok()
        seen.extend(page["items"])
        start = page["next_cursor"]
        return {i["appeal_id"] for i in seen if i["action"]["code"] == "submit"} >= set(made)

    wait_for(all_there, 20)
    numbers = [i["seq"] for i in seen]
    assert numbers == sorted(set(numbers))
    given = "SELECT seq FROM appeal_event WHERE seq IS NOT NULL UNION ALL SELECT seq FROM audit_line WHERE seq IS NOT NULL"
    assert world.sql(f"SELECT MAX(seq)-COUNT(*),COUNT(*)-COUNT(DISTINCT seq) FROM ({given}) s") == [["0", "0"]], "of all together none is left out"


def test_only_ones_own_orders(world, party):
    made = post(party, order(world)).ok(201)
    other = world.third_party()
    for path in (made["id"], f"by-external-id/{made['external_id']}", f"by-number/{made['number']}"):
        other.get(f"/open/v1/appeals/{path}").problem(404, "not_found")
    assert made["id"] not in str(other.get("/open/v1/changes").ok())


def test_scopes(world):
    reader = world.third_party(None, "hotline_12345", "read")
    post(reader, order(world)).problem(403, "forbidden")
    reader.get("/open/v1/changes").problem(403, "forbidden")
    me = reader.get("/open/v1/me").ok()
    assert me["scopes"] == ["read"] and me["channel"]["code"] == "hotline_12345"
    for path in ("/open/v1/categories", "/open/v1/choices", "/open/v1/places?limit=1", "/open/v1/meta"):
        reader.get(path).ok()


def test_an_address_list(world):
    far = world.third_party(None, "property", "read", "--addresses", "192.0.2.0/24")
    far.get("/open/v1/me").problem(403, "address_not_allowed")


def test_a_quota_is_told_and_kept(world):
    poor = world.third_party(None, "property", "read", "--per-minute", "5")
    answers = [poor.get("/open/v1/me") for _ in range(8)]
    assert [a.status for a in answers[:5]] == [200] * 5 and answers[-1].status == 429
    answers[-1].problem(429, "too_many_requests")
    assert answers[0].headers["ratelimit-policy"] == '"key";q=5;w=60' and answers[0].headers["ratelimit"].startswith('"key";r=4;t=')
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_key_bound_to_a_unit(world):
    chain = world.chain(world.units[world.place["unit_code"]]["code"])
    town = chain[-2]
    bound = world.third_party(None, "property", "post,read", "--units", town)
    made = post(bound, order(world)).ok(201)
    assert town in world.chain(made["holder"]["code"])
    far = next(p for p in world.stack.rows("places.tsv") if town not in world.chain(p["unit_code"]))
    post(bound, order(world, place_code=far["code"])).problem(403, "forbidden")


def test_a_key_is_made_of_what_makes_sense(world):
    """What is wrong is named; a name that would break the list into other lines is no name."""
    for option, value in (("client", "a\nb"), ("client", ""), ("scopes", "post,admin"), ("per-minute", "0"), ("expires", "99999"), ("channel", "nope")):
        given = {"client": "c", "channel": "property", "scopes": "post", option: value}
        done = world.minhuctl("key", "create", *(word for name, text in given.items() for word in (f"--{name}", text)), check=False)
        assert done.returncode == 64 and f"--{option}" in done.stderr.splitlines()[0], (option, done.stderr)
