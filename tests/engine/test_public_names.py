"""What others may use of the engine does not change by accident."""

import inspect
import pkgutil
import tomllib
from pathlib import Path

import engine

ROOT = Path(__file__).parents[2]

NAMES = """
SYSTEM Access Actor Attachment BpmnError Clock Completed Conflict Context DecisionResult DeployRejected Deployment
Diagram Engine EngineError FeelFunction FeelJson Files Finding HistoryEvent Incident IncidentQuery InstanceQuery
Invalid Job JobQuery MovableClock NotAllowed NotFound OpenAccess Outside Page ProcessDefinition ProcessFailed
ProcessInstance ServiceTaskHandler StoredFile Subscription Suspension SystemClock TaskForm Token Transaction UserTask
UserTaskHandler
DefinitionLoad Standing Worker Workload Difference ElementChange Instruction Migrated Plan VariableScope
Operation OperationChange OperationQuery Verdict WaitState UserTaskQuery UtcDateTime Value load_folder metadata
"""

VERBS = """
assign attach attachment cancel check claim complete correlate count_instances counts decide definitions deploy
deployments diagram discard draft evaluate flows_taken form history incidents instance instances jobs refresh_timers
release
resolve resources standing workload diff fire migrate modify plan_migration restorable restore scopes skip wait_states
resume resume_definition retry set_due set_variables start subscriptions suspend suspend_definition suspensions
operations throw_error user_task user_tasks variables
"""


def test_public_names() -> None:
    assert sorted(engine.__all__) == sorted(NAMES.split())
    assert all(hasattr(engine, name) for name in NAMES.split())


def test_verbs_take_the_actor_on_the_engine_and_in_a_transaction() -> None:
    found = {
        name
        for name, function in inspect.getmembers(engine.Transaction, inspect.isfunction)
        if not name.startswith("_") and "by" in inspect.signature(function).parameters
    }
    assert found == set(VERBS.split())
    for name in VERBS.split():
        on_engine, in_transaction = getattr(engine.Engine, name), getattr(engine.Transaction, name)
        assert inspect.signature(on_engine) == inspect.signature(in_transaction), name
        assert inspect.getdoc(on_engine), name


def test_the_contract_about_the_library_names_every_module_but_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = [
        c for c in project["tool"]["importlinter"]["contracts"] if "SpiffWorkflow" in c.get("forbidden_modules", ())
    ]
    modules = {f"engine.{module.name}" for module in pkgutil.iter_modules(engine.__path__)}
    assert set(contract["source_modules"]) == {"web", "tasks", *modules} - {"engine.bpmn"}
