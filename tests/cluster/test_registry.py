"""The registry of chapter 10's lessons, for real: a login, what a push sends, and its storage."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.aws.registry import Registry, RegistryError
from helpers.engine.engine import Engine, EngineError
from helpers.model.images import MB, Image, sent_band, to_send

pytestmark = pytest.mark.cluster

TOKEN = "a-token"
SMALL = "localhost/workbook/fib:1"


@pytest.fixture
def registry() -> Iterator[Registry]:
    engine = Engine.find()
    container = f"test-{secrets.token_hex(2)}-registry"
    try:
        made = Registry.start(engine, container, TOKEN)
        yield made
        engine.untag(f"{made.host}/")
    finally:
        engine.remove([container])


def test_it_asks_who_is_there_and_counts_what_it_gets(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="401 UNAUTHORIZED"):
        registry.ask("/v2/_catalog", anonymous=True)
    own = registry.engine.with_logins_in(tmp_path / "login")
    name = f"{registry.host}/fib:1"
    own.ask("tag", SMALL, name)
    with pytest.raises(EngineError):
        own.push(name)
    with pytest.raises(EngineError):
        own.login(registry.host, "AWS", "another")
    own.login(registry.host, "AWS", TOKEN)
    seen: list[Image] = []
    for _ in range(2):
        before = registry.received()
        own.push(name)
        held = registry.manifest("fib", "1")
        image = Image.parse(held.digest, held.body)
        assert (registry.received() - before) / MB in sent_band(to_send(image, seen))
        seen.append(image)
    assert registry.tags("fib") == ["1"]
    assert registry.config("fib", "1")["config"]["Entrypoint"]
    assert registry.put("fib", "2", held.media_type, held.body) == held.digest
    assert registry.restart().catalog() == []
