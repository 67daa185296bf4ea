"""randserver: the file is made once, kept, and served with its checksum."""

import hashlib
from pathlib import Path

import pytest
from course_programs import finished, serving


def test_it_makes_a_file_and_serves_it(tmp_path: Path) -> None:
    with serving("randserver.py", "--data", str(tmp_path)) as web:
        status, content = web.get("/")
        assert status == 200
        assert len(content) == 1024 * 1024
        digest = hashlib.sha256(content).hexdigest()
        assert web.get("/checksum") == (200, f"{digest}\n".encode())
        assert web.get("/healthz") == (200, b"ok\n")
        assert web.get("/else")[0] == 404
        file = tmp_path / "random.bin"
        assert web.said == [f"randserver: wrote {file}, SHA-256 {digest}"]
        assert list(tmp_path.iterdir()) == [file]
        assert web.stop() == 0


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "random.bin").write_bytes(b"from before")
    with serving("randserver.py", "--data", str(tmp_path)) as web:
        assert web.said[0].startswith("randserver: found ")
        assert web.get("/") == (200, b"from before")


def test_two_new_files_differ(tmp_path: Path) -> None:
    checksums = set()
    for folder in (tmp_path / "one", tmp_path / "two"):
        with serving("randserver.py", "--data", str(folder), env={"SIZE": "1k"}) as web:
            checksums.add(web.get("/checksum")[1])
            assert len(web.get("/")[1]) == 1000
    assert len(checksums) == 2


def test_a_file_that_vanished_is_told(tmp_path: Path) -> None:
    with serving("randserver.py", "--data", str(tmp_path)) as web:
        (tmp_path / "random.bin").unlink()
        for path in ("/", "/checksum"):
            status, text = web.get(path)
            assert status == 500
            assert b"No such file" in text


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null/data"])
def test_without_a_place_to_write_it_says_what_to_do(folder: str) -> None:
    result = finished("randserver.py", "--data", folder, "--port", "0")
    assert result.returncode == 1
    assert f"Mount a volume at {folder} that may be written to." in result.stderr
