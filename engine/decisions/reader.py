"""Reads DMN files of versions 1.2 to 1.5 into `model.py`. What is not understood is an error with its element, never
skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.decisions import model as m
from engine.decisions.boxed_reader import logic_in, read_function
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
from engine.definitions import safe_xml
from engine.errors import ModelError


def read(data: bytes) -> m.Definitions:
    """One DMN file. Raises DecisionError."""
    try:
        root = safe_xml.parse("", data)
    except ModelError as refused:
        raise DecisionError("xml", problem=refused.findings[0].message) from None
    if local_name(root) != "definitions":
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
        read_element = readers.get(local_name(node))
        if read_element is None:
            continue
        element = read_element(node)
        if element.id in elements:
            raise DecisionError("duplicate_id", element_id=element.id, id=element.id)
        elements[element.id] = element
    return m.Definitions(
        root.get("namespace", ""),
        root.get("name", ""),
        {node.get("name", ""): node.get("namespace", "") for node in all_below(root, "import")},
        tuple(_item_definition(node) for node in all_below(root, "itemDefinition")),
        elements,
    )


# nodes of the diagram


def _common(node: Any) -> tuple[str, str, m.Variable, str]:
    name = node.get("name") or node.get("id") or ""
    variable = first_below(node, "variable")
    type_name = variable.get("typeRef") if variable is not None else None
    variable_name = (variable.get("name") if variable is not None else None) or name
    return (
        node.get("id") or name,
        name,
        m.Variable(single_blanks(variable_name), type_name),
        text_in(first_below(node, "description")),
    )


def _decision(node: Any) -> m.Decision:
    return m.Decision(*_common(node), logic_in(node), _requirements(node))


def _input_data(node: Any) -> m.InputData:
    return m.InputData(*_common(node))


def _knowledge_model(node: Any) -> m.KnowledgeModel:
    logic = first_below(node, "encapsulatedLogic")
    return m.KnowledgeModel(*_common(node), None if logic is None else read_function(logic), _requirements(node))


def _service(node: Any) -> m.DecisionService:
    return m.DecisionService(
        *_common(node),
        _references(node, "outputDecision"),
        _references(node, "inputDecision"),
        _references(node, "inputData"),
    )


def _references(node: Any, name: str) -> tuple[str, ...]:
    return tuple(child.get("href", "") for child in all_below(node, name))


def _requirements(node: Any) -> m.Requirements:
    found: dict[str, list[str]] = {"requiredInput": [], "requiredDecision": [], "requiredKnowledge": []}
    for requirement in (*all_below(node, "informationRequirement"), *all_below(node, "knowledgeRequirement")):
        for child in requirement:
            if local_name(child) in found:
                found[local_name(child)].append(child.get("href", ""))
    return m.Requirements(
        tuple(found["requiredInput"]), tuple(found["requiredDecision"]), tuple(found["requiredKnowledge"])
    )


def _item_definition(node: Any) -> m.ItemDefinition:
    function = first_below(node, "functionItem")
    parameters = None
    if function is not None:
        parameters = tuple(read_variable(child) for child in all_below(function, "parameters"))
    return m.ItemDefinition(
        single_blanks(node.get("name", "")),
        text_in(first_below(node, "typeRef")) or None,
        node.get("isCollection") == "true",
        text_below(node, "allowedValues"),
        text_below(node, "typeConstraint"),
        tuple(_item_definition(child) for child in all_below(node, "itemComponent")),
        parameters,
        None if function is None else function.get("outputTypeRef"),
    )
