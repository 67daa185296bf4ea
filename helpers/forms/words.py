"""What a value means, in one line under its field."""

from __future__ import annotations

from helpers.model.cfs import PERIOD_US, quota_us
from helpers.model.quantity import Quantity


def explain(label: str, value: str | None) -> str:
    """Say what this quantity of this field means; empty where there is nothing to add."""
    resource = label.rpartition(".")[2]
    if resource == "cpu":
        return _limit_cpu(value) if label.startswith("limits.") else _cores(value)
    if resource == "memory" and value is not None:
        return f"{Quantity.parse(value).bytes:,} bytes.".replace(",", "\u202f")
    return ""


def _limit_cpu(value: str | None) -> str:
    if value is None:
        return "No limit: it may use whatever is free."
    quota = quota_us(Quantity.parse(value))
    if quota is None:
        return "A limit of 0 sets no quota: it may use whatever is free."
    return f"{_amount(value)}: {quota / 1000:g} ms of CPU time in every {PERIOD_US // 1000} ms."


def _cores(value: str | None) -> str:
    return "" if value is None else f"{_amount(value)}, set aside on a node."


def _amount(value: str) -> str:
    cores = Quantity.parse(value).cores
    return f"{cores:g} core{'s' if cores > 1 else ''}"
