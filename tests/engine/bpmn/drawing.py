"""Draws small BPMN models from lines of text, for tests.

    userTask a                          an element: kind, id, then key=value
    boundaryEvent t on=a timer=PT1H interrupting=false
    subProcess s                        or transaction, adHocSubProcess: what follows up to `end s` stands in it
    a -> b                              a flow, id `a_b`
    g -> b if =x > 1                    with a condition
    g -> b default                      the default flow of its source

Keys: topic, decision, script, result, called, parent_vars, child_vars, in, out (`source to target; …`), each, item,
collect, value, sequential, until, timer, date, cycle, message, key, signal, error, escalation, link, condition,
terminate, cancel, compensate (1 or an activity), by (what undoes), undoes, on, interrupting, triggered, times (a number
of instances), while, before, most (a standard loop). A value with blanks stands in double quotes.
"""

from __future__ import annotations

import shlex
from xml.sax.saxutils import quoteattr

from engine.definitions import Process, read_model

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'targetNamespace="test" id="definitions">'
)


NESTED = ("subProcess", "transaction", "adHocSubProcess")


def draw(process_id: str, text: str) -> bytes:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip() and not line.strip().startswith("#")]
    roots: dict[str, str] = {}
    defaults = {line.split()[0]: _flow_id(line) for line in lines if " -> " in line and line.endswith(" default")}
    nested = {line.split()[1]: line.split()[0] for line in lines if line.split()[0] in NESTED}
    body = "".join(_line(line, roots, defaults, nested) for line in lines)
    return (
        f'<?xml version="1.0"?>{HEAD}{"".join(roots.values())}'
        f'<process id="{process_id}" isExecutable="true">{body}</process></definitions>'
    ).encode()


def processes(*, edit: tuple[str, str] | None = None, **texts: str) -> dict[str, Process]:
    """Processes by id, as the reader understands them; `edit`: a replacement in the file of the first."""
    found: dict[str, Process] = {}
    for process_id, text in texts.items():
        data = edited(draw(process_id, text), None if found else edit)
        found.update(read_model(f"bpmn/{process_id}.bpmn", data).processes)
    return found


def edited(data: bytes, edit: tuple[str, str] | None) -> bytes:
    if edit is None:
        return data
    before, after = (text.encode() for text in edit)
    assert before in data, f"nothing to replace: {edit[0]}"
    return data.replace(before, after)


def _flow_id(line: str) -> str:
    source, _, target = line.split()[:3]
    return f"{source}_{target}"


def _line(line: str, roots: dict[str, str], defaults: dict[str, str], nested: dict[str, str]) -> str:
    if " -> " in line:
        source, _, target = line.split()[:3]
        _, _, condition = line.partition(" if ")
        inside = f'<conditionExpression xsi:type="tFormalExpression">{_text(condition)}</conditionExpression>'
        return (
            f'<sequenceFlow id="{_flow_id(line)}" sourceRef="{source}" targetRef="{target}">'
            f"{inside if condition else ''}</sequenceFlow>"
        )
    kind, id, *rest = shlex.split(line)
    if kind == "end":
        return f"</{nested[id]}>"
    facts = dict(part.split("=", 1) for part in rest)
    attributes = f' id="{id}"'
    if id in defaults:
        attributes += f' default="{defaults[id]}"'
    if "on" in facts:
        attributes += f' attachedToRef="{facts["on"]}" cancelActivity="{facts.get("interrupting", "true")}"'
    if kind == "receiveTask" or (kind == "sendTask" and "message" in facts):
        attributes += f' messageRef="message_{id}"'
    inside = _extensions(facts) + _event(kind, id, facts, roots) + _loop(facts)
    if kind == "startEvent" and "interrupting" in facts:
        attributes += f' isInterrupting="{facts["interrupting"]}"'
    if "undoes" in facts:
        attributes += ' isForCompensation="true"'
    if "triggered" in facts:
        attributes += ' triggeredByEvent="true"'
    if kind in NESTED:
        return f"<{kind}{attributes}>{inside}"
    undone = f'<association id="{id}_by" sourceRef="{id}" targetRef="{facts["by"]}"/>' if "by" in facts else ""
    return f"<{kind}{attributes}>{inside}</{kind}>{undone}"


def _extensions(facts: dict[str, str]) -> str:
    parts = []
    if "topic" in facts:
        parts.append(f'<zeebe:taskDefinition type="{facts["topic"]}"/>')
    if "decision" in facts:
        parts.append(f'<zeebe:calledDecision decisionId="{facts["decision"]}" resultVariable="{facts["result"]}"/>')
    if "script" in facts:
        result = f' resultVariable="{facts["result"]}"' if "result" in facts else ""
        parts.append(f"<zeebe:script expression={quoteattr(facts['script'])}{result}/>")
    if "called" in facts:
        parts.append(
            f'<zeebe:calledElement processId="{facts["called"]}" '
            f'propagateAllParentVariables="{facts.get("parent_vars", "true")}" '
            f'propagateAllChildVariables="{facts.get("child_vars", "true")}"/>'
        )
    mappings = [
        f"<zeebe:{tag}put source={quoteattr(source)} target={quoteattr(target)}/>"
        for tag in ("in", "out")
        for source, _, target in (part.strip().rpartition(" to ") for part in facts.get(tag, "").split(";") if part)
    ]
    if mappings:
        parts.append(f"<zeebe:ioMapping>{''.join(mappings)}</zeebe:ioMapping>")
    return f"<extensionElements>{''.join(parts)}</extensionElements>" if parts else ""


def _loop(facts: dict[str, str]) -> str:
    if facts.keys() & {"while", "most"}:
        condition = f"<loopCondition>{_text(facts['while'])}</loopCondition>" if "while" in facts else ""
        most = f' loopMaximum="{facts["most"]}"' if "most" in facts else ""
        before = facts.get("before", "false")
        return f'<standardLoopCharacteristics testBefore="{before}"{most}>{condition}</standardLoopCharacteristics>'
    if not facts.keys() & {"each", "times"}:
        return ""
    names = {"each": "inputCollection", "item": "inputElement", "collect": "outputCollection", "value": "outputElement"}
    attributes = " ".join(f"{name}={quoteattr(facts[key])}" for key, name in names.items() if key in facts)
    times = f"<loopCardinality>{_text(facts['times'])}</loopCardinality>" if "times" in facts else ""
    until = f"<completionCondition>{_text(facts['until'])}</completionCondition>" if "until" in facts else ""
    inside = f"<extensionElements><zeebe:loopCharacteristics {attributes}/></extensionElements>{times}{until}"
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{facts.get("sequential", "false")}">'
        f"{inside}</multiInstanceLoopCharacteristics>"
    )


def _event(kind: str, id: str, facts: dict[str, str], roots: dict[str, str]) -> str:
    timers = {"timer": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}
    for key, tag in timers.items():
        if key in facts:
            return f"<timerEventDefinition><{tag}>{_text(facts[key])}</{tag}></timerEventDefinition>"
    if "message" in facts:
        key = f"<zeebe:subscription correlationKey={quoteattr(facts['key'])}/>" if "key" in facts else ""
        extension = f"<extensionElements>{key}</extensionElements>" if key else ""
        roots[f"m{id}"] = f'<message id="message_{id}" name={quoteattr(facts["message"])}>{extension}</message>'
        return "" if kind in ("receiveTask", "sendTask") else f'<messageEventDefinition messageRef="message_{id}"/>'
    for name in ("error", "escalation"):
        if name in facts:
            if not facts[name]:
                return f"<{name}EventDefinition/>"
            roots[name + id] = f'<{name} id="{name}_{id}" {name}Code="{facts[name]}"/>'
            return f'<{name}EventDefinition {name}Ref="{name}_{id}"/>'
    if "signal" in facts:
        roots[f"s{id}"] = f'<signal id="signal_{id}" name={quoteattr(facts["signal"])}/>'
        return f'<signalEventDefinition signalRef="signal_{id}"/>'
    if "link" in facts:
        return f'<linkEventDefinition name="{facts["link"]}"/>'
    if "condition" in facts:
        condition = f"<condition>{_text(facts['condition'])}</condition>"
        return f"<conditionalEventDefinition>{condition}</conditionalEventDefinition>"
    if "compensate" in facts:
        activity = "" if facts["compensate"] == "1" else f' activityRef="{facts["compensate"]}"'
        return f"<compensateEventDefinition{activity}/>"
    for name in ("terminate", "cancel"):
        if name in facts:
            return f"<{name}EventDefinition/>"
    return ""


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;")
