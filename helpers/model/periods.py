"""The periods that the workbook's cluster shortens, each beside its stock value.

Stock periods make some lessons slow; a lesson tells both values.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Period:
    """One period: whose flag sets it, what Kubernetes ships, and what the workbook uses."""

    component: str
    flag: str
    stock: str
    workbook: str
    source: str


PERIODS = (
    Period(
        "kube-controller-manager",
        "horizontal-pod-autoscaler-sync-period",
        "15s",
        "5s",
        "pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
    ),
    Period(
        "kube-controller-manager",
        "horizontal-pod-autoscaler-downscale-stabilization",
        "5m0s",
        "20s",
        "pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
    ),
    Period(
        "kube-controller-manager",
        "node-monitor-grace-period",
        "50s",
        "20s",
        "pkg/controller/nodelifecycle/config/v1alpha1/defaults.go",
    ),
    Period(
        "kubelet",
        "eviction-pressure-transition-period",
        "5m0s",
        "10s",
        "pkg/kubelet/apis/config/v1beta1/defaults.go",
    ),
    Period(
        "metrics-server",
        "metric-resolution",
        "60s",
        "10s",
        "kubernetes-sigs/metrics-server cmd/metrics-server/app/options/options.go",
    ),
    Period(
        "metrics-server",
        "kubelet-request-timeout",
        "10s",
        "5s",
        "kubernetes-sigs/metrics-server cmd/metrics-server/app/options/kubelet_client.go",
    ),
)


def flags(component: str) -> dict[str, str]:
    """Return the flags of one component with the workbook's values."""
    return {period.flag: period.workbook for period in PERIODS if period.component == component}
