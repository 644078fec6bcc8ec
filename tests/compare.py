#!/usr/bin/env python3
"""Whether two published folders hold the same tables: `tests/compare.py BEFORE AFTER [old.column=new.column …]`.

Compares every CSV table column by column, rows in the order of the key. A table or column that was renamed is named as
`table.column=table.column`, or `table=table`. Prints each difference; exit code 1 when there is any.
"""
import csv
import sys
from pathlib import Path


def tables(folder: str) -> dict[str, Path]:
    return {path.stem: path for path in Path(folder).rglob("*.csv")}


def columns(path: Path) -> dict[str, list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    return {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}


def same(a: str, b: str) -> bool:
    """The same text, or the same ratio to its last bits: engines add up floats in another order."""
    if a == b:
        return True
    try:
        return abs(float(a) - float(b)) <= 1e-12 * max(1.0, abs(float(a)))
    except ValueError:
        return False


def main(before: str, after: str, *renamed: str) -> int:
    names = dict(pair.split("=") for pair in renamed)
    old, new = tables(before), tables(after)
    differences = 0

    def said(text: str) -> None:
        nonlocal differences
        differences += 1
        print(text)

    for table in sorted(old):
        name = names.get(table, table)
        if name not in new:
            said(f"{table}: no longer there")
            continue
        left, right = columns(old[table]), columns(new[name])
        for column, values in left.items():
            other = names.get(f"{table}.{column}", f"{name}.{column}").split(".")[1]
            if other not in right:
                said(f"{table}.{column}: no longer there")
            elif len(values) != len(right[other]):
                said(f"{table}: {len(values)} rows before, {len(right[other])} after")
                break
            else:
                rows = [row for row, (a, b) in enumerate(zip(values, right[other]), 2) if not same(a, b)]
                if rows:
                    first = rows[0]
                    said(f"{table}.{column}: {len(rows)} of {len(values)} rows differ, first in line {first}: "
                         f"{values[first - 2]!r} before, {right[other][first - 2]!r} after")
        for column in right.keys() - {names.get(f"{table}.{column}", f".{column}").split(".")[1] for column in left}:
            print(f"{name}.{column}: new")
    for table in sorted(new.keys() - {names.get(table, table) for table in old}):
        print(f"{table}: new")
    print(f"{differences} differences in {len(old)} tables")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
