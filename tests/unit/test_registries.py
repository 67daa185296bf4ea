"""A registry's answers, what a push has to send, where tags may move, and the way back."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from helpers.aws.registry import authorization, requests_in
from helpers.charts.moved_tag import MovedTagChart
from helpers.charts.second_push import PushChart
from helpers.engine import mirror
from helpers.engine.engine import Engine
from helpers.experiments.moved_tag import TagMoves
from helpers.forms import Form
from helpers.kube import guard, undo
from helpers.lesson import recording
from helpers.lesson.experiment import Place
from helpers.lesson.run import plain
from helpers.model.images import Blob, Image, digest_of, missing, sent_band, to_send
from helpers.model.immutability import may_move, new_in, wrong_filter
from helpers.model.timeline import Row, Timeline
from tests.unit.claims.repositories import ONE, TWO, pushed


def test_a_manifest_is_read_as_the_registry_gives_it() -> None:
    layer = {"digest": "sha256:l", "size": 10}
    body = json.dumps({"config": {"digest": "sha256:c", "size": 3}, "layers": [layer]}).encode()
    image = Image.parse("sha256:m", body)
    assert image.layers == (Blob("sha256:l", 10),)
    assert image.size == len(body)
    assert image.annotations == {}


def test_a_push_sends_what_no_earlier_image_has() -> None:
    assert to_send(ONE, []) == 22_800_000 + 9_000 + 1400 + 900
    assert [blob.size for blob in missing(TWO, [ONE])] == [1400, 1]
    assert to_send(ONE, [ONE]) == ONE.size
    assert 22.9 in sent_band(22_800_000)
    assert 24.0 not in sent_band(22_800_000)


@pytest.mark.parametrize(
    ("mode", "filters", "tag", "moves"),
    [
        ("MUTABLE", [], "stable", True),
        ("IMMUTABLE", [], "stable", False),
        ("IMMUTABLE_WITH_EXCLUSION", ["sta*"], "stable", True),
        ("IMMUTABLE_WITH_EXCLUSION", ["sta*"], "stop", False),
        ("MUTABLE_WITH_EXCLUSION", ["*.*"], "0.0.1", False),
        ("MUTABLE_WITH_EXCLUSION", ["*.*"], "latest", True),
    ],
)
def test_an_exclusion_turns_the_rule_round(
    mode: str, filters: list[str], tag: str, moves: bool
) -> None:
    assert may_move(mode, filters, tag) is moves


def test_ecr_wants_a_filter_just_where_the_mode_has_exclusions() -> None:
    assert wrong_filter("MUTABLE", None) is None
    assert wrong_filter("IMMUTABLE_WITH_EXCLUSION", "sta*") is None
    assert "no filter" in str(wrong_filter("IMMUTABLE", "*"))
    assert "a filter" in str(wrong_filter("IMMUTABLE_WITH_EXCLUSION", None))
    assert "asterisks" in str(wrong_filter("MUTABLE_WITH_EXCLUSION", "*a*b*"))
    assert "letters" in str(wrong_filter("MUTABLE_WITH_EXCLUSION", "a+"))


def test_a_node_that_has_the_image_asks_only_with_always() -> None:
    assert [new_in(place, "IfNotPresent", moved=True) for place in range(3)] == [False, True, False]
    assert [new_in(place, "Always", moved=True) for place in range(3)] == [False, True, True]
    assert not any(new_in(place, "Always", moved=False) for place in range(3))


def test_an_image_id_holds_a_digest_or_none() -> None:
    assert digest_of("host/name@sha256:abc") == "sha256:abc"
    assert digest_of("sha256:abc") == ""
    assert digest_of(None) == ""


def test_the_access_log_tells_method_path_and_status() -> None:
    log = '10.89.0.1 - - [24/Nov/2026] "PUT /v2/a/manifests/1 HTTP/1.1" 201 0 "" "x"\n{"level":1}'
    assert requests_in(log) == [("PUT", "/v2/a/manifests/1", 201)]


def test_a_nodes_file_names_the_registry_alone_and_may_carry_a_login() -> None:
    file = mirror.hosts("http://10.0.0.2:5000", authorization("token"))
    assert file.startswith('server = "http://10.0.0.2:5000"')
    assert 'Authorization = "Basic QVdTOnRva2Vu"' in file
    assert "Authorization" not in mirror.hosts("http://10.0.0.2:5000")


CTR = """\
REF                  TYPE     DIGEST     SIZE
here/a:1             manifest sha256:one 1 KiB
here/a@sha256:one    manifest sha256:one 1 KiB
here/b:1             manifest sha256:two 1 KiB
here.not/c:1         manifest sha256:six 1 KiB
localhost/same:1     manifest sha256:two 1 KiB
sha256:id-of-one     manifest sha256:one 1 KiB
sha256:id-of-two     manifest sha256:two 1 KiB
sha256:id-of-six     manifest sha256:six 1 KiB
"""


def test_a_node_forgets_what_it_has_from_a_registry_alone() -> None:
    asked = ["awk", "-v", "from=here/", mirror.FROM_THERE]
    said = subprocess.run(asked, input=CTR, check=True, capture_output=True, text=True).stdout
    assert said.split() == ["here/a:1", "here/a@sha256:one", "here/b:1", "sha256:id-of-one"]


def test_logins_are_kept_apart_from_the_owners(tmp_path: Any) -> None:
    own = Engine("podman", {"A": "1"}).with_logins_in(tmp_path / "login")
    assert own.environment["REGISTRY_AUTH_FILE"] == str(tmp_path / "login" / "config.json")
    assert own.environment["A"] == "1"
    assert (tmp_path / "login" / "config.json").read_text() == "{}"


def test_what_a_registry_left_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    class Fake(Engine):
        def ask(self, *arguments: Any, typed: str = "") -> str:
            asked.append(arguments)
            return "127.0.0.1:5001/a:1\nother:1\n" if arguments[0] == "images" else ""

        def nodes(self, cluster: str) -> dict[str, str]:
            return {f"{cluster}-worker": "running", f"{cluster}-worker2": "paused"}

    monkeypatch.setattr(Engine, "find", classmethod(lambda _: Fake("podman")))
    monkeypatch.setattr(guard, "made_by_workbook", lambda: True)
    steps = [{"remove": "x-registry"}, {"untag": "127.0.0.1:5001"}, {"forget": "host"}]
    assert undo.take(None, steps) == ["Registry/host", "Container/x-registry"]  # type: ignore[arg-type]
    assert ("rm", "--force", "--volumes", "x-registry") in asked
    assert ("rmi", "127.0.0.1:5001/a:1") in asked
    entered = [arguments[1] for arguments in asked if arguments[0] == "exec"]
    assert entered == [f"{guard.CLUSTER}-worker"]
    assert not undo.same(steps[0], steps[1])


def test_only_on_a_cluster_of_the_workbook_nodes_are_led(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "find", classmethod(lambda _: Engine("podman")))
    monkeypatch.setattr(guard, "made_by_workbook", lambda: False)
    with pytest.raises(undo.NotMade):
        undo.lead("host", {"worker": ""})


def test_the_push_chart_draws_half_a_run_and_a_whole_one() -> None:
    half = Timeline()
    for row in pushed().rows[:4]:
        half.append(row)
    for timeline in (Timeline(), half, pushed()):
        for chart in (PushChart(timeline), MovedTagChart(timeline)):
            assert chart.figure.data
    assert "22.90 MB" in PushChart(pushed()).text


def test_the_recorded_pods_run_what_the_rule_says() -> None:
    timeline = recording.load("repositories-push-and-pull", "a-tag-moves")
    chart = MovedTagChart(timeline)
    assert list(chart.figure.data[3].y) == list(chart.figure.data[2].y) == [0, 1, 1]


def test_the_difference_tells_of_a_tag_that_stayed() -> None:
    timeline = Timeline()
    recorded = recording.load("repositories-push-and-pull", "a-tag-moves")
    for row in recorded.rows:
        kept = row.object.startswith("Tag/stable") and timeline.where(object="Tag/stable")
        if not kept:
            timeline.append(row)
    asked = {"repositoryName": "randserver", "imageTag": "stable"}
    value = {"parameters": asked, "message": "is immutable"}
    timeline.append(Row(0.0, "aws", "ecr:PutImage", "refusal", value))
    words = plain(TagMoves().difference(timeline))
    assert "keeps the tag" in words
    assert "is immutable" in words


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"tag": "1.2.3+build5"}, "tag"),
        ({"tag": ".bad"}, "tag"),
        ({"tag": "0.0.2"}, "tag"),
        ({"mutability": "IMMUTABLE", "filter": "*"}, "filter"),
        ({"mutability": "MUTABLE_WITH_EXCLUSION"}, "filter"),
    ],
)
def test_the_form_refuses_what_ecr_would_and_names_the_field(
    values: dict[str, str], field: str
) -> None:
    made = TagMoves()
    place = Place("x", "x")
    form = Form(made.spec, lambda v: made.build(v, place), check=made.check)
    form.set(**values)
    assert list(form.errors) == [field]
    form.set(mutability="MUTABLE", filter=None, tag="stable")
    assert form.errors == {}
