"""The chart of "One disk, two nodes": how far each Pod comes."""

from __future__ import annotations

from helpers.charts.outcome import Outcome, OutcomeChart
from helpers.model import shared_volume
from helpers.model.shared_volume import AFTER, ATTACHED, FIRST, PENDING, SECOND, STAGES, WAITS
from helpers.model.timeline import Timeline

LABELS = {FIRST: "first", SECOND: "second", AFTER: "second, when<br>first is gone"}


class NetworkDiskChart(OutcomeChart):
    """A row a Pod: nowhere, placed and waiting, or with the disk."""

    legend = (
        ("measured", "how far the Pod came"),
        ("rule", "what the access mode lets one expect"),
        ("prediction", "your prediction for the second"),
    )
    thing = "Pod"
    columns = STAGES
    heads = ("Pending", "has a node,<br>waits for the disk", "its node<br>has the disk")

    def _outcomes_in(self, timeline: Timeline) -> list[Outcome]:
        came = shared_volume.stages(timeline)
        asked = timeline.value(source="session", object=shared_volume.CLAIM, field="manifest")
        mode = shared_volume.mode_of(asked) if isinstance(asked, dict) else ""
        rule = shared_volume.stages_expected(mode) if mode else {}
        what = f"Pod/{SECOND}"
        words = {
            WAITS: timeline.value(source="event", object=what, field="FailedAttachVolume"),
            PENDING: timeline.value(source="event", object=what, field="FailedScheduling"),
        }
        said = str(timeline.value(source="learner", field="prediction") or "")
        mine = None
        if said:
            mine = PENDING if "Pending" in said else WAITS if "waits" in said else ATTACHED
        return [
            Outcome(
                LABELS[name],
                rule.get(name),
                came[name],
                str(words.get(came[name]) or "") if name == SECOND else "",
                mine if name == SECOND else None,
            )
            for name in (FIRST, SECOND, AFTER)
            if name in came
        ]
