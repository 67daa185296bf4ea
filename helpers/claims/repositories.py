"""Claims about repositories, push and pull (ledger: ch10-repo-*, ch10-pushpull-*).

Rows that they read: the pushes (`helpers.model.images`), source "registry", objects "Login" and
"Registry"; source "aws", the actions of ECR; the Pods' manifests and their "imageID".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import aws
from helpers.model.images import MB, Push, digest_of, pushes, ruled, sent_band, short
from helpers.model.immutability import MUTABLE, REFUSALS, may_move
from helpers.model.manifests import containers
from helpers.model.pulls import IMAGE_ID, status
from helpers.model.timeline import Timeline, Value

CREATE, PUT, TOKEN = "ecr:CreateRepository", "ecr:PutImage", "ecr:GetAuthorizationToken"
ARN = re.compile(r"arn:aws:ecr:(?P<region>[\w-]+):(?P<account>\d{12}):repository/(?P<name>.+)")


def _login(timeline: Timeline) -> Mapping[str, Value] | None:
    value = timeline.value(source="registry", object="Login", field="login")
    return value if isinstance(value, Mapping) else None


def _around_login(timeline: Timeline) -> tuple[list[Push], list[Push]]:
    """Return the pushes before the login and those after it."""
    login = timeline.last(source="registry", object="Login", field="login")
    rows = timeline.where(source="registry", field="push")
    done = pushes(timeline)
    before = [p for p, row in zip(done, rows, strict=True) if login and row.time < login.time]
    return before, done[len(before) :]


def _asked(timeline: Timeline, action: str) -> list[tuple[Mapping[str, Value], Value]]:
    """Return what was asked of AWS: the parameters, and the refusal's code or the answer."""
    found: list[tuple[Mapping[str, Value], Value]] = []
    for row in timeline.where(source="aws", object=action):
        value = row.value if isinstance(row.value, Mapping) else {}
        parameters = value.get("parameters")
        outcome = value.get("answer") if row.field == "answer" else str(value.get("code"))
        if isinstance(parameters, Mapping):
            found.append((parameters, outcome))
    return found


def _repository(answer: Value) -> Mapping[str, Value]:
    repository = answer.get("repository") if isinstance(answer, Mapping) else None
    return repository if isinstance(repository, Mapping) else {}


@claim("ch10-repo-01")
def a_registry_protects_and_keeps_versions(timeline: Timeline) -> Verdict:
    """Check: no push without a login; each tag is kept; without its storage nothing is left.

    Rows: the pushes, "Login", and the registry's "repositories" before and after it was restarted
    without its storage.
    """
    before, after = _around_login(timeline)
    rows = timeline.where(source="registry", object="Registry", field="repositories")
    taken = [image for _, image, _ in ruled(after)]
    if not before or len(taken) < 2 or len(rows) < 2:
        return cannot_tell("registry that was pushed to with and without a login, and restarted")
    refused = sum(1 for push in before if "unauthorized" in push.refused.lower())
    versions = len({image.digest for image in taken})
    wanted = len({(image.config, image.layers) for image in taken})
    kept, left = (len(_list(row.value)) for row in (rows[0], rows[-1]))
    held = refused == len(before) and versions == wanted and kept > 0 and left == 0
    return Verdict(
        held,
        "The registry lets nobody in without a login, and keeps each version; all it knows is in "
        "its storage."
        if held
        else "The registry let in who was not logged in, lost a version, or kept what had no "
        "storage.",
        f"{len(before)} of {len(before)} refused before the login, {wanted} versions, "
        "nothing left without storage",
        f"{refused} of {len(before)} refused, {versions} versions, {left} repositories left",
    )


@claim("ch10-repo-02")
def one_registry_an_account_and_region(timeline: Timeline) -> Verdict:
    """Check: a name is taken once in a region, and free in another; the account stays the same.

    Rows: "ecr:CreateRepository" of one name, at least twice in one region and once in another.
    """
    asked = _asked(timeline, CREATE)
    counted: dict[str, list[Value]] = {}
    for parameters, outcome in asked:
        counted.setdefault(str(parameters.get("repositoryName")), []).append(outcome)
    outcomes = max(counted.values(), key=len, default=[])
    if len(outcomes) < 3:
        return cannot_tell("repository that was made three times")
    made = [ARN.fullmatch(str(_repository(o).get("repositoryArn"))) for o in outcomes]
    regions = [found["region"] for found in made if found]
    accounts = {found["account"] for found in made if found}
    refused = outcomes.count("RepositoryAlreadyExistsException")
    held = len(regions) == len(set(regions)) == 2 and refused == 1 and accounts == {aws.ACCOUNT}
    return Verdict(
        held,
        "One account has a registry in each region: the same name is free once in each."
        if held
        else "A name was taken in another region too, or was free twice in one.",
        f"2 regions of account {aws.ACCOUNT}, 1 RepositoryAlreadyExistsException",
        f"{len(set(regions))} regions of account {', '.join(sorted(accounts)) or 'none'}, "
        f"{refused} RepositoryAlreadyExistsException",
    )


@claim("ch10-repo-03")
def the_reply_has_the_uri_and_the_rule_of_tags(timeline: Timeline) -> Verdict:
    """Check the reply's ARN, URI and mutability, and each tag that was put twice.

    Rows: "ecr:CreateRepository" and "ecr:PutImage"; the expectation is the model's of the modes and
    filters that were sent.
    """
    made = {
        str(parameters.get("repositoryName")): (parameters, _repository(outcome))
        for parameters, outcome in reversed(_asked(timeline, CREATE))
        if _repository(outcome)
    }
    again, seen = [], set()
    for parameters, outcome in _asked(timeline, PUT):
        key = str(parameters.get("repositoryName")), str(parameters.get("imageTag"))
        if key in seen and key[0] in made:
            again.append((*key, _outcome(outcome)))
        seen.add(key)
    if not again:
        return cannot_tell("tag that was put on a second image")
    wrong = []
    for name, (parameters, reply) in made.items():
        mode = str(parameters.get("imageTagMutability") or MUTABLE)
        arn = ARN.fullmatch(str(reply.get("repositoryArn")))
        uri = f"{arn['account']}.dkr.ecr.{arn['region']}.amazonaws.com/{name}" if arn else ""
        if reply.get("repositoryUri") != uri or reply.get("imageTagMutability") != mode:
            wrong.append(f"{reply.get('repositoryUri')} {reply.get('imageTagMutability')}")
    expected = [
        (name, tag, "moved" if _may(made[name][0], tag) else "refused") for name, tag, _ in again
    ]
    held = not wrong and again == expected
    return Verdict(
        held,
        "The reply holds the URI, of account, region and name; and a tag moves only where the "
        "repository lets it."
        if held
        else "A URI is not of account, region and name, or a tag moved against the rule.",
        "; ".join(f"{name}:{tag} {what}" for name, tag, what in expected),
        "; ".join([*(f"{name}:{tag} {what}" for name, tag, what in again), *wrong]),
    )


def _outcome(outcome: Value) -> str:
    if not isinstance(outcome, str):
        return "moved"
    return "refused" if outcome in REFUSALS else outcome


def _may(parameters: Mapping[str, Value], tag: str) -> bool:
    filters = parameters.get("imageTagMutabilityExclusionFilters")
    patterns = [
        str(item.get("filter"))
        for item in (filters if isinstance(filters, Sequence) else ())
        if isinstance(item, Mapping)
    ]
    return may_move(str(parameters.get("imageTagMutability") or MUTABLE), patterns, tag)


@claim("ch10-pushpull-01")
def the_password_is_typed(timeline: Timeline) -> Verdict:
    """Check: the token is asked for, and the login reads it from its input, not its arguments.

    Rows: "ecr:GetAuthorizationToken", and "Login".
    """
    login, asked = _login(timeline), _asked(timeline, TOKEN)
    if login is None or not asked:
        return cannot_tell("login with a token")
    command = str(login.get("command"))
    words = command.split()
    typed = "--password-stdin" in words and not {"-p", "--password"} & set(words)
    held = typed and login.get("the token") is True and isinstance(asked[-1][1], Mapping)
    return Verdict(
        held,
        "The token comes from the API, and the login reads it from its input: no list of "
        "processes shows it."
        if held
        else "The login took its password from the command line, or another one than the token.",
        "--password-stdin, and the token kept",
        f"{command}; {'the token' if login.get('the token') is True else 'something else'} kept",
    )


@claim("ch10-pushpull-02")
def the_login_is_kept_in_the_clients_file(timeline: Timeline) -> Verdict:
    """Check: refused before the login and taken after it; the file has the registry and AWS.

    Rows: the pushes, and "Login".
    """
    login = _login(timeline)
    before, after = _around_login(timeline)
    if login is None or not before or not after:
        return cannot_tell("push before and after a login")
    refused = sum(1 for push in before if push.refused)
    taken = sum(1 for push in after if push.image)
    kept = f"user {login.get('user')} of {len(_list(login.get('registries')))} registry"
    seen = f"{refused} of {len(before)} refused, {taken} of {len(after)} taken; {kept}"
    wanted = (
        f"{len(before)} of {len(before)} refused, {len(after)} of {len(after)} taken; "
        "user AWS of 1 registry"
    )
    held = seen == wanted
    return Verdict(
        held,
        "The login is a line in the client's file, and from then on pushes are taken."
        if held
        else "The login did not change what the registry takes, or it was kept otherwise.",
        wanted,
        seen,
    )


@claim("ch10-pushpull-03")
def what_is_pulled_is_what_was_pushed(timeline: Timeline) -> Verdict:
    """Check: a Pod that names URI and tag runs the pushed digest; a push sends what is missing.

    Rows: the pushes, the Pod's manifest, and its "imageID".
    """
    sent = timeline.value(source="session", object="Pod/randserver", field="manifest")
    container = next(containers(sent), {}) if isinstance(sent, Mapping) else {}
    image = str(container.get("image") or "")
    done = ruled(pushes(timeline))
    wanted = next((i.digest for push, i, _ in done if image.endswith(f"/{push.name}")), "")
    running = digest_of(status(timeline, "randserver", IMAGE_ID))
    if len(done) < 2 or not wanted or not running:
        return cannot_tell("Pod that runs what was pushed")
    outside = [
        f"{push.tag} {push.sent / MB:.3f} MB"
        for push, _, rule in done
        if push.sent / MB not in sent_band(rule)
    ]
    held = running == wanted and image.startswith(f"{aws.REGISTRY}/") and not outside
    return Verdict(
        held,
        "What was pushed under the URI and a tag is what the Pod runs; and a push sends only what "
        "the registry lacks."
        if held
        else "The Pod runs another image than was pushed, or a push sent more or less than was "
        "missing.",
        f"{short(wanted)}; " + ", ".join(f"{push.tag} {sent_band(rule)}" for push, _, rule in done),
        f"{short(running)}; "
        + ", ".join(f"{push.tag} {push.sent / MB:.3f} MB" for push, _, _ in done),
    )


def _list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
