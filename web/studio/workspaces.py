"""Workspaces: each process with every file that it uses. There is one draft; a workspace is what of it a process needs.

A process that no other one calls is the root of a workspace; what it calls belongs to it. A diagram without an
executable process, or that nobody can read yet, has a workspace of its own, so that it stops nobody else. A file may be
used by several (then it is shared), and by none: mails and documents that only the firm's program sends, files that
nothing names yet.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine import Engine
from engine.definitions import Element, Process
from web.studio.catalogue import processes
from web.studio.titles import title_of

_NAMED = re.compile(r"[\"']([\w./-]+)[\"']")
"""A text in quotes that could be the name of a file, in a template or in a program."""
_FOLDERS = ("forms", "dmn", "mail", "documents")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One process, with what it calls."""

    key: str
    """Id of the process; path of the diagram where it has none that can be read, or one that another has."""
    title: str
    paths: frozenset[str]
    """Every file that it uses."""


@dataclass(frozen=True, slots=True)
class Workspaces:
    """All of them."""

    by_key: Mapping[str, Workspace]

    def users(self, path: str) -> list[Workspace]:
        """Those that use a file."""
        return [one for one in self.by_key.values() if path in one.paths]

    def foreign(self, key: str, paths: Iterable[str]) -> set[str]:
        """Those of the paths that only other processes use. What nobody uses is everybody's."""
        own = self.by_key[key].paths
        others = set().union(*(one.paths for one in self.by_key.values()))
        return (others - own) & set(paths)


def workspaces(engine: Engine, *states: Mapping[str, bytes]) -> Workspaces:
    """Those of several states of the files together: what is used in one of them is used."""
    found: dict[str, Workspace] = {}
    for files in states:
        parsed = processes(files)
        known = {process.id: process for process in parsed if process.executable}
        for root in _roots(known):
            before = found.get(root.id)
            paths = _reached(root, known, files, engine) | (before.paths if before else frozenset())
            found[root.id] = Workspace(root.id, root.name or root.id, paths)
    for files in states:
        found |= _unfinished(files, found)
    return Workspaces(dict(sorted(found.items(), key=lambda item: item[1].title)))


def _unfinished(files: Mapping[str, bytes], found: Mapping[str, Workspace]) -> dict[str, Workspace]:
    """For each diagram that is in no workspace, one: what it is drawn for does not run yet."""
    taken = {path for one in found.values() for path in one.paths}
    keys = {process.resource: process.id for process in reversed(processes(files))}
    new: dict[str, Workspace] = {}
    for path, data in files.items():
        if path.startswith("bpmn/") and path not in taken:
            key = keys.get(path, path)
            key = path if key in found or key in new else key
            new[key] = Workspace(key, title_of(path, data), frozenset({path}))
    return new


def _roots(known: Mapping[str, Process]) -> Iterator[Process]:
    """Processes that nothing calls; of those that only call each other, the first."""
    called = {one.called_process for process in known.values() for one in process.elements.values()}
    seen: set[str] = set()
    for process in sorted(known.values(), key=lambda one: (one.id in called, one.resource)):
        if process.id not in called or process.id not in seen:
            seen |= {one.id for one in _with_called(process, known)}
            yield process


def _with_called(root: Process, known: Mapping[str, Process]) -> list[Process]:
    found, waiting = {root.id: root}, [root]
    while waiting:
        for element in waiting.pop().elements.values():
            called = known.get(element.called_process or "")
            if called is not None and called.id not in found:
                found[called.id] = called
                waiting.append(called)
    return list(found.values())


def _reached(root: Process, known: Mapping[str, Process], files: Mapping[str, bytes], engine: Engine) -> frozenset[str]:
    family = _with_called(root, known)
    found = {process.resource for process in family}
    by_stem: dict[str, list[str]] = {}
    for path in files:
        folder, _slash, rest = path.partition("/")
        if folder in _FOLDERS:
            by_stem.setdefault(rest.rpartition(".")[0], []).append(path)
    elements = [element for process in family for element in process.elements.values()]
    named = {name for element in elements for name in _names(element, engine, by_stem)}
    waiting = [path for name in named for path in by_stem.get(name, ())]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            if path.startswith(("mail/", "documents/")):
                waiting += [path for name in _quoted(files[path]) for path in by_stem.get(name, ())]
    keys = {process.id for process in family}
    return frozenset(
        found | {path for path in files if path.startswith("scenarios/") and _process_of(files[path]) in keys}
    )


def _names(element: Element, engine: Engine, known: Container[str]) -> Iterator[str]:
    """What an element names, itself or through the program behind it, that could be a file."""
    yield from (name for name in (element.form_id, element.decision_id) if name)
    given = [mapping.source.removeprefix("=").strip('"') for mapping in element.inputs]
    yield from given
    if any(name in known for name in given):
        return  # The diagram tells the program which mail or document to use.
    for handler in (
        engine.service_handlers.get(element.topic or ""),
        engine.user_task_handlers.get(element.handler or ""),
    ):
        if handler is not None:
            yield from _in_program(handler.function)


@lru_cache(512)
def _in_program(function: Callable[..., object]) -> frozenset[str]:
    """What the module of a handler names: the firm keeps one module for each part of its process."""
    module = inspect.getmodule(function)
    return frozenset() if module is None else _quoted(inspect.getsource(module).encode())


@lru_cache(1024)
def _quoted(data: bytes) -> frozenset[str]:
    """Names in quotes, without folder and ending."""
    found = (name.rpartition("/")[2] for name in _NAMED.findall(data.decode("utf-8", "replace")))
    return frozenset(name.rpartition(".")[0] or name for name in found)


@lru_cache(512)
def _process_of(scenario: bytes) -> str:
    found = re.search(rb"^process:\s*[\"']?([\w.-]+)", scenario, re.MULTILINE)
    return found[1].decode() if found else ""
