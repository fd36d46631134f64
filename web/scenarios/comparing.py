"""Values as an analyst writes them against values as they are stored, and how a difference is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine import SYSTEM, Engine
from web.scenarios.format import ZONE

_WORD = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def with_names(engine: Engine, sentences: Iterable[str]) -> list[str]:
    """The sentences, with what the diagrams call each element before its id: «Aprobar» (ut_aprobar)."""
    with engine.reading(SYSTEM) as tx:
        latest = next(iter(tx.deployments()))
        processes = tx.engine.bundles.get(latest.id).processes.values()
    names = {id: element.name for one in processes for id, element in one.elements.items() if element.name}
    return [
        _WORD.sub(lambda word: f"«{names[word[0]]}» ({word[0]})" if word[0] in names else word[0], one)
        for one in sentences
    ]


def same(what: str, found: Any, expected: Any) -> Iterator[str]:
    if not equal(expected, found):
        yield f"{what}: {shown(found)}; se esperaba {shown(expected)}"


def subset(what: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for name, value in expected.items():
        if name not in found:
            yield f"{what}.{name}: no está; se esperaba {shown(value)}"
        elif not equal(value, found[name]):
            yield f"{what}.{name}: {shown(found[name])}; se esperaba {shown(value)}"


def equal(expected: Any, found: Any) -> bool:
    """Numbers by value, moments as instants (the firm's wall clock where no zone is written), dicts as far as told."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return all(name in found and equal(value, found[name]) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(map(equal, expected, found))
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float | Decimal) and isinstance(found, int | float | Decimal):
        return Decimal(str(expected)) == Decimal(str(found))
    if isinstance(found, datetime):
        return isinstance(expected, date | str) and _instant(expected) == _instant(found)
    if isinstance(found, date) and isinstance(expected, str):
        return found.isoformat() == expected
    return bool(expected == found)


def _instant(value: date | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def shown(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo:
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown(one)}" for name, one in value.items()) or "nada"
    if isinstance(value, list | tuple):
        return ", ".join(one if isinstance(one, str) else shown(one) for one in value) or "nada"
    if value is None or isinstance(value, bool):
        return {None: "nada", True: "true", False: "false"}[value]
    return f"«{value}»" if isinstance(value, str) else str(value)
