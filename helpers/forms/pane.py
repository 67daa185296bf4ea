"""The manifest beside the form: what is sent, whole, with the changed lines marked.

That is YAML for Kubernetes, and for AWS the name of the command and its parameters as JSON.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

import ipywidgets as widgets

from helpers.model import aws
from helpers.model.manifests import to_yaml
from helpers.model.timeline import Value

KEY = re.compile(r"^(\s*(?:- )*)([\w./\"'-]+:)(?=\s|$)(.*)$")


class ManifestPane:
    """Shows a manifest as text; while a field is wrong, it says that nothing is sent."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._changed: frozenset[int] = frozenset()
        self._noun = "Manifest"
        self.widget = widgets.HTML()
        self.widget.add_class("wb-manifest")

    @property
    def title(self) -> str:
        """What stands here, as a heading."""
        return f"{self._noun}, as sent"

    @property
    def text(self) -> str:
        """The text shown last."""
        return "\n".join(self._lines)

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines that the last edit changed."""
        return tuple(self._lines[i] for i in sorted(self._changed))

    def show(self, *manifests: Mapping[str, Value]) -> None:
        """Show these manifests and mark what differs from what was shown before."""
        for_aws = any(aws.is_request(manifest) for manifest in manifests)
        self._noun = "Request" if for_aws else "Manifest"
        text = _texts(manifests)
        lines = text.rstrip().split("\n")
        if self._lines and lines != self._lines:
            self._changed = changed_lines(self._lines, lines)
        self._lines = lines
        self.widget.value = self._render()

    def hold(self, labels: Sequence[str]) -> None:
        """Say that nothing is sent until these fields are mended; the last text stays, faded."""
        fields = " and ".join(f"<b>{html.escape(label)}</b>" for label in labels)
        note = f'<p class="wb-held">Nothing is sent until {fields or "the form"} is mended.</p>'
        self.widget.value = note + self._render("wb-faded")

    def _render(self, extra: str = "") -> str:
        rows = "".join(
            f'<span class="{self._line_class(i)}">{colour(line)}\n</span>'
            for i, line in enumerate(self._lines)
        )
        return (
            f'<pre class="wb-yaml {extra}" tabindex="0" role="region" '
            f'aria-label="{self.title}">{rows}</pre>'
        )

    def _line_class(self, index: int) -> str:
        return "wb-line wb-changed" if index in self._changed else "wb-line"


def _texts(sent: Sequence[Mapping[str, Value]]) -> str:
    """Return requests as JSON, each with the CLI's name for it, and then the manifests as YAML."""
    requests = [one for one in sent if aws.is_request(one)]
    manifests = [dict(one) for one in sent if not aws.is_request(one)]
    parts = [
        f"# {aws.command(str(one['request']))}\n"
        + json.dumps(one["parameters"], indent=2, ensure_ascii=False)
        for one in requests
    ]
    return "\n\n".join([*parts, to_yaml(*manifests)] if manifests else parts)


def changed_lines(before: Sequence[str], after: Sequence[str]) -> frozenset[int]:
    """Return the indices of the lines in after that are not in before."""
    marked: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            marked |= set(range(start, end))
    return frozenset(marked)


def colour(line: str) -> str:
    """Return one line of YAML or JSON as HTML, its key coloured."""
    found = KEY.match(line)
    if not found:
        return html.escape(line)
    indent, key, rest = found.groups()
    return f'{html.escape(indent)}<span class="wb-key">{html.escape(key)}</span>{html.escape(rest)}'
