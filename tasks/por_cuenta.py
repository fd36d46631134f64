"""What somebody of the firm does in the client's place: how the client asked for it, and evidence (§1).

The client's own user tasks belong to the group «cliente»; a Gerente or Dirección may assign one to a colleague.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.handler import Context
from tasks import subidas
from tasks.bitacora import anotar
from tasks.registros import Prospecto

RUBRO = "Evidencia de lo pedido por el cliente"


def datos(ctx: Context) -> dict[str, Any]:
    """Makes the form ask for channel and evidence when it is not the client who fills it in."""
    return {"por_cuenta": ctx.actor.business_key is None}


def asentar(ctx: Context, prospecto: Prospecto, values: Mapping[str, Any]) -> None:
    """Note down who acted for the client, and how the client had asked for it. Nothing when it was the client."""
    canal = values.get("por_cuenta_canal")
    if not canal:
        return
    anotar(ctx, "por_cuenta_del_cliente", prospecto, despues={"canal": canal, "elemento": ctx.element_id})
    for archivo_id in values.get("por_cuenta_evidencia") or []:
        subidas.documento(ctx, prospecto, archivo_id, "por_cuenta_evidencia", RUBRO)


def medio(ctx: Context, values: Mapping[str, Any]) -> str:
    """How the client said it: the portal, or the channel that who acts for the client named."""
    return "portal" if ctx.actor.business_key is not None else str(values.get("por_cuenta_canal") or "despacho")
