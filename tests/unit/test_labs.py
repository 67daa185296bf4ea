"""Each lab: its folder is whole, and each recorded case gets what it must."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.lesson import journal, recording
from helpers.lesson.lab_folder import LabFolder
from helpers.model.timeline import Row, Timeline
from helpers.model.verdicts import CLOCK, Outcome, judged
from tests import course
from tests.labs import __main__ as live
from tests.labs.cases import folders, wrong

LABS = folders()
CASES = [(lab, case) for lab in LABS for case in lab.cases]
each_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.folder)
each_case = pytest.mark.parametrize(
    ("lab", "case"), CASES, ids=[f"{lab.folder}/{case}" for lab, case in CASES]
)


@each_lab
def test_it_is_whole(lab: LabFolder) -> None:
    cases = lab.cases
    assert sum(case.startswith("solutions/") for case in cases) >= 2
    misconceptions = {c.partition("/")[2] for c in cases if c.startswith("misconceptions/")}
    assert len(misconceptions) >= 3
    assert misconceptions <= set(lab.check.hints)
    assert lab.check.lesson in {lesson.lesson for lesson in course.taught()}
    assert len(lab.check.reason.wrong) >= 2
    assert any((lab.path / "start").glob("*.*"))


@each_lab
def test_its_notebook_has_all_parts(lab: LabFolder) -> None:
    cells = json.loads((lab.path / "lab.ipynb").read_text("utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    text = "\n".join("".join(cell["source"]) for cell in cells)
    for part in (f'Lab.open("{lab.folder}")', "lab.result()", "lab.reason", "lab.close()"):
        assert part in text
    assert text.count("<details>") == 3, "three hints, each folded"


@each_lab
def test_its_files_say_whose_they_are(lab: LabFolder) -> None:
    for case in lab.cases:
        for file in (lab.path / case).glob("*.y*ml"):
            text = file.read_text("utf-8")
            for document in text.split("\n---\n"):
                assert "${NAMESPACE}" in document, f"{file.name} names no namespace"


@each_lab
def test_nothing_seen_is_could_not_run(lab: LabFolder) -> None:
    for broke in (None, "The cluster does not answer."):
        timeline = Timeline()
        if broke is not None:
            timeline.append(Row(0.0, CLOCK, f"Lab/{lab.name}", "broke", broke))
        verdicts = judged(lab.check.check, timeline)
        assert verdicts
        assert {v.outcome for v in verdicts} == {Outcome.COULD_NOT_RUN}
        assert {v.hint for v in verdicts} <= set(lab.check.hints)


@each_case
def test_a_recorded_case_gets_what_it_must(lab: LabFolder, case: str) -> None:
    timeline = recording.load(f"labs/{lab.folder}", case)
    verdicts = judged(lab.check.check, timeline)
    assert wrong(lab, case, verdicts) == ""
    assert {v.hint for v in verdicts} <= set(lab.check.hints)


def test_a_case_that_is_run_live_is_in_nobodys_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "journal.json"
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(mine))
    monkeypatch.setattr(live, "DONE", tmp_path / "labs.json")

    async def run(folder: LabFolder, case: str, *, record: bool) -> str:
        return journal.note_lab(folder.folder, passed=True, verdicts={})

    monkeypatch.setattr(live, "run", run)
    assert live.main(["01", "--case", "start"]) == 0
    assert not mine.exists()
