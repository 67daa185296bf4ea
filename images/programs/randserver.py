#!/usr/bin/python3 -ES
"""randserver: a web server with a file of its own.

At its start it writes a file of random bytes if there is none. GET / is the file, /checksum its
SHA-256, /healthz says ok. It writes nowhere but into that one folder.
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path

import web
from quantity import parse_bytes


def make_file(file: Path, size: int) -> bool:
    """Write the file whole or not at all; False if it was there already."""
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    with unfinished.open("wb") as out:
        out.write(os.urandom(size))
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(file)
    return True


def checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def handler(file: Path) -> type[web.Handler]:
    class RandServer(web.Handler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
            try:
                self.reply(self.path.partition("?")[0])
            except OSError as problem:
                self.answer(500, f"cannot read the file: {problem}\n")

        def reply(self, path: str) -> None:
            if path == "/":
                self.answer(200, file.read_bytes(), "application/octet-stream")
            elif path == "/checksum":
                self.answer(200, checksum(file) + "\n")
            elif path == "/healthz":
                self.answer(200, "ok\n")
            else:
                self.answer(404, f"no {path!r} here, only /, /checksum and /healthz\n")

    return RandServer


def file_size(text: str) -> int:
    try:
        return parse_bytes(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def main() -> int:
    parser = argparse.ArgumentParser(prog="randserver", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--address", default="0.0.0.0", help="address to listen on")
    parser.add_argument("--data", type=Path, default=Path("/data"), help="folder of the file")
    parser.add_argument(
        "--size",
        type=file_size,
        default=os.environ.get("SIZE", "1Mi"),
        help="such as 1Mi ($SIZE)",
    )
    chosen = parser.parse_args()
    web.hold_signals()
    file = chosen.data / "random.bin"
    try:
        how = "wrote" if make_file(file, chosen.size) else "found"
        print(f"randserver: {how} {file}, SHA-256 {checksum(file)}", flush=True)
    except OSError as problem:
        sys.exit(f"randserver: {problem}. Mount a volume at {chosen.data} that may be written to.")
    return web.serve("randserver", chosen.address, chosen.port, handler(file))


if __name__ == "__main__":
    sys.exit(main())
