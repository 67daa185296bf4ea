"""The ledger is whole, and what it says of proofs and notebooks is so."""

import gzip
import json
import re
from pathlib import Path

import pytest
import yaml

from helpers import claims
from helpers.model import ledger
from helpers.model.ledger import Entry, LedgerError, Own
from helpers.model.timeline import Timeline
from tests import course

ROOT = Path(__file__).parents[2]
ENTRIES = ledger.load()
OWN = ledger.own()
TAUGHT = [entry for entry in ENTRIES if entry.notebook]
EXPERIMENTS = {made.id for _, made in course.experiments()}


def claims_in(notebook: Path) -> set[str]:
    """Return the ids that the code cells of a notebook claim."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return set(re.findall(r"\.claim\(\s*[\"']([\w-]+)[\"']", code))


def test_every_claim_of_the_source_is_there_once() -> None:
    assert len(ENTRIES) == 179
    assert len({entry.id for entry in ENTRIES}) == 179
    assert all(re.fullmatch(r"ch(08|09|10)-[a-z]+-\d\d", entry.id) for entry in ENTRIES)


def test_each_entry_that_says_claim_has_one_and_each_claim_is_an_entry() -> None:
    of_the_book = {entry.id for entry in ENTRIES if entry.proof == "claim"}
    assert of_the_book | {claim.id for claim in OWN} == set(claims.registered())


def test_a_claim_of_our_own_tells_its_chapter_and_is_not_counted_as_the_books() -> None:
    assert all(re.fullmatch(r"own-ch(08|09|10)-[a-z]+-\d\d", claim.id) for claim in OWN)
    for claim in OWN:
        assert claim.id.split("-")[1] == Path(claim.notebook).parent.name


def test_each_other_proof_is_a_test_that_exists() -> None:
    for entry in ENTRIES:
        if entry.proof and entry.proof != "claim":
            path, _, name = entry.proof.partition("::")
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), entry.id


@pytest.mark.parametrize("entry", TAUGHT, ids=lambda entry: entry.id)
def test_the_named_notebook_makes_the_claim(entry: Entry) -> None:
    assert entry.card in EXPERIMENTS
    if entry.proof == "claim":
        assert entry.id in claims_in(ROOT / entry.notebook)


@pytest.mark.parametrize("entry", [e for e in TAUGHT if e.proved], ids=lambda entry: entry.id)
def test_what_is_confirmed_holds_in_the_recording_of_its_card(entry: Entry) -> None:
    (recording,) = (ROOT / "recordings").rglob(f"{entry.card}.jsonl.gz")
    timeline = Timeline.from_jsonl(gzip.decompress(recording.read_bytes()).decode("utf-8"))
    if entry.proof == "claim":
        verdict = claims.verdict(entry.id, timeline)
        assert verdict.held, verdict
    if "cgroup" in entry.status:
        assert entry.status == f"confirmed (cgroup {timeline.meta['cgroup']})"


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.id)
def test_a_claim_of_our_own_is_made_and_holds_in_the_recording_of_its_card(own: Own) -> None:
    assert own.id in claims_in(ROOT / own.notebook)
    (recording,) = (ROOT / "recordings").rglob(f"{own.card}.jsonl.gz")
    timeline = Timeline.from_jsonl(gzip.decompress(recording.read_bytes()).decode("utf-8"))
    verdict = claims.verdict(own.id, timeline)
    assert verdict.held, verdict


def test_what_the_notebooks_claim_is_in_the_ledger_as_taught_there() -> None:
    for notebook in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        where = notebook.relative_to(ROOT).as_posix()
        assert claims_in(notebook) <= {it.id for it in (*TAUGHT, *OWN) if it.notebook == where}


def test_the_topics_of_the_first_lesson_have_a_proof() -> None:
    without = {
        entry.id
        for entry in ENTRIES
        if entry.topic in {"requests-and-limits", "units"} and not entry.proof
    }
    assert not without


def test_the_table_counts_all() -> None:
    lines = ledger.table(ENTRIES).splitlines()
    assert lines[0].split()[0] == "topic"
    assert lines[-1].split()[-1] == "179"
    assert len(lines) == 2 + len({entry.topic for entry in ENTRIES})


GOOD: dict[str, object] = {
    "id": "ch08-requests-01",
    "topic": "units",
    "claim": "a",
    "book": "b",
    "today": "c",
    "observe": "d",
    "kind": "number",
    "taught": {"notebook": "n", "card": "c"},
    "proof": "claim",
    "status": "confirmed (cgroup v1)",
}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"status": "done"}, "no status"),
        ({"status": "not runnable here"}, "no status"),
        ({"status": "not runnable here: "}, "no status"),
        ({"proof": None}, "names where it is taught"),
        ({"taught": None}, "names where it is taught"),
        ({"taught": {"notebook": "n"}}, "a notebook and a card"),
        ({"claim": ""}, "write its claim"),
        ({"id": None}, "without id"),
    ],
)
def test_a_wrong_entry_is_refused(changed: dict[str, object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.yaml"
    path.write_text(yaml.safe_dump([GOOD | changed]))
    with pytest.raises(LedgerError, match=message):
        ledger.load(path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": ""}, "write its id"),
        ({"claim": None}, "own-ch08-units-01: write its claim"),
        ({"taught": None}, "a notebook and a card"),
        ({"taught": {"card": "c"}}, "a notebook and a card"),
    ],
)
def test_a_wrong_claim_of_our_own_is_refused(
    changed: dict[str, object], message: str, tmp_path: Path
) -> None:
    good = {"id": "own-ch08-units-01", "claim": "a", "taught": {"notebook": "n", "card": "c"}}
    path = tmp_path / "own-claims.yaml"
    path.write_text(yaml.safe_dump([good]))
    assert ledger.own(path) == (Own("own-ch08-units-01", "a", "n", "c"),)
    path.write_text(yaml.safe_dump([good | changed]))
    with pytest.raises(LedgerError, match=message):
        ledger.own(path)
    path.write_text(yaml.safe_dump([good, good]))
    with pytest.raises(LedgerError, match="two entries"):
        ledger.own(path)


def test_right_entries_are_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.yaml"
    path.write_text(yaml.safe_dump([GOOD, GOOD | {"id": "x", "status": "not runnable here: no"}]))
    one, other = ledger.load(path)
    assert (one.state, one.proved, one.card) == ("confirmed", True, "c")
    assert (other.state, other.proved) == ("not runnable here", False)
    path.write_text(yaml.safe_dump([GOOD, GOOD]))
    with pytest.raises(LedgerError, match="two entries"):
        ledger.load(path)
