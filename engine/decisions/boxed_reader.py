"""Reads boxed expressions: literal ones, tables, contexts, invocations, lists, relations, functions, loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from engine.decisions import model as m
from engine.decisions.dmn_xml import (
    all_below,
    first_below,
    local_name,
    read_variable,
    single_blanks,
    text_below,
    text_in,
)
from engine.decisions.errors import DecisionError

_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")


def logic_in(node: Any) -> m.Logic | None:
    """The boxed expression inside an element, or None."""
    for child in node:
        read_logic = _LOGIC.get(local_name(child))
        if read_logic is not None:
            return _typed(read_logic(child), child)
    return None


def _expressions(node: Any) -> tuple[m.Logic, ...]:
    """Every boxed expression inside an element."""
    return tuple(_typed(_LOGIC[local_name(child)](child), child) for child in node if local_name(child) in _LOGIC)


def _typed(logic: m.Logic, node: Any) -> m.Logic:
    return replace(logic, type_name=node.get("typeRef")) if node.get("typeRef") else logic


def _logic_below(node: Any, name: str) -> m.Logic:
    child = first_below(node, name)
    return _wanted(child if child is not None else node)


def _wanted(node: Any) -> m.Logic:
    """The boxed expression inside an element; an element without one means null."""
    logic = logic_in(node)
    return m.Literal(node.get("id"), "null") if logic is None else logic


def _literal(node: Any) -> m.Literal:
    language = node.get("expressionLanguage")
    if language and "feel" not in language.lower():
        raise DecisionError("language", element_id=node.get("id"), language=language)
    return m.Literal(node.get("id"), text_in(first_below(node, "text")))


def _table(node: Any) -> m.Table:
    element_id = node.get("id")
    policy = node.get("hitPolicy", "UNIQUE")
    if policy not in _POLICIES:
        raise DecisionError("hit_policy", element_id=element_id, policy=policy)
    inputs = tuple(_input(child) for child in all_below(node, "input"))
    outputs = tuple(_output(child) for child in all_below(node, "output"))
    rules = tuple(_rule(child) for child in all_below(node, "rule"))
    if not outputs:
        raise DecisionError("no_output", element_id=element_id)
    for rule in rules:
        for cells, columns in ((len(rule.inputs), len(inputs)), (len(rule.outputs), len(outputs))):
            if cells != columns:
                raise DecisionError("cells", element_id=rule.id or element_id, found=cells, expected=columns)
    names = [output.name for output in outputs]
    if len(outputs) > 1 and (None in names or len(set(names)) < len(names)):
        raise DecisionError("output_names", element_id=element_id)
    aggregation = node.get("aggregation")
    if aggregation and len(outputs) > 1:
        raise DecisionError("aggregation", element_id=element_id, aggregation=aggregation)
    return m.Table(
        element_id,
        cast("m.HitPolicy", policy),
        cast("m.Aggregation | None", aggregation if policy == "COLLECT" else None),
        inputs,
        outputs,
        rules,
    )


def _input(node: Any) -> m.Input:
    expression = first_below(node, "inputExpression")
    if expression is None:
        raise DecisionError("unsupported", element_id=node.get("id"), what="An input without expression")
    literal = _literal(expression)
    return m.Input(
        node.get("id"),
        node.get("label") or literal.text,
        literal,
        expression.get("typeRef"),
        text_below(node, "inputValues"),
    )


def _output(node: Any) -> m.Output:
    default = first_below(node, "defaultOutputEntry")
    return m.Output(
        node.get("id"),
        single_blanks(node.get("name", "")) or None,
        node.get("label") or node.get("name", ""),
        node.get("typeRef"),
        text_below(node, "outputValues"),
        None if default is None else _literal(default),
    )


def _rule(node: Any) -> m.Rule:
    return m.Rule(
        node.get("id"),
        tuple(_literal(child) for child in all_below(node, "inputEntry")),
        tuple(_literal(child) for child in all_below(node, "outputEntry")),
        text_in(first_below(node, "description")) or (text_below(node, "annotationEntry") or ""),
    )


def _context(node: Any) -> m.Context:
    entries = []
    for child in all_below(node, "contextEntry"):
        variable = first_below(child, "variable")
        entries.append(m.ContextEntry(None if variable is None else read_variable(variable), _wanted(child)))
    return m.Context(node.get("id"), tuple(entries))


def _invocation(node: Any) -> m.Invocation:
    bindings = []
    for child in all_below(node, "binding"):
        parameter = first_below(child, "parameter")
        if parameter is not None:
            bindings.append((read_variable(parameter), _wanted(child)))
    return m.Invocation(node.get("id"), _wanted(node), tuple(bindings))


def _list(node: Any) -> m.BoxedList:
    return m.BoxedList(node.get("id"), _expressions(node))


def _relation(node: Any) -> m.Relation:
    columns = tuple(single_blanks(child.get("name", "")) for child in all_below(node, "column"))
    rows = tuple(_expressions(row) for row in all_below(node, "row"))
    for row in rows:
        if len(row) != len(columns):
            raise DecisionError("cells", element_id=node.get("id"), found=len(row), expected=len(columns))
    return m.Relation(node.get("id"), columns, rows)


def read_function(node: Any) -> m.FunctionLogic:
    parameters = tuple(read_variable(child) for child in all_below(node, "formalParameter"))
    return m.FunctionLogic(node.get("id"), parameters, logic_in(node) if node.get("kind", "FEEL") == "FEEL" else None)


def _conditional(node: Any) -> m.Conditional:
    return m.Conditional(
        node.get("id"), _logic_below(node, "if"), _logic_below(node, "then"), _logic_below(node, "else")
    )


def _loop(node: Any) -> m.Loop:
    kind = cast("Any", local_name(node))
    return m.Loop(
        node.get("id"),
        kind,
        single_blanks(node.get("iteratorVariable", "")),
        _logic_below(node, "in"),
        _logic_below(node, "return" if kind == "for" else "satisfies"),
    )


def _filter(node: Any) -> m.BoxedFilter:
    return m.BoxedFilter(node.get("id"), _logic_below(node, "in"), _logic_below(node, "match"))


_LOGIC: dict[str, Callable[[Any], m.Logic]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": read_function,
    "conditional": _conditional,
    "for": _loop,
    "some": _loop,
    "every": _loop,
    "filter": _filter,
}
