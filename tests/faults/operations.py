"""One good request of every operation of the contract, made anew as often as one likes, each with what it acts on."""

import itertools
import re
import time
import uuid

from beijing import day, moment
from client import Client
from request import Request, letters, photo


TWO_DEMANDS = {"demands": [{"text": "何时修好？"}, {"text": "请加强巡查，电话 13612345678"}]}


class Operations:
    """Looks at what stands still (self.standing) and acts on what it makes for the purpose."""

    def __init__(self, world):
        self.world = world
        self.resident = world.resident(0)
        self.looker = world.resident(1)  # reads; nothing is made in this name meanwhile
        self.nobody = {entry: Client(world, None, entry) for entry in ("zlb", "zzd", "open")}
        self.party = world.third_party(f"party-{letters()}", "property", "post,read,feed", "--per-minute", "1000000")
        self.turn = itertools.cycle((0, 1))
        self.standing = self.looker.submit(attachment_ids=[self.upload(self.looker)])
        self.photo = self.standing["attachments"][0]["id"]
        self.order = self.send(self.postOrder()).ok(201)
        self.unit = self.standing["holder"]["code"]
        self.above = world.chain(self.unit)[1]
        unit = world.units[self.unit]
        self.beside = next(u["code"] for u in world.units.values()
                           if u["parent_code"] == unit["parent_code"] and u["tier"] == unit["tier"] and u["code"] != self.unit)
        self.staff = world.staff(self.unit)
        self.upper = world.staff(self.above)
        self.counit = world.staff(self.beside)
        self.boss = world.staff(world.chain(self.unit)[-1], "district_supervisor", "unit_lead")
        self.handler = world.staff(self.unit, "handler")
        self.admin = next(world.staff(code, "administrator") for code in world.chain(self.unit) if self.has_admin(code))
        choices = self.staff.get("/zzd/v1/choices").ok()["reasons"]
        self.reasons = {purpose: rows[0]["code"] for purpose, rows in choices.items() if rows}
        self.category = self.staff.get("/zzd/v1/categories").ok()["items"][0]["code"]
        self.staff.act(self.standing, "accept", {}, version=1).ok()
        self.topic = self.make_topic(self.standing)
        for client, path in ((self.looker, "/zlb/v1/notices?limit=1"), (self.staff, "/zzd/v1/notices?limit=1")):
            self.wait(lambda c=client, p=path: c.get(p).ok()["items"])

    def has_admin(self, code):
        try:
            return self.world.staff_code(code, ("administrator",))
        except LookupError:
            return None

    def make_topic(self, appeal):
        made = uuid.uuid4()
        self.world.sql(f"INSERT INTO topic (id,area_id,first_at,last_at,members) VALUES (UNHEX('{made.hex}'),0,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6),3)")
        self.world.sql(f"INSERT INTO topic_member (topic_id,appeal_id,at) VALUES (UNHEX('{made.hex}'),UNHEX('{appeal['id'].replace('-', '')}'),UTC_TIMESTAMP(6)) "
                       "ON DUPLICATE KEY UPDATE topic_id=VALUES(topic_id)")
        return made

    @staticmethod
    def wait(look):
        end = time.monotonic() + 30
        while not look():
            assert time.monotonic() < end, "no notice came"
            time.sleep(0.2)

    @staticmethod
    def send(request):
        return request.send()

    def make(self, operation):
        return getattr(self, operation)() if hasattr(self, operation) else self.read(operation)

    # ---- states of an appeal ----

    @staticmethod
    def upload(client):
        return client.send("POST", "/zlb/v1/attachments", photo(), {"Content-Type": "image/jpeg"}, record=False).ok(201)["id"]

    def submitted(self):
        return self.resident.submit()

    def accepted(self):
        appeal = self.submitted()
        self.staff.act(appeal, "accept", {}, version=1).ok()
        return appeal

    def assigned(self):
        appeal = self.accepted()
        self.staff.act(appeal, "assign", {"post_id": self.handler.me["post"]["id"]}, version=2).ok()
        return appeal

    def resolved(self):
        appeal = self.accepted()
        self.staff.act(appeal, "resolve", {"outcome": "solved", "text": "已更换路灯，试亮正常。"}, version=2).ok()
        return appeal

    def escalated(self):
        appeal = self.submitted()
        self.staff.act(appeal, "escalate", {"reason_code": self.reasons["escalate"]}, version=1).ok()
        return appeal

    def delegated(self):
        appeal = self.escalated()
        self.upper.act(appeal, "delegate", {"unit_code": self.unit}, version=2).ok()
        return appeal

    def act(self, client, appeal, action, body, events, version=None, key=True):
        prefix = {"zlb": "/zlb/v1", "zzd": "/zzd/v1", "open": "/open/v1"}[client.entry]
        return Request(client, "POST", f"{prefix}/appeals/{appeal['id']}/{action}", body, version, key, appeal, events)

    # ---- reads ----

    def read(self, operation):
        entry, who, path = {
            "getMeta": ("zlb", None, "meta"), "getStaffMeta": ("zzd", None, "meta"), "getOpenMeta": ("open", None, "meta"),
            "listSessions": ("zlb", self.looker, "sessions"), "staffListSessions": ("zzd", self.staff, "sessions"),
            "getMe": ("zlb", self.looker, "me"), "getStaffMe": ("zzd", self.staff, "me"), "getClient": ("open", self.party, "me"),
            "listCategories": ("zlb", self.looker, "categories"), "staffListCategories": ("zzd", self.staff, "categories"),
            "openListCategories": ("open", self.party, "categories"),
            "getCategoryForm": ("zlb", self.looker, "categories/property.building.lift/form"),
            "openGetCategoryForm": ("open", self.party, "categories/property.building.lift/form"),
            "listChoices": ("zlb", self.looker, "choices"), "staffListChoices": ("zzd", self.staff, "choices"),
            "openListChoices": ("open", self.party, "choices"),
            "findTags": ("zlb", self.looker, "tags?code=lift-0007.K3W9A2QX"),
            "listPlaces": ("zlb", self.looker, "places?limit=20&near_lng=120.1&near_lat=30.2"), "staffListPlaces": ("zzd", self.staff, "places?limit=20"),
            "openListPlaces": ("open", self.party, "places?limit=20"), "openListTroubles": ("open", self.party, "troubles"),
            "listTroubles": ("zlb", self.looker, "troubles"), "listJoinedTroubles": ("zlb", self.looker, "troubles/joined?limit=20"),
            "getTrouble": ("zlb", self.looker, f"troubles/{self.standing_trouble()}"), "staffGetTrouble": ("zzd", self.staff, f"troubles/{self.standing_trouble()}"),
            "staffListTroubles": ("zzd", self.staff, "troubles?limit=20"), "listDisasterModes": ("zzd", self.staff, "disaster-mode"),
            "listAppeals": ("zlb", self.looker, "appeals?limit=20"), "getAppeal": ("zlb", self.looker, f"appeals/{self.standing['id']}"),
            "listTimeline": ("zlb", self.looker, f"appeals/{self.standing['id']}/timeline?limit=20"),
            "listNotices": ("zlb", self.looker, "notices?limit=20"), "countUnread": ("zlb", self.looker, "notices/unread"),
            "getAttachment": ("zlb", self.looker, f"attachments/{self.photo}"), "staffGetAttachment": ("zzd", self.staff, f"attachments/{self.photo}"),
            "listUnits": ("zzd", self.staff, "units?limit=20"), "listColleagues": ("zzd", self.staff, "colleagues"),
            "getBoxes": ("zzd", self.staff, "boxes"), "listBox": ("zzd", self.staff, "appeals?box=in_hand&limit=20"),
            "findAppealByNumber": ("zzd", self.staff, f"appeals/by-number/{self.standing['number']}"),
            "staffGetAppeal": ("zzd", self.staff, f"appeals/{self.standing['id']}"),
            "listRulings": ("zzd", self.staff, "rulings?limit=20"),
            "listTemplates": ("zzd", self.staff, f"appeals/{self.standing['id']}/templates?kind=resolve"),
            "explainRouting": ("zzd", self.staff, f"appeals/{self.standing['id']}/why"),
            "staffListTimeline": ("zzd", self.staff, f"appeals/{self.standing['id']}/timeline?limit=20"),
            "listAlike": ("zzd", self.staff, f"appeals/{self.standing['id']}/alike"),
            "listTopics": ("zzd", self.staff, "topics"), "listTopicAppeals": ("zzd", self.staff, f"topics/{self.topic}/appeals?limit=20"),
            "listFollowers": ("zzd", self.staff, f"appeals/{self.standing['id']}/followers?limit=20"),
            "listParts": ("zzd", self.staff, f"appeals/{self.standing['id']}/parts"), "listMyParts": ("zzd", self.counit, "parts?limit=20"),
            "listGroups": ("zzd", self.staff, "groups"), "listMeetings": ("zzd", self.staff, f"appeals/{self.standing['id']}/meetings"),
            "listViews": ("zzd", self.staff, "views"), "listPhrases": ("zzd", self.staff, "phrases"), "listRota": ("zzd", self.staff, "rota"),
            "listNearby": ("zzd", self.staff, f"appeals/{self.standing['id']}/nearby?limit=20"),
            "listSameReporter": ("zzd", self.staff, f"appeals/{self.standing['id']}/same-reporter?limit=20"),
            "searchAppeals": ("zzd", self.staff, "search?q=%E6%A5%BC%E9%81%93&open=true&limit=20"),
            "staffListNotices": ("zzd", self.staff, "notices?limit=20"), "staffCountUnread": ("zzd", self.staff, "notices/unread"),
            "getPart": ("open", self.standing_guest(), "part"),
            "getOrder": ("open", self.party, f"appeals/{self.order['id']}"),
            "getOrderByExternalId": ("open", self.party, f"appeals/by-external-id/{self.order['external_id']}"),
            "getOrderByNumber": ("open", self.party, f"appeals/by-number/{self.order['number']}"),
            "listRequests": ("zzd", self.upper, "requests?limit=20"),
            "listChanges": ("open", self.party, "changes?limit=20"),
        }[operation]
        return Request(who or self.nobody[entry], "GET", f"/{entry}/v1/{path}")

    # ---- sessions ----

    def signIn(self):
        body = {"channel": "app", "ticket": self.world.ticket(self.world.residents[2]["userid"])}
        return Request(self.nobody["zlb"], "POST", "/zlb/v1/sessions", body, key=False, again=self.signIn)

    def staffSignIn(self):
        code = self.world.code(self.world.account[self.world.posts[0]["employee_code"]])
        return Request(self.nobody["zzd"], "POST", "/zzd/v1/sessions", {"code": code}, key=False, again=self.staffSignIn)

    def staffSignInByInvitation(self):
        if not hasattr(self, "invitation"):
            unit = next(u["code"] for u in self.world.units.values() if not u["parent_code"])
            self.invitation = re.search(r"mhi_\w+", self.world.minhuctl("init", "--admin", "首任管理员", "--unit", unit).stdout).group(0)
        self.world.sql("UPDATE invitation SET used_at=NULL")
        return Request(self.nobody["zzd"], "POST", "/zzd/v1/sessions/invitation", {"invitation": self.invitation}, key=False,
                       again=self.staffSignInByInvitation)

    def refreshSession(self):
        session = self.world.sign_in(self.world.residents[2]["userid"]).session
        return Request(self.nobody["zlb"], "POST", "/zlb/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}, key=False)

    def staffRefreshSession(self):
        session = self.world.sign_in_staff(self.world.posts[0]["employee_code"]).session
        return Request(self.nobody["zzd"], "POST", "/zzd/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}, key=False)

    def revokeSession(self):
        userid = self.world.residents[2]["userid"]
        if not hasattr(self, "revoker"):
            self.revoker = self.world.sign_in(userid)
        return Request(self.revoker, "POST", "/zlb/v1/sessions/revoke", {"session_id": self.world.sign_in(userid).session["session_id"]})

    def staffRevokeSession(self):
        code = self.world.posts[0]["employee_code"]
        if not hasattr(self, "staff_revoker"):
            self.staff_revoker = self.world.sign_in_staff(code)
        return Request(self.staff_revoker, "POST", "/zzd/v1/sessions/revoke", {"session_id": self.world.sign_in_staff(code).session["session_id"]})

    def updateMe(self):
        body = {"place_code": self.world.place["code"], "address": "3 幢 2 单元 501", "elder": bool(next(self.turn))}
        return Request(self.resident, "POST", "/zlb/v1/me", body)

    def switchPost(self):
        if not hasattr(self, "switcher"):
            posts = [p["employee_code"] for p in self.world.posts]
            self.switcher = self.world.sign_in_staff(next(code for code in posts if posts.count(code) > 1))
        first, second = (Request(self.switcher, "POST", "/zzd/v1/me/post", {"post_id": post["id"]}) for post in self.switcher.me["posts"][:2])
        self.send(first).ok()
        return second

    def endPost(self):
        post = self.world.staff(self.unit, "handler", nth=1).me["post"]["id"]
        self.world.sql("UPDATE post SET ended_at=NULL WHERE id=UNHEX('" + post.replace("-", "") + "')")
        return Request(self.admin, "POST", f"/zzd/v1/posts/{post}/end", {})

    def setRota(self):
        span = {"from": "2090-01-01T08:00:00+08:00", "until": "2090-01-01T20:00:00+08:00"}
        return Request(self.staff, "POST", "/zzd/v1/rota", {"kind": "duty", "post_id": self.handler.me["post"]["id"], **span})

    def endRota(self):
        return Request(self.staff, "POST", f"/zzd/v1/rota/{self.send(self.setRota()).ok(201)['id']}/end", {})

    # ---- residents ----

    def uploadAttachment(self):
        self.world.sql("DELETE FROM attachment WHERE appeal_id IS NULL")  # one person's may be thirty that wait
        return Request(self.resident, "POST", "/zlb/v1/attachments", photo(), kind="image/jpeg")

    def matter(self):
        return {"kind": "help", "title": "路灯", "text": f"楼道里的灯坏了三天，请联系 13612345678。{letters()}", "place_code": self.world.place["code"],
                "address": "3 幢 2 单元", "lng": 120.123456, "lat": 30.123456}

    def submitAppeal(self):
        body = {**self.matter(), "contact_phone": "13900139000", "attachment_ids": [self.upload(self.resident)]}
        return Request(self.resident, "POST", "/zlb/v1/appeals", body, events=1)

    def alikeAppeals(self):
        body = {"title": "路灯", "text": "楼道里的灯坏了三天", "place_code": self.world.place["code"], "lng": 120.123456, "lat": 30.123456}
        return Request(self.resident, "POST", "/zlb/v1/appeals/alike", body, key=False)

    def callByName(self):
        """The key goes in the envelope; a header's would be a second one."""
        call = {"token": self.resident.token, "idempotency_key": str(uuid.uuid4()), "body": self.matter()}
        return Request(self.nobody["zlb"], "POST", "/zlb/v1/call/submitAppeal", call, key=False, events=1)

    def supplementAppeal(self):
        return self.act(self.resident, self.submitted(), "supplement", {"text": "补充：三单元也不亮，电话 13612345678。"}, 2)

    def numberDemands(self):
        return self.act(self.resident, self.submitted(), "demands", TWO_DEMANDS, 2, version=1)

    def staffNumberDemands(self):
        return self.act(self.staff, self.submitted(), "demands", TWO_DEMANDS, 2, version=1)

    def answerQuestion(self):
        return self.act(self.resident, self.asked(), "answer", {"text": "三单元，电话 13612345678。"}, 4)

    def joinAppeal(self):
        """Another's matter each time, for who joins twice has joined once."""
        joiner = self.world.resident(2)
        return Request(joiner, "POST", f"/zlb/v1/appeals/{self.submitted()['id']}/join", {"text": f"我家也是，电话 13612345678。{letters()}"}, events=2)

    def urgeAppeal(self):
        return self.act(self.resident, self.submitted(), "urge", {}, 2)

    def withdrawAppeal(self):
        return self.act(self.resident, self.submitted(), "withdraw", {"text": "已自行解决"}, 2, version=1)

    def rateAppeal(self):
        return self.act(self.resident, self.resolved(), "rate", {"solved": True, "stars": 5, "comment": "很快"}, 4, version=3)

    def reopenAppeal(self):
        return self.act(self.resident, self.resolved(), "reopen", {"text": "灯还是不亮。"}, 4, version=3)

    def readNotices(self):
        newest = self.looker.get("/zlb/v1/notices?limit=1").ok()["items"][0]["id"]
        return Request(self.looker, "POST", "/zlb/v1/notices/read", {"up_to": newest})

    # ---- staff ----

    def acceptAppeal(self):
        return self.act(self.staff, self.submitted(), "accept", {"text": "马上安排"}, 2, version=1)

    def rejectAppeal(self):
        return self.act(self.staff, self.submitted(), "reject", {"reason_code": self.reasons["reject"], "text": "已由法院受理。"}, 2, version=1)

    def assignAppeal(self):
        return self.act(self.staff, self.accepted(), "assign", {"post_id": self.handler.me["post"]["id"]}, 3, version=2)

    def takeBackAppeal(self):
        return self.act(self.staff, self.assigned(), "take-back", {}, 4, version=3)

    def classifyAppeal(self):
        return self.act(self.staff, self.submitted(), "classify", {"category_code": self.category, "address": "5 幢"}, 2, version=1)

    def weighAppeal(self):
        return self.act(self.staff, self.submitted(), "weigh", {"weight": "hard", "text": "需多部门联合办理"}, 2)

    def transferAppeal(self):
        return self.act(self.staff, self.submitted(), "transfer", {"unit_code": self.beside, "reason_code": self.reasons["transfer"], "text": "属于你处"}, 2, version=1)

    def delegateAppeal(self):
        return self.act(self.upper, self.escalated(), "delegate", {"unit_code": self.unit, "text": "请办理"}, 3, version=2)

    def returnAppeal(self):
        return self.act(self.staff, self.delegated(), "return", {"reason_code": self.reasons["return"], "text": "需上级协调"}, 4, version=3)

    def disputed(self):
        appeal = self.submitted()
        self.staff.act(appeal, "transfer", {"unit_code": self.beside, "reason_code": self.reasons["transfer"]}, version=1).ok()
        self.world.staff(self.beside).act(appeal, "return", {"reason_code": self.reasons["return"], "text": "不属于本单位"}, version=2).ok()
        return appeal

    def ruleAppeal(self):
        return self.act(self.upper, self.disputed(), "rule", {"unit_code": self.unit, "duty": "职责清单", "text": "由你单位办理"}, 4, version=3)

    def escalateAppeal(self):
        return self.act(self.staff, self.submitted(), "escalate", {"reason_code": self.reasons["escalate"], "text": "无力办理"}, 2, version=1)

    def resolveAppeal(self):
        return self.act(self.staff, self.accepted(), "resolve", {"outcome": "solved", "text": "已更换路灯，试亮正常。"}, 3, version=2)

    def bulkAppeals(self):
        """Of one appeal, so that it can be looked at whether it was done once."""
        appeal = self.submitted()
        body = {"action": "accept", "items": [{"appeal_id": appeal["id"], "version": 1}]}
        return Request(self.staff, "POST", "/zzd/v1/appeals/bulk", body, appeal=appeal, events=2)

    def addNote(self):
        return self.act(self.staff, self.submitted(), "notes", {"text": "内部：请带灯泡，电话 13612345678。"}, 2)

    def addProgress(self):
        return self.act(self.staff, self.accepted(), "progress", {"text": "电工今天下午到现场。"}, 3)

    def addContact(self):
        return self.act(self.staff, self.accepted(), "contacts", {"outcome": "reached", "text": "已说明情况"}, 3)

    def askResident(self):
        return self.act(self.staff, self.accepted(), "ask", {"text": "请问是几单元？"}, 3)

    def asked(self):
        return self.send(self.askResident()).ok()

    def withdrawQuestion(self):
        return self.act(self.staff, self.asked(), "withdraw-question", {}, 4)

    def mergeAppeal(self):
        return self.act(self.staff, self.submitted(), "merge", {"lead_id": self.submitted()["id"], "text": "同一件事"}, 2, version=1)

    def splitAppeal(self):
        body = {"parts": [{"text": f"五幢东侧路灯不亮，电话 13612345678。{letters()}"}, {"text": f"小区门口有摊贩占道。{letters()}"}]}
        return self.act(self.staff, self.submitted(), "split", body, 3, version=1)

    def unmergeAppeal(self):
        return self.act(self.staff, self.send(self.mergeAppeal()).ok(), "unmerge", {}, 3, version=2)

    # ---- joint handling ----

    def addPart(self):
        return self.act(self.staff, self.accepted(), "parts", {"unit_code": self.beside, "text": "请配合现场查看。"}, 3)

    def part(self, action, client, body, events):
        appeal = self.accepted()
        made = self.staff.post(f"/zzd/v1/appeals/{appeal['id']}/parts", {"unit_code": self.beside, "text": "请配合现场查看。"}).ok(201)
        return Request(client, "POST", f"/zzd/v1/parts/{made['id']}/{action}", body, appeal=appeal, events=events)

    def meeting(self):
        return {"at": moment(days=7), "place": "物业会议室", "agenda": "商定整治办法。",
                "invited": [{"unit_code": self.beside, "role": "主任"}, {"organisation": "云岚电信", "name": "周工"}]}

    def callMeeting(self):
        return self.act(self.staff, self.accepted(), "meetings", self.meeting(), 3)

    def recordVisit(self):
        body = {"at": "2026-01-05T10:00:00+08:00", "place": "3 幢", "text": "共 12 处飞线。", "came": [{"unit_code": self.beside}], "public_text": "已查看。"}
        return self.act(self.staff, self.accepted(), "visits", body, 3)

    def recordMinutes(self):
        appeal = self.accepted()
        made = self.staff.post(f"/zzd/v1/appeals/{appeal['id']}/meetings", self.meeting()).ok(201)
        body = {"text": "同意统一入槽。", "came": [{"unit_code": self.beside}], "decisions": [{"text": "清理线缆", "unit_code": self.beside, "as_part": True}]}
        return Request(self.staff, "POST", f"/zzd/v1/meetings/{made['id']}/minutes", body, appeal=appeal, events=5)

    def callGroup(self):
        group = self.staff.get("/zzd/v1/groups").ok()["items"][0]
        members = [m for m in group["members"] if not m["unit"] or m["unit"]["code"] != self.unit]
        body = {"group_code": group["code"], "text": "请共同到场。"}
        return self.act(self.staff, self.accepted(), "groups", body, 2 + len(members) + (group["lead"]["code"] != self.unit), version=2)

    def linked(self):
        """Somebody without an account, with the link of a part of a fresh matter."""
        appeal = self.accepted()
        made = self.staff.post(f"/zzd/v1/appeals/{appeal['id']}/parts", {"organisation": "云岚电信", "text": "请清理线缆。"}).ok(201)
        guest = Client(self.world, self.staff.post(f"/zzd/v1/parts/{made['id']}/link", {}).ok(201)["token"], "open")
        guest.appeal = appeal
        return guest

    def standing_guest(self):
        if not hasattr(self, "guest"):
            self.guest = self.linked()
        return self.guest

    def answerPartByLink(self):
        guest = self.linked()
        return Request(guest, "POST", "/open/v1/part/answer", {"outcome": "done", "text": "已清理。"}, appeal=guest.appeal, events=5)

    def linkPart(self):
        """Every link is a new one, and ends the one before."""
        request = self.part("link", self.staff, {}, None)
        request.key = None
        request.headers.pop("Idempotency-Key")
        return request

    def revokePartLink(self):
        request = self.part("revoke-link", self.staff, {}, 5)
        self.staff.post(request.path.replace("revoke-link", "link"), {}).ok(201)
        return request

    def answerPart(self):
        return self.part("answer", self.counit, {"outcome": "done", "text": "已查看，线路已整理。"}, 4)

    def waivePart(self):
        return self.part("waive", self.staff, {"text": "已由物业一并处理。"}, 4)

    def assignPart(self):
        return self.part("assign", self.counit, {"post_id": self.counit.me["post"]["id"]}, 4)

    def requestExtension(self):
        return self.act(self.staff, self.accepted(), "request-extension", {"days": 2, "text": "等配件到货。"}, 3)

    def requestSuspension(self):
        body = {"reason_code": self.reasons["suspend"], "until": day(5), "text": "须待法院判决。"}
        return self.act(self.staff, self.accepted(), "request-suspension", body, 3)

    def extendAppeal(self):
        return self.act(self.upper, self.send(self.requestExtension()).ok(), "extend", {"days": 1, "text": "同意。"}, 4)

    def suspendAppeal(self):
        return self.act(self.upper, self.send(self.requestSuspension()).ok(), "suspend", {}, 4)

    def refuseRequest(self):
        return self.act(self.upper, self.send(self.requestExtension()).ok(), "refuse", {"text": "请抓紧办理。"}, 4)

    def continueAppeal(self):
        return self.act(self.staff, self.send(self.suspendAppeal()).ok(), "continue", {}, 5)

    def superviseAppeal(self):
        return self.act(self.boss, self.submitted(), "supervise", {"text": "请尽快办理"}, 2)

    def replyToSupervision(self):
        owed = self.act(self.upper, self.accepted(), "supervise", {"reply_days": 3}, 3)
        return self.act(self.staff, self.send(owed).ok(), "reply", {"text": "已约维保单位到场。"}, 4)

    def callBack(self):
        appeal = self.resolved()
        self.resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": False, "stars": 1}, version=3).ok()
        return self.act(self.staff, appeal, "callback", {"outcome": "unsatisfied", "text": "还是不亮。", "reopen": True}, 5, version=4)

    # ---- known trouble ----

    def span(self):
        """Four weeks ahead: cuts no form, is in no hint."""
        return {"from": moment(days=28), "until": moment(days=29)}

    def publishTrouble(self, **changes):
        if int(self.world.sql("SELECT COUNT(*) FROM trouble WHERE state=1")[0][0]) >= 40:  # a unit has fifty at most
            self.world.sql("UPDATE trouble SET state=3 WHERE state=1 ORDER BY created_at LIMIT 20")
        body = {"title": f"停水{letters()}", "text": "主管道抢修。", "category_code": self.category, "areas": [{"unit_code": self.unit}], **self.span()}
        return Request(self.staff, "POST", "/zzd/v1/troubles", {**body, **changes})

    def trouble(self, **changes):
        return self.send(self.publishTrouble(**changes)).ok(201)["id"]

    def standing_trouble(self):
        if not hasattr(self, "stands"):
            self.stands = self.trouble()
        return self.stands

    def current_trouble(self):
        return self.trouble(**{"from": None})

    def updateTrouble(self):
        return Request(self.staff, "POST", f"/zzd/v1/troubles/{self.trouble()}", {"text": "抢修延长。"})

    def endTrouble(self):
        return Request(self.staff, "POST", f"/zzd/v1/troubles/{self.current_trouble()}/end", {"text": "已恢复。"})

    def withdrawTrouble(self):
        return Request(self.staff, "POST", f"/zzd/v1/troubles/{self.trouble()}/withdraw", {"text": "施工改期。"})

    def joinTrouble(self):
        return Request(self.resident, "POST", f"/zlb/v1/troubles/{self.current_trouble()}/join", {})

    def answerTrouble(self):
        trouble = self.current_trouble()
        self.resident.post(f"/zlb/v1/troubles/{trouble}/join", {}).ok(201)
        self.staff.post(f"/zzd/v1/troubles/{trouble}/end", {}).ok()
        return Request(self.resident, "POST", f"/zlb/v1/troubles/{trouble}/answer", {"restored": False})

    def setDisasterMode(self):
        chief = self.world.staff(self.world.chain(self.unit)[-1], "district_supervisor", "unit_lead")
        return Request(chief, "POST", "/zzd/v1/disaster-mode", {"categories": [{"category_code": self.category}], "reason": letters(), **self.span()})

    def endDisasterMode(self):
        self.send(self.setDisasterMode()).ok(201)
        chief = self.world.staff(self.world.chain(self.unit)[-1], "district_supervisor", "unit_lead")
        return Request(chief, "POST", "/zzd/v1/disaster-mode/end", {"text": "演练结束。"})

    def make_room(self, client, what):
        """What a test kept before goes when there is little room."""
        for kept in client.get(f"/zzd/v1/{what}").ok()["items"][10:]:
            client.post(f"/zzd/v1/{what}/{kept['id']}/delete", {})

    def of_kept(self, what, made, act, body):
        """On one of one's own that was just made."""
        return Request(self.staff, "POST", f"/zzd/v1/{what}/{self.send(made).ok(201)['id']}{act}", body)

    def view(self, client):
        self.make_room(client, "views")
        return {"name": letters(), "q": "楼道", "open": True}

    def createView(self):
        return Request(self.staff, "POST", "/zzd/v1/views", self.view(self.staff))

    def updateView(self):
        return self.of_kept("views", self.createView(), "", {"name": letters(), "kind": "help"})

    def deleteView(self):
        return self.of_kept("views", self.createView(), "/delete", {})

    def createPhrase(self):
        self.make_room(self.staff, "phrases")
        return Request(self.staff, "POST", "/zzd/v1/phrases", {"text": letters(), "position": 1})

    def updatePhrase(self):
        return self.of_kept("phrases", self.createPhrase(), "", {"text": letters(), "position": 3})

    def deletePhrase(self):
        return self.of_kept("phrases", self.createPhrase(), "/delete", {})

    def searchReporter(self):
        body = {"phone": "13900139000", "reason_code": self.reasons["unmask"]}
        return Request(self.staff, "POST", "/zzd/v1/search/reporter", body, key=False)

    def unmaskContact(self):
        """Every look is an event of its own, so that two are two."""
        return self.act(self.staff, self.submitted(), "unmask", {"reason_code": self.reasons["unmask"], "text": "联系居民"}, None, key=False)

    def staffReadNotices(self):
        newest = self.staff.get("/zzd/v1/notices?limit=1").ok()["items"][0]["id"]
        return Request(self.staff, "POST", "/zzd/v1/notices/read", {"up_to": newest})

    # ---- third parties ----

    def postOrder(self):
        body = {**self.matter(), "external_id": f"WY-{letters()}", "reporter_name": "钱业主", "reporter_phone": "13700137000"}
        return Request(self.party, "POST", "/open/v1/appeals", body, events=1)

    def ordered(self):
        return self.send(self.postOrder()).ok(201)

    def supplementOrder(self):
        return self.act(self.party, self.ordered(), "supplement", {"text": "补充：在 B2 层。"}, 2)

    def numberOrderDemands(self):
        return self.act(self.party, self.ordered(), "demands", TWO_DEMANDS, 2, version=1)

    def answerOrderQuestion(self):
        made = self.ordered()
        staff = self.world.staff(made["holder"]["code"])
        self.send(self.act(staff, made, "accept", {}, 2, version=1)).ok()
        self.send(self.act(staff, made, "ask", {"text": "请问在哪一层？"}, 3)).ok()
        return self.act(self.party, made, "answer", {"text": "在 B2 层。"}, 4)

    def withdrawOrder(self):
        return self.act(self.party, self.ordered(), "withdraw", {"text": "业主撤回"}, 2, version=1)
