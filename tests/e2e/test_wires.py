"""The wires case: residents report wires in the stairwell; the community asks its joint committee, whose leading office calls the owners'
committee, the property office, the residents' delegates, four telecom operators and the community to meetings and site visits, until it
is solved; the result is told, and rated."""

import uuid

from beijing import moment
from calm import world  # noqa: F401
from client import Client
from test_parts import verify

OPERATORS = ("云岚电信", "云岚移动", "云岚联通", "云岚广电")


class Lead:
    """The leading office at its work."""

    def __init__(self, client, appeal):
        self.client, self.appeal, self.base = client, appeal, f"/zzd/v1/appeals/{appeal['id']}"

    def meeting(self, parts, agenda, **minutes):
        """Called with everybody who has a part, held with all of them but the owners' committee."""
        people = [{"unit_code": p["unit"]["code"], "role": "负责人"} if p["unit"] else {"organisation": p["organisation"], "name": "网络部工程师"}
                  for p in parts]
        made = self.client.post(f"{self.base}/meetings", {"at": moment(hours=3), "place": "社区议事厅", "agenda": agenda, "invited": people}).ok(201)
        return self.client.post(f"/zzd/v1/meetings/{made['id']}/minutes", {"came": people[1:], **minutes}).ok()

    def visit(self, text, **more):
        came = [{"organisation": name} for name in OPERATORS]
        return self.client.post(f"{self.base}/visits", {"at": moment(hours=-1), "place": "3 幢楼道", "text": text, "came": came, **more}).ok(201)

    def parts(self):
        return self.client.get(f"{self.base}/parts").ok()["items"]

    def answered(self, part, text):
        """By the unit's own people, or by the link of who has no account."""
        body = {"outcome": "done", "text": text}
        if part["unit"]:
            return self.client.world.staff(part["unit"]["code"]).post(f"/zzd/v1/parts/{part['id']}/answer", body).ok()
        token = self.client.post(f"/zzd/v1/parts/{part['id']}/link", {}).ok(201)["token"]
        guest = Client(self.client.world, token, "open")
        assert guest.get("/open/v1/part").ok()["organisation"] == part["organisation"]
        return guest.post("/open/v1/part/answer", body, key=str(uuid.uuid4())).ok()


def test_wires_in_the_stairwell(world):
    resident = world.resident(2)
    appeal = resident.submit(text="3 幢楼道里各家的网线、电视线缠成一团，垂到扶手上，老人容易绊倒，反映多次没人管。", category_code="property.owners")
    community = world.staff(appeal["holder"]["code"])
    assert appeal["holder"]["tier"]["code"] == "village"
    community.act(appeal, "accept", {}).ok()
    group = next(g for g in community.get("/zzd/v1/groups").ok()["items"] if g["area"]["code"] == appeal["holder"]["code"] and g["kind"]["code"] == "joint_committee")
    body = {"group_code": group["code"], "text": "楼道飞线整治，请共同到场商定，各自整理本单位线缆。", "make_lead": True}
    community.post(f"/zzd/v1/appeals/{appeal['id']}/groups", body, version=2).ok(201)

    lead = Lead(world.staff(group["lead"]["code"]), appeal)
    lead.client.act(appeal, "accept", {}).ok()
    parts = lead.parts()
    kinds = {world.units[p["unit"]["code"]]["kind"] for p in parts if p["unit"]}
    assert kinds == {"owners_committee", "compound", "residents_delegates", "village"}
    assert [p["organisation"] for p in parts if not p["unit"]] == list(OPERATORS)

    lead.meeting(parts, "摸清各家线路，商定整治办法", text="各家认领线路，物业负责协调住户。", public_text="已开第一次会，各运营商认领线路。")
    lead.visit("共 12 处飞线，5 处无人认领。", public_text="已会同四家运营商到现场查看。")
    property_part = next(p for p in parts if p["unit"] and world.units[p["unit"]["code"]]["kind"] == "compound")
    decisions = [{"text": "安装公共线槽，无主线缆一并拆除", "unit_code": property_part["unit"]["code"], "as_part": True}]
    second = lead.meeting(parts, "定下施工日期", text="统一入槽，无主线缆拆除。", decisions=decisions, public_text="已定下施工日期。")
    assert second["decisions"][0]["part"] == len(parts) + 1
    resolve = {"outcome": "solved", "text": "楼道线缆已全部入槽，无主线缆已拆除，运营商每季度巡查一次。"}
    lead.client.act(appeal, "resolve", resolve).problem(409, "conflict")

    for part in lead.parts():
        assert lead.answered(part, "已按会议要求完成。")["state"]["code"] == "done"
    lead.visit("全部入槽，通道畅通。", public_text="已验收。")
    assert lead.client.seen(appeal)["parts_left"] == 0
    lead.client.act(appeal, "resolve", resolve).ok()

    mine = resident.own(appeal)
    told = [e["action"]["code"] for e in mine["timeline"]]
    assert told == ["submit", "accept", "hand_lead", "accept", "meeting_held", "site_visit", "meeting_held", "site_visit", "resolve"]
    assert mine["result"] == resolve["text"] and mine["first_unit"] == appeal["holder"]
    # Whose time it took: the community's, then the leading office's.
    assert [line["unit"]["code"] for line in mine["ledger"]] == [appeal["holder"]["code"], group["lead"]["code"]]
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": True, "stars": 5, "comment": "终于整齐了"}, version=mine["version"]).ok()
    assert verify(world, appeal)[0] == 0
