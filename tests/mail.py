"""A mail server for the tests: a real one on this machine, with either kind of TLS."""

import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class SmtpServer:
    """A mail server that keeps the letters it accepts; its attributes determine its answers."""

    def __init__(self, tls: str = "none", certificate: Path | None = None, password: str = "", port: int = 0) -> None:
        """Listen on a port of this machine, by default a free one; `tls` is starttls, implicit or none."""
        self.letters: list[EmailMessage] = []
        self.seen_by_server: list[tuple[str, list[str]]] = []  # the sender and the recipients of each letter
        self.sender_answer = self.recipient_answer = self.letter_answer = "250 OK"
        self._password = password
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        self._controller = Controller(
            self,
            "127.0.0.1",
            port or _free_port(),
            ssl_context=context if tls == "implicit" else None,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            auth_required=bool(password),
            authenticator=self._sign_in if password else None,
        )
        self.port = self._controller.port
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()

    def _sign_in(self, _server, _session, _envelope, _mechanism, given) -> AuthResult:
        return AuthResult(success=given.password == self._password.encode(), handled=False)

    async def handle_MAIL(self, _server, _session, envelope, address, _options) -> str:
        envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if self.letter_answer.startswith("250"):
            self.letters.append(message_from_bytes(envelope.content, policy=default))
            self.seen_by_server.append((envelope.mail_from, envelope.rcpt_tos))
        return self.letter_answer


def make_certificate(folder: Path) -> Path:
    """Write a certificate for this machine, with its key, that signs itself."""
    key, moment = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return file


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """Return the text of a letter: plain, or html."""
    return letter.get_body((kind,)).get_content().replace("\r\n", "\n")


def _free_port() -> int:
    from tests.conftest import free_ports  # which imports nothing of this module

    return free_ports(1)[0]
