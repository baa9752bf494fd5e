"""Request bodies that must be refused, made from a schema and its example; always the same, in the same order."""

import json
import typing

DEPTH_MAX, MEMBERS_MAX, ITEMS_MAX, KEY_MAX = 16, 256, 1000, 64
ASTRAL, HAN = "\U00020BB7", "民"
JSON = "application/json"


class Case(typing.NamedTuple):
    name: str
    body: bytes
    code: str                     # the problem code to expect
    errors: tuple = ()            # (JSON pointer, violation code) that must all be among the problem's errors
    content_type: typing.Optional[str] = JSON
    late: bool = False            # found by the handler: path, permission and preconditions have to be right too


def dumps(value):
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


def pointer(name):
    shown = name[:KEY_MAX].replace("~", "~0").replace("/", "~1")
    return "/" + shown + ("…" if len(name) > KEY_MAX else "")


def invalid(name, body, *errors, late=False):
    return Case(name, body if isinstance(body, bytes) else dumps(body), "invalid_request", tuple(errors), late=late)


def malformed(name, body):
    return Case(name, body if isinstance(body, bytes) else body.encode("utf-8"), "malformed_json")


# ---- the document ----

def nested(opening, closing, depth):
    """An object that holds containers, depth in all."""
    return ('{"zz":' + opening * (depth - 1) + "1" + closing * (depth - 1) + "}").encode()


SYNTAX = [
    ("empty", ""), ("white space only", " \n\t"), ("an open object", "{"), ("an open string", '{"zz":"a'), ("an open array", '{"zz":[1,2}'),
    ("a comma at the end", '{"zz":1,}'), ("a comma at the start", '{,"zz":1}'), ("no comma", '{"zz":1 "zy":2}'), ("two commas", '{"zz":1,,"zy":2}'),
    ("no colon", '{"zz" 1}'), ("no value", '{"zz":}'), ("a key alone", '{"zz"}'), ("a number as key", '{1:2}'), ("a key without quotes", "{zz:1}"),
    ("single quotes", "{'zz':1}"), ("a comment", '{"zz":1 /* c */}'), ("a line comment", '{"zz":1 // c\n}'), ("text behind it", "{} x"),
    ("two documents", "{}{}"), ("a bracket too many", "{}}"), ("NaN", '{"zz":NaN}'), ("Infinity", '{"zz":Infinity}'), ("-Infinity", '{"zz":-Infinity}'),
    ("a leading zero", '{"zz":01}'), ("a plus sign", '{"zz":+1}'), ("a minus alone", '{"zz":-}'), ("hexadecimal", '{"zz":0x10}'), ("a bare fraction", '{"zz":.5}'),
    ("a point at the end", '{"zz":1.}'), ("an empty exponent", '{"zz":1e}'), ("True", '{"zz":True}'), ("undefined", '{"zz":undefined}'), ("a cut literal", '{"zz":tru}'),
    ("a raw line feed in a string", '{"zz":"a\nb"}'), ("a raw control character in a string", '{"zz":"a\x01b"}'), ("a raw NUL in a string", '{"zz":"a\x00b"}'),
    ("a NUL behind it", "{}\x00"), ("a vertical tab as white space", '{\x0b"zz":1}'), ("a form feed as white space", '{\x0c"zz":1}'),
    ("a no-break space as white space", '{\u00a0"zz":1}'), ("a byte order mark", "\ufeff{}"), ("a bad escape", r'{"zz":"\x41"}'), ("a cut escape", r'{"zz":"\u12"}'),
    ("an escape that is no hex", r'{"zz":"\u12G4"}'), ("an escaped NUL", r'{"zz":"\u0000"}'), ("a high surrogate alone", r'{"zz":"\ud83d"}'),
    ("a low surrogate alone", r'{"zz":"\ude00"}'), ("surrogates in the wrong order", r'{"zz":"\ude00\ud83d"}'), ("a high surrogate before text", r'{"zz":"\ud83dab"}'),
    ("a surrogate in a key", r'{"\ud800":1}'), ("an escaped NUL in a key", r'{"zz\u0000":1}'), ("XML", "<zz/>"), ("a form", "zz=1&zy=2"),
]
UTF8 = [
    ("byte FF", b"\xff"), ("byte FE", b"\xfe"), ("a continuation alone", b"\x80"), ("a cut sequence of two", b"\xc3"), ("a cut sequence of three", b"\xe4\xb8"),
    ("a cut sequence of four", b"\xf0\x9f\x98"), ("an overlong slash in two", b"\xc0\xaf"), ("an overlong slash in three", b"\xe0\x80\xaf"),
    ("an overlong slash in four", b"\xf0\x80\x80\xaf"), ("an overlong NUL", b"\xc0\x80"), ("a high surrogate", b"\xed\xa0\x80"), ("a low surrogate", b"\xed\xb0\x80"),
    ("a surrogate pair", b"\xed\xa0\xbd\xed\xb8\x80"), ("beyond U+10FFFF", b"\xf4\x90\x80\x80"), ("a sequence of five", b"\xf8\x88\x80\x80\x80"), ("GBK text", "民呼".encode("gbk")),
    ("UTF-16", "{}".encode("utf-16-le")),
]


def document_cases(largest):
    for name, text in SYNTAX:
        yield malformed(f"malformed: {name}", text)
    for name, raw in UTF8:
        yield malformed(f"bad UTF-8 in a value: {name}", b'{"zz":"a' + raw + b'b"}')
        yield malformed(f"bad UTF-8 in a key: {name}", b'{"z' + raw + b'z":1}')
    yield malformed("bad UTF-8 outside strings", b'{"zz":1}\xff')
    for kind, opening, closing in (("arrays", "[", "]"), ("objects", '{"a":', "}")):
        yield malformed(f"too deep: {DEPTH_MAX + 1} {kind}", nested(opening, closing, DEPTH_MAX + 1))
        yield invalid(f"just not too deep: {DEPTH_MAX} {kind}", nested(opening, closing, DEPTH_MAX), ("/zz", "unknown"))
    yield malformed("far too deep", b'{"zz":' + b"[" * 3000)
    yield malformed("too many members", dumps({f"z{i}": 0 for i in range(MEMBERS_MAX + 1)}))
    yield malformed("too many items", dumps({"zz": [0] * (ITEMS_MAX + 1)}))
    for name, text in (("an array", b"[]"), ("an array of objects", b"[{}]"), ("a string", b'"zz"'), ("a number", b"1"), ("true", b"true"), ("null", b"null")):
        yield invalid(f"top level: {name}", text, ("", "type"))
    if largest <= 1 << 20:
        yield Case("too large", b"{" + b" " * (largest - 1) + b"}", "body_too_large")


def media_cases(body, media):
    for wrong in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=zz", "application/octet-stream",
                  "application/json; charset=gbk", "application/jsonx", "image/gif", ""):
        if wrong not in media:
            yield Case(f"Content-Type {wrong!r}", body, "media_type_not_supported", content_type=wrong)
    yield Case("no Content-Type", body, "media_type_not_supported", content_type=None)


# ---- the members ----

def member_text(name, value, fake=None):
    """One member as JSON text; fake: another spelling of its key."""
    return (fake or json.dumps(name, ensure_ascii=False)) + ":" + json.dumps(value, ensure_ascii=False)


def with_member(example, name, value):
    return {**example, name: value}


def object_cases(schema, example):
    properties, required = schema.get("properties", {}), schema.get("required", [])
    for name in required:
        yield invalid(f"{name} is missing", {k: v for k, v in example.items() if k != name}, (pointer(name), "required"))
        yield invalid(f"{name} is null", with_member(example, name, None), (pointer(name), "required"))
    if required:
        yield invalid("everything is missing", {}, *[(pointer(name), "required") for name in required])
    if schema.get("minProperties"):
        yield invalid("an empty object", {}, ("", "other"), late=True)
    for name in ("zz", "a/b~c", "", "名称", "k" * (KEY_MAX + 1), "__proto__"):
        yield invalid(f"unknown member {name[:20]!r}", with_member(example, name, 1), (pointer(name), "unknown"))
    for name in properties:
        yield invalid(f"{name} in capitals", with_member(example, name.upper(), example.get(name)), (pointer(name.upper()), "unknown"))
        yield invalid(f"{name} with a space", with_member(example, name + " ", example.get(name)), (pointer(name + " "), "unknown"))
    for name in properties:
        if name in example:
            once = [member_text(k, v) for k, v in example.items()]
            spelt = '"' + "".join(f"\\u{ord(c):04x}" for c in name) + '"'
            for how, again in (("", member_text(name, example[name])), (" with another value", member_text(name, None)),
                               (" spelt with escapes", member_text(name, example[name], spelt))):
                text = "{" + ",".join(once + [again]) + "}"
                yield invalid(f"{name} twice{how}", text.encode(), (pointer(name), "duplicate"))
    if len(properties) > 1:
        wrong = {name: {"zz": 1} if p.get("type") != "object" else 1 for name, p in properties.items()}
        yield invalid("everything is of the wrong type", {**wrong, "zz": 1}, *[(pointer(n), "type") for n in properties], ("/zz", "unknown"))


VALUES = [("a string", "zz"), ("a number", 1), ("a fraction", 1.5), ("true", True), ("false", False), ("an array", []), ("an object", {})]
JSON_TYPES = {"string": (str,), "integer": (int, float), "number": (int, float), "boolean": (bool,), "array": (list,), "object": (dict,)}


def fits_type(value, kind):
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, JSON_TYPES[kind])


def type_cases(name, schema, example):
    for label, value in VALUES:
        if not fits_type(value, schema["type"]):
            yield invalid(f"{name} is {label}", with_member(example, name, value), (pointer(name), "type"))
    if schema["type"] in ("integer", "number", "boolean"):
        yield invalid(f"{name} as text", with_member(example, name, json.dumps(example.get(name, 1))), (pointer(name), "type"))


def raw_number(example, name, text):
    """The example with a number spelt exactly so."""
    rest = [member_text(k, v) for k, v in example.items() if k != name]
    return ("{" + ",".join(rest + [json.dumps(name) + ":" + text]) + "}").encode()


def text_cases(name, schema, example):
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    at = pointer(name)
    if low > 0:
        yield invalid(f"{name} is empty", with_member(example, name, ""), (at, "too_short"))
    if low > 1:
        for label, unit in (("letters", "1"), ("Chinese", HAN), ("astral", ASTRAL)):
            yield invalid(f"{name} too short: {low - 1} {label}", with_member(example, name, unit * (low - 1)), (at, "too_short"))
    if high is not None and high <= 100000:
        for label, unit in (("letters", "1"), ("Chinese", HAN), ("astral", ASTRAL), ("spaces", " ")):
            yield invalid(f"{name} too long: {high + 1} {label}", with_member(example, name, unit * (high + 1)), (at, "too_long"))
    for label, char in (("U+0001", "\x01"), ("carriage return", "\r"), ("escape", "\x1b"), ("DEL", "\x7f"), ("C1 control", "\x85"), ("byte order mark", "\ufeff"),
                        ("direction override", "\u202e"), ("direction isolate", "\u2066")):
        size = max(low, 1)
        yield invalid(f"{name} with {label}", json.dumps(with_member(example, name, "1" * (size - 1) + char)).encode(), (at, "text"))


def pattern_cases(name, schema, example):
    """Texts of a good length that the pattern refuses; the handler looks at these."""
    if "pattern" not in schema:
        return
    size = schema.get("minLength", 1)
    texts = {"letters and a space": ("a b" * 4)[:max(size, 3)], "Chinese": HAN * max(size, 1), "a slash": "/" * max(size, 1), "full-width digits": "１" * max(size, 1)}
    if size == schema.get("maxLength") == 11:
        texts.update({"not a mobile number": "23800001234", "a letter at the end": "1380000123a", "a plus sign": "+8613800001"})
    for label, text in texts.items():
        yield invalid(f"{name}: {label}", with_member(example, name, text), (pointer(name), "other"), late=True)


def enum_cases(name, schema, example):
    first = schema["enum"][0]
    for value in ("no_such_code", first.upper(), first + " ", " " + first, "", first[:-1], first + "\x7f", "民", "0", "1"):
        if value not in schema["enum"]:
            yield invalid(f"{name} is {value!r}", with_member(example, name, value), (pointer(name), "not_one_of"))


UUIDS_WRONG = ["", "zz", "018f3c2a7b107c3e9a512f60d4e8a103", "018f3c2a-7b10-7c3e-9a51-2f60d4e8a10", "018f3c2a-7b10-7c3e-9a51-2f60d4e8a1033",
               "{018f3c2a-7b10-7c3e-9a51-2f60d4e8a103}", "018f3c2a-7b10-7c3e-9a51-2f60d4e8a10g", "018f3c2a_7b10_7c3e_9a51_2f60d4e8a103", " 018f3c2a-7b10-7c3e-9a51-2f60d4e8a10"]


def uuid_cases(name, schema, example):
    for value in UUIDS_WRONG:
        yield invalid(f"{name} is {value!r}", with_member(example, name, value), (pointer(name), "format"))


TIMES_WRONG = ["", "zz", "2026-11-24", "2026-11-24T12:00:00", "2026-13-24T12:00:00+08:00", "2026-02-30T12:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T12:00:00+8:00",
               "2026-11-24T12:00:00Z\u202e", " 2026-11-24T12:00:00Z", "1795500000"]


def time_cases(name, schema, example):
    for value in TIMES_WRONG:
        yield invalid(f"{name} is {value!r}", with_member(example, name, value), (pointer(name), "format"))


def integer_cases(name, schema, example):
    at, low, high = pointer(name), schema["minimum"], schema["maximum"]
    for value in (low - 1, -9007199254740991, -(10 ** 30)):
        yield invalid(f"{name} is {value}", raw_number(example, name, str(value)), (at, "too_small"))
    for value in (high + 1, 9007199254740993, 2 ** 64 + 1, 10 ** 30):
        yield invalid(f"{name} is {value}", raw_number(example, name, str(value)), (at, "too_large"))
    for text in ("1.0", "1.5", "1e0", "1E2", "2e-1"):
        yield invalid(f"{name} is {text}", raw_number(example, name, text), (at, "type"))


def number_cases(name, schema, example):
    at, low, high = pointer(name), schema["minimum"], schema["maximum"]
    for text in (f"{low - 1}.999999", "-1", "0", "-0.000001"):
        yield invalid(f"{name} is {text}", raw_number(example, name, text), (at, "too_small"))
    for text in (f"{high}.000001", "1000"):
        yield invalid(f"{name} is {text}", raw_number(example, name, text), (at, "too_large"))
    for text in (f"{low}.0000001", "1e2", "1E2", "1.5e1", "9" * 40, "0." + "1" * 40):
        yield invalid(f"{name} is {text[:20]}", raw_number(example, name, text), (at, "format"))


def objects_cases(name, schema, example, resolve):
    """A list of objects: what is no object, too many and too few of them, and in the second item all that a body may have wrong."""
    at, most, item = pointer(name), schema.get("maxItems"), resolve(schema["items"])
    good = example[name][0]
    for label, value in (("a number", 1), ("null", None), ("an array", []), ("a text", "zz")):
        yield invalid(f"{name} with {label}", with_member(example, name, [value]), (at + "/0", "type"))
    if most is not None and most < ITEMS_MAX:
        yield invalid(f"{name} with too many", with_member(example, name, [good] * (most + 1)), (at, "too_many"))
    if schema.get("minItems"):
        yield invalid(f"{name} with too few", with_member(example, name, [good] * (schema["minItems"] - 1)), (at, "too_few"))
    properties = {n: resolve(p) for n, p in item.get("properties", {}).items()}
    inner = [case for case in object_cases({**item, "properties": properties}, good)]
    for member, its in properties.items():
        inner += member_cases(member, its, good, resolve)
    for case in inner:
        text = dumps(with_member(example, name, ["zz-item", "zz-item"])).decode().replace('"zz-item"', dumps(good).decode(), 1)
        yield Case(f"{name}: an item where {case.name}", text.encode().replace(b'"zz-item"', case.body), case.code,
                   tuple((at + "/1" + where, code) for where, code in case.errors), late=case.late)


def array_cases(name, schema, example):
    at, most = pointer(name), schema.get("maxItems")
    good = [f"018f3c2a-7b10-7c3e-9a51-{i:012x}" for i in range((most or 3) + 1)]
    for label, value in (("a number", 1), ("null", None), ("an object", {}), ("an array", [])):
        yield invalid(f"{name} with {label}", with_member(example, name, [value]), (at + "/0", "type"))
    yield invalid(f"{name} with no id", with_member(example, name, [good[0], "zz"]), (at + "/1", "format"))
    if schema.get("uniqueItems"):
        yield invalid(f"{name} with one twice", with_member(example, name, [good[0], good[0]]), (at + "/1", "duplicate"))
        yield invalid(f"{name} with one twice in capitals", with_member(example, name, [good[0], good[0].upper()]), (at + "/1", "duplicate"))
    if most is not None:
        yield invalid(f"{name} with too many", with_member(example, name, good), (at, "too_many"))
    if schema.get("minItems"):
        yield invalid(f"{name} with too few", with_member(example, name, good[:schema["minItems"] - 1]), (at, "too_few"))


def member_cases(name, schema, example, resolve):
    yield from type_cases(name, schema, example)
    if "enum" in schema:
        yield from enum_cases(name, schema, example)
    elif schema.get("format") == "uuid":
        yield from uuid_cases(name, schema, example)
    elif schema.get("format") == "date-time":
        yield from time_cases(name, schema, example)
    elif schema["type"] == "string":
        yield from text_cases(name, schema, example)
        yield from pattern_cases(name, schema, example)
    elif schema["type"] == "integer":
        yield from integer_cases(name, schema, example)
    elif schema["type"] == "number":
        yield from number_cases(name, schema, example)
    elif schema["type"] == "array" and resolve(schema["items"]).get("type") == "object":
        yield from objects_cases(name, schema, example, resolve)
    elif schema["type"] == "array":
        yield from array_cases(name, schema, example)


def together_cases(schema, example):
    for name, others in schema.get("dependentRequired", {}).items():
        for other in others:
            body = {k: v for k, v in example.items() if k != other}
            yield invalid(f"{name} without {other}", body, (pointer(other), "other"), late=True)


# ---- photos ----

JPEG, PNG = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"


def photo_cases(largest, media):
    pad = b"\0" * 64
    for name, raw in (("garbage", b"zz" * 40), ("a GIF", b"GIF89a" + pad), ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("HTML", b"<html>zz</html>"),
                      ("PDF", b"%PDF-1.7" + pad), ("two bytes of a JPEG", JPEG[:2]), ("JSON", b'{"zz":1}'), ("a PNG with its line end changed", PNG.replace(b"\r\n", b"\n") + pad)):
        for kind in media:
            yield Case(f"{name} as {kind}", raw, "photo_not_valid", content_type=kind, late=True)
    yield Case("a PNG as image/jpeg", PNG + pad, "photo_not_valid", content_type="image/jpeg", late=True)
    yield Case("a JPEG as image/png", JPEG + pad, "photo_not_valid", content_type="image/png", late=True)
    yield Case("too large", JPEG + b"\0" * (largest + 1 - len(JPEG)), "body_too_large", content_type="image/jpeg")


def negative_cases(schema, example, largest, media, resolve):
    """schema and example: None for an operation whose body is a photo."""
    if schema is None:
        yield from photo_cases(largest, media)
        yield from media_cases(JPEG + b"\0" * 64, media)
        return
    yield from document_cases(largest)
    yield from media_cases(dumps(example), media)
    resolved = {**schema, "properties": {n: resolve(p) for n, p in schema.get("properties", {}).items()}}
    yield from object_cases(resolved, example)
    yield from together_cases(resolved, example)
    for name, member in resolved["properties"].items():
        for case in member_cases(name, member, example, resolve):
            if len(case.body) <= largest:
                yield case
