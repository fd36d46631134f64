"""Cauce's engine: BPMN processes, DMN decisions, FEEL and forms over SQL.

Everything public is here, but the decorators of handlers: `engine.handler`.
"""

from engine.access import Access, OpenAccess
from engine.clock import Clock, MovableClock, SystemClock
from engine.definitions import load_folder
from engine.engine import Engine
from engine.errors import (
    Conflict,
    DeployRejected,
    EngineError,
    Invalid,
    NotAllowed,
    NotFound,
    ProcessFailed,
)
from engine.handler import (
    BpmnError,
    Context,
    FeelFunction,
    Outside,
    ServiceTaskHandler,
    UserTaskHandler,
)
from engine.storage import FeelJson, UtcDateTime, metadata
from engine.storage.files import Files, StoredFile
from engine.transaction import Transaction
from engine.user_task import TaskForm
from engine.values import (
    SYSTEM,
    Actor,
    Attachment,
    Completed,
    DecisionResult,
    Deployment,
    Diagram,
    Finding,
    HistoryEvent,
    Incident,
    InstanceQuery,
    Job,
    JobQuery,
    Page,
    ProcessDefinition,
    ProcessInstance,
    Subscription,
    Token,
    UserTask,
    UserTaskQuery,
    Value,
)

__all__ = [
    "SYSTEM",
    "Access",
    "Actor",
    "Attachment",
    "BpmnError",
    "Clock",
    "Completed",
    "Conflict",
    "Context",
    "DecisionResult",
    "DeployRejected",
    "Deployment",
    "Diagram",
    "Engine",
    "EngineError",
    "FeelFunction",
    "FeelJson",
    "Files",
    "Finding",
    "HistoryEvent",
    "Incident",
    "InstanceQuery",
    "Invalid",
    "Job",
    "JobQuery",
    "MovableClock",
    "NotAllowed",
    "NotFound",
    "OpenAccess",
    "Outside",
    "Page",
    "ProcessDefinition",
    "ProcessFailed",
    "ProcessInstance",
    "ServiceTaskHandler",
    "StoredFile",
    "Subscription",
    "SystemClock",
    "TaskForm",
    "Token",
    "Transaction",
    "UserTask",
    "UserTaskHandler",
    "UserTaskQuery",
    "UtcDateTime",
    "Value",
    "load_folder",
    "metadata",
]
