"""A bundle: all files that one deployment holds, known by their content and parsed once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.definitions.model import Model, Process
from engine.definitions.reader import read_model
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.bpmn import Program
    from engine.decisions import Decisions
    from engine.feel import Functions
    from engine.forms import Form

FOLDERS = {"bpmn": ".bpmn", "dmn": ".dmn", "forms": ".form", "mail": "", "documents": ""}
"""Folders of a process folder that belong to the bundle, and what their files end with ("": any)."""


def load_folder(path: str | Path) -> dict[str, bytes]:
    """The files of a process folder by their name in the bundle, e.g. `bpmn/01_contacto_inicial.bpmn`.

    README, scenarios and hidden files are no part of it. Raises NotFound when the folder is not there.
    """
    root = Path(path)
    if not root.is_dir():
        raise NotFound(f"No existe la carpeta de proceso {root}.")
    found: dict[str, bytes] = {}
    for folder, suffix in FOLDERS.items():
        for file in sorted((root / folder).rglob(f"*{suffix}")):
            name = file.relative_to(root)
            if file.is_file() and not any(part.startswith(".") for part in name.parts):
                found[name.as_posix()] = file.read_bytes()
    return found


def bundle_id(resources: Mapping[str, bytes]) -> str:
    """The SHA-256 over names and contents: the same files give the same id, wherever they come from."""
    total = hashlib.sha256()
    for name in sorted(resources):
        total.update(f"{hashlib.sha256(resources[name]).hexdigest()} {name}\n".encode())
    return total.hexdigest()


class Bundle:
    """The files of one deployment and what they mean, read when first asked for. Immutable, shared between threads."""

    def __init__(self, id: str, resources: Mapping[str, bytes], functions: Functions | None = None) -> None:
        """`functions`: the firm's functions that the expressions of the bundle may call."""
        self.id = id
        self._resources = dict(resources)
        self._functions = functions
        self._lock = threading.RLock()
        self._programs: dict[str, Program] = {}

    def resource(self, name: str) -> bytes:
        """One file. Raises NotFound."""
        try:
            return self._resources[name]
        except KeyError:
            raise NotFound(f"El proceso publicado no tiene el archivo {name}.") from None

    def resources(self, prefix: str = "") -> dict[str, bytes]:
        """All files whose name begins with the prefix, by full name."""
        return {name: data for name, data in self._resources.items() if name.startswith(prefix)}

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """The BPMN files by name. Raises ModelError, as reading any part does, for files that no check has seen."""
        with self._lock:
            return {name: read_model(name, data) for name, data in self.resources("bpmn/").items()}

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """Every process by its id."""
        return {process.id: process for model in self.models.values() for process in model.processes.values()}

    @cached_property
    def decisions(self) -> Decisions:
        from engine.decisions import Decisions

        with self._lock:
            return Decisions.parse(list(self.resources("dmn/").values()), functions=self._functions)

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms by the id in their schema."""
        return Forms(self.resources("forms/"), self._functions)

    def program(self, process_key: str) -> Program:
        """What runs this process: compiled with everything that it calls. Raises NotFound."""
        from engine.bpmn import Program

        with self._lock:
            if process_key not in self.processes:
                raise NotFound(f"No hay un proceso «{process_key}» en esta publicación.")
            if process_key not in self._programs:
                self._programs[process_key] = Program.compile(process_key, self.processes, self.models)
            return self._programs[process_key]


class Forms(Mapping[str, "Form"]):
    """Forms by the id in their schema; each is read when it is first asked for: a step needs one of fifty."""

    def __init__(self, resources: Mapping[str, bytes], functions: Functions | None) -> None:
        self._data = {str(json.loads(data).get("id") or ""): data for data in resources.values()}
        self._functions = functions
        self._read: dict[str, Form] = {}

    def __getitem__(self, id: str) -> Form:
        from engine.forms import Form

        if id not in self._read:
            self._read[id] = Form.parse(self._data[id], functions=self._functions)
        return self._read[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


class Bundles:
    """The bundles in use, the least recently used dropped first."""

    def __init__(
        self, load: Callable[[str], Mapping[str, bytes]], functions: Functions | None = None, size: int = 16
    ) -> None:
        """`load(id)` fetches the files of a bundle from storage; it may raise NotFound."""
        self._load = load
        self._functions = functions
        self._size = size
        self._lock = threading.Lock()
        self._bundles: OrderedDict[str, Bundle] = OrderedDict()

    def get(self, id: str, resources: Mapping[str, bytes] | None = None) -> Bundle:
        """The bundle with this id; its files are loaded when they are not given and not cached."""
        with self._lock:
            if id in self._bundles:
                self._bundles.move_to_end(id)
                return self._bundles[id]
        # Loading reads the database: not under the lock. Two threads may do it once each; one bundle is kept.
        fresh = Bundle(id, self._load(id) if resources is None else resources, self._functions)
        with self._lock:
            bundle = self._bundles.setdefault(id, fresh)
            while len(self._bundles) > self._size:
                self._bundles.popitem(last=False)
            return bundle
