"""Somebody who may write to the database, but has no key: tampers at random with audit and dossier rows and the file of heads.

Each tampering is applied to the whole as it was, looked at by `minhuctl audit verify`, and undone.
"""

import collections
import hashlib
import json
import random
import subprocess
import time
import uuid

import forging
from beijing import moment
from client import World
from test_staff import reason, sibling
from test_where_two_meet import PNG

KEYS = {"appeal": ["id"], "appeal_event": ["appeal_id", "n"], "ledger_line": ["appeal_id", "n"], "attachment": ["id"], "audit_line": ["id"], "audit_head": ["n"],
        "appeal_part": ["appeal_id", "n"], "appeal_meeting": ["appeal_id", "n"], "appeal_follower": ["lead_id", "follower_id"], "ruling": ["id"]}
# Of the tables that hold more than what is proved: a photo that waits for its appeal is no dossier's yet.
PART = {"attachment": "appeal_id IS NOT NULL"}
JOINT = ["appeal_part", "appeal_meeting", "appeal_follower", "ruling"]
KEPT = "minhu_kept"


class Impossible(Exception):
    """This draw changes nothing or breaks a constraint: another one is drawn."""


# ---- something to tamper with ----

def fill(world, appeals=24, sign_ins=200):
    """Dossiers of every kind, with photos, numbers, moves, rounds, parts, meetings, followers, rulings and third parties' orders, and a few
    hundred audit lines."""
    here, resident = world.place["unit_code"], world.resident(0)
    there, staff, handler = sibling(world, here), world.staff(here), world.staff(here, "handler")
    other, post, above = world.staff(there), handler.me["post"]["id"], world.staff(world.chain(here)[1])
    category = staff.get("/zzd/v1/categories").ok()["items"][0]["code"]
    sideways, back, up, no = (reason(staff, purpose) for purpose in ("transfer", "return", "escalate", "reject"))
    party = world.third_party(None, "property", "post,read,feed", "--per-minute", "100000")
    phone = f"136{uuid.uuid4().int % 10**8:08d}"

    def note(appeal, kind, text):
        staff.post(f"/zzd/v1/appeals/{appeal['id']}/{kind}", {"text": text, **({"outcome": "reached"} if kind == "contacts" else {})}).ok()

    def own(appeal, action, body):
        resident.post(f"/zlb/v1/appeals/{appeal['id']}/{action}", body, version=resident.own(appeal)["version"]).ok()

    def photos(n):
        return [resident.send("POST", "/zlb/v1/attachments", PNG, {"Content-Type": "image/png"}).ok(201)["id"] for _ in range(n)]

    def handled(appeal):
        staff.act(appeal, "accept", {}).ok()
        staff.act(appeal, "assign", {"post_id": post}).ok()
        note(appeal, "progress", "维修人员的电话是 13812345678，明天到现场。")
        note(appeal, "contacts", "已说明情况。")

    def moved(appeal):
        staff.act(appeal, "transfer", {"unit_code": there, "reason_code": sideways, "text": "属贵单位职责。"}).ok()
        other.act(appeal, "return", {"reason_code": back, "text": "不属本单位职责。"}).ok()
        note(appeal, "notes", "内部记录。")

    def resolved(appeal):
        handled(appeal)
        staff.act(appeal, "resolve", {"outcome": "solved", "text": "已更换灯泡，试亮正常。"}).ok()

    def rated(appeal):
        resolved(appeal)
        own(appeal, "rate", {"solved": True, "stars": 5, "comment": "很快。"})

    def again(appeal):
        resolved(appeal)
        own(appeal, "reopen", {"text": "第二天又坏了。"})

    def escalated(appeal):
        resident.post(f"/zlb/v1/appeals/{appeal['id']}/supplement", {"text": "补充说明，车牌浙A12345。"}).ok()
        resident.post(f"/zlb/v1/appeals/{appeal['id']}/urge", {}).ok()
        staff.act(appeal, "classify", {"address": "三幢东侧"}).ok()
        staff.act(appeal, "escalate", {"reason_code": up, "text": "本单位人手不足。"}).ok()

    def asked(appeal):
        handled(appeal)
        staff.post(f"/zzd/v1/appeals/{appeal['id']}/ask", {"text": "请问是几单元？"}).ok()
        if appeal["number"][-1] in "02468":
            resident.post(f"/zlb/v1/appeals/{appeal['id']}/answer", {"text": "三单元。"}).ok()

    def joint(appeal):
        handled(appeal)
        done, waived, linked = (staff.post(f"/zzd/v1/appeals/{appeal['id']}/parts", {"text": "请一起查看。", **who}).ok(201)
                                for who in ({"unit_code": there}, {"organisation": "云岚电信"}, {"organisation": "云岚物业"}))
        other.post(f"/zzd/v1/parts/{done['id']}/answer", {"outcome": "done", "text": "已查看。"}).ok()
        staff.post(f"/zzd/v1/parts/{waived['id']}/waive", {"text": "已由物业一并处理。"}).ok()
        staff.post(f"/zzd/v1/parts/{linked['id']}/link", {}).ok(201)
        staff.post(f"/zzd/v1/appeals/{appeal['id']}/weigh", {"weight": "hard", "text": "需多方联合办理。"}).ok()

    def met(appeal):
        handled(appeal)
        guest = {"organisation": "云岚电信", "name": "周工程师", "role": "网络部"}
        body = {"at": moment(hours=2), "place": "物业会议室", "agenda": "商定整治办法。", "invited": [{"unit_code": there}, guest]}
        meeting = staff.post(f"/zzd/v1/appeals/{appeal['id']}/meetings", body).ok(201)
        staff.post(f"/zzd/v1/meetings/{meeting['id']}/minutes", {"text": "同意统一入槽。", "came": [guest], "decisions": [{"text": "清理废线", "unit_code": there}]}).ok()
        staff.post(f"/zzd/v1/appeals/{appeal['id']}/visits", {"at": moment(hours=-1), "place": "三幢", "text": "共 12 处。", "came": [guest]}).ok(201)

    def ruled(appeal):
        moved(appeal)
        above.act(appeal, "rule", {"unit_code": there, "duty": "村社职责清单第五条", "text": "公共楼道由村社负责。"}).ok()

    lives = [asked, ruled, resolved, joint, met, escalated, lambda a: staff.act(a, "merge", {"lead_id": lead["id"]}).ok(), rated, again,
             lambda a: own(a, "withdraw", {}), lambda a: staff.act(a, "reject", {"reason_code": no, "text": "不属受理范围。"}).ok(), moved]
    lead = resident.submit()
    for i in range(appeals):
        life = lives[i % len(lives)]
        if i % 6 == 5:
            body = {"external_id": uuid.uuid4().hex, "kind": "report", "text": "地下车库漏水。", "place_code": world.place["code"], "reporter_name": "钱业主",
                    "reporter_phone": phone}
            party.post("/open/v1/appeals", body, key=str(uuid.uuid4())).ok(201)
            continue
        more = {"lng": 120.123456, "lat": 30.123456, "address": "一幢旁"} if i % 3 == 0 else {}
        life(resident.submit(text="楼道的灯坏了，我的电话是 13900001111。", category_code=category, attachment_ids=photos(i % 4) or None, **more))
    person = world.add_resident(mobile=phone, idnum=None, authlevel="2")
    for _ in range(sign_ins):
        world.sign_in(person["userid"])


# ---- the tamperer ----

class Tamperer:
    """Draws and applies tamperings. Each kind returns the places of which one must be named in a finding."""

    def __init__(self, world: World, seed):
        self.world, self.random = world, random.Random(seed)
        self.heads_file = world.folder / "audit-heads"
        self.copy = world.folder / "audit-heads.copy"
        self.columns = collections.defaultdict(dict)
        for table, column, kind, length, nullable in world.sql(
                "SELECT table_name,column_name,data_type,COALESCE(character_maximum_length,0),is_nullable='YES' FROM information_schema.columns "
                "WHERE table_schema='minhu' AND is_generated='NEVER' ORDER BY table_name,ordinal_position"):
            if table in KEYS:
                self.columns[table][column] = ({"blob": "varbinary", "text": "varchar"}.get(kind, kind), int(length), nullable == "1")
        self.kinds = {"change": self.change, "delete": self.delete, "swap": self.swap, "insert": self.insert, "re-chain": self.rechain,
                      "cut tail": self.cut_tail, "head file": self.head_file}

    def settle(self):
        """Has all signed on, and keeps a copy of all. The first search for heads that were cut off takes until they must have arrived."""
        world = self.world
        self.cover_all()
        world.sql(f"DROP DATABASE IF EXISTS {KEPT}; CREATE DATABASE {KEPT}")
        for table in KEYS:
            columns = ",".join(self.columns[table])
            world.sql(f"CREATE TABLE {KEPT}.{table} LIKE {table}; INSERT INTO {KEPT}.{table} ({columns}) SELECT {columns} FROM {table}")
        self.lines = self.heads_file.read_bytes().splitlines(keepends=True)
        self.copy.write_bytes(b"".join(self.lines))
        self.heads = [(int(n), int(first), int(last)) for n, first, last in world.sql("SELECT n,first_seq,last_seq FROM audit_head ORDER BY n")]
        self.numbers = dict(world.sql("SELECT HEX(id),number FROM appeal"))
        # Entries that no exported head covers yet can't be proved to be there; all here are covered.
        self.rows = {table: world.sql(f"SELECT {','.join(self.shown(table, key) for key in keys)} FROM {table} WHERE {PART.get(table, '1')} ORDER BY {','.join(keys)}")
                     for table, keys in KEYS.items()}

    def cover_all(self):
        """Every entry has its place and is under a head. A job whose lease is still another's is skipped, so this looks, and tries again."""
        entries = "(SELECT seq FROM appeal_event UNION ALL SELECT seq FROM audit_line)"
        for _ in range(60):
            self.world.minhu_jobs_once()
            if self.world.sql(f"SELECT COUNT(*) FROM {entries} e WHERE seq IS NULL OR seq>(SELECT MAX(last_seq) FROM audit_head)") == [["0"]]:
                return
            time.sleep(1)
        raise AssertionError("there are entries that no head covers")

    def restore(self):
        columns = {table: ",".join(self.columns[table]) for table in KEYS}
        steps = "".join(f"DELETE FROM {table}; INSERT INTO {table} ({columns[table]}) SELECT {columns[table]} FROM {KEPT}.{table}; " for table in KEYS)
        self.world.sql(f"BEGIN; {steps}COMMIT")
        self.heads_file.write_bytes(b"".join(self.lines))

    def end(self):
        self.world.sql(f"DROP DATABASE {KEPT}")

    def verify(self, *arguments):
        """Whether all holds, and the places of what doesn't."""
        done = self.world.minhuctl("audit", "verify", "--json", *arguments, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode == 0, found[:-1]

    # ---- reading and writing rows ----

    def shown(self, table, column):
        return f"HEX({column})" if "binary" in self.columns[table][column][0] else column

    def literal(self, table, column, value):
        if value is None:
            return "NULL"
        kind = self.columns[table][column][0]
        if "binary" in kind:
            return f"X'{value}'"
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'" if "char" in kind or "date" in kind else value

    def where(self, table, row):
        return " AND ".join(f"{key}={self.literal(table, key, value)}" for key, value in zip(KEYS[table], row))

    def whole(self, table, row, columns=None):
        """A row as it is, by column; texts and bytes as hex, NULL as None."""
        columns = columns or list(self.columns[table])
        shown = ",".join(f"HEX({c})" if self.text_like(table, c) else c for c in columns)
        values = self.world.sql(f"SELECT {shown} FROM {table} WHERE {self.where(table, row)}")[0]
        return {c: None if v == "NULL" else v for c, v in zip(columns, values)}

    def text_like(self, table, column):
        return any(part in self.columns[table][column][0] for part in ("binary", "char"))

    def write(self, *statements):
        """All or nothing; what the database refuses, or whose last statement changes nothing, is no tampering."""
        text = "BEGIN; " + "; ".join(statements) + "; SELECT ROW_COUNT(); COMMIT"
        try:
            changed = self.world.sql(text)[-1][0]
        except subprocess.CalledProcessError as refused:
            raise Impossible from refused
        if changed == "0":
            raise Impossible

    def draw(self, *tables):
        table = self.random.choice(tables)
        if not self.rows[table]:
            raise Impossible
        return table, self.random.choice(self.rows[table])

    # ---- places ----

    def places(self, table, row):
        """Where a tampering with this row may be named: by its dossier, its own id, or the head that covers it."""
        if table == "audit_head":
            return {f"head {n}" for n in range(int(row[0]) - 1, int(row[0]) + 2)}
        if table == "audit_line":
            return {self.uuid(row[0])} | self.covering(table, row)
        if table == "appeal_follower":
            return {place for appeal in row for place in (self.numbers[appeal], self.uuid(appeal))}
        appeal = self.world.sql(f"SELECT HEX(appeal_id) FROM {table} WHERE {self.where(table, row)}")[0][0] if table in ("attachment", "ruling") else row[0]
        return {self.numbers[appeal], self.uuid(appeal)} | (self.covering(table, row) if table == "appeal_event" else set())

    def covering(self, table, row):
        seq = int(self.world.sql(f"SELECT seq FROM {table} WHERE {self.where(table, row)}")[0][0])
        return {f"head {n}" for n, first, last in self.heads if first <= seq <= last}

    @staticmethod
    def uuid(hexed):
        return str(uuid.UUID(hexed))

    # ---- the kinds ----

    def other_value(self, table, column, value):
        """Something else that fits the column, as SQL. None and 0, and None and an empty text, are the same to the product."""
        kind, length, nullable = self.columns[table][column]
        pick = self.random
        if nullable and value not in (None, "", "0") and pick.random() < 0.2:
            return "NULL"
        if "binary" in kind:
            data = bytearray.fromhex(value or "00" * 16)
            if value is None or pick.random() < 0.2:
                data = bytearray(pick.randbytes(len(data)))
            else:
                data[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
            return f"X'{data.hex()}'"
        if "char" in kind:
            old = bytes.fromhex(value or "").decode()
            at = pick.randrange(len(old) + 1)
            new = pick.choice([old[:at] + "改" + old[at + 1:], old[:at] + "x" + old[at:], old[:at], old + " "])
            if new == old or len(new) > length:
                raise Impossible
            return f"X'{new.encode().hex()}'"
        if "date" in kind:
            if value is None:
                return "UTC_TIMESTAMP(6)"
            unit = pick.choice(["SECOND", "HOUR", "DAY"] + (["MICROSECOND"] if "." in value else []))
            return f"'{value}'+INTERVAL {pick.choice([-1, 1]) * pick.randint(1, 50)} {unit}"
        old = int(value or 0)
        return str(pick.choice([n for n in (old + 1, old - 1, old + pick.randint(2, 90), pick.randint(1, 200), 0) if n != old]))

    def change(self):
        """One column of one row is another."""
        table, row = self.draw("appeal_event", "appeal_event", "audit_line", "audit_line", "appeal", "appeal", "ledger_line", "attachment", "audit_head", *JOINT)
        column = self.random.choice(list(self.columns[table]))
        value = self.whole(table, row, [column])[column]
        new, places = self.other_value(table, column, value), self.places(table, row)
        self.write(f"UPDATE {table} SET {column}={new} WHERE {self.where(table, row)}")
        if column in ("id", "appeal_id") and new != "NULL":  # it may as well be named where it is now
            places |= {self.uuid(new[2:-1]), self.numbers.get(new[2:-1].upper())}
        elif column == "number":
            places |= {bytes.fromhex(new[2:-1]).decode()}
        elif table == "audit_head" and column == "n":
            places |= {f"head {new}"}
        return f"{table}.{column} {row}: {value} -> {new}", places

    def delete(self):
        """A row is gone; as a clever one would, the appeal then says the number of events that are left."""
        table, row = self.draw("appeal_event", "appeal_event", "audit_line", "audit_line", "appeal", "ledger_line", "attachment", "audit_head", *JOINT)
        places, steps = self.places(table, row), [f"DELETE FROM {table} WHERE {self.where(table, row)}"]
        if table == "appeal_event" and self.random.random() < 0.5:
            steps = [*steps, f"UPDATE appeal_event SET n=n-1 WHERE appeal_id=X'{row[0]}' AND n>{row[1]} ORDER BY n", self.like_last_event(row[0])]
        self.write(*steps)
        return f"{table} {row}", places

    @staticmethod
    def like_last_event(appeal):
        return (f"UPDATE appeal a JOIN (SELECT * FROM appeal_event WHERE appeal_id=X'{appeal}' ORDER BY n DESC LIMIT 1) e ON e.appeal_id=a.id "
                "SET a.events=e.n,a.chain=e.mac,a.state=e.to_state,a.version=e.version,a.holder_unit_id=e.unit_id")

    def swap(self):
        """Two rows change places: their keys, or their seq."""
        table, one = self.draw("appeal_event", "appeal_event", "audit_line", "appeal", "ledger_line", "attachment", "audit_head", "appeal_part", "appeal_meeting", "ruling")
        near = [row for row in self.rows[table] if row != one and (len(row) < 2 or row[0] == one[0] or self.random.random() < 0.05)]
        if not near:
            raise Impossible
        two = self.random.choice(near)
        first, second = self.whole(table, one), self.whole(table, two)
        if all(first[c] == second[c] for c in first if c not in KEYS[table]):
            raise Impossible
        places = self.places(table, one) | self.places(table, two)
        if "seq" in first and self.random.random() < 0.4:
            self.write(f"UPDATE {table} SET seq=NULL WHERE {self.where(table, one)}", f"UPDATE {table} SET seq={first['seq']} WHERE {self.where(table, two)}",
                       f"UPDATE {table} SET seq={second['seq']} WHERE {self.where(table, one)}")
            return f"{table} the seq of {one} and {two}", places

        def move(row, to):
            assign = ",".join(f"{key}={self.literal(table, key, value)}" for key, value in zip(KEYS[table], to))
            return f"UPDATE {table} SET {assign} WHERE {self.where(table, row)}"
        aside = [{"n": "250" if len(KEYS[table]) > 1 else "60000"}.get(key, "00" * 16) for key in KEYS[table]]
        self.write(move(one, aside), move(two, one), move(aside, two))
        return f"{table} {one} and {two}", places

    def insert(self):
        """A copy of a row under a new key, at the end or, events, in the middle."""
        table, row = self.draw("appeal_event", "appeal_event", "audit_line", "appeal", "ledger_line", "attachment", "audit_head", *JOINT)
        values, places, before, after = self.whole(table, row), self.places(table, row), [], []
        new = {c: "NULL" if v is None else f"X'{v}'" if self.text_like(table, c) else f"'{v}'" for c, v in values.items()}
        fresh = self.random.randbytes(16).hex()
        if table in ("appeal_part", "appeal_meeting"):
            new["id"], new["n"] = f"X'{fresh}'", str(int(max((r for r in self.rows[table] if r[0] == row[0]), key=lambda r: int(r[1]))[1]) + 1)
            if self.random.random() < 0.5:
                after = [f"UPDATE appeal SET {table[7:]}s={new['n']} WHERE id=X'{row[0]}'"]
        if table == "appeal_follower":
            other = self.random.choice(self.rows["appeal"])[0]
            new["follower_id"] = f"X'{other}'"
            places |= {self.numbers[other], self.uuid(other)}
        if table in ("appeal", "attachment", "audit_line", "ruling"):
            new["id"] = f"X'{fresh}'"
            places |= {self.uuid(fresh)}
        if table == "appeal":
            new["number"] = f"'{int(bytes.fromhex(values['number']).decode()[:8])}-99{self.random.randrange(10**4):04d}'"
            new["external_id"] = "NULL"
            places |= {new["number"].strip("'")}
        if "seq" in new:
            new["seq"] = self.random.choice(["NULL", str(self.heads[-1][2] + 1)])
        if table == "ledger_line":
            new["n"] = f"{int(max((r for r in self.rows[table] if r[0] == row[0]), key=lambda r: int(r[1]))[1]) + 1}"
            if self.random.random() < 0.5:
                after = [f"UPDATE appeal SET lines_closed={new['n']} WHERE id=X'{row[0]}'"]
        if table == "audit_head":
            new["n"] = str(self.heads[-1][0] + 1)
            places |= {f"head {new['n']}"}
        if table == "appeal_event":
            last = int(max((r for r in self.rows[table] if r[0] == row[0]), key=lambda r: int(r[1]))[1])
            new["n"] = str(self.random.randint(1, last + 1))
            before = [f"UPDATE appeal_event SET n=n+1 WHERE appeal_id=X'{row[0]}' AND n>={new['n']} ORDER BY n DESC"]
            after = [self.like_last_event(row[0])] if self.random.random() < 0.7 else []
        self.write(*before, f"INSERT INTO {table} ({','.join(new)}) VALUES ({','.join(new.values())})", *after)
        return f"{table} like {row}", places

    def rechain(self):
        """Content is changed and everything made to fit that needs no key: commitments, the chain (with a key of his own), roots."""
        wrong = self.random.randbytes(32)
        if self.random.random() < 0.25:
            table, row = self.draw("audit_line")
            places = self.places(table, row)
            self.write(f"UPDATE audit_line SET text=CONCAT(text,'改'),mac=X'{self.random.randbytes(32).hex()}' WHERE {self.where(table, row)}")
            steps, what = ["DO 0"], f"audit_line {row}"
        else:
            table, row = self.draw("appeal_event")
            places = self.places(table, row)
            self.write(f"UPDATE appeal_event SET text=CONCAT(text,'改') WHERE {self.where(table, row)}")
            steps, what = self.chain_again(row[0], int(row[1]), wrong), f"from event {row} on"
        self.world.sql("; ".join(steps))
        if self.random.random() < 0.5:
            self.roots_again()
            what += ", with the roots"
            places |= {f"head {n}" for n, _, _ in self.heads}
        return what, places

    def chain_again(self, appeal, begin, key):
        """Statements that give the events from begin on a right commitment and a MAC under this key, and the appeal its chain."""
        where, before, steps = f"appeal_id=X'{appeal}' ORDER BY n", bytes(32), []
        was = forging.read(self.world, "event", f"{KEPT}.appeal_event", where)
        row = forging.read(self.world, "appeal", f"{KEPT}.appeal", f"id=X'{appeal}'")[0]
        lines = forging.read(self.world, "ledger_entry", f"{KEPT}.ledger_line", where)
        photos = forging.read(self.world, "attachment", f"{KEPT}.attachment", f"appeal_id=X'{appeal}' ORDER BY id")
        contents = [bytes(32), forging.content_digest(row, photos), *(forging.row_mac(b"minhu row", "ledger_entry", line) for line in lines)]
        for old, event in zip(was, forging.read(self.world, "event", "appeal_event", where)):
            n, mac = int.from_bytes(event["n"], "big"), event["mac"]
            if n >= begin:
                content = next(c for c in contents if forging.commitment(old, c) == old["commitment"])
                committed = forging.commitment(event, content)
                mac = forging.chain_mac(key, event, before, committed)
                steps.append(f"UPDATE appeal_event SET commitment=X'{committed.hex()}',mac=X'{mac.hex()}' WHERE appeal_id=X'{appeal}' AND n={n}")
            before = mac
        forged = {**row, "chain": before}
        return [*steps, f"UPDATE appeal SET chain=X'{before.hex()}',mac=X'{forging.row_mac(key, 'appeal', forged).hex()}' WHERE id=X'{appeal}'"]

    def roots_again(self):
        """The heads' roots as the entries now want them, in the table and in the file; the signatures stay."""
        macs = [bytes.fromhex(mac) for _, mac in self.world.sql("SELECT seq,HEX(mac) FROM (SELECT seq,mac FROM appeal_event UNION ALL SELECT seq,mac FROM audit_line) e "
                                                                "WHERE seq IS NOT NULL ORDER BY seq")]
        previous, lines, steps = bytes(32), [], []
        for line in self.lines:
            head = json.loads(line)
            root = forging.tree([hashlib.sha256(b"\0" + forging.number(seq) + macs[seq - 1]).digest() for seq in range(head["first_seq"], head["last_seq"] + 1)])
            head |= {"root": root.hex(), "previous": previous.hex()}
            previous = root
            lines.append(json.dumps(head, separators=(",", ":")).encode() + b"\n")
            steps.append(f"UPDATE audit_head SET root=X'{root.hex()}' WHERE n={head['n']}")
        self.world.sql("; ".join(steps))
        self.heads_file.write_bytes(b"".join(lines))

    def cut_tail(self):
        """Everything after an entry that a head covers is gone, heads too, and the appeals say what is left; perhaps in the file as well,
        so that only its copy knows."""
        last = self.random.randint(1, self.heads[-1][2] - 1)
        appeals = [a for a, in self.world.sql(f"SELECT DISTINCT HEX(appeal_id) FROM appeal_event WHERE seq>{last}")]
        steps = [f"DELETE FROM appeal_event WHERE seq>{last}", f"DELETE FROM audit_line WHERE seq>{last}", f"DELETE FROM audit_head WHERE last_seq>{last}"]
        for appeal in appeals:
            left = self.world.sql(f"SELECT COUNT(*) FROM appeal_event WHERE appeal_id=X'{appeal}' AND seq<={last}") != [["0"]]
            steps.append(self.like_last_event(appeal) if left else f"DELETE FROM appeal WHERE id=X'{appeal}'")
        self.world.sql("BEGIN; " + "; ".join(steps) + "; COMMIT")
        places = {f"head {n}" for n, _, end in self.heads if end > last}
        if self.random.random() < 0.3:
            self.heads_file.write_bytes(b"".join(line for line in self.lines if json.loads(line)["last_seq"] <= last))
            return f"after seq {last}, in the file too", places, "--heads", self.copy
        return f"after seq {last}", places

    def head_file(self):
        """The file of heads: a line changed, removed, doubled, moved, its tail cut off, or half of its last line."""
        lines, pick = list(self.lines), self.random
        at = pick.randrange(len(lines))
        what = pick.choice(["changed", "removed", "doubled", "moved", "cut off", "half a line", "away"])
        first = at + 1
        if what == "changed":
            line = bytearray(lines[at])
            line[pick.randrange(len(line))] ^= 1 << pick.randrange(7)
            lines[at] = bytes(line)
        elif what == "removed":
            del lines[at]
        elif what == "doubled":
            lines.insert(at, lines[at])
        elif what == "moved":
            other = pick.randrange(len(lines))
            if other == at:
                raise Impossible
            lines[at], lines[other] = lines[other], lines[at]
            first = min(at, other) + 1
        elif what == "cut off":
            del lines[at:]
        elif what == "half a line":
            lines[-1] = lines[-1][:pick.randrange(1, len(lines[-1]))]
            first = len(lines)
        else:
            lines, first = [], 1
        self.heads_file.write_bytes(b"".join(lines))
        return f"line {at + 1} {what}", {f"head {n}" for n in (first - 1, first, first + 1)}

    # ---- one try ----

    def tamper(self, kind):
        """Applies one of this kind; returns what it was, the places to be named, and more arguments for the verification."""
        while True:
            try:
                what, places, *arguments = self.kinds[kind]()
                return what, places, arguments
            except Impossible:
                self.restore()

    def run(self, tries, say=print):
        """Tries that many, all kinds in turn. Returns, by kind, how many were tried, found and named right, and the false alarms."""
        tried, found, named, alarms, missed = collections.Counter(), collections.Counter(), collections.Counter(), 0, []
        started = time.monotonic()
        for i in range(tries):
            kind = list(self.kinds)[i % len(self.kinds)]
            what, places, arguments = self.tamper(kind)
            holds, findings = self.verify(*arguments)
            self.restore()
            clean, false = self.verify()
            tried[kind] += 1
            found[kind] += not holds
            right = bool(places & {f"head {f['n']}" if f["kind"] == "head" else f.get("number") for f in findings})
            named[kind] += right
            if not right:
                missed.append(f"{kind}: {what}: " + ("not found" if holds else f"found elsewhere than at {places}: {findings[:3]}"))
                say(missed[-1])
            if not clean:
                alarms += 1
                say(f"after {kind}: {what}: a false alarm: {false[:3]}")
        for kind in self.kinds:
            say(f"{kind:10} tried {tried[kind]:4}, found {found[kind]:4}, at the right place {named[kind]:4}")
        say(f"{sum(tried.values())} tried, {sum(found.values())} found; {tries} verifications of the untouched whole, {alarms} false alarms; "
            f"{time.monotonic() - started:.0f} s")
        return missed, alarms
