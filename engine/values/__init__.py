"""The frozen values that the verbs of the engine take and give, by their noun; imported from here.

Ids are opaque strings. Times are aware datetimes in UTC. Variables hold FEEL values only: None, bool, Decimal, str,
date, time, datetime, the two durations, lists and string-keyed dicts of these.
"""

from engine.values.actor import SYSTEM, Actor, Value
from engine.values.decision import DecisionResult
from engine.values.definition import (
    Deployment,
    Diagram,
    Difference,
    ElementChange,
    Finding,
    ProcessDefinition,
    Suspension,
    Token,
)
from engine.values.instance import (
    HistoryEvent,
    InstanceQuery,
    InstanceState,
    Instruction,
    ProcessInstance,
    Subscription,
    VariableScope,
    WaitState,
)
from engine.values.job import (
    DefinitionLoad,
    Incident,
    IncidentQuery,
    Job,
    JobQuery,
    JobState,
    Standing,
    Worker,
    Workload,
)
from engine.values.migration import Migrated, Plan, Verdict
from engine.values.operation import Action, Operation, OperationChange, OperationQuery
from engine.values.page import Page
from engine.values.user_task import Attachment, Completed, UserTask, UserTaskQuery, UserTaskState

__all__ = [
    "SYSTEM",
    "Action",
    "Actor",
    "Attachment",
    "Completed",
    "DecisionResult",
    "DefinitionLoad",
    "Deployment",
    "Diagram",
    "Difference",
    "ElementChange",
    "Finding",
    "HistoryEvent",
    "Incident",
    "IncidentQuery",
    "InstanceQuery",
    "InstanceState",
    "Instruction",
    "Job",
    "JobQuery",
    "JobState",
    "Migrated",
    "Operation",
    "OperationChange",
    "OperationQuery",
    "Page",
    "Plan",
    "ProcessDefinition",
    "ProcessInstance",
    "Standing",
    "Subscription",
    "Suspension",
    "Token",
    "UserTask",
    "UserTaskQuery",
    "UserTaskState",
    "Value",
    "VariableScope",
    "Verdict",
    "WaitState",
    "Worker",
    "Workload",
]
