"""Read every setting from the environment, once, and stop loudly when one is wrong."""

import os
import re
import sys
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.setting_types import (
    MASKED_KINDS,
    DatabaseUrl,
    Folder,
    LongKey,
    MaskedKinds,
    OneLine,
    OpeningHours,
    Password,
    Pem,
    Proxies,
    PublicUrl,
    Risks,
    SecretPem,
    SecureUrl,
    Sender,
    Sources,
    TlsMode,
    WebhookSecret,
    listed,
    with_driver,
)
from bot.setting_types import ROOT as ROOT

PREFIX = "CPS_"
LAST_BACKUP = "last-backup.json"  # in the data folder: when the last backup was made, for the desk
MAX_DAYS = 3650  # that data may be kept
IMPLICIT_TLS_PORT = 465  # RFC 8314


class Settings(BaseSettings):
    """All settings, each an environment variable: CPS_ and the name in capitals. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, validate_default=True)

    # Where things run
    data_dir: Folder = Field(Path("var"), description="Folder for databases and logs")
    models_dir: Folder = Field(Path("var/models"), description="Folder for trained models")
    files_dir: Folder | None = Field(
        None, description="Folder for the files that customers send, which machines share; empty: in the data folder"
    )
    web_host: str = Field("127.0.0.1", description="Address that web listens on")
    web_port: int = Field(8080, ge=1, le=65535, description="Port of web, the only one that customers and agents reach")
    rasa_port: int = Field(5005, ge=1, le=65535, description="Port of Rasa")
    actions_port: int = Field(5055, ge=1, le=65535, description="Port of the action server")
    backend_port: int = Field(8090, ge=1, le=65535, description="Port of the reference backend")
    web_processes: int = Field(1, ge=1, le=64, description="Processes of web, which share its port")
    rasa_processes: int = Field(
        1, ge=1, le=64, description="Processes of Rasa, each with a port of its own from there on"
    )
    actions_processes: int = Field(1, ge=1, le=64, description="Processes of the action server, which share its port")
    hang_timeout: int = Field(
        60,
        ge=10,
        le=3600,
        description="How long a process may leave its health check unanswered until it is restarted",
    )
    metrics_host: str = Field("127.0.0.1", description="Address on which Prometheus reads the metrics of web")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port on which Prometheus reads those of the first process; 0: not served"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Log level of web, actions and backend"
    )

    # Databases
    chat_database: DatabaseUrl = Field(
        "", description="SQLAlchemy URL of the conversations; empty: SQLite in the data folder"
    )
    backend_database: DatabaseUrl = Field(
        "", description="SQLAlchemy URL of the accounts; empty: SQLite in the data folder"
    )
    tracker_database: DatabaseUrl = Field(
        "", description="SQLAlchemy URL of Rasa's trackers; empty: SQLite in the data folder"
    )

    access_key: SecretStr = Field(
        SecretStr(""), description="Key that encrypts customers' access tokens; empty: made and kept in the data folder"
    )

    # Addresses and keys between the processes
    backend_url: SecureUrl = Field("", description="Address of your account system; empty: the reference backend")
    backend_key: SecretStr = Field(
        SecretStr(""), description="Key that the chat sends to the account system; empty: generated at each start"
    )
    agents_key: SecretStr = Field(
        SecretStr(""),
        description="Key that the agents' desk sends to the account system; empty: generated at each start",
    )
    service_key: SecretStr = Field(
        SecretStr(""), description="Key that the actions send to the chat; empty: generated at each start"
    )

    rasa_key: SecretStr = Field(
        SecretStr(""), description="Key that the chat sends to Rasa; empty: generated at each start"
    )
    actions_key: SecretStr = Field(
        SecretStr(""), description="Key that Rasa sends to the actions; empty: generated at each start"
    )
    rasa_without_key: Literal["demo", "always", "never"] = Field(
        "demo",
        description="When Rasa also answers without its key, for tools that measure it: demo, always, never",
    )

    # The chat
    frame_ancestors: Sources = Field(
        "'self'", description="Sites that may embed the chat, as in a Content-Security-Policy"
    )
    trusted_proxies: Proxies = Field(
        "127.0.0.1", description="Proxies whose X-Forwarded-For is trusted, separated by commas"
    )
    accepted_risks: Risks = Field(
        "", description="Which of frame_ancestors and trusted_proxies may let everybody in, separated by commas"
    )
    demo: bool = Field(
        True,
        description="Whether demo page and portal are shown, their clock can be moved, and sample agents can sign in",
    )
    message_length: int = Field(2000, ge=100, le=10_000, description="Maximum length of a message, in characters")
    messages_a_minute: int = Field(20, ge=1, description="Messages per minute from one conversation")
    messages_a_minute_address: int = Field(120, ge=1, description="Messages per minute from one IP address")
    conversations_an_hour_address: int = Field(120, ge=1, description="New conversations per hour from one IP address")
    conversation_idle: int = Field(
        2_592_000,  # 30 days
        ge=3600,
        le=31_536_000,
        description="How long a conversation can be continued after its last message",
    )
    replays_a_minute: int = Field(
        120,
        ge=5,
        description="Event streams and transcripts a minute for one conversation; for one IP address ten times as many",
    )
    streams_address: int = Field(
        50, ge=5, description="Event streams of conversations that one IP address may have open"
    )
    masked: MaskedKinds = Field(
        ", ".join(MASKED_KINDS),
        description="Kinds of personal data that are masked in messages, separated by commas; none: no masking",
    )
    not_masked: str = Field(
        "", description="Addresses, @domains and numbers that are never masked, separated by commas"
    )
    reader_url: SecureUrl = Field(
        "",
        description="OpenAI-compatible address of a model that picks answers in doubtful cases; empty: none",
    )
    reader_key: SecretStr = Field(SecretStr(""), description="Key that is sent to this address; empty: none")
    reader_model: str = Field("", description="Name of the model at this address")
    reader_timeout: float = Field(4, gt=0, le=15, description="How long the model may take to pick")
    answer_timeout: float = Field(20, gt=0, le=300, description="How long Rasa may take for one answer")

    # Confirming customers
    smtp_host: str = Field(
        "",
        description="Mail server; empty: a demo mailbox for the codes, shown on loopback only",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server")
    smtp_user: str = Field("", description="User name at the mail server; empty: no login")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server")
    smtp_tls: TlsMode = Field(
        "auto", description="Encryption: starttls, implicit or none; auto is implicit on port 465, else starttls"
    )
    smtp_from: Sender = Field("cps@localhost", description="Sender of the e-mails: an address, or a name and <address>")
    code_lifetime: int = Field(600, ge=60, le=3600, description="How long a code is valid")
    answer_mail_after: int = Field(
        180,
        ge=0,
        le=86_400,
        description="When an agent's answer, or a notification told in the chat, is e-mailed to a customer who has "
        "left; 0: never",
    )
    codes_an_hour: int = Field(5, ge=1, description="E-mails with a code per hour to one e-mail address")
    codes_an_hour_address: int = Field(60, ge=5, description="Codes per hour that one IP address may request")
    wrong_codes_address: int = Field(20, ge=5, description="Wrong codes from one IP address in 15 minutes")
    wrong_codes_a_day: int = Field(
        30, ge=15, description="Wrong codes for one e-mail address in 24 hours; from one IP address, a third of them"
    )
    access_lifetime: int = Field(28_800, ge=60, le=86_400, description="How long a confirmation is valid at most")
    access_idle: int = Field(1800, ge=60, le=86_400, description="How long a confirmation is valid without a message")
    website_key: Pem = Field(
        "",
        description="Public key of the website that signs tokens for its customers, in PEM form with \\n; empty: none",
    )
    website_jwks: SecureUrl = Field("", description="Address of that website's keys (JWKS), instead of one key")
    website_issuer: str = Field("website", description="Issuer of the website's tokens (iss)")
    website_audience: str = Field("cps-assistant", description="Audience of the website's tokens (aud)")
    demo_key: SecretPem = Field(
        SecretStr(""), description="Private key that signs the demo page's tokens; empty: generated at each start"
    )

    # The agents' desk
    desk_idle: int = Field(28_800, ge=300, le=86_400, description="How long an agent stays signed in without a click")
    desk_second_factor: Literal["none", "supervisors", "all"] = Field(
        "none", description="Who signs in with a code of an authenticator app besides the password"
    )
    desk_read_after: int = Field(
        604_800, ge=0, le=31_536_000, description="How long agents may read a conversation without a reason after it"
    )
    desk_undo: int = Field(
        10, ge=0, le=60, description="How long agents may undo that they close or give back; 0: never"
    )
    lookups_an_hour: int = Field(30, ge=1, description="Accounts that an agent may look up by address, per hour")
    demo_password: Password = Field(
        SecretStr(""), description="Password of the demo's sample agents; empty: generated at each start"
    )
    oidc_issuer: SecureUrl = Field(
        "", description="OpenID Connect issuer through which agents sign in instead of by password; empty: none"
    )
    oidc_client_id: str = Field("", description="Client id of the desk at the issuer")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret of the desk at the issuer")
    oidc_groups: str = Field(
        "groups, roles", description="Claims with a person's groups, separated by commas; a dot leads into a claim"
    )
    oidc_agents: str = Field("", description="Value in these claims that lets an agent sign in")
    oidc_supervisors: str = Field("", description="Value that makes an agent a supervisor; empty: nobody")

    # CPS priority support
    opening_hours: OpeningHours = Field(
        "24/7", description="When people answer, in Riga's time, in OpenStreetMap's syntax: Mo-Fr 09:00-17:00; PH off"
    )
    queue_timeout: int = Field(
        600, ge=5, le=86_400, description="How long a customer waits for a person until the assistant takes over again"
    )
    answer_within: int = Field(
        600, ge=0, le=86_400, description="How long an agent may leave a customer without an answer; 0: without end"
    )
    talk_idle: int = Field(
        3600, ge=0, le=604_800, description="How long a customer may leave an agent without an answer; 0: without end"
    )
    agent_timeout: int = Field(
        60,
        ge=20,  # an open page sends a sign of life every 15 seconds
        le=3600,
        description="How long after an agent's last sign of life a conversation returns to the queue",
    )
    long_wait: int = Field(
        300,
        ge=0,
        le=86_400,
        description="How long a customer may wait for a person until supervisors see it in red and the webhook is "
        "told; 0: as long as it takes",
    )
    webhook_url: SecureUrl = Field(
        "", description="Address that is told about every hand-off (docs/webhook.md); empty: none"
    )
    webhook_secret: WebhookSecret = Field(SecretStr(""), description="Secret that signs these requests")
    webhook_words: bool = Field(
        False, description="Whether these requests carry what was written, and what was told of the account"
    )
    support_phone: str = Field("", description="Telephone number that the assistant gives; empty: left out")
    support_email: str = Field(
        "", description="E-mail address that the assistant gives, and that gets messages customers leave; empty: none"
    )

    # Notifications
    events_key: WebhookSecret = Field(
        SecretStr(""),
        description="Secret that signs the events of the account system (docs/backend.md); empty: no notifications",
    )
    public_url: PublicUrl = Field("", description="Address of web as customers reach it, for links in e-mails")
    notify_from: int = Field(8, ge=0, le=23, description="Hour in Riga from which customers are notified")
    notify_until: int = Field(21, ge=1, le=24, description="Hour in Riga until which customers are notified")

    # Personal data
    controller: OneLine = Field(
        "", max_length=200, description="Name and address of the company that controls the data; empty: not named"
    )
    privacy_url: PublicUrl = Field(
        "", description="Address of your privacy policy; empty: a page made from the settings"
    )
    keep_conversations_days: int = Field(
        365, ge=1, le=MAX_DAYS, description="Days that conversations with a person, and messages left, are kept"
    )
    keep_unattended_days: int = Field(
        90, ge=1, le=MAX_DAYS, description="Days that conversations without a person are kept"
    )
    keep_rasa_days: int = Field(7, ge=1, le=MAX_DAYS, description="Days that Rasa keeps what it received and said")
    keep_calls_days: int = Field(365, ge=1, le=MAX_DAYS, description="Days that ended telephone calls are kept")
    keep_audit_days: int = Field(730, ge=1, le=MAX_DAYS, description="Days that audit trails are kept")
    keep_notifications_days: int = Field(90, ge=1, le=MAX_DAYS, description="Days that notifications are kept")

    email_key: LongKey = Field(
        SecretStr(""),
        description="Key of the hashes by which a person's data is found; empty: made in the data folder (email.key)",
    )

    # Tests
    chromium: str = Field("chromium", description="Browser of the browser tests")

    @cached_property
    def accepted(self) -> list[str]:
        """The settings that may let everybody in."""
        return listed(self.accepted_risks)

    @cached_property
    def masked_kinds(self) -> list[str]:
        """The kinds of personal data that are taken out of what customers type."""
        return listed(self.masked)

    @cached_property
    def never_masked(self) -> list[str]:
        """The addresses and numbers that stay as customers type them."""
        return [*listed(self.not_masked), *filter(None, (self.support_email, self.support_phone))]

    @cached_property
    def oidc_group_claims(self) -> list[str]:
        """The paths of the claims that hold a person's groups."""
        return listed(self.oidc_groups)

    @cached_property
    def smtp_tls_mode(self) -> str:
        """How the connection to the mail server is encrypted: starttls, implicit or none."""
        if self.smtp_tls != "auto":
            return self.smtp_tls
        return "implicit" if self.smtp_port == IMPLICIT_TLS_PORT else "starttls"

    @property
    def sent_files(self) -> Path:
        """The folder with the files that customers have sent."""
        return self.files_dir or self.data_dir / "files"

    @cached_property
    def chat_database_url(self) -> str:
        """The SQLAlchemy URL of the conversations."""
        return with_driver(self.chat_database) or f"sqlite:///{self.data_dir / 'chat.db'}"

    @cached_property
    def backend_database_url(self) -> str:
        """The SQLAlchemy URL of the accounts."""
        return with_driver(self.backend_database) or f"sqlite:///{self.data_dir / 'backend.db'}"

    @cached_property
    def tracker_database_url(self) -> str:
        """The SQLAlchemy URL of Rasa's trackers."""
        return (
            re.sub(r"^postgresql\+\w+", "postgresql", self.tracker_database) or f"sqlite:///{self.data_dir / 'rasa.db'}"
        )

    @cached_property
    def web_address(self) -> str:
        """Where the other processes, and people on this machine, reach the chat."""
        host = "127.0.0.1" if self.web_host == "0.0.0.0" else "::1" if self.web_host == "::" else self.web_host  # noqa: S104
        return f"http://[{host}]:{self.web_port}" if ":" in host else f"http://{host}:{self.web_port}"

    @cached_property
    def rasa_addresses(self) -> list[str]:
        """Where the chat reaches Rasa's processes."""
        return [f"http://127.0.0.1:{self.rasa_port + number}" for number in range(self.rasa_processes)]

    @cached_property
    def actions_address(self) -> str:
        """Where Rasa reaches the actions."""
        return f"http://127.0.0.1:{self.actions_port}"

    @cached_property
    def backend_address(self) -> str:
        """Where chat and actions reach the account system."""
        return self.backend_url or f"http://127.0.0.1:{self.backend_port}"


class SettingsError(Exception):
    """A setting is unknown or malformed; the text is one line that names it."""


def read_settings() -> Settings:
    """Read the settings from the environment; raise SettingsError on an unknown or malformed one."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name not in known:
            raise SettingsError(f"{name} is not a setting of the assistant; docs/configuration.md lists them all")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # two settings contradict each other
            raise SettingsError(first["msg"].removeprefix("Value error, ")) from None
        field = str(first["loc"][0])
        given = "" if Settings.model_fields[field].annotation is SecretStr else f", not {first['input']!r}"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{PREFIX}{field.upper()} is wrong: {reason}{given}") from None


def get_settings() -> Settings:
    """Return the settings of this process, read once; end the process with one line when one is wrong."""
    global _settings
    if _settings is None:
        try:
            _settings = read_settings()
        except SettingsError as error:
            sys.exit(f"stopped: {error}")
    return _settings


_settings: Settings | None = None
