"""LimitRanges: what may be sent, which requests get in, and the table's words."""

from __future__ import annotations

import pytest

from helpers.experiments.request_alone import Bounds, RequestAlone
from helpers.lesson.experiment import Place
from helpers.model import admission, limit_ranges, request_limit_grid
from helpers.model.admission import LimitRange
from helpers.model.quantity import Quantity
from tests.unit.claims.limit_range import book

PLACE = Place("limit-ranges", "limit-ranges-0000")
BOUNDS = [
    Bounds(),
    Bounds(ratio=None),
    Bounds(default="400m", least=None, most=None, ratio="3"),
    Bounds(default="333m", least="100m", most="1", ratio="2500m"),
]


def item(values: Bounds) -> LimitRange:
    return LimitRange.parse(RequestAlone().build(values, PLACE))


@pytest.mark.parametrize("values", BOUNDS)
@pytest.mark.parametrize("limit", [None, *request_limit_grid.LIMITS])
def test_the_window_of_requests_is_that_of_admission(values: Bounds, limit: int | None) -> None:
    limits = item(values)
    blocks = {} if limit is None else {"limits": {"cpu": f"{limit}m"}}
    inside = []
    for request in range(1, 2001, 3):
        written = admission.Resources.parse({**blocks, "requests": {"cpu": f"{request}m"}})
        if admission.admit({"c": written}, limits, []).stored is not None:
            inside.append(request)
    found = request_limit_grid.window(limits, limit)
    expected = [r for r in range(1, 2001, 3) if found and found[0] <= r <= found[1]]
    assert inside == expected


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        (Bounds(default="2"), "default", "default value 2 is greater than max value 1500m"),
        (Bounds(least="1200m"), "default", "min value 1200m is greater than default"),
        (Bounds(least="2", most="1"), "least", "min value 2 is greater than max value 1"),
        (Bounds(ratio="0.5"), "ratio", "ratio 500m is less than 1"),
        (Bounds(ratio="20"), "ratio", "ratio 20 is greater than max/min = 15.000000"),
        (Bounds(default="5m"), "default", "choose from 10m to 2"),
    ],
)
def test_the_form_refuses_what_the_server_would(values: Bounds, field: str, words: str) -> None:
    assert words in RequestAlone().check(values)[field]


def test_each_cell_of_the_table_has_a_word() -> None:
    found = {(fate.row, fate.kind): fate for fate in limit_ranges.fates(book())}
    assert found["limit 300m", "requests"].measured == limit_ranges.OWN_LIMIT
    assert found["request 2", "limits"].measured == limit_ranges.REFUSED
    assert found[limit_ranges.MEMORY, "limits"].stored == Quantity.parse("512Mi")
    assert all(fate.by_rule == fate.measured for fate in found.values())
    assert found["nothing", "limits"].meant(limit_ranges.DEFAULT)
    assert not found["nothing", "limits"].meant(limit_ranges.REFUSED)
