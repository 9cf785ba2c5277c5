"""The arrows between the parts point one way (docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

from bot.settings import ROOT

# Who may import what of ours, beside itself. Everything else goes over HTTP.
SHARED = {"bot.settings", "bot.database", "bot.http", "bot.logs", "bot.mail", "bot.problems", "bot.website"}
ALLOWED = {
    "bot/backend": {"bot.settings", "bot.database", "bot.logs", "bot.mail", "bot.problems", "bot.website"},
    "bot/chat": SHARED | {"bot.text", "bot.wording"},
    "bot/desk": SHARED | {"bot.account", "bot.answers", "bot.chat", "bot.guide", "bot.text", "bot.wording"},
    "bot/nlu": {"bot.answers", "bot.dialogue", "bot.guide", "bot.ranking", "bot.text"},
    "actions": {"bot.account", "bot.answers", "bot.guide", "bot.settings", "bot.http", "bot.logs", "bot.wording"},
    # Plain modules that many share: they need nothing of Rasa.
    "bot/text.py": set(),
    "bot/answers.py": set(),
    "bot/guide.py": {"bot.text"},
    "bot/ranking.py": {"bot.answers", "bot.text"},
    "bot/phrasing.py": {"bot.answers", "bot.ranking", "bot.text"},
    "bot/dialogue.py": {"bot.answers", "bot.guide", "bot.phrasing", "bot.ranking", "bot.text"},
}
MOUNTS = {"bot/chat/app.py": {"bot.desk"}}  # one file that puts a part into its own
ONLY_IMPORTERS = {
    "rasa": ["bot/nlu/"],
    "rasa_sdk": ["actions/"],
    "requests": ["bot/http.py", "bot/talk.py"],  # talk is a customer of its own
    "authlib": ["bot/desk/oidc.py"],
    "os.environ": ["bot/settings.py", "bot/model.py", "bot/run.py", "bot/install.py"],
}


def sources(folder: str = "") -> list[Path]:
    files = [
        path for top in ("bot", "actions") for path in (ROOT / top).rglob("*.py") if "node_modules" not in path.parts
    ]
    return [path for path in files if path.relative_to(ROOT).as_posix().startswith(folder)]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_part_imports_only_what_it_may(folder):
    own = folder.removesuffix(".py").replace("/", ".")
    for path in sources(folder if folder.endswith(".py") else folder + "/"):
        allowed = ALLOWED[folder] | MOUNTS.get(path.relative_to(ROOT).as_posix(), set())
        ours = {name for name in imported(path) if name.split(".")[0] in ("bot", "actions") and name != "bot"}
        foreign = {
            name
            for name in ours
            if not name.startswith(own) and not any(name == a or name.startswith(a + ".") for a in allowed)
        }
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


@pytest.mark.parametrize("package", ["rasa", "rasa_sdk", "requests", "authlib"])
def test_a_package_is_imported_in_one_place_only(package):
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if any(one == package or one.startswith(package + ".") for one in imported(path)):
            assert any(name.startswith(place) for place in ONLY_IMPORTERS[package]), name


def test_only_the_settings_read_the_environment():
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if "os.environ" in path.read_text(encoding="utf-8"):
            assert name in ONLY_IMPORTERS["os.environ"], name


def test_actions_are_flat():
    # rasa-sdk imports sub-packages by their leaf name.
    assert not [path for path in (ROOT / "actions").iterdir() if path.is_dir() and path.name != "__pycache__"]


def test_the_package_that_rasa_shares_with_us_is_empty():
    assert (ROOT / "bot" / "__init__.py").read_text() == ""


def test_python_says_nothing_in_latvian():
    for path in [*sources("actions/"), *sources("bot/chat/"), *sources("bot/desk/"), *sources("bot/backend/")]:
        latvian = set("āčēģīķļņšūž") & set(path.read_text(encoding="utf-8").lower())
        assert not latvian, f"{path.relative_to(ROOT)}: words live in YAML"
