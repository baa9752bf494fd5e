"""Numbers of people leave every text that staff write, as they leave those of reporters: sealed in the matter's dossier, shown to who may
see its contact; where no dossier could hold them, the text is refused."""

import json
import pathlib
import uuid

import contract
import pytest
from beijing import day, moment
from calm import resident, world  # noqa: F401
from test_meetings import GUEST, call, minutes, visit
from test_requests import post
from test_staff import reason, sibling

NUMBERS = ["13812345678", "330100198512120021", "浙A12345"]
T = f"请联系 {NUMBERS[0]}，身份证 {NUMBERS[1]}、车牌{NUMBERS[2]}。"
MARKS = ["〔手机号〕", "〔身份证号〕", "〔车牌号〕"]
SPEC = json.loads((pathlib.Path(__file__).parents[2] / "mobile-api-spec/openapi.json").read_text(encoding="utf-8"))


class Cast:
    def __init__(self, world, resident):
        here = world.place["unit_code"]
        self.world, self.resident, self.here, self.there = world, resident, here, sibling(world, here)
        self.lead, self.counit = world.staff(here), world.staff(self.there)
        self.chief, self.top = world.staff(world.chain(here)[1]), world.staff(world.chain(here)[-1])

    def fresh(self):
        return self.resident.submit()

    def accepted(self):
        appeal = self.fresh()
        self.lead.act(appeal, "accept").ok()
        return appeal

    def sent(self):
        """With the other unit, which may send it back."""
        appeal = self.fresh()
        self.lead.act(appeal, "transfer", {"unit_code": self.there, "reason_code": reason(self.lead, "transfer")}).ok()
        return appeal

    def part(self, appeal):
        return post(self.lead, appeal, "parts", unit_code=self.there, text="请查看。").ok(201)

    def meeting(self, appeal):
        return call(self.lead, appeal, [GUEST]).ok(201)


# ---- what each operation is asked to keep: the matter, and the answer ----

SAYS = {}


def says(*fields):
    def entry(f):
        SAYS.update(dict.fromkeys(fields, f))
        return f
    return entry


def acting(path, who="lead", state="accepted", **body):
    """An action on a matter, with T in its text; values that are functions are asked when it is time."""
    def run(cast):
        appeal, client = getattr(cast, state)(), getattr(cast, who)
        filled = {k: v(cast) if callable(v) else v for k, v in body.items()}
        return appeal, client.act(appeal, path, {"text": T, **filled})
    return run


def why(purpose):
    return lambda cast: reason(cast.lead, purpose)


def there(cast):
    return cast.there


for name, run in {"acceptAppeal": acting("accept", state="fresh"), "rejectAppeal": acting("reject", state="fresh", reason_code=why("reject")),
                  "weighAppeal": acting("weigh", weight="hard"), "transferAppeal": acting("transfer", unit_code=there, reason_code=why("transfer")),
                  "delegateAppeal": acting("delegate", "chief", unit_code=there), "returnAppeal": acting("return", "counit", "sent", reason_code=why("return")),
                  "escalateAppeal": acting("escalate", reason_code=why("escalate")), "resolveAppeal": acting("resolve", outcome="solved"),
                  "addNote": acting("notes"), "addProgress": acting("progress"), "addContact": acting("contacts", outcome="reached"), "askResident": acting("ask"),
                  "mergeAppeal": acting("merge", lead_id=lambda cast: cast.accepted()["id"]), "requestExtension": acting("request-extension", days=2),
                  "requestSuspension": acting("request-suspension", reason_code=why("suspend"), until=day(5)), "superviseAppeal": acting("supervise", "chief"),
                  "unmaskContact": acting("unmask", reason_code=why("unmask")), "addPart": acting("parts", unit_code=there),
                  "callGroup": acting("groups", group_code="committee-district")}.items():
    SAYS[f"{name} /text"] = run


@says("classifyAppeal /address")
def _(cast):
    appeal = cast.accepted()
    return appeal, cast.lead.act(appeal, "classify", {"address": T})


@says("staffNumberDemands /demands/*/text")
def _(cast):
    appeal = cast.accepted()
    return appeal, cast.lead.act(appeal, "demands", {"demands": [{"text": T}, {"text": "何时清理？"}]})


@says("resolveAppeal /answers/*/text")
def _(cast):
    appeal = cast.accepted()
    cast.lead.act(appeal, "demands", {"demands": [{"text": "谁来清理？"}, {"text": "何时清理？"}]}).ok()
    answers = [{"number": 1, "outcome": "answered", "text": T}, {"number": 2, "outcome": "answered", "text": "明天。"}]
    return appeal, cast.lead.act(appeal, "resolve", {"outcome": "solved", "text": "已清理完毕。", "answers": answers})


@says("ruleAppeal /duty", "ruleAppeal /text")
def _(cast):
    appeal = cast.sent()
    cast.counit.act(appeal, "return", {"reason_code": reason(cast.lead, "return"), "text": "不属于本村职责。"}).ok()
    answer = cast.chief.act(appeal, "rule", {"unit_code": cast.there, "duty": T, "text": T})
    assert not any(n in str(cast.chief.get("/zzd/v1/rulings?limit=100").ok()) for n in NUMBERS)
    return appeal, answer


@says("withdrawQuestion /text")
def _(cast):
    appeal = cast.accepted()
    post(cast.lead, appeal, "ask", text="请问是几单元？").ok()
    return appeal, post(cast.lead, appeal, "withdraw-question", text=T)


@says("unmergeAppeal /text")
def _(cast):
    appeal, other = cast.accepted(), cast.accepted()
    cast.lead.act(appeal, "merge", {"lead_id": other["id"]}).ok()
    return appeal, cast.lead.act(appeal, "unmerge", {"text": T})


@says("splitAppeal /parts/*/title", "splitAppeal /parts/*/text")
def _(cast):
    appeal = cast.accepted()
    cast.lead.act(appeal, "split", {"parts": [{"title": T, "text": T}, {"text": "路灯不亮，请维修。"}]}).ok()
    part = next(p for p in cast.lead.seen(appeal)["split_into"] if MARKS[0] in p["title"])
    return part, cast.lead.get(f"/zzd/v1/appeals/{part['id']}")


@says("extendAppeal /text")
def _(cast):
    appeal = cast.accepted()
    post(cast.lead, appeal, "request-extension", days=2, text="等配件。").ok()
    return appeal, post(cast.chief, appeal, "extend", text=T)


@says("refuseRequest /text")
def _(cast):
    appeal = cast.accepted()
    post(cast.lead, appeal, "request-extension", days=2, text="等配件。").ok()
    return appeal, post(cast.chief, appeal, "refuse", text=T)


def suspend(cast, text):
    appeal = cast.accepted()
    post(cast.lead, appeal, "request-suspension", reason_code=reason(cast.lead, "suspend"), until=day(5), text="须待法院判决。").ok()
    return appeal, post(cast.chief, appeal, "suspend", text=text)


@says("suspendAppeal /text")
def _(cast):
    return suspend(cast, T)


@says("continueAppeal /text")
def _(cast):
    appeal, _ = suspend(cast, "同意。")
    return appeal, post(cast.lead, appeal, "continue", text=T)


@says("replyToSupervision /text")
def _(cast):
    appeal = cast.accepted()
    post(cast.chief, appeal, "supervise", reply_days=3).ok()
    return appeal, post(cast.lead, appeal, "reply", text=T)


@says("callBack /text")
def _(cast):
    appeal = cast.accepted()
    cast.lead.act(appeal, "resolve", {"outcome": "solved", "text": "已清理完毕。"}).ok()
    cast.resident.post(f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": False, "stars": 1}, cast.resident.own(appeal)["version"]).ok()
    return appeal, cast.lead.act(appeal, "callback", {"outcome": "unsatisfied", "text": T})


@says("addPart /organisation")
def _(cast):
    appeal = cast.accepted()
    return appeal, post(cast.lead, appeal, "parts", organisation=T, text="请查看。")


@says("answerPart /text")
def _(cast):
    appeal = cast.accepted()
    return appeal, cast.counit.post(f"/zzd/v1/parts/{cast.part(appeal)['id']}/answer", {"outcome": "done", "text": T})


@says("waivePart /text")
def _(cast):
    appeal = cast.accepted()
    return appeal, cast.lead.post(f"/zzd/v1/parts/{cast.part(appeal)['id']}/waive", {"text": T})


@says("callMeeting /place", "callMeeting /agenda")
def _(cast):
    appeal = cast.accepted()
    return appeal, call(cast.lead, appeal, [GUEST], place=T, agenda=T)


@says("recordVisit /place", "recordVisit /text", "recordVisit /public_text")
def _(cast):
    appeal = cast.accepted()
    return appeal, visit(cast.lead, appeal, place=T, text=T, public_text=T)


@says("recordMinutes /text", "recordMinutes /public_text", "recordMinutes /decisions/*/text", "recordMinutes /decisions/*/organisation")
def _(cast):
    appeal = cast.accepted()
    decisions = [{"text": T, "unit_code": cast.there, "as_part": True}, {"text": T, "organisation": T, "due_by": moment(days=3)}]
    return appeal, minutes(cast.lead, cast.meeting(appeal), [GUEST], text=T, public_text=T, decisions=decisions)


@says("bulkAppeals /text")
def _(cast):
    appeal = cast.fresh()
    body = {"action": "accept", "items": [{"appeal_id": appeal["id"], "version": cast.lead.seen(appeal)["version"]}], "text": T}
    answer = cast.lead.post(BULK, body, key=str(uuid.uuid4()))
    assert answer.ok()["done"] == 1
    return appeal, answer


BULK = next(path for path, item in SPEC["paths"].items() if item.get("post", {}).get("operationId") == "bulkAppeals")

# ---- where no dossier holds them ----

REFUSED = ["publishTrouble /title", "publishTrouble /text", "updateTrouble /title", "updateTrouble /text", "endTrouble /text", "withdrawTrouble /text",
           "setDisasterMode /text", "setDisasterMode /text_en", "setDisasterMode /reason", "endDisasterMode /text", "createView /name", "createView /q",
           "updateView /name", "updateView /q", "createPhrase /text", "updatePhrase /text"]
# What is no text that is kept: secrets, a phone to look for, the district's hotline, days; who sat at a table is sealed as it is.
NO_TEXT = {"/invitation", "/refresh_token", "/phone", "/planned_for", "/until"}
PEOPLE = ("/invited/", "/came/")


@pytest.fixture(scope="module")
def cast(world, resident):
    return Cast(world, resident)


@pytest.mark.parametrize("field", sorted(SAYS))
def test_a_text_keeps_no_number(cast, field):
    appeal, answer = SAYS[field](cast)
    assert answer.status in (200, 201), answer
    shown = [] if field.startswith("unmask") else [answer.raw.decode()]  # which shows them on purpose
    shown += [cast.lead.get(f"/zzd/v1/appeals/{appeal['id']}").raw.decode(), cast.resident.get(f"/zlb/v1/appeals/{appeal['id']}").raw.decode()]
    shown += [cast.lead.get(f"/zzd/v1/appeals/{appeal['id']}/{what}").raw.decode() for what in ("timeline", "parts", "meetings")]
    assert not any(number in text for number in NUMBERS for text in shown), field
    assert all(any(mark in text for text in shown) for mark in MARKS), field
    if field.startswith("reject"):  # whose contact nobody needs any more
        assert cast.world.sql(f"SELECT COUNT(numbers) FROM appeal_event WHERE appeal_id=X'{appeal['id'].replace('-', '')}'") == [["1"]]
        return
    contact = post(cast.lead, appeal, "unmask", reason_code=reason(cast.lead, "unmask")).ok()
    assert set(NUMBERS) <= set(contact["numbers"]), "sealed, not lost"


@pytest.mark.parametrize("field", REFUSED)
def test_a_text_that_no_dossier_has_is_refused(cast, field):
    operation, pointer = field.split()
    path = next(path for path, item in SPEC["paths"].items() if item.get("post", {}).get("operationId") == operation)
    made = str(uuid.uuid4())
    for name in ("trouble_id", "view_id", "phrase_id"):
        path = path.replace("{" + name + "}", made)
    body = {**(contract.example_body(operation) or {}), pointer[1:]: NUMBERS[0]}
    answer = cast.top.post(path, body, key=str(uuid.uuid4())).problem(400, "invalid_request")
    told = {e["pointer"]: e["detail"] for e in answer["errors"]}
    assert "个人号码" in told.get(pointer, ""), told


def texts(schema, pointer=""):
    if "$ref" in schema:
        schema = SPEC["components"]["schemas"][schema["$ref"].split("/")[-1]]
    if schema.get("type") == "array":
        yield from texts(schema["items"], pointer + "/*")
    for name, of in schema.get("properties", {}).items():
        yield from texts(of, f"{pointer}/{name}")
    if schema.get("type") == "string" and "enum" not in schema and "format" not in schema and not pointer.endswith("code"):
        yield pointer


def test_every_text_that_staff_can_write_is_here():
    found = set()
    for path, item in SPEC["paths"].items():
        for operation in item.values():
            if path.startswith("/zzd/") and isinstance(operation, dict) and "requestBody" in operation:
                schemas = [kind.get("schema", {}) for kind in operation["requestBody"]["content"].values()]
                found |= {f"{operation['operationId']} {p}" for s in schemas for p in texts(s) if p not in NO_TEXT and not p.startswith(PEOPLE)}
    assert found == set(SAYS) | set(REFUSED)


def test_no_number_is_left_in_the_database(world):
    """Last: of all that was written above."""
    columns = world.sql("SELECT table_name,GROUP_CONCAT(column_name) FROM information_schema.columns WHERE table_schema='minhu' AND "
                        "data_type IN ('varchar','char','text','mediumtext','longtext') GROUP BY table_name")
    held = [table for table, names in columns for number in NUMBERS
            if world.sql(f"SELECT COUNT(*) FROM {table} WHERE CONCAT_WS('|',{names}) LIKE '%{number}%'") != [["0"]]]
    assert held == []
