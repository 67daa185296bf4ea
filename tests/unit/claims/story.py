"""How a Timeline is told: row by row, in the words of a recorder."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.model import cfs, manifests
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial


class Story(Timeline):
    """A Timeline that is told in the words of a recorder; `at` is the time of the next row."""

    def __init__(self, cores: int = 2) -> None:
        super().__init__({"cores": cores})
        self.at = 0.0

    def row(self, source: str, object: str, field: str, value: Value) -> Story:
        self.at += 0.01
        self.append(Row(self.at, source, object, field, value))
        return self

    def watch(self, object: str, **fields: Value) -> Story:
        for field, value in fields.items():
            self.row("watch", object, field.replace("__", "."), value)
        return self

    def pod(self, manifest: manifests.Manifest) -> Story:
        """Send a pod, and see it run."""
        name = manifest["metadata"]["name"]
        self.row("session", f"Pod/{name}", "manifest", manifest)
        running = f"status.containerStatuses.{name}.state.running.startedAt"
        return self.row("watch", f"Pod/{name}", running, "2026-11-23T07:00:00Z")

    def gone(self, name: str) -> Story:
        return self.row("watch", f"Pod/{name}", "exists", False)

    def died(
        self, name: str, reason: str = "OOMKilled", code: int = 137, restarts: int = 1
    ) -> Story:
        path = f"status.containerStatuses.{name}"
        self.row("watch", f"Pod/{name}", f"{path}.lastState.terminated.reason", reason)
        self.row("watch", f"Pod/{name}", f"{path}.lastState.terminated.exitCode", code)
        return self.row("watch", f"Pod/{name}", f"{path}.restartCount", restarts)

    def window(
        self, name: str, used: float, *, limit: str | None = None, throttled: int = 0, cgroup="v1"
    ) -> Story:
        """Measure a pod for three seconds."""
        self.at += 3.5
        rows = {
            "seconds": 3.0,
            "periods": 0 if limit is None else 30,
            "throttled": throttled,
            "throttled_seconds": 0.0,
            "cpu_seconds": 3.0 * used,
            "quota_us": None if limit is None else cfs.quota_us(Quantity.parse(limit)),
            "period_us": 100_000,
            "cgroup": cgroup,
            "limit": limit,
        }
        for field, value in rows.items():
            self.append(Row(self.at, "exec", f"Pod/{name}", f"stat.{field}", value))
        return self

    def trial(
        self, kind: str, message: str = "", warnings: Sequence[str] = (), **amounts: str | None
    ) -> Story:
        """Try amounts of `kind`, each as the limit of a pod; what is stored is its value.

        A suffix that is no Python name goes by a dictionary.
        """
        for text, stored in amounts.items():
            sent = pod_with({"limits": {kind: text}})
            kept = pod_with({"limits": {kind: stored}, "requests": {kind: stored}})
            trial = Trial(sent, kept if stored else None, "", message, warnings)
            self.row("session", "Pod/trial", "trial", trial.row)
        return self


def pod_with(resources: Value) -> manifests.Manifest:
    return {"kind": "Pod", "spec": {"containers": [{"name": "trial", "resources": resources}]}}


def trials(kind: str, answers: dict[str, str | None], message: str = "") -> Story:
    return Story().trial(kind, message, **answers)
