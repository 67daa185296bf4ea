"""A Band: what a rule expects, and how far a real machine may stray from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """An expected value and the bounds, both included, within which a measurement agrees.

    `unit` says what is counted: "cores", "bytes", "share" (0 to 1), and so on.
    """

    low: float
    expected: float
    high: float
    unit: str

    def __post_init__(self) -> None:
        if not self.low <= self.expected <= self.high:
            raise ValueError(f"{self.expected} does not lie between {self.low} and {self.high}")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return _said(self.expected, self.unit)
        between = f"{_number(self.low, self.unit)} to {_number(self.high, self.unit)}"
        return f"{_said(self.expected, self.unit)} ({between})"


def _number(value: float, unit: str) -> str:
    return f"{value:.0%}".replace("%", " %") if unit == "share" else f"{value:.4g}"


def _said(value: float, unit: str) -> str:
    if unit == "share":
        return _number(value, unit)
    singular = unit[:-1] if unit.endswith("s") and value == 1 else unit
    return f"{_number(value, unit)} {singular}"
