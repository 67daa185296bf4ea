"""On a cluster of its owner, what the experiment needs beyond a namespace makes it skip."""

import pytest
from lesson_fakes import Bare, FakeSession, Trial, no_cluster, played

from helpers.lesson.run import Skipped
from helpers.lesson.stop import NotYet
from helpers.model.needs import Need, told


class Needy(Trial):
    needs = frozenset({Need.NODES, Need.SMALL_WORKERS})


@pytest.fixture(autouse=True)
def _modes(monkeypatch: pytest.MonkeyPatch) -> None:
    no_cluster(monkeypatch)
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "mine")


def test_the_card_says_why_and_its_claims_are_not_judged(capsys) -> None:
    async def work() -> None:
        session = FakeSession()
        card = Bare(session).card(Needy)
        assert card.state == "skipped"
        assert card.view.run.disabled
        assert "small workers" in card.view._notice.value
        card.predict(40.0)  # a prediction does not unlock it
        assert card.state == "skipped"
        with pytest.raises(NotYet, match="it needs access to the nodes"):
            card.run()
        run = await card.result()
        assert isinstance(run, Skipped)
        assert "Skipped on this cluster" in run.difference
        run.claim("ch08-requests-02")
        with pytest.raises(KeyError):
            run.claim("no-such-claim")
        assert session.asked == []

    played(work)


def test_what_needs_nothing_runs_there() -> None:
    async def work() -> None:
        card = Bare(FakeSession()).card(Trial)
        card.play()
        assert not isinstance(await card.result(), Skipped)

    played(work)


@pytest.mark.parametrize("name", ["WORKBOOK_KUBECONTEXT", "replay"])
def test_nothing_is_skipped_on_the_workbooks_own_cluster_or_in_a_replay(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "replay":
        monkeypatch.setenv("WORKBOOK_REPLAY", "1")
    else:
        monkeypatch.delenv(name)

    async def work() -> None:
        assert Bare(FakeSession()).card(Needy).state == "locked"

    played(work)


def test_the_words_name_every_lack() -> None:
    assert told(frozenset()) == ""
    assert all(need.value in told(frozenset(Need)) for need in Need)
