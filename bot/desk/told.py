"""What a customer told the assistant before an agent came, in the agent's language."""

from datetime import date

from bot.desk.card import WORDS, say
from bot.dialogue.answers import read_answers
from bot.wording import counted, dated


def told(details: dict[str, str], language: str) -> str:
    """Put the details that the customer gave into one line; details without words are left out."""
    said: dict[str, dict[str, str]] = {f"{name}_{value}": {} for name, value in details.items()}
    points, day = details.get("points", ""), _day(details.get("date", ""))
    if points.isascii() and points.isdecimal():
        said["points"] = {"points": counted("points", int(points), language)}
    if day:
        said["date"] = {"day": dated(day, language)}
    return "; ".join(say(language, f"told.{name}", **said[name]) for name in WORDS["told"] if name in said)


def reported(problem: str | None, language: str) -> str:
    """Return an example of how customers put the reported problem, or the address of its answer if it has none."""
    answer = read_answers().get(problem or "")
    heard = answer.heard[language] if answer else []
    return heard[0] if heard else problem or ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
