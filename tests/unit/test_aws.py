"""AWS's stand-in, and the guard in front of it: real moto, on this machine alone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lesson_fakes import Trial, no_cluster

from helpers.aws import guard
from helpers.aws import server as moto_server
from helpers.aws.account import Account
from helpers.aws.errors import AwsGone, AwsRefused, NotLoopback
from helpers.aws.server import Moto
from helpers.forms.pane import ManifestPane
from helpers.lesson.experiment import Bench
from helpers.lesson.explain import explain, known
from helpers.lesson.lesson import Lesson
from helpers.lesson.stop import NotYet, RunFailed
from helpers.model import aws
from helpers.model.timeline import Timeline

REAL_LOOKING = {
    "AWS_PROFILE": "production",
    "AWS_DEFAULT_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a-session",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "https://ecr.example.com",
    "AWS_ENDPOINT_URL_ECR": "https://ecr.example.com",
    "AWS_ENDPOINT_URL_IAM": "https://iam.example.com",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_RETRY_MODE": "nonsense",
    "AWS_CA_BUNDLE": "/nowhere",
    "HTTP_PROXY": "http://192.0.2.1:3128",
    "HTTPS_PROXY": "http://192.0.2.1:3128",
    "http_proxy": "http://192.0.2.1:3128",
    "NO_PROXY": "",
}

FILES = {
    "config": "[profile production]\nregion = us-east-1\nendpoint_url = https://aws.example.com\n"
    "[default]\nendpoint_url = https://aws.example.com\nretry_mode = nonsense\n",
    "credentials": "[production]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n"
    "aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n",
}


ALLOW = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    server = Moto.start()
    yield server
    server.stop()


@pytest.fixture
def account(moto: Moto) -> Account:
    moto.reset()
    return Account(moto, Timeline())


@pytest.fixture
def owners(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An owner's environment and ~/.aws, as on a machine that works with AWS."""
    (tmp_path / ".aws").mkdir()
    for name, text in FILES.items():
        (tmp_path / ".aws" / name).write_text(text)
    for name, text in {**REAL_LOOKING, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, text)


# The guard


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://ecr.eu-central-1.amazonaws.com",
        "http://localhost:5000",
        "http://127.0.0.1",
        "https://127.0.0.1:5000",
        "http://192.0.2.1:5000",
        "http://127.0.0.1@192.0.2.1:5000",
        "http://user@127.0.0.1:5000",
        "http://127.0.0.1:port",
        "127.0.0.1:5000",
    ],
)
def test_only_a_loopback_address_with_its_port_is_an_endpoint(endpoint: str) -> None:
    with pytest.raises(NotLoopback):
        guard.client("ecr", endpoint)


@pytest.mark.parametrize("service", ["ecr", "iam", "sts", "ec2", "autoscaling", "eks"])
def test_nothing_of_the_owners_is_read(service: str, owners: None) -> None:
    made = guard.client(service, "http://127.0.0.1:5000")
    assert made.meta.endpoint_url == "http://127.0.0.1:5000"
    assert made.meta.region_name == aws.REGION
    keys = made._request_signer._credentials
    assert (keys.access_key, keys.secret_key, keys.token) == ("testing", "testing", None)
    assert made.meta.config.proxies == {}
    assert made.meta.config.retries["total_max_attempts"] == 1
    session = made._endpoint.http_session
    assert session._proxy_config.proxy_url_for("http://127.0.0.1:5000") is None


def test_in_an_owners_environment_moto_answers_and_knows_none_of_its_keys(owners: None) -> None:
    server = Moto.start()
    try:
        server.reset()
        who = Account(server, Timeline()).call("sts:GetCallerIdentity")
        assert who["Account"] == aws.ACCOUNT
        seen = Path(f"/proc/{server._process.pid}/environ").read_bytes().decode()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
            assert f"{name}=" not in seen
    finally:
        server.stop()
    assert not server.alive


def test_the_server_dies_with_a_kernel_that_is_killed() -> None:
    program = (
        "from helpers.aws.server import Moto; import time\n"
        "m = Moto.start(); print(m._process.pid, flush=True); time.sleep(60)"
    )
    kernel = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert kernel.stdout is not None
    pid = int(kernel.stdout.readline())
    os.kill(pid, 0)
    kernel.send_signal(signal.SIGKILL)
    kernel.wait()
    kernel.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_server_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto_server.sys, "executable", "/bin/cat")  # it says nothing of a port
    with pytest.raises(AwsGone, match="did not start"):
        Moto.start()


def test_a_server_that_is_gone_is_told() -> None:
    server = Moto.start()
    account = Account(server, Timeline())
    server.stop()
    server.stop()
    for work in (server.reset, lambda: account.call("ecr:DescribeRepositories")):
        with pytest.raises(AwsGone) as gone:
            work()
        assert known(gone.value)
        assert explain(gone.value)[2] == gone.value.hint


# The account


def test_an_answer_is_a_row_without_its_secrets(account: Account) -> None:
    account.call("iam:CreateUser", UserName="johndoe")
    made = account.call("iam:CreateAccessKey", UserName="johndoe")
    assert len(made["AccessKey"]["SecretAccessKey"]) > 10
    row = account.timeline.rows[-1]
    assert (row.source, row.object, row.field) == ("aws", "iam:CreateAccessKey", "answer")
    value: Any = row.value
    assert value["caller"] == "root"
    assert value["parameters"] == {"UserName": "johndoe"}
    assert value["answer"]["AccessKey"]["UserName"] == "johndoe"
    assert made["AccessKey"]["SecretAccessKey"] not in account.timeline.to_jsonl()


def test_a_refusal_is_a_row_and_an_error_with_awss_code(account: Account) -> None:
    with pytest.raises(AwsRefused) as refused:
        account.call("ecr:DescribeImages", repositoryName="nothing")
    assert refused.value.code == "RepositoryNotFoundException"
    value: Any = account.timeline.value(source="aws", object="ecr:DescribeImages", field="refusal")
    assert value["code"] == refused.value.code
    assert value["status"] == 400
    assert "nothing" in value["message"]
    assert known(refused.value)
    assert "RepositoryNotFoundException" in explain(refused.value)[0]


def test_what_the_client_itself_refuses_is_a_refusal_too(account: Account) -> None:
    assert account.tried("ecr:CreateRepository", repositoryName="a") == "ParamValidation"
    assert account.tried("ecr:CreateRepository", repositoryName="randserver") == ""


def test_a_policy_is_sent_as_text_and_shown_as_what_it_says(account: Account) -> None:
    policy = {"Version": "2012-10-17", "Statement": [ALLOW]}
    sent = aws.request("iam:CreatePolicy", {"PolicyName": "none", "PolicyDocument": policy})
    assert account.send(sent)["Policy"]["DefaultVersionId"] == "v1"
    row: Any = account.timeline.rows[-1].value
    assert row["parameters"]["PolicyDocument"] == policy
    pane = ManifestPane()
    pane.show(sent)
    assert pane.title == "Request, as sent"
    assert pane.text.startswith("# aws iam create-policy\n{")


def test_iam_is_enforced_when_asked_for_and_only_then(account: Account) -> None:
    for user, policy in (("reader", "ReadOnly"), ("nobody", None)):
        account.call("iam:CreateUser", UserName=user)
        account.sign_in(user)
        if policy:
            arn = aws.managed_policy_arn(f"AmazonEC2ContainerRegistry{policy}")
            account.call("iam:AttachUserPolicy", UserName=user, PolicyArn=arn)
    account.call("ecr:CreateRepository", repositoryName="randserver")
    assert account.tried("ecr:DescribeRepositories", "nobody") == ""
    account.enforce(True)
    assert account.tried("ecr:DescribeRepositories", "reader") == ""
    assert account.tried("ecr:DescribeRepositories", "nobody") == "AccessDenied"
    asked = {"repositoryName": "randserver"}
    assert account.tried("ecr:DeleteRepository", "reader", **asked) == "AccessDenied"
    said: Any = account.timeline.rows[-1].value
    assert "user/reader is not authorized to perform: ecr:DeleteRepository" in said["message"]
    assert said["status"] == 403
    assert account.tried("ecr:DescribeRepositories") != ""
    account.enforce(False)
    assert account.tried("ecr:DeleteRepository", "reader", **asked) == ""


def test_a_reset_account_is_empty_and_lets_all_pass(account: Account) -> None:
    account.call("iam:CreateUser", UserName="johndoe")
    account.sign_in("johndoe")
    account.enforce(True)
    account.reset()
    assert account.call("iam:ListUsers")["Users"] == []
    with pytest.raises(KeyError):
        account.call("iam:ListUsers", "johndoe")


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("ecr:PutLifecyclePolicy", "aws ecr put-lifecycle-policy"),
        ("iam:CreateUser", "aws iam create-user"),
        ("sts:GetCallerIdentity", "aws sts get-caller-identity"),
    ],
)
def test_an_action_as_the_cli_names_it(action: str, command: str) -> None:
    assert aws.command(action) == command


# The lesson


class Asks(Trial):
    """Make a repository, and take two runs' worth of looking at what is there."""

    id = "asks"
    seen: tuple[int, ...] = ()

    async def run(self, bench: Bench, values: Any) -> None:
        account = await bench.aws()
        assert account is await bench.aws()
        await bench.call(account.call, "ecr:CreateRepository", repositoryName="randserver")
        found = await bench.call(account.call, "ecr:DescribeRepositories")
        Asks.seen = (*Asks.seen, len(found["repositories"]))


class Clustered(Trial):
    """Ask for the cluster."""

    id = "clustered"


def test_a_lesson_without_a_cluster_runs_on_moto_and_stops_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_cluster(monkeypatch)
    monkeypatch.setattr("helpers.kube.session.Session.open", lambda *_: pytest.fail("a cluster"))

    async def work() -> None:
        lesson = await Lesson.open("without", cluster=False)
        card = lesson.card(Asks)
        for _ in range(2):
            card.play()
            run = await card.result()
        assert Asks.seen == (1, 1)
        objects = [row.object for row in run.timeline.where(source="aws")]
        assert objects == ["ecr:CreateRepository", "ecr:DescribeRepositories"]
        assert "no cluster" in lesson.where
        moto = lesson._moto
        assert moto is not None
        needy = lesson.card(Clustered)
        needy.play()
        with pytest.raises(RunFailed):
            await needy.result()
        assert isinstance(needy._failure, NotYet)
        moto.stop()  # as if it had died
        card.play()
        await card.result()
        assert lesson._moto is not moto
        fresh = lesson._moto
        await lesson.reset()
        await lesson.close()
        assert fresh is not None
        assert not fresh.alive

    async def within() -> None:
        await asyncio.wait_for(work(), 120)  # it starts two servers, perhaps on a busy machine

    asyncio.run(within())
