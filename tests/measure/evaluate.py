"""Measure the understanding on the held-out questions, and the told conversations: python -m tests.measure.evaluate."""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import jinja2
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, roc_auc_score

from bot.nlu.intents import Intents, load, rank_intents
from bot.nlu.ngrams import Ranking
from tests.measure import conversations
from tests.measure.data import (
    LANGUAGES,
    ROOT,
    Question,
    component,
    examples,
    heard,
    held_out,
    questions,
    trained_model,
    unpack_classifier,
)

TYPINGS = ("clean", "plain", "typo", "mixed")
REPORT = ROOT / "var" / "understanding.html"
DECLINED = ("out_of_scope", "ask_not_known")  # answered with "this I do not know"
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)


def answered(ranking: Ranking, threshold: float, ambiguity: float) -> str | None:
    """Return the intent that is answered, or None if the fallback answers."""
    (intent, sure), (_, next_sure), *_ = ranking
    return intent if sure >= threshold and sure - next_sure >= ambiguity else None


def accuracies(asked: list[Question], said: list[str]) -> dict[tuple[str, str], float]:
    """Return the percentage understood, by language and typing."""
    found = {}
    for language in LANGUAGES:
        for typing in TYPINGS:
            pairs = [
                (one.intent, intent)
                for one, intent in zip(asked, said, strict=True)
                if (one.language, one.typing) == (language, typing)
            ]
            found[language, typing] = 100 * accuracy_score(*zip(*pairs, strict=True))
    return found


def unknown_score(rankings: list[Ranking]) -> list[float]:
    """Return the highest probability of an intent with an answer, for each text."""
    return [max(sure for intent, sure in ranking if intent not in DECLINED) for ranking in rankings]


def out_of_scope_auroc(known: list[Ranking], unknown: list[Ranking]) -> float:
    """Return the AUROC of telling questions with an answer from those without; 1 is perfect, 0.5 is chance."""
    return float(roc_auc_score([1] * len(known) + [0] * len(unknown), unknown_score(known + unknown)))


def thresholds(known: list[tuple[str, Ranking]], unknown: list[Ranking], ambiguity: float) -> list[tuple[float, ...]]:
    """Return for each threshold the percentages answered rightly, answered wrongly, and rightly declined."""
    rows = []
    for threshold in THRESHOLDS:
        said = [(intent, answered(ranking, threshold, ambiguity)) for intent, ranking in known]
        right = sum(intent == answer for intent, answer in said) / len(said)
        wrong = sum(answer not in (intent, None) for intent, answer in said) / len(said)
        declined = sum(answered(ranking, threshold, ambiguity) in (None, *DECLINED) for ranking in unknown) / len(
            unknown
        )
        rows.append((threshold, 100 * right, 100 * wrong, 100 * declined))
    return rows


def measure(model: Intents, asked: dict[str, Any]) -> dict[str, Any]:
    """Return all figures on the intents."""
    ambiguity = component("FallbackClassifier")["ambiguity_threshold"]
    every = questions(asked)
    rankings = [rank_intents(model, one.text) for one in every]
    said = [ranking[0][0] for ranking in rankings]
    clean = [at for at, one in enumerate(every) if one.typing == "clean"]
    truth, told = [every[at].intent for at in clean], [said[at] for at in clean]
    known = [(every[at].intent, rankings[at]) for at in clean if every[at].intent not in DECLINED]
    unknown = [rank_intents(model, text) for language in LANGUAGES for text in asked["out_of_scope"][language]]
    misses = [(one, ranking[0]) for one, ranking in zip(every, rankings, strict=True) if ranking[0][0] != one.intent]
    names = model.names
    return {
        "questions": len(clean),
        "unknown": len(unknown),
        "accuracy": accuracies(every, said),
        "macro_f1": 100 * f1_score(truth, told, average="macro"),
        "auroc": out_of_scope_auroc([ranking for _, ranking in known], unknown),
        "thresholds": thresholds([(every[at].intent, rankings[at]) for at in clean], unknown, ambiguity),
        "names": names,
        "matrix": confusion_matrix(truth, told, labels=names).tolist(),
        "misses": misses,
        "by_intent": Counter((one.intent, one.language) for one, _ in misses),
        "confused": Counter((one.intent, told) for one, (told, _) in misses).most_common(12),
    }


def measure_languages(model: Any, asked: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the percentages of languages told rightly, told wrongly and left open, by language and typing."""
    from bot.nlu.language import detect_language  # imports Rasa, which nothing else here needs

    found = {}
    for language in LANGUAGES:
        for typing in TYPINGS[:3]:
            texts = [q.text for q in questions(asked) if (q.language, q.typing) == (language, typing)]
            said = [detect_language(model, text) for text in texts]
            right, open_ = said.count(language), said.count(None)
            counts = {"right": right, "wrong": len(said) - right - open_, "left open": open_}
            found[f"{language} {typing}"] = {name: 100 * count / len(said) for name, count in counts.items()}
    return found


def as_text(figures: dict[str, Any], languages: dict[str, dict[str, float]]) -> str:
    """Return the figures as text for a terminal."""
    lines = [f"{figures['questions']} questions; accuracy in %   " + "".join(f"{name:>7}" for name in TYPINGS)]
    for language in LANGUAGES:
        row = "".join(f"{figures['accuracy'][language, typing]:7.1f}" for typing in TYPINGS)
        lines.append(f"  {language:32}{row}")
    lines.append(f"macro-F1, as typed: {figures['macro_f1']:.1f} %")
    lines.append(f"out of scope, AUROC: {figures['auroc']:.3f} ({figures['unknown']} texts)")
    lines.append("language                  right   wrong   left open, %")
    lines += [f"  {name:20}{r['right']:9.1f}{r['wrong']:8.1f}{r['left open']:12.1f}" for name, r in languages.items()]
    lines.append("threshold   answered right   answered wrong   not known, and said so, %")
    lines += ["{:9.2f}{:15.1f}{:17.1f}{:17.0f}".format(*row) for row in figures["thresholds"]]
    lines.append("misses by intent and language, over all typings:")
    lines += [f"  {intent:24}{language}{count:5}" for (intent, language), count in figures["by_intent"].most_common()]
    lines.append("taken for another, over all typings:")
    lines += [f"  {intent:24}for {told:24}{count:4}" for (intent, told), count in figures["confused"]]
    lines.append("missed as typed:")
    for one, (told, sure) in figures["misses"]:
        if one.typing == "clean":
            lines.append(f"  {one.language} {one.text}: {one.intent}, taken for {told} ({sure:.2f})")
    return "\n".join(lines)


def as_html(figures: dict[str, Any], languages: dict[str, dict[str, float]]) -> str:
    """Return the figures as a self-contained HTML page."""
    folder = jinja2.FileSystemLoader(ROOT / "tests" / "measure")
    page = jinja2.Environment(loader=folder, autoescape=True).get_template("report.html")
    return page.render(figures=figures, languages=languages, typings=TYPINGS, codes=LANGUAGES)


def main() -> None:
    """Measure the trained model, print the figures, write the report."""
    trained = trained_model()
    if trained is None:
        sys.exit("no model is trained from today's data: make train")
    held = conversations.measure(trained)  # first, because it keeps TensorFlow from being imported
    from bot.nlu.language import train_languages

    with tempfile.TemporaryDirectory() as folder:
        model = load(unpack_classifier(trained, Path(folder)))
    learned, asked = examples() + heard(), held_out()
    languages = train_languages([(text, language) for text, _, language, _ in learned])
    print(f"{len(learned)} examples of {len(model.names)} intents", flush=True)
    figures, told = measure(model, asked), measure_languages(languages, asked)
    print(as_text(figures, told))
    print(conversations.as_text(held))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(as_html(figures, told), encoding="utf-8")
    print(f"report: {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
