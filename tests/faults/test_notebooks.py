"""Notebooks side by side, again, and with a kernel that dies: right results, nothing left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from helpers.kube.api import MERGE, Api
from tests.faults import lesson_cells as cells
from tests.faults.conftest import left, namespaces
from tests.faults.foreign import Foreign
from tests.faults.kernel import Kernel

pytestmark = pytest.mark.cluster

Start = Callable[..., Kernel]

LIMITS = "[row.value for row in run.timeline.where(source='exec', field='stat.limit')]"


def claims_hold(said: str) -> None:
    """Each claim held, or says that the machine had too little CPU to tell."""
    marks = [line[0] for line in said.splitlines() if line and line[0] in "✓✗?"]
    assert len(marks) == 3, said
    assert "✗" not in marks, said
    assert marks.count("✓") + said.count("too little CPU") >= 3, said


def test_two_kernels_side_by_side_and_the_same_notebook_again(
    kernel: Start, name: str, api: Api
) -> None:
    kernels = [kernel(), kernel()]
    for one in kernels:
        one.good(cells.short(window=2))
    seen = set()
    for round_ in range(2):
        # Without the last cell in between: a learner who presses "Run All" again closes nothing.
        for cell in (cells.opened(name), cells.CARD, cells.PRESS, cells.RESULT, cells.CLAIMS):
            begun = [one.begin(cell) for one in kernels]
            ended = [one.end(msg) for one, msg in zip(kernels, begun, strict=True)]
            for done in ended:
                assert not done.error, "\n".join(done.traceback)
                if "claim" in cell:
                    claims_hold(done.displayed)
        for one in kernels:
            assert one.good(f"print({LIMITS})") == "[None, '500m', '250m']"
            seen.add(one.good("print(lesson.namespace)"))
        assert len(seen) == 2 * (round_ + 1)
    for one in kernels:
        one.good(cells.CLOSE)
        assert one.good(cells.THREADS) == "[]"
    assert left(api, name, 30) == []


def test_run_all_again_in_the_middle_of_a_run(kernel: Start, name: str, api: Api) -> None:
    one = kernel()
    one.good(cells.short())
    first = one.good(cells.opened(name))
    one.good(cells.CARD + cells.PRESS)
    one.until("card.timeline.where(source='exec')", 40)
    one.good("old = card")
    one.good(cells.opened(name) + cells.CARD + cells.PRESS)
    assert one.good("print(old.running)") == "False"
    one.good(cells.RESULT)
    assert one.good(f"print({LIMITS})") == "[None, '500m', '250m']"
    one.good(cells.CLOSE)
    assert one.good(cells.THREADS) == "[]"
    assert first not in left(api, name, 30)


def test_what_a_killed_kernel_left_is_found_by_the_next_open(
    kernel: Start, name: str, api: Api
) -> None:
    elsewhere, killed, beside = kernel(), kernel(), kernel()
    far = elsewhere.good(cells.opened(name))
    living = beside.good(cells.opened(name))
    killed.good(cells.short())
    old = killed.good(cells.opened(name))
    killed.good(cells.CARD + cells.PRESS)
    killed.until("card.timeline.where(source='exec')", 40)
    killed.kill()
    elsewhere.kill()
    # As if it had been a kernel of another machine, and its Lease had not been renewed for long.
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{far}/leases/lesson"
    spec = {"renewTime": "2026-01-01T00:00:00.000000Z", "holderIdentity": "elsewhere/1"}
    api.call("PATCH", lease, body={"spec": spec}, content_type=MERGE)
    after = kernel()
    own = after.good(cells.opened(name))
    said = after.shown()
    assert "what a stopped kernel had left" in said
    assert old in said
    assert far in said
    assert set(namespaces(api, name, deleted=False)) == {living, own}
    after.good(cells.short() + cells.CARD + cells.PRESS)
    after.good(cells.RESULT)
    beside.good(cells.CLOSE)
    after.good(cells.CLOSE)


def test_a_kernel_shut_down_in_order_leaves_nothing(kernel: Start, name: str, api: Api) -> None:
    one = kernel()
    one.good(cells.opened(name) + cells.CARD)
    one.good(cells.SETTLE)  # a kernel that is still loading is killed after 2.5 s
    one.quit()
    assert left(api, name, 30) == []


def test_a_foreign_cluster_hears_nothing_of_a_whole_lesson(
    kernel: Start, name: str, api: Api, tmp_path: Path
) -> None:
    foreign = Foreign()
    path = tmp_path / ".kube" / "config"
    path.parent.mkdir()
    path.touch(0o600)
    path.write_text(yaml.safe_dump(foreign.kubeconfig()))
    proxy = f"http://127.0.0.1:{foreign.port}"
    around = {"KUBECONFIG": str(path), "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": ""}
    around |= {key.lower(): value for key, value in around.items() if key.endswith("PROXY")}
    try:
        one = kernel(**around)
        one.good(cells.short() + cells.opened(name) + cells.CARD + cells.PRESS)
        one.good(cells.RESULT)
        one.good(cells.CLOSE)
        # And named for the workbook itself, under its own name: refused before a word is sent.
        named = kernel(**around, WORKBOOK_KUBECONFIG=str(path))
        refused = named.run(cells.opened(name))
        assert "RunFailed" in refused.error
        assert "'production'" in refused.error
        assert "production" in named.shown()
        assert foreign.heard == []
        with suppress(Exception):  # to show that it would have heard
            named.good(f"import urllib.request as u; u.urlopen('{proxy}', timeout=5)")
        assert len(foreign.heard) == 1
    finally:
        foreign.close()
