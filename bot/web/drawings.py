"""Draw the pictures that an answer may show, each in its language."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.conversations.pictures import FOLDER, WORDS
from bot.web.assets import Asset, pack

templates = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)


@cache
def drawing(file: str) -> Asset:
    """Return the SVG of a file that pictures.find() returned; raise KeyError for any other."""
    name, _, language = file.rpartition(".")
    labels = {label: said[language] for label, said in WORDS[name].items()}
    return pack(templates.get_template(f"{name}.svg").render(labels).encode(), "image/svg+xml")


def address(file: str) -> str:
    """Return the address of a file, which changes with its content."""
    return f"/pictures/{file}.svg?v={drawing(file).version}"
