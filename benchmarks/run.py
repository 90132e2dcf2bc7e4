"""Measure time and memory of whole, cold processes, beside each other in one run.

    python -m benchmarks.run --json results.json

At each size the same synthetic package is read by pyarrow (the floor) and by pandas, checked by us
and validated by frictionless. On the real data the commands that people wait for are compared with
the imports that they cannot do without.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10_000, 100_000, 1_000_000)
# On the real data: what is measured, what it is compared with, and the ratio wanted at most.
STARTS = {
    "check": (
        ["-m", "scripts", "check"],
        ["-c", "import pandas, pandera"],
        2.5,
    ),
    "load": (
        ["-c", "import donbas_recognition as d; d.load('statements')"],
        ["-c", "import pandas; pandas.read_csv('data/statements.csv')"],
        1.15,
    ),
}


class Run(NamedTuple):
    """One process: wall and processor seconds, peak resident MB, last line that it printed."""

    seconds: float
    processor: float
    megabytes: float
    said: str


def measure(arguments: list[str]) -> Run:
    """Run Python with arguments and wait for it.

    Raises
    ------
    RuntimeError
        If the process fails.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begin = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed: {(out.read() + err.read())[-2000:]}")
        lines = out.read().splitlines()
    processor = usage.ru_utime + usage.ru_stime
    return Run(seconds, processor, usage.ru_maxrss / 1024, lines[-1] if lines else "")


def read_pyarrow(folder: Path) -> int:
    """Read all tables with pyarrow, typed; bytes of the tables."""
    import pyarrow as pa
    from pyarrow import csv

    types = {"string": pa.string(), "integer": pa.int64(), "date": pa.date32()}
    types |= {"boolean": pa.bool_(), "number": pa.float64()}
    tables = [
        csv.read_csv(
            path,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={name: types[kind] for name, kind in fields.items()},
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        for path, fields in _tables(folder)
    ]
    return sum(table.nbytes for table in tables)


def read_pandas(folder: Path) -> int:
    """Read all tables with pandas, typed; bytes of the frames."""
    import pandas as pd

    types = {"string": "string", "integer": "Int64", "boolean": "boolean", "number": "Float64"}
    frames = [
        pd.read_csv(
            path,
            dtype={name: types[kind] for name, kind in fields.items() if kind != "date"},
            parse_dates=[name for name, kind in fields.items() if kind == "date"],
            date_format="%Y-%m-%d",
            keep_default_na=False,
            na_values=[""],
        )
        for path, fields in _tables(folder)
    ]
    return sum(int(frame.memory_usage(deep=True).sum()) for frame in frames)


def read_polars(folder: Path) -> int:
    """Read all tables with polars, typed; bytes of the frames, as our check holds them."""
    import polars as pl

    types = {"string": pl.String, "integer": pl.Int64, "date": pl.Date}
    types |= {"boolean": pl.Boolean, "number": pl.Float64}
    frames = [
        pl.read_csv(path, schema={name: types[kind] for name, kind in fields.items()})
        for path, fields in _tables(folder)
    ]
    return sum(int(frame.estimated_size()) for frame in frames)


def validate_frictionless(folder: Path) -> int:
    """Validate the package with frictionless; number of tables."""
    from frictionless import validate

    report = validate(str(folder / "datapackage.json"), type="package")
    if not report.valid or len(report.tasks) != len(_tables(folder)):
        raise RuntimeError(f"frictionless: {report.stats}")
    return len(report.tasks)


def _tables(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """File and field types of each table of a package."""
    schemas = [json.loads(path.read_text()) for path in sorted((folder / "schemas").iterdir())]
    return [
        (folder / "data" / f"{s['name']}.csv", {f["name"]: f["type"] for f in s["fields"]})
        for s in schemas
    ]


CHILDREN: dict[str, Callable[[Path], int]] = {
    "pyarrow": read_pyarrow,
    "pandas": read_pandas,
    "polars": read_polars,
    "frictionless": validate_frictionless,
}


def at_size(folder: Path, size: int, repeat: int, frictionless: bool) -> dict[str, Any]:
    """Measure all modes on one synthetic package; the best of interleaved runs."""
    made = measure(["-m", "benchmarks.generate", str(folder), "--statements", str(size)])
    modes = {name: ["-m", "benchmarks.run", "--child", name, str(folder)] for name in CHILDREN}
    modes["check"] = ["-m", "scripts", "check", str(folder)]
    runs: dict[str, list[Run]] = {mode: [] for mode in modes}
    for turn in range(repeat):
        for mode, arguments in modes.items():
            if mode != "frictionless" or (frictionless and turn == 0):
                runs[mode].append(measure(arguments))
    rows = 0
    for path, _ in _tables(folder):
        with path.open("rb") as file:
            rows += sum(piece.count(b"\n") for piece in iter(lambda f=file: f.read(1 << 20), b""))
    result: dict[str, Any] = {"statements": size, "rows": rows - len(_tables(folder))}
    result["generated_in"] = round(made.seconds, 2)
    floor = [min(one) for one in zip(*(run[:2] for run in runs["pyarrow"]), strict=True)]
    for mode, several in runs.items():
        if several:
            # The least of the runs: whatever else the machine does only adds to it.
            seconds, processor = (
                min(one) for one in zip(*(run[:2] for run in several), strict=True)
            )
            result[mode] = {
                "seconds": round(seconds, 2),
                "ratio": round(seconds / floor[0], 2),
                "processor_seconds": round(processor, 2),
                "processor_ratio": round(processor / floor[1], 2),
                "megabytes": round(median(run.megabytes for run in several)),
            }
            if mode in ("pyarrow", "pandas", "polars"):
                result[mode]["loaded"] = round(int(several[-1].said) / 2**20)
    return result


def at_start(repeat: int) -> dict[str, Any]:
    """Compare commands on the real data with the imports that they cannot do without."""
    result = {}
    for name, (ours, theirs, goal) in STARTS.items():
        pairs = [(measure(ours).seconds, measure(theirs).seconds) for _ in range(repeat + 1)][1:]
        one, other = median(a for a, _ in pairs), median(b for _, b in pairs)
        result[name] = {
            "seconds": round(one, 3),
            "beside": round(other, 3),
            "ratio": round(one / other, 2),
            "goal": goal,
        }
    return result


def table(sizes: list[dict[str, Any]], starts: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [
        "| statements | mode | seconds | × floor | processor s | × floor | peak MB | frames MB |",
        "| --: | --- | --: | --: | --: | --: | --: | --: |",
    ]
    for size in sizes:
        for mode in (*CHILDREN, "check"):
            if mode in size:
                one = size[mode]
                lines.append(
                    f"| {size['statements']:,} | {mode} | {one['seconds']:.2f} |"
                    f" {one['ratio']:.1f} | {one['processor_seconds']:.2f} |"
                    f" {one['processor_ratio']:.1f} | {one['megabytes']:,} |"
                    f" {one.get('loaded', '')} |"
                )
    lines += [
        "",
        "| real data | seconds | beside | ratio | goal |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, one in starts.items():
        lines.append(
            f"| {name} | {one['seconds']} | {one['beside']} | {one['ratio']} | {one['goal']} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of statements")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each mode")
    parser.add_argument("--starts", type=int, default=9, help="runs on the real data")
    parser.add_argument(
        "--frictionless-up-to", type=int, default=100_000, help="it takes minutes at a million"
    )
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--child", nargs=2, metavar=("MODE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(CHILDREN[options.child[0]](Path(options.child[1])))
        return
    sizes = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            known = size <= options.frictionless_up_to
            sizes.append(at_size(Path(folder), size, options.repeat, known))
            print(f"measured {size:,} statements", file=sys.stderr)
    starts = at_start(options.starts) if options.starts else {}
    print(table(sizes, starts))
    if options.json:
        options.json.write_text(json.dumps({"sizes": sizes, "real": starts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
