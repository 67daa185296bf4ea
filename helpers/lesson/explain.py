"""What a card says of an error: a title, what happened, what to try."""

from __future__ import annotations

from helpers.lesson.experiment import Trouble
from helpers.lesson.recording import NoRecording
from helpers.lesson.stop import QuietStop


def known(error: BaseException) -> bool:
    """Tell whether an error belongs to the learner's world, and is not a fault of the workbook."""
    from helpers.aws.errors import AwsError
    from helpers.kube.errors import KubeError

    return isinstance(error, KubeError | AwsError | Trouble | QuietStop | NoRecording)


def explain(error: Exception) -> tuple[str, str, str]:
    """Return title, message and what to try."""
    from helpers.aws.errors import AwsError, AwsGone, AwsRefused
    from helpers.kube.errors import ClusterGone, DeadlineExceeded, KubeError, Refused

    title, message, hint = type(error).__name__, str(error), ""
    if isinstance(error, Trouble):
        title, message, hint = error.title, error.message, error.hint
    elif isinstance(error, Refused):
        title = f"The API server refused {error.field or error.object or 'the manifest'}"
        message, hint = error.message, error.hint
    elif isinstance(error, ClusterGone):
        title, message = "The cluster does not answer", str(error).removesuffix(error.hint).strip()
        hint = f"{error.hint} Begin with the lesson's first cell."
    elif isinstance(error, DeadlineExceeded):
        title, hint = "This took too long", "Press Run to try again."
    elif isinstance(error, NoRecording):
        title = "Nothing to replay"
    elif isinstance(error, AwsRefused):
        title, message = f"AWS refused {error.action} ({error.code})", error.message
    elif isinstance(error, AwsGone):
        title, message = "AWS's stand-in does not answer", str(error).removesuffix(error.hint)
        hint = error.hint
    elif isinstance(error, KubeError | AwsError | QuietStop):
        title = "This did not work"
    else:
        hint = "This is a fault of the workbook, not yours."
    return title, message, hint
