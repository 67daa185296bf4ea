"""The rules of quantities, and what the API server (v1.37) was seen to answer."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.model.quantity import (
    NANO,
    WRONG_FORMAT,
    WRONG_NUMBER,
    WRONG_SUFFIX,
    Quantity,
    QuantityError,
)

DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
NUMBERS = st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,4})?|\.[0-9]{1,4}", fullmatch=True)
EXPONENTS = st.integers(-12, 15).flatmap(lambda n: st.sampled_from([f"e{n}", f"E{n}"]))
SUFFIXES = st.one_of(st.sampled_from(DECIMAL + BINARY), EXPONENTS)
WRITTEN = st.builds(lambda number, suffix: number + suffix, NUMBERS, SUFFIXES)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0.5", "500m"),
        ("500m", "500m"),
        ("1000m", "1"),
        ("0.25", "250m"),
        ("1.5Gi", "1536Mi"),
        ("1024Mi", "1Gi"),
        ("1000Mi", "1000Mi"),
        ("1000M", "1G"),
        ("128974848", "128974848"),
        ("129e6", "129e6"),
        ("1290e5", "129e6"),
        ("1.5e3", "1500"),
        ("123Mi", "123Mi"),
        ("0.5Ki", "512"),
        ("0.9765625Ki", "1k"),  # under 1024 it is written in the decimal family
        ("1.5", "1500m"),
        (".5", "500m"),
        ("2.", "2."),  # looks canonical to the server, so it stays
        ("2.Gi", "2.Gi"),
        ("8.Gi", "8Gi"),  # the server looks no further than the last three bits
        ("0", "0"),
        ("00", "0"),
        ("-0.5", "-500m"),
        (" 1 ", "1"),
        ("1E", "1E"),
        ("1e18", "1e18"),
        ("8Ei", "9223372036854775807"),
        ("400m", "400m"),
    ],
)
def test_the_server_writes_it_back_so(text: str, canonical: str) -> None:
    assert Quantity.parse(text).canonical == canonical


@pytest.mark.parametrize("text", ["0.1m", "0.0005", "1n", "999u", "0.001"])
def test_what_is_finer_than_a_millicore_is_rounded_up_to_one(text: str) -> None:
    assert Quantity.parse(text).canonical == "1m"


def test_other_fields_keep_a_finer_amount() -> None:
    assert Quantity.parse("0.1m", finest=NANO).canonical == "100u"
    assert Quantity.parse("0.1n", finest=NANO).canonical == "1n"


@pytest.mark.parametrize("text", ["1.500", "+1", "01", "1E3", "2.Gi"])
def test_a_spelling_that_looks_canonical_stays(text: str) -> None:
    assert Quantity.parse(text).canonical == text


def test_beyond_exa_the_server_loses_the_suffix() -> None:
    quantity = Quantity.parse("1000E")
    assert quantity.amount == 10**21
    assert quantity.canonical == "1"


@pytest.mark.parametrize("text", ["m", "Gi", ".", "+", "-", ".m"])
def test_a_number_without_digits_is_zero(text: str) -> None:
    assert Quantity.parse(text).canonical == "0"


@pytest.mark.parametrize(
    ("text", "message", "try_this"),
    [
        ("64K", WRONG_SUFFIX, "64k (powers of 1000) or 64Ki"),
        ("64ki", WRONG_SUFFIX, "64k (powers of 1000) or 64Ki"),
        ("64MB", WRONG_FORMAT, "64M (powers of 1000) or 64Mi"),
        ("64Mib", WRONG_FORMAT, "64M (powers of 1000) or 64Mi"),
        ("64mi", WRONG_SUFFIX, "64M (powers of 1000) or 64Mi"),
        ("1 Gi", WRONG_FORMAT, "1Gi"),
        ("0,5", WRONG_FORMAT, "0.5"),
        ("1_000", WRONG_FORMAT, "1000"),
        ("2 cores", WRONG_FORMAT, "2"),
        ("50%", WRONG_FORMAT, "500m"),
        ("1e", WRONG_SUFFIX, "1e3"),
        ("1Z", WRONG_FORMAT, "Ki Mi Gi"),
        ("1Ri", WRONG_FORMAT, "Ki Mi Gi"),
        ("e-30", WRONG_NUMBER, "suffixes"),
        ("half", WRONG_FORMAT, "suffixes"),
        ("", WRONG_FORMAT, "500m"),
        ("1.2.3", WRONG_FORMAT, "suffixes"),
        ("1\n", WRONG_FORMAT, "suffixes"),
        ("１", WRONG_FORMAT, "suffixes"),
    ],
)
def test_what_the_server_refuses_and_what_to_try(text: str, message: str, try_this: str) -> None:
    with pytest.raises(QuantityError) as refused:
        Quantity.parse(text, field="limits.memory")
    assert refused.value.field == "limits.memory"
    assert refused.value.message == message
    assert try_this in refused.value.hint
    assert str(refused.value).startswith(f"limits.memory: {message}. ")


@given(WRITTEN)
def test_the_canonical_form_is_the_same_amount_and_its_own_canonical_form(text: str) -> None:
    quantity = Quantity.parse(text)
    again = Quantity.parse(quantity.canonical)
    if quantity.amount < 10**21:
        assert again == quantity
    assert again.canonical == quantity.canonical


@given(WRITTEN, WRITTEN)
def test_they_compare_by_amount(one: str, other: str) -> None:
    a, b = Quantity.parse(one), Quantity.parse(other)
    assert (a < b) == (a.amount < b.amount)
    assert (a == b) == (a.amount == b.amount)
    assert a != b or hash(a) == hash(b)


@given(st.integers(0, 10**9))
def test_millicores_and_bytes_are_exact(number: int) -> None:
    assert Quantity.parse(f"{number}m").millicores == number
    assert Quantity.parse(f"{number}m").cores == number / 1000
    assert Quantity.parse(f"{number}Ki").bytes == number * 1024
    assert Quantity.parse(f"{number}k").bytes == number * 1000


def test_a_fraction_of_a_byte_is_a_byte() -> None:
    quantity = Quantity.parse("400m")
    assert quantity.amount == Fraction(2, 5)
    assert quantity.bytes == 1


@given(st.text(alphabet="0123456789.eEinumkKMGTPi+- _,B", max_size=12))
def test_any_text_is_read_or_refused_with_a_hint(text: str) -> None:
    try:
        Quantity.parse(text)
    except QuantityError as refused:
        hint = refused.hint
    else:
        return
    assert hint
