"""Run the script of `netto explain customer ID --sql` and look at the differences that it finds.

    python proof.py SCRIPT [--everyone]

The script as it is; or, with --everyone, asked for every customer of the window at once. Prints how many rows came out, of how
many customers, and the rows that differ; exits 1 when there are any, or none came out at all.
"""

import sys
from pathlib import Path

import duckdb

SHOWN = 5


def main() -> int:
    script, everyone = Path(sys.argv[1]).read_text(encoding="utf-8"), "--everyone" in sys.argv[2:]
    db = duckdb.connect()
    statements = db.extract_statements(script)
    for statement in statements:
        db.execute(statement)
    if everyone:
        db.execute("delete from asked; insert into asked select distinct customer_id from months")
        db.execute(statements[-1])
    names = [column[0] for column in db.description]
    assert names == ["customer_id", "name", "recomputed", "published", "difference"], names
    rows = db.fetchall()
    differing = [row for row in rows if row[4] != 0]
    print(f"{len(rows)} rows of {len({row[0] for row in rows})} customers, {len(differing)} differ")
    for customer, name, recomputed, published, _ in differing[:SHOWN]:
        print(f"  customer {customer}, {name}: recomputed {recomputed}, published {published}")
    if not everyone:
        print("\n".join(f"{name} = {recomputed}" for _, name, recomputed, *_ in rows))
    return 1 if differing or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
