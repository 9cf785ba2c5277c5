"""The parts import each other in one direction only (docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

from bot.settings import ROOT

# Which parts of ours a part may import besides itself. Everything else goes over HTTP.
SHARED = {
    "bot.database",
    "bot.http",
    "bot.keys",
    "bot.logs",
    "bot.mail",
    "bot.metrics",
    "bot.problems",
    "bot.setting_types",
    "bot.settings",
    "bot.webhooks",
    "bot.website",
}
WORDING = {"bot.calendar", "bot.wording"}
SIBLING = SHARED | WORDING | {"bot.conversations", "bot.dialogue", "bot.text", "bot.web"}  # for the chat and the desk
ALLOWED = {
    "bot/backend": {"bot.calendar"} | SHARED - {"bot.keys"},
    "bot/conversations": WORDING | SHARED - {"bot.http", "bot.logs", "bot.problems"} | {"bot.text"},
    "bot/web": SHARED | {"bot.conversations"},
    "bot/chat": SIBLING,
    "bot/desk": SIBLING | {"bot.account", "bot.model", "bot.private"},
    "bot/privacy": SIBLING | {"bot.backend.models", "bot.backend.verification", "bot.desk"},
    "bot/app.py": SHARED | {"bot.chat", "bot.conversations", "bot.desk", "bot.privacy", "bot.trial", "bot.web"},
    "bot/nlu": {"bot.dialogue", "bot.logs", "bot.orphans", "bot.text"},
    "bot/dialogue": {"bot.text"},
    "actions": WORDING | {"bot.account", "bot.dialogue", "bot.settings", "bot.http", "bot.logs"},
    # Modules that many parts share: they need nothing of Rasa.
    "bot/calendar.py": set(),
    "bot/keys.py": set(),
    "bot/orphans.py": set(),
    "bot/text.py": set(),
}
ONLY_IMPORTERS = {
    "rasa": ["bot/nlu/"],
    "rasa_sdk": ["actions/"],
    "requests": ["bot/http.py", "bot/talk.py"],  # talk is a client of its own
    "authlib": ["bot/desk/oidc.py"],
    "fastapi": ["bot/app.py", "bot/backend/", "bot/chat/", "bot/desk/", "bot/privacy/", "bot/web/", "bot/problems.py"],
    # Rasa tells the components of a training only in the environment where its cache is.
    "os.environ": ["bot/settings.py", "bot/model.py", "bot/environments.py", "bot/install.py", "bot/nlu/classifier.py"],
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
        ours = {name for name in imported(path) if name.split(".")[0] in ("bot", "actions") and name != "bot"}
        foreign = {
            name
            for name in ours
            if not (name + ".").startswith(own + ".")
            and not any(name == a or name.startswith(a + ".") for a in ALLOWED[folder])
        }
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def part_of(module: str) -> str:
    """Return the part that a module belongs to: a folder such as bot.chat, or a module of its own."""
    return ".".join(module.split(".")[:2])


@pytest.mark.parametrize("node_of", [str, part_of], ids=["modules", "parts"])
def test_nothing_imports_itself_in_a_circle(node_of):
    modules = {module_of(path): path for path in sources()}
    left: dict[str, set[str]] = {}
    for module, path in modules.items():
        node = node_of(module)
        seen = {node_of(name) for name in imported(path) & modules.keys()}
        left.setdefault(node, set()).update(seen - {node})
    while free := {node for node, seen in left.items() if not seen}:
        left = {node: seen - free for node, seen in left.items() if node not in free}
    assert not left, f"in a circle, or leading into one: {left}"


@pytest.mark.parametrize("package", ["rasa", "rasa_sdk", "requests", "authlib", "fastapi"])
def test_a_package_is_imported_only_where_it_belongs(package):
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
    # rasa-sdk imports subpackages by the last part of their name.
    assert not [path for path in (ROOT / "actions").iterdir() if path.is_dir() and path.name != "__pycache__"]


def test_the_package_that_rasa_shares_with_us_is_empty():
    assert (ROOT / "bot" / "__init__.py").read_text() == ""


PARTS = ("backend", "chat", "conversations", "desk", "privacy", "web")


def test_python_says_nothing_in_latvian():
    for path in [*sources("actions/"), *(one for part in PARTS for one in sources(f"bot/{part}/"))]:
        latvian = set("āčēģīķļņšūž") & set(path.read_text(encoding="utf-8").lower())
        assert not latvian, f"{path.relative_to(ROOT)}: words live in YAML"
