"""Settings of the firm. Stored only where they differ from their default; shown on «Valores por confirmar».

The times of the process, which the diagrams read, are declared in `tasks.tiempos`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Invalid, NotAllowed, NotFound
from engine.values import SYSTEM
from tasks.definicion import Definicion, Valor
from tasks.pac import impedimento
from tasks.paso import Accion, Paso
from tasks.personas import validar_rfc
from tasks.registros import Ajuste, EventoBitacora
from tasks.tiempos import TIEMPOS

CAMBIAN = frozenset({"admin", "direccion"})
"""Who changes the settings of the firm."""
CAMBIO = "ajuste.cambiar"
"""What the log calls a change."""
_FORMAS = {
    "despacho_cp": (re.compile(r"\d{5}"), "El código postal tiene 5 cifras."),
    "despacho_clabe": (re.compile(r"\d{18}"), "La CLABE tiene 18 cifras."),
    "despacho_correo": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "Escriba un correo, por ejemplo nombre@despacho.mx."),
}
"""Settings that have a form of their own, and what to say when they lack it."""


def _entre(minimo: int, maximo: int) -> dict[str, Any]:
    """Bounds of a whole number."""
    return {"minimo": Decimal(minimo), "maximo": Decimal(maximo), "enteros": True}


_TODOS = (
    Definicion("cuatro_ojos", True, "Cuatro ojos", "Quien elabora una propuesta no la aprueba (L16)."),
    Definicion(
        "cuatro_ojos_publicar",
        False,
        "Cuatro ojos al publicar",
        "Nadie publica lo que cambió en el borrador del estudio; lo publica otra persona.",
    ),
    Definicion(
        "autorizar_cierre", True, "Autorizar cierre", "El gerente autoriza el cierre antes de la tarjeta (L39)."
    ),
    Definicion("codigo_firma", True, "Código de firma", "La aceptación pide un código enviado por correo (L21)."),
    Definicion(
        "facturador",
        "simulado",
        "Timbrado",
        "Cómo se emiten las facturas (L22): simulado, manual (en otro programa) o pac (un proveedor sella y timbra).",
        False,
        ("simulado", "manual", "pac"),
    ),
    Definicion("iva_pct", Decimal(16), "IVA (%)", "16; 8 en la región fronteriza.", True),
    Definicion("ret_isr_pct", Decimal(0), "Retención de ISR (%)", "10 si el despacho es persona física.", True),
    Definicion("ret_iva_pct", Decimal(0), "Retención de IVA (%)", "10.6667 si el despacho es persona física.", True),
    Definicion(
        "vigencia_dh",
        Decimal(15),
        "Vigencia de la propuesta",
        "En días hábiles, de 5 a 30 (L15).",
        True,
        **_entre(5, 30),
    ),
    Definicion("descuento_max_pct", Decimal(30), "Descuento máximo (%)", "De una propuesta (L15).", True),
    Definicion(
        "rondas_negociacion",
        Decimal(3),
        "Rondas de negociación",
        "Antes de que decida el gerente (L20).",
        True,
        **_entre(1, 20),
    ),
    Definicion(
        "reunion_minutos",
        Decimal(60),
        "Duración de una reunión",
        "En minutos, de 15 a 240 (L7).",
        True,
        **_entre(15, 240),
    ),
    Definicion(
        "retencion_prospecto_anios",
        Decimal(1),
        "Conservación de prospectos",
        "Años desde que se cerró; después se suprimen sus datos.",
        True,
        **_entre(1, 50),
    ),
    Definicion(
        "retencion_anios", Decimal(10), "Conservación del expediente", "Años desde el archivo.", True, **_entre(1, 50)
    ),
    Definicion("aviso_version", "2025-1", "Versión del aviso de privacidad", "La que se pone a disposición."),
    Definicion(
        "enlace_dias",
        Decimal(30),
        "Vigencia de los enlaces",
        "Días naturales del portal del cliente.",
        True,
        **_entre(1, 365),
    ),
    Definicion("despacho_nombre", "Barrera & Solís Abogados, S.C.", "Nombre del despacho"),
    Definicion("despacho_corto", "Barrera & Solís", "Nombre corto"),
    Definicion("despacho_lema", "Abogados", "Debajo del nombre corto"),
    Definicion("despacho_logo", "", "Logo", "En el portal, los correos y los documentos.", propio=True),
    Definicion("despacho_rfc", "BSA150301AB0", "RFC del despacho"),
    Definicion("despacho_regimen", "601", "Régimen fiscal del despacho"),
    Definicion(
        "despacho_domicilio", "Av. Insurgentes Sur 1240, piso 6, Col. Del Valle, 03100 Ciudad de México", "Domicilio"
    ),
    Definicion("despacho_cp", "03100", "Código postal (lugar de expedición)"),
    Definicion("despacho_telefono", "55 5555 0100", "Teléfono"),
    Definicion("despacho_correo", "contacto@barrerasolis.example", "Correo"),
    Definicion("despacho_banco", "Banco de ejemplo", "Banco"),
    Definicion("despacho_clabe", "000000000000000000", "CLABE", "Para transferencias (SPEI).", True),
)
AJUSTES: Mapping[str, Definicion] = {definicion.clave: definicion for definicion in (*_TODOS, *TIEMPOS)}


def ajuste(session: Session, clave: str) -> Any:
    """Present value of a setting: bool, Decimal or str, as its default. Raises NotFound for an unknown name."""
    definicion = _definicion(clave)
    guardados = _guardados(session)
    if clave not in guardados:
        return definicion.defecto
    valor = guardados[clave]
    return Decimal(valor) if isinstance(definicion.defecto, Decimal) else valor


def ajuste_en(session: Session, clave: str, momento: datetime) -> Any:
    """Value that a time of the process had at a moment: what began earlier keeps the time with which it began, even
    when its due time is computed again. Other settings: as `ajuste`."""
    definicion = _definicion(clave)
    if definicion.etapa and clave in _guardados(session):
        consulta = (
            select(EventoBitacora.antes)
            .where(EventoBitacora.business_key.is_(None), EventoBitacora.accion == CAMBIO)
            .where(EventoBitacora.entidad_id == clave, EventoBitacora.momento > momento)
            .order_by(EventoBitacora.id)
        )
        if antes := session.scalar(consulta.limit(1)):
            return Decimal(antes["valor"])
    return ajuste(session, clave)


def cambiar(paso: Paso, clave: str, valor: Any) -> None:
    """Set a setting (action of admin). Raises Invalid for a value of the wrong kind, and for stamping by a provider
    where that cannot work, saying what is missing. Logged with before and after."""
    definicion = _definicion(clave)
    nuevo = _tipado(definicion, valor)
    if (clave, nuevo) == ("facturador", "pac") and (falta := impedimento(getattr(paso.adapters, "pac", None))):
        raise Invalid({clave: falta})
    antes = ajuste(paso.session, clave)
    fila = paso.session.get(Ajuste, clave)
    if fila is None:
        fila = Ajuste(clave=clave, valor={})
        paso.session.add(fila)
    fila.valor = {"valor": str(nuevo) if isinstance(nuevo, Decimal) else nuevo}
    fila.usuario, fila.actualizado = paso.actor.id, paso.now
    paso.session.add(
        EventoBitacora(
            momento=paso.now,
            usuario=paso.actor.id,
            accion=CAMBIO,
            entidad="ajuste",
            entidad_id=clave,
            antes={"valor": str(antes)},
            despues={"valor": str(nuevo)},
        )
    )
    paso.session.flush()
    paso.session.info.pop("ajustes", None)


def guardar(tx: Any, valores: Mapping[str, Any]) -> list[str]:
    """Action of the page «Configuración del despacho»: the names of the settings that changed.

    Raises NotAllowed for whoever is neither admin nor Dirección, Invalid with all that is wrong; nothing is kept then.
    """
    paso = Accion(tx, "")
    if paso.actor != SYSTEM and not paso.actor.groups & CAMBIAN:
        raise NotAllowed("Solo Dirección y Administración cambian la configuración del despacho.")
    errores: dict[str, str] = {}
    nuevos: dict[str, Valor] = {}
    for clave, valor in valores.items():
        if _definicion(clave).propio:
            continue
        try:
            nuevos[clave] = _tipado(_definicion(clave), valor)
        except Invalid as invalido:
            errores |= invalido.fields
    errores |= _fuera_de_orden(paso.session, nuevos, set(errores))
    cambiados = []
    for clave, nuevo in nuevos.items():
        if nuevo == ajuste(paso.session, clave):
            continue
        try:
            cambiar(paso, clave, nuevo)
        except Invalid as invalido:
            errores |= invalido.fields
        cambiados.append(clave)
    if errores:
        raise Invalid(errores)
    return cambiados


def _fuera_de_orden(session: Session, nuevos: Mapping[str, Valor], mal: set[str]) -> dict[str, str]:
    """Times that would come before what they follow, at the later field (at the earlier one if only that is asked);
    `mal` are wrong already."""
    errores = {}
    for una in AJUSTES.values():
        if not una.despues_de or not {una.clave, una.despues_de} & set(nuevos):
            continue
        if {una.clave, una.despues_de} & mal:
            continue
        otra = AJUSTES[una.despues_de]
        tarde, pronto = (nuevos.get(una_.clave, ajuste(session, una_.clave)) for una_ in (una, otra))
        if tarde <= pronto:
            if una.clave in nuevos:
                errores[una.clave] = f"Debe ser mayor que «{otra.nombre}» ({pronto:f})."
            else:
                errores[otra.clave] = f"Debe ser menor que «{una.nombre}» ({tarde:f})."
    return errores


def despacho(session: Session) -> dict[str, str]:
    """The firm's own data for mails and documents: nombre, corto, rfc, domicilio, telefono, correo, banco, clabe, …"""
    return {
        clave.removeprefix("despacho_"): ajuste(session, clave) for clave in AJUSTES if clave.startswith("despacho_")
    }


def despacho_de_fabrica() -> dict[str, Any]:
    """The same before anybody has written anything: for checks without a database."""
    return {
        clave.removeprefix("despacho_"): uno.defecto for clave, uno in AJUSTES.items() if clave.startswith("despacho_")
    }


def _guardados(session: Session) -> dict[str, Any]:
    """Settings that differ from their default, read once per session: a mail alone asks for a dozen."""
    guardados: dict[str, Any] | None = session.info.get("ajustes")
    if guardados is None:
        filas = session.execute(select(Ajuste.clave, Ajuste.valor))
        guardados = session.info["ajustes"] = {clave: valor["valor"] for clave, valor in filas}
    return guardados


def _definicion(clave: str) -> Definicion:
    if clave not in AJUSTES:
        raise NotFound(f"No existe el ajuste «{clave}».")
    return AJUSTES[clave]


def _tipado(definicion: Definicion, valor: Any) -> Valor:
    if isinstance(definicion.defecto, bool):
        if isinstance(valor, bool):
            return valor
        raise Invalid({definicion.clave: "Debe ser sí o no."})
    if isinstance(definicion.defecto, Decimal):
        return _numero(definicion, valor)
    texto = str(valor).strip()
    if not texto and not definicion.propio:
        raise Invalid({definicion.clave: "Este campo es obligatorio."})
    if definicion.clave in _FORMAS and not _FORMAS[definicion.clave][0].fullmatch(texto):
        raise Invalid({definicion.clave: _FORMAS[definicion.clave][1]})
    if definicion.clave == "despacho_rfc":
        return validar_rfc(texto, campo=definicion.clave)
    if definicion.opciones and texto not in definicion.opciones:
        raise Invalid({definicion.clave: "Elija uno de los valores de la lista."})
    return texto


def _numero(definicion: Definicion, valor: Any) -> Decimal:
    minimo, maximo = f"{definicion.minimo:f}", f"{definicion.maximo:f}"
    if definicion.enteros:
        error = Invalid({definicion.clave: f"Escriba un número entero, de {minimo} a {maximo}."})
    else:
        error = Invalid({definicion.clave: f"Escriba un número de {minimo} a {maximo}; los decimales, con punto."})
    try:
        numero = Decimal(str(valor).strip())
    except InvalidOperation:
        raise error from None
    # NaN compares with nothing.
    if not numero.is_finite() or not definicion.minimo <= numero <= definicion.maximo:
        raise error
    if not definicion.enteros:
        return numero
    if numero != numero.to_integral_value():
        raise error
    return Decimal(int(numero))
