"""Which keys of a form the handler of a user task reads: told by its source, since the form is the analysts' own.

`values["monto"]` must be there, or the task cannot be finished; `values.get("nota")` may be missing. A function that
gets the values handed on is read along. Names that are computed are those that the handler declares (`reads`). What is
done with the values otherwise (a loop over all, all of them in the firm's log) leaves open what is read.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any

from engine.handler import UserTaskHandler

_ALWAYS: dict[type[ast.AST], str] = {
    ast.If: "test",
    ast.IfExp: "test",
    ast.While: "test",
    ast.For: "iter",
    ast.comprehension: "iter",
    ast.Match: "subject",
    ast.ListComp: "generators",
    ast.SetComp: "generators",
    ast.DictComp: "generators",
    ast.GeneratorExp: "generators",
    ast.Try: "",
    ast.Lambda: "",
    ast.FunctionDef: "",
}
"""Of what is not always run whole: the part that is; nothing where the name is empty."""


@dataclass(frozen=True, slots=True)
class FormKeys:
    """What one handler wants of its form."""

    needed: frozenset[str]
    """Always read: without one of them the task cannot be finished."""
    sometimes: frozenset[str]
    """Read on some ways through the handler."""
    complete: bool
    """Whether these are all that it reads."""


def keys_of(handler: UserTaskHandler) -> FormKeys:
    """Of a handler whose source is there; else nothing is known."""
    return _keys(handler.function, handler.reads)


@lru_cache(512)
def _keys(function: Callable[..., Any], declared: frozenset[str] | None) -> FormKeys:
    reader = _Reader(declared)
    parameter = next(iter(inspect.signature(function).parameters), "")
    reader.read(function, parameter, sure=True)
    needed = frozenset(reader.needed)
    return FormKeys(needed, frozenset(reader.sometimes) - needed, reader.complete)


class _Reader:
    def __init__(self, declared: frozenset[str] | None) -> None:
        self.needed: set[str] = set()
        self.sometimes: set[str] = set(declared or ())
        self.computes = declared is not None
        """Whether it says which names it computes."""
        self.complete = True
        self.seen: set[tuple[Any, str]] = set()

    def read(self, function: Callable[..., Any], parameter: str, *, sure: bool) -> None:
        if (function, parameter) in self.seen:
            return
        self.seen.add((function, parameter))
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except (OSError, TypeError, SyntaxError):
            self.complete = False
            return
        definition = tree.body[0]
        if not isinstance(definition, ast.FunctionDef):
            self.complete = False
            return
        for statement in definition.body:
            self._node(statement, function, parameter, sure)
            # What follows a way out may not be reached.
            sure = sure and not any(isinstance(one, ast.Return) for one in ast.walk(statement))

    def _node(self, node: ast.AST, function: Callable[..., Any], parameter: str, sure: bool) -> None:
        rest: list[tuple[ast.AST, bool]]
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if name == parameter:
                (self.needed if sure else self.sometimes).add(key)
                return
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value=str(key)), *others]
            ) if name == parameter:
                self.sometimes.add(key)
                rest = [(one, sure) for one in others]
            case ast.Subscript(value=ast.Name(id=name), slice=computed) if name == parameter and self.computes:
                rest = [(computed, sure)]
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=others) if (
                name == parameter and self.computes
            ):
                rest = [(one, sure) for one in others]
            case ast.Call(func=called, args=arguments):
                handed = [place for place, one in enumerate(arguments) if _is(one, parameter)]
                for place in handed:
                    self._handed_on(called, place, function, sure)
                own = [called, *node.keywords, *(one for one in arguments if not _is(one, parameter))]
                rest = [(one, sure) for one in own]
            case ast.Name(id=name) if name == parameter:
                self.complete = False
                return
            case _:
                rest = [(child, sure and always) for child, always in _children(node)]
        for child, reached in rest:
            self._node(child, function, parameter, reached)

    def _handed_on(self, called: ast.AST, place: int, function: Callable[..., Any], sure: bool) -> None:
        """A function that gets the values as its argument number `place`."""
        found: Any = None
        match called:
            case ast.Name(id=name):
                found = function.__globals__.get(name)
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                found = getattr(function.__globals__.get(module), name, None)
        parameters = list(inspect.signature(found).parameters) if isinstance(found, FunctionType) else []
        if isinstance(found, FunctionType) and place < len(parameters):
            self.read(found, parameters[place], sure=sure)
        else:
            self.complete = False


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """(part, whether it is run whenever the whole is)."""
    always = _ALWAYS.get(type(node))
    for name, value in ast.iter_fields(node):
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                first = place == 0 if isinstance(node, ast.BoolOp) else True
                yield child, first and always in (None, name)


def _is(node: ast.AST, parameter: str) -> bool:
    return isinstance(node, ast.Name) and node.id == parameter
