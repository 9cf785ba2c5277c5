"""Read the training data for Rasa: files in Rasa's own format, and ours with both languages side by side."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.dialogue.answers import LANGUAGES, read_answers, read_responses

OURS = "responses.yml"
FOLLOW_UP = "follow_up"  # the intent of messages that are only understood from the open topic


class Example(Message):
    """A training example that is never changed, because Rasa's copies and hashes of all examples take minutes."""

    def __deepcopy__(self, memo: Any) -> Example:
        """Return the example itself."""
        return self

    def fingerprint(self) -> str:
        """Return a hexadecimal hash of the content, computed once."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        return super().fingerprint()


class AnswersImporter(RasaFileImporter):
    """Expand responses.yml and answers.yml into Rasa's conditional responses and into training examples."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        # Rasa would read them as its own format, and stop.
        self._nlu_files: list[str] = [file for file in self._nlu_files if Path(file).name != OURS]

    def get_domain(self) -> Domain:
        """Return the domain with all responses."""
        said: dict[str, Any] = {"responses": read_responses()}
        return super().get_domain().merge(Domain.from_dict(said))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples of Rasa's files, and those of short answers, marked with the address of the answer."""
        return super().get_nlu_data(language).merge(TrainingData(list(_examples())))


def _examples() -> list[Example]:
    found = []
    for answer in read_answers().values():
        for intent, heard in ((answer.topic, answer.heard), (FOLLOW_UP, answer.then)):
            for language in LANGUAGES:
                marks = {"language": language, "address": answer.address, "topic": answer.topic}
                found += [
                    Example({TEXT: text, INTENT: intent, METADATA: {METADATA_INTENT: marks}})
                    for text in heard[language]
                ]
    return found
