"""Standing groups: called in with one action, and the leading unit made lead."""

import pytest
from test_parts import here, lead, matter, resident, verify, world  # noqa: F401


@pytest.fixture(scope="module")
def community(world, here):  # noqa: F811
    return world.chain(here)[1]


@pytest.fixture
def hard(world, lead, matter):  # noqa: F811
    """A matter that has gone up to the community, which has taken it on."""
    lead.act(matter, "escalate", {"reason_code": lead.get("/zzd/v1/choices").ok()["reasons"]["escalate"][0]["code"]}).ok()
    staff = world.staff(world.chain(matter["holder"]["code"])[1])
    staff.act(matter, "accept", {}).ok()
    return staff.seen(matter)


def committee(client):
    return next(g for g in client.get("/zzd/v1/groups").ok()["items"] if g["area"]["tier"]["code"] == "village" and g["kind"]["code"] == "joint_committee")


def call(client, appeal, group, **more):
    return client.post(f"/zzd/v1/appeals/{appeal['id']}/groups", {"group_code": group["code"], "text": "楼道飞线整治，请共同到场商定。", **more},
                       version=client.seen(appeal)["version"])


def names(parts):
    return [p["unit"]["code"] if p["unit"] else p["organisation"] for p in parts["items"]]


def test_groups_of_the_unit_and_of_those_above(world, lead, community):  # noqa: F811
    areas = {g["area"]["code"] for g in lead.get("/zzd/v1/groups").ok()["items"]}
    assert areas == {community, *world.chain(community)[1:]}


def test_every_member_is_called_in_at_once(world, hard, community):  # noqa: F811
    staff = world.staff(community)
    group = committee(staff)
    parts = call(staff, hard, group).ok(201)
    members = [m["unit"]["code"] if m["unit"] else m["organisation"] for m in group["members"]]
    assert community in members
    assert set(names(parts)) == {*members, group["lead"]["code"]} - {community}
    assert all(p["state"]["code"] == "open" and p["due_by"] == hard["resolve_by"] for p in parts["items"])
    seen = staff.seen(hard)
    assert seen["holder"]["code"] == community and seen["parts"] == seen["parts_left"] == len(parts["items"])
    assert verify(world, hard)[0] == 0


def test_the_leading_unit_becomes_lead(world, resident, hard, community):  # noqa: F811
    staff = world.staff(community)
    group = committee(staff)
    parts = call(staff, hard, group, make_lead=True).ok(201)
    assert group["lead"]["code"] not in names(parts) and community in names(parts)
    leading = world.staff(group["lead"]["code"])
    now = leading.seen(hard)
    assert now["holder"]["code"] == group["lead"]["code"] and now["state"]["code"] == "submitted"
    assert now["resolve_by"] == hard["resolve_by"] and now["first_unit"] == hard["first_unit"]
    shown = [e for e in resident.own(hard)["timeline"] if e["action"]["code"] == "hand_lead"]
    assert len(shown) == 1 and shown[0]["text"] is None
    # The community is one of those called in now.
    own = next(p for p in parts["items"] if p["unit"] and p["unit"]["code"] == community)
    assert staff.post(f"/zzd/v1/parts/{own['id']}/answer", {"outcome": "done", "text": "已通知住户。"}).ok()["state"]["code"] == "done"
    leading.act(hard, "accept", {}).ok()
    assert leading.seen(hard)["parts_left"] == len(parts["items"]) - 1
    assert verify(world, hard)[0] == 0


def test_all_or_nothing(world, hard, community):  # noqa: F811
    staff = world.staff(community)
    group, path = committee(staff), f"/zzd/v1/appeals/{hard['id']}/groups"
    body = {"group_code": group["code"], "text": "请到场。", "make_lead": True}
    staff.post(path, body, version=hard["version"] + 7).problem(412, "version_mismatch")
    staff.post(path, body).problem(428, "version_required")
    staff.post(path, {**body, "group_code": "committee-9999"}, version=hard["version"]).problem(400, "invalid_request")
    assert staff.seen(hard)["parts"] == 0


def test_a_group_of_elsewhere_is_none(world, lead, matter):  # noqa: F811
    codes = {g["code"] for g in lead.get("/zzd/v1/groups").ok()["items"]}
    rows = world.stack.rows("groups.tsv")
    other = next(r["code"] for r in rows if r["code"] not in codes)
    lead.post(f"/zzd/v1/appeals/{matter['id']}/groups", {"group_code": other, "text": "请到场。"}, version=matter["version"]).problem(400, "invalid_request")
