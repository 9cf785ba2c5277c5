"""Add the questions that may have been meant instead to an answer that was given in doubt."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.dialogue.answers import MORE
from bot.dialogue.suggestions import buttons, is_short

SUGGESTED = "suggested"  # the slot that holds the addresses


class SuggestingGenerator(TemplatedNaturalLanguageGenerator):
    """Generate responses from the domain, with the suggested questions among the buttons."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Take the domain's responses."""
        super().__init__(domain.responses)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Generate a response; below a short answer, the suggestions stand in the place of its topic's page."""
        said = await super().generate(utter_action, tracker, output_channel, **kwargs)
        addresses = tracker.get_slot(SUGGESTED)
        if said and addresses and is_short(utter_action):
            language = tracker.get_slot("language")
            kept = [one for one in said.get("buttons") or [] if one["title"] != MORE[language]]
            said["buttons"] = kept + buttons(addresses, language)
        return said
