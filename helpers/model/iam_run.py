"""What the rows of an IAM lesson say: who tried what, what was answered, what IAM's rules say.

Rows: the source "aws" (what users and the owner asked of moto), and the source "model" with the
object "User/<name>": "documents" (the policy documents that apply to the user from now on) and
"request" (one that moto is not asked for, since it evaluates no ARN).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.model import iam
from helpers.model.timeline import Row, Timeline, Value

OWNER = "root"
DENIED = "AccessDenied"
GROUP = "randserver-developers"
POLICY = "EcrPushPullRandserverDevelopers"
MENDED = "mended"
"""The field of the row from which on the token has a statement of its own."""


@dataclass(frozen=True)
class Request:
    """What a learner is asked about: a few words, the action, and the repository it is on."""

    words: str
    action: str
    repository: str | None = None


@dataclass(frozen=True)
class Try:
    """One request of a user: what the rules say of it, and what moto said (None: not asked)."""

    user: str
    action: str
    repository: str | None
    rule: bool
    answer: bool | None
    mended: bool


@dataclass(frozen=True)
class Cell:
    """A request of a user, as the learner, the rules and moto have it; None: not known."""

    request: Request
    user: str
    predicted: bool | None
    rule: bool | None
    answer: bool | None

    @property
    def found(self) -> bool | None:
        """What came of it: moto's answer; where moto was not asked, that of the run's rules."""
        return self.rule if self.answer is None else self.answer


def tries(timeline: Timeline) -> list[Try]:
    """Return the users' requests in their order."""
    documents: dict[str, list[Mapping[str, Any]]] = {}
    mended = False
    found = []
    for row in timeline.rows:
        user = row.object.removeprefix("User/")
        if row.source == "model" and row.field == "documents" and isinstance(row.value, list):
            documents[user] = [dict(one) for one in row.value if isinstance(one, dict)]
        elif row.source == "model" and row.field == MENDED:
            mended = True
        elif row.source == "model" and row.field == "request" and isinstance(row.value, dict):
            action, repository = str(row.value["action"]), row.value["repository"]
            name = str(repository) if repository is not None else None
            held = documents.get(user, [])
            found.append(_try(held, user, action, name, mended=mended))
        elif row.source == "aws" and isinstance(row.value, dict) and "caller" in row.value:
            caller = str(row.value["caller"])
            if caller != OWNER:
                answer = row.value.get("code") != DENIED
                held = documents.get(caller, [])
                made = _try(held, caller, row.object, _repository(row), mended=mended)
                found.append(dataclasses.replace(made, answer=answer))
    return found


def _try(
    held: Sequence[Mapping[str, Any]],
    user: str,
    action: str,
    repository: str | None,
    *,
    mended: bool,
) -> Try:
    rule = iam.decide(held, action, iam.resource_of(action, repository)) == "allowed"
    return Try(user, action, repository, rule, None, mended)


def _repository(row: Row) -> str | None:
    asked = row.value.get("parameters") if isinstance(row.value, dict) else None
    name = asked.get("repositoryName") if isinstance(asked, dict) else None
    return str(name) if name is not None else None


def cells(timeline: Timeline, requests: Sequence[Request], users: Sequence[str]) -> list[Cell]:
    """Return the table of requests and users, row by row, before anything was mended.

    A request that names no repository stands for all on which it was tried.
    """
    done = [one for one in tries(timeline) if not one.mended]
    said = timeline.value(source="learner", field="prediction")
    answers = list(said) if isinstance(said, list) else []
    found = []
    for row, request in enumerate(requests):
        for column, user in enumerate(users):
            place = row * len(users) + column
            ours = [
                t
                for t in done
                if (t.user, t.action) == (user, request.action)
                and request.repository in (None, t.repository)
            ]
            asked = [t.answer for t in ours if t.answer is not None]
            found.append(
                Cell(
                    request,
                    user,
                    answers[place] == "yes" if place < len(answers) else None,
                    all(t.rule for t in ours) if ours else None,
                    all(asked) if asked else None,
                )
            )
    return found


def answers(timeline: Timeline, action: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return parameters and answer of each request of the owner for this action, in order."""
    found = []
    for row in timeline.where(source="aws", object=action, field="answer"):
        value: Value = row.value
        assert isinstance(value, dict)
        parameters, answer = value["parameters"], value["answer"]
        assert isinstance(parameters, dict)
        assert isinstance(answer, dict)
        found.append((dict(parameters), dict(answer)))
    return found


def documents(timeline: Timeline, user: str) -> list[dict[str, Any]]:
    """Return the policy documents that applied to a user first."""
    rows = timeline.where(source="model", object=f"User/{user}", field="documents")
    value = rows[0].value if rows else None
    return [dict(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []
