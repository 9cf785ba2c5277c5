"""All texts are spelt right, by Debian's dictionaries and our own list of words (data/spelling.txt)."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from bot.dialogue.answers import read_responses
from bot.settings import ROOT
from tests.data.test_words import DATA, WORD_LISTS, language_of, leaves, load

DICTIONARIES = {"lv": "lv_LV", "en": "en_GB"}
OURS = DATA / "spelling.txt"
# Addresses, {placeholders} and Markdown are not words.
NO_WORDS = re.compile(r"\]\(\S+\)|https?://\S+|\S+@\S+|[\w.-]+\.com\b|/\w+|\{\w*\}|[*_`]")
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def said() -> Iterator[tuple[str, str, str]]:
    """Yield all texts: the place, the language, and the text."""
    for name, variants in read_responses().items():
        for variant in variants:
            for text in (variant["text"], *(button["title"] for button in variant.get("buttons", []))):
                yield name, language_of(variant), text
    for path in (DATA / "topics.yml", DATA / "plurals.yml", DATA / "guide/agent.yml", *WORD_LISTS):
        for name, texts in leaves(load(path)):
            for language, text in texts.items():
                for line in text.values() if isinstance(text, dict) else [text]:
                    yield f"{path.relative_to(ROOT)} {name}", language, line


def ours() -> tuple[set[str], list[str]]:
    """Return the single words of our list, and its labels of several words, the longest first."""
    lines = [line for line in OURS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    labels = sorted((line for line in lines if " " in line), key=len, reverse=True)
    return set(lines) - set(labels), labels


def words_of(text: str) -> set[str]:
    """Return the words of a text that a dictionary must know, without our labels."""
    known, labels = ours()
    text = NO_WORDS.sub(" ", text)
    for label in labels:
        text = text.replace(label, " ")
    return {word for word in WORD.findall(text) if len(word) > 1} - known


def unknown(words: set[str], language: str) -> set[str]:
    """Return the words that the dictionary of a language does not know."""
    command = ["hunspell", "-d", DICTIONARIES[language], "-i", "utf-8", "-a"]
    listed = sorted(words)
    # A leading ^ keeps hunspell from taking a word for a command. It prints a block per line, with a line per part of
    # the word.
    lines = "".join(f"^{word}\n" for word in listed)
    try:
        asked = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("hunspell or its dictionary is not installed; make test installs both")
    blocks = asked.stdout.partition("\n")[2].split("\n\n")
    return {word for word, block in zip(listed, blocks, strict=False) if re.search("^[&#?]", block, re.MULTILINE)}


@pytest.mark.parametrize("language", DICTIONARIES)
def test_every_word_is_in_the_dictionary_or_in_our_list(language):
    places: dict[str, set[str]] = {}
    for place, spoken, text in said():
        for word in words_of(text) if spoken == language else ():
            places.setdefault(word, set()).add(place)
    wrong = [f"{word}: {', '.join(sorted(places[word])[:3])}" for word in sorted(unknown(set(places), language))]
    assert not wrong, "\n".join([f"mend these, or add them to {OURS.relative_to(ROOT)}:", *wrong])


@pytest.mark.parametrize(
    ("language", "text", "wrong"),
    [
        ("lv", 'Nospiediet **"MIGRĒT PRODUKTUS"** (MIGRATE PRODUCTS) no {points} a@b.lv', set()),
        ("lv", "Registrējiet produktus šeit", {"Registrējiet"}),
        ("en", "Regsiter your [productz](https://example.com/abcdefg)", {"Regsiter", "productz"}),
        ("en", 'The "Skatīt produktu" tab, the Skatit produktu tab', {"Skatit", "produktu"}),
    ],
)
def test_a_misspelt_word_is_found(language, text, wrong):
    assert unknown(words_of(text), language) == wrong
