"""Expressions written to hang, to fill memory, or to break the interpreter. Each must end, with a value or an error, in
1 s of processor time and 64 MB."""

from tests.engine.decisions.drawing import decision, literal, requires, table

A = '"' + "a" * 1000 + '"'
DOUBLED = ", ".join(f"x{i}: x{i - 1} + x{i - 1}" for i in range(1, 40))
SHARED = ", ".join(f"x{i}: [x{i - 1}, x{i - 1}]" for i in range(1, 35))
TRIPLE = ", ".join(f"x{i}: {{a: x{i - 1}, b: x{i - 1}, c: x{i - 1}}}" for i in range(1, 35))
LONG = "(for i in 1..19999 return i)"
WIDE = "{a: (for i in 1..9000 return i), b: (for i in 1..9000 return a)}"
TEXT = '{t0: "aaaaaaaaaa", ' + ", ".join(f"t{i}: " + " + ".join([f"t{i - 1}"] * 10) for i in range(1, 5)) + "}.t4"
"""A text of 100,000 characters."""
TWINS = f"t: {TEXT}, u: substring(t, 2), v: substring(t, 2)"
"""Two equal texts that are not one object."""
FACES = '{t0: "\\U01F600", ' + ", ".join(f"t{i}: t{i - 1} + t{i - 1}" for i in range(1, 17))
MANY = "{c: context(for i in 1..3000 return {key: string(i), value: i})"
COMMON = ", ".join("k " * i + "x: 1" for i in range(1, 160))
"""Names that begin alike."""

HOSTILE = {
    # loops
    "nested loops": "for a in 1..1000, b in 1..1000, c in 1..1000 return a * b * c",
    "loop in a loop": "for a in 1..100000 return for b in 1..100000 return 1",
    "huge range": "for a in 1..1e9 return a",
    "backward range": "for a in 1e9..-1e9 return null",
    "range of days": 'for d in @"0001-01-01"..@"9999-12-31" return d',
    "huge quantified": "some a in 1..1e9 satisfies a < 0",
    "every over nested": "every a in 1..1e6, b in 1..1e6 satisfies a + b > 0",
    "range value": "for a in [1..1e9] return a",
    "empty rounds": "for a in 1..1000000000 return []",
    "filters of filters": f"{LONG}[count({LONG}[item > 1]) > 1]",
    "filter over itself": f"{{l: {LONG}, r: l[count(l[item > 3]) > 2]}}.r",
    "partial": "for i in 1..20000 return partial",
    "partial doubled": "for i in 1..100 return concatenate(partial, partial)",
    "partial flattened": "for i in 1..60 return flatten(partial)",
    "partial in text": "for i in 1..200 return string(partial)",
    # functions
    "endless recursion": "{f: function(n) f(n + 1), r: f(0)}.r",
    "mutual recursion": "{f: function(n, g) g(n, g), r: f(1, f)}.r",
    "exponential recursion": "{f: function(n) if n < 2 then 1 else f(n - 1) + f(n - 2), r: f(60)}.r",
    "y combinator": "{y: function(f) f(f), r: y(y)}.r",
    "ackermann": "{a: function(m, n) if m = 0 then n + 1 else if n = 0 then a(m - 1, 1)"
    " else a(m - 1, a(m, n - 1)), r: a(4, 3)}.r",
    "functions without end": "for i in 1..1000 return for j in 1..1000 return function(x) x + i + j",
    "recursion in sort": "{f: function(a, b) sort([3, 2, 1], f) = [], r: sort([2, 1], f)}.r",
    "recursion in a loop": "{f: function(n) for i in 1..10 return f(n + 1), r: f(0)}.r",
    "recursion in a filter": "{f: function(n) [1, 2, 3][f(item) = 1], r: f(0)}.r",
    "exponential recursion, shallow": "{f: function(n) if n < 2 then 1 else f(n - 1) + f(n - 2), r: f(28)}.r",
    "deep body": "{f: function(n) " + "(" * 50 + "1 + f(n)" + ")" * 50 + ", r: f(0)}.r",
    "sort that lies": f"sort({LONG}, function(a, b) true)",
    "sort with work": f"sort({LONG}, function(a, b) count({LONG}) > a)",
    "list replace with work": f"list replace({LONG}, function(a, b) contains(string({LONG}), string(a)), 1)",
    # texts
    "doubled text": f"{{x0: {A}, {DOUBLED}}}.x39",
    "join": f"string join(for i in 1..19999 return {A}, {A})",
    "replace nothing": f"replace({TEXT}, \"\", {A})",
    "replace each": f"replace({TEXT}, \".\", {TEXT})",
    "replace groups": f"replace({TEXT}, \"(.*)\", \"{'$1' * 400}\")",
    "replace many groups": f"replace({TEXT}, \"(.*)\", \"{chr(36) + chr(49)}\" + \"{(chr(36) + chr(49)) * 12000}\")",
    "long strings of lists": f"string({LONG})",
    "string of shared": f"{{x0: [1], {SHARED}, r: string(x34)}}.r",
    "string of contexts": f"{{x0: {{a: 1}}, {TRIPLE}, r: string(x34)}}.r",
    "upper case": f"{{t: {TEXT}, r: for i in 1..10000 return upper case(t)}}.r",
    "substrings": f"{{t: {TEXT}, r: for i in 1..10000 return substring(t, 2)}}.r",
    "contains": f"{{t: {TEXT}, m: substring(t, 50000) + \"b\", r: for i in 1..10000 return contains(t, m)}}.r",
    "text equality": f"{{t: {TEXT}, u: {TEXT}, r: for i in 1..60000 return t = u}}.r",
    "equal texts for ever": f"{{{TWINS}, r: every i in 1..1e9 satisfies u = v}}.r",
    "texts in order": f"{{{TWINS}, r: sort(for i in 1..19000 return if even(i) then u else v)}}.r",
    "texts between": f"{{{TWINS}, r: every i in 1..1e9 satisfies u between v and v}}.r",
    "texts coincide": f"{{{TWINS}, r: every i in 1..1e9 satisfies coincides(u, v)}}.r",
    "upper case that grows": f"{{t: replace({TEXT}, \"a\", \"\u0390\", \"q\"), r: upper case(t)}}.r",
    "distinct texts": f"{{t: {TEXT}, r: distinct values(for i in 1..19000 return t)}}.r",
    "wide characters": FACES + ", r: for i in 1..500 return t16 + \"x\"}.r",
    "characters": f"split({TEXT}, \"\")",
    "extract": f"extract({TEXT}, \"a*?\")",
    # patterns
    "nested stars": f"matches({TEXT}, \"(a*)*b\")",
    "classic backtracking": f"matches({TEXT} + \"!\", \"^(a+)+$\")",
    "repeated groups": f"matches({TEXT}, \"(a{{1,100}}){{1,10}}b\")",
    "too many repeats": f"matches({TEXT}, \"((a{{1,100}}){{1,100}}){{1,100}}\")",
    "automaton of many states": f"matches({TEXT}, \"(a|b)*a(a|b){{18}}c\")",
    "look far ahead": f"split({TEXT}, \"a.*?b|a\")",
    "replace looking far": f"replace({TEXT}, \"a.*b|a\", \"b\")",
    "many patterns": "for i in 1..10000 return matches(string(i), \"(x\" + string(i) + \"{1,50}){1,20}\")",
    "long pattern": f"matches(\"a\", {TEXT})",
    "unicode classes": f"matches({TEXT}, \"(\\\\pL|\\\\pN|\\\\pS){{500}}b\")",
    "case folded": f"matches({TEXT}, \"(\\\\w\\\\W\\\\pL){{300}}\", \"i\")",
    # numbers
    "power tower": "9 ** 9 ** 9 ** 9",
    "power of small": "1.000000001 ** 1e20",
    "power of fraction": "for i in 1..20000 return 2.5 ** 1234.567",
    "exponentials": "for i in 1..20000 return exp(i / 7)",
    "logarithms": "for i in 1..20000 return log(i)",
    "roots": "for i in 1..20000 return sqrt(i)",
    "big and small": "1e6000 + 1e-6000",
    "modulo": "for i in 1..20000 return modulo(1e6000, 7)",
    "wide decimals": "for i in 1..20000 return decimal(1e-6000, 6100)",
    "plain numbers": "for i in 1..20000 return string(1e6000 + i)",
    "round up": "for i in 1..20000 return round up(1.1, 6176)",
    "number of a long text": f"number({TEXT.replace('a', '1')})",
    "literal": "1" * 30000,
    "exponent": "1e999999999999",
    "products": f"product({LONG})",
    "statistics": f"for i in 1..1000 return stddev({LONG})",
    # lists
    "long lists": f"for i in 1..1000 return {LONG}",
    "list of lists": f"{WIDE}.b",
    "flatten wide": f"flatten({WIDE}.b)",
    "flatten shared": f"{{x0: [1, 1], {SHARED}, r: flatten(x34)}}.r",
    "count shared": f"{{x0: [1, 1], {SHARED}, r: count(flatten(x34))}}.r",
    "compare shared": f"{{x0: [1, 1], {SHARED}, y0: [1, 1], {SHARED.replace('x', 'y')}, r: x34 = y34}}.r",
    "compare itself": f"{{x0: [1, 1], {SHARED}, r: x34 = x34}}.r",
    "return shared": f"{{x0: [1, 1], {SHARED}}}.x34",
    "return contexts": f"{{x0: {{a: 1}}, {TRIPLE}}}.x34",
    "property of shared": f"{{x0: {{a: 1}}, {TRIPLE}, r: [x34, x34].a.a.a}}.r",
    "in shared": f"{{x0: [1, 1], {SHARED}, r: x34 in [x33, x34, x32]}}.r",
    "concatenate": f"{{l: {LONG}, r: concatenate(l, l, l, l, l, l)}}.r",
    "append": f"{{l: {LONG}, r: for i in 1..10000 return append(l, i)}}.r",
    "union": f"union({LONG}, {LONG}, {LONG})",
    "distinct lists": "distinct values(for i in 1..5000 return [i])",
    "duplicates": f"duplicate values({LONG})",
    "index of": f"{{l: {LONG}, r: for i in l return index of(l, i)}}.r",
    "list contains": f"{{l: {LONG}, r: every i in l satisfies list contains(l, i)}}.r",
    "insert": f"{{l: {LONG}, r: for i in l return insert before(l, 1, i)}}.r",
    "sublists": f"{{l: {LONG}, r: for i in l return sublist(l, i)}}.r",
    "partition": f"{{l: {LONG}, r: for i in 1..1000 return partition(l, 1)}}.r",
    "reverse": f"{{l: {LONG}, r: for i in 1..10000 return reverse(l)}}.r",
    "ever deeper": "for i in 1..20000 return [partial]",
    "deeper by function": "{f: function(n, l) if n = 0 then l else f(n - 1, [l]), r: f(60, 1)}.r",
    "deeper context": "for i in 1..1000 return {a: partial}",
    "mode": f"for i in 1..1000 return mode({LONG})",
    "types": f"{{l: {LONG}, r: for i in 1..10000 return l instance of list<number>}}.r",
    # contexts
    "contexts": "for i in 1..20000 return {a: i, b: i, c: i, d: i}",
    "entries": MANY + ", r: for i in 1..5000 return get entries(c)}.r",
    "merge": MANY + ", r: for i in 1..5000 return context merge([c, c])}.r",
    "put": MANY + ", r: for i in 1..5000 return context put(c, \"a\", i)}.r",
    "deep put": "context put({}, for i in 1..10000 return \"a\", 1)",
    "json of shared": f"{{x0: [1], {SHARED}, r: to json(x34)}}.r",
    "json for ever": "{l: for i in 1..9000 return i, r: every i in 1..1e9 satisfies to json(l) != null}.r",
    "deep json": f"from json(replace({TEXT}, \"a\", \"[\"))",
    "wide json": "{t: string join(for i in 1..14000 return \"[],{}\", \",\"),"
    " r: for i in 1..100 return from json(\"[\" + t + \"]\")}.r",
    # dates
    "far days": 'for i in 1..20000 return @"2026-01-01" + duration("P" + string(i * 100) + "D")',
    "big durations": '@"P999999999D" * 999999999999',
    "months": '@"P999999999Y" * 1e14 + @"P999999999Y" * 1e14',
    "zones": 'for i in 1..5000 return time("10:00:00@Europe/Paris" + string(i))',
    "zoned arithmetic": 'for i in 1..20000 return date and time("2026-10-31T01:30:00@America/Mexico_City")'
    ' + duration("PT1H") * i',
    # reading
    "brackets": "(" * 30000,
    "closed brackets": "(" * 10000 + "1" + ")" * 10000,
    "lists": "[" * 10000 + "]" * 10000,
    "minus": "-" * 31000 + "1",
    "nots": "not(" * 5000 + "true" + ")" * 5000,
    "sum": "+".join(["1"] * 15000),
    "ors": " or ".join(["false"] * 6000),
    "paths": "a" + ".a" * 15000,
    "filters": "a" + "[1]" * 10000,
    "ifs": "if a then b else " * 1800 + "c",
    "calls": "f(" * 10000,
    "called": "f" + "()" * 10000,
    "contexts of contexts": "{a:" * 10000,
    "names": " ".join(["a"] * 15000),
    "named arguments": "f(" + "a " * 15000 + ")",
    "half named": "f(" + "a a a a, " * 3500 + "1)",
    "types of types": "1 instance of " + "list<" * 6000 + "number" + ">" * 6000,
    "functions": "function(a) " * 2600 + "1",
    "comment": "/*" * 15000,
    "open string": '"' + "\\" * 31000,
    "escapes": '"' + "\\u0041" * 5000 + '"',
    "long list": "[" + ",".join(["1"] * 15000) + "]",
    "iterators": "for " + ", ".join(f"a{i} in [1, 2]" for i in range(1500)) + " return 1",
    "some iterators": "some " + ", ".join(f"a{i} in [1, 2]" for i in range(60)) + " satisfies false",
    "one long name": "a" * 31000,
    "in of in": "a in (" * 5000,
    "ranges": "]" * 15000,
    "at": '@"' * 10000,
    "keys": "{" + ",".join(f"k{i}: 1" for i in range(3000)) + "}",
    "long keys": "{" + " ".join(["k"] * 10000) + ": 1, " + "k " * 5000 + "}",
    "keys with common beginnings": "{" + COMMON + ", r: " + "k " * 2000 + "}",
    # breaking out
    "dunder": '"".__class__.__mro__[1].__subclasses__()',
    "format": 'replace("{0.__class__}", "x", "y")',
    "import": '__import__("os").system("true")',
    "unpaired surrogates": '"\\ud800" + upper case("\\udfff")',
    "surrogates in patterns": 'matches("\\ud800", "\\ud800")',
}  # fmt: skip


def knowledge(body: str, *, parameters: str = "<formalParameter name='n'/>") -> str:
    logic = f"<encapsulatedLogic>{parameters}{body}</encapsulatedLogic>"
    return f"<businessKnowledgeModel id='f' name='f'>{logic}</businessKnowledgeModel>"


CALLS = decision(literal("f(40)"), requires=requires("f", kind="Knowledge"))
WORK = "count(for i in 1..5000 return i)"


def loop(body: str) -> str:
    return f"<for iteratorVariable='i'><in>{literal('[1..1000]')}</in><return>{body}</return></for>"


CHAIN = [decision(literal("for i in 1..19000 return i"), id="d0")]
CHAIN += [decision(literal(f"[d{i}, d{i}]"), id=f"d{i + 1}", requires=requires(f"d{i}")) for i in range(30)]

HOSTILE_DECISIONS = {
    "endless knowledge": knowledge(literal("f(n + 1)")) + CALLS,
    "exponential knowledge": knowledge(literal("if n < 2 then 1 else f(n - 1) + f(n - 2)")) + CALLS.replace("40", "22"),
    "knowledge in a context": knowledge(
        f"<context><contextEntry><variable name='x'/>{literal('f(n)')}</contextEntry></context>"
    )
    + CALLS,
    "nested boxed loops": decision(loop(loop(loop(literal("i"))))),
    "heavy cells": decision(table("COLLECT", ["x"], ["y"], *([[f"> {WORK}", "1"]] * 500))),
    "heavy results": decision(table("COLLECT", ["x"], ["y"], *([["-", f"{WORK}"]] * 500))),
    "many rules": decision(table("COLLECT", ["x", "z"], ["y"], *([["> 1", "-", "x"]] * 2000))),
    "shared results": "".join(CHAIN[:-1]) + decision(literal("d29"), requires=requires("d29")),
    "service that calls itself": decision(literal("s()"), requires=requires("s", kind="Knowledge"))
    + "<decisionService id='s' name='s'><outputDecision href='#decision'/></decisionService>",
    "types in types": "".join(
        f"<itemDefinition name='t{i}' isCollection='true'><typeRef>t{i + 1}</typeRef></itemDefinition>"
        for i in range(500)
    )
    + decision(literal("[1]"), type="t0"),
    "type of itself": "<itemDefinition name='t'><typeRef>t</typeRef></itemDefinition>"
    + decision(literal("1"), type="t"),
}
