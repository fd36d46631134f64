"""Function calls and definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from engine.feel import nodes as n
from engine.feel.errors import FeelError
from engine.feel.lexer import syntax_error
from engine.feel.run import ABSENT, MISSING, Code, Run, Scope, find
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.types import coerced
from engine.feel.values import Function, admitted
from engine.handler import FeelFunction
from engine.values import Value

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler, Part


_MOMENTS: dict[str, Callable[[str], Value]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}
_FIRM_STEPS = 500
"""Charged for each call of a function of the firm: it may ask the database."""


def call(compiler: Compiler, node: n.Call) -> Part:
    name = node.function.name if isinstance(node.function, n.Name) else None
    if name is not None and not compiler.hides(name):
        if name == "is defined" and len(node.arguments) == 1:
            return _is_defined(compiler, node.arguments[0])
        known = compiler.builtins.get(name)
        if known is None:
            compiler.called.add(name)
            known = compiler.functions.get(name)
        if known is not None:
            return _known_call(compiler, node, known)
        return _unknown_call(compiler, node, name)
    function = compiler.part(node.function)
    function_of = function.code
    arguments, parts = _arguments(compiler, node)
    # A variable may have the name of a function; as long as it holds none, the function is meant.
    hidden = None if name is None else compiler.builtins.get(name) or compiler.functions.get(name)

    def code(scope: Scope) -> Value:
        value = function_of(scope)
        if type(value) is not Function:
            if hidden is None:
                return None
            value = hidden
        return invoke(scope.run, value, [argument(scope) for argument in arguments], node.names)

    return compiler.made(code, function, *parts, cost=2)


def _arguments(compiler: Compiler, node: n.Call) -> tuple[tuple[Code, ...], list[Part]]:
    parts = [_argument(compiler, argument) for argument in node.arguments]
    return tuple(part.code for part in parts), parts


def _argument(compiler: Compiler, node: n.Node) -> Part:
    """An argument; the bare name of a built-in or firm function is that function, unless a variable has the name."""
    new = isinstance(node, n.Name) and node.name not in compiler.names
    part = compiler.part(node)
    if not isinstance(node, n.Name) or compiler.hides(node.name):
        return part
    name = node.name
    function = compiler.builtins.get(name) or compiler.functions.get(name)
    if function is None:
        return part
    if new:
        compiler.names.discard(name)
    value_of = part.code

    def code(scope: Scope) -> Value:
        value = value_of(scope)
        return function if value is None and find(scope, name) is MISSING else value

    return compiler.made(code, part)


def _known_call(compiler: Compiler, node: n.Call, function: Function) -> Part:
    """A call whose function is certain when the text is read: its arguments are put in order once."""
    arguments, parts = _arguments(compiler, node)
    places = placed(function, list(arguments), node.names)
    if places is None:
        takes = ", ".join(function.parameters)
        raise syntax_error(compiler.source, node.position, "arguments", name=function.name, parameters=takes)
    _note_unknown_texts(compiler, node, function)
    constant = _moment(compiler, node, function)
    if constant is not None:
        return compiler.made(lambda scope: constant)
    run_function = function.call
    if function.variadic:

        def spread(scope: Scope) -> Value:
            values = [place if place is ABSENT else place(scope) for place in places[:-1]]
            values.append([argument(scope) for argument in places[-1]])
            return run_function(scope.run, values)

        return compiler.made(spread, *parts, cost=2)
    if ABSENT not in places:
        return compiler.made(lambda scope: run_function(scope.run, [place(scope) for place in places]), *parts, cost=2)
    return compiler.made(
        lambda scope: run_function(scope.run, [place if place is ABSENT else place(scope) for place in places]),
        *parts,
        cost=2,
    )


def _note_unknown_texts(compiler: Compiler, node: n.Call, function: Function) -> None:
    """Texts written out where the function takes certain texts only (`FeelFunction.known`)."""
    names = node.names or function.parameters
    for parameter, argument in zip(names, node.arguments, strict=False):
        taken = function.known.get(parameter)
        if taken is None or not isinstance(argument, n.Literal) or type(argument.value) is not str:
            continue
        if argument.value not in taken:
            compiler.strange.append((function.name, argument.value))


def _moment(compiler: Compiler, node: n.Call, function: Function) -> Value:
    """The value of `date("2026-11-24")` and the like, which never changes; one that means nothing is refused."""
    parse = _MOMENTS.get(function.name)
    if parse is None or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if not isinstance(argument, n.Literal) or type(argument.value) is not str:
        return None
    value = parse(argument.value)
    if value is None:
        raise syntax_error(compiler.source, node.position, "temporal", text=argument.value[:80])
    return value


def _unknown_call(compiler: Compiler, node: n.Call, name: str) -> Part:
    """A name that is no function now may be a variable that holds one."""
    arguments, parts = _arguments(compiler, node)
    function = compiler.part(node.function)
    function_of = function.code
    compiler.names.discard(name)

    def code(scope: Scope) -> Value:
        value = function_of(scope)
        if value is None:
            raise FeelError("unknown_function", name=name)
        values = [argument(scope) for argument in arguments]
        return invoke(scope.run, value, values, node.names) if type(value) is Function else None

    return compiler.made(code, function, *parts, cost=2)


def _is_defined(compiler: Compiler, node: n.Node) -> Part:
    """`is defined(x)`: whether the name or entry is there at all, even if null."""
    part = compiler.part(node)
    if isinstance(node, n.Name):
        name = node.name
        return compiler.made(lambda scope: find(scope, name) is not MISSING, part)
    if isinstance(node, n.Path):
        source, entry = compiler.part(node.source), node.name
        source_of, value_of = source.code, part.code

        def code(scope: Scope) -> Value:
            value = source_of(scope)
            return entry in value if type(value) is dict else value_of(scope) is not None

        return compiler.made(code, source, part)
    value_of = part.code
    return compiler.made(lambda scope: value_of(scope) is not None, part)


def placed(function: Function, arguments: list[Any], names: tuple[str, ...]) -> list[Any] | None:
    """The arguments in the order of the parameters, ABSENT where left out; None when they do not fit.

    For a variadic function the last place holds the list of all that is left.
    """
    places = _placed(function, arguments, names)
    while places and function.defaults and places[-1] is ABSENT:
        places.pop()
    return places


def _placed(function: Function, arguments: list[Any], names: tuple[str, ...]) -> list[Any] | None:
    if names:
        return _placed_by_name(function, dict(zip(names, arguments, strict=True)), len(arguments))
    count = len(function.parameters)
    if function.variadic:
        fixed = count - 1
        if len(arguments) < count - function.optional:
            return None
        return [*arguments[:fixed], *[ABSENT] * max(0, fixed - len(arguments)), arguments[fixed:]]
    if not count - function.optional <= len(arguments) <= count:
        return None
    return [*arguments, *[ABSENT] * (count - len(arguments))]


def _placed_by_name(function: Function, given: dict[str, Any], count: int) -> list[Any] | None:
    if len(given) != count:
        return None
    for parameters in (function.parameters, *function.signatures):
        required = len(parameters) - (function.optional if parameters is function.parameters else 0)
        if set(given) <= set(parameters) and all(name in given for name in parameters[:required]):
            places = [given.get(name, ABSENT) for name in parameters]
            if function.variadic:
                last = places[-1]
                places[-1] = [] if last is ABSENT else [last]
            elif len(places) < len(function.parameters):
                places += [ABSENT] * (len(function.parameters) - len(places))
            return places
    return None


def invoke(run: Run, function: Function, arguments: list[Value], names: tuple[str, ...] = ()) -> Value:
    """Call a function value; null when the arguments do not fit."""
    places = placed(function, arguments, names)
    if places is None:
        return None
    return function.call(run, places)


def definition(compiler: Compiler, node: n.FunctionDefinition) -> Part:
    """`function(a, b) body`: a closure over its scope."""
    parameters = tuple(parameter.name for parameter in node.parameters)
    types = tuple(parameter.type for parameter in node.parameters)
    if node.body is None:
        external = Function(parameters, lambda run, values: None)
        return compiler.made(lambda scope: external)
    known = len(compiler.bound)
    compiler.bound.extend(parameters)
    body = compiler.part(node.body)
    del compiler.bound[known:]
    typed = any(types)

    def code(scope: Scope) -> Value:
        def run_body(run: Run, values: list[Value]) -> Value:
            run.charge(body.cost + len(parameters))
            if typed:
                fitting = [coerced(run, value, type_) for value, type_ in zip(values, types, strict=True)]
                if any(new is None and old is not None for new, old in zip(fitting, values, strict=True)):
                    return None
                values = fitting
            run.enter(body.depth + 3)
            # The scope's own run is the one that made the closure; another may call it.
            result = body.code(Scope(run, dict(zip(parameters, values, strict=True)), _for_run(scope, run)))
            run.leave(body.depth + 3)
            return result

        return Function(parameters, run_body, types=types if typed else ())

    # Only the frames of the body's own call count against the definition, not those of the body.
    return type(body)(code, 10, 1)


def _for_run(scope: Scope, run: Run) -> Scope:
    """The scope of a closure under the budget of whoever calls it."""
    if scope.run is run:
        return scope
    return Scope(run, scope.names, None if scope.outer is None else _for_run(scope.outer, run))


def firm_function(declared: FeelFunction) -> Function:
    """A function of the firm as a FEEL function: it gets the run's context, and its result is checked."""

    def run_function(run: Run, values: list[Value]) -> Value:
        run.charge(_FIRM_STEPS)
        try:
            given = [None if value is ABSENT else value for value in values]
            return admitted(declared.function(run.context, *given))
        except EngineError:
            raise
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as problem:
            raise FeelError("function_failed", name=declared.name, problem=str(problem)) from problem

    return Function(
        declared.parameters, run_function, declared.name, declared.optional, defaults=True, known=declared.known
    )
