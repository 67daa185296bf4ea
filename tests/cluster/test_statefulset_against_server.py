"""What the model says of StatefulSets: the server fills in the same, and refuses the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from helpers.kube.errors import Refused
from helpers.kube.session import Session
from helpers.model import statefulset
from helpers.model.statefulset import ORDERED, PARALLEL, Kept
from helpers.model.timeline import Timeline

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.open("sets", Timeline()) as opened:
        yield opened


def made(session: Session, **asked: Any) -> Any:
    return statefulset.stateful_set(namespace=session.namespace, lesson=session.lesson, **asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"policy": ORDERED},
        {"policy": PARALLEL, "when_scaled": "Delete"},
        {"when_deleted": "Delete", "partition": 2},
    ],
)
def test_the_server_fills_in_what_the_model_reads(session: Session, asked: dict[str, Any]) -> None:
    sent = made(session, **asked)
    stored = session.dry_run(sent)
    assert statefulset.policy_of(stored) == statefulset.policy_of(sent)
    assert Kept.parse(stored) == Kept.parse(sent)
    assert statefulset.partition_of(stored) == statefulset.partition_of(sent)
    assert statefulset.replicas_of(stored) == statefulset.replicas_of(sent)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"when_deleted": "Recycle"}, "whenDeleted"),
        ({"policy": "Eventually"}, "podManagementPolicy"),
        ({"partition": -1}, "partition"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_field(
    session: Session, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        session.dry_run(made(session, **asked))
    assert field in f"{refused.value.field} {refused.value.message}"


def test_a_headless_service_keeps_no_address(session: Session) -> None:
    service = statefulset.headless_service(namespace=session.namespace, lesson=session.lesson)
    assert session.dry_run(service)["spec"]["clusterIP"] == "None"
