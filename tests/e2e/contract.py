"""The contract as tests use it: which operation a request is, whether an answer fits, and bodies that must be refused."""

import functools
import json
import pathlib
import re
import sys
import types
import warnings

import jsonschema

from contract_bodies import Case, negative_cases
from contract_quick import Quick

SPEC = pathlib.Path(__file__).resolve().parents[2] / "mobile-api-spec" / "openapi.json"
PROBLEM = "application/problem+json"
FAULTS_SHOWN = 8


# ---- the document ----

@functools.lru_cache(maxsize=None)
def load():
    """The bundled contract. Not to be changed by the caller."""
    return json.loads(SPEC.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=None)
def operations():
    """operationId → its method, path, entry and spec (the operation object), in the contract's order."""
    found = {}
    for path, item in load()["paths"].items():
        for method, spec in item.items():
            found[spec["operationId"]] = types.SimpleNamespace(
                id=spec["operationId"], method=method.upper(), path=path, entry=path.split("/")[1], spec=spec,
                codes=spec["x-problem-codes"], permission=spec["x-permission"])
    return found


@functools.lru_cache(maxsize=None)
def problems():
    """Problem code → its row of the contract's table: status, titles and details in both languages."""
    return {row["code"]: row for row in load()["x-problems"]}


@functools.lru_cache(maxsize=None)
def routes():
    """(method, pattern, operationId), literal paths before those with names in braces."""
    rows = []
    for op in operations().values():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(op.path))
        rows.append((op.path.count("{"), op.method, re.compile(pattern + r"\Z"), op.id))
    return sorted(rows, key=lambda row: row[0])


def match(method, path):
    """The operationId of a request, or None. A query is passed over."""
    bare = path.split("?")[0]
    for _, row_method, pattern, operation in routes():
        if row_method == method.upper() and pattern.match(bare):
            return operation
    return None


def resolve(node):
    """What a reference within the contract names, with what stands beside the reference laid over it."""
    while isinstance(node, dict) and "$ref" in node:
        target = load()
        for part in node["$ref"][2:].split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


# ---- schemas ----

def closed_copy(node):
    """The same with every object closed that doesn't say how open it is."""
    if isinstance(node, list):
        return [closed_copy(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: closed_copy(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
        copy["additionalProperties"] = False
    return copy


@functools.lru_cache(maxsize=None)
def schemas(closed):
    whole = load()["components"]["schemas"]
    return {"components": {"schemas": closed_copy(whole) if closed else whole}}


@functools.lru_cache(maxsize=None)
def quick(text, closed):
    """f(value) → does it fit the schema of this text?"""
    schema = json.loads(text)
    return Quick(schemas(closed)).check(closed_copy(schema) if closed else schema)


def schema_faults(schema, value, closed, where="body"):
    """What a value has against a schema of the contract, as texts."""
    return [] if quick(json.dumps(schema), closed)(value) else slow_faults(schema, value, closed, where)


def slow_faults(schema, value, closed, where="body"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        resolver = jsonschema.RefResolver("", schemas(closed))
        validator = jsonschema.Draft202012Validator(closed_copy(schema) if closed else schema, resolver=resolver,
                                                    format_checker=jsonschema.FormatChecker())
        errors = sorted(validator.iter_errors(value), key=lambda e: [str(p) for p in e.absolute_path])
    faults = []
    for error in errors[:FAULTS_SHOWN]:
        causes = [c for c in error.context or [] if c.validator != "type"] or [error]
        at = "/".join(str(p) for p in causes[0].absolute_path)
        faults.append(f"{where}/{at}: {causes[0].message[:300]}")
    return faults


# ---- answers ----

def lower(headers):
    pairs = headers.items() if hasattr(headers, "items") else headers
    return {str(name).lower(): value for name, value in pairs}


def no_double(pairs):
    names = [name for name, _ in pairs]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise ValueError(f"members there twice: {double}")
    return dict(pairs)


def parse(body):
    """JSON from text or bytes; what is parsed already stays."""
    if isinstance(body, (bytes, bytearray)):
        body = bytes(body).decode("utf-8")
    return json.loads(body, object_pairs_hook=no_double) if isinstance(body, str) else body


def header_faults(declared, headers):
    faults = []
    for name, header in declared.items():
        header, value = resolve(header), headers.get(name.lower())
        schema = resolve(header["schema"])
        if value is None:
            faults += [f"header {name} is missing"] if header.get("required") else []
        elif schema.get("type") == "integer" and not re.fullmatch(r"\d+", value):
            faults.append(f"header {name} is no number: {value!r}")
        else:
            faults += schema_faults(schema, int(value) if schema.get("type") == "integer" else value, False, f"header {name}")
    return faults


def problem_faults(status, headers, body, codes=None, closed=True):
    """A problem document by itself: shape, status, request id, and one of the codes if they are given."""
    faults = schema_faults({"$ref": "#/components/schemas/Problem"}, body, closed, "problem")
    if faults:
        return faults
    code = body["code"]
    if code in problems() and (problems()[code]["status"] != status or body["status"] != status):
        faults.append(f"problem {code} came with status {status} and says {body['status']}")
    if codes is not None and code not in codes:
        faults.append(f"problem code {code} is not listed in x-problem-codes")
    if body["type"].rpartition("#")[2] != code:
        faults.append(f"problem type {body['type']} is not that of {code}")
    if "x-request-id" in headers and headers["x-request-id"] != body["request_id"]:
        faults.append("request_id is not X-Request-Id")
    return faults


def validate_problem(status, headers, body, closed=True):
    """For an answer that belongs to no operation: 404 of an unknown path, 405, and what nginx refuses itself."""
    headers = lower(headers)
    if headers.get("content-type", "").split(";")[0].strip() != PROBLEM:
        return [f"an error of type {headers.get('content-type')!r}, not {PROBLEM}"]
    faults = [] if status != 405 or headers.get("allow") else ["405 without Allow"]
    try:
        return faults + problem_faults(status, headers, parse(body), None, closed)
    except (ValueError, UnicodeDecodeError) as error:
        return faults + [f"body is no JSON: {error}"]


def body_faults(op, status, headers, body, content, closed):
    media = headers.get("content-type", "").split(";")[0].strip().lower()
    if media not in content:
        return [f"Content-Type {media!r} is none of {sorted(content)}"]
    if media.startswith("image/"):
        return [] if isinstance(body, (bytes, bytearray)) and body else ["no bytes"]
    try:
        value = parse(body)
    except (ValueError, UnicodeDecodeError) as error:
        return [f"body is no JSON: {error}"]
    if media == PROBLEM:
        return problem_faults(status, headers, value, op.codes, closed)
    return schema_faults(content[media]["schema"], value, closed)


def validate_response(operation, status, headers, body, closed=True):
    """What an answer has against the contract, as a list of texts; empty when it fits. body: bytes, text or parsed JSON.
    closed: a property that the contract does not name is a fault too."""
    op = operations()[operation]
    headers = lower(headers)
    if str(status) not in op.spec["responses"]:
        code = body.get("code") if isinstance(body, dict) else None
        return [f"status {status} is not in the contract" + (f" (code {code})" if code else "")]
    response = resolve(op.spec["responses"][str(status)])
    faults = header_faults(response.get("headers", {}), headers)
    content = response.get("content")
    if not content:
        return faults + ([] if body in (None, b"", "") else ["a body where there is none"])
    return faults + body_faults(op, status, headers, body, content, closed)


def validate_call(operation, status, headers, envelope, flattened=False, closed=True):
    """What an answer of callByName has against the contract: the envelope, and in it the named operation's own answer."""
    faults = validate_response("callByName", status, headers, envelope, closed)
    if faults:
        return faults
    answer = parse(envelope)
    inner = answer["status"]
    wanted = 200 if flattened or inner in (204, 304) else inner
    if status != wanted:
        faults.append(f"HTTP status {status}, not {wanted}")
    names = {"content_type": "content-type", "request_id": "x-request-id"}
    inner_headers = {names.get(k, k.replace("_", "-")): str(v) for k, v in answer["headers"].items()}
    body = b"bytes" if "body_base64" in answer else answer.get("body")
    return faults + [f"in the envelope: {fault}" for fault in validate_response(operation, inner, inner_headers, body, closed)]


def never_called(called):
    return [f"{operation}: never called by any test" for operation in sorted(set(operations()) - set(called))]


# ---- requests ----

def request_schema(operation):
    """The resolved schema of an operation's JSON body, or None."""
    content = resolve(operations()[operation].spec.get("requestBody", {})).get("content", {})
    return resolve(content["application/json"]["schema"]) if "application/json" in content else None


def example_body(operation):
    """The contract's example of an operation's JSON body, or None."""
    content = resolve(operations()[operation].spec.get("requestBody", {})).get("content", {})
    if "application/json" not in content:
        return None
    return json.loads(json.dumps(resolve(next(iter(content["application/json"]["examples"].values())))["value"]))


def negative_bodies(operation):
    """Cases (see contract_bodies.Case) that the operation must refuse, always the same in the same order; none for an
    operation without a body. Everything but the body is meant to be right: token, If-Match, Idempotency-Key."""
    op = operations()[operation]
    body = resolve(op.spec.get("requestBody", {}))
    if not body:
        return
    yield from negative_cases(request_schema(operation), example_body(operation), op.spec["x-max-body-bytes"],
                              sorted(body["content"]), resolve)


def expected_status(case: Case):
    return problems()[case.code]["status"]


# ---- the route table (as `minhu-worker` prints it) against the contract ----

SCOPES = {1: "post", 2: "read", 4: "feed", 8: "part"}
TYPES = {"text": "string", "int": "integer", "bool": "boolean", "enum": "string", "uuid": "string", "time": "string",
         "degrees": "number", "uuids": "array", "objects": "array", "raw": "object"}


def bounds(field, schema):
    """[(what, of the descriptor, of the schema)] for one field."""
    low, high, kind = field["min"], field["max"], field["type"]
    pairs = [("type", TYPES[kind], schema.get("type"))]
    if kind == "text":
        pairs += [("minLength", low, schema.get("minLength", 0)), ("maxLength", high, schema.get("maxLength"))]
    elif kind == "int":
        pairs += [("minimum", low, schema.get("minimum")), ("maximum", high, schema.get("maximum"))]
    elif kind == "degrees":
        pairs += [("minimum", low / 1e6, schema.get("minimum")), ("maximum", high / 1e6, schema.get("maximum"))]
    elif kind == "uuids":
        pairs += [("minItems", low, schema.get("minItems", 0)), ("maxItems", high, schema.get("maxItems")),
                  ("uniqueItems", True, schema.get("uniqueItems")), ("item format", "uuid", resolve(schema.get("items", {})).get("format"))]
    elif kind == "objects":
        pairs += [("minItems", low, schema.get("minItems", 0)), ("maxItems", high, schema.get("maxItems"))]
    elif kind == "uuid":
        pairs.append(("format", "uuid", schema.get("format")))
    if kind == "enum" or "enum" in schema:
        pairs.append(("enum", field["values"], schema.get("enum")))
    return pairs


def field_differences(where, fields, properties, required):
    found = [f"{where}: {name} is only in the descriptor" for name in sorted(set(fields) - set(properties))]
    found += [f"{where}: {name} is only in the contract" for name in sorted(set(properties) - set(fields))]
    for name in sorted(set(fields) & set(properties)):
        pairs = [("required", fields[name]["required"], name in required)] + bounds(fields[name], resolve(properties[name]))
        found += [f"{where}.{name}: {what} is {ours!r} in the descriptor, {theirs!r} in the contract"
                  for what, ours, theirs in pairs if ours != theirs]
        if fields[name]["item"]:
            found += item_differences(f"{where}.{name}", fields[name]["item"], resolve(properties[name]).get("items", {}))
    return found


def item_differences(where, item, schema):
    """An item of a list of objects, which the contract names as it names a body."""
    named = schema.get("$ref", "").rpartition("/")[2]
    found = [] if named == item["name"] else [f"{where}: an item is {item['name']} in the descriptor, {named} in the contract"]
    schema = resolve(schema)
    return found + field_differences(f"{where} item", {f["name"]: f for f in item["fields"]}, schema.get("properties", {}),
                                     set(schema.get("required", [])))


def permission_of(route):
    if not route["token"]:
        return ["none"]
    if route["entry"] == "open":
        return [SCOPES.get(route["access"], "key")]
    return None  # residents and staff: a relation, in words


def route_differences(route, op):
    parameters = [resolve(p) for p in op.spec["parameters"]]
    by_place = {place: {p["name"]: p for p in parameters if p["in"] == place} for place in ("path", "query", "header")}
    key, version = by_place["header"].get("Idempotency-Key"), by_place["header"].get("If-Match")
    body = resolve(op.spec.get("requestBody", {})).get("content", {})
    kind = "json" if "application/json" in body else "binary" if body else "none"
    pairs = [("path", (route["method"], route["path"]), (op.method, op.path)), ("entry", route["entry"], op.entry),
             ("takes Idempotency-Key", route["key"], key is not None), ("needs If-Match", route["version"], version is not None),
             ("insists on Idempotency-Key", route["key_required"], bool(key and key["required"])), ("body", route["body_kind"], kind),
             ("largest body", route["body_max"], op.spec.get("x-max-body-bytes", 0))]
    wanted = permission_of(route)
    if wanted:
        pairs.append(("permission", wanted[0], op.permission))
    elif op.permission.split()[0].rstrip(":") != {"zlb": "resident", "zzd": "staff"}[route["entry"]]:
        pairs.append(("permission", route["entry"], op.permission))
    found = [f"{op.id}: {what} is {ours!r} in the route table, {theirs!r} in the contract" for what, ours, theirs in pairs if ours != theirs]
    for place, descriptor in (("path", "path_in"), ("query", "query_in")):
        fields = {f["name"]: f for f in (route[descriptor] or {"fields": []})["fields"]}
        named = by_place[place]
        found += field_differences(f"{op.id} {place}", fields, {n: p["schema"] for n, p in named.items()},
                                   {n for n, p in named.items() if p["required"]})
    if kind == "json":
        name = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema, descriptor = request_schema(op.id), route["body_in"] or {"name": None, "fields": []}
        if descriptor["name"] != name:
            found.append(f"{op.id}: the body is {descriptor['name']} in the descriptor, {name} in the contract")
        found += field_differences(f"{op.id} body", {f["name"]: f for f in descriptor["fields"]}, schema.get("properties", {}),
                                   set(schema.get("required", [])))
    return found


def differences(table):
    """What the printed route table (a list of rows) and the contract don't agree on, as texts; empty when they do."""
    rows = {row["operation"]: row for row in table}
    found = [f"{name}: only in the route table" for name in sorted(set(rows) - set(operations()))]
    found += [f"{name}: only in the contract" for name in sorted(set(operations()) - set(rows))]
    for name in sorted(set(rows) & set(operations())):
        found += route_differences(rows[name], operations()[name])
    return found


if __name__ == "__main__":  # contract.py FILE…: what --called wrote in the runs that make up the suite
    never = never_called({name for path in sys.argv[1:] for name in pathlib.Path(path).read_text(encoding="utf-8").split()})
    sys.exit("\n".join(never) or 0)  # an empty text would be a failure
