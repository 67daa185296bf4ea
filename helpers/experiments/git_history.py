"""A small git repository of a run: made in a folder of its own, and asked what git knows."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from helpers.lesson.experiment import Trouble

GIT_SECONDS = 20.0


class History:
    """A repository in this folder. Nothing of the owner's git settings is read."""

    def __init__(self, folder: Path) -> None:
        """Make it. Raises Trouble when there is no git on this machine."""
        if shutil.which("git") is None:
            raise Trouble(
                "There is no git on this machine",
                "This card makes a repository with the program git.",
                "Install git (on Debian: apt-get install git), and press Run again.",
            )
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--initial-branch", "main")

    def commit(self, subject: str, files: Mapping[str, str]) -> str:
        """Write these files and commit them; return the commit's ID."""
        for name, text in files.items():
            (self.folder / name).write_text(text)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", subject)
        return self._git("rev-parse", "HEAD")

    def names(self, tag: str) -> str:
        """Return the commit that git finds under this text, "" where it finds none."""
        return self._git("rev-parse", "--verify", "--quiet", f"{tag}^{{commit}}", wanted=False)

    def subject(self, commit: str) -> str:
        """Return the first line of a commit's message, as `git show` prints it."""
        return self._git("show", "--no-patch", "--format=%s", commit)

    def _git(self, *arguments: str, wanted: bool = True) -> str:
        kept = {key: text for key, text in os.environ.items() if not key.startswith("GIT_")}
        who = {
            f"GIT_{role}_{what}": text
            for role in ("AUTHOR", "COMMITTER")
            for what, text in (("NAME", "The workbook"), ("EMAIL", "workbook@localhost"))
        }
        done = subprocess.run(
            ["git", "-c", "commit.gpgsign=false", *arguments],
            cwd=self.folder,
            env={**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=False,
        )
        if wanted and done.returncode:
            raise Trouble("git said no", done.stderr.strip()[-300:], "Press Run to try again.")
        return done.stdout.strip()
