"""Writers whose acts touch more than one matter, for the fault tests: joining, merging, splitting, calling in, sets of actions."""

import collections
import threading

from faults import ACCEPT, SUBMIT, Intent, Wire, Writers, marker

MERGE, SPLIT, PART, BULK = "merge", "split", "part", "bulk"  # what an intent means; not numbers of enum action


class JointWriters(Writers):
    """Four beside the others, each with matters of its own, a few a second."""

    def __init__(self, world, ledger, place=None):
        super().__init__(world, ledger, place)
        jobs = [(self.joins, self.residents[1]), (self.merges, self.staff[0]), (self.splits, self.staff[1]), (self.calls_in, self.staff[0])]
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

    def acts(self, wire, client, appeal, what, body, mark, version=1):
        return self.do(wire, Intent(what, mark, client, f"/zzd/v1/appeals/{appeal['id']}/{'parts' if what == PART else what}", body, appeal["id"], version))

    def joins(self, wire, client):
        lead, (mark, text) = self.submit(wire), self.text()
        if lead:
            self.do(wire, Intent(SUBMIT, mark, client, f"/zlb/v1/appeals/{lead['id']}/join", {"text": text}))

    def merges(self, wire, client):
        lead, other, (mark, text) = self.submit(wire), self.submit(wire), self.text()
        if lead and other:
            self.acts(wire, client, other, MERGE, {"lead_id": lead["id"], "text": text}, mark)

    def splits(self, wire, client):
        appeal, (mark, text) = self.submit(wire), self.text()
        if appeal:
            self.acts(wire, client, appeal, SPLIT, {"parts": [{"text": text}]}, mark)

    def calls_in(self, wire, client):
        both, (mark, text) = [self.submit(wire), self.submit(wire)], self.text()
        if not all(both):
            return
        body = {"action": "accept", "items": [{"appeal_id": a["id"], "version": 1} for a in both]}
        if self.do(wire, Intent(BULK, [a["id"] for a in both], client, "/zzd/v1/appeals/bulk", body, both[0]["id"])):
            self.acts(wire, client, both[0], PART, {"organisation": "云岚电信", "text": text}, mark, None)


def check_joint(world, ledger):
    """After settle(): each intent was done exactly once, and nothing that nobody meant. The audit's verification proves the rest."""
    assert not ledger.open()

    def found(column, table, more=""):
        rows = world.sql(f"SELECT {column},COUNT(*) FROM {table} WHERE {column} LIKE '{ledger.prefix}%'{more} GROUP BY {column}")
        return {text.removeprefix(ledger.prefix): int(n) for text, n in rows}

    def meant(*actions):
        return dict.fromkeys((i.marker for i in ledger.intents if i.action in actions), 1)
    assert found("text", "appeal") == meant(SUBMIT, SPLIT)
    assert found("asked", "appeal_part") == meant(PART)
    assert found("text", "appeal_event", " AND action NOT IN (1)") | meant(PART, SPLIT) == meant(MERGE, PART, SPLIT)
    accepted = [appeal for i in ledger.intents if i.action == BULK for appeal in i.marker]
    ids = ",".join(f"X'{a.replace('-', '')}'" for a in accepted) or "NULL"
    assert world.sql(f"SELECT COUNT(*),COUNT(DISTINCT appeal_id) FROM appeal_event WHERE action={ACCEPT} AND appeal_id IN ({ids})") == [[str(len(accepted))] * 2]
    joined = {i.appeal.replace("-", "") for i in ledger.intents if i.path.endswith(("/join", "/merge"))}
    ids = ",".join(f"X'{a}'" for a in joined) or "NULL"
    assert world.sql(f"SELECT COUNT(*) FROM appeal a JOIN appeal_follower f ON f.follower_id=a.id AND f.lead_id=a.lead_id WHERE a.id IN ({ids})") == [[str(len(joined))]]
    return dict(collections.Counter(i.path.rsplit("/", 1)[1] for i in ledger.intents))
