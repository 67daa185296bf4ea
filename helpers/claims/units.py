"""Claims about units (ledger: ch08-units-*).

Rows that they read:

- *trials*: source "session", field "trial", value as `helpers.model.trials.Trial.row` makes it: a
  manifest sent with dry-run, and the answer.  An amount is one text in `resources` of a container.
- *cgroup readings* (where a claim says so): source "exec", object "Pod/<name>", "stat.quota_us"
  (µs) or "stat.memory_limit" (bytes) of a pod whose manifest or resize was sent before.  A
  reading of 0 seconds (`burn stat --seconds 0`) is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from helpers.claims import pods
from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import cfs, manifests, memory
from helpers.model.memory import PREFIXES, Prefix
from helpers.model.quantity import NANO, Form, Quantity
from helpers.model.resources import asked
from helpers.model.timeline import Timeline
from helpers.model.trials import Reading, readings

FRACTIONAL = "fractional byte value"
"""Words of the API server's warning (K pkg/api/pod/warnings.go)."""


def _judge(
    text: str, told: Sequence[Reading], *, also: Sequence[tuple[str, str, str]] = ()
) -> Verdict:
    """Return the verdict on amounts that must be stored as the model says.

    `also` holds other facts as (what, expected, measured).
    """
    wrong = [reading for reading in told if not reading.agrees]
    other = [fact for fact in also if fact[1] != fact[2]]
    held = not (wrong or other)
    shown = wrong or (() if other else told)
    facts = other or (() if wrong else also)
    failing = [reading.text for reading in wrong] + [what for what, _, _ in other]
    return Verdict(
        held,
        text if held else f"Not as the rule says: {', '.join(failing)}.",
        "; ".join(
            [f"{r.text} → {r.expected or 'refused'}" for r in shown]
            + [f"{what}: {expected}" for what, expected, _ in facts]
        ),
        "; ".join(
            [f"{r.text} → {r.stored or 'refused'}" for r in shown]
            + [f"{what}: {measured}" for what, _, measured in facts]
        ),
    )


def _written(told: Sequence[Reading], pattern: str) -> list[Reading]:
    return [reading for reading in told if re.fullmatch(pattern, reading.text)]


def _quotas(timeline: Timeline, which: Callable[[Quantity], bool]) -> list[tuple[str, str, str]]:
    """Return the CPU quotas that were read, of limits that `which` picks, beside the rule's."""
    found = []
    for row in timeline.where(source="exec", field="stat.quota_us"):
        sent = asked(timeline, row.object, at=row.time)
        limit = sent.limit("cpu") if sent else None
        if limit is not None and which(limit):
            quota = f"{cfs.quota_us(limit)} µs"
            found.append((f"quota at {limit.text}", quota, f"{row.value} µs"))
    return found


def _memory_limits(
    timeline: Timeline, which: Callable[[Quantity], bool]
) -> list[tuple[str, str, str]]:
    """Return the memory limits that were read, of those that `which` picks, beside the rule's."""
    found = []
    for row in timeline.where(source="exec", field="stat.memory_limit"):
        sent = asked(timeline, row.object, at=row.time)
        limit = sent.limit("memory") if sent else None
        if limit is not None and which(limit):
            enforced = f"{memory.enforced_bytes(limit)} bytes"
            found.append((f"cgroup at {limit.text}", enforced, f"{row.value} bytes"))
    return found


@claim("ch08-units-01")
def cpu_counts_cores(timeline: Timeline) -> Verdict:
    """Check that CPU may be written in cores or millicores, and is stored as one and the same.

    Rows: trials of CPU amounts, among them one without and one with the suffix m of the same
    amount (0.5 and 500m); cgroup readings of CPU limits count too, if there are any.
    """
    told = [r for r in readings(timeline, "cpu") if r.expected is not None]
    plain = {Quantity.parse(r.text) for r in _written(told, r"[0-9.]+")}
    milli = {Quantity.parse(r.text) for r in _written(told, r"[0-9.]+m")}
    if not plain & milli:
        return cannot_tell("pair of trials with the same CPU in cores and in millicores")
    text = "Cores and millicores are two ways to write the same amount of CPU."
    return _judge(text, told, also=_quotas(timeline, lambda limit: limit.millicores >= 10))


@claim("ch08-units-02")
def a_millicore_is_the_least(timeline: Timeline) -> Verdict:
    """Check that finer amounts of CPU are rounded up to 1m, and that 1m is written 0.001 too.

    Rows: trials of CPU amounts, at least one finer than 1m (0.0005, 0.1m); cgroup readings of CPU
    limits under 10m, which act as 10m, count too, if there are any.
    """
    told = [
        r
        for r in readings(timeline, "cpu")
        if r.expected is not None
        and 0 < Quantity.parse(r.text).amount <= Quantity.parse("1m").amount
    ]
    finer = [r for r in told if Quantity.parse(r.text, finest=NANO) < Quantity.parse("1m")]
    if not finer:
        return cannot_tell("trial of a CPU amount under 1m")
    text = "What is finer than a millicore is rounded up to one."
    return _judge(text, told, also=_quotas(timeline, lambda limit: limit.millicores < 10))


@claim("ch08-units-03")
def millicores_are_what_is_shown(timeline: Timeline) -> Verdict:
    """Check that a decimal fraction of a core comes back in millicores.

    Rows: trials of CPU amounts with a decimal fraction that the server does not keep as it was
    typed (0.25).  kubectl prints the stored text as it is.
    """
    told = [
        r
        for r in readings(timeline, "cpu")
        if "." in r.text and r.expected is not None and r.expected.endswith("m")
    ]
    if not told:
        return cannot_tell("trial of a fraction of a core")
    return _judge("A fraction of a core is stored and shown in millicores.", told)


@claim("ch08-units-04")
def memory_counts_bytes(timeline: Timeline) -> Verdict:
    """Check that memory may be written in bytes, with either family of suffixes, or an exponent.

    Rows: trials of memory amounts, in at least three of these forms: a plain number, a decimal
    suffix, a binary suffix, an exponent.  An amount with a fraction of a byte (400m) must draw the
    server's warning, others under 1Pi none.  Cgroup readings of memory limits count too.
    """
    told = [r for r in readings(timeline, "memory") if r.expected is not None]
    forms = {_form(Quantity.parse(r.text), r.text) for r in told}
    if len(forms) < 3:
        return cannot_tell("set of trials with memory written in three different forms")
    warned = [
        (f"warning at {r.text}", _yes(quantity.amount.denominator != 1), _yes(_warns(r)))
        for r in told
        if (quantity := Quantity.parse(r.text)).amount < 2**50 and r.stored is not None
    ]
    text = "Memory is counted in bytes, however it is written."
    return _judge(text, told, also=[*warned, *_memory_limits(timeline, lambda limit: True)])


def _form(quantity: Quantity, text: str) -> str:
    return "plain" if text.isdecimal() else quantity.form.value


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _warns(reading: Reading) -> bool:
    return any(
        FRACTIONAL in warning and f'"{reading.stored}"' in warning for warning in reading.warnings
    )


def _families(timeline: Timeline, prefixes: Sequence[Prefix]) -> tuple[list[Reading], list[Prefix]]:
    """Return the trials of memory with these prefixes, and the prefixes tried in both families.

    A prefix counts as typed or as what the canonical form ends with (1000M is 1G).
    """
    picked: list[Reading] = []
    both = []
    for prefix in prefixes:
        told = [r for r in readings(timeline, "memory") if r not in picked]
        families = [
            [r for r in told if _has(r.text, suffix) or _has(r.expected, suffix)]
            for suffix in (prefix.decimal, prefix.binary)
        ]
        picked += families[0] + families[1]
        if all(families):
            both.append(prefix)
    return picked, both


def _has(text: str | None, suffix: str) -> bool:
    return text is not None and bool(re.fullmatch(rf"[0-9.]+{suffix}", text))


def _ratios(told: Sequence[Reading], prefixes: Sequence[Prefix]) -> list[tuple[str, str, str]]:
    """Return, for numbers tried in both families, binary ÷ decimal beside 1.024^n."""
    stored = {reading.text: reading.quantity for reading in told}
    found = []
    for prefix in prefixes:
        for text, big in stored.items():
            small = stored.get(text.removesuffix(prefix.binary) + prefix.decimal)
            if text.endswith(prefix.binary) and small and big and big.bytes < 2**63 - 1:
                name = f"{prefix.binary} ÷ {prefix.decimal}"
                found.append(
                    (name, f"{1.024**prefix.power:.4f}", f"{float(big.amount / small.amount):.4f}")
                )
    return found


def _two_families(timeline: Timeline, letters: str, text: str) -> Verdict:
    prefixes = [prefix for prefix in PREFIXES if prefix.decimal in letters]
    told, both = _families(timeline, prefixes)
    if len(both) < len(prefixes):
        missing = [f"{p.decimal} and {p.binary}" for p in prefixes if p not in both]
        return cannot_tell(f"trials of memory in {', '.join(missing)}")
    in_cgroup = _memory_limits(
        timeline, lambda limit: bool(re.fullmatch(rf"[0-9.]+[{letters}]i?", limit.text))
    )
    return _judge(text, told, also=[*_ratios(told, both), *in_cgroup])


@claim("ch08-units-05")
def kilo_is_a_small_k(timeline: Timeline) -> Verdict:
    """Check that k is 1000 and Ki 1024 bytes, and that the book's K is refused.

    Rows: trials of memory with each of the suffixes k, Ki and K (64k, 64Ki, 64K).
    """
    capital = _written(readings(timeline, "memory"), "[0-9.]+K")
    told, both = _families(timeline, PREFIXES[:1])
    if not capital or not both:
        return cannot_tell("trials of memory in k, Ki and K")
    words = [
        (
            "refusal of K",
            "names the suffix",
            "names the suffix" if "suffix" in r.message else r.message,
        )
        for r in capital
        if r.stored is None
    ]
    text = "The decimal kilo is a small k; a capital K is refused."
    return _judge(text, [*told, *capital], also=[*_ratios(told, both), *words])


@claim("ch08-units-06")
def mega_and_mebi(timeline: Timeline) -> Verdict:
    """Check that M is 1000² and Mi 1024² bytes, 4.9 % more.

    Rows: trials of memory with the same number of M and of Mi (100M, 100Mi); cgroup readings of
    limits so written, whole pages of 4096 bytes, count too, if there are any.
    """
    return _two_families(timeline, "M", "A Mi is 1024² bytes, 4.9 % more than the 1000² of an M.")


@claim("ch08-units-07")
def giga_and_gibi(timeline: Timeline) -> Verdict:
    """Check that G is 1000³ and Gi 1024³ bytes, 7.4 % more.

    Rows: trials of memory with the same number of G and of Gi (1G, 1Gi), and what comes back in
    them (1000M); cgroup readings count too.
    """
    return _two_families(timeline, "G", "A Gi is 1024³ bytes, 7.4 % more than the 1000³ of a G.")


@claim("ch08-units-08")
def tera_peta_exa(timeline: Timeline) -> Verdict:
    """Check that T, P and E go on in the same way, with the powers 4, 5 and 6.

    Rows: trials of memory with the same number of each of T, Ti, P, Pi, E and Ei (1T ... 1Ei).
    The server's warnings on amounts from 500Pi are its own slip and are not judged.
    """
    return _two_families(timeline, "TPE", "Each prefix more multiplies the gap by 1.024.")


@claim("ch08-units-09")
def write_the_i(timeline: Timeline) -> Verdict:
    """Check that leaving out the i can cost a program its life.

    Rows: what was sent and what became of pods that hold the same memory (--memory), one with a
    limit in a decimal suffix and one with the same number in the binary one (100M, 100Mi).  The
    first is killed, the second lives.  What the second holds at most (source "exec", field
    "stat.memory_usage", or source "kubelet", field "usage_bytes", both in bytes) must lie between
    the two limits, where it was read.

    A burn pod holds some 10 MB beside its --memory, and `burn stat` another 6 MB while it reads:
    with 100M and 100Mi take 88Mi and do not read inside, with 400M and 400Mi 375Mi.
    """
    decimal: dict[tuple[str, ...], tuple[str, Quantity]] = {}
    binary: dict[tuple[str, ...], tuple[str, Quantity]] = {}
    for object in pods.sent_pods(timeline):
        sent = asked(timeline, object)
        limit = sent.limit("memory") if sent else None
        steps = manifests.memory_steps(pods.container(timeline, object))
        if limit is not None and steps:
            family = binary if limit.form is Form.BINARY else decimal
            family[(*steps, limit.text.removesuffix("i"))] = (object, limit)
    pair = next((key for key in decimal if key in binary), None)
    if pair is None:
        return cannot_tell(
            "pair of pods with the same memory, one limit with the i and one without"
        )
    (without, small), (with_i, large) = decimal[pair], binary[pair]
    fates = [
        (str(limit.text), expected, "killed" if _died(timeline, object) else "lives")
        for object, limit, expected in [(without, small, "killed"), (with_i, large, "lives")]
    ]
    use = [
        row.value
        for source, field in (("exec", "stat.memory_usage"), ("kubelet", "usage_bytes"))
        for row in timeline.where(source=source, object=with_i, field=field)
        if isinstance(row.value, int | float)
    ]
    if use:
        between = small.bytes < max(use) <= large.bytes
        fates.append(
            ("its use", "between both", "between both" if between else f"{max(use)} bytes")
        )
    lost = f"{100 * float(1 - small.amount / large.amount):.1f} %"
    text = f"The program lives with {large.text} and dies with {small.text}, {lost} less."
    return _judge(text, [], also=fates)


def _died(timeline: Timeline, object: str) -> bool:
    return memory.KILLED in pods.ended(timeline, object, "reason")
