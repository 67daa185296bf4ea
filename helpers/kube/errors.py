"""What can go wrong with a cluster, each told in one paragraph: what happened, where, what to try.

The words of the API server are kept as they are; only the hints are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence


class KubeError(Exception):
    """Something about the cluster went wrong; `str()` of it is meant for the learner."""


class ClusterGone(KubeError):
    """No cluster answers: none was made, it was stopped, or it died.

    `silent`: somebody is there and says nothing, so that asking again would take its time.
    """

    def __init__(self, message: str, hint: str = "", *, silent: bool = False) -> None:
        self.silent = silent
        self.hint = hint or (
            "`workbook reset` brings it back, and makes it anew if it is lost; then run this again."
        )
        super().__init__(f"{message} {self.hint}")


class ForeignCluster(KubeError):
    """The guard said no: this cluster is not the workbook's, or cannot be known to be."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(f"{message} Nothing was sent to it. {hint}")


class NotOurs(KubeError):
    """The guard said no: the object neither carries the workbook's label nor lives under it."""

    def __init__(self, object: str, verb: str) -> None:
        self.object = object
        super().__init__(
            f"The workbook does not {verb} {object}: it neither carries the workbook's label nor "
            "lives in a namespace that does. Use an object of this lesson's own namespace."
        )


class Refused(KubeError):
    """The API server refused a request.

    `field` is the field at fault ("" where neither the server nor the manifest tells), `message`
    the server's own words, `reason` its one-word reason ("" for some errors), `status` the HTTP
    status code, `hint` what to try, `object` such as "Pod/burn", and `causes` every
    (field, message) that the server listed.
    """

    def __init__(
        self,
        field: str,
        message: str,
        reason: str,
        status: int,
        hint: str = "",
        *,
        object: str = "",
        causes: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.field = field
        self.message = message
        self.reason = reason
        self.status = status
        self.hint = hint or hint_for(message, status)
        self.object = object
        self.causes = tuple(causes)
        super().__init__(message)

    def __str__(self) -> str:
        """Say who was refused, why, where, and what to try."""
        code = f"{self.status} {self.reason}".strip()
        where = f" The field is {self.field}." if self.field else ""
        message = self.message.split("\n@@")[0].rstrip(".")  # without the diff of the whole object
        return (
            f"The API server refused {self.object or 'the request'} ({code}): {message}."
            f"{where} {self.hint}".rstrip()
        )


class NotFound(Refused):
    """The API server knows no such object (status 404)."""


class CommandFailed(KubeError):
    """A command in a container ended with another exit code than 0."""

    def __init__(self, pod: str, command: Sequence[str], exit_code: int | None, output: str):
        self.exit_code = exit_code
        self.output = output
        ended = "did not run" if exit_code is None else f"ended with exit code {exit_code}"
        super().__init__(
            f"The command {' '.join(command)!r} in Pod/{pod} {ended}: "
            f"{output.strip() or 'it printed nothing'}"
        )


class Cancelled(KubeError):
    """A wait was cancelled by the one who asked for it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Cancelled while waiting for {what}.")


class DeadlineExceeded(KubeError):
    """A wait ran out.

    `last_state` maps an object to what was last seen of it, `last_events` are the newest events,
    oldest first.
    """

    def __init__(
        self,
        what: str,
        deadline: float,
        last_state: Mapping[str, str] | None = None,
        last_events: Sequence[str] = (),
    ) -> None:
        self.what = what
        self.deadline = deadline
        self.last_state = dict(last_state or {})
        self.last_events = tuple(last_events)
        seen = "; ".join(f"{name}: {state}" for name, state in self.last_state.items())
        events = " | ".join(self.last_events)
        super().__init__(
            f"Waited {deadline:g} s for {what}, and it did not happen. "
            f"Last seen: {seen or 'nothing'}. Last events: {events or 'none'}."
        )


# What to try, by the words of the API server; the first that fits is told.
_HINTS = (
    (
        r"quantities must match|unable to parse (quantity|numeric part of quantity)",
        "A quantity is a number with an optional suffix, such as 500m, 0.5, 64Mi or 1G.",
    ),
    (
        r"must be less than or equal to (\w+) limit",
        "A request cannot be above its limit: lower the request or raise the limit.",
    ),
    (
        r"field not declared in schema|unknown field",
        "No such field is known there: look for a misspelled name or wrong indentation.",
    ),
    (
        r"resource (limits|requests) cannot be removed",
        "A resize changes a limit or a request but cannot take it away: "
        "delete the Pod and make it anew.",
    ),
    (
        r"pod updates may not change fields|field is immutable|updates to .* are forbidden",
        "This field is fixed once the object exists: delete the object and make it anew, "
        "or use what may change it in place (such as resize).",
    ),
    (
        r"Apply failed with \d+ conflict",
        "Someone else set this field last; leave it to them, or take it out of the manifest.",
    ),
    (
        r"exceeded quota",
        "The namespace's ResourceQuota is used up: ask for less or delete something.",
    ),
    (
        r"(maximum|minimum) (cpu|memory) usage per",
        "The namespace's LimitRange sets this bound: stay within it.",
    ),
    (
        r"being terminated",
        "The namespace is going away: open the lesson again for a new one.",
    ),
    (
        r"namespaces .* not found",
        "Its namespace does not exist: open the lesson again, or correct metadata.namespace.",
    ),
    (
        r"no matches for kind",
        "Look at apiVersion and kind: this pair is not served by this cluster.",
    ),
    (
        r"expected (string|number|boolean|map|list)",
        "The value has the wrong type there: quote text, and leave numbers unquoted.",
    ),
    (r'User ".*" cannot', "The kubeconfig's user may not do this in this cluster."),
    (r"lowercase RFC 1123", "Use lower-case letters, digits and '-', as in my-pod-1."),
    (r"Unsupported value", "Take one of the supported values."),
    (r"Required value", "Add this field."),
)


def hint_for(message: str, status: int) -> str:
    """Return what to try after the API server said `message`; "" where nothing fits."""
    for pattern, hint in _HINTS:
        if re.search(pattern, message):
            return hint
    return {
        401: "The cluster was probably made anew: `workbook up` writes its kubeconfig again.",
        404: "Look at the name and the namespace; it may be deleted already.",
        409: "It was changed or made by someone else meanwhile: look at it, then try again.",
    }.get(status, "Change the field that it names and apply again." if status == 422 else "")
