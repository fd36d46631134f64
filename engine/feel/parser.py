"""Reads FEEL (DMN 1.5, 10.3.1.2) into the tree of `nodes.py`. Never backtracks, so a hostile text costs no more than
its length.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel import blocks
from engine.feel import nodes as n
from engine.feel.cursor import DEPTH_LIMIT, Cursor, Words
from engine.feel.lexer import FOREIGN, Token
from engine.feel.temporal import parse_temporal

CHAIN_LIMIT = 150
"""Operators in a row: `a + b + c …`."""

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_LEVELS = {
    **dict.fromkeys(("or",), 0),
    **dict.fromkeys(("and",), 1),
    **dict.fromkeys((*_COMPARISONS, "between", "in"), 2),
    **dict.fromkeys(("+", "-"), 3),
    **dict.fromkeys(("*", "/"), 4),
    "**": 5,
}
_CONSTANTS = {"null": None, "true": True, "false": False}
TYPE_NAMES = ("date and time", "days and time duration", "years and months duration")
_BLOCKS: dict[str, Callable[[Parser], n.Node]] = {
    "if": blocks.read_if,
    "for": blocks.read_for,
    "some": blocks.read_quantified,
    "every": blocks.read_quantified,
    "function": blocks.read_function,
}
PROPERTY_NAMES = ("time offset", "start included", "end included")


class Parser(Cursor):
    def __init__(self, source: str, words: Words) -> None:
        super().__init__(source, words)
        self.depth = 0

    # entry points

    def whole_expression(self) -> n.Node:
        if self.token.kind == "end":
            raise self.error("empty")
        node = self.expression()
        self._end()
        return node

    def whole_unary_tests(self) -> n.Tests:
        """`-`, `not(tests)` or tests with commas (grammar rules 13-17)."""
        if self.token.kind == "end":
            raise self.error("empty")
        if self.at_sign("-") and self.ahead().kind == "end":
            self.advance()
            return n.Tests(())
        if self.at_word("not") and self.ahead().text == "(" and self._closes_at_end():
            self.advance()
            self.advance()
            tests = n.Tests(self._tests(), negated=True)
            self.expect_sign(")")
        else:
            tests = n.Tests(self._tests())
        self._end()
        return tests

    def _end(self) -> None:
        if self.token.kind != "end":
            raise self.error("left_over", found=self.found())

    def _closes_at_end(self) -> bool:
        """Whether the bracket of `not(` is closed by the last token, so that it negates all that is written."""
        level = 0
        for index in range(self.index + 1, len(self.tokens) - 1):
            token = self.tokens[index]
            if token.kind == "sign" and token.text in "()":
                level += 1 if token.text == "(" else -1
                if level == 0:
                    return index == len(self.tokens) - 2
        return False

    # operators

    def expression(self) -> n.Node:
        return self._operators(0)

    def _operators(self, loosest: int, first: n.Node | None = None) -> n.Node:
        """Operators at least as tight as `loosest`, by climbing: few Python frames for each level of nesting.

        `first`: an operand that has been read already.
        """
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise self.error("too_deep", limit=DEPTH_LIMIT)
        node = self._unary() if first is None else self._postfix(first)
        for _ in range(CHAIN_LIMIT):
            token = self.token
            level = _LEVELS.get(token.text, -1) if token.kind in ("sign", "name") else -1
            if level < loosest or level < 0:
                self.depth -= 1
                return node
            self.advance()
            node = self._operation(token.text, level, node)
        raise self.error("too_deep", limit=CHAIN_LIMIT)

    def _operation(self, operator: str, level: int, left: n.Node) -> n.Node:
        if operator == "between":
            low = self._operators(_LEVELS["+"])
            self.expect_word("and")
            return n.Between(left, low, self._operators(_LEVELS["+"]))
        if operator == "in":
            return n.In(left, self._in_tests())
        if operator in ("and", "or"):
            parts = [left, self._operators(level + 1)]
            while self.take_word(operator):
                parts.append(self._operators(level + 1))
            return n.Logic("and" if operator == "and" else "or", tuple(parts))
        return n.Binary(operator, left, self._operators(level + 1))

    def _sum(self) -> n.Node:
        return self._operators(_LEVELS["+"])

    def _unary(self) -> n.Node:
        signs = 0
        while self.take_sign("-"):
            signs += 1
        node = self._postfix(self._primary())
        if signs and isinstance(node, n.Literal) and type(node.value) is Decimal:
            return n.Literal(-node.value if signs % 2 else node.value)
        if signs > DEPTH_LIMIT:
            raise self.error("too_deep", limit=DEPTH_LIMIT)
        for _ in range(signs):
            node = n.Negate(node)
        return node

    def _postfix(self, node: n.Node) -> n.Node:
        for _ in range(CHAIN_LIMIT):
            if self.at_sign("("):
                node = self._call(node)
            elif self.at_sign("[") and not self._opens_range_end():
                self.advance()
                node = n.Filter(node, self.expression())
                self.expect_sign("]")
            elif self.take_sign("."):
                node = n.Path(node, self._property())
            elif self.at_word("instance") and self.ahead().text == "of":
                self.advance()
                self.advance()
                node = n.InstanceOf(node, blocks.read_type(self))
            else:
                return node
        raise self.error("too_deep", limit=CHAIN_LIMIT)

    def _opens_range_end(self) -> bool:
        """Whether this `[` closes a range such as `]1..5[`: nothing that could be a filter follows it."""
        after = self.ahead()
        if after.kind == "sign":
            return after.text not in ("(", "[", "{", "-", "@", "<", ">", "<=", ">=", "]")
        return after.kind == "end" or (
            after.kind == "name" and after.text in ("and", "or", "then", "else", "return", "satisfies", "in")
        )

    def _property(self) -> str:
        name = self.long_name()
        if name is None:
            if self.token.kind != "name":
                raise self.expected("a name after the dot")
            name = self.advance().text
        return name

    # calls

    def _call(self, function: n.Node) -> n.Call:
        position = self.token.position
        self.expect_sign("(")
        arguments: list[n.Node] = []
        names: list[str] = []
        places: list[Token] = []
        while not self.at_sign(")"):
            if self._named_argument():
                names.append(self.name_until(":"))
                self.expect_sign(":")
            if len(names) not in (0, len(arguments) + 1):
                raise self.error("mixed_arguments")
            places.append(self.token)
            arguments.append(self.expression())
            if not self.take_sign(","):
                break
        self.expect_sign(")")
        call = n.Call(function, tuple(arguments), tuple(names), position)
        blocks.check_pattern(self, call, places)
        return call

    def _named_argument(self) -> bool:
        if self.token.kind != "name":
            return False
        distance = 1
        while True:
            token = self.ahead(distance)
            if token.kind == "sign" and token.text == ":":
                return True
            if token.kind not in ("name", "number") and token.text not in ("-", "+", "'", "/", "*"):
                return False
            if token.text in ("(", ")", ","):
                return False
            distance += 1

    # things that stand alone

    def _primary(self) -> n.Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return n.Literal(token.number)
        if token.kind == "string":
            self.advance()
            return n.Literal(token.text)
        if token.kind == "name":
            return self._named()
        if token.kind == "sign":
            if token.text == "(":
                return self._bracket()
            if token.text == "[":
                return self._list()
            if token.text == "]":
                self.advance()
                return self._range_from(self.expression(), included=False)
            if token.text == "{":
                return blocks.read_context(self)
            if token.text == "@":
                return self._temporal()
            self._refuse_foreign(token)
        raise self.expected("a value")

    def _refuse_foreign(self, token: Token) -> None:
        """Signs that FEEL knows elsewhere, used as other languages use them."""
        if token.text == "'":
            raise self.error("instead", found="'", instead=FOREIGN["'"])
        before = self.tokens[self.index - 1]
        if token.text == ">" and before.text == "<" and self.index:
            raise self.error("instead", before, found="<>", instead=FOREIGN["<>"])

    def _named(self) -> n.Node:
        name = self.long_name()
        if name is not None:
            return n.Name(name)
        word = self.token.text
        if word in _CONSTANTS:
            self.advance()
            return n.Literal(_CONSTANTS[word])
        block = _BLOCKS.get(word)
        if block is not None and not (word == "function" and self.ahead().text != "("):
            return block(self)
        if word in ("and", "or", "in", "then", "else", "return", "satisfies", "between", "of"):
            raise self.expected("a value")
        self.advance()
        return n.Name(word)

    def _temporal(self) -> n.Node:
        at = self.advance()
        if self.token.kind != "string":
            raise self.expected("a text with a date, time or duration after @")
        text = self.advance().text
        value = parse_temporal(text)
        if value is None:
            raise self.error("temporal", at, text=text)
        return n.Literal(value)

    def _bracket(self) -> n.Node:
        self.expect_sign("(")
        if self.at_sign(*_COMPARISONS):
            node: n.Node = self._open_range()
            self.expect_sign(")")
            return node
        node = self.expression()
        if self.at_sign(".."):
            return self._range_from(node, included=False)
        self.expect_sign(")")
        return node

    def _list(self) -> n.Node:
        self.expect_sign("[")
        items: list[n.Node] = []
        while not self.at_sign("]"):
            if self.at_sign(*_COMPARISONS):
                items.append(self._open_range())
            else:
                items.append(self.expression())
            if len(items) == 1 and self.at_sign(".."):
                return self._range_from(items[0], included=True)
            if not self.take_sign(","):
                break
        self.expect_sign("]")
        return n.ListLiteral(tuple(items))

    def _range_from(self, low: n.Node, *, included: bool) -> n.Node:
        self.expect_sign("..")
        high = self.expression()
        close = self.expect_sign("]", ")", "[")
        return n.Range(low, high, included, close == "]")

    def _open_range(self) -> n.Node:
        operator = self.advance().text
        operand = self._sum()
        if operator in ("<", "<="):
            return n.Range(None, operand, False, operator == "<=")
        if operator in (">", ">="):
            return n.Range(operand, None, operator == ">=", False)
        return n.Range(operand, operand, True, True) if operator == "=" else n.Test("!=", operand)

    # unary tests

    def _tests(self) -> tuple[n.Test, ...]:
        found = [self._test()]
        while self.take_sign(","):
            found.append(self._test())
        return tuple(found)

    def _test(self) -> n.Test:
        if operator := self.take_sign(*_COMPARISONS):
            return n.Test(operator, self._sum())
        return n.Test(None, self.expression())

    def _in_tests(self) -> tuple[n.Test, ...]:
        """What follows `in`: one test, or several in brackets."""
        if not self.at_sign("("):
            if operator := self.take_sign(*_COMPARISONS):
                return (n.Test(operator, self._sum()),)
            return (n.Test(None, self._sum()),)
        self.advance()
        tests = [self._test()]
        if tests[0].operator is None and self.at_sign(".."):
            return (n.Test(None, self._range_from(tests[0].operand, included=False)),)
        while self.take_sign(","):
            tests.append(self._test())
        self.expect_sign(")")
        if len(tests) == 1 and tests[0].operator is None:
            # The brackets may have been those of a part only: `x in (a)[1]`, `x in (a) + b`.
            return (n.Test(None, self._operators(_LEVELS["+"], tests[0].operand)),)
        return tuple(tests)
