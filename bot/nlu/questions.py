"""Find the questions in a message that asks two things at once."""

import re
from collections.abc import Callable

from bot.nlu.ngrams import Ranking
from bot.nlu.text import ASKING, fold

AND = r"(?:un|and|bet|but|ka ari|plus)\b(?: vel| ari| also)?"
# A new question begins after the end of a sentence, or after a comma or "and" with a word that asks.
BORDER = re.compile(rf"[.?!;\n]+|,? *\b{AND} *(?={ASKING})|, *(?={ASKING})")
STATEMENT = re.compile(r"[.?!;\n]+|,|\b(?:un|and|bet|but)\b")
ASKS = re.compile(rf"\b{ASKING}")
SURE = 0.45  # probability from which a part that asks is believed to be a question of its own
SURER = 0.75  # and a part that only states something
MOST_LETTERS, MOST_PARTS = 1000, 8  # what is looked at; every part costs as much as a message
AHEAD = 0.15  # by how much it must be likelier than the next


def two_questions(rank: Callable[[str], Ranking], text: str) -> list[Ranking]:
    """Return the rankings of the first two parts of a text that ask about different topics, or an empty list."""
    for border, least in ((BORDER, SURE), (STATEMENT, SURER)):
        found: dict[str, Ranking] = {}
        parts = [part for part in border.split(fold(text[:MOST_LETTERS]))[:MOST_PARTS] if len(part.split()) > 1]
        for part in parts if len(parts) > 1 else []:
            if border is STATEMENT or ASKS.search(part):
                ranking = rank(part)
                (intent, sure), (_, next_sure) = ranking[:2]
                topical = intent.startswith("ask_") or intent == "out_of_scope"
                if topical and sure >= least and sure - next_sure >= AHEAD:
                    found.setdefault(intent, ranking)
        if len(found) > 1:
            return list(found.values())[:2]
    return []
