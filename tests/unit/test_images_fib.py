"""fib: answers, refusals, its counter, its heap and its manners."""

import http.client
import re
import select
from collections.abc import Iterator

import pytest
from course_programs import Web, finished, serving


@pytest.fixture(scope="module")
def fib() -> Iterator[Web]:
    with serving("fib.py") as web:
        yield web


def counted(fib: Web, code: int) -> int:
    text = fib.get("/metrics")[1].decode()
    found = re.search(rf'^fib_requests_total{{code="{code}"}} (\d+)$', text, re.MULTILINE)
    assert found, text
    return int(found[1])


@pytest.mark.parametrize(("n", "number"), [(0, 0), (1, 1), (2, 1), (10, 55), (20, 6765)])
def test_it_computes(fib: Web, n: int, number: int) -> None:
    assert fib.get(f"/{n}") == (200, f"{number}\n".encode())


@pytest.mark.parametrize("n", ["36", "-1", "9" * 5000])
def test_it_refuses_what_takes_too_long(fib: Web, n: str) -> None:
    before = counted(fib, 400)
    status, text = fib.get(f"/{n}")
    assert status == 400
    assert text.startswith(b"N must be between 0 and 35, got ")
    assert counted(fib, 400) == before + 1


def test_it_counts_the_numbers_and_nothing_else(fib: Web) -> None:
    before = counted(fib, 200)
    for path in ("/3", "/4", "/", "/healthz", "/nothing"):
        fib.get(path)
    assert counted(fib, 200) == before + 2


def test_other_paths_are_told_what_there_is(fib: Web) -> None:
    status, text = fib.get("/ten")
    assert status == 404
    assert b"/healthz" in text


def test_it_says_ok_while_it_computes_and_ends_without_waiting() -> None:
    with serving("fib.py") as fib:
        slow = http.client.HTTPConnection(fib.url.removeprefix("http://"))
        slow.request("GET", "/33")
        assert fib.get("/healthz") == (200, b"ok\n")
        readable, _, _ = select.select([slow.sock], [], [], 0)
        assert not readable, "the long one was still being computed"
        assert fib.stop() == 0
        slow.close()


def test_the_heap_is_held(fib: Web) -> None:
    with serving("fib.py", env={"HEAP": "50Mi"}) as large:
        assert b"\nfib_heap_bytes 52428800\n" in large.get("/metrics")[1]
        more = int(large.status("VmRSS").split()[0]) - int(fib.status("VmRSS").split()[0])
        assert more == pytest.approx(50 * 1024, abs=4 * 1024)


def test_the_largest_n_is_chosen_by_the_environment() -> None:
    with serving("fib.py", env={"MAX_N": "5"}) as fib:
        assert fib.get("/5")[0] == 200
        assert fib.get("/6")[0] == 400


def test_a_bad_heap_is_told() -> None:
    result = finished("fib.py", env={"HEAP": "50MB"})
    assert result.returncode == 2
    assert "'50MB' is not an amount of memory" in result.stderr
