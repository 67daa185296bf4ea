"""Paths, and the server's answers turned into errors that a learner can read."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from helpers.kube.api import KINDS, Kind, exit_code, refusal, warnings_in
from helpers.kube.errors import DeadlineExceeded, NotFound, Refused
from helpers.kube.session import quantity_at_fault


def test_the_package_kubernetes_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import helpers.kube.session, helpers.kube.recorder, helpers.kube.metrics, sys;"
        "sys.exit('kubernetes' in sys.modules or 'urllib3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Pod", "/api/v1/namespaces/ns/pods/x"),
        ("Node", "/api/v1/nodes/x"),
        ("Endpoints", "/api/v1/namespaces/ns/endpoints/x"),
        ("Deployment", "/apis/apps/v1/namespaces/ns/deployments/x"),
        ("StorageClass", "/apis/storage.k8s.io/v1/storageclasses/x"),
        ("IngressClass", "/apis/networking.k8s.io/v1/ingressclasses/x"),
        ("Ingress", "/apis/networking.k8s.io/v1/namespaces/ns/ingresses/x"),
        ("NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/ns/networkpolicies/x"),
        ("PriorityClass", "/apis/scheduling.k8s.io/v1/priorityclasses/x"),
        ("CSIDriver", "/apis/storage.k8s.io/v1/csidrivers/x"),
    ],
)
def test_the_path_of_a_kind(kind: str, path: str) -> None:
    assert KINDS[kind].path("ns", "x") == path


def test_the_paths_of_collections_and_subresources() -> None:
    pod = KINDS["Pod"]
    assert pod.path("ns") == "/api/v1/namespaces/ns/pods"
    assert pod.path("ns", "x", "resize") == "/api/v1/namespaces/ns/pods/x/resize"
    assert Kind("N", "v1", "ns", False).path("ignored", "x", "log") == "/api/v1/ns/x/log"


def status(code: int, message: str, reason: str = "", *causes: tuple[str, str]) -> bytes:
    listed = [{"field": field, "message": said} for field, said in causes]
    said = {"kind": "Status", "code": code, "message": message, "reason": reason}
    return json.dumps({**said, "details": {"causes": listed}}).encode()


def test_a_refusal_keeps_the_servers_words_and_names_the_field() -> None:
    said = 'Invalid value: "2": must be less than or equal to cpu limit of 1'
    field = "spec.containers[0].resources.requests"
    message = f'Pod "p" is invalid: {field}: {said}'
    refused = refusal(422, status(422, message, "Invalid", (field, said)), "Pod/p")
    assert (refused.field, refused.message) == (field, message)
    assert (refused.reason, refused.status) == ("Invalid", 422)
    assert refused.causes == ((field, said),)
    assert "lower the request or raise the limit" in refused.hint
    for part in ("Pod/p", "422 Invalid", said, field, refused.hint):
        assert part in str(refused)


@pytest.mark.parametrize(
    ("message", "field", "hint"),
    [
        (
            "failed to create typed patch object (ns/p; /v1, Kind=Pod): "
            ".spec.foo: field not declared in schema",
            "spec.foo",
            "misspelled",
        ),
        (
            "failed to create typed patch object (ns/p; /v1, Kind=Pod): "
            '.spec.containers[name="burn"].imag: field not declared in schema',
            'spec.containers[name="burn"].imag',
            "misspelled",
        ),
        ('strict decoding error: unknown field "spec.foo"', "spec.foo", "misspelled"),
        ("quantities must match the regular expression '^x$'", "", "500m"),
        ("unable to parse quantity's suffix", "", "500m"),
        ("something never heard of", "", ""),
    ],
)
def test_the_field_and_the_hint_in_words_alone(message: str, field: str, hint: str) -> None:
    refused = refusal(500, status(500, message), "Pod/p")
    assert refused.field == field
    assert hint in refused.hint
    assert bool(refused.hint) == bool(hint)


def test_404_is_not_found_and_other_text_is_kept() -> None:
    missing = refusal(404, b"404 page not found\n", "")
    assert isinstance(missing, NotFound)
    assert missing.message == "404 page not found"
    assert refusal(503, b"", "").message == "HTTP status 503"
    assert refusal(500, b"[1]", "").message == "[1]"


def test_a_long_diff_of_the_object_is_left_out_of_the_paragraph_only() -> None:
    refused = Refused("spec", "Forbidden: no\n@@ -1 +1 @@\n-a\n+b", "Invalid", 422)
    assert "@@" in refused.message
    assert "@@" not in str(refused)


def test_warnings_are_unwrapped() -> None:
    headers = [r'299 - "fractional byte value \"500m\" is invalid"', '299 - "old"', "nonsense"]
    assert warnings_in(headers) == ['fractional byte value "500m" is invalid', "old"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"status": "Success"}', 0),
        ('{"details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}', 3),
        ('{"status": "Failure", "message": "no such file"}', None),
        ("", None),
        ("[]", None),
    ],
)
def test_the_exit_code_of_a_command(text: str, code: int | None) -> None:
    assert exit_code(text) == code


def test_the_quantity_that_the_server_did_not_name_is_found() -> None:
    good = {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": "500m"}}
    bad = {"limits": {"cpu": "half"}}
    pod = {"spec": {"containers": [{"resources": good}, {"name": "limits", "resources": bad}]}}
    fault = quantity_at_fault(pod)
    assert fault is not None
    assert fault.field == "spec.containers[1].resources.limits[cpu]"
    assert quantity_at_fault({"spec": {"containers": [{"resources": good}]}}) is None
    limit_range = {"spec": {"limits": [{"max": {"cpu": "x"}, "type": "Container"}]}}
    fault = quantity_at_fault(limit_range)
    assert fault is not None
    assert fault.field == "spec.limits[0].max[cpu]"


def test_a_deadline_tells_what_was_seen() -> None:
    error = DeadlineExceeded("the Pod to run", 2.5, {"Pod/p": "Pending"}, ["Pod/p Failed: why"])
    for part in ("2.5 s", "the Pod to run", "Pod/p: Pending", "Pod/p Failed: why"):
        assert part in str(error)
