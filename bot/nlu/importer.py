"""Read the training data of this project for Rasa: its own files, and ours that hold both languages side by side."""

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
FOLLOW_UP = "follow_up"  # the intent of what is only understood while its topic is open


class Example(Message):
    """A training example that nobody changes. Rasa copies and hashes all of them many times, which takes minutes."""

    def __deepcopy__(self, memo: Any) -> Example:
        """Return the example itself."""
        return self

    def fingerprint(self) -> str:
        """Return a hash of what is in it, in hexadecimal; it is made once."""
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
        # Rasa would take them for its own form, and stop.
        self._nlu_files: list[str] = [file for file in self._nlu_files if Path(file).name != OURS]

    def get_domain(self) -> Domain:
        """Return the domain with all that is said."""
        said: dict[str, Any] = {"responses": read_responses()}
        return super().get_domain().merge(Domain.from_dict(said))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples of Rasa's files, and what is heard for each short answer, marked with its address."""
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
