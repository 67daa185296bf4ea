"""Claims about emptyDir (ledger: ch09-emptydir-*; own-ch09-emptydir-*).

Rows that they read: the looks of `helpers.model.files`, at the moments of
`helpers.model.empty_dirs`; what `helpers.model.empty_dir_limits` names; *trials*
(`helpers.model.trials`) of manifests with a mistake; and what each names below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import empty_dir_limits, empty_dirs, manifests
from helpers.model.empty_dir_limits import IN_MEMORY, ON_DISK
from helpers.model.empty_dirs import DELETED, KILLED, NAME, START
from helpers.model.files import Look, looks
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

NO_RUN = "run of randserver with an emptyDir"
DEPLOYMENT = f"Deployment/{NAME}"


def _sent(timeline: Timeline) -> Mapping[str, Any] | None:
    """Return the pod template of the Deployment that was sent, if its volume is an emptyDir."""
    sent: Any = timeline.value(source="session", object=DEPLOYMENT, field="manifest")
    spec = sent["spec"]["template"]["spec"] if isinstance(sent, Mapping) else None
    if spec is None or not any("emptyDir" in volume for volume in spec.get("volumes") or ()):
        return None
    return dict(spec)


def _at(timeline: Timeline, moment: str, container: str = NAME) -> Look | None:
    found = [look for look in looks(timeline, container) if look.moment == moment]
    return found[-1] if found else None


def _short(look: Look) -> str:
    return ", ".join(sorted(checksum[:8] for checksum in look.checksums)) or "no file"


@claim("ch09-emptydir-01")
def it_lives_as_long_as_the_pod(timeline: Timeline) -> Verdict:
    """Check that the file outlives its container and not its Pod, nor the Pod's move.

    Rows: the Deployment's manifest; looks at all four moments; the watch's "restartCount".
    """
    life = empty_dirs.life(timeline)
    moments = [look.moment for look, _ in life]
    if _sent(timeline) is None or moments != list(empty_dirs.MOMENTS):
        return cannot_tell(NO_RUN)
    first = life[0][0].pod
    path = f"status.containerStatuses.{NAME}.restartCount"
    restarts = timeline.where(source="watch", object=f"Pod/{first}", field=path)
    if not any(row.value for row in restarts) or life[1][0].pod != first:
        return cannot_tell("container that was started again in the same Pod")
    expected, seen = empty_dirs.rule(moments), [number for _, number in life]
    held = expected == seen
    return Verdict(
        held,
        "The file outlives its container, and ends with its Pod."
        if held
        else "The file lives shorter or longer than its Pod.",
        ", ".join(
            f"{moment}: file {number}" for moment, number in zip(moments, expected, strict=True)
        ),
        ", ".join(f"{moment}: file {number}" for moment, number in zip(moments, seen, strict=True)),
    )


@claim("ch09-emptydir-02")
def the_volume_is_the_only_writable_place(timeline: Timeline) -> Verdict:
    """Check that a file is written on the volume and nowhere else, and that without one none is.

    Rows: the Deployment's manifest; rows "touch" of source "exec"; the Pod "bare" without a volume:
    its manifest, and the watch's "exitCode".
    """
    spec, start = _sent(timeline), _at(timeline, START)
    tried: dict[str, Mapping[str, Any]] = {
        str(row.value["path"]): row.value
        for row in timeline.where(source="exec", field="touch")
        if isinstance(row.value, Mapping)
    }
    bare: Any = timeline.value(source="session", object="Pod/bare", field="manifest")
    codes = [
        row.value
        for row in timeline.where(source="watch", object="Pod/bare")
        if row.field.endswith("erminated.exitCode") and row.value is not None
    ]
    if spec is None or start is None or len(tried) != 2 or not bare or not codes:
        return cannot_tell(NO_RUN)
    locked = all(
        bool((container.get("securityContext") or {}).get("readOnlyRootFilesystem"))
        for container in (spec["containers"][0], bare["spec"]["containers"][0])
    )
    if not locked:
        return cannot_tell("container whose root file system is read-only")
    (beside, on) = (tried[path] for path in sorted(tried, key=len))
    refused = not beside["good"] and "Read-only file system" in str(beside["said"])
    held = refused and on["good"] is True and len(start.files) == 1 and 0 not in codes
    return Verdict(
        held,
        "The container writes on its volume and nowhere else; without the volume it ends."
        if held
        else "The container writes beside its volume, or does not write on it.",
        f"{beside['path']}: Read-only file system; {on['path']}: written; without a volume: "
        "an exit code other than 0",
        f"{beside['path']}: {beside['said'] or 'written'}; {on['path']}: "
        f"{'written' if on['good'] else on['said']}; without a volume: exit code {codes[-1]}",
    )


@claim("ch09-emptydir-03")
def other_labels_than_the_selector_asks_for_are_refused(timeline: Timeline) -> Verdict:
    """Check that a Deployment whose Pods its selector would miss is refused, and mended is taken.

    Upstream: K pkg/apis/apps/validation/validation.go, ValidatePodTemplateSpecForReplicaSet.
    Rows: the trial; the Deployment's manifest, which is there once the server took it.
    """
    for trial in trials(timeline):
        sent: Any = trial.sent
        if sent["kind"] != "Deployment":
            continue
        wanted = sent["spec"]["selector"]["matchLabels"]
        labels = sent["spec"]["template"]["metadata"]["labels"]
        mismatch = any(labels.get(key) != value for key, value in wanted.items())
        if not mismatch or _sent(timeline) is None:
            continue
        words = "`selector` does not match template `labels`"
        held = trial.stored is None and words in trial.message
        return Verdict(
            held,
            "A Deployment whose Pods carry other labels than its selector asks for is refused."
            if held
            else "The server took labels that the selector does not match.",
            words,
            trial.message or "accepted",
        )
    return cannot_tell("Deployment whose labels do not match")


@claim("ch09-emptydir-04")
def a_volume_is_declared_once_and_mounted_by_name(timeline: Timeline) -> Verdict:
    """Check that two containers see one file at two paths, and that an unknown name is refused.

    Rows: the Deployment's manifest; looks of both containers at the start; the trial of a mount
    that names no volume of the Pod.
    """
    spec = _sent(timeline)
    seen = [_at(timeline, START, c["name"]) for c in spec["containers"]] if spec else []
    first, second = (seen[0], seen[1]) if len(seen) == 2 else (None, None)
    trial = next((t for t in trials(timeline) if _undeclared(t.sent)), None)
    if spec is None or first is None or second is None or trial is None:
        return cannot_tell("Pod with two containers on one volume")
    same = dict(first.inodes) == dict(second.inodes) and dict(first.files) == dict(second.files)
    refused = trial.stored is None and "Not found" in trial.message
    held = len(spec["volumes"]) == 1 and first.path != second.path and same and refused
    return Verdict(
        held,
        "One volume of the Pod is mounted by its name in two containers, at a path of each one's "
        "own; a name that the Pod does not declare is refused."
        if held
        else "The two containers do not see one volume, or an unknown name was taken.",
        f"the same inode at {first.path} and {second.path}; Not found",
        f"{_inodes(first)} at {first.path}, {_inodes(second)} at {second.path}; "
        f"{trial.message or 'accepted'}",
    )


@claim("ch09-emptydir-05")
def a_forwarded_port_reaches_the_app(timeline: Timeline) -> Verdict:
    """Check that what comes through the port is what the container has on its volume.

    Rows: the first "GET /checksum" of source "session"; the look at the start.
    """
    answers = timeline.where(source="session", field="GET /checksum")
    start = _at(timeline, START)
    if not answers or start is None or answers[0].object != f"Pod/{start.pod}":
        return cannot_tell("answer through a forwarded port")
    said: Any = answers[0].value
    held = said["good"] and start.checksums == {said["said"]}
    return Verdict(
        bool(held),
        "A port of this machine leads into the Pod, and the app answers with its one file."
        if held
        else "The answer through the port is not the file on the volume.",
        _short(start),
        str(said["said"])[:8] if said["good"] else str(said["said"]),
    )


@claim("ch09-emptydir-06")
def a_replacement_begins_empty_and_breaks_the_forward(timeline: Timeline) -> Verdict:
    """Check that the Deployment's next Pod has another file, and that the old port leads nowhere.

    Rows: looks before and after the deletion; the last "GET /checksum", which was asked after it.
    """
    before, after = _at(timeline, KILLED), _at(timeline, DELETED)
    answers = timeline.where(source="session", field="GET /checksum")
    if before is None or after is None or before.pod == after.pod or len(answers) < 2:
        return cannot_tell("Pod that was deleted and replaced")
    last: Value = answers[-1].value
    cut = isinstance(last, Mapping) and last["good"] is False
    apart = not before.checksums & after.checksums
    held = apart and cut and len(before.files) == len(after.files) == 1
    return Verdict(
        held,
        "The next Pod has a file of its own in an empty volume, and the forwarded port ended with "
        "the Pod to which it led."
        if held
        else "The next Pod has the old file, or the old port still leads to one.",
        "one file before and another after; no answer through the old port",
        f"{_short(before)} before and {_short(after)} after; "
        f"{'no answer' if cut else 'an answer'} through the old port",
    )


def _undeclared(manifest: Mapping[str, Value]) -> bool:
    """Tell whether a container mounts what its Pod does not declare."""
    spec: Any = manifest.get("spec")
    inner = spec.get("template", {}).get("spec", spec) if isinstance(spec, Mapping) else {}
    declared = {volume["name"] for volume in inner.get("volumes") or ()}
    return any(
        mount["name"] not in declared
        for container in manifests.containers(manifest)
        for mount in _mounts(container)
    )


def _mounts(container: Mapping[str, Value]) -> list[Mapping[str, Any]]:
    mounts: Any = container.get("volumeMounts")
    return list(mounts or ())


def _inodes(look: Look) -> str:
    return ", ".join(f"inode {number}" for number in look.inodes.values()) or "no file"


@claim("own-ch09-emptydir-01")
def a_volume_of_memory_is_the_containers_memory(timeline: Timeline) -> Verdict:
    """Check that a container that fills a volume of memory is killed at its own limit.

    Rows: the Pod's manifest (limits.memory); its log's "wrote" (MiB); how the container ended. Its
    program needs some of the limit, too: what was written may lie below by a half.
    """
    limit = empty_dir_limits.limit(timeline, IN_MEMORY)
    written = empty_dir_limits.written(timeline, IN_MEMORY)
    end = empty_dir_limits.end(timeline, IN_MEMORY)
    if limit is None or written is None or not end:
        return cannot_tell("container that filled a volume of memory and ended")
    held = end == "OOMKilled" and limit / 2 <= written <= limit
    return Verdict(
        held,
        "What lies in a volume of memory counts as the container's memory, and its limit ends it."
        if held
        else "The container's limit did not end the filling of its volume of memory.",
        f"OOMKilled at no more than {limit:g} MiB",
        f"{end} after {written:g} MiB",
    )


@claim("own-ch09-emptydir-02")
def a_size_limit_is_judged_afterwards(timeline: Timeline) -> Verdict:
    """Check that a volume on disk takes more than its sizeLimit, and the Pod is evicted for it.

    Rows: the Pod's manifest (sizeLimit); "wrote" (MiB); the event "Evicted".
    """
    limit = empty_dir_limits.limit(timeline, ON_DISK)
    written = empty_dir_limits.written(timeline, ON_DISK)
    words = empty_dir_limits.end(timeline, ON_DISK)
    if limit is None or written is None or not words:
        return cannot_tell("Pod that was evicted after it had filled a volume on disk")
    held = written > limit and "exceeds the limit" in words
    return Verdict(
        held,
        "Nobody stops a write beyond the sizeLimit; the kubelet evicts the whole Pod afterwards."
        if held
        else "The write was stopped, or the Pod was evicted for something else.",
        f"more than {limit:g} MiB written; evicted: it exceeds the limit",
        f"{written:g} MiB written; evicted: {words}",
    )
