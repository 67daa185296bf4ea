"""Kubernetes quantities: the numbers behind `cpu: 500m` and `memory: 128Mi`.

The rules are those of k8s.io/apimachinery, pkg/api/resource (v0.37): `ParseQuantity` reads,
`Quantity.CanonicalizeBytes` writes, `suffix.go` lists the suffixes.  Amounts are exact fractions,
never floats, for the same reason as upstream: 0.1 of a core must be a tenth.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import total_ordering

MILLI = -3
NANO = -9

# ParseQuantity keeps at most 2^63-1, but (upstream's choice) only of a quantity in binary form.
LARGEST_BINARY = 2**63 - 1

# The exponent of "1e5000" is no resource's; beyond it the numbers only cost memory.
LARGEST_EXPONENT = 5000


class Form(Enum):
    """How a quantity was written, and so how it is written back (`resource.Format`)."""

    DECIMAL = "DecimalSI"
    BINARY = "BinarySI"
    EXPONENT = "DecimalExponent"


_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()}

# The scanner of parseQuantityString as one pattern: sign, leading zeros, digits, fraction, suffix.
_WRITTEN = re.compile(r"([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)")

WRONG_FORMAT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
WRONG_NUMBER = "unable to parse numeric part of quantity"
WRONG_SUFFIX = "unable to parse quantity's suffix"


class QuantityError(ValueError):
    """A quantity that the API server would refuse.

    `field` is the name of the field as in a manifest ("limits.cpu"), or "" when unknown;
    `message` is the server's reason; `hint` says what to try.
    """

    def __init__(self, message: str, *, field: str = "", hint: str = "") -> None:
        self.field = field
        self.message = message
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}.{hint}"


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """One quantity, as the API server reads it.

    `text` is what was typed, `amount` its exact value in the base unit (cores, bytes).
    Quantities compare by amount: `0.5` equals `500m`, as in `Quantity.Cmp`.
    """

    text: str
    amount: Fraction
    form: Form
    _kept: bool = False

    @classmethod
    def parse(cls, text: str, *, field: str = "", finest: int = MILLI) -> Quantity:
        """Read a quantity as the API server does.

        `finest` is the power of ten that finer amounts are rounded up to.  In the resources of a
        container it is `MILLI` (the default): `0.1m` is stored as `1m`.  Other fields of the API
        keep `NANO`.  Upstream: `ParseQuantity` in resource/quantity.go, then
        `SetDefaults_ResourceList` in k8s.io/kubernetes pkg/apis/core/v1/defaults.go.

        Raises `QuantityError`, which names `field`.
        """
        # Quantity.UnmarshalJSON strips blanks around the text before it parses.
        written = text.strip(" ")
        match = _WRITTEN.fullmatch(written)
        if not match or not written:
            raise QuantityError(WRONG_FORMAT, field=field, hint=_hint(written))
        sign, _, digits, decimals, suffix = match.groups(default="")
        read = _suffix(suffix)
        if read is None:
            raise QuantityError(WRONG_SUFFIX, field=field, hint=_hint(written))
        form, power = read
        if abs(power) > LARGEST_EXPONENT:
            raise QuantityError(
                f"an exponent of {power} is far beyond any resource",
                field=field,
                hint=f"Try one between -{LARGEST_EXPONENT} and {LARGEST_EXPONENT}.",
            )
        fast = _int64(digits or "0", decimals, form, power)
        if not fast and not re.search("[0-9]", written[: match.start(5)]):
            raise QuantityError(WRONG_NUMBER, field=field, hint=_hint(written))

        amount = Fraction(int((digits + decimals) or "0"), 10 ** len(decimals))
        amount *= 2**power if form is Form.BINARY else Fraction(10) ** power
        amount = _round_up(amount, NANO)
        if form is Form.BINARY:
            amount = min(amount, Fraction(LARGEST_BINARY))
            if 0 < amount < 1:
                form = Form.DECIMAL
        rounded = _round_up(amount, finest)
        # A spelling that looks canonical is kept as typed; rounding it forgets the spelling.
        scale = (0 if form is Form.BINARY else power) - len(decimals)
        kept = fast and scale >= finest and _looks_canonical(digits or "0", decimals, form, scale)
        return cls(written, -rounded if sign == "-" else rounded, form, kept)

    @property
    def canonical(self) -> str:
        """The quantity as the API server writes it back.

        Upstream: `Quantity.CanonicalizeBytes`: no fraction, no lost precision, the largest
        suffix of the family that was typed, so `0.5` becomes `500m`, `1.5Gi` `1536Mi`, `1024Mi`
        `1Gi`, and `1000Mi` stays.  One surprise is kept: a text that looks canonical to
        `ParseQuantity` is returned as typed (`1.500`, `+1`), though `1500m` and `1` were meant.
        Another: decimal suffixes end with E, so `1000E` is written back as `1`.
        """
        if self._kept:
            return self.text
        if self.amount == 0:
            return "0"
        if self.form is Form.BINARY and abs(self.amount) >= 1024 and self.amount.denominator == 1:
            number, steps = _without_factors(self.amount.numerator, 1024)
            return f"{number}{_BINARY_SUFFIX.get(steps * 10, '')}"
        # _round_up left nothing finer than a nano.
        number, power = _without_factors(int(self.amount * 10**9), 10)
        power -= 9
        number, power = number * 10 ** (power % 3), power - power % 3
        if self.form is Form.EXPONENT:
            return f"{number}e{power}" if power else f"{number}"
        return f"{number}{_DECIMAL_SUFFIX.get(power, '')}"

    @property
    def millicores(self) -> int:
        """The amount in thousandths of a core, rounded up (`Quantity.MilliValue`)."""
        return _away_from_zero(self.amount * 1000)

    @property
    def bytes(self) -> int:
        """The amount in whole bytes, rounded up (`Quantity.Value`)."""
        return _away_from_zero(self.amount)

    @property
    def cores(self) -> float:
        """The amount in cores, for arithmetic and charts."""
        return float(self.amount)

    def __eq__(self, other: object) -> bool:
        return self.amount == other.amount if isinstance(other, Quantity) else NotImplemented

    def __lt__(self, other: Quantity) -> bool:
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def __hash__(self) -> int:
        return hash(self.amount)

    def __str__(self) -> str:
        return self.canonical


def _suffix(suffix: str) -> tuple[Form, int] | None:
    """Form and power that a suffix stands for (`suffixHandler.interpret`), None if none."""
    if suffix in _DECIMAL:
        return Form.DECIMAL, _DECIMAL[suffix]
    if suffix in _BINARY:
        return Form.BINARY, _BINARY[suffix]
    if re.fullmatch(r"[eE][+-]?[0-9]+", suffix) and -(2**63) <= int(suffix[1:]) < 2**63:
        # Upstream narrows the exponent to 32 bits without looking.
        return Form.EXPONENT, (int(suffix[1:]) + 2**31) % 2**32 - 2**31
    return None


def _int64(digits: str, decimals: str, form: Form, power: int) -> bool:
    """Whether ParseQuantity takes its way for small numbers, which may keep the spelling."""
    if form is Form.BINARY:
        room = 15 - len(digits) - power * 3 // 10 - 1
        return not decimals and room >= 0 and int(digits) * 2**power <= LARGEST_BINARY
    return len(digits) + len(decimals) <= 18 and power - len(decimals) >= NANO


def _looks_canonical(digits: str, decimals: str, form: Form, scale: int) -> bool:
    """Whether ParseQuantity keeps the spelling; its test errs, and so does the rule."""
    shifted = digits + decimals
    if form is Form.BINARY:
        return int(shifted) % 8 != 0
    return scale % 3 == 0 and not shifted.endswith("000") and not shifted.startswith("0")


def _round_up(amount: Fraction, power: int) -> Fraction:
    """Round a non-negative amount up to a multiple of 10^power."""
    unit = Fraction(10) ** power
    return -(-amount // unit) * unit


def _away_from_zero(amount: Fraction) -> int:
    return -(-amount // 1) if amount >= 0 else amount // 1


def _without_factors(number: int, base: int) -> tuple[int, int]:
    """Take all factors of `base` out of a number other than 0: (what is left, how many)."""
    times = 0
    while number % base == 0:
        number //= base
        times += 1
    return number, times


def _hint(text: str) -> str:
    """Say what to try instead of a text that is no quantity."""
    if not text:
        return "Try an amount such as 500m (half a core) or 128Mi."
    for pattern, hint in _HINTS:
        match = re.fullmatch(pattern, text)
        if match:
            return hint(match)
    return "Try a number with one of the suffixes n u m k M G T P E or Ki Mi Gi Ti Pi Ei."


_NUMBER = r"([+-]?[0-9]*\.?[0-9]*)"


def _try_families(match: re.Match[str]) -> str:
    """Both families of a prefix that was written in a way of its own (K, MB, gb, Mib)."""
    number, letter = match[1], match[2]
    decimal = "k" if letter in "kK" else letter.upper()
    return f"Try {number}{decimal} (powers of 1000) or {number}{letter.upper()}i (powers of 1024)."


_HINTS: list[tuple[str, Callable[[re.Match[str]], str]]] = [
    (rf"{_NUMBER} +(\S+)", lambda m: f"Try it without the space: {m[1]}{m[2]}."),
    (rf"{_NUMBER}[eE][+-]?", lambda m: f"Try digits after the e: {m[1]}e3 is {m[1]} thousand."),
    (rf"{_NUMBER}([kKmMgGtTpPeE])(?:i?[bB]|i)?", _try_families),
    (r"([+-]?[0-9]+),([0-9]+)(.*)", lambda m: f"Try a decimal point: {m[1]}.{m[2]}{m[3]}."),
    (r"([+-]?[0-9]+(?:_[0-9]+)+)(.*)", lambda m: f"Try {m[1].replace('_', '')}{m[2]}."),
    (
        rf"{_NUMBER} ?(?:[cC]ores?|[cC][pP][uU]s?|c|C)",
        lambda m: f"Try {m[1]} alone: a plain number counts cores.",
    ),
    (rf"{_NUMBER} ?(?:[bB]|[bB]ytes?)", lambda m: f"Try {m[1]} alone: it counts bytes."),
    (rf"{_NUMBER}%", lambda m: "Try cores or millicores, not a share: 500m is half a core."),
]
