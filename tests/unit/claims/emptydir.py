"""Timelines of the topic emptydir."""

from __future__ import annotations

from typing import Any

from helpers.model import manifests, volumes
from helpers.model.empty_dir_limits import IN_MEMORY, ON_DISK
from helpers.model.empty_dirs import DELETED, KILLED, MOVED, NAME, START
from helpers.model.manifests import Manifest
from helpers.model.timeline import Timeline
from helpers.model.trials import Trial
from tests.unit.claims.story import Story

PLACE: dict[str, Any] = {"namespace": "empty-dir-3f2a", "lesson": "empty-dir"}
TOO_MUCH = 'Usage of EmptyDir volume "cache" exceeds the limit "8Mi".'
WORDS = "Invalid value: `selector` does not match template `labels`"


def made(name: str = "data", read_only: bool = True, **more: Any) -> Manifest:
    """The Deployment, whose volume is called `name`."""
    spec: Any = volumes.randserver_spec(volume=volumes.empty_dir("data"))
    spec["volumes"][0]["name"] = name
    spec["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = read_only
    mount = {"name": "data", "mountPath": "/shared"}
    spec["containers"].append({"name": "second", "image": "burn", "volumeMounts": [mount]})
    return volumes.deployment(**PLACE, spec=spec, **more)


def look(
    story: Story, moment: str, pod: str, file: str, *, inode: int = 7, container: str = NAME
) -> None:
    value = {
        "moment": moment,
        "container": container,
        "path": "/data" if container == NAME else "/shared",
        "files": {"random.bin": file} if file else {},
        "inodes": {"random.bin": inode} if file else {},
    }
    story.row("exec", f"Pod/{pod}", "files", value)


def followed(
    files: str = "aabc",
    *,
    moments: tuple[str, ...] = (START, KILLED, DELETED, MOVED),
    inode: int = 7,
    touched: tuple[bool, bool] = (False, True),
    code: int = 1,
    read_only: bool = True,
    mismatch: str | None = WORDS,
    undeclared: str | None = 'volumeMounts[0].name: Not found: "data"',
    through: tuple[str, str] = ("a", ""),
    restarts: int = 1,
) -> Story:
    """A file that is followed; each letter of `files` is what is there after a moment."""
    story = Story()
    for manifest, said in (
        (made(template_app="example"), mismatch),
        (made("date"), undeclared),
    ):
        if said is not None:
            trial = Trial(manifest, None if said else manifest, "", said, [])
            story.row("session", f"Deployment/{NAME}", "trial", trial.row)
    story.row("session", f"Deployment/{NAME}", "manifest", made(read_only=read_only))
    bare = volumes.pod(**PLACE, name="bare", spec=volumes.randserver_spec(volume=None))
    story.row("session", "Pod/bare", "manifest", bare)
    path = f"status.containerStatuses.{NAME}"
    story.row("watch", "Pod/bare", f"{path}.state.terminated.exitCode", code)
    pods = {START: "one", KILLED: "one", DELETED: "two", MOVED: "three"}
    for moment, file in zip(moments, files, strict=False):
        look(story, moment, pods[moment], file.strip())
        if moment == START:
            look(story, START, "one", file.strip(), inode=inode, container="second")
            for where, good in zip(("/x", "/data/x"), touched, strict=True):
                said = "" if good else f"touch: cannot touch '{where}': Read-only file system"
                value = {"path": where, "good": good, "said": said}
                story.row("exec", "Pod/one", "touch", value)
            story.row("session", "Pod/one", "GET /checksum", {"good": True, "said": through[0]})
        if moment == KILLED:
            story.row("watch", "Pod/one", f"{path}.restartCount", restarts)
        if moment == DELETED:
            last = {"good": bool(through[1]), "said": through[1] or "not found"}
            story.row("session", "Pod/one", "GET /checksum", last)
    return story


def filled(
    written: float = 60, end: str = "OOMKilled", *, on_disk: float = 16, words: str = TOO_MUCH
) -> Story:
    """A volume of memory (64Mi) and one on disk (8Mi) are filled."""
    story = Story()
    limited = manifests.burn_pod(**PLACE, name=IN_MEMORY, limits={"memory": "64Mi"})
    story.row("session", f"Pod/{IN_MEMORY}", "manifest", limited)
    spec: Any = {"volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "8Mi"}}]}
    story.row("session", f"Pod/{ON_DISK}", "manifest", {"spec": spec})
    story.row("log", f"Pod/{IN_MEMORY}", "wrote", written)
    story.row("session", f"Pod/{ON_DISK}", "wrote", on_disk)
    path = f"status.containerStatuses.{IN_MEMORY}.state.terminated.reason"
    story.row("watch", f"Pod/{IN_MEMORY}", path, end)
    return story.row("event", f"Pod/{ON_DISK}", "Evicted", words) if words else story


HOLDS: dict[str, list[Timeline]] = {
    "ch09-emptydir-01": [followed()],
    "ch09-emptydir-02": [followed()],
    "ch09-emptydir-03": [followed()],
    "ch09-emptydir-04": [followed()],
    "ch09-emptydir-05": [followed()],
    "ch09-emptydir-06": [followed()],
    "own-ch09-emptydir-01": [filled()],
    "own-ch09-emptydir-02": [filled()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch09-emptydir-01": [followed("abcd"), followed("aaab"), followed("aabb"), followed("aa b")],
    "ch09-emptydir-02": [
        followed(touched=(True, True)),
        followed(touched=(False, False)),
        followed(code=0),
    ],
    "ch09-emptydir-03": [followed(mismatch=""), followed(mismatch="something else")],
    "ch09-emptydir-04": [followed(inode=8), followed(undeclared="")],
    "ch09-emptydir-05": [followed(through=("b", ""))],
    "ch09-emptydir-06": [followed("aaab"), followed(through=("a", "b"))],
    "own-ch09-emptydir-01": [filled(80), filled(20), filled(end="Completed")],
    "own-ch09-emptydir-02": [filled(on_disk=8), filled(words="The node was low on resource")],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch09-emptydir-01": [followed(moments=(START, KILLED)), followed(restarts=0)],
    "ch09-emptydir-02": [followed(read_only=False), followed(moments=())],
    "ch09-emptydir-03": [followed(mismatch=None)],
    "ch09-emptydir-04": [followed(undeclared=None), followed(moments=(KILLED,))],
    "ch09-emptydir-05": [followed(moments=(KILLED,))],
    "ch09-emptydir-06": [followed(moments=(START, KILLED))],
    "own-ch09-emptydir-01": [followed(), filled(end="")],
    "own-ch09-emptydir-02": [followed(), filled(words="")],
}
