"""Actions on a matter that ask for something: deadlines, hearings, another advisor, notes, documents, cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import StoredFile
from engine.errors import NotFound
from tasks import (
    acceso,
    acciones,
    asignacion,
    audiencias,
    calendario,
    cancelaciones,
    datos_cliente,
    expediente,
    reuniones,
    supervision,
)
from tasks.registros import Reunion
from web import action_files, matter_facts
from web.action_forms import ActionForm, Prepare, Run, answer
from web.permissions import actor, groups
from web.runtime import reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("matter_actions", __name__, url_prefix="/asuntos")

Page = Response | str | tuple[str, int]

_file_workers = groups("asesor", "gerente", "direccion")
_managers = groups("gerente", "direccion")


@blueprint.route("/<key>/plazos/nuevo", methods=["GET", "POST"])
@_file_workers
def new_deadline(key: str) -> Page:
    def prepare(tx: Transaction) -> Mapping[str, Any]:
        names = calendario.CALENDARIOS.items()
        return {"calendarios": [{"value": code, "label": name} for code, name in names]}

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        acciones.nuevo_plazo(tx, key, values)

    return _page(key, "nuevo_plazo", _("Nuevo plazo"), run, "deadlines", prepare, said=_("Plazo registrado."))


@blueprint.route("/<key>/plazos/<deadline_id>/cerrar", methods=["GET", "POST"])
@_file_workers
def close_deadline(key: str, deadline_id: str) -> Page:
    """With a look at what it is: the alerts of a legal deadline must not end by a slip."""

    def prepare(tx: Transaction) -> Mapping[str, Any]:
        return acciones.por_cerrar(tx, key, deadline_id)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        acciones.cerrar_plazo(tx, key, deadline_id, values)

    return _page(key, "cerrar_plazo", _("Cerrar plazo"), run, "deadlines", prepare, said=_("Plazo cerrado."))


@blueprint.route("/<key>/audiencias/nueva", methods=["GET", "POST"])
@_file_workers
def new_hearing(key: str) -> Page:
    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        audiencias.nueva(tx, key, values)

    said = _("Audiencia registrada; las invitaciones van en camino.")
    return _page(key, "nueva_audiencia", _("Nueva audiencia"), run, "deadlines", said=said)


@blueprint.route("/<key>/audiencias/<hearing_id>/reprogramar", methods=["GET", "POST"])
@_file_workers
def move_hearing(key: str, hearing_id: str) -> Page:
    def prepare(tx: Transaction) -> Mapping[str, Any]:
        hearing = tx.session.get(Reunion, hearing_id)
        prospecto = expediente.buscar_prospecto(tx.session, key)
        if hearing is None or prospecto is None or hearing.prospecto_id != prospecto.id:
            raise NotFound
        return audiencias.por_reprogramar(hearing)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        prepare(tx)
        audiencias.reprogramar(tx, hearing_id, values)

    said = _("Audiencia reprogramada; las invitaciones van en camino.")
    return _page(key, "reprogramar_audiencia", _("Reprogramar audiencia"), run, "deadlines", prepare, said=said)


@blueprint.route("/<key>/reuniones/<meeting_id>/reprogramar", methods=["GET", "POST"])
@groups("ventas", "gerente", "direccion")
def move_meeting(key: str, meeting_id: str) -> Page:
    """Another date of a meeting with the client or of a session: the same calendar event."""

    def prepare(tx: Transaction) -> Mapping[str, Any]:
        meeting = tx.session.get(Reunion, meeting_id)
        prospecto = expediente.buscar_prospecto(tx.session, key)
        if meeting is None or prospecto is None or meeting.prospecto_id != prospecto.id:
            raise NotFound
        return reuniones.por_reprogramar(tx.session, meeting_id)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        prepare(tx)
        reuniones.reprogramar(tx, meeting_id, values)

    said = _("Reunión reprogramada; la invitación va en camino.")
    return _page(key, "reprogramar_reunion", _("Reprogramar reunión"), run, "deadlines", prepare, said=said)


@blueprint.route("/<key>/reasignar", methods=["GET", "POST"])
@_managers
def reassign(key: str) -> Page:
    def prepare(tx: Transaction) -> Mapping[str, Any]:
        return asignacion.preparar_reasignacion(tx, key)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        asignacion.reasignar(tx, key, values)

    said = _("Asesor cambiado; sus tareas abiertas pasaron con el asunto.")
    return _page(key, "reasignar_asesor", _("Reasignar asesor"), run, "show", prepare, said=said)


@blueprint.route("/<key>/gerente", methods=["GET", "POST"])
@_managers
def change_manager(key: str) -> Page:
    """Whoever hands it over may lose sight of it, and goes on with the list."""

    def prepare(tx: Transaction) -> Mapping[str, Any]:
        return supervision.preparar(tx, key)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> bool:
        supervision.cambiar(tx, key, values)
        return acceso.puede_ver(tx.session, actor(), key)

    said = _("Gerente cambiado; sus tareas abiertas pasaron con el asunto.")
    return _page(key, "cambiar_gerente", _("Cambiar Gerente"), run, "show", prepare, said=said)


@blueprint.route("/<key>/nota", methods=["GET", "POST"])
@_file_workers
def note(key: str) -> Page:
    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        acciones.nota(tx, key, values["nota"])

    return _page(key, "nota_interna", _("Nota interna"), run, "show", said=_("Nota guardada."))


@blueprint.route("/<key>/documentos/nuevo", methods=["GET", "POST"])
@_file_workers
def new_document(key: str) -> Page:
    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        file = action_files.find(values["archivo"][0], "archivo")
        acciones.subir_documento(
            tx,
            key,
            StoredFile(file.hash, file.size, file.type),
            nombre=file.filename,
            rubro=values["rubro"],
            visible_cliente=bool(values["visible_cliente"]),
        )

    return _page(key, "subir_documento", _("Subir documento"), run, "documents", said=_("Documento guardado."))


@blueprint.route("/<key>/cancelar", methods=["GET", "POST"])
@_managers
def cancel(key: str) -> Page:
    """The firm renounces, or passes on what the client asked for."""

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        cancelaciones.solicitar(tx, key, values["motivo"])

    said = _("Solicitud de cancelación registrada.")
    return _page(
        key, "solicitar_cancelacion", _("Solicitar cancelación"), run, "show", cancelaciones.prometido, said=said
    )


@blueprint.route("/<key>/cliente", methods=["GET", "POST"])
@groups("ventas", "gerente", "direccion")
def correct_client(key: str) -> Page:
    """Name and addresses of the client."""

    def prepare(tx: Transaction) -> Mapping[str, Any]:
        return datos_cliente.valores(expediente.prospecto_de(tx.session, key).persona)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        datos_cliente.corregir(tx, key, values)

    title = _("Corregir datos del cliente")
    return _page(key, "corregir_datos_cliente", title, run, "show", prepare, said=_("Datos corregidos."))


def _page(
    key: str, form_id: str, title: str, run: Run, after: str, prepare: Prepare | None = None, *, said: str = ""
) -> Page:
    """The action's page beside the facts of the matter. Raises NotFound for a matter that is not the person's."""
    with reading() as tx:
        facts = matter_facts.facts(tx, key)
        if facts is None or not acceso.puede_ver(tx.session, actor(), key):
            raise NotFound
    return answer(
        ActionForm(
            form_id,
            title,
            run,
            lambda seen: url_for("matters.index") if seen is False else url_for(f"matters.{after}", key=key),
            prepare or (lambda tx: {}),
            said=said,
            context={"facts": facts},
        ),
        actor(),
    )
