"""Claims about ResourceQuotas (ledger: ch08-quota-*).

Rows that they read: what `helpers.model.quota_run` names, and *trials* (`helpers.model.trials`) of
Pods shown to the server with dry-run while the quota stands.
"""

from __future__ import annotations

from fractions import Fraction

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import admission, quota_run
from helpers.model.quantity import Quantity
from helpers.model.quota_run import Step
from helpers.model.timeline import Timeline
from helpers.model.trials import trials

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
def admission_refuses_and_keeps_nothing(timeline: Timeline) -> Verdict:
    """Check that what goes over the quota is refused by admission and never exists.

    Rows: as in ch08-quota-07, and "step": how many Pods there are.
    """
    if (grown := _grown(timeline)) is None:
        return cannot_tell(NO_RUN)
    hard, limit, done = grown
    over = [s for s in done if s.asked > quota_run.fits(hard, limit) and s.pods is not None]
    if not over:
        return cannot_tell("step that goes over the quota")
    fits = quota_run.fits(hard, limit)
    held = all(s.pods == fits and s.refused for s in over)
    return Verdict(
        held,
        "What goes over the quota is refused, and does not exist."
        if held
        else "Pods exist that the quota does not allow, or nobody was refused.",
        f"{fits} pods, and a refusal",
        "; ".join(f"{s.pods} pods, {'a' if s.refused else 'no'} refusal" for s in over),
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
    """Check that under a quota a Pod must state what the quota names, and only that.

    Rows: the quota's manifest, and trials of one Pod without and one with that limit.
    """
    sent = timeline.value(source="session", object=quota_run.QUOTA, field="manifest")
    if not isinstance(sent, dict):
        return cannot_tell("ResourceQuota")
    quota, told = admission.Quota.parse(sent), []
    for trial in trials(timeline):
        pod = admission.pod_of(trial.sent)
        answer = admission.admit(pod, None, [quota])
        said = (
            "admitted" if trial.stored is not None else trial.message.split(" is forbidden: ")[-1]
        )
        told.append((answer.messages[0] if answer.messages else "admitted", said))
    if len({expected == "admitted" for expected, _ in told}) < 2:
        return cannot_tell("trials of one Pod that the quota refuses and one that it admits")
    held = all(expected == said for expected, said in told)
    return Verdict(
        held,
        "Under a quota a container must state what the quota names; other resources it need not."
        if held
        else "The server judged one of the pods otherwise than the rule.",
        "; ".join(expected for expected, _ in told),
        "; ".join(said for _, said in told),
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
