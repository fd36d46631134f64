"""The firm's folder passes its own checks, warnings too."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import tasks
from engine.definitions import check, load_folder
from engine.definitions.reader import read_model
from engine.feel import Functions
from engine.handler import FeelFunction, ServiceTaskHandler, UserTaskHandler
from engine.values import Finding
from tasks.ajustes import AJUSTES
from tasks.calendarios import termino_en_palabras
from tasks.tiempos import TIEMPOS

CARPETA = Path(__file__).parents[2] / "processes" / "procedimiento_legal"


def hallazgos(archivos: Mapping[str, bytes]) -> list[Finding]:
    known = tasks.HANDLERS
    return check(
        archivos,
        topics={one.topic for one in known if isinstance(one, ServiceTaskHandler)},
        handlers={one.topic for one in known if isinstance(one, UserTaskHandler)},
        functions=Functions(one for one in known if isinstance(one, FeelFunction)),
    )


def test_the_folder_has_no_findings() -> None:
    assert [str(f) for f in hallazgos(load_folder(CARPETA))] == []


def test_a_diagram_that_names_a_setting_that_is_not_there_is_refused() -> None:
    archivos = load_folder(CARPETA)
    diagrama = "bpmn/04_analisis_caso.bpmn"
    archivos[diagrama] = archivos[diagrama].replace(b'ajuste("dh_reunion_equipo")', b'ajuste("dh_reunion_equipos")')
    [hallazgo] = [uno for uno in hallazgos(archivos) if uno.severity == "error"]
    assert (hallazgo.element_id, hallazgo.rule) == ("ut_04_reunion_equipo", "unknown-argument")
    assert 'ajuste("dh_reunion_equipos"), que no existe' in hallazgo.message
    assert "«dh_reunion_equipo»" in hallazgo.remedy


def _tiempos() -> Iterator[tuple[str, str, str]]:
    """(element, expression, documentation) of everything that is due or waits in the diagrams."""
    for nombre, datos in load_folder(CARPETA).items():
        if nombre.startswith("bpmn/"):
            for proceso in read_model(nombre, datos).processes.values():
                for e in proceso.elements.values():
                    temporizador = e.event.timer if e.event else None
                    if expresion := e.due_date or temporizador:
                        yield e.id, expresion, e.documentation


def test_every_time_that_the_firm_may_choose_is_a_setting_and_its_element_says_the_default() -> None:
    del_derecho = {"ut_ar_responder_solicitud"}  # The law gives 20 business days.
    leidos = set()
    for elemento, expresion, documentacion in _tiempos():
        claves = re.findall(r'ajuste\("(\w+)"\)', expresion)
        leidos |= set(claves)
        assert elemento in del_derecho or not re.search(r"\d", re.sub(r'"\w+"', "", expresion)), elemento
        for clave in claves:
            una = AJUSTES[clave]
            dicho = termino_en_palabras(int(una.defecto), una.unidad)
            assert dicho in documentacion.partition("Tiempo: ")[2], elemento
    carpeta = Path(tasks.__file__).parent
    codigo = "".join(archivo.read_text() for archivo in carpeta.glob("*.py") if archivo.name != "tiempos.py")
    assert leidos | {una.clave for una in TIEMPOS if f'"{una.clave}"' in codigo} == {una.clave for una in TIEMPOS}
