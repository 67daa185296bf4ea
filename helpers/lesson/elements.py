"""The small widgets of which cards and labs are made: buttons, HTML, boxes, and their style."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache
from importlib import resources

import ipywidgets as widgets


def button(text: str, name: str, pressed: Callable[[], None]) -> widgets.Button:
    """Return a button; `name` is its class in card.css."""
    made = widgets.Button(description=text)
    made.add_class(name)
    made.on_click(lambda _: pressed())
    return made


def markup(name: str) -> widgets.HTML:
    """Return a widget that shows HTML, empty at first."""
    made = widgets.HTML()
    made.add_class(name)
    return made


def box(name: str, *children: widgets.Widget) -> widgets.Box:
    """Return a box around other widgets."""
    made = widgets.Box(children)
    made.add_class(name)
    return made


def column(heading: str, content: widgets.Widget) -> widgets.Box:
    """Return a column of a card under its heading."""
    title = markup("wb-heading")
    title.value = f"<h4>{html.escape(heading)}</h4>"
    return box("wb-column", title, content)


def style() -> widgets.HTML:
    """Return the style sheet of cards, to be put into each of them."""
    made = widgets.HTML(f"<style>{_css()}</style>")
    made.add_class("wb-style")
    return made


@cache
def _css() -> str:
    return resources.files("helpers.lesson").joinpath("card.css").read_text("utf-8")
