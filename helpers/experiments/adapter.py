"""What experiments do with the teaching adapter: start it with a certificate of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpers.lesson.experiment import Bench
from helpers.model import metered
from helpers.model.timeline import Timeline, Value

START_WITHIN = 60.0
GROUPS = {
    "custom.metrics.k8s.io": "/apis/custom.metrics.k8s.io/v1beta2",
    "external.metrics.k8s.io": "/apis/external.metrics.k8s.io/v1beta1",
}


async def start(bench: Bench) -> None:
    """Send all of the adapter, and wait until the API server passes questions on to it.

    Raises NotOurs where another adapter serves these groups already.
    """
    at = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
    certificate, key = await bench.call(_certificate, bench.place.namespace)
    await bench.call(_keep, bench, metered.secret(**at, certificate=certificate, key=key))
    for manifest in metered.adapter(**at, certificate=certificate):
        await bench.apply(manifest)


async def ready(bench: Bench) -> None:
    """Wait until the API server passes questions on to the adapter."""
    await bench.wait(_ready, START_WITHIN, "the adapter to serve its metrics")


def note_served(bench: Bench) -> None:
    """Note what each of the two groups serves now: names of metrics, or None for no such group.

    Rows: source "metrics", object "API/<group>", field "served". To be run in a thread.
    """
    from helpers.kube.errors import Refused

    for group, path in GROUPS.items():
        served: Value = None
        try:
            answer, _ = bench.session.api.call("GET", path, what=group)
            served = [str(resource["name"]) for resource in answer["resources"]]
        except Refused:
            pass  # nobody serves it

        def read(served: Value = served) -> dict[str, Value]:
            return {"served": served}

        bench.recorder.sample("metrics", f"API/{group}", read)


def _ready(timeline: Timeline) -> bool:
    return all(
        timeline.value(
            source="watch", object=f"APIService/{name}", field="status.conditions.Available.status"
        )
        == "True"
        for name in (metered.CUSTOM, metered.EXTERNAL)
    )


def _keep(bench: Bench, secret: dict[str, Value]) -> None:
    """Send the Secret past the session: no row holds a key, and so no recording does."""
    kind = bench.session.api.kind("Secret")
    path = kind.path(bench.place.namespace, metered.ADAPTER)
    bench.session.api.call(
        "PATCH",
        path,
        body=secret,
        query={"fieldManager": "kubernetes-workbook", "force": "true"},
        content_type="application/apply-patch+yaml",
        what=f"Secret/{metered.ADAPTER}",
    )


def _certificate(namespace: str) -> tuple[bytes, bytes]:
    """Make a certificate for the adapter's name in the cluster, signed by itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    host = f"{metered.ADAPTER}.{namespace}.svc"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, metered.ADAPTER)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(pem), private
