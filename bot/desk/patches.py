"""Turn what supervisors decided into a patch for the files that writers edit (CONTRIBUTING.md, "Add an answer")."""

import difflib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.conversations.learning import DECISIONS
from bot.conversations.learning_models import Filing
from bot.dialogue.answers import DATA, LANGUAGES, LOADER, OF_THING

MAX_QUESTION = 45  # characters of the question on a button, which a writer puts into words in both languages
EXPORTED = tuple(one for one in DECISIONS if one != "set_aside")
Wanted = dict[tuple[str, str], list[str]]  # examples by address or intent, and language
Added = Iterator[tuple[int, list[str]]]  # lines, and the number of the line before which they come


def patch_of(filings: Sequence[Filing], data: Path = DATA) -> str:
    """Return a unified diff that adds to the data what was decided and is not there yet."""
    return "".join(
        f"{line}\n"
        for name, (before, after) in _changes(filings, data).items()
        for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="")
    )


def changed_files(filings: Sequence[Filing], data: Path = DATA) -> dict[str, str]:
    """Return the files that the patch changes, as they are with it, by their paths in the project."""
    return {name: "\n".join([*after, ""]) for name, (_, after) in _changes(filings, data).items()}


def _changes(filings: Sequence[Filing], data: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return the lines of the files that change, before and after."""
    contents = {path: path.read_text(encoding="utf-8") for path in sorted(data.glob("*/*.yml")) if _is_ours(path)}
    known = {line.strip().removeprefix("- ") for content in contents.values() for line in content.split("\n")}
    wanted: Wanted = defaultdict(list)
    drafts: dict[str, Filing] = {}
    for one in sorted(filings, key=lambda filing: filing.id):
        texts = wanted[one.answer or "", one.language]
        if one.decision in EXPORTED and one.text not in known and one.text not in texts:
            texts.append(one.text)
            if one.draft_lv and one.answer:
                drafts[one.answer] = one
    found = {}
    for path, content in contents.items():
        before = content.removesuffix("\n").split("\n")
        after = _with(path, content, before, wanted, drafts)
        if after != before:
            found[f"data/{path.relative_to(data).as_posix()}"] = (before, after)
    return found


def _is_ours(path: Path) -> bool:
    return path.name.startswith(("answers", "nlu."))


def _with(path: Path, content: str, before: list[str], wanted: Wanted, drafts: dict[str, Filing]) -> list[str]:
    """Return the lines of a file with what was decided about its answers."""
    names = {address.partition("/")[0] for (address, _), texts in wanted.items() if texts}
    if not any(f"  {name}:\n" in content or f"intent: {name}\n" in content for name in names):
        return before  # reading takes time
    root = yaml.compose(content, Loader=LOADER)
    added = [*(_in_page(root, before, wanted) if path.name.startswith("nlu.") else _in_answers(root, before, wanted))]
    if not path.name.startswith("nlu."):
        added += _new_answers(root, before, wanted, drafts)
    after = list(before)
    for place, lines in sorted(added, key=lambda one: -one[0]):
        after[place:place] = lines
    return after


def _in_page(root: Any, lines: list[str], wanted: Wanted) -> Added:
    """Yield the examples of a whole topic."""
    for block in _under(root)["nlu"].value:
        keys = _under(block)
        language = _under(keys["metadata"])["language"].value if "metadata" in keys else ""
        if texts := wanted.pop((keys["intent"].value, language), None):
            yield _behind(keys["examples"], lines, texts)


def _in_answers(root: Any, lines: list[str], wanted: Wanted) -> Added:
    """Yield the examples of short answers."""
    for thing, cells in _under(root)["answers"].value:
        for key, cell in cells.value:
            if key.value not in OF_THING:
                heard = _under(_under(cell)["heard"])
                for language in heard:
                    if texts := wanted.pop((f"{thing.value}/{key.value}", language), None):
                        yield _behind(heard[language], lines, texts)


def _new_answers(root: Any, lines: list[str], wanted: Wanted, drafts: dict[str, Filing]) -> Added:
    """Yield the drafts of new answers, each behind the answers about its thing."""
    for thing, cells in _under(root)["answers"].value:
        for address in [one for one in drafts if one.partition("/")[0] == thing.value]:
            draft, indent = drafts.pop(address), " " * cells.value[0][0].start_mark.column
            texts = {"lv": draft.draft_lv or "", "en": draft.draft_en or ""}
            said = [f"  {language}: {json.dumps(texts[language], ensure_ascii=False)}" for language in LANGUAGES]
            heard = {language: wanted.pop((address, language), []) for language in LANGUAGES}
            asked = json.dumps(draft.text[:MAX_QUESTION], ensure_ascii=False)
            question = f"  question: {{lv: {asked}, en: {asked}}}"
            new = [
                f"{address.partition('/')[2]}:",
                question,
                *said,
                "  again:",
                *(f"  {line}" for line in said),
                "  heard:",
            ]
            for language, examples in heard.items():
                new += [f"    {language}: |", *(f"      - {one}" for one in examples)] if examples else []
            yield _end(cells, lines), [indent + line for line in new]


def _under(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in node.value}


def _behind(block: Any, lines: list[str], texts: list[str]) -> tuple[int, list[str]]:
    """Return new examples for the end of a block of examples."""
    end = _end(block, lines)
    indent = lines[end - 1][: len(lines[end - 1]) - len(lines[end - 1].lstrip())]
    return end, [f"{indent}- {text}" for text in texts]


def _end(node: Any, lines: list[str]) -> int:
    """Return the number of the line behind a block, without the empty lines and comments that follow it."""
    end: int = node.end_mark.line
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return end
