"""Scenario E1 of the process, through the pages: from the first contact to the survey, as each role (L1 to L47)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.walker import Walker, fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def pdf(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"}


def test_the_happy_path_from_first_contact_to_survey(walker: Walker) -> None:
    first_contact(walker)
    documents(walker)
    analysis_and_proposal(walker)
    signature_and_payment(walker)
    start_and_follow_up(walker)
    closing_and_survey(walker)
    assert walker.complaints == []


def first_contact(walker: Walker) -> None:
    walker.at("2027-01-11T10:00")
    ventas = walker.person("lvega")
    ventas.get_by_role("link", name="Nuevo contacto").click()
    fill(
        ventas,
        {
            "canal": "telefono",
            "nombre": "María Fernanda López Ortega",
            "correo": "mflopez@ejemplo.mx",
            "descripcion_breve": "Le notificaron un acto de autoridad y quiere ampararse.",
            "tipo_tentativo": "juicio",
            "fecha_notificacion": "2027-01-08",
            "aviso_medio": "correo",
        },
    )
    walker.picture(ventas, "nuevo contacto")
    ventas.get_by_role("button", name="Registrar contacto").last.click()
    expect(ventas.get_by_text("Contacto registrado.")).to_be_visible()
    walker.task("lvega", "Informar servicios")
    walker.task(
        "lvega",
        "Resolver dudas",
        {
            "dudas": [{"pregunta": "¿Cuánto tarda un amparo?", "respuesta": "Entre tres y ocho meses."}],
            "resultado_contacto": "continuar",
        },
    )
    walker.task("lvega", "Programar reunión", {"inicio": "2027-01-12T11:00"})
    client = walker.visitor()
    client.goto(walker.link("cor_02_invitacion"))
    walker.picture(client, "portal asistencia")
    client.get_by_role("button", name="Confirmo que asisto").click()
    expect(client.get_by_text("Confirmada")).to_be_visible()
    walker.at("2027-01-12T12:00")
    walker.task(
        "hruiz",
        "Registrar minuta",
        {
            "hechos": "Un juzgado civil ordenó el embargo de su casa sin haberla emplazado.",
            "tipo_procedimiento": "juicio",
            "subtipo": "amparo_indirecto",
            "autoridad": "Juzgado Quinto Civil",
            "surte_efectos": "2027-01-11",
        },
    )


def documents(walker: Walker) -> None:
    walker.at("2027-01-13T10:00")
    walker.client_task(
        "cor_03_solicitud_documentos",
        {"documentos": [{"archivo": pdf("ine.pdf")}, {"archivo": pdf("acto.pdf")}]},
    )
    walker.task(
        "hruiz",
        "Revisar documentos",
        {"documentos": [{"resultado": "rechazado", "motivo": "ilegible"}, {"resultado": "aceptado"}]},
    )
    walker.client_task("cor_03_rechazo", {"documentos": [{"archivo": pdf("ine_legible.pdf")}]})
    walker.task("hruiz", "Revisar documentos", {"documentos": [{"resultado": "aceptado"}]})


def analysis_and_proposal(walker: Walker) -> None:
    walker.at("2027-01-14T10:00")
    walker.task(
        "hruiz",
        "Analizar el caso",
        {
            "viabilidad": "alta",
            "estrategia": "Amparo indirecto por falta de emplazamiento, con suspensión.",
            "complejidad": "3",
            "cuantia": "400,000",
            "servicios_identificados": [
                {"servicio": "Regularización fiscal", "motivo": "Tiene declaraciones pendientes."}
            ],
        },
    )
    walker.at("2027-01-15T10:00")
    walker.task(
        "hruiz",
        "Elaborar propuesta",
        {"alcance": "Demanda de amparo indirecto, suspensión y seguimiento hasta sentencia.", "honorarios": "60,000"},
    )
    walker.at("2027-01-18T10:00")
    walker.task("abarrera", "Aprobar propuesta", {"decision": "aprobar"})
    walker.task("hruiz", "Programar sesión", {"inicio": "2027-01-19T11:00"})
    walker.at("2027-01-19T12:00")
    walker.task("hruiz", "Presentar propuesta", {"acuerdos": "La clienta decide mañana."})


def signature_and_payment(walker: Walker) -> None:
    walker.at("2027-01-20T10:00")
    client = walker.visitor()
    client.goto(walker.link("cor_06_propuesta"))
    expect(client.get_by_text("$69,600.00")).to_be_visible()
    fill(
        client,
        {
            "decision": "aceptar",
            "nombre_completo": "María Fernanda López Ortega",
            "acepto": True,
            "rfc": "LOOF850412QX2",
            "razon_social": "MARIA FERNANDA LOPEZ ORTEGA",
            "regimen_fiscal": "612",
            "cp_fiscal": "03100",
            "uso_cfdi": "G03",
        },
    )
    client.get_by_role("button", name="Enviarme el código").click()
    expect(client.get_by_text("Le enviamos un código")).to_be_visible()
    walker.settle()
    found = re.search(r"\b\d{6}\b", walker.mail("cor_06_codigo").texto or "")
    assert found is not None
    fill(client, {"codigo": "000000" if found[0] != "000000" else "111111"})
    client.get_by_role("button", name="Enviar", exact=True).last.click()
    expect(client.get_by_role("alert")).to_be_visible()
    fill(client, {"codigo": found[0]})
    walker.picture(client, "portal decidir propuesta")
    client.get_by_role("button", name="Enviar", exact=True).last.click()
    expect(client.get_by_role("heading", name="Gracias")).to_be_visible()
    walker.at("2027-01-21T12:00")
    cobranza = walker.person("msoto")
    cobranza.get_by_role("link", name="Cartera").click()
    walker.picture(cobranza, "cartera")
    cobranza.get_by_role("row", name="A-1").get_by_role("button", name="Registrar pago").click()
    cobranza.get_by_label("Referencia o clave de rastreo").fill("SPEI 884213")
    walker.picture(cobranza, "registrar pago")
    cobranza.get_by_role("button", name="Registrar", exact=True).click()
    expect(cobranza.get_by_text("Pago registrado.")).to_be_visible()
    walker.settle()


def start_and_follow_up(walker: Walker) -> None:
    walker.task("hruiz", "Asignar asesor")
    walker.at("2027-01-22T10:00")
    walker.task(
        "sluna",
        "Preparar arranque",
        {
            "primeros_pasos": [
                {"paso": "Presentar la demanda de amparo", "fecha": "2027-01-29"},
                {"paso": "Solicitar la suspensión", "fecha": "2027-01-29"},
            ]
        },
    )
    walker.at("2027-01-29T10:00")
    follow_up = {"tipo_seguimiento": "ambos", "texto_cliente": "Demanda presentada", "avance_pct": "30"}
    walker.task("sluna", "Dar seguimiento", {"actuacion": "presentacion", **follow_up})
    advisor = walker.person("sluna")
    advisor.goto(f"{walker.base}/asuntos/PRO-2027-0001/plazos")
    advisor.get_by_role("link", name="Cumplido o sin efecto").click()
    advisor.get_by_label("Cumplido: se actuó a tiempo").check()
    advisor.get_by_role("button", name="Guardar").click()
    expect(advisor.get_by_text("Plazo cerrado")).to_be_visible()
    walker.picture(advisor, "plazos")
    for tab in ("", "/historia", "/diagrama", "/documentos", "/correos"):
        advisor.goto(f"{walker.base}/asuntos/PRO-2027-0001{tab}")
        if tab == "/diagrama":
            expect(advisor.locator("#diagrama[data-ready]")).to_be_visible()
        walker.picture(advisor, f"asunto{tab}")
    walker.at("2027-06-08T10:00")
    walker.task(
        "sluna",
        "Dar seguimiento",
        {
            "tipo_seguimiento": "ambos",
            "actuacion": "sentencia",
            "texto_cliente": "Se dictó sentencia: el amparo fue concedido.",
            "avance_pct": "100",
            "accion": "proponer_cierre",
        },
    )


def closing_and_survey(walker: Walker) -> None:
    walker.at("2027-06-10T10:00")
    walker.task(
        "sluna",
        "Elaborar informe de resultados",
        {"resumen": "El amparo se concedió; el embargo quedó sin efecto.", "resultado": "favorable"},
    )
    walker.at("2027-06-14T09:00")
    walker.task("hruiz", "Autorizar cierre", {"decision": "autorizar"})
    walker.at("2027-06-15T09:00")
    walker.client_task("cor_11_tarjeta", {"respuesta": "acepto"})
    client = walker.visitor()
    client.get_by_role("link", name="Facturas y pagos").click()
    walker.picture(client, "portal pagos")
    client.get_by_role("link", name="Expediente", exact=True).click()
    walker.picture(client, "portal expediente")
    walker.at("2027-06-16T10:00")
    walker.client_task("cor_12_encuesta", {f"p{n}": "5" for n in range(1, 6)} | {"nps": "10"})
