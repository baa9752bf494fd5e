"""Writers whose acts touch more than one row or matter, for the fault tests: joining, merging, splitting, calling in, sets of actions,
meetings, demands, rulings, requests, links, known trouble."""

import collections
import itertools
import re
import threading

from beijing import day, moment
from client import Client
from faults import PAUSE_SECONDS, SUBMIT, Intent, Wire, Writers, compact, marker

PART, MEETING, BULK, PUBLISH = "parts", "meetings", "bulk", "publish"  # what an intent means; else the last word of its path
# What each leaves in its matter: events, by the numbers of enum action.
EVENTS = {SUBMIT: [1], BULK: [2], "accept": [2], "transfer": [7], "return": [9], "resolve": [11], "merge": [31], PART: [34], "answer": [35],
          "request-extension": [39], "extend": [40], "request-suspension": [41], "suspend": [42], "continue": [43], "refuse": [44],
          MEETING: [56], "minutes": [34, 57], "rule": [60], "split": [64], "demands": [67]}
OTHERS = (33, 61)  # in the lead of who joins; of a link, which is made anew where its answer was lost
# Where the text of an act is found, once each.
PLACES = {"appeal.text": {SUBMIT, "split"}, "appeal.result": {"resolve"}, "appeal_part.asked": {PART, "minutes"}, "appeal_part.result": {"answer"},
          "appeal_meeting.agenda": {MEETING}, "appeal_meeting.minutes": {"minutes"}, "ruling.duty": {"rule"}, "trouble.text": {PUBLISH},
          "trouble.remark": {"end"}}
VERSIONED = {"accept", "transfer", "return", "rule", "resolve", "demands", "merge", "split"}


class JointWriters(Writers):
    """Beside the others, each with matters of its own, a few a second."""

    def __init__(self, world, ledger, place=None):
        super().__init__(world, ledger, place)
        self.unit = next(p["unit_code"] for p in world.stack.rows("places.tsv") if p["code"] == self.place)
        mine = world.units[self.unit]
        self.beside = next(u["code"] for u in world.units.values() if u["parent_code"] == mine["parent_code"] and u["tier"] == mine["tier"] and u is not mine)
        self.neighbour, self.chief = world.staff(self.beside), world.staff(world.chain(self.unit)[1])
        self.reasons = {purpose: rows[0]["code"] for purpose, rows in self.staff[0].get("/zzd/v1/choices").ok()["reasons"].items() if rows}
        self.category = self.staff[0].get("/zzd/v1/categories").ok()["items"][0]["code"]
        self.wires = threading.local()
        self.decisions = itertools.cycle([("refuse", {}), ("extend", {"days": 1})])
        jobs = [(self.joins, self.residents[1]), (self.troubles, self.residents[2])]
        jobs += [(step, self.staff[0]) for step in (self.merges, self.splits, self.calls_in, self.meets, self.answers_each, self.asks_above, self.disputes)]
        self.threads = [threading.Thread(target=self.live, args=job, daemon=True) for job in jobs]

    def live(self, step, client):
        wire = Wire(self.world)
        while not self.stopping.wait(0.2):
            step(wire, client)
        wire.close()

    def text(self):
        mark = marker()
        return mark, self.ledger.prefix + mark

    def submit(self, wire):
        mark, text = self.text()
        return self.do(wire, Intent(SUBMIT, mark, self.residents[0], "/zlb/v1/appeals", {"kind": "ask", "text": text, "place_code": self.place}))

    def act(self, wire, client, appeal, word, make, path=None):
        """One act with a text of its own, of which make makes the body. Its answer: the matter, but where it is of something else."""
        (mark, text), entry = self.text(), client.entry
        path = path or f"/{entry}/v1/appeals/{appeal['id']}/{word}"
        version = appeal["version"] if word in VERSIONED else None
        return self.do(wire, Intent(word, mark, client, path, make(text), appeal["id"], version))

    def accepted(self, wire, client):
        appeal = self.submit(wire)
        return appeal and self.act(wire, client, appeal, "accept", lambda text: {"text": text})

    def joins(self, wire, client):
        lead, (mark, text) = self.submit(wire), self.text()
        if lead:
            self.do(wire, Intent(SUBMIT, mark, client, f"/zlb/v1/appeals/{lead['id']}/join", {"text": text}))

    def merges(self, wire, client):
        lead, other = self.submit(wire), self.submit(wire)
        if lead and other:
            self.act(wire, client, other, "merge", lambda text: {"lead_id": lead["id"], "text": text})

    def splits(self, wire, client):
        appeal = self.submit(wire)
        if appeal:
            self.act(wire, client, appeal, "split", lambda text: {"parts": [{"text": text}]})

    def calls_in(self, wire, client):
        """Two accepted at once; in the first an organisation is called in, which answers by its link."""
        both = [self.submit(wire), self.submit(wire)]
        if not all(both):
            return
        body = {"action": "accept", "items": [{"appeal_id": a["id"], "version": 1} for a in both]}
        if not self.do(wire, Intent(BULK, [a["id"] for a in both], client, "/zzd/v1/appeals/bulk", body, both[0]["id"])):
            return
        part = self.act(wire, client, both[0], PART, lambda text: {"organisation": "云岚电信", "text": text})
        link = part and self.link(wire, client, part)
        if link:
            guest = Client(self.world, link, "open")
            self.act(wire, guest, both[0], "answer", lambda text: {"outcome": "done", "text": text}, "/open/v1/part/answer")

    @staticmethod
    def link(wire, client, part):
        """It takes no key, as its token is told once: where the answer is lost there is none."""
        try:
            made = wire.send("POST", f"/zzd/v1/parts/{part['id']}/link", client.token, {})
        except OSError:
            return None
        return made.json["token"] if made.status == 201 else None

    def meets(self, wire, client):
        """A meeting whose minutes make a part of what was decided."""
        appeal, people = self.accepted(wire, client), [{"unit_code": self.beside}]
        call = {"at": moment(hours=3), "place": "议事厅", "invited": people}
        made = appeal and self.act(wire, client, appeal, MEETING, lambda text: {**call, "agenda": text})
        if made:
            self.act(wire, client, appeal, "minutes", lambda text: {
                "text": text, "came": people, "decisions": [{"text": text, "unit_code": self.beside, "as_part": True}]}, f"/zzd/v1/meetings/{made['id']}/minutes")

    def answers_each(self, wire, client):
        """Two demands, numbered by who asked, of which the result answers one and refuses the other."""
        appeal = self.submit(wire)
        appeal = appeal and self.act(wire, self.residents[0], appeal, "demands", lambda text: {"demands": [{"text": text}, {"text": "请问何时修好？"}]})
        appeal = appeal and self.act(wire, client, appeal, "accept", lambda text: {"text": text})
        if appeal:
            answers = [{"number": 1, "outcome": "answered", "text": "已经办好。"},
                       {"number": 2, "outcome": "refused", "text": "没有依据。", "reason_code": self.reasons["reject"]}]
            self.act(wire, client, appeal, "resolve", lambda text: {"outcome": "solved", "text": text, "answers": answers})

    def asks_above(self, wire, client):
        """More time, granted or refused; then it rests, and goes on."""
        rest = {"reason_code": self.reasons["suspend"], "until": day(5)}
        appeal = self.accepted(wire, client)
        for who, word, more in ((client, "request-extension", {"days": 2}), (self.chief, *next(self.decisions)),
                                (client, "request-suspension", rest), (self.chief, "suspend", {}), (client, "continue", {})):
            appeal = appeal and self.act(wire, who, appeal, word, lambda text, more=more: {**more, "text": text})

    def disputes(self, wire, client):
        """Sent to the unit beside and back: the one above both rules."""
        appeal = self.submit(wire)
        for who, word, more in ((client, "transfer", {"unit_code": self.beside, "reason_code": self.reasons["transfer"]}),
                                (self.neighbour, "return", {"reason_code": self.reasons["return"]})):
            appeal = appeal and self.act(wire, who, appeal, word, lambda text, more=more: {**more, "text": text})
        if appeal:
            self.act(wire, self.chief, appeal, "rule", lambda text: {"unit_code": self.unit, "duty": text, "text": "由你单位办理。"})

    def surely(self, word, client, path, body, trouble=None):
        """Repeated with its key until it is acknowledged, or all ends: a unit has fifty at most that are not over. The trouble's id, then."""
        mark, text = self.text()
        intent = Intent(word, mark, client, path, {**body, **({} if word == "join" else {"text": text})}, trouble)
        self.ledger.intend(intent)
        while not self.repeat(self.wires, intent) and not self.stopping.wait(PAUSE_SECONDS):
            pass
        return intent.acknowledged and intent.appeal

    def troubles(self, _, client):
        """Published, joined, over."""
        notice = {"title": "停水通告", "category_code": self.category, "areas": [{"unit_code": self.unit}], "until": moment(hours=5)}
        made = self.surely(PUBLISH, self.staff[0], "/zzd/v1/troubles", notice)
        joined = made and self.surely("join", client, f"/zlb/v1/troubles/{made}/join", {"place_code": self.place}, made)
        if joined:
            self.surely("end", self.staff[0], f"/zzd/v1/troubles/{made}/end", {}, made)


def check_joint(world, ledger):
    """After settle(): each intent was done exactly once, and nothing that nobody meant. The audit's verification proves the rest."""
    assert not ledger.open()
    for place, acts in PLACES.items():
        table, column = place.split(".")
        texts = world.sql(f"SELECT {column} FROM {table} WHERE {column} LIKE '%{ledger.prefix}%'")
        found = collections.Counter(mark for text in texts for mark in re.findall(ledger.prefix + "([a-p]{16})", text[0]))
        assert found == collections.Counter(i.marker for i in ledger.intents if i.action in acts), place
    check_events(world, ledger)
    joined = {compact(i.appeal) for i in ledger.intents if i.path.startswith("/zlb/v1/appeals/") and i.path.endswith("/join") or i.action == "merge"}
    ids = ",".join(f"X'{a}'" for a in joined) or "NULL"
    assert world.sql(f"SELECT COUNT(*) FROM appeal a JOIN appeal_follower f ON f.follower_id=a.id AND f.lead_id=a.lead_id WHERE a.id IN ({ids})") == [[str(len(joined))]]
    known = sum(i.action == "join" for i in ledger.intents)
    assert world.sql(f"SELECT COUNT(*) FROM trouble t JOIN trouble_joiner j ON j.trouble_id=t.id WHERE t.text LIKE '{ledger.prefix}%'") == [[str(known)]]
    return dict(collections.Counter(i.path.rsplit("/", 1)[1] for i in ledger.intents))


def check_events(world, ledger):
    """People's acts in each matter are those that were meant, in their order."""
    meant = collections.defaultdict(list)
    for intent in ledger.intents:
        if intent.action in EVENTS:
            for appeal in intent.marker if intent.action == BULK else [intent.appeal]:
                meant[compact(appeal)] += EVENTS[intent.action]
    ids = ",".join(f"X'{appeal}'" for appeal in meant) or "NULL"
    found = collections.defaultdict(list)
    for appeal, action in world.sql(f"SELECT LOWER(HEX(appeal_id)),action FROM appeal_event WHERE appeal_id IN ({ids}) AND actor_kind<>0 "
                                    f"AND action NOT IN {OTHERS} ORDER BY appeal_id,n"):
        found[appeal].append(int(action))
    wrong = {appeal: (acts, found[appeal]) for appeal, acts in meant.items() if found[appeal] != acts}
    assert not wrong, f"{len(wrong)} matters are not as acknowledged: {list(wrong.items())[:3]}"
