"""A proposal of services as a record: its amounts, its content's hash, its versions, what is shown of it (L14–L21).

Amounts are MXN without or with IVA as named, exact, rounded half up to centavos (§1.5).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.handler import Context, feel_function
from tasks import ajustes, ausencias, catalogos, documentos, expediente, formato, plazos, prospectos
from tasks import calendario as dias
from tasks.formato import redondear
from tasks.paso import Paso
from tasks.registros import Colaborador, Documento, Persona, Plantilla, Propuesta, Prospecto

CIEN = Decimal(100)
TEXTOS = ("alcance", "exclusiones", "etapas", "requisitos")
SELLADOS = (
    "honorarios",
    "gastos_estimados",
    "descuento_pct",
    "iva",
    "retenciones",
    "total",
    "primera_factura_pct",
    "dias_credito",
)
"""Figures that the approval is about, besides the texts (A2). The vigencia may be extended without another approval."""


@dataclass(frozen=True, slots=True)
class Importes:
    netos: Decimal
    """Fees without IVA, less the discount."""
    iva: Decimal
    retenciones: Decimal
    total: Decimal


def importes(session: Session, honorarios: Decimal, descuento_pct: Decimal, persona: Persona) -> Importes:
    """IVA and withholding by the settings of the firm; only a company withholds (§5.2)."""
    netos = redondear(honorarios * (CIEN - descuento_pct) / CIEN)

    def parte(clave: str) -> Decimal:
        pct: Decimal = ajustes.ajuste(session, clave)
        return redondear(netos * pct / CIEN)

    iva = parte("iva_pct")
    retenciones = parte("ret_isr_pct") + parte("ret_iva_pct") if persona.tipo_persona == "moral" else Decimal(0)
    return Importes(netos, iva, retenciones, netos + iva - retenciones)


def sello(propuesta: Propuesta) -> str:
    """SHA-256 of everything that was approved: texts and figures of this version."""
    contenido = {
        "folio": propuesta.folio,
        "version": propuesta.version,
        "textos": {clave: propuesta.contenido.get(clave) for clave in TEXTOS},
        "cifras": {clave: _cifra(getattr(propuesta, clave)) for clave in SELLADOS},
    }
    return hashlib.sha256(json.dumps(contenido, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _cifra(valor: Decimal | int | None) -> str | None:
    return None if valor is None else f"{Decimal(valor):.2f}"


def buscar(session: Session, propuesta_id: str) -> Propuesta:
    """Raises NotFound."""
    propuesta = session.get(Propuesta, propuesta_id)
    if propuesta is None:
        raise NotFound("No existe la propuesta.", propuesta_id=propuesta_id)
    return propuesta


def versiones(session: Session, prospecto: Prospecto) -> Sequence[Propuesta]:
    """All versions of a prospect's proposal, the earliest first."""
    consulta = select(Propuesta).where(Propuesta.prospecto_id == prospecto.id)
    return session.scalars(consulta.order_by(Propuesta.version)).all()


def vigente(session: Session, prospecto: Prospecto) -> Propuesta:
    """The latest version. Raises NotFound."""
    todas = versiones(session, prospecto)
    if not todas:
        raise NotFound("El prospecto no tiene una propuesta.", business_key=prospecto.folio)
    return todas[-1]


def rondas(session: Session, prospecto: Prospecto) -> int:
    """How often the client has asked for changes (A3)."""
    return sum(1 for p in versiones(session, prospecto) if p.comentarios_cliente)


def vigencia(session: Session, propuesta: Propuesta, desde: datetime | None = None) -> datetime:
    """When the offer lapses: `limite_espera(vigencia_dh)` from its sending (`desde` before that), so that a legal
    deadline recorded or changed meanwhile moves it (§1.0)."""
    inicio = propuesta.enviada or desde
    assert inicio is not None
    limite = plazos.limite_espera(session, propuesta.prospecto_id, inicio, propuesta.vigencia_dh)
    return limite.astimezone(dias.ZONA)


@feel_function("vigencia_propuesta")
def vigencia_propuesta(ctx: Context) -> datetime:
    """Fin de la vigencia de la propuesta enviada; un plazo legal fatal la adelanta. Ejemplo: `vigencia_propuesta()`."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    return vigencia(ctx.session, vigente(ctx.session, prospecto), ctx.entered_at)


@feel_function("otros_gerentes")
def otros_gerentes(ctx: Context) -> list[str]:
    """Los gerentes que pueden aprobar la propuesta, además de Dirección: todos menos quien la elaboró (con el ajuste
    «Cuatro ojos» apagado, también quien la elaboró) y, en su ausencia, quien los suple. Ejemplo: `otros_gerentes()`."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    return [quien.usuario for quien in gerentes_que_aprueban(ctx, vigente(ctx.session, prospecto))]


def gerentes_que_aprueban(paso: Paso, propuesta: Propuesta) -> list[Colaborador]:
    """The Gerentes who may approve a version, and the substitutes of those who are away (A1); never its author, unless
    `cuatro_ojos` is off."""
    autor = propuesta.autor if ajustes.ajuste(paso.session, "cuatro_ojos") else None
    gerentes = [g for g in expediente.del_grupo(paso.session, "gerente") if g.usuario != autor]
    suplentes = [ausencias.suplente_de(paso.session, g.usuario, paso.now) for g in gerentes]
    quienes = {quien.usuario: quien for quien in (*gerentes, *suplentes) if quien is not None}
    return [quien for usuario, quien in quienes.items() if usuario != autor]


def plantilla(session: Session, subtipo: str | None) -> dict[str, Any]:
    """Texts that the firm's lawyers keep for a subtype: alcance, exclusiones, etapas, requisitos, gastos_estimados."""
    consulta = select(Plantilla).where(Plantilla.tipo == "propuesta", Plantilla.subtipo == subtipo)
    hallada = session.scalar(consulta.order_by(Plantilla.creado.desc()).limit(1))
    return dict(hallada.contenido) if hallada else {}


def textos(session: Session, propuesta: Propuesta) -> dict[str, Any]:
    """What forms show of a version."""
    autor = session.get(Colaborador, propuesta.autor)
    return {
        "folio_version": f"{propuesta.folio} v{propuesta.version}",
        "autor": autor.presentacion if autor else propuesta.autor,
        "alcance": propuesta.contenido.get("alcance") or "",
        "honorarios_texto": formato.pesos(propuesta.honorarios_netos),
        "descuento_texto": f"{formato.porcentaje(propuesta.descuento_pct)} %",
        "iva_texto": formato.pesos(propuesta.iva),
        "total_texto": formato.pesos(propuesta.total),
        "primera_factura_texto": f"{formato.porcentaje(propuesta.primera_factura_pct)} %",
        "credito_texto": f"{propuesta.dias_credito} días",
        "justificacion": propuesta.justificacion,
        "comentarios_cliente": propuesta.comentarios_cliente,
    }


def impresion(session: Session, propuesta: Propuesta) -> dict[str, Any]:
    """Merge fields of the documents `propuesta` and `contrato`, and of the mail that offers it."""
    prospecto = propuesta.prospecto
    vivos = plazos.fatales_vivos(session, prospecto.id)
    tipo, subtipo = prospecto.tipo_procedimiento or "", prospecto.subtipo or ""
    autor = session.get(Colaborador, propuesta.autor)
    return {
        "propuesta_folio": propuesta.folio,
        "version": propuesta.version,
        "servicio": prospectos.asunto_texto(prospecto),
        "tipo": catalogos.TIPOS.get(tipo, ""),
        "subtipo": catalogos.nombre_subtipo(tipo, subtipo),
        "autoridad": prospecto.autoridad,
        **{clave: propuesta.contenido.get(clave) for clave in TEXTOS},
        "honorarios": propuesta.honorarios,
        "descuento_pct": propuesta.descuento_pct,
        "honorarios_netos": propuesta.honorarios_netos,
        "iva": propuesta.iva,
        "retenciones": propuesta.retenciones,
        "total": propuesta.total,
        "gastos_estimados": propuesta.gastos_estimados,
        "primera_factura_pct": propuesta.primera_factura_pct,
        "dias_credito": propuesta.dias_credito,
        "vigencia_dh": propuesta.vigencia_dh,
        "vigencia": propuesta.vigencia,
        "elaboro": autor.con_cedula if autor else propuesta.autor,
        "plazos": [{"descripcion": p.descripcion, "vence": p.vence} for p in vivos],
        "sello": propuesta.contenido_sha256,
    }


def enlace(session: Session, propuesta: Propuesta) -> str | None:
    """Page of the firm that shows the PDF; None while it is being made."""
    documento = session.get(Documento, propuesta.documento_id) if propuesta.documento_id else None
    if documento is None or documento.sha256 is None:
        return None
    return documentos.enlace(propuesta.prospecto.folio, documento)


def huella(session: Session, propuesta: Propuesta) -> str | None:
    """SHA-256 of the PDF; None while it is being made."""
    if propuesta.pdf_sha256:
        return propuesta.pdf_sha256
    documento = session.get(Documento, propuesta.documento_id) if propuesta.documento_id else None
    return documento.sha256 if documento else None
