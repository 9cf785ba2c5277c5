"""What the pages of the chat and the desk have in common: templates, words, a policy with a nonce, and files."""

import secrets
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml
from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.web.assets import YEAR, Asset, pack, send

Language = Literal["lv", "en"]
JAVASCRIPT, CSS = "text/javascript; charset=utf-8", "text/css; charset=utf-8"


class Pages:
    """The pages of one folder, which holds templates and words.yml; only the given files are served."""

    def __init__(self, folder: Path, path: str, files: Mapping[str, Path], trim: bool = False) -> None:
        """Read the words; `path` is where the files are served, `trim` removes lines that hold only a block tag."""
        self.words: dict[str, Any] = yaml.safe_load((folder / "words.yml").read_text(encoding="utf-8"))
        self.files, self._path = files, path
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=trim,
            lstrip_blocks=trim,
        )
        self._templates.filters["mailto"] = partial(quote, safe="@")  # "?" and "&" would add fields to the letter
        self.asset = cache(self._asset)

    def say(self, language: str, path: str, **values: object) -> str:
        """Return the words of a group and name, as in "queue.title", with the values filled in."""
        group, name = path.split(".")
        text = str(self.words[group][name][language])
        return text.format(**values) if values else text

    def render(self, template: str, language: str, **values: Any) -> str:
        """Render a template in a language."""

        def say(path: str, **more: object) -> str:
            return self.say(language, path, **more)

        return self._templates.get_template(template).render({"language": language, "say": say, **values})

    def html(
        self, template: str, language: str, policy: Mapping[str, str], status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Answer with a page and its policy, in which {nonce} is replaced by a new nonce."""
        nonce = secrets.token_urlsafe(16)
        html = self.render(template, language, nonce=nonce, asset=self.address, **values)
        rules = "; ".join(f"{name} {value}" for name, value in policy.items()).replace("{nonce}", f"'nonce-{nonce}'")
        headers = {
            "content-security-policy": rules,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return HTMLResponse(html, status, headers)

    def address(self, name: str) -> str:
        """Return the address of a file, which changes with its content."""
        return f"{self._path}/{name}?v={self.asset(name).version}"

    def send_file(self, request: Request, name: str, version: str) -> Response:
        """Answer with a file, cacheable for ever if the address carries the hash of its content."""
        if name not in self.files:
            raise HTTPException(404)
        found = self.asset(name)
        return send(request, found, max_age=YEAR if version == found.version else 0)

    def _asset(self, name: str) -> Asset:
        return pack(self.files[name].read_bytes(), CSS if name.endswith(".css") else JAVASCRIPT)
