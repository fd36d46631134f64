"""The processes that are measured: three user tasks with a gateway, a loop, a chain of service tasks."""

from __future__ import annotations

import itertools
import json

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="bench" targetNamespace="bench"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)


def _user_task(element_id: str, name: str, form: str | None) -> str:
    extensions = (
        f'<extensionElements><zeebe:userTask/><zeebe:formDefinition formId="{form}"/>'
        '<zeebe:assignmentDefinition candidateGroups="staff"/></extensionElements>'
        if form
        else ""
    )
    return f'<userTask id="{element_id}" name="{name}">{extensions}</userTask>'


def _condition(text: str) -> str:
    return f'<conditionExpression xsi:type="tFormalExpression">{text}</conditionExpression>'


def three_tasks(*, form: str | None = "bench_form", condition: str = '=decision = "approve"') -> bytes:
    """Start, two user tasks, a gateway, a third user task, end. Without a form: plain BPMN, for the bare library."""
    return (
        f'{_HEAD}<process id="bench3" name="Three user tasks" isExecutable="true"><startEvent id="begin"/>'
        + _user_task("intake", "Intake", form)
        + _user_task("review", "Review", form)
        + '<exclusiveGateway id="approved" name="Approved?" default="f_no"/>'
        + _user_task("sign", "Sign off", form)
        + '<endEvent id="done"/><endEvent id="refused"/>'
        '<sequenceFlow id="f1" sourceRef="begin" targetRef="intake"/>'
        '<sequenceFlow id="f2" sourceRef="intake" targetRef="review"/>'
        '<sequenceFlow id="f3" sourceRef="review" targetRef="approved"/>'
        f'<sequenceFlow id="f_yes" sourceRef="approved" targetRef="sign">{_condition(condition)}</sequenceFlow>'
        '<sequenceFlow id="f_no" sourceRef="approved" targetRef="refused"/>'
        '<sequenceFlow id="f4" sourceRef="sign" targetRef="done"/></process></definitions>'
    ).encode()


def loop() -> bytes:
    """A user task that is done again and again, with a parallel branch that waits all the time."""
    return (
        f'{_HEAD}<process id="bench_loop" name="Loop" isExecutable="true"><startEvent id="begin"/>'
        '<parallelGateway id="split"/><exclusiveGateway id="again"/>'
        + _user_task("round", "Round", "bench_form")
        + '<exclusiveGateway id="more" name="More?" default="f_more"/>'
        + _user_task("waiting", "Waiting", "bench_form")
        + '<parallelGateway id="join"/><endEvent id="done"/>'
        '<sequenceFlow id="f1" sourceRef="begin" targetRef="split"/>'
        '<sequenceFlow id="f2" sourceRef="split" targetRef="again"/>'
        '<sequenceFlow id="f3" sourceRef="split" targetRef="waiting"/>'
        '<sequenceFlow id="f4" sourceRef="again" targetRef="round"/>'
        '<sequenceFlow id="f5" sourceRef="round" targetRef="more"/>'
        '<sequenceFlow id="f_more" sourceRef="more" targetRef="again"/>'
        '<sequenceFlow id="f_enough" sourceRef="more" targetRef="join">'
        + _condition('=decision = "reject"')
        + "</sequenceFlow>"
        '<sequenceFlow id="f6" sourceRef="waiting" targetRef="join"/>'
        '<sequenceFlow id="f7" sourceRef="join" targetRef="done"/></process></definitions>'
    ).encode()


def chain(length: int) -> bytes:
    """So many service tasks one after the other."""
    elements = ["begin", *(f"work_{number}" for number in range(1, length + 1)), "done"]
    works = "".join(
        f'<serviceTask id="{one}" name="{one}"><extensionElements><zeebe:taskDefinition type="bench.work"/>'
        "</extensionElements></serviceTask>"
        for one in elements[1:-1]
    )
    flows = "".join(
        f'<sequenceFlow id="f_{two}" sourceRef="{one}" targetRef="{two}"/>' for one, two in itertools.pairwise(elements)
    )
    return (
        f'{_HEAD}<process id="bench_chain" name="Chain" isExecutable="true"><startEvent id="begin"/>{works}'
        f'<endEvent id="done"/>{flows}</process></definitions>'
    ).encode()


FORM = json.dumps(
    {
        "type": "default",
        "id": "bench_form",
        "schemaVersion": 19,
        "components": [
            {"type": "textfield", "key": "client_name", "label": "Client", "validate": {"required": True}},
            {"type": "number", "key": "amount", "label": "Amount", "validate": {"required": True, "min": 0}},
            {
                "type": "select",
                "key": "decision",
                "label": "Decision",
                "values": [{"value": "approve", "label": "Approve"}, {"value": "reject", "label": "Reject"}],
            },
            {"type": "textarea", "key": "notes", "label": "Notes"},
        ],
    }
).encode()

VALUES = {"client_name": "Muster AG", "amount": 1200, "decision": "approve", "notes": "x" * 120}
"""What is submitted at each step."""


def resources() -> dict[str, bytes]:
    return {"bpmn/bench3.bpmn": three_tasks(), "bpmn/bench_loop.bpmn": loop(), "forms/bench_form.form": FORM}
