"""Stage 3 «Documentación adicional» (L8–L9): the checklist, what the client delivers, what the Gerente accepts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.handler import Context, service_task, user_task
from tasks import correo, documentos, expediente, por_cuenta, prospectos
from tasks.bitacora import anotar
from tasks.contacto import CONTINUAR, DelProspecto
from tasks.paso import Paso
from tasks.registros import Colaborador, Documento, Prospecto
from tasks.subidas import Subida, subida

POR_ENTREGAR = ("pendiente", "rechazado")


class DocumentoPedido(BaseModel):
    documento: str
    obligatorio: bool


class Lista(BaseModel):
    prospecto_id: str
    documentos: list[DocumentoPedido] | None
    """Result of the decision «Documentos requeridos»."""


def pedidos(session: Session, prospecto: Prospecto, *estados: str) -> Sequence[Documento]:
    """The checklist, mandatory ones first; only those in `estados`, if given."""
    consulta = select(Documento).where(Documento.prospecto_id == prospecto.id, Documento.origen == "solicitado")
    if estados:
        consulta = consulta.where(Documento.estado.in_(estados))
    return session.scalars(consulta.order_by(Documento.obligatorio.desc(), Documento.creado, Documento.id)).all()


def completos(session: Session, prospecto: Prospecto) -> bool:
    """Whether every mandatory document was accepted (L9)."""
    return all(d.estado == "aceptado" for d in pedidos(session, prospecto) if d.obligatorio)


def pedir(paso: Paso, prospecto: Prospecto, rubro: str, *, obligatorio: bool) -> None:
    """Add a document to the checklist, once."""
    if not any(d.rubro == rubro for d in pedidos(paso.session, prospecto)):
        paso.session.add(Documento(prospecto_id=prospecto.id, rubro=rubro, obligatorio=obligatorio))
        paso.session.flush()


@service_task("documentacion.solicitar")
def solicitar(job: Lista, ctx: Context) -> None:
    """L9: the checklist of the table, and the mail that asks for it."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    ya = {d.rubro for d in pedidos(ctx.session, prospecto)}
    nuevos = {p.documento: p for p in job.documentos or [] if p.documento not in ya}
    ctx.session.add_all(
        Documento(prospecto_id=prospecto.id, rubro=rubro, obligatorio=pedido.obligatorio)
        for rubro, pedido in nuevos.items()
    )
    prospecto.estado = "en_documentos"
    _escribir(ctx, prospecto, "cor_03_solicitud_documentos")


def _escribir(ctx: Context, prospecto: Prospecto, plantilla: str) -> None:
    if not prospecto.persona.correo:
        return
    faltan = pedidos(ctx.session, prospecto, *POR_ENTREGAR)
    renglones = [{"documento": d.rubro, "obligatorio": d.obligatorio, "motivo": d.motivo} for d in faltan]
    plazo = prospectos.plazo_texto(ctx.session, prospecto)
    datos = {"documentos": renglones, "plazo": plazo}
    correo.enviar(ctx, plantilla, a=prospecto.persona, datos=datos, enlace="documentos")


def _por_entregar(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    faltan = pedidos(ctx.session, prospecto, *POR_ENTREGAR)
    return {
        "documentos": [{"archivo": []} for _ in faltan],
        "rubros": [d.rubro for d in faltan],
        "obligatorios": [d.obligatorio for d in faltan],
        "observaciones": [f"No lo pudimos aceptar: {d.motivo}. Súbalo otra vez." if d.motivo else None for d in faltan],
        **por_cuenta.datos(ctx),
    }


@user_task("documentacion.entregar", prepare=_por_entregar, gives=("prorroga_dh",))
def entregar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L9: the client (or somebody of the firm for the client) delivers; each file replaces the one that was refused."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    faltan = pedidos(ctx.session, prospecto, *POR_ENTREGAR)
    for n, (documento, renglon) in enumerate(zip(faltan, values["documentos"], strict=True)):
        if renglon["archivo"]:
            _recibir(ctx, documento, subida(ctx.session, renglon["archivo"][0], f"documentos.{n}.archivo"))
    por_cuenta.asentar(ctx, prospecto, values)
    if values["comentarios"]:
        anotar(ctx, "documentos.comentario", prospecto, despues={"comentarios": values["comentarios"]})
    return {"prorroga_dh": None}


def _recibir(ctx: Context, documento: Documento, archivo: Subida) -> None:
    if documento.archivo:
        documento.version += 1
    documento.archivo, documento.sha256 = archivo.id, archivo.hash
    documento.nombre, documento.tipo, documento.tamano = archivo.filename, archivo.type, archivo.size
    documento.estado, documento.motivo, documento.entregado = "entregado", None, ctx.now


def _por_revisar(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    entregados = pedidos(ctx.session, prospecto, "entregado")
    return {
        "documentos": [{} for _ in entregados],
        "rubros": [_renglon(prospecto, documento) for documento in entregados],
        "adicionales": [],
    }


def _renglon(prospecto: Prospecto, documento: Documento) -> str:
    """What it is, and the file itself."""
    obligatorio = " (obligatorio)" if documento.obligatorio else ""
    enlace = documentos.enlace(prospecto.folio, documento)
    return f"**{documento.rubro}**{obligatorio} · [{documento.nombre}]({enlace})"


@user_task("documentacion.revisar", prepare=_por_revisar, gives=("documentos_completos", "resultado_etapa"))
def revisar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The Gerente accepts or refuses each delivered document, and may ask for more."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    recibidos = []
    for documento, renglon in zip(pedidos(ctx.session, prospecto, "entregado"), values["documentos"], strict=True):
        documento.estado, documento.motivo = renglon["resultado"], renglon.get("motivo")
        documento.original_recibido = bool(renglon["original_recibido"])
        documento.revisado, documento.revisor = ctx.now, ctx.actor.id
        if documento.original_recibido:
            recibidos.append(documento.rubro)
    for renglon in values["adicionales"]:
        pedir(ctx, prospecto, renglon["documento"], obligatorio=bool(renglon["obligatorio"]))
    if recibidos:
        quien = ctx.session.get(Colaborador, ctx.actor.id)
        datos = {"documentos": recibidos, "recibio": quien.presentacion if quien else ctx.actor.id}
        documentos.generar(ctx, "acuse_documentos", prospecto=prospecto, datos=datos, rubro="Acuse de documentos")
    listo = completos(ctx.session, prospecto)
    if listo:
        prospecto.estado = "en_analisis"
    return {"documentos_completos": listo, "resultado_etapa": CONTINUAR}


@service_task("documentacion.avisar_rechazo")
def avisar_rechazo(job: DelProspecto, ctx: Context) -> None:
    """What is still missing, and why what was refused is no good."""
    _escribir(ctx, expediente.prospecto_de(ctx.session, ctx.business_key), "cor_03_rechazo")


@service_task("documentacion.recordar")
def recordar(job: DelProspecto, ctx: Context) -> None:
    """Reminder at 3 and 7 dh."""
    _escribir(ctx, expediente.prospecto_de(ctx.session, ctx.business_key), "cor_03_recordatorio")


def _faltantes(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    faltan = [d.rubro for d in pedidos(ctx.session, prospecto, *POR_ENTREGAR) if d.obligatorio]
    return {
        "faltantes": ", ".join(faltan) or "ninguno obligatorio",
        "plazo_texto": prospectos.plazo_texto(ctx.session, prospecto),
    }


@user_task(
    "documentacion.decidir_sin_documentos",
    prepare=_faltantes,
    gives=("decision_documentos", "prorroga_dh", "resultado_etapa"),
)
def decidir_sin_documentos(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The client did not deliver in time: more time, go on without (they stay pending), or close."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    decision = values["decision"]
    anotar(ctx, "documentos.sin_entregar", prospecto, despues=values)
    if decision == "prorroga":
        return {"decision_documentos": decision, "prorroga_dh": values["prorroga_dh"]}
    if decision == "continuar_sin":
        prospecto.estado = "en_analisis"
        return {"decision_documentos": decision, "resultado_etapa": CONTINUAR}
    return {"decision_documentos": decision, "resultado_etapa": "sin_respuesta"}
