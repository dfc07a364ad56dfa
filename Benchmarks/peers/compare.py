"""Replays the same traces on this library and on other engines, and prints one table.

`make compare` calls it with the packages of requirements.txt installed.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from functools import partial

from loro_engine import LoroReplica
from replay import Difference, Replay
from session_engine import SessionReplica
from yrs_engine import YrsReplica

ENGINES = [LoroReplica, YrsReplica, SessionReplica]
WORKLOADS = ["W1", "W2", "W2-stable", "W3-4", "W3-200", "W5", "W6"]


def ours(tool, path):
    """What the library spends on a trace: label to bytes and seconds."""
    printed = subprocess.run(
        [tool, "replay", path, "--json"], capture_output=True, text=True)
    # A report says why it did not pass; without one there is a line of error output.
    if not printed.stdout.strip():
        raise Difference(f"{path}: {printed.stderr.strip() or 'no report'}")
    report = json.loads(printed.stdout)
    if not report["passed"]:
        reasons = [
            f"line {found['line']}: {found.get('difference') or found.get('message')}"
            for found in [*report["expectations"], *report.get("problems", [])]
            if not found.get("held")
        ]
        raise Difference(f"{path}: {'; '.join(reasons)}")
    return {
        measure["label"]: (
            measure["bytesFramed"], measure["encodeSeconds"] + measure["applySeconds"])
        for measure in report["measures"]
    }


def theirs(engine, path):
    return {
        label: (measure.compressed, measure.seconds)
        for label, measure in Replay(engine, path).run().items()
    }


def table(columns, results, place, form):
    """A table in Markdown, numbers at the right."""
    rows = [["workload", *columns]]
    for (workload, label), figures in results.items():
        cells = [form(figure[place]) if figure else "failed" for figure in figures]
        rows.append([f"{workload} {label}", *cells])
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("| " + " | ".join(cells) + " |")
    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    lines.insert(1, "| " + " | ".join(rule) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--caravan-sim", default=".build/release/caravan-sim")
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--seed", default="0")
    options = parser.parse_args()

    columns = ["Caravan"] + [
        f"{engine.title} ({engine.package} {importlib.metadata.version(engine.package)})"
        for engine in ENGINES
    ]
    results, failures = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        for workload in options.workloads.split(","):
            path = os.path.join(folder, workload + ".jsonl")
            with open(path, "w", encoding="utf-8") as file:
                subprocess.run(
                    [options.caravan_sim, "trace", workload, "--seed", options.seed],
                    check=True, stdout=file)
            replays = [("Caravan", partial(ours, options.caravan_sim))]
            replays += [(engine.title, partial(theirs, engine)) for engine in ENGINES]
            runs = []
            for title, replay in replays:
                print(f"{workload} on {title}", file=sys.stderr, flush=True)
                try:
                    runs.append(replay(path))
                except Difference as difference:
                    print(f"{workload} on {title}: {difference}", file=sys.stderr)
                    failures += 1
                    runs.append({})
            for label in dict.fromkeys(label for run in runs for label in run):
                results[workload, label] = [run.get(label) for run in runs]

    print("Bytes of both directions; compressed with zstd 3.\n")
    print(table(columns, results, 0, lambda count: f"{count:,}"))
    print("\nProcessor seconds to make messages and to take them in.\n")
    print(table(columns, results, 1, lambda seconds: f"{seconds:.4f}"))
    print(f"\nTraces of seed {options.seed}, {platform.machine()}, Python "
          f"{platform.python_version()}.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
