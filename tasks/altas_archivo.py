"""«Alta de asunto en curso» from a CSV file: all rows are looked at first, then all come in or none (§1.12)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.errors import Invalid
from tasks import altas, prospectos
from tasks import altas_conflicto as conflicto
from tasks import calendario as dias
from tasks.altas_registros import conocida
from tasks.personas import AUTORIDADES, Archivo, Coincidencia, coincidencias
from tasks.registros import ZONAS, Asesor, Asunto, Colaborador, Persona, Prospecto

COLUMNAS = (
    "nombre", "tipo_persona", "rfc", "correo", "telefono", "etapa", "tipo", "subtipo", "asesor", "folio", "honorarios",
    "avance_pct", "facturas", "plazos", "audiencias", "descripcion", "contrapartes", "justificacion_conflicto",
)  # fmt: skip
"""Of the first line. Lists: `total|saldo|vencimiento; …`, `descripcion|vence; …`, `titulo|inicio|zona; …`, where the
zone of the place may be missing (the firm's then), and of the other parties `nombre|rfc; …`, where the RFC may be."""
OBLIGATORIAS = ("nombre", "etapa", "tipo", "subtipo")
MAX_RENGLONES = 500
_CAMPOS = {"asesor_id": "asesor"}
"""Field of `altas.registrar` → column, where they differ."""


@dataclass(frozen=True, slots=True)
class Renglon:
    """One line of the file, as it would come in."""

    numero: int
    """Of its line in the file; the first has the names of the columns."""
    celdas: Mapping[str, str]
    errores: Mapping[str, str]
    """Column → what is wrong with its cell; "" for the line as a whole."""
    nota: str = ""
    """What is not wrong, but should be seen before."""
    aviso: str = ""
    """A possible conflict of interest, for which the line gives its reason."""
    valores: Mapping[str, Any] = field(default_factory=dict, repr=False)


def revisar(tx: Any, contenido: bytes) -> list[Renglon]:
    """Every line of the file with what is wrong in each cell; writes nothing. Raises Invalid if it is no such file."""
    filas = _filas(contenido)
    folios = Counter(texto for _, celdas in filas if (texto := celdas["folio"]))
    renglones = [_renglon(tx, numero, celdas, folios) for numero, celdas in filas]
    return _con_conflictos(tx, renglones)


def _con_conflictos(tx: Any, renglones: Sequence[Renglon]) -> list[Renglon]:
    """The conflict check of every line that could come in, with what is on file and with the other lines."""
    lados = {
        r.numero: conflicto.nombres(tx.session, r.valores, f"renglón {r.numero}") for r in renglones if not r.errores
    }
    archivo = Archivo(
        tx.session,
        mas_partes=[p for _, partes in lados.values() for p in partes if p.calidad not in AUTORIDADES],
        mas_conocidos=[propio for propio, _ in lados.values()],
    )
    return [
        _con_conflicto(tx, r, coincidencias(*lados[r.numero], archivo)) if r.numero in lados else r for r in renglones
    ]


def _con_conflicto(tx: Any, renglon: Renglon, halladas: Sequence[Coincidencia]) -> Renglon:
    if not halladas:
        return renglon
    if mal := conflicto.juzgar(tx.actor, halladas, renglon.valores):
        return replace(renglon, errores=mal)
    return replace(renglon, aviso=conflicto.aviso(halladas))


def importar(tx: Any, contenido: bytes, request_id: str | None = None) -> list[Prospecto]:
    """Matters of a CSV file with the header `COLUMNAS`, all or none. Raises Invalid with what is wrong by line.

    The same `request_id` again answers with the same matters.
    """
    renglones = revisar(tx, contenido)
    if request_id is not None and (antes := _de_antes(tx, request_id, len(renglones))):
        return antes
    mal = [
        f"Renglón {r.numero}, {columna or 'renglón'}: {dicho}"
        for r in renglones
        for columna, dicho in r.errores.items()
    ]
    if mal:
        raise Invalid({"archivo": "\n".join(mal)})
    return [altas.registrar(tx, r.valores, _del_renglon(request_id, r.numero)) for r in renglones]


def _del_renglon(request_id: str | None, numero: int) -> str | None:
    return f"{request_id}:{numero}" if request_id else None


def _de_antes(tx: Any, request_id: str, cuantos: int) -> list[Prospecto]:
    """What this very import brought in before: a double click must not find its own folios taken."""
    hallados = (
        prospectos.prospecto_del_envio(tx.session, _del_renglon(request_id, numero)) for numero in range(2, cuantos + 2)
    )
    return [uno for uno in hallados if uno is not None]


def _filas(contenido: bytes) -> list[tuple[int, dict[str, str]]]:
    """(number of the line, column → text) of every line that is not empty."""
    try:
        texto = contenido.decode("utf-8-sig")
    except UnicodeDecodeError:
        texto = contenido.decode("cp1252", errors="replace")
    primera = texto.split("\n", 1)[0]
    separador = ";" if primera.count(";") > primera.count(",") else ","
    lector = csv.DictReader(StringIO(texto.replace("\x00", ""), newline=""), delimiter=separador)
    try:
        nombres = [nombre.strip().lower() for nombre in lector.fieldnames or ()]
        lector.fieldnames = nombres
        faltan = [columna for columna in OBLIGATORIAS if columna not in nombres]
        if faltan:
            raise Invalid({"archivo": f"Faltan columnas en el primer renglón: {', '.join(faltan)}."})
        if sobran := [nombre for nombre in nombres if nombre not in COLUMNAS]:
            raise Invalid({"archivo": f"No se conocen estas columnas: {', '.join(sobran)}."})
        filas = [(numero, _celdas(fila)) for numero, fila in enumerate(lector, start=2)]
    except csv.Error:
        raise Invalid({"archivo": "El archivo no es un CSV que se pueda leer."}) from None
    filas = [(numero, celdas) for numero, celdas in filas if any(celdas.values())]
    if not filas:
        raise Invalid({"archivo": "El archivo no tiene asuntos."})
    if len(filas) > MAX_RENGLONES:
        raise Invalid({"archivo": f"Importe a lo más {MAX_RENGLONES} asuntos en un archivo; tiene {len(filas)}."})
    return filas


def _celdas(fila: Mapping[str | None, Any]) -> dict[str, str]:
    celdas = {columna: (fila.get(columna) or "").strip() for columna in COLUMNAS}
    # Cells without a column: a comma inside a text that is not quoted.
    celdas[""] = " ".join(filter(None, fila.get(None) or ()))
    return celdas


def _renglon(tx: Any, numero: int, celdas: Mapping[str, str], folios: Counter[str]) -> Renglon:
    mal: dict[str, str] = {}
    valores = _valores(celdas, mal)
    for campo, dicho in altas.errores(tx.session, valores, tx.now).items():
        # `facturas.0.saldo`: the list stands in one cell.
        nombre = campo.partition(".")[0]
        mal.setdefault(_CAMPOS.get(nombre, nombre), dicho)
    if folios[celdas["folio"]] > 1:
        mal["folio"] = "Este folio está en más de un renglón."
    if celdas[""]:
        mal[""] = "Tiene más celdas que columnas; ponga entre comillas los textos con comas."
    nota = "" if mal else " ".join(filter(None, (_nota(tx, valores), conflicto.rfc_dudosos(valores))))
    return Renglon(numero, celdas, mal, nota, valores=valores)


def _nota(tx: Any, valores: Mapping[str, Any]) -> str:
    """That the client is on file already, and whether with such a matter: perhaps the file was imported before."""
    persona: Persona | None = conocida(tx.session, valores)
    if persona is None:
        return ""
    otros = tx.session.scalars(
        select(Prospecto.folio).where(Prospecto.persona_id == persona.id, Prospecto.subtipo == valores["subtipo"])
    ).all()
    asuntos = tx.session.scalars(
        select(Asunto.folio).where(Asunto.cliente_id == persona.id, Asunto.subtipo == valores["subtipo"])
    ).all()
    if otros or asuntos:
        return f"Ya tiene un asunto de este procedimiento: {', '.join(asuntos or otros)}. ¿Es otro?"
    return f"Ya está registrado{f': {persona.folio}' if persona.folio else ''}."


def _valores(texto: Mapping[str, str], mal: dict[str, str]) -> dict[str, Any]:
    etapa = _numero(texto, "etapa", mal)
    libres = ("nombre", "rfc", "correo", "telefono", "folio", "descripcion", conflicto.CAMPO)
    valores: dict[str, Any] = {
        **{c: texto[c] or None for c in libres},
        **{c: texto[c].lower() for c in ("tipo", "subtipo")},
        "tipo_persona": texto["tipo_persona"].lower() or "fisica",
        "asesor_id": texto["asesor"].lower() or None,
        "etapa": etapa if etapa is not None and etapa == etapa.to_integral_value() else 0,
        "honorarios": _numero(texto, "honorarios", mal),
        "avance_pct": _numero(texto, "avance_pct", mal),
    }
    listas = {
        "facturas": (("total", _importe), ("saldo", _importe), ("vencimiento", date.fromisoformat)),
        "plazos": (("descripcion", str), ("vence", date.fromisoformat)),
    }
    valores["contrapartes"] = [_parte(uno) for uno in texto["contrapartes"].split(";") if uno.strip()]
    try:
        valores["audiencias"] = [_audiencia(una) for una in texto["audiencias"].split(";") if una.strip()]
    except ValueError:
        mal["audiencias"] = "Escríbalo así: titulo|inicio o titulo|inicio|zona; fechas AAAA-MM-DDTHH:MM."
    for clave, campos in listas.items():
        try:
            valores[clave] = [_partes(uno, campos) for uno in texto[clave].split(";") if uno.strip()]
        except ValueError:
            mal[clave] = f"Escríbalo así: {'|'.join(campo for campo, _tipo in campos)}; fechas AAAA-MM-DD."
    return valores


def _numero(texto: Mapping[str, str], clave: str, mal: dict[str, str]) -> Decimal | None:
    if not texto[clave]:
        return None
    try:
        return _importe(texto[clave])
    except ValueError:
        mal[clave] = "Debe ser un número."
        return None


def _importe(texto: str) -> Decimal:
    """«$58,000.00» → 58000.00. Raises ValueError."""
    try:
        numero = Decimal(texto.replace(",", "").replace("$", "").strip())
    except InvalidOperation:
        raise ValueError from None
    if not numero.is_finite() or numero.adjusted() > 20:
        raise ValueError
    return numero


def _partes(texto: str, campos: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    partes = [parte.strip() for parte in texto.split("|")]
    if len(partes) != len(campos) or not all(partes):
        raise ValueError
    return {clave: tipo(parte) for (clave, tipo), parte in zip(campos, partes, strict=True)}


def _parte(texto: str) -> dict[str, Any]:
    nombre, _, rfc = texto.partition("|")
    return {"nombre": nombre.strip(), "rfc": rfc.strip() or None}


def _audiencia(texto: str) -> dict[str, Any]:
    """`titulo|inicio|zona`: the hour is that of the place, like that of the form. Raises ValueError."""
    titulo, inicio, *mas = (parte.strip() for parte in texto.split("|"))
    escrita = mas[0] if mas else ""
    por_nombre = {nombre.casefold(): zona for zona, nombre in ZONAS.items()} | {zona.casefold(): zona for zona in ZONAS}
    zona = por_nombre.get(escrita.casefold(), escrita) or dias.ZONA.key
    momento = datetime.fromisoformat(inicio)
    if momento.tzinfo is not None and zona in ZONAS:
        momento = momento.astimezone(ZoneInfo(zona))
    if not titulo or len(mas) > 1:
        raise ValueError
    return {"titulo": titulo, "inicio": momento.replace(tzinfo=dias.ZONA), "zona": zona}


def ejemplo(tx: Any) -> bytes:
    """A file to start from, with dates to come and an advisor of this firm; Excel reads its accents (BOM)."""
    hoy = dias.dia(tx.now)
    asesor = tx.session.scalar(select(Asesor.usuario).join(Asesor.colaborador).where(Colaborador.activo).limit(1)) or ""
    prospecto = dict.fromkeys(COLUMNAS, "") | {
        "nombre": "Ana Ruiz Peña", "tipo_persona": "fisica", "correo": "ana@ejemplo.mx", "etapa": "4", "tipo": "queja",
        "subtipo": "profeco", "descripcion": "No le devuelven su anticipo.",
    }  # fmt: skip
    asunto = dict.fromkeys(COLUMNAS, "") | {
        "nombre": "Papelera del Valle, S.A. de C.V.", "tipo_persona": "moral", "telefono": "5555550123", "etapa": "10",
        "tipo": "juicio", "subtipo": "mercantil_oral", "asesor": asesor, "folio": f"J-{hoy.year - 1}-0042",
        "honorarios": "100000", "avance_pct": "35",
        "facturas": f"58000|0|{hoy - timedelta(days=90)}; 23200|23200|{hoy + timedelta(days=15)}",
        "plazos": f"Ofrecer pruebas|{hoy + timedelta(days=40)}",
        "audiencias": f"Audiencia preliminar|{hoy + timedelta(days=50)}T10:00", "descripcion": "Cobro de facturas.",
        "contrapartes": "Distribuidora Ejemplar, S.A. de C.V.",
    }  # fmt: skip
    salida = StringIO(newline="")
    escritor = csv.DictWriter(salida, COLUMNAS)
    escritor.writeheader()
    escritor.writerows([prospecto, asunto])
    return salida.getvalue().encode("utf-8-sig")
