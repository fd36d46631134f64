"""Mail: a row of the outbox in the step's own transaction, delivered by the outside job `correo.entregar` (§1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from pydantic import BaseModel

from engine.errors import Invalid, NotFound
from engine.handler import BpmnError, Context, Outside, service_task
from tasks import ausencias, correo_datos, expediente, ics, logo
from tasks.acceso import PERSONAL
from tasks.paso import Paso
from tasks.registros import Colaborador, Correo, Persona, Reunion, nuevo_id
from tasks.transporte import CorreoRechazado

PERSONALES = frozenset({"cor_00_resumen", "cor_12_bono"})
"""About the person, not about work that a substitute does."""
AVISO = "/aviso-de-privacidad"


class DelCorreo(BaseModel):
    correo_id: str


class Envio(BaseModel):
    """Inputs of the service task `correo.enviar`: a template, and to whom."""

    plantilla: str
    destinatario: str = "cliente"
    """cliente, asesor, gerente, a group (ventas, direccion, cobranza), or a person by user name."""
    enlace: str | None = None
    datos: dict[str, Any] | None = None
    """Merge fields of this template: `={folio: folio, decision: decision}`."""


def enviar(
    paso: Paso,
    plantilla: str,
    *,
    a: Persona | Colaborador,
    datos: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    enlace: str | None = None,
    reunion: Reunion | None = None,
    metodo: str = "REQUEST",
) -> Correo:
    """Put one mail into the outbox; it is rendered and sent after the step has committed, once.

    `plantilla`: name of the template, `cor_06_propuesta` = `mail/cor_06_propuesta.j2` of the bundle.
    `a`: a client (mail to the outside) or a person of the firm (internal mail).
    `datos`: merge fields of this template; FEEL values only (text, numbers, date, datetime, lists, dicts). Always there
    without asking: `destinatario`, `interno`, `enlace`, and what `tasks.correo_datos.comunes` gives.
    `enlace`: page that the mail's one button opens. To a client: a page of the portal (`tasks.enlaces.DESTINOS`, e.g.
    "propuesta", "documentos", "tarjeta"), a new signed link is made for it. To staff: a path, e.g. "/bandeja".
    `reunion`: attaches its .ics, with `metodo` REQUEST or CANCEL.
    While a person of the firm is away, the substitute gets it too: an alert of a legal deadline must reach somebody.
    Raises Invalid when the addressee has no mail address.
    """
    if isinstance(a, Colaborador) and plantilla not in PERSONALES:
        suplente = ausencias.suplente_de(paso.session, a.usuario, paso.now)
        if suplente is not None:
            _escribir(paso, plantilla, suplente, datos, business_key, enlace, reunion, metodo, entregar=True)
    return _escribir(paso, plantilla, a, datos, business_key, enlace, reunion, metodo, entregar=True)


def avisar_cliente(
    paso: Paso,
    plantilla: str,
    cliente: Persona,
    *,
    datos: Mapping[str, Any] | None = None,
    enlace: str | None = None,
) -> Correo | None:
    """As `enviar`, under the matter's own key even from what hangs below it (`…/A-1`). None when the client has no mail
    address: whoever looks after the client tells them."""
    if not cliente.correo:
        return None
    clave = expediente.raiz(paso.business_key)
    return enviar(paso, plantilla, a=cliente, datos=datos, business_key=clave, enlace=enlace)


def enviar_a_grupo(
    paso: Paso,
    plantilla: str,
    grupo: str,
    *,
    datos: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    enlace: str | None = None,
) -> list[Correo]:
    """One mail to each active person of a group («cobranza», «direccion», …)."""
    return [
        enviar(paso, plantilla, a=quien, datos=datos, business_key=business_key, enlace=enlace)
        for quien in expediente.del_grupo(paso.session, grupo)
    ]


@service_task("correo.enviar")
def enviar_del_diagrama(job: Envio, ctx: Context) -> None:
    """A mail that a diagram asks for by template and role; its merge fields are the common ones."""
    quien: Persona | Colaborador | None = ctx.session.get(Colaborador, job.destinatario)
    if quien is not None:
        enviar(ctx, job.plantilla, a=quien, datos=job.datos, enlace=job.enlace)
        return
    if job.destinatario not in ("cliente", "asesor", "gerente"):
        if job.destinatario not in PERSONAL:
            raise NotFound(f"«{job.destinatario}» no es una persona ni un grupo a quien escribir.")
        enviar_a_grupo(ctx, job.plantilla, job.destinatario, datos=job.datos, enlace=job.enlace)
        return
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    if job.destinatario == "cliente":
        quien = prospecto.persona
    elif job.destinatario == "asesor":
        quien = expediente.asesor_de(ctx.session, prospecto)
    else:
        quien = expediente.gerente_de(ctx.session, prospecto)
    if quien is None:
        raise NotFound(f"El asunto no tiene {job.destinatario} a quien escribir.")
    enviar(ctx, job.plantilla, a=quien, datos=job.datos, enlace=job.enlace)


# --- delivery


def carga(job: DelCorreo, ctx: Context) -> dict[str, Any] | None:
    """What the delivery works on; None when it has been delivered before. Counts the attempt."""
    correo = ctx.session.get(Correo, job.correo_id)
    if correo is None or correo.estado != "en_cola":
        return None
    correo.intentos += 1
    return {
        "plantilla": correo.plantilla,
        "datos": correo.datos,
        "nombre": " ".join((correo.destinatario_nombre or "").split()),
        "direccion": correo.destinatario,
        "message_id": correo.message_id,
        "momento": correo.creado,
        "calendario": correo.calendario,
    }


def anotar_entrega(job: DelCorreo, resultado: dict[str, Any] | None, ctx: Context) -> None:
    """The mail is out: keep what was sent."""
    correo = ctx.session.get(Correo, job.correo_id)
    if correo is None or resultado is None:
        return
    correo.asunto, correo.texto, correo.html = resultado["asunto"], resultado["texto"], resultado["html"]
    correo.estado = "fallido" if resultado.get("error") else "enviado"
    correo.error, correo.enviado = resultado.get("error"), ctx.now


@service_task("correo.entregar", outside=True, prepare=carga, finish=anotar_entrega)
def entregar(payload: dict[str, Any] | None, outside: Outside) -> dict[str, Any] | None:
    """Render and hand over; three repeats after 1, 5 and 30 minutes, then an incident."""
    if payload is None:
        return None
    pieza = outside.adapters.imprenta.correo(outside.resources("mail/"), payload["plantilla"], payload["datos"])
    imagen = logo.del_correo(payload["datos"], pieza.html, outside.adapters.archivos)
    mensaje = componer(payload, pieza.asunto, pieza.texto, pieza.html, outside.adapters.remitente, imagen)
    outside.adapters.transporte.enviar(mensaje)
    return {"asunto": pieza.asunto, "texto": pieza.texto, "html": pieza.html}


def entregar_o_avisar(payload: dict[str, Any] | None, outside: Outside) -> dict[str, Any] | None:
    """As `entregar`, for a service task of its own: a refusal for good is the BPMN error `correo_no_entregado`
    (§1.12)."""
    try:
        return entregar(payload, outside)
    except CorreoRechazado as error:
        raise BpmnError("correo_no_entregado", str(error)) from error


def componer(
    payload: Mapping[str, Any],
    asunto: str,
    texto: str,
    html: str,
    remitente: str,
    imagen: tuple[bytes, str] | None = None,
) -> EmailMessage:
    """The message with its stable Message-ID: a repeat after a crash is recognisable as the same mail."""
    mensaje = EmailMessage()
    # One address exactly: what looks like two, or like another header, is refused here.
    para = Address(payload["nombre"], addr_spec=payload["direccion"])
    mensaje["From"], mensaje["To"], mensaje["Subject"] = remitente, para, asunto
    mensaje["Date"], mensaje["Message-ID"] = payload["momento"], payload["message_id"]
    mensaje["Auto-Submitted"] = "auto-generated"
    mensaje["Content-Language"] = "es-MX"
    mensaje.set_content(texto)
    mensaje.add_alternative(html, subtype="html")
    if imagen is not None and (parte := mensaje.get_body(("html",))) is not None:
        tipo = logo.TIPOS[imagen[1]].rpartition("/")[2]
        parte.add_related(imagen[0], "image", tipo, cid="<logo>", disposition="inline")
    calendario = payload["calendario"]
    if calendario:
        metodo = "CANCEL" if "METHOD:CANCEL" in calendario else "REQUEST"
        mensaje.add_attachment(calendario, subtype="calendar", filename="invitacion.ics", params={"method": metodo})
    return mensaje


def preparar(
    paso: Paso,
    plantilla: str,
    *,
    a: Persona | Colaborador,
    datos: Mapping[str, Any] | None = None,
    enlace: str | None = None,
) -> Correo:
    """The outbox row without a job of its own, for an `outside` service task that delivers it itself (cor_09)."""
    return _escribir(paso, plantilla, a, datos, None, enlace, None, "REQUEST", entregar=False)


def _escribir(
    paso: Paso,
    plantilla: str,
    a: Persona | Colaborador,
    datos: Mapping[str, Any] | None,
    business_key: str | None,
    enlace: str | None,
    reunion: Reunion | None,
    metodo: str,
    *,
    entregar: bool,
) -> Correo:
    if not a.correo:
        raise Invalid({"correo": f"{a.nombre} no tiene correo electrónico."})
    clave = business_key or paso.business_key or None
    interno = isinstance(a, Colaborador)
    todos: dict[str, Any] = {
        **correo_datos.comunes(paso.session, clave),
        "destinatario": correo_datos.destinatario(a),
        "interno": interno,
        "aviso_url": None if interno else f"{paso.adapters.base_url}{AVISO}",
        **(datos or {}),
        **_enlazar(paso, a, clave, enlace),
    }
    identidad = nuevo_id()
    correo = Correo(
        id=identidad,
        business_key=clave,
        plantilla=plantilla,
        interno=interno,
        destinatario=a.correo,
        destinatario_nombre=a.nombre,
        datos=todos,
        message_id=f"<{identidad}@{paso.adapters.remitente.rpartition('@')[2].rstrip('>')}>",
        calendario=_invitacion(paso, a, reunion, metodo) if reunion is not None else None,
    )
    paso.session.add(correo)
    paso.session.flush()
    if entregar:
        paso.schedule("correo.entregar", paso.now, f"correo/{correo.id}", {"correo_id": correo.id})
    return correo


def _enlazar(paso: Paso, a: Persona | Colaborador, clave: str | None, enlace: str | None) -> dict[str, Any]:
    from tasks import enlaces  # links send mail, too

    if enlace is None:
        return {"enlace": None}
    if isinstance(a, Colaborador):
        return {"enlace": f"{paso.adapters.base_url}{enlace}"}
    if clave is None:
        raise ValueError("a portal link belongs to a matter: business_key is missing")
    fila, url = enlaces.crear(paso, business_key=clave, persona_id=a.id, destino=enlace)
    return {"enlace": url, "enlace_id": fila.id}


def _invitacion(paso: Paso, a: Persona | Colaborador, reunion: Reunion, metodo: str) -> str:
    responsable = paso.session.get(Colaborador, reunion.responsable_id) if reunion.responsable_id else None
    despacho = correo_datos.comunes(paso.session, None)["despacho"]
    organizador = (responsable.nombre, responsable.correo) if responsable else (despacho["nombre"], despacho["correo"])
    return ics.invitacion(
        reunion,
        organizador=organizador,
        asistentes=[(a.nombre, a.correo or "")],
        momento=paso.now,
        metodo=metodo,
    )
