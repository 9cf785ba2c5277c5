"""A file is told by its content, loses what tells more than the picture, and is gone with its message."""

import base64
import os
import struct
import time
import zlib

import pytest

from bot.conversations import files, handoff, queue
from bot.conversations.files import NAME, Files, cleaned
from bot.conversations.models import Conversation
from bot.conversations.transitions import InvalidTransition
from tests.conversations.talk import OPEN

SECRET = b"56.9496 N 24.1052 E, Anna"
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP////////////////////////////////////////////////////////////////////////////////"
    "//////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


def png(*more: bytes) -> bytes:
    """Return a picture of one pixel, with more chunks before its content."""
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), *more]
    return files.PNG + b"".join([*parts, chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")), chunk(b"IEND", b"")])


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int) -> bytes:
    entry = struct.pack("<HHIHH", files.ORIENTATION, 3, 1, orientation, 0)
    return b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, 1) + entry + struct.pack("<I", 0) + SECRET


def jpeg(*more: bytes) -> bytes:
    """Return a picture with more segments at its beginning, and something behind its end."""
    return JPEG[:2] + b"".join(more) + JPEG[2:] + b"\xff\xd9" + SECRET


def test_a_picture_keeps_nothing_but_the_picture():
    kinds = (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME", b"prVt")
    assert cleaned(png(*(chunk(kind, SECRET) for kind in kinds)) + SECRET) == ("png", png())
    metadata = [segment(0xE1, exif(1)), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)]
    metadata += [segment(0xFE, SECRET), segment(0xED, b"Photoshop 3.0\0" + SECRET), segment(0xE2, b"MPF\0" + SECRET)]
    kind, kept = cleaned(jpeg(*metadata))
    assert (kind, kept) == ("jpeg", jpeg()[: -len(SECRET)])
    assert cleaned(kept) == (kind, kept)


@pytest.mark.parametrize("turned", range(10))
def test_a_photograph_stays_turned_as_it_was_taken(turned):
    _, kept = cleaned(jpeg(segment(0xE1, exif(turned))))
    assert SECRET not in kept
    assert (b"Exif" in kept) == (turned in range(2, 9))
    if turned in range(2, 9):
        assert files._orientation(kept[kept.index(b"Exif") + 6 :]) == turned
        assert cleaned(kept) == ("jpeg", kept)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>%PDF-1.7",
        b"MZ\x90",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\xff\xd8" + b"\xff" * 5000,
        jpeg(segment(0xE1, b"Exif\0\0"))[:40],
        files.PNG,
        png()[:40],
        files.PNG + chunk(b"IDAT", b"x") + chunk(b"IEND", b""),
        files.PNG + struct.pack(">I", 2**32 - 1) + b"IHDR",
    ],
)
def test_what_is_none_of_them_or_broken_is_refused(content):
    assert cleaned(content) is None


@pytest.mark.parametrize("metadata", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"XX" * 50])
def test_broken_metadata_harms_nothing(metadata):
    assert cleaned(jpeg(segment(0xE1, b"Exif\0\0" + metadata))) == ("jpeg", jpeg()[: -len(SECRET)])


def test_a_pdf_is_kept_as_it_is():
    assert cleaned(b"%PDF-1.7 ...") == ("pdf", b"%PDF-1.7 ...")


def test_files_have_random_names_and_no_path_leads_elsewhere(tmp_path):
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"x")
    store = Files(tmp_path / "files")
    first, second = store.keep("pdf", b"1"), store.keep("pdf", b"2")
    assert first != second
    assert NAME.fullmatch(first)
    assert (store.read(first), store.read(second)) == (b"1", b"2")
    for wrong in ("../secret.pdf", "secret.pdf", "", "0" * 32 + ".exe", "0" * 32 + ".pdf"):
        assert store.read(wrong) is None
    store.remove(["../secret.pdf", first, first])
    assert (store.read(first), secret.exists()) == (None, True)


def test_a_file_goes_to_a_person_alone_once(talk):
    send = ("client-0001", "a.png", "0" * 32 + ".png", "•")
    with pytest.raises(InvalidTransition):
        talk.do(handoff.customer_sends, *send)
    talk.do(queue.ask, "asked", OPEN)
    (first, is_new), (second, again) = talk.do(handoff.customer_sends, *send), talk.do(handoff.customer_sends, *send)
    assert (first.id, is_new, again) == (second.id, True, False)
    assert (first.text, first.masked, first.for_rasa) == ("a.png", "•", None)
    assert talk.do(handoff.count_files) == 1
    assert talk.do(lambda _, conversation: conversation.looked_at)


def test_files_of_messages_that_are_gone_are_removed_after_a_while(talk, tmp_path):
    folder = tmp_path / "files"
    store = Files(folder)
    talk.do(queue.ask, "asked", OPEN)
    named, orphan, fresh = (store.keep("png", b"x") for _ in range(3))
    talk.do(handoff.customer_sends, "client-0001", "a.png", named, "a.png")
    hours_ago = time.time() - 2 * files.ORPHAN
    for name in (named, orphan):
        os.utime(folder / name, (hours_ago, hours_ago))
    with talk.database.read() as session:
        assert files.names_of(session, [talk.id]) == [named]
        store.remove_orphans(session)
    assert {path.name for path in folder.iterdir()} == {named, fresh}
    with talk.database.write() as session:
        session.delete(session.get_one(Conversation, talk.id))
    with talk.database.read() as session:
        store.remove_orphans(session)
    assert {path.name for path in folder.iterdir()} == {fresh}
