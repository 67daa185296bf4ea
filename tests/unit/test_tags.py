"""Tags: SemVer's own examples, the order of a repackager's tags, and a repository of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from helpers.experiments import newer_tag
from helpers.experiments.commits import Commits
from helpers.forms import Form
from helpers.lesson.experiment import Place
from helpers.model import tags
from helpers.model.tags import Version

# semver.org, item 11.
PRECEDENCE = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
]


def test_precedence_as_in_item_11() -> None:
    assert tags.by_semver(PRECEDENCE[::-1]) == PRECEDENCE
    assert Version.parse("1.0.0+one") == Version.parse("1.0.0+two")
    assert Version.parse("1.0.0+one").build == "one"


@pytest.mark.parametrize(
    "text", ["1", "1.2", "01.2.3", "1.02.3", "1.2.3-01", "1.2.3-", "v1.2.3", "1.2.3-a..b", "1.2.3+"]
)
def test_what_is_no_semantic_version(text: str) -> None:
    with pytest.raises(ValueError, match="no semantic version"):
        Version.parse(text)


@pytest.mark.parametrize(
    ("text", "change", "after"),
    [
        ("1.4.7", tags.PATCH, "1.4.8"),
        ("1.4.7", tags.MINOR, "1.5.0"),
        ("1.4.7", tags.MAJOR, "2.0.0"),
        ("0.9.9", tags.PATCH, "0.9.10"),
    ],
)
def test_a_raised_number_sets_the_others_to_zero(text: str, change: str, after: str) -> None:
    assert str(Version.parse(text).bump(change)) == after


def test_an_upgrade_is_taken_unseen_within_a_major() -> None:
    there = ["latest", "1.4.6", "1.4.7", "1.9.0", "1.10.0", "1.11.0-rc.1", "2.0.0"]
    assert tags.upgrades("1.4.7", there) == ("1.10.0", ("2.0.0",))
    assert tags.upgrades("2.0.0", there) == ("", ())


def test_a_repackagers_tags_by_their_numbers() -> None:
    there = ["8.0.13-c1", "8.0.12-c15", "8.0.12-c9", "8.0.12", "latest"]
    assert tags.by_own_key(there) == ["8.0.12", "8.0.12-c9", "8.0.12-c15", "8.0.13-c1"]
    assert tags.upstream("8.0.12-c15") == ((8, 0, 12), 15)
    assert tags.upstream("8.0.12-beta") is None


@pytest.mark.parametrize(
    ("values", "tag"),
    [
        ({}, "8.0.12-c15"),
        ({"strategy": newer_tag.COMMIT}, newer_tag.SHA),
        ({"strategy": newer_tag.SEMVER, "change": tags.MINOR}, "1.5.0"),
    ],
)
def test_the_form_makes_the_tag(values: dict[str, str], tag: str) -> None:
    made = newer_tag.NewerTag()
    form = Form(made.spec, lambda v: made.build(v, Place("x", "x-0")), check=made.check)
    form.set(**values)
    assert form.errors == {}
    assert form.manifest["spec"]["containers"][0]["image"].endswith(f":{tag}")  # type: ignore


@pytest.mark.parametrize(
    ("field", "value"),
    [("version", "1.4"), ("version", "1.4.7+build5"), ("version", "1.4.7-rc.1"),
     ("upstream", "latest"), ("upstream", "8.0.12-c3")],
)  # fmt: skip
def test_the_form_refuses_what_makes_no_tag(field: str, value: str) -> None:
    made = newer_tag.NewerTag()
    form = Form(made.spec, lambda v: made.build(v, Place("x", "x-0")), check=made.check)
    form.set(**{field: value})
    assert list(form.errors) == [field]


def test_git_finds_a_commit_by_its_id_and_reads_nothing_of_the_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\nname = The Owner\n[commit]\ngpgsign = true\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    folder = tmp_path / "source"
    folder.mkdir()
    history = Commits.begin(folder)
    (folder / "app.py").write_text("1")
    first = history.commit("One")
    (folder / "app.py").write_text("2")
    second = history.commit("Two")
    assert tags.COMMIT.fullmatch(first)
    assert (history.names(first), history.names(second)) == (first, second)
    assert history.names("1.0.1") == history.names("latest") == ""
    assert history.subject(first) == "One"
    monkeypatch.delenv("GIT_DIR")
    author = ["git", "-C", str(history.folder), "log", "-1", "--format=%an"]
    assert subprocess.check_output(author, text=True).strip() == "Ada"
