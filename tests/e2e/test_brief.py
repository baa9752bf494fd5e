"""The brief forms: lists with view=brief, and writes with Prefer: return=minimal."""

import uuid

BRIEF = {"id", "number", "title", "state", "version", "resolve_by", "overdue"}


def fits(brief, full):
    """A brief item says of each thing what the full one says, by code."""
    assert set(brief) == BRIEF
    wanted = {key: full[key]["code"] if isinstance(full[key], dict) else full[key] for key in BRIEF}
    assert brief == wanted


def in_both_views(client, path):
    """The list in full and in brief, of one state: a clock may move a matter between two looks."""
    for _ in range(5):
        full, brief, after = (client.get(f"{path}&view={view}").ok()["items"] for view in ("full", "brief", "full"))
        if after == full:
            return full, brief
    raise AssertionError(f"{path} never rests")


def test_lists_in_brief(world, resident, appeal):
    full, brief = in_both_views(resident, "/zlb/v1/appeals?limit=5")
    assert [i["id"] for i in brief] == [i["id"] for i in full] and full
    for one, other in zip(brief, full):
        fits(one, other)
    same_state = resident.get("/zlb/v1/appeals?state=submitted&view=brief&limit=100").ok()["items"]
    assert appeal["id"] in [i["id"] for i in same_state] and {i["state"] for i in same_state} == {"submitted"}
    staff = world.staff(appeal["holder"]["code"])
    for box in ("to_accept", "due_soon", "overdue", "mine", "returned", "in_hand", "unrated", "escalated"):
        full, brief = in_both_views(staff, f"/zzd/v1/appeals?box={box}&limit=20")
        assert [i["id"] for i in brief] == [i["id"] for i in full]
        for one, other in zip(brief, full):
            fits(one, other)
    resident.get("/zlb/v1/appeals?view=short").problem(400, "invalid_request")


def test_a_brief_list_pages_on(resident, appeal):
    for _ in range(2):
        resident.submit()
    first = resident.get("/zlb/v1/appeals?view=brief&limit=1").ok()
    second = resident.get(f"/zlb/v1/appeals?view=brief&limit=1&cursor={first['next_cursor']}").ok()
    assert first["items"][0]["id"] > second["items"][0]["id"]


def test_an_excerpt_is_how_the_text_begins(world, resident):
    long_text = "路灯坏了，" * 40
    item_of = {len(text): next(i for i in resident.get("/zlb/v1/appeals?limit=5").ok()["items"] if i["id"] == made["id"])
               for text in ("路灯坏了，晚上很黑。", long_text) for made in [resident.submit(text=text)]}
    assert item_of[10]["excerpt"] == "路灯坏了，晚上很黑。"
    assert item_of[len(long_text)]["excerpt"] == long_text[:50]


def test_writes_answer_in_brief_when_asked(world, resident):
    key, wish = str(uuid.uuid4()), {"Prefer": "handling=lenient, Return=minimal; x=1"}
    body = {"kind": "help", "text": "楼道灯不亮，请来看看。"}
    made = resident.post("/zlb/v1/appeals", body, key=key, **wish)
    assert made.status == 201 and made.headers["preference-applied"] == "return=minimal" and made.headers["etag"]
    full = resident.own(made.json)
    fits(made.json, full)
    assert made.headers["location"].endswith(full["id"])
    again = resident.post("/zlb/v1/appeals", body, key=key)
    assert again.json == made.json and again.headers["idempotent-replayed"] == "true", "the first answer, in the form it had"
    assert "preference-applied" not in again.headers
    in_full = uuid.uuid4()
    whole = resident.post("/zlb/v1/appeals", body, key=str(in_full)).ok(201)
    again = resident.post("/zlb/v1/appeals", body, key=str(in_full), **wish)
    assert again.json == whole and "preference-applied" not in again.headers, "a wish that was not granted"
    staff = world.staff(full["holder"]["code"])
    accepted = staff.post(f"/zzd/v1/appeals/{full['id']}/accept", {}, version=1, **wish)
    fits(accepted.ok(), staff.get(f"/zzd/v1/appeals/{full['id']}").ok())
    whole = staff.post(f"/zzd/v1/appeals/{full['id']}/notes", {"text": "内部说明。"}, Prefer="return=representation")
    assert "timeline" in whole.ok() and "preference-applied" not in whole.headers
