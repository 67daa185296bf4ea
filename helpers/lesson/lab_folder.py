"""The folder of a lab: its check, its cases, and the learner's copy of what it begins with."""

from __future__ import annotations

import importlib.util
import os
import shutil
import string
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from helpers.lesson.stop import RunFailed
from helpers.model.manifests import IMAGES
from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict

if TYPE_CHECKING:
    from helpers.lesson.experiment import Bench
    from helpers.lesson.lab import Lab
    from helpers.lesson.lease import Exclusive

START = "start"
_NAMESPACE = ".namespace"
"""A file of work/: the namespace that its files name."""


def labs() -> Path:
    """Return the folder of all labs: `labs/` beside `helpers/`; `WORKBOOK_LABS` names another."""
    if other := os.environ.get("WORKBOOK_LABS"):
        return Path(other)
    return Path(__file__).resolve().parents[2] / "labs"


@dataclass(frozen=True)
class Check:
    """What a lab's check.py says; see docs/writing-a-lab.md for each."""

    minutes: int
    watch: Sequence[str]
    holds: float
    within: float
    quiet: float
    measures: bool
    exclusive: Exclusive
    cluster: bool
    needs: frozenset[Need]
    lesson: str
    hints: Mapping[str, str]
    reason: Question
    check: Callable[[Timeline], Sequence[Verdict]]

    @classmethod
    def of(cls, module: ModuleType) -> Check:
        """Read them from the module. Raises AttributeError for one that is missing."""
        return cls(
            minutes=module.MINUTES,
            watch=module.WATCH,
            holds=module.HOLDS,
            within=module.WITHIN,
            quiet=getattr(module, "QUIET", module.HOLDS),
            measures=getattr(module, "MEASURES", False),
            exclusive=getattr(module, "EXCLUSIVE", "none"),
            cluster=getattr(module, "CLUSTER", True),
            needs=getattr(module, "NEEDS", frozenset()),
            lesson=module.LESSON,
            hints=module.HINTS,
            reason=module.REASON,
            check=module.check,
        )


class LabFolder:
    """A folder of `labs/`, by its name, such as "01-stop-the-throttling"."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path.name
        self.name = path.name.partition("-")[2]
        """The lab's name: the folder's without the number."""
        self.check = Check.of(load(path / "check.py"))

    @classmethod
    def find(cls, folder: str) -> LabFolder:
        """Return the lab in this folder. Raises RunFailed, naming those that there are."""
        path = labs() / folder
        if not (path / "check.py").is_file():
            known = ", ".join(sorted(p.parent.name for p in labs().glob("*/check.py")))
            raise RunFailed(f"There is no lab “{folder}”. There are: {known or 'none'}.")
        return cls(path)

    @property
    def cases(self) -> list[str]:
        """Every case: "start", then "solutions/…" and "misconceptions/…", each by name."""
        found = [START]
        for kind in ("solutions", "misconceptions"):
            found += [
                f"{kind}/{p.name}" for p in sorted((self.path / kind).iterdir()) if p.is_dir()
            ]
        return found

    @property
    def alone(self) -> bool:
        """Whether it is tested alone: it measures, or it disturbs others."""
        return self.check.measures or self.check.exclusive != "none"

    @property
    def observe(self) -> Callable[[Bench, Path], Coroutine[Any, Any, None]] | None:
        """What is measured for the check, if there is something beyond watching."""
        return self._function("observe.py", "observe")

    @property
    def give(self) -> Callable[[Lab], Coroutine[Any, Any, None]] | None:
        """What makes of the lab's beginning more than files can."""
        return self._function("start/given.py", "give")

    def act(self, case: str) -> Callable[[Lab], Coroutine[Any, Any, None]] | None:
        """Return what a case does beyond changing files, if it does."""
        return self._function(f"{case}/act.py", "act")

    def lay(self, case: str, work: Path, namespace: str) -> None:
        """Put the files of a case into `work`, in the place of those with the same names."""
        work.mkdir(parents=True, exist_ok=True)
        words = {"NAMESPACE": namespace, "LAB": self.name, "IMAGES": IMAGES}
        for file in sorted((self.path / case).iterdir()):
            if file.is_file() and file.suffix != ".py":
                text = string.Template(file.read_text("utf-8")).safe_substitute(words)
                (work / file.name).write_text(text, "utf-8")
        (work / _NAMESPACE).write_text(namespace)

    def resume(self, work: Path, namespace: str) -> bool:
        """Let the learner's files of an earlier time name this namespace; False if there are none.

        They are theirs: nothing else in them is changed.
        """
        note = work / _NAMESPACE
        if not note.is_file():
            return False
        before = note.read_text()
        for file in _files(work):
            text = file.read_text("utf-8")
            if before in text:
                file.write_text(text.replace(before, namespace), "utf-8")
        note.write_text(namespace)
        return True

    def set_aside(self, work: Path) -> Path | None:
        """Move the learner's files into a folder beside them, and return it; None if unchanged.

        Then no file is there, and the next `resume` finds none.
        """
        note = work / _NAMESPACE
        if not note.is_file():
            return None
        fresh = work / ".fresh"
        self.lay(START, fresh, note.read_text())
        changed = {f.name: f.read_bytes() for f in _files(work)} != {
            f.name: f.read_bytes() for f in _files(fresh)
        }
        shutil.rmtree(fresh)
        aside = work / f"before-{datetime.now():%Y%m%d-%H%M%S}" if changed else None
        if aside is not None:
            aside.mkdir()
        for file in _files(work):
            if aside is not None:
                file.rename(aside / file.name)
            else:
                file.unlink()
        note.unlink()
        return aside

    def _function(self, file: str, name: str) -> Callable[..., Coroutine[Any, Any, None]] | None:
        path = self.path / file
        if not path.is_file():
            return None
        return cast("Callable[..., Coroutine[Any, Any, None]]", getattr(load(path), name))


def load(path: Path) -> ModuleType:
    """Import a file of a lab; such a file is in no package."""
    spec = importlib.util.spec_from_file_location(f"lab {path}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _files(work: Path) -> list[Path]:
    return sorted(f for f in work.iterdir() if f.is_file() and not f.name.startswith("."))
