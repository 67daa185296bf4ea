"""Timelines for the claims about repositories, push and pull."""

from __future__ import annotations

from helpers.model import aws
from helpers.model.images import Blob, Image, Push
from helpers.model.pulls import image_pod, uri
from helpers.model.timeline import Timeline, Value
from tests.unit.claims.story import Story

BASE, PROGRAM, CHANGED = Blob("sha256:base", 22_800_000), Blob("sha256:p1", 9_000), Blob("x:p2", 1)
COMMAND = "podman login --username AWS --password-stdin 127.0.0.1:5001"


def image(digest: str, *layers: Blob) -> Image:
    return Image(f"sha256:{digest}", 900, Blob(f"sha256:config-{digest}", 1400), layers, {})


ONE, TWO = image("one", BASE, PROGRAM), image("two", BASE, CHANGED)


def pushed(
    *,
    refusal: str = "unauthorized: authentication required",
    sent: tuple[int, ...] = (22_900_000, 9_000),
    command: str = COMMAND,
    token: bool = True,
    user: str = "AWS",
    second: Image = TWO,
    left: tuple[str, ...] = (),
    runs: str = "sha256:two",
    login: bool = True,
) -> Story:
    """A push without a login, a login, two pushes and a Pod; then a restart without storage."""
    story = Story()
    answer: Value = {"authorizationData": [{"authorizationToken": "…"}]}
    told: Value = {"caller": "root", "parameters": {}, "answer": answer}
    story.row("aws", "ecr:GetAuthorizationToken", "answer", told)
    first = Push("randserver:0.0.1", None if refusal else ONE, 500, refused=refusal)
    story.row("registry", "Image/randserver:0.0.1", "push", first.row)
    if login:
        kept: dict[str, Value] = {"command": command, "user": user, "the token": token}
        story.row("registry", "Login", "login", kept | {"registries": ["127.0.0.1:5001"]})
    for tag, taken, size in zip(("0.0.1", "0.0.2"), (ONE, second), sent, strict=False):
        row = Push(f"randserver:{tag}", taken, size).row
        story.row("registry", f"Image/randserver:{tag}", "push", row)
    pod = image_pod(name="randserver", namespace="x", lesson="x", image=uri("randserver", "0.0.2"))
    story.row("session", "Pod/randserver", "manifest", pod)
    field = "status.containerStatuses.randserver.imageID"
    story.row("watch", "Pod/randserver", field, f"{uri('randserver')}@{runs}" if runs else "")
    story.row("registry", "Registry", "repositories", ["randserver"])
    return story.row("registry", "Registry", "repositories", list(left))


def asked(
    story: Story, action: str, parameters: Value, answer: Value = None, code: str = ""
) -> None:
    value: dict[str, Value] = {"caller": "root", "parameters": parameters}
    value |= {"code": code, "message": "no"} if code else {"answer": answer}
    story.row("aws", action, "refusal" if code else "answer", value)


def made(
    *,
    again: str = "RepositoryAlreadyExistsException",
    regions: tuple[str, ...] = (aws.REGION, "eu-west-1"),
    mode: str = "IMMUTABLE",
    moved: bool = False,
    host: str = aws.REGISTRY,
) -> Story:
    """A repository made in two regions and once too often; then a tag that is put twice."""
    story = Story()
    for number, region in enumerate(regions):
        parameters: Value = {"repositoryName": "randserver", "imageTagMutability": mode}
        answer: dict[str, Value] = {
            "repositoryArn": f"arn:aws:ecr:{region}:{aws.ACCOUNT}:repository/randserver",
            "repositoryUri": f"{host.replace(aws.REGION, region)}/randserver",
            "imageTagMutability": mode,
        }
        asked(story, "ecr:CreateRepository", parameters, {"repository": answer})
        if number == 0:
            asked(story, "ecr:CreateRepository", parameters, {"repository": answer}, again)
    put: Value = {"repositoryName": "randserver", "imageTag": "0.0.1"}
    asked(story, "ecr:PutImage", put, {})
    asked(story, "ecr:PutImage", put, {}, "" if moved else "ImageAlreadyExistsException")
    return story


HOLDS: dict[str, list[Timeline]] = {
    "ch10-repo-01": [pushed()],
    "ch10-repo-02": [made()],
    "ch10-repo-03": [made(), made(mode="MUTABLE", moved=True)],
    "ch10-pushpull-01": [pushed()],
    "ch10-pushpull-02": [pushed()],
    "ch10-pushpull-03": [pushed()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch10-repo-01": [pushed(refusal=""), pushed(left=("randserver",)), pushed(refusal="no space")],
    "ch10-repo-02": [made(again=""), made(regions=(aws.REGION, aws.REGION))],
    "ch10-repo-03": [
        made(moved=True),
        made(mode="MUTABLE"),
        made(host="registry.example.com"),
    ],
    "ch10-pushpull-01": [
        pushed(command="docker login -u AWS -p token 127.0.0.1:5001"),
        pushed(token=False),
    ],
    "ch10-pushpull-02": [pushed(refusal=""), pushed(user="me")],
    "ch10-pushpull-03": [
        pushed(runs="sha256:one"),
        pushed(sent=(22_900_000, 22_900_000)),
        pushed(sent=(2_000_000, 9_000)),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch10-repo-01": [pushed(login=False)],
    "ch10-repo-02": [made(regions=(aws.REGION,))],
    "ch10-repo-03": [Story()],
    "ch10-pushpull-01": [pushed(login=False)],
    "ch10-pushpull-02": [pushed(login=False)],
    "ch10-pushpull-03": [pushed(runs="")],
}
