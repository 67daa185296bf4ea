"""One question of a self-quiz, and its options."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One answer: its words, why it is right or wrong, and the misconception of a wrong one."""

    text: str
    why: str
    misconception: str = ""

    @property
    def right(self) -> bool:
        """Whether this is the right answer."""
        return not self.misconception


@dataclass(frozen=True)
class Question:
    """A question, its options in the order in which they are shown, and the right one's claim."""

    id: str
    ask: str
    options: tuple[Option, ...]
    claim: str

    @property
    def right(self) -> Option:
        """The right answer."""
        return next(option for option in self.options if option.right)
