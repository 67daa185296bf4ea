"""What can go wrong with AWS, each told in one paragraph."""

from __future__ import annotations


class AwsError(Exception):
    """Something about AWS went wrong; `str()` of it is meant for the learner."""


class AwsGone(AwsError):
    """The stand-in for AWS did not start, or does not answer."""

    def __init__(self, message: str) -> None:
        self.hint = "Press Run again: that starts a new one."
        super().__init__(f"{message} {self.hint}")


class NotLoopback(AwsError):
    """The guard said no: this endpoint is not on this machine."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(
            f"The workbook sends nothing to {endpoint or 'AWS'}: it talks to AWS's stand-in on "
            "this machine alone, at an address such as http://127.0.0.1:5000."
        )


class AwsRefused(AwsError):
    """AWS refused a request: `code` such as "AccessDeniedException", its words, HTTP status."""

    def __init__(self, action: str, caller: str, code: str, message: str, status: int) -> None:
        self.action = action
        self.caller = caller
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{action} was refused to {caller} ({status} {code}): {message}")
