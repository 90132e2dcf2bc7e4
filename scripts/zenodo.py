"""A short client of Zenodo's records API (InvenioRDM), as far as a release needs it."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.util import Retry

PRODUCTION = "https://zenodo.org"
SANDBOX = "https://sandbox.zenodo.org"
# No server makes us wait longer than this, in seconds.
LONGEST_WAIT = 300
# How often we look for what a broken call may have made: the search lags behind.
LOOKS = 3
GONE = (404, 410)

T = TypeVar("T")
Answer = dict[str, Any]


class ZenodoError(ValueError):
    """The server refuses a call, or answers what makes no sense."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NoAnswerError(ZenodoError):
    """The answer did not come or was broken: whether the call had an effect is not known."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for the server and how often to call it again.

    Attributes
    ----------
    timeout : tuple of float
        Seconds to connect, and between two bytes of an answer.
    tries : int
        How often a call is repeated at most.
    backoff : float
        Seconds before the second repetition; each further one waits twice as long.
    settle : float
        Seconds until what a broken call has made can be found.
    """

    timeout: tuple[float, float] = (10, 120)
    tries: int = 5
    backoff: float = 1
    settle: float = 4


def _until_reset(headers: Any) -> float:
    """Seconds until the server takes calls again; 0 if it does now."""
    try:
        if int(headers["X-RateLimit-Remaining"]) > 0:
            return 0
        wait = float(headers["X-RateLimit-Reset"]) - time.time()
    except (KeyError, ValueError):
        return 0
    return min(max(wait, 0), LONGEST_WAIT)


class _Retry(Retry):
    """Repeats what does no harm: calls that change nothing twice, and calls that were put off."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        # «Too many requests» says of any call that it was not carried out.
        return status_code == 429 or super().is_retry(method, status_code, has_retry_after)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        return super().get_retry_after(response) or _until_reset(response.headers)


class _Session(requests.Session):
    """Follows no redirection to another server."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and urlsplit(urljoin(resp.url, target))[:2] != urlsplit(resp.url)[:2]:
            raise ZenodoError(f"{resp.url} sends us to another server, {target}; not followed")
        return target


class _Watched(io.FileIO):
    """A file that tells how far it was read; goes back when a call is repeated."""

    progress: Callable[[int], None]

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        self.progress(self.tell())
        return data or b""


def _reasons(answer: Answer, token: str) -> str:
    """What an answer says is wrong, a line a field."""
    lines = [str(answer.get("message") or "")]
    for error in answer.get("errors") or []:
        if isinstance(error, dict):
            messages = error.get("messages") or [error.get("message", error)]
            lines.append(f"  {error.get('field', '?')}: {' '.join(map(str, messages))}")
        else:
            lines.append(f"  {error}")
    return "\n".join(line for line in lines if line).replace(token, "…")


def _text(answer: Answer, *keys: str) -> str:
    """A text that an answer must have."""
    value: Any = answer
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value:
        raise ZenodoError(f"the server's answer has no {'.'.join(keys)}; is it a Zenodo?")
    return value


@dataclass(frozen=True)
class Entry:
    """A draft or record of the account."""

    record: str
    version: str | None
    doi: str | None
    published: bool


def _entry(answer: Answer) -> Entry:
    record = _text(answer, "id")
    if not re.fullmatch(r"[\w-]+", record):
        raise ZenodoError(f"{record!r} is no id of a record")
    doi = answer.get("pids", {}).get("doi", {}).get("identifier")
    version = answer.get("metadata", {}).get("version")
    return Entry(record, version, doi or None, bool(answer.get("is_published")))


class Zenodo:
    """One server, with the token of one account.

    The token goes to this server only and stands in no message. Calls that may be repeated are
    repeated by urllib3; a call that makes something is repeated only after a look whether it did.

    Parameters
    ----------
    server : str
        Address without a path.
    token : str
        With the scopes deposit:write and deposit:actions.
    patience : Patience
        How long to wait and how often to try.
    say : callable
        Told of waiting.
    """

    def __init__(
        self,
        server: str,
        token: str,
        patience: Patience | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.server = server.rstrip("/")
        self._token = token
        self._patience = patience or Patience()
        self._say = say
        self._free_at = 0.0
        self._session = _Session()
        # Not a header of the session: ~/.netrc would replace it.
        self._session.auth = self._authorise
        self._session.headers["Accept"] = "application/vnd.inveniordm.v1+json"
        retry = _Retry(
            total=self._patience.tries,
            other=0,
            status_forcelist=(429, 500, 502, 503, 504),
            backoff_factor=self._patience.backoff,
            raise_on_status=False,
            retry_after_max=LONGEST_WAIT,
        )
        self._session.mount(self.server, HTTPAdapter(max_retries=retry))

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _call(self, method: str, path: str, **content: Any) -> Answer:
        """Answer to one call.

        Raises
        ------
        NoAnswerError
            If no answer came, or a broken one, or the server failed.
        ZenodoError
            If the server refuses; the message says why, field by field.
        """
        wait = self._free_at - time.monotonic()
        if wait > 0:
            self._say(f"waiting {wait:.0f} s, as the server's rate limit asks")
            time.sleep(wait)
        call = f"{method} {self.server}/api{path}"
        try:
            answer = self._session.request(
                method,
                f"{self.server}/api{path}",
                timeout=self._patience.timeout,
                allow_redirects=method == "GET",
                **content,
            )
            self._free_at = time.monotonic() + _until_reset(answer.headers)
            body = answer.json() if answer.content else {}
        except requests.JSONDecodeError as error:
            if answer.ok:
                raise NoAnswerError(f"{call}: the answer is not JSON") from error
            body = {}
        except requests.RequestException as error:
            kind = type(error).__name__
            raise NoAnswerError(f"{call}: no answer ({kind}); call the command again") from error
        status = answer.status_code
        if 200 <= status < 300 and isinstance(body, dict):
            return body
        reasons = _reasons(body if isinstance(body, dict) else {}, self._token)
        message = f"{call}: {status} {answer.reason}: {reasons}".rstrip(": ")
        if status == 401:
            message += "\nThe token is not of this server or has expired."
        elif status == 403:
            message += "\nThe token needs the scopes deposit:write and deposit:actions."
        if status >= 500 or status == 429:
            raise NoAnswerError(f"{message}\nCall the command again later.", status)
        raise ZenodoError(message, status)

    def _read(self, path: str) -> Answer | None:
        """Answer to a reading call; None if there is no such thing."""
        try:
            return self._call("GET", path)
        except ZenodoError as error:
            if error.status in GONE:
                return None
            raise

    def _delete(self, path: str) -> None:
        """Delete what may be gone already."""
        try:
            self._call("DELETE", path)
        except ZenodoError as error:
            if error.status not in GONE:
                raise

    def once(self, find: Callable[[], T | None], make: Callable[[], T]) -> T:
        """Make something that must not be made twice.

        Parameters
        ----------
        find : callable
            Gives what is there already, or None.
        make : callable
            Makes it. If its answer is broken, `find` looks whether it was made nevertheless.

        Raises
        ------
        NoAnswerError
            If it could not be made in so many tries.
        """
        found, left = find(), self._patience.tries
        while found is None:
            try:
                return make()
            except NoAnswerError:
                left -= 1
                for _ in range(LOOKS):
                    time.sleep(self._patience.settle)
                    if (found := find()) is not None:
                        break
                else:
                    if not left:
                        raise
        return found

    def titled(self, title: str) -> list[Entry]:
        """The account's drafts and records of that title, of all versions."""
        words = title.replace("\\", "\\\\").replace('"', '\\"')
        found = self._call(
            "GET",
            "/user/records",
            params={
                "q": f'metadata.title:"{words}"',
                "allversions": "true",
                "shared_with_me": "false",
                "sort": "newest",
                "size": 100,
            },
        )
        hits = found.get("hits", {}).get("hits", [])
        return [_entry(hit) for hit in hits if hit.get("metadata", {}).get("title") == title]

    def draft(self, record: str) -> Entry | None:
        """The draft with that id, or None."""
        answer = self._read(f"/records/{record}/draft")
        return _entry(answer) if answer else None

    def record(self, record: str) -> Entry | None:
        """The published record with that id, or None."""
        answer = self._read(f"/records/{record}")
        return _entry(answer) if answer else None

    def create(self, payload: Answer) -> Entry:
        """Make a first draft; for use in `once`."""
        return _entry(self._call("POST", "/records", json=payload))

    def new_version(self, record: str) -> Entry:
        """The draft of the version after a published record, made if there is none."""
        return _entry(self._call("POST", f"/records/{record}/versions"))

    def doi(self, record: str) -> str:
        """The DOI of a draft, reserved if it has none."""

        def find() -> str | None:
            return _entry(self._call("GET", f"/records/{record}/draft")).doi

        def make() -> str:
            answer = self._call("POST", f"/records/{record}/draft/pids/doi")
            return _text(answer, "pids", "doi", "identifier")

        return self.once(find, make)

    def files(self, record: str) -> dict[str, str]:
        """Checksums of the files of a draft, as ``md5:…``; empty for one not wholly there."""
        entries = self._call("GET", f"/records/{record}/draft/files").get("entries", [])
        return {
            _text(entry, "key"): str(entry.get("checksum") or "")
            if entry.get("status") == "completed"
            else ""
            for entry in entries
        }

    def send(self, record: str, path: Path, progress: Callable[[int], None]) -> None:
        """Send one file into a draft that has none of its name; tell the bytes sent."""
        files = f"/records/{record}/draft/files"
        self._call("POST", files, json=[{"key": path.name}])
        one = f"{files}/{quote(path.name, safe='')}"
        with _Watched(path) as file:
            file.progress = progress
            headers = {"Content-Type": "application/octet-stream"}
            self._call("PUT", f"{one}/content", data=file, headers=headers)
        self._call("POST", f"{one}/commit")

    def remove(self, record: str, name: str) -> None:
        """Remove one file from a draft."""
        self._delete(f"/records/{record}/draft/files/{quote(name, safe='')}")

    def describe(self, record: str, payload: Answer) -> None:
        """Replace the metadata of a draft; its DOI stays.

        Raises
        ------
        ZenodoError
            If the server finds anything wrong; it keeps a faulty draft, but we do not go on.
        """
        pids = self._call("GET", f"/records/{record}/draft").get("pids", {})
        answer = self._call("PUT", f"/records/{record}/draft", json=payload | {"pids": pids})
        if answer.get("errors"):
            reasons = _reasons(answer | {"message": ""}, self._token)
            raise ZenodoError(f"{self.server} does not accept the metadata:\n{reasons}")

    def publish(self, record: str) -> None:
        """Publish a draft, for ever."""
        self.once(
            lambda: self.record(record),
            lambda: self._call("POST", f"/records/{record}/draft/actions/publish"),
        )

    def discard(self, record: str) -> None:
        """Delete a draft."""
        self._delete(f"/records/{record}/draft")
