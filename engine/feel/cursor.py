"""A place in the tokens of one source, and the names with blanks that are known there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Token, syntax_error, tokens

DEPTH_LIMIT = 64
"""Brackets, calls, blocks, types and operators inside each other."""

Words = dict[str, list[tuple[str, ...]]]
"""First word → every known name of several words that begins with it, as tokens, the longest first."""


def words_of(names: Iterable[str]) -> Words:
    """The table of those names that are more than one token: with blanks or with signs such as `-` and `'`."""
    words: Words = {}
    for name in names:
        add_words(words, name)
    return words


def add_words(words: Words, name: str) -> None:
    if name.isidentifier():
        return
    try:
        texts = tuple(token.text for token in tokens(name)[:-1])
    except FeelSyntaxError:
        return  # Not a name that an expression could ever spell.
    if len(texts) > 1:
        known = words.setdefault(texts[0], [])
        if texts not in known:
            known.append(texts)
            known.sort(key=len, reverse=True)


class Cursor:
    def __init__(self, source: str, words: Words) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.index = 0
        self.words = words
        self.own_words: Words = {}
        """Names that the source itself introduces: keys of contexts, parameters, iteration variables."""

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != "end":
            self.index += 1
        return token

    def at_sign(self, *texts: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == "sign" and token.text in texts

    def at_word(self, *texts: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == "name" and token.text in texts

    def take_sign(self, *texts: str) -> str | None:
        return self.advance().text if self.at_sign(*texts) else None

    def take_word(self, *texts: str) -> str | None:
        return self.advance().text if self.at_word(*texts) else None

    def expect_sign(self, *texts: str) -> str:
        if not self.at_sign(*texts):
            raise self.expected(" or ".join(texts))
        return self.advance().text

    def expect_word(self, text: str) -> None:
        if not self.at_word(text):
            raise self.expected(text)
        self.advance()

    def expected(self, what: str) -> FeelSyntaxError:
        return self.error("expected", expected=what, found=self.found())

    def found(self) -> str:
        token = self.token
        if token.kind == "end":
            return "the end"
        return f'"{token.text}"' if token.kind == "string" else token.text

    def error(self, reason: str, at: Token | None = None, **params: object) -> FeelSyntaxError:
        return syntax_error(self.source, (at or self.token).position, reason, **params)

    def declare(self, name: str) -> None:
        """Make a name that the source introduces known to what follows."""
        add_words(self.own_words, name)

    def long_name(self) -> str | None:
        """Take the longest known name of several words that stands here."""
        for words in (self.own_words, self.words):
            for texts in words.get(self.token.text, ()):
                here = self.tokens[self.index : self.index + len(texts)]
                if len(here) == len(texts) and all(
                    token.text == text and token.kind != "string" for token, text in zip(here, texts, strict=True)
                ):
                    self.index += len(texts)
                    return joined(here)
        return None

    def name_until(self, *ends: str) -> str:
        """Take a new name: every token up to one of these signs or words, which stays."""
        start = self.index
        while self.token.kind in ("name", "number") or self.at_sign("-", "+", "*", "/", ".", "'"):
            if self.token.text in ends and self.index > start:
                break
            self.advance()
        taken = self.tokens[start : self.index]
        if not taken or taken[0].kind != "name":
            self.index = start
            raise self.expected("a name")
        name = joined(taken)
        self.declare(name)
        return name


def joined(parts: list[Token]) -> str:
    """The name as DMN spells it: one blank between words, none around the signs that were written without."""
    text = parts[0].text
    for before, part in itertools.pairwise(parts):
        touching = before.position + len(before.text) == part.position
        text += part.text if touching else " " + part.text
    return text
