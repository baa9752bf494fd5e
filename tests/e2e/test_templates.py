"""Reply templates: data of the district, filled in for one appeal; what is sent with a gap left in it is refused."""

import pathlib
import re

import pytest
from calm import resident, world  # noqa: F401
from test_calendar import restart
from test_staff import holder_of

HEAD = "kind\tcategory_code\tunit_code\tname\ttext\n"
OWN = pathlib.Path(__file__).parents[2] / "data/templates"


@pytest.fixture(scope="module")
def templates(world, tmp_path_factory):
    """The product's own, after three for this very unit and category."""
    folder = tmp_path_factory.mktemp("templates")
    unit = world.place["unit_code"]
    rows = [f"resolve\tnoise.life\t{unit}\t最近的\t{{unit}}答复", f"resolve\tnoise\t\t次近的\t{{category}}", "accept\tnoise\t\t受理的\t{place}{line}{due}"]
    path = folder / "templates.tsv"
    path.write_text((OWN / "templates.tsv").read_text(encoding="utf-8").rstrip("\n") + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert "replacing all there were" in world.minhuctl("import", folder).stdout
    restart(world)
    yield path
    path.write_text(HEAD)
    world.minhuctl("import", folder)
    restart(world)


def listed(client, appeal, query=""):
    return client.get(f"/zzd/v1/appeals/{appeal['id']}/templates{query}").ok()["items"]


def test_filled_in_the_nearest_first(world, resident, templates):
    made = resident.submit(text="半夜装修噪音很大。", title="装修噪音", category_code="noise.life")
    staff = holder_of(world, made)
    mine = listed(staff, made, "?kind=resolve")
    assert {t["kind"]["code"] for t in mine} == {"resolve"} and len(mine) > 4
    if staff.me["post"]["unit"]["code"] == world.place["unit_code"]:
        assert (mine[0]["name"], mine[0]["text"]) == ("最近的", f"{staff.me['post']['unit']['name']}答复")
        mine = mine[1:]
    assert (mine[0]["name"], mine[0]["text"]) == ("次近的", made["category"]["name"])
    text = next(t["text"] for t in mine if t["name"] == "已解决")
    assert made["number"] in text and "“装修噪音”" in text and "{" not in text and "【请填写核实情况】" in text
    assert re.match(".{1,2}女士/先生：您好！您于 \\d{4}-\\d\\d-\\d\\d 反映的", text) and text.splitlines()[-1].startswith(staff.me["post"]["unit"]["name"])
    everything = listed(staff, made)
    assert {t["kind"]["code"] for t in everything} == {"accept", "progress", "resolve", "reject", "extension", "phrase"}
    near = next(t["text"] for t in everything if t["name"] == "受理的").splitlines()
    assert near == [made["place"]["name"], made["resolve_by"][:10]]
    assert f"我单位已派工作人员到{made['place']['name']}现场查看。" in [t["text"] for t in listed(staff, made, "?kind=phrase")]
    elsewhere = next(c["code"] for c in resident.get("/zlb/v1/categories").ok()["items"] if not c["code"].startswith("noise"))
    other = resident.submit(text="别的分类的一件事。", category_code=elsewhere)
    assert "次近的" not in [t["name"] for t in listed(holder_of(world, other), other)]
    staff.get(f"/zzd/v1/appeals/{made['id']}/templates?kind=nothing").problem(400, "invalid_request")


def test_whose_name_is_withheld_is_spoken_to_without_it(world, resident, templates):
    made = resident.submit(text="半夜装修噪音很大。", withhold_name=True)
    assert listed(holder_of(world, made), made, "?kind=accept")[-1]["text"].startswith("居民朋友：")


def test_what_was_not_filled_in_is_not_sent(world, resident, templates):
    made = resident.submit(text="半夜装修噪音很大。")
    staff = holder_of(world, made)
    text = next(t["text"] for t in listed(staff, made, "?kind=resolve") if t["name"] == "已解决")
    staff.act(made, "accept", {"text": "致{reporter}"}).problem(400, "invalid_request")
    staff.act(made, "accept").ok()
    for left in (text, "已办结，【】。", "致{reporter}：已办结。"):
        errors = staff.act(made, "resolve", {"outcome": "solved", "text": left}).problem(400, "invalid_request")["errors"]
        assert [e["pointer"] for e in errors] == ["/text"]
    staff.post(f"/zzd/v1/appeals/{made['id']}/progress", {"text": "【请填写】"}).problem(400, "invalid_request")
    staff.post(f"/zzd/v1/appeals/{made['id']}/notes", {"text": "模板里的【请填写】别忘了。"}).ok()
    done = staff.act(made, "resolve", {"outcome": "solved", "text": re.sub("【请[^】]*】", "【温馨提示】已劝止", text)}).ok()
    assert done["state"]["code"] == "resolved"


def test_a_field_that_there_is_not_is_told(world, templates):
    before = templates.read_text(encoding="utf-8")
    templates.write_text(HEAD + "resolve\t\t\t办结\t{name}您好\n", encoding="utf-8")
    told = world.minhuctl("import", templates.parent, check=False)
    assert told.returncode and "templates.tsv:2:5: text: has a field that there isn't" in told.stdout + told.stderr
    templates.write_text(HEAD + "phrase\t\t\t长\t" + "好" * 201 + "\n", encoding="utf-8")
    told = world.minhuctl("import", templates.parent, check=False)
    assert told.returncode and "templates.tsv:2:5: text: a phrase has at most 200 characters" in told.stdout + told.stderr
    templates.write_text(before, encoding="utf-8")
