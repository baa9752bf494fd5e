"""The dossier can't be edited unseen, and nothing personal lies about in the clear."""

import json
import subprocess
import time

import pytest
from client import Client
from conftest import stack
from forging import bend
from test_main_job import wait_for

# acts/audit.h; numbers are for ever
SIGN_IN, SIGN_OUT, TOKEN_REUSE, POST_END, KEY_CREATE, KEY_REVOKE = 1, 2, 4, 6, 7, 9


def verify(world, *arguments):
    done = world.minhuctl("audit", "verify", *arguments, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def dossier(world, resident, appeal):
    staff = world.staff(appeal["holder"]["code"])
    staff.act(appeal, "accept").ok()
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/progress", {"text": "第一次进展。"}).ok()
    staff.post(f"/zzd/v1/appeals/{appeal['id']}/progress", {"text": "第二次进展。"}).ok()
    return "UNHEX('" + appeal["id"].replace("-", "") + "')"


def test_an_untouched_database_verifies(world, dossier):
    code, text = verify(world)
    assert code == 0, text
    assert dossier


@pytest.fixture
def quiet(world, dossier):
    """The jobs rest, so that nothing but the test changes the dossier."""
    stack("stop", world.folder, "jobs")
    yield dossier
    stack("start", world.folder, "jobs")


TAMPERINGS = [
    ("a changed text", "UPDATE appeal_event SET text='改过' WHERE appeal_id={a} AND n=3", "UPDATE appeal_event SET text='第一次进展。' WHERE appeal_id={a} AND n=3"),
    ("a changed time", "UPDATE appeal_event SET at=at+INTERVAL 1 HOUR WHERE appeal_id={a} AND n=2", "UPDATE appeal_event SET at=at-INTERVAL 1 HOUR WHERE appeal_id={a} AND n=2"),
    ("a changed state", "UPDATE appeal SET state=5 WHERE id={a}", "UPDATE appeal SET state=2 WHERE id={a}"),
    ("a changed excerpt", "UPDATE appeal SET excerpt='别的开头' WHERE id={a}", "UPDATE appeal SET excerpt=LEFT(text,50) WHERE id={a}"),
    ("a padded excerpt", "UPDATE appeal SET excerpt=CONCAT(excerpt,' ') WHERE id={a}", "UPDATE appeal SET excerpt=LEFT(text,50) WHERE id={a}"),
    ("a changed complaint", "UPDATE appeal SET text=CONCAT(text,'。') WHERE id={a}", "UPDATE appeal SET text=LEFT(text,CHAR_LENGTH(text)-1) WHERE id={a}"),
    ("a moved line", "UPDATE appeal_event SET n=9 WHERE appeal_id={a} AND n=3", "UPDATE appeal_event SET n=3 WHERE appeal_id={a} AND n=9"),
]


@pytest.mark.parametrize("name,change,undo", TAMPERINGS, ids=[t[0] for t in TAMPERINGS])
def test_tampering_is_found(world, quiet, name, change, undo):
    world.sql(change.format(a=quiet))
    code, text = verify(world)
    world.sql(undo.format(a=quiet))
    assert code == 1 and text.strip(), f"{name} was not found"
    code, text = verify(world)
    assert code == 0, f"found falsely: {text}"


def test_a_removed_and_a_cut_line(world, quiet):
    columns = "appeal_id,n,seq,action,from_state,to_state,version,actor_kind,actor_id,actor_unit_id,unit_id,from_unit_id,target_id,reason_id,detail,text,numbers,public,notify,at,address,salt,commitment,mac"
    for n in (3, 4):
        world.sql(f"CREATE TABLE kept AS SELECT * FROM appeal_event WHERE appeal_id={quiet} AND n={n}; DELETE FROM appeal_event WHERE appeal_id={quiet} AND n={n}")
        code, text = verify(world)
        world.sql(f"INSERT INTO appeal_event ({columns}) SELECT {columns} FROM kept; DROP TABLE kept")
        assert code == 1, f"line {n} is gone and was not missed: {text}"
    code, text = verify(world)
    assert code == 0, text


def test_whom_a_matter_follows_is_in_both_places(world, resident, quiet):
    lead, other = resident.submit(), resident.submit()
    world.staff(other["holder"]["code"]).act(other, "merge", {"lead_id": lead["id"]}).ok()
    row = [f"X'{a['id'].replace('-', '')}'" for a in (lead, other)]
    there = f"WHERE lead_id={row[0]} AND follower_id={row[1]}"
    assert verify(world, "--appeal", other["number"])[0] == 0
    world.sql(f"UPDATE appeal_follower SET follower_id={quiet} {there}")
    without, astray = verify(world, "--appeal", other["number"]), verify(world)
    world.sql(f"UPDATE appeal_follower SET follower_id={row[1]} WHERE lead_id={row[0]}")
    assert without[0] == 1 and "not among those that follow" in without[1], without
    assert astray[0] == 1 and "among those that follow a matter, and doesn't know" in astray[1], astray
    for column in ("since", "late_at"):
        for unit in ("MICROSECOND", "DAY"):
            world.sql(f"UPDATE appeal_follower SET {column}={column}+INTERVAL 1 {unit} {there}")
            code, text = verify(world, "--appeal", other["number"])
            world.sql(f"UPDATE appeal_follower SET {column}={column}-INTERVAL 1 {unit} {there}")
            assert code == 1 and "since when it follows" in text, (column, text)
    assert verify(world, "--appeal", other["number"])[0] == 0


def test_what_was_changed_past_the_product_stays_found_after_its_next_write(world, resident, quiet, appeal):
    kept = world.sql(f"SELECT address FROM appeal WHERE id={quiet}")[0][0]
    world.sql(f"UPDATE appeal SET address='别处' WHERE id={quiet}")
    resident.post(f"/zlb/v1/appeals/{appeal['id']}/supplement", {"text": "补充一句。"}).ok()
    code, text = verify(world, "--appeal", appeal["number"])
    assert code == 1 and "its row was changed" in text, text
    bend(world, f"address='{kept}'", appeal)
    code, text = verify(world)
    assert code == 0, text


def test_heads_cut_off_at_once_are_missed(world, quiet):
    """Younger than a head's way to the file: it is waited for, and does not come."""
    world.minhu_jobs_once()
    heads = world.folder / "audit-heads"
    lines = heads.read_bytes()
    heads.write_bytes(lines[:lines.rindex(b"\n", 0, -1) + 1] if lines.count(b"\n") > 1 else b"")
    code, text = verify(world)
    heads.write_bytes(lines)
    assert code == 1 and "not in the file" in text, text
    code, text = verify(world)
    assert code == 0, text


def test_a_lost_connection_is_no_finding(world, quiet):
    """It waits for a table that another holds when its connection goes: what it had read by then can't be read again."""
    def ask(text):
        return world.sql(text + " LIMIT 1")
    holder = subprocess.Popen(["mariadb", "--no-defaults", f"--socket={world.folder}/run/db.sock", "--user=root", "-N", "-B", "-n", "minhu"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        print("LOCK TABLES ledger_line WRITE; SELECT 'held';", file=holder.stdin, flush=True)
        assert holder.stdout.readline() == "held\n"
        waiting = "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata lock%'"
        done = subprocess.Popen([f"{world.build}/minhuctl", "--config", f"{world.folder}/minhu.conf", "audit", "verify"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        (number,), = wait_for(lambda: ask(waiting), 20)
        world.sql_quietly(f"KILL {number}")
        wait_for(lambda: done.poll() is not None or ask(f"{waiting} AND id<>{number}"), 20)
    finally:
        holder.communicate("UNLOCK TABLES;", timeout=20)
    text = done.communicate(timeout=60)[0]
    assert done.returncode == 69 and "verify" in text, (done.returncode, text)


def test_swapped_sealed_values_dont_open(world, resident, other_resident):
    one, two = resident.submit(), other_resident.submit()
    ids = ["UNHEX('" + a["id"].replace("-", "") + "')" for a in (one, two)]
    staff = world.staff(one["holder"]["code"])
    staff.seen(one)
    kept = world.sql(f"SELECT HEX(reporter_phone) FROM appeal WHERE id={ids[0]}")[0][0]
    other = world.sql(f"SELECT HEX(reporter_phone) FROM appeal WHERE id={ids[1]}")[0][0]
    world.sql(f"UPDATE appeal SET reporter_phone=UNHEX('{other}') WHERE id={ids[0]}")
    answer = staff.get(f"/zzd/v1/appeals/{one['id']}")
    world.sql(f"UPDATE appeal SET reporter_phone=UNHEX('{kept}') WHERE id={ids[0]}")
    assert answer.status == 500 and other not in answer.raw.decode()
    staff.seen(one)


def test_what_is_of_no_dossier_is_written_too(world):
    """Signing in and out, stolen tokens, posts, keys: who did what to which object."""
    def lines(action, thing):
        return world.sql(f"SELECT COUNT(*) FROM audit_line WHERE action={action} AND object_id=UNHEX('{thing.replace('-', '')}')") == [["1"]]

    person = world.add_resident(idnum=None)
    one, two, nobody = world.sign_in(person["userid"]), world.sign_in(person["userid"]), Client(world, None)
    ended, stolen = one.session, two.session
    assert lines(SIGN_IN, ended["session_id"]) and lines(SIGN_IN, stolen["session_id"])
    assert one.post("/zlb/v1/sessions/revoke").status == 204 and lines(SIGN_OUT, ended["session_id"])
    token = stolen["refresh_token"]
    for _ in range(2):
        token = nobody.post("/zlb/v1/sessions/refresh", {"refresh_token": token}).ok()["refresh_token"]
    nobody.post("/zlb/v1/sessions/refresh", {"refresh_token": stolen["refresh_token"]}).problem(401, "token_invalid")
    assert lines(TOKEN_REUSE, stolen["session_id"])
    key = world.third_party()
    made = next(k["id"] for k in json.loads(world.minhuctl("key", "list", "--json").stdout) if k["client"] == key.me["name"])
    world.minhuctl("key", "revoke", made)
    assert lines(KEY_CREATE, made) and lines(KEY_REVOKE, made)
    units = [p["unit_code"] for p in world.posts if p["role"] == "administrator" and p["unit_code"].startswith("town")]
    admin, other = world.staff(units[-1], "administrator"), world.staff(units[-1], "handler", nth=3).me["post"]["id"]
    assert admin.post(f"/zzd/v1/posts/{other}/end").status == 204 and lines(POST_END, other)


def test_heads_are_written_outside_and_hold(world, dossier):
    heads = world.folder / "audit-heads"
    wait_for(lambda: heads.exists() and heads.stat().st_size > 0, 75)
    code, text = verify(world)
    assert code == 0, text
    lines = heads.read_text()
    heads.write_text(lines.replace('"root":"', '"root":"00', 1))
    code, text = verify(world)
    heads.write_text(lines)
    assert code == 1, text
    code, text = verify(world)
    assert code == 0, text
    assert dossier


def test_nothing_personal_in_the_database(world, resident):
    person = world.add_resident(username="欧阳独特", mobile="13512340987", idnum="330100196001010016")
    one = world.sign_in(person["userid"])
    one.submit(text="我的电话 13512340987，身份证 330100196001010016。")
    time.sleep(0.5)
    dump = world.folder / "dump.sql"
    import subprocess
    with open(dump, "wb") as f:
        subprocess.run(["mariadb-dump", "--no-defaults", f"--socket={world.folder}/run/db.sock", "--user=root", "minhu"], stdout=f, check=True)
    text = dump.read_bytes()
    for secret in ("欧阳独特", "13512340987", "330100196001010016", one.token):
        assert secret.encode() not in text, secret
    assert resident
