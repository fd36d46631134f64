"""Every built-in function: what it gives, and null for arguments of the wrong kind (DMN 1.5, 10.3.4)."""

import re

import pytest

from engine.feel import parse
from engine.feel.builtins import BUILTINS

# Both sides are FEEL: the call, and what it must equal.
CASES = """
string(1.50) = "1.50"
string(-0) = "0"
string(1e3) = "1000"
string([1, "a", null, {b: true}]) = "[1, \\"a\\", null, {b: true}]"
string(@"P1Y2M") = "P1Y2M"
string(@"-P1DT2H3M4.5S") = "-P1DT2H3M4.5S"
string(@"2026-11-24T09:30:00@America/Mexico_City") = "2026-11-24T09:30:00@America/Mexico_City"
string([1..3)) = "[1..3)"
string(null) = null
substring("foobar", 3) = "obar"
substring("foobar", 3, 3) = "oba"
substring("foobar", -2, 1) = "a"
substring("foobar", 0) = null
substring("foobar", 9) = null
substring("\\U01F600abc", 2) = "abc"
substring(["foobar"], 3) = "obar"
substring(1, 3) = null
string length("año") = 3
string length("\\U01F600") = 1
upper case("año") = "AÑO"
lower case("AÑO") = "año"
trim("  a b ") = "a b"
is blank("  ") = true
is blank("a") = false
substring before("foobar", "bar") = "foo"
substring before("foobar", "x") = ""
substring before("foobar", "") = ""
substring after("foobar", "ob") = "ar"
substring after("foobar", "x") = ""
substring after("foobar", "") = "foobar"
contains("foobar", "ob") = true
contains("foobar", null) = null
starts with("foobar", "fo") = true
ends with("foobar", "fo") = false
matches("foobar", "^fo*b") = true
matches("FOO\\nbar", "foo.b", "is") = true
matches("foo", "f o o", "x") = true
matches("a.c", ".", "q") = true
replace("banana", "a", "o") = "bonono"
replace("abracadabra", "bra", "*") = "a*cada*"
replace("AAAA", "A+?", "b") = "bbbb"
replace("a1b2", "([a-z])([0-9])", "$2$1") = "1a2b"
replace("a.b", ".", "$1", "q") = "a$1b"
replace("abc", "b", "\\\\$1") = "a$1c"
replace("abc", "x*", "-") = "-a-b-c-"
split("a;b;;c", ";") = ["a", "b", "", "c"]
split("a1b22c", "[0-9]+") = ["a", "b", "c"]
extract("PRO-2026 y PRO-2027", "[0-9]+") = ["2026", "2027"]
string join(["a", null, "c"]) = "ac"
string join(["a", "b"], ", ") = "a, b"
string join([1]) = null
not(true) = false
not(null) = null
number("1,500.50", ",", ".") = 1500.50
number("1.500,50", ".", ",") = 1500.50
number("1 500", " ", null) = 1500
number("x") = null
number("1.5.0", ".", ".") = null
decimal(1/3, 2) = .33
decimal(1.5, 0) = 2
decimal(2.5, 0) = 2
floor(-1.5) = -2
floor(1.56, 1) = 1.5
ceiling(-1.5) = -1
round up(5.5, 0) = 6
round up(-1.121, 2) = -1.13
round down(-5.5, 0) = -5
round half up(2.5, 0) = 3
round half up(-1.126, 2) = -1.13
round half down(2.5, 0) = 2
round half up(123456, -3) = 123000
abs(-10) = 10
abs(@"-P1D") = @"P1D"
abs(@"-P1Y") = @"P1Y"
modulo(-12, 5) = 3
modulo(12, -5) = -3
modulo(10.1, 4.5) = 1.1
modulo(1, 0) = null
sqrt(16) = 4
sqrt(-1) = null
round half up(log(10), 8) = 2.30258509
log(0) = null
round half up(exp(5), 8) = 148.41315910
odd(5) = true
even(5) = false
even(-0.0) = true
odd(1.5) = false
list contains([1, 2, null], null) = true
list contains(["a"], "b") = false
count([1, [2], null]) = 3
count(null) = null
is empty([]) = true
min([3, 1, 2]) = 1
min("b", "a") = "a"
min([]) = null
min([1, "a"]) = null
max(1, 2, 3) = 3
max([@"2026-01-01", @"2026-02-01"]) = @"2026-02-01"
sum([1, 2.5]) = 3.5
sum(1, 2) = 3
sum([]) = null
sum([1, "a"]) = null
sum([@"P1D", @"PT12H"]) = @"P1DT12H"
mean([1, 2, 3]) = 2
mean([1, null]) = null
product([2, 3, 4]) = 24
median(8, 2, 5, 3, 4) = 4
median([6, 1, 2, 3]) = 2.5
median([]) = null
round half up(stddev(2, 4, 7, 5), 8) = 2.08166600
stddev([1]) = null
mode([6, 3, 9, 6, 6]) = [6]
mode([6, 1, 9, 6, 1]) = [1, 6]
mode([]) = []
all([true, null, false]) = false
all([true, null]) = null
all([]) = true
any([false, null, true]) = true
any([false, null]) = null
any([]) = false
sublist([4, 5, 6], 1, 2) = [4, 5]
sublist([4, 5, 6], -2) = [5, 6]
sublist([4, 5, 6], 3, 2) = null
append([1], 2, 3) = [1, 2, 3]
concatenate([1, 2], [3]) = [1, 2, 3]
concatenate([1], null) = null
insert before([1, 3], 2, 2) = [1, 2, 3]
insert before([1, 3], 3, 2) = null
remove([1, 2, 3], 2) = [1, 3]
remove([1, 2, 3], -1) = [1, 2]
list replace([2, 4, 7, 8], 3, 6) = [2, 4, 6, 8]
list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) = [5, 5, 7, 8]
reverse([1, 2, 3]) = [3, 2, 1]
index of([1, 2, 3, 2], 2) = [2, 4]
union([1, 2], [2, 3]) = [1, 2, 3]
distinct values([1, "1", 1.0, [1], [1], null, null, true]) = [1, "1", [1], null, true]
duplicate values([1, 2, 1, "a", "a"]) = [1, "a"]
flatten([[1, 2], [[3]], 4]) = [1, 2, 3, 4]
partition([1, 2, 3, 4, 5], 2) = [[1, 2], [3, 4], [5]]
sort([3, 1, 2]) = [1, 2, 3]
sort(["b", "a"], function(x, y) x > y) = ["b", "a"]
sort([{n: 2}, {n: 1}], function(x, y) x.n < y.n) = [{n: 1}, {n: 2}]
sort([1, "a"]) = null
get value({a: 1}, "a") = 1
get value({a: {b: 2}}, ["a", "b"]) = 2
get value({a: 1}, "b") = null
get entries({a: 1}) = [{key: "a", value: 1}]
context([{key: "a", value: 1}, {key: "b", value: 2}]) = {a: 1, b: 2}
context([{key: "a", value: 1}, {key: "a", value: 2}]) = null
context put({a: 1}, "a", 2) = {a: 2}
context put({a: {b: 1}}, ["a", "c"], 2) = {a: {b: 1, c: 2}}
context put(context: {}, key: "a", value: 1) = {a: 1}
context put(context: {}, keys: ["a"], value: 1) = {a: 1}
context merge([{a: 1, b: 1}, {b: 2}]) = {a: 1, b: 2}
get or else(null, 1) = 1
get or else(false, true) = false
to json({a: [1.50, null, "x\\"y"]}) = "{\\"a\\": [1.50, null, \\"x\\\\\\"y\\"]}"
to json([@"2026-11-24", true]) = "[\\"2026-11-24\\", true]"
to json([1..2]) = null
from json("{\\"a\\": [1.50, \\"@2026-11-24\\"]}") = {a: [1.50, "@2026-11-24"]}
from json("{") = null
assert(1, true) = 1
date("2026-11-24") = @"2026-11-24"
date(2026, 11, 24) = @"2026-11-24"
date(year: 2026, month: 11, day: 24) = @"2026-11-24"
date(2026, 13, 1) = null
date(@"2026-11-24T10:00:00") = @"2026-11-24"
date and time(@"2026-11-24", @"10:00:00") = @"2026-11-24T10:00:00"
date and time(2026, 11, 24, 10, 0, 0) = @"2026-11-24T10:00:00"
date and time(2026, 11, 24, 10, 0, 0, "UTC") = @"2026-11-24T10:00:00Z"
date and time(@"2026-11-24T16:00:00Z", "America/Mexico_City").hour = 10
date and time("2026-11-24T24:00:00") = @"2026-11-25T00:00:00"
time("10:30:00Z") = @"10:30:00Z"
time(10, 30, 0) = @"10:30:00"
time(10, 30, 0, @"-PT6H") = @"10:30:00-06:00"
time(25, 0, 0) = null
time(@"2026-11-24T10:30:00") = @"10:30:00"
duration("P1DT2H") = @"P1DT2H"
duration("P14M") = @"P1Y2M"
duration("P2W") = @"P14D"
years and months duration(@"2025-01-31", @"2026-03-30") = @"P1Y1M"
years and months duration(@"2026-03-30", @"2025-01-31") = @"-P1Y1M"
now() = now()
day of year(@"2026-11-24") = 328
day of week(@"2026-11-24") = "Tuesday"
month of year(@"2026-11-24") = "November"
week of year(@"2026-01-01") = 1
week of year(@"2027-01-01") = 53
last day of month(@"2028-02-03") = @"2028-02-29"
today() = @"2026-11-23"
is(@"10:00:00Z", @"10:00:00Z") = true
is(@"10:00:00Z", @"11:00:00+01:00") = false
is(1, "1") = false
before(1, 10) = true
before([1..5), [5..10]) = true
before([1..5], [5..10]) = false
after(10, [1..5]) = true
after((5..10], 5) = true
meets([1..5], [5..10]) = true
meets([1..5), [5..10]) = false
met by([5..10], [1..5]) = true
overlaps([1..5], [3..8]) = true
overlaps([1..5], (5..8]) = false
overlaps before([1..5], [3..8]) = true
overlaps before([1..5), [1..5]) = false
overlaps after([3..8], [1..5]) = true
overlaps after((1..5], [1..5)) = true
finishes(10, [1..10]) = true
finishes([5..10), [1..10]) = false
finished by([1..10], 10) = true
includes([1..10], 5) = true
includes((1..10], 1) = false
during(5, [1..10]) = true
during([4..6], [1..10]) = true
starts(1, [1..10]) = true
starts((1..5], [1..10]) = false
started by([1..10], [1..5]) = true
coincides([1..5], [1..5]) = true
coincides(5, 5) = true
coincides(5, "a") = null
range("[1..5)") = [1..5)
range("(\\"a\\"..\\"b\\"]") = ("a".."b"]
range("[@\\"2026-01-01\\"..]") = null
range("[2..)") = (>= 2)
range("5") = null
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES)
def test_built_in(case):
    from datetime import UTC, datetime

    source, _, expected = case.rpartition(" = ")
    now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    actual = parse(source).evaluate({}, now=now)
    wanted = parse(expected).evaluate({}, now=now)
    assert actual == wanted
    assert type(actual) is type(wanted)


def test_every_built_in_has_a_case():
    called = {name for case in CASES for name in re.findall(r"[a-z][a-z ]*(?=\()", case)}
    assert set(BUILTINS) - called == set()
