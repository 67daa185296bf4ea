"""Memory limits: whole pages, who is killed, and what the i is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.model import memory
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources, qos_class


def amount(text: str) -> Quantity:
    return Quantity.parse(text)


@pytest.mark.parametrize(
    ("text", "enforced"),
    [("100M", 99_999_744), ("100Mi", 104_857_600), ("128Mi", 134_217_728), ("129M", 128_999_424)],
)
def test_the_kernel_enforces_whole_pages(text: str, enforced: int) -> None:
    assert memory.enforced_bytes(amount(text)) == enforced


def test_without_a_limit_nothing_is_enforced() -> None:
    assert memory.enforced_bytes(None) is None
    assert memory.enforced_bytes(amount("0")) is None


@given(st.integers(1, 10**15))
def test_less_than_a_page_is_lost(number: int) -> None:
    enforced = memory.enforced_bytes(amount(str(number)))
    assert enforced is not None
    assert 0 <= number - enforced < memory.PAGE


@pytest.mark.parametrize(
    ("steps", "limit", "lives"),
    [
        (["20Mi", "40Mi"], "128Mi", True),
        (["20Mi", "129Mi"], "128Mi", False),
        (["20Mi", "128Mi"], "128Mi", None),  # the program itself needs some, too
        (["20Mi"], None, True),
        ([], "1Mi", None),
        ([], "64Mi", True),
    ],
)
def test_who_holds_more_than_the_limit_is_killed(
    steps: list[str], limit: str | None, lives: bool | None
) -> None:
    bound = None if limit is None else amount(limit)
    assert memory.survives([amount(step) for step in steps], bound) is lives


def test_what_is_lost_without_the_i() -> None:
    lost = [round(100 * prefix.missing, 1) for prefix in memory.PREFIXES]
    assert lost == [2.3, 4.6, 6.9, 9.1, 11.2, 13.3]
    assert [prefix.decimal for prefix in memory.PREFIXES] == ["k", "M", "G", "T", "P", "E"]


@given(st.sampled_from(memory.PREFIXES), st.integers(1, 7))
def test_a_prefix_is_what_a_quantity_makes_of_it(prefix: memory.Prefix, number: int) -> None:
    decimal, binary = amount(f"{number}{prefix.decimal}"), amount(f"{number}{prefix.binary}")
    assert decimal.bytes == number * 1000**prefix.power
    assert binary.bytes == number * 1024**prefix.power


def test_who_dies_first_when_the_node_is_short() -> None:
    node = 2 * 2**30
    assert memory.oom_score_adj(amount("1Gi"), node) == 500
    assert memory.oom_score_adj(amount("2Gi"), node) == 3
    assert memory.oom_score_adj(None, node) == 999
    assert memory.oom_score_adj(None, node, qos="BestEffort") == 1000
    assert memory.oom_score_adj(amount("1Gi"), node, qos="Guaranteed") == -997


ALL = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("blocks", "qos"),
    [
        ([{}], "BestEffort"),
        ([{"limits": {"cpu": "0"}}], "BestEffort"),
        ([{"limits": ALL}], "Guaranteed"),
        ([{"limits": ALL, "requests": {"cpu": "1000m"}}], "Guaranteed"),
        ([{"limits": ALL, "requests": {"cpu": "500m"}}], "Burstable"),
        ([{"limits": {"cpu": "1"}}], "Burstable"),
        ([{"requests": ALL}], "Burstable"),
        ([{"limits": ALL}, {}], "Burstable"),
        ([{"limits": ALL}, {"limits": ALL}], "Guaranteed"),
    ],
)
def test_the_class_follows_from_requests_and_limits(
    blocks: list[dict[str, dict[str, str]]], qos: str
) -> None:
    assert qos_class([Resources.parse(block) for block in blocks]) == qos
