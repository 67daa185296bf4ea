"""The way through the course: what is done, how good the predictions are, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from helpers.model.journal import Kept, Prediction
from helpers.model.misconceptions import MISCONCEPTIONS, PLACES

AFTER: Mapping[str, tuple[str, ...]] = {
    "quality-of-service": ("requests-and-limits",),
    "resource-quotas": ("requests-and-limits",),
    "limit-ranges": ("resource-quotas",),
    "metrics-server": ("requests-and-limits",),
    "autoscaling-on-cpu": ("metrics-server",),
    "autoscaling-on-metrics": ("autoscaling-on-cpu",),
    "adding-nodes": ("requests-and-limits",),
    "volumes-of-the-cloud": ("empty-dir",),
    "volumes-and-claims": ("empty-dir",),
    "storage-classes": ("volumes-and-claims",),
    "one-volume-many-pods": ("volumes-and-claims",),
    "stateful-sets": ("volumes-and-claims",),
    "what-survives": ("stateful-sets",),
    "lifecycle-policies": ("repositories-push-and-pull",),
    "who-may-push-and-pull": ("repositories-push-and-pull",),
    "images-in-pods": ("repositories-push-and-pull",),
    "tagging-strategies": ("repositories-push-and-pull",),
    "labels": ("tagging-strategies",),
}
"""Which lessons a lesson builds on. Each can be opened at any time; this is advice."""

LESSON, EXPERIMENT, LAB = "A lesson", "An experiment", "A lab"

State: TypeAlias = Literal["open", "begun", "done"]


@dataclass(frozen=True)
class Taught:
    """A notebook of the course. `path` is its path in `notebooks/`; `minutes` is 0 if unknown."""

    path: str
    lesson: str
    title: str
    minutes: int
    cards: int


@dataclass(frozen=True)
class Lab:
    """A lab: `folder` in `labs/`, and the notebooks (as `Taught.path`) that it goes with."""

    folder: str
    title: str
    minutes: int
    notebooks: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """All notebooks and labs, in their order."""

    notebooks: tuple[Taught, ...]
    labs: tuple[Lab, ...]


@dataclass(frozen=True)
class Score:
    """How many of the first predictions that could be judged were right; with the quizzes'."""

    right: int
    judged: int

    @property
    def share(self) -> float:
        """The share of right ones, 0 where none was judged."""
        return self.right / self.judged if self.judged else 0.0


@dataclass(frozen=True)
class Advice:
    """Something to do next: what it is, its path in the project, its name, and why."""

    kind: str
    path: str
    name: str
    why: str


class Way:
    """A course and what a learner's journal says of it."""

    def __init__(self, course: Course, kept: Kept) -> None:
        self.course = course
        self.kept = kept

    def state(self, taught: Taught) -> State:
        """Return how far a lesson is.

        It is done when it was closed with all cards run, or each of them ran at some time.
        """
        steps = {visit.step for visit in self.kept.visits if visit.lesson == taught.lesson}
        made = [one for one in self.kept.predictions if one.lesson == taught.lesson]
        ran = {one.card for one in made if one.result is not None}
        if "finished" in steps or len(ran) >= taught.cards > 0:
            return "done"
        return "begun" if steps or made else "open"

    def lab_state(self, lab: Lab) -> State:
        """Return how far a lab is: done once its check has passed."""
        checks = [check.passed for check in self.kept.labs if check.lab == lab.folder]
        return "done" if any(checks) else "begun" if checks else "open"

    def score(self, taught: Taught) -> Score:
        """Return how good the first answers were: a card's, and a quiz question's, counts once."""
        first = _first(self.kept.predictions, taught.lesson)
        right = [one.result == "right" for one in first]
        asked: dict[str, bool] = {}
        for answer in self.kept.quizzes:
            if answer.lesson == taught.lesson:
                asked.setdefault(answer.question, answer.right)
        right += asked.values()
        return Score(sum(right), len(right))

    @property
    def minutes(self) -> tuple[int, int]:
        """The minutes of the notebooks that are done, and of all."""
        done = sum(one.minutes for one in self.course.notebooks if self.state(one) == "done")
        return done, sum(one.minutes for one in self.course.notebooks)

    def advice(self) -> list[Advice]:
        """Return at most three things to try next: a lesson, an experiment, and a lab."""
        found = (self._lesson(), self._experiment(), self._lab())
        return [one for one in found if one is not None]

    def _lesson(self) -> Advice | None:
        """The lesson that was begun, or the first whose foundations are laid."""
        done = {one.lesson for one in self.course.notebooks if self.state(one) == "done"}
        left = [one for one in self.course.notebooks if one.lesson not in done]
        for one in left:
            if self.state(one) == "begun":
                return Advice(LESSON, f"notebooks/{one.path}", one.title, "You have begun it.")
        ready = [one for one in left if set(AFTER.get(one.lesson, ())) <= done]
        if not ready:
            return None
        first = ready[0]
        known = {one.lesson: one.title for one in self.course.notebooks}
        below = " and ".join(f"“{known.get(name, name)}”" for name in AFTER.get(first.lesson, ()))
        why = (
            f"It builds on {below}, and you have done that."
            if below
            else "It builds on no other lesson."
        )
        return Advice(LESSON, f"notebooks/{first.path}", first.title, why)

    def _experiment(self) -> Advice | None:
        """The card that tells an idea apart that you had last, in the weakest lesson."""
        weakest = sorted(
            (score.share, one.path, one)
            for one in self.course.notebooks
            if (score := self.score(one)).right < score.judged
        )
        for _, _, taught in weakest:
            names = [
                one.misconception
                for one in self.kept.answers
                if one.lesson == taught.lesson and one.misconception in MISCONCEPTIONS
            ]
            if names:
                known = MISCONCEPTIONS[names[-1]]
                place = PLACES[known.card]
                why = f"You thought that {known.idea}. This card tells that from the rule."
                return Advice(EXPERIMENT, f"notebooks/{place.notebook}", place.title, why)
        if weakest:
            taught = weakest[0][2]
            why = "There your predictions were furthest from what happened. Change a form, and "
            return Advice(
                EXPERIMENT, f"notebooks/{taught.path}", taught.title, f"{why}predict again."
            )
        return None

    def _lab(self) -> Advice | None:
        """The first lab that is not passed and whose notebooks are done."""
        done = {one.path: one for one in self.course.notebooks if self.state(one) == "done"}
        for lab in self.course.labs:
            if lab.notebooks and self.lab_state(lab) != "done" and set(lab.notebooks) <= set(done):
                titles = " and ".join(f"“{done[path].title}”" for path in lab.notebooks)
                why = f"It goes with {titles}: what you have seen there, you do here yourself."
                return Advice(LAB, f"labs/{lab.folder}/lab.ipynb", lab.title, why)
        return None


def _first(made: Sequence[Prediction], lesson: str) -> list[Prediction]:
    """Return the first prediction of each card that a run has judged."""
    found: dict[str, Prediction] = {}
    for one in made:
        if one.lesson == lesson and one.result in ("right", "wrong"):
            found.setdefault(one.card, one)
    return list(found.values())
