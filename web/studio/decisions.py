"""Decisions of the draft: what a table leaves open or answers twice, and which rules match given inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, request

from engine.decisions import DecisionError, Decisions
from engine.decisions.analysis import Region, analyse
from engine.decisions.model import Table
from engine.errors import Invalid, NotFound
from engine.feel import format_value
from engine.values import DecisionResult
from web.runtime import engine, reading
from web.studio.blueprint import blueprint, modelers
from web.studio.decision_inputs import Given, inputs_of
from web.studio.draft import Draft
from web.studio.kinds import MAX_BYTES

SHOWN = 12


@blueprint.get("/decision/<path:path>/analisis")
@modelers
def analysis(path: str) -> Response | tuple[Response, int]:
    """For every decision of the file: its inputs, and the gaps, overlaps and dead rules of its table."""
    with reading() as tx:
        files = Draft(tx).files()
    try:
        own = _parse([_file(files, path)])
        everything = _parse(_with_imports(files, path))
        return jsonify(decisions=[_described(everything, id) for id in own.ids])
    except DecisionError as error:
        return jsonify(message=error.spanish), 422


@blueprint.post("/decision/<path:path>/probar")
@modelers
def try_decision(path: str) -> Response | tuple[Response, int]:
    """Decide with the inputs of the JSON body (`decision`, `inputs`: name → text, `content`: the file as the editor
    holds it); the rules that matched, and why not."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("inputs"), dict):
        return jsonify(message="Faltan las entradas."), 422
    with reading() as tx:
        files = Draft(tx).files()
        _file(files, path)
        if isinstance(content := body.get("content"), str) and len(content) <= MAX_BYTES:
            files[path] = content.encode()
        try:
            decisions = _parse(_with_imports(files, path))
            wanted = str(body.get("decision", ""))
            known = {one.name: one for one in inputs_of(decisions, wanted)}
            texts = {str(name): str(text) for name, text in body["inputs"].items()}
            given = {name: known.get(name, Given(name, name)).value(text, tx.now) for name, text in texts.items()}
            found = decisions.decide(wanted, given, now=tx.now)
        except DecisionError as error:
            return jsonify(message=error.spanish), 422
        except Invalid as invalid:
            return jsonify(message=invalid.message), 422
    return jsonify(result=_result(found, decisions))


def _file(files: Mapping[str, bytes], path: str) -> bytes:
    if not path.startswith("dmn/") or path not in files:
        raise NotFound
    return files[path]


def _with_imports(files: Mapping[str, bytes], path: str) -> list[bytes]:
    """The file, with all others when it imports some."""
    data = _file(files, path)
    if not re.search(rb"<(?:\w+:)?import\b", data):
        return [data]
    return [content for name, content in files.items() if name.startswith("dmn/")]


def _parse(sources: list[bytes]) -> Decisions:
    return Decisions.parse(sources, functions=engine().functions)


def _described(decisions: Decisions, id: str) -> dict[str, Any]:
    decision = decisions.decision(id)
    inputs = [asdict(one) for one in inputs_of(decisions, id)]
    found: dict[str, Any] = {"id": decision.id, "name": decision.name, "inputs": inputs, "table": None}
    if isinstance(decision.logic, Table):
        found["table"] = _analysed(decision.logic)
    return found


def _analysed(table: Table) -> dict[str, Any]:
    result = analyse(table)
    return {
        "policy": table.hit_policy,
        "gaps": [_region(gap, table) for gap in result.gaps[:SHOWN]],
        "moreGaps": max(0, len(result.gaps) - SHOWN),
        "overlaps": [{"rules": one.rules, **_region(one.region, table)} for one in result.overlaps[:SHOWN]],
        "dead": result.dead,
        "unanalysed": len(result.unanalysed),
        "complete": result.complete,
        "rules": [rule.id for rule in table.rules],
    }


def _region(region: Region, table: Table) -> dict[str, Any]:
    """Some inputs of a table: in words, and as column → test, the way a rule's cells say it."""
    cells = [
        {"column": column.id, "test": test, "said": _said(test)}
        for column in table.inputs
        if (test := region.conditions.get(column.expression.text)) is not None
    ]
    return {"region": _said(str(region)), "cells": cells}


def _said(test: str) -> str:
    return re.sub(r"\bnull\b", "vacío", test)


def _result(result: DecisionResult, decisions: Decisions) -> dict[str, Any]:
    logic = decisions.decision(result.decision_id).logic
    rules = [logic.rules[number - 1].id for number in result.matched] if isinstance(logic, Table) else []
    return {
        "decision": result.decision_id,
        "name": result.name,
        "outputs": format_value(result.outputs),
        "matched": list(result.matched),
        "rules": rules,
        "table": isinstance(logic, Table),
        "required": [_result(one, decisions) for one in result.required],
    }
