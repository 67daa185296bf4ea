"""The container engine of this machine: build, save, run, pause.

Docker is asked whether its daemon answers, not whether its client is on PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

KIND_LABEL = "io.x-k8s.kind.cluster"
"""kind's label of its node containers (pkg/cluster/internal/providers/podman/constants.go)."""

PODMAN_CONFIGURATION = Path(__file__).with_name("containers.conf")


class EngineError(Exception):
    """The container engine refused, or there is none; its text says which and what it said."""


@dataclass(frozen=True)
class Engine:
    """One container engine; `environment` is what it and kind must be started with."""

    program: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def find(cls) -> Engine:
        """Return the engine that answers: Docker's daemon, else Podman.

        Raises EngineError when neither does.
        """
        if shutil.which("docker") and _answers(["docker", "info"]):
            return cls("docker")
        if shutil.which("podman"):
            return podman()
        raise EngineError(
            "No container engine answers. Install Podman or start Docker, then run it again."
        )

    def command(self, *arguments: str | os.PathLike[str]) -> list[str]:
        """Return the command line that runs the engine with these arguments."""
        return [self.program, *map(str, arguments)]

    def env(self) -> dict[str, str]:
        """Return this process's environment with what the engine needs."""
        return {**os.environ, **self.environment}

    def ask(self, *arguments: str | os.PathLike[str], typed: str = "") -> str:
        """Run the engine and return what it printed; `typed` goes to its standard input.

        Raises EngineError with its own words.
        """
        done = subprocess.run(
            self.command(*arguments),
            check=False,
            capture_output=True,
            text=True,
            env=self.env(),
            input=typed,
        )
        if done.returncode:
            raise EngineError(f"{self.program} {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def has_image(self, name: str) -> bool:
        """Tell whether an image of that name is in the engine's store."""
        try:
            self.ask("image", "inspect", "--format", "{{.Id}}", name)
        except EngineError:
            return False
        return True

    def images(self, prefix: str) -> list[str]:
        """Name the images in the store whose name begins so."""
        lines = self.ask("images", "--format", "{{.Repository}}:{{.Tag}}").splitlines()
        return sorted({line for line in lines if line.startswith(prefix)})

    def labelled(self, label: str) -> list[str]:
        """Return the ids of the images in the store that carry a label."""
        ids = self.ask("images", "--quiet", "--no-trunc", "--filter", f"label={label}").split()
        return sorted(set(ids))

    def nodes(self, cluster: str) -> dict[str, str]:
        """Return the state (running, exited, paused …) of each node container of a kind cluster."""
        names = self.ask(
            "ps", "--all", "--filter", f"label={KIND_LABEL}={cluster}", "--format", "{{.Names}}"
        ).split()
        if not names:
            return {}
        lines = self.ask("inspect", "--format", "{{.Name}} {{.State.Status}}", *names).splitlines()
        # Docker's inspect writes a slash before a container's name.
        return dict(line.removeprefix("/").split(maxsplit=1) for line in lines)

    def volumes(self, cluster: str) -> list[str]:
        """Name the volumes that kind has made for the nodes of a cluster, there or gone.

        With Podman it makes them by themselves, so that they do not go with their containers, and
        labels each with its node's name.
        Upstream: kind pkg/cluster/internal/providers/podman/provider.go, DeleteNodes.
        """
        label = re.compile(rf"[\[ ,]{re.escape(cluster)}-(control-plane|worker\d*)[:=]true\b")
        lines = self.ask("volume", "ls", "--format", "{{.Name}} {{.Labels}}").splitlines()
        return [line.split()[0] for line in lines if label.search(line)]

    def image_of(self, container: str) -> str:
        """Return the id of the image that a container was made from."""
        return self.ask("container", "inspect", "--format", "{{.Image}}", container).strip()

    def image_id(self, name: str) -> str:
        """Return the id of an image in the store. Raises EngineError when it is not there."""
        return self.ask("image", "inspect", "--format", "{{.Id}}", name).strip()

    def entrypoint(self, image: str) -> str:
        """Return what a container of this image runs first, as the engine writes the list."""
        return self.ask("image", "inspect", "--format", "{{.Config.Entrypoint}}", image).strip()

    def version(self) -> tuple[int, ...]:
        """Return the engine's own version, as numbers."""
        words = self.ask("--version").split()
        number = next(word for word in words if word[0].isdigit())
        return tuple(int(part) for part in number.rstrip(",").split("-")[0].split(".")[:3])

    def build(
        self, tag: str, context: Path, file: Path, arguments: Mapping[str, str] | None = None
    ) -> None:
        """Build an image without a network; `arguments` are its build arguments."""
        options: list[str | os.PathLike[str]] = ["--network=none", "--tag", tag, "--file", file]
        for name, value in (arguments or {}).items():
            options += ["--build-arg", f"{name}={value}"]
        self.ask("build", *options, context)

    def login(self, host: str, user: str, password: str) -> None:
        """Log in to a registry of this machine; the password is typed, and seen by nobody."""
        options = ["--username", user, "--password-stdin", *self._plain]
        self.ask("login", *options, host, typed=password)

    def push(self, image: str) -> None:
        """Push an image to the registry of this machine that its name begins with."""
        self.ask("push", *self._plain, image)

    def with_logins_in(self, folder: Path) -> Engine:
        """Return this engine, keeping the logins that are made with it in a folder of its own.

        The file there is `config.json`, as Docker writes it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        # Podman takes a file that is not there for a fault.
        (folder / "config.json").write_text("{}")
        own = {"DOCKER_CONFIG": str(folder), "REGISTRY_AUTH_FILE": str(folder / "config.json")}
        if self.program == "docker" and "DOCKER_HOST" not in os.environ:
            # Docker's contexts are kept in the folder that it is led away from.
            where = self.ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
            own["DOCKER_HOST"] = where.strip()
        return replace(self, environment={**self.environment, **own})

    @property
    def _plain(self) -> list[str]:
        """The option for a registry that speaks HTTP; Docker does so with loopback by itself."""
        return ["--tls-verify=false"] if self.program == "podman" else []

    def pause(self, node: str) -> None:
        """Stop every process of a node where it stands; the node keeps its address."""
        self.ask("pause", node)

    def unpause(self, node: str) -> None:
        """Let a paused node go on."""
        self.ask("unpause", node)

    def remove(self, containers: Sequence[str]) -> None:
        """Remove containers, running or not, with their volumes."""
        if containers:
            self.ask("rm", "--force", "--volumes", *containers)

    def remove_nodes(self, cluster: str) -> None:
        """Remove the node containers of a kind cluster, and the volumes that they had.

        Those of nodes that are gone go too.
        """
        self.remove(list(self.nodes(cluster)))
        if volumes := self.volumes(cluster):
            self.ask("volume", "rm", *volumes)

    def untag(self, prefix: str) -> None:
        """Take away the names that begin so; an image without another name goes with its own."""
        if names := self.images(prefix):
            self.ask("rmi", *names)

    def remove_images(self, names: Sequence[str]) -> None:
        """Remove images from the store."""
        if names:
            self.ask("rmi", "--force", *names)


def podman() -> Engine:
    """Return Podman, set up as kind needs it.

    Where root runs it and runc is there, as on the machines that the workbook sets up itself, its
    limits are those of a machine without CAP_SYS_RESOURCE. Elsewhere its own configuration holds.
    """
    environment = {"KIND_EXPERIMENTAL_PROVIDER": "podman"}
    if os.geteuid() == 0 and shutil.which("runc"):
        environment["CONTAINERS_CONF"] = str(PODMAN_CONFIGURATION)
    return Engine("podman", environment)


def _answers(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
