"""Call another service over HTTP: one session, timeouts, and one exception for every failure."""

import json
import time
from typing import Any, TypeVar

import requests
from pydantic import BaseModel, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

from bot.logs import REQUEST_HEADER, request_id

M = TypeVar("M", bound=BaseModel)
SAFE = frozenset({"GET", "HEAD"})
BLOCK, MAX_ANSWER = 65_536, 5_000_000  # bytes: read at once, and of a whole answer


class RetryPolicy(Retry):
    """Tries anew: also what broke off unanswered, as a connection does that its server was just closing."""

    def increment(  # type: ignore[override]
        self, method: str | None = None, url: str | None = None, response: Any = None, error: Any = None, **more: Any
    ) -> "RetryPolicy":
        """Count a try; raise what took too long, as somebody waits for it."""
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, **more)


class ServiceError(Exception):
    """The service did not answer, refused, or sent something invalid; status is None if it did not answer."""

    def __init__(self, status: int | None, kind: str) -> None:
        """Store the HTTP status and the problem's kind, and nothing that could be personal."""
        super().__init__(f"{status or 'no answer'}: {kind}")
        self.status = status
        self.kind = kind


class NotFound(ServiceError):
    """The service answers that the resource does not exist."""


class Service:
    """One service at one address. Timeouts are in seconds: to connect, and for the answer, however slowly it drips."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, timeout: tuple[float, float] = (2, 5)) -> None:
        """Remember the address; nothing is called yet."""
        self.address, self.url = url, url.rstrip("/")
        self.timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False  # our own services are behind no proxy, and need no .netrc
        self._session.headers.update(headers or {})
        again = RetryPolicy(  # only what is safe to repeat
            connect=2,
            read=1,
            status=2,
            backoff_factor=0.1,
            allowed_methods=SAFE,
            status_forcelist=(502, 503, 504),
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again, pool_maxsize=50))

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        """Send a request and return the JSON answer, or None if it is empty; raise ServiceError."""
        headers = (headers or {}) | ({"authorization": f"Bearer {token}"} if token else {})
        headers |= {REQUEST_HEADER: request} if (request := request_id()) else {}
        options: dict[str, Any] = {"timeout": self.timeout, "allow_redirects": False, "stream": True}
        until = time.monotonic() + self.timeout[1]
        try:
            with self._session.request(method, self.url + path, json=body, headers=headers, **options) as answer:
                said = _read(answer, until)
            if answer.ok and not said:
                return None
            content = json.loads(said)
        except (requests.RequestException, HTTPError) as error:
            raise ServiceError(None, "ReadTimeout" if _is_late(error) else type(error).__name__) from None
        except (ValueError, RecursionError):
            raise _error(answer.status_code, "not-json") from None
        if answer.status_code >= 300:
            kind = content.get("type") if isinstance(content, dict) else None
            raise _error(answer.status_code, str(kind or "refused"))
        return content

    def deliver(self, content: bytes, headers: dict[str, str]) -> None:
        """Post bytes to the service's own address; raise ServiceError unless it accepts them."""
        options: dict[str, Any] = {"timeout": self.timeout, "allow_redirects": False, "stream": True}
        try:
            with self._session.post(self.address, data=content, headers=headers, **options) as answer:
                status = answer.status_code  # the body is not read
        except requests.RequestException as error:
            raise ServiceError(None, type(error).__name__) from None
        if not 200 <= status < 300:
            raise _error(status, "refused")

    def read(
        self,
        model: type[M],
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> M:
        """Send a request and return the answer as a typed object; raise ServiceError if it does not fit."""
        try:
            return model.model_validate(self.call(method, path, body, token, headers))
        except ValidationError:
            raise ServiceError(200, "not-as-agreed") from None


def _read(answer: requests.Response, until: float) -> bytes:
    said = b""
    while piece := answer.raw.read1(BLOCK, decode_content=True):
        said += piece
        if time.monotonic() > until:
            raise requests.ReadTimeout
        if len(said) > MAX_ANSWER:
            raise ServiceError(answer.status_code, "too-long")
    return said


def _is_late(error: Exception) -> bool:
    return isinstance(error, requests.ReadTimeout | ReadTimeoutError)


def _error(status: int, kind: str) -> ServiceError:
    return NotFound(status, kind) if status == 404 else ServiceError(status, kind)
