"""Throw-away spaces: one folder for each, with everything that a program needs to run a draft, and nothing of the
firm's own.

A space has its own SQLite file with invented people and matters, its own folder of files, a clock that stands still
between steps, and only the local doors to the outside: mail stays in its mailbox, nothing is stamped. Its engine is
never given the firm's database. What a space may use is limited; old ones are swept.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import secrets
import shutil
import sqlite3
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import SYSTEM, Conflict, MovableClock, NotFound
from engine.definitions import bundle_id
from tasks.adapters import Adapters
from tasks.imprenta import Imprenta
from web.scenarios.firm import ScenarioFirm
from web.scenarios.runner import Way
from web.settings import Settings

if TYPE_CHECKING:
    from engine import Engine

MOST_SPACES = 12
MOST_OF_ONE = 4
"""Spaces of one person."""
OLDEST = timedelta(hours=24)
"""A space that nobody has used for so long is swept."""
MOST_STEPS = 150
MOST_BYTES = 150 * 2**20
"""All that a space keeps on the disk."""
OPEN_ENGINES = 4
TURN = 10.0
"""Seconds that a step waits for another one of the same space."""
GONE = "Esta prueba ya no existe: se cerró, o nadie la usó en un día. Empiece otra."
_ID = re.compile(r"[a-z0-9]{16}")


class Full(Conflict):
    """Ya hay demasiadas pruebas abiertas. Cierre alguna para empezar otra."""


@dataclass
class Log:
    """What a space remembers besides its database."""

    draft: str
    """Id of the draft's files that were tried."""
    process: str
    author: str
    created: str
    starts: str
    """Where its clock began, as a scenario writes it."""
    stops: bool = False
    """Whether service tasks wait for a click."""
    matters: dict[str, str] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    """Process instance → sequence of the last event of its history that a step told."""

    @property
    def way(self) -> Way:
        return Way(dict(self.matters), frozenset(self.held))


class Spaces:
    """All spaces below one folder. Safe for threads and for several programs on one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._guard = threading.Lock()
        self._press = Imprenta()

    def new(
        self,
        files: Mapping[str, bytes],
        process: str,
        starts: datetime,
        author: str,
        *,
        stops: bool = False,
        instead_of: str = "",
    ) -> Space:
        """A space with these files deployed; the space `instead_of` makes room for it. Raises Full, DeployRejected
        for a draft with errors."""
        self.sweep()
        known = [one for one in self.all() if one.id != instead_of]
        if len(known) >= MOST_SPACES or sum(one.log.author == author for one in known) >= MOST_OF_ONE:
            raise Full
        space = Space(self, secrets.token_hex(8))
        try:
            space.prepare(files, starts)
            local = starts.isoformat(sep=" ", timespec="minutes")[:16]
            created = datetime.now().astimezone().isoformat(timespec="seconds")
            resources = {path: data for path, data in files.items() if not path.startswith("scenarios/")}
            space.save(Log(bundle_id(resources), process, author, created, local, stops))
        except BaseException:
            self.delete(space.id)
            raise
        if instead_of:
            self.delete(instead_of)
        return space

    def get(self, space_id: str) -> Space:
        """Raises NotFound for one that was swept, or never was."""
        space = Space(self, space_id)
        if not _ID.fullmatch(space_id) or not space.log_file.is_file():
            raise NotFound(GONE)
        return space

    def all(self) -> list[Space]:
        """The latest used first."""
        found = []
        for path in self.folder.glob("*/log.json"):
            space = Space(self, path.parent.name)
            with contextlib.suppress(FileNotFoundError):  # Somebody closes it just now.
                found.append((space.used, space))
        return [space for _used, space in sorted(found, key=lambda one: one[0], reverse=True)]

    def delete(self, space_id: str) -> None:
        self.close(space_id)
        shutil.rmtree(self.folder / space_id, ignore_errors=True)

    def sweep(self, now: float | None = None) -> None:
        """Delete the spaces that nobody has used for long, and what is left of unfinished ones."""
        before = (now or time.time()) - OLDEST.total_seconds()
        for path in self.folder.glob("*"):
            newest = path / "log.json"
            with contextlib.suppress(FileNotFoundError):
                if (newest if newest.is_file() else path).stat().st_mtime < before:
                    self.delete(path.name)

    def engine(self, space: Space) -> Engine:
        """The engine of a space, opened when it is first asked for; a few stay open."""
        from web import create_engine

        with self._guard:
            engine = self._engines.pop(space.id, None)
            if engine is None:
                engine = create_engine(space.settings)
                engine.adapters = replace(Adapters.local(engine.files), imprenta=self._press)
                engine.clock = MovableClock(frozen=True)
                # What a step causes is run by `walk`, which counts it.
                engine.after_step = 0
            self._engines[space.id] = engine
            while len(self._engines) > OPEN_ENGINES:
                self._engines.popitem(last=False)[1].close()
            return engine

    def close(self, space_id: str | None = None) -> None:
        """Close the engine of a space, or everything."""
        with self._guard:
            for known in [space_id] if space_id else list(self._engines):
                engine = self._engines.pop(known, None)
                if engine is not None:
                    engine.close()
        if space_id is None:
            self._press.close()


class Space:
    """One of them."""

    def __init__(self, spaces: Spaces, id: str) -> None:
        self.spaces = spaces
        self.id = id
        self.folder = spaces.folder / id
        self.log_file = self.folder / "log.json"
        self.database = self.folder / "cauce.db"

    @property
    def settings(self) -> Settings:
        """Of a program of its own: no mail server, no stamping provider, no secret of the firm."""
        return Settings(
            var=self.folder,
            database_url=f"sqlite:///{self.database}",
            secret_key=self.id * 4,
            demo=True,
            processes=self.folder / "process",
        )

    @property
    def engine(self) -> Engine:
        return self.spaces.engine(self)

    @property
    def firm(self) -> ScenarioFirm:
        return ScenarioFirm(self.engine, keep_open=True)

    @property
    def log(self) -> Log:
        try:
            return Log(**json.loads(self.log_file.read_text()))
        except FileNotFoundError:
            raise NotFound(GONE) from None

    @property
    def used(self) -> float:
        return self.log_file.stat().st_mtime

    @property
    def now(self) -> datetime:
        """The space's own time."""
        with self.engine.reading(SYSTEM) as tx:
            return tx.now

    def save(self, log: Log) -> None:
        """Write the log; whole or not at all."""
        new = self.log_file.with_suffix(".new")
        new.write_text(json.dumps(log.__dict__, ensure_ascii=False))
        new.replace(self.log_file)

    def prepare(self, files: Mapping[str, bytes], starts: datetime) -> None:
        """Put the draft's files there and deploy them. Raises DeployRejected."""
        for name, data in files.items():
            target = self.folder / "process" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        ScenarioFirm.prepared(self.settings).close()
        self.engine.move_clock(starts, by=SYSTEM)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One step at a time, whoever takes it, in whichever program. Raises Conflict after waiting."""
        if not self.folder.is_dir():
            raise NotFound(GONE)
        with (self.folder / "turn").open("w") as file:
            until = time.monotonic() + TURN
            while not _locked(file):
                if time.monotonic() > until:
                    raise Conflict("Otra persona está dando un paso en esta prueba. Espere un momento.", reason="busy")
                time.sleep(0.05)
            yield

    # --- the database as it was

    def snapshot(self) -> bytes:
        """All of the database as it stands."""
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(":memory:")) as copy:
            source.backup(copy)
            data = bytearray(copy.serialize())
        # The file says that it has a write-ahead log, which a database in memory cannot have.
        data[18:20] = b"\1\1"
        return zlib.compress(data, 1)

    def restore(self, snapshot: bytes) -> None:
        """Bring it back, through the database's own locks: engines that have it open simply see it."""
        with closing(sqlite3.connect(":memory:")) as source, closing(sqlite3.connect(self.database)) as target:
            source.deserialize(zlib.decompress(snapshot))
            source.backup(target)

    def keep(self, step: int, snapshot: bytes) -> None:
        """Keep what there was before this step (from 1)."""
        self.before(step).parent.mkdir(exist_ok=True)
        self.before(step).write_bytes(snapshot)

    def before(self, step: int) -> Path:
        return self.folder / "before" / f"{step:04}"

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def _locked(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
