"""Does a value fit a schema? The same question as jsonschema answers, a hundred times faster and without a reason: what it says no to is
asked of jsonschema again. A keyword that isn't known here makes it say no (test_contract.py compares the two)."""

import functools
import re

import jsonschema

FORMATS = jsonschema.FormatChecker()
SAYS_NOTHING = ("description", "contentEncoding", "title", "example", "examples", "default")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TYPES = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": is_number,
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
}


@functools.lru_cache(maxsize=4096)
def has_format(value, name):
    return FORMATS.conforms(value, name)


def is_one_of(words):
    return lambda value: any(value == word and isinstance(value, bool) == isinstance(word, bool) for word in words)


def of_type(names):
    kinds = [TYPES[name] for name in ([names] if isinstance(names, str) else names)]
    return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)


def unique(items):
    return all(one != other for i, one in enumerate(items) for other in items[:i])


def has_required(names):
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def has_dependent(names):
    return lambda value: not isinstance(value, dict) or all(other in value for name, others in names.items() if name in value for other in others)


# Keyword → f(what it says) → f(value); bounds say nothing of other types.
KEYWORDS = {
    "type": of_type,
    "enum": is_one_of,
    "const": lambda word: is_one_of([word]),
    "required": has_required,
    "dependentRequired": has_dependent,
    "minLength": lambda n: lambda value: not isinstance(value, str) or len(value) >= n,
    "maxLength": lambda n: lambda value: not isinstance(value, str) or len(value) <= n,
    "pattern": lambda text: lambda value: not isinstance(value, str) or re.search(text, value) is not None,
    "format": lambda name: lambda value: not isinstance(value, str) or has_format(value, name),
    "minimum": lambda n: lambda value: not is_number(value) or value >= n,
    "maximum": lambda n: lambda value: not is_number(value) or value <= n,
    "minItems": lambda n: lambda value: not isinstance(value, list) or len(value) >= n,
    "maxItems": lambda n: lambda value: not isinstance(value, list) or len(value) <= n,
    "uniqueItems": lambda yes: lambda value: not yes or not isinstance(value, list) or unique(value),
    "minProperties": lambda n: lambda value: not isinstance(value, dict) or len(value) >= n,
    "maxProperties": lambda n: lambda value: not isinstance(value, dict) or len(value) <= n,
}


class Quick:
    """The schemas of one document: {"components": {"schemas": …}}."""

    def __init__(self, document):
        self.document, self.named = document, {}

    def check(self, schema):
        """f(value) → does it fit?"""
        if isinstance(schema, bool):
            return lambda value: schema
        checks = []
        for keyword, says in schema.items():
            if keyword in KEYWORDS:
                checks.append(KEYWORDS[keyword](says))
            elif keyword == "$ref":
                checks.append(self.by_name(says))
            elif keyword == "oneOf":
                checks.append(self.one_of(says))
            elif keyword == "items":
                checks.append(self.items(says))
            elif keyword == "properties":
                checks.append(self.properties(says, schema.get("additionalProperties", True)))
            elif keyword == "additionalProperties":
                if "properties" not in schema:
                    checks.append(self.properties({}, says))
            elif keyword not in SAYS_NOTHING and not keyword.startswith("x-"):
                return lambda value: False
        return checks[0] if len(checks) == 1 else lambda value: all(check(value) for check in checks)

    def by_name(self, ref):
        """Looked up when it is first used, for a schema may name itself."""
        def check(value):
            if ref not in self.named:
                node = self.document
                for part in ref[2:].split("/"):
                    node = node[part.replace("~1", "/").replace("~0", "~")]
                self.named[ref] = self.check(node)
            return self.named[ref](value)
        return check

    def one_of(self, schemas):
        checks = [self.check(schema) for schema in schemas]
        return lambda value: sum(check(value) for check in checks) == 1

    def items(self, schema):
        item = self.check(schema)
        return lambda value: not isinstance(value, list) or all(item(one) for one in value)

    def properties(self, schemas, others):
        known, other = {name: self.check(schema) for name, schema in schemas.items()}, self.check(others)
        return lambda value: not isinstance(value, dict) or all(known.get(name, other)(one) for name, one in value.items())
