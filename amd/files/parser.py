"""From the text of an expression to its tree: a small scanner and a Pratt parser, both bounded.

Precedence from loose to tight: comparison (one, not chained), ``+ -``, ``* /``, unary minus, ``^`` (binds right). So
``-2^2`` is −4 and ``2^-1`` is 1/2. Numbers are exact: ``0.1`` is 1/10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from amd.files.faults import clip, suggest
from amd.files.trees import (
    FUNCTIONS,
    Call,
    Compare,
    ExpressionError,
    Measure,
    Member,
    Name,
    Power,
    Product,
    Sum,
    Tree,
    number,
)

MAX_LENGTH = 10_000  # characters of one expression
MAX_DIGITS = 1_000  # characters of one number
MAX_EXPONENT = 1_000  # of ten, in one number
MAX_DEPTH = 50  # levels of nesting

_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
_NAME = re.compile(r"[^\W\d]\w*")
_COPY = re.compile(r"\s*\[\s*([0-9]{1,9})\s*\]")
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_SIGN = re.compile(r"<=|>=|==|!=|\*\*|&&|\|\||[-+*/^(),.<>=]")
_BLANK = re.compile(r"\s*")

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_POWERS = {**dict.fromkeys(_COMPARISONS, 1), "+": 2, "-": 2, "*": 3, "/": 3, "^": 5}
_UNARY = 4
_INSTEAD = {
    "**": "'**' is written '^'",
    "=": "'=' is written '=='",
    "&&": "'&&' is not an operator; multiply the two conditions",
    "||": "'||' is not an operator; take max(…) of the two conditions",
}
_LOOKALIKES = {"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!="}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, name, sign, end
    text: str
    start: int
    quoted: bool = False


def parse(text: str, quantities: frozenset[str] = frozenset()) -> Tree:
    """The tree of an expression. Calls of `quantities` take names, read as they stand, in place of expressions.

    Raises ExpressionError.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    if not text.strip():
        raise ExpressionError("a number or an expression is missing")
    return _Parser(text, quantities).whole()


class _Parser:
    def __init__(self, text: str, quantities: frozenset[str]) -> None:
        self._text = text
        self._quantities = quantities
        self._end = 0  # where the current token ends
        self._token = self._scan(0)

    def whole(self) -> Tree:
        tree = self._expression(0, 0)
        if self._token.kind != "end":
            raise self._unexpected("an operator was expected")
        return tree

    def _expression(self, power: int, depth: int) -> Tree:
        """An expression whose operators bind tighter than `power`."""
        if depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} levels deep")
        left = self._prefix(depth)
        while self._token.kind == "sign" and _POWERS.get(self._token.text, 0) > power:
            sign = self._take().text
            if sign == "^":
                left = Power(left, self._exponent(depth))
            else:
                left = self._combine(sign, left, self._expression(_POWERS[sign], depth + 1))
        return left

    def _combine(self, sign: str, left: Tree, right: Tree) -> Tree:
        if sign in "+-":
            terms = left.terms if isinstance(left, Sum) else ((False, left),)
            return Sum((*terms, (sign == "-", right)))
        if sign in "*/":
            factors = left.factors if isinstance(left, Product) else ((False, left),)
            return Product((*factors, (sign == "/", right)))
        if self._token.text in _COMPARISONS:
            raise ExpressionError("comparisons cannot be chained; multiply them: (a < b)*(b < c)")
        return Compare(sign, left, right)

    def _exponent(self, depth: int) -> Tree:
        """What follows ``^``: it may have a sign, and a further ``^`` belongs to it."""
        return self._expression(_POWERS["^"] - 1, depth + 1)

    def _prefix(self, depth: int) -> Tree:
        token = self._take()
        if token.kind == "number":
            return number(_exact(token.text))
        if token.kind == "name":
            return self._named(token, depth)
        if token.text == "-":
            return Sum(((True, self._expression(_UNARY, depth + 1)),))
        if token.text == "+":
            return self._expression(_UNARY, depth + 1)
        if token.text == "(":
            inner = self._expression(0, depth + 1)
            self._expect(")")
            return inner
        raise self._unexpected("a number or a name was expected", token)

    def _named(self, token: _Token, depth: int) -> Tree:
        if self._token.text == "(" and self._token.kind == "sign" and not token.quoted:
            return self._call(token, depth)
        if self._token.text == "." and self._token.kind == "sign":
            self._take()
            member = self._take()
            if member.kind != "name":
                raise self._unexpected(f"a type parameter was expected after '{token.text}.'", member)
            return Member(token.text, member.text)
        return Name(token.text)

    def _call(self, token: _Token, depth: int) -> Tree:
        name = token.text
        if name in self._quantities:
            return Measure(name, self._raw_arguments())
        worst = name == "worst" and self._quantities
        if name not in FUNCTIONS and not worst:
            raise ExpressionError(f"unknown function '{name}'{suggest(name, [*FUNCTIONS, *sorted(self._quantities)])}")
        self._take()
        arguments = [self._expression(0, depth + 1)]
        while self._token.text == "," and self._token.kind == "sign":
            self._take()
            arguments.append(self._expression(0, depth + 1))
        self._expect(")")
        fewest, most = (1, 1) if worst else FUNCTIONS[name]
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            raise ExpressionError(f"'{name}' takes {fewest} argument{'s'[: fewest > 1]}, not {len(arguments)}")
        return Call(name, tuple(arguments))

    def _raw_arguments(self) -> tuple[str, ...]:
        """The names in parentheses that start here, as they stand, quotation marks taken off."""
        position, level, piece, pieces = self._token.start + 1, 1, "", []
        while level:
            if quoted := _QUOTED.match(self._text, position):
                piece += quoted[1] if quoted[1] is not None else quoted[2]
                position = quoted.end()
                continue
            if position >= len(self._text):
                raise ExpressionError("')' is missing")
            char = self._text[position]
            position += 1
            level += (char == "(") - (char == ")")
            if level == 0 or (char == "," and level == 1):
                pieces.append(piece.strip())
                piece = ""
            else:
                piece += char
        self._token = self._scan(position)
        return tuple(pieces)

    def _expect(self, sign: str) -> None:
        if self._token.kind != "sign" or self._token.text != sign:
            raise self._unexpected(f"'{sign}' is missing")
        self._take()

    def _take(self) -> _Token:
        token = self._token
        self._token = self._scan(self._end)
        return token

    def _unexpected(self, wanted: str, token: _Token | None = None) -> ExpressionError:
        found = self._token if token is None else token
        if found.kind == "end":
            return ExpressionError(f"'{clip(self._text)}' ends too early: {wanted}")
        if found.text in _INSTEAD:
            return ExpressionError(f"'{clip(self._text)}' cannot be read: {_INSTEAD[found.text]}")
        hint = ""
        if wanted == "an operator was expected" and (found.kind == "name" or found.text == "("):
            hint = "; a product is written with '*'"
        elif wanted == "an operator was expected" and found.text == ",":
            hint = "; a decimal is written with a point, as in 0.5"
        place = f"at '{clip(found.text, 20)}' (character {found.start + 1})"
        return ExpressionError(f"'{clip(self._text)}' cannot be read {place}: {wanted}{hint}")

    def _scan(self, position: int) -> _Token:
        """The token at or after `position`."""
        start = _BLANK.match(self._text, position).end()  # type: ignore[union-attr]  # it always matches
        if start == len(self._text):
            self._end = start
            return _Token("end", "", start)
        if found := _NUMBER.match(self._text, start):
            return self._token_of("number", found)
        if found := _NAME.match(self._text, start):
            token = self._token_of("name", found)
            if copy := _COPY.match(self._text, self._end):
                self._end = copy.end()
                return _Token("name", f"{token.text}[{int(copy[1])}]", start)
            return token
        if found := _QUOTED.match(self._text, start):
            self._end = found.end()
            return _Token("name", found[1] if found[1] is not None else found[2], start, quoted=True)
        if found := _SIGN.match(self._text, start):
            return self._token_of("sign", found)
        raise self._odd(self._text[start])

    def _token_of(self, kind: str, found: re.Match[str]) -> _Token:
        self._end = found.end()
        return _Token(kind, found.group(), found.start())

    def _odd(self, char: str) -> ExpressionError:
        if char in _LOOKALIKES:
            return ExpressionError(f"'{clip(self._text)}' cannot be read: '{char}' is written '{_LOOKALIKES[char]}'")
        if char in "\"'":
            return ExpressionError(f"'{clip(self._text)}' cannot be read: a quotation mark is never closed")
        return ExpressionError(f"'{clip(self._text)}' cannot be read: '{clip(char)}' has no meaning here")


def _exact(text: str) -> Fraction:
    """The rational that a decimal stands for."""
    found = _NUMBER.fullmatch(text)
    exponent = found[1] if found else None
    if len(text) > MAX_DIGITS or (exponent and abs(int(exponent)) > MAX_EXPONENT):
        raise ExpressionError(f"the number '{clip(text, 30)}' is too long or too large")
    return Fraction(text)
