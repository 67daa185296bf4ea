"""Being here, it has pytest put the project's folder on the path: tests may import `tests.x`."""
