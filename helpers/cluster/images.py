"""The images: the course's own, and the node image where none can be pulled.

Where official images can be pulled, `pulled` builds the course images from the same Dockerfiles.

An image's tag ends in a hash of all that it is made from, so what is there is not made again and
what has changed is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from helpers.cluster import moto_files, pins, programs
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.cache import alone, cache_dir
from helpers.engine.engine import Engine

IMAGES = Path(__file__).resolve().parents[2] / "images"
PREFIX = "localhost/workbook/"
COURSE = ("fib", "randserver", "load", "burn", "adapter", "sqs")
"""The course images, each `localhost/workbook/<name>:1`; all stand on `base`."""

ENGINE_PACKAGES = ("podman", "runc", "netavark", "aardvark-dns", "iptables")
"""Podman and what belongs to it, for a host on which no Docker answers."""

BUILD_PACKAGES = ("mmdebstrap", "catatonit")
"""What building takes besides an engine; the node's own packages are in images/node/packages."""

LABEL = "kubernetes-workbook.image"
"""On every image that is built here, whatever its name: some have the names of Kubernetes' own."""

REGISTRY = "docker-registry"
"""Debian's package of the registry that lessons start; its image is on the engine alone."""

NOT_IN_NODES = ("registry", "lessons")
"""The folders of `images` that no node holds: what changes there makes no new node image."""

LAYOUT = 2
"""Raise it when the code below lays out a node image otherwise: the image's name follows."""

_EXCLUDED = tuple(f"path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "info"))


def host_packages(engine: Engine | None) -> tuple[str, ...]:
    """Name the Debian packages that building takes on a host with this engine."""
    podman = engine is None or engine.program == "podman"
    return (*(ENGINE_PACKAGES if podman else ()), *BUILD_PACKAGES)


def node_image() -> str:
    """Return the name of the node image that today's sources make."""
    parts = [programs.digest().encode()]
    for file in sorted(IMAGES.rglob("*")):
        if file.relative_to(IMAGES).parts[0] in NOT_IN_NODES:
            continue
        if file.is_file() and file.suffix != ".md" and "__pycache__" not in file.parts:
            parts += [str(file.relative_to(IMAGES)).encode(), file.read_bytes()]
    versions = (
        *(pins.DEBIAN, pins.METRICS_SERVER, pins.LOCAL_PATH_PROVISIONER),
        *moto_files.versions(),
    )
    parts.append(repr((versions, COURSE, _EXCLUDED, LAYOUT)).encode())
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
    return f"{PREFIX}node:{pins.KUBERNETES}-{digest}"


def build(engine: Engine, progress: Progress) -> str:
    """Build what is missing, the slow parts side by side, and return the node image's name.

    Raises StepFailed when a part cannot be made.
    """
    with alone("build"):
        name = _build_all(engine, progress)
        _registry(engine, progress, unpack=True)
        return name


def _build_all(engine: Engine, progress: Progress) -> str:
    name = node_image()
    if engine.has_image(name) and (programs.folder() / "kind").exists():
        programs.link(programs.folder())
        return name
    # The Go build takes both cores for minutes, the root file systems wait for the network.
    with ThreadPoolExecutor(max_workers=3) as pool:
        parts: list[Future[object]] = [
            pool.submit(_root_file_system, engine, progress),
            pool.submit(_course, engine, progress),
            pool.submit(programs.build, progress),
        ]
        for part in parts:
            part.result()
    with progress.step("node image"):
        _node(engine, progress, name)
    _forget_old(engine, name)
    return name


def _root_file_system(engine: Engine, progress: Progress) -> str:
    """Make the node's root file system from Debian's packages; return the image's name."""
    packages = _lines(IMAGES / "node" / "packages")
    options = [f"--include={','.join(packages)}", "--variant=minbase"]
    options += [f"--dpkgopt={line}" for line in _EXCLUDED]
    options.append('--aptopt=Acquire::Languages "none"')
    return _bootstrap(engine, progress, "node-root", options)


def _course(engine: Engine, progress: Progress) -> None:
    """Build the base image and the course images on it."""
    packages = _lines(IMAGES / "base" / "packages")
    options = [f"--include={','.join(packages)}", *_lines(IMAGES / "base" / "mmdebstrap.options")]
    base = _bootstrap(engine, progress, "base", options)
    engine.ask("tag", base, f"{PREFIX}base:1")
    with progress.step("course images"):
        _programs(engine, progress)


_BASE_DOCKERFILE = IMAGES / "base" / "Dockerfile"


def pulled_base() -> str:
    """Return the name of the base image on an official Debian, which today's sources make."""
    sources = _BASE_DOCKERFILE.read_bytes() + (IMAGES / "base" / "packages").read_bytes()
    return f"{PREFIX}base:pulled-{hashlib.sha256(sources).hexdigest()[:12]}"


def pulled(engine: Engine, progress: Progress) -> list[str]:
    """Build the course images on an official image of Debian, and return all their names.

    Raises StepFailed when that image cannot be pulled.
    """
    base = pulled_base()
    with alone("build"), progress.step("course images"):
        if not engine.has_image(base):
            command = engine.command("build", "--tag", base, "--file", _BASE_DOCKERFILE, IMAGES)
            progress.run(command, log="images", env=engine.env())
        engine.ask("tag", base, f"{PREFIX}base:1")
        _programs(engine, progress)
        _registry(engine, progress, unpack=False)
    return [f"{PREFIX}{name}:1" for name in ("base", *COURSE)]


def push(engine: Engine, names: Iterable[str], prefix: str, progress: Progress) -> None:
    """Push course images to an owner's registry, which `prefix` names with its folder.

    Raises StepFailed with the engine's words when the registry refuses.
    """
    for name in names:
        target = f"{prefix.rstrip('/')}/{name.removeprefix(PREFIX)}"
        with progress.step(f"pushing {target}"):
            engine.ask("tag", name, target)
            progress.run(engine.command("push", target), log="images", env=engine.env())


def _programs(engine: Engine, progress: Progress) -> None:
    for name in COURSE:
        context = moto_files.lay_out(IMAGES / "programs") if name == "sqs" else IMAGES
        _build(engine, progress, context, f"{PREFIX}{name}:1", file=IMAGES / name / "Dockerfile")
        if context != IMAGES:
            shutil.rmtree(context)


def _registry(engine: Engine, progress: Progress, *, unpack: bool) -> None:
    """Build the image of the registry that lessons start, on the base of the course images.

    `unpack`: the base has no apt-get, so this machine's own fetches the package. Else the base
    installs it.
    """
    dockerfile = IMAGES / "registry" / "Dockerfile"
    base = engine.image_id(f"{PREFIX}base:1")
    digest = hashlib.sha256(f"{base} {REGISTRY} {dockerfile.read_text()}".encode()).hexdigest()
    image = f"{PREFIX}registry:{digest[:12]}"
    if not engine.has_image(image):
        context = cache_dir() / "registry"
        shutil.rmtree(context, ignore_errors=True)
        (context / "bin").mkdir(parents=True)
        with progress.step("the lessons' registry"):
            if unpack:
                # apt-get downloads into the current folder, and as root alone without a warning.
                progress.run(["apt-get", "download", REGISTRY], log="images", cwd=context)
                (package,) = context.glob(f"{REGISTRY}_*.deb")
                progress.run(["dpkg-deb", "--extract", package, context / "package"], log="images")
                _place(context / "package/usr/bin", (REGISTRY,), context / "bin")
            options = ["--tag", image, "--label", f"{LABEL}={image}", "--file", str(dockerfile)]
            options += ["--network=none"] if unpack else []
            progress.run(engine.command("build", *options, context), log="images", env=engine.env())
        shutil.rmtree(context)
    engine.ask("tag", image, f"{PREFIX}registry:1")


def _bootstrap(engine: Engine, progress: Progress, name: str, options: list[str]) -> str:
    """Make a root file system with mmdebstrap, import it, and return the image's name."""
    tag = hashlib.sha256("\n".join([pins.DEBIAN, *options]).encode()).hexdigest()[:12]
    image = f"{PREFIX}{name}:{tag}"
    if engine.has_image(image):
        return image
    archive = cache_dir() / f"{name}.tar"
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    with progress.step(f"{name} from Debian packages"):
        mirror = [sources] if sources.exists() else []
        progress.run(["mmdebstrap", *options, pins.DEBIAN, archive, *mirror], log=name)
        progress.run(engine.command("import", archive, image), log=name, env=engine.env())
    archive.unlink()
    return image


def _node(engine: Engine, progress: Progress, name: str) -> None:
    """Build the images that a node holds, and the node image around them."""
    root = _root_file_system(engine, progress)
    context = cache_dir() / "node"
    _lay_out(context)
    kubeadm = subprocess.run(
        [programs.folder() / "kubeadm", "config", "images", "list",
         "--kubernetes-version", pins.KUBERNETES],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    held = {_target(image): image for image in kubeadm.stdout.split()}
    control_plane = [image for image in kubeadm.stdout.split() if _target(image) == "kubernetes"]
    held |= {
        "podnet": f"{PREFIX}podnet:1",
        "metrics-server": (f"registry.k8s.io/metrics-server/metrics-server:{pins.METRICS_SERVER}"),
        "local-path-provisioner": (f"{PREFIX}local-path-provisioner:{pins.LOCAL_PATH_PROVISIONER}"),
    }
    for target, image in held.items():
        _build(engine, progress, context, image, target=target, root=root)
    for image in control_plane:
        engine.ask("tag", held["kubernetes"], image)
    course = [f"{PREFIX}{image}:1" for image in ("base", *COURSE)]
    save(engine, progress, [*held.values(), *control_plane, *course], context / "images.tar")
    _build(
        engine, progress, context, name, target="node", root=root,
        version=pins.KUBERNETES, pause=held["pause"], sources=name,
    )  # fmt: skip
    shutil.rmtree(context)


def _target(image: str) -> str:
    """Return the target of images/node/Dockerfile that makes an image of kubeadm's list."""
    name = image.rpartition("/")[2].partition(":")[0]
    if name in {"kube-apiserver", "kube-controller-manager", "kube-scheduler"}:
        return "kubernetes"
    return name


def _lay_out(context: Path) -> None:
    """Lay out the build context that images/node/Dockerfile describes."""
    shutil.rmtree(context, ignore_errors=True)
    built = programs.folder()
    for folder in ("rootfs", "podnet"):
        shutil.copytree(IMAGES / "node" / folder, context / folder)
    shutil.copy(IMAGES / "node" / "Dockerfile", context)
    _place(built, ("kubernetes", *programs.MULTICALL), context / "kubernetes/usr/local/bin")
    runtime = ("containerd", "containerd-shim-runc-v2", "ctr")
    _place(built, runtime, context / "containerd/usr/local/bin")
    _place(built, ("coredns", "etcd", "local-path-provisioner"), context / "bin")
    _place(Path("/usr/bin"), ("catatonit",), context / "bin")


def _place(source: Path, names: Iterable[str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy2(source / name, target / name, follow_symlinks=False)


def _build(
    engine: Engine,
    progress: Progress,
    context: Path,
    image: str,
    *,
    file: Path | None = None,
    target: str | None = None,
    **arguments: str,
) -> None:
    """Build one image; `arguments` become build arguments in upper case."""
    options: list[str | os.PathLike[str]] = ["--tag", image, "--label", f"{LABEL}={image}"]
    options += ["--file", file] if file else []
    options += ["--target", target] if target else []
    for name, value in arguments.items():
        options += ["--build-arg", f"{name.upper()}={value}"]
    progress.run(
        engine.command("build", "--network=none", *options, context),
        log="images",
        env=engine.env(),
    )


def save(engine: Engine, progress: Progress, images: list[str], archive: Path) -> None:
    """Write several images into one archive, each layer once."""
    podman = ("--format", "docker-archive", "--multi-image-archive")
    options = podman if engine.program == "podman" else ()
    command = engine.command("save", *options, "--output", archive, *images)
    progress.run(command, log="images", env=engine.env())


def _forget_old(engine: Engine, current: str) -> None:
    """Remove node images of earlier sources, which nothing runs any more."""
    old = [image for image in engine.images(f"{PREFIX}node:") if image != current]
    running = engine.ask("ps", "--all", "--format", "{{.Image}}").split()
    engine.remove_images([image for image in old if image not in running])


def _lines(path: Path) -> list[str]:
    if not path.exists():
        raise StepFailed(f"{path} is missing")
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
