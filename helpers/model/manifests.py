"""Manifests of what runs in the lessons, whole: namespace and label included.

A builder puts in what you give it and nothing that the API server would fill in by itself, so
that what is read on the screen is short and is exactly what is sent.  It does not judge: a quantity
that the server will refuse stays as it was typed (`helpers.model.resources` tells beforehand).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import yaml

from helpers.model.timeline import Value

Manifest: TypeAlias = dict[str, Value]

LESSON_LABEL = "kubernetes-workbook/lesson"
"""Key of the label that everything of ours carries; its value is the lesson's name."""

IMAGES = (os.environ.get("WORKBOOK_IMAGE_PREFIX") or "localhost/workbook").rstrip("/")
"""Where the course images are: on the workbook's own nodes, or in the registry of an owner."""


def resources(
    *,
    limits: Mapping[str, str | None] | None = None,
    requests: Mapping[str, str | None] | None = None,
) -> Manifest:
    """Build the `resources` of a container; an amount that is None or empty is left out."""
    block: Manifest = {}
    for kind, amounts in (("requests", requests), ("limits", limits)):
        given: Manifest = {name: amount for name, amount in (amounts or {}).items() if amount}
        if given:
            block[kind] = given
    return block


def metadata(
    name: str, namespace: str, lesson: str, labels: Mapping[str, str] | None = None
) -> Manifest:
    """Build the metadata of an object of the lesson: its label is there, whatever `labels` add."""
    return {
        "name": name,
        "namespace": namespace,
        "labels": {LESSON_LABEL: lesson, **(labels or {})},
    }


def pod(
    *,
    name: str,
    namespace: str,
    lesson: str,
    image: str,
    args: Sequence[str] = (),
    limits: Mapping[str, str | None] | None = None,
    requests: Mapping[str, str | None] | None = None,
    node: str | None = None,
    restart_policy: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    """Build a Pod of one container that is named like the pod.

    `image` is the short name of a course image ("burn"), `node` the name of the node on which it
    must run, `restart_policy` Always (the server's default), OnFailure or Never.
    """
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, namespace, lesson, labels),
        "spec": _pod_spec(
            name,
            image,
            args,
            limits=limits,
            requests=requests,
            node=node,
            restart_policy=restart_policy,
        ),
    }


def burn_pod(
    *,
    namespace: str,
    lesson: str,
    name: str = "burn",
    threads: int = 0,
    core: int | None = None,
    memory: Sequence[str] = (),
    every: float = 5,
    limits: Mapping[str, str | None] | None = None,
    requests: Mapping[str, str | None] | None = None,
    node: str | None = None,
    restart_policy: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    """Build a Pod of the image burn, which uses CPU or memory in an amount that you choose.

    `threads` busy threads, all on core `core` if one is named; `memory` is a list of sizes
    ("20Mi") that it holds one after the other, `every` seconds apart.  With neither it idles.
    """
    args: list[str] = []
    if threads or not memory:
        args += ["--threads", str(threads)]
    if core is not None:
        args += ["--core", str(core)]
    if memory:
        args += ["--memory", ",".join(memory), "--every", f"{every:g}"]
    return pod(
        name=name,
        namespace=namespace,
        lesson=lesson,
        image="burn",
        args=args,
        limits=limits,
        requests=requests,
        node=node,
        restart_policy=restart_policy,
        labels=labels,
    )


def webserver_pod(
    *,
    namespace: str,
    lesson: str,
    name: str = "webserver",
    limits: Mapping[str, str | None] | None = None,
    requests: Mapping[str, str | None] | None = None,
    node: str | None = None,
) -> Manifest:
    """Build a web server Pod that reserves a quarter of a core and may burst to a half.

    Without `limits` and `requests` it has those of the book's first example: 250m and 64Mi
    requested, 500m and 128Mi at most.  The server is the course's own image fib.
    """
    return pod(
        name=name,
        namespace=namespace,
        lesson=lesson,
        image="fib",
        limits={"cpu": "500m", "memory": "128Mi"} if limits is None else limits,
        requests={"cpu": "250m", "memory": "64Mi"} if requests is None else requests,
        node=node,
    )


def idle_deployment(
    *,
    namespace: str,
    lesson: str,
    name: str = "idle",
    replicas: int = 1,
    limits: Mapping[str, str | None] | None = None,
    requests: Mapping[str, str | None] | None = None,
    node: str | None = None,
) -> Manifest:
    """Build a Deployment of `replicas` pods that ask for resources and use next to none."""
    template: Manifest = {
        "metadata": {"labels": {"app": name, LESSON_LABEL: lesson}},
        "spec": _pod_spec(
            name, "burn", ("--threads", "0"), limits=limits, requests=requests, node=node
        ),
    }
    spec: Manifest = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace, lesson),
        "spec": spec,
    }


def containers(manifest: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
    """Yield the containers of a Pod, or of the pod template of whatever makes Pods."""
    spec = manifest.get("spec")
    while isinstance(spec, Mapping) and "containers" not in spec:
        template = spec.get("template")
        spec = template.get("spec") if isinstance(template, Mapping) else None
    listed = spec.get("containers") if isinstance(spec, Mapping) else None
    if isinstance(listed, Sequence) and not isinstance(listed, str):
        yield from (container for container in listed if isinstance(container, Mapping))


def busy_threads(container: Mapping[str, Value]) -> tuple[int, int | None]:
    """Read from a burn container's args how many threads are busy, and on which core (or None)."""
    options = _options(container)
    core = options.get("--core")
    return int(options.get("--threads", "0")), None if core is None else int(core)


def memory_steps(container: Mapping[str, Value]) -> tuple[str, ...]:
    """Read from a burn container's args the sizes that it holds one after the other."""
    return tuple(step for step in _options(container).get("--memory", "").split(",") if step)


def to_yaml(*manifests: Mapping[str, Value]) -> str:
    """Write manifests as YAML in block style, keys in the order in which they were put in.

    Several become one text of several documents, as `kubectl apply` takes it.
    """
    return yaml.dump_all(
        manifests, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True
    )


class _Dumper(yaml.SafeDumper):
    """Writes a mapping that occurs twice out in full both times, as kubectl does."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _pod_spec(
    name: str,
    image: str,
    args: Sequence[str],
    *,
    limits: Mapping[str, str | None] | None,
    requests: Mapping[str, str | None] | None,
    node: str | None,
    restart_policy: str | None = None,
) -> Manifest:
    container: Manifest = {"name": name, "image": f"{IMAGES}/{image}:1"}
    if args:
        container["args"] = list(args)
    block = resources(limits=limits, requests=requests)
    if block:
        container["resources"] = block
    spec: Manifest = {"containers": [container]}
    if restart_policy:
        spec["restartPolicy"] = restart_policy
    if node:
        spec["nodeSelector"] = {"kubernetes.io/hostname": node}
    return spec


def _options(container: Mapping[str, Value]) -> dict[str, str]:
    args = container.get("args")
    words = [str(word) for word in args] if isinstance(args, Sequence) else []
    options: dict[str, str] = {}
    for option, value in zip(words, [*words[1:], ""], strict=False):
        if option.startswith("--"):
            name, equals, inline = option.partition("=")
            options[name] = inline if equals else value
    return options
