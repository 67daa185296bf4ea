"""Fields of a form: what a typed spec says about each of its values.

A spec is a frozen dataclass.  Each of its fields is annotated with a ``Field``:

    @dataclass(frozen=True)
    class Burn:
        limit: Annotated[str | None, quantity("limits.cpu", optional=True)] = "500m"
        threads: Annotated[int, integer("busy threads", low=1, high=8)] = 2

The label is the field's name in Kubernetes where it has one, so that what you read in the form
is what you find in the manifest.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Literal, get_type_hints

from helpers.forms import words
from helpers.model.quantity import Quantity, QuantityError

Kind = Literal["quantity", "integer", "choice", "text"]
Entry = str | int | None
"""What one field holds: text (quantities too), a whole number, or None when left empty."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: its label, its kind and the help beside it."""

    label: str
    kind: Kind
    help: str = ""
    optional: bool = False
    low: int | None = None
    high: int | None = None
    options: tuple[str, ...] = ()
    explain: Callable[[Entry], str] | None = None

    def parse(self, text: str) -> Entry:
        """Turn what was typed into the field's value; raises FieldError with what to do."""
        text = text.strip() if self.kind == "integer" else text
        if text == "":
            if self.optional:
                return None
            raise FieldError(f"{self.label} is empty: {self.wanted}.")
        if self.kind == "integer":
            return self._integer(text)
        if self.kind == "quantity":
            return self._quantity(text)
        if self.kind == "choice" and text not in self.options:
            raise FieldError(f"{self.label}: {text!r} is not one of {', '.join(self.options)}.")
        return text

    @property
    def wanted(self) -> str:
        """What the field takes, as an instruction."""
        if self.kind == "integer":
            return f"type a whole number {_range(self.low, self.high)}".rstrip()
        if self.kind == "quantity":
            return (
                "type a quantity such as 500m or 1"
                if "cpu" in self.label
                else ("type a quantity such as 64Mi")
            )
        if self.kind == "choice":
            return "choose one of " + ", ".join(self.options)
        return "type a value"

    def hint(self, value: Entry) -> str:
        """Say in one line what this value means; empty if there is nothing to say."""
        if self.explain is not None:
            return self.explain(value)
        if self.kind != "quantity" or isinstance(value, int):
            return ""
        return words.explain(self.label, value)

    def _integer(self, text: str) -> int:
        if not re.fullmatch(r"-?[0-9]+", text):
            raise FieldError(f"{self.label}: {text!r} is not a whole number; {self.wanted}.")
        number = int(text)
        if (self.low is not None and number < self.low) or (
            self.high is not None and number > self.high
        ):
            raise FieldError(f"{self.label}: {number} is out of range; {self.wanted}.")
        return number

    def _quantity(self, text: str) -> str:
        try:
            Quantity.parse(text)
        except QuantityError as refusal:
            raise FieldError(refused(self.label, text, refusal)) from None
        return text


SERVER = " The server says: "
"""Between what to do and the words in which the API server refuses it."""


def refused(label: str, text: str, refusal: QuantityError) -> str:
    """Say that this quantity would be refused, what to do, and then the server's own words."""
    return f"{label}: {text} would be refused. {refusal.hint}{SERVER}{refusal.message}."


class FieldError(ValueError):
    """A value that cannot be sent; the message names the field and says what to do."""


def quantity(
    label: str,
    *,
    help: str = "",
    optional: bool = False,
    explain: Callable[[Entry], str] | None = None,
) -> Field:
    """Describe a Kubernetes quantity such as 500m or 64Mi; label is its path: ``limits.cpu``.

    explain says in a line what a value means, where our own words for the label do not do.
    """
    return Field(label, "quantity", help or help_for(label), optional, explain=explain)


def integer(
    label: str, *, help: str = "", low: int | None = None, high: int | None = None
) -> Field:
    """Describe a whole number between low and high, both included."""
    return Field(label, "integer", help or help_for(label), low=low, high=high)


def choice(label: str, *options: str, help: str = "") -> Field:
    """Describe a choice of one among the options."""
    return Field(label, "choice", help or help_for(label), options=options)


def text(label: str, *, help: str = "", optional: bool = False) -> Field:
    """Describe free text, such as an image name."""
    return Field(label, "text", help or help_for(label), optional)


def fields_of(spec: type[object]) -> dict[str, Field]:
    """Read the fields of a spec, by the dataclass's names; raises TypeError if one has none."""
    if not dataclasses.is_dataclass(spec):
        raise TypeError(f"{spec.__name__} is not a dataclass")
    hints = get_type_hints(spec, include_extras=True)
    found: dict[str, Field] = {}
    for item in dataclasses.fields(spec):
        described = [
            m for m in getattr(hints[item.name], "__metadata__", ()) if isinstance(m, Field)
        ]
        if not described:
            raise TypeError(f"{spec.__name__}.{item.name} has no Field in its annotation")
        found[item.name] = described[0]
    return found


@cache
def _help() -> dict[str, str]:
    texts = json.loads(resources.files("helpers.forms").joinpath("help.json").read_text("utf-8"))
    return {str(label): str(line) for label, line in texts.items()}


def help_for(label: str) -> str:
    """Return our own short help for a label, or nothing if we have none."""
    return _help().get(label, "")


def _range(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"from {low} to {high}"
    if low is not None:
        return f"of at least {low}"
    return f"of at most {high}" if high is not None else ""
