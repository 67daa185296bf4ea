"""A node is lost: when a StatefulSet's Pod and a Deployment's Pod are made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.lost_node import LostNodeChart
from helpers.experiments import sets
from helpers.forms.fields import integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Choice
from helpers.model import lost_node, set_run, statefulset, volumes
from helpers.model.lost_node import AT_ONCE, BACK, NEVER, SPARE
from helpers.model.needs import Need
from helpers.model.statefulset import NAME
from helpers.model.timeline import Timeline

LOST_WITHIN = 45.0  # seconds until a silent node counts as lost
DELETED_WITHIN = 40.0  # seconds, the toleration included
BACK_WITHIN = 60.0  # seconds until a node that goes on is ready


@dataclass(frozen=True)
class Lost:
    """How long the Pods stay on a node that does not answer."""

    tolerate: Annotated[
        int,
        integer(
            "tolerationSeconds", low=1, high=15, help="The server's own choice is 300: 5 minutes."
        ),
    ] = 2


class NodeIsLost(Experiment[Lost]):
    """Pause the node of a set's Pod and of a Deployment's, see who is replaced, let it go on."""

    id = "a-node-is-lost"
    title = "A node is lost"
    seconds = 40
    needs = frozenset({Need.NODES, Need.FLAGS})
    spec = Lost
    script = Script(
        prediction=BACK,
        misconceptions={"a set heals like a Deployment": AT_ONCE, "its pod waits as it is": NEVER},
    )
    measured = (
        "<p>A set of one pod and a Deployment of one pod stand on the same worker, without claims: "
        "no volume ties them to it. The workbook pauses that worker (every process of it stops), "
        "and lets it go on once the Deployment's pod has been replaced. A dot is the moment in "
        "which the API server knew.</p>"
        f"<p>A node that does not answer counts as lost after {lost_node.GRACE:g} s here; "
        f"Kubernetes' own value is {lost_node.STOCK:g} s. A kubelet renews its Lease every "
        f"{lost_node.RENEWED:g} s, so the blue line is a span and not a point.</p>"
    )

    def question(self) -> Choice:
        """Ask when the set's Pod is replaced."""
        return Choice(self.ask(Lost()), lost_node.OPTIONS)

    def ask(self, values: Lost) -> str:
        """Put the question for this toleration."""
        return (
            f"<code>{NAME}-0</code> runs on a node that suddenly does not answer. Its pods may "
            f"stay <b>{values.tolerate} s</b> on a lost node, and no volume ties them to it. When "
            f"is a new <code>{NAME}-0</code> made?"
        )

    def build(self, values: Lost, place: Place) -> list[Manifest]:
        """Return the set and the Deployment beside it."""
        one = statefulset.stateful_set(
            namespace=place.namespace,
            lesson=place.lesson,
            replicas=1,
            policy=statefulset.ORDERED,
            claims=False,
            tolerate=values.tolerate,
        )
        spec: Any = statefulset.server_spec(
            volumes.empty_dir(statefulset.TEMPLATE), tolerate=values.tolerate
        )
        spec["affinity"] = lost_node.beside(NAME)
        other = volumes.deployment(
            namespace=place.namespace, lesson=place.lesson, name=SPARE, spec=spec
        )
        return [one, other]

    async def run(self, bench: Bench, values: Lost) -> None:
        """Start both, pause their node, wait for what is replaced, and let the node go on."""
        mine, other = self.build(values, bench.place)
        bench.progress("A pod of each on the same node", 0.0)
        await bench.call(bench.recorder.watch, "Node")
        await sets.apply(bench, mine)
        await sets.ready(bench, f"{NAME}-", 1)
        await sets.apply(bench, other)
        await sets.ready(bench, f"{SPARE}-", 1)
        node = lost_node.node_of(bench.timeline, f"{NAME}-")
        if node is None or node != lost_node.node_of(bench.timeline, f"{SPARE}-"):
            raise Trouble(
                "The pods are on two nodes",
                "The scheduler found no room for the second one beside the first.",
                "Close what else runs on the cluster, and run this again.",
            )
        bench.progress(f"{node} is paused: waiting until it counts as lost", 0.1)
        await bench.pause(node)
        await bench.wait(lost(node, True), LOST_WITHIN, f"Node/{node} to count as lost")
        bench.progress("Lost. Waiting until its pods are deleted", 0.5)
        for prefix in (f"{NAME}-", f"{SPARE}-"):
            await bench.wait(_deleted(prefix), DELETED_WITHIN, f"{prefix}* to be deleted")
        await sets.ready(bench, f"{SPARE}-", 1)
        bench.progress("The node goes on", 0.7)
        await bench.put_back()
        await bench.wait(lost(node, False), BACK_WITHIN, f"Node/{node} to be ready again")
        await sets.ready(bench, f"{NAME}-", 1)
        bench.progress("The node is back", 1.0)

    def chart(self, timeline: Timeline) -> LostNodeChart:
        """Return the chart of what happened when."""
        return LostNodeChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return when the watch saw the set's next Pod, against the node's return.

        None while the old one is told to go, and no next one has been made.
        """
        story = lost_node.story(timeline)
        return None if story.deleted is not None and story.next is None else story.answer

    def difference(self, timeline: Timeline) -> str:
        """Say when the set's Pod was made anew, and what the Deployment did."""
        said = str(timeline.value(source="learner", field="prediction"))
        story = lost_node.story(timeline)
        answer = self.outcome(timeline)
        if answer is None:
            return f"<b>The run did not come to the end.</b> You said: {said}."
        right = "as you said" if said == answer else f"you said: {said}"
        words = f"<b>{answer[0].upper()}{answer[1:]}; {right}.</b> "
        if answer == BACK:
            words += (
                "A silent kubelet may still run the pod. Two pods of one name would be two writers "
                "of one volume, so the set waits until the old one is known to be gone. "
            )
        if story.spare is not None and story.deleted is not None:
            words += (
                "The Deployment's pod has no name to keep: its successor was made "
                f"{max(story.spare - story.deleted, 0):.0f} s after the deletion, elsewhere."
            )
        return (
            f"{words}<p>Next: with <code>tolerationSeconds: 15</code>, which dots move, and which "
            "stay?</p>"
        )


def lost(node: str, lost: bool) -> Callable[[Timeline], bool]:
    """Return a condition: the node counts as lost, or is ready again."""

    def condition(timeline: Timeline) -> bool:
        ready = timeline.value(source="watch", object=f"Node/{node}", field=lost_node.NODE_READY)
        return (ready != "True") is lost

    return condition


def _deleted(prefix: str) -> Callable[[Timeline], bool]:
    def condition(timeline: Timeline) -> bool:
        return set_run.lives(timeline, prefix)[0].going is not None

    return condition
