"""The claim of the template. A real one has the id of its entry in docs/ledger.yaml."""

from __future__ import annotations

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model.quantity import Quantity
from helpers.model.resources import asked
from helpers.model.timeline import Timeline

POD = "Pod/quiet"
STORED = "spec.containers.quiet.resources.requests.memory"


@claim("template-01")
def a_limit_alone_is_a_request(timeline: Timeline) -> Verdict:
    """Check that a pod that names only a limit is stored with a request of the same amount.

    Rows: source "session", object "Pod/quiet", field "manifest"; source "watch", the same object,
    field "spec.containers.quiet.resources.requests.memory".
    """
    sent = asked(timeline, POD)
    if sent is None or "memory" in sent.requests or not (expected := sent.request("memory")):
        return cannot_tell("pod that names a memory limit and no request")
    if timeline.last(source="watch", object=POD, field="exists") is None:
        return cannot_tell("sight of the pod as it was stored")
    stored = timeline.value(source="watch", object=POD, field=STORED)
    held = isinstance(stored, str) and Quantity.parse(stored) == expected
    return Verdict(
        held,
        "Where only a limit is named, the API server copies it into the request."
        if held
        else "The request is not the limit, though nothing else was named.",
        f"a request of {expected}",
        f"a request of {stored}" if stored else "no request",
    )
