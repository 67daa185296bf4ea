#!/usr/bin/python3 -ES
"""load: ApacheBench with a plain last line and an exit code that says how it went.

Ends with 0 if every answer was good (also when the deadline came before the last request),
with 1 if some were not or none came, with 143 if it was told to stop.
"""

import argparse
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

PATIENCE = 10.0  # seconds in which somebody must be reached; after them ab tells what is wrong
TRY_SECONDS = 0.5
GRACE = 5.0  # seconds after the deadline in which ab may print its results
TOLD_TO_STOP = 128 + signal.SIGTERM


def command(url: str, requests: int, concurrency: int, deadline: float | None) -> list[str]:
    # Answers may differ in length (-l). -t sets -n to 50000, so -n must follow it. ab looks at
    # its clock only when something happens or when a socket timed out, hence -s.
    limit = [] if deadline is None else ["-t", str(math.ceil(deadline))]
    patience = [] if deadline is None else ["-s", str(math.ceil(deadline))]
    return ["ab", "-l", *limit, *patience, "-n", str(requests), "-c", str(concurrency), url]


def reach(url: str) -> None:
    """Connect to where the URL points, again and again, until it is reached.

    A node may come to know a Service a moment after its Pods are ready. What is sent there before
    is lost, and so is what the kernel sends again: a connection stays on the way on which it began.
    ab would wait for it until its deadline.
    """
    parts = urllib.parse.urlsplit(url)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection((parts.hostname, parts.port or 80), TRY_SECONDS).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def reported(output: str, label: str) -> float:
    found = re.search(rf"^{label}:\s+([\d.]+)", output, re.MULTILINE)
    return float(found[1]) if found else 0.0


def summary(output: str, requests: int) -> tuple[int, str]:
    """The exit code and the last line."""
    done = int(reported(output, "Complete requests"))
    failed = int(reported(output, "Failed requests"))
    refused = int(reported(output, "Non-2xx responses"))
    if done == 0:
        return 1, f"load: none of {requests} requests was answered"
    seconds = reported(output, "Time taken for tests")
    rate = reported(output, "Requests per second")
    text = (
        f"load: {done} of {requests} requests in {seconds:.1f} s ({rate:.0f} per second), "
        f"{failed} failed, {refused} answered with an error"
    )
    return int(failed > 0 or refused > 0), text


def run(url: str, requests: int, concurrency: int, deadline: float | None) -> int:
    told = False
    reach(url)
    try:
        ab = subprocess.Popen(
            command(url, requests, concurrency, deadline), stdout=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        sys.exit("load: there is no ab here; Debian has it in apache2-utils")

    def stop(*_: object) -> None:
        nonlocal told
        told = True
        ab.send_signal(signal.SIGINT)  # on which ab prints what it has so far

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        output, _ = ab.communicate(timeout=None if deadline is None else deadline + GRACE)
    except subprocess.TimeoutExpired:
        ab.kill()
        output, _ = ab.communicate()
    print(output, end="")
    code, text = summary(output, requests)
    print(text, flush=True)
    return TOLD_TO_STOP if told else code


def main() -> int:
    env = os.environ.get
    parser = argparse.ArgumentParser(prog="load", allow_abbrev=False)
    parser.add_argument("url", nargs="?", default=env("URL"), help="what to ask for ($URL)")
    parser.add_argument(
        "--requests", type=int, default=env("REQUESTS", "1000"), help="how many ($REQUESTS)"
    )
    parser.add_argument(
        "--concurrency", type=int, default=env("CONCURRENCY", "4"), help="at a time ($CONCURRENCY)"
    )
    parser.add_argument(
        "--deadline", type=float, default=env("DEADLINE") or None, help="seconds ($DEADLINE)"
    )
    chosen = parser.parse_args()
    if not chosen.url:
        parser.error("no URL: give one as argument or in $URL")
    if not 1 <= chosen.concurrency <= chosen.requests:
        parser.error("--concurrency must be at least 1 and at most --requests")
    if chosen.deadline is not None and not 0 < chosen.deadline <= 86_400:
        parser.error("--deadline must be more than 0 and at most a day of seconds")
    # ab wants a path, be it the bare one.
    url = chosen.url if chosen.url.count("/") > 2 else chosen.url + "/"
    return run(url, chosen.requests, chosen.concurrency, chosen.deadline)


if __name__ == "__main__":
    sys.exit(main())
