"""Two states of a text, line by line, in bounded time."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from itertools import takewhile

CONTEXT = 3
"""Lines shown around a difference."""
MOST_SHOWN = 2000
MOST_WORK = 2_000_000
"""Lines of the one times lines of the other: beyond it nothing is aligned, all is shown as gone and as new."""


def changed_lines(before: str, after: str) -> list[str]:
    """At most `MOST_SHOWN` lines, each with "-", "+" or " " in front; "@@" stands for lines left out."""
    one, other = before.splitlines(), after.splitlines()
    if one == other:
        return []
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    rest = zip(reversed(one[head:]), reversed(other[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    low = max(0, head - CONTEXT)
    one_end, other_end = len(one) - max(0, tail - CONTEXT), len(other) - max(0, tail - CONTEXT)
    found = _aligned(one[low:one_end], other[low:other_end])
    return found[:MOST_SHOWN]


def _aligned(one: list[str], other: list[str]) -> list[str]:
    if len(one) * len(other) > MOST_WORK:
        return [*(f"-{line}" for line in one), *(f"+{line}" for line in other)]
    found: list[str] = []
    for group in SequenceMatcher(None, one, other, autojunk=False).get_grouped_opcodes(CONTEXT):
        if found:
            found.append("@@")
        for tag, a, b, c, d in group:
            if tag == "equal":
                found += [f" {line}" for line in one[a:b]]
            else:
                found += [f"-{line}" for line in one[a:b]] + [f"+{line}" for line in other[c:d]]
    return found


def readable(path: str, data: bytes | None) -> str | None:
    """A file as lines: a form with one property on each, other texts as they are; None for a picture."""
    if data is None:
        return ""
    try:
        text = data.decode("utf-8")
        if path.endswith(".form"):
            return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except UnicodeDecodeError:
        return None
    except (ValueError, RecursionError):
        return text
    return text
