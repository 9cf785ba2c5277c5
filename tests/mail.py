"""A mail server for the tests."""

import socket
import threading
from email import message_from_bytes
from email.policy import default


class SmtpServer:
    """A fake mail server that accepts e-mails from this machine."""

    def __init__(self) -> None:
        self.letters: list = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # otherwise the thread would still accept one letter
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream) -> None:
        def say(line: bytes) -> None:
            stream.write(line + b"\r\n")
            stream.flush()

        say(b"220 ready")
        while line := stream.readline():
            word = line[:4].upper()
            if word == b"DATA":
                say(b"354 go on")
                body = b""
                while (part := stream.readline()) != b".\r\n":
                    body += part
                self.letters.append(message_from_bytes(body, policy=default))
            say(b"221 bye" if word == b"QUIT" else b"250 ok")
