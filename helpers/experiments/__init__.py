"""What a lesson does on the cluster: one class an experiment, one module a lesson."""
