"""Comparisons in tests that ask computed floats to be equal to the last bit, found in the syntax trees.

What an expression holds is inferred from literals, from a few functions of the libraries, from the variables
of the function, and from the annotations of `lib`: an attribute or a function has the kind that all of its
definitions have in the modules that the test reaches by imports. (The same name elsewhere is another thing.)
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Kind(Enum):
    """What an expression can hold."""

    EXACT = "integers, text, truth values, or a literal that a binary float holds without rounding"
    OPEN = "not known"
    FLOAT = "floats, or something that holds floats"


def any_of(kinds: Iterable[Kind]) -> Kind:
    """Return FLOAT if one kind is, else OPEN if one is, else EXACT (also of nothing)."""
    found = set(kinds)
    return next((kind for kind in (Kind.FLOAT, Kind.OPEN) if kind in found), Kind.EXACT)


def first_known(kinds: Iterable[Kind]) -> Kind:
    """Return FLOAT if one kind is, else EXACT if one is, else OPEN."""
    found = set(kinds)
    return next((kind for kind in (Kind.FLOAT, Kind.EXACT) if kind in found), Kind.OPEN)


def _words(text: str) -> set[str]:
    return set(text.split())


EQUALITIES = {"array_equal", "array_equiv", "assert_array_equal", "assert_equal", "equals"}
"""Functions and methods that compare to the last bit."""
EXPLAINED = "exactly"
"""The helper of `tests.exact`: its argument `because` says why the last bit is known."""
EXACT_TYPES = _words("""
    int str bool bytes None Path Literal type slice range
""")
FLOAT_TYPES = _words("""
    float ndarray NDArray ArrayLike Tensor
""")
EXACT_NAMES = _words("""
    len int str repr bool bytes type ord hash id range isinstance Path hexdigest read_bytes read_text
    tobytes exists any all isnan isfinite isinf argmax argmin argsort argwhere flatnonzero nonzero
    nunique bincount integers searchsorted split strip splitlines join keys approx shape dtype ndim
    size nbytes name stem suffix columns returncode stdout stderr __name__ count_params permutation
    count_nonzero isna notna packbits sub signature output_shape index inf nan
""")
"""Attributes and functions, those of a library, that hold no float; `approx` states its tolerance."""
FLOAT_NAMES = _words("""
    float mean std var median quantile percentile average norm sqrt exp log log2 log10 sin cos hypot
    dot corrcoef cov predict predict_on_batch random normal standard_normal uniform trapezoid interp
    nextafter linspace evaluate train_on_batch get_weights trainable_variables softmax logits einsum
    matmul float16 float32 float64 pi eigh fit_transform std_dev
""")
"""Attributes and functions of a library that hold floats."""
PASSING = _words("""
    list tuple set frozenset sorted reversed dict zip enumerate next iter max min sum abs repeat tile
    concatenate stack unique flip sort where diff cumsum roll take choice tolist copy values items
    ravel reshape flatten T item transpose squeeze to_numpy array asarray deepcopy pairwise chain
    broadcast_to expand_dims numpy vstack hstack to_dict pop get pad clip rot90
""")
"""Attributes and functions whose result holds what they are given."""
EXACT_DTYPES = _words("""
    uint8 int bool int64 int32 uint16 uint64 int8 intp str object
""")
FLOAT_DTYPES = _words("""
    float float16 float32 float64 bfloat16
""")
DTYPED = _words("""
    zeros ones full array asarray arange astype empty zeros_like ones_like full_like
""")
"""Functions whose result has the data type they are given."""


def last_name(node: ast.AST) -> str:
    """Return `c` of `a.b.c` and of `c`, "" of anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@dataclass
class Annotations:
    """What the annotated names of a package hold.

    Attributes
    ----------
    classes : per class its bases and the annotations of its fields.
    names : per attribute and function all of its annotations.
    """

    classes: dict[str, list[ast.expr]] = field(default_factory=dict)
    names: dict[str, list[ast.expr]] = field(default_factory=dict)
    known: dict[str, Kind] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Iterable[ast.AST]) -> Annotations:
        """Read some modules, in their order."""
        out = cls()
        for one in modules:
            out.read(one)
        return out

    def read(self, tree: ast.AST) -> None:
        """Add the classes, functions and annotated names of one module."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                fields = [part.annotation for part in node.body if isinstance(part, ast.AnnAssign)]
                self.classes.setdefault(node.name, []).extend([*node.bases, *fields])
            elif isinstance(node, ast.FunctionDef) and node.returns is not None:
                self.names.setdefault(node.name, []).append(node.returns)
            elif isinstance(node, ast.AnnAssign):
                self.names.setdefault(last_name(node.target), []).append(node.annotation)
            elif isinstance(node, ast.Assign) and all(last_name(one).isupper() for one in node.targets):
                for one in node.targets:
                    self.known[last_name(one)] = Inference(self).kind(node.value)

    def kind(self, name: str) -> Kind:
        """What all definitions of this attribute or function hold together."""
        if name not in self.known:
            self.known[name] = Kind.OPEN  # a class that holds itself
            owners = [ast.Name(name)] if name in self.classes else []
            self.known[name] = any_of(
                [self.annotated(one) for one in [*self.names.get(name, []), *owners]] or [Kind.OPEN]
            )
        return self.known[name]

    def annotated(self, node: ast.AST) -> Kind:
        """What an annotation allows."""
        if isinstance(node, ast.Constant):
            text = isinstance(node.value, str)
            return self.annotated(ast.parse(node.value, mode="eval").body) if text else Kind.EXACT
        if isinstance(node, ast.BinOp):
            return any_of([self.annotated(node.left), self.annotated(node.right)])
        if isinstance(node, ast.Subscript):
            if last_name(node.value) == "Literal":
                return Kind.EXACT
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return any_of(self.annotated(one) for one in inner)
        name = last_name(node)
        if name in self.classes:
            fields = [self.annotated(one) for one in self.classes[name] if last_name(one) != name]
            return any_of(fields or [Kind.OPEN])
        return Kind.EXACT if name in EXACT_TYPES else Kind.FLOAT if name in FLOAT_TYPES else Kind.OPEN


@dataclass
class Modules:
    """The modules below some folders, and what each of them imports.

    Attributes
    ----------
    trees : by dotted name.
    """

    trees: dict[str, ast.Module]

    @classmethod
    def below(cls, root: Path, *folders: str) -> Modules:
        """Parse every Python file of some folders of `root`."""
        paths = [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]
        return cls({_dotted(path.relative_to(root)): ast.parse(path.read_text()) for path in paths})

    def reached(self, tree: ast.AST) -> list[str]:
        """Names of the modules that a module imports, and of those that they import, sorted."""
        found: set[str] = set()
        waiting = [tree]
        while waiting:
            new = set(self._imported(waiting.pop())) - found
            found |= new
            waiting += [self.trees[name] for name in new]
        return sorted(found)

    def _imported(self, tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                named = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                named = [one.name for one in node.names]
            else:
                continue
            yield from (name for name in named if name in self.trees)


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass
class Inference:
    """What expressions hold, with the variables of one function."""

    annotations: Annotations
    variables: dict[str, Kind] = field(default_factory=dict)

    def kind(self, node: ast.AST) -> Kind:
        """What one expression holds."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        return Kind.OPEN if method is None else method(node)

    def _constant(self, node: ast.Constant) -> Kind:
        value = node.value
        rounded = isinstance(value, float) and value * 1024 != round(value * 1024)
        return Kind.FLOAT if rounded else Kind.EXACT

    def _joinedstr(self, _: ast.JoinedStr) -> Kind:
        return Kind.EXACT

    _compare = _joinedstr

    def _tuple(self, node: ast.Tuple) -> Kind:
        return any_of(self.kind(one) for one in node.elts)

    def _list(self, node: ast.List | ast.Set) -> Kind:
        text = any(
            isinstance(one, ast.JoinedStr) or isinstance(getattr(one, "value", 0), str) for one in node.elts
        )
        return Kind.EXACT if text else any_of(self.kind(one) for one in node.elts)  # one kind of elements

    _set = _list

    def _dict(self, node: ast.Dict) -> Kind:
        return any_of(self.kind(one) for one in node.values)

    def _starred(self, node: ast.Starred) -> Kind:
        return self.kind(node.value)

    def _unaryop(self, node: ast.UnaryOp) -> Kind:
        return self.kind(node.operand)

    def _boolop(self, node: ast.BoolOp) -> Kind:
        return any_of(self.kind(one) for one in node.values)

    def _ifexp(self, node: ast.IfExp) -> Kind:
        return any_of([self.kind(node.body), self.kind(node.orelse)])

    def _binop(self, node: ast.BinOp) -> Kind:
        try:  # 3 / 8 is a literal
            value = eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}})
            return self._constant(ast.Constant(value))
        except Exception:
            sides = self.kind(node.left), self.kind(node.right)
            numbers = isinstance(node.op, ast.Div) and not isinstance(node.right, ast.JoinedStr)
            text = any(
                isinstance(side, ast.Constant) and isinstance(side.value, str)
                for side in (node.left, node.right)
            )
            return Kind.EXACT if text else first_known([*sides, Kind.FLOAT]) if numbers else any_of(sides)

    def _name(self, node: ast.Name) -> Kind:
        known = self.variables.get(node.id, Kind.OPEN)
        return self.annotations.kind(node.id) if known is Kind.OPEN and node.id.isupper() else known

    def _attribute(self, node: ast.Attribute) -> Kind:
        ours = self.annotations.kind(node.attr)
        if node.attr in PASSING and ours is Kind.OPEN:
            return self.kind(node.value)
        if node.attr in EXACT_NAMES or node.attr in FLOAT_NAMES:
            return Kind.EXACT if node.attr in EXACT_NAMES else Kind.FLOAT
        return ours

    def _subscript(self, node: ast.Subscript) -> Kind:
        return self.kind(node.value)

    def _listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Kind:
        return self._inside(node).kind(node.elt)

    _setcomp = _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp) -> Kind:
        return self._inside(node).kind(node.value)

    def _inside(self, node: ast.AST) -> Inference:
        inner = Inference(self.annotations, dict(self.variables))
        for part in node.generators:
            inner.assign(part.target, part.iter, iterated=True)
        return inner

    def _call(self, node: ast.Call) -> Kind:
        name = last_name(node.func)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name in DTYPED or name in ("zeros", "ones"):
            types = {
                last_name(one) or getattr(one, "value", "") for one in given if not isinstance(one, ast.List)
            }
            if types & EXACT_DTYPES or types & FLOAT_DTYPES:
                return Kind.EXACT if types & EXACT_DTYPES else Kind.FLOAT
        if name in PASSING | {"arange", "array", "asarray"}:
            method = isinstance(node.func, ast.Attribute) and last_name(node.func.value) not in (
                "np",
                "tf",
                "pd",
            )
            return any_of(self.kind(one) for one in ([node.func.value] if method else []) + node.args)
        if name in EXACT_NAMES or name in FLOAT_NAMES:
            return Kind.EXACT if name in EXACT_NAMES else Kind.FLOAT
        local = self.variables.get(name) if isinstance(node.func, ast.Name) else None
        return self.annotations.kind(name) if local in (None, Kind.OPEN) else local

    def assign(self, target: ast.AST, value: ast.AST, iterated: bool = False) -> None:
        """Remember what the names of a target hold."""
        if isinstance(target, (ast.Tuple, ast.List)):
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) and not iterated else None
            if iterated and isinstance(value, ast.Call) and last_name(value.func) in ("zip", "enumerate"):
                parts = value.args if last_name(value.func) == "zip" else [ast.Constant(0), *value.args]
            equal = parts is not None and len(parts) == len(target.elts)
            for at, one in enumerate(target.elts):
                self.assign(one, parts[at] if equal else value, iterated)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, iterated)
        elif isinstance(target, ast.Name):
            self.variables[target.id] = self.kind(value)


@dataclass(frozen=True, order=True)
class Finding:
    """One unexplained comparison: the line, and its source."""

    line: int
    source: str


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                yield from _statements(inner)


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement without those of the statements in it."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [
            one for one in ast.iter_child_nodes(node) if not isinstance(one, (ast.stmt, ast.excepthandler))
        ]


def findings(tree: ast.Module, annotations: Annotations) -> list[Finding]:
    """Return the comparisons in a module of tests that may compare computed floats to the last bit."""
    return sorted(set(_of_body(tree.body, Inference(annotations))))


def _of_body(body: list[ast.stmt], known: Inference) -> Iterator[Finding]:
    for statement in _statements(body):
        if isinstance(statement, ast.ClassDef):
            yield from _of_body(statement.body, Inference(known.annotations, dict(known.variables)))
        elif isinstance(statement, ast.FunctionDef):
            inner = Inference(known.annotations, dict(known.variables))
            for argument in [*statement.args.args, *statement.args.kwonlyargs, *statement.args.posonlyargs]:
                inner.variables[argument.arg] = Kind.OPEN
            yield from _of_body(statement.body, inner)
            results = [
                one.value for one in _statements(statement.body) if isinstance(one, ast.Return) and one.value
            ]
            known.variables[statement.name] = any_of([inner.kind(one) for one in results] or [Kind.OPEN])
        else:
            yield from _of_statement(statement, known)


def _of_statement(statement: ast.stmt, known: Inference) -> Iterator[Finding]:
    if isinstance(statement, ast.For):
        known.assign(statement.target, statement.iter, iterated=True)
    denied = any(isinstance(node, ast.Not) for node in _own(statement))
    shares = {id(one) for node in _own(statement) for one in _of_share(node)}
    for node in _own(statement):
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            known = known._inside(node)
        if id(node) not in shares and _unexplained(node, known, denied):
            yield Finding(node.lineno, ast.unparse(node))
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            known.assign(target, statement.value)


def _of_share(node: ast.AST) -> Iterator[ast.AST]:
    """The comparison in `(a == b).mean()`: a share of agreements, which is compared with a number."""
    if isinstance(node, ast.Attribute) and node.attr in ("mean", "sum"):
        yield node.value


def _unexplained(node: ast.AST, known: Inference, denied: bool) -> bool:
    if isinstance(node, ast.Call) and last_name(node.func) == EXPLAINED:
        reasons = [one.value for one in node.keywords if one.arg == "because"]
        return not any(not isinstance(one, ast.Constant) or one.value for one in reasons)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EQUALITIES:
        sides = node.args[:2] if len(node.args) > 1 else [getattr(node.func, "value", node), *node.args]
        return all(known.kind(one) is not Kind.EXACT for one in sides)
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    if len(sides) > 2 and all(isinstance(one, ast.Eq) for one in node.ops):  # a == b == 1
        sides = [one for one in sides if known.kind(one) is Kind.EXACT] or sides
        return len(sides) > 1 and any_of(known.kind(one) for one in sides) is Kind.FLOAT
    for at, operator in enumerate(node.ops):
        if isinstance(operator, ast.Eq) or (denied and isinstance(operator, ast.NotEq)):
            kinds = {known.kind(sides[at]), known.kind(sides[at + 1])}
            if Kind.FLOAT in kinds and Kind.EXACT not in kinds:
                return True
    return False
