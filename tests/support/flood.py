#!/usr/bin/python3
"""Attackers, for tests: a flood of posts at a steady rate, or many connections that are slow on purpose.

    flood.py post PORT RATE KEY PLACE     uses up this API key's quota, then posts RATE orders a second, from eight addresses of 127.0.0.0/8
    flood.py none PORT 0                  does nothing, for comparison
    flood.py slow PORT COUNT              holds COUNT connections open: half never end their head, half never end their body

Says "ready" when it is at work and ends, with its account as JSON, when its standard input is closed.
"""

import collections
import json
import os
import resource
import select
import socket
import ssl
import sys
import threading
import time
import uuid

ADDRESSES = 8
PACE_SECONDS = 4  # between two bytes of a slow connection

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Line:
    """A kept connection from an address of its own; asks one thing at a time, with as little work as can be."""

    def __init__(self, port, address):
        self.port, self.address, self.socket, self.rest = port, address, None, b""

    def open(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(self.address, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket, self.rest = CONTEXT.wrap_socket(plain), b""
        return self.socket

    def ask(self, request):
        """(status, headers in lower case); the body is read and dropped. Closed by the other side between two requests: once again."""
        for last in (False, True):
            try:
                if not self.socket:
                    self.open()
                self.socket.sendall(request)
                return self.answer()
            except OSError:
                self.close()
                if last:
                    raise
        raise AssertionError

    def answer(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        if "chunked" in headers.get("transfer-encoding", ""):
            self.read_chunks()
        else:
            self.take(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return int(first.split(" ")[1]), headers

    def read_chunks(self):
        while True:
            while b"\r\n" not in self.rest:
                self.more()
            size, self.rest = self.rest.split(b"\r\n", 1)
            self.take(int(size, 16) + 2)
            if int(size, 16) == 0:
                return

    def more(self):
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("closed within an answer")
        self.rest += got

    def take(self, n):
        while len(self.rest) < n:
            self.more()
        self.rest = self.rest[n:]

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None


def request(method, path, token, body=None, **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    lines += [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
    if body is not None:
        body = json.dumps(body, ensure_ascii=False).encode()
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


def at_a_rate(per_second, stop, do):
    """Calls do at due times, not one call after another: who is late has not spared the other side anything. do gets the due time."""
    due = time.monotonic()
    while not stop.is_set():
        due += 1 / per_second
        wait = due - time.monotonic()
        if wait > 0:
            stop.wait(wait)
        do(due)


def post(port, rate, key, place):
    stop, refused, account = threading.Event(), threading.Event(), collections.Counter()

    def attack(number):
        line = Line(port, f"127.0.0.{10 + number}")

        def once(_):
            body = {"external_id": f"F-{uuid.uuid4().hex}", "kind": "report", "text": "同一件事反复提交。", "place_code": place}
            try:
                status, headers = line.ask(request("POST", "/open/v1/appeals", key, body, Idempotency_Key=uuid.uuid4().hex))
            except OSError:
                status, headers = 0, {}
            account[status] += 1
            account["when to retry"] += status == 429 and "retry-after" in headers
            account["by the quota"] += status == 429 and "ratelimit" in headers
            if status == 429:
                refused.set()
        while not refused.is_set() and not stop.is_set():
            once(0)
        at_a_rate(rate / ADDRESSES, stop, once)
    threads = [threading.Thread(target=attack, args=(n,)) for n in range(ADDRESSES)]
    for t in threads:
        t.start()
    refused.wait(60)
    print("ready", flush=True)
    sys.stdin.read()
    stop.set()
    for t in threads:
        t.join()
    return account


SLOW = (b"GET /zlb/v1/meta HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST /zlb/v1/appeals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")


def slow(port, count):
    """One thread does: each connection gets its byte in turn, and a new one takes the place of one that was closed."""
    lines = [Line(port, f"127.0.0.{20 + n % ADDRESSES}") for n in range(count)]
    opened = closed = 0
    ready = False
    while True:
        turn = time.monotonic()
        for n, line in enumerate(lines):
            try:
                if line.socket:
                    line.socket.send(b"a")
            except OSError:
                closed += 1
                line.close()
            try:
                if not line.socket:
                    line.open().sendall(SLOW[n % 2])
                    opened += 1
            except OSError:
                line.close()
            if n % 20 == 0 and select.select([sys.stdin], [], [], 0)[0]:
                return {"opened": opened, "closed": closed, "held": sum(line.socket is not None for line in lines)}
            if ready:  # spread over the turn
                time.sleep(max(0, turn + PACE_SECONDS * n / count - time.monotonic()))
        if not ready:
            print("ready", flush=True)
        ready = True


def none(_port, _number):
    print("ready", flush=True)
    sys.stdin.read()
    return {}


def main():
    os.nice(5)  # as if on machines of their own: what they compute is not the server's burden
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    what, port, number, *more = sys.argv[1:]
    print(json.dumps({"none": none, "post": post, "slow": slow}[what](int(port), int(number), *more)))


if __name__ == "__main__":
    main()
