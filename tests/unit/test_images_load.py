"""load: what it asks of ab, and what it makes of ab's report. A stand-in plays ab here."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from course_programs import finished, running

STAND_IN = """#!{python}
import signal, sys
def report(*_):
    print('''Time taken for tests:   2.500 seconds
Complete requests:      {done}
Failed requests:        {failed}
{refused}Requests per second:    42.24 [#/sec] (mean)''')
    sys.exit()
signal.signal(signal.SIGINT, report)
print(*sys.argv[1:], file=open({folder!r} + "/arguments", "w"))
print("stand-in: started", file=sys.stderr, flush=True)
if {hangs}: signal.pause()
report()
"""


class Ab:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}/20"
        self.env = {"PATH": f"{folder}:{os.environ['PATH']}", "URL": self.url}

    def will(self, done: int = 1000, failed: int = 0, refused: int = 0, hangs: bool = False):
        text = STAND_IN.format(
            python=sys.executable,
            done=done,
            failed=failed,
            refused=f"Non-2xx responses:      {refused}\n" if refused else "",
            folder=str(self.folder),
            hangs=hangs,
        )
        (self.folder / "ab").write_text(text)
        (self.folder / "ab").chmod(0o755)

    @property
    def arguments(self) -> str:
        return (self.folder / "arguments").read_text().strip()


@pytest.fixture
def ab(tmp_path: Path) -> Iterator[Ab]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stand_in = Ab(tmp_path, server.getsockname()[1])
        stand_in.will()
        yield stand_in


def last(text: str) -> str:
    return text.splitlines()[-1]


def test_as_in_the_book_it_sends_1000_requests_4_at_a_time(ab: Ab) -> None:
    result = finished("load.py", env=ab.env)
    assert ab.arguments == f"-l -n 1000 -c 4 {ab.url}"
    assert result.returncode == 0
    assert last(result.stdout) == (
        "load: 1000 of 1000 requests in 2.5 s (42 per second), 0 failed, 0 answered with an error"
    )


def test_everything_can_be_chosen_by_environment_or_arguments(ab: Ab) -> None:
    chosen = {"REQUESTS": "50", "CONCURRENCY": "5", "DEADLINE": "7.5"}
    finished("load.py", env=ab.env | chosen)
    assert ab.arguments == f"-l -t 8 -s 8 -n 50 -c 5 {ab.url}"
    bare = f"http://{ab.host}"
    finished("load.py", bare, "--requests=9", "--deadline=2", env=ab.env | chosen)
    assert ab.arguments == f"-l -t 2 -s 2 -n 9 -c 5 {bare}/"


def test_ab_begins_when_somebody_is_reached(ab: Ab) -> None:
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))  # nobody listens yet
        began = time.monotonic()
        threading.Timer(1.0, late.listen).start()
        url = f"http://127.0.0.1:{late.getsockname()[1]}/20"
        finished("load.py", url, env=ab.env)
        assert 1.0 <= time.monotonic() - began < 8.0
        assert ab.arguments.endswith(url)


def test_ab_begins_in_any_case_when_nobody_was_reached(ab: Ab) -> None:
    began = time.monotonic()
    finished("load.py", "http://127.0.0.1:1/20", env=ab.env)
    assert time.monotonic() - began >= 10.0
    assert ab.arguments.endswith("http://127.0.0.1:1/20")


@pytest.mark.parametrize(
    ("report", "code", "told"),
    [
        ({"done": 10}, 0, "load: 10 of 1000 requests"),
        ({"failed": 3}, 1, "3 failed, 0 answered with an error"),
        ({"refused": 2}, 1, "0 failed, 2 answered with an error"),
        ({"done": 0}, 1, "load: none of 1000 requests was answered"),
    ],
)
def test_the_exit_code_says_how_it_went(
    ab: Ab, report: dict[str, int], code: int, told: str
) -> None:
    ab.will(**report)
    result = finished("load.py", env=ab.env)
    assert result.returncode == code
    assert told in last(result.stdout)


def test_sigterm_ends_it_with_what_ab_has_so_far(ab: Ab) -> None:
    ab.will(done=12, hangs=True)
    with running("load.py", env=ab.env, errors=True) as load:
        assert load.line() == "stand-in: started"
        load.process.send_signal(signal.SIGTERM)
        lines = [load.line()]
        while not lines[-1].startswith("load:"):
            lines.append(load.line())
        assert lines[-1].startswith("load: 12 of 1000 requests")
        assert load.process.wait(3.0) == 143


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--concurrency", "0"], "--concurrency must be at least 1"),
        (["--requests", "3"], "at most --requests"),
        (["--deadline", "0"], "--deadline must be more than 0"),
        (["--deadline", "nan"], "--deadline must be more than 0"),
        (["--requests", "many"], "invalid int value: 'many'"),
    ],
)
def test_bad_options_are_told(ab: Ab, arguments: list[str], told: str) -> None:
    result = finished("load.py", *arguments, env=ab.env)
    assert result.returncode == 2
    assert told in result.stderr


def test_a_missing_url_or_ab_is_told(ab: Ab) -> None:
    result = finished("load.py", env=ab.env | {"URL": ""})
    assert result.returncode == 2
    assert "no URL" in result.stderr
    result = finished("load.py", env=ab.env | {"PATH": "/nowhere"})
    assert result.returncode == 1
    assert result.stderr == "load: there is no ab here; Debian has it in apache2-utils\n"
