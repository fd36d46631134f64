"""FEEL, the expression language of DMN (1.5), as a bounded interpreter: parse once, evaluate in microseconds.

>>> from decimal import Decimal
>>> parse("monto * 1.16 > 1000").evaluate({"monto": Decimal(900)})
True
"""

from engine.feel.encoding import from_json, to_json
from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.expression import Expression, Functions, from_model, parse, parse_unary_tests
from engine.feel.formatting import format_value
from engine.feel.plain import read_json, write_json
from engine.feel.run import Limits
from engine.feel.spanish import in_spanish
from engine.feel.temporal import YearMonthDuration
from engine.feel.values import Range, check_value

__all__ = [
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "Functions",
    "Limits",
    "Range",
    "YearMonthDuration",
    "check_value",
    "format_value",
    "from_json",
    "from_model",
    "in_spanish",
    "parse",
    "parse_unary_tests",
    "read_json",
    "to_json",
    "write_json",
]
