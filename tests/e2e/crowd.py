"""People who all want to sign in at once and go on trying, as their app does: after a 503 they wait as Retry-After says.

    crowd.py FOLDER NUMBER      on stdin: "on", "off" (each answered by "ok") and its end, at which the account comes on stdout:
                                {"answers": {status: n}, "slowest": {status: seconds}, "untold": n}
"""

import asyncio
import collections
import json
import pathlib
import re
import ssl
import subprocess
import sys
import time
import uuid


class Crowd:
    def __init__(self, folder, number):
        env = dict(line.strip().split("=", 1) for line in (pathlib.Path(folder) / "env").read_text().splitlines() if "=" in line)
        self.port, self.number = env["PORT"], number
        self.tls = ssl.create_default_context(cafile=f"{folder}/tls/cert.pem")
        self.answers, self.slowest, self.untold = collections.Counter(), collections.Counter(), 0
        self.people = []

    async def one(self):
        """Signs in again and again, each time with a ticket that is his alone."""
        reader = writer = None
        while True:
            if not writer:
                reader, writer = await asyncio.open_connection("localhost", self.port, ssl=self.tls)
            body = json.dumps({"channel": "app", "ticket": f"crowd-{uuid.uuid4().hex}"}).encode()
            began = time.monotonic()
            writer.write(b"POST /zlb/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(int(re.search(r"content-length: (\d+)", head).group(1)))
            except (asyncio.IncompleteReadError, ConnectionError):
                writer = None
                continue
            self.account(head, time.monotonic() - began)
            later = re.search(r"\nretry-after: (\d+)", head)
            await asyncio.sleep(int(later.group(1)) if later else 1)

    def account(self, head, seconds):
        status = head.split()[1]
        self.answers[status] += 1
        self.slowest[status] = max(self.slowest[status], seconds)
        self.untold += status == "503" and "\nretry-after: " not in head

    def turn(self, on):
        for person in self.people:
            person.cancel()
        self.people = [asyncio.ensure_future(self.one()) for _ in range(self.number if on else 0)]


async def main(folder, number):
    crowd, loop = Crowd(folder, number), asyncio.get_running_loop()
    while command := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        crowd.turn(command == "on")
        print("ok", flush=True)
    crowd.turn(False)
    print(json.dumps({"answers": crowd.answers, "slowest": crowd.slowest, "untold": crowd.untold}), flush=True)


class Waiting:
    """The crowd as a test uses it, in a process of its own."""

    def __init__(self, folder, number=200):
        self.process = subprocess.Popen([sys.executable, __file__, str(folder), str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self, on):
        self.process.stdin.write("on\n" if on else "off\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def end(self):
        account = json.loads(self.process.communicate()[0].splitlines()[-1])
        assert self.process.returncode == 0
        return account


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
