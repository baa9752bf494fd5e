"""What the two stand-ins for host apps share.

A stand-in is a small server that plays a host app which a test can't reach.
This file holds the part that knows no host's protocol: the HTTP server with
keep-alive and optional TLS, the control API under /_control, the faults that
a test can switch on, the clock that a test can move, and the request log.

A stand-in derives from Standin and gives answer(), wrong_reply() and
badsig_reply(). Everything that answer() touches is guarded by one lock, so
a stand-in's own code never locks; only waiting happens outside the lock.
"""

import collections
import dataclasses
import hmac
import http.server
import ipaddress
import json
import signal
import ssl
import sys
import threading
import time
import urllib.parse
from datetime import datetime

from beijing import BEIJING

CONTROL = "/_control"
MAX_BODY = 1 << 20            # no call of either protocol comes near
MAX_CONTROL_BODY = 64 << 20   # a people file of a whole district does
LOG_KEPT = 20000
IDLE_SECONDS = 75             # how long a kept-alive connection may be silent
FAULT_MODES = ("none", "slow", "wrong", "dead", "error500", "garbage", "badsig")

COMMON_HELP = """\
control API (loopback addresses only, unsigned, JSON both ways):
  POST /_control/person   one person, a list, or {"people": [...]}: add or replace
  POST /_control/fault    {"mode": "none|slow|wrong|dead|error500|garbage|badsig",
                           "seconds": N, "path": prefix, "code": CODE,
                           "times": N, "after": true|false}
      slow      answer, N seconds late        wrong   well-formed business failure
      dead      close without an answer       error500  HTTP 500
      garbage   HTTP 200, not JSON            badsig  as if the signature were wrong
      seconds   delays every mode             path    only paths that begin so
      code      the failure code of "wrong"   times   only the next N calls
      after     do the work first, then lose or spoil its answer
  GET  /_control/fault    the fault now in force
  POST /_control/clock    {"offset": N, "skew": N}: move the clock of lifetimes and
                          limits (offset), of signature times (skew), in seconds
  POST /_control/expire   {"what": "tokens"}: forget every token that was issued
  GET  /_control/log      {"total": N, "requests": [{time, method, path, status,
                           verdict, reason, fault}]}; ?path=PREFIX keeps those only
  POST /_control/reset    forget all but people; {"people": true} also goes back to
                          the people file
"""


class ControlError(Exception):
    """A control call that can't be done: a status and a reason."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Refusal(Exception):
    """Ends a host call early; carries the reply that the caller gets."""

    def __init__(self, reply):
        super().__init__(reply.reason)
        self.reply = reply


@dataclasses.dataclass
class Reply:
    """One answer, and what the log says about it.

    verdict: accepted, refused (never got past the gate), failed (business
    failure), fault (a fault spoke instead), control.
    """
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json;charset=UTF-8"
    verdict: str = "accepted"
    reason: str = ""
    drop: bool = False    # close the connection, send nothing


@dataclasses.dataclass
class Fault:
    mode: str = "none"
    seconds: float = 0.0
    path: str = ""
    code: str = ""
    times: int = 0        # 0: until told otherwise
    after: bool = False


class Request:
    """One request, read whole, decoded on demand."""

    def __init__(self, method, target, headers, body, client):
        split = urllib.parse.urlsplit(target)
        self.method = method
        self.path = urllib.parse.unquote(split.path)
        self.query_text = split.query
        self.headers = headers
        self.body = body
        self.client = client
        self.hold = 0.0       # seconds that this call is being worked on
        self.releases = []    # run when the call is done, before the answer leaves

    def query(self):
        return decode_pairs(self.query_text)

    def form(self):
        """The body's pairs; ValueError if it isn't strict UTF-8."""
        return decode_pairs(self.body.decode("ascii"))

    def media_type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()

    def json(self):
        """The body as a JSON object, or None."""
        try:
            value = json.loads(self.body.decode("utf-8"))
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def decode_pairs(text):
    return urllib.parse.parse_qsl(text, keep_blank_values=True,
                                  encoding="utf-8", errors="strict")


def json_reply(value, status=200, verdict="accepted", reason=""):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate, which a caller's JSON may hold, leaves as its escape.
    body = text.encode("utf-8", "backslashreplace")
    return Reply(status=status, body=body, verdict=verdict, reason=reason)


def same_text(left, right):
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"),
                               right.encode("utf-8", "surrogatepass"))


def stamp(seconds):
    return datetime.fromtimestamp(seconds, BEIJING).isoformat(timespec="milliseconds")


class Clock:
    """Real time plus what a test added.

    Two readings, so that a test can let a ticket expire without making
    every signature stale, and can make a signature stale without expiring
    tickets.
    """

    def __init__(self):
        self.offset = 0.0
        self.skew = 0.0

    def now(self):
        return time.time() + self.offset

    def signature_now(self):
        return time.time() + self.skew


def load_people(path):
    """Persons of a JSON file: a list, or an object with the list as "people"."""
    if not path:
        return []
    with open(path, encoding="utf-8") as handle:
        value = json.load(handle)
    return people_of(value)


def people_of(value):
    if isinstance(value, dict):
        value = value.get("people", [value])
    if not isinstance(value, list) or not all(isinstance(p, dict) for p in value):
        raise ControlError(400, "a person is an object; several are a list or {\"people\": [...]}")
    return value


def is_loopback(address):
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


class Standin:
    """A host app's double, without its protocol."""

    name = "standin"

    def __init__(self, people=()):
        self.lock = threading.RLock()
        self.clock = Clock()
        self.fault = Fault()
        self.log = collections.deque(maxlen=LOG_KEPT)
        self.total = 0
        self.first_people = list(people)
        self.controls = {
            ("POST", "/person"): self.control_person,
            ("POST", "/fault"): self.control_fault,
            ("GET", "/fault"): lambda request: dataclasses.asdict(self.fault),
            ("POST", "/clock"): self.control_clock,
            ("POST", "/expire"): self.control_expire,
            ("GET", "/log"): self.control_log,
            ("POST", "/reset"): self.control_reset,
        }
        self.clear_people()
        self.forget()
        for person in self.first_people:
            self.add_person(person)

    # What a stand-in must give. ------------------------------------------

    def answer(self, request):
        """The host's reply to one request; may raise Refusal."""
        raise NotImplementedError

    def wrong_reply(self, request, code):
        """A well-formed business failure for this request."""
        raise NotImplementedError

    def badsig_reply(self, request):
        """What the host says to a wrong signature."""
        raise NotImplementedError

    def add_person(self, person):
        raise NotImplementedError

    def clear_people(self):
        raise NotImplementedError

    def forget(self):
        """Drop tickets, codes, tokens and records; people stay."""
        raise NotImplementedError

    def forget_tokens(self):
        raise NotImplementedError

    # One host call. --------------------------------------------------------

    def serve(self, request):
        fault = self.take_fault(request.path)
        try:
            reply = self.reply_under(fault, request)
            delay = request.hold + (fault.seconds if fault.mode != "none" else 0)
            if delay > 0:
                time.sleep(delay)
        finally:
            # A caller that goes on at once after this answer must find the
            # call finished, so the releases run before anything is sent.
            with self.lock:
                for release in request.releases:
                    release()
        self.record(request, reply, fault)
        return reply

    def take_fault(self, path):
        with self.lock:
            fault = self.fault
            if fault.mode == "none" or not path.startswith(fault.path):
                return Fault()
            if fault.times == 1:
                self.fault = Fault()
            elif fault.times > 1:
                self.fault = dataclasses.replace(fault, times=fault.times - 1)
            return fault

    def reply_under(self, fault, request):
        if fault.mode in ("none", "slow"):
            return self.checked(request)
        done = self.checked(request) if fault.after else None
        reply = self.fault_reply(fault, request)
        reply.verdict = "fault"
        reply.reason = fault.mode + (f" after {done.verdict}" if done else "")
        return reply

    def checked(self, request):
        with self.lock:
            try:
                return self.answer(request)
            except Refusal as refusal:
                return refusal.reply

    def fault_reply(self, fault, request):
        if fault.mode == "dead":
            return Reply(drop=True, status=0)
        if fault.mode == "error500":
            return json_reply({"message": "stand-in fault"}, status=500)
        if fault.mode == "garbage":
            return Reply(body=b"<html><body>stand-in fault</body>")
        with self.lock:
            if fault.mode == "wrong":
                return self.wrong_reply(request, fault.code)
            return self.badsig_reply(request)

    def record(self, request, reply, fault):
        with self.lock:
            self.total += 1
            self.log.append({
                "time": stamp(time.time()), "method": request.method,
                "path": request.path, "status": reply.status,
                "verdict": reply.verdict, "reason": reply.reason,
                "fault": fault.mode})

    # Control calls. ----------------------------------------------------------

    def control(self, request):
        if not is_loopback(request.client):
            return self.control_reply(403, {"reason": "control calls come from this machine only"})
        action = self.controls.get((request.method, request.path[len(CONTROL):]))
        if action is None:
            return self.control_reply(404, {"reason": "no such control call"})
        try:
            with self.lock:
                return self.control_reply(200, action(request))
        except ControlError as error:
            return self.control_reply(error.status, {"reason": error.reason})
        except (TypeError, ValueError) as error:
            return self.control_reply(400, {"reason": str(error)})

    @staticmethod
    def control_reply(status, value):
        return json_reply(value, status, "control", value.get("reason", ""))

    @staticmethod
    def control_body(request):
        """A control call's JSON object; an empty body is an empty object."""
        value = request.json() if request.body else {}
        if value is None:
            raise ControlError(400, "the body is not a JSON object")
        return value

    def control_person(self, request):
        added = people_of(json.loads(request.body.decode("utf-8")))
        for person in added:
            self.add_person(person)
        return {"added": len(added)}

    def control_fault(self, request):
        value = self.control_body(request)
        names = {field.name for field in dataclasses.fields(Fault)}
        if set(value) - names:
            raise ControlError(400, "unknown fault fields: " + ", ".join(sorted(set(value) - names)))
        fault = Fault(**value)
        if fault.mode not in FAULT_MODES:
            raise ControlError(400, "mode is one of " + ", ".join(FAULT_MODES))
        fault.seconds = float(fault.seconds)
        self.fault = fault
        return dataclasses.asdict(fault)

    def control_clock(self, request):
        value = self.control_body(request)
        self.clock.offset = float(value.get("offset", self.clock.offset))
        self.clock.skew = float(value.get("skew", self.clock.skew))
        return {"offset": self.clock.offset, "skew": self.clock.skew}

    def control_expire(self, request):
        if self.control_body(request).get("what") != "tokens":
            raise ControlError(400, "what is \"tokens\"")
        self.forget_tokens()
        return {"expired": "tokens"}

    def control_log(self, request):
        prefix = dict(request.query()).get("path", "")
        kept = [line for line in self.log if line["path"].startswith(prefix)]
        return {"total": self.total, "requests": kept}

    def control_reset(self, request):
        value = self.control_body(request)
        self.clock.offset = self.clock.skew = 0.0
        self.fault = Fault()
        self.log.clear()
        self.total = 0
        self.forget()
        if value.get("people"):
            self.clear_people()
            for person in self.first_people:
                self.add_person(person)
        return {"reset": True}


class Handler(http.server.BaseHTTPRequestHandler):
    """HTTP/1.1 for one connection; the stand-in hangs on the server."""

    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = 1 << 16              # head and body leave in one segment ...
    disable_nagle_algorithm = True  # ... at once

    def handle_expect_100(self):
        going_on = super().handle_expect_100()
        self.wfile.flush()   # the client holds its body back until it sees this
        return going_on

    def read_request(self):
        if self.headers.get("Transfer-Encoding"):
            self.refuse_early(411, "chunked bodies are not read here")
            return None
        text = self.headers.get("Content-Length") or "0"
        limit = MAX_CONTROL_BODY if self.path.startswith(CONTROL) else MAX_BODY
        if not (text.isascii() and text.isdigit()) or int(text) > limit:
            self.refuse_early(413, "body length missing, malformed or too large")
            return None
        body = self.rfile.read(int(text))
        if len(body) != int(text):
            self.close_connection = True
            return None
        try:
            return Request(self.command, self.path, self.headers, body, self.client_address[0])
        except ValueError:
            self.refuse_early(400, "malformed request target")
            return None

    def refuse_early(self, status, reason):
        self.close_connection = True   # what follows on it can't be trusted
        self.send_reply(json_reply({"message": reason}, status, "refused", reason))

    def serve_one(self):
        request = self.read_request()
        if request is None:
            return
        standin = self.server.standin
        try:
            own = request.path == CONTROL or request.path.startswith(CONTROL + "/")
            reply = standin.control(request) if own else standin.serve(request)
        except Exception as error:
            # A defect of the stand-in must show as one, not as a dead host.
            self.send_reply(json_reply({"message": repr(error)}, 500, "defect", repr(error)))
            raise
        self.send_reply(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve_one

    def send_reply(self, reply):
        self.write_log(reply)
        if reply.drop:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)

    def write_log(self, reply):
        # The path without its query: queries carry numbers and texts of people.
        path = self.path.partition("?")[0]
        reason = f" ({reply.reason})" if reply.reason else ""
        sys.stderr.write(f"{stamp(time.time())} {self.server.standin.name} {self.command} "
                         f"{path!r} {reply.status} {reply.verdict}{reason}\n")
        sys.stderr.flush()

    def log_message(self, format, *args):
        """The base class's own lines; write_log says all there is to say."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address, standin, tls=None):
        self.standin = standin
        self.tls = tls
        super().__init__(address, Handler)

    def finish_request(self, request, client_address):
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        # The handshake is done here, in the connection's own thread: a client
        # that never finishes it must not keep others from being accepted.
        request.settimeout(IDLE_SECONDS)
        with self.tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if isinstance(error, (ConnectionError, TimeoutError, ssl.SSLError)):
            return   # the client went away; tests do that on purpose
        super().handle_error(request, client_address)


def add_common_arguments(parser, ak, sk):
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--ak", default=ak, help="access key of the application (%(default)s)")
    parser.add_argument("--sk", default=sk, help="secret key of the application (%(default)s)")
    parser.add_argument("--cert", help="PEM certificate chain: serve TLS")
    parser.add_argument("--key", help="PEM private key of --cert")
    parser.add_argument("--people", metavar="FILE", help="JSON file of persons, see below")


def make_tls(args):
    if not args.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    return context


def run(standin, args):
    """Serve until SIGTERM or SIGINT."""
    server = Server((args.host, args.port), standin, make_tls(args))

    def stop(signum, frame):
        # shutdown() waits for the loop that this handler interrupts.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheme = "https" if server.tls else "http"
    print(f"ready {scheme}://{args.host}:{server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    return 0
