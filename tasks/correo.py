"""Mail: a row of the outbox in the step's own transaction, delivered by the outside job `correo.entregar` (§1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.paso import Paso
from tasks.registros import Colaborador, Correo, Persona, Reunion


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
    `datos`: merge fields of this template; FEEL values only (text, Decimal, date, datetime, lists, dicts). Always there
    without asking: `despacho`, `destinatario`, and, when `business_key` (default: the step's) is a matter, `folio`,
    `persona`, `asunto`, `asesor`, `gerente` (see `tasks.correo_datos`).
    `enlace`: page that the mail's one button opens. To a client: a page of the portal (`tasks.enlaces.DESTINOS`, e.g.
    "propuesta", "documentos", "tarjeta"), a new signed link is made for it. To staff: a path, e.g. "/tasks/…".
    `reunion`: attaches its .ics, with `metodo` REQUEST or CANCEL.
    """
    raise NotImplementedError


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
    raise NotImplementedError
