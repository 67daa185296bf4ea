"""The cluster: kind, driven through pytest-kind, on the engine of this machine.

One control plane and two small workers in two zones of a region. A cluster whose containers died
is found and made anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from helpers.cluster import images, pins, programs, pulled
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.cache import alone, cache_dir
from helpers.engine.engine import Engine
from helpers.kube import guard
from helpers.model.periods import flags

NAME = guard.CLUSTER
ZONES = ("us-east-1a", "us-east-1b")
REGION = "us-east-1"

WORKER_CPU = 1.5
WORKER_MEMORY = 2 * 1024**3
"""What a worker offers to pods (cores, bytes), whatever the host has."""

EVICTION_THRESHOLD = 100 * 1024**2
"""Bytes left at which a worker evicts; kind switches this off, Kubernetes' own default is 100Mi
(pkg/kubelet/apis/config/v1beta1/defaults_linux.go)."""

READY_SECONDS = 90
WAKE_SECONDS = 20
UNTAINTED_SECONDS = 20
ADDONS = Path(__file__).with_name("addons")


def configuration(*, systemd: bool = False) -> dict[str, Any]:
    """Return kind's configuration of the cluster, for this host's cores and memory.

    Nodes with `systemd`, as the official ones have, keep the cgroup driver that goes with it.
    """
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    reserved_cpu = max(int((cores - WORKER_CPU) * 1000), 0)
    reserved_memory = max(memory - WORKER_MEMORY - EVICTION_THRESHOLD, 0) // 1024
    join = {
        "kind": "JoinConfiguration",
        "nodeRegistration": {
            "kubeletExtraArgs": {
                "kube-reserved": f"cpu={reserved_cpu}m,memory={reserved_memory}Ki",
                "eviction-hard": f"memory.available<{EVICTION_THRESHOLD // 1024**2}Mi",
                **flags("kubelet"),
            }
        },
    }
    workers = [
        {
            "role": "worker",
            "labels": {
                "topology.kubernetes.io/region": REGION,
                "topology.kubernetes.io/zone": zone,
            },
            "kubeadmConfigPatches": [yaml.safe_dump(join)],
        }
        for zone in ZONES
    ]
    kubelet = {
        "kind": "KubeletConfiguration",
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        # A host may still run cgroup v1, which today's kubelet refuses by itself.
        "failCgroupV1": False,
        **({} if systemd else {"cgroupDriver": "cgroupfs"}),
        # Without CAP_SYS_RESOURCE the kubelet may not lower oom_score_adj.
        "featureGates": {"KubeletInUserNamespace": True},
    }
    cluster = {
        "kind": "ClusterConfiguration",
        "controllerManager": {"extraArgs": flags("kube-controller-manager")},
    }
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{"role": "control-plane"}, *workers],
        "kubeadmConfigPatches": [yaml.safe_dump(kubelet), yaml.safe_dump(cluster)],
    }


def configuration_file() -> Path:
    """Return where the configuration is kept with which the cluster was made."""
    return cache_dir() / f"kind.{NAME}.yaml"


def alive(engine: Engine, image: str, configured: str) -> bool:
    """Tell whether the cluster's three nodes run from this image and its API server answers.

    One that was made with another configuration counts as none: its periods are not those of which
    the lessons speak. A paused node goes on first.
    """
    path = configuration_file()
    if not path.exists() or path.read_text() != configured:
        return False
    states = engine.nodes(NAME)
    wanted = engine.image_id(image)
    if any(engine.image_of(node) != wanted for node in states):
        return False
    if len(states) != 1 + len(ZONES) or not guard.own_kubeconfig().exists():
        return False
    if set(states.values()) - {"running", "paused"}:
        return False
    paused = [node for node, state in states.items() if state == "paused"]
    for node in paused:
        engine.unpause(node)
    # One that goes on after a pause has to find out first what it missed.
    return _answers(WAKE_SECONDS if paused else 0)


def _answers(within: float) -> bool:
    """Tell whether the API server is ready, or will be within so many seconds."""
    until = time.monotonic() + within
    while kubectl("get", "--raw=/readyz", "--request-timeout=5s").returncode:
        if time.monotonic() > until:
            return False
        time.sleep(0.5)  # it tells nobody that it is ready
    return True


def up(engine: Engine, image: str, progress: Progress, *, load: Sequence[str] = ()) -> None:
    """Bring the cluster up, with its add-ons; does nothing when it is.

    `load` names images that the node image does not hold, and the nodes are given. Raises
    StepFailed when kind fails or a node is not Ready in time.
    """
    with alone(f"cluster.{NAME}"):
        _up(engine, image, progress, load)


def _up(engine: Engine, image: str, progress: Progress, load: Sequence[str]) -> None:
    systemd = "/sbin/init" in engine.entrypoint(image)
    configured = yaml.safe_dump(configuration(systemd=systemd), sort_keys=False)
    made = not alive(engine, image, configured)
    if made:
        _create(engine, image, configured, progress)
    if load:
        _load(engine, progress, load, made=made)
    _install_addons(progress)
    if made:
        with progress.step("nodes Ready"):
            wait_ready()


def down(engine: Engine, progress: Progress, name: str = NAME) -> None:
    """Take the cluster down, whatever is left of it."""
    # Where somebody else took the nodes away, their volumes are left.
    if engine.nodes(name) or engine.volumes(name):
        with progress.step("taking the cluster down"):
            engine.remove_nodes(name)
    guard.own_kubeconfig(name).unlink(missing_ok=True)


def clusters() -> list[str]:
    """Name the clusters that the workbook has made for this user and not taken down."""
    return [
        path.name.removeprefix("kubeconfig").removeprefix(".") or guard.DEFAULT_CLUSTER
        for path in sorted(cache_dir().glob("kubeconfig*"))
    ]


def status(engine: Engine) -> dict[str, str]:
    """Return the state of each node: what the engine says, and Ready or not."""
    states = engine.nodes(NAME)
    if not states:  # and perhaps no kubectl yet to ask with
        return {}
    shown = dict(states)
    asked = kubectl("get", "nodes", "-o", "json", "--request-timeout=5s")
    if asked.returncode == 0:
        for node in json.loads(asked.stdout)["items"]:
            name = node["metadata"]["name"]
            shown[name] = f"{states.get(name, 'gone')}, {readiness(node)}"
    return shown


def readiness(node: Mapping[str, Any]) -> str:
    """Say whether a node is Ready, and why not."""
    ready = next(c for c in node["status"]["conditions"] if c["type"] == "Ready")
    return "Ready" if ready["status"] == "True" else f"NotReady: {ready['message']}"


def _create(engine: Engine, image: str, configured: str, progress: Progress) -> None:
    # What a died cluster left stands in the way of a new one.
    down(engine, progress)
    if os.geteuid() == 0:
        Path("/lib/modules").mkdir(exist_ok=True)  # kind mounts it into each node
    configuration_file().write_text(configured)
    with progress.step("kind creates the cluster"):
        progress.run(
            [sys.executable, "-m", "helpers.cluster.kind", image],
            log=f"kind.{NAME}",
            # The version that pytest-kind fetches where there is no kind to be found.
            env={**engine.env(), "KIND_VERSION": pins.KIND},
            cwd=cache_dir(),
        )


def _load(engine: Engine, progress: Progress, names: Sequence[str], *, made: bool) -> None:
    """Give the images to every node; does nothing when they have these very ones."""
    note = cache_dir() / f"loaded.{NAME}"
    ids = "\n".join(engine.image_id(name) for name in names)
    if not made and note.exists() and note.read_text() == ids:
        return
    archive = cache_dir() / f"course.{NAME}.tar"
    with progress.step("course images into the nodes"):
        archive.unlink(missing_ok=True)  # Podman does not write over one
        images.save(engine, progress, list(names), archive)
        progress.run(
            [tools() / "kind", "load", "image-archive", archive, f"--name={NAME}"],
            log=f"kind.{NAME}",
            env=engine.env(),
        )
    archive.unlink()
    note.write_text(ids)


def create(image: str) -> None:
    """Create the cluster with pytest-kind.

    In a process of its own: it writes into the current folder, and kind's words belong in a log.
    """
    # Imported here: it brings requests and pykube, which nothing else needs.
    from pytest_kind.cluster import KindCluster

    KindCluster(
        NAME,
        kubeconfig=guard.own_kubeconfig(),
        image=image,
        kind_path=tools() / "kind",
        kubectl_path=tools() / "kubectl",
    ).create(configuration_file())


def wait_ready() -> None:
    """Wait until every node is Ready. Raises StepFailed with what kubectl said if they are not."""
    waited = kubectl(
        "wait", "node", "--all", "--for=condition=Ready", f"--timeout={READY_SECONDS}s"
    )
    if waited.returncode:
        raise StepFailed(f"Not every node is Ready:\n{waited.stdout}{waited.stderr}")


def wait_schedulable() -> None:
    """Wait until pods may go to every node that was not Ready a moment ago.

    Raises StepFailed when that takes too long. `up` does not wait for it: nobody has a lesson open
    then, and it takes some seconds more than to be Ready.
    """
    until = time.monotonic() + UNTAINTED_SECONDS
    while tainted := _not_ready():
        if time.monotonic() > until:
            raise StepFailed(f"No pod may go to {', '.join(tainted)}: the node was not Ready.")
        time.sleep(0.3)  # kubectl wait knows no condition that something is absent


def _not_ready() -> list[str]:
    """Name the nodes whose taint still says that they are not ready.

    It goes a moment after the condition has become true, and until then the scheduler refuses
    (pkg/controller/nodelifecycle/node_lifecycle_controller.go, doNoScheduleTaintingPass).
    """
    asked = kubectl("get", "nodes", "-o", "json")
    if asked.returncode:
        raise StepFailed(f"The cluster does not tell its nodes: {asked.stderr}")
    return [
        node["metadata"]["name"]
        for node in json.loads(asked.stdout)["items"]
        if any(t["key"].startswith("node.kubernetes.io/") for t in node["spec"].get("taints", []))
    ]


_DNS_ON_CONTROL_PLANE = {
    "spec": {
        "replicas": 1,
        "template": {
            "spec": {
                "nodeSelector": {
                    "kubernetes.io/os": "linux",
                    "node-role.kubernetes.io/control-plane": "",
                }
            }
        },
    }
}
"""A lesson may fill or pause a worker: what the cluster itself needs stays off the workers."""


def _install_addons(progress: Progress) -> None:
    with progress.step("add-ons"):
        patch = kubectl(
            "patch", "deployment", "coredns", "--namespace=kube-system",
            f"--patch={json.dumps(_DNS_ON_CONTROL_PLANE)}",
        )  # fmt: skip
        apply = kubectl("apply", "--server-side", "--force-conflicts", f"--filename={ADDONS}")
        for done in (patch, apply):
            if done.returncode:
                raise StepFailed(f"The add-ons could not be applied:\n{done.stderr}")


def tools() -> Path:
    """Return the folder of kind and kubectl: those that were built, else those that came ready."""
    built = programs.folder()
    ready = all((built / name).exists() for name in ("kind", "kubectl"))
    return built if ready else pulled.folder()


def kubeconfig() -> Path:
    """Return the file that leads to the cluster: the owner's where one named a context.

    Else it is the workbook's own, whatever WORKBOOK_KUBECONFIG says.
    """
    return guard.kubeconfig_path() if guard.owner_context() else guard.own_kubeconfig()


def kubectl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kubectl with the workbook's own kubeconfig, and no other.

    On a cluster that its owner named it is the owner's kubectl, with the owner's context.
    """
    program = "kubectl" if guard.owner_context() else tools() / "kubectl"
    return subprocess.run(
        [
            program,
            f"--kubeconfig={kubeconfig()}",
            f"--context={guard.context()}",
            *arguments,
        ],
        check=False,
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "KUBECONFIG"},
    )


if __name__ == "__main__":
    create(sys.argv[1])
