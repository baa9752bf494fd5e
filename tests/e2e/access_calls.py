"""A right request for every operation: the object it is about, its state, and a body."""

import collections
import types
import urllib.parse
import uuid

import contract
from access_table import CALLERS, STAFF
from client import Client
from test_where_two_meet import PNG

OWNED = ("own", "other", "absent")
HELD = ("own", "mine", "about", "first", "part", "below", "above", "other", "absent")
FREE = tuple(thing for thing in HELD if thing != "mine")  # what is not accepted yet is nobody's
TREE = ("own", "below", "above", "other", "absent")

# Which of a seat's units an object needs; a seat that has none knows no such object.
NEEDS = {"mine": "own", "about": "own", "first": "other", "part": "other"}


# ---- objects: f(cast, cell, state) → what the request needs to name it ----

def held(cast, cell, state, photo=False):
    seat = cell.seat
    if cell.thing == "mine":
        owner = cell.client if cell.caller in STAFF else cast.staff("dispatcher", seat.own)
        now = cast.appeal(seat.own, state="processing", photo=photo, to=owner.me["post"]["id"])
        return cast.further(now, state, cast.resident)
    if cell.thing == "about":
        # The unit complained of has nobody asked, merges nothing, and is not let rest.
        state = "accepted" if state in ("asked", "merged", "suspended") else state
        return cast.appeal(seat.own, about=seat.own, state=state, photo=photo)
    if cell.thing == "part":
        now = cast.appeal(seat.other, state="accepted", photo=photo)
        cast.call_in(now, seat.own)
        return cast.chief_sees(now)
    if cell.thing == "first":
        return cast.appeal(seat.other, first=seat.own, state=state, photo=photo)
    return cast.appeal(getattr(seat, cell.thing), state=state, photo=photo)


def mergeable(cast, cell, state):
    """With a lead beside it."""
    it = held(cast, cell, state)
    cast.followed(it["holder"]["code"])
    return it


def disputed(cast, cell, state):
    """Sent sideways and returned."""
    return cast.disputed(held(cast, cell, state))


def held_part(cast, cell, state):
    """A part of what the seat is so to; of its own matter, or as one called in."""
    now = held(cast, cell, state)
    return cast.parts(now)[0] if cell.thing == "part" else cast.call_in(now, cast.seats.third)


def linked_part(cast, cell, state):
    it = held_part(cast, cell, state)
    cast.link(it)
    return it


def held_meeting(cast, cell, state):
    """A meeting of what the seat is so to, called where the matter lies."""
    return cast.meeting(held(cast, cell, state))


def topical(cast, cell, state):
    """The topic of a matter, as the job makes them, which rests."""
    return {"id": cast.topic(held(cast, cell, state))}


def held_photo(cast, cell, state):
    return held(cast, cell, state, photo=True)["attachments"][0]


def box(cast, cell, state):
    return {"code": getattr(cell.seat, cell.thing)}


def post_in_unit(cast, cell, state):
    return {"id": cast.post(getattr(cell.seat, cell.thing))}


def reported(cast, cell, state):
    return cast.appeal(cast.seats.town.own, state=state, reporter=person(cast, cell))


def person(cast, cell):
    """Whose it is: the caller's own, or of one who could call; or a stranger's."""
    if cell.op.entry == "zlb":
        return cast.resident if cell.thing == "own" else cast.stranger
    if cell.thing == "own":
        return cell.client if cell.caller in STAFF else cast.staff("dispatcher", cast.seats.town.own)
    return cast.staff("lead", cast.seats.town.other)


def photo(cast, cell, state):
    return {"id": cast.photo(person(cast, cell))}


def session(cast, cell, state):
    return {"id": cast.new_session(person(cast, cell)).session["session_id"]}


def notice(cast, cell, state):
    return {"id": cast.notice(person(cast, cell))}


def view(cast, cell, state):
    owner = person(cast, cell)
    kept = owner.get("/zzd/v1/views").ok()["items"]
    return kept[0] if len(kept) > 15 else owner.post("/zzd/v1/views", contract.example_body("createView")).ok(201)


def phrase(cast, cell, state):
    owner = person(cast, cell)
    kept = owner.get("/zzd/v1/phrases").ok()["items"]
    return kept[0] if len(kept) > 15 else owner.post("/zzd/v1/phrases", contract.example_body("createPhrase")).ok(201)


def own_post(cast, cell, state):
    return {"id": person(cast, cell).me["post"]["id"]}


def order(cast, cell, state):
    return cast.order(cast.rival if cell.thing == "other" else cast.feeder if cell.caller == "client_feed" else cast.client_post)


def asked_order(cast, cell, state):
    made = order(cast, cell, state)
    cast.step(made, "accept", {})
    cast.ask(made)
    return made


def postable(cast, cell, state):
    return {"code": getattr(cast.seats.town, cell.thing)}


def absent():
    made = str(uuid.uuid4())
    return {"id": made, "code": "no-such-unit", "number": "20010101-000001", "external_id": "no-such-order", "version": 1, "attachments": [{"id": made}],
            "holder": None}


def duty(cast, cell, state):
    return {"id": cast.duty(getattr(cell.seat, cell.thing))}


def trouble(cast, cell, state):
    """A trouble: of residents one that they joined, of staff one that a unit published; over, where it is answered."""
    if cell.op.entry == "zlb":
        return cast.trouble(cast.seats.third, over=state == "over", joined=person(cast, cell))
    return cast.trouble(getattr(cell.seat, cell.thing))


UNIT_RELATED = (trouble, held, mergeable, topical, disputed, held_part, linked_part, held_meeting, held_photo, box, post_in_unit, duty)
SPAN = {"from": "2090-01-01T08:00:00+08:00", "until": "2090-01-01T20:00:00+08:00"}


# ---- bodies: f(cast, cell, object); without one it is the contract's example ----

def published(cast, cell, it):
    unit = cell.seat.own if cell.caller in STAFF else cast.seats.third
    return {**contract.example_body("publishTrouble"), **cast.span(), "category_code": "noise.life", "areas": [{"unit_code": unit}]}


def disaster(cast, cell, it):
    """Far ahead, so that it cuts nobody's form."""
    return {**contract.example_body("setDisasterMode"), **cast.span(), "categories": [{"category_code": "noise.life"}]}


def ended_disaster(cast, cell, it):
    if cell.caller == "supervisor":
        cast.disaster()
    return {"text": "演练结束。"}


def reason(purpose):
    return lambda cast, cell, it: {"reason_code": cast.reason(purpose), "text": "详见说明。"}


def suspension(cast, cell, it):
    return cast.suspension()


def new_view(cast, cell, it):
    """There is room for it: what was kept before goes."""
    if cell.caller in STAFF:
        for kept in cell.client.get("/zzd/v1/views").ok()["items"][15:]:
            assert cell.client.post(f"/zzd/v1/views/{kept['id']}/delete", {}).status == 204
    return contract.example_body("createView")


def new_phrase(cast, cell, it):
    """As new_view."""
    if cell.caller in STAFF:
        for kept in cell.client.get("/zzd/v1/phrases").ok()["items"][15:]:
            assert cell.client.post(f"/zzd/v1/phrases/{kept['id']}/delete", {}).status == 204
    return contract.example_body("createPhrase")


def phone(cast, cell, it):
    return {"phone": "13800001234", "reason_code": cast.reason("unmask")}


def assignee(cast, cell, it):
    mine = cell.caller in ("handler", "lead", "dispatcher") and cell.thing in ("own", "mine", "about")
    return {"post_id": cell.client.me["post"]["id"] if mine else cast.post(it["holder"]["code"]) if it["holder"] else it["id"]}


def part_assignee(cast, cell, it):
    if cell.caller in ("handler", "lead", "dispatcher"):
        return {"post_id": cell.client.me["post"]["id"]}
    return {"post_id": it["id"]}


def to_call_in(cast, cell, it):
    return {"unit_code": cell.seat.peer, "text": "请配合现场查看。"}


def to_meet(cast, cell, it):
    return {**contract.example_body("callMeeting"), "at": cast.span()["until"]}


def group_to_call(cast, cell, it):
    """The one of the whole district, which any unit may call in."""
    return {"group_code": "committee-district", "text": "请共同到场。"}


def ruled(cast, cell, it):
    return {"unit_code": downwards(cast, cell, it)["unit_code"], "duty": "职责清单第一条", "text": "由你单位办理。"}


def sideways(cast, cell, it):
    return {"unit_code": cell.seat.peer, "reason_code": cast.reason("transfer")}


def downwards(cast, cell, it):
    return {"unit_code": cell.seat.spare if cell.thing == "below" else cell.seat.below}


def merging(cast, cell, it):
    return {"lead_id": cast.followed(it["holder"]["code"]) if it["holder"] else it["id"]}


def ticket(cast, cell, it):
    return {"channel": "app", "ticket": cast.world.ticket(cast.resident.userid)}


def code(cast, cell, it):
    return {"code": cast.world.code(cast.world.account[cast.world.staff_code(cast.seats.town.own)])}


def refresh(cast, cell, it):
    person = cast.resident if cell.op.entry == "zlb" else cast.staff("lead", cast.seats.town.own)
    return {"refresh_token": cast.new_session(person).session["refresh_token"]}


def fixed(**members):
    return lambda cast, cell, it: members


CATEGORY = "city"  # everybody's

Recipe = collections.namedtuple("Recipe", "things make state body query", defaults=(("-",), None, None, None, None))
PLAIN = Recipe()

RECIPES = {
    # residents
    "getMeta": PLAIN, "listSessions": PLAIN, "getMe": PLAIN, "listCategories": PLAIN, "getCategoryForm": PLAIN, "listPlaces": PLAIN, "findTags": Recipe(query="code=lift-0007.K3W9A2QX"), "listChoices": PLAIN, "uploadAttachment": PLAIN,
    "listAppeals": PLAIN, "listNotices": PLAIN, "countUnread": PLAIN, "callByName": Recipe(body=fixed()),
    "signIn": Recipe(body=ticket), "refreshSession": Recipe(body=refresh), "updateMe": Recipe(body=fixed(elder=False)),
    "submitAppeal": Recipe(body=lambda cast, cell, it: {"kind": "ask", "text": "请问社区食堂几点开门？", "place_code": cast.seats.place[cast.seats.third]}),
    "alikeAppeals": Recipe(body=fixed(text="社区食堂几点开门")),
    "listTroubles": PLAIN, "listJoinedTroubles": PLAIN, "getTrouble": Recipe(OWNED, trouble), "joinTrouble": Recipe(OWNED, trouble, body=fixed()),
    "answerTrouble": Recipe(OWNED, trouble, "over"),
    "joinAppeal": Recipe(OWNED, reported, "submitted", fixed(text="我家也是。")),
    "revokeSession": Recipe(OWNED, session, body=lambda cast, cell, it: {"session_id": it["id"]}),
    "getAttachment": Recipe(OWNED, photo),
    "readNotices": Recipe(OWNED, notice, body=lambda cast, cell, it: {"up_to": it["id"]}),
    "getAppeal": Recipe(OWNED, reported, "submitted"), "listTimeline": Recipe(OWNED, reported, "submitted"),
    "supplementAppeal": Recipe(OWNED, reported, "submitted", fixed(text="补充：三号楼也是。")), "urgeAppeal": Recipe(OWNED, reported, "submitted"),
    "answerQuestion": Recipe(OWNED, reported, "asked"),
    "numberDemands": Recipe(OWNED, reported, "submitted"),
    "withdrawAppeal": Recipe(OWNED, reported, "submitted"), "rateAppeal": Recipe(OWNED, reported, "resolved"), "reopenAppeal": Recipe(OWNED, reported, "resolved"),
    # staff
    "getStaffMeta": PLAIN, "staffListSessions": PLAIN, "getStaffMe": PLAIN, "staffListCategories": PLAIN, "staffListChoices": PLAIN, "staffListPlaces": PLAIN,
    "listUnits": PLAIN, "listColleagues": PLAIN, "staffListNotices": PLAIN, "staffCountUnread": PLAIN, "searchAppeals": PLAIN, "searchReporter": Recipe(body=phone), "listViews": PLAIN, "createView": Recipe(body=new_view),
    "staffListTroubles": PLAIN, "staffGetTrouble": Recipe(TREE, trouble), "publishTrouble": Recipe(body=published), "updateTrouble": Recipe(TREE, trouble, body=fixed(text="抢修延长，请等候。")),
    "endTrouble": Recipe(TREE, trouble), "withdrawTrouble": Recipe(TREE, trouble), "listDisasterModes": PLAIN, "setDisasterMode": Recipe(body=disaster),
    "endDisasterMode": Recipe(body=ended_disaster),
    "updateView": Recipe(OWNED, view), "deleteView": Recipe(OWNED, view),
    "listPhrases": PLAIN, "createPhrase": Recipe(body=new_phrase), "updatePhrase": Recipe(OWNED, phrase), "deletePhrase": Recipe(OWNED, phrase),
    "bulkAppeals": PLAIN,  # of appeals that nobody has
    "staffSignIn": Recipe(body=code), "staffSignInByInvitation": Recipe(body=lambda cast, cell, it: {"invitation": cast.invitation()}),
    "staffRefreshSession": Recipe(body=refresh),
    "staffRevokeSession": Recipe(OWNED, session, body=lambda cast, cell, it: {"session_id": it["id"]}),
    "staffReadNotices": Recipe(OWNED, notice, body=lambda cast, cell, it: {"up_to": it["id"]}),
    "switchPost": Recipe(OWNED, own_post, body=lambda cast, cell, it: {"post_id": it["id"]}),
    "getBoxes": Recipe(TREE, box, query="unit_code={code}"), "listBox": Recipe(TREE, box, query="box=to_accept&unit_code={code}"),
    "endPost": Recipe(TREE, post_in_unit),
    "listRota": Recipe(TREE, box, query="unit_code={code}"), "endRota": Recipe(TREE, duty),
    "setRota": Recipe(TREE, post_in_unit, body=lambda cast, cell, it: {**SPAN, "kind": "duty", "post_id": it["id"]}),
    "findAppealByNumber": Recipe(HELD, held, "submitted"), "staffGetAppeal": Recipe(HELD, held, "submitted"), "staffListTimeline": Recipe(HELD, held, "submitted"),
    "explainRouting": Recipe(HELD, held, "submitted"), "listTemplates": Recipe(HELD, held, "submitted"),
    "staffGetAttachment": Recipe(HELD, held_photo, "submitted"),
    "acceptAppeal": Recipe(FREE, held, "submitted"), "rejectAppeal": Recipe(FREE, held, "submitted", reason("reject")),
    "assignAppeal": Recipe(HELD, held, "accepted", assignee), "takeBackAppeal": Recipe(HELD, held, "processing"),
    "classifyAppeal": Recipe(HELD, held, "submitted", fixed(category_code="noise.life")),
    "weighAppeal": Recipe(HELD, held, "submitted"), "staffNumberDemands": Recipe(HELD, held, "submitted"),
    "transferAppeal": Recipe(HELD, held, "submitted", sideways), "delegateAppeal": Recipe(HELD, held, "submitted", downwards),
    "ruleAppeal": Recipe(FREE, disputed, "submitted", ruled), "listRulings": PLAIN,
    "returnAppeal": Recipe(HELD, held, "submitted", reason("return")), "escalateAppeal": Recipe(HELD, held, "submitted", reason("escalate")),
    "resolveAppeal": Recipe(HELD, held, "accepted", fixed(outcome="solved", text="已更换路灯。")), "addProgress": Recipe(HELD, held, "accepted"), "addContact": Recipe(HELD, held, "accepted"),
    "addNote": Recipe(HELD, held, "submitted"), "superviseAppeal": Recipe(HELD, held, "submitted"),
    "replyToSupervision": Recipe(HELD, held, "supervised"), "callBack": Recipe(HELD, held, "closed", fixed(outcome="not_reached", text="无人接听。")),
    "listRequests": PLAIN, "requestExtension": Recipe(HELD, held, "accepted"), "requestSuspension": Recipe(HELD, held, "accepted", suspension),
    "extendAppeal": Recipe(HELD, held, "extension_asked", fixed()), "suspendAppeal": Recipe(HELD, held, "suspension_asked", fixed()),
    "refuseRequest": Recipe(HELD, held, "extension_asked"), "continueAppeal": Recipe(HELD, held, "suspended"),
    "askResident": Recipe(HELD, held, "accepted"), "withdrawQuestion": Recipe(HELD, held, "asked"),
    "mergeAppeal": Recipe(HELD, mergeable, "accepted", merging), "unmergeAppeal": Recipe(HELD, held, "merged"), "splitAppeal": Recipe(HELD, held, "submitted", fixed(parts=[{"text": "五幢东侧路灯不亮。"}])), "listFollowers": Recipe(HELD, held, "submitted"),
    "listNearby": Recipe(HELD, held, "submitted"), "listSameReporter": Recipe(HELD, held, "submitted"),
    "listAlike": Recipe(HELD, held, "submitted"), "listTopics": PLAIN, "listTopicAppeals": Recipe(HELD, topical, "submitted"),
    "unmaskContact": Recipe(HELD, held, "submitted", reason("unmask")),
    "listParts": Recipe(HELD, held, "accepted"), "addPart": Recipe(HELD, held, "accepted", to_call_in), "listMeetings": Recipe(HELD, held, "accepted"), "callMeeting": Recipe(HELD, held, "accepted", to_meet), "recordVisit": Recipe(HELD, held, "accepted"),
    "recordMinutes": Recipe(HELD, held_meeting, "accepted"), "linkPart": Recipe(HELD, held_part, "accepted"), "revokePartLink": Recipe(HELD, linked_part, "accepted"), "listMyParts": PLAIN, "listGroups": PLAIN,
    "callGroup": Recipe(HELD, held, "accepted", group_to_call),
    "answerPart": Recipe(HELD, held_part, "accepted"), "waivePart": Recipe(HELD, held_part, "accepted"),
    "assignPart": Recipe(HELD, held_part, "accepted", part_assignee),
    # third parties
    "getOpenMeta": PLAIN, "getClient": PLAIN, "openListCategories": PLAIN, "openGetCategoryForm": PLAIN, "openListChoices": PLAIN, "openListPlaces": PLAIN, "openListTroubles": PLAIN, "listChanges": PLAIN,
    "getPart": PLAIN, "answerPartByLink": PLAIN,
    "postOrder": Recipe(("own", "other"), postable, body=lambda cast, cell, it: cast.order_body(it["code"])),
    "getOrder": Recipe(OWNED, order), "getOrderByExternalId": Recipe(OWNED, order), "getOrderByNumber": Recipe(OWNED, order),
    "supplementOrder": Recipe(OWNED, order, body=fixed(text="补充：在 B2 层。")), "withdrawOrder": Recipe(OWNED, order),
    "numberOrderDemands": Recipe(OWNED, order), "answerOrderQuestion": Recipe(OWNED, asked_order),
}


# ---- cells ----

def seats_of(cast, caller, recipe, thing):
    """Where the caller sits when the object is this to him. Of a matter about itself only the top unit is ever the holder."""
    if thing == "mine" and caller in ("supervisor", "administrator"):
        return []
    names = ["district"] if thing == "about" or caller == "supervisor" else ["town", "village"] if caller in ("handler", "lead", "dispatcher") else ["town"]
    needed = NEEDS.get(thing, thing)
    known = recipe.make not in UNIT_RELATED or thing == "absent"
    return [name for name in names if known or hasattr(getattr(cast.seats, name), needed)]


def cells_of(cast, op):
    """Every caller and every object that there is for an operation, with the caller's client."""
    recipe = RECIPES[op.id]
    for caller in CALLERS:
        for thing in recipe.things:
            for name in seats_of(cast, caller, recipe, thing):
                seat = getattr(cast.seats, name)
                yield types.SimpleNamespace(op=op, recipe=recipe, caller=caller, thing=thing, seat_name=name, seat=seat, client=cast.caller(caller, op.entry, seat))


class Calls:
    """Makes the object of a cell and sends the request. What a call doesn't use up is made once."""

    def __init__(self, cast):
        self.cast, self.kept, self.seen = cast, {}, set()

    def object(self, cell, fresh):
        make = cell.recipe.make
        if not make:
            return None
        if cell.thing == "absent":
            return absent()
        if fresh:
            return make(self.cast, cell, cell.recipe.state)
        whose = cell.caller if cell.thing == "mine" or make not in (held, held_part, linked_part, held_meeting, held_photo, reported) else None
        key = (make, cell.recipe.state, cell.op.entry, cell.thing, cell.seat_name, whose)
        if key not in self.kept:
            self.kept[key] = make(self.cast, cell, cell.recipe.state)
        return self.kept[key]

    def request(self, cell, it):
        """method, path, body, and the headers that stand for it."""
        op, headers = cell.op, {}
        path = op.path.replace("{operation}", "getMeta").replace("{code}", CATEGORY)
        for name in ("number", "external_id"):
            path = path.replace("{" + name + "}", str((it or {}).get(name)))
        for name in ("appeal_id", "attachment_id", "part_id", "meeting_id", "post_id", "rota_id", "topic_id", "view_id", "phrase_id", "trouble_id"):
            path = path.replace("{" + name + "}", (it or {}).get("id", ""))
        if cell.recipe.query:
            path += "?" + cell.recipe.query.format(**(it or {}))
        named = {contract.resolve(p)["name"] for p in op.spec["parameters"]}
        if "Idempotency-Key" in named:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if "If-Match" in named:
            headers["If-Match"] = f'"{it["version"]}"'
        if op.id == "uploadAttachment":
            return op.method, path, PNG, {**headers, "Content-Type": "image/png"}
        body = None
        if op.method == "POST":
            body = cell.recipe.body(self.cast, cell, it) if cell.recipe.body else contract.example_body(op.id)
        return op.method, path, body, headers

    def send(self, cell, it, by_name=False):
        """The answer; by name it is what the adapter's envelope holds."""
        method, path, body, headers = self.request(cell, it)
        if by_name:
            return self.send_by_name(cell, it, body, headers)
        answer = cell.client.send(method, path, body, headers, record=False)
        if (cell.op.id, answer.status) not in self.seen:  # one of a kind is enough for the contract to look at
            self.seen.add((cell.op.id, answer.status))
            Client.records.append({"operation": cell.op.id, "status": answer.status, "headers": answer.headers,
                                   "body": answer.json if answer.json is not None else answer.raw})
        return answer

    def send_by_name(self, cell, it, body, headers):
        call = {"token": cell.client.token, "idempotency_key": headers.get("Idempotency-Key"), "version": it and headers.get("If-Match") and it["version"],
                "path": {name: it["id"] for name in ("appeal_id", "attachment_id", "trouble_id") if "{" + name + "}" in cell.op.path}
                | ({"code": CATEGORY} if "{code}" in cell.op.path else {}),
                "query": dict(urllib.parse.parse_qsl(cell.recipe.query or "")), "body": body}
        answer = self.cast.nobody.post(f"/zlb/v1/call/{cell.op.id}", {name: value for name, value in call.items() if value})
        answer.status = answer.json["status"]
        return answer


def blank(answer):
    """An answer without what is every request's own."""
    raw = answer.raw
    if isinstance(answer.json, dict):
        raw = raw.replace(answer.headers["x-request-id"].encode(), b"")
    return raw, {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id", "ratelimit")}
