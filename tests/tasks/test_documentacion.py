"""Stages 3 and 4: the checklist, and the analysis in versions (L8–L13)."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from engine import Files
from engine.errors import Invalid
from engine.storage.tables import attachment
from tasks import analisis, documentacion
from tasks.adapters import Adapters
from tasks.documentacion import DocumentoPedido, Lista
from tasks.registros import Documento, Oportunidad

PEDIDOS = [DocumentoPedido(documento=d, obligatorio=o) for d, o in (("Opcional", False), ("INE", True), ("Acto", True))]
ANALISIS = {
    "viabilidad": "alta",
    "estrategia": "Amparo.",
    "complejidad": Decimal(3),
    "cuantia": Decimal(400000),
    "requiere_equipo_manual": "auto",
    "riesgos": None,
    "probabilidad_exito": None,
    "horas_estimadas": None,
    "servicios_identificados": [],
}


@pytest.fixture
def p(session, paso, prospecto, tmp_path):
    # The uploads below belong to user tasks that are not there; the test undoes them before that is looked at.
    session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    adapters = Adapters.local(Files.in_folder(tmp_path))
    paso_ = paso(2027, 1, 13, 10, business_key=prospecto.folio, adapters=adapters)
    documentacion.solicitar(Lista(prospecto_id=prospecto.id, documentos=PEDIDOS), paso_)
    return paso_


def subir(p, id: str) -> list[str]:
    fila = {
        "id": id, "task_id": "t", "instance_id": "i", "business_key": p.business_key, "field": "documentos",
        "filename": f"{id}.pdf", "hash": "b" * 64, "size": 10, "type": "application/pdf", "created": p.now,
        "created_by": "cliente",
    }  # fmt: skip
    p.session.execute(attachment.insert(), fila)
    return [id]


def entregar(p, *archivos):
    renglones = [{"archivo": archivo} for archivo in archivos]
    return documentacion.entregar({"documentos": renglones, "comentarios": None}, p)


def revisar(p, *resultados, adicionales=()):
    renglones = [
        {"resultado": "aceptado" if r == "aceptado" else "rechazado", "motivo": r, "original_recibido": False}
        for r in resultados
    ]
    return documentacion.revisar({"documentos": renglones, "adicionales": list(adicionales)}, p)


def rubros(p, *estados):
    prospecto = p.session.scalars(select(documentacion.Prospecto)).one()
    return [d.rubro for d in documentacion.pedidos(p.session, prospecto, *estados)]


def test_the_list_asks_for_each_document_once_mandatory_ones_first(p, prospecto):
    documentacion.solicitar(Lista(prospecto_id=prospecto.id, documentos=[*PEDIDOS, *PEDIDOS]), p)
    assert rubros(p) == ["INE", "Acto", "Opcional"]
    assert prospecto.estado == "en_documentos"


def test_what_was_delivered_waits_for_review_and_the_rest_is_asked_again(p):
    assert entregar(p, subir(p, "a1"), [], []) == {"prorroga_dh": None}
    assert (rubros(p, "entregado"), rubros(p, "pendiente")) == (["INE"], ["Acto", "Opcional"])


def test_a_refused_document_comes_back_as_its_next_version(p, session):
    entregar(p, subir(p, "a1"), subir(p, "a2"), [])
    assert revisar(p, "ilegible", "aceptado")["documentos_completos"] is False
    entregar(p, subir(p, "a3"), [])
    ine = session.scalars(select(Documento).where(Documento.rubro == "INE")).one()
    assert (ine.version, ine.estado, ine.motivo, ine.archivo, ine.nombre) == (2, "entregado", None, "a3", "a3.pdf")
    assert revisar(p, "aceptado")["documentos_completos"] is True


def test_an_optional_document_never_holds_the_case_up(p, prospecto):
    entregar(p, subir(p, "a1"), subir(p, "a2"), subir(p, "a3"))
    assert revisar(p, "aceptado", "aceptado", "otra hoja")["documentos_completos"] is True
    assert prospecto.estado == "en_analisis"


def test_a_further_mandatory_document_does(p):
    entregar(p, subir(p, "a1"), subir(p, "a2"), [])
    mas = [{"documento": "Contrato", "obligatorio": True}]
    assert revisar(p, "aceptado", "aceptado", adicionales=mas)["documentos_completos"] is False
    assert rubros(p, "pendiente") == ["Contrato", "Opcional"]


def test_a_file_that_is_not_there_is_refused_at_its_field(p):
    with pytest.raises(Invalid) as refused:
        entregar(p, [], ["nada"], [])
    assert set(refused.value.fields) == {"documentos.1.archivo"}


def test_the_analysis_is_kept_in_versions_and_its_opportunities_are_those_of_the_last(p, prospecto, session):
    con_dos = [{"servicio": s, "motivo": None, "prioridad": "media"} for s in ("Fiscal", "Laboral")]
    salida = analisis.analizar({**ANALISIS, "servicios_identificados": con_dos}, p)
    assert salida["resultado_etapa"] == "continuar"
    assert set(salida) == {"viabilidad", "complejidad", "cuantia", "requiere_equipo_manual", "resultado_etapa"}
    salida = analisis.actualizar({**ANALISIS, "viabilidad": "no_viable", "servicios_identificados": con_dos[:1]}, p)
    assert salida["resultado_etapa"] == "no_viable"
    assert [(a.version, a.viabilidad, a.requiere_equipo_manual) for a in prospecto.analisis] == [
        (1, "alta", "auto"),
        (2, "no_viable", "auto"),
    ]
    assert session.scalars(select(Oportunidad.servicio)).all() == ["Fiscal"]
