"""JupyterLab in the background: started once, found again, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from helpers.cluster import kind
from helpers.engine.cache import cache_dir
from helpers.kube import guard

PROJECT = Path(__file__).resolve().parents[1]
START_SECONDS = 60

OPTIONS = (
    "--no-browser",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.kernel_websocket_connection_class=helpers.jupyter_socket.PromptSocket",
    # Defaults, which a learner's own settings outdo: JupyterLab's questions about news and new
    # versions would lie over the first card.
    f"--LabApp.app_settings_dir={Path(__file__).with_name('jupyter_settings')}",
    *(["--allow-root"] if os.geteuid() == 0 else []),
)
"""How a learner's JupyterLab is started; the browser tests start theirs the same way."""

ENVIRONMENT = {"JUPYTER_WIDGETS_ECHO": "0"}
"""What its kernels find in their environment: no widget sends back what the browser has told it.
One message less a keystroke, and a form's YAML follows in 20 ms instead of 60 (`make bench`)."""


class JupyterError(Exception):
    """JupyterLab did not start; its text names the log."""


@dataclass(frozen=True)
class Server:
    """A running JupyterLab."""

    pid: int
    url: str
    token: str

    @property
    def address(self) -> str:
        """The address to open in a browser, the token included."""
        return f"{self.url}lab/tree/notebooks/00-start-here.ipynb?token={self.token}"


def running() -> Server | None:
    """Return the workbook's JupyterLab if it answers."""
    try:
        noted = json.loads(_note().read_text())
        server = Server(noted["pid"], noted["url"], noted["token"])
        request = urllib.request.Request(
            f"{server.url}api/status", headers={"Authorization": f"token {server.token}"}
        )
        with urllib.request.urlopen(request, timeout=2):
            return server
    except (OSError, ValueError, KeyError):
        return None


def launch() -> subprocess.Popen[bytes]:
    """Start JupyterLab on a free port of this machine alone, without waiting for it."""
    log = cache_dir() / "logs" / "jupyter.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "jupyterlab", *OPTIONS,
        f"--ServerApp.root_dir={PROJECT}", "--ServerApp.port_retries=50",
    ]  # fmt: skip
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=PROJECT,
            # In a session of its own: Ctrl-C in the terminal that started it does not end it.
            start_new_session=True,
            env={
                **os.environ,
                **ENVIRONMENT,
                **terminal(),
                "JUPYTER_RUNTIME_DIR": str(_runtime()),
            },
        )


def terminal() -> dict[str, str]:
    """Return what lets JupyterLab's terminals reach the cluster: kubectl, and its kubeconfig.

    The workbook itself never reads KUBECONFIG.
    """
    path = f"{kind.tools()}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "KUBECONFIG": str(guard.kubeconfig_path())}


def wait(process: subprocess.Popen[bytes]) -> Server:
    """Wait until a started JupyterLab answers, and note where it is.

    Raises JupyterError when it ends, or does not answer in time.
    """
    written = _runtime() / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if written.exists():
            _note().write_text(written.read_text())
            _note().chmod(0o600)
            server = running()
            if server:
                return server
        time.sleep(0.1)  # the server tells nobody that it is ready
    raise JupyterError(f"JupyterLab did not answer; see {cache_dir() / 'logs' / 'jupyter.log'}")


def stop() -> bool:
    """Stop the workbook's JupyterLab and its kernels; tell whether there was one."""
    server = running()
    if server is None:
        return False
    os.kill(server.pid, signal.SIGTERM)
    _note().unlink(missing_ok=True)
    return True


def _note() -> Path:
    return cache_dir() / "jupyter.json"


def _runtime() -> Path:
    return cache_dir() / "jupyter"
