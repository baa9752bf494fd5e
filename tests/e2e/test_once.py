"""Once: fifty at the same moment with one key, fifty ratings, and a COMMIT whose answer gets lost. The first outcome stays."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import stack
from test_main_job import wait_for

MANY = 50


@pytest.fixture(scope="module", autouse=True)
def resting_jobs(world, bad_database):
    """No clock moves an appeal, and no job's COMMIT is taken for the one that gets lost. bad_database starts them again at its end."""
    stack("stop", world.folder, "jobs")


def sql_id(appeal):
    return "UNHEX('" + appeal["id"].replace("-", "") + "')"


def at_once(send):
    """The answers of MANY who all send at the same time, each on a connection of its own."""
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(lambda _: send(), range(MANY)))


def check_once(answers, status):
    """One answer for all, as often as it was given; the others were told to come again. Returns it."""
    assert {a.status for a in answers} <= {status, 409}, [a for a in answers if a.status not in (status, 409)][:3]
    for a in answers:
        if a.status == 409:
            a.problem(409, "idempotency_key_running")
    given = [a for a in answers if a.status == status]
    assert given and all(a.raw == given[0].raw for a in given)
    assert sum("idempotent-replayed" not in a.headers for a in given) <= 1, "at most one did the work"
    return given[0]


SUBMIT, ACCEPT, RESOLVE, RATE, SPLIT = 1, 2, 11, 12, 64
to_be_told = []  # (appeal, event) of which somebody is to get a notice, for the last test


def check_books(world, appeal, *actions):
    """The appeal's events, each its audit line too, are these."""
    found = world.sql(f"SELECT action,n FROM appeal_event WHERE appeal_id={sql_id(appeal)} ORDER BY n")
    assert found == [[str(action), str(n)] for n, action in enumerate(actions, 1)]
    assert world.sql(f"SELECT events FROM appeal WHERE id={sql_id(appeal)}") == [[str(len(actions))]]
    to_be_told.extend((appeal, n) for n, action in enumerate(actions, 1) if action in (SUBMIT, ACCEPT))


def test_fifty_posts_with_one_key_are_one_appeal(world, resident):
    mark, key = "".join(chr(97 + b % 16) for b in uuid.uuid4().bytes), str(uuid.uuid4())
    body = {"kind": "help", "text": f"同一键五十次 {mark}", "place_code": world.place["code"]}

    def post():
        return resident.post("/zlb/v1/appeals", body, key=key)
    first = check_once(at_once(post), 201)
    assert world.sql(f"SELECT COUNT(*) FROM appeal WHERE text LIKE '%{mark}'") == [["1"]]
    again = post()
    assert again.ok(201) == first.json and again.headers["idempotent-replayed"] == "true"
    check_books(world, first.json, SUBMIT)


def test_fifty_orders_with_one_key_or_one_number_are_one(world):
    party = world.third_party(None, "property", "post,read", "--per-minute", "100000")
    body, key = {"kind": "report", "text": "地下车库漏水，业主报修。", "place_code": world.place["code"], "external_id": f"ONCE-{uuid.uuid4().hex[:8]}"}, str(uuid.uuid4())
    first = check_once(at_once(lambda: party.post("/open/v1/appeals", body, key=key)), 201)
    assert party.post("/open/v1/appeals", body, key=key).ok(201) == first.json
    # Each with a key of its own: their number is one.
    body["external_id"] = f"ONCE-{uuid.uuid4().hex[:8]}"
    answers = at_once(lambda: party.post("/open/v1/appeals", body, key=str(uuid.uuid4())))
    assert {a.status for a in answers} <= {200, 201, 409} and sum(a.status == 201 for a in answers) == 1, [a.status for a in answers]
    assert len({a.json["id"] for a in answers if a.status in (200, 201)}) == 1
    assert world.sql(f"SELECT COUNT(*) FROM appeal WHERE external_id='{body['external_id']}'") == [["1"]]


def resolved(world, resident):
    """A fresh appeal that its resident can rate."""
    made = resident.submit()
    staff = world.staff(made["holder"]["code"])
    staff.act(made, "accept").ok()
    staff.act(made, "resolve", {"outcome": "solved", "text": "已处理完毕。"}).ok()
    return resident.own(made)


def test_fifty_ratings_are_one(world, resident):
    appeal = resolved(world, resident)
    path, body = f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": True, "stars": 5}
    answers = at_once(lambda: resident.post(path, body, version=appeal["version"], key=str(uuid.uuid4())))
    assert sum(a.status == 200 for a in answers) == 1 and {a.status for a in answers} <= {200, 409, 412, 503}, [a.status for a in answers]
    check_books(world, appeal, SUBMIT, ACCEPT, RESOLVE, RATE)
    # And with one key: all who get an answer get that of the one.
    appeal, key = resolved(world, resident), str(uuid.uuid4())
    first = check_once(at_once(lambda: resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", body, version=appeal["version"], key=key)), 200)
    assert first.json["stars"] == 5 and first.json["state"]["code"] == "closed"
    check_books(world, appeal, SUBMIT, ACCEPT, RESOLVE, RATE)


def lose(world, bad_database, command, send):
    """Sends while a COMMIT gets lost: the client hears that nobody knows, and the same again tells."""
    lost = bad_database.lost()
    bad_database.tell(command)
    unknown = send()
    assert bad_database.lost() == lost + 1, "the COMMIT was met"
    unknown.problem(503, "outcome_unknown")
    assert int(unknown.headers["retry-after"]) >= 1
    return send()


@pytest.mark.parametrize("command,done", [("lose-answer", True), ("lose-commit", False)])
class TestLostCommit:
    def test_of_a_submission(self, world, resident, bad_database, command, done):
        resident.submit()  # numbers are taken in blocks, with a COMMIT of their own: this one isn't the first of a block
        mark, key = "".join(chr(97 + b % 16) for b in uuid.uuid4().bytes), str(uuid.uuid4())
        body = {"kind": "help", "text": f"提交时断线 {mark}", "place_code": world.place["code"]}
        seen = []

        def post():
            seen.append(world.sql(f"SELECT COUNT(*) FROM appeal WHERE text LIKE '%{mark}'")[0][0])
            return resident.post("/zlb/v1/appeals", body, key=key)
        answer = lose(world, bad_database, command, post)
        made = answer.ok(201)
        assert seen == ["0", "1" if done else "0"] and ("idempotent-replayed" in answer.headers) == done
        assert world.sql(f"SELECT COUNT(*) FROM appeal WHERE text LIKE '%{mark}'") == [["1"]]
        assert post().ok(201) == made
        check_books(world, made, SUBMIT)

    def test_of_an_acceptance(self, world, resident, bad_database, command, done):
        made, key = resident.submit(), str(uuid.uuid4())
        staff = world.staff(made["holder"]["code"])
        answer = lose(world, bad_database, command, lambda: staff.post(f"/zzd/v1/appeals/{made['id']}/accept", {}, made["version"], key))
        assert answer.ok()["state"]["code"] == "accepted" and answer.json["version"] == 2
        assert ("idempotent-replayed" in answer.headers) == done
        check_books(world, made, SUBMIT, ACCEPT)

    def test_of_a_rating(self, world, resident, bad_database, command, done):
        appeal, key = resolved(world, resident), str(uuid.uuid4())
        body = {"solved": False, "stars": 2, "comment": "还没好"}
        answer = lose(world, bad_database, command, lambda: resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", body, appeal["version"], key))
        assert answer.ok()["stars"] == 2 and ("idempotent-replayed" in answer.headers) == done
        check_books(world, appeal, SUBMIT, ACCEPT, RESOLVE, RATE)

    def test_of_a_split(self, world, resident, bad_database, command, done):
        made, key, mark = resident.submit(), str(uuid.uuid4()), "".join(chr(97 + b % 16) for b in uuid.uuid4().bytes)
        staff = world.staff(made["holder"]["code"])
        staff.act(resident.submit(), "split", {"parts": [{"text": "另一件事，先占用编号。"}]}).ok()  # see test_of_a_submission
        body = {"parts": [{"text": f"拆分时断线 {mark}"}]}
        answer = lose(world, bad_database, command, lambda: staff.post(f"/zzd/v1/appeals/{made['id']}/split", body, made["version"], key))
        assert answer.status < 300 and ("idempotent-replayed" in answer.headers) == done
        assert world.sql(f"SELECT COUNT(*) FROM appeal WHERE text LIKE '%{mark}'") == [["1"]]
        check_books(world, made, SUBMIT, SPLIT)

    def test_of_a_set_of_actions(self, world, resident, bad_database, command, done):
        """Its first COMMIT claims the key: that this was done it finds out by itself, else the same again does all."""
        both, key = [resident.submit(), resident.submit()], str(uuid.uuid4())
        staff = world.staff(both[0]["holder"]["code"])
        body = {"action": "accept", "items": [{"appeal_id": a["id"], "version": a["version"]} for a in both]}
        lost = bad_database.lost()
        bad_database.tell(command)
        first = staff.post("/zzd/v1/appeals/bulk", body, key=key)
        assert bad_database.lost() == lost + 1, "the COMMIT was met"
        if not done:
            first.problem(503, "outcome_unknown")
            first = staff.post("/zzd/v1/appeals/bulk", body, key=key)
        assert first.ok()["done"] == 2 and staff.post("/zzd/v1/appeals/bulk", body, key=key).ok() == first.json
        for appeal in both:
            check_books(world, appeal, SUBMIT, ACCEPT)


def test_each_of_these_is_told_once(world):
    """When the jobs run again the unit hears of each submission and the resident of each acceptance, once; the chains are whole."""
    stack("start", world.folder, "jobs")
    for appeal, n in to_be_told:
        wait_for(lambda a=appeal, n=n: world.sql(f"SELECT COUNT(*) FROM notice WHERE appeal_id={sql_id(a)} AND event_n={n}") != [["0"]], 30)
    assert world.sql("SELECT COUNT(*) FROM (SELECT 1 FROM notice GROUP BY appeal_id,event_n,person_id HAVING COUNT(*)>1) n") == [["0"]]
    done = world.minhuctl("audit", "verify", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
