"""A misconception in words, with the way to the experiment that tells it from the rule."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from helpers.forms.fields import Field
from helpers.model.misconceptions import MISCONCEPTIONS, PLACES, Misconception


def told_apart(name: str, card: str = "", fields: Mapping[str, Field] | None = None) -> str:
    """Return one line of HTML: the idea, and what tells it from the rule; "" for an unknown one.

    `card` is the id of the card in which it is shown, and `fields` are those of its form.
    """
    known = MISCONCEPTIONS.get(name)
    if known is None:
        return ""
    way = _here(known, fields or {}) if known.card == card else there(known)
    return f"You may think that {html.escape(known.idea)}; {way}"


def there(known: Misconception, base: str = "../") -> str:
    """Name the card that tells the idea from the rule, with a link to its notebook.

    `base` leads from the notebook that shows it to the folder of the chapters. Within a widget
    JupyterLab does not follow links by itself, so it opens in a tab of the browser's own.
    """
    place = PLACES[known.card]
    words = place.notebook.removesuffix(".ipynb")
    tab = ' target="_blank" rel="noopener"' if base else ""
    return (
        f"the card “{html.escape(place.title)}” in "
        f'<a class="wb-link" href="{base}{place.notebook}"{tab}>{words}</a> tells this from the '
        "rule."
    )


def _here(known: Misconception, fields: Mapping[str, Field]) -> str:
    if known.look:
        return f"{html.escape(known.look)}."
    changes = " and ".join(_change(fields[field], value) for field, value in known.change.items())
    return f"{changes} here and predict again: that tells it from the rule."


def _change(field: Field, value: Any) -> str:
    label = f"<b>{html.escape(field.label)}</b>"
    return f"leave {label} empty" if value is None else f"set {label} to {html.escape(str(value))}"
