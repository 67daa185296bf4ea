"""Weaken each lab's check, and print the share of weakened ones that a recorded case catches.

A weakened check is check.py with one thing changed: a comparison turned round, one side of an "and"
or "or" dropped, a "not" dropped, a condition always true or always false, a fact left out. It is
caught when some case no longer gets what it must. `python -m tests.labs.mutate [01]`.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

from helpers.lesson import recording
from helpers.lesson.lab_folder import LabFolder
from helpers.model.timeline import Timeline
from helpers.model.verdicts import judged
from tests.labs.cases import folders, wrong

LEAST = 0.95
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def weakened(source: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield each weakened check as a syntax tree, and where and how it was changed."""
    whole = ast.parse(source)
    for number, node in enumerate(ast.walk(whole)):
        for how, change in _changes(node):
            tree = copy.deepcopy(whole)
            target = next(n for i, n in enumerate(ast.walk(tree)) if i == number)
            _put(tree, target, change(target))
            where = f"line {getattr(node, 'lineno', 0)}: {how}: {ast.unparse(node)[:70]}"
            yield where, ast.fix_missing_locations(tree)


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield what may be done to this node: words, and a function that makes the new node."""
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            yield "comparison turned round", lambda n, i=i, op=op: _turned(n, i, op)
    if isinstance(node, ast.BoolOp):
        for i in range(len(node.values)):
            yield "one side dropped", lambda n, i=i: _without(n, i)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", lambda n: n.operand
    if isinstance(node, ast.IfExp) and not _of_none(node):
        yield "always the first", lambda n: n.body
        yield "always the second", lambda n: n.orelse
    if isinstance(node, ast.comprehension):
        for i in range(len(node.ifs)):
            yield "condition dropped", lambda n, i=i: _unfiltered(n, i)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "judge":
        yield "fact always holds", _held


def _of_none(node: ast.IfExp) -> bool:
    """Tell whether a choice only guards against what was not seen, which no live case shows."""
    return any(isinstance(n, ast.Constant) and n.value is None for n in (node.body, node.orelse))


def _turned(node: ast.Compare, index: int, op: ast.cmpop) -> ast.AST:
    node.ops[index] = _TURNED[type(op)]()
    return node


def _without(node: ast.BoolOp, index: int) -> ast.AST:
    del node.values[index]
    return node if len(node.values) > 1 else node.values[0]


def _unfiltered(node: ast.comprehension, index: int) -> ast.AST:
    del node.ifs[index]
    return node


def _held(node: ast.Call) -> ast.AST:
    node.args[1] = ast.Constant(True)
    return node


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    if old is new:
        return
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list) and any(item is old for item in value):
                setattr(parent, field, [new if item is old else item for item in value])
                return


def caught(tree: ast.Module, folder: LabFolder, cases: Sequence[tuple[str, Timeline]]) -> bool:
    """Tell whether some case no longer gets what it must."""
    module = ModuleType("weakened")
    try:
        exec(compile(tree, "check.py", "exec"), module.__dict__)
        return any(wrong(folder, case, judged(module.check, timeline)) for case, timeline in cases)
    except Exception:
        return True  # a check that breaks is seen


def share(folder: LabFolder) -> tuple[int, list[str]]:
    """Return how many weakened checks there are of a lab, and which of them no case catches."""
    cases = [(case, recording.load(f"labs/{folder.folder}", case)) for case in folder.cases]
    total, missed = 0, []
    for where, tree in weakened((folder.path / "check.py").read_text("utf-8")):
        total += 1
        if not caught(tree, folder, cases):
            missed.append(where)
    return total, missed


def main(names: Sequence[str]) -> int:
    """Print the share by lab and of all; returns 0 when at least 95 % are caught."""
    everything = missing = 0
    for folder in folders():
        if names and not any(folder.folder.startswith(name) for name in names):
            continue
        total, missed = share(folder)
        everything, missing = everything + total, missing + len(missed)
        print(f"{folder.folder}: {total - len(missed)} of {total} caught")
        for where in missed:
            print(f"    missed  {where}")
    caught_share = (everything - missing) / everything if everything else 1.0
    print(f"{everything - missing} of {everything} weakened checks caught: {caught_share:.1%}")
    return 0 if caught_share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
