"""The rules of Kubernetes as pure functions: nothing here reaches a cluster."""
