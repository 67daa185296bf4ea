"""What experiments do with a registry of their own: build, push, and lead the nodes to it.

It is started for a run and removed at its end, with the names that it gave to images. How to undo
that stands in the lesson's Lease before it is done.
"""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from helpers.aws.registry import USER, Registry, RegistryError, authorization
from helpers.engine import mirror
from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard, undo
from helpers.kube.errors import DeadlineExceeded
from helpers.lesson.experiment import Bench, Trouble
from helpers.model import aws
from helpers.model.images import Image, Push
from helpers.model.timeline import Row, Value

T = TypeVar("T")

SOURCES = Path(__file__).resolve().parents[2] / "images"
LOG_SECONDS = 3.0  # that the engine may take to pass on the registry's last line


@dataclass(frozen=True)
class Store:
    """A run's registry, the engine that is logged in to it or not, and a folder to build in."""

    bench: Bench
    registry: Registry
    engine: Engine
    folder: Path

    def note(self, object: str, field: str, value: Value) -> None:
        """Write a row of the registry."""
        self.bench.timeline.append(Row(time.time(), "registry", object, field, value))

    def name(self, repository: str, tag: str) -> str:
        """Return an image's name on this machine."""
        return f"{self.registry.host}/{repository}:{tag}"

    async def call(self, work: Callable[[], T]) -> T:
        """Run what blocks in a thread. Raises Trouble with the engine's or the registry's words."""
        try:
            return await self.bench.call(work)
        except (EngineError, RegistryError) as error:
            raise _trouble(error) from None

    async def build(
        self,
        repository: str,
        tag: str,
        dockerfile: Path,
        context: Path,
        arguments: Mapping[str, str] | None = None,
    ) -> None:
        """Build an image under its name in this registry."""
        name = self.name(repository, tag)
        await self.call(lambda: self.engine.build(name, context, dockerfile, arguments))

    async def tag(self, repository: str, old: str, new: str) -> None:
        """Give an image a second tag."""
        names = self.name(repository, old), self.name(repository, new)
        await self.call(lambda: self.engine.ask("tag", *names))

    async def push(self, repository: str, tag: str) -> Push:
        """Push an image, and note what was sent and what the registry made of it."""
        done = await self.call(lambda: self._push(repository, tag))
        self.note(f"Image/{done.name}", "push", done.row)
        return done

    async def note_labels(self, repository: str, reference: str) -> None:
        """Read an image's labels and annotations from the registry, and note both.

        A row's object is "Image/<repository>:<tag>", or "Image/<repository>@<digest>".
        """
        config = await self.call(lambda: self.registry.config(repository, reference))
        held = await self.call(lambda: self.registry.manifest(repository, reference))
        mark = "@" if ":" in reference else ":"
        object = f"Image/{repository}{mark}{reference}"
        self.note(object, "labels", config["config"].get("Labels") or {})
        self.note(object, "annotations", held.content.get("annotations") or {})

    async def login(self, token: str) -> None:
        """Log in as the token's user, and note what the engine keeps of that."""
        await self.call(lambda: self.engine.login(self.registry.host, USER, token))
        kept = json.loads((self.folder / "login" / "config.json").read_text())["auths"]
        user, _, password = (
            base64.b64decode(kept[self.registry.host]["auth"]).decode().partition(":")
        )
        command = self.engine.command("login", "--username", USER, "--password-stdin")
        value: dict[str, Value] = {
            "command": f"{' '.join(command)} {self.registry.host}",
            "registries": list(kept),
            "user": user,
            "the token": password == token,
        }
        self.note("Login", "login", value)

    async def lead(self, nodes: Mapping[str, str] | None = None) -> None:
        """Lead nodes to this registry under the host name that it has at AWS.

        `nodes` are a token by node name, empty for none; without it all nodes are led there, with
        none. The lesson must be opened with `exclusive="node"`.
        """
        if self.bench.lease.exclusive == "none":
            raise ValueError('open the lesson with exclusive="node" to lead nodes to a registry')
        tokens = dict.fromkeys(await self.call(workers), "") if nodes is None else nodes
        url = self.registry.address
        hosts = {
            node: mirror.hosts(url, authorization(token) if token else "")
            for node, token in tokens.items()
        }
        await self.bench.call(self.bench.lease.note, {"forget": aws.REGISTRY})
        await self.call(lambda: undo.lead(aws.REGISTRY, hosts))

    async def restart(self) -> Store:
        """Return the store with a registry in the place of this one, without its storage."""
        return replace(self, registry=await self.call(self.registry.restart))

    def _push(self, repository: str, tag: str) -> Push:
        name = f"{repository}:{tag}"
        before, asked = self.registry.received(), len(self.registry.requests())
        try:
            self.engine.push(self.name(repository, tag))
        except EngineError as error:
            return Push(name, None, 0, refused=str(error).splitlines()[-1][-300:])
        uploaded, present = self._log(asked, f"/v2/{repository}/manifests/{tag}")
        held = self.registry.manifest(repository, tag)
        image = Image.parse(held.digest, held.body)
        sent = self.registry.received() - before
        return Push(name, image, sent, uploaded, present)

    def _log(self, since: int, last: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Read from the registry's log which blobs were sent, and which were there."""
        until = time.monotonic() + LOG_SECONDS
        while True:
            seen = self.registry.requests()[since:]
            if any(method == "PUT" and path == last for method, path, _ in seen):
                break
            if time.monotonic() > until:
                raise DeadlineExceeded(f"the registry's log to tell of {last}", LOG_SECONDS)
            time.sleep(0.05)  # a log tells nobody that it has grown
        uploaded = [
            parse_qs(urlsplit(path).query)["digest"][0]
            for method, path, status in seen
            if method == "PUT" and "/blobs/uploads/" in path and status == 201
        ]
        present = [
            path.rpartition("/")[2]
            for method, path, status in seen
            if method == "HEAD" and "/blobs/" in path and status == 200
        ]
        return tuple(uploaded), tuple(present)


@asynccontextmanager
async def store(bench: Bench, token: str = "") -> AsyncIterator[Store]:
    """Start an empty registry for this run; with a token, it asks for a login.

    Raises Trouble when it does not start. The end of the run removes it.
    """
    container = f"{bench.place.namespace}-registry"
    await bench.call(bench.lease.note, {"remove": container})
    try:
        engine = await bench.call(Engine.find)
        registry = await bench.call(Registry.start, engine, container, token)
    except (EngineError, RegistryError) as error:
        raise _trouble(error) from None
    await bench.call(bench.lease.note, {"untag": registry.host})
    with TemporaryDirectory(prefix="workbook-") as name:
        folder = Path(name)
        own = await bench.call(engine.with_logins_in, folder / "login")
        yield Store(bench, registry, own, folder)


def programs(folder: Path) -> Path:
    """Lay the course's programs out in a folder to build from, where they may be changed."""
    context = folder / "context"
    shutil.copytree(SOURCES / "programs", context / "programs")
    return context


def workers() -> list[str]:
    """Return the names of the cluster's workers, in their order."""
    nodes = sorted(Engine.find().nodes(guard.CLUSTER))
    return [node for node in nodes if not node.endswith("-control-plane")]


def _trouble(error: Exception) -> Trouble:
    return Trouble(
        "The registry, or the container engine, said no",
        str(error)[-600:],
        "Look whether the engine runs (`workbook doctor` tells), and press Run again.",
    )
