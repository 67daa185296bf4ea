"""Volumes: manifests of PersistentVolumes, claims and classes, and which volume a claim gets.

A builder puts in what you give it and nothing that the server would fill in (as in
`helpers.model.manifests`). A PersistentVolume and a StorageClass belong to the whole cluster: they
carry the lesson's label, and `wide` gives them a name that begins with the lesson's namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from helpers.model.manifests import IMAGES, LESSON_LABEL, Manifest, metadata, resources
from helpers.model.quantity import Quantity
from helpers.model.timeline import Value

ZONE = "topology.kubernetes.io/zone"
"""Key of a node's label that says its zone. Upstream: k8s.io/api core/v1/well_known_labels.go."""

OLD_ZONE = "failure-domain.beta.kubernetes.io/zone"
"""What the key was before Kubernetes 1.17."""

LOCAL_PATH = "rancher.io/local-path"
"""The provisioner of the workbook's cluster: each volume is a folder of one node."""

STANDARD = "standard"
"""The StorageClass that the workbook's cluster has by default; it is of `LOCAL_PATH`."""

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
"""Key of the annotation of a default class. Upstream: K pkg/volume/util/storageclass.go."""

PROVISIONED = "pv.kubernetes.io/provisioned-by"
"""Key of the annotation that names who made a volume.

Upstream: k8s.io/component-helpers storage/volume/pv_helpers.go, AnnDynamicallyProvisioned.
"""

RWO, ROX, RWX, RWOP = "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"
MODES = (RWO, ROX, RWX, RWOP)
"""The access modes. Upstream: k8s.io/api core/v1/types.go, PersistentVolumeAccessMode."""


def wide(namespace: str, name: str) -> str:
    """Return the name of an object of the whole cluster: it begins with the lesson's namespace."""
    return f"{namespace}-{name}"


def wide_metadata(name: str, namespace: str, lesson: str, **more: Manifest) -> Manifest:
    """Build the metadata of an object of the whole cluster, named by `wide`."""
    return {"name": wide(namespace, name), "labels": {LESSON_LABEL: lesson}, **more}


def persistent_volume(
    *,
    namespace: str,
    lesson: str,
    name: str,
    source: Mapping[str, Value],
    capacity: str = "1Gi",
    access_modes: Sequence[str] = (RWO,),
    storage_class: str | None = None,
    reclaim_policy: str | None = None,
    zones: Sequence[str] = (),
    claim: str | None = None,
) -> Manifest:
    """Build a PersistentVolume; `source` is what `local_folder`, `host_folder` or `ebs` makes.

    `zones` are those whose nodes reach it (none: all nodes do). `claim` reserves it for the claim
    of that name in the namespace. Without `reclaim_policy` the server takes Retain.
    """
    spec: Manifest = {
        "capacity": {"storage": capacity},
        "accessModes": list(access_modes),
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    if reclaim_policy is not None:
        spec["persistentVolumeReclaimPolicy"] = reclaim_policy
    if claim is not None:
        spec["claimRef"] = {"namespace": namespace, "name": claim}
    if zones:
        spec["nodeAffinity"] = {"required": _terms(ZONE, zones)}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": wide_metadata(name, namespace, lesson),
        "spec": {**spec, **source},
    }


def host_folder(path: str) -> Manifest:
    """Build the source of a volume that is a folder of whatever node the Pod runs on.

    The kubelet makes the folder where it is missing.
    """
    return {"hostPath": {"path": path, "type": "DirectoryOrCreate"}}


def ebs(volume_id: str, fs_type: str = "ext4") -> Manifest:
    """Build the source of a volume that is an EBS disk, as the CSI driver knows it.

    Upstream: kubernetes-sigs/aws-ebs-csi-driver, examples/kubernetes/static-provisioning.
    """
    return {"csi": {"driver": EBS_DRIVER, "volumeHandle": volume_id, "fsType": fs_type}}


EBS_DRIVER = "ebs.csi.aws.com"
"""The EBS CSI driver's name. Upstream: aws-ebs-csi-driver pkg/util/consts.go."""


def claim(
    *,
    namespace: str,
    lesson: str,
    name: str,
    size: str = "1Gi",
    access_modes: Sequence[str] = (RWO,),
    storage_class: str | None = None,
    volume: str | None = None,
) -> Manifest:
    """Build a PersistentVolumeClaim.

    `storage_class` None leaves the class to the cluster's default, "" asks for a volume of no
    class, which nobody provisions. `volume` is the full name of the one volume that it may be.
    """
    spec: Manifest = {
        "accessModes": list(access_modes),
        "resources": resources(requests={"storage": size}),
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    if volume is not None:
        spec["volumeName"] = volume
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata(name, namespace, lesson),
        "spec": spec,
    }


def storage_class(
    *,
    namespace: str,
    lesson: str,
    name: str,
    provisioner: str = LOCAL_PATH,
    parameters: Mapping[str, str] | None = None,
    reclaim_policy: str | None = None,
    binding_mode: str | None = None,
    expansion: bool | None = None,
    default: bool = False,
) -> Manifest:
    """Build a StorageClass.

    The server's own choices: reclaim policy Delete, binding mode Immediate, no expansion.
    """
    more: dict[str, Manifest] = {"annotations": {DEFAULT_CLASS: "true"}} if default else {}
    made: Manifest = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": wide_metadata(name, namespace, lesson, **more),
        "provisioner": provisioner,
    }
    if parameters:
        made["parameters"] = dict(parameters)
    if reclaim_policy is not None:
        made["reclaimPolicy"] = reclaim_policy
    if binding_mode is not None:
        made["volumeBindingMode"] = binding_mode
    if expansion is not None:
        made["allowVolumeExpansion"] = expansion
    return made


def empty_dir(name: str, *, medium: str | None = None, size_limit: str | None = None) -> Manifest:
    """Build an emptyDir of a Pod's `volumes`."""
    inside: Manifest = {}
    if medium:
        inside["medium"] = medium
    if size_limit:
        inside["sizeLimit"] = size_limit
    return {"name": name, "emptyDir": inside}


def claimed(name: str, claim: str) -> Manifest:
    """Build the entry of a Pod's `volumes` that uses a claim."""
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}


def randserver_spec(
    *,
    volume: Mapping[str, Value] | None,
    size: str | None = None,
    folder_a_pod: bool = False,
    limits: Mapping[str, str | None] | None = None,
    node_selector: Mapping[str, str] | None = None,
) -> Manifest:
    """Build the spec of a Pod of randserver, which keeps a file of random bytes on its volume.

    The root file system is read-only, and `volume` (an entry of `volumes`) is mounted at /data;
    with None there is none. The file is /data/random.bin, of `size` bytes ("1Mi" if not given).
    It listens, and is ready, once the file is there.
    With `folder_a_pod` each Pod has a folder of its own name on the volume for its file, so that
    every new Pod adds one.
    """
    container: Manifest = {"name": "randserver", "image": f"{IMAGES}/randserver:1"}
    args: list[str] = []
    if size is not None:
        args += ["--size", size]
    if folder_a_pod:
        args += ["--data", "/data/$(POD)"]
        path = {"fieldRef": {"fieldPath": "metadata.name"}}
        container["env"] = [{"name": "POD", "valueFrom": path}]
    if args:
        container["args"] = args
    container["ports"] = [{"containerPort": RANDSERVER_PORT}]
    container["readinessProbe"] = {
        "httpGet": {"path": "/healthz", "port": RANDSERVER_PORT},
        "periodSeconds": 1,
    }
    container["securityContext"] = {"readOnlyRootFilesystem": True}
    if block := resources(limits=limits):
        container["resources"] = block
    spec: Manifest = {"containers": [container]}
    if volume is not None:
        container["volumeMounts"] = [{"name": volume["name"], "mountPath": "/data"}]
        spec["volumes"] = [dict(volume)]
    if node_selector:
        spec["nodeSelector"] = dict(node_selector)
    return spec


RANDSERVER_PORT = 3000


def pod(*, namespace: str, lesson: str, name: str, spec: Mapping[str, Value]) -> Manifest:
    """Build a Pod of a spec."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, namespace, lesson),
        "spec": dict(spec),
    }


def deployment(
    *,
    namespace: str,
    lesson: str,
    spec: Mapping[str, Value],
    name: str = "randserver",
    replicas: int = 1,
    strategy: str | None = None,
    template_app: str | None = None,
) -> Manifest:
    """Build a Deployment whose Pods have this spec, and the label "app" that it selects them by.

    `strategy` is RollingUpdate (the server's default) or Recreate. `template_app` gives the Pods
    another value of the label than the selector asks for.
    """
    made: Manifest = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": template_app or name, LESSON_LABEL: lesson}},
            "spec": dict(spec),
        },
    }
    if strategy is not None:
        made["strategy"] = {"type": strategy}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace, lesson),
        "spec": made,
    }


@dataclass(frozen=True, slots=True)
class Volume:
    """A PersistentVolume as the binding rule sees it."""

    name: str
    capacity: Quantity
    access_modes: frozenset[str] = frozenset({RWO})
    storage_class: str = ""
    volume_mode: str = "Filesystem"
    claim: tuple[str, str] | None = None
    """Namespace and name of the claim that it is bound to, or reserved for."""
    available: bool = True
    """Whether its phase is Available. Bound, Released and Failed are not."""
    zones: frozenset[str] = frozenset()
    """The zones whose nodes reach it; empty: all nodes do."""

    @classmethod
    def parse(cls, manifest: Mapping[str, Any]) -> Volume:
        """Read a manifest, or an object as the server has it. Raises QuantityError."""
        spec = manifest["spec"]
        ref = spec.get("claimRef")
        phase = (manifest.get("status") or {}).get("phase", "Available")
        return cls(
            name=manifest["metadata"]["name"],
            capacity=Quantity.parse(str(spec["capacity"]["storage"])),
            access_modes=frozenset(spec["accessModes"]),
            storage_class=spec.get("storageClassName") or "",
            volume_mode=spec.get("volumeMode") or "Filesystem",
            claim=(ref.get("namespace", ""), ref["name"]) if ref else None,
            available=phase == "Available",
            zones=frozenset(_zones(spec)),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A PersistentVolumeClaim as the binding rule sees it."""

    name: str
    namespace: str
    request: Quantity
    access_modes: frozenset[str] = frozenset({RWO})
    storage_class: str = ""
    volume_mode: str = "Filesystem"
    volume: str = ""
    """The one volume that it asks for, or that it is bound to."""

    @classmethod
    def parse(cls, manifest: Mapping[str, Any], *, default_class: str = STANDARD) -> Claim:
        """Read a manifest; one that says nothing of a class gets the cluster's default.

        Upstream: K plugin/pkg/admission/storage/storageclass/setdefault/admission.go, Admit.
        Raises QuantityError.
        """
        spec = manifest["spec"]
        asked = spec.get("storageClassName")
        return cls(
            name=manifest["metadata"]["name"],
            namespace=manifest["metadata"].get("namespace", ""),
            request=Quantity.parse(str(spec["resources"]["requests"]["storage"])),
            access_modes=frozenset(spec["accessModes"]),
            storage_class=default_class if asked is None else asked,
            volume_mode=spec.get("volumeMode") or "Filesystem",
            volume=spec.get("volumeName") or "",
        )


@dataclass(frozen=True, slots=True)
class Match:
    """Why a volume is nothing for a claim; `reasons` is empty where it would do."""

    volume: Volume
    reasons: tuple[str, ...] = field(default_factory=tuple)


def judge(claim: Claim, volume: Volume) -> Match:
    """Return what keeps a volume from a claim: all that does, not the first alone.

    Upstream: k8s.io/component-helpers storage/volume/pv_helpers.go, FindMatchingVolume; the access
    modes: K pkg/controller/volume/persistentvolume/index.go, allPossibleMatchingAccessModes.
    """
    mine = (claim.namespace, claim.name)
    reasons = []
    if volume.claim not in (None, mine):
        reasons.append("it is another claim's")
    if volume.claim is None and not volume.available:
        reasons.append("it is not Available")
    if claim.volume and claim.volume != volume.name:
        reasons.append("the claim names another volume")
    if volume.capacity < claim.request:
        reasons.append("it is too small")
    if volume.storage_class != claim.storage_class and volume.claim != mine:
        reasons.append("it is of another class")
    if not claim.access_modes <= volume.access_modes:
        reasons.append("it lacks an access mode")
    if volume.volume_mode != claim.volume_mode:
        reasons.append("one is a disk, the other a folder")
    return Match(volume, tuple(reasons))


def chosen(claim: Claim, volumes: Iterable[Volume]) -> Volume | None:
    """Return the volume that the controller binds a claim to; None: it waits, or is provisioned.

    Of the volumes that would do, one reserved for the claim comes first. Then those with the
    fewest access modes, and of these the smallest; of two that are alike either may be it (here the
    first). This is for a class that binds at once; with WaitForFirstConsumer the controller binds
    nothing but what is reserved, and the scheduler chooses with the node.

    Upstream: as in `judge`, and index.go, findByClaim (the fewest access modes).
    """
    fit = [volume for volume in volumes if not judge(claim, volume).reasons]
    if not fit:
        return None
    mine = (claim.namespace, claim.name)
    return min(
        fit,
        key=lambda volume: (
            volume.claim != mine,
            len(volume.access_modes),
            volume.capacity.amount,
        ),
    )


def bound(claims: Sequence[Claim], volumes: Iterable[Volume]) -> dict[str, str | None]:
    """Return the volume's name by claim, for claims that come one after the other."""
    left = {volume.name: volume for volume in volumes}
    found: dict[str, str | None] = {}
    for claim in claims:
        volume = chosen(claim, left.values())
        found[claim.name] = None if volume is None else volume.name
        if volume is not None:
            mine = (claim.namespace, claim.name)
            left[volume.name] = replace(volume, claim=mine, available=False)
    return found


def reaches(volume: Volume, labels: Mapping[str, str]) -> bool:
    """Tell whether a node with these labels reaches a volume.

    Upstream: k8s.io/component-helpers storage/volume/pv_helpers.go, CheckNodeAffinity.
    """
    return not volume.zones or labels.get(ZONE) in volume.zones


def _terms(key: str, values: Sequence[str]) -> Manifest:
    expression: Manifest = {"key": key, "operator": "In", "values": list(values)}
    return {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}


def _zones(spec: Mapping[str, Any]) -> list[str]:
    required = (spec.get("nodeAffinity") or {}).get("required") or {}
    return [
        str(value)
        for term in required.get("nodeSelectorTerms") or ()
        for expression in term.get("matchExpressions") or ()
        if expression.get("key") == ZONE and expression.get("operator") == "In"
        for value in expression.get("values") or ()
    ]
