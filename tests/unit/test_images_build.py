"""The files from which the images are built: no network, one base, one shared layer."""

import os
import re

import pytest
from course_programs import IMAGES, PROGRAMS

COURSE = ["fib", "randserver", "load", "burn", "adapter", "sqs"]


def instructions(image: str) -> dict[str, str]:
    """The steps of a Dockerfile; of several of a kind, the first."""
    lines = (IMAGES / image / "Dockerfile").read_text().splitlines()
    return dict(line.split(" ", 1) for line in reversed(lines) if not line.startswith("#"))


@pytest.mark.parametrize("image", COURSE)
def test_a_course_image_is_the_base_and_the_shared_layer(image: str) -> None:
    steps = instructions(image)
    assert steps.keys() <= {"FROM", "COPY", "ENV", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert steps["FROM"] == "localhost/workbook/base:1"
    assert steps["COPY"] == instructions("fib")["COPY"] == "programs /opt/workbook"
    assert steps["ENV"].startswith("PATH=/opt/workbook:")
    assert steps["ENTRYPOINT"] == f'["tini", "--", "{image}"]'


@pytest.mark.parametrize("name", COURSE)
def test_each_program_can_be_called_by_its_name(name: str) -> None:
    program = PROGRAMS / name
    assert program.resolve() == PROGRAMS / f"{name}.py"
    assert os.access(program, os.X_OK)
    assert program.read_text().startswith("#!/usr/bin/python3 -ES\n")


def test_the_list_of_packages_is_one_a_line_and_sorted() -> None:
    packages = (IMAGES / "base" / "packages").read_text().splitlines()
    assert packages == sorted(set(packages))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", package) for package in packages)
    assert {"apache2-utils", "python3-minimal", "tini"} <= set(packages)


def test_no_file_names_a_host_to_fetch_from() -> None:
    for file in IMAGES.joinpath("base").iterdir():
        assert not re.search(r"https?://|\.(org|com|net|io)\b", file.read_text()), file


def test_every_option_of_mmdebstrap_is_one_argument() -> None:
    options = (IMAGES / "base" / "mmdebstrap.options").read_text().splitlines()
    assert all(option.startswith("--") and "=" in option for option in options)
