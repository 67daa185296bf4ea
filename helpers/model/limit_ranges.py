"""LimitRanges: their manifest, what the server refuses in one, and what runs show of them.

Rows: source "session", object "LimitRange/example", field "manifest"; *trials*
(`helpers.model.trials`) of Pods shown to the server while it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from helpers.model import admission, manifests
from helpers.model.admission import Answer, LimitRange
from helpers.model.manifests import Manifest
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import Trial, trials

LIMIT_RANGE = "LimitRange/example"
BOOK: dict[str, dict[str, str | None]] = {
    "default": {"cpu": "1", "memory": "512Mi"},
    "default_request": {"cpu": "500m", "memory": "256Mi"},
}
"""The book's limits and requests for containers that declare none."""

AS_WRITTEN, OWN_LIMIT = "as written", "its own limit"
DEFAULT_REQUEST, DEFAULT = "defaultRequest", "default"
REFUSED = "refused"
WORDS = (AS_WRITTEN, OWN_LIMIT, DEFAULT_REQUEST, DEFAULT, REFUSED)
"""Where a stored amount may come from, or that there is no Pod."""

Blocks = Mapping[str, Mapping[str, str]]

# What a container writes, by the name that the table gives it.
CASES: dict[str, Blocks] = {
    "nothing": {},
    "request 200m": {"requests": {"cpu": "200m"}},
    "limit 300m": {"limits": {"cpu": "300m"}},
    "both, 200m and 300m": {"requests": {"cpu": "200m"}, "limits": {"cpu": "300m"}},
    "request 2": {"requests": {"cpu": "2"}},
}
MEMORY = "memory, not written"
"""The row that looks at the memory of a container which only has a limit of 300m CPU."""

ROWS = (*CASES, MEMORY)
KINDS = ("requests", "limits")

# Shown to the server too, and found in the table: the same with memory.
MORE: dict[str, Blocks] = {
    "requests of both": {"requests": {"cpu": "200m", "memory": "128Mi"}},
    "limits of both": {"limits": {"cpu": "300m", "memory": "128Mi"}},
    "requests and limits of both": {
        "requests": {"cpu": "200m", "memory": "64Mi"},
        "limits": {"cpu": "300m", "memory": "128Mi"},
    },
    "request of 1Gi": {"requests": {"memory": "1Gi"}},
}


def limit_range(
    *,
    namespace: str,
    lesson: str,
    name: str = "example",
    default: Mapping[str, str | None] | None = None,
    default_request: Mapping[str, str | None] | None = None,
    min: Mapping[str, str | None] | None = None,
    max: Mapping[str, str | None] | None = None,
    ratio: Mapping[str, str | None] | None = None,
) -> Manifest:
    """Build a LimitRange for containers; an amount that is None or empty is left out."""
    item: Manifest = {"type": "Container"}
    for field, amounts in (
        ("default", default),
        ("defaultRequest", default_request),
        ("min", min),
        ("max", max),
        ("maxLimitRequestRatio", ratio),
    ):
        given: Manifest = {key: amount for key, amount in (amounts or {}).items() if amount}
        if given:
            item[field] = given
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": manifests.metadata(name, namespace, lesson),
        "spec": {"limits": [item]},
    }


def refusals(manifest: Mapping[str, Value], resource: str) -> Iterator[tuple[str, str]]:
    """Yield what the server refuses in a LimitRange about a resource: the field, and its words.

    Upstream: K pkg/apis/core/validation/validation.go, ValidateLimitRange, of the LimitRange as
    SetDefaults_LimitRangeItem has completed it.
    """
    item = LimitRange.parse(manifest)
    least, most = item.min.get(resource), item.max.get(resource)
    default, request = item.default.get(resource), item.default_request.get(resource)
    ratio = item.ratio.get(resource)
    if least is not None and most is not None and least > most:
        yield "min", f"min value {least} is greater than max value {most}"
    if request is not None and least is not None and least > request:
        yield (
            "defaultRequest",
            f"min value {least} is greater than default request value {request}",
        )
    if request is not None and most is not None and request > most:
        yield "defaultRequest", f"default request value {request} is greater than max value {most}"
    if request is not None and default is not None and request > default:
        words = f"default request value {request} is greater than default limit value {default}"
        yield "defaultRequest", words
    if default is not None and least is not None and least > default:
        yield "default", f"min value {least} is greater than default value {default}"
    if default is not None and most is not None and default > most:
        yield "default", f"default value {default} is greater than max value {most}"
    if ratio is not None and ratio.amount < 1:
        yield "maxLimitRequestRatio", f"ratio {ratio} is less than 1"
    if ratio is not None and least and most is not None:
        widest = Fraction(admission.milli(most), admission.milli(least))
        if ratio.amount > widest:
            words = f"ratio {ratio} is greater than max/min = {float(widest):f}"
            yield "maxLimitRequestRatio", words


@dataclass(frozen=True, slots=True)
class Fate:
    """One amount of a container: where the rule and the server take it from.

    `written` is what the container writes, `offers` what each word of WORDS would mean here;
    `stored` is the server's amount (None: refused), and so is `rule`.
    """

    row: str
    kind: str
    offers: Mapping[str, Quantity]
    rule: Quantity | None
    stored: Quantity | None
    message: str

    @property
    def by_rule(self) -> str:
        """The word for what the rule says."""
        return self._word(self.rule)

    @property
    def measured(self) -> str:
        """The word for what the server did; "" for an amount that is none of those on offer."""
        return self._word(self.stored)

    def meant(self, word: str) -> bool:
        """Tell whether this word says what the server did."""
        if word == REFUSED or self.stored is None:
            return word == REFUSED and self.stored is None
        return self.offers.get(word) == self.stored

    def _word(self, amount: Quantity | None) -> str:
        if amount is None:
            return REFUSED
        return next((word for word, offered in self.offers.items() if offered == amount), "")


def pods(namespace: str, lesson: str) -> list[Manifest]:
    """Return the Pods that are shown to the server, those of the table first."""
    return [
        manifests.burn_pod(namespace=namespace, lesson=lesson, name=_name(row), **blocks)  # type: ignore[arg-type]
        for row, blocks in {**CASES, **MORE}.items()
    ]


def sent(timeline: Timeline) -> LimitRange | None:
    """Return the LimitRange that was sent last, as the server completes it."""
    manifest = timeline.value(source="session", object=LIMIT_RANGE, field="manifest")
    return LimitRange.parse(manifest) if isinstance(manifest, Mapping) else None


def fates(timeline: Timeline) -> list[Fate]:
    """Return a run's cells of the table, row by row, requests before limits."""
    limits = sent(timeline)
    tried = {_named(trial): trial for trial in trials(timeline)}
    found: list[Fate] = []
    for row in ROWS if limits is not None else ():
        resource = "memory" if row == MEMORY else "cpu"
        trial = tried.get(_name("limit 300m" if row == MEMORY else row))
        if trial is None or limits is None:
            continue
        said = expected(trial, limits)
        written = container(trial.sent)
        rule = None if said.stored is None else next(iter(said.stored.values()))
        stored = None if trial.stored is None else container(trial.stored)
        for kind in KINDS:
            found.append(
                Fate(
                    row,
                    kind,
                    dict(_offers(written, limits, kind, resource)),
                    None if rule is None else amounts(rule, kind).get(resource),
                    None if stored is None else amounts(stored, kind).get(resource),
                    trial.message,
                )
            )
    return found


def expected(trial: Trial, limits: LimitRange | None) -> Answer:
    """Return what the rules make of a Pod that was tried."""
    return admission.admit(admission.pod_of(trial.sent), limits, [])


def agrees(trial: Trial, answer: Answer) -> bool:
    """Tell whether the server said of a Pod what the rules say: stored amounts, or the words."""
    if trial.stored is None or answer.stored is None:
        refused = trial.stored is None and answer.stored is None
        return refused and all(words in trial.message for words in answer.messages)
    return admission.pod_of(trial.stored) == answer.stored


def container(manifest: Mapping[str, Value]) -> Resources:
    """Return what the one container of a Pod declares."""
    return next(iter(admission.pod_of(manifest).values()), Resources())


def amounts(of: Resources, kind: str) -> Mapping[str, Quantity]:
    """Return the requests or the limits."""
    return of.requests if kind == "requests" else of.limits


def declares(manifest: Mapping[str, Value]) -> str:
    """Say in a line what the one container of a Pod writes."""
    of = container(manifest)
    told = [f"{k}.{n} {a}" for k in KINDS for n, a in amounts(of, k).items()]
    return ", ".join(told) or "nothing"


def _offers(
    written: Resources, limits: LimitRange, kind: str, resource: str
) -> Iterator[tuple[str, Quantity]]:
    for word, offered in (
        (AS_WRITTEN, amounts(written, kind)),
        (OWN_LIMIT, written.limits if kind == "requests" else {}),
        (DEFAULT_REQUEST, limits.default_request if kind == "requests" else {}),
        (DEFAULT, limits.default),
        (DEFAULT_REQUEST, limits.default_request),
    ):
        if resource in offered:
            yield word, offered[resource]


def _named(trial: Trial) -> str:
    metadata = trial.sent.get("metadata")
    return str(metadata.get("name")) if isinstance(metadata, Mapping) else ""


def _name(row: str) -> str:
    return row.lower().replace(", ", "-").replace(" ", "-")
