"""Model and form against the world: what they accept and refuse, the API server does too.

WORKBOOK_CASES says how many cases to try (200; 2000 in the long run).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.forms.fields import quantity
from helpers.forms.form import Form
from helpers.kube.errors import Refused
from helpers.kube.session import Session
from helpers.model import manifests
from helpers.model.quantity import Quantity
from helpers.model.resources import refusals
from helpers.model.timeline import Timeline

pytestmark = pytest.mark.cluster

Block = dict[str, dict[str, str]]

CASES = settings(
    max_examples=int(os.environ.get("WORKBOOK_CASES", "200")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

NUMBERS = st.from_regex(r"[+-]?[0-9]{0,5}(\.[0-9]{0,4})?", fullmatch=True)
SUFFIXES = st.sampled_from(
    [*"numkMGTPE", "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E3", "e-3", "e+2", "e1", "E0"]
)
ODD = st.sampled_from(["K", "MB", "Mib", "ki", "mi", "e", "Z", "Ri", " Gi", "%", "_000", " cores"])
USUAL = st.sampled_from(
    ["100m", "0.5", "500m", "1", "1.5", "2", "64Mi", "0.1m", "128Mi", "1Gi", "1.5Gi", "1e3", "0"]
)
WRITTEN = st.builds(lambda number, suffix: number + suffix, NUMBERS, SUFFIXES)
WRONG = st.one_of(
    st.builds(lambda number, suffix: number + suffix, NUMBERS, ODD),
    st.text(alphabet="0123456789.eEinumkKMGTPi+- _,", max_size=8).filter(
        # An exponent of many digits keeps the server busy for minutes.
        lambda text: not any(len(part) > 2 for part in text.lower().split("e")[1:])
    ),
)
RIGHT = st.one_of(USUAL, WRITTEN.filter(lambda text: not text.startswith("-")))


def blocks(amounts: st.SearchStrategy[str]) -> st.SearchStrategy[Block]:
    """Make resources with some of the amounts of a container."""
    some = st.dictionaries(st.sampled_from(["cpu", "memory"]), amounts)
    return st.fixed_dictionaries({"limits": some, "requests": some})


@pytest.fixture(scope="module")
def server() -> Iterator[Session]:
    with Session.open("model", Timeline()) as session:
        yield session


def answer(server: Session, block: Block) -> Block | Refused:
    """Ask the server about a pod with these resources: those it would store, or its refusal."""
    pod = manifests.pod(name="model", namespace=server.namespace, lesson="model", image="burn")
    (container,) = pod["spec"]["containers"]
    container["resources"] = block
    try:
        return server.dry_run(pod)["spec"]["containers"][0]["resources"]
    except Refused as refused:
        return refused


@CASES
@given(blocks(RIGHT | WRONG))
def test_what_the_model_refuses_the_server_refuses(server: Session, block: Block) -> None:
    wrong, said = refusals(block), answer(server, block)
    assert isinstance(said, Refused) == bool(wrong), said
    if isinstance(said, Refused):
        assert any(error.message in said.message for error in wrong.values()), said.message


@CASES
@given(blocks(RIGHT).filter(lambda block: not refusals(block)))
def test_what_the_model_accepts_the_server_stores_in_the_same_form(
    server: Session, block: Block
) -> None:
    stored = answer(server, block)
    assert not isinstance(stored, Refused), stored
    for kind, amounts in block.items():
        for name, text in amounts.items():
            assert stored[kind][name] == Quantity.parse(text).canonical
    for name in block["limits"].keys() - block["requests"].keys():
        assert stored["requests"][name] == stored["limits"][name]


@dataclass(frozen=True)
class Written:
    """A form of all amounts of a container."""

    cpu: Annotated[str | None, quantity("limits.cpu", optional=True)] = None
    memory: Annotated[str | None, quantity("limits.memory", optional=True)] = None
    cpu_request: Annotated[str | None, quantity("requests.cpu", optional=True)] = None
    memory_request: Annotated[str | None, quantity("requests.memory", optional=True)] = None


@CASES
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Written.__annotations__, RIGHT | WRONG)))
def test_what_a_form_refuses_the_server_refuses(server: Session, typed: dict[str, str]) -> None:
    def block(values: dict[str, str | None]) -> Block:
        return manifests.resources(
            limits={"cpu": values.get("cpu"), "memory": values.get("memory")},
            requests={"cpu": values.get("cpu_request"), "memory": values.get("memory_request")},
        )

    form = Form(Written, lambda values: block(vars(values)))
    form.set(**typed)
    said = answer(server, block(typed))
    assert isinstance(said, Refused) == bool(form.errors), said
    if form.errors:
        assert set(form.errors) <= set(typed)
    else:
        assert form.manifest == block(typed)
