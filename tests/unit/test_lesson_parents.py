"""Each cell's end is told as its own, and each word of the page's widgets is answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from helpers.lesson import parents

CELLS = 100
BEGIN = """
import asyncio
from comm import create_comm
from helpers.lesson import tasks

tasks.watch_kernel()
widget = create_comm(target_name="widget", data={})
widget.on_msg(lambda _: None)
"""


class Kernel:
    """As much of an ipykernel as is mended."""

    def __init__(self) -> None:
        self.turn: tuple[Any, Any] = ("page", message("open"))

    def get_parent(self, channel: str) -> Any:
        return self.turn[1] if channel == "shell" else {}

    def set_parent(self, ident: Any, parent: Any, channel: str = "shell") -> None:
        self.turn = ident, parent

    async def dispatch_shell(self, msg: Any, /, *_: Any, **__: Any) -> None: ...


def message(name: str, kind: str = "execute_request") -> dict[str, Any]:
    return {"header": {"msg_id": name, "msg_type": kind}}


def test_a_cell_that_ended_is_not_put_back() -> None:
    kernel = Kernel()
    parents.keep(kernel)
    one, two = message("one"), message("two")
    for parent in (one, message("slider", "comm_msg"), one):
        kernel.set_parent("page", parent)
        assert kernel.turn == ("page", parent)
    kernel.set_parent("other page", two)
    kernel.set_parent("page", one)
    assert kernel.turn == ("other page", two)


def test_it_is_kept_once() -> None:
    kernel = Kernel()
    parents.keep(kernel)
    before = kernel.set_parent
    parents.keep(kernel)
    assert kernel.set_parent == before
    parents.keep(None)  # plain IPython has no kernel


@pytest.fixture
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_real_kernel_tells_each_cell_and_each_widget_that_it_is_done(
    client: BlockingKernelClient,
) -> None:
    client.execute(BEGIN)
    while (heard := client.get_iopub_msg(timeout=30))["msg_type"] != "comm_open":
        pass
    widget = heard["content"]["comm_id"]
    cells = {client.execute("await asyncio.sleep(0.002)") for _ in range(CELLS)}
    words = set()
    for _ in range(6 * CELLS):
        said = client.session.msg("comm_msg", {"comm_id": widget, "data": {}})
        client.shell_channel.send(said)
        words.add(said["header"]["msg_id"])
        time.sleep(0.0005)  # as a page would, while the cells run
    last = client.execute("")
    idle = set()
    while last not in idle:
        heard = client.get_iopub_msg(timeout=30)
        if heard["content"].get("execution_state") == "idle":
            idle.add(heard["parent_header"]["msg_id"])
    assert not cells - idle
    assert not words - idle


def test_the_kernel_is_busy_until_its_cell_ends(client: BlockingKernelClient) -> None:
    client.execute(BEGIN)
    while (heard := client.get_iopub_msg(timeout=30))["msg_type"] != "comm_open":
        pass
    cell = client.execute("print('begun')\nawait asyncio.sleep(0.5)")
    while client.get_iopub_msg(timeout=30)["content"].get("text") != "begun\n":
        pass
    said = client.session.msg("comm_msg", {"comm_id": heard["content"]["comm_id"], "data": {}})
    client.shell_channel.send(said)
    states = []
    while not states or states[-1] != ("idle", cell):
        heard = client.get_iopub_msg(timeout=30)
        if state := heard["content"].get("execution_state"):
            states.append((state, heard["parent_header"]["msg_id"]))
    word = said["header"]["msg_id"]
    assert states == [("idle", word), ("busy", cell), ("idle", cell)]
