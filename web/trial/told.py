"""The way walked in a space, as a scenario tells it: the steps, and what held after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

from engine import SYSTEM, HistoryEvent, Job, JobQuery
from tasks.registros import Correo
from web import process_words, timeline
from web.scenarios import expectations as holding
from web.scenarios.format import Step
from web.texts import local, momento
from web.trial.actions import ACTIONS

if TYPE_CHECKING:
    from engine.definitions import Process
    from engine.transaction import Transaction
    from web.scenarios.firm import ScenarioFirm
    from web.scenarios.runner import Way
    from web.trial.space import Log

EVERYTHING = 1000


def scenario(log: Log, name: str, description: str) -> str:
    """The file: every step with what held after it, so that it is a test at once."""
    steps = [
        {"name": record["name"], **record["step"], **({"expect": record["expect"]} if record["expect"] else {})}
        for record in log.steps
    ]
    head = {"name": name, "description": description, "process": log.process, "starts": log.starts, "steps": steps}
    found = {key: value for key, value in head.items() if value != ""}
    text = yaml.dump(found, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110, indent=2)
    return text.replace("\n- name:", "\n\n- name:")


class _Plain(yaml.SafeDumper):
    """As people write it: what is short on one line, and no anchors (the studio takes none)."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:
        return super().represent_sequence(tag, sequence, all(not isinstance(one, (dict, list)) for one in sequence))

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        # A colon would have to be quoted on one line.
        flat = all(not isinstance(one, (dict, list)) and ":" not in str(one) for one in mapping.values())
        return super().represent_mapping(tag, mapping, flat and len(str(mapping)) <= 60)


def written(step: Step) -> dict[str, Any]:
    """A step as the file holds it, without its expectations."""
    found = step.model_dump(by_alias=True, exclude_defaults=True, exclude={"expect", "refused", "name"})
    return {key: plain(value) for key, value in found.items()}


def plain(value: Any) -> Any:
    """What JSON and YAML both can say: exact numbers where a float is exact, else texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return int(value)
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, datetime):
        moment = local(value)
        whole = moment.second == 0 and moment.microsecond == 0
        return moment.strftime("%Y-%m-%d %H:%M") if whole else moment.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


# --- what held


def expectations(
    firm: ScenarioFirm, tx: Transaction, step: Step, way: Way, marks: Mapping[str, set[str]]
) -> dict[str, Any]:
    """What a scenario expects after this step: what waits, mails and documents, timers that are new, how it ended."""
    found: dict[str, Any] = {}
    mails = [mail for mail in tx.session.query(Correo) if mail.id not in marks["mails"]]
    found["mails"] = dict(sorted(Counter(mail.plantilla for mail in mails).items()))
    incidents = len(tx.incidents(size=EVERYTHING).items)
    if incidents:
        found["incidents"] = incidents
    key = way.key_of(step)
    if key is None:
        return found
    found = {"waiting": holding.waiting(firm.engine, key), **found}
    instance = tx.instances(_of(key)).items
    if instance and instance[0].ended_at is not None:
        found["instance"] = instance[0].state
    timers = _timers(firm, key, tx.now)
    if timers:
        found["timers"] = timers
    return found


def _of(key: str) -> Any:
    from engine import InstanceQuery

    return InstanceQuery(business_key=key)


def _timers(firm: ScenarioFirm, key: str, now: datetime) -> dict[str, str]:
    """The timers of the matter and when they are due; those of which several wait are left out."""
    jobs: list[Job] = list(firm.engine.jobs(JobQuery(business_key=key, kind="timer"), size=EVERYTHING, by=SYSTEM).items)
    count = Counter(job.element_id for job in jobs)
    return {str(job.element_id): plain(job.due) for job in jobs if count[job.element_id] == 1}


# --- in words


def said(tx: Transaction, step: Step, log: Log, way: Way, events: Sequence[HistoryEvent]) -> str:
    """«Laura Vega termina «Informar servicios»»."""
    names = timeline.Names(tx.session, None)
    who = "Alguien de fuera" if step.as_ == "publico" else names(step.as_) if step.as_ else "El sistema"
    deed = step.deed
    if deed is None:
        return f"Pasa el tiempo hasta {momento(step.at)}" if step.at else "Sigue lo que esperaba"
    if deed == "action":
        title = ACTIONS[step.action].title if step.action in ACTIONS else str(step.action)
        if step.action == "tramites.nuevo":
            process = processes(tx).get(str(step.with_.get("proceso")))
            title = f"Inicia «{process.name if process else ''}»"
        return f"{who} {title[0].lower()}{title[1:]}"
    if deed == "start":
        process = processes(tx).get(step.start or "")
        return f"Empieza «{process.name if process and process.name else step.start}»"
    if deed == "message":
        return f"Llega el mensaje «{step.message}»"
    if deed == "set_":
        return f"Cambian las variables {', '.join(step.set_)}"
    element = f"«{element_name(tx, str(getattr(step, deed)))}»"
    return SENTENCES[deed].format(who=who, element=element, error=step.error, code=step.code)


SENTENCES = {
    "complete": "{who} termina {element}",
    "draft": "{who} guarda un borrador de {element}",
    "claim": "{who} toma {element}",
    "do": "Se hace {element}",
    "fail": "Falla {element}: {error}",
    "throw": "Error {code} en {element}",
    "skip": "{element} se da por hecho",
    "fire": "Ocurre {element}",
    "retry": "Se intenta otra vez {element}",
}


def processes(tx: Transaction) -> Mapping[str, Process]:
    """Those of the draft in this space."""
    latest = next(iter(tx.deployments()))
    return tx.engine.bundles.get(latest.id).processes


def element_name(tx: Transaction, element_id: str) -> str:
    """What the draft calls an element, whichever process it is in."""
    for process in processes(tx).values():
        if element_id in process.elements:
            return process_words.name_of(process, element_id)
    return element_id
