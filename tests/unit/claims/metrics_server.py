"""Timelines of the topic metrics-server."""

from __future__ import annotations

from helpers.model import metrics_server as model
from helpers.model.timeline import Timeline, Value
from tests.unit.claims.story import Story

DEPLOYMENT = "Deployment/metrics-server"
CONTAINERS = [{"name": "metrics-server", "args": ["--kubelet-insecure-tls", "--cert-dir=/tmp"]}]
STOCK = {"spec": {"template": {"spec": {"containers": CONTAINERS}}}}
SENT = {
    "wrong port": model.wrong_port(10250),
    "wrong selector": model.wrong_selector("nobody"),
    "no replica": model.no_replica(),
    "certificates checked": model.certificates_checked(STOCK),
}
REASONS = {"wrong port": "ServicePortError"}
AVAILABLE = {"wrong port": 1, "wrong selector": 1, "no replica": 0, "certificates checked": 0}
X509 = "x509: cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs"
PROBE = "Readiness probe failed: HTTP probe failed with statuscode: 500"


def top(story: Story, good: bool, said: str = "") -> Story:
    return story.row("exec", "kubectl/top nodes", "top", {"good": good, "said": said})


def condition(story: Story, status: str, reason: str) -> Story:
    path = "status.conditions.Available"
    story.row("watch", model.API, f"{path}.status", status)
    return story.row("watch", model.API, f"{path}.reason", reason)


def broken(
    *names: str,
    reasons: dict[str, str] | None = None,
    available: dict[str, int] | None = None,
    works: bool = False,
    back: bool = True,
    log: str = X509,
    probe: str = PROBE,
    port: int = 10250,
) -> Story:
    """A run with these faults, one after the other."""
    story = Story()
    story.row("session", DEPLOYMENT, "containerPort", port)
    condition(top(story, True), "True", "Passed")
    for name in names or tuple(SENT):
        story.row("session", f"Fault/{name}", "begin", SENT[name])
        condition(story, "False", (REASONS | (reasons or {})).get(name, "MissingEndpoints"))
        top(story, works, "Error from server (ServiceUnavailable)")
        if name == "certificates checked":
            story.row("session", "Pod/metrics-server-1", "log", log)
            story.row("event", "Pod/metrics-server-1", "Unhealthy", probe)
        count = (AVAILABLE | (available or {}))[name]
        story.row("session", DEPLOYMENT, "available", count)
        story.row("session", f"Fault/{name}", "end", True)
        if back:
            condition(top(story, True), "True", "Passed")
    return story


def followed(
    *,
    late: float = 20,
    percent: int = 10,
    image: str = "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
    flag: str = "--kubelet-insecure-tls",
    available: int = 1,
    lost: str = "",
    items: int = 3,
) -> Story:
    """A run in which one number is followed."""
    story = Story()
    story.meta["kubernetes"] = "v1.37.0"
    for file, what in model.PARTS.items():
        story.row("session", what, "installed", {file: file != lost})
    story.row("session", DEPLOYMENT, "available", available)
    args: list[Value] = ["--cert-dir=/tmp", flag]
    story.row("session", DEPLOYMENT, "container", {"image": image, "args": args})
    story.row("session", "NodeMetricsList", "items", items)
    story.row("session", "Node/worker", "allocatable", 1500)
    top(story, True, f"NAME CPU(cores) CPU(%)\nworker   150m   {percent}%   150Mi  7%\n")
    story.row("session", "Pod/burn", "step", 0.3)
    for hop in model.HOPS[:-1]:
        story.row("kubelet", "Pod/burn", hop, 0.3)
    story.at += late
    return story.row("kubelet", "Pod/burn", "kubectl top", 0.299)


HOLDS: dict[str, list[Timeline]] = {
    "ch08-metrics-01": [broken()],
    "ch08-metrics-02": [followed()],
    "ch08-metrics-03": [
        followed(),
        followed(image="registry.k8s.io/metrics-server/metrics-server:v0.10.1"),
    ],
    "ch08-metrics-04": [followed()],
    "ch08-metrics-05": [followed(), followed(late=55)],
    "ch08-metrics-06": [broken()],
    "ch08-metrics-07": [broken()],
    "ch08-metrics-08": [broken(), broken("no replica")],
    "ch08-metrics-09": [broken()],
}

FAILS: dict[str, list[Timeline]] = {
    "ch08-metrics-01": [broken(works=True)],
    "ch08-metrics-02": [followed(flag="--v=2"), followed(available=0)],
    "ch08-metrics-03": [followed(image="metrics-server:v0.3.0")],
    "ch08-metrics-04": [followed(lost="auth-reader.yaml"), followed(items=0)],
    "ch08-metrics-05": [followed(late=70), followed(percent=11)],
    "ch08-metrics-06": [
        broken(available={"wrong port": 0}),
        broken(available={"no replica": 1}),
    ],
    "ch08-metrics-07": [broken(log="no route to host"), broken(probe="connection refused")],
    "ch08-metrics-08": [broken(reasons={"no replica": "Passed"}), broken("no replica", back=False)],
    "ch08-metrics-09": [broken(reasons={"wrong port": "MissingEndpoints"}), broken(port=443)],
}

CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-metrics-01": [broken("wrong port"), followed()],
    "ch08-metrics-02": [broken()],
    "ch08-metrics-03": [broken()],
    "ch08-metrics-04": [broken()],
    "ch08-metrics-05": [broken()],
    "ch08-metrics-06": [broken("wrong port"), followed()],
    "ch08-metrics-07": [broken("wrong port"), followed()],
    "ch08-metrics-08": [followed()],
    "ch08-metrics-09": [broken("no replica"), followed()],
}
