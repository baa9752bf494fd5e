"""The dossier's digests, written again from what handlers/acts/audit.h says of them: for tests that forge, and for tests that bend time."""

import hashlib
import hmac
import pathlib
import re
import struct

ROWS_DEF = pathlib.Path(__file__).resolve().parent.parent.parent / "db/rows.def"
# Microseconds since 1970, whatever the server's time zone.
TIME = "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',{})"
SHOWN = {"INT": "COALESCE({},0)", "TIME": f"COALESCE({TIME},0)", "ID": "COALESCE(HEX({}),'')", "HASH": "COALESCE(HEX({}),'')", "TEXT": "COALESCE(HEX({}),'')"}


def number(n):
    return struct.pack(">q", n)


def parts_mac(key, parts):
    return hmac.new(key, b"".join(number(len(p)) + p for p in parts), hashlib.sha256).digest()


def tree(leaves):
    """The root of RFC 6962's tree."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree(leaves[:half]) + tree(leaves[half:])).digest()


def members(row_type):
    """Type and name of each column as the product reads the row."""
    return re.findall(rf"^COL\({row_type}, (\w+), (\w+)\)$", ROWS_DEF.read_text(), re.M)


def read(world, row_type, table, where):
    """Rows as the product reads them: each a dictionary of the bytes that a digest takes; b"" is what has no part."""
    columns = members(row_type)
    shown = ",".join(SHOWN[kind].format(name) for kind, name in columns)
    return [{name: (number(int(v)) if int(v) else b"") if kind in ("INT", "TIME") else b"" if kind != "TEXT" and not v.strip("0") else bytes.fromhex(v)
             for (kind, name), v in zip(columns, row)} for row in world.sql(f"SELECT {shown} FROM {table} WHERE {where}")]


def row_mac(key, row_type, row):
    parts = [row_type.encode()]
    for name, value in row.items():
        if value and name != "mac":
            parts += [name.encode(), value]
    return parts_mac(key, parts)


def photos_digest(photos):
    digest = bytes(32)
    for photo in photos:
        digest = hashlib.sha256(digest + row_mac(b"minhu row", "attachment", photo)).digest()
    return digest


def content_digest(appeal, photos):
    def whole(name, n):
        return appeal[name] or bytes(n)
    names = ["title", "text", "external_id"]
    return parts_mac(b"minhu appeal", [appeal["number"], whole("channel", 8), whole("kind", 8), *(appeal[n] for n in names), whole("client_id", 16),
                                       appeal["reporter_name"], appeal["reporter_phone"], whole("about_unit_id", 8), whole("withheld", 8),
                                       whole("first_unit_id", 8), whole("submitted_at", 8), photos_digest(photos)])


def commitment(event, content):
    def whole(name, n):
        return event[name] or bytes(n)
    numbers = ["n", "action", "from_state", "to_state", "version", "actor_kind", "actor_unit_id", "unit_id", "from_unit_id", "reason_id", "detail", "public", "notify", "at"]
    return parts_mac(event["salt"], [*(whole(n, 8) for n in numbers), number(1), event["appeal_id"], whole("actor_id", 16), whole("target_id", 16), event["text"],
                                     event["address"], content, event["numbers"], whole("client_id", 16)])


def chain_mac(key, event, before, committed):
    return parts_mac(key, [before, event["appeal_id"], event["n"], committed])


def bend(world, change, *appeals):
    """Changes appeals' rows as if they had been so from the start: with a MAC, which only the holder of the key file can make."""
    key = bytes.fromhex(re.search(r"(?m)^audit = (\w+)$", (world.folder / "keys").read_text()).group(1))
    where = "id IN (" + ",".join(f"X'{a['id'].replace('-', '')}'" for a in appeals) + ")"
    world.sql(f"UPDATE appeal SET {change} WHERE {where}")

    def as_it_is():
        return {row["id"].hex(): row_mac(key, "appeal", row).hex() for row in read(world, "appeal", "appeal", where)}
    macs = as_it_is()
    for _ in range(10):  # a job may write a row meanwhile, and leaves a MAC that doesn't hold as it is
        world.sql("".join(f"UPDATE appeal SET mac=X'{mac}' WHERE id=X'{appeal}'; " for appeal, mac in macs.items()))
        written, macs = macs, as_it_is()
        if macs == written:
            return
    raise AssertionError("the rows change all the time")
