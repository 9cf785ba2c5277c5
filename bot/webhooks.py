"""Sign what is posted to another system, and check what another one posts: https://www.standardwebhooks.com."""

import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping

from bot.setting_types import WEBHOOK_SECRET

TOLERANCE = 300  # seconds that a signature is good for, and by which two clocks may differ
MAX_SIGNATURES = 5  # of one request: the secret and former ones
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def signed(webhook_id: str, content: bytes, secret: str, moment: int) -> dict[str, str]:
    """Return the headers that sign a content and its time of sending."""
    return {ID: webhook_id, TIMESTAMP: str(moment), SIGNATURE: _signature(webhook_id, content, secret, moment)}


def is_genuine(headers: Mapping[str, str], content: bytes, secret: str) -> bool:
    """Tell whether a content was signed with the secret in the last minutes."""
    webhook_id, sent_at = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not (webhook_id and secret and sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= 12):
        return False
    if abs(time.time() - int(sent_at)) > TOLERANCE:
        return False
    wanted = _signature(webhook_id, content, secret, int(sent_at)).encode()
    given = headers.get(SIGNATURE, "").split()[:MAX_SIGNATURES]
    return any(hmac.compare_digest(one.encode(), wanted) for one in given)


def _signature(webhook_id: str, content: bytes, secret: str, moment: int) -> str:
    encoded = secret.removeprefix(WEBHOOK_SECRET)
    key = secret.encode() if encoded == secret else b64decode(encoded)
    return "v1," + b64encode(hmac.digest(key, f"{webhook_id}.{moment}.".encode() + content, "sha256")).decode()
