"""A small git repository of a run's own, made with git itself and with nothing of its owner's."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from helpers.lesson.experiment import Trouble

_WHO = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


@dataclass(frozen=True)
class Commits:
    """The repository in a folder."""

    folder: Path

    @classmethod
    def begin(cls, folder: Path) -> Commits:
        """Make a repository of what is in the folder, without a commit. Raises Trouble."""
        made = cls(folder)
        made.git("init", "--quiet", "--initial-branch=main")
        return made

    def commit(self, message: str) -> str:
        """Commit all that is in the folder, and return the commit's whole ID. Raises Trouble."""
        self.git("add", "--all")
        self.git("commit", "--quiet", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def names(self, text: str) -> str:
        """Return the ID of the commit that git finds under a text, empty where it finds none."""
        try:
            return self.git("rev-parse", "--verify", "--quiet", f"{text}^{{commit}}")
        except Trouble:
            return ""

    def kind(self, revision: str) -> str:
        """Return what git has under a revision, such as "commit"; empty where it has nothing."""
        try:
            return self.git("cat-file", "-t", revision)
        except Trouble:
            return ""

    def subject(self, revision: str) -> str:
        """Return the first line of a commit's message. Raises Trouble."""
        return self.git("show", "--no-patch", "--format=%s", revision)

    def git(self, *arguments: str) -> str:
        """Run git in the folder, and return what it printed. Raises Trouble with its own words."""
        if shutil.which("git") is None:
            raise Trouble(
                "git is not on this machine",
                "The lesson makes a small repository with it.",
                "Install git, and press Run again.",
            )
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        none = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**kept, **none, **_WHO},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Trouble("git said no", done.stderr.strip()[-400:], "Press Run to try again.")
        return done.stdout.strip()
