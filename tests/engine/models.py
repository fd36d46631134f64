"""Writes small models for tests: `model("pedido", task(...), flows="inicio > revisar > fin")`."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  id="definitions" targetNamespace="http://example.org/{key}">"""


def _extensions(*parts: str) -> str:
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>" if any(parts) else ""


def _attributes(name: str, **attributes: str | None) -> str:
    given = " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    return f"<zeebe:{name} {given}/>" if given else ""


def user_task(
    id: str,
    *,
    groups: str | None = "ventas",
    assignee: str | None = None,
    due: str | None = None,
    priority: str | None = None,
    form: str | None = None,
    handler: str | None = None,
    name: str = "",
) -> str:
    headers = f'<zeebe:taskHeaders><zeebe:header key="handler" value="{handler}"/></zeebe:taskHeaders>'
    inner = _extensions(
        "<zeebe:userTask/>",
        _attributes("assignmentDefinition", assignee=assignee, candidateGroups=groups),
        _attributes("taskSchedule", dueDate=due),
        _attributes("priorityDefinition", priority=priority),
        _attributes("formDefinition", formId=form),
        headers if handler else "",
    )
    return f'<bpmn:userTask id="{id}" name={quoteattr(name or id)}>{inner}</bpmn:userTask>'


def service_task(id: str, topic: str, *, retries: str | None = None, inputs: dict[str, str] | None = None) -> str:
    mappings = "".join(_attributes("input", source=source, target=name) for name, source in (inputs or {}).items())
    inner = _extensions(
        _attributes("taskDefinition", type=topic, retries=retries),
        f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else "",
    )
    return f'<bpmn:serviceTask id="{id}" name="{id}">{inner}</bpmn:serviceTask>'


def _timer(text: str, kind: str) -> str:
    inner = f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
    return f"<bpmn:timerEventDefinition>{inner}</bpmn:timerEventDefinition>"


def timer(id: str, text: str, kind: str = "timeDuration") -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}" name="{id}">{_timer(text, kind)}</bpmn:intermediateCatchEvent>'


def boundary(
    id: str,
    on: str,
    *,
    timer: str | None = None,
    kind: str = "timeDuration",
    error: str | None = None,
    interrupting: bool = True,
    outputs: dict[str, str] | None = None,
) -> str:
    mappings = "".join(_attributes("output", source=source, target=name) for name, source in (outputs or {}).items())
    inner = _extensions(f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else "")
    event = _timer(timer, kind) if timer else f'<bpmn:errorEventDefinition errorRef="{error}"/>'
    cancel = "" if interrupting else ' cancelActivity="false"'
    return f'<bpmn:boundaryEvent id="{id}" name="{id}" attachedToRef="{on}"{cancel}>{inner}{event}</bpmn:boundaryEvent>'


def message(id: str) -> str:
    event = f'<bpmn:messageEventDefinition messageRef="m_{id}"/>'
    return f'<bpmn:intermediateCatchEvent id="{id}" name="{id}">{event}</bpmn:intermediateCatchEvent>'


def message_start(id: str, message: str) -> str:
    event = f'<bpmn:messageEventDefinition messageRef="m_{message}"/>'
    return f'<bpmn:startEvent id="{id}" name="{id}">{event}</bpmn:startEvent>'


def throw(id: str, message: str, inputs: dict[str, str] | None = None) -> str:
    mappings = "".join(_attributes("input", source=source, target=name) for name, source in (inputs or {}).items())
    inner = _extensions(f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else "")
    event = f'<bpmn:messageEventDefinition messageRef="m_{message}"/>'
    return f'<bpmn:intermediateThrowEvent id="{id}" name="{id}">{inner}{event}</bpmn:intermediateThrowEvent>'


def parallel(*ids: str) -> str:
    return "".join(f'<bpmn:parallelGateway id="{id}" name="{id}"/>' for id in ids)


def exclusive(id: str, default: str) -> str:
    return f'<bpmn:exclusiveGateway id="{id}" name="{id}" default="{default}"/>'


def script(id: str, expression: str, result: str) -> str:
    inner = _extensions(_attributes("script", expression=expression, resultVariable=result))
    return f'<bpmn:scriptTask id="{id}" name="{id}">{inner}</bpmn:scriptTask>'


def call(id: str, process: str) -> str:
    called = f'<zeebe:calledElement processId="{process}" propagateAllChildVariables="true"/>'
    return f'<bpmn:callActivity id="{id}" name="{id}">{_extensions(called)}</bpmn:callActivity>'


def model(
    key: str,
    *elements: str,
    flows: str,
    conditions: dict[str, str] | None = None,
    messages: dict[str, str | None] | None = None,
    errors: dict[str, str] | None = None,
    start: str = "inicio",
) -> bytes:
    """`flows`: chains like `inicio > a > fin`, one a line; a flow's id is `source_target`. What is no element is a
    start event if its name begins with `inicio`, else an end event. `messages`: id → correlation key."""
    found: list[tuple[str, str]] = []
    for line in flows.strip().splitlines():
        names = [name.strip() for name in line.split(">")]
        found += list(zip(names, names[1:], strict=False))
    text = "".join(elements)
    plain = []
    for name in dict.fromkeys(name for pair in found for name in pair):
        if f'id="{name}"' not in text:
            kind = "startEvent" if name.startswith("inicio") else "endEvent"
            plain.append(f'<bpmn:{kind} id="{name}" name="{name}"/>')
    lines = []
    for source, target in found:
        id = f"{source}_{target}"
        condition = (conditions or {}).get(id)
        inner = ""
        if condition:
            inner = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
            inner += f"{escape(condition)}</bpmn:conditionExpression>"
        lines.append(
            f'<bpmn:sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
    roots = []
    for id, correlation in (messages or {}).items():
        inner = _extensions(_attributes("subscription", correlationKey=correlation))
        roots.append(f'<bpmn:message id="m_{id}" name="{id}">{inner}</bpmn:message>')
    for id, code in (errors or {}).items():
        roots.append(f'<bpmn:error id="{id}" name="{id}" errorCode="{code}"/>')
    body = text + "".join(plain) + "".join(lines)
    return (
        f'{_HEAD.format(key=key)}<bpmn:process id="{key}" name="{key}" isExecutable="true">{body}</bpmn:process>'
        f"{''.join(roots)}</bpmn:definitions>"
    ).encode()
