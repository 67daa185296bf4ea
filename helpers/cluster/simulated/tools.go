//go:build tools

// Package simulated pins the programs that simulate nodes: Karpenter with its provider kwok, which
// decides about nodes, and kwok, which plays their kubelets. The Kubernetes client is that of
// images/node/kubernetes, so that where that was built nothing of it is compiled again.
package simulated

import (
	_ "sigs.k8s.io/karpenter/kwok"
	_ "sigs.k8s.io/kwok/cmd/kwok"
)
