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
KARPENTER = "v1.14.0"
KWOK = "v0.8.0"
GO = "1.27.3"
DEBIAN = "bookworm"
PYTHON = "3.11"

NODE_IMAGE = (
    f"docker.io/kindest/node:{KUBERNETES}"
    "@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"
)
"""kind's own node image of that Kubernetes, for machines that can pull: kind's default
(sigs.k8s.io/kind pkg/apis/config/defaults/image.go)."""

PODMAN_AT_LEAST = (4, 3)
"""What the workbook was tried with; kind itself asks for 4.0."""

KUBERNETES_BUILD_DATE = "2026-08-26T00:00:00Z"
"""Stamped into the binaries, so that the same sources give the same bytes."""
