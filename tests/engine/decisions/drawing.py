"""Writes DMN files for tests: a table in a few lines."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(*content: str, namespace: str = NAMESPACE) -> bytes:
    inside = "".join(content)
    return f'<definitions xmlns="{namespace}" id="d" name="d" namespace="urn:prueba">{inside}</definitions>'.encode()


def text(name: str, value: str, **attributes: str) -> str:
    written = "".join(f" {key}={quoteattr(content)}" for key, content in attributes.items())
    return f"<{name}{written}><text>{escape(value)}</text></{name}>"


def table(
    policy: str,
    inputs: list[str],
    outputs: list[str],
    *rules: list[str],
    aggregation: str = "",
    defaults: list[str] | None = None,
    values: dict[str, str] | None = None,
) -> str:
    """A table. `inputs`: `expression` or `expression: type`; `outputs`: `name` or `name: type`; `values`: values of an
    input or output by its name."""
    values = values or {}
    parts = []
    for column in inputs:
        expression, _, kind = column.partition(": ")
        allowed = text("inputValues", values[expression]) if expression in values else ""
        type_ref = {"typeRef": kind} if kind else {}
        parts.append(f'<input id="en_{expression}">{text("inputExpression", expression, **type_ref)}{allowed}</input>')
    for place, column in enumerate(outputs):
        name, _, kind = column.partition(": ")
        allowed = text("outputValues", values[name]) if name in values else ""
        default = text("defaultOutputEntry", defaults[place]) if defaults else ""
        type_ref = f' typeRef="{kind}"' if kind else ""
        parts.append(f'<output id="sal_{name}" name="{name}"{type_ref}>{allowed}{default}</output>')
    for number, cells in enumerate(rules, 1):
        entries = "".join(
            text("inputEntry" if place < len(inputs) else "outputEntry", cell, id=f"r{number}_{place + 1}")
            for place, cell in enumerate(cells)
        )
        parts.append(f'<rule id="r{number}">{entries}</rule>')
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="tabla" hitPolicy="{policy}"{extra}>{"".join(parts)}</decisionTable>'


def decision(logic: str, *, id: str = "decision", requires: str = "", type: str = "") -> str:
    variable = f'<variable name="{id}" typeRef="{type}"/>' if type else ""
    return f'<decision id="{id}" name="{id}">{variable}{requires}{logic}</decision>'


def literal(source: str, **attributes: str) -> str:
    return text("literalExpression", source, **attributes)


def requires(*ids: str, kind: str = "Decision") -> str:
    outer = "knowledgeRequirement" if kind == "Knowledge" else "informationRequirement"
    return "".join(f'<{outer}><required{kind} href="#{id}"/></{outer}>' for id in ids)
