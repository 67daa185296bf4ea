"""The chart of "A Pod names an image": how each Pod came out at first."""

from __future__ import annotations

from helpers.charts.chart import predicted_words
from helpers.charts.outcome import Outcome, OutcomeChart
from helpers.model.image_pulls import ABOUT, OUTCOMES, OWN, SHORT, seen
from helpers.model.images import short
from helpers.model.timeline import Timeline, Value


class PullChart(OutcomeChart):
    """A line a Pod, a column an outcome."""

    legend = (
        ("measured", "how the Pod came out at first"),
        ("rule", "the rule of name, policy and login"),
        ("prediction", "your prediction"),
    )
    thing = "pod"
    columns = OUTCOMES
    heads = tuple(SHORT[name] for name in OUTCOMES)
    rows = len(ABOUT)
    margin = 190
    beside = 0.2

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._seen:
            return "Nothing is measured yet."
        told = "; ".join(
            f"{ABOUT[pod.name]}: {SHORT.get(pod.first, 'not known yet')}" for pod in self._seen
        )
        said = f" You predicted: {SHORT[self._said]}." if self._said else ""
        return f"Pods: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod: what it names, how it came out, and the node's words."""
        return [
            {
                "pod": pod.name,
                "image": pod.image.partition("/")[2],
                "pull secret": "yes" if pod.secret else "no",
                "by the rule": SHORT[pod.rule],
                "at first": SHORT.get(pod.first, ""),
                "at last": SHORT.get(pod.last, ""),
                "digest": short(pod.digest),
                "the node's words": pod.words[-160:],
            }
            for pod in self._seen
        ]

    def _outcomes_in(self, timeline: Timeline) -> list[Outcome]:
        self._seen = seen(timeline)
        said = predicted_words(timeline)
        self._said = said if said in SHORT else ""
        return [
            Outcome(
                _about(pod.name),
                pod.rule,
                pod.first or None,
                f"{pod.name}: {SHORT[pod.first]}" if pod.first else "",
                self._said if pod.name == OWN else None,
            )
            for pod in self._seen
        ]


def _about(name: str) -> str:
    """Say in two lines what is told of a Pod."""
    head, comma, rest = ABOUT[name].rpartition(", on ")
    return f"{head}<br>on {rest}" if comma else ABOUT[name]
