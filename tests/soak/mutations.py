"""Every change of one operator, number, condition or statement of a module, each with a name that lasts while its line does."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Change = Callable[..., object]

COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "floor": "ceil", "ceil": "floor"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change.

    line   number of the line
    text   the line without the spaces around it
    what   what becomes of it
    nth    which of several such places on lines of the same text, from 1
    around first and last line of the function around it, whose tests must notice; None outside of functions
    place  of the node in the order of ast.walk
    change what is done to the node
    """

    line: int
    text: str
    what: str
    nth: int
    around: tuple[int, int] | None
    place: int
    change: Change

    @property
    def name(self) -> tuple[str, str, int]:
        return self.text, self.what, self.nth


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a source; type hints, decorators and texts are left alone."""
    tree, lines = ast.parse(source), source.splitlines()
    left_out = {id(inner) for node in ast.walk(tree) for hint in _hints(node) for inner in ast.walk(hint)}
    spans = sorted((node.lineno, node.end_lineno) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for place, node in sorted(enumerate(ast.walk(tree)), key=lambda pair: _position(pair[1])):
        for what, change in () if id(node) in left_out else changes(node):
            line = _position(node)[0]
            text = lines[line - 1].strip()
            seen[text, what] += 1
            around = next((span for span in spans if span[0] <= line <= span[1]), None)
            found.append(Mutant(line, text, what, seen[text, what], around, place, change))
    return found


def changed(source: str, mutant: Mutant) -> ast.Module:
    """The whole changed module."""
    tree = ast.parse(source)
    parents = {id(child): parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    node = next(inner for place, inner in enumerate(ast.walk(tree)) if place == mutant.place)
    mutant.change(node, parents.get(id(node)))
    return ast.fix_missing_locations(tree)


def changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """What can become of one node, and how."""
    for kind, way in _WAYS:
        if isinstance(node, kind):
            yield from way(node)


def _position(node: ast.AST) -> tuple[int, int]:
    """Line, and column by which places on one line are counted: of two operands the end of the first."""
    where = node.iter if isinstance(node, ast.comprehension) else getattr(node, "left", node)
    return getattr(node, "lineno", getattr(where, "lineno", 0)), getattr(where, "end_col_offset" if where is not node else "col_offset", 0)


def _hints(node: ast.AST) -> list[ast.AST]:
    hints = [found for name in ("annotation", "returns") if isinstance(found := getattr(node, name, None), ast.AST)]
    return [*hints, *getattr(node, "decorator_list", ())]


def _compare(node: ast.Compare) -> Iterator[tuple[str, Change]]:
    for place, op in enumerate(node.ops):
        other = COMPARE[type(op)]
        yield f"{type(op).__name__} -> {other.__name__}", lambda one, _, place=place, other=other: one.ops.__setitem__(place, other())


def _binary(node: ast.BinOp | ast.AugAssign) -> Iterator[tuple[str, Change]]:
    if type(node.op) in BINARY:
        other = BINARY[type(node.op)]
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda one, _: setattr(one, "op", other())


def _logic(node: ast.BoolOp) -> Iterator[tuple[str, Change]]:
    other = ast.Or if isinstance(node.op, ast.And) else ast.And
    yield f"-> {other.__name__}", lambda one, _: setattr(one, "op", other())


def _unary(node: ast.UnaryOp) -> Iterator[tuple[str, Change]]:
    """-x -> x, and ~x -> ~~x, which is x."""
    if isinstance(node.op, ast.USub):
        yield "without USub", lambda one, _: setattr(one, "op", ast.UAdd())
    elif isinstance(node.op, ast.Invert | ast.Not):
        yield f"without {type(node.op).__name__}", lambda one, _: setattr(one, "operand", ast.UnaryOp(type(one.op)(), one.operand))


def _number(node: ast.Constant) -> Iterator[tuple[str, Change]]:
    if isinstance(node.value, bool | int | float):
        value = (not node.value) if isinstance(node.value, bool) else node.value + 1
        yield f"{node.value} -> {value}", lambda one, _: setattr(one, "value", value)


def _condition(node: ast.If | ast.IfExp | ast.While) -> Iterator[tuple[str, Change]]:
    """Conditions without an operator that is changed by itself."""
    if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp | ast.Constant):
        yield "the condition negated", lambda one, _: setattr(one, "test", ast.UnaryOp(ast.Not(), one.test))


def _filters(node: ast.comprehension) -> Iterator[tuple[str, Change]]:
    for place in range(len(node.ifs)):
        yield "without the filter", lambda one, _, place=place: one.ifs.__delitem__(place)


def _call(node: ast.Call) -> Iterator[tuple[str, Change]]:
    """any -> all and the like, as functions and as methods."""
    attribute = "id" if isinstance(node.func, ast.Name) else "attr"
    name = getattr(node.func, attribute, "")
    if name in CALLS:
        yield f"{name} -> {CALLS[name]}", lambda one, _: setattr(one.func, attribute, CALLS[name])


def _statement(node: ast.Expr | ast.Raise) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Raise) or isinstance(node.value, ast.Call):
        yield "without the statement", _pass


def _pass(node: ast.stmt, parent: ast.AST) -> None:
    for body in (getattr(parent, name, None) for name in ("body", "orelse", "finalbody")):
        if isinstance(body, list) and node in body:
            body[body.index(node)] = ast.copy_location(ast.Pass(), node)


_WAYS: tuple[tuple[object, Callable[..., Iterator[tuple[str, Change]]]], ...] = (
    (ast.Compare, _compare),
    (ast.BinOp | ast.AugAssign, _binary),
    (ast.BoolOp, _logic),
    (ast.UnaryOp, _unary),
    (ast.Constant, _number),
    (ast.If | ast.IfExp | ast.While, _condition),
    (ast.comprehension, _filters),
    (ast.Call, _call),
    (ast.Expr | ast.Raise, _statement),
)
