"""Docker or Podman: the programs that build images and run a node as a container."""
