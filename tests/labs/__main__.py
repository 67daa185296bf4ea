"""Run the cases of labs live, and say what each got: `python -m tests.labs 01 [--record]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from helpers.lesson import recording
from helpers.lesson.lab import Lab, told
from helpers.lesson.lab_folder import START, LabFolder
from helpers.lesson.stop import RunFailed
from tests.labs.cases import folders, wrong

DONE = Path(__file__).resolve().parents[2] / "build" / "labs.json"
"""What passed already, by lab and case: a run that was interrupted goes on there."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run cases; returns 0 when each got what it must."""
    parser = argparse.ArgumentParser(prog="python -m tests.labs", description=__doc__)
    parser.add_argument("labs", nargs="*", help="numbers or names of labs; all if none is given")
    parser.add_argument("--case", help="only the cases whose name holds this")
    parser.add_argument("--record", action="store_true", help="keep their Timelines in recordings/")
    parser.add_argument("--times", type=int, default=1, help="how often each case is run")
    parser.add_argument("--resume", action="store_true", help="leave out what has passed before")
    asked = parser.parse_args(arguments)
    done = json.loads(DONE.read_text()) if asked.resume and DONE.exists() else {}
    passed = failed = 0
    for folder in folders():
        if asked.labs and not any(folder.folder.startswith(name) for name in asked.labs):
            continue
        for case in folder.cases:
            key = f"{folder.folder}/{case}"
            if asked.case and asked.case not in case:
                continue
            for number in range(asked.times):
                if done.get(f"{key} {number}") == stamp(folder):
                    passed += 1
                    continue
                begun = time.monotonic()
                with nobodys_journal():
                    fault = asyncio.run(run(folder, case, record=asked.record and not number))
                print(f"{time.monotonic() - begun:6.1f} s  {key}  {fault or 'as it must'}")
                passed, failed = passed + (not fault), failed + bool(fault)
                if not fault:
                    done[f"{key} {number}"] = stamp(folder)
                    DONE.parent.mkdir(exist_ok=True)
                    DONE.write_text(json.dumps(done))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


async def run(folder: LabFolder, case: str, *, record: bool) -> str:
    """Do a case on the cluster and check it; return what is wrong, empty when nothing is."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # its banner, of which a shell sees a repr
            lab = await Lab.open(folder.folder, alone=True)
    except RunFailed as failed:
        return str(failed)
    try:
        if case != START:
            await lab.do(case)
        checked = await lab.check()
        assert checked is not None
        if fault := wrong(folder, case, checked.verdicts):
            return f"{fault}{told(checked.verdicts)}"
        if record:
            recording.save(checked.timeline, f"labs/{folder.folder}", case)
        return ""
    finally:
        await lab.close()


@contextlib.contextmanager
def nobodys_journal() -> Iterator[None]:
    """Keep what is done here out of the journal of whoever runs it."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBOOK_JOURNAL", str(Path(folder) / "journal.json"))
        yield


def stamp(folder: LabFolder) -> str:
    """Return what changes when a file of the lab does."""
    files = sorted(f for f in folder.path.rglob("*") if f.is_file() and "work" not in f.parts)
    return sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
