"""What the pages say of a diagram."""

from __future__ import annotations

import pathlib

from engine.definitions import read_model
from web.process_words import following, plain

BPMN = pathlib.Path(__file__).parents[2] / "processes" / "procedimiento_legal" / "bpmn"


def test_what_comes_next_names_the_questions_on_the_way_and_the_answers() -> None:
    path = BPMN / "04_analisis_caso.bpmn"
    process = read_model(path.name, path.read_bytes()).processes["p04_analisis_caso"]
    assert [(step.condition, step.name) for step in following(process, process.elements["ut_04_analizar_caso"])] == [
        ("¿Es viable el caso? Sí", "Caso analizado"),
        ("¿Es viable el caso? No", "Caso no viable"),
        ("¿Requiere reunión con el equipo? Sí", "Reunión con el equipo"),
    ]


def test_documentation_reads_as_a_sentence_without_its_source() -> None:
    assert plain("Origen L28 (7.1): el gerente confirma.") == "El gerente confirma."
    assert plain("Añadido: aviso.") == "Aviso."
    assert plain("Nota: sin origen") == "Nota: sin origen"
    assert plain("") == ""
