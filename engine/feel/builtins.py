"""All built-in functions by name."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.aggregates import AGGREGATES
from engine.feel.contexts import CONTEXTS
from engine.feel.cursor import Words, words_of
from engine.feel.intervals import INTERVALS
from engine.feel.lists import LISTS
from engine.feel.moments import MOMENTS
from engine.feel.parser import PROPERTY_NAMES, TYPE_NAMES
from engine.feel.quantities import QUANTITIES
from engine.feel.texts import TEXTS
from engine.feel.values import Function

BUILTINS: Mapping[str, Function] = {**TEXTS, **QUANTITIES, **LISTS, **AGGREGATES, **CONTEXTS, **MOMENTS, **INTERVALS}

WORDS: Words = words_of([*BUILTINS, "is defined", *TYPE_NAMES, *PROPERTY_NAMES])
"""Names with blanks that every expression knows."""
