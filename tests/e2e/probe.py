"""Asks the three entries' /healthz and /readyz ten times a second until told to stop, in a process of its own, so that what it
measures is not the tests' own waiting for each other.

    probe.py PORT       one JSON line a question on stdout: {"at":…,"entry":…,"check":…,"status":…,"ms":…}; ends when stdin does
"""

import http.client
import json
import os
import pathlib
import select
import subprocess
import sys
import threading
import time

ENTRIES = ("zlb", "zzd", "open")


def ask(connection, entry, check):
    """at is when the question was put; all processes of a machine share this clock."""
    at = time.monotonic()
    try:
        connection.request("GET", f"/{entry}/{check}")
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        status = 0
    return {"at": at, "entry": entry, "check": check, "status": status, "ms": (time.monotonic() - at) * 1000}


def main(port):
    connections = {(e, c): http.client.HTTPConnection("127.0.0.1", port, timeout=5) for e in ENTRIES for c in ("healthz", "readyz")}
    due = time.monotonic()
    while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
        for (entry, check), connection in connections.items():
            print(json.dumps(ask(connection, entry, check)), flush=True)
        due = max(due + 0.1, time.monotonic())


class Probe:
    """The same as seen by a test: samples, as they come."""

    def __init__(self, folder):
        env = dict(line.strip().split("=", 1) for line in (pathlib.Path(folder) / "env").read_text().splitlines() if "=" in line)
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), env["OPS_PORT"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.samples = []
        self.reader = threading.Thread(target=lambda: self.samples.extend(map(json.loads, self.process.stdout)))
        self.reader.start()

    def of(self, check, entry=None, since=0.0):
        return [s for s in list(self.samples) if s["check"] == check and entry in (None, s["entry"]) and s["at"] >= since]

    def stop(self):
        self.process.stdin.close()
        self.reader.join()
        self.process.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
