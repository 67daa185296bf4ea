#!/usr/bin/python3 -ES
"""adapter: a teaching adapter for the horizontal autoscaler. It shows what an adapter is.

It answers the API server for two groups of the Kubernetes API:

  custom.metrics.k8s.io     how many requests a second each Pod of an app answers, which it works
                            out from the counter in the Pod's own /metrics
  external.metrics.k8s.io   how many messages wait in a queue of SQS

Real ones (the Prometheus adapter, KEDA) do the same with any metric, and ask the API server who is
asking; this one believes whoever reaches it.
"""

import argparse
import collections
import json
import ssl
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import web

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
API = "https://kubernetes.default.svc"
RATE = "fib_requests_per_second"
LENGTH = "queue_length"
CUSTOM = "custom.metrics.k8s.io/v1beta2"
EXTERNAL = "external.metrics.k8s.io/v1beta1"
WINDOW = 10.0  # seconds over which requests are counted
LEAST = 3.0  # seconds without which a rate says nothing
EVERY = 1.0
PATIENCE = 2.0  # seconds for one answer


class Rates:
    """The requests a second of each Pod, by its counter now and some seconds ago."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counted: dict[str, collections.deque[tuple[float, float]]] = {}

    def count(self, now: float, totals: dict[str, float]) -> None:
        """Take in the counters of all Pods; a Pod that is not among them is forgotten."""
        with self.lock:
            for pod in set(self.counted) - set(totals):
                del self.counted[pod]
            for pod, total in totals.items():
                seen = self.counted.setdefault(pod, collections.deque())
                if seen and total < seen[-1][1]:
                    seen.clear()  # its container has started again
                seen.append((now, total))
                while now - seen[0][0] > WINDOW:
                    seen.popleft()

    def rates(self) -> dict[str, float]:
        """Return what is known; a Pod that has not been watched for long enough is left out."""
        with self.lock:
            pairs = {pod: (seen[0], seen[-1]) for pod, seen in self.counted.items()}
        return {
            pod: (last[1] - first[1]) / (last[0] - first[0])
            for pod, (first, last) in pairs.items()
            if last[0] - first[0] >= LEAST
        }


def total(metrics: str) -> float:
    """Return how many requests a Pod has answered well, by what /metrics says."""
    lines = [line for line in metrics.splitlines() if line.startswith("fib_requests_total{")]
    return sum(float(line.split()[-1]) for line in lines if 'code="200"' in line)


def milli(value: float) -> str:
    """Write a number as a quantity in thousandths."""
    return f"{round(1000 * value)}m"


def moment() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def resources(group: str, name: str, kind: str) -> dict[str, object]:
    """What a group of the API serves, as discovery asks for it."""
    served = {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": ["get"]}
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group,
        "resources": [served],
    }


def custom(namespace: str, values: dict[str, float]) -> dict[str, object]:
    """The rates of Pods, each about a Pod of a namespace."""
    items = [
        {
            "describedObject": {
                "kind": "Pod",
                "namespace": namespace,
                "name": pod,
                "apiVersion": "/v1",
            },
            "metric": {"name": RATE, "selector": None},
            "timestamp": moment(),
            "windowSeconds": round(WINDOW),
            "value": milli(value),
        }
        for pod, value in values.items()
    ]
    return {"kind": "MetricValueList", "apiVersion": CUSTOM, "metadata": {}, "items": items}


def external(queue: str, length: int | None) -> dict[str, object]:
    """The length of a queue, which is about no object of Kubernetes."""
    labels = {"queue": queue}
    item = {
        "metricName": LENGTH,
        "metricLabels": labels,
        "timestamp": moment(),
        "value": str(length),
    }
    return {
        "kind": "ExternalMetricValueList",
        "apiVersion": EXTERNAL,
        "metadata": {},
        "items": [] if length is None else [item],
    }


def fetch(request: urllib.request.Request | str, trust: ssl.SSLContext | None = None) -> bytes:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if trust is not None:
        handlers.append(urllib.request.HTTPSHandler(context=trust))
    with urllib.request.build_opener(*handlers).open(request, timeout=PATIENCE) as answer:
        return bytes(answer.read())


def addresses(namespace: str, selector: str) -> dict[str, str]:
    """Ask the API server for the addresses of the Pods that run, by their names."""
    query = urllib.parse.urlencode({"labelSelector": selector})
    request = urllib.request.Request(f"{API}/api/v1/namespaces/{namespace}/pods?{query}")
    request.add_header("Authorization", f"Bearer {(ACCOUNT / 'token').read_text()}")
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    found = json.loads(fetch(request, trust))["items"]
    return {
        pod["metadata"]["name"]: pod["status"]["podIP"]
        for pod in found
        if pod["status"].get("phase") == "Running" and pod["status"].get("podIP")
    }


def watch(rates: Rates, namespace: str, selector: str, port: int) -> None:
    """Read the counters again and again, for ever."""
    while True:
        began = time.monotonic()
        totals: dict[str, float] = {}
        try:
            for pod, address in addresses(namespace, selector).items():
                try:
                    totals[pod] = total(fetch(f"http://{address}:{port}/metrics").decode())
                except OSError:
                    continue  # it does not listen yet, or is going
            rates.count(time.monotonic(), totals)
        except OSError as problem:
            print(f"adapter: the API server does not answer: {problem}", flush=True)
        time.sleep(max(0.1, EVERY - (time.monotonic() - began)))


def length(endpoint: str, region: str, queue: str) -> int | None:
    """Ask SQS how many messages wait in a queue; None if there is no such queue."""
    body = {
        "QueueUrl": f"{endpoint}/123456789012/{queue}",
        "AttributeNames": ["ApproximateNumberOfMessages"],
    }
    request = urllib.request.Request(endpoint, data=json.dumps(body).encode())
    request.add_header("X-Amz-Target", "AmazonSQS.GetQueueAttributes")
    request.add_header("Content-Type", "application/x-amz-json-1.0")
    # moto reads the region here and checks no signature.
    scope = f"nobody/20260101/{region}/sqs/aws4_request"
    request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}")
    try:
        return int(json.loads(fetch(request))["Attributes"]["ApproximateNumberOfMessages"])
    except (OSError, ValueError, KeyError):
        return None


def chosen(query: str, label: str) -> str:
    """The value that a label selector such as "queue=work" asks for."""
    selector = urllib.parse.parse_qs(query).get("labelSelector", [""])[0]
    pairs = [pair.partition("=") for pair in selector.split(",")]
    return next((value.lstrip("=") for name, _, value in pairs if name == label), "")


def handler(
    rates: Rates, namespace: str, app: str, endpoint: str, region: str
) -> type[web.Handler]:
    class Adapter(web.Handler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
            path, _, query = self.path.partition("?")
            # The API server sends "all Pods" as %2A.
            parts = urllib.parse.unquote(path).strip("/").split("/")
            answer = self.found(parts, query)
            if answer is None:
                status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}
                said = {**status, "reason": "NotFound", "message": f"no {path} here"}
                self.answer(404, json.dumps(said), "application/json")
            else:
                self.answer(200, json.dumps(answer), "application/json")

        def found(self, parts: list[str], query: str) -> dict[str, object] | None:
            match parts:
                case ["apis", "custom.metrics.k8s.io", "v1beta2"]:
                    return resources(CUSTOM, f"pods/{RATE}", "MetricValueList")
                case ["apis", "external.metrics.k8s.io", "v1beta1"]:
                    return resources(EXTERNAL, LENGTH, "ExternalMetricValueList")
                case [
                    "apis", "custom.metrics.k8s.io", "v1beta2", "namespaces", where, "pods", pod,
                    metric,
                ] if metric == RATE:  # fmt: skip
                    ours = where == namespace and chosen(query, "app") in ("", app)
                    values = rates.rates() if ours else {}
                    kept = {n: v for n, v in values.items() if pod in ("*", n)}
                    return custom(where, kept)
                case ["apis", "external.metrics.k8s.io", "v1beta1", "namespaces", _, metric] if (
                    metric == LENGTH
                ):
                    # Whoever may ask for the metric may ask for any queue, from any namespace.
                    queue = chosen(query, "queue")
                    return external(queue, length(endpoint, region, queue))
                case ["healthz"]:
                    return {}
            return None

    return Adapter


def main() -> int:
    parser = argparse.ArgumentParser(prog="adapter", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=6443)
    parser.add_argument("--app", default="fib", help="the label app of the Pods to read")
    parser.add_argument("--app-port", type=int, default=9292, help="where their /metrics is")
    parser.add_argument("--sqs", default="http://127.0.0.1:5000", help="where SQS is")
    parser.add_argument("--region", default="us-east-1", help="the region of the queues")
    parser.add_argument("--tls", type=Path, default=Path("/tls"), help="folder of tls.crt, tls.key")
    asked = parser.parse_args()
    web.hold_signals()
    namespace = (ACCOUNT / "namespace").read_text().strip()
    rates = Rates()
    arguments = (rates, namespace, f"app={asked.app}", asked.app_port)
    threading.Thread(target=watch, args=arguments, daemon=True).start()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(asked.tls / "tls.crt", asked.tls / "tls.key")
    made = handler(rates, namespace, asked.app, asked.sqs, asked.region)
    return web.serve("adapter", "0.0.0.0", asked.port, made, tls)


if __name__ == "__main__":
    sys.exit(main())
