"""Which nodes are made, by the rule; what Karpenter and kwok are told; programs that end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.cluster import extras, pins, programs
from helpers.cluster.progress import Progress
from helpers.kube import guard, undo
from helpers.kube.api import Kind
from helpers.kube.errors import NotFound
from helpers.lesson import programs as lesson_programs
from helpers.lesson.experiment import Trouble
from helpers.model import consolidation, instance_sizes, node_run, simulated_nodes
from helpers.model.quantity import Quantity
from tests.unit.claims.cluster_autoscaler import consolidated, waiting


@pytest.mark.parametrize(
    ("pods", "request_", "largest", "nodes"),
    [
        (4, "1", "m7i.4xlarge", [8]),  # a node of 4 CPUs has 3900m
        (3, "1", "m7i.4xlarge", [4]),
        (4, "1", "m7i.xlarge", [4, 2]),
        (5, "1", "m7i.xlarge", [4, 4]),
        (4, "1", "m7i.large", [2, 2, 2, 2]),
        (1, "1500m", "m7i.4xlarge", [2]),
        (1, "1900m", "m7i.4xlarge", [2]),
        (1, "2", "m7i.large", []),
        (0, "1", "m7i.4xlarge", []),
        (40, "1", "m7i.4xlarge", [16, 16, 16]),
    ],
)
def test_as_few_nodes_as_hold_them_each_as_small_as_may_be(
    pods: int, request_: str, largest: str, nodes: list[int]
) -> None:
    made = instance_sizes.nodes_for(pods, Quantity.parse(request_), instance_sizes.up_to(largest))
    assert [size.cpus for size in made] == nodes


def test_the_price_list_offers_every_size_in_both_zones() -> None:
    listed: Any = instance_sizes.price_list()
    assert [item["name"] for item in listed] == list(instance_sizes.NAMES)
    prices = [item["offerings"][0]["Price"] for item in listed]
    assert prices == sorted(prices)
    for item in listed:
        zones = [o["Requirements"][1]["values"][0] for o in item["offerings"]]
        assert zones == list(instance_sizes.ZONES)


def test_nodes_are_told_in_words() -> None:
    sizes = [instance_sizes.named(name) for name in ("m7i.xlarge", "m7i.large", "m7i.large")]
    assert instance_sizes.told(sizes) == "1 node of 4 CPUs and 2 nodes of 2 CPUs"
    assert instance_sizes.told([]) == "no node"


def test_the_nodes_of_a_pool_carry_the_lessons_label() -> None:
    pool: Any = simulated_nodes.node_pool(
        name="x", lesson="adding-nodes", sizes=instance_sizes.SIZES, consolidate_after=None
    )
    labels = pool["spec"]["template"]["metadata"]["labels"]
    assert labels == {guard.LABEL: "adding-nodes"}
    assert pool["spec"]["disruption"]["consolidateAfter"] == "Never"


def test_no_stage_gives_a_node_an_address() -> None:
    for stage in simulated_nodes.stages():
        assert "addresses" not in str(stage)
    assert [s["spec"]["resourceRef"]["kind"] for s in simulated_nodes.stages()] == [  # type: ignore[index,call-overload]
        "Node",
        "Pod",
        "Pod",
    ]


def test_the_run_is_read_as_it_went() -> None:
    story = waiting()
    assert [size.cpus for size in node_run.expected(story, "web") or []] == [8]
    assert [size.cpus for size in node_run.chosen(story)] == [8]
    assert node_run.room(story, Quantity.parse("1")) == 2
    outcomes = consolidation.outcomes(consolidated())
    assert [o.workload for o in outcomes if o.went] == ["plain", "local"]
    assert [o.may_go for o in outcomes] == [True, True, False, False]
    assert [o.may_go for o in consolidation.outcomes(consolidated(least=0))][2]
    assert [o.may_go for o in consolidation.outcomes(consolidated(annotation="false"))][3]


class Cluster:
    """Nodes, Pods and NodeClaims by path; a deletion waits for finalizers."""

    def __init__(self) -> None:
        ours = {guard.LABEL: "trial"}
        self.objects: dict[str, dict[str, Any]] = {
            "/api/v1/nodes/made": {"name": "made", "labels": ours, "finalizers": ["a/b"]},
            "/api/v1/nodes/real": {"name": "real"},
            "/apis/karpenter.sh/v1/nodeclaims/one": {"name": "one", "labels": ours},
            "/api/v1/namespaces/kube-system/pods/proxy": {
                "name": "proxy",
                "namespace": "kube-system",
                "node": "made",
            },
            "/api/v1/namespaces/kube-system/pods/dns": {
                "name": "dns",
                "namespace": "kube-system",
                "node": "real",
            },
        }
        self.served = True
        self.order: list[str] = []

    def kind(self, name: str, api_version: str = "") -> Kind:
        if name == "NodeClaim":
            if not self.served:
                raise NotFound("kind", "no matches for kind", "NotFound", 404)
            return Kind(name, api_version, "nodeclaims", namespaced=False)
        from helpers.kube.api import KINDS

        return KINDS[name]

    def call(
        self, method: str, path: str, *, query: Any = None, body: Any = None, **_: Any
    ) -> tuple[Any, list[str]]:
        if method == "GET":
            query = query or {}
            wanted = query.get("labelSelector", "").split("=")
            node = query.get("fieldSelector", "").removeprefix("spec.nodeName=")
            items = [
                {"metadata": {"uid": where, **found}}
                for where, found in self.objects.items()
                if where.split("/")[-2] == path.rpartition("/")[2]
                and (wanted == [""] or found.get("labels", {}).get(wanted[0]) == wanted[1])
                and (not node or found.get("node") == node)
            ]
            return {"items": items}, []
        if path not in self.objects:
            raise NotFound("", "not there", "NotFound", 404)
        if method == "PATCH":
            self.objects[path].pop("finalizers", None)
        elif not self.objects[path].get("finalizers"):
            self.order.append(path.rpartition("/")[2])
            del self.objects[path]
        return {}, []


def sweep(kind: str, version: str) -> undo.Step:
    return {"sweep": {"kind": kind, "apiVersion": version, "lesson": "trial"}}


def test_a_sweep_takes_what_is_labelled_and_what_runs_on_its_nodes() -> None:
    cluster: Any = Cluster()
    steps = [sweep("NodeClaim", "karpenter.sh/v1"), sweep("Node", "v1")]
    assert undo.take(cluster, steps) == ["Node/made", "NodeClaim/one"]
    assert [path.rpartition("/")[2] for path in cluster.objects] == ["real", "dns"]
    assert cluster.order == ["made", "proxy", "one"]  # the node first: nothing new comes to it
    assert undo.take(cluster, steps) == []


def test_a_kind_that_is_served_no_more_has_nothing_left() -> None:
    cluster: Any = Cluster()
    cluster.served = False
    gone = {"delete": {"kind": "NodeClaim", "apiVersion": "karpenter.sh/v1", "name": "one"}}
    assert undo.take(cluster, [sweep("NodeClaim", "karpenter.sh/v1"), gone]) == []


def test_two_sweeps_of_one_kind_are_one() -> None:
    assert undo.same(sweep("Node", "v1"), sweep("Node", "v1"))
    assert not undo.same(sweep("Node", "v1"), sweep("NodeClaim", "karpenter.sh/v1"))


def test_a_program_ends_with_its_block(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "echo $$; exec sleep 600"]
    with lesson_programs.running(command, log, os.environ) as process:
        while not log.read_text().strip():
            assert process.poll() is None
        child = int(log.read_text())
        os.kill(child, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_program_ends_with_a_killed_kernel(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from helpers.lesson import programs\n"
        f"log = Path({str(log)!r})\n"
        "with programs.running(['sh', '-c', 'echo $$; exec sleep 600'], log, os.environ):\n"
        "    while not log.read_text().strip():\n"
        "        pass\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    child = int(log.read_text().split()[0])
    until = time.monotonic() + 10
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < until


def test_a_program_that_was_not_asked_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson_programs, "_folders", {})
    with pytest.raises(Trouble, match=r"programs\.ready"):
        lesson_programs.folder("karpenter")


def test_the_module_agrees_with_the_pins() -> None:
    text = (extras.MODULES / "simulated" / "go.mod").read_text()
    assert f"sigs.k8s.io/karpenter {pins.KARPENTER}\n" in text
    assert f"sigs.k8s.io/kwok {pins.KWOK}\n" in text
    release = "v0." + pins.KUBERNETES.removeprefix("v1.")
    assert f"k8s.io/client-go => k8s.io/client-go {release}\n" in text


def test_what_was_built_is_kept_once_it_is_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built: list[str] = []

    def go(arguments: list[str], cwd: Path, progress: Progress) -> None:
        built.append(arguments[-1])
        Path(arguments[arguments.index("-o") + 1]).write_text("a program")

    monkeypatch.setattr(programs, "go", go)
    for source in extras.EXTRAS["karpenter"].files:
        (programs.modules() / source).mkdir(parents=True)
        (programs.modules() / source / f"{source[-8:].replace('/', '-')}.yaml").write_text("a: b")
    with Progress(tmp_path / "logs") as progress:
        folder = extras.build("karpenter", progress)
        assert extras.build("karpenter", progress) == folder
    assert built == list(extras.EXTRAS["karpenter"].programs.values())
    assert {file.name for file in folder.iterdir()} >= {"karpenter", "kwok"}
    assert [yaml.safe_load(file.read_text()) for file in folder.glob("*.yaml")] == [{"a": "b"}] * 2
