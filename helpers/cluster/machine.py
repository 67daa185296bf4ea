"""Where the cluster comes from. Three ways, one for each machine that a learner may have.

Built: neither images nor a cluster are to be had, so all of it is made here. Pulled: the engine can
pull, so kind's official nodes are used. Owned: an owner named a cluster, and nothing is made.
"""

from __future__ import annotations

import json
import os
import shutil
from abc import ABC, abstractmethod
from typing import ClassVar

from helpers.cluster import debian, images, kind, programs, pulled
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard
from helpers.kube.errors import KubeError


class Machine(ABC):
    """What the commands ask of it."""

    @abstractmethod
    def up(self, progress: Progress) -> None:
        """Bring the cluster up; does nothing twice. Raises StepFailed, EngineError."""

    @abstractmethod
    def down(self, progress: Progress) -> None:
        """Take the cluster down, if it is the workbook's."""

    @abstractmethod
    def status(self) -> dict[str, str]:
        """Return the state of each node, in words that end in "Ready" when it is."""

    @abstractmethod
    def course_images(self, progress: Progress) -> tuple[Engine, list[str]]:
        """Build the course images; return the engine that holds them, and their names."""


class Kind(Machine):
    """A kind cluster on this machine's engine."""

    def down(self, progress: Progress) -> None:
        """Take the cluster down; what was built or pulled stays."""
        kind.down(Engine.find(), progress)

    def status(self) -> dict[str, str]:
        """Return what the engine and the API server say of each node."""
        return kind.status(Engine.find())


class Built(Kind):
    """Debian's packages and Go modules are to be had: the nodes are built here."""

    def up(self, progress: Progress) -> None:
        """Install the engine if need be, build the node image if need be, and start it."""
        engine, image = self._build(progress)
        kind.up(engine, image, progress)

    def course_images(self, progress: Progress) -> tuple[Engine, list[str]]:
        """Build them with the node image, which holds them too."""
        engine, _ = self._build(progress)
        return engine, [f"{images.PREFIX}{name}:1" for name in ("base", *images.COURSE)]

    def _build(self, progress: Progress) -> tuple[Engine, str]:
        try:
            engine = Engine.find()
        except EngineError:
            engine = None
        debian.install(images.host_packages(engine), progress)
        engine = Engine.find()
        return engine, images.build(engine, progress)


class Pulled(Kind):
    """The engine can pull: kind's official nodes, and course images on an official Debian."""

    def up(self, progress: Progress) -> None:
        """Start the official nodes, and give them the course images."""
        engine, names = self.course_images(progress)
        pulled.provide(engine, progress)
        kind.up(engine, pulled.node_image(), progress, load=names)

    def course_images(self, progress: Progress) -> tuple[Engine, list[str]]:
        """Build them from the same Dockerfiles, on the official base."""
        engine = Engine.find()
        return engine, images.pulled(engine, progress)


class Owned(Machine):
    """A cluster that its owner named. Nothing is made in it but what lessons make."""

    HINT: ClassVar[str] = "docs/own-cluster.md tells what the workbook needs there."

    def up(self, progress: Progress) -> None:
        """Look whether the cluster answers, and says yes to what lessons do."""
        self._check()
        lacking = [
            f"{verb} {right}" for verb, right in _RIGHTS
            if kind.kubectl("auth", "can-i", verb, *_asked(right), "--all-namespaces").returncode
        ]  # fmt: skip
        if lacking:
            raise StepFailed(
                f"The context {guard.context()} may not {', '.join(lacking)}, or does not answer. "
                f"{self.HINT}"
            )
        progress.say(f"  ✓ the cluster of {guard.context()} answers; nothing was installed in it")

    def down(self, progress: Progress) -> None:
        """Leave it as it is: it is not ours."""
        progress.say(f"  · the cluster of {guard.context()} is its owner's, and stays")

    def status(self) -> dict[str, str]:
        """Return what the API server says of each node."""
        self._check()
        asked = kind.kubectl("get", "nodes", "-o", "json", "--request-timeout=10s")
        if asked.returncode:
            raise StepFailed(f"The cluster does not tell its nodes: {asked.stderr}")
        return {
            node["metadata"]["name"]: kind.readiness(node)
            for node in json.loads(asked.stdout)["items"]
        }

    def course_images(self, progress: Progress) -> tuple[Engine, list[str]]:
        """Build them as this machine can, for its owner to push."""
        return _by_engine(progress).course_images(progress)

    def _check(self) -> None:
        if shutil.which("kubectl") is None:
            raise StepFailed("kubectl is not on PATH. Install it, and run this again.")
        try:
            guard.check(guard.kubeconfig_path())
        except KubeError as error:
            raise StepFailed(str(error)) from None


_RIGHTS = (
    ("create", "namespaces"), ("delete", "namespaces"), ("create", "pods"), ("create", "pods/exec"),
    ("patch", "pods/resize"), ("get", "pods/log"), ("patch", "leases"), ("list", "events"),
    ("list", "nodes"),
)  # fmt: skip


def _asked(right: str) -> list[str]:
    """Put a right as kubectl wants it: to kubectl, pods/exec is a pod of the name exec."""
    resource, _, subresource = right.partition("/")
    return [resource, *([f"--subresource={subresource}"] if subresource else [])]


def find(progress: Progress) -> Machine:
    """Return the way for this machine; may pull the node image to know.

    WORKBOOK_NODES=build or =pull says it in advance.
    """
    return Owned() if guard.owner_context() else _by_engine(progress)


def _by_engine(progress: Progress) -> Kind:
    wanted = os.environ.get("WORKBOOK_NODES", "")
    if wanted in ("build", "pull"):
        return Built() if wanted == "build" else Pulled()
    if wanted:
        raise StepFailed(f"WORKBOOK_NODES is {wanted!r}; it may be build or pull.")
    try:
        engine = Engine.find()
    except EngineError:
        return Built()
    if programs.folder().exists():  # the building began here; an interrupted one goes on
        return Built()
    return Pulled() if pulled.reachable(engine, progress) else Built()


def present() -> Machine:
    """Return the way to ask what runs, or to end it; neither pulls nor builds."""
    return Owned() if guard.owner_context() else Built()
