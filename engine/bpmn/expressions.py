"""Texts of expressions in the model."""

from __future__ import annotations

from functools import lru_cache


def source_of(text: str) -> str:
    """The FEEL source of a text that starts with "="."""
    return text[1:].strip()


@lru_cache(maxsize=4096)
def names_in(text: str) -> tuple[str, ...]:
    """The variables that a FEEL text of the model reads, sorted; none for a text that does not parse."""
    try:
        from engine.feel import parse  # type: ignore[attr-defined, unused-ignore]

        return tuple(sorted(parse(source_of(text)).names))
    except Exception:
        return ()
