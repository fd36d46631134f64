"""The records of a matter that was under way before the program: person, file, agreement, invoices, dates (§1.12).

What lies before its stage is not made up; what is written here is what the firm's pages and the next steps read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.errors import Invalid
from tasks import ajustes, documentacion, documentos, expediente, personas, plazos, privacidad, propuestas, prospectos
from tasks import calendario as dias
from tasks.audiencias import en_zona
from tasks.folios import PREFIJO_ASUNTO, reservar_folio, siguiente_folio
from tasks.formato import redondear
from tasks.paso import Accion
from tasks.registros import (
    AsignacionHistorial,
    Asunto,
    Factura,
    Persona,
    Propuesta,
    Prospecto,
    Reunion,
    normalizar,
)
from tasks.registros.tipos import nuevo_id

CIEN = Decimal(100)
FOLIO_TOMADO = "Ya hay un asunto con este folio."
ESTADOS = {3: "en_documentos", 4: "en_analisis", 5: "en_propuesta", 6: "propuesta_enviada"}
ESTADOS_ASUNTO = {
    7: "por_iniciar", 8: "por_iniciar", 9: "asignado", 10: "en_tramite", 11: "en_tramite", 12: "cerrado",
}  # fmt: skip


def conocida(session: Session, valores: Mapping[str, Any]) -> Persona | None:
    """The client as the firm has it on file: by RFC, else the same name with the same mail or telephone."""
    if valores.get("rfc"):
        rfc = personas.validar_rfc(valores["rfc"], valores.get("tipo_persona") or "fisica")
        return session.scalar(select(Persona).where(Persona.rfc == rfc).limit(1))
    iguales = session.scalars(
        select(Persona)
        .where(Persona.nombre_normalizado == normalizar(valores["nombre"]), Persona.anonimizada.is_(None))
        .order_by(Persona.id)
    )
    for persona in iguales:
        if any(valores.get(campo) and valores[campo] == getattr(persona, campo) for campo in ("correo", "telefono")):
            return persona
    return None


def prospecto(paso: Accion, valores: Mapping[str, Any], etapa: int) -> Prospecto:
    persona = conocida(paso.session, valores)
    if persona is None:
        rfc = personas.validar_rfc(valores["rfc"]) if valores.get("rfc") else None
        persona = Persona(
            nombre=valores["nombre"].strip(),
            tipo_persona=valores.get("tipo_persona") or "fisica",
            rfc=rfc,
            correo=valores.get("correo") or None,
            telefono=valores.get("telefono") or None,
        )
    hoy = dias.dia(paso.now)
    prospecto = prospectos.abrir(
        paso,
        persona=persona,
        canal="referido",
        origen="alta_en_curso",
        estado=ESTADOS.get(etapa, "ganado"),
        tipo_procedimiento=valores["tipo"],
        subtipo=valores["subtipo"],
        autoridad=valores.get("autoridad") or None,
        num_exp_autoridad=valores.get("num_exp_autoridad") or None,
        gerente_id=paso.actor.id if "gerente" in paso.actor.groups else _unico_gerente(paso.session),
    )
    prospecto.descripcion = (valores.get("descripcion") or "").strip() or "Asunto en curso al darse de alta."
    privacidad.poner_aviso(paso, persona, medio_aviso="mostrador", medio="alta_en_curso")
    if etapa > 6 and persona.folio is None:
        persona.folio = siguiente_folio(paso.session, "CLI", hoy.year)
        persona.cliente_desde = paso.now
    paso.session.flush()
    return prospecto


def _unico_gerente(session: Session) -> str | None:
    gerentes = expediente.del_grupo(session, "gerente")
    return gerentes[0].usuario if len(gerentes) == 1 else None


def asunto(paso: Accion, prospecto: Prospecto, valores: Mapping[str, Any], etapa: int) -> Asunto:
    hoy, tipo = dias.dia(paso.now), valores["tipo"]
    entradas = personas.entradas_tipo_cliente(paso.session, prospecto.persona, hoy)
    asesor = valores.get("asesor_id") if etapa > 8 else None
    folio = (valores.get("folio") or "").strip()
    if folio:
        reservar_folio(paso.session, folio)
    asunto = Asunto(
        folio=folio or siguiente_folio(paso.session, PREFIJO_ASUNTO[tipo], hoy.year),
        prospecto_id=prospecto.id,
        cliente_id=prospecto.persona_id,
        tipo=tipo,
        subtipo=valores["subtipo"],
        autoridad=prospecto.autoridad,
        num_exp_autoridad=prospecto.num_exp_autoridad,
        tipo_cliente=paso.tx.decide("tipo_cliente", entradas).outputs,
        estado=ESTADOS_ASUNTO[etapa],
        asesor_id=asesor,
        supervisor_id=prospecto.gerente_id if etapa > 8 else None,
        avance_pct=int(valores.get("avance_pct") or 0),
        apertura=hoy,
        arranque=hoy if etapa > 9 else None,
        cierre=hoy if etapa == 12 else None,
    )
    try:
        with paso.session.begin_nested():
            paso.session.add(asunto)
    except IntegrityError:
        # Looked for before; somebody else has just registered it.
        raise Invalid({"folio": FOLIO_TOMADO}) from None
    if asesor:
        paso.session.add(AsignacionHistorial(asunto_id=asunto.id, asesor_nuevo=asesor, fecha=paso.now))
    return asunto


def propuesta(paso: Accion, prospecto: Prospecto, valores: Mapping[str, Any], etapa: int) -> Propuesta:
    """What was agreed, or in stage 6 offered: the fees rule what is still to be invoiced (L40).

    An offer that the client is still to answer gets its document here, so that it can be signed like any other; it
    goes to nobody, and its term begins to run today.
    """
    honorarios = redondear(valores["honorarios"])
    facturas = valores.get("facturas") or []
    primera = _subtotal(paso, facturas[0]["total"]) * CIEN / honorarios if facturas else CIEN
    cifras = propuestas.importes(paso.session, honorarios, Decimal(0), prospecto.persona)
    propuesta = Propuesta(
        folio=siguiente_folio(paso.session, "PROP", dias.dia(paso.now).year),
        prospecto_id=prospecto.id,
        contenido={"alcance": "Acordado antes del alta en el sistema."},
        honorarios=honorarios,
        honorarios_netos=cifras.netos,
        iva=cifras.iva,
        retenciones=cifras.retenciones,
        total=cifras.total,
        primera_factura_pct=min(redondear(primera), CIEN),
        dias_credito=0,
        vigencia_dh=int(ajustes.ajuste(paso.session, "vigencia_dh")),
        sesion="no",
        estado="aceptada",
        autor=paso.actor.id,
    )
    propuesta.prospecto = prospecto
    paso.session.add(propuesta)
    paso.session.flush()
    if etapa > 6:
        propuesta.decidida = paso.now
        return propuesta
    descrito = (valores.get("descripcion") or "").strip()
    propuesta.contenido = {"alcance": descrito or "El que se ofreció antes del alta en el sistema."}
    propuesta.estado, propuesta.enviada = "enviada", paso.now
    propuesta.vigencia = propuestas.vigencia(paso.session, propuesta)
    propuesta.contenido_sha256 = propuestas.sello(propuesta)
    documento = documentos.generar(
        paso,
        "propuesta",
        prospecto=prospecto,
        datos=propuestas.impresion(paso.session, propuesta),
        rubro="Propuesta de servicios",
        nombre=f"{propuesta.folio} v1",
    )
    propuesta.documento_id = documento.id
    return propuesta


def factura(paso: Accion, asunto: Asunto, numero: int, datos: Mapping[str, Any]) -> Factura:
    """An invoice that was issued elsewhere before; its totals as they were."""
    total, saldo = redondear(datos["total"]), redondear(datos["saldo"])
    subtotal = _subtotal(paso, total)
    folio = siguiente_folio(paso.session, "A", 0)
    factura = Factura(
        prospecto_id=asunto.prospecto_id,
        asunto_id=asunto.id,
        tipo="primera" if numero == 0 else "saldo",
        folio=folio,
        concepto="Factura anterior al alta en el sistema",
        subtotal=subtotal,
        iva=total - subtotal,
        total=total,
        saldo=saldo,
        emision=min(dias.dia(paso.now), datos["vencimiento"]),
        vencimiento=datos["vencimiento"],
        referencia=folio,
        estado="pagada" if saldo == 0 else "parcial" if saldo < total else "timbrada",
    )
    paso.session.add(factura)
    paso.session.flush()
    return factura


def _subtotal(paso: Accion, total: Decimal) -> Decimal:
    return redondear(total * CIEN / (CIEN + _iva(paso)))


def _iva(paso: Accion) -> Decimal:
    iva: Decimal = ajustes.ajuste(paso.session, "iva_pct")
    return iva


def fechas(paso: Accion, prospecto: Prospecto, asunto: Asunto | None, valores: Mapping[str, Any]) -> None:
    """Deadlines and hearings with their alerts; nobody is invited anew."""
    asunto_id = asunto.id if asunto else None
    for uno in valores.get("plazos") or []:
        plazos.registrar(paso, prospecto, uno["descripcion"].strip(), uno["vence"], asunto_id=asunto_id)
    for una in valores.get("audiencias") or []:
        id, zona = nuevo_id(), una.get("zona") or dias.ZONA.key
        inicio = en_zona(una["inicio"], zona)
        audiencia = Reunion(
            id=id,
            prospecto_id=prospecto.id,
            asunto_id=asunto_id,
            tipo="audiencia",
            titulo=una["titulo"].strip(),
            responsable_id=asunto.asesor_id if asunto else None,
            inicio=inicio,
            fin=inicio + timedelta(hours=1),
            zona=zona,
            estado="confirmada",
            uid=f"{id}@cauce",
        )
        paso.session.add(audiencia)
        paso.session.flush()
        titulo = f"Audiencia: {audiencia.titulo}"
        plazos.registrar(
            paso, prospecto, titulo, dias.dia(inicio), tipo="audiencia", asunto_id=asunto_id, reunion_id=id
        )


def pedir_documentos(paso: Accion, prospecto: Prospecto) -> None:
    """The checklist of the table, without the mail that asks for it."""
    entradas = {
        "tipo_procedimiento": prospecto.tipo_procedimiento,
        "subtipo": prospecto.subtipo,
        "tipo_persona": prospecto.persona.tipo_persona,
    }
    for pedido in _renglones(paso.tx.decide("documentos_requeridos", entradas).outputs):
        documentacion.pedir(paso, prospecto, pedido["documento"], obligatorio=pedido["obligatorio"])


def _renglones(salidas: Any) -> Sequence[Mapping[str, Any]]:
    return salidas if isinstance(salidas, list) else next(iter(salidas.values()))
