"""Everything that runs, as tables of models and traces; `docs/bpmn.md` is made of them."""

from tests.engine.bpmn.constructs import (
    activities,
    boundaries,
    compensation,
    event_sub_processes,
    events,
    flows,
    signals,
    tasks,
)
from tests.engine.bpmn.constructs.row import Row

ROWS = [
    *tasks.ROWS,
    *flows.ROWS,
    *activities.ROWS,
    *events.ROWS,
    *boundaries.ROWS,
    *event_sub_processes.ROWS,
    *signals.ROWS,
    *compensation.ROWS,
]

__all__ = ["ROWS", "Row"]
