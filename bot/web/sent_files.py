"""Send a file that a customer has sent, as a download that can do nothing in the browser."""

from urllib.parse import quote

from fastapi import HTTPException, Response

from bot.conversations.files import TYPES, Files, kind_of
from bot.conversations.models import Message


def send_file(files: Files, message: Message | None, conversation_id: str) -> Response:
    """Return the file of a message of a conversation, or refuse."""
    name = message.attachment if message and message.conversation_id == conversation_id else None
    content = files.read(name) if name else None
    if not (message and name and content is not None):
        raise HTTPException(404)
    kind = kind_of(name)
    headers = {
        "content-disposition": f"attachment; filename=\"file.{kind}\"; filename*=UTF-8''{quote(message.text, safe='')}",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    }
    return Response(content, media_type=TYPES[kind], headers=headers)
