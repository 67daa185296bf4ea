"""The versions that the course is made for, in one place.

`images/node/*/go.mod`, `requirements.txt` and the manifests repeat some of them; a test holds
them in step.
"""

KUBERNETES = "v1.37.0"
KIND = "v0.33.0"
CONTAINERD = "v2.3.7"
ETCD = "v3.7.0"
COREDNS = "v1.14.6"
METRICS_SERVER = "v0.9.0"
LOCAL_PATH_PROVISIONER = "v0.0.30"
GO = "1.27.3"
DEBIAN = "bookworm"

KUBERNETES_BUILD_DATE = "2026-08-26T00:00:00Z"
"""Stamped into the binaries, so that the same sources give the same bytes."""
