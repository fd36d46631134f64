"""Built-in functions on texts (DMN 1.5, table 73). Every text is charged before it is made."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.formatting import text_of
from engine.feel.numbers import whole
from engine.feel.patterns import compiled, replaced, searched, split_by
from engine.feel.registry import Registry
from engine.feel.run import Run
from engine.values import Value

TEXTS = Registry()


@TEXTS.add("string", "from")
def string(run: Run, value: Value) -> Value:
    return None if value is None else text_of(run, value)


@TEXTS.add("substring", "string: string, start position: number, length: number?")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None) -> Value:
    """Positions count from 1, from the end when negative."""
    begin = whole(start.to_integral_value("ROUND_DOWN"))
    count = None if length is None else whole(length.to_integral_value("ROUND_DOWN"))
    if not begin or abs(begin) > len(text) or (length is not None and (count is None or count < 1)):
        return None
    run.charge_text(len(text))
    begin = begin - 1 if begin > 0 else len(text) + begin
    return text[begin:] if count is None else text[begin : begin + count]


@TEXTS.add("string length", "string: string")
def string_length(run: Run, text: str) -> Value:
    return Decimal(len(text))


@TEXTS.add("upper case", "string: string")
def upper_case(run: Run, text: str) -> Value:
    run.charge_text(len(text))
    upper = text.upper()
    # A few characters become two or three.
    run.charge_text(len(upper))
    return upper


@TEXTS.add("lower case", "string: string")
def lower_case(run: Run, text: str) -> Value:
    run.charge_text(len(text))
    return text.lower()


@TEXTS.add("trim", "string: string")
def trim(run: Run, text: str) -> Value:
    run.charge_text(len(text))
    return text.strip()


@TEXTS.add("is blank", "string: string")
def is_blank(run: Run, text: str) -> Value:
    run.charge_text(len(text))
    return not text.strip()


@TEXTS.add("substring before", "string: string, match: string")
def substring_before(run: Run, text: str, match: str) -> Value:
    run.charge_text(len(text))
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@TEXTS.add("substring after", "string: string, match: string")
def substring_after(run: Run, text: str, match: str) -> Value:
    run.charge_text(len(text))
    return text.partition(match)[2] if match else text


@TEXTS.add("contains", "string: string, match: string")
def contains(run: Run, text: str, match: str) -> Value:
    # The worst case of Python's search is the product of the lengths, over a large constant.
    run.charge(1 + (len(text) + len(text) * min(len(match), 1_000) // 100 >> 5))
    return match in text


@TEXTS.add("starts with", "string: string, match: string")
def starts_with(run: Run, text: str, match: str) -> Value:
    run.charge(len(match) >> 8)
    return text.startswith(match)


@TEXTS.add("ends with", "string: string, match: string")
def ends_with(run: Run, text: str, match: str) -> Value:
    run.charge(len(match) >> 8)
    return text.endswith(match)


@TEXTS.add("matches", "input: string, pattern: string, flags: string?")
def matches(run: Run, text: str, pattern: str, flags: str | None) -> Value:
    """Whether the regular expression is found in the text. Expressions are those of RE2: no back references and no
    look-around, so that none can take long."""
    expression = compiled(run, pattern, flags or "")
    return None if expression is None else searched(run, expression, text)


@TEXTS.add("replace", "input: string, pattern: string, replacement: string, flags: string?")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None) -> Value:
    """`$1` … in the replacement stand for the groups, unless flag `q` makes everything literal."""
    expression = compiled(run, pattern, flags or "")
    return None if expression is None else replaced(run, expression, text, replacement, "q" in (flags or ""))


@TEXTS.add("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> Value:
    expression = compiled(run, delimiter, "")
    return None if expression is None else split_by(run, expression, text)


@TEXTS.add("extract", "input: string, pattern: string")
def extract(run: Run, text: str, pattern: str) -> Value:
    """Every part of the text that matches."""
    expression = compiled(run, pattern, "")
    if expression is None:
        return None
    return split_by(run, expression, text, matches=True)


@TEXTS.add("string join", "list: list, delimiter: string?", "list")
def string_join(run: Run, texts: list[Value], delimiter: str | None) -> Value:
    """Nulls are left out."""
    run.charge(len(texts))
    parts = [text for text in texts if text is not None]
    if not all(type(part) is str for part in parts):
        return None
    between = delimiter or ""
    run.charge_text(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)
