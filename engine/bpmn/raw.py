"""SpiffWorkflow alone, without anything of ours: what `cauce bench` compares the engine with, in the same run.

It stands here because only this package may import the library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState


class RawProcess:
    """A process of user tasks and gateways (conditions are Python here) in the library's own stock classes."""

    def __init__(self, xml: bytes, process_id: str) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(xml))
        self._spec = parser.get_spec(process_id)
        self._serializer = BpmnWorkflowSerializer()

    def start(self) -> BpmnWorkflow:
        """An instance that stands at its first user task, in memory."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        return workflow

    def complete(self, workflow: BpmnWorkflow, data: Mapping[str, Any]) -> None:
        """Complete the ready user task and run to the next."""
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.set_data(**data)
        task.run()
        workflow.do_engine_steps()

    def dump(self, workflow: BpmnWorkflow) -> str:
        """The whole instance as JSON text, the way the library's documentation stores it."""
        return str(self._serializer.serialize_json(workflow))

    def load(self, text: str) -> BpmnWorkflow:
        return self._serializer.deserialize_json(text)

    def complete_stored(self, text: str, data: Mapping[str, Any]) -> str:
        """One step with a JSON round trip: load, complete, dump."""
        workflow = self.load(text)
        self.complete(workflow, data)
        return self.dump(workflow)

    def done(self, workflow: BpmnWorkflow) -> bool:
        return bool(workflow.is_completed())

    def size(self, text: str) -> int:
        """Bytes of a stored instance; checks that it is JSON."""
        json.loads(text)
        return len(text.encode())
