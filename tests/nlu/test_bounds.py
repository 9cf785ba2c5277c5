"""No message costs much time: the work on it is counted, not timed, and is bounded for any message."""

import random

import pytest

from bot.nlu import embeddings, typos, understanding
from bot.nlu.entities import find_entities
from bot.nlu.questions import MAX_PARTS
from bot.text import BEGINNING, END, MAX_WORD_LENGTH, looked_at
from tests.measure import data

ASKED = ["Labdien!", "Vakar", "iesniedzu", "pieteikumu,", "kad", "konts", "būs", "gatavs?", "I", "sent", "it,", "when?"]
LETTERS = {
    "latin": "aAbcdeēiīklmnostuūvz",
    "marks": "ae\u0301\u0327\u0336",
    "scripts": "абвαβγ中文字日本語العרא🙏😀",
    "signs": "?!.,:;-/\\'\"()[]{}<>=+*&%$#@0123456789",
}
GLUE = ("", " ", "? ", ". ", ", ", " un ", " and ", "\n", "-", "/", "@", "1")


def _odd_messages():
    dice = random.Random(1)
    for _ in range(60):
        letters = "".join(dice.sample(list(LETTERS.values()), dice.randint(1, len(LETTERS))))
        words = ["".join(dice.choice(letters) for _ in range(dice.choice((1, 2, 5, 8, 30, 500)))) for _ in range(60)]
        words += dice.choices(ASKED, k=dice.choice((0, 5, 200)))
        dice.shuffle(words)
        piece = dice.choice(GLUE).join(words[: dice.choice((1, 3, 260))])
        yield (piece + dice.choice(GLUE)) * (2000 // max(1, len(piece)) + 1)


KNOWN = {
    "repeated": "aA" * 1000,
    "unbroken": "konts" * 400,
    "marks alone": "\u0301" * 2000,
    "a letter with marks": "a" + "\u0301" * 1999,
    "questions": "a? " * 700,
    "questions of words": "vai man ir pvn? " * 130,
    "numbers": "2500 " * 400,
    "dates": "12. novembris 2026 " * 110,
    "addresses": "a@b.lv " * 300,
    "long, in both languages": " ".join(ASKED * 30),
}
ODD = [text[:2000] for text in (*KNOWN.values(), *_odd_messages())]


@pytest.fixture(scope="module")
def model():
    """A small model: the same work on a message as with the real one, except for the number of known words."""
    examples = [
        understanding.Example("kad konts būs gatavs", "ask_waiting", "account/when", "ask_waiting", "when"),
        understanding.Example("when will the account be ready", "ask_waiting", "account/when", "ask_waiting", "when"),
        understanding.Example("kā es to iesniedzu", "ask_apply", "form/how", "ask_apply", "how"),
        understanding.Example("how do I send it", "ask_apply", "form/how", "ask_apply", "how"),
        understanding.Example("labdien", "greet"),
        understanding.Example("hello there", "greet"),
    ]
    return understanding.train(examples * 8, with_embeddings=data.uses_embeddings() and embeddings.is_at_hand())


@pytest.fixture
def work(monkeypatch):
    """Count what is embedded and compared."""
    done = {"tokens": 0, "compared": 0, "letters": 0}
    embed, extract, fit = embeddings.embed, typos.process.extract, understanding.addresses.Addresses.spelled

    def count_tokens(texts):
        done["tokens"] += sum(embeddings._tokens(text) for text in texts)
        return embed(texts)

    def count_compared(*arguments, **named):
        done["compared"] += 1
        return extract(*arguments, **named)

    def count_letters(self, texts):
        done["letters"] += sum(map(len, texts))
        return fit(self, texts)

    monkeypatch.setattr(embeddings, "embed", count_tokens)
    monkeypatch.setattr(typos.process, "extract", count_compared)
    monkeypatch.setattr(understanding.addresses.Addresses, "spelled", count_letters)
    embeddings._embed_one.cache_clear()
    return done


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_whatever_the_message_little_is_embedded_compared_and_split(model, work, text):
    _, parts = model.read(looked_at(text))
    assert work["tokens"] <= embeddings.MAX_TOKENS
    # Once for the message, and once more for a typo at the border of two sentences.
    assert work["compared"] <= 2 * typos.MAX_COMPARED
    assert len(parts) <= 1 + MAX_PARTS
    assert work["letters"] <= 3 * (BEGINNING + 1 + END)  # the message, its sentences, and corrections


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_no_more_of_a_message_is_looked_at_than_the_bound(text):
    kept = looked_at(text)
    assert len(kept) <= BEGINNING + 1 + END
    assert max(map(len, kept.split()), default=0) <= MAX_WORD_LENGTH
    assert looked_at(kept) == kept
    assert all(named.end <= len(kept) for named in find_entities(kept))


def test_the_messages_of_the_test_would_cost_too_much_without_the_bound():
    text = KNOWN["long, in both languages"]
    assert embeddings._tokens(text) > 5 * embeddings.MAX_TOKENS
    assert text.count("?") > 2 * MAX_PARTS
    assert len(text) > 2 * (BEGINNING + END)


def test_of_a_long_message_the_beginning_and_the_end_are_looked_at():
    text = f"Labdien! {'stāsts ' * 300} Savienojiet mani ar cilvēku. Connect me to a person!"
    assert looked_at(text).startswith("Labdien!")
    assert looked_at(text).endswith("Savienojiet mani ar cilvēku. Connect me to a person!")


@pytest.mark.parametrize("language", data.LANGUAGES)
def test_an_ordinary_message_is_looked_at_and_embedded_whole(held_out, language):
    asked = [question for by in held_out["intents"].values() for question in by[language]]
    for one in asked:
        assert looked_at(one) == one
        assert embeddings._beginning(one) == one
    sixty = " ".join(" ".join(asked).split()[:60])
    assert looked_at(sixty) == sixty


def test_a_message_is_embedded_once_for_its_intent_and_its_answer(model, work):
    text = "kur gan lai to dabūju pie jums"
    model.read(text)
    assert 0 < work["tokens"] <= 2 * embeddings._tokens(text)
    embeddings._embed_one.cache_clear()
