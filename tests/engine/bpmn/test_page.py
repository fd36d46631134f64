"""docs/bpmn.md says what the tables say, and the tables leave nothing of BPMN out."""

from __future__ import annotations

from engine.bpmn.kinds import runs
from engine.definitions.model import Element, Event, Process
from engine.definitions.reader import ACTIVITIES, GATEWAYS
from tests.engine.bpmn.catalogue import EVENTS, entries
from tests.engine.bpmn.constructs import ROWS
from tests.engine.bpmn.constructs.refused import REFUSED
from tests.engine.bpmn.page import PAGE, page, proofs

KNOWN_TO_BPMN = {
    "start of a process": "none message timer signal conditional",
    "start of an event sub-process": "message timer signal conditional error escalation compensation",
    "start of an event sub-process, non-interrupting": "message timer signal conditional escalation",
    "intermediate, catching": "message timer signal conditional link",
    "boundary": "message timer signal conditional error escalation cancel compensation",
    "boundary, non-interrupting": "message timer signal conditional escalation",
    "intermediate, throwing": "none message signal escalation compensation link",
    "end": "none message signal error escalation cancel compensation terminate",
}
"""BPMN 2.0.2, table 10.93, but for the events with several definitions."""


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.engine.bpmn.page"


def test_every_entry_has_a_model_that_proves_it() -> None:
    run, refused = proofs()
    assert len(run) == len(ROWS)
    assert len(refused) == len(REFUSED)
    assert [e.proof for e in entries() if e.proof not in (refused if e.status == "refused" else run)] == []


def test_every_event_of_bpmn_has_its_place() -> None:
    known = {(name, position) for position, names in KNOWN_TO_BPMN.items() for name in names.split()}
    said = {(name, position) for name, row in EVENTS.items() for position in row}
    assert known - said == set()
    # What is more is what people draw although BPMN has no such event.
    assert {EVENTS[name][position].status for name, position in said - known} == {"refused"}


def test_the_page_agrees_with_the_executor_about_events() -> None:
    kinds = {
        "start of a process": "startEvent",
        "intermediate, catching": "intermediateCatchEvent",
        "intermediate, throwing": "intermediateThrowEvent",
        "boundary": "boundaryEvent",
        "end": "endEvent",
    }
    for name, row in EVENTS.items():
        for position, entry in row.items():
            if position in kinds:
                assert _runs(kinds[position], name) == (entry.status != "refused"), (name, position)


def _runs(kind: str, event: str) -> bool:
    transaction = Element("t", "transaction", "", "p", "p")
    scope = "t" if kind == "endEvent" else "p"
    element = Element("x", kind, "", "p", scope, event=Event(event), attached_to="t")  # type: ignore[arg-type]
    process = Process("p", "p", True, "p", "", {"t": transaction, "x": element}, {})
    return runs(element, process)


def test_every_kind_of_activity_and_gateway_is_on_the_page() -> None:
    models = " ".join(row.model if isinstance(row.model, str) else " ".join(row.model.values()) for row in ROWS)
    models += " ".join(one.model for one in REFUSED)
    assert [kind for kind in ACTIVITIES | GATEWAYS if f"{kind} " not in models] == []
