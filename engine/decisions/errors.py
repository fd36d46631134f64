"""What a decision refuses: a file that is no DMN, a logic that cannot run, a table that contradicts itself."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import EngineError

MESSAGES = {
    # reading
    "xml": "{problem}",
    "namespace": "This is no DMN 1.2-1.5 file: its root is {root}.",
    "unsupported": "{what} is not supported.",
    "language": "The expression language {language} is not supported; write FEEL.",
    "no_logic": "The decision has no logic.",
    "duplicate_id": "The id {id} is used twice.",
    "hit_policy": "There is no hit policy {policy}.",
    "aggregation": "The aggregation {aggregation} works on tables with one output only.",
    "cells": "The rule has {found} cells; the table has {expected} columns.",
    "output_names": "Every output of a table with several needs a name of its own.",
    "no_output": "The table has no output.",
    "priorities": "Hit policy {policy} needs the list of values of an output, in order of priority.",
    "reference": "The reference {reference} leads to nothing.",
    "cycle": "The decision requires itself.",
    "syntax": "{problem}",
    # deciding
    "not_found": "There is no decision {id}.",
    "overlap": "The rules {rules} match at once, but the table is UNIQUE: at most one may.",
    "disagreement": "The rules {rules} match at once with different results, but the table is ANY: they must agree.",
    "input_value": "The input {input} is {value}, which is not among its values: {allowed}.",
    "input_type": "The input {input} is {value}, but it must be of type {type}.",
    "aggregate": "The results {values} cannot be aggregated by {aggregation}.",
    "priority_value": "The result {value} is not in the list of values that gives the priorities.",
    "evaluation": "{problem}",
}


class DecisionError(EngineError):
    """The decision could not be made."""

    code: ClassVar[str] = "decision_error"
    status: ClassVar[int] = 422

    def __init__(
        self, reason: str, *, decision_id: str | None = None, element_id: str | None = None, **params: Any
    ) -> None:
        """`reason` is stable; `element_id` is the innermost element with an id: a cell, a column, a table."""
        self.reason = reason
        self.params = params
        self.decision_id = decision_id
        self.element_id = element_id
        super().__init__(
            MESSAGES[reason].format(**params), reason=reason, decision_id=decision_id, element_id=element_id, **params
        )
