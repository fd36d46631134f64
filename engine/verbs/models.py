"""Verbs about models: check, publish, compare and show them; stop a version; try a rule outside of any instance."""

from __future__ import annotations

from collections.abc import Mapping

from engine import deployment, diagram, migration, operation, suspension
from engine.values import DecisionResult, Deployment, Diagram, Difference, Finding, ProcessDefinition, Suspension, Value
from engine.verbs.opening import By, Opening


class ModelVerbs(Opening):
    """Models and the rules in them: nothing here changes an instance, but that a stopped version may stop its own."""

    def check(self, resources: Mapping[str, bytes], *, by: By = None) -> list[Finding]:
        """Everything that is wrong with these files, errors and warnings."""
        with self._reading(by) as tx:
            return deployment.check(tx, resources)

    def deploy(self, resources: Mapping[str, bytes], *, name: str = "", by: By = None) -> Deployment:
        """Publish these files as one bundle; the same files again change nothing. Raises DeployRejected."""
        with self._reading(by) as tx:
            warnings = deployment.judge(tx, resources)
        with self._writing(by) as tx:
            return deployment.deploy(tx, resources, name, warnings)

    def deployments(self, *, by: By = None) -> list[Deployment]:
        """All deployments, the latest first."""
        with self._reading(by) as tx:
            return deployment.deployments(tx)

    def definitions(self, *, by: By = None) -> list[ProcessDefinition]:
        """The latest version of every process."""
        with self._reading(by) as tx:
            return deployment.definitions(tx)

    def resources(self, deployment_id: str | None = None, *, by: By = None) -> dict[str, bytes]:
        """The files of a deployment (None: the latest). Raises NotFound."""
        with self._reading(by) as tx:
            return deployment.resources(tx, deployment_id)

    def diagram(
        self,
        process_key: str | None = None,
        *,
        instance_id: str | None = None,
        deployment_id: str | None = None,
        by: By = None,
    ) -> Diagram:
        """A process's diagram: as the instance runs it, with its tokens and the way taken; else of a deployment.

        `process_key` may name a called process. Raises NotFound.
        """
        with self._reading(by) as tx:
            return diagram.diagram(tx, process_key, instance_id, deployment_id)

    def diff(self, source: str, target: str, *, by: By = None) -> Difference:
        """What is different between two deployments: elements, sequence flows, files."""
        with self._reading(by) as tx:
            return migration.diff(tx, source, target)

    def suspend_definition(
        self, definition_id: str, *, reason: str, instances: bool = False, most: int | None = None, by: By = None
    ) -> Suspension:
        """Nothing new of this version (`key:version`) starts until `resume_definition`; with `instances` those under
        way are suspended, too, `most` of them in one call: calling again goes on. On the engine each is a transaction
        of its own, so one that dies half-way is called again. Raises Conflict when it is suspended already (and
        `instances` is False)."""
        with self._writing(by) as tx:
            found = suspension.suspend(tx, definition_id, reason, instances)
            with operation.part_of(tx, suspension.order(tx, "suspend_definition", definition_id)):
                for one in suspension.to_hold(tx, definition_id)[:most] if instances else ():
                    suspension.hold(tx, one, definition_id, found.reason)
            return found

    def resume_definition(
        self, definition_id: str, *, reason: str, most: int | None = None, by: By = None
    ) -> Suspension:
        """New ones start again, and the instances that were suspended with it go on, `most` of them in one call."""
        with self._writing(by) as tx:
            found = suspension.resume(tx, definition_id, reason)
            with operation.part_of(tx, suspension.order(tx, "resume_definition", definition_id)):
                for one in suspension.to_let_go(tx, definition_id)[:most]:
                    suspension.let_go(tx, one, reason)
            return found

    def suspensions(self, definition_id: str, *, by: By = None) -> list[Suspension]:
        """Every time that this version was suspended, the latest first."""
        with self._reading(by) as tx:
            return suspension.suspensions(tx, definition_id)

    def decide(self, decision_id: str, inputs: Mapping[str, Value], *, by: By = None) -> DecisionResult:
        """Evaluate a decision of the latest deployment."""
        with self._reading(by) as tx:
            return deployment.decide(tx, decision_id, inputs)

    def evaluate(self, expression: str, context: Mapping[str, Value] | None = None, *, by: By = None) -> Value:
        """Evaluate a FEEL expression."""
        with self._reading(by) as tx:
            return deployment.evaluate(tx, expression, context or {})
