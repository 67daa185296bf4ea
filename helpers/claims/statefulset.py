"""Claims about StatefulSets, and about what survives what.

In the ledger ch09-sts-*; beside it own-ch09-partition-*, own-ch09-lost-*, own-ch09-survives-*.
Rows that they read: what `helpers.model.set_run`, `helpers.model.lost_node` and
`helpers.model.survives` name. A Pod's file is known by its SHA-256.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import lost_node, set_run, statefulset, survives
from helpers.model.set_run import watched
from helpers.model.statefulset import Kept
from helpers.model.timeline import Timeline, Value

NO_SET = "StatefulSet whose pods were all ready"
NO_LOOKUP = "look-up of a set's names from inside a pod"


def _whole(timeline: Timeline) -> dict[str, tuple[Mapping[str, Any], list[set_run.Life]]]:
    """Return the manifests and first Pods of the sets of which all Pods have been ready."""
    found = {}
    for name, manifest in set_run.sets(timeline).items():
        lives = set_run.first_lives(timeline, name)
        whole = bool(lives) and len(lives) == statefulset.replicas_of(manifest)
        if whole and all(life.ready is not None for life in lives):
            found[name] = (manifest, lives)
    return found


def _service(timeline: Timeline) -> tuple[str, Mapping[str, Any]] | None:
    """Return the headless Service that was sent, and its name."""
    for row in timeline.where(source="session", field="manifest"):
        kind, _, name = row.object.partition("/")
        if kind == "Service" and isinstance(row.value, Mapping):
            return name, row.value
    return None


def _address(timeline: Timeline, pod: str) -> str:
    found = timeline.value(source="watch", object=f"Pod/{pod}", field="status.podIP")
    return str(found or "none")


def _claim(timeline: Timeline, name: str, field: str) -> Value:
    return watched(timeline, f"PersistentVolumeClaim/{name}", field)


def _replaced(timeline: Timeline, prefix: str) -> tuple[set_run.Life, set_run.Life] | None:
    """Return the first Pod that was deleted, and the one that was made in its place."""
    lives = set_run.lives(timeline, prefix)
    going = [(life.going, life) for life in lives if life.going is not None]
    if not going:
        return None
    at, old = min(going, key=lambda found: found[0])
    later = [life for life in lives if life.made >= at]
    return (old, later[0]) if later else None


def _deployment(timeline: Timeline) -> tuple[str, Mapping[str, Any]] | None:
    for row in timeline.where(source="session", field="manifest"):
        kind, _, name = row.object.partition("/")
        if kind == "Deployment" and isinstance(row.value, Mapping):
            return name, row.value
    return None


@claim("ch09-sts-01")
def a_set_gives_each_pod_a_volume_and_a_name(timeline: Timeline) -> Verdict:
    """Check claims a Pod, and the name after a deletion, of a set and of a Deployment.

    Rows: both manifests; the watch's "exists" of Pods and claims, and "spec.volumeName" of claims;
    a deletion of a Pod of each.
    """
    whole, other = _whole(timeline), _deployment(timeline)
    if not whole or other is None:
        return cannot_tell("StatefulSet beside a Deployment")
    name, (_, lives) = next(iter(whole.items()))
    mine, its = _replaced(timeline, f"{name}-"), _replaced(timeline, f"{other[0]}-")
    if mine is None or its is None:
        return cannot_tell("pod that was deleted of a set and of a Deployment")
    claims = [statefulset.claim_name(name, n) for n, _ in enumerate(lives)]
    volumes = {_claim(timeline, one, "spec.volumeName") for one in claims} - {None}
    spec = other[1]["spec"]["template"]["spec"]
    shared = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in spec.get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
    if not shared:
        return cannot_tell("Deployment whose pods share a claim")
    told = (
        f"set: {len(volumes)} volumes, {mine[0].name} → {mine[1].name}; "
        f"Deployment: {len(shared)}, {its[0].name} → {its[1].name}"
    )
    held = (
        len(volumes) == len(lives)
        and mine[0].name == mine[1].name
        and len(shared) == 1
        and its[0].name != its[1].name
    )
    return Verdict(
        held,
        "Each pod of a set has its own volume, and its successor has its name; a Deployment's pods "
        "share the one claim, and a new one has a new name."
        if held
        else "Volumes or names are not as the two kinds of owners should give them.",
        f"set: {len(lives)} volumes, the same name; Deployment: 1, another name",
        told,
    )


@claim("ch09-sts-02")
def the_service_name_is_all_pods(timeline: Timeline) -> Verdict:
    """Check that a headless Service's name resolves to the address of each ready Pod.

    Rows: the Service's manifest; "lookup" of its name; the watch's "status.podIP".
    """
    service, found = _service(timeline), set_run.lookups(timeline)
    if service is None or service[0] not in found:
        return cannot_tell("look-up of a headless Service")
    app = service[1]["spec"]["selector"]["app"]
    whole = _whole(timeline)
    if app not in whole:
        return cannot_tell(NO_SET)
    expected = sorted(_address(timeline, life.name) for life in whole[app][1])
    seen = sorted(found[service[0]].addresses)
    held = seen == expected and service[1]["spec"].get("clusterIP") == "None"
    return Verdict(
        held,
        "The name of a headless Service stands for the addresses of its ready pods."
        if held
        else "The Service's name does not stand for its pods' addresses.",
        ", ".join(expected),
        ", ".join(seen) or "no address",
    )


@claim("ch09-sts-03")
def names_are_set_and_ordinal(timeline: Timeline) -> Verdict:
    """Check hostname, subdomain and DNS name of each Pod; ordinals begin with 0.

    Rows: the set's manifest; the watch's "spec.hostname", "spec.subdomain" and "status.podIP" of
    its Pods; "lookup" of <pod>.<service>.
    """
    found = set_run.lookups(timeline)
    for name, (manifest, lives) in _whole(timeline).items():
        service = manifest["spec"].get("serviceName", "")
        names = [statefulset.pod_name(name, ordinal) for ordinal, _ in enumerate(lives)]
        asked = [found.get(f"{pod}.{service}") for pod in names]
        if not all(asked):
            continue
        expected = [f"{pod}.{service} = {_address(timeline, pod)}" for pod in names]
        seen = [
            f"{watched(timeline, f'Pod/{pod}', 'spec.hostname')}."
            f"{watched(timeline, f'Pod/{pod}', 'spec.subdomain')} = "
            f"{', '.join(one.addresses) if one else ''}"
            for pod, one in zip(names, asked, strict=True)
        ]
        held = seen == expected
        return Verdict(
            held,
            "A pod is called like the set and its ordinal, and its domain like the Service."
            if held
            else "A pod has another host name, or its name another address.",
            "; ".join(expected),
            "; ".join(seen),
        )
    return cannot_tell(NO_LOOKUP)


@claim("ch09-sts-04")
def a_headless_service_maps_no_port(timeline: Timeline) -> Verdict:
    """Check that at a Pod's name only the Pod's own port answers, and not the Service's.

    Rows: the Service's manifest; "http" of a Pod's name, on both ports.
    """
    service, said = _service(timeline), set_run.answers(timeline)
    if service is None:
        return cannot_tell("headless Service")
    (port,) = service[1]["spec"]["ports"]
    outer, inner = int(port["port"]), int(port["targetPort"])
    good = {answer.port: answer for answer in said}
    if outer == inner or not {outer, inner} <= set(good):
        return cannot_tell("call of a pod's name on the Service's port and on its own")
    held = good[inner].good and not good[outer].good
    told = [f"{p}: {'the file' if good[p].good else good[p].said}" for p in (outer, inner)]
    return Verdict(
        held,
        f"Without a proxy in between there is nobody to turn port {outer} into {inner}."
        if held
        else "The ports do not answer as they should.",
        f"{outer}: refused; {inner}: the file",
        "; ".join(told),
    )


@claim("ch09-sts-05")
def a_set_has_a_service_and_templates(timeline: Timeline) -> Verdict:
    """Check what the server keeps of a set: Service, order, and what becomes of its claims.

    Rows: the set's manifest; the watch's "spec.serviceName", "spec.podManagementPolicy" and
    "spec.persistentVolumeClaimRetentionPolicy..." of it.
    """
    expected, seen = [], []
    for name, manifest in set_run.sets(timeline).items():
        if not manifest["spec"].get("volumeClaimTemplates"):
            continue
        kept, path = Kept.parse(manifest), "spec.persistentVolumeClaimRetentionPolicy"
        wanted = {
            "spec.serviceName": manifest["spec"].get("serviceName"),
            "spec.podManagementPolicy": statefulset.policy_of(manifest),
            f"{path}.whenScaled": kept.when_scaled,
            f"{path}.whenDeleted": kept.when_deleted,
        }
        stored = {field: watched(timeline, f"StatefulSet/{name}", field) for field in wanted}
        if all(value is None for value in stored.values()):
            continue
        expected.append(f"{name}: {', '.join(str(value) for value in wanted.values())}")
        seen.append(f"{name}: {', '.join(str(value) for value in stored.values())}")
    if not expected:
        return cannot_tell("StatefulSet with a template of claims that the server has stored")
    held = expected == seen
    return Verdict(
        held,
        "A set names its Service and a template of claims; what is left out is OrderedReady, and "
        "Retain twice."
        if held
        else "The server stored something else than was sent, with its own choices.",
        "; ".join(expected),
        "; ".join(seen),
    )


@claim("ch09-sts-06")
def pods_come_one_after_another(timeline: Timeline) -> Verdict:
    """Check that with OrderedReady no Pod is made before the one before it is ready.

    Rows: the sets' manifests; the watch's first sight of their Pods, and when they became ready.
    A set with Parallel must have made all its Pods before the first one is ready.
    """
    whole = _whole(timeline)
    if statefulset.ORDERED not in {statefulset.policy_of(m) for m, _ in whole.values()}:
        return cannot_tell(f"{NO_SET}, one after the other")
    expected, seen, held = [], [], True
    for name, (manifest, lives) in whole.items():
        policy, replicas = statefulset.policy_of(manifest), len(lives)
        readies = sorted(life.ready or 0.0 for life in lives)
        most = [
            statefulset.may_exist(policy, replicas, sum(at <= life.made for at in readies))
            for life in lives
        ]
        held = held and all(number < many for number, many in enumerate(most))
        first = sum(life.made < readies[0] for life in lives)
        rule = statefulset.may_exist(policy, replicas, 0)
        held = held and first == rule
        expected.append(f"{name} ({policy}): {rule} before the first is ready")
        seen.append(f"{name}: {first} before the first is ready")
    return Verdict(
        held,
        "With OrderedReady a pod is made when the one before it is ready; with Parallel all at "
        "once."
        if held
        else "A pod was made sooner or later than its set's policy says.",
        "; ".join(expected),
        "; ".join(seen),
    )


@claim("ch09-sts-07")
def the_successor_has_the_name_and_the_file(timeline: Timeline) -> Verdict:
    """Check that a deleted Pod's successor has its name and its file, and is another Pod.

    Rows: a set's manifest; the watch of its Pods, one of which was deleted; the files' checksums
    at first and after the step in which that happened.
    """
    done = set_run.steps(timeline)
    for name in set_run.sets(timeline):
        replaced = _replaced(timeline, f"{name}-")
        its = [step for step in done if name in step.files]
        if replaced is None or len(its) < 2 or replaced[0].going is None:
            continue
        old, new = replaced
        after = next((s for s in its[1:] if s.began <= (old.going or 0.0)), None)
        if after is None:
            continue
        kept = statefulset.same(its[0].files[name], after.files[name])
        many = len(its[0].files[name])
        held = old.name == new.name and old.uid != new.uid and kept == many
        return Verdict(
            held,
            "A deleted pod comes back under its name, as another pod, with the same file."
            if held
            else "The successor has another name, or another file.",
            f"{old.name}, another uid, {many} of {many} files",
            f"{new.name}, {'another' if old.uid != new.uid else 'the same'} uid, {kept} of {many} "
            "files",
        )
    return cannot_tell("pod of a set that was deleted and replaced")


@claim("ch09-sts-08")
def claims_are_named_by_template_set_and_ordinal(timeline: Timeline) -> Verdict:
    """Check that each Pod of a set has a claim of its own, named by the pattern and bound.

    Rows: the sets' manifests; the watch's "status.phase" and "spec.volumeName" of their claims.
    """
    names = [
        statefulset.claim_name(name, ordinal)
        for name, (manifest, lives) in _whole(timeline).items()
        if manifest["spec"].get("volumeClaimTemplates")
        for ordinal, _ in enumerate(lives)
    ]
    if not names:
        return cannot_tell(f"{NO_SET}, with claims")
    phases = {
        name: timeline.where(
            source="watch", object=f"PersistentVolumeClaim/{name}", field="status.phase"
        )
        for name in names
    }
    bound = [name for name in names if "Bound" in {row.value for row in phases[name]}]
    volumes = {_claim(timeline, name, "spec.volumeName") for name in bound} - {None}
    held = bound == names and len(volumes) == len(names)
    return Verdict(
        held,
        "Each pod has its claim, called like template, set and ordinal, and each claim a volume."
        if held
        else "A claim is missing, not bound, or shares a volume.",
        f"{', '.join(names)}: {len(names)} volumes",
        f"{', '.join(bound) or 'none'}: {len(volumes)} volumes",
    )


@claim("ch09-sts-09")
def claims_outlive_scaling_and_the_set(timeline: Timeline) -> Verdict:
    """Check the files after scaling down and up, and after the set was deleted and made again.

    Rows: the sets' manifests with their retention policies; "scale" and "delete" of them; the
    claims counted in between, and the files' checksums after each step.
    """
    expected, seen = [], []
    for name, manifest in set_run.sets(timeline).items():
        kept, many = Kept.parse(manifest), statefulset.replicas_of(manifest)
        its = [step for step in set_run.steps(timeline) if name in step.files]
        rule, measured, left = [], [], many
        for step in its:
            event, low = _event(timeline, name, step)
            left = kept.claims(left, event, low)
            if event:
                rule.append(f"{event}: {left} claims, {left} files")
                files = statefulset.same(its[0].files[name], step.files[name])
                measured.append(f"{event}: {step.claims.get(name)} claims, {files} files")
        if rule:
            # Claims that were made anew are there again, with new files.
            expected.append(f"{name} ({kept.when_scaled}, {kept.when_deleted}): {', '.join(rule)}")
            seen.append(f"{name} ({kept.when_scaled}, {kept.when_deleted}): {', '.join(measured)}")
    if not expected:
        return cannot_tell("set that was scaled down and up, or deleted and made again")
    held = expected == seen
    return Verdict(
        held,
        "Claims outlive a smaller number and the set itself, unless its policy says Delete; the "
        "pods find them again by their names."
        if held
        else "Claims or files are left that should be gone, or the other way round.",
        "; ".join(expected),
        "; ".join(seen),
    )


def _event(timeline: Timeline, name: str, step: set_run.Step) -> tuple[str, int]:
    """Return what a step did to a set ("scaled", "deleted" or ""), and the least Pods of it."""
    ended = next(
        r.time for r in timeline.where(source="session", object=f"Step/{step.name}", field="files")
    )

    def within(field: str) -> list[Value]:
        rows = timeline.where(source="session", object=f"StatefulSet/{name}", field=field)
        return [row.value for row in rows if step.began <= row.time <= ended]

    if within("delete"):
        return "deleted", 0
    scales = [int(str(value)) for value in within("scale")]
    return ("scaled", min(scales)) if scales else ("", 0)


@claim("ch09-sts-10")
def full_removal_is_set_then_claims(timeline: Timeline) -> Verdict:
    """Check that deleting the set leaves its claims, and that these take their volumes along.

    Rows: the set's manifest; "claims left": label and names of the claims found by it after the set
    was deleted; the watch's "exists" of these, False in the end; "phase" of the volume behind each,
    None once it is gone.
    """
    row = timeline.last(source="session", field="claims left")
    if row is None or not isinstance(row.value, Mapping):
        return cannot_tell("set that was deleted, and its claims by their label")
    name = row.object.partition("/")[2]
    manifest = set_run.sets(timeline).get(name)
    if manifest is None:
        return cannot_tell("manifest of the set that was deleted")
    left, kept = row.value["claims"], Kept.parse(manifest)
    assert isinstance(left, list | tuple)
    many = kept.claims(statefulset.replicas_of(manifest), "deleted")
    wanted = [statefulset.claim_name(name, ordinal) for ordinal in range(many)]
    template = manifest["spec"]["volumeClaimTemplates"][0]["metadata"]
    gone = [str(one) for one in left if set_run.now(timeline, str(one), "exists") is False]
    phases = {
        row.object: row.value
        for row in timeline.where(source="session", field="phase")
        if row.object.partition("/")[2] in wanted
    }
    volumes = [f"{what} {phase}" for what, phase in phases.items() if phase is not None]
    held = list(left) == wanted == gone and not volumes and "labels" not in template
    return Verdict(
        held,
        f"The set's claims stay until they are deleted by the label {row.value['label']}, which "
        "the set has copied onto them; their volumes go with them."
        if held
        else "Other claims were found by the label, or claims or volumes are left.",
        f"{', '.join(wanted) or 'no claim'}, then nothing",
        f"{', '.join(map(str, left)) or 'no claim'}, then {', '.join(volumes) or 'nothing'}",
    )


@claim("own-ch09-partition-01")
def an_update_begins_at_the_end(timeline: Timeline) -> Verdict:
    """Check that an update goes from the largest ordinal down, and stops at the partition.

    Rows: the set's manifest; its Pods' lives; the rows "begin" of the two steps.
    """
    manifest = set_run.sets(timeline).get(statefulset.NAME)
    renewed = set_run.renewed(timeline, statefulset.NAME)
    if manifest is None or renewed is None or len(renewed) < 2:
        return cannot_tell("set that was updated with a partition, and then without")
    count, partition = statefulset.replicas_of(manifest), statefulset.partition_of(manifest)
    left = statefulset.held_back(count, partition)
    down = [statefulset.pod_name(statefulset.NAME, n) for n in reversed(range(count))]
    expected = down[: count - left], down[count - left :]
    measured = [life.name for life in renewed[0]], [life.name for life in renewed[1]]
    held = expected == measured
    return Verdict(
        held,
        f"The update goes from the largest ordinal down to the partition, {partition}, and further "
        "once that is taken away."
        if held
        else "Other Pods were replaced, or in another order.",
        _parts(expected),
        _parts(measured),
    )


@claim("own-ch09-lost-01")
def a_set_waits_for_the_lost_node(timeline: Timeline) -> Verdict:
    """Check who replaces a Pod on a lost node before that is back: a Deployment, and no set.

    Rows: "pause" and "put back" of the node, its condition Ready, the lives of both Pods.
    """
    seen = lost_node.story(timeline)
    if seen.answer is None or seen.unpaused is None:
        return cannot_tell("node that was lost and came back")
    spare = seen.spare is not None and seen.spare < seen.unpaused
    measured = f"Deployment: {_early(spare)}; set: {seen.answer}"
    expected = f"Deployment: {_early(True)}; set: {lost_node.BACK}"
    return compared(
        expected,
        measured,
        "A Deployment replaces the Pod of a lost node; a set waits until the old one is gone.",
        "A Pod was replaced too early, or not at all.",
    )


@claim("own-ch09-survives-01")
def each_cell_is_as_its_rule_says(timeline: Timeline) -> Verdict:
    """Check each cell of the table: what is served after an event, by the kind of volume.

    Rows: the set's manifest; "before" and "after" of each event.
    """
    cells = survives.cells(timeline)
    if not cells or any(cell.measured is None for cell in cells):
        return cannot_tell("table of all events and all kinds of volumes")
    others = [cell for cell in cells if cell.measured != cell.rule]
    right = len(cells) - len(others)
    told = "; ".join(f"{cell.event}, {cell.kind}: {cell.measured}" for cell in others)
    return Verdict(
        not others,
        "Who deletes what, and which node is there, decides what is served: every cell is as the "
        "rules say."
        if not others
        else "A cell is not as the rules say.",
        f"{len(cells)} of {len(cells)} cells",
        f"{right} of {len(cells)} cells{f'; {told}' if told else ''}",
    )


def _parts(names: tuple[list[str], list[str]]) -> str:
    return f"{', '.join(names[0]) or 'none'}; then {', '.join(names[1]) or 'none'}"


def _early(yes: bool) -> str:
    return "before the node is back" if yes else "not before the node is back"
