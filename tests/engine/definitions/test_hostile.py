"""Hostile models are refused or do no harm: all are read in one child that has 20 s of CPU and 1 GB of memory."""

import resource
import subprocess
import sys

import pytest

from engine.definitions import check
from engine.feel import Functions
from tests.engine.definitions.models import (
    END,
    HEAD,
    START,
    call,
    catch,
    chain,
    file,
    flow,
    line,
    script,
    service,
    timer,
)


def bomb(levels: int) -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(levels))
    return f"<!DOCTYPE x [{entities}]>{HEAD}&a{levels};</definitions>".encode()


def nested(levels: int) -> bytes:
    return file("".join(f'<subProcess id="s{n}">' for n in range(levels)) + "</subProcess>" * levels)


def long_line(count: int) -> bytes:
    return line(*(f'<task id="t{n}" name="T"/>' for n in range(count)))


def choice_of(count: int, kind: str) -> bytes:
    ends = "".join(f'<endEvent id="e{n}"/>' + flow("g", f"e{n}", "=a") for n in range(count))
    return file(START, f'<{kind} id="g"/>', ends, flow("s", "g"))


def mesh(size: int) -> bytes:
    """Every gateway leads to every other."""
    gateways = "".join(f'<inclusiveGateway id="g{n}"/>' for n in range(size))
    flows = "".join(flow(f"g{a}", f"g{b}", "=a") for a in range(size) for b in range(size) if a != b)
    return file(START, END, gateways, flows, flow("s", "g0"), flow("g1", "e"))


def handlers(count: int) -> bytes:
    """A process with so many event sub-processes, each of which throws the signal that starts it."""
    event = '<signalEventDefinition signalRef="si"/>'
    inside = "".join(
        f'<subProcess id="h{n}" triggeredByEvent="true"><startEvent id="hs{n}">{event}</startEvent>'
        f'<endEvent id="he{n}">{event}</endEvent>{flow(f"hs{n}", f"he{n}")}</subProcess>'
        for n in range(count)
    )
    return file(START, END, flow("s", "e"), inside, roots='<signal id="si" name="eco"/>')


def circle(count: int) -> bytes:
    bodies = "".join(
        f'<process id="p{n}" isExecutable="true">'
        + chain(START, call(f'processId="p{(n + 1) % count}"'), END)
        .replace('id="', f'id="x{n}')
        .replace('Ref="', f'Ref="x{n}')
        + "</process>"
        for n in range(count)
    )
    return f"{HEAD}{bodies}</definitions>".encode()


HOSTILE = {
    "external entity": (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "xml-doctype"),
    "external document type": (b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><x/>', "xml-doctype"),
    "parameter entity": (b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><x/>', "xml-doctype"),
    "inline entity": (f'<!DOCTYPE x [<!ENTITY e "v">]>{HEAD}&e;</definitions>'.encode(), "xml-doctype"),
    "billion laughs": (bomb(9), "xml-doctype"),
    "millions of elements": (b"<a>" + b"<b/>" * 500_000 + b"</a>", "xml-too-large"),
    "12 MB": (b"<a>" + b"x" * 12_000_000 + b"</a>", "xml-too-large"),
    "a deep tree": (b"<a>" * 100_000, "xml-too-large"),
    "many attributes": (b"<a " + b" ".join(b'a%d="1"' % n for n in range(120_000)) + b"/>", "xml-too-large"),
    "deep sub-processes": (nested(300), "xml-too-large"),
    "sub-processes in sub-processes": (nested(190), "start-event"),
    "UTF-16": (file().decode().encode("utf-16"), "xml-encoding"),
    "empty": (b"", "xml-empty"),
    "no XML": (b"\x00\x01\x02", "xml-encoding"),
    "Python in a condition": (
        choice_of(2, "exclusiveGateway").replace(b"=a", b"=__import__('os').system('x')"),
        "expression-syntax",
    ),
    "Python in a timer": (line(catch(timer("=__import__(&quot;os&quot;)"))), "unknown-function"),
    "Python as a timer": (line(catch(timer("datetime.timedelta(seconds=1)"))), "timer-not-iso"),
    "code as a script": (
        line('<scriptTask id="t" name="T"><script>for i in range(3000000): pass</script></scriptTask>'),
        "unsupported-attribute",
    ),
    "a script of loops": (
        line(script('expression="=for i in 1..3000000 return i" resultVariable="x"')),
        None,
    ),
    "a deep expression": (
        line(script(f'expression="={"(" * 5000}1{")" * 5000}" resultVariable="x"')),
        "expression-syntax",
    ),
    "a long expression": (line(script(f'expression="=1{"+1" * 200_000}" resultVariable="x"')), "expression-syntax"),
    "an endless self-call": (line(call('processId="p"')), "endless-call"),
    "a circle of 300 calls": (circle(300), "endless-call"),
    "an endless loop without a person": (
        file(START, '<task id="a" name="A"/><task id="b" name="B"/>', flow("s", "a"), flow("a", "b"), flow("b", "a")),
        "never-ends",
    ),
    "an endless cycle": (line(catch(timer("R/PT1S", "Cycle"))), "unbounded-cycle"),
    "4,000 tasks in a line": (long_line(4_000), "too-many-runs"),
    "300 ways out": (choice_of(300, "exclusiveGateway"), "gateway-without-default"),
    "300 ways out, any of them": (choice_of(300, "inclusiveGateway"), "too-many-runs"),
    "a mesh of gateways": (mesh(60), "too-many-runs"),
    "2,000 event sub-processes": (handlers(2_000), None),
    "3,000 unknown topics": (line(*(service(f"t{n}", topic=f"x{n}") for n in range(3_000))), "unknown-topic"),
}


def rules(name: str) -> set[str]:
    topics = {f"area.tema_{n}" for n in range(300)}
    return {
        f.rule for f in check({"bpmn/p.bpmn": HOSTILE[name][0]}, topics=topics, handlers=(), functions=Functions([]))
    }


@pytest.fixture(scope="module")
def judged():
    """Name of the model → its rules, as the child prints them."""
    code = (
        "from tests.engine.definitions.test_hostile import *\nfor name in HOSTILE: print(name, *rules(name), sep='\\t')"
    )

    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    done = subprocess.run([sys.executable, "-c", code], preexec_fn=limits, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: set(found) for name, *found in lines}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_model(judged, name):
    expected = HOSTILE[name][1]
    if expected:
        assert expected in judged[name]
