"""Parsed expressions: the door to the interpreter for everything outside this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from engine.feel import nodes as n
from engine.feel.builtins import BUILTINS, WORDS
from engine.feel.calls import firm_function
from engine.feel.compiler import Compiler, Part
from engine.feel.cursor import DEPTH_LIMIT, Words, words_of
from engine.feel.errors import FeelError
from engine.feel.lexer import syntax_error
from engine.feel.parser import Parser
from engine.feel.run import LIMITS, Limits, Run, Scope
from engine.feel.unary import INPUT
from engine.feel.values import Function, admitted, check_size
from engine.handler import FeelFunction
from engine.values import Value

_SCALARS = (str, bool, type(None))


class Functions:
    """The functions of the firm that expressions may call, beside the built-ins."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        """`items`: FeelFunctions; the handlers that `declared` gives along with them are passed over."""
        self.items = {item.name: item for item in items if isinstance(item, FeelFunction)}
        self.callable: dict[str, Function] = {name: firm_function(item) for name, item in self.items.items()}
        for name in self.items:
            if name in BUILTINS:
                raise ValueError(f"{name!r} is a built-in function of FEEL")

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.items)

    def remedy(self, name: str, text: str) -> str:
        """What to say, in Spanish, to who handed a function a text that it does not take: the names most like it."""
        known = sorted({one for taken in self.items[name].known.values() for one in taken})
        alike = get_close_matches(text, known, n=3, cutoff=0.5)
        if alike:
            return f"Corrija el nombre. Parecidos: {', '.join(f'«{one}»' for one in alike)}."
        return f"Corrija el nombre. Existen: {', '.join(known[:8])}{', …' if len(known) > 8 else ''}."


NO_FUNCTIONS = Functions()


class Expression:
    """One FEEL expression, or the unary tests of one cell, ready to run. Immutable; shared between threads."""

    __slots__ = ("_cost", "_lookups", "_part", "functions", "names", "node", "source", "strange")

    def __init__(self, source: str, node: n.Node, part: Part, compiler: Compiler) -> None:
        self.source = source
        self.node = node
        self.names = frozenset(compiler.names - {INPUT})
        """Free variables. A name inside a filter may be an entry of the item, so it is not among them."""
        self.functions = frozenset(compiler.called)
        """Called functions that are neither built-in nor defined in the expression or its surroundings."""
        self.strange = tuple(compiler.strange)
        """(function of the firm, text) where the text is written out and means nothing to the function."""
        self._part = part
        self._lookups = tuple(compiler.lookups)
        self._cost = part.cost

    def evaluate(
        self,
        variables: Mapping[str, Value],
        *,
        context: Any = None,
        now: datetime | None = None,
        limits: Limits = LIMITS,
    ) -> Value:
        """The value of the expression. What the standard calls an error of type is null.

        `context` is handed to functions of the firm; `now` (aware) is what `now()` and `today()` tell, the latter in
        the zone of Mexico City. Unary tests find their input under the name `?`. Raises FeelError when the budget is
        spent, or a function is unknown or fails.
        """
        return self.run(Run(limits, context, now), variables)

    def run(self, run: Run, variables: Mapping[str, Value]) -> Value:
        """Evaluate as part of a larger evaluation, under its budget."""
        names: dict[str, Value] = {}
        for name in self._lookups:
            if name in variables:
                value = variables[name]
                names[name] = value if type(value) in _SCALARS else admitted(value)
        part = self._part
        run.charge(part.cost)
        run.enter(part.depth)
        try:
            value = part.code(Scope(run, names))
        except RecursionError:
            raise FeelError("depth") from None
        run.leave(part.depth)
        if type(value) is list or type(value) is dict:
            check_size(run, value)
        return value


def parse(source: str, *, functions: Functions | None = None, names: Iterable[str] = ()) -> Expression:
    """Read an expression. `names`: variables in scope, needed for those with blanks and for those that hold functions.

    Raises FeelSyntaxError. The same text with the same names is read once.
    """
    return _read(source, functions or NO_FUNCTIONS, names, tests=False)


def parse_unary_tests(source: str, *, functions: Functions | None = None, names: Iterable[str] = ()) -> Expression:
    """Read the cell of a decision table: `-`, `"a", "b"`, `[1..5]`, `not(< 3)`, … The input is the variable `?`."""
    return _read(source, functions or NO_FUNCTIONS, names, tests=True)


def _read(source: str, functions: Functions, names: Iterable[str], *, tests: bool) -> Expression:
    known = names if isinstance(names, frozenset) else frozenset(names)
    return (_short if len(source) < 500 else _long)(source, functions, known, tests)


@lru_cache(maxsize=4096)
def _short(source: str, functions: Functions, names: frozenset[str], tests: bool) -> Expression:
    return _compiled(source, functions, names, tests)


@lru_cache(maxsize=64)
def _long(source: str, functions: Functions, names: frozenset[str], tests: bool) -> Expression:
    """The few long ones have a cache of their own, because each takes up to 10 MB."""
    return _compiled(source, functions, names, tests)


@lru_cache(maxsize=256)
def _words(names: frozenset[str]) -> Words:
    words = {first: list(known) for first, known in WORDS.items()}
    for first, known in words_of(names).items():
        merged = [*words.get(first, []), *known]
        words[first] = sorted(merged, key=len, reverse=True)
    return words


def _compiled(source: str, functions: Functions, names: frozenset[str], tests: bool) -> Expression:
    names = names | {INPUT} if tests else names
    try:
        parser = Parser(source, _words(names))
        node = parser.whole_unary_tests() if tests else parser.whole_expression()
        compiler = Compiler(BUILTINS, functions.callable, names, source)
        part = compiler.part(node)
    except RecursionError:
        raise syntax_error(source, 0, "too_deep", limit=DEPTH_LIMIT) from None
    return Expression(source, node, part, compiler)


def from_model(text: str) -> str:
    """FEEL source of a text as it stands in a model: `=x` is the expression `x`, any other text a literal string."""
    from engine.feel.formatting import quoted

    return text[1:] if text.startswith("=") else quoted(text)
