#!/usr/bin/python3 -ES
"""fib: a web server that is slow on purpose.

GET /N computes the Nth Fibonacci number the naive way (N = 30: about 0.1 s of CPU), /metrics
counts those requests for Prometheus, /healthz says ok even while others compute.
"""

import argparse
import collections
import os
import sys
import threading
import time

import web
from quantity import parse_bytes

HELP = """fib: ask for /N, the Nth Fibonacci number, computed the naive way.
Also: /metrics, /healthz
"""


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Counter:
    """How many requests for /N were answered, by status."""

    def __init__(self, heap: int) -> None:
        self.lock = threading.Lock()
        self.requests = collections.Counter({200: 0, 400: 0})
        self.heap = heap

    def count(self, status: int) -> None:
        with self.lock:
            self.requests[status] += 1

    def prometheus(self) -> str:
        with self.lock:
            counted = sorted(self.requests.items())
        lines = [
            "# HELP fib_requests_total Requests for a Fibonacci number, by status.",
            "# TYPE fib_requests_total counter",
            *(f'fib_requests_total{{code="{status}"}} {number}' for status, number in counted),
            "# HELP fib_heap_bytes Memory held because HEAP asked for it.",
            "# TYPE fib_heap_bytes gauge",
            f"fib_heap_bytes {self.heap}",
            "# HELP process_cpu_seconds_total CPU used since the start.",
            "# TYPE process_cpu_seconds_total counter",
            f"process_cpu_seconds_total {time.process_time():.6f}",
        ]
        return "\n".join(lines) + "\n"


def handler(largest: int, counter: Counter) -> type[web.Handler]:
    class Fib(web.Handler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
            path = self.path.partition("?")[0].strip("/")
            if path == "":
                self.answer(200, HELP)
            elif path == "healthz":
                self.answer(200, "ok\n")
            elif path == "metrics":
                self.answer(200, counter.prometheus(), "text/plain; version=0.0.4")
            elif path.removeprefix("-").isdecimal() and path.isascii():
                self.number(path)
            else:
                self.answer(404, f"no {self.path!r} here\n{HELP}")

        def number(self, text: str) -> None:
            # By length first: Python refuses to read a number of thousands of digits.
            if len(text) > 9 or not 0 <= int(text) <= largest:
                counter.count(400)
                self.answer(400, f"N must be between 0 and {largest}, got {text[:20]}\n")
                return
            result = fib(int(text))
            # Counted before it is sent, so that whoever has the answer finds it in /metrics.
            counter.count(200)
            self.answer(200, f"{result}\n")

    return Fib


def heap_size(text: str) -> int:
    try:
        return parse_bytes(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def main() -> int:
    parser = argparse.ArgumentParser(prog="fib", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=9292)
    parser.add_argument("--address", default="0.0.0.0", help="address to listen on")
    parser.add_argument(
        "--heap", type=heap_size, default=os.environ.get("HEAP", "0"), help="such as 50Mi ($HEAP)"
    )
    parser.add_argument(
        "--max", type=int, default=os.environ.get("MAX_N", "35"), help="largest N ($MAX_N)"
    )
    chosen = parser.parse_args()
    web.hold_signals()
    heap = bytearray(chosen.heap)  # Python writes its zeros, so that every page is taken
    return web.serve("fib", chosen.address, chosen.port, handler(chosen.max, Counter(len(heap))))


if __name__ == "__main__":
    sys.exit(main())
