"""Recordings: the Timelines of scripted runs, kept to be read and replayed without a cluster."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from pathlib import Path

from helpers.model.timeline import Timeline


class NoRecording(Exception):
    """There is no recording of this card to replay."""


def replaying() -> bool:
    """Tell whether runs are played from recordings (`WORKBOOK_REPLAY=1`), without a cluster."""
    return os.environ.get("WORKBOOK_REPLAY") == "1"


def recording() -> bool:
    """Tell whether live runs are written to recordings (`WORKBOOK_RECORD=1`)."""
    return os.environ.get("WORKBOOK_RECORD") == "1"


def folder() -> Path:
    """Return the folder of the recordings: `recordings/` beside `helpers/`, in the project.

    `WORKBOOK_RECORDINGS` names another one.
    """
    if other := os.environ.get("WORKBOOK_RECORDINGS"):
        return Path(other)
    return Path(__file__).resolve().parents[2] / "recordings"


def file(lesson: str, card: str) -> Path:
    """Return where the recording of this card is, or would be."""
    return folder() / lesson / f"{card}.jsonl.gz"


def save(timeline: Timeline, lesson: str, card: str) -> Path:
    """Write a recording, whole or not at all. The same rows make the same bytes."""
    path = file(lesson, card)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_bytes(gzip.compress(timeline.to_jsonl().encode(), mtime=0))
    beside.replace(path)
    return path


def load(lesson: str, card: str) -> Timeline:
    """Read a recording. Raises NoRecording when there is none, or when it cannot be read."""
    path = file(lesson, card)
    try:
        return Timeline.from_jsonl(gzip.decompress(path.read_bytes()).decode())
    except FileNotFoundError:
        raise NoRecording(
            f"There is no recording of the card “{card}” yet ({path.name} in {path.parent.name}/). "
            "Run the lesson on a cluster: `workbook up` makes one."
        ) from None
    except (OSError, EOFError, ValueError) as error:
        raise NoRecording(
            f"The recording of the card “{card}” cannot be read: {error}. "
            "`make record` makes it anew."
        ) from error


def label(timeline: Timeline) -> str:
    """Say where a recording comes from: its date and its machine."""
    day = str(timeline.meta.get("recorded", ""))
    try:
        day = f"{datetime.fromisoformat(day):%-d %B %Y}"
    except ValueError:
        day = day or "on an unknown day"
    machine = str(timeline.meta.get("machine") or "an unknown machine")
    kubernetes = timeline.meta.get("kubernetes")
    version = f", Kubernetes {kubernetes}" if kubernetes else ""
    return f"Recorded {day} on {machine}{version}"
