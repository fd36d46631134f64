"""«Alta de asunto en curso»: a matter that began before the program did enters at the stage where it stands (§1.12).

Its records are written, its instance begins in the middle of the diagram, open invoices are followed;
nobody gets a mail for it. What lies before the stage is not made up: the file begins with its registration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Invalid, NotAllowed
from engine.values import SYSTEM, Instruction
from tasks import altas_conflicto as conflicto
from tasks import altas_registros as registros
from tasks import calendario as dias
from tasks import personas, prospectos
from tasks.audiencias import en_zona
from tasks.bitacora import anotar
from tasks.catalogos import SUBTIPOS
from tasks.paso import Accion
from tasks.registros import ZONAS, Asesor, Asunto, Encuesta, Factura, Prospecto

REGISTRAN = frozenset({"gerente", "direccion", "admin"})
MAIN = prospectos.PROCESO
ENTRADAS: dict[int, tuple[tuple[str, str], ...]] = {
    3: (("p03_documentacion_adicional", "ut_03_entregar_documentos"),),
    4: ((MAIN, "ca_04_analisis_caso"),),
    5: ((MAIN, "ca_05_propuesta_servicios"),),
    6: (("p06_envio_propuesta", "sp_06_decision"),),
    7: (("p07_pagos", "st_07_revisar_pago"),),
    8: ((MAIN, "ca_08_asignacion_asesor"),),
    9: ((MAIN, "ca_09_notificacion_arranque"),),
    10: ((MAIN, "ca_10_seguimiento_caso"),),
    11: ((MAIN, "ca_11_cierre_caso"),),
    12: (
        ("p12_servicio_postventa", "ut_12_responder_encuesta"),
        ("p12_servicio_postventa", "st_12_revisar_oportunidades"),
    ),
}
"""Stage → where its instance begins: at the box, or behind the step of it that would write to the client."""
LARGOS = {"nombre": 300, "correo": 200, "telefono": 40, "folio": 20, "descripcion": 2000, "autoridad": 300,
          "justificacion_conflicto": 2000}  # fmt: skip
"""Most characters of a text."""
NOMBRE_DE_PARTE = 200
IMPORTE_MAX = 10**10
CORREO = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def registrar(tx: Any, valores: Mapping[str, Any], request_id: str | None = None) -> Prospecto:
    """One matter at its stage. Raises NotAllowed, Invalid by field.

    `valores`: nombre, tipo_persona, rfc, correo, telefono, descripcion, etapa, tipo, subtipo, asesor_id, folio,
    autoridad, num_exp_autoridad, honorarios, avance_pct, facturas (total, saldo, vencimiento), plazos (descripcion,
    vence), audiencias (titulo, inicio: the hour of the place, zona), contrapartes (nombre, rfc, calidad),
    justificacion_conflicto.
    """
    if tx.actor != SYSTEM and not tx.actor.groups & REGISTRAN:
        raise NotAllowed("Solo gerentes, Dirección y Administración dan de alta asuntos en curso.")
    antes = prospectos.prospecto_del_envio(tx.session, request_id)
    if antes is not None:
        return antes
    paso = Accion(tx, "")
    etapa = int(valores["etapa"])
    if mal := errores(tx.session, valores, paso.now):
        raise Invalid(mal)
    halladas, mal = conflicto.errores(tx.session, tx.actor, valores)
    if mal:
        raise Invalid(mal)
    prospecto = registros.prospecto(paso, valores, etapa)
    paso.business_key = prospecto.folio
    conflicto.poner_partes(prospecto, valores)
    conflicto.asentar(paso, prospecto, halladas, valores)
    variables: dict[str, Any] = {
        "prospecto_id": prospecto.id,
        "tipo_procedimiento": prospecto.tipo_procedimiento,
        "subtipo": prospecto.subtipo,
        "resultado_etapa": "continuar",
    }
    asunto = registros.asunto(paso, prospecto, valores, etapa) if etapa > 6 else None
    registros.fechas(paso, prospecto, asunto, valores)
    propuesta = registros.propuesta(paso, prospecto, valores, etapa) if etapa > 5 else None
    facturas: list[Factura] = []
    if propuesta is not None:
        variables["propuesta_id"] = propuesta.id
        variables["requiere_sesion"] = False
    if asunto is not None:
        facturas = [registros.factura(paso, asunto, n, uno) for n, uno in enumerate(valores.get("facturas") or [])]
        variables |= {"asunto_id": asunto.id, "cliente_id": asunto.cliente_id, "tipo_cliente": asunto.tipo_cliente}
        if facturas:
            variables["factura_primera_id"] = facturas[0].id
    if etapa == 3:
        registros.pedir_documentos(paso, prospecto)
    if etapa == 12 and asunto is not None:
        paso.session.add(Encuesta(asunto_id=asunto.id, enviada=paso.now))
    anotar(paso, "asunto.alta_en_curso", prospecto, despues={"etapa": etapa, "folio": valores.get("folio")})
    tx.flush()
    tx.start(
        MAIN,
        prospecto.folio,
        variables,
        request_id=request_id,
        at=[Instruction("start_before", proceso, elemento) for proceso, elemento in ENTRADAS[etapa]],
    )
    for factura in facturas:
        if factura.por_cobrar:
            _seguir(tx, prospecto, factura)
    return prospecto


def errores(session: Session, valores: Mapping[str, Any], ahora: datetime) -> dict[str, str]:
    """What is wrong with one matter, by field; empty when `registrar` would take it. Writes nothing."""
    etapa = int(valores.get("etapa") or 0)
    mal = _errores_de_persona(valores)
    if etapa not in ENTRADAS:
        mal["etapa"] = f"Elija una etapa, de {min(ENTRADAS)} a {max(ENTRADAS)}."
    if valores.get("tipo") not in SUBTIPOS:
        mal["tipo"] = f"Elija: {', '.join(SUBTIPOS)}."
    elif valores.get("subtipo") not in SUBTIPOS[valores["tipo"]]:
        mal["subtipo"] = f"Elija un procedimiento de {valores['tipo']}: {', '.join(SUBTIPOS[valores['tipo']])}."
    honorarios = valores.get("honorarios")
    if etapa > 5 and not honorarios:
        mal["honorarios"] = "Desde la etapa 6 se necesitan los honorarios acordados u ofrecidos."
    elif honorarios and not 0 < honorarios < IMPORTE_MAX:
        mal["honorarios"] = "Debe ser mayor que cero, en pesos."
    if etapa == 7 and not valores.get("facturas"):
        mal["facturas"] = "En la etapa 7 ya hay una primera factura."
    asesor = session.get(Asesor, valores["asesor_id"]) if valores.get("asesor_id") else None
    if etapa > 8 and (asesor is None or not asesor.colaborador.activo):
        mal["asesor_id"] = "Desde la etapa 9 el asunto tiene un asesor activo; escriba su usuario."
    if not 0 <= (valores.get("avance_pct") or 0) <= 100:
        mal["avance_pct"] = "Debe estar entre 0 y 100."
    folio = (valores.get("folio") or "").strip()
    if folio and session.scalar(select(Asunto.id).where(Asunto.folio == folio)):
        mal["folio"] = registros.FOLIO_TOMADO
    for n, factura in enumerate(valores.get("facturas") or []):
        if not 0 < factura["total"] < IMPORTE_MAX:
            mal[f"facturas.{n}.total"] = "Debe ser mayor que cero, en pesos."
        elif not 0 <= factura["saldo"] <= factura["total"]:
            mal[f"facturas.{n}.saldo"] = "El saldo va de cero al total."
    for n, plazo in enumerate(valores.get("plazos") or []):
        if plazo["vence"] < dias.dia(ahora):
            mal[f"plazos.{n}.vence"] = "Registre solo los plazos que corren todavía."
    for n, parte in enumerate(valores.get("contrapartes") or []):
        if len(parte["nombre"]) > NOMBRE_DE_PARTE or len(parte.get("rfc") or "") > 13:
            mal[f"contrapartes.{n}.nombre"] = f"El nombre, a lo más {NOMBRE_DE_PARTE} letras; el RFC, 13."
    for n, audiencia in enumerate(valores.get("audiencias") or []):
        if (audiencia.get("zona") or dias.ZONA.key) not in ZONAS:
            mal[f"audiencias.{n}.zona"] = f"La zona es una de: {', '.join(ZONAS)}."
        elif en_zona(audiencia["inicio"], audiencia.get("zona")) <= ahora:
            mal[f"audiencias.{n}.inicio"] = "Registre solo las audiencias por celebrar."
    return mal


def _errores_de_persona(valores: Mapping[str, Any]) -> dict[str, str]:
    mal = {
        campo: f"A lo más {largo} letras." for campo, largo in LARGOS.items() if len(valores.get(campo) or "") > largo
    }
    if not (valores.get("nombre") or "").strip():
        mal["nombre"] = "Este campo es obligatorio."
    if (valores.get("tipo_persona") or "fisica") not in ("fisica", "moral"):
        mal["tipo_persona"] = "Escriba fisica o moral."
    elif valores.get("rfc"):
        try:
            personas.validar_rfc(valores["rfc"], valores.get("tipo_persona") or "fisica")
        except Invalid as invalido:
            mal |= invalido.fields
    if valores.get("correo") and not CORREO.fullmatch(valores["correo"]):
        mal["correo"] = "Escriba un correo, por ejemplo nombre@empresa.mx."
    return mal


def _seguir(tx: Any, prospecto: Prospecto, factura: Factura) -> None:
    """The follow-up of an open invoice, as its issue would have started it (L24)."""
    tx.send(
        "msg_factura_emitida",
        prospecto.folio,
        {
            "prospecto_id": prospecto.id,
            "asunto_id": factura.asunto_id,
            "factura_id": factura.id,
            "tipo_procedimiento": prospecto.tipo_procedimiento,
        },
        correlation=f"{prospecto.folio}/{factura.folio}",
    )
