"""Claims about who may use a registry (ledger: ch10-iam-*).

Rows that they read: what `helpers.model.iam_run` names. Where moto was asked with IAM enforced, its
answer is what was measured; what is scoped to an ARN, the model decides.
"""

from __future__ import annotations

from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import aws, iam, iam_run
from helpers.model.iam_run import GROUP, POLICY, Try
from helpers.model.timeline import Timeline

PREFIX = "AmazonEC2ContainerRegistry"
ATTACH = "iam:AttachUserPolicy"
DELETE, PUSH, PULL = "ecr:DeleteRepository", "ecr:PutImage", "ecr:BatchGetImage"


@claim("ch10-iam-01")
def managed_policies_are_about_every_repository(timeline: Timeline) -> Verdict:
    """Check that each policy that AWS manages names "*", and that repositories make no difference.

    Rows: the documents of the users' policies, and their requests in several repositories.
    """
    users = [str(p["UserName"]) for p, _ in iam_run.answers(timeline, ATTACH)]
    stated = {
        str(statement["Resource"])
        for user in users
        for document in iam_run.documents(timeline, user)
        for statement in document["Statement"]
    }
    by: dict[tuple[str, str], set[bool | None]] = {}
    for one in iam_run.tries(timeline):
        if one.repository is not None:
            by.setdefault((one.user, one.action), set()).add(one.answer)
    if not stated or not by:
        return cannot_tell("requests of users with a policy that AWS manages")
    unlike = [f"{user} {action}" for (user, action), said in by.items() if len(said) > 1]
    held = stated == {"*"} and not unlike
    return Verdict(
        held,
        "Each of AWS's policies is about every repository of the registry."
        if held
        else "A policy of AWS's names a repository, or one repository was answered otherwise.",
        'Resource "*"; the same answer in every repository',
        f"Resource {', '.join(sorted(stated))}; other answers: {', '.join(unlike) or 'none'}",
    )


def _holder(timeline: Timeline, policy: str, expected: dict[str, bool], words: str) -> Verdict:
    """Judge what moto answered to those who have this policy of AWS's."""
    arn = aws.managed_policy_arn(f"{PREFIX}{policy}")
    users = [p["UserName"] for p, _ in iam_run.answers(timeline, ATTACH) if p["PolicyArn"] == arn]
    seen: dict[str, set[bool]] = {}
    for one in iam_run.tries(timeline):
        if one.user in users and one.action in expected and one.answer is not None:
            seen.setdefault(one.action, set()).add(one.answer)
    if set(seen) != set(expected):
        return cannot_tell(f"requests of a user with {PREFIX}{policy}")
    held = all(seen[action] == {may} for action, may in expected.items())
    return Verdict(
        held,
        words if held else f"A holder of {policy} was answered otherwise.",
        ", ".join(f"{action} {_word(may)}" for action, may in expected.items()),
        ", ".join(f"{a} {' and '.join(_word(m) for m in sorted(seen[a]))}" for a in expected),
    )


@claim("ch10-iam-02")
def full_access_may_delete(timeline: Timeline) -> Verdict:
    """Check that a holder of FullAccess may push and may delete a repository.

    Rows: policies attached to users, and those users' requests with IAM enforced.
    """
    words = "FullAccess allows all of ECR's actions, deleting included."
    return _holder(timeline, "FullAccess", {PUSH: True, DELETE: True}, words)


@claim("ch10-iam-03")
def power_users_push_but_do_not_delete(timeline: Timeline) -> Verdict:
    """Check that a holder of PowerUser may pull and push, and may not delete. Rows: as before."""
    words = "PowerUser allows to pull and to push, and not to delete."
    return _holder(timeline, "PowerUser", {PULL: True, PUSH: True, DELETE: False}, words)


@claim("ch10-iam-04")
def readers_pull_only(timeline: Timeline) -> Verdict:
    """Check that a holder of ReadOnly may list and pull, and may not push. Rows: as before."""
    expected = {iam.TOKEN: True, "ecr:ListImages": True, PULL: True, PUSH: False}
    return _holder(timeline, "ReadOnly", expected, "ReadOnly allows to pull, and not to push.")


@claim("ch10-iam-05")
def a_policy_is_attached_by_its_arn(timeline: Timeline) -> Verdict:
    """Check that a user has the policy whose ARN was attached.

    Rows: the answers to iam:AttachUserPolicy and iam:ListAttachedUserPolicies.
    """
    wanted = {p["UserName"]: [p["PolicyArn"]] for p, _ in iam_run.answers(timeline, ATTACH)}
    listed = {
        p["UserName"]: [one["PolicyArn"] for one in answer["AttachedPolicies"]]
        for p, answer in iam_run.answers(timeline, "iam:ListAttachedUserPolicies")
    }
    if not wanted or set(listed) != set(wanted):
        return cannot_tell("policies that were attached to users, and listed")
    held = wanted == listed
    return Verdict(
        held,
        "A policy is attached to a user by its ARN."
        if held
        else "A user has other policies than were attached.",
        _lists(wanted),
        _lists(listed),
    )


@claim("ch10-iam-06")
def the_group_has_its_member(timeline: Timeline) -> Verdict:
    """Check that the group exists under its ARN and has the user who was put into it.

    Rows: the answers to iam:AddUserToGroup and iam:GetGroup.
    """
    added = iam_run.answers(timeline, "iam:AddUserToGroup")
    got = iam_run.answers(timeline, "iam:GetGroup")
    if not added or not got:
        return cannot_tell("group with a member")
    answer = got[0][1]
    expected = f"arn:aws:iam::{aws.ACCOUNT}:group/{GROUP}: {added[0][0]['UserName']}"
    members = ", ".join(str(user["UserName"]) for user in answer["Users"])
    measured = f"{answer['Group']['Arn']}: {members}"
    return compared(
        expected, measured, "The group has its member.", "The group is not as it was made."
    )


@claim("ch10-iam-07")
def one_repository_and_no_other(timeline: Timeline) -> Verdict:
    """Check that what the policy allows on its repository it allows on no other (the model).

    Rows: the documents of the group's member, and its requests in two repositories.
    """
    user, scope = _member(timeline)
    done = [t for t in iam_run.tries(timeline) if t.user == user and not t.mended and t.repository]
    if scope is None or not {scope} < {t.repository for t in done}:
        return cannot_tell("requests under a policy for one repository, there and elsewhere")
    document = iam_run.documents(timeline, str(user))[0]
    named = {a for s in document["Statement"] for a in _list(s["Action"])} - {iam.TOKEN}
    expected = {(t.action, t.repository): t.repository == scope and t.action in named for t in done}
    measured = {(t.action, t.repository): t.rule for t in done}
    held = expected == measured
    return Verdict(
        held,
        f"The policy allows {len(named)} actions on {scope}, and none on another repository."
        if held
        else "The policy allows something else than its actions on its repository.",
        _counts(expected, scope),
        _counts(measured, scope),
    )


@claim("ch10-iam-08")
def the_login_needs_a_statement_of_its_own(timeline: Timeline) -> Verdict:
    """Check that the token is denied while its action names a repository, and allowed on "*".

    Rows: the member's requests for ecr:GetAuthorizationToken before and after the policy was
    mended, with IAM enforced.
    """
    user, scope = _member(timeline)
    logins = _logins(timeline, user)
    if scope is None or {t.rule for t in logins} != {True, False}:
        return cannot_tell("login under a policy that names a repository, and under the mended one")
    held = all(t.answer == t.rule for t in logins)
    return Verdict(
        held,
        "A login is about no repository: its action needs a statement of its own, on *."
        if held
        else "The login was answered otherwise than IAM's rules have it.",
        ", then ".join(_word(t.rule) for t in logins),
        ", then ".join(_word(bool(t.answer)) for t in logins),
    )


@claim("ch10-iam-09")
def a_new_policy_is_version_one(timeline: Timeline) -> Verdict:
    """Check what creating a policy answers: its ARN, version v1, attached to nobody yet.

    Rows: the answer to iam:CreatePolicy.
    """
    made = iam_run.answers(timeline, "iam:CreatePolicy")
    if not made:
        return cannot_tell("policy that was created")
    found: dict[str, Any] = made[0][1]["Policy"]
    wanted = {
        "Arn": aws.policy_arn(str(made[0][0]["PolicyName"])),
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "IsAttachable": True,
    }
    held = all(found.get(name) == value for name, value in wanted.items())
    return Verdict(
        held,
        "A new policy is version v1, and attached to nobody."
        if held
        else "The new policy is not as expected.",
        ", ".join(f"{name} {value}" for name, value in wanted.items()),
        ", ".join(f"{name} {found.get(name)}" for name in wanted),
    )


@claim("ch10-iam-10")
def members_come_and_go_with_the_group(timeline: Timeline) -> Verdict:
    """Check that who joins the group may log in at once, and who leaves it may not.

    Rows: the requests for the token of the user who joined and left, with IAM enforced, and the
    policy's AttachmentCount.
    """
    gone = iam_run.answers(timeline, "iam:RemoveUserFromGroup")
    got = iam_run.answers(timeline, "iam:GetPolicy")
    logins = _logins(timeline, str(gone[0][0]["UserName"])) if gone else []
    if len(logins) != 3 or not got:
        return cannot_tell("user who logged in before, in and after the group")
    count = got[-1][1]["Policy"]["AttachmentCount"]
    held = [t.answer for t in logins] == [False, True, False] and count == 1
    return Verdict(
        held,
        "The group has the policy, so a member has it from joining to leaving."
        if held
        else "Joining or leaving the group made another difference.",
        f"denied, then allowed, then denied; {POLICY} attached once",
        f"{', then '.join(_word(bool(t.answer)) for t in logins)}; attached {count} times",
    )


def _member(timeline: Timeline) -> tuple[str | None, str | None]:
    """Return the group's member, and the one repository that its policy is about."""
    added = iam_run.answers(timeline, "iam:AddUserToGroup")
    if not added:
        return None, None
    user = str(added[0][0]["UserName"])
    documents = iam_run.documents(timeline, user)
    named = {s["Resource"] for d in documents for s in d["Statement"] if s["Resource"] != "*"}
    start = aws.repository_arn("")
    names = [str(arn).removeprefix(start) for arn in named if str(arn).startswith(start)]
    return user, names[0] if len(named) == len(names) == 1 and "*" not in names[0] else None


def _logins(timeline: Timeline, user: str | None) -> list[Try]:
    return [t for t in iam_run.tries(timeline) if t.user == user and t.action == iam.TOKEN]


def _counts(allowed: dict[tuple[str, str | None], bool], scope: str) -> str:
    here = sum(may for (_, name), may in allowed.items() if name == scope)
    return f"{here} allowed on {scope}, {sum(allowed.values()) - here} elsewhere"


def _lists(held: dict[Any, list[Any]]) -> str:
    return "; ".join(f"{user}: {', '.join(map(str, arns))}" for user, arns in held.items())


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _word(may: bool) -> str:
    return "allowed" if may else "denied"
