"""Regular expressions by RE2: time linear in the text, no back references, no look-around.

Still charged: one search costs text times program, and a pattern that has to look far ahead for each of many matches
would be quadratic.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Any

import re2

from engine.feel.run import Run

PATTERN_LIMIT = 1_000
"""Characters of one pattern."""
_MEMORY = 1 << 18
"""Bytes that one compiled pattern and its automata may take."""
_CACHE: dict[tuple[str, str], Any] = {}
_CACHE_SIZE = 64
_LOCK = Lock()


class PatternError(ValueError):
    """The pattern is not one of RE2."""


def expression(pattern: str, flags: str) -> Any:
    """The compiled pattern with the flags `s m i x q` of XPath. Raises PatternError."""
    key = (pattern, flags)
    known = _CACHE.get(key)
    if known is None:
        known = _compiled(pattern, flags)
        with _LOCK:
            if len(_CACHE) >= _CACHE_SIZE:
                del _CACHE[next(iter(_CACHE))]
            _CACHE[key] = known
    return known


def _compiled(pattern: str, flags: str) -> Any:
    if len(pattern) > PATTERN_LIMIT:
        raise PatternError(f"it is longer than {PATTERN_LIMIT} characters")
    if set(flags) - set("smixq"):
        raise PatternError("it has an unknown flag")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.literal = "q" in flags
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    if "x" in flags and "q" not in flags:
        pattern = "".join(pattern.split())
    if "m" in flags and "q" not in flags:
        pattern = "(?m)" + pattern
    try:
        return re2.compile(pattern, options)
    except re2.error as problem:
        raise PatternError(str(problem.args[0].decode() if problem.args else problem)) from None
    except UnicodeEncodeError:
        raise PatternError("it has half of a character") from None


def compiled(run: Run, pattern: str, flags: str) -> Any | None:
    """The pattern, charged; null when it is none."""
    run.charge(10 if (pattern, flags) in _CACHE else 2_000)
    try:
        return expression(pattern, flags)
    except PatternError:
        return None


def searched(run: Run, pattern: Any, text: str) -> bool:
    _charge(run, pattern, len(text))
    return pattern.search(text) is not None


def replaced(run: Run, pattern: Any, text: str, replacement: str, literal: bool) -> str:
    pieces: list[str] = []
    length = end = 0
    template = [replacement] if literal else _template(replacement)
    for match in _matches(run, pattern, text):
        inserted = [text[end : match.start()]]
        inserted += [part if isinstance(part, str) else _group(match, part) for part in template]
        length += sum(map(len, inserted))
        run.charge(len(inserted))
        run.charge_text(length)
        pieces += inserted
        end = match.end()
    run.charge_text(length + len(text) - end)
    return "".join(pieces) + text[end:]


def split_by(run: Run, pattern: Any, text: str, *, matches: bool = False) -> list[str]:
    """The parts between the matches, or the matches."""
    parts: list[str] = []
    end = 0
    for match in _matches(run, pattern, text):
        run.charge_items(len(parts) >> 6)
        parts.append(match.group() if matches else text[end : match.start()])
        end = match.end()
    run.charge_text(len(text))
    return parts if matches else [*parts, text[end:]]


def _matches(run: Run, pattern: Any, text: str) -> Iterator[Any]:
    found = pattern.finditer(text)
    position = 0
    while True:
        _charge(run, pattern, len(text) - position)
        match = next(found, None)
        if match is None:
            return
        position = match.end()
        yield match


def _charge(run: Run, pattern: Any, length: int) -> None:
    run.charge(2 + length * pattern.programsize // 500)


def _template(replacement: str) -> list[str | int]:
    """The replacement cut into texts and numbers of groups."""
    parts: list[str | int] = []
    index = 0
    while index < len(replacement):
        two = replacement[index : index + 2]
        if two in ("\\$", "\\\\"):
            parts.append(two[1])
            index += 2
        elif two[0] == "$" and two[1:].isdecimal():
            parts.append(int(two[1]))
            index += 2
        else:
            parts.append(two[0])
            index += 1
    return parts


def _group(match: Any, number: int) -> str:
    try:
        return match.group(number) or ""
    except IndexError:
        return ""
