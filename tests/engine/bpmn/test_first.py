from datetime import timedelta
from decimal import Decimal

import pytest

from tests.engine.bpmn.host import Case

MODEL = {
    "p": """
        startEvent s
        exclusiveGateway g
        userTask a
        serviceTask job topic=correo.enviar
        callActivity call called=q
        boundaryEvent late on=call timer=PT2H
        endEvent e
        endEvent small
        endEvent lapsed
        s -> g
        g -> a if =monto > 100
        g -> small default
        a -> job
        job -> call
        call -> e
        late -> lapsed
    """,
    "q": """
        startEvent qs
        userTask b
        endEvent qe
        qs -> b
        b -> qe
    """,
}


@pytest.mark.parametrize("reload", [False, True])
def test_a_case_runs_through_a_gateway_a_person_a_job_and_a_called_process(reload):
    case = Case(MODEL, {"monto": Decimal(200)}, reload=reload)
    assert case.waiting() == ["user_task a"]
    case.complete("a", nombre="Ana")
    assert case.waiting() == ["job job"]
    case.complete("job")
    assert sorted(case.waiting()) == ["timer late", "user_task b"]
    assert case.run.variables(case.one("b").id) == {"monto": Decimal(200), "nombre": "Ana"}
    case.complete("b", listo=True)
    assert case.run.completed
    assert case.waiting() == []
    assert case.run.variables() == {"monto": Decimal(200), "nombre": "Ana", "listo": True}
    assert case.host.elements() == ["s", "g", "a", "job", "qs", "b", "qe", "call", "e"]


@pytest.mark.parametrize("reload", [False, True])
def test_the_timer_takes_the_called_process_away(reload):
    case = Case(MODEL, {"monto": Decimal(200)}, reload=reload)
    case.complete("a")
    case.complete("job")
    assert case.one("late").due == timedelta(hours=2)
    case.fire("late")
    assert case.run.completed
    assert case.host.elements("element.cancelled") == ["call", "b"]
    assert case.host.elements()[-2:] == ["late", "lapsed"]


def test_the_default_flow():
    case = Case(MODEL, {"monto": Decimal(100)})
    assert case.run.completed
    assert case.host.elements() == ["s", "g", "small"]
