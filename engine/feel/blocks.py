"""Reads the blocks of FEEL, `if`, `for`, `some`, `every`, `function` and contexts, and types (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.feel import nodes as n
from engine.feel.cursor import DEPTH_LIMIT
from engine.feel.lexer import Token
from engine.feel.patterns import PatternError, expression

if TYPE_CHECKING:
    from engine.feel.parser import Parser

PATTERN_FUNCTIONS = ("matches", "replace", "split", "extract")


def read_type(parser: Parser) -> n.Type:
    parser.depth += 1
    if parser.depth > DEPTH_LIMIT:
        raise parser.error("too_deep", limit=DEPTH_LIMIT)
    name = parser.long_name()
    if name is None:
        if parser.token.kind != "name":
            raise parser.expected("a type")
        name = parser.advance().text
        while parser.at_sign(".") and parser.ahead().kind == "name":
            parser.advance()
            name += "." + parser.advance().text
    found = _type_arguments(parser, name)
    parser.depth -= 1
    return found


def _type_arguments(parser: Parser, name: str) -> n.Type:
    if name not in ("list", "range", "context", "function") or not parser.take_sign("<"):
        return n.Type(name)
    if name == "context":
        entries: list[tuple[str, n.Type]] = []
        while not parser.at_sign(">"):
            key = parser.name_until(":")
            parser.expect_sign(":")
            entries.append((key, read_type(parser)))
            if not parser.take_sign(","):
                break
        parser.expect_sign(">")
        return n.Type(name, entries=tuple(entries))
    arguments: list[n.Type] = []
    while not parser.at_sign(">"):
        arguments.append(read_type(parser))
        if not parser.take_sign(","):
            break
    parser.expect_sign(">")
    if name == "function":
        parser.expect_sign("->")
        return n.Type(name, tuple(arguments), result=read_type(parser))
    return n.Type(name, tuple(arguments))


def read_if(parser: Parser) -> n.Node:
    parser.advance()
    condition = parser.expression()
    parser.expect_word("then")
    then = parser.expression()
    parser.expect_word("else")
    return n.If(condition, then, parser.expression())


def read_for(parser: Parser) -> n.Node:
    parser.advance()
    iterators = _iterators(parser)
    parser.expect_word("return")
    parser.declare("partial")
    return n.For(iterators, parser.expression())


def read_quantified(parser: Parser) -> n.Node:
    kind = parser.advance().text
    iterators = _iterators(parser)
    parser.expect_word("satisfies")
    return n.Quantified("some" if kind == "some" else "every", iterators, parser.expression())


def _iterators(parser: Parser) -> tuple[n.Iterator, ...]:
    found: list[n.Iterator] = []
    while True:
        name = parser.name_until("in")
        parser.expect_word("in")
        source = parser.expression()
        end = parser.expression() if parser.take_sign("..") else None
        found.append(n.Iterator(name, source, end))
        if not parser.take_sign(","):
            return tuple(found)


def read_function(parser: Parser) -> n.Node:
    parser.advance()
    parser.expect_sign("(")
    parameters: list[n.Parameter] = []
    while not parser.at_sign(")"):
        name = parser.name_until(":", ",", ")")
        parameters.append(n.Parameter(name, read_type(parser) if parser.take_sign(":") else None))
        if not parser.take_sign(","):
            break
    parser.expect_sign(")")
    if parser.take_word("external"):
        parser.expression()
        return n.FunctionDefinition(tuple(parameters), None)
    return n.FunctionDefinition(tuple(parameters), parser.expression())


def read_context(parser: Parser) -> n.Node:
    parser.expect_sign("{")
    entries: list[tuple[str, n.Node]] = []
    seen: set[str] = set()
    while not parser.at_sign("}"):
        at = parser.token
        key = parser.advance().text if at.kind == "string" else parser.name_until(":")
        parser.declare(key)
        if key in seen:
            raise parser.error("duplicate_key", at, name=key)
        seen.add(key)
        parser.expect_sign(":")
        entries.append((key, parser.expression()))
        if not parser.take_sign(","):
            break
    parser.expect_sign("}")
    return n.ContextLiteral(tuple(entries))


def check_pattern(parser: Parser, call: n.Call, places: list[Token]) -> None:
    """Refuse a regular expression that is written out and that RE2 does not know, while its author is there."""
    name = call.function.name if isinstance(call.function, n.Name) else ""
    if name not in PATTERN_FUNCTIONS or len(call.arguments) < 2 or call.names:
        return
    pattern, last = call.arguments[1], call.arguments[-1]
    if not isinstance(pattern, n.Literal) or type(pattern.value) is not str:
        return
    count = {"matches": 3, "replace": 4}.get(name)
    flags = last.value if count == len(call.arguments) and isinstance(last, n.Literal) else ""
    try:
        expression(pattern.value, flags if type(flags) is str else "")
    except PatternError as problem:
        raise parser.error("pattern", places[1], pattern=pattern.value[:80], problem=str(problem)) from None
