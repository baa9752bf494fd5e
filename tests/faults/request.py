"""One request, made ready to be sent as often as a test likes, and what goes into such requests."""

import uuid


class Request:
    """key: an Idempotency-Key goes with it. events: how many its appeal has when it was done once. again: makes the request
    that follows one that failed, where the same can't be sent twice (a host app's ticket is spent by looking at it)."""

    def __init__(self, client, method, path, body=None, version=None, key=True, appeal=None, events=None, again=None, kind=None):
        self.client, self.method, self.path, self.body = client, method, path, body
        self.appeal, self.events, self.again = appeal, events, again
        self.headers = {"If-Match": f'"{version}"'} if version else {}
        if kind:
            self.headers["Content-Type"] = kind
        self.key = str(uuid.uuid4()) if key and method == "POST" else None
        if self.key:
            self.headers["Idempotency-Key"] = self.key
        self.entry = path.split("/")[1]
        self.repeatable = again is None

    def send(self):
        return self.client.send(self.method, self.path, self.body, self.headers, record=False)


def letters():
    """Ten letters that no other call returns: digits could be taken for somebody's number."""
    return "".join(chr(97 + b % 16) for b in uuid.uuid4().bytes[:10])


def photo():
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xc0\0\x11\x08\1\xe0\2\x80\3" + uuid.uuid4().bytes + bytes(44) + b"\xff\xd9"
