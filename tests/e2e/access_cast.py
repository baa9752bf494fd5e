"""The people and units that the access table speaks of, and how their objects come to be, through the API."""

import json
import re
import types
import uuid

from beijing import day, moment
from client import Client
from test_where_two_meet import PNG

ROLES = {"lead": "unit_lead", "supervisor": "district_supervisor"}


def sql_id(identifier):
    return "UNHEX('" + identifier.replace("-", "") + "')"


def long_ago():
    """An id before all that the product makes, so that the newest is never one of the table's."""
    return "0" * 8 + str(uuid.uuid4())[8:]


class Seats:
    """Where staff sit: at the district, in a town, in a village of it; and the units around, by what they are to who sits there.
    peer is of the same tier, spare another one below. Appeals come in at a third town's village, unless it is said otherwise."""

    def __init__(self, world):
        units, place_of, villages = world.units, {}, {}
        for place in world.stack.rows("places.tsv"):
            unit = units[place["unit_code"]]
            if unit["tier"] == "compound":
                place_of.setdefault(unit["parent_code"], place["code"])
        for village in place_of:
            villages.setdefault(units[village]["parent_code"], []).append(village)
        town, other, third = [t for t in sorted(villages) if len(villages[t]) >= 2][-3:]
        village, sibling = villages[town][:2]
        compound, twin = [u["code"] for u in units.values() if u["parent_code"] == village][:2]
        top = units[town]["parent_code"]
        self.third = villages[third][0]
        self.place = {town: place_of[village], village: place_of[village], other: place_of[villages[other][0]], self.third: place_of[self.third]}
        self.district = types.SimpleNamespace(own=top, below=town, spare=other, peer="dep-city")
        self.town = types.SimpleNamespace(own=town, above=top, below=village, spare=sibling, other=other, peer=other)
        self.village = types.SimpleNamespace(own=village, above=town, below=compound, spare=twin, other=sibling, peer=sibling)


class Cast:
    """Who calls, and what they have."""

    def __init__(self, world):
        self.world, self.seats, self.run = world, Seats(world), uuid.uuid4().hex[:8]
        self.leads = {}
        self.nobody, self.resident, self.stranger = Client(world, None), self.new_resident(), self.new_resident()
        self.chief = self.staff("dispatcher", self.seats.district.own)
        self.reasons = self.chief.get("/zzd/v1/choices").ok()["reasons"]
        # One scope each; what the feed's client has was posted with a key of its own.
        self.client_post = self.key("access-a", "post", "--units", self.seats.town.own)
        self.client_read = self.key("access-a", "read")
        self.client_feed, self.feeder, self.rival = self.key("access-b", "feed"), self.key("access-b", "post"), self.key("access-c", "post")
        self.guest = self.link(self.call_in(self.appeal(self.seats.town.own, state="accepted"), self.seats.third))
        self.dead = {(how, entry): make(how) for how in ("revoked", "expired")
                     for entry, make in (("zlb", self.dead_resident), ("zzd", self.dead_staff), ("open", self.dead_key))}

    # ---- callers ----

    def new_resident(self):
        person = self.world.add_resident(idnum=None)
        client = self.world.sign_in(person["userid"])
        client.userid = person["userid"]
        return client

    def staff(self, role, unit):
        return self.world.staff(unit, ROLES.get(role, role))

    def new_session(self, client):
        """Another session of the same person."""
        if client.entry == "zlb":
            return self.world.sign_in(client.userid)
        post = client.me["post"]
        code = next(p["employee_code"] for p in self.world.posts if p["unit_code"] == post["unit"]["code"] and
                    self.world.staff(p["unit_code"], p["role"]) is client)
        return self.world.sign_in_staff(code, post["unit"]["code"], (post["role"]["code"],))

    def key(self, name, scopes, *more):
        return self.world.third_party(f"{name}-{self.run}", "property", scopes, "--per-minute", "100000", *more)

    def caller(self, name, entry, seat):
        if name in ("revoked", "expired"):
            return self.dead[name, entry]
        return getattr(self, name, None) or self.staff(name, seat.own)

    def end(self, client, how, revoke):
        if how == "revoked":
            assert client.post(revoke, {}).status == 204
        else:
            self.world.sql(f"UPDATE token SET expires_at=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND WHERE refresh=0 AND session_id={sql_id(client.session['session_id'])}")
        return client

    def dead_resident(self, how):
        return self.end(self.new_resident(), how, "/zlb/v1/sessions/revoke")

    def dead_staff(self, how):
        return self.end(self.new_session(self.staff("dispatcher", self.seats.town.own)), how, "/zzd/v1/sessions/revoke")

    def dead_key(self, how):
        client = self.key(f"access-{how}", "post,read,feed")
        mine = next(k["id"] for k in json.loads(self.world.minhuctl("key", "list", "--json").stdout) if k["client"] == client.me["name"])
        if how == "revoked":
            self.world.minhuctl("key", "revoke", mine)
        else:
            self.world.sql(f"UPDATE api_key SET expires_at=UTC_TIMESTAMP(6)-INTERVAL 1 SECOND WHERE id={sql_id(mine)}")
        return client

    # ---- appeals ----

    def appeal(self, holder, first=None, about=None, state="submitted", photo=False, to=None, reporter=None):
        """An appeal that a unit has, in a state. about: the unit complained of; to: the post it is assigned to."""
        first, reporter = first or self.seats.third, reporter or self.resident
        matter = {"category_code": "noise.work" if self.world.units[first]["tier"] == "town" else "noise.life", "place_code": self.seats.place[first]}
        if about:
            matter, first = {"kind": "complain", "about_unit_code": about, "place_code": self.seats.place[first]}, about
        if photo:
            matter["attachment_ids"] = [self.photo(reporter)]
        now = reporter.submit(**matter)
        assert now["first_unit"]["code"] == now["holder"]["code"] == first, now
        while holder == self.seats.district.own != now["holder"]["code"]:
            now = self.step(now, "escalate", {"reason_code": self.reason("escalate")})
        if now["holder"]["code"] != holder:
            now = self.step(now, "delegate", {"unit_code": holder}, self.chief)
        if state != "submitted":
            now = self.step(now, "accept", {})
        if state == "processing":
            now = self.step(now, "assign", {"post_id": to or self.post(holder)})
        now = self.further(now, state, reporter)
        if state == "resolved":
            now = self.step(now, "resolve", {"outcome": "solved", "text": "已处理完毕。"})
        return now

    def step(self, now, action, body, staff=None):
        """One action of the unit that has it, unless somebody else is named."""
        staff = staff or self.staff("dispatcher", now["holder"]["code"])
        return staff.act(now, action, body, now["version"]).ok()

    def followed(self, unit):
        """An open matter that a unit has, for others to follow."""
        if unit not in self.leads:
            self.leads[unit] = self.appeal(unit)["id"]
        return self.leads[unit]

    def merge(self, now):
        return self.step(now, "merge", {"lead_id": self.followed(now["holder"]["code"])})

    def ask(self, now):
        return self.staff("dispatcher", now["holder"]["code"]).post(f"/zzd/v1/appeals/{now['id']}/ask", {"text": "请问是几单元？"}).ok()

    def call_in(self, now, unit):
        """A unit's part of a matter, called in by whoever dispatches where it lies."""
        staff = self.staff("dispatcher", now["holder"]["code"])
        return staff.post(f"/zzd/v1/appeals/{now['id']}/parts", {"unit_code": unit, "text": "请配合现场查看。"}).ok(201)

    def meeting(self, now):
        """A meeting about a matter, called by whoever dispatches where it lies."""
        staff = self.staff("dispatcher", now["holder"]["code"])
        body = {"at": moment(days=7), "place": "物业会议室", "agenda": "商定整治办法。", "invited": [{"organisation": "云岚电信"}]}
        return staff.post(f"/zzd/v1/appeals/{now['id']}/meetings", body).ok(201)

    def link(self, part):
        """Who answers for a part by its link, made by whoever leads there."""
        rows = self.world.sql(f"SELECT u.code FROM appeal_part p JOIN appeal a ON a.id=p.appeal_id JOIN unit u ON u.id=a.holder_unit_id WHERE p.id={sql_id(part['id'])}")
        made = self.staff("dispatcher", rows[0][0]).post(f"/zzd/v1/parts/{part['id']}/link", {}).ok(201)
        return Client(self.world, made["token"], "open")

    def parts(self, now):
        return self.chief.get(f"/zzd/v1/appeals/{now['id']}/parts").ok()["items"]

    def chief_sees(self, now):
        return self.chief.seen(now)

    def suspension(self):
        return {"reason_code": self.reason("suspend"), "until": day(5), "text": "须待法院判决。"}

    def further(self, now, state, reporter):
        """What can be of an accepted matter of the reporter's."""
        unit, name = now["holder"]["code"], f"/zzd/v1/appeals/{now['id']}"
        if state == "asked":
            return self.ask(now)
        if state == "merged":
            return self.merge(now)
        if state == "supervised":
            top = self.world.units[unit]["parent_code"]
            return (self.staff("dispatcher", top) if top else self.staff("supervisor", unit)).post(f"{name}/supervise", {"reply_days": 3}).ok()
        if state == "closed":
            now = self.step(now, "resolve", {"outcome": "solved", "text": "已处理完毕。"})
            reporter.post(f"/zlb/v1/appeals/{now['id']}/rate", {"solved": False, "stars": 1}, now["version"]).ok()
            return self.staff("dispatcher", unit).seen(now)
        if state == "extension_asked":
            return self.staff("dispatcher", unit).post(f"{name}/request-extension", {"days": 2, "text": "等配件。"}).ok()
        if state in ("suspension_asked", "suspended"):
            now = self.staff("dispatcher", unit).post(f"{name}/request-suspension", self.suspension()).ok()
        if state == "suspended":
            above = self.world.units[unit]["parent_code"]
            chief = self.staff("dispatcher", above) if above else self.staff("supervisor", unit)
            now = chief.post(f"{name}/suspend", {}).ok()
        return now

    def disputed(self, now):
        """Sent to a unit of the same tier, and back."""
        holder = now["holder"]["code"]
        tier = self.world.units[holder]["tier"]
        if now["about_unit"] and tier == "district":
            return now  # all others are below the unit complained of: none can be asked
        peer = next(u["code"] for u in self.world.units.values() if u["tier"] == tier and u["code"] not in (holder, self.seats.district.own) and
                    (tier != "district" or u["kind"] == "department"))
        now = self.step(now, "transfer", {"unit_code": peer, "reason_code": self.reason("transfer")})
        return self.step(now, "return", {"reason_code": self.reason("return"), "text": "不属于本单位职责。"})

    def photo(self, owner):
        return owner.send("POST", "/zlb/v1/attachments", PNG, {"Content-Type": "image/png"}).ok(201)["id"]

    def reason(self, purpose):
        return self.reasons[purpose][0]["code"]

    def order(self, key):
        return key.post("/open/v1/appeals", self.order_body(self.seats.town.own), key=str(uuid.uuid4())).ok(201)

    def order_body(self, unit):
        return {"external_id": f"AC-{uuid.uuid4().hex[:16]}", "kind": "report", "text": "地下车库漏水，业主报修。",
                "place_code": self.seats.place[unit], "reporter_name": "钱业主", "reporter_phone": "13700137000"}

    # ---- what no operation makes or shows ----

    def caller_code(self, unit):
        """The employee code of the handler who calls there, if one does."""
        try:
            return self.world.staff_code(unit, ("handler",))
        except LookupError:
            return ""

    def post(self, unit):
        """A live handler's post in a unit, of one who doesn't call."""
        rows = self.world.sql(f"SELECT HEX(p.id) FROM post p JOIN unit u ON u.id=p.unit_id JOIN staff f ON f.id=p.staff_id WHERE u.code='{unit}' "
                              f"AND p.role=1 AND p.ended_at IS NULL AND f.employee_code<>'{self.caller_code(unit)}' ORDER BY p.id DESC LIMIT 1")
        return str(uuid.UUID(rows[0][0]))

    def duty(self, unit):
        """A duty far ahead, of somebody in a unit."""
        made = uuid.uuid4()
        self.world.sql("INSERT INTO rota (id,kind,unit_id,post_id,from_at,until_at,set_by,created_at) SELECT "
                       f"{sql_id(str(made))},1,id,{sql_id(self.post(unit))},'2090-01-01','2090-01-02',{sql_id(str(made))},UTC_TIMESTAMP(6) FROM unit WHERE code='{unit}'")
        return str(made)

    def notice(self, client):
        """As the job makes them, which rests."""
        made, kind = uuid.uuid4(), 1 if client.entry == "zlb" else 2
        self.world.sql(f"INSERT INTO notice (id,kind,person_id,appeal_id,event_n,action,created_at) SELECT {sql_id(str(made))},{kind},"
                       f"{sql_id(client.me['id'])},id,{made.int % 10**9},1,UTC_TIMESTAMP(6) FROM appeal LIMIT 1")
        return str(made)

    def topic(self, appeal):
        made = str(uuid.uuid4())
        self.world.sql(f"INSERT INTO topic (id,area_id,first_at,last_at,members) VALUES ({sql_id(made)},0,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6),3)")
        self.world.sql(f"INSERT INTO topic_member (topic_id,appeal_id,at) VALUES ({sql_id(made)},{sql_id(appeal['id'])},UTC_TIMESTAMP(6))")
        return made

    def trouble(self, unit, over=False, joined=None):
        """Published by a unit, for itself; whoever is named has joined."""
        made = long_ago()
        self.world.sql("INSERT INTO trouble (id,unit_id,category_id,title,text,areas,from_at,until_at,state,told_to,staff_id,created_at,updated_at) "
                       f"SELECT {sql_id(made)},u.id,c.id,'停水','主管道抢修。',CONCAT('u',u.id),UTC_TIMESTAMP(6)-INTERVAL 1 HOUR,"
                       f"UTC_TIMESTAMP(6)+INTERVAL {'-1' if over else '1'} DAY,{2 if over else 1},REPEAT(X'00',16),{sql_id(made)},UTC_TIMESTAMP(6),UTC_TIMESTAMP(6) "
                       f"FROM unit u JOIN category c ON c.code='noise.life' WHERE u.code='{unit}'")
        if joined:
            self.world.sql(f"INSERT INTO trouble_joiner (trouble_id,resident_id,joined_at) VALUES ({sql_id(made)},{sql_id(joined.me['id'])},UTC_TIMESTAMP(6))")
        return {"id": made}

    def disaster(self):
        """Declared, and yet to begin."""
        made = long_ago()
        self.world.sql("INSERT INTO disaster_mode (id,from_at,until_at,categories,text,text_en,phone,reason,staff_id,created_at) SELECT "
                       f"{sql_id(made)},UTC_TIMESTAMP(6)+INTERVAL 28 DAY,UTC_TIMESTAMP(6)+INTERVAL 29 DAY,'1','演练','Drill','12345','演练',{sql_id(made)},UTC_TIMESTAMP(6)")

    @staticmethod
    def span():
        """Four weeks ahead: seen by no form and by no hint."""
        return {"from": moment(days=28), "until": moment(days=29)}

    def invitation(self):
        out = self.world.minhuctl("init", "--admin", "受邀者", "--unit", self.seats.district.own).stdout
        return re.search(r"mhi_[0-9A-Za-z]+", out).group(0)
