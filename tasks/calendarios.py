"""Actions of the pages «Calendarios» and «Plazos legales»: the lists on which every date rests (§5.3, §5.4).

Both are kept by the lawyers. Deadlines that are recorded already stay as they are: whoever leads the matter decides.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.values import SYSTEM
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.catalogos import SUBTIPOS
from tasks.paso import Accion
from tasks.registros import DiaInhabil, PlazoCatalogo

CUIDAN = frozenset({"gerente", "direccion", "admin"})
"""Groups that keep calendars and terms."""
UNIDADES = {"habiles": "días hábiles", "naturales": "días naturales", "meses": "meses", "anios": "años"}
_UNO = {"habiles": "día hábil", "naturales": "día natural", "meses": "mes", "anios": "año"}
OBLIGATORIO = "Este campo es obligatorio."


def termino_en_palabras(dias_termino: int, unidad: str) -> str:
    """«30 días hábiles», «1 año»."""
    return f"{dias_termino} {unidad_en_palabras(dias_termino, unidad)}"


def unidad_en_palabras(numero: int, unidad: str) -> str:
    """«día hábil» for one of them, «días hábiles» for others."""
    return (_UNO if numero == 1 else UNIDADES).get(unidad, unidad)


def agregar_dia(tx: Any, calendario: str, fecha: date | None, motivo: str) -> None:
    """One more day on which a calendar rests. Raises NotAllowed, Invalid."""
    paso = _paso(tx)
    errores = {}
    if calendario not in dias.CALENDARIOS:
        errores["calendario"] = "Elija uno de los calendarios."
    if fecha is None:
        errores["fecha"] = "Escriba una fecha."
    if not motivo.strip():
        errores["motivo"] = OBLIGATORIO
    if errores or fecha is None:
        raise Invalid(errores)
    if not dias.calendario(paso.session, calendario).es_habil(fecha):
        raise Invalid({"fecha": "Ese día ya es inhábil en este calendario."})
    dias.agregar_dias(paso.session, [(calendario, fecha, motivo.strip())])
    anotar(paso, "calendario.agregar", despues={"calendario": calendario, "fecha": fecha, "motivo": motivo.strip()})


def quitar_dia(tx: Any, dia_id: str) -> DiaInhabil:
    """The calendar works again on that day. Raises NotAllowed, NotFound."""
    paso = _paso(tx)
    fila = paso.session.get(DiaInhabil, dia_id)
    if fila is None:
        raise NotFound("Ese día ya no está en el calendario.")
    paso.session.delete(fila)
    paso.session.flush()
    paso.session.info.pop("calendarios", None)
    anotar(paso, "calendario.quitar", antes={"calendario": fila.calendario, "fecha": fila.fecha, "motivo": fila.motivo})
    return fila


def importar(tx: Any, contenido: bytes) -> int:
    """Days from a CSV file; how many were new. Raises NotAllowed, Invalid with what is wrong in each line."""
    paso = _paso(tx)
    try:
        texto = contenido.decode("utf-8-sig")
    except UnicodeDecodeError:
        texto = contenido.decode("cp1252", errors="replace")
    encabezado = next(csv.reader(texto.splitlines()), [])
    if not {"calendario", "fecha"} <= {columna.strip() for columna in encabezado}:
        raise Invalid({"archivo": "El primer renglón debe decir: calendario,fecha,motivo"})
    nuevos = dias.importar_dias(paso.session, texto)
    anotar(paso, "calendario.importar", despues={"dias": nuevos})
    return nuevos


def agregar_termino(tx: Any, valores: Mapping[str, Any]) -> PlazoCatalogo:
    """A legal term; the one in force for the same subtype ends on the day before.

    `valores`: tipo, subtipo, descripcion, dias, unidad, calendario, fundamento, vigente_desde, vigente_hasta, nota.
    Raises NotAllowed, Invalid.
    """
    paso = _paso(tx)
    _revisar(valores)
    desde, hasta = valores["vigente_desde"], valores.get("vigente_hasta")
    for anterior in _que_se_enciman(paso, valores["tipo"], valores["subtipo"], desde, hasta):
        if anterior.vigente_desde >= desde:
            raise Invalid({"vigente_desde": f"Ya hay un término desde el {anterior.vigente_desde:%d/%m/%Y}."})
        anterior.vigente_hasta = desde - timedelta(days=1)
        anotar(paso, "plazo_catalogo.terminar", anterior, despues={"vigente_hasta": anterior.vigente_hasta})
    termino = PlazoCatalogo(
        tipo=valores["tipo"],
        subtipo=valores["subtipo"],
        descripcion=valores["descripcion"].strip(),
        dias=int(valores["dias"]),
        unidad=valores["unidad"],
        calendario=valores["calendario"],
        fundamento=valores["fundamento"].strip(),
        verificado=True,
        vigente_desde=desde,
        vigente_hasta=hasta,
        nota=(valores.get("nota") or "").strip() or None,
    )
    paso.session.add(termino)
    paso.session.flush()
    anotar(paso, "plazo_catalogo.agregar", termino, despues={"subtipo": termino.subtipo, "dias": termino.dias})
    return termino


def confirmar_termino(tx: Any, termino_id: str) -> PlazoCatalogo:
    """A lawyer has checked the term against the law. Raises NotAllowed, NotFound, Conflict."""
    paso = _paso(tx)
    termino = _termino(paso, termino_id)
    if termino.verificado:
        raise Conflict("Ese término ya estaba confirmado.", reason="verified")
    termino.verificado = True
    anotar(paso, "plazo_catalogo.confirmar", termino)
    return termino


def terminar_vigencia(tx: Any, termino_id: str, hasta: date | None) -> PlazoCatalogo:
    """The term holds until this day. Raises NotAllowed, NotFound, Invalid."""
    paso = _paso(tx)
    termino = _termino(paso, termino_id)
    if hasta is None:
        raise Invalid({"vigente_hasta": "Escriba una fecha."})
    if hasta < termino.vigente_desde:
        raise Invalid({"vigente_hasta": "No puede terminar antes de empezar."})
    antes = termino.vigente_hasta
    if _que_se_enciman(paso, termino.tipo, termino.subtipo, termino.vigente_desde, hasta, excepto=termino.id):
        raise Invalid({"vigente_hasta": "Se encima con otro término del mismo procedimiento."})
    termino.vigente_hasta = hasta
    anotar(paso, "plazo_catalogo.terminar", termino, antes={"vigente_hasta": antes}, despues={"vigente_hasta": hasta})
    return termino


def _paso(tx: Any) -> Accion:
    if tx.actor != SYSTEM and not tx.actor.groups & CUIDAN:
        raise NotAllowed("Solo gerentes, Dirección y Administración cambian calendarios y plazos legales.")
    return Accion(tx, "")


def _termino(paso: Accion, termino_id: str) -> PlazoCatalogo:
    termino = paso.session.get(PlazoCatalogo, termino_id)
    if termino is None:
        raise NotFound("No existe ese término.")
    return termino


def _revisar(valores: Mapping[str, Any]) -> None:
    errores = {clave: OBLIGATORIO for clave in ("descripcion", "fundamento") if not (valores.get(clave) or "").strip()}
    if valores.get("subtipo") not in SUBTIPOS.get(valores.get("tipo") or "", {}):
        errores["subtipo"] = "Elija un procedimiento."
    if not 1 <= (valores.get("dias") or 0) <= 3650:
        errores["dias"] = "Escriba un número entero, de 1 a 3650."
    if valores.get("unidad") not in UNIDADES:
        errores["unidad"] = "Elija una unidad."
    if valores.get("calendario") not in dias.CALENDARIOS:
        errores["calendario"] = "Elija uno de los calendarios."
    desde, hasta = valores.get("vigente_desde"), valores.get("vigente_hasta")
    if desde is None:
        errores["vigente_desde"] = "Escriba una fecha."
    elif hasta is not None and hasta < desde:
        errores["vigente_hasta"] = "No puede terminar antes de empezar."
    if errores:
        raise Invalid(errores)


def _que_se_enciman(
    paso: Accion, tipo: str, subtipo: str, desde: date, hasta: date | None, excepto: str | None = None
) -> list[PlazoCatalogo]:
    """Terms of the same subtype that hold on a day of this span."""
    consulta = select(PlazoCatalogo).where(PlazoCatalogo.tipo == tipo, PlazoCatalogo.subtipo == subtipo)
    consulta = consulta.where(or_(PlazoCatalogo.vigente_hasta.is_(None), PlazoCatalogo.vigente_hasta >= desde))
    if hasta is not None:
        consulta = consulta.where(PlazoCatalogo.vigente_desde <= hasta)
    if excepto is not None:
        consulta = consulta.where(PlazoCatalogo.id != excepto)
    return list(paso.session.scalars(consulta.order_by(PlazoCatalogo.vigente_desde)))
