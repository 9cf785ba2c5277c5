"""Where a letter leads: to the page of the website on which the customer had the chat open."""

import re

from bot.settings import Settings

OPENS_CHAT = "#cps-assistant"  # at the end of a page's address; see bot/widget/loader.js
SITE = r"https?://[^/]+"


def link_to_chat(settings: Settings, page: str | None) -> str | None:
    """Return an address that opens the chat on a page, if the settings name its site.

    What a browser calls its page proves nothing.
    """
    site = re.match(SITE, page or "")
    own = re.match(SITE, settings.public_url)
    sources = [own[0] if own and source == "'self'" else source for source in settings.frame_ancestors.split()]
    named = [re.escape(source).replace(r"\*\.", r"([^/.]+\.)+") for source in sources if "://" in source]
    return f"{page}{OPENS_CHAT}" if site and any(re.fullmatch(f"({one})/?", site[0]) for one in named) else None
