"""What an instance waits for, and what an operator types, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import Invalid, WaitState
from engine.feel import FeelError, FeelSyntaxError, YearMonthDuration, check_value, format_value, parse
from web import people, process_words
from web.texts import ZONE, due, momento

if TYPE_CHECKING:
    from engine.definitions import Process
    from engine.values import Incident, Job

Name = Callable[[str], str]
_ASSIGNMENT = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)\s*(.+)", re.DOTALL)
_FRAME = re.compile(r'File "[^"]*?((?:tasks|engine)/[^"]+)", line (\d+), in (\w+)')
TYPES: tuple[tuple[type, str], ...] = (
    (bool, "sí o no"),
    (Decimal, "número"),
    (str, "texto"),
    (datetime, "fecha y hora"),
    (date, "fecha"),
    (time, "hora"),
    (timedelta, "duración"),
    (YearMonthDuration, "duración"),
    (list, "lista"),
    (dict, "contexto"),
)

LONG = 160
"""Characters of a value or message that stand in a sentence; a table shows the rest on request."""


@dataclass(frozen=True, slots=True)
class Change:
    """One variable that was written."""

    at: datetime
    who: str
    name: str
    old: str
    new: str
    where: str


def wait_words(wait: WaitState, name: Name, now: datetime | None = None) -> str:
    """«Espera hasta 25 ene 2027, 18:00: «Plazo de pago»». `now`: of a clock that is not the firm's."""
    said = f"«{wait.name}»"
    if wait.kind == "user_task":
        who = name(wait.assignee) if wait.assignee else people.group_titles(wait.groups) or "cualquiera de la firma"
        until = f", {due(wait.due, now)}" if wait.due else ""
        return f"{said}: la tiene {who}{until}" if wait.assignee else f"{said}: la puede tomar {who}{until}"
    if wait.kind == "timer":
        if wait.state == "failed":
            return f"El temporizador {said} falló: {wait.message}"
        return (
            f"Si antes no termina, {momento(wait.due)}: {said}"
            if wait.attached
            else f"Espera hasta {momento(wait.due)}: {said}"
        )
    if wait.kind == "signal":
        return f"{'Si se oye' if wait.attached else 'Espera'} la señal «{wait.message}»: {said}"
    if wait.kind == "message":
        whom = f" para {wait.correlation}" if wait.correlation else ""
        return f"{'Si llega' if wait.attached else 'Espera'} el mensaje «{wait.message}»{whom}: {said}"
    if wait.kind == "condition":
        return f"Espera a que se cumpla {wait.message}: {said}"
    if wait.kind == "failure":
        return f"No puede seguir en {said}: {first_line(wait.message)}"
    return _job_words(wait, said)


def _job_words(wait: WaitState, said: str) -> str:
    if wait.state == "failed":
        return f"El trabajo {said} ({wait.topic}) falló y espera a una persona: {first_line(wait.message)}"
    if wait.state == "leased":
        return f"El trabajo {said} ({wait.topic}) se está haciendo ahora"
    left = f"quedan {wait.retries_left} intentos más" if wait.retries_left else "sin más intentos después de este"
    again = f" La última vez: {wait.message}" if wait.message else ""
    return f"El trabajo {said} ({wait.topic}) se hace {momento(wait.due)}; {left}.{again}"


JOBS = {
    "ausencia.empezar": "Empezar una ausencia",
    "ausencia.terminar": "Terminar una ausencia",
    "colaborador.devolver_tareas": "Devolver a sus grupos las tareas de quien ya no trabaja aquí",
    "correo.entregar": "Enviar un correo",
    "documento.generar": "Generar un documento",
    "factura.cancelar": "Cancelar una factura",
    "factura.documentar": "Guardar los archivos de una factura",
    "factura.timbrar": "Timbrar una factura",
    "oportunidad.retomar": "Retomar un servicio que se dejó para después",
    "plazo.avisar": "Avisar de un plazo legal",
    "plazo.vencer": "Dar por vencido un plazo legal",
    "postventa.recontactar": "Volver a contactar a un cliente",
    "resumen.enviar": "Enviar el resumen del día",
    "retencion.borrar": "Borrar los archivos de lo que ya no se conserva",
    "retencion.revisar": "Revisar qué ya no se conserva",
    "seguimiento.avisar_atraso": "Avisar de un avance atrasado",
    "seguimiento.avisar_sin_avance": "Avisar de un asunto sin avances",
}
"""Topic of what is scheduled outside of a diagram → what it does."""
MAILS = {
    "cor_00_arco": "Respuesta sobre sus datos personales",
    "cor_00_enlace": "Enlace al expediente",
    "cor_00_escalamiento": "Escalamiento de un plazo",
    "cor_00_resumen": "Resumen del día",
    "cor_01_cierre_sin_respuesta": "Cierre sin respuesta",
    "cor_01_informacion": "Información de los servicios",
    "cor_01_recordatorio": "Recordatorio de contacto",
    "cor_02_invitacion": "Invitación a una reunión",
    "cor_03_rechazo": "Documentos por corregir",
    "cor_03_recordatorio": "Recordatorio de documentos",
    "cor_03_solicitud_documentos": "Solicitud de documentos",
    "cor_04_no_aceptacion": "Caso no aceptado",
    "cor_05_aprobacion": "Propuesta por aprobar",
    "cor_06_bienvenida": "Bienvenida",
    "cor_06_codigo": "Código para firmar",
    "cor_06_propuesta": "Propuesta de servicios",
    "cor_06_recordatorio": "Recordatorio de la propuesta",
    "cor_07_datos_fiscales": "Datos fiscales por completar",
    "cor_07_factura": "Factura",
    "cor_07_previo": "Aviso previo al vencimiento",
    "cor_07_reactivacion": "Servicio reactivado",
    "cor_07_recibo": "Recibo de pago",
    "cor_07_suspension": "Servicio suspendido",
    "cor_07_vencido": "Pago vencido",
    "cor_08_asignacion": "Asignación de asesor",
    "cor_09_arranque": "Arranque del servicio",
    "cor_10_avance": "Avance del caso",
    "cor_10_cambio_asesor": "Cambio de asesor",
    "cor_10_cambio_audiencia": "Cambio de audiencia",
    "cor_11_cobranza": "Cierre: aviso a Cobranza",
    "cor_11_tarjeta": "Tarjeta digital de cierre",
    "cor_12_bono": "Bono por desempeño",
    "cor_12_encuesta": "Encuesta de satisfacción",
    "cor_12_oferta": "Oferta de servicios",
    "cor_12_recordatorio": "Recordatorio de la encuesta",
    "cor_cancelacion": "Cancelación del asunto",
    "cor_liquidacion": "Liquidación por cancelación",
}
"""Template of a mail → what it is for; its own subject may name the client."""
KINDS_OF_JOB = {
    "service": "trabajo",
    "timer": "temporizador",
    "message": "mensaje",
    "start": "inicio de un proceso",
    "scheduled": "programado",
}


def job_words(job: Job) -> str:
    """What a job of its own does: «Entregar el mensaje «pago»», «Enviar un correo»."""
    if job.kind == "message":
        kept = (job.key or "").startswith("kept:")
        return f"Límite para recibir el mensaje «{job.topic}»" if kept else f"Entregar el mensaje «{job.topic}»"
    if job.kind == "start":
        return f"Iniciar el proceso «{job.topic}»"
    return JOBS.get(job.topic) or topic_words(job.topic)


def mail_words(template: str) -> str:
    """What a mail of the firm is for; the name of a template that somebody has added."""
    return MAILS.get(template, template)


def standing_of(job: Job, now: datetime) -> str:
    """«Se hace 28 ene 2027, 12:00; quedan 3 intentos más»."""
    if job.state == "failed":
        return "El trabajo falló y espera a una persona"
    if job.state == "leased":
        return "El trabajo se está haciendo"
    left = f"quedan {job.retries_left} intentos más" if job.retries_left else "sin más intentos después de este"
    when = momento(job.due) if job.due > now else "en cuanto haya un trabajador libre"
    return f"El trabajo se hace {when}; {left}"


def first_line(text: str | None) -> str:
    """The beginning of a message; all of it stands at its incident."""
    line = (text or "").partition("\n")[0]
    return line if len(line) <= LONG else line[:LONG] + "…"


def type_name(value: Any) -> str:
    if value is None:
        return "nada"
    return next((name for kind, name in TYPES if isinstance(value, kind)), "")


def topic_words(topic: str) -> str:
    """«Enviar propuesta» for envio.enviar_propuesta."""
    return topic.rpartition(".")[2].replace("_", " ").capitalize()


def shown(value: Any) -> str:
    """As FEEL writes it: what is shown can be typed back."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    try:
        return format_value(check_value(value))
    except FeelError:
        return str(value)


def brief(value: Any) -> str:
    """A value as a sentence holds it: the beginning of a long one."""
    if value is None:
        return "nada"
    text = shown(value)
    return text if len(text) <= LONG else text[:LONG] + "…"


def handler_line(incident: Incident) -> str:
    """The last line of the firm's code in a stack: «tasks/pagos.py, línea 40, en registrar»."""
    frames = _FRAME.findall(incident.details)
    ours = [frame for frame in frames if frame[0].startswith("tasks/")] or frames
    return "{}, línea {}, en {}".format(*ours[-1]) if ours else ""


def element_name(processes: Mapping[str, Process], element_id: str | None, process_key: str | None = None) -> str:
    """What an element is called, in this process if it is known, else in whichever of a bundle has it; its id when it
    has no name."""
    known = processes.get(process_key or "")
    others = (one for one in processes.values() if element_id in one.elements)
    holder = known if known is not None and element_id in known.elements else next(others, None)
    return process_words.name_of(holder, element_id or "")


def assignments(text: str, field: str = "variables") -> dict[str, Any]:
    """Lines `nombre = valor`, the value in FEEL, as typed values. Raises Invalid naming the line."""
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _ASSIGNMENT.fullmatch(line)
        if match is None:
            raise Invalid({field: f"Línea {number}: escriba nombre = valor."})
        try:
            found[match[1]] = parse(match[2]).evaluate({}, now=datetime.now(ZONE))
        except (FeelError, FeelSyntaxError) as error:
            raise Invalid({field: f"Línea {number}: {error}. Los textos van entre comillas."}) from None
    return found


def moment(text: str, field: str = "due") -> datetime:
    """A local date and time of a form. Raises Invalid."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        raise Invalid({field: "Escriba día y hora."}) from None


def details(values: Mapping[str, Any]) -> str:
    """Variables with their values."""
    return ", ".join(f"{key} = {brief(value)}" for key, value in values.items())


def facts(values: Mapping[str, Any]) -> str:
    """Details of an event, in the words of the pages."""
    return ", ".join(
        f"{FACTS.get(key, key)}: {JOBS.get(value, value) if key == 'topic' else _plain(value)}"
        for key, value in values.items()
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return momento(value)
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "nadie"
    return value if isinstance(value, str) else brief(value)


FACTS = {
    "version": "versión",
    "groups": "grupos",
    "assignee": "persona",
    "previous": "antes",
    "due": "para",
    "old": "antes",
    "topic": "trabajo",
    "message": "mensaje",
    "correlation": "clave",
    "reason": "motivo",
    "code": "código",
    "caught_by": "lo atiende",
    "loop_counter": "vuelta",
    "to": "para",
}
