"""A pytest plugin: nbval's kernels talk over sockets that are files, each in a folder of its own.

With ports, jupyter_client chooses free ones and lets them go before the kernel takes them: two
kernels that start at the same time may meet on one, and one of them dies.
Upstream: jupyter_client connect.py, write_connection_file.
"""

import atexit
import shutil
import tempfile
from typing import Any

import nbval.kernel
from jupyter_client.manager import KernelManager


def manager(**options: Any) -> KernelManager:
    """Return a kernel manager with sockets in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="kernel-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return KernelManager(transport="ipc", ip=f"{folder}/socket", **options)


nbval.kernel.KernelManager = manager
