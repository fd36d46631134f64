"""Runs every hostile expression in a process of its own: 1 s of processor time, 64 MB above what Python takes already.

Prints a line for each that does not end by itself, in a value that can be stored or in an error of ours.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from engine.decisions import Decisions
from engine.errors import EngineError
from engine.feel import parse, parse_unary_tests, to_json
from tests.engine.decisions.drawing import definitions
from tests.engine.feel.hostile import HOSTILE, HOSTILE_DECISIONS

MEMORY = 64 * 1024 * 1024
SECONDS = 1.0


def limited() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)


def run(source: str) -> int:
    """0 when it ended as it should."""
    try:
        value = parse(source).evaluate({"a": None})
        if type(value) in (list, dict, str):
            to_json(value)
        parse_unary_tests(source).evaluate({"?": None, "a": None})
    except EngineError:
        return 0
    except BaseException as problem:
        sys.stdout.write(f"{type(problem).__name__}: {problem} ")
        sys.stdout.flush()
        return 1
    return 0


def decide(content: str) -> int:
    try:
        result = Decisions.parse(definitions(content)).decide("decision", {"x": 5, "z": 1})
        to_json(result.outputs)
    except EngineError:
        return 0
    except BaseException as problem:
        sys.stdout.write(f"{type(problem).__name__}: {problem} ")
        sys.stdout.flush()
        return 1
    return 0


def main() -> None:
    tries = [(name, run, source) for name, source in HOSTILE.items()]
    tries += [(name, decide, content) for name, content in HOSTILE_DECISIONS.items()]
    for name, attempt, text in tries:
        child = os.fork()
        if child == 0:
            limited()
            os._exit(attempt(text))
        _, status = os.waitpid(child, 0)
        if status:
            print(f"{name}: exit {os.waitstatus_to_exitcode(status)}")
    print(f"{len(tries)} tried")


main()
