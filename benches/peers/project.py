"""A project that netto and its peers compute alike: the generated distributor, without what no analyst writes in an afternoon.

Left out are rebates (accrued at the bracket that a year will reach), goals, bonuses and agreed actions; campaigns are spread over orders
instead of by tier, and what is published is Parquet. All else is as `netto generate --lines N` wrote it.
"""

import re
from pathlib import Path

LEFT_OUT = r"source\.(rebates|goals|actions)(\..*)?|goal\..*|\[bonus"


def simplify(project: Path) -> None:
    file = project / "netto.toml"
    tables = re.split(r"(?m)^(?=\[)", file.read_text(encoding="utf-8"))
    kept = [table for table in tables if not re.match(rf"\[({LEFT_OUT})\]", table)]
    text = "".join(kept)
    by_tier = re.search(r'(?s)pool = "marketing"\nmethod = "share"\nby = "tier"\nshares = \{.*?\}\n', text)
    if by_tier is None:
        raise SystemExit(f"{file} spreads campaigns in another way than the demo does")
    by_orders = 'pool = "marketing"\nmethod = "driver"\nsource = "orders"\nwhere = "order_kind = \'sale\'"\nquantity = "1"\n'
    text = text.replace(by_tier[0], by_orders)
    file.write_text(text + '\n[publish]\nsinks = ["parquet"]\n', encoding="utf-8")
