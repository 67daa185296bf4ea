"""The cells of a lesson with one card, as its notebook has them, and as short as can be."""

from __future__ import annotations

import secrets

SHORT = """
import helpers.experiments.throttling as throttling
throttling.LADDER = ("500m",)
throttling.WINDOW = {window}
"""

OPEN = """
from helpers import Lesson
from helpers.experiments.requests_and_limits import CpuLimitThrottles

lesson = await Lesson.open("{name}")
print(lesson.namespace)
"""

CARD = """
card = lesson.card(CpuLimitThrottles)
card
"""

PRESS = """
card.set(limit="250m", request="50m", threads=2)
card.predict(100)
card.run()
"""

RESULT = "run = await card.result()"

CLAIMS = """
for claim in ("ch08-requests-08", "ch08-requests-03", "ch08-requests-04"):
    run.claim(claim)
"""

CLOSE = "await lesson.close()"

SETTLE = """
from helpers.lesson import tasks
await tasks.settle()
"""

THREADS = """
import threading
print([t.name for t in threading.enumerate() if t.name.startswith(("lease", "watch "))])
"""

LIMITS = [None, "500m", "250m"]
"""What a run of these cells measures, in this order."""


def lesson_name() -> str:
    """A name of its own, so that another lesson on the same cluster is not counted as ours."""
    return f"faults-{secrets.token_hex(3)}"


def opened(name: str) -> str:
    return OPEN.format(name=name)


def short(window: int = 1) -> str:
    """Fewer limits and shorter windows (seconds)."""
    return SHORT.format(window=window)
