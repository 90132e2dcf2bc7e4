"""A Zenodo of this machine: the documented calls, with a state, and faults on demand.

It answers as InvenioRDM does where its source was read: a second reservation of a DOI, a file that
is there, a committed file and a published draft are refused; a new version is made once; the search
may lag; an upload that breaks off leaves no file.
"""

import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "a-token-that-nobody-must-see"


@dataclass
class Record:
    id: str
    concept: str
    metadata: dict[str, Any] = field(default_factory=dict)
    pids: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes | None] = field(default_factory=dict)
    committed: set[str] = field(default_factory=set)
    published: bool = False
    seen_after: int = 0

    def answer(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "parent": {"id": self.concept},
            "metadata": self.metadata,
            "pids": self.pids,
            "is_published": self.published,
            "is_draft": not self.published,
        }


@dataclass
class Fault:
    """What goes wrong with the calls of a kind, and how often."""

    method: str
    path: str
    kind: str
    times: int = 1

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and bool(re.fullmatch(self.path, path))


class RefusalError(Exception):
    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        self.status = status
        self.body = {"status": status, "message": message, "errors": errors or []}


class Loopback:
    """The server's state, for a test to look at and to spoil."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str]] = []
        self.lag = 0  # searches that do not see a new draft yet
        self.hang = 0.6  # seconds, longer than the client's patience
        self.headers: dict[str, str] = {}
        self.lock = threading.Lock()
        self._numbers = iter(range(1000, 9999))
        loop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one packet, else each waits 40 ms

            def log_message(self, *_: object) -> None:
                pass

            def handle_any(self) -> None:
                loop.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that hung up is what the tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def fault(self, method: str, path: str, kind: str, times: int = 1) -> None:
        self.faults.append(Fault(method, path, kind, times))

    def new(self, concept: str | None = None, **metadata: Any) -> Record:
        id = str(next(self._numbers))
        record = Record(id, concept or f"c{id}", metadata, seen_after=self.lag)
        self.records[id] = record
        return record

    # One call

    def handle(self, http: BaseHTTPRequestHandler) -> None:
        url = urlsplit(http.path)
        path = url.path.removeprefix("/api")
        with self.lock:
            self.calls.append((http.command, path))
            fault = next((f for f in self.faults if f.fits(http.command, path)), None)
            kind = fault.kind if fault else ""
            if fault:
                fault.times -= 1
        size = int(http.headers.get("Content-Length") or 0)
        if kind == "half":
            # The server takes half of the body, keeps nothing and hangs up.
            http.rfile.read(size // 2)
            key = unquote(path.split("/")[-2])
            self.records[path.split("/")[2]].files.pop(key, None)
            return self.hang_up(http)
        body = http.rfile.read(size)
        if kind == "drop":
            return self.hang_up(http)
        if kind == "hang":
            time.sleep(self.hang)
            return self.hang_up(http)
        if kind in ("429", "500"):
            extra = {"Retry-After": "1"} if kind == "429" else {}
            return self.reply(http, int(kind), {"message": "not now"}, extra)
        if kind == "redirect":
            return self.reply(http, 302, {}, {"Location": f"http://elsewhere.invalid{http.path}"})
        if kind == "echo":
            message = f"rejected: {http.headers['Authorization']}"
            return self.reply(http, 400, {"message": message})
        if kind == "html":
            return self.reply(http, 200, "<html>maintenance</html>")
        if kind == "corrupt":
            body = body[:-1] + b"?"
        try:
            if http.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise RefusalError(401, "unauthorised")
            with self.lock:
                status, answer = self.answer(http.command, path, body, parse_qs(url.query))
        except RefusalError as refusal:
            return self.reply(http, refusal.status, refusal.body)
        if kind == "drop after":
            return self.hang_up(http)
        if kind == "hang after":
            time.sleep(self.hang)
            return self.hang_up(http)
        if kind == "500 after":
            return self.reply(http, 500, {"message": "too late"})
        return self.reply(http, status, answer)

    def hang_up(self, http: BaseHTTPRequestHandler) -> None:
        """End the connection with a reset."""
        http.close_connection = True
        linger = struct.pack("ii", 1, 0)
        http.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        http.connection.shutdown(socket.SHUT_RDWR)

    def reply(
        self, http: BaseHTTPRequestHandler, status: int, answer: Any, extra: Any = None
    ) -> None:
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        data = b"" if status == 204 else data
        http.send_response(status)
        for name, value in {**self.headers, **(extra or {})}.items():
            http.send_header(name, value)
        http.send_header("Content-Length", str(len(data)))
        http.end_headers()
        http.wfile.write(data)

    # What the calls do

    def draft(self, id: str) -> Record:
        record = self.records.get(id)
        if not record or record.published:
            raise RefusalError(404, "The persistent identifier does not exist.")
        return record

    def answer(
        self, method: str, path: str, body: bytes, query: dict[str, list[str]]
    ) -> tuple[int, Any]:
        routes: list[tuple[str, str, Callable[..., tuple[int, Any]]]] = [
            ("GET", "/user/records", lambda: self.search(query)),
            ("POST", "/records", lambda: (201, self.created(json.loads(body)).answer())),
            ("GET", "/records/([^/]+)", self.read),
            ("POST", "/records/([^/]+)/versions", self.version),
            ("GET", "/records/([^/]+)/draft", lambda i: (200, self.draft(i).answer())),
            ("PUT", "/records/([^/]+)/draft", lambda i: self.update(i, json.loads(body))),
            ("DELETE", "/records/([^/]+)/draft", self.discard),
            ("POST", "/records/([^/]+)/draft/pids/doi", self.reserve),
            ("POST", "/records/([^/]+)/draft/actions/publish", self.publish),
            ("GET", "/records/([^/]+)/draft/files", lambda i: (200, self.listing(self.draft(i)))),
            ("POST", "/records/([^/]+)/draft/files", lambda i: self.init(i, json.loads(body))),
            ("DELETE", "/records/([^/]+)/draft/files/([^/]+)", self.remove),
            (
                "PUT",
                "/records/([^/]+)/draft/files/([^/]+)/content",
                lambda i, k: self.content(i, k, body),
            ),
            ("POST", "/records/([^/]+)/draft/files/([^/]+)/commit", self.commit),
        ]
        for verb, pattern, function in routes:
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                return function(*map(unquote, match.groups()))
        raise RefusalError(405, f"no call {method} {path}")

    def search(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        wanted = re.fullmatch(r'metadata\.title:"(.*)"', query["q"][0])
        assert wanted
        assert query["allversions"] == ["true"]
        hits = []
        for record in self.records.values():
            if record.seen_after > 0:
                record.seen_after -= 1
            elif wanted[1].lower() in record.metadata.get("title", "").lower():
                hits.append(record.answer())
        return 200, {"hits": {"hits": hits, "total": len(hits)}}

    def created(self, payload: dict[str, Any]) -> Record:
        assert payload["files"] == {"enabled": True}
        return self.new(**payload["metadata"])

    def read(self, id: str) -> tuple[int, Any]:
        record = self.records.get(id)
        if not record or not record.published:
            raise RefusalError(404, "The persistent identifier is not registered.")
        return 200, record.answer()

    def version(self, id: str) -> tuple[int, Any]:
        self.read(id)
        old = self.records[id]
        for record in self.records.values():
            if record.concept == old.concept and not record.published:
                return 201, record.answer()
        kept = {k: v for k, v in old.metadata.items() if k not in ("version", "publication_date")}
        return 201, self.new(old.concept, **kept).answer()

    def update(self, id: str, payload: dict[str, Any]) -> tuple[int, Any]:
        record = self.draft(id)
        record.metadata, record.pids = payload["metadata"], payload["pids"]
        errors = []
        if record.metadata.get("title") == "bad":
            errors = [{"field": "metadata.title", "messages": ["Shorter than minimum length 3."]}]
        return 200, record.answer() | ({"errors": errors} if errors else {})

    def discard(self, id: str) -> tuple[int, Any]:
        del self.records[self.draft(id).id]
        return 204, None

    def reserve(self, id: str) -> tuple[int, Any]:
        record = self.draft(id)
        if record.pids:
            errors = [{"field": "pids.doi", "messages": ["A PID already exists for type doi"]}]
            raise RefusalError(400, "A validation error occurred.", errors)
        doi = {"identifier": f"10.5072/zenodo.{id}", "provider": "datacite", "client": "datacite"}
        record.pids = {"doi": doi}
        return 201, record.answer()

    def listing(self, record: Record) -> dict[str, Any]:
        entries = []
        for key, data in record.files.items():
            entry: dict[str, Any] = {"key": key, "status": "pending"}
            if data is not None:
                entry["checksum"] = "md5:" + hashlib.md5(data).hexdigest()
            if key in record.committed:
                entry["status"] = "completed"
            entries.append(entry)
        return {"enabled": True, "entries": entries}

    def init(self, id: str, keys: list[dict[str, str]]) -> tuple[int, Any]:
        record = self.draft(id)
        for entry in keys:
            if entry["key"] in record.files:
                raise RefusalError(400, f"File with key {entry['key']} already exists.")
            record.files[entry["key"]] = None
        return 201, self.listing(record)

    def file(self, id: str, key: str) -> Record:
        record = self.draft(id)
        if key not in record.files:
            raise RefusalError(404, f"File with key {key} not found.")
        return record

    def content(self, id: str, key: str, body: bytes) -> tuple[int, Any]:
        record = self.file(id, key)
        if key in record.committed:
            raise RefusalError(400, f'File with key "{key}" is already committed.')
        record.files[key] = body
        return 200, {"key": key, "status": "pending"}

    def commit(self, id: str, key: str) -> tuple[int, Any]:
        record = self.file(id, key)
        if record.files[key] is None or key in record.committed:
            raise RefusalError(400, f"File with key {key} cannot be committed.")
        record.committed.add(key)
        return 200, next(e for e in self.listing(record)["entries"] if e["key"] == key)

    def remove(self, id: str, key: str) -> tuple[int, Any]:
        record = self.file(id, key)
        del record.files[key]
        record.committed.discard(key)
        return 204, None

    def publish(self, id: str) -> tuple[int, Any]:
        record = self.draft(id)
        pending = record.files.keys() - record.committed
        if not record.files or pending or not record.pids or not record.metadata.get("title"):
            raise RefusalError(400, "A validation error occurred.")
        record.published = True
        return 202, record.answer()
