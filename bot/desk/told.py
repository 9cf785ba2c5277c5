"""What a customer told the assistant before an agent came, in the agent's language."""

from datetime import date

from bot.desk.card import WORDS, say
from bot.dialogue.answers import read_answers
from bot.wording import counted, dated


def told(details: dict[str, str], language: str) -> str:
    """Put what the customer told of themselves into one line; what has no words is left out."""
    said: dict[str, dict[str, str]] = {f"{name}_{value}": {} for name, value in details.items()}
    points, day = details.get("points", ""), _day(details.get("date", ""))
    if points.isascii() and points.isdecimal():
        said["points"] = {"points": counted("points", int(points), language)}
    if day:
        said["date"] = {"day": dated(day, language)}
    return "; ".join(say(language, f"told.{name}", **said[name]) for name in WORDS["told"] if name in said)


def reported(problem: str | None, language: str) -> str:
    """Return how customers put the problem that was reported, or the address of its answer where nobody did."""
    answer = read_answers().get(problem or "")
    heard = answer.heard[language] if answer else []
    return heard[0] if heard else problem or ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
