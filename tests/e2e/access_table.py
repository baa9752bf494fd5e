"""The access table written by hand (tests/golden/access.txt), read."""

import re

from conftest import SOURCE

STAFF = ("handler", "lead", "dispatcher", "supervisor", "administrator")
CLIENTS = ("client_post", "client_read", "client_feed")
CALLERS = ("nobody", "revoked", "expired", "resident", *STAFF, *CLIENTS, "guest")
OBJECTS = ("-", "own", "mine", "about", "first", "part", "below", "above", "other", "absent")
counted = {"cells": 0}
STATUSES = ("2xx", "401", "403", "404", "409")


class Table:
    """cells: (operation, caller, object) → wanted status; named: operations that a line names; faults: what is wrong with it."""

    def __init__(self, text, operations):
        self.lists = {"*": None}
        self.cells, self.named, self.faults = {}, set(), []
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if len(words) == 2 and words[0].startswith("@"):
                self.lists[words[0]] = self.expand(words[1], None, number)
            elif len(words) == 4:
                self.add(words, operations, number)
            elif words:
                self.faults.append(f"line {number}: neither a list nor a cell: {line}")

    def expand(self, word, known, number):
        """The members of a column; known: what may stand in it."""
        found = []
        for part in word.split(","):
            if part == "*":
                found += known
            elif part.startswith("@"):
                if part not in self.lists:
                    self.faults.append(f"line {number}: no list has the name {part}")
                found += self.lists.get(part, [])
            else:
                found.append(part)
        if known is not None:
            self.faults += [f"line {number}: unknown: {name}" for name in found if name not in known]
        return found

    def add(self, words, operations, number):
        columns = [self.expand(word, known, number) for word, known in zip(words, (operations, CALLERS, OBJECTS, STATUSES))]
        if words[0] != "*":
            self.named.update(columns[0])
        for operation in columns[0]:
            for caller in columns[1]:
                for thing in columns[2]:
                    self.cells[operation, caller, thing] = columns[3][0]


def load(operations):
    return Table((SOURCE / "tests/golden/access.txt").read_text(encoding="utf-8"), operations)


def fits(wanted, status):
    return re.fullmatch(wanted.replace("x", r"\d"), str(status)) is not None
