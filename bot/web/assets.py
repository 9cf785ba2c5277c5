"""Send files that are the same for everybody: compressed once, and kept by browsers."""

import gzip
import hashlib
from dataclasses import dataclass

from fastapi import Request, Response

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Asset:
    """A file as it travels: plain and compressed, with the hash of its content."""

    plain: bytes
    packed: bytes
    version: str
    media_type: str


def pack(content: bytes, media_type: str) -> Asset:
    """Compress a file that is sent many times."""
    return Asset(content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16], media_type)


def send(request: Request, found: Asset, max_age: int) -> Response:
    """Answer with a file, compressed if the browser accepts that, or with 304 if the browser has it already."""
    headers = {
        "ETag": f'"{found.version}"',
        "Cache-Control": f"public, max-age={max_age}" + (", immutable" if max_age == YEAR else ""),
        "Vary": "Accept-Encoding",
        # A frame without our origin's cookies, and any host page, may load these: they are the same for everybody.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(found.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.plain, headers=headers, media_type=found.media_type)
