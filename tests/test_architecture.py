"""The layers: imports go downward only, stand at module top, and outside libraries are met in one place each."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import compactarray

ROOT = Path(compactarray.__file__).parent

#: From the bottom up. A module may import its own layer and those before it.
LAYERS = [
    "_version",
    "config",
    "registry",
    "kernels",
    "numerics",
    "geometry",
    "encodings",
    "storage",
    "execution",
    "candidates",
    "info",
    "text",
    "flatiter",
    "memory",
    "methods",
    "methods_numeric",
    "operators",
    "protocols",
    "array",
    "creation",
    "functions",
    "io",
    "interop",
    "namespace",
    "char",
    "fft",
    "lib",
    "linalg",
    "polynomial",
    "random",
    "strings",
    "testing",
    "inspect",
    "data",
    "table",
    "demo",
    "cli",
    "__main__",
]

#: Outside libraries, and the only modules that may import them.
PLACES = {
    "numba": "kernels/compiler.py",
    "llvmlite": "kernels/",
    "sparse": "interop/",
    "scipy": "interop/",
    "numpy": "",
    "typing_extensions": "",
}

#: Imports inside functions, each with a reason that the code tells.
LAZY = {
    ("kernels/compiler.py", "numba"),
    ("io/npz.py", "zipfile"),
    ("execution/threads.py", "concurrent.futures"),
    ("info.py", "html"),
    ("candidates.py", "html"),
    ("interop/sparse.py", "sparse"),
    ("interop/scipy.py", "scipy.sparse"),
}

MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
EVERY_MODULE = pytest.mark.parametrize("module", MODULES)


def layer_of(module):
    """Return the layer of a module, named by its path; the package's own __init__ stands above all."""
    first = module.split("/")[0].removesuffix(".py")
    return "top" if first == "__init__" else first


def rank(layer):
    return len(LAYERS) if layer == "top" else LAYERS.index(layer)


def imports(module):
    """Yield (imported module, line, whether at module top, whether for types only)."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"a relative import in line {node.lineno}"
        inside, typing = False, False
        parent = parents[node]
        while not isinstance(parent, ast.Module):
            typing |= isinstance(parent, ast.If) and ast.unparse(parent.test) == "TYPE_CHECKING"
            inside |= not isinstance(parent, ast.If | ast.Try)
            parent = parents[parent]
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [
                f"{node.module}.{alias.name}" if is_module(f"{node.module}.{alias.name}") else node.module for alias in node.names
            ]
        for name in names:
            yield name, node.lineno, not inside, typing


def is_module(name):
    path = ROOT.parent.joinpath(*name.split("."))
    return (path / "__init__.py").is_file() or path.with_suffix(".py").is_file()


@EVERY_MODULE
def test_module_belongs_to_a_layer(module):
    assert layer_of(module) in [*LAYERS, "top"]


@EVERY_MODULE
def test_imports_go_downward(module):
    own = rank(layer_of(module))
    for name, line, _, _ in imports(module):
        parts = name.split(".")
        if parts[0] == "compactarray":
            assert len(parts) > 1 or layer_of(module) in ("cli", "__main__"), f"line {line} imports the whole package"
            assert len(parts) == 1 or rank(parts[1]) <= own, f"line {line} imports {name}, a layer above"


@EVERY_MODULE
def test_imports_stand_at_module_top(module):
    inside = [(name, line) for name, line, top, _ in imports(module) if not top and (module, name) not in LAZY]
    assert not inside


@EVERY_MODULE
def test_outside_libraries_are_met_in_one_place(module):
    for name, line, _, _ in imports(module):
        library = name.split(".")[0]
        if library in PLACES:
            assert module.startswith(PLACES[library]), f"line {line} imports {library}"


def test_modules_do_not_import_each_other_in_circles():
    """Within a layer too; what is imported for types only does not count."""
    names = {f"compactarray.{module.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}": module for module in MODULES}
    graph = {}
    for module in MODULES:
        if layer_of(module) != "top":
            met = {names[name] for name, _, top, typing in imports(module) if top and not typing and name in names}
            graph[module] = met - {module}
    state = {}

    def visit(module, path):
        if state.get(module) == "done":
            return
        assert module not in path, f"a circle: {' -> '.join([*path[path.index(module) :], module])}"
        for target in sorted(graph.get(module, ())):
            visit(target, [*path, module])
        state[module] = "done"

    for module in graph:
        visit(module, [])


@EVERY_MODULE
def test_module_tells_what_it_holds(module):
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module docstring says what it holds"


@EVERY_MODULE
def test_sizes(module):
    """A module is rarely over 400 lines, a function rarely over 60."""
    text = (ROOT / module).read_text(encoding="utf-8")
    assert text.count("\n") <= 450
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = node.end_lineno - (node.body[0].end_lineno if ast.get_docstring(node) else node.lineno)
            assert length <= 60, f"{node.name} has {length} lines"


def test_importing_needs_neither_numba_nor_sparse():

    code = "import sys, compactarray; print(sorted({m.split('.')[0] for m in sys.modules} & {'numba', 'llvmlite', 'sparse', 'scipy'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
