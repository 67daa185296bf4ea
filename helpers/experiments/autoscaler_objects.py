"""The Cluster Autoscaler's own objects: what today's server takes, and what they then allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.autoscaler_objects import ObjectsChart
from helpers.forms.fields import choice, quantity, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import cluster_autoscaler
from helpers.model.cluster_autoscaler import EXPANDERS, NAME, PRINTED, QUESTIONS
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value

REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
ROLE = "arn:aws:iam::123456789012:role/EKSClusterAutoscaler"
_PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True)
class Settings:
    """What one sets for one's own cluster."""

    cluster: Annotated[
        str, text("cluster name", help="It ends the tag by which Auto Scaling groups are found.")
    ] = "workbook"
    region: Annotated[str, text("AWS_REGION", help="Where the Auto Scaling groups are.")] = (
        "us-east-1"
    )
    expander: Annotated[
        str, choice("--expander", *EXPANDERS, help="Which of the groups that would do grows.")
    ] = "least-waste"
    skip_local: Annotated[
        str,
        choice(
            "--skip-nodes-with-local-storage", "false", "true",
            help="Whether a pod with an emptyDir keeps its node.",
        ),
    ] = "false"  # fmt: skip
    memory: Annotated[
        str, quantity("memory", help="Request and limit: upstream's example has 600Mi.")
    ] = "600Mi"


class ObjectsOfTheAutoscaler(Experiment[Settings]):
    """How many of the book's six objects the server takes as printed, and what its roles allow."""

    id = "objects-of-the-autoscaler"
    title = "The autoscaler's own objects"
    seconds = 5
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Settings
    script = Script(
        prediction=1.0,
        values={
            "cluster": "workbook",
            "region": "us-east-1",
            "expander": "least-waste",
            "skip_local": "false",
            "memory": "600Mi",
        },
        misconceptions={
            "a manifest that worked once works for ever": 6.0,
            "only the Deployment's version has gone": 5.0,
        },
    )
    measured = (
        "<p>Each object is shown to the API server with dry-run, twice: in the API version that "
        "the book prints, and in today's. Then the ServiceAccount, the roles and their bindings "
        "are made, in the lesson's namespace instead of kube-system, and beside them a "
        "ServiceAccount that has the book's rules. What each may do is asked of the authorizer, by "
        "a SubjectAccessReview a question.</p>"
        "<p>The Deployment is not made: its image cannot be had here.</p>"
    )

    def question(self) -> Number:
        """Ask how many are taken. The slider does not begin at the answer."""
        return Number(
            "ServiceAccount, ClusterRole, ClusterRoleBinding, Role, RoleBinding and Deployment: "
            "the book's six objects, from 2018. They are sent in the API versions that the book "
            "prints. How many of the six does this server take?",
            0, 6, "objects",
        )  # fmt: skip

    def check(self, values: Settings) -> Mapping[str, str]:
        """Refuse what the server would refuse, and names that would break a tag."""
        found = {}
        for field, label in (("cluster", "cluster name"), ("region", "AWS_REGION")):
            if not set(getattr(values, field)) <= _PLAIN:
                found[field] = f"{label}: use letters, digits, '-' and '_' only."
        if Quantity.parse(values.memory).amount < 0:
            found["memory"] = "memory: must be greater than or equal to 0."
        return found

    def build(self, values: Settings, place: Place) -> list[Manifest]:
        """Return the six objects for today's version."""
        at: dict[str, Any] = {"namespace": place.namespace, "lesson": place.lesson}
        return [
            cluster_autoscaler.account(**at, role=ROLE),
            *cluster_autoscaler.roles(**at),
            cluster_autoscaler.deployment(
                **at,
                cluster=values.cluster,
                region=values.region,
                expander=values.expander,
                skip_local=values.skip_local,
                memory=values.memory,
            ),
        ]

    async def run(self, bench: Bench, values: Settings) -> None:
        """Show all objects to the server, make the roles, and ask what they allow."""
        objects = self.build(values, bench.place)
        at: dict[str, Any] = {
            "namespace": bench.place.namespace,
            "lesson": bench.place.lesson,
        }
        bench.progress("Showing the six objects to the server", 0.1)
        for manifest in objects:
            await bench.call(_show, bench, cluster_autoscaler.printed(manifest), manifest, True)
        for manifest in objects:
            await bench.call(_show, bench, manifest, manifest, False)
        bench.progress("Making the roles", 0.4)
        book = cluster_autoscaler.printed_account()
        for manifest in [
            *objects[:-1],
            cluster_autoscaler.account(**at, name=book),
            *cluster_autoscaler.roles(**at, name=book, rules=PRINTED),
        ]:
            await bench.apply(manifest)
        # Only now: a Pod is refused as long as its ServiceAccount does not exist.
        pod = cluster_autoscaler.template_pod(objects[-1], **at)
        await bench.call(_show, bench, pod, pod, False)
        bench.progress("Asking what they allow", 0.7)
        for name in (book, NAME):
            await bench.call(_ask, bench, name)
        bench.progress("All is asked", 1.0)

    def chart(self, timeline: Timeline) -> ObjectsChart:
        """Return the chart of objects and permissions, as printed and today."""
        return ObjectsChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many of the six objects the server took as printed."""
        found = [s.accepted for s in cluster_autoscaler.shown(timeline) if s.as_printed]
        return sum(found) if len(found) == len(cluster_autoscaler.KINDS) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many were taken, what the server said, and what the book's rules lack."""
        said = timeline.value(source="learner", field="prediction")
        shown = cluster_autoscaler.shown(timeline)
        printed = [s for s in shown if s.as_printed]
        taken = [s for s in printed if s.accepted]
        verdict = "as you said" if said == self.outcome(timeline) else f"you said {said:g}"
        refused = next((s.message for s in printed if not s.accepted), "")
        lacking = [
            question.told
            for question, allowed in cluster_autoscaler.answers(timeline, NAME).items()
            if allowed
            and not cluster_autoscaler.answers(timeline, cluster_autoscaler.printed_account()).get(
                question
            )
        ]
        words = f" Of the others the server says: <q>{refused}</q>." if refused else ""
        return (
            f"<b>{len(taken)} of six; {verdict}.</b>{words} With the version set right all are "
            "taken, and yet the book's rules are not enough for today's autoscaler: they do not "
            f"allow {', '.join(lacking) or 'less than today’s'}."
            "<p>Next: which quality of service class has the pod, and by which field would it "
            "change?</p>"
        )


def _show(bench: Bench, sent: Manifest, object: Manifest, printed: bool) -> None:
    """Show an object to the server, and note its answer; to be run in a thread."""
    from helpers.kube.errors import Refused

    what = f"{object['kind']}/{NAME}"
    accepted, message = True, ""
    stored: dict[str, Value] = {}
    try:
        found = bench.session.dry_run(sent)
        kept = {"qosClass": (found.get("status") or {}).get("qosClass")}
        stored = {"apiVersion": sent["apiVersion"], "spec": found.get("spec") or {}, **kept}
    except Refused as refused:
        accepted, message = False, refused.message
    value: dict[str, Value] = {
        "printed": printed,
        "accepted": accepted,
        "message": message,
        "stored": stored,
    }
    bench.timeline.append(Row(time(), "session", what, "shown", value))


def _ask(bench: Bench, name: str) -> None:
    """Ask the authorizer each question for a ServiceAccount; to be run in a thread."""
    namespace = bench.session.namespace
    for asked in QUESTIONS:
        resource, _, subresource = asked.resource.partition("/")
        attributes = {
            "namespace": namespace,
            "verb": asked.verb,
            "group": asked.group,
            "resource": resource,
            "subresource": subresource,
            "name": asked.name,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": f"system:serviceaccount:{namespace}:{name}",
                "resourceAttributes": attributes,
            },
        }
        answer = bench.session.api.call("POST", REVIEWS, body=body, what="SubjectAccessReview")[0]
        value: dict[str, Value] = {
            "verb": asked.verb,
            "group": asked.group,
            "resource": asked.resource,
            "name": asked.name,
            "allowed": answer["status"].get("allowed", False),
        }
        bench.timeline.append(Row(time(), "session", f"ServiceAccount/{name}", "may", value))
