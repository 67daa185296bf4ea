"""What an experiment may need of a cluster that not every cluster gives.

The workbook's own cluster gives all of it. A cluster that its owner named gives none: there the
card is skipped, and says why.
"""

from __future__ import annotations

from enum import StrEnum


class Need(StrEnum):
    """One such thing; its text completes "this experiment needs ..."."""

    NODES = "access to the nodes themselves"
    """A node that is known by its name, pinned to, paused, or read through its kubelet."""

    SMALL_WORKERS = "two small workers that nobody else uses"
    FLAGS = "flags of the control plane that the workbook sets"
    """`helpers.model.periods` has them."""

    WHOLE_CLUSTER = "changes to the whole cluster"
    """Objects that belong to no namespace, or to another than the lesson's."""


def told(lacking: frozenset[Need]) -> str:
    """Say in a sentence why an experiment is skipped; empty when nothing is lacking."""
    if not lacking:
        return ""
    needs = " and ".join(need.value for need in Need if need in lacking)
    return f"Skipped on this cluster: it needs {needs}. The workbook's own cluster gives that."
