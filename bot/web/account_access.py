"""Ask the account system to send a code, and to confirm one; encrypt the token that this gives."""

from datetime import datetime

import structlog
from pydantic import BaseModel, Field, field_validator

from bot.conversations.models import MAX_NAME_LENGTH
from bot.http import Service, ServiceError
from bot.keys import Cipher, new_key
from bot.settings import Settings

log = structlog.get_logger()


class Access(BaseModel):
    """A token that opens one account until it expires."""

    token: str = Field(max_length=1400, pattern=r"^[!-~]+$")  # the column takes 2000 characters, encrypted
    expires_at: datetime
    name: str

    @field_validator("name")
    @classmethod
    def _as_it_is_kept(cls, name: str) -> str:
        # The account system may send anything, but a database column takes no null character and has a length.
        return name.replace("\x00", "")[:MAX_NAME_LENGTH]


class Verification(BaseModel):
    """A code that was sent."""

    id: str
    delayed: bool = False  # whether e-mail cannot be sent at the moment


class Sample(BaseModel):
    """An account to try the assistant with; the note says in both languages what is special about it."""

    email: str
    note: dict[str, str]


class Samples(BaseModel):
    """The accounts to try the assistant with."""

    samples: list[Sample]


class CustomerAccounts:
    """The part of the account system that confirms customers. Every method raises ServiceError.

    Outside of this class, tokens are encrypted.
    """

    def __init__(self, settings: Settings) -> None:
        """Take address and key from the settings."""
        key = settings.backend_key.get_secret_value()
        self._service = Service(settings.backend_address, {"x-api-key": key})
        self._cipher = Cipher(settings.access_key.get_secret_value() or new_key())

    def send_code(self, email: str, language: str) -> Verification:
        """Have a code sent."""
        body = {"email": email, "language": language}
        return self._service.read(Verification, "POST", "/v1/verifications", body)

    def confirm(self, verification_id: str, code: str) -> Access:
        """Exchange a code for access to its account."""
        return self._access(f"/v1/verifications/{verification_id}/confirm", {"code": code})

    def grant(self, email: str) -> Access:
        """Open the account of a customer for whom the website vouches; raise NotFound for an unknown one."""
        return self._access("/v1/access", {"email": email})

    def samples(self) -> list[Sample]:
        """Return the sample accounts that the reference backend tells this machine about, if any."""
        try:
            return self._service.read(Samples, "GET", "/samples").samples
        except ServiceError:
            return []

    def end_quietly(self, token: str | None) -> None:
        """Revoke an access, if there is one; ignore a failure, because the access expires by itself."""
        if token and (decrypted := self.decrypt(token)):
            try:
                self._service.call("DELETE", "/v1/access", token=decrypted)
            except ServiceError as error:
                log.warning("access_not_ended", reason=str(error))

    def decrypt(self, token: str) -> str | None:
        """Return a token as the account system knows it, or None if it was encrypted with another key."""
        return self._cipher.decrypt(token)

    def _access(self, path: str, body: dict[str, str]) -> Access:
        access = self._service.read(Access, "POST", path, body)
        return access.model_copy(update={"token": self._cipher.encrypt(access.token)})
