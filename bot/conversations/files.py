"""What customers send to a person as a file: told by its content, pictures without metadata, under a random name."""

import re
import secrets
import shutil
import struct
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Message

MAX_SIZE = 10_000_000  # bytes
MIN_FREE = 1 << 30  # bytes on the disk, below which no files are stored
MAX_FILES = 20  # of one conversation
ORPHAN = 3600  # seconds after which a file that no message names is removed
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
PNG = b"\x89PNG\r\n\x1a\n"
# What a picture needs to be shown. All else is metadata: where and by whom it was taken, comments, a smaller picture.
PNG_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"sBIT",
    b"bKGD",
    b"pHYs",
}
JPEG_APPLICATIONS = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
ORIENTATION = 0x0112
NAME = re.compile(r"[0-9a-f]{32}\.(jpeg|png|pdf)")


def cleaned(content: bytes) -> tuple[str, bytes] | None:
    """Return the kind of a file, and its content, of a picture without metadata; None if it may not be sent."""
    if content.startswith(PNG):
        found = _png(content)
        return ("png", found) if found else None
    if content.startswith(b"\xff\xd8\xff"):
        found = _jpeg(content)
        return ("jpeg", found) if found else None
    return ("pdf", content) if content.startswith(b"%PDF-") else None


def _png(content: bytes) -> bytes | None:
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content) or (len(kept) == 1 and kind != b"IHDR"):
            return None
        if kind in PNG_CHUNKS:
            kept.append(content[at:end])
        if kind == b"IEND":  # nothing behind it belongs to the picture
            return b"".join(kept)
        at = end
    return None


def _jpeg(content: bytes) -> bytes | None:
    kept, at, turned = [], 2, 1
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == 0xD9:
            break
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            return None
        body = content[at + 4 : end]
        if marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            turned = _orientation(body[6:])
        if marker == 0xDA:
            found = AFTER_SCAN.search(content, end)
            end = found.start() if found else len(content)
        is_metadata = marker == 0xFE or (0xE0 <= marker <= 0xEF and not _is_needed(marker, body))
        if not is_metadata:
            kept.append(content[at:end])
        at = end
    if not any(one[1] == 0xDA for one in kept):
        return None
    exif = [_oriented(turned)] if turned in range(2, 9) else []
    return b"".join([b"\xff\xd8", *exif, *kept, b"\xff\xd9"])


def _is_needed(marker: int, body: bytes) -> bool:
    begins = JPEG_APPLICATIONS.get(marker)
    return begins is not None and body.startswith(begins)


def _orientation(tiff: bytes) -> int:
    """Return how a picture is turned, which pictures of telephones tell in their metadata alone."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order:
            (first,) = struct.unpack_from(f"{order}I", tiff, 4)
            (count,) = struct.unpack_from(f"{order}H", tiff, first)
            for number in range(min(count, 100)):
                tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
                if (tag, kind) == (ORIENTATION, 3):
                    return int(value)
    except struct.error:
        pass
    return 1


def _oriented(turned: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, turned, 0, 0)
    return struct.pack(">HH6s", 0xFFE1, 8 + len(tiff), b"Exif\x00\x00") + tiff


class Files:
    """The folder with the files that customers have sent."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which need not exist yet."""
        self.folder = folder

    def has_room(self) -> bool:
        """Tell whether files may be stored: databases on the same disk need room, too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free > MIN_FREE

    def keep(self, kind: str, content: bytes) -> str:
        """Store a file; return its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{secrets.token_hex(16)}.{kind}"
        (self.folder / name).write_bytes(content)
        return name

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, or None if it is gone."""
        try:
            return (self.folder / name).read_bytes() if NAME.fullmatch(name) else None
        except FileNotFoundError:
            return None

    def remove(self, names: Iterable[str]) -> None:
        """Delete files."""
        for name in names:
            if NAME.fullmatch(name):
                (self.folder / name).unlink(missing_ok=True)

    def remove_orphans(self, session: Session) -> None:
        """Delete files of messages that are gone, whatever deleted them."""
        before = time.time() - ORPHAN
        old = [one.name for one in self.folder.glob("*.*") if one.stat().st_mtime < before]
        while old:
            some, old = old[:500], old[500:]
            named = session.scalars(select(Message.attachment).where(Message.attachment.in_(some)))
            self.remove(set(some) - set(named))


def names_of(session: Session, conversation_ids: list[str]) -> list[str]:
    """Return the files of conversations."""
    sent = select(Message.attachment).where(
        Message.conversation_id.in_(conversation_ids), Message.attachment.is_not(None)
    )
    return [name for name in session.scalars(sent) if name]


def kind_of(name: str) -> str:
    """Return the kind of a stored file."""
    return name.rpartition(".")[2]
