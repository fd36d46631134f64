"""The kinds of tasks, and what stands in a diagram without doing anything."""

from tests.engine.bpmn.constructs.row import Row, number

LINE = """
        startEvent s
        {}
        endEvent e
        s -> x
        x -> e
        """


ROWS = [
    Row("task: passed through", LINE.format("task x"), [], "s x e"),
    Row("manual task: passed through", LINE.format("manualTask x"), [], "s x e"),
    Row(
        "user task: waits for somebody, whose values become variables",
        LINE.format('userTask x in="=a to b"'),
        [("user_task x",), ("complete", "x", "", {"c": number(2)})],
        "s x e",
        start={"a": number(1)},
        variables={"a": number(1), "c": number(2)},
    ),
    Row(
        "service task: a job",
        LINE.format('serviceTask x topic=a.b out="=r + 1 to y"'),
        [("job x",), ("complete", "x", "", {"r": number(2)})],
        "s x e",
        variables={"y": number(3)},
    ),
    Row(
        "send task with a topic: a job",
        LINE.format("sendTask x topic=a.b"),
        [("job x",), ("complete", "x", "")],
        "s x e",
    ),
    Row(
        "send task with a message: it leaves, with its inputs",
        LINE.format('sendTask x message=aviso in="=a to b"'),
        [],
        "s x e",
        start={"a": number(1)},
        variables={"a": number(1)},
        sent=["aviso"],
    ),
    Row(
        "business rule task: a decision of the same folder",
        LINE.format("businessRuleTask x decision=doble result=y"),
        [],
        "s x e",
        start={"x": number(2)},
        variables={"x": number(2), "y": number(4)},
    ),
    Row(
        "script task: one FEEL expression",
        LINE.format('scriptTask x script="=a + 1" result=b'),
        [],
        "s x e",
        start={"a": number(1)},
        variables={"a": number(1), "b": number(2)},
    ),
    Row(
        "call activity: the variables that its flags let in and out",
        {
            "p": LINE.format('callActivity x called=q parent_vars=false in="=a to b" child_vars=true'),
            "q": """
            startEvent qs
            scriptTask t script="=if a = null then b + 1 else 0" result=c
            endEvent qe
            qs -> t
            t -> qe
            """,
        },
        [],
        "s qs t qe x e",
        start={"a": number(1)},
        variables={"a": number(1), "c": number(2)},
    ),
    Row(
        "sub-process: its own scope",
        LINE.format(
            """subProcess x in="=a to dentro" out="=dentro + 1 to b"
        startEvent is
        userTask u
        endEvent ie
        is -> u
        u -> ie
        end x"""
        ),
        [("user_task u",), ("complete", "u", "", {"dentro": number(5)})],
        "s is u ie x e",
        start={"a": number(1)},
        variables={"a": number(1), "b": number(6)},
    ),
    Row(
        "lanes, data, text and groups are drawn and do nothing",
        LINE.format("userTask x"),
        [("user_task x",), ("complete", "x", "")],
        "s x e",
        edit=(
            '<startEvent id="s">',
            '<laneSet id="ls"><lane id="l" name="Ventas"><flowNodeRef>x</flowNodeRef></lane></laneSet>'
            '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/><property id="pr"/>'
            '<textAnnotation id="t"><text>nota</text></textAnnotation><group id="g"/>'
            '<association id="a" sourceRef="x" targetRef="t"/><startEvent id="s">',
        ),
    ),
    Row(
        "pools and message flows are drawn and do nothing",
        LINE.format("userTask x"),
        [("user_task x",), ("complete", "x", "")],
        "s x e",
        edit=(
            '<process id="p"',
            '<collaboration id="c"><participant id="us" processRef="p"/><participant id="client" name="Cliente"/>'
            '<messageFlow id="mf" sourceRef="x" targetRef="client"/></collaboration><process id="p"',
        ),
    ),
    Row(
        "what only describes does nothing",
        LINE.format("userTask x"),
        [("user_task x",), ("complete", "x", "")],
        "s x e",
        edit=(
            '<process id="p" isExecutable="true">',
            '<import importType="urn:x" location="otro.xsd" namespace="urn:o"/><itemDefinition id="it"/>'
            '<interface id="if" name="I"><operation id="op" name="o"><inMessageRef>m</inMessageRef></operation>'
            '</interface><message id="m" name="m"/><category id="ca"><categoryValue id="cv" value="x"/></category>'
            '<globalUserTask id="gt" name="G"/><collaboration id="c"><participant id="us" processRef="p">'
            '<participantMultiplicity minimum="2"/></participant><conversation id="co">'
            "<participantRef>us</participantRef></conversation></collaboration>"
            '<process id="p" isExecutable="true" isClosed="true" processType="Public"><auditing id="au"/>'
            '<monitoring id="mo"/>',
        ),
    ),
    Row(
        "call activity in plain BPMN: the attribute `calledElement`",
        {
            "p": """
            startEvent s
            callActivity x called=q
            endEvent e
            s -> x
            x -> e
            """,
            "q": """
            startEvent qs
            task t
            endEvent qe
            qs -> t
            t -> qe
            """,
        },
        [("",)],
        "s qs t qe x e",
        edit=(
            '<callActivity id="x"><extensionElements><zeebe:calledElement processId="q" '
            'propagateAllParentVariables="true" propagateAllChildVariables="true"/></extensionElements>',
            '<callActivity id="x" calledElement="q">',
        ),
    ),
]
