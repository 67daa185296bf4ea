"""Two autoscalers on metrics of one's own: requests a second of each Pod, and a queue's length."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.metered import MeteredChart, Panel
from helpers.experiments import adapter, scaling
from helpers.experiments.queue import Queue, forward
from helpers.forms.fields import SERVER, Entry, integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import autoscaling, hpa, hpa_metrics, metered
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial

RATE = 18.0
"""Requests a second, all Pods together."""
LOAD_SECONDS = 60.0
MOST = 10
PERIOD = 12
"""Seconds of the policy. Not a multiple of the 5 s between two syncs: then it would be chance
whether a change still counts in the third sync after it."""
OTHER, OTHERS = "other", 3
"""Another queue, which nobody scales by, and its messages."""
READER = "reader"
LIMITS: dict[str, str | None] = {"cpu": "100m", "memory": "32Mi"}
WITHIN = 60.0
LONGEST = 60
"""Seconds of a window for which the card waits."""
PANELS = (
    Panel("fib", 0, "Requests a second, a Pod", "", 1e3),
    Panel("worker", 0, "Messages in the queue", "", 1e3, total=metered.LENGTH, predicted=True),
)


@dataclass(frozen=True)
class Metered:
    """What the two autoscalers are told, and how many messages come."""

    rate: Annotated[
        int,
        integer(
            "requests a Pod",
            low=1,
            high=100,
            help="averageValue of fib's own metric: requests a second a Pod.",
        ),
    ] = 5
    each: Annotated[
        int,
        integer(
            "messages a worker",
            low=1,
            high=100,
            help="averageValue of the queue's length: messages a worker.",
        ),
    ] = 5
    step: Annotated[
        int,
        integer(
            f"Pods in {PERIOD} s",
            low=1,
            high=MOST,
            help="A policy of behavior.scaleUp: how many workers may be added in 12 seconds.",
        ),
    ] = 3
    up: Annotated[
        int,
        integer(
            "scaleUp: window, seconds",
            low=0,
            high=3600,
            help="stabilizationWindowSeconds of scaleUp: workers are added once so many were "
            "asked for all this time.",
        ),
    ] = 0
    down: Annotated[
        int,
        integer(
            "scaleDown: window, seconds",
            low=0,
            high=3600,
            help="stabilizationWindowSeconds of scaleDown: workers go once nobody has asked for "
            "them all this time.",
        ),
    ] = 0
    above: Annotated[
        str | None,
        quantity(
            "scaleUp.tolerance",
            optional=True,
            help="How far above the target nothing is added. Empty: 0.1, a tenth.",
            explain=functools.partial(_tolerated, "above"),
        ),
    ] = None
    below: Annotated[
        str | None,
        quantity(
            "scaleDown.tolerance",
            optional=True,
            help="How far below the target nothing is removed. Empty: 0.1, a tenth.",
            explain=functools.partial(_tolerated, "below"),
        ),
    ] = None
    messages: Annotated[
        int, integer("messages", low=1, high=60, help="How many messages are sent at once.")
    ] = 30


class OwnMetrics(Experiment[Metered]):
    """fib under a load that keeps its own pace, and workers for a queue, beside each other.

    A teaching adapter serves both numbers. The workers do nothing: the messages are taken away in
    the end, so that the rule can be seen without them.
    """

    id = "metrics-of-your-own"
    title = "Metrics of your own"
    seconds = 45
    needs = frozenset({Need.FLAGS, Need.WHOLE_CLUSTER})
    spec = Metered
    script = Script(
        prediction=6.0,
        values={
            "rate": 5,
            "each": 5,
            "step": 3,
            "up": 0,
            "down": 0,
            "above": None,
            "below": None,
            "messages": 30,
        },
        misconceptions={
            "their CPU is idle, so one is enough": 1.0,
            "as many as are allowed, for the queue is long": 10.0,
            "three, for no more may be added": 3.0,
        },
    )
    measured = (
        "<p><b>The adapter is a small one of ours, made for this lesson</b>; in the field it is "
        "the Prometheus adapter or KEDA. It asks each Pod of fib for its counter once a second, "
        "and SQS for the length of the queue whenever it is asked itself. <b>SQS is moto</b>, a "
        "stand-in for AWS, in the adapter's Pod.</p>"
        "<p>Left: the orange dots are the average in the autoscaler's own status. Right: they are "
        "the queue's length, as the API serves it. The blue lines are the targets and a twin of "
        "the controller. This cluster syncs every 5 s (stock 15 s).</p>"
    )

    def question(self) -> Number:
        """Ask for the most workers."""
        return Number(self.ask(Metered()), 0, MOST, "workers", start=0)

    def ask(self, values: Metered) -> str:
        """Put the question for these values."""
        return (
            f"A queue gets <b>{values.messages} messages</b> at once. The workers use no CPU to "
            f"speak of. Their autoscaler wants <b>{values.each}</b> messages a worker, may have "
            f"0 to {MOST} workers, and may add {values.step} in {PERIOD} s. "
            "How many workers will there be at most?"
        )

    def check(self, values: Metered) -> Mapping[str, str]:
        """Refuse what the server would refuse, and what would take too long to watch.

        Upstream: K pkg/apis/autoscaling/validation/validation.go, validateScalingRules
        and ValidateNonnegativeQuantity.
        """
        wrong = {}
        wanted = min(MOST, -(-values.messages // values.each))
        if wanted > 3 * values.step:
            wrong["step"] = (
                f"{values.messages} messages ask for {wanted} workers: with "
                f"{values.step} in {PERIOD} s that takes longer than this card waits. Take more."
            )
        for name, way, window, tolerance in (
            ("up", "scaleUp", values.up, values.above),
            ("down", "scaleDown", values.down, values.below),
        ):
            if window > LONGEST:
                wrong[name] = (
                    f"{way}.stabilizationWindowSeconds: the server takes up to 3600, this card "
                    f"waits no longer than {LONGEST}."
                )
            if tolerance is not None and Quantity.parse(tolerance).amount < 0:
                which = "above" if way == "scaleUp" else "below"
                wrong[which] = (
                    f"{way}.tolerance: {tolerance} is below 0. Type 0 for none, or 0.1 for a "
                    f"tenth.{SERVER}must be greater than or equal to 0."
                )
        return wrong

    def build(self, values: Metered, place: Place) -> list[Manifest]:
        """Return both autoscalers."""
        policy: Manifest = {"type": "Pods", "value": values.step, "periodSeconds": PERIOD}
        behavior: Manifest = {
            "scaleUp": {
                "policies": [policy],
                # 0 is what the server fills in.
                **({"stabilizationWindowSeconds": values.up} if values.up else {}),
                **({} if values.above is None else {"tolerance": values.above}),
            },
            "scaleDown": {
                "stabilizationWindowSeconds": values.down,
                **({} if values.below is None else {"tolerance": values.below}),
            },
        }
        length = metered.external(metered.LENGTH, {"queue": metered.QUEUE}, str(values.each))
        return [
            metered.autoscaler(
                **_at(place),
                name="fib",
                metrics=[metered.of_pods(metered.RATE, str(values.rate))],
                most=MOST,
            ),
            metered.autoscaler(
                **_at(place),
                name="worker",
                metrics=[length],
                least=0,
                most=MOST,
                behavior=behavior,
            ),
        ]

    async def run(self, bench: Bench, values: Metered) -> None:
        """Start the adapter, fib and the workers; load them, and take the load away."""
        bench.progress("Starting the adapter")
        await scaling.follow(bench)
        await bench.call(adapter.note_served, bench)
        await adapter.start(bench)
        for manifest in (
            autoscaling.deployment(**_at(bench.place), limits=LIMITS),
            autoscaling.service(**_at(bench.place)),
            metered.workers(**_at(bench.place)),
        ):
            await bench.apply(manifest)
        await adapter.ready(bench)
        load = metered.paced_load(**_at(bench.place), rate=RATE, seconds=LOAD_SECONDS)
        await bench.apply(load)
        with await bench.call(forward, bench) as sqs:
            queue = await bench.call(Queue, bench, sqs.url, metered.QUEUE)
            await self._follow(bench)
            bench.progress("The queue is empty", 0.2)
            for manifest in self.build(values, bench.place):
                await bench.apply(manifest)
            await bench.wait(_gone, WITHIN + values.down, "the workers to go")
            await bench.call(adapter.note_served, bench)
            bench.progress(f"{values.messages} messages come", 0.4)
            await bench.call(queue.send, values.messages)
            enough = functools.partial(_enough, values=values)
            most = WITHIN + 3 * PERIOD + values.up
            await bench.wait(enough, most, "workers enough for the queue")
            spread = functools.partial(_spread, most=1.1 * values.rate)
            await bench.wait(spread, WITHIN, "fib's requests to be spread over enough Pods")
            bench.progress("Who may read what", 0.7)
            other = await bench.call(Queue, bench, sqs.url, OTHER)
            await bench.call(other.send, OTHERS)
            await self._rights(bench)
            bench.progress("The queue is emptied", 0.8)
            await bench.call(queue.purge)
            await bench.wait(_gone, WITHIN + values.down, "the workers to go again")
        bench.progress(f"{_peak(bench.timeline)} workers at most", 1.0)

    async def _follow(self, bench: Bench) -> None:
        from helpers.kube import metrics

        session = bench.session
        of_pods = functools.partial(metrics.custom, session, metered.RATE, "app=fib")
        length = functools.partial(
            metrics.external, session, metered.LENGTH, f"queue={metered.QUEUE}"
        )
        bench.recorder.follow("metrics", metered.RATE, of_pods, scaling.READ_EVERY)
        bench.recorder.follow("metrics", metered.LENGTH, length, scaling.READ_EVERY)

    async def _rights(self, bench: Bench) -> None:
        """Give a user two rights in this namespace, and note what they amount to."""
        for name, resource, group in (
            (f"{READER}-custom", f"pods/{metered.RATE}", "custom.metrics.k8s.io"),
            (f"{READER}-external", metered.LENGTH, "external.metrics.k8s.io"),
        ):
            for manifest in metered.reader(name, resource, group, user=READER, **_at(bench.place)):
                await bench.apply(manifest)
        await bench.call(_note_rights, bench)
        await bench.call(_note_refusal, bench)

    def chart(self, timeline: Timeline) -> MeteredChart:
        """Return the chart of both autoscalers over time."""
        return MeteredChart(timeline, PANELS)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return the most workers from the messages until the queue was emptied."""
        emptied = timeline.where(source="aws", object="sqs:PurgeQueue", field="answer")
        return _peak(timeline) if emptied else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many workers there were, why, and what fib's own metric did."""
        said = timeline.value(source="learner", field="prediction")
        values = timeline.value(source="learner", field="values")
        assert isinstance(values, dict)
        peak = _peak(timeline)
        verdict = "as you said" if said == self.outcome(timeline) else f"you said {said:g}"
        steps = [f"{round.desired}" for round in hpa_metrics.changes(timeline, "worker")]
        went = f" It went to {', '.join(steps)}." if steps else ""
        fib = [round for round in hpa_metrics.rounds(timeline, "fib") if round.told[0]]
        shared = (
            f" fib went from {fib[0].current} to {fib[-1].desired} Pods, and each then answered "
            f"{(fib[-1].told[0] or 0) / 1000:.1f} requests a second: what is shared falls when "
            "there are more to share it."
            if fib
            else ""
        )
        return (
            f"<b>{peak} worker{'' if peak == 1 else 's'} at most; {verdict}.</b> "
            f"{values['messages']} messages at {values['each']} a worker.{went}{shared}"
            "<p>Next: what changes if only 2 may be added in 12 s, and what if they are 10?</p>"
        )


def _at(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _replicas(timeline: Timeline, name: str) -> int:
    value = timeline.value(source="watch", object=f"Deployment/{name}", field="spec.replicas")
    return value if isinstance(value, int) else 0


def _gone(timeline: Timeline) -> bool:
    return (
        _replicas(timeline, "worker") == 0
        and scaling.status(timeline, "worker", "conditions.ScaledToZero.status") == "True"
    )


def _enough(timeline: Timeline, *, values: Metered) -> bool:
    """Tell whether nobody asks for more workers than there are, or there are as many as may be."""
    workers = _replicas(timeline, "worker")
    given = (_share(values.below), _share(values.above))
    asked = hpa_metrics.external(workers, values.each, values.messages, tolerances=given)
    return asked <= workers or workers == MOST


def _share(tolerance: str | None) -> float:
    return hpa.TOLERANCE if tolerance is None else Quantity.parse(tolerance).cores


def _tolerated(way: str, value: Entry) -> str:
    share = 100 * _share(value if isinstance(value, str) else None)
    return f"nothing changes up to {share:g} % {way} the target"


def _spread(timeline: Timeline, *, most: float) -> bool:
    """Tell whether fib's Pods answer no more each than they should, under load."""
    text = scaling.status(timeline, "fib", "currentMetrics.Pods.pods.current.averageValue")
    if not isinstance(text, str):
        return False
    each = hpa_metrics.milli(text) / 1000
    total = RATE * 0.8
    return each <= most and each * len(scaling.pods_of(timeline, "fib")) >= total


def _peak(timeline: Timeline) -> int:
    sent = [row.time for row in timeline.where(source="aws", object="sqs:SendMessageBatch")]
    rows = timeline.where(source="watch", object="Deployment/worker", field="spec.replicas")
    after = [row.value for row in rows if sent and row.time >= sent[0]]
    return max((value for value in after if isinstance(value, int)), default=0)


def _note_rights(bench: Bench) -> None:
    """Note what the user may read where, and what the adapter gives whoever may.

    Rows: source "session", object "User/reader", field "may" ({group, resource, namespace,
    allowed}); source "metrics", object "Queue/<name>", field "read in" ({namespace, length}).
    """
    from helpers.kube import metrics

    here = bench.session.namespace
    asked = (
        ("custom.metrics.k8s.io", "pods", metered.RATE),
        ("external.metrics.k8s.io", metered.LENGTH, ""),
    )
    for group, resource, subresource in asked:
        for namespace in (here, "default"):
            attributes = {
                "group": group,
                "resource": resource,
                "subresource": subresource,
                "namespace": namespace,
                "verb": "get" if subresource else "list",
                "name": "*" if subresource else "",
            }
            body = {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": {"user": READER, "resourceAttributes": attributes},
            }
            path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
            answer, _ = bench.session.api.call("POST", path, body=body, what=f"User/{READER}")
            allowed: dict[str, Value] = {
                "group": group,
                "resource": subresource or resource,
                "namespace": "here" if namespace == here else namespace,
                "allowed": bool(answer["status"]["allowed"]),
            }
            row = Row(time(), "session", f"User/{READER}", "may", allowed)
            bench.timeline.append(row)
    for queue in (metered.QUEUE, OTHER):
        for namespace in (here, "default"):
            found = metrics.external(bench.session, metered.LENGTH, f"queue={queue}", namespace)
            seen: dict[str, Value] = {
                "namespace": "here" if namespace == here else namespace,
                "length": found.get(f"External/{metered.LENGTH}"),
            }
            bench.timeline.append(Row(time(), "metrics", f"Queue/{queue}", "read in", seen))


def _note_refusal(bench: Bench) -> None:
    """Ask the server whether an autoscaler on CPU alone may have no Pods, and note its answer."""
    from helpers.kube.errors import Refused

    manifest = metered.autoscaler(
        **_at(bench.place), name="idle", metrics=[metered.cpu(60)], least=0
    )
    try:
        answer = bench.session.dry_run(manifest)
        trial = Trial(manifest, {"spec": answer["spec"]}, "", "", [])
    except Refused as refused:
        trial = Trial(manifest, None, refused.field, refused.message, [])
    object = "HorizontalPodAutoscaler/idle"
    bench.timeline.append(Row(time(), "session", object, "trial", trial.row))
