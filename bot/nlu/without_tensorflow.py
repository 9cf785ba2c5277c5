"""Rasa's own command line, without TensorFlow: python -m bot.nlu.without_tensorflow run (or train).

Rasa imports TensorFlow at every start, whatever config.yml names, which costs most of its memory and half of its
start-up time. Only the modules below need it. They are empty here, and a configuration that names one of their
components is refused.
"""

from __future__ import annotations

import re
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from rasa.shared.utils.io import read_model_configuration

from bot.logs import hash_ids_of_libraries

NEED_TENSORFLOW = {
    "rasa.core.policies.ted_policy": "TEDPolicy",
    "rasa.core.policies.unexpected_intent_policy": "UnexpecTEDIntentPolicy",
    "rasa.nlu.classifiers.diet_classifier": "DIETClassifier",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": "ConveRTFeaturizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": "LanguageModelFeaturizer",
    "rasa.nlu.selectors.response_selector": "ResponseSelector",
    # Modules that train the components above.
    "rasa.utils.tensorflow.callback": None,
    "rasa.utils.tensorflow.data_generator": None,
}


class Absent(type):
    """The type of a class that Rasa imports but that nothing uses; using it raises an error that says why."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(f"{cls.__name__} needs TensorFlow, which this assistant runs without ({__name__})")

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        """Refuse to make an instance."""
        return cls.__getattr__("made")


class EmptyModules(MetaPathFinder, Loader):
    """An import hook that replaces the modules that need TensorFlow by modules of empty classes."""

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        """Claim the modules that need TensorFlow."""
        return ModuleSpec(name, self) if name in NEED_TENSORFLOW else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the creation to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module an empty class for every name that is imported from it."""

        def absent(name: str) -> type:
            if name.startswith("__"):
                raise AttributeError(name)
            return Absent(name, (), {"__module__": module.__name__})

        module.__getattr__ = absent  # type: ignore[method-assign]


def refused(config: dict[str, Any]) -> list[str]:
    """Return the components of a configuration that need TensorFlow."""
    named = [part["name"] for key in ("pipeline", "policies") for part in config.get(key) or []]
    return [name for name in named if name.rpartition(".")[2] in NEED_TENSORFLOW.values()]


def main() -> None:
    """Run Rasa's command line."""
    names = refused(read_model_configuration("config.yml"))
    if names:
        sys.exit(f"config.yml names {', '.join(names)}: that needs TensorFlow, which this assistant runs without")
    sys.meta_path.insert(0, EmptyModules())
    # spaCy imports TensorFlow wherever it is installed; None in sys.modules makes Python say that it is not.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    from rasa.__main__ import main as rasa_main

    hash_ids_of_libraries()
    check_answers_quickly()
    read_domain_quickly()
    write_domain_quickly()
    rasa_main()


def check_answers_quickly() -> None:
    """Read the schema of an action's answer once: Rasa reads it for every answer, which takes half of such a turn."""
    from jsonschema import Draft202012Validator, ValidationError
    from rasa.core.actions.action import RemoteAction

    schema = Draft202012Validator(RemoteAction.action_response_format_spec())

    def check(self: RemoteAction, result: dict[str, Any]) -> bool:
        try:
            schema.validate(result)
        except ValidationError as error:
            error.message += f" The action server's answer is not what Rasa expects of {self.name()}."
            raise
        return True

    RemoteAction._validate_action_result = check


def read_domain_quickly() -> None:
    """Read a model's domain with the C parser: Rasa reads it three times in Python, which takes a minute each time."""
    from rasa.shared.core.domain import Domain

    class Yaml12(yaml.CSafeLoader):
        """Only true and false are booleans, as in YAML 1.2, which Rasa writes."""

    other = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    Yaml12.yaml_implicit_resolvers = {
        letter: [one for one in rules if one[0] not in other]
        for letter, rules in Yaml12.yaml_implicit_resolvers.items()
    }
    Yaml12.add_implicit_resolver(other[0], re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))

    def from_directory(cls: type[Domain], path: str) -> Domain:
        """Read the domain in a model's folder; Rasa reads and checks the project's own domain, which is a file."""
        domain = cls.empty()
        for file in sorted(Path(path).glob("*.yml")):
            said = yaml.load(file.read_text(encoding="utf-8"), Loader=Yaml12)  # noqa: S506
            domain = domain.merge(cls.from_dict(said))
        return domain

    Domain.from_directory = classmethod(from_directory)


def write_domain_quickly() -> None:
    """Write the domain with the C emitter: Rasa writes it in Python, which takes a minute of each training."""
    from rasa.shared.constants import LATEST_TRAINING_DATA_FORMAT_VERSION
    from rasa.shared.core.domain import Domain

    def as_yaml(self: Domain) -> str:
        content = {"version": LATEST_TRAINING_DATA_FORMAT_VERSION, **self.as_dict()}
        return yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)

    Domain.as_yaml = as_yaml


if __name__ == "__main__":
    main()
