"""An AWS account to work in: its requests, who makes them, and what was answered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from helpers.aws.errors import AwsGone, AwsRefused
from helpers.aws.guard import DUMMY, Keys, client
from helpers.aws.server import Moto
from helpers.model.aws import REGION
from helpers.model.timeline import Row, Timeline, Value

ROOT = "root"
"""The account's owner, who makes what a lesson needs while nothing is enforced."""

_SECRET = frozenset(
    {"SecretAccessKey", "SessionToken", "authorizationToken", "Password", "WebIdentityToken"}
)


class Account:
    """The account on a moto server; whatever is asked of it becomes a row of `timeline`.

    A row has the source "aws", the action as its object ("ecr:PutImage"), and says who asked with
    which parameters: the field "answer" holds {caller, parameters, answer}, the field "refusal"
    {caller, parameters, code, message, status}. What is secret is left out of it.
    """

    def __init__(self, moto: Moto, timeline: Timeline) -> None:
        self.moto = moto
        self.timeline = timeline
        self._keys: dict[str, Keys] = {ROOT: DUMMY}
        self._clients: dict[tuple[str, str, str], Any] = {}

    def call(
        self,
        action: str,
        caller: str = ROOT,
        *,
        region: str = REGION,
        told: Callable[[dict[str, Any]], Value] | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Ask for an action, such as "ecr:PutImage", and return the answer.

        `told` says what the row keeps of an answer that is long.

        `parameters` are named as in the API; a mapping where the API wants text, such as a policy,
        is sent as JSON. `caller` is the owner or a user who has signed in. Raises AwsRefused with
        AWS's own code and words, AwsGone, and KeyError for a caller without keys.
        """
        from botocore.exceptions import ClientError, ParamValidationError

        service, _, operation = action.partition(":")
        asked = {"caller": caller, "parameters": _plain(parameters)}
        try:
            found = self._client(service, caller, region)
            sent = _texts(found, operation, parameters)
            answer = ask(found, operation, **sent)
        except ClientError as error:
            said = error.response["Error"]
            status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
            code, message = str(said.get("Code")), str(said.get("Message"))
            self._note(action, "refusal", asked | _refusal(code, message, status))
            raise AwsRefused(action, caller, code, message, status) from None
        except ParamValidationError as error:
            # The client's own check, as in the AWS CLI: it never leaves this machine.
            code, message = "ParamValidation", str(error)
            self._note(action, "refusal", asked | _refusal(code, message, 400))
            raise AwsRefused(action, caller, code, message, 400) from None
        answer.pop("ResponseMetadata", None)
        kept = told(answer) if told is not None else _plain(answer)
        self._note(action, "answer", asked | {"answer": kept})
        return answer

    def send(self, request: dict[str, Any], caller: str = ROOT) -> dict[str, Any]:
        """Ask for what a form made with `helpers.model.aws.request`. Raises as `call` does."""
        return self.call(str(request["request"]), caller, **request["parameters"])

    def tried(self, action: str, caller: str = ROOT, **parameters: Any) -> str:
        """Ask as `call` does, and return "" or the code of the refusal. Raises AwsGone."""
        try:
            self.call(action, caller, **parameters)
        except AwsRefused as refused:
            return refused.code
        return ""

    def sign_in(self, user: str) -> None:
        """Make an access key for a user of this account, so that it can be a caller."""
        key = self.call("iam:CreateAccessKey", UserName=user)["AccessKey"]
        self._keys[user] = Keys(key["AccessKeyId"], key["SecretAccessKey"])

    def enforce(self, on: bool) -> None:
        """Check requests against IAM from now on, or let all pass. Raises AwsGone.

        It is on for a user's requests and off while the owner prepares; see `Moto.enforce`.
        """
        self.moto.enforce(on)
        self._note("iam", "enforced", on)

    def reset(self) -> None:
        """Forget whatever was made in the account. Raises AwsGone."""
        self.moto.reset()
        self._keys = {ROOT: DUMMY}
        self._clients.clear()

    def _client(self, service: str, caller: str, region: str) -> Any:
        which = service, caller, region
        if which not in self._clients:
            keys = self._keys[caller]
            self._clients[which] = client(service, self.moto.endpoint, keys, region)
        return self._clients[which]

    def _note(self, action: str, field: str, value: Value) -> None:
        self.timeline.append(Row(time.time(), "aws", action, field, value))


def ask(by: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    """Ask by a client of `guard.client` for an operation, such as "PutImage".

    Raises AwsGone when nobody answers, and botocore's own errors for a refusal.
    """
    from botocore import xform_name
    from botocore.exceptions import ConnectionError, HTTPClientError

    try:
        answer: dict[str, Any] = getattr(by, xform_name(operation))(**parameters)
    except (HTTPClientError, ConnectionError) as error:
        raise AwsGone(f"AWS's stand-in, moto, does not answer: {error}.") from None
    return answer


def _texts(found: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with JSON text for each mapping that the API wants as text."""
    shape = found.meta.service_model.operation_model(operation).input_shape
    members = shape.members if shape is not None else {}
    return {
        name: json.dumps(value)
        if isinstance(value, dict) and name in members and members[name].type_name == "string"
        else value
        for name, value in parameters.items()
    }


def _refusal(code: str, message: str, status: int) -> dict[str, Value]:
    return {"code": code, "message": message, "status": status}


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: times as text, bytes as their number, no secrets."""
    if isinstance(value, dict):
        return {str(k): "…" if k in _SECRET else _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value if isinstance(value, str | int | float | bool | None) else str(value)
