"""Cuts FEEL source into tokens.

A token is a word, number, text or sign. Which words make one name with blanks is the parser's affair, because it
depends on the names in scope (DMN 1.5, 10.3.1.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.feel.errors import FeelSyntaxError
from engine.feel.numbers import NUMBERS

SOURCE_LIMIT = 32_000
"""Characters of one expression."""

Kind = Literal["name", "number", "string", "sign", "end"]

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>(?:\d+(?:\.(?!\.)\d+)?|\.(?!\.)\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>(?:[^\W\d]|[?\U00010000-\U000EFFFF])(?:[\w?\U00010000-\U000EFFFF])*)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<foreign>==)
    |(?P<sign>\*\*|\.\.|<=|>=|!=|->|[-+*/=<>()\[\]{},.:@'])
    """,
    re.VERBOSE | re.DOTALL,
)
FOREIGN = {"==": "=", "<>": "!=", "&&": "and", "||": "or", "!": "not(…)", "%": "modulo(…)", "'": '"…"'}
"""Signs of other languages, and what FEEL has for them."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "/": "/"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    """As written; for a string its value."""
    position: int
    number: Decimal | None = None


def place(source: str, position: int) -> tuple[int, int]:
    """(column, line) of a position, both from 1."""
    line_start = source.rfind("\n", 0, position) + 1
    return position - line_start + 1, source.count("\n", 0, position) + 1


def syntax_error(source: str, position: int, reason: str, **params: object) -> FeelSyntaxError:
    column, line = place(source, position)
    return FeelSyntaxError(reason, column=column, line=line, **params)


def tokens(source: str) -> list[Token]:
    """All tokens of the source, the last of kind "end". Raises FeelSyntaxError."""
    if len(source) > SOURCE_LIMIT:
        raise syntax_error(source, SOURCE_LIMIT, "too_long", limit=SOURCE_LIMIT)
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None or match.lastgroup == "foreign":
            raise _bad_character(source, position)
        kind = match.lastgroup
        text = match.group()
        if kind == "number":
            found.append(Token("number", text, position, NUMBERS.create_decimal(text)))
        elif kind == "string":
            found.append(Token("string", _unescape(text[1:-1]), position))
        elif kind == "name":
            found.append(Token("name", text, position))
        elif kind == "sign":
            found.append(Token("sign", text, position))
        position = match.end()
    found.append(Token("end", "", len(source)))
    return found


def _bad_character(source: str, position: int) -> FeelSyntaxError:
    if source[position] == '"':
        return syntax_error(source, position, "string_open")
    for foreign, instead in FOREIGN.items():
        if source.startswith(foreign, position):
            return syntax_error(source, position, "instead", found=foreign, instead=instead)
    return syntax_error(source, position, "character", found=source[position])


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    # Two \u escapes may be the halves of one character.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code is None:
        # An unknown escape stays as it is: analysts write patterns such as "\d+".
        return _ESCAPED.get(match.group(3), match.group())
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else match.group()
