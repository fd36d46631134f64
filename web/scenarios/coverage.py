"""Sequence flows taken, over all scenarios, against those that the diagrams have."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine import SYSTEM, Engine, InstanceQuery
from engine.definitions import read_model

Coverage = set[tuple[str, str]]
"""(process key, id of a sequence flow)."""

PAGE = 1000


def taken_flows(engine: Engine) -> Coverage:
    """Every sequence flow that any instance of this database has taken."""
    taken: Coverage = set()
    for instance in engine.instances(InstanceQuery(), size=PAGE, by=SYSTEM).items:
        page: str | None = None
        while True:
            found = engine.history(instance.id, page, PAGE, kinds=["flow.taken"], by=SYSTEM)
            taken |= {(event.process_key, event.element_id) for event in found.items}
            page = found.next
            if page is None:
                break
    return taken


def all_flows(resources: Mapping[str, bytes]) -> Coverage:
    """Every sequence flow of the executable processes of a process folder."""
    return {
        (process.id, flow)
        for name, data in resources.items()
        if name.endswith(".bpmn")
        for process in read_model(name, data).processes.values()
        if process.executable
        for flow in process.flows
    }


def never_taken(flows: Coverage, taken: Coverage, excused: Collection[str] = ()) -> list[str]:
    """`process.flow` of the flows that no scenario took and that nobody excused."""
    return sorted(name for key, flow in flows - taken if (name := f"{key}.{flow}") not in excused)
