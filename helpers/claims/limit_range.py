"""Claims about LimitRanges (ledger: ch08-limitrange-*).

Rows that they read: the LimitRange's manifest, and *trials* (`helpers.model.trials`) of Pods shown
to the server with dry-run while it stands; for two of them what `helpers.model.bare_pods` names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import admission, bare_pods, limit_ranges, request_limit_grid
from helpers.model.admission import LimitRange
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources
from helpers.model.timeline import Timeline
from helpers.model.trials import Trial, trials

BOTH = ("cpu", "memory")
ANNOTATION = "kubernetes.io/limit-ranger"


Which = Callable[[Resources], bool]


def _tried(timeline: Timeline, which: Which) -> tuple[LimitRange, list[Trial]]:
    """Return the LimitRange and the trials of containers of one sort; none without a LimitRange."""
    limits = limit_ranges.sent(timeline)
    if limits is None:
        return LimitRange(), []
    found = [t for t in trials(timeline) if which(limit_ranges.container(t.sent))]
    return limits, found


def _told(answer: admission.Answer) -> str:
    if answer.stored is None:
        return f"refused: {'; '.join(answer.messages)}"
    return _amounts(next(iter(answer.stored.values())))


def _said(trial: Trial) -> str:
    if trial.stored is None:
        return f"refused: {trial.message}"
    return _amounts(limit_ranges.container(trial.stored))


def _amounts(of: Resources) -> str:
    told = [
        f"{kind} {', '.join(f'{name} {amount}' for name, amount in sorted(amounts.items()))}"
        for kind, amounts in (("requests", of.requests), ("limits", of.limits))
        if amounts
    ]
    return "; ".join(told) or "nothing"


def _judged(
    limits: LimitRange, found: Sequence[Trial], held_text: str, failed_text: str
) -> Verdict:
    """Judge each trial by the rules of admission."""
    answers = [(trial, limit_ranges.expected(trial, limits)) for trial in found]
    held = all(limit_ranges.agrees(trial, answer) for trial, answer in answers)
    return Verdict(
        held,
        held_text if held else failed_text,
        " | ".join(_told(answer) for _, answer in answers),
        " | ".join(_said(trial) for trial, _ in answers),
    )


@claim("ch08-limitrange-02")
def nothing_gets_both(timeline: Timeline) -> Verdict:
    """Check that a container that writes nothing gets requests and limits, and a note of that.

    Rows: trials of such containers; their annotation kubernetes.io/limit-ranger.
    """
    limits, found = _tried(timeline, lambda of: not of.requests and not of.limits)
    if not found or not limits.default or bare_pods.quota(timeline) is not None:
        return cannot_tell("container that writes nothing, under a LimitRange alone")
    told = _judged(
        limits,
        found,
        "Who writes nothing gets both, and the pod's annotation tells from whom.",
        "The container got something else than the LimitRange says.",
    )
    notes = [_note(trial) for trial in found]
    if told.held and not all("LimitRanger plugin set" in note for note in notes):
        return Verdict(False, "No annotation tells who filled in.", ANNOTATION, "; ".join(notes))
    return told


def _note(trial: Trial) -> str:
    metadata = (trial.stored or {}).get("metadata")
    notes = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return str(notes.get(ANNOTATION)) if isinstance(notes, Mapping) else "no annotation"


@claim("ch08-limitrange-03")
def a_request_gets_the_default_limit(timeline: Timeline) -> Verdict:
    """Check that a request alone is kept and gets the default limit, or is refused if above it.

    Rows: trials of containers with requests alone, one that fits below the default, one above it.
    """
    limits, found = _tried(timeline, lambda of: bool(of.requests) and not of.limits)
    fates = {limit_ranges.expected(trial, limits).stored is not None for trial in found}
    if fates != {True, False} or _bounded(limits):
        return cannot_tell("requests alone below and above the default limit")
    return _judged(
        limits,
        found,
        "A request without a limit gets the default limit; one above it makes the pod invalid.",
        "A request without a limit was judged otherwise than the rule.",
    )


def _bounded(limits: LimitRange) -> bool:
    return bool(limits.min or limits.max or limits.ratio)


@claim("ch08-limitrange-04")
def a_limit_is_its_own_request(timeline: Timeline) -> Verdict:
    """Check that a limit alone is the request too, resource by resource.

    Rows: trials of containers with limits alone; of one resource, and of both.
    """
    limits, found = _tried(timeline, lambda of: bool(of.limits) and not of.requests)
    numbers = {len(limit_ranges.container(trial.sent).limits) for trial in found}
    if not numbers >= {1, 2} or _bounded(limits):
        return cannot_tell("containers with a limit for one resource, and for both")
    told = _judged(
        limits,
        found,
        "A limit alone is the request too; only of what is not written come the defaults.",
        "A limit alone was completed otherwise than the rule.",
    )
    whole = [t for t in found if len(limit_ranges.container(t.sent).limits) == len(BOTH)]
    classes = {str(_class(trial)) for trial in whole if trial.stored is not None}
    if told.held and classes != {"Guaranteed"}:
        return Verdict(False, "Limits alone did not make the pod Guaranteed.", "Guaranteed",
                       ", ".join(classes) or "refused")  # fmt: skip
    return told


def _class(trial: Trial) -> object:
    status = (trial.stored or {}).get("status")
    return status.get("qosClass") if isinstance(status, Mapping) else None


@claim("ch08-limitrange-05")
def both_written_stay(timeline: Timeline) -> Verdict:
    """Check that a container that writes both is untouched, and refused only out of the bounds.

    Rows: trials of containers with request and limit, within the LimitRange's bounds and beyond.
    """
    limits = limit_ranges.sent(timeline)
    points = [
        point
        for point in request_limit_grid.points(timeline)
        if point.request is not None and point.limit is not None
    ]
    refused = [p for p in points if not p.rule and p.by == "LimitRanger"]
    within = [p for p in points if p.rule]
    if limits is None or not refused or not within:
        return cannot_tell("containers with both, within bounds and beyond them")
    wrong = [p for p in points if not p.agrees or (p.let_in and not p.untouched)]
    held = not wrong
    return Verdict(
        held,
        f"Who writes both is let in unchanged ({len(within)} pods), or refused by name: min, max "
        f"or ratio ({len(refused)} pods)."
        if held
        else "A container that writes both was changed, or judged otherwise than the rule.",
        f"{len(within)} unchanged, {len(points) - len(within)} refused in the rule's words",
        f"{len(points) - len(wrong)} of {len(points)} so"
        + "".join(f"; {p.request}m/{p.limit}m: {p.message or 'changed'}" for p in wrong[:2]),
    )


@claim("ch08-limitrange-06")
def the_range_is_kept_as_sent(timeline: Timeline) -> Verdict:
    """Check that the server keeps the LimitRange's four numbers as they were sent.

    Rows: the manifest, and the watch's "spec.limits.Container.<field>.<resource>".
    """
    limits = limit_ranges.sent(timeline)
    if limits is None or not all(
        name in amounts for name in BOTH for amounts in (limits.default, limits.default_request)
    ):
        return cannot_tell("LimitRange with defaults for CPU and memory")
    expected, seen = [], []
    for name in BOTH:
        fields = {"defaultRequest": limits.default_request, "default": limits.default}
        for field, amounts in fields.items():
            path = f"spec.limits.Container.{field}.{name}"
            rows = timeline.where(source="watch", object=limit_ranges.LIMIT_RANGE, field=path)
            expected.append(f"{field}.{name} {amounts[name]}")
            seen.append(f"{field}.{name} {rows[0].value}" if rows else "")
    if not all(seen):
        return cannot_tell("LimitRange that was watched")
    held = all(
        Quantity.parse(one.split()[-1]) == Quantity.parse(other.split()[-1])
        for one, other in zip(expected, seen, strict=True)
    )
    return Verdict(
        held,
        "The namespace has a LimitRange with these defaults."
        if held
        else "The server keeps other defaults than were sent.",
        ", ".join(expected),
        ", ".join(seen),
    )


@claim("ch08-limitrange-01")
def defaults_make_a_quota_bearable(timeline: Timeline) -> Verdict:
    """Check that what a quota refused for lack of a limit is let in with the LimitRange's.

    Rows: a quota, trials before and after the LimitRange, pods sent, and the quota's count.
    """
    limits, quota = limit_ranges.sent(timeline), bare_pods.quota(timeline)
    before, after = bare_pods.halves(timeline)
    done, fits = bare_pods.tries(timeline), bare_pods.fits(timeline)
    if limits is None or quota is None or not before or not after or not done or not fits:
        return cannot_tell("quota under which pods that write nothing were sent with defaults")
    words = admission.admit(admission.pod_of(before[-1].sent), None, [quota]).messages
    lacked = before[-1].stored is None and all(word in before[-1].message for word in words)
    each = limits.default["cpu"].amount
    made = [one for one in done if one.made]
    wanted = min(fits, len(done))
    counted = all(
        one.used is not None and one.used.amount == number * each
        for number, one in enumerate(made, 1)
    )
    filled = all(limit_ranges.agrees(t, limit_ranges.expected(t, limits)) for t in after)
    held = bool(words) and lacked and filled and counted and len(made) == wanted
    used = ", ".join(str(one.used) for one in made)
    return Verdict(
        held,
        "First LimitRanger fills in, then the quota counts: what was refused is let in, and costs "
        "the default."
        if held
        else "The pods that write nothing fared otherwise than the rule.",
        f"without the LimitRange: {'; '.join(words)}; with it {wanted} let in, "
        f"{limits.default['cpu']} each",
        f"without: {before[-1].message.split(' is forbidden: ')[-1] or 'let in'}; with it "
        f"{len(made)} let in, used {used or 'nothing'}",
    )


@claim("ch08-limitrange-07")
def kubectl_run_makes_a_pod_with_defaults(timeline: Timeline) -> Verdict:
    """Check that what `kubectl run` makes is a Pod without a Deployment, and holds the defaults.

    Rows: the Pod's manifest with its label "run", the watch's resources, the count of Deployments.
    """
    limits = limit_ranges.sent(timeline)
    count = timeline.value(source="session", object="Deployment", field="count")
    made = [one for one in bare_pods.tries(timeline) if one.made]
    if limits is None or not made or not isinstance(count, int):
        return cannot_tell("pod as kubectl run makes it, under a LimitRange")
    name = f"example-{made[0].number}"
    rule = admission.defaulted(Resources(), limits)
    expected, seen = [], []
    for kind in limit_ranges.KINDS:
        for resource, amount in sorted(limit_ranges.amounts(rule, kind).items()):
            path = f"spec.containers.{name}.resources.{kind}.{resource}"
            rows = timeline.where(source="watch", object=f"Pod/{name}", field=path)
            expected.append(f"{kind}.{resource} {amount.canonical}")
            seen.append(f"{kind}.{resource} {rows[0].value if rows else 'none'}")
    held = expected == seen and count == 0
    return Verdict(
        held,
        "A Pod, no Deployment, and the defaults were written into it when it was made."
        if held
        else "The pod lacks the defaults, or a Deployment made it.",
        f"{', '.join(expected)}; 0 Deployments",
        f"{', '.join(seen)}; {count} Deployments",
    )
