"""What the operator's handbook explains: every state, wait, failure, check and alert of the program, and what to do.

The keys are the codes of the program; a test compares them with what the program has, so that nothing new goes
unexplained. Spanish as everything an operator reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the handbook."""

    title: str
    means: str
    do: str


INSTANCES: Mapping[str, Entry] = {
    "running": Entry("En curso", "Espera a alguien o algo.", "Vea «Qué espera»: lo dice con nombre y fecha."),
    "suspended": Entry(
        "Suspendido",
        "Alguien lo detuvo: nada corre, nadie completa tareas, los temporizadores vencen pero no disparan. Quien "
        "llenaba un formulario conserva lo que escribió.",
        "Lea el motivo en «Lo que se ha hecho a mano» y reanúdelo cuando se pueda; lo vencido ocurre entonces.",
    ),
    "held": Entry(
        "Suspendido con su proceso",
        "Se detuvo la versión entera de su proceso.",
        "Siga el enlace de su publicación y reanude el proceso: siguen todos los que se detuvieron con él. Reanudar "
        "uno solo también se puede.",
    ),
    "stopped": Entry(
        "Proceso suspendido",
        "No inicia asuntos nuevos de esa versión; los mensajes y trabajos que los inician esperan y se reintentan cada "
        "cinco minutos.",
        "Publique la versión corregida: esa sí inicia. Después reanude la anterior, o migre sus asuntos.",
    ),
    "completed": Entry(
        "Terminado", "Llegó a su fin y no se reabre.", "Nada. Su historia y sus variables se conservan."
    ),
    "cancelled": Entry(
        "Cancelado",
        "Una persona lo terminó antes, con motivo, y no se reabre.",
        "Si fue un error, inicie otro asunto; el expediente se conserva.",
    ),
}
WAITS: Mapping[str, Entry] = {
    "user_task": Entry(
        "Una tarea de usuario",
        "«La tiene…» o «la puede tomar…», con su fecha.",
        "Si la persona no está, reasígnela. Si ya se hizo fuera del sistema, omítala con el resultado que habría dado.",
    ),
    "job": Entry(
        "Un trabajo automático",
        "Lo hace un trabajador, con sus reintentos; si los agota, es una falla.",
        "Si espera su siguiente intento y ya se arregló lo que lo impedía, muévalo a este momento. Si falló, "
        "reinténtelo.",
    ),
    "timer": Entry(
        "Un temporizador",
        "«Espera hasta…» detiene el asunto; «Si antes no termina…» está en el borde de una actividad y no lo detiene.",
        "Mueva su fecha, o dispárelo si debe ocurrir ya.",
    ),
    "message": Entry(
        "Un mensaje",
        "Espera que llegue de otro proceso o del mundo, con su clave (de ordinario, el folio).",
        "Si el mensaje se perdió, entréguelo a mano con «Disparar ahora».",
    ),
    "signal": Entry(
        "Una señal", "Como un mensaje, pero la oyen todos los que la esperan.", "Dispárela solo para este asunto."
    ),
    "condition": Entry(
        "Una condición",
        "Sigue en cuanto las variables la cumplan.",
        "Corrija la variable con «Cambiar variables»: se evalúa de nuevo en ese momento.",
    ),
    "failure": Entry(
        "No puede seguir",
        "El elemento falló en una expresión, una decisión o un temporizador: la falla dice qué valores vio.",
        "Reintente con el dato corregido.",
    ),
}
JOBS: Mapping[str, Entry] = {
    "due": Entry(
        "Por hacer",
        "Espera a un trabajador o a su hora.",
        "Más de un minuto de atraso: vea en «Panorama» si hay trabajadores vivos.",
    ),
    "leased": Entry(
        "Se está haciendo",
        "Un trabajador lo tiene con un plazo de 60 segundos.",
        "Espere. Si el trabajador muere, otro lo toma al vencer el plazo.",
    ),
    "failed": Entry(
        "Falló",
        "Agotó sus reintentos y tiene una falla abierta.",
        "Lea el último error, arregle la causa y reinténtelo; si nunca se podrá, descártelo u omita su paso.",
    ),
}
INCIDENTS: Mapping[str, Entry] = {
    "process": Entry(
        "De un elemento",
        "Una expresión, una condición, una decisión o un temporizador no dio un valor que sirva. El resto del asunto "
        "sigue.",
        "Abra la falla y reintente con la variable corregida. Si el diagrama está mal, avise al analista y migre.",
    ),
    "job": Entry(
        "De un trabajo",
        "Un trabajo agotó sus reintentos. La falla dice el mensaje y la línea del programa.",
        "Si es de un paso, se repara en su asunto. Si es un correo o un aviso, en «Trabajos».",
    ),
    "message": Entry(
        "De un mensaje",
        "Se guardó un mensaje y nadie llegó a recibirlo en su plazo.",
        "Si todavía hace falta, entréguelo en el asunto que lo espera; después, dé la falla por vista.",
    ),
}
MAILS: Mapping[str, Entry] = {
    "en_cola": Entry(
        "En cola",
        "Sale en segundos. Si el servidor no contesta, se reintenta a 1, 5 y 30 minutos.",
        "Si dice «No sale», su trabajo falló: reinténtelo en «Trabajos» cuando el servidor conteste.",
    ),
    "enviado": Entry("Enviado", "El servidor de correo lo aceptó.", "Nada."),
    "fallido": Entry(
        "No se pudo entregar",
        "El servidor lo rechazó para siempre, o alguien descartó su envío.",
        "Corrija la dirección en el asunto y pida que se envíe otra vez, o avise por otro medio.",
    ),
    "avisado_otro_medio": Entry(
        "Avisado por otro medio", "Una persona avisó al destinatario por teléfono u otro medio.", "Nada."
    ),
}
FAILURES: Mapping[str, str] = {
    "no es verdadera ni falsa": "Falta un dato o tiene otro tipo. La falla dice qué variables vio: corríjala en "
    "«Reintentar».",
    "se cumple y no hay salida por defecto": "El diagrama no prevé ese valor. Corrija la variable, o modifique el "
    "recorrido y avise al analista.",
    "no se pudo evaluar": "La expresión o la decisión falló con esos valores: una función recibió otro tipo, o dos "
    "reglas de una tabla se contradicen. Corrija la variable; si la tabla está mal, avise al analista.",
    "no da fecha, duración ni ciclo": "La expresión del temporizador dio otra cosa. Corrija la variable y reintente.",
    "no da un momento": "El temporizador da una fecha imposible. Corrija la variable y reintente.",
    "los reintentos no son un número": "La expresión de los reintentos del trabajo dio otra cosa. Corríjala.",
    "no se puede asignar": "La expresión de su persona, fecha o prioridad falló. Corrija la variable.",
    "pasa de 255 caracteres": "El nombre o la clave de un mensaje es demasiado larga. Corrija la variable.",
    "está vacía": "Falta la variable que dice con qué clave se espera el mensaje.",
    "no es texto ni número": "La variable de la clave del mensaje tiene otro tipo.",
    "no es un texto": "La expresión del nombre del mensaje dio otra cosa.",
    "no es una lista": "Lo que se repite una vez por elemento necesita una lista. Corrija la variable.",
    "no es un entero de 0 a": "El número de repeticiones no sirve. Corrija la variable.",
    "Nadie atrapa el error": "El diagrama lanza un error que no atiende. Avise al analista; mientras, modifique el "
    "recorrido.",
    "Nadie atrapa la cancelación": "El subproceso se canceló sin salida para ello. Modifique el recorrido.",
    "Nadie atiende el error": "Un trabajo terminó con un error que el diagrama no atiende. Reintente u omita el paso.",
    "¿se llama el proceso a sí mismo?": "Un proceso se llama sin fin. Cancele el asunto y avise al analista.",
    "no tiene un evento de inicio sin disparador": "El proceso llamado no puede empezar así. Publique la versión "
    "corregida y migre.",
    "demasiados pasos seguidos": "El diagrama da vueltas sin parar. Corrija la variable que lo detendría.",
    "por ahí ya no puede llegar nadie": "Una unión espera por un camino por el que ya no viene nadie. Modifique: quite "
    "el asunto de la unión y póngalo después de ella.",
    "se esperan entre sí": "Dos uniones se esperan una a otra. Modifique el recorrido y avise al analista.",
    "no son los que espera": "El diagrama entrega a un trabajo datos de otro tipo. Corrija la variable y reintente.",
    "No hay quien haga el trabajo": "El programa que corre no conoce ese trabajo: se instaló otra versión. Vuelva a la "
    "anterior o actualice, y reintente.",
    "terminó sin resultado": "El trabajador murió al hacerlo y ya no quedaban intentos. Reintente; si se repite, avise "
    "a quien mantiene el programa.",
    "El programa tiene un error que nadie previó": "Guarde el detalle técnico y avise a quien mantiene el programa.",
    "El servidor de correo": "No contesta, o no acepta. Los correos se reintentan solos y después son fallas: "
    "reinténtelos cuando vuelva. Si rechaza el usuario, revise CAUCE_SMTP_URL.",
}
"""Words of a failure → what to do."""
REFUSALS: Mapping[str, str] = {
    "que ya no existe": "Diga en la página a qué elemento pasa, o espere a que el asunto salga de ahí.",
    "no son de la misma clase": "Una tarea solo puede pasar a otra tarea, un temporizador a otro. Elija otro destino.",
    "su repetición cambió": "Espere a que termine lo que se está repitiendo, y migre después.",
    "es otro proceso": "Espere a que termine lo que está dentro de la etapa, y migre después.",
    "los sucesos cambiaron": "Espera a uno de varios sucesos: migre cuando haya ocurrido alguno.",
    "cuyas entradas cambiaron": "Hay caminos en paralelo hacia una unión: migre cuando se hayan unido.",
    "por ahí ya no viene nadie": "La versión nueva dejaría al asunto esperando para siempre. Migre antes o después de "
    "esa parte.",
    "se está haciendo en este momento": "Intente en un minuto.",
    "ya terminó": "No hay nada que migrar.",
    "ya está en otra publicación": "Alguien lo migró antes.",
}
"""Words of a verdict that says no → what to do."""
CHECKS: Mapping[str, Entry] = {
    "versions": Entry(
        "versions", "Versión de Cauce y de la base de datos.", "SQLite: se necesita la 3.35 o posterior."
    ),
    "tables": Entry("tables", "Las tablas son las de este programa.", "Ejecute cauce upgrade."),
    "disk speed": Entry(
        "disk speed",
        "Cuántas escrituras por segundo guarda el disco de verdad.",
        "Menos de 50: use un disco más rápido. Más de 20,000: revise que su memoria no mienta al guardar.",
    ),
    "disk space": Entry("disk space", "Espacio libre donde están los datos.", "Libere espacio o mueva CAUCE_VAR."),
    "secret": Entry(
        "secret", "La clave secreta es larga y nadie más la lee.", "Haga una con openssl rand -hex 32; chmod 600."
    ),
    "time zone": Entry("time zone", "La Ciudad de México está a 6 horas todo el año.", "Actualice el paquete tzdata."),
    "clock": Entry("clock", "Los relojes de esta máquina y de la base coinciden.", "Configure NTP en ambas."),
    "mail": Entry("mail", "El servidor de correo contesta.", "Revise CAUCE_SMTP_URL, la red y el servidor."),
    "files": Entry(
        "files", "Los archivos se guardan y se leen.", "Revise permisos y espacio de la carpeta de archivos."
    ),
    "pages": Entry("pages", "Están los estilos y programas de las páginas.", "Ejecute python -m web.build."),
    "workers": Entry("workers", "Hay un trabajador vivo.", "Arranque cauce serve o cauce worker."),
    "jobs": Entry("jobs", "No hay trabajos atrasados ni fallas.", "Abra Operación y empiece por lo rojo."),
    "backup": Entry("backup", "El último respaldo tiene menos de 26 horas.", "Programe cauce backup cada noche."),
    "instances": Entry(
        "instances",
        "Todo lo que está en curso puede seguir con este programa.",
        "No cambie de versión todavía: cauce migrate --check dice qué y por qué.",
    ),
}
"""`cauce doctor`."""
READY: Mapping[str, Entry] = {
    "stays": Entry("stays", "El servidor no se está apagando.", "Espere: termina lo que tiene y no recibe más."),
    "database": Entry("database", "La base contesta en menos de un segundo.", "Vea si está encendida y con carga."),
    "tables": Entry("tables", "Las tablas son las de este programa.", "Ejecute cauce upgrade."),
    "worker": Entry("worker", "Hay un trabajador vivo.", "Arranque cauce worker."),
    "disk": Entry("disk", "Quedan más de 200 MB y la base no ha dicho que está llena.", "Libere espacio; sigue solo."),
    "files": Entry("files", "Los archivos se guardan y se leen.", "Revise la carpeta de archivos."),
    "on_time": Entry(
        "on_time", "Ningún trabajo espera más de cinco minutos.", "Solo es un aviso: vea si faltan trabajadores."
    ),
}
"""`/readyz`."""
ALERTS: Mapping[str, Entry] = {
    "CauceFailures": Entry("CauceFailures", "Hay fallas por resolver.", "Abra «Fallas»."),
    "CauceJobsLate": Entry("CauceJobsLate", "El trabajo más antiguo espera demasiado.", "Vea si hay trabajadores."),
    "CauceNoWorker": Entry("CauceNoWorker", "Ningún trabajador da señales de vida.", "Arranque cauce worker."),
    "CauceMailWaits": Entry("CauceMailWaits", "Un correo espera desde hace una hora.", "Vea si el servidor contesta."),
    "CauceDiskFull": Entry("CauceDiskFull", "Queda menos de una décima parte del disco.", "Libere espacio."),
    "CauceBackupOld": Entry("CauceBackupOld", "El último respaldo tiene más de 26 horas.", "Ejecute cauce backup."),
    "CauceErrors": Entry("CauceErrors", "Más de una petición de cada cien falla.", "Lea el registro del programa."),
}
"""`docs/alerts.yaml`."""
