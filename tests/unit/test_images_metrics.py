"""adapter, sqs and pace: what a teaching adapter answers, and moto without anything compiled."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from course_programs import PROGRAMS, command, running, serving

from helpers.cluster import moto_files


@pytest.fixture(scope="module")
def adapter() -> Any:
    sys.path.insert(0, str(PROGRAMS))
    try:
        return importlib.import_module("adapter")
    finally:
        sys.path.remove(str(PROGRAMS))


def test_a_rate_is_what_was_counted_over_some_seconds(adapter: Any) -> None:
    rates = adapter.Rates()
    rates.count(0.0, {"a": 100.0})
    rates.count(2.0, {"a": 110.0, "b": 0.0})
    assert rates.rates() == {}  # too short to tell
    rates.count(4.0, {"a": 120.0, "b": 4.0})
    assert rates.rates() == {"a": 5.0}
    rates.count(8.0, {"a": 140.0})
    rates.count(14.0, {"a": 170.0})
    assert rates.rates() == {"a": 5.0}  # over the last ten seconds; b has gone
    rates.count(15.0, {"a": 3.0})
    assert rates.rates() == {}  # it has started again


def test_only_good_answers_are_counted(adapter: Any) -> None:
    text = 'fib_requests_total{code="200"} 7\nfib_requests_total{code="400"} 2\nfib_heap_bytes 1\n'
    assert adapter.total(text) == 7.0


def test_the_lists_are_those_of_the_api(adapter: Any) -> None:
    said = adapter.custom("ns", {"a": 4.5})
    assert said["kind"] == "MetricValueList"
    (item,) = said["items"]
    assert item["value"] == "4500m"
    assert item["describedObject"]["name"] == "a"
    assert adapter.external("work", 30)["items"][0]["value"] == "30"
    assert adapter.external("work", None)["items"] == []
    assert adapter.chosen("labelSelector=app%3Dfib%2Cx%3Dy", "x") == "y"
    assert adapter.chosen("labelSelector=app%3D%3Dfib", "app") == "fib"
    assert adapter.chosen("", "app") == ""


def test_paths_are_answered_whatever_their_spelling(adapter: Any) -> None:
    rates = adapter.Rates()
    rates.count(0.0, {"a": 0.0})
    rates.count(5.0, {"a": 10.0})
    found = adapter.handler(rates, "ns", "fib", "http://127.0.0.1:1", "us-east-1").found
    at = ["apis", "custom.metrics.k8s.io", "v1beta2"]
    served = found(None, at, "")["resources"][0]
    assert served["name"] == "pods/fib_requests_per_second"
    pods = [*at, "namespaces", "ns", "pods"]
    both = found(None, [*pods, "*", adapter.RATE], "labelSelector=app%3Dfib")
    assert [item["value"] for item in both["items"]] == ["2000m"]
    assert found(None, [*pods, "b", adapter.RATE], "")["items"] == []
    assert found(None, [*pods, "*", adapter.RATE], "labelSelector=app%3Dother")["items"] == []
    elsewhere = [*at, "namespaces", "default", "pods", "*", adapter.RATE]
    assert found(None, elsewhere, "")["items"] == []
    assert found(None, [*pods, "*", "other_metric"], "") is None
    assert found(None, ["apis"], "") is None


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that go into the image sqs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr(moto_files, "cache_dir", lambda: folder)
        return moto_files.lay_out(PROGRAMS)


def test_what_goes_into_the_image_is_plain_python_with_its_licences(moto: Path) -> None:
    files = [file for file in moto.rglob("*") if file.is_file()]
    assert not [file for file in files if file.suffix in (".so", ".pyc")]
    assert sum(file.stat().st_size for file in files) < 20e6
    licences = {
        file.parts for file in files if file.name.upper().startswith(("LICENSE", "LICENCE"))
    }
    assert len(licences) >= 10


def test_sqs_runs_on_these_files_alone(moto: Path) -> None:
    begin = (
        f"import sys; sys.path.insert(0, {str(moto / 'programs')!r}); import sqs; "
        f"sqs.SITE = {str(moto / 'moto')!r}; sqs.PORT = 0; sys.exit(sqs.main())"
    )
    # -I and -S: nothing of the workbook's own environment.
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", begin], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        url = "http://" + line.strip().rpartition(" ")[2]

        def ask(action: str, **parameters: object) -> Any:
            request = urllib.request.Request(url, data=json.dumps(parameters).encode())
            request.add_header("X-Amz-Target", f"AmazonSQS.{action}")
            scope = "Credential=a/20260101/eu-central-1/sqs/aws4_request"
            request.add_header("Authorization", f"AWS4-HMAC-SHA256 {scope}")
            request.add_header("Content-Type", "application/x-amz-json-1.0")
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            return json.load(opener.open(request, timeout=20))

        queue = ask("CreateQueue", QueueName="work")["QueueUrl"]
        ask("SendMessage", QueueUrl=queue, MessageBody="x")
        sys.path.insert(0, str(PROGRAMS))
        import adapter as program

        assert program.length(url, "eu-central-1", "work") == 1
        assert program.length(url, "eu-central-1", "nothing") is None
        assert program.length(url, "us-east-1", "work") is None
    finally:
        sys.path.remove(str(PROGRAMS))
        process.terminate()
        assert process.wait(10) == 0


def test_pace_keeps_its_own_pace() -> None:
    with serving("fib.py") as fib:
        done = subprocess.run(
            command("pace.py", "--rate=20", "--seconds=1", f"{fib.url}/3"),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0
        assert done.stdout.startswith("pace: 20 requests in ")
        assert 'fib_requests_total{code="200"} 20\n' in fib.get("/metrics")[1].decode()
    with running("pace.py", "--rate=1", "--seconds=60", "http://127.0.0.1:9/1") as pace:
        assert "pace:" in pace.line()  # nobody is there; it goes on
        assert pace.stop() == 143
