"""The book's disk: made by a request to EC2, attached, moved, and deleted in the right order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.aws.account import Account
from helpers.charts.disk_of_the_book import DiskChart
from helpers.forms.fields import choice, integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import ec2_volumes as ec2
from helpers.model.ec2_volumes import IN_USE, REGION, SIZES, WORDS
from helpers.model.timeline import Row, Timeline

DEVICE = "/dev/xvdf"
IMAGE = "ami-12c6146b"
"""Some image that moto knows; its instances do nothing."""


@dataclass(frozen=True)
class Disk:
    """The disk that is asked for."""

    size: Annotated[int, integer("Size", low=1, high=65536, help="In GiB.")] = 5
    kind: Annotated[
        str, choice("VolumeType", *SIZES, help="gp2 is the book's; gp3 is the sensible one today.")
    ] = "gp2"
    zone: Annotated[
        str,
        choice(
            "AvailabilityZone",
            "us-east-1a",
            "us-east-1b",
            help="Where the disk is, and will always be.",
        ),
    ] = "us-east-1a"


class DiskOfTheBook(Experiment[Disk]):
    """A volume's states from its making to its end, and what a deletion too early does."""

    id = "the-disk-of-the-book"
    title = "The disk of the book"
    seconds = 10
    spec = Disk
    script = Script(
        prediction=WORDS[IN_USE],
        values={"size": 5, "kind": "gp2", "zone": "us-east-1a"},
        misconceptions={
            "delete means delete": WORDS[ec2.GONE],
            "AWS detaches by itself": WORDS[ec2.AVAILABLE],
        },
    )
    measured = (
        "<p>EC2 is moto here, AWS's stand-in on this machine: it answers as EC2 does, and no disk "
        "is made. A dot is <code>State</code> of <code>DescribeVolumes</code> after each step.</p>"
        "<p><b>What moto does not do:</b> it lets a volume be attached to an instance of another "
        "zone, or to two; EC2 refuses both. It tells no <code>Iops</code> of a gp2 volume. Nothing "
        "here is claimed of these.</p>"
    )

    def question(self) -> Choice:
        """Ask what a deletion does."""
        return Choice(
            "The volume is attached to an instance. Somebody asks EC2 to delete it. What happens?",
            list(WORDS.values()),
        )

    def check(self, values: Disk) -> Mapping[str, str]:
        """Refuse a size that EC2 would refuse for the type."""
        low, high = SIZES[values.kind]
        if not low <= values.size <= high:
            return {"size": f"Size: {values.kind} volumes have {low} to {high} GiB."}
        return {}

    def build(self, values: Disk, place: Place) -> Manifest:
        """Return the request that makes the disk."""
        return ec2.create(zone=values.zone, size=values.size, kind=values.kind)

    async def run(self, bench: Bench, values: Disk) -> None:
        """Make the disk, attach it, try to delete it, move it, and delete it in order."""
        account = await bench.aws()
        bench.progress("Making the disk and two instances", 0.2)
        request = self.build(values, bench.place)
        made = await bench.call(_ask, account, ec2.CREATE, **request["parameters"])
        disk = str(made["VolumeId"])
        old, new = await bench.call(_instances, account, values.zone)
        for number, (step, action, instance) in enumerate(
            (
                (ec2.CREATED, "", ""),
                (ec2.ATTACHED, ec2.ATTACH, old),
                (ec2.TRIED, ec2.DELETE, ""),
                (ec2.DETACHED, ec2.DETACH, old),
                (ec2.MOVED, ec2.ATTACH, new),
                (ec2.FREED, ec2.DETACH, new),
                (ec2.DELETED, ec2.DELETE, ""),
            )
        ):
            bench.progress(step, 0.4 + 0.08 * number)
            await bench.call(_step, bench, account, disk, step, action, instance)
        bench.progress("The disk is gone", 1.0)

    def chart(self, timeline: Timeline) -> DiskChart:
        """Return the chart of states."""
        return DiskChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for the state that EC2 told once the deletion had been tried."""
        tried = next((s for s in ec2.steps(timeline) if s.step == ec2.TRIED), None)
        return None if tried is None else WORDS.get(tried.state)

    def difference(self, timeline: Timeline) -> str:
        """Say what the deletion did."""
        said = timeline.value(source="learner", field="prediction")
        words = self.outcome(timeline)
        if words is None:
            return f"The run ended before the deletion was tried; you said: {said}."
        right = "as you said" if said == words else f"you said: {said}"
        asked = ec2.answers(timeline, ec2.DELETE)
        code = f" EC2's word for it: <code>{asked[0]['code']}</code>." if "code" in asked[0] else ""
        return (
            f"<b>Asked to delete an attached volume, {words}; {right}.</b>{code} Detached, it was "
            "attached to another instance, as it is for a Pod that moves; then it could go."
            "<p>Next: which disk has more operations a second, gp2 of 900 GiB or gp3 of 10?</p>"
        )


def _ask(account: Account, action: str, **parameters: Any) -> dict[str, Any]:
    return account.call(action, region=REGION, **parameters)


def _instances(account: Account, zone: str) -> tuple[str, str]:
    """Start two instances in a zone: the one that has the disk first, and its replacement."""
    started = _ask(
        account,
        "ec2:RunInstances",
        ImageId=IMAGE,
        MinCount=2,
        MaxCount=2,
        InstanceType="t3.micro",
        Placement={"AvailabilityZone": zone},
    )["Instances"]
    old, new = (str(instance["InstanceId"]) for instance in started)
    return old, new


def _step(  # noqa: PLR0917 - called through bench.call
    bench: Bench, account: Account, disk: str, step: str, action: str, instance: str
) -> None:
    """Take a step, and note what EC2 says of the volume afterwards."""
    from helpers.aws.errors import AwsRefused

    parameters: dict[str, Any] = {"VolumeId": disk}
    if instance:
        parameters["InstanceId"] = instance
    if action == ec2.ATTACH:
        parameters["Device"] = DEVICE
    if action:
        account.tried(action, region=REGION, **parameters)
    state, holder = ec2.GONE, ""
    try:
        found = _ask(account, ec2.DESCRIBE, VolumeIds=[disk])["Volumes"][0]
        state = str(found["State"])
        holder = ", ".join(str(a["InstanceId"]) for a in found["Attachments"])
    except AwsRefused as refused:
        if refused.code != "InvalidVolume.NotFound":
            raise
    value = {"step": step, "state": state, "volume": disk, "instance": holder}
    bench.timeline.append(Row(time(), "session", "Volume/book", "step", value))
