"""Say once in the log that all customers seem to share private addresses, as they do behind a proxy nobody named."""

import structlog

from bot.settings import Settings

log = structlog.get_logger()
ENOUGH = 20  # conversations from private addresses, and none from a public one, after which it is said


class ProxyCheck:
    """Looks at where the first conversations come from."""

    def __init__(self, settings: Settings) -> None:
        """Look only if no proxy is named."""
        names_none = settings.trusted_proxies == Settings.model_fields["trusted_proxies"].default
        self._left = ENOUGH if names_none else 0

    def see(self, public_address: str | None) -> None:
        """Note where a conversation comes from; None stands for an address that is not public."""
        if public_address:
            self._left = 0
        elif self._left:
            self._left -= 1
            if not self._left:
                log.warning("only_private_addresses", hint="name your proxy in CPS_TRUSTED_PROXIES")
