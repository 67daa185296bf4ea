"""Claims about one volume and many Pods (ledger: ch09-shared-*; own-ch09-update-*).

Rows: what `helpers.model.shared_volume` reads of a run.
"""

from __future__ import annotations

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import shared_volume
from helpers.model.shared_volume import ONCE, SECOND, WAITS
from helpers.model.timeline import Timeline


@claim("ch09-shared-01")
def replicas_on_one_node_share_the_volume(timeline: Timeline) -> Verdict:
    """Check that all replicas of a Deployment that name one ReadWriteOnce claim share its files.

    Rows: the manifests of claim and Deployment; the rows "step"; source "exec", of each Pod that
    runs, "files" (each Pod had made one that is called like itself) and "checksum".
    """
    sent, done = shared_volume.sent(timeline), shared_volume.steps(timeline)
    if sent is None or not done or sent.mode != ONCE or sent.apart:
        return cannot_tell("Deployment that grows with one ReadWriteOnce claim, placed freely")
    last, seen = done[-1], shared_volume.files(timeline)
    if last.asked < 2 or (last.running and not seen):
        return cannot_tell("second replica that was let look at the volume")
    sums = {str(row.value) for row in timeline.where(source="exec", field="checksum")}
    names = set(seen)
    shared = sum(names <= set(files) for files in seen.values())
    rule = shared_volume.runs(sent.mode, last.asked, apart=sent.apart)
    expected = f"{rule} run on 1 node; {rule} of {rule} see all files; 1 checksum"
    measured = (
        f"{last.running} run on {len(last.nodes)} node{'s' if len(last.nodes) != 1 else ''}; "
        f"{shared} of {last.running} see all files; {len(sums)} checksum"
        f"{'s' if len(sums) != 1 else ''}"
    )
    return compared(
        expected,
        measured,
        "The replicas run on one node and share the volume.",
        "The replicas do not all share the volume on one node.",
    )


@claim("ch09-shared-02")
def on_another_node_the_second_waits_for_the_disk(timeline: Timeline) -> Verdict:
    """Check that a Pod on another node is placed, and waits for a disk that is attached elsewhere.

    Rows: the claim's manifest; the rows "stage"; the events "FailedAttachVolume" and
    "SuccessfulAttachVolume"; the watch's waiting reason of the second Pod's container.
    """
    asked = timeline.value(source="session", object=shared_volume.CLAIM, field="manifest")
    mode = shared_volume.mode_of(asked) if isinstance(asked, dict) else ""
    came = shared_volume.stages(timeline)
    if mode != ONCE or SECOND not in came:
        return cannot_tell("second Pod that needs a ReadWriteOnce disk on another node")
    what = f"Pod/{SECOND}"
    words = str(timeline.value(source="event", object=what, field="FailedAttachVolume") or "")
    field = "status.containerStatuses.randserver.state.waiting.reason"
    reason = timeline.value(source="watch", object=what, field=field)
    wanted = "ContainerCreating: Volume is already used by pod(s) first"
    _, found, rest = words.partition("Volume is already used")
    told = f"{reason}: {found}{rest}" if found else f"{reason}: {words or 'no event'}"
    held = came[SECOND] == WAITS and told == wanted
    return Verdict(
        held,
        "The second Pod has a node, and waits there for the disk that the first node has."
        if held
        else "The second Pod does not wait for the first one's disk.",
        wanted,
        told,
    )


@claim("own-ch09-update-01")
def an_update_follows_mode_and_strategy(timeline: Timeline) -> Verdict:
    """Check what an update of one replica does, by the claim's access mode and the strategy.

    Rows: the manifests of claim and Deployment; when each version's container ran; the
    Deployment's condition Progressing.
    """
    sent, seen = shared_volume.sent(timeline), shared_volume.update_seen(timeline)
    if sent is None or seen is None:
        return cannot_tell("update of a Deployment with a claim that has ended, or was given up")
    expected = shared_volume.update_expected(sent.mode, sent.strategy)
    held = expected == seen
    words = {
        shared_volume.HANGS: "The new Pod waits for the volume that the old one holds, and the old "
        "one is kept until the new one is ready.",
        shared_volume.GAP: "The old Pod goes before the new one comes: for a moment none runs.",
        shared_volume.BOTH: "The new Pod runs before the old one goes: for a moment both run.",
    }
    return Verdict(
        held,
        words[seen] if held else "The update did something else than mode and strategy say.",
        f"{sent.mode}, {sent.strategy}: {expected}",
        seen,
    )
