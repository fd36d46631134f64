"""Reading what analysts draw: BPMN files of our dialect, bundles of files, and the checks before a deployment."""

from engine.definitions.bundle import Bundle, Bundles, bundle_id, load_folder
from engine.definitions.checks import check
from engine.definitions.model import Element, Event, Flow, Loop, Model, Process, VariableMapping
from engine.definitions.reader import read_model

__all__ = [
    "Bundle",
    "Bundles",
    "Element",
    "Event",
    "Flow",
    "Loop",
    "Model",
    "Process",
    "VariableMapping",
    "bundle_id",
    "check",
    "load_folder",
    "read_model",
]
