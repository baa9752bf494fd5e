"""Where a matter goes and why: rules by category, place, channel, kind and day; who has an interest never decides."""

import datetime
import urllib.parse
import xml.etree.ElementTree

import pytest
from beijing import BEIJING
from test_calendar import restart
from test_staff import holder_of

HEAD = ("category_code", "area_code", "tier", "unit_code", "place_code", "channel", "kind", "valid_from", "valid_until", "basis")
DAY = datetime.timedelta(days=1)


def write(path, head, rows):
    path.write_text("".join("\t".join(row) + "\n" for row in [head, *rows]))


def rule(**cells):
    return tuple(cells.get(name, "") for name in HEAD)


@pytest.fixture(scope="module")
def place(world):
    """A compound of a town that other tests leave alone."""
    return next(p for p in reversed(world.stack.rows("places.tsv")) if world.units[p["unit_code"]]["tier"] == "compound")


def above(world, code, tier):
    while world.units[code]["tier"] != tier:
        code = world.units[code]["parent_code"]
    return code


@pytest.fixture(scope="module")
def rules(world, place, tmp_path_factory):
    """Rules for one category at one place, beside those of the demonstration; afterwards only these."""
    folder = tmp_path_factory.mktemp("rules")
    today = datetime.datetime.now(BEIJING).date()
    village, town = above(world, place["unit_code"], "village"), above(world, place["unit_code"], "town")
    demo = [rule(**row) for row in world.stack.rows("routes.tsv")]
    write(folder / "routes.tsv", HEAD, demo + [
        rule(category_code="education", place_code=place["code"], unit_code=village, basis="试验职责第一条"),
        rule(category_code="education", place_code=place["code"], tier="town", kind="suggest"),
        rule(category_code="education", place_code=place["code"], tier="compound", channel="hotline_12345"),
        rule(category_code="education", place_code=place["code"], unit_code="dep-city", kind="ask", valid_until=str(today - 2 * DAY)),
        rule(category_code="education", place_code=place["code"], unit_code="dep-water", kind="ask", valid_from=str(today - DAY), valid_until=str(today + DAY)),
        rule(category_code="education", place_code=place["code"], unit_code="dep-power", kind="ask", valid_from=str(today + 2 * DAY)),
    ])
    write(folder / "interests.tsv", ("unit_code", "with_code"), [(village, "dep-gas")])
    # A square around the place, far from it: where it would not be the nearest. And one inside of another's.
    write(folder / "addresses.tsv", ("text", "place_code"), [("试验路１２弄三号楼", place["code"]), ("试验路", world.place["code"])])
    write(folder / "areas.tsv", ("place_code", "outline"), [
        (world.place["code"], "POLYGON((121.0 29.0,121.2 29.0,121.2 29.2,121.0 29.2,121.0 29.0))"),
        (place["code"], "POLYGON((121.05 29.05,121.1 29.05,121.1 29.1,121.05 29.1,121.05 29.05))")])
    write(folder / "tags.tsv", ("code", "kind", "name", "place_code", "category_code", "address"), [
        ("lift-77", "lift", "3 幢 <客梯>", place["code"], "education", "3 幢 1 单元电梯"), ("lamp-78", "lamp", "路灯 78", place["code"], "", "")])
    first = world.minhuctl("import", folder).stdout
    assert "6 of them new" in first, first
    again = world.minhuctl("import", folder).stdout
    assert "0 of them new" in again, again
    restart(world)
    yield {"village": village, "town": town}
    write(folder / "routes.tsv", HEAD[:4], [row[:4] for row in demo])
    write(folder / "interests.tsv", ("unit_code", "with_code"), [])
    write(folder / "addresses.tsv", ("text", "place_code"), [])
    write(folder / "tags.tsv", ("code", "kind", "name", "place_code", "category_code", "address"), [])
    write(folder / "areas.tsv", ("place_code", "outline"), [])
    assert "0 of them new" in world.minhuctl("import", folder).stdout
    restart(world)


def submit(resident, place, kind, **more):
    return resident.submit(**{"category_code": "education", "place_code": place["code"], "kind": kind, **more})


def test_the_most_special_rule_decides(world, resident, place, rules):
    assert submit(resident, place, "help")["holder"]["code"] == rules["village"]
    assert submit(resident, place, "suggest")["holder"]["code"] == rules["town"]
    assert submit(resident, place, "ask")["holder"]["code"] == "dep-water", "of three rules the one of these days"


def test_a_new_kind_of_matter_is_routed_by_its_kind_and_channel_again(world, resident, place, rules):
    appeal = submit(resident, place, "suggest")
    staff = holder_of(world, appeal)
    gone = staff.act(appeal, "classify", {"category_code": "market"}).ok()
    assert gone["holder"]["code"] == "dep-market" and gone["resolve_by"] == appeal["resolve_by"]
    back = holder_of(world, gone).act(gone, "classify", {"category_code": "education"}).ok()
    assert back["holder"]["code"] == rules["town"]


def test_who_has_an_interest_never_decides(world, resident, place, rules):
    appeal = submit(resident, place, "help", about_unit_code="dep-gas")
    assert appeal["holder"]["code"] == rules["town"], "the village has an interest with who is complained of"
    town = holder_of(world, appeal)
    refused = town.act(appeal, "delegate", {"unit_code": rules["village"]}).problem(409, "conflict")
    assert "利害关系" in refused["detail"]
    assert submit(resident, place, "help", about_unit_code="dep-water")["holder"]["code"] == rules["village"]


def why(staff, appeal):
    return staff.get(f"/zzd/v1/appeals/{appeal['id']}/why").ok()


def test_why_here(world, resident, place, rules):
    appeal = submit(resident, place, "help", about_unit_code="dep-gas")
    town = holder_of(world, appeal)
    told = why(town, appeal)
    [step] = told["steps"]
    assert step["by"]["code"] == "rule" and step["rule"]["basis"] == "试验职责第一条" and step["rule"]["place"]["code"] == place["code"]
    assert step["rule"]["imported_at"] and not step["rule"]["retired_at"]
    assert step["named"]["code"] == rules["village"] and step["unit"]["code"] == rules["town"]
    assert [(p["unit"]["code"], p["why"]["code"]) for p in step["passed_over"]] == [(rules["village"], "interest")]
    assert told["now"]["rule"] == step["rule"] and told["now"]["unit"] == step["unit"]

    town.act(appeal, "classify", {"category_code": "market"}).ok()
    moved = why(world.staff("dep-market"), appeal)
    assert [(s["action"]["code"], s["by"]["code"], s["unit"]["code"]) for s in moved["steps"]] == \
        [("submit", "rule", rules["town"]), ("classify", "rule", "dep-market")]
    assert moved["steps"][1]["rule"]["category"]["code"] == "market" and moved["steps"][1]["from_unit"]["code"] == rules["town"]


def test_why_here_without_a_rule(world, resident, place, rules):
    chain = submit(resident, place, "help", category_code="social")
    compound = holder_of(world, chain)
    assert why(compound, chain)["steps"][0]["by"]["code"] == "place"
    compound.act(chain, "escalate", {"reason_code": "beyond_power"}).ok()
    steps = why(world.staff(rules["village"]), chain)["steps"]
    assert [s["by"]["code"] for s in steps] == ["place", "staff"] and steps[1]["reason"]["code"] == "beyond_power"
    assert steps[1]["from_unit"]["code"] == place["unit_code"]


def test_the_operator_is_told_why(world, place, rules):
    told = world.minhuctl("route", "explain", "--category", "education", "--place", place["code"], "--kind", "complain", "--about", "dep-gas").stdout
    assert f"place {place['code']} kind suggest" in told and "no: another kind" in told
    assert f"-> {rules['village']}; decides" in told and "试验职责第一条" in told
    assert f"passed over: {rules['village']}" in told and f"goes to: {rules['town']}" in told
    none = world.minhuctl("route", "explain", "--category", "social").stdout
    assert "no rule and no place" in none
    later = world.minhuctl("route", "explain", "--category", "education", "--place", place["code"], "--kind", "ask", "--day", "2035-01-01").stdout
    assert "goes to: dep-power" in later and "no: no longer valid" in later
    assert "no place" in world.minhuctl("route", "explain", "--place", "nowhere", check=False).stderr


def test_rules_are_tried_before_they_are_in_force(world, resident, place, rules, tmp_path):
    moves, stays = submit(resident, place, "help"), submit(resident, place, "suggest")
    demo = [rule(**row) for row in world.stack.rows("routes.tsv")]
    write(tmp_path / "routes.tsv", HEAD, demo + [
        rule(category_code="education", place_code=place["code"], unit_code="dep-health"),
        rule(category_code="education", place_code=place["code"], tier="town", kind="suggest")])
    before = world.sql("SELECT MAX(id) FROM route_rule")
    told = world.minhuctl("route", "try", tmp_path, "--last", "20").stdout
    line = next(one for one in told.splitlines() if f"{rules['village']} " in one and "-> dep-health" in one)
    assert moves["number"] in line and f"by line {len(demo) + 2}" in line and stays["number"] not in told, told
    assert world.sql("SELECT MAX(id) FROM route_rule") == before
    assert submit(resident, place, "help")["holder"]["code"] == rules["village"], "nothing was changed"
    write(tmp_path / "routes.tsv", HEAD, [rule(category_code="nonsense", tier="town")])
    bad = world.minhuctl("route", "try", tmp_path, check=False)
    assert bad.returncode == 65 and "no category has the code" in bad.stderr


def placed(resident, **told):
    return resident.submit(**{"place_code": None, "category_code": "education", **told})["place"]["code"]


def test_a_place_found_in_what_is_written(world, resident, place, rules):
    assert placed(resident, address="试验路12弄3幢 201 室") == place["code"]
    assert placed(resident, text="试验路十二弄三栋的路灯一直不亮。") == place["code"]
    assert placed(resident, text="试验路12弄13幢的路灯一直不亮。") == world.place["code"], "the road, for it is another building"
    assert placed(resident, address="试验路12弄3幢", place_code=world.place["code"]) == world.place["code"], "what was chosen holds"
    assert placed(resident, address="试验路12弄3幢", lng=121.15, lat=29.15) == place["code"], "the address before the point"


def test_a_place_found_by_coordinates(world, resident, place, rules):
    assert placed(resident, lng=121.06, lat=29.06) == place["code"], "the smallest area around it"
    assert placed(resident, lng=121.15, lat=29.15) == world.place["code"]
    assert placed(resident, lng=121.1, lat=29.07) == world.place["code"], "a border belongs to the area to the east"
    assert placed(resident, lng=121.05, lat=29.05) == place["code"]
    # Here GCJ-02 is 400 m east and 300 m south of WGS-84: just inside becomes outside.
    assert placed(resident, lng=121.099, lat=29.07) == place["code"]
    satellite = resident.submit(place_code=None, category_code="education", lng=121.099, lat=29.07, coordinate_system="wgs84")
    assert satellite["place"]["code"] == world.place["code"]
    assert abs(satellite["lng"] - 121.1034) < 0.002 and satellite["lng"] != 121.099, "kept as GCJ-02"
    bad = resident.post("/zlb/v1/appeals", {"kind": "help", "text": "楼道的灯坏了很久。", "lng": 121.1, "lat": 29.1, "coordinate_system": "bd09"})
    assert bad.problem(400, "invalid_request")["errors"][0]["pointer"] == "/coordinate_system"
    first = resident.get("/zlb/v1/places?near_lng=121.06&near_lat=29.06").ok()["items"][0]
    assert first["code"] == place["code"]
    first = resident.get("/zlb/v1/places?near_lng=121.099&near_lat=29.07&coordinate_system=wgs84").ok()["items"][0]
    assert first["code"] == world.place["code"]


def test_explained_by_address_and_point(world, place, rules):
    told = world.minhuctl("route", "explain", "--category", "education", "--address", "试验路12弄3栋").stdout
    assert f"place: {place['code']}" in told and f"goes to: {rules['village']}" in told
    told = world.minhuctl("route", "explain", "--category", "education", "--point", "121.06,29.06").stdout
    assert f"place: {place['code']}" in told


def test_a_scanned_code_fills_in_the_place(world, resident, place, rules, tmp_path):
    drawn = dict(line.split("\t") for line in world.minhuctl("qr", "--url", "https://minhu.example/t/", tmp_path / "qr").stdout.splitlines())
    assert sorted(drawn) == ["lamp-78", "lift-77"] and drawn["lift-77"].startswith("https://minhu.example/t/lift-77.")
    root = xml.etree.ElementTree.parse(tmp_path / "qr/lift-77.svg").getroot()
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["3 幢 <客梯>", drawn["lift-77"].rsplit("/", 1)[1]]
    squares = next(root.iter("{http://www.w3.org/2000/svg}path")).get("d").count("M")
    assert squares > 200, "a code of some size"

    [tag] = resident.get("/zlb/v1/tags?code=" + urllib.parse.quote(drawn["lift-77"], safe="")).ok()["items"]
    assert (tag["code"], tag["kind"]["code"], tag["place"]["code"], tag["category"]["code"]) == ("lift-77", "lift", place["code"], "education")
    appeal = resident.submit(place_code=None, qr_code=drawn["lift-77"])
    assert appeal["place"]["code"] == place["code"] and appeal["address"] == "3 幢 1 单元电梯" and appeal["category"]["code"] == "education"
    assert appeal["holder"]["code"] == rules["village"]
    chosen = resident.submit(place_code=world.place["code"], address="南门", category_code="social", qr_code=drawn["lift-77"].rsplit("/", 1)[1])
    assert (chosen["place"]["code"], chosen["address"], chosen["category"]["code"]) == (world.place["code"], "南门", "social"), "what is given holds"

    forged = drawn["lift-77"].replace("lift-77", "lamp-78")
    assert resident.get("/zlb/v1/tags?code=" + urllib.parse.quote(forged, safe="")).ok()["items"] == []
    for bad in (forged, "lift-77", "https://elsewhere.example/", drawn["lift-77"][:-1]):
        told = resident.post("/zlb/v1/appeals", {"kind": "help", "text": "电梯又停了，请来看看。", "qr_code": bad}).problem(400, "invalid_request")
        assert told["errors"][0]["pointer"] == "/qr_code"
