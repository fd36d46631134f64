"""Every rule has a model that breaks it and one that keeps it; broken models break nothing else by the way."""

import json

import pytest

from engine.definitions import check
from engine.definitions.checks import RULES, rule_name
from engine.feel import Functions
from engine.form_keys import FormKeys
from engine.handler import FORM, FeelFunction
from tests.engine.definitions.models import (
    END,
    START,
    call,
    catch,
    chain,
    ext,
    file,
    flow,
    line,
    rule,
    script,
    service,
    timer,
    user,
)

FUNCTIONS = Functions(
    [
        FeelFunction("vence", ("n",), lambda ctx, n: None, ""),
        FeelFunction("ajuste", ("clave",), lambda ctx, clave: None, "", known={"clave": ("dias", "horas")}),
    ]
)

TASK = '<task id="t" name="T"/>'
GATEWAY = '<exclusiveGateway id="g" name="¿Sí?" {}/>'
ENDS = '<endEvent id="e"/><endEvent id="e2"/>'


def form(id: str = "f", *components) -> bytes:
    return json.dumps({"id": id, "components": list(components)}).encode()


def keyed(*keys: str) -> dict[str, bytes]:
    """A user task whose handler needs «monto» of its form and reads «nota»."""
    fields = [{"type": "textfield", "id": f"c_{key}", "key": key, "label": key} for key in keys]
    headers = '<z:taskHeaders><z:header key="handler" value="x.llaves"/></z:taskHeaders>'
    task = user(inside=f'<z:formDefinition formId="f"/>{headers}')
    return {"bpmn/p.bpmn": line(task), "forms/f.form": form("f", *fields)}


def hidden_if(condition: str) -> dict[str, bytes]:
    """A form with a field that an expression over another hides."""
    found = keyed("monto", "nota")
    files = json.loads(found["forms/f.form"])
    files["components"][1]["conditional"] = {"hide": f"={condition}"}
    return {**found, "forms/f.form": json.dumps(files).encode()}


def begun_by(form: bytes) -> dict[str, bytes]:
    begun = ext('<z:formDefinition formId="f"/>')
    start = f'<startEvent id="s">{begun}</startEvent>'
    return {"bpmn/p.bpmn": file(chain(start, END)), "forms/f.form": form}


def choice(first: str, second: str, attributes: str = "", kind: str = "exclusiveGateway") -> bytes:
    gateway = f'<{kind} id="g" name="¿Sí?" {attributes}/>'
    return file(START, gateway, ENDS, flow("s", "g"), flow("g", "e", first, id="f1"), flow("g", "e2", second, id="f2"))


def event_gateway(*targets: str, more: str = "") -> bytes:
    ids = [f"c{number}" for number in range(len(targets))]
    body = "".join(catch(target, id) for id, target in zip(ids, targets, strict=True))
    flows = "".join(flow("g", id) + flow(id, "e") for id in ids)
    return file(START, '<eventBasedGateway id="g"/>', body, END, flow("s", "g"), flows, more, roots=MESSAGE)


MESSAGE = '<message id="m" name="msg"/>'
BY_MESSAGE = '<messageEventDefinition messageRef="m"/>'


def mapping(tag: str, source: str, target: str) -> str:
    return f'<z:ioMapping><z:{tag} source="{source}" target="{target}"/></z:ioMapping>'


def called(inside: bytes | None, calls: str = "q") -> dict[str, bytes]:
    caller = line(call(f'processId="{calls}"'))
    return {"bpmn/p.bpmn": caller} | ({"bpmn/q.bpmn": inside} if inside else {})


def loop(attributes: str) -> bytes:
    facts = ext(f"<z:loopCharacteristics {attributes}/>") if attributes else ""
    inner = f"<multiInstanceLoopCharacteristics>{facts}</multiInstanceLoopCharacteristics>"
    return line(service().replace("</serviceTask>", inner + "</serviceTask>"))


def sub(inside: str, attributes: str = "", flows: bool = True) -> bytes:
    body = f'<subProcess id="sp" name="S" {attributes}>{inside}</subProcess>'
    return line(body) if flows else file(chain(START, END), body)


def activity(attributes: str = "", inside: str = "") -> bytes:
    return line(f'<task id="t" name="T" {attributes}>{inside}</task>')


BLANK = chain('<startEvent id="ss"/>', '<endEvent id="se"/>')
GOOD = line(TASK)

RULE = (
    b'<rule id="r1"><inputEntry id="c1"><text>1</text></inputEntry>'
    b'<outputEntry id="c2"><text>vence(2)</text></outputEntry></rule>'
)
DECISION = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">'
    b'<decision id="d" name="D"><decisionTable id="t">'
    b'<input id="i"><inputExpression id="ie"><text>a</text></inputExpression></input><output id="o" name="r"/>'
    + RULE
    + b"</decisionTable></decision></definitions>"
)

CASES: dict[str, tuple[object, object]] = {
    # rule: (breaks it, keeps it)
    "duplicate-id": (line(TASK, '<task id="t" name="T2"/>'), GOOD),
    "invalid-id": (line('<task id="año nuevo" name="T"/>'), line('<task id="a_1.b-c" name="T"/>')),
    "element-without-id": (file(chain(START, END), '<message name="x"/>', roots="<message/>"), GOOD),
    "unresolved-reference": (
        line(catch('<messageEventDefinition messageRef="lost"/>')),
        file(chain(START, catch(BY_MESSAGE), END), roots=MESSAGE),
    ),
    "process-id-twice": ({"bpmn/a.bpmn": GOOD, "bpmn/b.bpmn": GOOD}, {"bpmn/a.bpmn": GOOD}),
    "no-executable-process": (GOOD.replace(b'isExecutable="true"', b""), GOOD),
    "boundary-not-on-activity": (
        file(
            chain(START, END),
            chain(f'<boundaryEvent id="b" attachedToRef="s">{timer("PT1H")}</boundaryEvent>', '<endEvent id="e2"/>'),
        ),
        file(
            chain(START, TASK, END),
            chain(f'<boundaryEvent id="b" attachedToRef="t">{timer("PT1H")}</boundaryEvent>', '<endEvent id="e2"/>'),
        ),
    ),
    "default-not-own-flow": (
        choice("=a", "=b", 'default="f_s_g"'),
        choice("=a", "", 'default="f2"'),
    ),
    "flow-across-scopes": (sub(BLANK + flow("ss", "e")), sub(BLANK)),
    "flow-at-wrong-end": (file(chain(START, TASK, END), flow("t", "s")), GOOD),
    "start-event": (file(chain(TASK, END), flow("t", "t")), GOOD),
    "implicit-start": (file(chain(START, END), chain(TASK, '<endEvent id="e2"/>')), GOOD),
    "implicit-end": (file(chain(START, TASK)), GOOD),
    "duplicate-flow": (file(chain(START, TASK, END), flow("t", "e", id="again")), GOOD),
    "gateway-without-default": (choice("=a", "=b"), choice("=a", "", 'default="f2"')),
    "gateway-flow-without-condition": (choice("", "", 'default="f2"'), choice("=a", "", 'default="f2"')),
    "condition-out-of-place": (
        file(chain(TASK, END), START, flow("s", "t", "=a")),
        file(START, TASK, ENDS, flow("s", "t"), flow("t", "e", "=a"), flow("t", "e2")),
    ),
    "activity-with-conditions-without-default": (
        file(START, TASK, ENDS, flow("s", "t"), flow("t", "e", "=a"), flow("t", "e2", "=b")),
        file(START, TASK, ENDS, flow("s", "t"), flow("t", "e", "=a"), flow("t", "e2")),
    ),
    "event-gateway": (event_gateway(timer("PT1H"), timer("PT2H")), event_gateway(timer("PT1H"), BY_MESSAGE)),
    "gateway-alone": (line(GATEWAY.format("")), choice("=a", "", 'default="f2"')),
    "unknown-element": (
        file(chain(START, END), '<choreographyTask id="x"/>'),
        file(chain(START, END), '<textAnnotation id="x"/>'),
    ),
    "several-event-definitions": (line(catch(timer("PT1H") + timer("PT2H"))), line(catch(timer("PT1H")))),
    "several-times": (
        line(catch(timer("PT1H").replace("</timer", "<timeDate>2030-01-01T00:00:00Z</timeDate></timer"))),
        line(catch(timer("PT1H"))),
    ),
    "other-language": (
        choice("=a", "", 'default="f2"').replace(b"<conditionExpression>", b'<conditionExpression language="XPath">'),
        choice("=a", "", 'default="f2"').replace(b"<conditionExpression>", b'<conditionExpression language="feel">'),
    ),
    "unsupported-attribute": (activity('startQuantity="2"'), activity('startQuantity="1"')),
    "unsupported-extension": (line(service(inside="<z:executionListeners/>")), line(service())),
    "instantiating-gateway": (
        event_gateway(timer("PT1H"), BY_MESSAGE).replace(
            b'<eventBasedGateway id="g"', b'<eventBasedGateway id="g" instantiate="true"'
        ),
        event_gateway(timer("PT1H"), BY_MESSAGE),
    ),
    "link-without-partner": (
        file(chain(START, '<intermediateThrowEvent id="l"><linkEventDefinition name="A"/></intermediateThrowEvent>')),
        file(
            chain(START, '<intermediateThrowEvent id="l"><linkEventDefinition name="A"/></intermediateThrowEvent>'),
            chain(catch('<linkEventDefinition name="A"/>'), END),
        ),
    ),
    "expression-syntax": (
        line(service(inside=mapping("input", "=a +", "b"))),
        line(service(inside=mapping("input", "=a + 1", "b"))),
    ),
    "unknown-function": (line(catch(timer("=venze(3)", "Date"))), line(catch(timer("=vence(3)", "Date")))),
    "unknown-argument": (
        line(catch(timer("=vence(ajuste(clave: &quot;dia&quot;))", "Date"))),
        line(catch(timer("=vence(ajuste(&quot;dias&quot;))", "Date"))),
    ),
    "expression-needed": (choice("a", "", 'default="f2"'), choice("=a", "", 'default="f2"')),
    "dynamic-reference": (line(service(topic="=a")), line(service())),
    "timer-not-iso": (line(catch(timer("2 horas"))), line(catch(timer("P1DT2H")))),
    "unbounded-cycle": (
        file(
            chain(START, TASK, END),
            chain(
                f'<boundaryEvent id="b" attachedToRef="t">{timer("R/PT1H", "Cycle")}</boundaryEvent>',
                '<endEvent id="e2"/>',
            ),
        ),
        file(
            chain(START, TASK, END),
            chain(
                f'<boundaryEvent id="b" attachedToRef="t">{timer("R3/PT1H", "Cycle")}</boundaryEvent>',
                '<endEvent id="e2"/>',
            ),
        ),
    ),
    "date-not-iso": (
        line(user(inside='<z:taskSchedule dueDate="mañana"/>')),
        line(user(inside='<z:taskSchedule dueDate="2026-11-30T09:00:00-06:00"/>')),
    ),
    "number-out-of-range": (
        line(user(inside='<z:priorityDefinition priority="101"/>')),
        line(user(inside='<z:priorityDefinition priority="100"/>')),
    ),
    "empty-mapping": (
        line(service(inside="<z:taskHeaders><z:header/></z:taskHeaders>")),
        line(service(inside='<z:taskHeaders><z:header key="a"/></z:taskHeaders>')),
    ),
    "empty-source": (
        line(service(inside=mapping("output", "=", "b"))),
        line(service(inside=mapping("input", "", "b"))),
    ),
    "invalid-name": (
        line(service(inside=mapping("output", "=a", "mi valor"))),
        line(service(inside=mapping("output", "=a", "mi.valor"))),
    ),
    "result-variable-missing": (
        line(script('expression="=1"')),
        line(script('expression="=1" resultVariable="a"')),
    ),
    "loop-without-collection": (loop(""), loop('inputCollection="=a"')),
    "work-without-definition": (line(service(topic="")), line(service())),
    "unknown-topic": (line(service(topic="a.c")), line(service())),
    "unknown-handler": (
        line(user(inside='<z:taskHeaders><z:header key="handler" value="x.z"/></z:taskHeaders>')),
        line(user(inside='<z:taskHeaders><z:header key="handler" value="x.y"/></z:taskHeaders>')),
    ),
    "unknown-form": (
        line(user(inside='<z:formDefinition formId="f"/>')),
        {"bpmn/p.bpmn": line(user(inside='<z:formDefinition formId="f"/>')), "forms/f.form": form()},
    ),
    "start-form-with-files": (
        begun_by(form("f", {"type": "filepicker", "id": "c", "key": "anexo", "label": "Anexo"})),
        begun_by(form("f", {"type": "textfield", "id": "c", "key": "asunto", "label": "Asunto"})),
    ),
    "user-task-without-form": (
        line(user()),
        {"bpmn/p.bpmn": line(user(inside='<z:formDefinition formId="f"/>')), "forms/f.form": form()},
    ),
    "missing-key": (keyed("importe", "nota"), keyed("monto", "nota")),
    "unread-key": (keyed("monto", "apunte"), keyed("monto", "nota")),
    "misspelt-key": (hidden_if("mnoto > 5"), hidden_if("monto > 5")),
    "unused-form": (
        {"forms/f.form": form()},
        {"forms/f.form": form().replace(b"{", b'{"properties": {"usedBy": "accion"}, ', 1)},
    ),
    "file-name-differs": ({"forms/g.form": form("f")}, {"forms/f.form": form("f")}),
    "form-id-twice": (
        {"forms/f.form": form("f"), "forms/g.form": form("f")},
        {"forms/f.form": form("f"), "forms/g.form": form("g")},
    ),
    "decision-id-twice": ({"dmn/d.dmn": DECISION, "dmn/z.dmn": DECISION}, {"dmn/d.dmn": DECISION}),
    "overlapping-rules": ({"dmn/d.dmn": DECISION.replace(RULE, RULE * 2)}, {"dmn/d.dmn": DECISION}),
    "dead-rule": ({"dmn/d.dmn": DECISION.replace(b">1<", b">[3..2]<")}, {"dmn/d.dmn": DECISION}),
    "word-without-quotes": (
        {"dmn/d.dmn": DECISION.replace(b">1<", b">alta<")},
        {"dmn/d.dmn": DECISION.replace(b">1<", b'>"alta"<')},
    ),
    "unknown-decision": (
        line(rule('decisionId="d" resultVariable="r"')),
        GOOD,
    ),
    "decision-file-name": (
        {"bpmn/p.bpmn": line(rule('decisionId="d" resultVariable="r"')), "dmn/otro.dmn": DECISION},
        {"bpmn/p.bpmn": line(rule('decisionId="d" resultVariable="r"')), "dmn/d.dmn": DECISION},
    ),
    "unknown-called-process": (called(None), called(file(chain(START, END), id="q"))),
    "endless-call": (called(None, "p"), called(file(chain(START, END), id="q"))),
    "missing-template": (
        line(service(topic="correo.enviar", inside=mapping("input", "cor_01", "plantilla"))),
        {
            "bpmn/p.bpmn": line(service(topic="correo.enviar", inside=mapping("input", "cor_01", "plantilla"))),
            "mail/cor_01.j2": b"",
        },
    ),
    "lane-and-groups-differ": (
        file(
            '<laneSet id="ls"><lane id="l" name="Gerente"><flowNodeRef>u</flowNodeRef></lane></laneSet>',
            chain(START, user(), END),
        ),
        file(
            '<laneSet id="ls"><lane id="l" name="Ventas"><flowNodeRef>u</flowNodeRef></lane></laneSet>',
            chain(START, user(), END),
        ),
    ),
    "user-task-without-people": (line(user(groups="")), line(user())),
    "element-without-name": (line('<task id="t"/>'), GOOD),
}


def block(split: str, join: str, more: str = "") -> bytes:
    """Two tasks between two gateways; "=a" and "=b" on the flows unless the split is parallel."""
    first, second = ("", "") if split == "parallelGateway" else ("=a", "")
    default = "" if split == "parallelGateway" else 'default="f2"'
    return file(
        START,
        f'<{split} id="g" name="¿?" {default}/><{join} id="j" name=""/>',
        '<task id="a" name="A"/><task id="b" name="B"/>',
        END,
        flow("s", "g"),
        flow("g", "a", first, id="f1"),
        flow("g", "b", second, id="f2"),
        flow("a", "j"),
        flow("b", "j"),
        flow("j", "e"),
        more,
    )


def wide(branches: int) -> bytes:
    """Branches of one task beside each other, each with a boundary event, so that many things may be in any order."""
    inside = ""
    for n in range(branches):
        inside += (
            f'<task id="t{n}" name="T"/><boundaryEvent id="b{n}" attachedToRef="t{n}">{timer("PT1H")}</boundaryEvent>'
        )
        inside += flow("g", f"t{n}") + flow(f"t{n}", "j") + flow(f"b{n}", "x")
    gateways = '<parallelGateway id="g"/><parallelGateway id="j"/>'
    stop = '<endEvent id="x"><terminateEventDefinition/></endEvent>'
    return file(START, END, gateways, stop, inside, flow("s", "g"), flow("j", "e"))


LEAVES = f'<boundaryEvent id="x" attachedToRef="a">{timer("PT1H")}</boundaryEvent><endEvent id="e2"/>' + flow("x", "e2")
XOR, AND, OR = "exclusiveGateway", "parallelGateway", "inclusiveGateway"
LOOP = file(
    START,
    '<exclusiveGateway id="g" name="¿?" default="f2"/>',
    "".join(f'<task id="{id}" name="{id}"/>' for id in "ab"),
    END,
    flow("s", "g"),
    flow("g", "a", "=a", id="f1"),
    flow("g", "e", id="f2"),
    flow("a", "b"),
)
CASES |= {
    "never-ends": (block(XOR, AND), block(XOR, XOR)),
    "deadlock": (block(AND, AND, LEAVES), block(AND, OR, LEAVES)),
    "lack-of-synchronisation": (block(AND, XOR), block(AND, AND)),
    "dead-element": (block(XOR, AND), block(XOR, XOR)),
    "livelock": (
        LOOP.replace(b"</process>", flow("b", "a").encode() + b"</process>"),
        LOOP.replace(b"</process>", flow("b", "g").encode() + b"</process>"),
    ),
    "too-many-runs": (wide(14), wide(4)),
}


def ends_in(definition: str, *more: str) -> bytes:
    roots = MESSAGE + '<error id="er" errorCode="E1"/><signal id="si" name="aviso"/>'
    return file(chain(START, TASK, f'<endEvent id="e">{definition}</endEvent>'), *more, roots=roots)


BY_ERROR = '<errorEventDefinition errorRef="er"/>'
BY_SIGNAL = '<signalEventDefinition signalRef="si"/>'
CAUGHT = chain(f'<boundaryEvent id="b" attachedToRef="t">{BY_ERROR}</boundaryEvent>', '<endEvent id="e2"/>')
WAITED = chain(f'<boundaryEvent id="b" attachedToRef="t">{BY_MESSAGE}</boundaryEvent>', '<endEvent id="e2"/>')
CASES |= {
    "message-without-receiver": (ends_in(BY_MESSAGE), ends_in(BY_MESSAGE, WAITED)),
    "signal-without-listener": (
        ends_in(BY_SIGNAL),
        ends_in(BY_SIGNAL, WAITED.replace(BY_MESSAGE, BY_SIGNAL)),
    ),
    "correlation-property": (line(TASK).replace(b"<process", b'<correlationProperty id="c"/><process', 1), line(TASK)),
    "endless-loop": (
        activity(inside="<standardLoopCharacteristics/>"),
        activity(inside='<standardLoopCharacteristics loopMaximum="3"/>'),
    ),
    "caught-twice": (
        ends_in(BY_ERROR, CAUGHT, CAUGHT.replace('"b"', '"b2"').replace('"e2"', '"e3"').replace("f_b_", "f_b2_")),
        ends_in(BY_ERROR, CAUGHT),
    ),
    "error-without-catcher": (ends_in(BY_ERROR), ends_in(BY_ERROR, CAUGHT)),
    "unknown-variable": (
        line(service(), service("t2", '<z:ioMapping><z:input source="=echo + 1" target="x"/></z:ioMapping>')),
        line(service(), service("t2", '<z:ioMapping><z:input source="=hecho + 1" target="x"/></z:ioMapping>')),
    ),
}

ALONG_WITH = {
    "never-ends": {"deadlock", "dead-element"},
    "dead-element": {"deadlock", "never-ends"},
    # A second thing is truly wrong, too.
    "default-not-own-flow": {"flow-at-wrong-end"},
    "empty-source": {"expression-syntax"},
    "flow-across-scopes": {"flow-at-wrong-end"},
    "element-without-id": {"unknown-element"},
    "unresolved-reference": {"work-without-definition"},
    "form-id-twice": {"file-name-differs"},
    "missing-key": {"unread-key"},
    "duplicate-id": {"duplicate-flow", "lack-of-synchronisation"},
}
ADVICE = {"user-task-without-form", "unused-form", "no-executable-process", "unknown-variable"}
GIVES = {"a.b": frozenset({"hecho"}), "correo.enviar": frozenset()}


def findings(resources):
    bundle = {"bpmn/p.bpmn": resources} if isinstance(resources, bytes) else resources
    return check(
        bundle,
        topics=set(GIVES),
        handlers={"x.y", "x.llaves"},
        functions=FUNCTIONS,
        gives=GIVES,
        tasks_give={"x.y": frozenset(), "x.llaves": frozenset()},
        form_keys={"x.llaves": FormKeys(frozenset({"monto"}), frozenset({"nota"}), complete=True)},
    )


def test_rules_that_match_at_once_may_agree_where_the_policy_is_any():
    any_policy = DECISION.replace(b'id="t"', b'id="t" hitPolicy="ANY"')
    other = RULE.replace(b"r1", b"r2").replace(b"c1", b"c3").replace(b"c2", b"c4")
    agreeing = {"dmn/d.dmn": any_policy.replace(RULE, RULE + other)}
    differing = {"dmn/d.dmn": any_policy.replace(RULE, RULE + other.replace(b"vence(2)", b"vence(3)"))}
    assert [one for one in findings(agreeing) if one.rule == "overlapping-rules"] == []
    (found,) = [one for one in findings(differing) if one.rule == "overlapping-rules"]
    assert found.message.endswith("con resultados distintos.")


def test_a_function_that_cannot_run_is_told_with_its_element():
    head, tail = DECISION.split(b'<decision id="d"', 1)
    function = b'<businessKnowledgeModel id="k"><encapsulatedLogic id="l"%s</encapsulatedLogic>'
    function += b"</businessKnowledgeModel>"
    for inside, element, said in (
        (b' kind="Java">', "l", "otros lenguajes no se admiten"),
        (b'><literalExpression id="x"><text>1 +</text></literalExpression>', "x", "Se esperaba un valor"),
    ):
        found = findings({"dmn/d.dmn": head + function % inside + b'<decision id="d"' + tail})
        assert [one.element_id for one in found if said in one.message] == [element]


def test_every_rule_has_its_case():
    assert set(CASES) == {rule_name(rule) for rule in RULES}


def test_every_rule_says_what_it_demands():
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize("name", CASES)
def test_rule(name):
    broken, kept = CASES[name]
    found = findings(broken)
    assert name in {finding.rule for finding in found}
    assert {finding.rule for finding in found} - {name} - ADVICE - ALONG_WITH.get(name, set()) == set()
    assert all(finding.message.endswith(".") and finding.remedy.endswith((".", "?")) for finding in found)
    assert name not in {finding.rule for finding in findings(kept)}


@pytest.mark.parametrize(
    ("model", "element_id"),
    [
        (line('<complexGateway id="g"/>'), "g"),
        (line('<adHocSubProcess id="g" name="G"/>'), "g"),
        (
            sub(
                chain('<startEvent id="ss"><compensateEventDefinition/></startEvent>', '<endEvent id="se"/>'),
                'triggeredByEvent="true"',
                False,
            ),
            "sp",
        ),
        (line(catch("<cancelEventDefinition/>")), "c"),
        (file(chain(f'<startEvent id="s">{timer("PT1H")}</startEvent>', END)), "s"),
        (ends_in("<cancelEventDefinition/>"), "e"),
    ],
)
def test_what_the_executor_does_not_run_is_refused(model, element_id):
    assert (element_id, "not-executed", "error") in {(f.element_id, f.rule, f.severity) for f in findings(model)}


@pytest.mark.parametrize(
    ("data", "rule", "element_id"),
    [
        (DECISION.replace(b"vence(2)", b"venze(2)"), "decision", "c2"),
        (DECISION.replace(b">a<", b">a +<"), "decision", "ie"),
        (b"<html/>", "decision", None),
        (b"no xml", "xml-malformed", None),
        (b"<!DOCTYPE x>" + DECISION, "xml-doctype", None),
    ],
)
def test_decisions(data, rule, element_id):
    assert [(f.resource, f.rule, f.element_id) for f in findings({"dmn/d.dmn": data})] == [
        ("dmn/d.dmn", rule, element_id)
    ]


IMPORTING = (
    DECISION.replace(b'namespace="n">', b'namespace="m"><import name="n" namespace="n" importType="%s"/>' % b"x")
    .replace(b'"d"', b'"z"')
    .replace(
        b'<decisionTable id="t">',
        b'<informationRequirement><requiredDecision href="n#d"/></informationRequirement><decisionTable id="t">',
    )
)


def test_a_file_that_imports_another_is_read_with_it():
    assert findings({"dmn/d.dmn": DECISION, "dmn/z.dmn": IMPORTING}) == []
    assert {f.rule for f in findings({"dmn/z.dmn": IMPORTING})} == {"decision"}


def test_names_come_from_forms_decisions_mappings_and_loops_too():
    field = b'{"type": "number", "id": "c", "key": "monto", "label": "M"}'
    form = b'{"id": "f", "type": "default", "components": [%s]}' % field
    uses = '<z:input source="=monto + r + x + loopCounter" target="y"/>'
    model = line(
        user(inside='<z:formDefinition formId="f"/>'),
        rule('decisionId="d" resultVariable="r"'),
        service("t2", f'<z:ioMapping><z:input source="=1" target="x"/>{uses}</z:ioMapping>'),
    )
    found = [f.message for f in findings({"bpmn/p.bpmn": model, "forms/f.form": form}) if f.rule == "unknown-variable"]
    assert found == ["La entrada «y» de «T» usa «loopCounter», que nada en el proceso da."]


def test_names_of_a_process_are_not_those_of_another_that_it_neither_calls_nor_is_called_by():
    uses = '<z:ioMapping><z:input source="=hecho + folio" target="x"/></z:ioMapping>'
    asks = service("t2", uses, topic="correo.enviar")
    apart = {"bpmn/p.bpmn": line(asks), "bpmn/q.bpmn": line(service()).replace(b'id="p"', b'id="q"')}
    message = "La entrada «x» de «T» usa «{}», que nada en el proceso da."
    told = [f.message for f in findings(apart) if f.rule == "unknown-variable"]
    assert told == [message.format("folio"), message.format("hecho")]
    known = check(apart, gives=GIVES, tasks_give={}, given=["folio"])
    assert [f.message for f in known if f.rule == "unknown-variable"] == [message.format("hecho")]
    together = apart | {"bpmn/p.bpmn": file(chain(START, asks, call('processId="q"'), END))}
    known = check(together, gives=GIVES, tasks_give={}, given=["folio"])
    assert "unknown-variable" not in {f.rule for f in known}


def test_a_handler_that_passes_the_form_on_gives_its_fields():
    field = b'{"type": "number", "id": "c", "key": "monto", "label": "M"}'
    task = user(
        inside='<z:formDefinition formId="f"/><z:taskHeaders><z:header key="handler" value="x.y"/></z:taskHeaders>'
    )
    uses = '<z:ioMapping><z:input source="=monto + otro" target="y"/></z:ioMapping>'
    files = {
        "bpmn/p.bpmn": line(task, service("t2", uses)),
        "forms/f.form": b'{"id": "f", "type": "default", "components": [%s]}' % field,
    }
    found = check(files, gives=GIVES, tasks_give={"x.y": frozenset({FORM})})
    assert ["«otro»" in f.message for f in found if f.rule == "unknown-variable"] == [True]


def test_names_are_not_judged_where_a_handler_does_not_say_what_it_gives():
    broken, _ = CASES["unknown-variable"]
    found = check({"bpmn/p.bpmn": broken}, gives={"a.b": None}, tasks_give={})
    assert "unknown-variable" not in {f.rule for f in found}


def test_everything_is_said_at_once_errors_first():
    broken = file(START, '<exclusiveGateway id="g"/>', ENDS, flow("s", "g"), flow("g", "e", "=a +"), flow("g", "e2"))
    found = findings({"bpmn/p.bpmn": broken, "bpmn/q.bpmn": b"x", "forms/f.form": b"x", "dmn/d.dmn": b"x"})
    assert {(f.resource, f.rule, f.severity) for f in found} == {
        ("bpmn/p.bpmn", "expression-syntax", "error"),
        ("bpmn/p.bpmn", "gateway-without-default", "error"),
        ("bpmn/p.bpmn", "gateway-flow-without-condition", "error"),
        ("bpmn/p.bpmn", "element-without-name", "warning"),
        ("bpmn/q.bpmn", "xml-malformed", "error"),
        ("forms/f.form", "form-not-json", "error"),
        ("dmn/d.dmn", "xml-malformed", "error"),
    }
    assert [f.severity for f in found] == sorted(f.severity for f in found)


def test_many_findings_of_one_rule_are_cut():
    found = findings(file(START, *(service(f"t{n}", topic="x") for n in range(200))))
    assert sum(f.rule == "unknown-topic" for f in found) == 101


def test_a_file_that_cannot_be_read_is_not_missed_by_others():
    caller = line(
        call('processId="q"'),
        rule('decisionId="d" resultVariable="r"').replace('"t"', '"t2"'),
        user(inside='<z:formDefinition formId="f"/>'),
    )
    found = findings({"bpmn/p.bpmn": caller, "bpmn/q.bpmn": b"", "dmn/d.dmn": b"", "forms/f.form": b""})
    assert {f.rule for f in found} == {"xml-empty", "form-not-json"}


def test_a_loop_that_only_an_event_from_outside_ends_is_no_fault():
    loop = chain('<startEvent id="ss"/>', '<exclusiveGateway id="m"/>', user("u")) + flow("u", "m")
    border = chain(f'<boundaryEvent id="b" attachedToRef="sp">{timer("PT1H")}</boundaryEvent>', '<endEvent id="e2"/>')
    forever = f'<subProcess id="sp" name="S">{loop}</subProcess>'
    assert "never-ends" in {f.rule for f in findings(line(forever))}
    assert "never-ends" not in {f.rule for f in findings(file(chain(START, forever, END), border))}
    start = f'<startEvent id="hs">{timer("PT1H")}</startEvent>'
    handler = chain(start, '<endEvent id="he"/>')
    ended = f'<subProcess id="h" triggeredByEvent="true" name="H">{handler}</subProcess>'
    assert "never-ends" not in {
        f.rule for f in findings(line(forever.replace("</subProcess>", ended + "</subProcess>")))
    }


@pytest.mark.parametrize(
    "inside",
    [
        '<z:calledElement processId="q" bindingType="latest"/>',
        '<z:calledElement processId="q" bindingType="versionTag" versionTag="1"/>',
        '<z:publishMessage correlationKey="=a"/>',
        '<z:formDefinition formKey="x"/>',
    ],
)
def test_extensions_that_other_engines_would_obey_are_refused(inside):
    said = [f for f in findings(line(service(inside=inside))) if f.rule == "unsupported-extension"]
    assert {f.element_id for f in said} == {"t"}
    assert "unsupported-extension" not in {
        f.rule for f in findings(line(service(inside='<z:calledElement processId="q" bindingType="deployment"/>')))
    }


def test_a_text_that_a_function_does_not_take_is_refused_in_forms_and_decisions_too():
    text = form("f", {"type": "text", "id": "c", "text": '{{ ajuste("dia") }} días'})
    table = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="D" namespace="n">'
        b'<decision id="d1" name="D1"><literalExpression id="l"><text>ajuste("dia")</text></literalExpression>'
        b"</decision></definitions>"
    )
    found = {one.resource: one for one in findings({"forms/f.form": text, "dmn/d.dmn": table})}
    assert found["forms/f.form"].rule == "feel-unknown-argument"
    assert found["forms/f.form"].remedy == "Corrija el nombre. Parecidos: «dias»."
    assert found["dmn/d.dmn"].message == 'Se pide ajuste("dia"), que no existe.'


@pytest.mark.parametrize(
    ("first", "second", "rules"),
    [
        ('=a != "x"', '=a != "y"', []),
        ('=a = "x"', '=a != "x"', []),
        ('=a != "x"', '=a != "x"', ["gateway-without-default"]),
        ('=a != "x"', '=b != "y"', ["gateway-without-default"]),
        ('=a = "x"', '=a = "y"', ["gateway-without-default"]),
        ('=a != "x"', "=a !=", ["expression-syntax", "gateway-without-default"]),
    ],
)
def test_an_inclusive_choice_needs_no_default_where_its_conditions_leave_no_case_out(first, second, rules):
    asked = {"gateway-without-default", "expression-syntax"}
    model = {"bpmn/p.bpmn": choice(first, second, kind="inclusiveGateway")}
    assert sorted({f.rule for f in findings(model)} & asked) == rules
    assert "gateway-without-default" in {f.rule for f in findings({"bpmn/p.bpmn": choice(first, second)})}


def test_a_finding_of_one_field_among_several_names_it():
    inside = (
        '<z:taskSchedule dueDate="=mal(" followUpDate="mañana"/><z:ioMapping><z:input source="=tampoco(" target="n"/>'
        '<z:output source="=mal(" target="m"/><z:input source="1"/></z:ioMapping>'
    )
    found = {f.field: f.rule for f in findings({"bpmn/p.bpmn": line(user(inside=inside))}) if f.field}
    assert found == {
        "dueDate": "expression-syntax",
        "followUpDate": "date-not-iso",
        "input:n": "expression-syntax",
        "output:m": "expression-syntax",
        "input:": "empty-mapping",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${a == 1}", "por ejemplo =a = 1."),
        ("${!a || not b}", "por ejemplo =not(a) or not(b)."),
        ("${a.b('c')?}", "que empieza con =."),
    ],
)
def test_a_condition_of_another_tool_is_shown_as_feel(text, said):
    model = {"bpmn/p.bpmn": choice(text, "", 'default="f2"')}
    [found] = [f for f in findings(model) if f.rule == "expression-needed"]
    assert found.remedy.endswith(said)
    assert found.field == "condition"


def test_a_file_that_runs_nothing_leads_to_its_first_process():
    model = line(TASK).replace(b'isExecutable="true"', b'isExecutable="false"')
    [found] = [f for f in findings({"bpmn/p.bpmn": model}) if f.rule == "no-executable-process"]
    assert found.element_id == "p"
