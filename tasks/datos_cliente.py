"""A client's name and addresses, corrected by the firm (ARCO rectification, a wrong mail address), and the portal links
that hang on the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.errors import Invalid
from tasks import correo, enlaces, expediente
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion, Paso
from tasks.registros import Persona, Prospecto

CAMPOS = ("nombre", "tratamiento", "correo", "telefono")


def valores(persona: Persona) -> dict[str, Any]:
    """What the form begins with."""
    return {campo: getattr(persona, campo) for campo in CAMPOS}


def corregir(tx: Any, business_key: str, nuevos: Mapping[str, Any]) -> None:
    """Action: what is wrong is put right, with the former values in the log. Another mail address ends the links that
    went to the old one, of all matters of the person, and sends a new one of this matter.

    Raises NotAllowed, and Invalid without mail address and telephone.
    """
    paso = Accion(tx, business_key)
    exigir(paso, "ventas", "gerente", "direccion")
    if not nuevos.get("correo") and not nuevos.get("telefono"):
        raise Invalid({"correo": "Escriba un correo o un teléfono."})
    prospecto = expediente.prospecto_de(paso.session, business_key)
    persona, antes = prospecto.persona, valores(prospecto.persona)
    for campo in CAMPOS:
        setattr(persona, campo, (nuevos.get(campo) or "").strip() or None)
    despues = valores(persona)
    anotar(paso, "persona.corregir", persona, antes=antes, despues={**despues, "motivo": nuevos["motivo"]})
    if despues["correo"] != antes["correo"]:
        renovar_enlaces(paso, prospecto)
    paso.session.flush()


def renovar_enlaces(paso: Paso, prospecto: Prospecto) -> None:
    """The client has another mail address: who reads the old one must not come in. Ends the links of all matters of the
    person, and sends a new one of this matter."""
    paso.session.flush()
    for folio in paso.session.scalars(select(Prospecto.folio).where(Prospecto.persona_id == prospecto.persona_id)):
        enlaces.revocar_todos(paso, folio)
    _enviar(paso, prospecto)


def revocar_enlaces(tx: Any, business_key: str) -> None:
    """Action: every portal link of the matter ends at once (a telephone was lost, a mail went astray)."""
    paso = Accion(tx, business_key)
    exigir(paso, "ventas", "gerente", "direccion")
    enlaces.revocar_todos(paso, business_key)
    anotar(paso, "enlaces.revocar")


def enviar_enlace(tx: Any, business_key: str) -> None:
    """Action: a new link to the client's file goes to the address on file. Raises Invalid without one."""
    paso = Accion(tx, business_key)
    exigir(paso, "ventas", "gerente", "direccion")
    _enviar(paso, expediente.prospecto_de(paso.session, business_key))


def _enviar(paso: Paso, prospecto: Prospecto) -> None:
    if prospecto.persona.correo:
        datos = {"pedido": True}
        correo.enviar(paso, "cor_00_enlace", a=prospecto.persona, datos=datos, enlace="expediente")
