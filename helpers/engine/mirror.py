"""Where the containerd of a kind node finds a registry: a file of the node, read at each pull.

Upstream: containerd docs/hosts.md; the nodes' config.toml sets `config_path` to FOLDER, and so does
kind's official node image.
"""

from __future__ import annotations

import shlex

from helpers.engine.engine import Engine

FOLDER = "/etc/containerd/certs.d"


def hosts(url: str, authorization: str = "") -> str:
    """Return a hosts.toml that leads to `url`; `authorization` is a header that the node adds.

    `server` is the same, so that containerd asks nobody else when `url` does not answer.
    """
    header = f'[host."{url}".header]\n  Authorization = "{authorization}"\n'
    return (
        f'server = "{url}"\n\n[host."{url}"]\n  capabilities = ["pull", "resolve"]\n'
        f"{header if authorization else ''}"
    )


def lead(engine: Engine, node: str, registry: str, file: str) -> None:
    """Lead a node to a registry by this hosts.toml. Raises EngineError."""
    folder = shlex.quote(f"{FOLDER}/{registry}")
    script = f"mkdir -p {folder} && printf %s {shlex.quote(file)} > {folder}/hosts.toml"
    engine.ask("exec", node, "sh", "-c", script)


def forget(engine: Engine, node: str, registry: str) -> None:
    """Let a node forget a registry and the images that it has from there. Raises EngineError.

    The CRI gives each image a second name, its id: that one goes too, unless the node has the same
    image by another name. Doing it twice does nothing.
    Upstream: containerd internal/cri/store/image/image.go (references of an image).
    """
    script = (
        f"rm -rf {shlex.quote(f'{FOLDER}/{registry}')}; "
        f"ctr --namespace=k8s.io images ls | awk -v from={shlex.quote(f'{registry}/')} "
        f"{shlex.quote(FROM_THERE)} | xargs -r ctr --namespace=k8s.io images rm > /dev/null"
    )
    engine.ask("exec", node, "sh", "-c", script)


FROM_THERE = """
NR == 1 { next }
index($1, from) == 1 { print $1; theirs[$3]; next }
$1 ~ /^sha256:/ { ids[$1] = $3; next }
{ others[$3] }
END { for (id in ids) if ((ids[id] in theirs) && !(ids[id] in others)) print id }
"""
"""For awk: of lines "name type digest …", print the names that are `from` there, and their ids."""
