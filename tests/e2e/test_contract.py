"""The route table and the contract name the same operations, and the descriptors say what the schemas say; both ways."""

import copy
import json
import random
import re
import subprocess

import contract
from conftest import SOURCE


def test_the_route_table_is_the_contract(world):
    out = subprocess.run([f"{world.build}/minhu-worker", "--print-routes"], capture_output=True, text=True, check=True).stdout
    differences = contract.differences(json.loads(out))
    assert not differences, "\n".join(differences)


def test_problem_codes_are_the_products():
    source = (SOURCE / "fcgi/base/rc.def").read_text(encoding="utf-8")
    codes = {code: int(status) for status, code in re.findall(r'^RC\(\w+, (\d+), "(\w+)"', source, re.M)}
    del codes["ok"]
    assert codes == {code: row["status"] for code, row in contract.problems().items()}


def test_every_problem_code_is_in_the_guide():
    guide = (SOURCE / "mobile-api-spec/README.md").read_text(encoding="utf-8")
    assert set(contract.problems()) <= set(re.findall(r"`(\w+)`", guide))


# ---- how answers are looked at ----

OTHERS = [None, True, 0, 1, -1, 1.0, 1.5, 10**6, "", "x", "x" * 5000, [], ["x"], ["x", "x"], {}, {"x": 1}, "2026-11-24T09:30:00+08:00", "018f3c2a-7b10-7c3e-9a51-2f60d4e8a105"]


def places(value):
    """Every object and array in it, with each of its keys."""
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def bent(value, chance):
    """The same with one thing otherwise: a member or item changed, taken out, or doubled."""
    value = copy.deepcopy(value)
    found = list(places(value))
    if not found:
        return chance.choice(OTHERS)
    within, key = chance.choice(found)
    how = chance.randrange(4)
    if how == 0:
        del within[key]
    elif how == 1 and isinstance(within, dict):
        within["x-" + key] = within[key]
    elif how == 1:
        within.append(within[key])
    else:
        within[key] = chance.choice(OTHERS)
    return value


def test_the_quick_look_sees_what_the_slow_one_sees():
    """Every example of an answer or a body, and each bent in many ways."""
    chance, refused, taken = random.Random(36), 0, 0
    contents = [content for op in contract.operations().values() for holder in (op.spec.get("requestBody", {}), *op.spec["responses"].values())
                for content in contract.resolve(holder).get("content", {}).values()]
    seen = {json.dumps(content["schema"]): (content["schema"], [contract.resolve(e)["value"] for e in content["examples"].values()])
            for content in contents if content.get("examples")}
    for schema, examples in seen.values():
        for example in examples:
            for value in (example, *(bent(example, chance) for _ in range(12))):
                for closed in (True, False):
                    quick, slow = contract.quick(json.dumps(schema), closed)(value), not contract.slow_faults(schema, value, closed)
                    assert quick == slow, f"{schema} says {slow} of {json.dumps(value, ensure_ascii=False)}, quickly {quick}"
                    refused, taken = refused + (not slow), taken + slow
    assert len(seen) > 90 and refused > 1000 and taken > 500, (len(seen), refused, taken)
