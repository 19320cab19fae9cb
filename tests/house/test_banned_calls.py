"""No clock, environment, hidden randomness, file or output in floors 0 to 2."""

from __future__ import annotations

import ast

import pytest

from tests.house.banned import breaches
from tests.house.source import pure_files, short, tree


def test_pure_floors_make_no_banned_call() -> None:
    files = pure_files()
    assert len(files) > 10
    found = [f"{short(path)}:{line}: {what}" for path in files for line, what in breaches(tree(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        "import time",
        "from os import environ",
        "import numpy.random, pickle",
        "import datetime as dt\ndt.datetime.now()",
        "from datetime import date\ndate.today()",
        "open('x')",
        "print(1)",
        "hash('x')",
        "from pathlib import Path\nPath('x').read_text()",
        "import numpy as np\nnp.random.normal()",
        "import numpy as np\nnp.random.default_rng()",
        "from numpy.random import default_rng\ndefault_rng()",
        "from numpy.random import normal\nnormal()",
        "import numpy as np\nnp.load('x')",
        "import polars as pl\npl.read_csv('x')",
        "import polars as pl\npl.scan_parquet('x')",
        "frame.write_csv('x')",
        "frame.sample(3)",
        "lazy.sink_parquet('x')",
        "from pathlib import Path\nPath('x').open()",
        "from pathlib import Path\nPath.open('x')",
        "path.open('rb')",
        "from pathlib import Path\nPath('x').exists()",
        "[one for one in folder.iterdir()]",
        "(folder / 'x').is_file()",
        "import datetime as dt\nclock = dt.datetime.now\nclock()",
        "from datetime import date\ndef made(today=date.today): ...",
        "import numpy as np\ndraw = np.random.normal\ndraw()",
        "say = print\nsay(1)",
        "import importlib\nimportlib.import_module('time')",
        "from importlib import import_module\nimport_module('os.path')",
    ],
)
def test_finder_sees(planted: str) -> None:
    assert list(breaches(ast.parse(planted)))


@pytest.mark.parametrize(
    "clean",
    [
        "import numpy as np\nnp.random.default_rng(seed)",
        "import numpy as np\nnp.random.default_rng(seed=1)",
        "rng.normal(size=3)",
        "rng.shuffle(x)",
        "frame.sample(3, seed=1)",
        "import datetime as dt\ndt.date(2026, 1, 1)",
        "registry.load(x)",
        "import polars as pl\npl.col('x').sum()",
        "history.open[rows]",
        "Stockroom.open(cells)",
        "def asked(open: bool): return open",
        "open = {'monday'}\nshut = not open",
        "import datetime as dt\ndef aged(now: dt.datetime, today: dt.date): return now, today",
        "import numpy as np\ndef drawn(rng: np.random.Generator): return rng",
        "import importlib\nimportlib.import_module(f'{package}.{name}')",
        "import importlib\nimportlib.import_module('lightgbm')",
    ],
)
def test_finder_lets_pass(clean: str) -> None:
    assert not list(breaches(ast.parse(clean)))
