"""Small BPMN files for tests, written as chains of elements."""

import re

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:z="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def file(*bodies: str, roots: str = "", id: str = "p") -> bytes:
    """A file with one executable process."""
    inside = "".join(bodies)
    return f'{HEAD}{roots}<process id="{id}" name="P" isExecutable="true">{inside}</process></definitions>'.encode()


def flow(source: str, target: str, condition: str = "", id: str = "") -> str:
    text = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    id = id or f"f_{source}_{target}"
    return f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}">{text}</sequenceFlow>'


def script(attributes: str) -> str:
    return f'<scriptTask id="t" name="T">{ext(f"<z:script {attributes}/>")}</scriptTask>'


def rule(attributes: str) -> str:
    return f'<businessRuleTask id="t" name="T">{ext(f"<z:calledDecision {attributes}/>")}</businessRuleTask>'


def call(attributes: str) -> str:
    return f'<callActivity id="t" name="T">{ext(f"<z:calledElement {attributes}/>")}</callActivity>'


def chain(*nodes: str) -> str:
    """The elements and a flow from each to the next."""
    ids = [re.search(r'\bid="([^"]+)"', node)[1] for node in nodes]
    return "".join(nodes) + "".join(flow(a, b) for a, b in zip(ids, ids[1:], strict=False))


def line(*nodes: str) -> bytes:
    """A whole file: start, these elements, end."""
    return file(chain(START, *nodes, END))


def ext(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>"


def user(id: str = "u", inside: str = "", groups: str = "ventas", attributes: str = "") -> str:
    people = f'<z:assignmentDefinition candidateGroups="{groups}"/>' if groups else ""
    return f'<userTask id="{id}" name="U" {attributes}>{ext(people + inside)}</userTask>'


def service(id: str = "t", inside: str = "", topic: str = "a.b", attributes: str = "") -> str:
    definition = f'<z:taskDefinition type="{topic}"/>' if topic else ""
    return f'<serviceTask id="{id}" name="T" {attributes}>{ext(definition + inside)}</serviceTask>'


def catch(definition: str, id: str = "c") -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


def timer(text: str, kind: str = "Duration") -> str:
    return f"<timerEventDefinition><time{kind}>{text}</time{kind}></timerEventDefinition>"
