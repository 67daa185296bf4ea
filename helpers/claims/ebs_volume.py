"""Claims about the volumes of a cloud (ledger: ch09-ebs-*).

Rows that they read: what each names below.
"""

from __future__ import annotations

from itertools import pairwise

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import claim_run
from helpers.model.claim_run import DATA
from helpers.model.files import looks
from helpers.model.timeline import Timeline


@claim("ch09-ebs-06")
def each_start_adds_a_file(timeline: Timeline) -> Verdict:
    """Check that each Pod on the claim's volume adds one file to those of the Pods before it.

    Rows: the Deployment's manifest; the looks of its Pods; the watch's claim, which keeps its
    volume all the while.
    """
    volume = claim_run.volume_of(timeline, DATA)
    seen = [
        look
        for look in looks(timeline)
        if look.pod.startswith("randserver-") and look.moment != "another class"
    ]
    if volume is None or not claim_run.sent(timeline, "Deployment/randserver") or len(seen) < 2:
        return cannot_tell("run of Pods that replaced each other on one volume")
    counts = [len(look.files) for look in seen]
    kept = all(before.files.items() <= after.files.items() for before, after in pairwise(seen))
    expected = list(range(1, len(seen) + 1))
    held = counts == expected and kept
    return Verdict(
        held,
        "What earlier Pods wrote stays on the volume, and each new Pod adds its file."
        if held
        else "Files went with their Pods, or did not grow by one with each.",
        f"{expected} files, the earlier ones among them",
        f"{counts} files, the earlier ones {'' if kept else 'not '}among them",
    )
