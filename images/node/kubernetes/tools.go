//go:build tools

// Package kubernetes pins the programs that are built beside the two of this module. They share
// one Kubernetes client, so that it is compiled once: local-path-provisioner by itself would take
// minutes for an older one.
package kubernetes

import (
	_ "github.com/rancher/local-path-provisioner"
	_ "go.etcd.io/etcd/server/v3"
	_ "sigs.k8s.io/kind"
)
