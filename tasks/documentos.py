"""Documents from templates: a Documento row at once, its PDF/A by the outside job `documento.generar` (§1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select, update

from engine.handler import Context, Outside, service_task
from tasks import correo_datos, logo
from tasks.calendario import dia
from tasks.paso import Paso
from tasks.registros import Documento, Propuesta, Prospecto

PDF = "application/pdf"


class DelDocumento(BaseModel):
    documento_id: str


def generar(
    paso: Paso,
    plantilla: str,
    *,
    prospecto: Prospecto,
    datos: Mapping[str, Any],
    rubro: str | None = None,
    asunto_id: str | None = None,
    visible_cliente: bool = True,
    nombre: str | None = None,
) -> Documento:
    """Note a document down (`estado` «en_proceso») and have its PDF rendered after the step has committed.

    `plantilla`: `propuesta` = `documents/propuesta.typ` of the bundle. `datos`: what it prints (text, numbers,
    date, datetime, lists, dicts); what `tasks.correo_datos.comunes` gives and `fecha` (today) are added, unless
    given. `rubro`: kind of document on the matter's page (default: the template's name); `nombre`: file name
    without `.pdf` (default: template and folio). A second document of the same rubro and matter is its next
    version. Afterwards `estado` is «generado» and `sha256` is the hash of its bytes in the file store; a Propuesta
    that refers to it by `documento_id` gets `pdf_sha256`.
    """
    todos = {**correo_datos.comunes(paso.session, prospecto.folio), "fecha": dia(paso.now), **datos}
    rubro = rubro or plantilla
    anteriores = select(func.max(Documento.version)).where(
        Documento.prospecto_id == prospecto.id, Documento.rubro == rubro, Documento.origen == "generado"
    )
    documento = Documento(
        prospecto_id=prospecto.id,
        asunto_id=asunto_id,
        rubro=rubro,
        origen="generado",
        version=(paso.session.scalar(anteriores) or 0) + 1,
        nombre=f"{nombre or plantilla + '-' + todos['folio']}.pdf",
        tipo=PDF,
        estado="en_proceso",
        visible_cliente=visible_cliente,
        plantilla=plantilla,
        datos=todos,
    )
    paso.session.add(documento)
    paso.session.flush()
    paso.schedule("documento.generar", paso.now, f"documento/{documento.id}", {"documento_id": documento.id})
    return documento


def enlace(folio: str, documento: Documento) -> str:
    """Page of the firm that shows a document of a matter."""
    return f"/asuntos/{folio}/documentos/{documento.id}"


def _carga(job: DelDocumento, ctx: Context) -> dict[str, Any] | None:
    documento = ctx.session.get(Documento, job.documento_id)
    if documento is None or documento.estado != "en_proceso":
        return None
    return {"plantilla": documento.plantilla, "datos": documento.datos, "momento": documento.creado}


def _anotar(job: DelDocumento, resultado: dict[str, Any] | None, ctx: Context) -> None:
    documento = ctx.session.get(Documento, job.documento_id)
    if documento is None or resultado is None:
        return
    documento.sha256, documento.tamano = resultado["sha256"], resultado["tamano"]
    documento.estado, documento.entregado = "generado", ctx.now
    ctx.session.execute(
        update(Propuesta).where(Propuesta.documento_id == documento.id).values(pdf_sha256=documento.sha256)
    )


@service_task("documento.generar", outside=True, prepare=_carga, finish=_anotar)
def componer(payload: dict[str, Any] | None, outside: Outside) -> dict[str, Any] | None:
    """Render and keep the bytes by their hash: a repeat finds them there already."""
    if payload is None:
        return None
    recursos, datos = logo.con_logo(outside.resources("documents/"), payload["datos"], outside.adapters.archivos)
    pdf = outside.adapters.imprenta.documento(recursos, payload["plantilla"], datos, payload["momento"])
    return {"sha256": outside.adapters.archivos.put(pdf), "tamano": len(pdf)}
