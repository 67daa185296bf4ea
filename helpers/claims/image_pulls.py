"""Claims about images in Pods (ledger: ch10-inpods-*).

Rows that they read: what `helpers.model.image_pulls` names, and the pushes
(`helpers.model.images`).
"""

from __future__ import annotations

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import aws
from helpers.model.image_pulls import DIGEST, DOT, RIGHT, ROLE, RUNS, SHORT, STRANGER, Seen, seen
from helpers.model.images import pushes, ruled, short
from helpers.model.timeline import Timeline


def _of(timeline: Timeline, *names: str) -> list[Seen] | None:
    """Return these Pods, None where one is missing or has not come out."""
    found = {pod.name: pod for pod in seen(timeline) if pod.first}
    return [found[name] for name in names] if set(names) <= set(found) else None


@claim("ch10-inpods-01")
def the_node_may_be_the_one_who_is_let_in(timeline: Timeline) -> Verdict:
    """Check: without a secret, only the Pod on the node that is logged in runs.

    Rows: the manifests of "tag" (with a secret), "stranger" and "role" (without one), and how they
    came out; the expectation is the model's.
    """
    pods = _of(timeline, RIGHT, STRANGER, ROLE)
    if pods is None or pods[1].secret or pods[2].secret:
        return cannot_tell("Pods with a secret, without one, and on a node that is logged in")
    held = all(pod.first == pod.rule for pod in pods)
    return Verdict(
        held,
        "A node that is logged in pulls for every Pod, without a secret; on another node a Pod "
        "needs one."
        if held
        else "A login of the node, or a lack of one, did not decide.",
        ", ".join(f"{pod.name} {SHORT[pod.rule]}" for pod in pods),
        ", ".join(f"{pod.name} {SHORT[pod.first]}" for pod in pods),
    )


@claim("ch10-inpods-02")
def the_uri_leads_to_the_pushed_image(timeline: Timeline) -> Verdict:
    """Check: the Pods that name the URI with the tag, and with the digest, run what was pushed.

    Rows: the push, the manifests of "tag" and "digest", and their "imageID".
    """
    pods, done = _of(timeline, RIGHT, DIGEST), ruled(pushes(timeline))
    if pods is None or not done:
        return cannot_tell("Pods that name a pushed image by tag and by digest")
    wanted = done[0][1].digest
    held = all(pod.digest == wanted and pod.first == RUNS for pod in pods)
    held = held and all(pod.image.startswith(f"{aws.REGISTRY}/") for pod in pods)
    return Verdict(
        held,
        "The URI with the tag, and with the digest, leads to the image that was pushed."
        if held
        else "A Pod runs another image than was pushed, or does not run.",
        f"{short(wanted)} in both",
        ", ".join(f"{pod.name} {short(pod.digest) or SHORT[pod.first]}" for pod in pods),
    )


@claim("ch10-inpods-03")
def a_dot_is_part_of_the_tag(timeline: Timeline) -> Verdict:
    """Check: with the dot the Pod is made, and its image not found, until there is such a tag.

    Rows: the manifest of "dot", how it came out, and the registry's "put" of that tag.
    """
    pods = _of(timeline, DOT)
    if pods is None or not pods[0].image.endswith("."):
        return cannot_tell("Pod whose tag ends in a full stop")
    (pod,) = pods
    tag = pod.image.rpartition(":")[2]
    taken = timeline.value(source="registry", object=f"Tag/{tag}", field="put")
    expected = f"{SHORT[pod.rule]}, then the tag taken, then {SHORT[RUNS]}"
    then = "taken" if taken else "not taken"
    measured = f"{SHORT[pod.first]}, then the tag {then}, then {SHORT.get(pod.last, 'nothing')}"
    return compared(
        expected,
        measured,
        "The full stop belongs to the tag: nobody objects to it, and there is no such image until "
        "somebody pushes one.",
        "The tag with the full stop did not behave as a tag of its own.",
    )
