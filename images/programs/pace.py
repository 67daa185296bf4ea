#!/usr/bin/python3 -ES
"""pace: asks a URL so many times a second, however slow or fast the answers are.

ApacheBench (see load) asks again when it has an answer, so its pace is the server's. This one keeps
its own. It ends with 0 after its seconds, or with 143 when it is told to stop.
"""

import argparse
import signal
import sys
import threading
import time
import urllib.request

PATIENCE = 5.0  # seconds for one answer
TOLD_TO_STOP = 128 + signal.SIGTERM


def ask(url: str) -> None:
    try:
        # A connection each: the Service then chooses a Pod each time.
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=PATIENCE)
    except OSError as problem:
        print(f"pace: {problem}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="pace", allow_abbrev=False)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("url")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TOLD_TO_STOP))
    began = time.monotonic()
    asking = []
    for number in range(round(asked.rate * asked.seconds)):
        time.sleep(max(0.0, began + number / asked.rate - time.monotonic()))
        asking.append(threading.Thread(target=ask, args=(asked.url,), daemon=True))
        asking[-1].start()
    for thread in asking:
        thread.join()
    print(f"pace: {len(asking)} requests in {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
