"""Hold the told conversations with the trained model, without servers, and measure its answers.

.venv/rasa/bin/python -m tests.measure.conversations [--wrong]
"""

import asyncio
import json
import logging
import re
import statistics
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.dialogue.answers import AGAIN, Answer, read_answers
from bot.text import fold
from bot.trial.told import Answered, Conversation, converse, percent, rows_by_kind, told
from tests.measure.data import ROOT, trained_model
from tests.measure.typings import without_diacritics

# Over folded text.
ASKS_YES_OR_NO = re.compile(
    r"(?:(?:un|bet|tad|tatad|and|but|so|ok)\W+)*"
    r"(?:vai|is|are|can|could|may|must|should|do|does|will|would)\b"
)
SAYS_SO = re.compile(r"\W*(?:ja|(?:vel )?ne|to es nezinu|yes|no|not yet|i do not know)\b")
YES_OR_NO = ("counts", "must", "may")  # aspects
COMPUTED = ("utter_enough_", "utter_last_day")  # prefixes of the names of computed answers


class Actions:
    """A stand-in for Rasa's endpoint of an action server; the actions run in the application's environment."""

    def __init__(self) -> None:
        self.kwargs = {"enable_selective_domain": True}
        self.process = subprocess.Popen(
            [ROOT / ".venv/app/bin/python", "-m", "tests.measure.actions"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def request(self, json: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Run an action; return its events and responses."""
        return self._answer(json)

    def _answer(self, call: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def assistant(model: Path) -> Iterator[Callable[[str, str], list[dict[str, Any]]]]:
    """Load a model; yield a function that answers a sender's message as the REST channel does, with the parse data."""
    from bot.nlu.without_tensorflow import EmptyModules

    sys.meta_path.insert(0, EmptyModules())
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
    import structlog
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    from bot.nlu.channel import WholeMessages

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    actions = Actions()
    agent = Agent.load(str(model), action_endpoint=actions)
    loop = asyncio.new_event_loop()

    async def answer(sender: str, text: str) -> list[dict[str, Any]]:
        said = WholeMessages()
        try:
            await agent.handle_message(UserMessage(text, said, sender))
        except Exception as error:  # a customer would get an error: count a wrong answer and go on
            print(f"{text}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
            return []
        tracker = await agent.tracker_store.retrieve(sender)
        items: list[dict[str, Any]] = said.messages
        if items:
            items[0]["read"] = tracker.latest_message.parse_data
        return items

    try:
        yield lambda sender, text: loop.run_until_complete(answer(sender, text))
    finally:
        loop.close()
        actions.process.terminate()
        actions.process.wait()


def plain(conversation: Conversation) -> Conversation:
    """Return a conversation as typed without diacritics."""
    return replace(conversation, turns=tuple(replace(t, user=without_diacritics(t.user)) for t in conversation.turns))


def hold(
    say: Callable[[str, str], list[dict[str, Any]]], conversations: Iterable[Conversation]
) -> list[list[Answered]]:
    """Hold conversations, each from the start."""

    def one(conversation: Conversation) -> list[Answered]:
        sender = uuid.uuid4().hex
        return converse(conversation, lambda text: say(sender, text))

    return [one(conversation) for conversation in conversations]


def repeats(held: Iterable[list[Answered]]) -> tuple[int, int]:
    """Return how many answers repeated an earlier one of their conversation word for word, and how many there were."""
    again = total = 0
    for conversation in held:
        names = [item["response"] for answered in conversation for item in answered.items if "response" in item]
        again += len(names) - len(set(names))
        total += len(names)
    return again, total


def answer_of(item: dict[str, Any]) -> Answer | None:
    """Return the short answer that an item is, or None for any other."""
    name = item.get("response", "").removesuffix(AGAIN)
    return _by_response().get(name)


def lengths(answered: Iterable[Answered]) -> list[int]:
    """Return the lengths in characters of the short answers that were given."""
    items = [item for one in answered for item in one.items]
    short = [item for item in items if answer_of(item) or item.get("response", "").startswith(COMPUTED)]
    return [len(item["text"]) for item in short]


def asks_yes_or_no(one: Answered) -> bool:
    """Tell whether a message asks yes or no, by its beginning or its answer; questions to the account do not count."""
    first = one.items[0] if one.items else {}
    if one.turn.act or first.get("custom"):
        return False
    answer = answer_of(first)
    return bool(ASKS_YES_OR_NO.match(fold(one.turn.user))) or (answer is not None and answer.aspect in YES_OR_NO)


def says_yes_or_no(one: Answered) -> bool:
    """Tell whether an answer begins with yes, no, or "I do not know"."""
    return bool(SAYS_SO.match(fold(one.said)))


def is_read_right(one: Answered, field: str) -> bool:
    """Tell whether the likeliest aspect of a message, or for `act` the likeliest intent, is one of the expected."""
    read = one.items[0]["read"] if one.items else {}
    if field == "act":
        likeliest = [rank["name"] for rank in read.get("intent_ranking", []) if rank["name"] != "nlu_fallback"][:1]
    else:
        likeliest = [name for part in read.get("parts", [])[:1] for name, _ in part["aspects"][:1]]
    return bool({*likeliest} & {*getattr(one.turn, field)})


def share(right: Iterable[bool]) -> str:
    """Return how many of some are right, as text."""
    found = list(right)
    return f"{percent(sum(found), len(found)):.1f} % of {len(found)}"


def as_text(typed: dict[str, list[list[Answered]]]) -> str:
    """Return the figures as text for a terminal."""
    lines = []
    for typing, held in typed.items():
        answered = [one for conversation in held for one in conversation]
        again, total = repeats(held)
        lines += [f"conversations, {typing}", *rows_by_kind(answered)]
        lines.append(f"  said twice: {percent(again, total):.1f} % of {total} answers")
        lines.append(
            f"  length of a short answer, median: {statistics.median(lengths(answered) or [0]):.0f} characters"
        )
        lines.append(f"  yes or no, and said so: {share(map(says_yes_or_no, filter(asks_yes_or_no, answered)))}")
        for field in ("aspect", "act"):
            told_of = [one for one in answered if getattr(one.turn, field)]
            lines.append(f"  {field} as told: {share(is_read_right(one, field) for one in told_of)}")
    return "\n".join(lines)


def measure(model: Path) -> dict[str, list[list[Answered]]]:
    """Hold all told conversations with a model, as typed and without diacritics."""
    with assistant(model) as say:
        return {
            "as typed": hold(say, told()),
            "without diacritics": hold(say, map(plain, told("lv"))),
        }


_RESPONSES: dict[str, Answer] = {}


def _by_response() -> dict[str, Answer]:
    if not _RESPONSES:
        _RESPONSES.update({said.response: one for one in read_answers().values() for said in one.variants})
    return _RESPONSES


def main() -> None:
    """Measure and print; with --wrong, also the wrong answers to messages as typed."""
    model = trained_model()
    if model is None:
        sys.exit("no model is trained from today's data: make train")
    typed = measure(model)
    if "--wrong" in sys.argv[1:]:
        print(*(one for held in typed["as typed"] for one in held if not one.is_right), sep="\n")
    print(as_text(typed))


if __name__ == "__main__":
    main()
