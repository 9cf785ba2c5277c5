"""Read the walkthrough from data/guide.yml, and tell what a message says about a step; moves.py leads through it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.text import ASKING, fold

FILE = Path(__file__).resolve().parents[2] / "data" / "guide.yml"
MAX_WORDS = 8  # a longer statement is a story, not an answer

# All patterns are over folded text.
DENIES = re.compile(
    r"\b(nav|bez|ne(?!ed|w|xt|ar|cess|t\b|twork)\w*|no|not|never|none|without|cannot|\w+n't|"
    r"(do|does|did|is|are|was|have|has|ca|wo)nt)\b"
)
ASKS = re.compile(rf"\?|(?:^|[,;:] ?)(?:(?:un|bet|and|but) )?{ASKING}")
# Asks how to go on: it does not answer an open question with "done", and beside another question it asks nothing.
WHAT_NOW = re.compile(
    r"\b(?:(?:un|and|so|ok) )?(?:(?:ko|kas) (?:man |mums )?(?:tagad|talak|darit|tad darit|tad talak)(?: darit)?|"
    r"(?:what|where)(?: do i do| to do)? (?:now|next)|now what|and now)\b\W*"
)
CLAUSE = re.compile(r" ?[,.;:] ?| (?:un|and) ")
# Does not report what it names as done.
INTENDS = re.compile(
    r"\b(?:gribu|gribam|velos|vajag|want|need|going to|will|let'?s|i'?ll|should|must|bet|but|tikai|only|daz\w+|some|"
    r"error|klud\w*|grey|pelek\w*|invalid|wrong|nepareiz\w*|fail\w*|stuck|problem\w*|expired|beidz\w*|if)\b|\w\W+ja \w"
)
AMOUNT = re.compile(r"\b(\d{1,2}[ .,]?\d{3}|\d{1,5})\b")
DONE = re.compile(
    r"gatav|izdar|izdev|darits|pabei|aizpild|nosuti|aizsuti|iesnie(?:g|dz)|pievienoj|pievienots|nomain|sakartoj|izlaboj|"
    r"salaboj|(?:pie|ie|uz)lik(?:u|am|ts|ta|ti)\b|ierakst[ij]|ievadi(?:j|t)|izvele(?:j|t)|samaksa|apmaksa|"
    r"registre(?:ju|jam|ts|ta|ti)\b|augsuplad|spiedu\b|migre(?:ju|jam|ts|ti)\b|iestatij|iestatit[sai]|tagad zal|"
    r"done|ready|finish|submitted|attached|worked|works now|fixed|sorted|upload|opened|entered|chose\b|chosen|picked|"
    r"paid|registered|pressed|clicked|filled|typed|migrated|\bsent\b|added|green now|"
    r"password (?:is )?set|set (?:a |the |my )?pass"
)


def is_statement(said: str) -> bool:
    """Tell whether a folded text is short and asks nothing."""
    return bool(said) and not ASKS.search(said) and len(said.split()) <= MAX_WORDS


@dataclass(frozen=True)
class Node:
    """Where a customer may stand; the names of other nodes say where to go from here."""

    name: str
    step: int  # counted from 1
    details: str
    next: str | None
    answers: dict[str, str]
    keywords: dict[str, re.Pattern[str]]
    least: int | None
    on_stuck: str | None
    known: str | None  # the detail that answers its question
    is_shown: bool  # only a customer who has come this far can know that detail
    earlier: re.Pattern[str] | None = None  # what is done before this node: "submitted" while the e-mail is awaited

    def known_answer(self, details: Mapping[str, str]) -> str | None:
        """Return the answer that the customer's details already give to this node's question, or None."""
        told = details.get(self.known or "")
        if told and self.least:
            told = "yes" if int(told) >= self.least else "no"
        return told if told in self.answers else None

    @property
    def ends(self) -> bool:
        """Whether the walkthrough ends here."""
        return not self.next and not self.answers

    def is_done_by(self, text: str) -> bool:
        """Tell whether a short statement means that this node's step is done, whatever else it says."""
        said = fold(text)
        is_done = is_statement(said) and bool(DONE.search(said)) and not DENIES.search(said)
        return is_done and not (self.earlier and self.earlier.search(said))

    def answer_in(self, text: str) -> str | None:
        """Return the answer that a short statement gives to this node's question, or None."""
        said = fold(text)
        if not is_statement(said):
            return None
        amount = AMOUNT.search(said)
        if self.least and amount and not DENIES.search(said):
            return "yes" if int(re.sub(r"\D", "", amount[0])) >= self.least else "no"
        found = [answer for answer, pattern in self.keywords.items() if pattern.search(said)]
        if len(found) != 1:
            return None
        if not DENIES.search(said):
            return found[0]
        return "no" if found == ["yes"] else None


@dataclass(frozen=True)
class Guide:
    """All nodes by name, and the node that opens each step, in order."""

    nodes: dict[str, Node]
    opens: dict[str, str]
    details: dict[int, list[str]]  # by step, the responses that tell more about it
    done: dict[int, re.Pattern[str]]  # by step, what a statement contains that reports it as done

    def reported(self, text: str, node: Node) -> int | None:
        """Return the furthest step, from this node's on, that short statements report as done."""
        told = [one for one in CLAUSE.split(fold(text)) if is_statement(one) and not DENIES.search(one)]
        later = {step: done for step, done in self.done.items() if step >= node.step}
        return max((step for step, done in later.items() for one in told if done.search(one)), default=None)

    @property
    def first(self) -> str:
        """The node where the walkthrough begins."""
        return next(iter(self.opens.values()))

    @property
    def last(self) -> str:
        """The node where the walkthrough ends."""
        return next(name for name, node in self.nodes.items() if node.ends)

    def opening(self, step: Any) -> str | None:
        """Return the node that opens a step, named by its id or its number, or None for an unknown step."""
        names = list(self.opens.values())
        if str(step).isdecimal():
            return names[int(step) - 1] if 1 <= int(step) <= len(names) else None
        return self.opens.get(str(step))

    def told_by(self, response: str | None) -> Node | None:
        """Return the node that opens the step that a response is about, or None."""
        opening = [self.nodes[name] for name in self.opens.values()]
        return next((node for node in opening if response in (node.details, *self.details[node.step])), None)


def read_guide(file: Path = FILE) -> Guide:
    """Read the walkthrough; a node that leads nowhere raises KeyError."""
    nodes: dict[str, Node] = {}
    opens: dict[str, str] = {}
    details: dict[int, list[str]] = {}
    done: dict[int, re.Pattern[str]] = {}
    for number, step in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))["steps"], start=1):
        opens[step["id"]] = next(iter(step["nodes"]))
        details[number] = [step["details"]]
        if "done" in step:
            done[number] = re.compile(step["done"].replace("| ", "|"))
        for name, node in step["nodes"].items():
            nodes[name] = Node(
                name=name,
                step=number,
                details=node.get("details", step["details"]),
                next=node.get("next"),
                answers=node.get("answers", {}),
                keywords={answer: re.compile(pattern) for answer, pattern in node.get("keywords", {}).items()},
                least=node.get("least"),
                on_stuck=node.get("on_stuck"),
                known=node.get("known"),
                is_shown=node.get("shown", False),
                earlier=re.compile(node["earlier"]) if "earlier" in node else None,
            )
    for node in nodes.values():
        for name in filter(None, (node.next, node.on_stuck, *node.answers.values())):
            nodes[name]
    return Guide(nodes, opens, details, done)


@dataclass(frozen=True)
class Position:
    """Where a customer is: the nodes visited, the present one last, and whether the walkthrough is paused."""

    path: tuple[str, ...] = ()
    paused: bool = False

    def at(self, guide: Guide) -> Node | None:
        """Return the present node, or None if the walkthrough has not begun or has ended."""
        node = guide.nodes.get(self.path[-1]) if self.path else None
        return None if node is None or node.ends else node

    def to(self, name: str) -> "Position":
        """Go on to a node."""
        return Position(self.path if self.path[-1:] == (name,) else (*self.path, name))
