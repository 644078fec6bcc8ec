"""Read every Delta table of a lake with the deltalake package.

    python lake.py PROJECT/.netto/lake

Prints JSON: by table its version, live files, rows as they are read from those files, and fields as [name, type, nullable].
"""

import json
import sys
from pathlib import Path

from deltalake import DeltaTable, QueryBuilder


def main() -> None:
    lake = Path(sys.argv[1])
    print(json.dumps({folder.name: table(folder) for folder in sorted(lake.iterdir()) if folder.is_dir()}))


def table(folder: Path) -> dict:
    delta = DeltaTable(folder)
    # Every column of every row, not only the counts that the log has.
    result = QueryBuilder().register("t", delta).execute("select * from t").read_all()
    return {
        "version": delta.version(),
        "files": len(delta.file_uris()),
        "rows": result.num_rows,
        "fields": [[field["name"], field["type"], field["nullable"]] for field in json.loads(delta.schema().to_json())["fields"]],
    }


if __name__ == "__main__":
    main()
