"""Runs BPMN processes: the only part of the engine that knows SpiffWorkflow."""

from engine.bpmn.codec import BadState
from engine.bpmn.program import Program
from engine.bpmn.run import Run
from engine.bpmn.unsupported import unsupported
from engine.bpmn.wait import Host, Wait

__all__ = ["BadState", "Host", "Program", "Run", "Wait", "unsupported"]
