"""What is refused at deployment: a model with the element `x`, and the rule that says so.

The element is refused by the executor itself (`engine.bpmn.unsupported`) or, from the file alone, by the checks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Refused:
    name: str
    model: str
    rule: str
    edit: tuple[str, str] | None = None
    """A replacement in the file, for what the drawing has no words for."""
    by_checks: bool = False
    """Only the file shows it: the executor has nothing to say."""


def around(element: str, more: str = "") -> str:
    id = element.split()[1]
    close = f"\nend {id}" if element.split()[0] in ("transaction", "adHocSubProcess") else ""
    return f"startEvent s\nendEvent e\n{element}{close}\ns -> {id}\n{id} -> e\n{more}"


def handled(start: str, more: str = "") -> str:
    """A process with an event sub-process `x`."""
    return f"startEvent s\nendEvent e\ns -> e\nsubProcess x triggered=1\n{start}\nendEvent xe\nxs -> xe\nend x\n{more}"


def changed(attribute: str, element: str = "userTask x") -> tuple[str, str]:
    kind, id = element.split()[:2]
    return f'<{kind} id="{id}"', f'<{kind} id="{id}" {attribute}'


def holding(child: str, element: str = "userTask x") -> tuple[str, str]:
    kind, id = element.split()[:2]
    return f'<{kind} id="{id}">', f'<{kind} id="{id}">{child}'


_TWO_TIMERS = f"<timerEventDefinition>{'<timeDuration>PT1H</timeDuration>'}</timerEventDefinition>" * 2

REFUSED = [
    Refused("catch event without an event", around("intermediateCatchEvent x"), "not-executed"),
    Refused("error thrown on the way", around("intermediateThrowEvent x error=malo"), "not-executed"),
    Refused("boundary without an event", around("userTask u", "boundaryEvent x on=u\nx -> e"), "not-executed"),
    Refused("timer start", "startEvent x timer=PT1H\nendEvent e\nx -> e", "not-executed"),
    Refused("conditional start", 'startEvent x condition="=y"\nendEvent e\nx -> e', "not-executed"),
    Refused("signal start", "startEvent x signal=aviso\nendEvent e\nx -> e", "not-executed"),
    Refused("complex gateway", around("complexGateway x"), "not-executed"),
    Refused("ad hoc sub-process", around("adHocSubProcess x"), "not-executed"),
    Refused(
        "compensation boundary without what undoes",
        around("userTask u", "boundaryEvent x on=u compensate=1"),
        "compensation-out-of-place",
    ),
    Refused(
        "compensation boundary with a flow",
        around("userTask u", "boundaryEvent x on=u compensate=1 by=un\nuserTask un undoes=1\nx -> e"),
        "compensation-out-of-place",
    ),
    Refused(
        "compensation of an activity that repeats",
        around('userTask u each="=y"', "boundaryEvent x on=u compensate=1 by=un\nuserTask un undoes=1"),
        "compensation-out-of-place",
    ),
    Refused(
        "compensation of an activity that has none",
        around("userTask u", "endEvent x compensate=u\nu -> x"),
        "compensation-out-of-place",
    ),
    Refused(
        "compensation inside a sub-process that has ended",
        around(
            "intermediateThrowEvent x compensate=1",
            "subProcess sub\nstartEvent is\nuserTask u\nboundaryEvent b on=u compensate=1 by=un\nuserTask un undoes=1\n"
            "endEvent ie\nis -> u\nu -> ie\nend sub\ns -> sub\nsub -> e",
        ),
        "compensation-out-of-place",
    ),
    Refused(
        "compensation from an event sub-process",
        handled("startEvent xs message=m")
        .replace("endEvent xe", "endEvent x compensate=1")
        .replace("-> xe", "-> x")
        .replace("subProcess x ", "subProcess h ")
        .replace("end x", "end h"),
        "compensation-out-of-place",
    ),
    Refused(
        "compensation that is not waited for",
        around("intermediateThrowEvent x compensate=1"),
        "compensation-out-of-place",
        ("<compensateEventDefinition", '<compensateEventDefinition waitForCompletion="false"'),
    ),
    Refused(
        "activity for compensation that nothing leads to",
        around("userTask u", "userTask x undoes=1"),
        "compensation-out-of-place",
    ),
    Refused("compensation event sub-process", handled("startEvent xs compensate=1"), "not-executed"),
    Refused("event sub-process without an event", handled("startEvent xs"), "not-executed"),
    Refused(
        "event sub-process in the flow",
        handled("startEvent xs message=m").replace("s -> e", "s -> x\nx -> e"),
        "event-sub-process-apart",
    ),
    Refused(
        "event sub-process with a boundary",
        handled("startEvent xs message=m", "boundaryEvent b on=x timer=PT1H\nb -> e"),
        "event-sub-process-apart",
    ),
    Refused(
        "event sub-process several times",
        handled("startEvent xs message=m").replace("triggered=1", 'triggered=1 each="=y"'),
        "loop-out-of-place",
    ),
    Refused("cancel outside of a transaction", "startEvent s\nendEvent x cancel=1\ns -> x", "not-executed"),
    Refused(
        "cancel without a boundary",
        "startEvent s\ntransaction t\nstartEvent ts\nendEvent x cancel=1\nts -> x\nend t\nendEvent e\ns -> t\nt -> e",
        "cancel-without-boundary",
    ),
    Refused(
        "cancel boundary of no transaction",
        around("userTask u", "boundaryEvent x on=u cancel=1\nx -> e"),
        "not-executed",
    ),
    Refused("work without topic", around("serviceTask x"), "not-executed"),
    Refused("signal with a topic", around("intermediateThrowEvent x signal=aviso topic=a.b"), "not-executed"),
    Refused("script without text", around("scriptTask x"), "not-executed"),
    Refused("decision without id", around("businessRuleTask x"), "not-executed"),
    Refused("receive without message", around("receiveTask x"), "not-executed", (' messageRef="message_x"', "")),
    Refused("instances of an event", around('intermediateCatchEvent x timer=PT1H each="=y"'), "loop-out-of-place"),
    Refused(
        "error that does not interrupt",
        around("userTask u", "boundaryEvent x on=u error=malo interrupting=false\nx -> e"),
        "error-must-interrupt",
    ),
    Refused(
        "error event sub-process that does not interrupt",
        handled("startEvent xs error=malo interrupting=false")
        .replace("x ", "h ")
        .replace("end x", "end h")
        .replace("xs", "x"),
        "error-must-interrupt",
    ),
    Refused("code that is computed", "startEvent s\nendEvent x error==c\ns -> x", "dynamic-code"),
    Refused("outputs of a gateway", around('exclusiveGateway x out="=1 to y"'), "mapping-out-of-place"),
    Refused(
        "inputs of a catch event", around('intermediateCatchEvent x timer=PT1H in="=1 to y"'), "mapping-out-of-place"
    ),
    Refused("outputs of a plain end", 'startEvent s\nendEvent x out="=1 to y"\ns -> x', "mapping-out-of-place"),
    Refused(
        "outputs of a signal that is thrown",
        around('intermediateThrowEvent x signal=aviso out="=1 to y"'),
        "mapping-out-of-place",
    ),
    Refused(
        "inputs of a terminating end",
        'startEvent s\nendEvent x terminate=1 in="=1 to y"\ns -> x',
        "mapping-out-of-place",
    ),
    # From the file alone.
    Refused(
        "several events in one",
        around("intermediateCatchEvent x timer=PT1H"),
        "several-event-definitions",
        ('<intermediateCatchEvent id="x">', f'<intermediateCatchEvent id="x">{_TWO_TIMERS}'),
        by_checks=True,
    ),
    Refused(
        "start quantity", around("userTask x"), "unsupported-attribute", changed('startQuantity="2"'), by_checks=True
    ),
    Refused(
        "completion quantity",
        around("userTask x"),
        "unsupported-attribute",
        changed('completionQuantity="2"'),
        by_checks=True,
    ),
    Refused(
        "receive task that starts",
        around("receiveTask x message=m"),
        "unsupported-attribute",
        changed('instantiate="true"', "receiveTask x"),
        by_checks=True,
    ),
    Refused(
        "event gateway that starts",
        around("eventBasedGateway x"),
        "instantiating-gateway",
        changed('instantiate="true"', "eventBasedGateway x"),
        by_checks=True,
    ),
    Refused(
        "parallel event gateway",
        around("eventBasedGateway x"),
        "instantiating-gateway",
        changed('eventGatewayType="Parallel"', "eventBasedGateway x"),
        by_checks=True,
    ),
    Refused(
        "multi-instance that throws events",
        around('userTask x each="=y"'),
        "unsupported-attribute",
        ('isSequential="false"', 'isSequential="false" behavior="One"'),
        by_checks=True,
    ),
    Refused("loop without end", around("userTask x most=3"), "endless-loop", (' loopMaximum="3"', ""), by_checks=True),
    Refused(
        "script in another language",
        around('scriptTask x script="=1" result=y'),
        "unsupported-attribute",
        ("</scriptTask>", "<script>print(1)</script></scriptTask>"),
        by_checks=True,
    ),
    Refused(
        "input and output specification",
        around("userTask x"),
        "unsupported-attribute",
        holding('<ioSpecification id="io"/>'),
        by_checks=True,
    ),
    Refused(
        "data association",
        around("userTask x"),
        "unsupported-attribute",
        holding('<dataInputAssociation id="da"/>'),
        by_checks=True,
    ),
    Refused(
        "data association of an event",
        around("intermediateCatchEvent x timer=PT1H"),
        "unsupported-attribute",
        holding('<dataOutputAssociation id="da"/>', "intermediateCatchEvent x"),
        by_checks=True,
    ),
    Refused(
        "potential owner",
        around("userTask x"),
        "unsupported-attribute",
        holding('<potentialOwner id="po"/>'),
        by_checks=True,
    ),
    Refused(
        "correlation property",
        around("userTask u"),
        "correlation-property",
        ("<process", '<correlationProperty id="x"/><process'),
        by_checks=True,
    ),
    Refused(
        "choreography",
        around("userTask u"),
        "unknown-element",
        ("</process>", '<choreographyTask id="x"/></process>'),
        by_checks=True,
    ),
    Refused(
        "element that begins nowhere",
        "startEvent s\nendEvent e\ns -> e\nuserTask x\nx -> e",
        "implicit-start",
        None,
        True,
    ),
    Refused("element that ends nowhere", "startEvent s\nuserTask x\ns -> x", "implicit-end", None, True),
    Refused(
        "flow without condition out of a choice",
        "startEvent s\nexclusiveGateway x\nendEvent e\nendEvent f\ns -> x\nx -> e\nx -> f default",
        "gateway-flow-without-condition",
        None,
        True,
    ),
    Refused(
        "choice without default",
        "startEvent s\nexclusiveGateway x\nendEvent e\nendEvent f\ns -> x\nx -> e if =a\nx -> f if =b",
        "gateway-without-default",
        None,
        True,
    ),
    Refused(
        "condition behind an event",
        "startEvent s\nintermediateCatchEvent t timer=PT1H\nendEvent x\ns -> t\nt -> x if =a",
        "condition-out-of-place",
        None,
        True,
    ),
    Refused(
        "flow across a border",
        "startEvent s\nsubProcess sub\nstartEvent is\nuserTask u\nendEvent ie\nis -> u\nu -> ie\nend sub\n"
        "endEvent x\ns -> sub\nsub -> x\nu -> x",
        "flow-across-scopes",
        None,
        True,
    ),
    Refused(
        "link without partner",
        around("userTask u", "intermediateThrowEvent x link=A\nu -> x"),
        "link-without-partner",
        None,
        True,
    ),
    Refused(
        "call of a process that is not there",
        around("callActivity x called=nadie"),
        "unknown-called-process",
        None,
        True,
    ),
    Refused(
        "several starts of a sub-process",
        "startEvent s\nendEvent e\nsubProcess x\nstartEvent a\nstartEvent b\nendEvent ie\na -> ie\nb -> ie\nend x\n"
        "s -> x\nx -> e",
        "start-event",
        by_checks=True,
    ),
    Refused(
        "sub-process that an event starts",
        "startEvent s\nendEvent e\nsubProcess x\nstartEvent a timer=PT1H\nendEvent ie\na -> ie\nend x\ns -> x\nx -> e",
        "start-event",
        by_checks=True,
    ),
    Refused(
        "event gateway before something else",
        "startEvent s\neventBasedGateway x\nuserTask u\nintermediateCatchEvent c timer=PT1H\nendEvent e\ns -> x\n"
        "x -> u\nx -> c\nu -> e\nc -> e",
        "event-gateway",
        by_checks=True,
    ),
    Refused(
        "flow into a start event",
        "startEvent x\nuserTask u\nexclusiveGateway g\nendEvent e\nx -> u\nu -> g\ng -> x if =a\ng -> e default",
        "flow-at-wrong-end",
        by_checks=True,
    ),
    Refused(
        "boundary on a gateway",
        "startEvent s\nexclusiveGateway g\nboundaryEvent x on=g timer=PT1H\nendEvent e\ns -> g\ng -> e\nx -> e",
        "boundary-not-on-activity",
        by_checks=True,
    ),
    Refused(
        "two times of one timer",
        around("intermediateCatchEvent x timer=PT1H"),
        "several-times",
        ("</timeDuration>", "</timeDuration><timeDate>2030-01-01T00:00:00Z</timeDate>"),
        by_checks=True,
    ),
    Refused(
        "expression in another language",
        "startEvent s\nexclusiveGateway x\nendEvent e\nendEvent f\ns -> x\nx -> e if =a\nx -> f default",
        "other-language",
        ("<conditionExpression ", '<conditionExpression language="http://www.w3.org/1999/XPath" '),
        by_checks=True,
    ),
    Refused(
        "operation of a web service",
        around("serviceTask x topic=a.b"),
        "unsupported-attribute",
        changed('operationRef="op"', "serviceTask x"),
        by_checks=True,
    ),
    Refused(
        "transaction of another method",
        "startEvent s\nendEvent e\ntransaction x\nstartEvent a\nendEvent ie\na -> ie\nend x\ns -> x\nx -> e",
        "unsupported-attribute",
        changed('method="##Image"', "transaction x"),
        by_checks=True,
    ),
    Refused(
        "flow that is not immediate",
        around("userTask x"),
        "unsupported-attribute",
        ('<sequenceFlow id="s_x"', '<sequenceFlow id="s_x" isImmediate="false"'),
        by_checks=True,
    ),
    Refused(
        "one error caught twice",
        "startEvent s\nserviceTask j topic=a.b\nboundaryEvent b on=j error=malo\nboundaryEvent x on=j error=malo\n"
        "endEvent e\ns -> j\nj -> e\nb -> e\nx -> e",
        "caught-twice",
        by_checks=True,
    ),
    Refused(
        "data of multi-instance as BPMN writes it",
        around('userTask x each="=y"'),
        "unsupported-attribute",
        (
            "</multiInstanceLoopCharacteristics>",
            "<loopDataInputRef>y</loopDataInputRef></multiInstanceLoopCharacteristics>",
        ),
        by_checks=True,
    ),
    Refused(
        "data of the process",
        around("userTask u"),
        "unknown-element",
        ("</process>", '<ioSpecification id="x"/></process>'),
        by_checks=True,
    ),
    Refused(
        "extension that nothing here reads",
        around("userTask x"),
        "unsupported-extension",
        holding("<extensionElements><zeebe:nuevo/></extensionElements>"),
        by_checks=True,
    ),
]
