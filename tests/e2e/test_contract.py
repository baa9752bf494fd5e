"""The route table and the contract name the same operations, and the descriptors say what the schemas say; both ways."""

import json
import re
import subprocess

import contract
import pytest


@pytest.fixture(scope="module")
def routes(world):
    out = subprocess.run([f"{world.build}/minhu-worker", "--print-routes"], capture_output=True, text=True, check=True).stdout
    return {r["operation"]: r for r in json.loads(out)}


def test_the_same_operations(routes):
    spec = contract.operations()
    assert set(routes) == set(spec)
    for name, route in routes.items():
        method, path = spec[name]["method"], spec[name]["path"]
        assert (route["method"], route["path"]) == (method.upper(), path), name


def resolve(schema):
    while "$ref" in schema:
        node = contract.load()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def operation_of(name):
    entry = contract.operations()[name]
    return contract.load()["paths"][entry["path"]][entry["method"].lower()]


def parameters(name, where):
    entry = contract.operations()[name]
    path = contract.load()["paths"][entry["path"]]
    found = [resolve(p) for p in path.get("parameters", []) + operation_of(name).get("parameters", [])]
    return {p["name"]: p for p in found if p["in"] == where}


def test_tokens_keys_and_versions(routes):
    for name, route in routes.items():
        operation = operation_of(name)
        security = operation.get("security", contract.load().get("security", []))
        assert bool(security and security != [{}]) == route["token"], f"{name}: security"
        headers = parameters(name, "header")
        assert ("Idempotency-Key" in headers) == route["key"], f"{name}: Idempotency-Key"
        if route["key"]:
            assert headers["Idempotency-Key"].get("required", False) == route["key_required"], f"{name}: Idempotency-Key required"
        assert ("If-Match" in headers) == route["version"], f"{name}: If-Match"
        scopes = {1: "post", 2: "read", 4: "feed"}
        if route["entry"] == "open" and route["access"]:
            assert scopes[route["access"]] in str(operation["x-permission"]), f"{name}: scope"


def compare(name, field, schema, required):
    """One descriptor's field against one schema: what differs, as texts."""
    schema = resolve(schema)
    kind = schema.get("type")
    faults = []

    def same(what, ours, theirs):
        if ours != theirs:
            faults.append(f"{name}.{field['name']}: {what} {ours} in the product, {theirs} in the contract")

    same("required", field["required"], required)
    if field["type"] == "text":
        same("type", "string", kind)
        same("minLength", field["min"], schema.get("minLength", 0))
        same("maxLength", field["max"], schema.get("maxLength"))
    elif field["type"] == "int":
        same("type", "integer", kind)
        same("minimum", field["min"], schema.get("minimum"))
        same("maximum", field["max"], schema.get("maximum"))
    elif field["type"] == "degrees":
        same("type", "number", kind)
        same("minimum", field["min"] / 1e6, schema.get("minimum"))
        same("maximum", field["max"] / 1e6, schema.get("maximum"))
    elif field["type"] == "bool":
        same("type", "boolean", kind)
    elif field["type"] == "enum":
        same("enum", field["values"], schema.get("enum"))
    elif field["type"] == "uuid":
        same("format", "uuid", schema.get("format"))
    elif field["type"] == "uuids":
        same("type", "array", kind)
        same("maxItems", field["max"], schema.get("maxItems"))
    return faults


def test_bodies_agree(routes):
    faults = []
    for name, route in routes.items():
        body = operation_of(name).get("requestBody")
        if route["body_kind"] != "json":
            continue
        if not body:
            faults.append(f"{name}: the product takes a body, the contract has none")
            continue
        schema = resolve(resolve(body)["content"]["application/json"]["schema"])
        if route["body_in"] is None:
            continue
        ours = {f["name"]: f for f in route["body_in"]["fields"]}
        theirs = schema.get("properties", {})
        if set(ours) != set(theirs):
            faults.append(f"{name}: only here {set(ours) - set(theirs)}, only in the contract {set(theirs) - set(ours)}")
        if schema.get("additionalProperties") is not False:
            faults.append(f"{name}: the contract's body is not closed")
        for field in set(ours) & set(theirs):
            if ours[field]["type"] != "raw":
                faults += compare(name, ours[field], theirs[field], field in schema.get("required", []))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("where,member", [("query", "query_in"), ("path", "path_in")])
def test_parameters_agree(routes, where, member):
    faults = []
    for name, route in routes.items():
        theirs = parameters(name, where)
        ours = {f["name"]: f for f in (route[member] or {"fields": []})["fields"]}
        if set(ours) != set(theirs):
            faults.append(f"{name}: only here {set(ours) - set(theirs)}, only in the contract {set(theirs) - set(ours)}")
        for field in set(ours) & set(theirs):
            faults += compare(name, ours[field], theirs[field]["schema"], theirs[field].get("required", False))
    assert not faults, "\n".join(faults)


def test_every_problem_code_is_listed():
    source = (contract.SOURCE / "fcgi/base/rc.def").read_text(encoding="utf-8")
    codes = set(re.findall(r'^RC\(\w+, \d+, "(\w+)"', source, re.M)) - {"ok"}
    listed = set(re.findall(r"`(\w+)`", (contract.SOURCE / "mobile-api-spec/README.md").read_text(encoding="utf-8")))
    assert codes <= listed, codes - listed
    used = {c for op in contract.operations() for c in operation_of(op).get("x-problem-codes", [])}
    assert used <= codes, used - codes
