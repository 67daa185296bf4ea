"""What experiments do that show a Pod to the API server without making it."""

from __future__ import annotations

from time import time

from helpers.lesson.experiment import Bench, Manifest
from helpers.model.timeline import Row, Value
from helpers.model.trials import Trial


def dry_run(bench: Bench, manifest: Manifest) -> None:
    """Let the server judge a Pod, and note what it said and would store; to be run in a thread.

    Of what it would store, the containers' resources and the class are kept: the rest would only
    fill pages.
    """
    from helpers.kube.errors import Refused

    what = f"{manifest['kind']}/{manifest['metadata']['name']}"
    warned = len(bench.timeline.where(source="session", object=what, field="warning"))
    stored: dict[str, Value] | None = None
    place = message = ""
    try:
        pod = bench.session.dry_run(manifest)
        kept = [
            {k: c[k] for k in ("name", "resources") if k in c} for c in pod["spec"]["containers"]
        ]
        status: dict[str, Value] = {"qosClass": pod["status"]["qosClass"]}
        stored = {"kind": "Pod", "spec": {"containers": kept}, "status": status}
    except Refused as refused:
        place, message = refused.field, refused.message
    warnings = bench.timeline.where(source="session", object=what, field="warning")[warned:]
    trial = Trial(manifest, stored, place, message, [str(row.value) for row in warnings])
    bench.timeline.append(Row(time(), "session", what, "trial", trial.row))
