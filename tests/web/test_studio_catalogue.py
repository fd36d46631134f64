"""What the diagram editor offers comes from the program itself: handlers with their types, functions, known names."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tasks
from engine import Engine, load_folder
from engine.handler import FeelFunction, ServiceTaskHandler, UserTaskHandler, given_by
from web.studio.catalogue import catalogue, form_titles
from web.studio.handler_words import AREAS, WORDS

FOLDER = pathlib.Path(__file__).parents[2] / "processes" / "procedimiento_legal"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    engine = Engine(f"sqlite:///{tmp_path_factory.mktemp('catalogue') / 'x.db'}", handlers=tasks.HANDLERS)
    functions = [item for item in tasks.HANDLERS if isinstance(item, FeelFunction)]
    yield catalogue(engine, functions, load_folder(FOLDER), "bpmn/05_propuesta_servicios.bpmn")
    engine.close()


# Set off by the program itself, never by a diagram.
INTERNAL = {
    "ausencia.empezar", "ausencia.terminar", "colaborador.devolver_tareas", "correo.entregar", "documento.generar",
    "factura.cancelar", "factura.documentar", "factura.timbrar", "plazo.avisar", "plazo.vencer",
    "postventa.recontactar",
    "resumen.enviar", "retencion.borrar", "retencion.revisar", "seguimiento.avisar_atraso",
    "seguimiento.avisar_sin_avance",
}  # fmt: skip


def test_every_handler_for_diagrams_is_a_template_with_spanish_words_of_its_own(found: dict[str, Any]) -> None:
    topics = {item.topic for item in tasks.HANDLERS if isinstance(item, (ServiceTaskHandler, UserTaskHandler))}
    assert set(WORDS) == topics - INTERNAL
    assert {topic.partition(".")[0] for topic in WORDS} == set(AREAS)
    ids = [template["id"] for template in found["templates"]]
    assert sorted(id.partition(".")[2] for id in ids) == sorted(WORDS)
    names = [(one["category"]["name"], one["name"]) for one in found["templates"]]
    assert len(set(names)) == len(names)


def test_a_template_carries_the_typed_inputs_and_outputs_of_its_handler(found: dict[str, Any]) -> None:
    (template,) = [one for one in found["templates"] if one["id"] == "handler.envio.convertir_en_cliente"]
    bindings = [one["binding"] for one in template["properties"]]
    assert {"type": "zeebe:taskDefinition", "property": "type"} in bindings
    assert {"type": "zeebe:input", "name": "propuesta_id"} in bindings
    assert {"type": "zeebe:output", "source": "=asunto_id"} in bindings


def test_inputs_have_the_type_of_the_handler_and_a_mail_is_chosen_from_those_there_are(found: dict[str, Any]) -> None:
    templates = {one["id"]: one for one in found["templates"]}
    inputs = {one["label"]: one for one in templates["handler.correo.enviar"]["properties"] if "label" in one}
    assert inputs["plantilla"]["type"] == "Dropdown"
    assert "cor_05_aprobacion" in {choice["value"] for choice in inputs["plantilla"]["choices"]}
    types = {one["type"] for template in found["templates"] for one in template["properties"]}
    assert types == {"Hidden", "String", "Number", "Boolean", "Dropdown"}


def test_only_names_that_something_gives_are_offered(found: dict[str, Any]) -> None:
    names = {one["name"] for one in found["variables"]}
    assert "decision_aprobacion" in names  # a handler of a user task says that it gives it
    assert "honorarios_netos" not in names  # only a field of a form whose values a handler takes


def test_every_handler_of_the_firm_says_what_it_gives() -> None:
    # One that does not would silence the rule about unknown variables.
    handlers = [item for item in tasks.HANDLERS if isinstance(item, (ServiceTaskHandler, UserTaskHandler))]
    assert [one.topic for one in handlers if given_by(one) is None] == []


def test_forms_decisions_and_processes_are_offered_by_the_ids_that_diagrams_use(found: dict[str, Any]) -> None:
    offered = {name: {one["value"] for one in found["catalogue"][name]} for name in ("forms", "decisions", "processes")}
    assert "aprobar_propuesta" in offered["forms"]
    assert "reunion_equipo" in offered["decisions"]
    assert "p05_propuesta_servicios" in offered["processes"]


def test_variables_come_from_handlers_decisions_and_conditions(found: dict[str, Any]) -> None:
    names = {one["name"]: one["type"] for one in found["variables"]}
    assert names["asunto_id"] == "String"
    assert {"resultado_etapa", "propuesta_id"} <= set(names)


def test_the_firms_functions_are_offered_with_their_explanation(found: dict[str, Any]) -> None:
    (vence,) = [one for one in found["feelFunctions"] if one["name"] == "vence"]
    assert [one["name"] for one in vence["params"]] == ["n", "calendario"]
    assert "<code>vence(3)</code>" in vence["info"]


def test_a_diagram_is_offered_the_names_of_its_own_process_and_of_those_that_it_shares_them_with(
    found: dict[str, Any],
) -> None:
    names = {one["name"] for one in found["variables"]}
    assert {"propuesta_id", "viabilidad"} <= names  # Its own, and that of another stage.
    assert "devengado_pct" not in names  # Of a process that neither calls it nor is called by it.


def test_a_form_is_offered_under_the_name_that_people_know_it_by(found: dict[str, Any]) -> None:
    labels = {one["value"]: one["label"] for one in found["catalogue"]["forms"]}
    assert labels["resolver_falta_pago"] == "Resolver falta de pago (resolver_falta_pago)"
    form = b'{"type": "default", "components": [{"type": "text", "text": "**%s**"}]}'
    titles = form_titles({"forms/a_b.form": form % "Aprobación".encode(), "forms/c_d.form": form % b"{{cliente}}"})
    assert titles == {"forms/a_b.form": "Aprobación", "forms/c_d.form": "C d"}
