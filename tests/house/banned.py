"""Finds calls that a pure function may not make: clock, environment, global randomness, files, output."""

from __future__ import annotations

import ast
from collections.abc import Iterator

MODULES = {"time", "os", "random", "secrets", "pickle", "joblib", "shutil", "tempfile", "subprocess", "socket", "uuid", "sys", "io", "glob"}
BUILTINS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "hash", "breakpoint"}
METHODS = {
    "now": "clock",
    "utcnow": "clock",
    "today": "clock",
    "getenv": "environment",
    "read_text": "file",
    "read_bytes": "file",
    "write_text": "file",
    "write_bytes": "file",
    "tofile": "file",
    "open": "file",
    "exists": "file",
    "is_file": "file",
    "is_dir": "file",
    "iterdir": "file",
    "rglob": "file",
    "mkdir": "file",
    "rmdir": "file",
    "unlink": "file",
    "touch": "file",
    "stat": "file",
    "shuffle": "randomness",
    "sample": "randomness",
}
FILE_PREFIXES = ("read_", "scan_", "write_", "sink_")
NUMPY_FILES = {"load", "loadtxt", "save", "savetxt", "savez", "fromfile", "genfromtxt", "memmap"}
CLOCKS = {"now", "utcnow", "today"}
NUMPY_RANDOM = {"Generator", "SeedSequence", "BitGenerator", "PCG64", "Philox"}


def breaches(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, what) of every banned import and call, and of every mention of a banned function: it could be called by another name."""
    names, bound = _imported(tree), _bound(tree)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node)
        elif isinstance(node, ast.Call):
            reason = _call(node, names)
            if reason:
                yield node.lineno, reason
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in called:
            reason = _mention(node, names, bound)
            if reason:
                yield node.lineno, reason


def _bound(tree: ast.Module) -> set[str]:
    """Names that the module gives to something itself."""
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return stored | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def _mention(node: ast.Name | ast.Attribute, names: dict[str, str], bound: set[str]) -> str:
    parts = _dotted(node)
    full = ".".join([names.get(parts[0], parts[0]), *parts[1:]])
    last = full.rpartition(".")[2]
    if isinstance(node, ast.Name) and node.id in BUILTINS and node.id not in names and node.id not in bound:
        return f"{node.id} by another name"
    if full.startswith("datetime.") and last in CLOCKS:
        return f"{full} by another name: clock"
    if full.startswith("numpy.random.") and last not in {"default_rng", *NUMPY_RANDOM}:
        return f"{full} by another name uses the global generator"
    return ""


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> full dotted name."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if not node.level else []
    for module in modules:
        if module.split(".")[0] in MODULES:
            yield node.lineno, f"import {module}"


def _dotted(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    return [*_dotted(node.value), node.attr] if isinstance(node, ast.Attribute) else [""]


def _call(node: ast.Call, names: dict[str, str]) -> str:
    parts = _dotted(node.func)
    local = parts[0]
    full = ".".join([names.get(local, local), *parts[1:]])
    if len(parts) == 1 and local in BUILTINS and local not in names:
        return f"{local}()"
    if full.startswith("numpy.random."):
        return _numpy_random(node, full)
    if full == "importlib.import_module":
        return _import_of(node)
    if full.startswith("numpy.") and full.rpartition(".")[2] in NUMPY_FILES:
        return f"{full}() reads or writes a file"
    return _method(parts, full, node) if isinstance(node.func, ast.Attribute) else ""


def _import_of(node: ast.Call) -> str:
    """A module whose name is written there; one that is an argument is the caller's choice."""
    name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
    return f"import_module({name!r})" if str(name).split(".")[0] in MODULES else ""


def _numpy_random(node: ast.Call, full: str) -> str:
    name = full.removeprefix("numpy.random.").split(".")[0]
    if name == "default_rng" or name in NUMPY_RANDOM:
        return "" if node.args or node.keywords else f"{full}() without a seed"
    return f"{full}() uses the global generator"


def _method(parts: list[str], full: str, node: ast.Call) -> str:
    last = parts[-1]
    if (full.startswith("polars.") and last.startswith(FILE_PREFIXES)) or last.startswith(FILE_PREFIXES[2:]):
        return f"{full}() reads or writes a file"
    seeded = any(word.arg == "seed" for word in node.keywords)
    generator = parts[0] in {"rng", "generator"} or parts[-2:-1] in (["rng"], ["generator"])
    if METHODS.get(last) == "randomness":
        return "" if seeded or generator else f"{full}() without a seed"
    if last == "open" and parts[0][:1].isupper() and not full.startswith("pathlib."):
        return ""
    return f"{full}(): {METHODS[last]}" if last in METHODS else ""
