"""Stages 7 to 12 through the engine: E1 rows 10 to 21 and E1b of legal-process.md §8."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import Invalid, load_folder
from tasks.cobranza import registrar_pago
from tasks.registros import Asunto, Avance, Bono, Documento, Factura, Oportunidad

from . import etapas
from .despacho import PROCESO, Despacho, momento

AVISOS_DE_PLAZO = [
    f"01-{dia} 09:00 {quien}"
    for dia, quienes in ((25, ("ana", "hector", "sofia")), (27, ("hector", "sofia")), (29, ("hector", "sofia")))
    for quien in quienes
]
"""To advisor and Gerente; turning urgent (−5 dh) to Dirección too."""


@pytest.fixture(params=[False, True], ids=["", "con-reinicios"])
def despacho(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Despacho]:
    recursos = {**load_folder(PROCESO), "bpmn/etapas.bpmn": etapas.principal()}
    despacho = Despacho(database_url, tmp_path, "2027-01-20 12:00", recursos=recursos, reinicia=request.param)
    yield despacho
    despacho.cerrar()


def empezar(d: Despacho, **datos: Any) -> None:
    variables = d.aceptado(**datos)
    d.engine.start(etapas.CLAVE, d.clave, variables, by=d.quien("lvega"))
    d.trabajar()
    assert d.incidentes() == []


def vence(d: Despacho, elemento: str) -> str:
    due = d.abiertas()[elemento].due
    assert due is not None
    return f"{due.astimezone(momento('2027-01-01').tzinfo):%Y-%m-%d %H:%M}"


def factura(d: Despacho, folio: str) -> Factura:
    with d.registros() as session:
        return session.scalars(select(Factura).where(Factura.folio == folio)).one()


def pagar(d: Despacho, folio: str, monto: str, quien: str = "msoto") -> None:
    with d.transaccion(d.quien(quien)) as tx:
        registrar_pago(tx, factura(d, folio).id, referencia="SPEI 123", monto=Decimal(monto))
    d.trabajar()


def test_e1_desde_la_factura_hasta_el_archivo(despacho: Despacho) -> None:
    d = despacho
    empezar(d)
    a1 = factura(d, "A-1")
    assert (a1.subtotal, a1.iva, a1.total, a1.saldo) == (30000, 4800, 34800, 34800)
    assert (a1.estado, a1.uuid, a1.vencimiento) == ("timbrada_simulada", None, date(2027, 1, 25))
    assert d.correos("cor_07") == ["cor_07_factura"]
    assert d.abiertas() == {}, "esperar_pago: nobody can assign an advisor"

    d.a_las("2027-01-21 09:00")
    assert "cor_07_previo" not in d.correos()
    d.a_las("2027-01-21 12:00")
    pagar(d, "A-1", "34800")
    assert factura(d, "A-1").estado == "pagada"
    assert list(d.abiertas()) == ["ut_08_asignar_asesor"]
    formulario = d.engine.form(d.abiertas()["ut_08_asignar_asesor"].id, by=d.quien("hruiz"))
    assert formulario.data["asesor_id"] == "sluna"
    d.completar("hruiz", "ut_08_asignar_asesor", asesor_id="sluna")
    assert d.estado() == "asignado"

    d.a_las("2027-01-22 10:00")
    pasos = [{"paso": "Preparar la demanda", "fecha": date(2027, 1, 27)}, {"paso": "Presentarla", "fecha": None}]
    d.completar("sluna", "ut_09_preparar_arranque", primeros_pasos=pasos)
    assert d.correos("cor_09") == ["cor_09_arranque"]
    assert d.estado() == "en_tramite"
    assert vence(d, "ut_10_dar_seguimiento") == "2027-02-08 18:00"

    d.a_las("2027-01-29 10:00")
    vivos = d.engine.form(d.abiertas()["ut_10_dar_seguimiento"].id, by=d.quien("sluna")).data["plazos_vivos"]
    assert [p["label"] for p in vivos] == ["Presentar la demanda (vence 02/02/2027)"]
    seguir(d, "presentacion", "Demanda presentada", avance_pct=30, plazos_cumplidos=[vivos[0]["value"]])
    with d.registros() as session:
        avances = session.scalars(select(Avance).order_by(Avance.id)).all()
    assert [(a.tipo, a.visible) for a in avances] == [("interno", False), ("cliente", True)]
    assert vence(d, "ut_10_dar_seguimiento") == "2027-02-15 18:00"

    for dia in ("02-15", "03-01", "03-16", "03-30", "04-13", "04-27", "05-11", "05-25"):
        d.a_las(f"2027-{dia} 10:00")
        assert vence(d, "ut_10_dar_seguimiento") == f"2027-{dia} 18:00"
        seguir(d, "gestion", "Se revisó el expediente")
    assert vence(d, "ut_10_dar_seguimiento") == "2027-06-08 18:00"
    d.a_las("2027-06-08 10:00")
    seguir(d, "sentencia", "Se concedió el amparo", accion="proponer_cierre")
    assert d.correos("cor_10") == ["cor_10_avance"] * 10
    assert d.avisos() == AVISOS_DE_PLAZO, "alerts of the deadline until it was met; never overdue"
    assert vence(d, "ut_11_elaborar_informe") == "2027-06-11 18:00"

    d.a_las("2027-06-10 10:00")
    d.completar("sluna", "ut_11_elaborar_informe", resumen="Se concedió el amparo.", resultado="favorable")
    assert vence(d, "ut_11_autorizar_cierre") == "2027-06-14 18:00"
    d.a_las("2027-06-14 09:00")
    d.completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")
    a2 = factura(d, "A-2")
    assert (a2.total, a2.vencimiento, a2.tipo) == (34800, date(2027, 6, 17), "saldo")
    assert d.correos("cor_11") == ["cor_11_cobranza", "cor_11_tarjeta"]
    assert d.correos("cor_07_factura") == ["cor_07_factura"], "the balance goes with the card"
    assert vence(d, "ut_11_confirmar_cierre") == "2027-06-21 18:00"
    assert d.correos("cor_12") == []

    d.a_las("2027-06-15 09:00")
    assert "cor_07_previo" not in d.correos()
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    assert d.estado() == "cerrado"
    assert d.correos("cor_12") == ["cor_12_encuesta"]
    d.a_las("2027-06-15 14:00")
    pagar(d, "A-2", "34800")
    assert factura(d, "A-2").estado == "pagada"

    d.a_las("2027-06-16 10:00")
    d.completar("cliente", "ut_12_responder_encuesta", p1=5, p2=5, p3=5, p4=5, p5=5, nps=10)
    with d.registros() as session:
        bono = session.scalars(select(Bono)).one()
    assert (bono.puntuacion, bono.base, bono.importe) == (Decimal("5.00"), 60000, 1800)
    assert (bono.asesor_id, bono.estado) == ("sluna", "por_autorizar")

    d.a_las("2027-06-17 10:00")
    d.completar("abarrera", "ut_12_autorizar_bono", decision="autorizar")
    d.completar("lvega", "ut_12_ofrecer_servicios", ofertas=[{"respuesta": "mas_adelante", "fecha": date(2027, 9, 1)}])
    assert d.correos("cor_12") == ["cor_12_encuesta", "cor_12_bono", "cor_12_oferta"]
    with d.registros() as session:
        asunto = session.scalars(select(Asunto).where(Asunto.folio == "J-2027-0001")).one()
        oportunidad = session.scalars(select(Oportunidad)).one()
        bono = session.scalars(select(Bono)).one()
    assert (asunto.estado, asunto.retencion_hasta) == ("archivado", date(2037, 6, 17))
    assert (oportunidad.estado, oportunidad.recontacto) == ("pospuesta", date(2027, 9, 1))
    assert bono.estado == "autorizado"
    assert d.abiertas() == {}
    assert d.sin_entregar() == []
    with d.registros() as session:
        documentos = session.execute(select(Documento.rubro, Documento.estado).order_by(Documento.id)).all()
    assert {estado for _, estado in documentos} == {"generado"}
    assert {"Informe de resultados", "Acuerdo de cierre", "Tarjeta de cierre"} <= {rubro for rubro, _ in documentos}
    assert {i.state for i in d.engine.instances(by=d.quien("abarrera")).items} == {"completed"}
    assert d.incidentes() == []

    d.a_las("2027-09-01 09:00")
    assert d.avisos() == [*AVISOS_DE_PLAZO, "09-01 09:00 laura"], "Ventas is told, though the instance has ended"


def test_weight(despacho: Despacho) -> None:
    """What the people of the happy path must type (§1.14): pagos 1, asignación 0, arranque 0, seguimiento 2, informe 2,
    cierre 1, bono 1, oferta 1."""
    d, peso = despacho, {}

    def completar(usuario: str, elemento: str, **valores: Any) -> None:
        tarea = d.engine.form(d.abiertas()[elemento].id, by=d.quien(usuario))
        try:
            tarea.form.validate({}, tarea.data, raw=False, now=momento("2027-01-20 12:00"))
            peso[elemento] = 0
        except Invalid as faltan:
            peso[elemento] = len(faltan.fields)
        d.completar(usuario, elemento, **valores)

    empezar(d, surte_efectos=None)
    pagar(d, "A-1", "34800")
    completar("hruiz", "ut_08_asignar_asesor")
    completar("sluna", "ut_09_preparar_arranque")
    cierre = {"actuacion": "sentencia", "nota_interna": "x", "accion": "proponer_cierre"}
    completar("sluna", "ut_10_dar_seguimiento", **cierre)
    completar("sluna", "ut_11_elaborar_informe", resumen="x", resultado="favorable")
    completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")
    pagar(d, "A-2", "34800")
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    d.completar("cliente", "ut_12_responder_encuesta", p1=5, p2=5, p3=5, p4=5, p5=5)
    completar("abarrera", "ut_12_autorizar_bono", decision="autorizar")
    completar("lvega", "ut_12_ofrecer_servicios", ofertas=[{"respuesta": "no_interesado"}])
    assert peso == {
        "ut_08_asignar_asesor": 0,
        "ut_09_preparar_arranque": 0,
        "ut_10_dar_seguimiento": 2,
        "ut_11_elaborar_informe": 2,
        "ut_11_autorizar_cierre": 1,
        "ut_12_autorizar_bono": 1,
        "ut_12_ofrecer_servicios": 1,
    }


def seguir(d: Despacho, actuacion: str, texto: str, **mas: Any) -> None:
    d.completar(
        "sluna", "ut_10_dar_seguimiento", tipo_seguimiento="ambos", actuacion=actuacion, texto_cliente=texto, **mas
    )


def test_e1b_nadie_paga_y_el_plazo_se_acerca(despacho: Despacho) -> None:
    d = despacho
    empezar(d)
    d.a_las("2027-01-25 08:59")
    assert d.abiertas() == {}
    d.a_las("2027-01-25 09:00")
    assert list(d.abiertas()) == ["ut_07_autorizar_arranque"]
    assert vence(d, "ut_07_autorizar_arranque") == "2027-01-26 18:00"
    datos = d.engine.form(d.abiertas()["ut_07_autorizar_arranque"].id, by=d.quien("abarrera")).data
    assert datos["motivo_criterio"] == "Plazo legal urgente sin pago"
    d.a_las("2027-01-25 12:00")
    d.completar("abarrera", "ut_07_autorizar_arranque", decision="si", motivo="plazo de amparo")
    assert list(d.abiertas()) == ["ut_08_asignar_asesor"]
    assert factura(d, "A-1").saldo == 34800
    d.a_las("2027-01-26 09:00")
    assert d.correos("cor_07") == ["cor_07_factura", "cor_07_vencido"]
    assert list(d.abiertas()) == ["ut_08_asignar_asesor"]
    assert d.incidentes() == []
