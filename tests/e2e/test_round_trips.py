"""What a request asks of the database: at most one statement for its token, one for a list; a submission one, too."""

import uuid

import pytest
from client import World
from conftest import stack
from round_trips import TOKEN, Log


@pytest.fixture(scope="module")
def log(world: World):
    stack("stop", world.folder, "jobs")
    try:
        with Log(world.sql) as log:
            yield log
    finally:
        stack("start", world.folder, "jobs")


def work(trips):
    """What is asked besides the token, by the first words of each statement; and but the end of a mode, which goes ahead of the next."""
    return [" ".join(text.split()[:3]) for text in trips if TOKEN not in text and text != "SET autocommit=1"]


def test_a_profile_costs_the_token_alone(log, resident):
    assert work(log.of(lambda: resident.get("/zlb/v1/me").ok())) == []


def test_a_token_is_looked_up_once(log, world, resident):
    """Each with a token of its own, which nobody remembers yet."""
    for _ in range(3):
        fresh = world.sign_in(world.residents[0]["userid"])
        trips = [text for command, text in log.once(lambda client=fresh: client.get("/zlb/v1/me").ok()) if command == "Execute"]
        assert len([text for text in trips if TOKEN in text]) == 1 == len(trips)


@pytest.mark.parametrize("path", ["/zlb/v1/appeals?limit=20", "/zlb/v1/appeals?state=submitted", "/zlb/v1/notices"])
def test_a_list_of_a_resident_costs_one_more(log, resident, appeal, path):
    assert len(work(log.of(lambda: resident.get(path).ok()))) == 1


@pytest.mark.parametrize("box", ["to_accept", "in_hand", "overdue", "due_soon", "mine", "returned"])
def test_a_list_of_staff_costs_one_more(log, world, box):
    staff = world.staff("compound-0001")
    assert len(work(log.of(lambda: staff.get(f"/zzd/v1/appeals?box={box}").ok()))) == 1


def test_boxes_with_their_counts_cost_two_more(log, world):
    staff = world.staff("compound-0001")
    assert len(work(log.of(lambda: staff.get("/zzd/v1/boxes").ok()))) == 2


def test_a_submission_costs_one_more(log, resident):
    """All that it writes, and COMMIT."""
    trips = [t for t in log.of(resident.submit, least=3) if TOKEN not in t]
    assert len(trips) == 1 and trips[0].startswith("BEGIN NOT ATOMIC") and trips[0].endswith("COMMIT; END"), trips
    assert trips[0].count("START TRANSACTION; ") == 1 and trips[0].count("INSERT INTO ") == 3, trips


def test_hints_while_typing_cost_two_more(log, resident, appeal):
    """What is found by its keys, and what of it may be told."""
    text = {"text": appeal["text"], "place_code": appeal["place"]["code"]}
    trips = work(log.of(lambda: resident.post("/zlb/v1/appeals/alike", text).ok()))
    assert 1 <= len(trips) <= 2 and all(t.startswith(("SELECT", "(SELECT")) for t in trips), trips


def test_an_appeal_is_read_in_four(log, resident, appeal):
    assert len(work(log.of(lambda: resident.own(appeal)))) <= 4


def test_a_staff_action_costs_at_most_eight(log, world, appeal):
    """Lock, event, appeal and answer within one transaction, and what the answer shows besides."""
    staff = world.staff("compound-0001")
    note = f"/zzd/v1/appeals/{appeal['id']}/notes"
    trips = work(log.of(lambda: staff.post(note, {"text": "已电话联系。"}, key=str(uuid.uuid4())).ok()))
    assert len(trips) <= 8, trips
