"""The route table and the contract name the same operations, and the descriptors say what the schemas say; both ways."""

import json
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
