"""The reader knows every element of the dialect and nothing else gets past it."""

import pytest

from engine.definitions import Event, Loop, VariableMapping, read_model
from engine.errors import ModelError

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)


def model(inside: str, roots: str = ""):
    text = f'{HEAD}{roots}<bpmn:process id="p" name="P" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>'
    return read_model("bpmn/p.bpmn", text.encode())


def element(inside: str, roots: str = ""):
    (found,) = model(inside, roots).processes["p"].elements.values()
    return found


def ext(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def test_user_task():
    task = element(
        '<bpmn:userTask id="ut" name="Aprobar propuesta"><bpmn:documentation>Origen L16</bpmn:documentation>'
        + ext(
            '<zeebe:userTask/><zeebe:formDefinition formId="f_aprobar"/>'
            '<zeebe:assignmentDefinition assignee="=responsable(&quot;gerente&quot;)" candidateGroups="gerente" '
            'candidateUsers="=[1]"/><zeebe:taskSchedule dueDate="=vence(3)" followUpDate="=vence(1)"/>'
            '<zeebe:priorityDefinition priority="70"/>'
            '<zeebe:taskHeaders><zeebe:header key="handler" value="propuesta.aprobar"/><zeebe:header/>'
            "</zeebe:taskHeaders>"
            '<zeebe:ioMapping><zeebe:input source="=a" target="b"/><zeebe:input/>'
            '<zeebe:output source="=c" target="d.e"/></zeebe:ioMapping>'
        )
        + "</bpmn:userTask>"
    )
    assert (task.kind, task.name, task.documentation, task.process_id, task.scope) == (
        "userTask", "Aprobar propuesta", "Origen L16", "p", "p",
    )  # fmt: skip
    assert (task.form_id, task.handler, task.priority) == ("f_aprobar", "propuesta.aprobar", "70")
    assert (task.assignee, task.candidate_groups, task.candidate_users) == (
        '=responsable("gerente")', "gerente", "=[1]",
    )  # fmt: skip
    assert (task.due_date, task.follow_up_date) == ("=vence(3)", "=vence(1)")
    assert task.inputs == (VariableMapping("=a", "b"),)
    assert task.outputs == (VariableMapping("=c", "d.e"),)
    assert task.event is None


def test_work_elements():
    facts = ext('<zeebe:taskDefinition type="correo.enviar" retries="5"/>')
    for kind in ("serviceTask", "sendTask", "businessRuleTask", "scriptTask", "endEvent"):
        found = element(f'<bpmn:{kind} id="x">{facts}</bpmn:{kind}>')
        assert (found.topic, found.retries) == ("correo.enviar", "5")
    rule = element(
        '<bpmn:businessRuleTask id="br">'
        + ext('<zeebe:calledDecision decisionId="d" resultVariable="r"/>')
        + "</bpmn:businessRuleTask>"
    )
    assert (rule.decision_id, rule.result_variable) == ("d", "r")
    script = element(
        '<bpmn:scriptTask id="sc">'
        + ext('<zeebe:script expression="=1 + 1" resultVariable="r"/>')
        + "</bpmn:scriptTask>"
    )
    assert (script.script, script.result_variable) == ("=1 + 1", "r")


@pytest.mark.parametrize(
    ("attributes", "parent", "child"),
    [("", True, True), ("propagateAllParentVariables='false' propagateAllChildVariables='false'", False, False)],
)
def test_call_activity(attributes, parent, child):
    call = element(
        '<bpmn:callActivity id="ca">'
        + ext(f'<zeebe:calledElement processId="q" {attributes}/>')
        + "</bpmn:callActivity>"
    )
    assert call.called_process == "q"
    assert (call.propagate_all_parent_variables, call.propagate_all_child_variables) == (parent, child)


def test_plain_called_element():
    assert element('<bpmn:callActivity id="ca" calledElement="q"/>').called_process == "q"


def test_loop():
    found = element(
        '<bpmn:serviceTask id="x"><bpmn:multiInstanceLoopCharacteristics isSequential="true">'
        + ext(
            '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results" '
            'outputElement="=result"/>'
        )
        + "<bpmn:completionCondition>=done</bpmn:completionCondition>"
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>"
    )
    assert found.loop == Loop(True, "=items", "item", "results", "=result", "=done")


ROOTS = (
    '<bpmn:message id="m" name="msg_pago">'
    + ext('<zeebe:subscription correlationKey="=folio"/>')
    + '</bpmn:message><bpmn:error id="e" name="E" errorCode="E1"/><bpmn:signal id="s" name="alerta"/>'
    '<bpmn:escalation id="esc" escalationCode="X"/><bpmn:timerEventDefinition id="shared">'
    "<bpmn:timeDuration>PT2H</bpmn:timeDuration></bpmn:timerEventDefinition>"
)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("", Event("none")),
        (
            "<bpmn:timerEventDefinition><bpmn:timeDate>=vence(1)</bpmn:timeDate></bpmn:timerEventDefinition>",
            Event("timer", timer_kind="date", timer="=vence(1)"),
        ),
        (
            "<bpmn:timerEventDefinition><bpmn:timeCycle><!-- x -->R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>",
            Event("timer", timer_kind="cycle", timer="R3/PT1H"),
        ),
        ("<bpmn:timerEventDefinition/>", Event("timer")),
        (
            "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>",
            Event("timer", timer_kind="duration", timer="PT2H"),
        ),
        (
            '<bpmn:messageEventDefinition messageRef="m"/>',
            Event("message", reference="m", name="msg_pago", correlation_key="=folio"),
        ),
        ('<bpmn:messageEventDefinition messageRef="lost"/>', Event("message", reference="lost")),
        ('<bpmn:errorEventDefinition errorRef="e"/>', Event("error", reference="e", name="E", code="E1")),
        ("<bpmn:errorEventDefinition/>", Event("error")),
        ('<bpmn:signalEventDefinition signalRef="s"/>', Event("signal", reference="s", name="alerta")),
        ('<bpmn:escalationEventDefinition escalationRef="esc"/>', Event("escalation", reference="esc", code="X")),
        (
            "<bpmn:conditionalEventDefinition><bpmn:condition>=a &gt; 1</bpmn:condition>"
            "</bpmn:conditionalEventDefinition>",
            Event("conditional", condition="=a > 1"),
        ),
        ('<bpmn:linkEventDefinition name="A"/>', Event("link", name="A")),
        ("<bpmn:terminateEventDefinition/>", Event("terminate")),
        ("<bpmn:compensateEventDefinition/>", Event("compensation")),
        ("<bpmn:cancelEventDefinition/>", Event("cancel")),
    ],
)
def test_events(definition, expected):
    found = element(f'<bpmn:intermediateCatchEvent id="ev">{definition}</bpmn:intermediateCatchEvent>', ROOTS)
    assert found.event == expected


def test_receive_task_carries_its_message():
    assert element('<bpmn:receiveTask id="rt" messageRef="m"/>', ROOTS).event == Event(
        "message", reference="m", name="msg_pago", correlation_key="=folio"
    )


NESTED = """
<bpmn:laneSet><bpmn:lane id="l1" name="Gerente"><bpmn:flowNodeRef>sp</bpmn:flowNodeRef>
<bpmn:flowNodeRef>a</bpmn:flowNodeRef>
<bpmn:childLaneSet><bpmn:lane id="l2" name="Asistente"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>
</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>
<bpmn:exclusiveGateway id="a" default="f2"/>
<bpmn:subProcess id="sp"><bpmn:userTask id="b"/><bpmn:subProcess id="sp2" triggeredByEvent="true">
<bpmn:startEvent id="c" isInterrupting="false"/></bpmn:subProcess>
<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="b"/></bpmn:subProcess>
<bpmn:boundaryEvent id="be" attachedToRef="sp" cancelActivity="false"/>
<bpmn:sequenceFlow id="f1" name="Sí" sourceRef="a" targetRef="sp">
<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=x = 1</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="sp"/>
"""


def test_structure():
    process = model(NESTED).processes["p"]
    elements = process.elements
    assert process.executable
    assert process.name == "P"
    assert process.lanes == ("Gerente", "Asistente")
    assert {e.id: e.scope for e in elements.values()} == {
        "a": "p", "sp": "p", "be": "p", "b": "sp", "sp2": "sp", "c": "sp2",
    }  # fmt: skip
    assert {e.id: e.lane for e in elements.values()} == {
        "a": "Asistente", "sp": "Gerente", "be": "Gerente", "b": "Gerente", "sp2": "Gerente", "c": "Gerente",
    }  # fmt: skip
    assert elements["be"].attached_to == "sp"
    assert not elements["be"].interrupting
    assert not elements["c"].interrupting
    assert elements["sp"].interrupting
    assert elements["sp2"].triggered_by_event
    assert elements["a"].default_flow == "f2"
    assert elements["a"].outgoing == ("f1", "f2")
    assert elements["sp"].incoming == ("f1", "f2")
    assert (process.flows["f1"].name, process.flows["f1"].condition) == ("Sí", "=x = 1")
    assert process.flows["f3"].source == "b"


def many(count: int) -> bytes:
    return f"{HEAD}<bpmn:process id='p'>{'<bpmn:task/>' * count}</bpmn:process></bpmn:definitions>".encode()


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "xml-empty"),
        (b" \n", "xml-empty"),
        (b"{}", "xml-malformed"),
        (b"\x89PNG\r\n\x1a\n", "xml-encoding"),
        (f"{HEAD}</bpmn:definitions>".encode("utf-16"), "xml-encoding"),
        (f"{HEAD}</bpmn:definitions>".encode("utf-16-le"), "xml-encoding"),
        (f"<?xml version='1.0' encoding='utf-16'?>{HEAD}</bpmn:definitions>".encode(), "xml-encoding|xml-malformed"),
        (f"<?xml version='1.0' encoding='iso-8859-1'?>{HEAD}</bpmn:definitions>".encode(), "xml-encoding"),
        (b"<html/>", "not-bpmn"),
        (b"<definitions/>", "not-bpmn"),
        (HEAD.encode(), "xml-malformed"),
        (b'<!DOCTYPE x [<!ENTITY e "v">]>' + f"{HEAD}&e;</bpmn:definitions>".encode(), "xml-doctype"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "xml-doctype"),
        (many(19_999), "xml-too-large"),
        (b"<a>" * 250 + b"</a>" * 250, "xml-too-large"),
        (b"<a>" + b" " * 2 * 1024 * 1024 + b"</a>", "xml-too-large"),
    ],
)
def test_hostile_files_get_one_clean_finding(data, rule):
    with pytest.raises(ModelError) as refused:
        read_model("bpmn/x.bpmn", data)
    (finding,) = refused.value.findings
    assert finding.rule in rule.split("|")
    assert finding.resource == "bpmn/x.bpmn"
    assert finding.remedy


def test_the_largest_file_still_reads():
    assert read_model("x", many(19_998)).processes["p"].elements == {}
