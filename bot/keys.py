"""Make keys and passwords that nobody can guess, read the ones that are given, and encrypt with them."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_KEY_LENGTH = 32  # characters
NONCE = 12  # bytes


def read_public_key(pem: str) -> Any:
    """Return the key of a PEM text, or of the private key in one; raise ValueError."""
    pem = pem.replace("\\n", "\n")  # a setting has one line
    try:
        if "PRIVATE" in pem:
            return serialization.load_pem_private_key(pem.encode(), None).public_key()
        return serialization.load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("should be a key in PEM form, with \\n for its line breaks") from None


def new_private_key() -> str:
    """Make a private key for the demo, in PEM form."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def new_password() -> str:
    """Make a password that nobody can guess, and that can be typed."""
    return secrets.token_hex(8)


def new_key() -> str:
    """Make a secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def kept_key(file: Path) -> str:
    """Return the key in a file that only its owner reads; make it the first time."""
    if not file.exists():
        made = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as content:
            content.write(new_key())
        with suppress(FileExistsError):  # another process was faster
            os.link(made, file)
        made.unlink()
    key = file.read_text().strip()
    if len(key) < MIN_KEY_LENGTH:
        raise ValueError(f"{file} has no key of {MIN_KEY_LENGTH} characters; delete it to have a new one made")
    return key


class Cipher:
    """Encrypt texts with AES-GCM."""

    def __init__(self, key: str) -> None:
        """Derive the key of the cipher from a secret text."""
        self._aes = AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"access tokens").derive(key.encode()))

    def encrypt(self, text: str) -> str:
        """Return a text that only the same key opens."""
        nonce = secrets.token_bytes(NONCE)
        return base64.urlsafe_b64encode(nonce + self._aes.encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted: str) -> str | None:
        """Return the text, or None if it was not encrypted with this key."""
        try:
            content = base64.urlsafe_b64decode(encrypted)
            return self._aes.decrypt(content[:NONCE], content[NONCE:], None).decode()
        except (InvalidTag, ValueError):
            return None
