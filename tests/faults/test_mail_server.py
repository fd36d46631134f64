"""A mail server that is away, that refuses, that hangs up, that is slow: every mail arrives, under one id, and nobody
waits for it."""

from __future__ import annotations

import asyncio
import email
import itertools
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from engine import SYSTEM
from tasks import correo
from tasks.paso import Accion
from tasks.registros import Correo
from tasks.transporte import Smtp
from tests.faults.figures import tell
from tests.tasks.firma import INICIO, Firma, prospecto

GOOD, LATER = "250 OK", "451 inténtelo más tarde"


class Server:
    """It answers each message as `answer` says, after it has taken it in."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.accepted: list[str] = []
        self.answer: Callable[[int], str] = lambda number: GOOD
        self.gate: threading.Event | None = None
        self.holds = threading.Event()
        self._count = itertools.count()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.controller: Controller | None = None

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message_id = str(email.message_from_bytes(envelope.content, policy=policy.default)["Message-ID"])
        self.arrived.append(message_id)
        self.holds.set()
        while self.gate is not None and not self.gate.is_set():
            await asyncio.sleep(0.01)
        said = self.answer(next(self._count))
        if said == GOOD or said == "hang up":
            self.accepted.append(message_id)
        if said == "hang up":
            # It has taken the mail and the line is cut before it can say so.
            server.transport.abort()
        return said if said != "hang up" else GOOD


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def firm(database_url: str, tmp_path: Path, server: Server) -> Iterator[Firma]:
    found = Firma(database_url, tmp_path, transporte=Smtp("127.0.0.1", server.port, tls="no", segundos=5))
    yield found
    found.cerrar()


def put_mails(firm: Firma, number: int) -> None:
    with firm.tx() as tx:
        pro = prospecto(tx)
        for _ in range(number):
            correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona, enlace="documentos")


def states(firm: Firma) -> Counter[str]:
    with firm.engine.reading(SYSTEM) as tx:
        found = tx.session.execute(select(Correo.estado, func.count()).group_by(Correo.estado)).all()
    return Counter({row[0]: row[1] for row in found})


def test_away_then_flaky_then_hanging_up(
    firm: Firma, server: Server, database_kind: str, request: pytest.FixtureRequest
) -> None:
    """Away at first; then every third is put off, and after every fourth the line is cut with the mail taken."""
    mails = 200 if request.config.getoption("--long") else 6
    put_mails(firm, mails)
    firm.trabajar()
    assert states(firm) == {"en_cola": mails}
    server.answer = lambda number: LATER if number % 3 == 1 else "hang up" if number % 4 == 2 else GOOD
    server.open()
    tries = 0
    while states(firm)["en_cola"] and tries < 3:
        tries += 1
        firm.ir_a(INICIO + timedelta(minutes=40 * tries))
    # What was unlucky four times waits for a person, and goes out when that person says so.
    server.answer = lambda number: GOOD
    unlucky = firm.engine.incidents(size=1000, by=SYSTEM).items
    for job in firm.engine.jobs(size=1000, by=SYSTEM).items:
        if job.state == "failed":
            firm.engine.retry(job.id, reason="ya contesta", by=SYSTEM)
    firm.trabajar()
    assert states(firm) == {"enviado": mails}
    with firm.engine.reading(SYSTEM) as tx:
        ids = set(tx.session.scalars(select(Correo.message_id)))
    got = Counter(server.accepted)
    assert set(got) == ids
    assert firm.engine.incidents(by=SYSTEM).items == ()
    tell(
        "mail_server", database=database_kind, mails=mails, lost=0, arrived=len(server.arrived),
        repeated_same_id=sum(got.values()) - mails, incidents=len(unlucky),
    )  # fmt: skip


def test_a_slow_server_holds_nobody_up(firm: Firma, server: Server) -> None:
    """While it thinks, people go on: no transaction is open, and the mail is sent once."""
    server.gate = threading.Event()
    server.open()
    put_mails(firm, 1)
    worker = threading.Thread(target=firm.engine.run_due_jobs)
    worker.start()
    assert server.holds.wait(30)
    with firm.tx() as tx:
        prospecto(tx, "PRO-2027-0002")
    assert states(firm) == {"en_cola": 1}
    # Another worker leaves it alone as long as its lease lasts.
    assert firm.engine.run_due_jobs() == 0
    server.gate.set()
    worker.join()
    assert states(firm) == {"enviado": 1}
    assert len(server.arrived) == 1
