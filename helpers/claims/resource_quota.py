"""Claims about ResourceQuotas (ledger: ch08-quota-*).

Rows that they read: what `helpers.model.quota_run` names, and *trials* (`helpers.model.trials`) of
objects shown to the server with dry-run while quotas stand.
"""

from __future__ import annotations

from fractions import Fraction

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import object_quotas, quota_run, random_pods
from helpers.model.quantity import Quantity
from helpers.model.quota_run import Step
from helpers.model.timeline import Timeline

NO_RUN = "run of a Deployment that was scaled under a quota"


def _grown(timeline: Timeline) -> tuple[Quantity, Quantity, list[Step]] | None:
    """Return the quota, each Pod's limit and the steps; None for a run of something else."""
    hard, done = quota_run.hard(timeline), quota_run.steps(timeline)
    limit = done[0].limit if done else None
    return (hard, limit, done) if hard is not None and limit else None


@claim("ch08-quota-01")
def the_total_is_capped(timeline: Timeline) -> Verdict:
    """Check that the quota's count never goes over what it allows, and reaches it step by step.

    Rows: the quota's manifest, the Deployment's manifest and scales, the watch's status of both.
    """
    if (grown := _grown(timeline)) is None:
        return cannot_tell(NO_RUN)
    hard, limit, done = grown
    expected = [min(s.asked, quota_run.fits(hard, limit)) * limit.amount for s in done]
    used = [s.used.amount if s.used else Fraction(0) for s in done]
    held = used == expected
    return Verdict(
        held,
        f"All pods of the namespace together have at most {hard} of CPU limits."
        if held
        else "The quota counts something else than the limits of the pods that fit.",
        ", ".join(f"{float(amount):g}" for amount in expected),
        ", ".join(f"{float(amount):g}" for amount in used),
    )


@claim("ch08-quota-02")
def admission_counts_objects_and_keeps_nothing(timeline: Timeline) -> Verdict:
    """Check that Services and Pods are counted, and that what goes over a quota is refused.

    Rows: what `helpers.model.object_quotas` names; source "session", field "count": how many
    Services there are after a second one was sent, and how many Pods after their quota was lowered.
    """
    seen, counted = object_quotas.answered(timeline), object_quotas.used(timeline)
    services = timeline.value(source="session", object="Service", field="count")
    pods = timeline.value(source="session", object="Pod", field="count")
    over = [one for one in seen if one.rule != object_quotas.NOBODY]
    if not over or not isinstance(services, int) or not isinstance(pods, int):
        return cannot_tell("objects of several kinds that were shown to a namespace with quotas")
    first = [counted["objects"]["count/services"].amount, counted["scratch"]["pods"].amount]
    wanted = 1 + (seen[0].rule == object_quotas.NOBODY)
    wrong = [one for one in seen if not one.agrees]
    held = not wrong and first == [1, 1] and services == wanted and pods == 1
    return Verdict(
        held,
        "Admission counts objects of all kinds, and refuses what goes over; what is there stays."
        if held
        else "A quota counted, or refused, otherwise than the rule.",
        f"{len(over)} of {len(seen)} refused by the quota of the rule; {wanted} Service(s), 1 Pod",
        f"{len(seen) - len(wrong)} of {len(seen)} as the rule says; {services} Service(s), "
        f"{pods} Pod(s)" + "".join(f"; {one.row}: {one.message or 'let in'}" for one in wrong),
    )


@claim("ch08-quota-03")
def the_quota_is_counted_from_nothing(timeline: Timeline) -> Verdict:
    """Check that the server keeps the quota as sent, and that its first count is 0.

    Rows: the quota's manifest, and the watch's "status.hard.limits.cpu" and "status.used...".
    """
    hard = quota_run.hard(timeline)
    what = quota_run.QUOTA
    kept = timeline.where(source="watch", object=what, field="status.hard.limits.cpu")
    used = timeline.where(source="watch", object=what, field=quota_run.USED)
    if hard is None or not kept or not used:
        return cannot_tell("ResourceQuota of limits.cpu that was counted")
    seen = f"Used {used[0].value} Hard {kept[0].value}"
    expected = f"Used 0 Hard {hard}"
    held = seen == expected
    words = "The quota begins empty." if held else "The quota does not begin as sent, and empty."
    return Verdict(held, words, expected, seen)


@claim("ch08-quota-04")
def every_container_must_name_it(timeline: Timeline) -> Verdict:
    """Check that under a quota every container must state what the quota names, and only that.

    Rows: the quota's manifest, and trials of Pods, one of which lacks a number, while one that the
    quota lets in says nothing of what the quota does not name.
    """
    shown = random_pods.answered(timeline)
    lacking = [one for one in shown if one.rule == random_pods.LACKS]
    let_in = [one for one in shown if one.rule == random_pods.LET_IN]
    if not lacking or not any("limits.memory" not in one.declares for one in let_in):
        return cannot_tell("trials of one Pod that lacks a number and one that is let in")
    wrong = [one for one in shown if not one.agrees]
    held = not wrong
    return Verdict(
        held,
        "Every container must state what the quota names; other resources it need not."
        if held
        else "The server judged one of the pods otherwise than the rule.",
        f"{len(lacking)} lack a number, such as {lacking[0].name}: {lacking[0].rule_says}; "
        f"{len(let_in)} of {len(shown)} let in",
        f"{len(shown) - len(wrong)} of {len(shown)} as the rule says"
        + "".join(f"; {one.name}: {one.message or 'let in'}" for one in wrong),
    )


@claim("ch08-quota-05")
def one_replica_takes_its_limit(timeline: Timeline) -> Verdict:
    """Check that the Deployment's one Pod runs, and the quota counts its limit.

    Rows: the Deployment's manifest (one replica), its status and the quota's.
    """
    if (grown := _grown(timeline)) is None or quota_run.fits(*grown[:2]) < 1:
        return cannot_tell("first replica that fits into the quota")
    _, limit, done = grown
    first = done[0]
    held = first.ready == first.asked and first.used == limit
    return Verdict(
        held,
        "One replica runs, and its CPU limit is used of the quota."
        if held
        else "The first replica does not run, or the quota counts something else.",
        f"1 ready, {limit} used",
        f"{first.ready} ready, {first.used} used",
    )


@claim("ch08-quota-06")
def what_fits_exactly_is_let_in(timeline: Timeline) -> Verdict:
    """Check that the quota can be used up to the last: equal is not over.

    Rows: as in ch08-quota-01, of a quota that is a multiple of each Pod's limit.
    """
    if (grown := _grown(timeline)) is None:
        return cannot_tell(NO_RUN)
    hard, limit, done = grown
    full = [s for s in done if s.asked * limit.amount == hard.amount]
    if not full:
        return cannot_tell("step that uses up the quota exactly")
    step = full[-1]
    held = step.ready == step.asked and step.used == hard
    return Verdict(
        held,
        f"{step.asked} replicas fit exactly." if held else "What fits exactly was not let in.",
        f"{step.asked} ready, {hard} used",
        f"{step.ready} ready, {step.used} used",
    )


@claim("ch08-quota-07")
def the_replicaset_tells_and_nothing_waits(timeline: Timeline) -> Verdict:
    """Check that the ReplicaSet reports the refusal, in the server's words, and no Pod is Pending.

    Rows: the event "FailedCreate" and its object; the rows "step" with the Pods that do not run;
    events "FailedScheduling".
    """
    if (grown := _grown(timeline)) is None:
        return cannot_tell(NO_RUN)
    hard, limit, done = grown
    fits = quota_run.fits(hard, limit)
    over = [s for s in done if s.asked > fits]
    if not over or over[-1].pending is None:
        return cannot_tell("step that goes over the quota")
    used = Quantity(hard.text, fits * limit.amount, hard.form)
    words = (
        f"exceeded quota: resource-quota, requested: limits.cpu={limit}, "
        f"used: limits.cpu={used}, limited: limits.cpu={hard}"
    )
    event = timeline.last(source="event", field="FailedCreate")
    scheduler = timeline.where(source="event", field="FailedScheduling")
    said = str(event.value).split(" is forbidden: ")[-1] if event else "no event"
    by = event.object.split("/")[0] if event else "nobody"
    held = said == words and by == "ReplicaSet" and not over[-1].pending and not scheduler
    return Verdict(
        held,
        "The ReplicaSet's controller is refused and says so; no pod waits for the scheduler."
        if held
        else "The missing replica is not told as the rule says.",
        f"ReplicaSet: {words}; 0 Pending",
        f"{by}: {said}; {over[-1].pending} Pending",
    )
