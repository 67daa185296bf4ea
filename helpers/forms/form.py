"""A form made from a typed spec; it knows the values, what is wrong with them, and the manifest.

Everything here works without a browser: ``form.set(limit="250m")`` does what typing does.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Generic, TypeVar

import ipywidgets as widgets

from helpers.forms.fields import SERVER, Entry, Field, FieldError, fields_of, refused
from helpers.forms.pane import ManifestPane
from helpers.model import aws
from helpers.model.manifests import Manifest
from helpers.model.resources import refusals
from helpers.model.timeline import Value

T = TypeVar("T")


class Form(Generic[T]):
    """The fields of a spec, live errors beside them, and the manifest they make.

    spec is a frozen dataclass whose fields are annotated (see ``helpers.forms.fields``); build
    turns one into the whole manifest, or several.  check may add errors that concern several
    fields, by name.
    """

    def __init__(
        self,
        spec: type[T],
        build: Callable[[T], Manifest | list[Manifest]],
        *,
        check: Callable[[T], Mapping[str, str]] | None = None,
    ) -> None:
        self.spec = spec
        self.fields: dict[str, Field] = fields_of(spec)
        self._build = build
        self._check = check
        self._observers: list[Callable[[], None]] = []
        self._errors: dict[str, str] = {}
        self._values: T | None = None
        self._manifests: list[Manifest] = []
        self._quiet = False
        self.inputs: dict[str, widgets.Text | widgets.Dropdown] = {}
        self.hints: dict[str, widgets.HTML] = {}
        self.pane = ManifestPane()
        self.widget: widgets.Widget = self._draw()
        self._read()

    @property
    def values(self) -> T:
        """The spec as it stands; raises FieldError while a field is wrong."""
        if self._values is None:
            raise FieldError(next(iter(self._errors.values())))
        return self._values

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by the spec's field names; empty when all is well."""
        return dict(self._errors)

    @property
    def manifests(self) -> list[Manifest]:
        """What would be sent, whole and in its order; empty while a field is wrong."""
        return list(self._manifests)

    @property
    def title(self) -> str:
        """The kinds of what is sent, or AWS's names of the requests: the first two of them."""
        kinds = dict.fromkeys(
            str(one["request"]).partition(":")[2] if aws.is_request(one) else str(one["kind"])
            for one in self._manifests
        )
        return " and ".join(list(kinds)[:2])

    @property
    def manifest(self) -> Manifest | None:
        """The first of what would be sent; None while a field is wrong."""
        return self._manifests[0] if self._manifests else None

    def set(self, **values: Entry) -> None:
        """Fill in fields by the spec's names, as typing would; TypeError for one unknown."""
        for name in values:
            if name not in self.fields:
                near = get_close_matches(name, self.fields, n=1)
                also = f" Did you mean {near[0]!r}?" if near else ""
                raise TypeError(f"this form has no field {name!r}.{also}")
        self._quiet = True
        try:
            for name, value in values.items():
                self.inputs[name].value = "" if value is None else str(value)
        finally:
            self._quiet = False
        self._read()

    def observe(self, callback: Callable[[], None]) -> None:
        """Call back after each change of a value, right or wrong."""
        self._observers.append(callback)

    def enable(self, on: bool) -> None:
        """Let the fields be edited, or not, as during a run."""
        for box in self.inputs.values():
            box.disabled = not on

    def _draw(self) -> widgets.Widget:
        rows = []
        defaults = {f.name: f.default for f in dataclasses.fields(self.spec)}  # type: ignore[arg-type]
        for name, field in self.fields.items():
            start = defaults[name]
            value = "" if start in (None, dataclasses.MISSING) else str(start)
            if field.kind == "choice":
                box = widgets.Dropdown(
                    options=field.options, value=value or field.options[0], description=field.label
                )
            else:
                box = widgets.Text(value=value, description=field.label, continuous_update=True)
            box.observe(self._typed, names="value")
            hint = widgets.HTML()
            hint.add_class("wb-hint")
            about = widgets.HTML(_about(field))
            about.add_class("wb-help")
            row = widgets.VBox([box, hint, about])
            row.add_class("wb-field")
            self.inputs[name], self.hints[name] = box, hint
            rows.append(row)
        form = widgets.VBox(rows)
        form.add_class("wb-form")
        return form

    def _typed(self, _change: object) -> None:
        if not self._quiet:
            self._read()

    def _read(self) -> None:
        """Read every field, find what is wrong, make the manifest, and tell who listens."""
        entries: dict[str, Entry] = {}
        errors: dict[str, str] = {}
        for name, field in self.fields.items():
            try:
                entries[name] = field.parse(self.inputs[name].value)
            except FieldError as wrong:
                errors[name] = str(wrong)
        errors |= _refusals(self.fields, entries)
        values = None if errors else self.spec(**entries)
        if values is not None and self._check is not None:
            errors |= self._check(values)
        self._errors = errors
        self._values = None if errors else values
        built = [] if self._values is None else self._build(self._values)
        self._manifests = built if isinstance(built, list) else [built]
        self._show(entries)
        for callback in self._observers:
            callback()

    def _show(self, entries: Mapping[str, Entry]) -> None:
        if self._errors:
            self.pane.hold([self.fields[name].label for name in self._errors])
        else:
            self.pane.show(*self._manifests)
        for name, field in self.fields.items():
            wrong = self._errors.get(name)
            hint = self.hints[name]
            if wrong:
                hint.value = _wrong(wrong)
            else:
                hint.value = html.escape(field.hint(entries[name]))


def _about(field: Field) -> str:
    return f"<p><b>{html.escape(field.label)}</b> {html.escape(field.help)}</p>"


def _wrong(message: str) -> str:
    """Return an error as HTML; what the server would say comes after what to do, and smaller."""
    ours, server, theirs = html.escape(message).partition(SERVER)
    small = f"<small>{server.strip()} {theirs}</small>" if server else ""
    return f'<span class="wb-wrong" role="alert">{ours}{small}</span>'


def _refusals(fields: Mapping[str, Field], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return what the server would refuse in the resources: the fields limits.x and requests.x."""
    names: dict[str, str] = {}
    block: dict[str, dict[str, Value]] = {"limits": {}, "requests": {}}
    for name, entry in entries.items():
        label = fields[name].label
        kind, _, resource = label.partition(".")
        if kind in block and entry is not None:
            block[kind][resource], names[label] = entry, name
    return {
        names[label]: refused(label, str(entries[names[label]]), refusal)
        for label, refusal in refusals(block).items()
    }
