"""Forms without a browser: values, errors, the manifest and its pane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest

from helpers.forms import FieldError, Form, choice, integer, quantity, text
from helpers.forms.fields import fields_of, help_for
from helpers.forms.pane import changed_lines, colour
from helpers.model.timeline import Value


@dataclass(frozen=True)
class Spec:
    limit: Annotated[str | None, quantity("limits.cpu", optional=True)] = "500m"
    request: Annotated[str, quantity("requests.cpu")] = "100m"
    threads: Annotated[int, integer("busy threads", low=1, high=8)] = 2
    policy: Annotated[str, choice("restartPolicy", "Never", "Always")] = "Never"


def build(spec: Spec) -> dict[str, Value]:
    resources: dict[str, Value] = {"requests": {"cpu": spec.request}}
    if spec.limit is not None:
        resources["limits"] = {"cpu": spec.limit}
    container: Value = {
        "name": "burn",
        "args": ["--threads", str(spec.threads)],
        "resources": resources,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "burn", "namespace": "lesson-1a2b"},
        "spec": {"restartPolicy": spec.policy, "containers": [container]},
    }


@pytest.fixture
def form() -> Form[Spec]:
    return Form(Spec, build)


def test_a_new_form_holds_the_defaults(form: Form[Spec]) -> None:
    assert form.values == Spec()
    assert form.errors == {}
    assert form.manifest == build(Spec())


def test_set_and_typing_do_the_same(form: Form[Spec]) -> None:
    form.set(limit="250m")
    assert form.values.limit == "250m"
    form.inputs["limit"].value = "300m"
    assert form.values.limit == "300m"
    form.set(threads=4)
    assert form.values.threads == 4


def test_set_refuses_an_unknown_name_and_names_a_near_one(form: Form[Spec]) -> None:
    with pytest.raises(TypeError, match="limit"):
        form.set(limits="1")


def test_an_optional_field_may_be_empty(form: Form[Spec]) -> None:
    form.set(limit="")
    assert form.values.limit is None
    form.set(request="")
    assert "requests.cpu is empty" in form.errors["request"]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        (
            {"limit": "500 m"},
            "limit",
            ["limits.cpu", "Try it without the space: 500m", "The server"],
        ),
        ({"limit": "half"}, "limit", ["limits.cpu"]),
        ({"request": "-1"}, "request", ["requests.cpu", "greater than or equal to 0"]),
        ({"limit": "50m"}, "request", ["requests.cpu", "cpu limit of 50m", "raise the limit"]),
        ({"threads": "two"}, "threads", ["busy threads", "whole number from 1 to 8"]),
        ({"threads": "1_0"}, "threads", ["busy threads", "whole number"]),
        ({"threads": 9}, "threads", ["busy threads", "9", "from 1 to 8"]),
        ({"threads": ""}, "threads", ["busy threads", "empty"]),
    ],
)
def test_an_error_names_the_field_and_what_to_do(
    form: Form[Spec], values: dict[str, str | int], field: str, words: list[str]
) -> None:
    form.set(**values)
    assert set(form.errors) == {field}
    for word in words:
        assert word in form.errors[field]
    assert form.manifest is None
    with pytest.raises(FieldError):
        _ = form.values


def test_the_error_stands_beside_its_field_and_the_pane_says_nothing_is_sent(
    form: Form[Spec],
) -> None:
    form.set(limit="5x")
    assert "wb-wrong" in form.hints["limit"].value
    assert "wb-wrong" not in form.hints["request"].value
    assert "Nothing is sent until <b>limits.cpu</b> is mended" in form.pane.widget.value
    form.set(limit="500m")
    assert "Nothing is sent" not in form.pane.widget.value
    assert "wb-wrong" not in form.hints["limit"].value


def test_what_a_learner_types_never_becomes_markup(form: Form[Spec]) -> None:
    form.set(limit="<img src=x>")
    assert "<img" not in form.hints["limit"].value
    assert "<img" not in form.pane.widget.value


def test_an_equal_limit_and_request_are_fine(form: Form[Spec]) -> None:
    form.set(limit="0.1", request="100m")
    assert form.errors == {}


def test_the_pane_marks_the_changed_line(form: Form[Spec]) -> None:
    assert not form.pane.changed
    form.set(limit="250m")
    assert [line.strip() for line in form.pane.changed] == ["cpu: 250m"]
    assert form.pane.widget.value.count("wb-changed") == 1
    form.set(threads=3)
    assert "250m" not in "".join(form.pane.changed)
    assert "3" in "".join(form.pane.changed)


def test_the_pane_shows_the_whole_manifest(form: Form[Spec]) -> None:
    import yaml

    assert yaml.safe_load(form.pane.text) == form.manifest


def test_observers_hear_right_and_wrong_values(form: Form[Spec]) -> None:
    heard: list[bool] = []
    form.observe(lambda: heard.append(bool(form.errors)))
    form.set(limit="1")
    form.set(limit="1x")
    assert heard == [False, True]


def test_the_limit_is_explained(form: Form[Spec]) -> None:
    assert form.hints["limit"].value == "0.5 core: 50 ms of CPU time in every 100 ms."
    form.set(limit="")
    assert "no limit" in form.hints["limit"].value.lower()


def test_a_check_of_its_own_adds_errors() -> None:
    form = Form(Spec, build, check=lambda s: {"threads": "too many"} if s.threads > 4 else {})
    form.set(threads=5)
    assert form.errors == {"threads": "too many"}
    assert form.manifest is None


def test_a_spec_without_a_field_description_is_refused() -> None:
    @dataclass(frozen=True)
    class Bare:
        name: str = "x"

    with pytest.raises(TypeError, match="name"):
        fields_of(Bare)


def test_fields_have_real_labels_and_help(form: Form[Spec]) -> None:
    assert form.inputs["limit"].description == "limits.cpu"
    assert help_for("limits.cpu") == form.fields["limit"].help != ""
    assert text("image").help


def test_enable_locks_every_field(form: Form[Spec]) -> None:
    form.enable(False)
    assert all(box.disabled for box in form.inputs.values())


def test_yaml_is_coloured_by_key() -> None:
    assert colour("  - name: a<b") == '  - <span class="wb-key">name:</span> a&lt;b'
    assert colour("- --threads") == "- --threads"


def test_changed_lines_of_an_inserted_line() -> None:
    assert changed_lines(["a", "c"], ["a", "b", "c"]) == {1}
    assert changed_lines(["a"], ["a"]) == frozenset()
