"""«Alta de asunto en curso»: a matter that began before the program did enters at the stage where it stands (§1.12).

Its records are written, its instance begins in the middle of the diagram, open invoices are followed;
nobody gets a mail for it. What lies before the stage is not made up: the file begins with its registration.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any

from sqlalchemy import select

from engine.errors import Invalid, NotAllowed
from engine.values import SYSTEM, Instruction
from tasks import ajustes, documentacion, personas, plazos, prospectos
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.catalogos import SUBTIPOS
from tasks.folios import PREFIJO_ASUNTO, siguiente_folio
from tasks.formato import redondear
from tasks.paso import Accion
from tasks.registros import (
    Asesor,
    AsignacionHistorial,
    Asunto,
    Consentimiento,
    Factura,
    Persona,
    Propuesta,
    Prospecto,
    Reunion,
)
from tasks.registros.tipos import nuevo_id

REGISTRAN = frozenset({"gerente", "direccion", "admin"})
CIEN = Decimal(100)
ENTRADAS = {
    3: ("p03_documentacion_adicional", "ut_03_entregar_documentos"),
    4: (prospectos.PROCESO, "ca_04_analisis_caso"),
    5: (prospectos.PROCESO, "ca_05_propuesta_servicios"),
    7: ("p07_pagos", "st_07_revisar_pago"),
    8: (prospectos.PROCESO, "ca_08_asignacion_asesor"),
    9: (prospectos.PROCESO, "ca_09_notificacion_arranque"),
    10: (prospectos.PROCESO, "ca_10_seguimiento_caso"),
    11: (prospectos.PROCESO, "ca_11_cierre_caso"),
}
"""Stage → where its instance begins: at the box, or behind the step of it that would write to the client."""
ESTADOS = {3: "en_documentos", 4: "en_analisis", 5: "en_propuesta"}
ESTADOS_ASUNTO = {7: "por_iniciar", 8: "por_iniciar", 9: "asignado", 10: "en_tramite", 11: "en_tramite"}
COLUMNAS = (
    "nombre", "tipo_persona", "rfc", "correo", "telefono", "etapa", "tipo", "subtipo", "asesor", "folio", "honorarios",
    "avance_pct", "facturas", "plazos", "audiencias",
)  # fmt: skip
"""Of the CSV file. Lists: `total|saldo|vencimiento; …`, `descripcion|vence; …`, `titulo|inicio; …`."""


def registrar(tx: Any, valores: Mapping[str, Any], request_id: str | None = None) -> Prospecto:
    """One matter at its stage. Raises NotAllowed, Invalid by field.

    `valores`: nombre, tipo_persona, rfc, correo, telefono, descripcion, etapa, tipo, subtipo, asesor_id, folio,
    autoridad, num_exp_autoridad, honorarios, avance_pct, facturas (total, saldo, vencimiento), plazos (descripcion,
    vence), audiencias (titulo, inicio).
    """
    if tx.actor != SYSTEM and not tx.actor.groups & REGISTRAN:
        raise NotAllowed("Solo gerentes, Dirección y Administración dan de alta asuntos en curso.")
    antes = prospectos.prospecto_del_envio(tx.session, request_id)
    if antes is not None:
        return antes
    paso = Accion(tx, "")
    etapa = int(valores["etapa"])
    _revisar(paso, valores, etapa)
    prospecto = _prospecto(paso, valores, etapa)
    paso.business_key = prospecto.folio
    variables: dict[str, Any] = {
        "prospecto_id": prospecto.id,
        "tipo_procedimiento": prospecto.tipo_procedimiento,
        "subtipo": prospecto.subtipo,
        "resultado_etapa": "continuar",
    }
    asunto = _asunto(paso, prospecto, valores, etapa) if etapa > 5 else None
    facturas: list[Factura] = []
    if asunto is not None:
        propuesta = _propuesta(paso, prospecto, valores)
        facturas = [_factura(paso, asunto, n, uno) for n, uno in enumerate(valores.get("facturas") or [])]
        variables |= {"asunto_id": asunto.id, "cliente_id": asunto.cliente_id, "propuesta_id": propuesta.id}
        variables["tipo_cliente"] = asunto.tipo_cliente
        if facturas:
            variables["factura_primera_id"] = facturas[0].id
    _fechas(paso, prospecto, asunto, valores)
    if etapa == 3:
        _pedir_documentos(paso, prospecto)
    anotar(paso, "asunto.alta_en_curso", prospecto, despues={"etapa": etapa, "folio": valores.get("folio")})
    tx.flush()
    proceso, elemento = ENTRADAS[etapa]
    tx.start(
        prospectos.PROCESO,
        prospecto.folio,
        variables,
        request_id=request_id,
        at=[Instruction("start_before", proceso, elemento)],
    )
    for factura in facturas:
        if factura.por_cobrar:
            _seguir(tx, prospecto, factura)
    return prospecto


def importar(tx: Any, contenido: bytes) -> list[Prospecto]:
    """Matters from a CSV file with the header `COLUMNAS`, all or none. Raises Invalid with what is wrong by line."""
    try:
        texto = contenido.decode("utf-8-sig")
    except UnicodeDecodeError:
        texto = contenido.decode("cp1252", errors="replace")
    lector = csv.DictReader(StringIO(texto))
    faltan = [columna for columna in ("nombre", "etapa", "tipo", "subtipo") if columna not in (lector.fieldnames or ())]
    if faltan:
        raise Invalid({"archivo": f"Faltan columnas en el primer renglón: {', '.join(faltan)}."})
    hechos, errores = [], []
    for numero, fila in enumerate(lector, start=2):
        try:
            hechos.append(registrar(tx, _de_fila(fila)))
        except Invalid as invalido:
            errores += [f"Renglón {numero}, {campo or 'renglón'}: {dicho}" for campo, dicho in invalido.fields.items()]
    if errores:
        raise Invalid({"archivo": "\n".join(errores)})
    if not hechos:
        raise Invalid({"archivo": "El archivo no tiene asuntos."})
    return hechos


def _revisar(paso: Accion, valores: Mapping[str, Any], etapa: int) -> None:
    errores = {}
    if etapa not in ENTRADAS:
        errores["etapa"] = f"Elija una etapa: {', '.join(map(str, ENTRADAS))}."
    if not (valores.get("nombre") or "").strip():
        errores["nombre"] = "Este campo es obligatorio."
    if valores.get("subtipo") not in SUBTIPOS.get(valores.get("tipo") or "", {}):
        errores["subtipo"] = "Elija un procedimiento."
    if etapa > 5 and not (valores.get("honorarios") or 0) > 0:
        errores["honorarios"] = "Desde la etapa 7 se necesitan los honorarios acordados."
    if etapa == 7 and not valores.get("facturas"):
        errores["facturas"] = "En la etapa 7 ya hay una primera factura."
    asesor = paso.session.get(Asesor, valores["asesor_id"]) if valores.get("asesor_id") else None
    if etapa > 8 and (asesor is None or not asesor.colaborador.activo):
        errores["asesor_id"] = "Desde la etapa 9 el asunto tiene un asesor activo."
    if not 0 <= (valores.get("avance_pct") or 0) <= 100:
        errores["avance_pct"] = "Debe estar entre 0 y 100."
    folio = (valores.get("folio") or "").strip()
    if folio and paso.session.scalar(select(Asunto.id).where(Asunto.folio == folio)):
        errores["folio"] = "Ya hay un asunto con este folio."
    for n, factura in enumerate(valores.get("facturas") or []):
        if not 0 <= factura["saldo"] <= factura["total"]:
            errores[f"facturas.{n}.saldo"] = "El saldo va de cero al total."
    if errores:
        raise Invalid(errores)


def _prospecto(paso: Accion, valores: Mapping[str, Any], etapa: int) -> Prospecto:
    rfc = personas.validar_rfc(valores["rfc"], valores.get("tipo_persona")) if valores.get("rfc") else None
    persona = paso.session.scalar(select(Persona).where(Persona.rfc == rfc)) if rfc else None
    if persona is None:
        persona = Persona(
            nombre=valores["nombre"].strip(),
            tipo_persona=valores.get("tipo_persona") or "fisica",
            rfc=rfc,
            correo=valores.get("correo") or None,
            telefono=valores.get("telefono") or None,
        )
    hoy = dias.dia(paso.now)
    prospecto = prospectos.abrir(
        paso,
        persona=persona,
        canal="referido",
        origen="alta_en_curso",
        estado=ESTADOS.get(etapa, "ganado"),
        tipo_procedimiento=valores["tipo"],
        subtipo=valores["subtipo"],
        autoridad=valores.get("autoridad") or None,
        num_exp_autoridad=valores.get("num_exp_autoridad") or None,
        gerente_id=paso.actor.id if "gerente" in paso.actor.groups else None,
    )
    prospecto.descripcion = (valores.get("descripcion") or "").strip() or "Asunto en curso al darse de alta."
    persona.consentimientos.append(
        Consentimiento(aviso_fecha=hoy, aviso_medio="mostrador", fecha=paso.now, medio="alta_en_curso")
    )
    if etapa > 5 and persona.folio is None:
        persona.folio = siguiente_folio(paso.session, "CLI", hoy.year)
        persona.cliente_desde = paso.now
    paso.session.flush()
    return prospecto


def _asunto(paso: Accion, prospecto: Prospecto, valores: Mapping[str, Any], etapa: int) -> Asunto:
    hoy, tipo = dias.dia(paso.now), valores["tipo"]
    entradas = personas.entradas_tipo_cliente(paso.session, prospecto.persona, hoy)
    asesor = valores.get("asesor_id") if etapa > 8 else None
    asunto = Asunto(
        folio=(valores.get("folio") or "").strip() or siguiente_folio(paso.session, PREFIJO_ASUNTO[tipo], hoy.year),
        prospecto_id=prospecto.id,
        cliente_id=prospecto.persona_id,
        tipo=tipo,
        subtipo=valores["subtipo"],
        autoridad=prospecto.autoridad,
        num_exp_autoridad=prospecto.num_exp_autoridad,
        tipo_cliente=paso.tx.decide("tipo_cliente", entradas).outputs,
        estado=ESTADOS_ASUNTO[etapa],
        asesor_id=asesor,
        supervisor_id=prospecto.gerente_id if etapa > 8 else None,
        avance_pct=int(valores.get("avance_pct") or 0),
        apertura=hoy,
        arranque=hoy if etapa > 9 else None,
    )
    paso.session.add(asunto)
    paso.session.flush()
    if asesor:
        paso.session.add(AsignacionHistorial(asunto_id=asunto.id, asesor_nuevo=asesor, fecha=paso.now))
    return asunto


def _propuesta(paso: Accion, prospecto: Prospecto, valores: Mapping[str, Any]) -> Propuesta:
    """What was agreed: the fees rule what is still to be invoiced (L40)."""
    honorarios = redondear(valores["honorarios"])
    facturas = valores.get("facturas") or []
    primera = _subtotal(paso, facturas[0]["total"]) * CIEN / honorarios if facturas else CIEN
    iva = redondear(honorarios * _iva(paso) / CIEN)
    propuesta = Propuesta(
        folio=siguiente_folio(paso.session, "PROP", dias.dia(paso.now).year),
        prospecto_id=prospecto.id,
        contenido={"alcance": "Acordado antes del alta en el sistema."},
        honorarios=honorarios,
        honorarios_netos=honorarios,
        iva=iva,
        total=honorarios + iva,
        primera_factura_pct=min(redondear(primera), CIEN),
        dias_credito=0,
        estado="aceptada",
        autor=paso.actor.id,
        decidida=paso.now,
    )
    paso.session.add(propuesta)
    paso.session.flush()
    return propuesta


def _factura(paso: Accion, asunto: Asunto, numero: int, datos: Mapping[str, Any]) -> Factura:
    """An invoice that was issued elsewhere before; its totals as they were."""
    total, saldo = redondear(datos["total"]), redondear(datos["saldo"])
    subtotal = _subtotal(paso, total)
    folio = siguiente_folio(paso.session, "A", 0)
    factura = Factura(
        prospecto_id=asunto.prospecto_id,
        asunto_id=asunto.id,
        tipo="primera" if numero == 0 else "saldo",
        folio=folio,
        concepto="Factura anterior al alta en el sistema",
        subtotal=subtotal,
        iva=total - subtotal,
        total=total,
        saldo=saldo,
        emision=min(dias.dia(paso.now), datos["vencimiento"]),
        vencimiento=datos["vencimiento"],
        referencia=folio,
        estado="pagada" if saldo == 0 else "parcial" if saldo < total else "timbrada",
    )
    paso.session.add(factura)
    paso.session.flush()
    return factura


def _subtotal(paso: Accion, total: Decimal) -> Decimal:
    return redondear(total * CIEN / (CIEN + _iva(paso)))


def _iva(paso: Accion) -> Decimal:
    iva: Decimal = ajustes.ajuste(paso.session, "iva_pct")
    return iva


def _fechas(paso: Accion, prospecto: Prospecto, asunto: Asunto | None, valores: Mapping[str, Any]) -> None:
    """Deadlines and hearings with their alerts; nobody is invited anew."""
    asunto_id = asunto.id if asunto else None
    for uno in valores.get("plazos") or []:
        plazos.registrar(paso, prospecto, uno["descripcion"].strip(), uno["vence"], asunto_id=asunto_id)
    for una in valores.get("audiencias") or []:
        id, inicio = nuevo_id(), una["inicio"]
        audiencia = Reunion(
            id=id,
            prospecto_id=prospecto.id,
            asunto_id=asunto_id,
            tipo="audiencia",
            titulo=una["titulo"].strip(),
            responsable_id=asunto.asesor_id if asunto else None,
            inicio=inicio,
            fin=inicio + timedelta(hours=1),
            estado="confirmada",
            uid=f"{id}@cauce",
        )
        paso.session.add(audiencia)
        paso.session.flush()
        titulo = f"Audiencia: {audiencia.titulo}"
        plazos.registrar(
            paso, prospecto, titulo, dias.dia(inicio), tipo="audiencia", asunto_id=asunto_id, reunion_id=id
        )


def _pedir_documentos(paso: Accion, prospecto: Prospecto) -> None:
    """The checklist of the table, without the mail that asks for it."""
    entradas = {
        "tipo_procedimiento": prospecto.tipo_procedimiento,
        "subtipo": prospecto.subtipo,
        "tipo_persona": prospecto.persona.tipo_persona,
    }
    for pedido in _renglones(paso.tx.decide("documentos_requeridos", entradas).outputs):
        documentacion.pedir(paso, prospecto, pedido["documento"], obligatorio=pedido["obligatorio"])


def _renglones(salidas: Any) -> Sequence[Mapping[str, Any]]:
    return salidas if isinstance(salidas, list) else next(iter(salidas.values()))


def _seguir(tx: Any, prospecto: Prospecto, factura: Factura) -> None:
    """The follow-up of an open invoice, as its issue would have started it (L24)."""
    tx.send(
        "msg_factura_emitida",
        prospecto.folio,
        {
            "prospecto_id": prospecto.id,
            "asunto_id": factura.asunto_id,
            "factura_id": factura.id,
            "tipo_procedimiento": prospecto.tipo_procedimiento,
        },
        correlation=f"{prospecto.folio}/{factura.folio}",
    )


# --- one line of the CSV file


def _de_fila(fila: Mapping[str, str | None]) -> dict[str, Any]:
    texto = {clave: (valor or "").strip() for clave, valor in fila.items() if isinstance(clave, str)}
    errores: dict[str, str] = {}
    valores: dict[str, Any] = {
        **{c: texto.get(c) or None for c in ("nombre", "rfc", "correo", "telefono", "tipo", "subtipo", "folio")},
        "tipo_persona": texto.get("tipo_persona") or "fisica",
        "asesor_id": texto.get("asesor") or None,
        "etapa": _numero(texto, "etapa", errores) or 0,
        "honorarios": _numero(texto, "honorarios", errores),
        "avance_pct": _numero(texto, "avance_pct", errores),
    }
    listas = {
        "facturas": (("total", Decimal), ("saldo", Decimal), ("vencimiento", date.fromisoformat)),
        "plazos": (("descripcion", str), ("vence", date.fromisoformat)),
        "audiencias": (("titulo", str), ("inicio", _momento)),
    }
    for clave, campos in listas.items():
        try:
            valores[clave] = [_partes(uno, campos) for uno in texto.get(clave, "").split(";") if uno.strip()]
        except (ValueError, InvalidOperation):
            errores[clave] = f"Escríbalo así: {'|'.join(campo for campo, _tipo in campos)}; fechas AAAA-MM-DD."
    if errores:
        raise Invalid(errores)
    return valores


def _numero(texto: Mapping[str, str], clave: str, errores: dict[str, str]) -> Decimal | None:
    if not texto.get(clave):
        return None
    try:
        return Decimal(texto[clave].replace(",", "").replace("$", ""))
    except InvalidOperation:
        errores[clave] = "Debe ser un número."
        return None


def _partes(texto: str, campos: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    partes = [parte.strip() for parte in texto.split("|")]
    if len(partes) != len(campos):
        raise ValueError
    return {clave: tipo(parte) for (clave, tipo), parte in zip(campos, partes, strict=True)}


def _momento(texto: str) -> datetime:
    momento = datetime.fromisoformat(texto)
    return momento if momento.tzinfo else momento.replace(tzinfo=dias.ZONA)
