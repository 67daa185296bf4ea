"""The template of docs/writing-a-lesson.md is a lesson like any other, so that a copy starts well.

The rules are not repeated here: each test of the notebooks, and each test that asks something of an
experiment, is applied to the template too.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import nbformat
import pytest
import test_lesson_experiments
import test_lesson_notebooks

from helpers import claims
from helpers.claims import registry
from helpers.lesson.experiment import Place
from helpers.lesson.run import plain
from helpers.model.timeline import Row, Timeline

TEMPLATE = Path(__file__).resolve().parents[2] / "docs" / "template"
FILES = ("chart", "claim", "experiment")
STORED = "spec.containers.quiet.resources.requests.memory"


def rules(module: ModuleType, argument: str) -> list[Callable[[Any], None]]:
    """Return the tests of a module that ask for this argument alone."""
    return [
        test
        for name, test in vars(module).items()
        if name.startswith("test_") and list(inspect.signature(test).parameters) == [argument]
    ]


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Import the template as its notebook does; afterwards, neither modules nor claim are left."""
    monkeypatch.setattr(registry, "_claims", claims.registered())
    monkeypatch.syspath_prepend(str(TEMPLATE))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in FILES})
    for name in FILES:
        del sys.modules[name]


@pytest.fixture
def experiment(template: SimpleNamespace) -> Any:
    return template.experiment.LimitIsARequest()


def ran(experiment: Any, stored: str | None, **values: str) -> Timeline:
    """Return a run in which the server stored this request for the experiment's pod."""
    chosen = experiment.spec(**values)
    rows = [
        ("learner", "Card/x", "prediction", 64.0),
        ("learner", "Card/x", "values", vars(chosen)),
        ("session", "Pod/quiet", "manifest", experiment.build(chosen, Place("l", "n"))),
        ("watch", "Pod/quiet", "exists", True),
    ]
    if stored is not None:
        rows.append(("watch", "Pod/quiet", STORED, stored))
    timeline = Timeline()
    for number, row in enumerate(rows):
        timeline.append(Row(float(number), *row))
    return timeline


@pytest.mark.parametrize("rule", rules(test_lesson_notebooks, "notebook"))
def test_the_notebook_keeps_to_the_rules_of_notebooks(
    rule: Callable[[nbformat.NotebookNode], None], template: SimpleNamespace
) -> None:
    notebook = nbformat.read(TEMPLATE / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    rule(notebook)


@pytest.mark.parametrize("rule", rules(test_lesson_experiments, "experiment"))
def test_the_experiment_keeps_to_the_rules_of_experiments(
    rule: Callable[[Any], None], experiment: Any
) -> None:
    rule(experiment)


def test_there_are_rules() -> None:
    assert len(rules(test_lesson_notebooks, "notebook")) >= 4
    assert len(rules(test_lesson_experiments, "experiment")) >= 3


def test_the_claim_holds(experiment: Any) -> None:
    assert claims.verdict("template-01", ran(experiment, "64Mi")).held is True
    assert claims.verdict("template-01", ran(experiment, "65536Ki")).held is True


@pytest.mark.parametrize("stored", ["32Mi", "0", None])
def test_the_claim_fails(experiment: Any, stored: str | None) -> None:
    assert claims.verdict("template-01", ran(experiment, stored)).held is False


def test_the_claim_cannot_tell(experiment: Any) -> None:
    assert claims.verdict("template-01", Timeline()).held is None
    assert claims.verdict("template-01", ran(experiment, "32Mi", request="32Mi")).held is None


@pytest.mark.parametrize("values", [{}, {"request": "32Mi"}])
def test_the_run_has_words_and_a_chart(experiment: Any, values: dict[str, str]) -> None:
    stored = values.get("request", "64Mi")
    timeline = ran(experiment, stored, **values)
    words = plain(experiment.difference(timeline))
    assert "you said 64" in words
    assert f"asks for {stored.removesuffix('Mi')} MiB" in words
    chart = experiment.chart(timeline)
    assert len(chart.table) == 1
    assert [list(mark.x) for mark in chart.figure.data] == [
        [chart.rule] * 2,
        [chart.measured],
        [64.0],
    ]


def test_it_leaves_no_claim_behind() -> None:
    assert "template-01" not in claims.registered()
