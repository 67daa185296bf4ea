"""A lab as you see it: Apply, Check, what was wanted and seen, and the hint that belongs to it."""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Mapping, Sequence

from helpers.lesson.browser import Frame, Questions
from helpers.lesson.elements import box, button, markup, style
from helpers.lesson.view import progress_html
from helpers.model.verdicts import Outcome, Question, Verdict, passed

_MARKS = {
    Outcome.PASSED: ("✓", "wb-passed"),
    Outcome.FAILED: ("✗", "wb-failed"),
    Outcome.COULD_NOT_RUN: ("–", "wb-not-run"),
}


class LabView:
    """What a lab shows; on_apply, on_check and on_cancel are called without arguments.

    Without `clustered`, the files are not sent anywhere: Check reads them.
    """

    def __init__(
        self,
        minutes: int,
        *,
        clustered: bool,
        on_apply: Callable[[], None],
        on_check: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self.apply = button("Apply", "wb-apply", on_apply)
        self.apply.tooltip = "Send all YAML in work/ to the cluster"
        self.check = button("Check", "wb-run", on_check)
        self.check.tooltip = (
            "Watch the cluster and judge what is there" if clustered else "Try your files"
        )
        self.cancel = button("Cancel", "wb-cancel", on_cancel)
        buttons = [*([self.apply] if clustered else []), self.check, self.cancel]
        self._progress = markup("wb-progress")
        self._status = markup("wb-status")
        self._replay = markup("wb-replay")
        self._notice = markup("wb-notice")
        heading = markup("wb-title")
        heading.value = f"<h3>Your work</h3><span>about {minutes} min</span>"
        self.widget = box(
            "wb-card",
            style(),
            Frame(label="Your work"),
            box("wb-header", heading, self._replay),
            box("wb-bar", *buttons, self._progress, self._status),
            box("wb-result", self._notice),
        )
        self._advice = (
            "Change your files and press Apply, or work with kubectl in a terminal of "
            "JupyterLab (File, New, Terminal). Check tells what is wanted and what was seen."
            if clustered
            else "Change your files and save them. Check tries them, and tells what is wanted "
            "and what was seen."
        )
        self.show_begun("Ready")

    def show_begun(self, text: str, *, notice: str = "") -> None:
        """Show an unchecked lab: how to work on it, or else a notice."""
        self.show_idle(text)
        self.show_notice(notice or self._advice)

    def show_idle(self, text: str) -> None:
        """Let the learner press Apply and Check; text says what was done last."""
        self._enter(working=False)
        self._show_bar(text, None)

    def show_working(self, text: str, fraction: float | None = None) -> None:
        """Show what goes on; fraction (0 to 1) is None while nobody can know it."""
        self._enter(working=True)
        self._show_bar(text, -1.0 if fraction is None else fraction)

    def show_checked(self, verdicts: Sequence[Verdict], hints: Sequence[str]) -> None:
        """Show what was wanted and seen of each fact, and the hints to what failed."""
        done = passed(verdicts)
        could_not = any(v.outcome is Outcome.COULD_NOT_RUN for v in verdicts)
        count = sum(v.outcome is Outcome.PASSED for v in verdicts)
        self.show_idle(
            "Everything holds"
            if done
            else "The check could not run"
            if could_not
            else f"{count} of {len(verdicts)} hold"
        )
        self._notice.value = verdicts_html(verdicts, hints)

    def show_error(self, title: str, message: str, hint: str = "") -> None:
        """Say what went wrong; message is what the server said, plain text."""
        self.show_idle("Stopped")
        said = f'<pre tabindex="0">{html.escape(message)}</pre>' if message else ""
        try_ = f"<p><b>What to try.</b> {html.escape(hint)}</p>" if hint else ""
        self._notice.value = (
            f'<div class="wb-error" role="alert"><h4>{html.escape(title)}</h4>{said}{try_}</div>'
        )

    def show_notice(self, text: str) -> None:
        """Show a sentence in the place of the verdicts."""
        self._notice.value = f"<p>{html.escape(text)}</p>"

    def show_replay(self, label: str) -> None:
        """Say that what is judged is a recording."""
        self._replay.value = f"<span>{html.escape(label)}</span>"

    def _enter(self, *, working: bool) -> None:
        self.apply.disabled = self.check.disabled = working
        self.cancel.layout.display = None if working else "none"

    def _show_bar(self, text: str, fraction: float | None) -> None:
        self._progress.value = "" if fraction is None else progress_html(fraction)
        self._status.value = f'<span role="status">{html.escape(text)}</span>'


class Reason:
    """The last question of a lab: why; each answer says why it is right or wrong."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.options = [question.right, *question.wrong]
        random.Random(question.ask).shuffle(self.options)  # the right one is not always the first
        self.widget = Questions(
            label="Why?",
            questions=[
                {
                    "ask": html.escape(question.ask),
                    "options": [html.escape(option) for option in self.options],
                }
            ],
            value=[-1],
            said=[""],
            marks=[""],
        )
        self.widget.observe(self._answered, names="value")

    def answer(self, option: str) -> bool:
        """Choose an option, and tell whether it is right. Raises ValueError for another."""
        self.widget.value = [self.options.index(option)]
        return option == self.question.right

    def _answered(self, change: Mapping[str, Sequence[int]]) -> None:
        option = self.options[change["new"][0]]
        if option == self.question.right:
            self.widget.said, self.widget.marks = ["<b>✓ That is it.</b>"], ["wb-right"]
        else:
            why = html.escape(self.question.wrong[option])
            self.widget.said, self.widget.marks = [f"<b>✗ No.</b> {why}"], ["wb-wrong"]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)


def verdicts_html(verdicts: Sequence[Verdict], hints: Sequence[str]) -> str:
    """Return verdicts as a table, wanted and seen side by side, and the hints below it."""
    rows = "".join(
        f'<tr><td class="{_MARKS[v.outcome][1]}" aria-label="{v.outcome}">'
        f"{_MARKS[v.outcome][0]}</td>"
        f"<td>{html.escape(v.fact)}</td><td>{html.escape(v.wanted)}</td>"
        f"<td>{html.escape(v.seen)}</td></tr>"
        for v in verdicts
    )
    said = "".join(f"<p><b>Look here.</b> {html.escape(hint)}</p>" for hint in hints)
    done = "<p><b>Everything holds.</b> Go on below.</p>" if passed(verdicts) else ""
    return (
        '<table class="wb-verdicts"><thead><tr><th scope="col"></th><th scope="col">fact</th>'
        f'<th scope="col">wanted</th><th scope="col">seen</th></tr></thead><tbody>{rows}</tbody>'
        f'</table><div role="status">{said}{done}</div>'
    )
