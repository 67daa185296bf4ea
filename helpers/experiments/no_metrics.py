"""kubectl top fails: four faults, and where each one shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, time
from typing import Annotated

from helpers.charts.faults import FaultsChart
from helpers.experiments import metrics_cluster
from helpers.forms.fields import integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Number
from helpers.model import metrics_server
from helpers.model.needs import Need
from helpers.model.timeline import Row, Timeline

FAULTS = 4
WITHIN = 45.0  # seconds for a fault to show, and for the server to come back


@dataclass(frozen=True)
class Broken:
    """The APIService of metrics-server, with the port of one's choice."""

    port: Annotated[int, integer("spec.service.port", low=1, high=65535)] = 10250


class KubectlTopFails(Experiment[Broken]):
    """Break metrics-server in four ways, and look where the book looks."""

    id = "kubectl-top-fails"
    title = "kubectl top fails"
    seconds = 50
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Broken
    script = Script(
        prediction=2.0,
        values={"port": 10250},
        misconceptions={"no numbers, so the server is down": 0.0, "the pod always looks fine": 4.0},
    )
    measured = (
        "<p>After each change <code>kubectl top nodes</code> is run until it fails; the condition "
        "<code>Available</code> of the APIService is watched, and the Deployment's available "
        "replicas, the server's log and its events are read while the fault lasts. Then the "
        "change is undone, until <code>kubectl top</code> works again.</p>"
    )

    def question(self) -> Number:
        """Ask for a number of faults."""
        return Number(
            "Four faults: the APIService has a wrong port; the Service has a wrong selector; the "
            "Deployment has 0 replicas; the kubelets' certificates are checked. <code>kubectl "
            "top</code> fails each time. In how many does the Deployment still say <b>1 "
            "available</b>?",
            0, FAULTS, "faults", start=0,
        )  # fmt: skip

    def check(self, values: Broken) -> Mapping[str, str]:
        """Refuse the right port."""
        if values.port == metrics_server.SERVICE_PORT:
            return {"port": f"spec.service.port: {values.port} is right; choose a wrong one."}
        return {}

    def build(self, values: Broken, place: Place) -> Manifest:
        """Return the first change: some fields of an object that is not the lesson's own."""
        del place
        return metrics_server.wrong_port(values.port)

    async def run(self, bench: Bench, values: Broken) -> None:
        """Make one fault after the other; wait until it shows, look around, put it back."""
        bench.progress("Is all well before?", 0.0)
        await bench.call(bench.recorder.watch, "APIService")
        await bench.call(_until, bench, True, "kubectl top to work at first")
        server = await bench.call(metrics_cluster.deployment, bench)
        faults: list[tuple[str, Manifest]] = [
            ("wrong port", metrics_server.wrong_port(values.port)),
            ("wrong selector", metrics_server.wrong_selector("nobody")),
            ("no replica", metrics_server.no_replica()),
            ("certificates checked", metrics_server.certificates_checked(server)),
        ]
        for number, (name, manifest) in enumerate(faults):
            bench.progress(f"{name}: waiting until kubectl top fails", 0.05 + 0.2 * number)
            bench.timeline.append(Row(time(), "session", f"Fault/{name}", "begin", manifest))
            await bench.change(manifest)
            await bench.wait(_unavailable, WITHIN, "the APIService to be unavailable")
            await bench.call(_until, bench, False, f"kubectl top to fail ({name})")
            if name == "certificates checked":
                await bench.call(_look, bench)
            await bench.call(metrics_cluster.deployment, bench)
            bench.timeline.append(Row(time(), "session", f"Fault/{name}", "end", True))
            # A server that is scaled to zero need not come back only to be stopped again.
            if name != "no replica":
                bench.progress(f"{name}: put back", 0.15 + 0.2 * number)
                await bench.put_back()
                await bench.wait(_available, WITHIN, "the APIService to be available again")
                await bench.call(_until, bench, True, "kubectl top to work again")
        bench.progress("All is as it was", 1.0)

    def chart(self, timeline: Timeline) -> FaultsChart:
        """Return the chart of answers over time."""
        return FaultsChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return in how many of the four faults the Deployment had an available replica."""
        found = [metrics_server.available(timeline, f) for f in metrics_server.faults(timeline)]
        if len(found) < FAULTS or None in found:
            return None
        return sum(bool(replicas) for replicas in found)

    def difference(self, timeline: Timeline) -> str:
        """Say in which faults the Deployment looked healthy."""
        said = timeline.value(source="learner", field="prediction")
        faults = metrics_server.faults(timeline)
        fine = [f.name for f in faults if metrics_server.available(timeline, f)]
        names = f" ({' and '.join(fine)})" if fine else ""
        return (
            f"<b>In {len(fine)} of the four faults the Deployment said 1 available{names}; you "
            f"said {said:g}.</b> There the server is healthy and nobody reaches it: only the "
            "APIService tells, so the book looks there third."
            "<p>Next: take another port. Is there one that does no harm?</p>"
        )


_STATUS = "status.conditions.Available.status"


def _is(status: str) -> Callable[[Timeline], bool]:
    def condition(timeline: Timeline) -> bool:
        found = timeline.value(source="watch", object=metrics_server.API, field=_STATUS)
        return found == status

    return condition


_available, _unavailable = _is("True"), _is("False")


def _until(bench: Bench, wanted: bool, what: str) -> None:
    """Run `kubectl top nodes` until it succeeds, or until it fails."""
    until = monotonic() + WITHIN
    while not bench.cancelled.is_set():
        if metrics_cluster.note_top(bench, "nodes") is wanted:
            return
        if monotonic() > until:
            raise Trouble(
                "metrics-server did not do as it should",
                f"Waited {WITHIN:g} s for {what}.",
                "`workbook reset` puts it back in order; then run this again.",
            )
        bench.cancelled.wait(0.5)


def _look(bench: Bench) -> None:
    """Read log and events of the server until both tell."""
    until = monotonic() + WITHIN
    while not bench.cancelled.is_set() and monotonic() < until:
        metrics_cluster.note_log(bench)
        log = bench.timeline.last(source="session", field="log")
        probe = bench.timeline.last(source="event", field="Unhealthy")
        if log and "x509" in str(log.value) and probe and "500" in str(probe.value):
            return
        bench.cancelled.wait(0.5)
