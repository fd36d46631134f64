"""Reads DMN files of versions 1.2 to 1.5 into `model.py`. What is not understood is an error with its element, never
skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from engine.decisions import model as m
from engine.decisions.errors import DecisionError
from engine.definitions import safe_xml
from engine.errors import ModelError

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)
_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")


def read(data: bytes) -> m.Definitions:
    """One DMN file. Raises DecisionError."""
    try:
        root = safe_xml.parse("", data)
    except ModelError as refused:
        raise DecisionError("xml", problem=refused.findings[0].message) from None
    if _name(root) != "definitions":
        raise DecisionError("namespace", root=str(root.tag))
    return _definitions(root)


def _definitions(root: Any) -> m.Definitions:
    elements: dict[str, m.Element] = {}
    readers: dict[str, Callable[[Any], m.Element]] = {
        "decision": _decision,
        "inputData": _input_data,
        "businessKnowledgeModel": _knowledge_model,
        "decisionService": _service,
    }
    for node in root:
        read_element = readers.get(_name(node))
        if read_element is None:
            continue
        element = read_element(node)
        if element.id in elements:
            raise DecisionError("duplicate_id", element_id=element.id, id=element.id)
        elements[element.id] = element
    return m.Definitions(
        root.get("namespace", ""),
        root.get("name", ""),
        {node.get("name", ""): node.get("namespace", "") for node in _children(root, "import")},
        tuple(_item_definition(node) for node in _children(root, "itemDefinition")),
        elements,
    )


# nodes of the diagram


def _common(node: Any) -> tuple[str, str, m.Variable, str]:
    name = node.get("name") or node.get("id") or ""
    variable = _child(node, "variable")
    type_name = variable.get("typeRef") if variable is not None else None
    variable_name = (variable.get("name") if variable is not None else None) or name
    return (
        node.get("id") or name,
        name,
        m.Variable(_blanks(variable_name), type_name),
        _text(_child(node, "description")),
    )


def _decision(node: Any) -> m.Decision:
    return m.Decision(*_common(node), _logic_in(node), _requirements(node))


def _input_data(node: Any) -> m.InputData:
    return m.InputData(*_common(node))


def _knowledge_model(node: Any) -> m.KnowledgeModel:
    logic = _child(node, "encapsulatedLogic")
    return m.KnowledgeModel(*_common(node), None if logic is None else _function(logic), _requirements(node))


def _service(node: Any) -> m.DecisionService:
    return m.DecisionService(
        *_common(node),
        _references(node, "outputDecision"),
        _references(node, "inputDecision"),
        _references(node, "inputData"),
    )


def _references(node: Any, name: str) -> tuple[str, ...]:
    return tuple(child.get("href", "") for child in _children(node, name))


def _requirements(node: Any) -> m.Requirements:
    found: dict[str, list[str]] = {"requiredInput": [], "requiredDecision": [], "requiredKnowledge": []}
    for requirement in (*_children(node, "informationRequirement"), *_children(node, "knowledgeRequirement")):
        for child in requirement:
            if _name(child) in found:
                found[_name(child)].append(child.get("href", ""))
    return m.Requirements(
        tuple(found["requiredInput"]), tuple(found["requiredDecision"]), tuple(found["requiredKnowledge"])
    )


def _item_definition(node: Any) -> m.ItemDefinition:
    function = _child(node, "functionItem")
    parameters = None if function is None else tuple(_variable(child) for child in _children(function, "parameters"))
    return m.ItemDefinition(
        _blanks(node.get("name", "")),
        _text(_child(node, "typeRef")) or None,
        node.get("isCollection") == "true",
        _text_below(node, "allowedValues"),
        _text_below(node, "typeConstraint"),
        tuple(_item_definition(child) for child in _children(node, "itemComponent")),
        parameters,
        None if function is None else function.get("outputTypeRef"),
    )


# boxed expressions


def _logic_in(node: Any) -> m.Logic | None:
    """The boxed expression inside an element, or None."""
    for child in node:
        read_logic = _LOGIC.get(_name(child))
        if read_logic is not None:
            return _typed(read_logic(child), child)
    return None


def _typed(logic: m.Logic, node: Any) -> m.Logic:
    return replace(logic, type_name=node.get("typeRef")) if node.get("typeRef") else logic


def _logic_below(node: Any, name: str) -> m.Logic:
    child = _child(node, name)
    return _wanted(child if child is not None else node)


def _wanted(node: Any) -> m.Logic:
    """The boxed expression inside an element; an element without one means null."""
    logic = _logic_in(node)
    return m.Literal(node.get("id"), "null") if logic is None else logic


def _literal(node: Any) -> m.Literal:
    language = node.get("expressionLanguage")
    if language and "feel" not in language.lower():
        raise DecisionError("language", element_id=node.get("id"), language=language)
    return m.Literal(node.get("id"), _text(_child(node, "text")))


def _table(node: Any) -> m.Table:
    element_id = node.get("id")
    policy = node.get("hitPolicy", "UNIQUE")
    if policy not in _POLICIES:
        raise DecisionError("hit_policy", element_id=element_id, policy=policy)
    inputs = tuple(_input(child) for child in _children(node, "input"))
    outputs = tuple(_output(child) for child in _children(node, "output"))
    rules = tuple(_rule(child) for child in _children(node, "rule"))
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
    expression = _child(node, "inputExpression")
    if expression is None:
        raise DecisionError("unsupported", element_id=node.get("id"), what="An input without expression")
    literal = _literal(expression)
    return m.Input(
        node.get("id"),
        node.get("label") or literal.text,
        literal,
        expression.get("typeRef"),
        _text_below(node, "inputValues"),
    )


def _output(node: Any) -> m.Output:
    default = _child(node, "defaultOutputEntry")
    return m.Output(
        node.get("id"),
        _blanks(node.get("name", "")) or None,
        node.get("label") or node.get("name", ""),
        node.get("typeRef"),
        _text_below(node, "outputValues"),
        None if default is None else _literal(default),
    )


def _rule(node: Any) -> m.Rule:
    return m.Rule(
        node.get("id"),
        tuple(_literal(child) for child in _children(node, "inputEntry")),
        tuple(_literal(child) for child in _children(node, "outputEntry")),
        _text(_child(node, "description")) or (_text_below(node, "annotationEntry") or ""),
    )


def _context(node: Any) -> m.Context:
    entries = []
    for child in _children(node, "contextEntry"):
        variable = _child(child, "variable")
        entries.append(m.ContextEntry(None if variable is None else _variable(variable), _wanted(child)))
    return m.Context(node.get("id"), tuple(entries))


def _invocation(node: Any) -> m.Invocation:
    bindings = []
    for child in _children(node, "binding"):
        parameter = _child(child, "parameter")
        if parameter is not None:
            bindings.append((_variable(parameter), _wanted(child)))
    return m.Invocation(node.get("id"), _wanted(node), tuple(bindings))


def _list(node: Any) -> m.BoxedList:
    items = [_typed(_LOGIC[_name(child)](child), child) for child in node if _name(child) in _LOGIC]
    return m.BoxedList(node.get("id"), tuple(items))


def _relation(node: Any) -> m.Relation:
    columns = tuple(_blanks(child.get("name", "")) for child in _children(node, "column"))
    rows = tuple(
        tuple(_LOGIC[_name(cell)](cell) for cell in row if _name(cell) in _LOGIC) for row in _children(node, "row")
    )
    for row in rows:
        if len(row) != len(columns):
            raise DecisionError("cells", element_id=node.get("id"), found=len(row), expected=len(columns))
    return m.Relation(node.get("id"), columns, rows)


def _function(node: Any) -> m.FunctionLogic:
    parameters = tuple(_variable(child) for child in _children(node, "formalParameter"))
    return m.FunctionLogic(node.get("id"), parameters, _logic_in(node) if node.get("kind", "FEEL") == "FEEL" else None)


def _conditional(node: Any) -> m.Conditional:
    return m.Conditional(
        node.get("id"), _logic_below(node, "if"), _logic_below(node, "then"), _logic_below(node, "else")
    )


def _loop(node: Any) -> m.Loop:
    kind = cast("Any", _name(node))
    return m.Loop(
        node.get("id"),
        kind,
        _blanks(node.get("iteratorVariable", "")),
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
    "functionDefinition": _function,
    "conditional": _conditional,
    "for": _loop,
    "some": _loop,
    "every": _loop,
    "filter": _filter,
}


# XML


def _name(node: Any) -> str:
    """Local name of a DMN element, "" for elements of others."""
    namespace, _, name = node.tag[1:].rpartition("}")
    return name if namespace in NAMESPACES else ""


def _children(node: Any, name: str) -> list[Any]:
    return [child for child in node if _name(child) == name]


def _child(node: Any, name: str) -> Any | None:
    return next((child for child in node if _name(child) == name), None)


def _text(node: Any | None) -> str:
    return "" if node is None else "".join(node.itertext()).strip()


def _text_below(node: Any, name: str) -> str | None:
    """The text of `name/text`, or None."""
    child = _child(node, name)
    return None if child is None else _text(_child(child, "text")) or None


def _blanks(name: str) -> str:
    """A name with single blanks, as DMN compares names."""
    return " ".join(name.split())


def _variable(node: Any) -> m.Variable:
    return m.Variable(_blanks(node.get("name", "")), node.get("typeRef"))
