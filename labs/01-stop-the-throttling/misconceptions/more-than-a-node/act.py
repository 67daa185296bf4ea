"""Make it right first, then ask for all that a node has."""

from helpers.lesson.lab import Lab
from helpers.model.timeline import Timeline

RIGHT = {"requests": {"cpu": "400m"}, "limits": {"cpu": "1"}}


def rolled_out(timeline: Timeline) -> bool:
    """Tell whether the second version of the Deployment is the only one."""
    status = [
        timeline.value(source="watch", object="Deployment/web", field=f"status.{field}")
        for field in ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas")
    ]
    return status == [2, 1, 1, 1]


async def act(lab: Lab) -> None:
    """Apply the file when the server that is there does well."""
    session = lab.bench.session
    deployment = await lab.bench.call(session.get, "Deployment", "web")
    assert deployment is not None
    container = deployment["spec"]["template"]["spec"]["containers"][0] | {"resources": RIGHT}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await lab.bench.call(session.patch, "Deployment", "web", body)
    await lab.bench.wait(rolled_out, 40, "the better server to be ready")
    await lab.apply("web.yaml")
