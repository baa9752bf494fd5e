"""A category that ends the form: who chooses it is told where to go instead."""

import uuid

from test_calendar import restart

HEAD = "category_code\ttext\ttext_en\tphone\tlink\n"


def test_who_chooses_it_is_told_where_to_go(world, resident, tmp_path):
    categories = {c["code"]: c for c in resident.get("/zlb/v1/categories").ok()["items"]}
    below = next(c for c in categories.values() if c["parent_code"])
    above, own = categories[below["parent_code"]], next(c for c in categories.values() if not c["parent_code"] and c["code"] != below["parent_code"])
    assert not any(c["stop"] for c in categories.values())
    folder = tmp_path / "stoppers"
    folder.mkdir()
    path = folder / "stoppers.tsv"
    path.write_text(HEAD + f"{above['code']}\t请拨打 110 报警。\tCall 110.\t110\thttps://example.cn/110\n", encoding="utf-8")
    assert "1 rows, replacing all there were" in world.minhuctl("import", folder).stdout
    body = {"kind": "help", "text": "有人在楼下闹事，请处理。", "place_code": world.place["code"]}
    try:
        restart(world)
        now = {c["code"]: c["stop"] for c in resident.get("/zlb/v1/categories").ok()["items"]}
        assert now[below["code"]] == now[above["code"]] == {"text": "请拨打 110 报警。", "text_en": "Call 110.", "phone": "110", "link": "https://example.cn/110"}
        assert now[own["code"]] is None
        for headers, said in (({}, "请拨打 110 报警。"), ({"Accept_Language": "en"}, "Call 110.")):
            refused = resident.post("/zlb/v1/appeals", {**body, "category_code": below["code"]}, key=str(uuid.uuid4()), **headers).problem(400, "invalid_request")
            assert [(e["pointer"], e["detail"]) for e in refused["errors"]] == [("/category_code", said)]
        resident.submit(category_code=own["code"])
        party = world.third_party()
        party.post("/open/v1/appeals", {**body, "external_id": f"WY-{uuid.uuid4().hex[:8]}", "category_code": above["code"]}, key=str(uuid.uuid4())).problem(400, "invalid_request")
    finally:
        path.write_text(HEAD)
        world.minhuctl("import", folder)
        restart(world)
    resident.submit(category_code=below["code"])
