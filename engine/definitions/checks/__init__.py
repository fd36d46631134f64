"""Checks before a deployment: everything that is wrong with a bundle, at once, said so that an analyst can mend it.

One rule is one function; its name is the rule's name in the finding. Errors forbid a deployment, warnings do not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.decisions import DecisionError, Decisions
from engine.decisions.model import Decision
from engine.definitions import safe_xml
from engine.definitions.checks import (
    data,
    expressions,
    flow,
    identity,
    keys,
    links,
    manners,
    partners,
    soundness,
    tables,
    unsupported,
    variables,
)
from engine.definitions.checks.material import Material, Problem, Rule, rule_name, run
from engine.definitions.model import Model
from engine.definitions.reader import read_model
from engine.errors import ModelError
from engine.feel import Functions
from engine.form_keys import FormKeys
from engine.forms import Form
from engine.values import Finding

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *flow.RULES,
    *unsupported.RULES,
    *expressions.RULES,
    *data.RULES,
    *variables.RULES,
    *links.RULES,
    *keys.RULES,
    *partners.RULES,
    *tables.RULES,
    *manners.RULES,
    *soundness.RULES,
)

__all__ = ["RULES", "Material", "Problem", "Rule", "check", "rule_name"]


def check(
    resources: Mapping[str, bytes],
    *,
    topics: Collection[str] | None = None,
    handlers: Collection[str] | None = None,
    functions: Functions | None = None,
    gives: Mapping[str, frozenset[str] | None] | None = None,
    tasks_give: Mapping[str, frozenset[str] | None] | None = None,
    form_keys: Mapping[str, FormKeys] | None = None,
    given: Collection[str] = (),
) -> list[Finding]:
    """Everything wrong with these files, errors first, then by file and element.

    `topics` and `handlers` are the names that have handlers of service tasks and of user tasks in the program,
    `functions` the firm's functions, `gives` and `tasks_give` the variables that those handlers give; None means that
    it is not known and not checked. `form_keys` is what those of user tasks read of their forms, `given` are variables
    that the program gives to processes that it starts.
    """
    findings: list[Finding] = []
    models = _models(resources, findings)
    forms = _forms(resources, functions, findings)
    names: dict[str, frozenset[str]] = {}
    decisions = _decisions(resources, functions, findings, names)
    material = Material(
        resources=resources,
        models=models,
        forms=forms,
        decisions=decisions,
        decision_names=names,
        topics=None if topics is None else frozenset(topics),
        handlers=None if handlers is None else frozenset(handlers),
        functions=functions,
        gives=gives,
        tasks_give=tasks_give,
        form_keys=form_keys or {},
        given=frozenset(given),
        unread=frozenset(finding.resource for finding in findings),
    )
    findings += run(RULES, material)
    findings += _executor(material, findings)
    findings += [finding for form in forms.values() for finding in form.findings]
    return sorted(findings, key=lambda f: (f.severity, f.resource, f.element_id or "", f.rule))


def _executor(material: Material, findings: Collection[Finding]) -> list[Finding]:
    """What the executor itself says that it would not run, about elements of which nothing worse is known."""
    # Not at the top: it reads the values of this package.
    from engine.bpmn import unsupported

    known = {(finding.resource, finding.element_id) for finding in findings if finding.severity == "error"}
    found = [one for process in material.processes() for one in unsupported(process)]
    return [one for one in found if (one.resource, one.element_id) not in known]


def _models(resources: Mapping[str, bytes], findings: list[Finding]) -> dict[str, Model]:
    models = {}
    for name in sorted(resources):
        if name.startswith("bpmn/"):
            try:
                models[name] = read_model(name, resources[name])
            except ModelError as error:
                findings += error.findings
    return models


def _forms(resources: Mapping[str, bytes], functions: Functions | None, findings: list[Finding]) -> dict[str, Form]:
    forms = {}
    for name in sorted(resources):
        if name.startswith("forms/"):
            try:
                forms[name] = Form.parse(resources[name], resource=name, functions=functions)
            except ModelError as error:
                findings += error.findings
    return forms


_IN_EDITOR = "Corrija la decisión en el editor."


def _decisions(
    resources: Mapping[str, bytes],
    functions: Functions | None,
    findings: list[Finding],
    names: dict[str, frozenset[str]],
) -> list[tuple[str, Decision]]:
    """(file, decision) for each; `names` gets the names that each file introduces.

    Files are read one by one, so that a finding names its file; only a file that imports others is read with all.
    """
    found: list[tuple[str, Decision]] = []
    for name in sorted(resources):
        if not name.startswith("dmn/"):
            continue
        try:
            root = safe_xml.parse(name, resources[name])
            decisions = Decisions.parse(resources[name], functions=functions)
            own, drawn = decisions.ids, {id for unit in decisions.units for id in unit.definitions.elements}
            if root.find("{*}import") is not None:
                everything = [data for other, data in sorted(resources.items()) if other.startswith("dmn/")]
                decisions = Decisions.parse(everything, functions=functions)
        except ModelError as error:
            findings += error.findings
            continue
        except DecisionError as error:
            findings.append(Finding(name, error.element_id, "decision", error.spanish, _IN_EDITOR))
            continue
        for id, element_id, message in decisions.findings:
            if id in drawn or not id:
                findings.append(Finding(name, element_id, "decision", message, _IN_EDITOR))
        names[name] = decisions.names
        found += [(name, decisions.decision(id)) for id in own]
    return found
