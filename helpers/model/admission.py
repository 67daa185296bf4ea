"""What admission makes of a Pod: defaults and bounds of a LimitRange, then the quota's sum.

The API server goes in this order, and so does `admit`: decoding (a limit alone is a request too),
LimitRanger's defaults, validation of the Pod, LimitRanger's bounds, ResourceQuota.  A Pod is taken
as its containers, each a name and its `Resources`; amounts are quantities, never floats.

Upstream: K plugin/pkg/admission/limitranger/admission.go; K pkg/quota/v1/evaluator/core/pods.go;
k8s.io/apiserver pkg/admission/plugin/resourcequota/controller.go, CheckRequest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from helpers.model.manifests import containers
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources
from helpers.model.timeline import Value

Amounts: TypeAlias = Mapping[str, Quantity]
Containers: TypeAlias = Mapping[str, Resources]

MUST_BE_NAMED = {"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"}
"""What every container must state once a quota counts it (pods.go, validationSet)."""


@dataclass(frozen=True, slots=True)
class LimitRange:
    """The item of type Container of a LimitRange, by resource name ("cpu", "memory")."""

    default: Amounts = field(default_factory=dict)
    default_request: Amounts = field(default_factory=dict)
    min: Amounts = field(default_factory=dict)
    max: Amounts = field(default_factory=dict)
    ratio: Amounts = field(default_factory=dict)

    @classmethod
    def parse(cls, manifest: Mapping[str, Value]) -> LimitRange:
        """Read the manifest of a LimitRange with one item, as the server completes it.

        A maximum is the default limit where none is given, the default limit the default request,
        and the minimum the default request where there is still none.
        Upstream: K pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem.
        """
        item = _first(_at(manifest, "spec", "limits"))
        least, most = _amounts(item.get("min")), _amounts(item.get("max"))
        default = {**most, **_amounts(item.get("default"))}
        request = {**least, **default, **_amounts(item.get("defaultRequest"))}
        return cls(default, request, least, most, _amounts(item.get("maxLimitRequestRatio")))


@dataclass(frozen=True, slots=True)
class Quota:
    """A ResourceQuota: its name, what it allows, and what is used of that."""

    name: str
    hard: Amounts
    used: Amounts = field(default_factory=dict)

    @classmethod
    def parse(cls, manifest: Mapping[str, Value], used: Amounts | None = None) -> Quota:
        """Read the manifest of a ResourceQuota; `used` is what its status counts."""
        name, hard = _at(manifest, "metadata", "name"), _at(manifest, "spec", "hard")
        return cls(str(name), _amounts(hard), used or {})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says of a Pod: its containers as stored, or None and the words of refusal.

    `messages` are the words, all of which the server's message holds; `by` is who refuses:
    "validation", "LimitRanger" or "ResourceQuota".
    """

    stored: Containers | None
    messages: Sequence[str] = ()
    by: str = ""


def admit(pod: Containers, limits: LimitRange | None, quotas: Sequence[Quota]) -> Answer:
    """Return what becomes of a new Pod whose containers are these."""
    pod = {name: decoded(container) for name, container in pod.items()}
    if limits is not None:
        pod = {name: defaulted(container, limits) for name, container in pod.items()}
    if wrong := [m for container in pod.values() for m in _invalid(container)]:
        return Answer(None, wrong, "validation")
    if limits is not None:
        wrong = [m for container in pod.values() for m in out_of_bounds(container, limits)]
        if wrong:
            return Answer(None, wrong, "LimitRanger")
    for quota in quotas:
        if message := refused_by(quota, pod):
            return Answer(None, [message], "ResourceQuota")
    return Answer(pod)


def decoded(container: Resources) -> Resources:
    """Return the container as it is decoded: a limit is a request where there is none.

    Upstream: K pkg/apis/core/v1/defaults.go, SetDefaults_Pod.
    """
    return Resources({**container.limits, **container.requests}, container.limits)


def defaulted(container: Resources, limits: LimitRange) -> Resources:
    """Return a decoded container with the amounts that it lacks (mergeContainerResources)."""
    return Resources(
        {**limits.default_request, **container.requests}, {**limits.default, **container.limits}
    )


def out_of_bounds(container: Resources, limits: LimitRange) -> list[str]:
    """Return LimitRanger's words about a container with its defaults; none where all is well.

    Upstream: minConstraint, maxConstraint and limitRequestRatioConstraint, which compare in
    thousandths, rounded up.
    """
    found = []
    for name, least in limits.min.items():
        told = _told(container, name)
        below = [f"but {kind} is {amount}" for kind, amount in told if milli(amount) < milli(least)]
        lacking = [] if name in container.requests else [" No request is specified"]
        found += _said(f"minimum {name} usage per Container is {least}", lacking, below)
    for name, most in limits.max.items():
        told = _told(container, name)[::-1]  # the limit is looked at first
        above = [f"but {kind} is {amount}" for kind, amount in told if milli(amount) > milli(most)]
        lacking = [] if name in container.limits else [" No limit is specified"]
        found += _said(f"maximum {name} usage per Container is {most}", lacking, above)
    for name, ratio in limits.ratio.items():
        words = f"{name} max limit to request ratio per Container is {ratio}"
        request, limit = container.requests.get(name), container.limits.get(name)
        if not request:
            found.append(f"{words}, but no request is specified or request is 0")
        elif not limit:
            found.append(f"{words}, but no limit is specified or limit is 0")
        elif Fraction(milli(limit), milli(request)) > Fraction(milli(ratio), 1000):
            found.append(f"{words}, but provided ratio is {milli(limit) / milli(request):.6f}")
    return found


def refused_by(quota: Quota, pod: Containers) -> str:
    """Return the quota's words about a Pod that is complete; "" where it lets the Pod in."""
    return lacking(quota, pod) or exceeded(quota, usage(pod))


def lacking(quota: Quota, pod: Containers) -> str:
    """Return the quota's words about what a Pod must state and does not; "" where all is there.

    Upstream: K pkg/quota/v1/evaluator/core/pods.go, Constraints.
    """
    missing = {
        name: sorted(c for c, container in pod.items() if name not in usage({c: container}))
        for name in sorted(MUST_BE_NAMED & quota.hard.keys())
    }
    told = [f"{name} for: {','.join(who)}" for name, who in missing.items() if who]
    return f"failed quota: {quota.name}: must specify {'; '.join(told)}" if told else ""


def exceeded(quota: Quota, adds: Amounts) -> str:
    """Return the quota's words about an object that adds so much; "" where there is room for it."""
    asked = {name: a for name, a in adds.items() if a and name in quota.hard}
    used = {name: quota.used.get(name, Quantity.parse("0")) for name in quota.hard}
    over = sorted(n for n in asked if used[n].amount + asked[n].amount > quota.hard[n].amount)
    if not over:
        return ""
    parts = (("requested", asked), ("used", used), ("limited", quota.hard))
    told = (f"{word}: {','.join(f'{n}={amounts[n]}' for n in over)}" for word, amounts in parts)
    return f"exceeded quota: {quota.name}, {', '.join(told)}"


def usage(pod: Containers) -> dict[str, Quantity]:
    """Return what a Pod adds to a quota, by the quota's names.  Upstream: PodUsageFunc."""
    one = Quantity.parse("1")
    found = {"pods": one, "count/pods": one}
    for container in pod.values():
        for name, amount in container.requests.items():
            for key in (name, f"requests.{name}"):
                found[key] = plus(found.get(key), amount)
        for name, amount in container.limits.items():
            found[f"limits.{name}"] = plus(found.get(f"limits.{name}"), amount)
    return found


def plus(sum: Quantity | None, amount: Quantity) -> Quantity:
    """Add two quantities as `Quantity.Add` does: the sum is written in the first one's form."""
    if not sum:
        return amount
    total = sum.amount + amount.amount
    return Quantity(sum.text, total, sum.form)


def pod_of(manifest: Mapping[str, Value]) -> dict[str, Resources]:
    """Return the containers of a manifest, by name."""
    found = {}
    for container in containers(manifest):
        block = container.get("resources")
        block = block if isinstance(block, Mapping) else {}
        found[str(container["name"])] = Resources.parse(block)
    return found


def milli(amount: Quantity) -> int:
    """Return an amount in thousandths, rounded up (`Quantity.MilliValue`)."""
    return amount.millicores


def _invalid(container: Resources) -> Iterator[str]:
    """Yield validation's words: no request may be above its limit."""
    for name, request in container.requests.items():
        limit = container.limits.get(name)
        if limit is not None and request > limit:
            yield f"must be less than or equal to {name} limit of {limit}"


def _told(container: Resources, name: str) -> list[tuple[str, Quantity]]:
    parts = (("request", container.requests), ("limit", container.limits))
    return [(kind, amounts[name]) for kind, amounts in parts if name in amounts]


def _said(words: str, lacking: Sequence[str], outside: Sequence[str]) -> list[str]:
    """Return the first complaint alone, as upstream does; what lacks is another sentence."""
    if lacking:
        return [f"{words}. {lacking[0]}"]
    return [f"{words}, {outside[0]}"] if outside else []


def _amounts(block: Value) -> dict[str, Quantity]:
    given = block if isinstance(block, Mapping) else {}
    return {str(name): Quantity.parse(str(amount)) for name, amount in given.items()}


def _at(value: Value, *path: str) -> Value:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _first(items: Value) -> Mapping[str, Value]:
    return items[0] if isinstance(items, list) and items and isinstance(items[0], Mapping) else {}
