"""Storage classes for EBS: what the server keeps, what EC2 is asked for, and what it costs."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Annotated, Any

from helpers.charts.ebs import EbsChart
from helpers.forms.fields import choice, integer, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.judgement import Judgement
from helpers.lesson.prediction import Number, Prediction
from helpers.model import ebs, ebs_run, volumes
from helpers.model.ebs import EbsRefusal
from helpers.model.ebs_run import MINE
from helpers.model.needs import Need
from helpers.model.timeline import Row, Timeline

if TYPE_CHECKING:
    from helpers.aws.account import Account

WITHIN = 30.0
MOST, STEP = 20000, 50  # IOPS on the slider
SAID = {"source": "learner", "field": "prediction"}
REGION = "us-east-1"


@dataclass(frozen=True)
class Disk:
    """A class for EBS, and the size of a claim that names it."""

    type: Annotated[str, choice("parameters.type", "io1", "io2", "gp2", "gp3", "st1", "sc1")] = (
        "io1"
    )
    per_gib: Annotated[
        str | None,
        text(
            "parameters.iopsPerGB",
            optional=True,
            help="A text, as all parameters. Empty for gp2, st1 and sc1.",
        ),
    ] = "50"
    gib: Annotated[
        int, integer("requests.storage, GiB", low=1, high=65536, help="What the claim asks for.")
    ] = 10


class ClassesForEbs(Experiment[Disk]):
    """The book's five classes and today's, yours among them, and the volume of a claim for each.

    No EBS driver is here: the server keeps the classes, and the claim waits. The driver's part,
    what it would ask EC2 for, is done by the model; EC2 is moto.
    """

    id = "classes-for-ebs"
    title = "Classes for EBS"
    seconds = 10
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Disk
    script = Script(
        prediction=500.0,
        values={"type": "io1", "per_gib": "50", "gib": 10},
        misconceptions={
            "50 is the volume's number": 50.0,
            "every volume begins with 3000": 3000.0,
        },
    )
    measured = (
        "<p>Kubernetes is real: the classes are stored, the claim is made, and its events say whom "
        "it waits for. <b>EC2 is moto</b>, a stand-in on this machine, and the EBS driver is our "
        "model of its rules: it turns parameters and size into the request that you find in the "
        "events. A dot is the <code>Iops</code> in the answer; for gp2, st1 and sc1 moto answers "
        "none. Nothing of EBS's speed was measured.</p><p>Prices: dollars a month in us-east-1. "
        "gp2, gp3, io1, io2: aws/agent-toolkit, early 2026; gp3's extra IOPS and MiB/s: "
        "saisci.com, 2021; st1 and sc1: not verified. The book's year: limits of AWS's page "
        "“Amazon EBS volume types” as of 2018; its prices are not verified.</p>"
    )

    def question(self) -> Number:
        """Ask for the IOPS. The slider does not begin at the answer."""
        return Number(self.ask(Disk()), 0, MOST, "IOPS", step=STEP, start=0)

    def ask(self, values: Disk) -> str:
        """Put the question for these values."""
        rate = f", <b>iopsPerGB: {values.per_gib}</b>" if values.per_gib else ""
        return (
            f"A class with <b>type: {values.type}</b>{rate}, and a claim of <b>{values.gib} GiB"
            "</b>. How many I/O operations a second is its volume made for? (0 for a type that is "
            "not sold by them.)"
        )

    def check(self, values: Disk) -> Mapping[str, str]:
        """Refuse what EBS or its driver would refuse, with the parameter's name."""
        try:
            ebs.request(_parameters(values), values.gib)
        except EbsRefusal as refused:
            named = {"iopsPerGB": "per_gib", "size": "gib", "type": "type"}
            labels = {"size": "requests.storage"}
            label = labels.get(refused.field, f"parameters.{refused.field}")
            return {named[refused.field]: f"{label}: {refused.why}."}
        return {}

    def build(self, values: Disk, place: Place) -> list[Manifest]:
        """Return your class and its claim."""
        return [
            _class(place, MINE, _parameters(values)),
            volumes.claim(
                namespace=place.namespace,
                lesson=place.lesson,
                name=MINE,
                size=f"{values.gib}Gi",
                storage_class=volumes.wide(place.namespace, MINE),
            ),
        ]

    async def run(self, bench: Bench, values: Disk) -> None:
        """Store the classes, make the claims, and ask EC2 for what the driver would ask for."""
        from helpers.kube.errors import Refused

        mine, claim = self.build(values, bench.place)
        bench.progress("Storing the classes", 0.0)
        await bench.call(bench.recorder.watch, "StorageClass", "PersistentVolumeClaim")
        for name, parameters in ebs_run.CLASSES.items():
            await bench.apply(_class(bench.place, name, parameters))
        await bench.apply(mine)
        unquoted = _class(bench.place, "unquoted", {"type": "io1", "iopsPerGB": 50})
        with contextlib.suppress(Refused):  # that is what is to be seen; the session notes it
            await bench.call(bench.session.dry_run, unquoted)
        bench.progress("Claims for what nobody here can make", 0.3)
        await bench.apply(claim)
        cold = volumes.claim(
            namespace=bench.place.namespace,
            lesson=bench.place.lesson,
            name=ebs_run.COLD_CLAIM,
            storage_class=volumes.wide(bench.place.namespace, ebs_run.COLD),
        )
        await bench.apply(cold)
        await bench.wait(_waits, WITHIN, "the claim to say whom it waits for")
        account = await bench.aws()
        bench.progress("Asking EC2's stand-in", 0.7)
        await bench.call(_describe, bench)
        await bench.call(_create, account, values)
        bench.progress("Classes stored, volumes asked for", 1.0)

    def chart(self, timeline: Timeline) -> EbsChart:
        """Return the chart of IOPS and price by size."""
        return EbsChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return the IOPS in EC2's answer for your volume.

        None where it names none, as moto for gp2, st1 and sc1, or more than the slider holds.
        """
        mine = ebs_run.mine(timeline)
        answered = None if mine is None else mine.answered
        return answered if answered is not None and answered <= MOST else None

    def judge(self, question: Prediction, timeline: Timeline) -> Judgement:
        """Judge as any card does, but within a tenth: the slider is long, and a rule is exact."""
        found, said = super().judge(question, timeline), timeline.value(**SAID)
        answer = self.outcome(timeline)
        if found.result != "right" or answer is None or not isinstance(said, int | float):
            return found
        near = abs(said - answer) <= max(answer / 10, STEP / 2)
        return found if near else Judgement("wrong")

    def difference(self, timeline: Timeline) -> str:
        """Say the IOPS of your volume, and its price beside gp3's."""
        said = timeline.value(**SAID)
        mine = ebs_run.mine(timeline)
        if mine is None:
            return f"<b>No volume was asked for; you said {said:g} IOPS.</b>"
        kind = ebs.TYPES[mine.type]
        rule = ebs.iops(kind, mine.gib, mine.per_gib)
        number = (rule or 0) if mine.answered is None else mine.answered
        told = "as you said" if said == self.outcome(timeline) else f"you said {said:g}"
        answer = (
            f"EC2's stand-in answered {mine.answered}."
            if mine.answered is not None
            else f"EC2's stand-in names no IOPS for {mine.type}; this is the rule."
        )
        cost = ebs.price(kind, mine.gib, rule)
        same = ebs.price(ebs.TYPES["gp3"], mine.gib, max(number, 3000))
        rest = f" {kind.mibps} MiB/s at most are what it is sold by." if rule is None else ""
        return (
            f"<b>{number} IOPS; {told}.</b> {answer}{rest} It costs {cost:.2f} dollars a month; "
            f"a gp3 volume of that size, with as many (3000 at least), {same:.2f}."
            "<p>Next: at which size has a gp2 volume as many as every gp3 volume has? Look at "
            "where the lines meet, then ask.</p>"
        )


def _parameters(values: Disk) -> dict[str, str]:
    given = {"type": values.type}
    if values.per_gib:
        given["iopsPerGB"] = values.per_gib
    return given


def _class(place: Place, name: str, parameters: Mapping[str, Any]) -> Manifest:
    return volumes.storage_class(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        provisioner=ebs.EBS_CSI,
        parameters=parameters,
    )


def _waits(timeline: Timeline) -> bool:
    what = f"PersistentVolumeClaim/{MINE}"
    return timeline.last(source="event", object=what, field="ExternalProvisioning") is not None


def _describe(bench: Bench) -> None:
    """Note what EC2's own description says of the limits."""
    from helpers.aws import documented

    for name, said in documented.volume_limits().items():
        bench.timeline.append(Row(time(), "aws", "ec2:CreateVolume", f"described.{name}", said))


def _create(account: Account, values: Disk) -> None:
    """Ask EC2 for a volume of each class at 10 GiB or the least, for yours, and to compare."""
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "claim", "Value": MINE}]}]
    mine: dict[str, Any] = {**ebs.request(_parameters(values), values.gib)}
    others: list[dict[str, Any]] = [{**asked} for asked in ebs_run.requests()]
    for asked in (*others, {**mine, "TagSpecifications": tags}):
        account.call("ec2:CreateVolume", region=REGION, **asked)
    unsaid: dict[str, Any] = {**ebs_run.WITHOUT_IOPS}
    account.tried("ec2:CreateVolume", region=REGION, **unsaid)
