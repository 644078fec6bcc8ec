"""A published workbook as openpyxl reads it: a JSON line per sheet, with its table, formats and the sum of a column.

    python xlsx.py PROJECT/out/current/netto.xlsx
"""

import json
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
for sheet in book.worksheets:
    rows = list(sheet.iter_rows(values_only=True))
    (table,) = sheet.tables.values()
    assert [column.name for column in table.tableColumns] == list(rows[0]), sheet.title
    assert sheet.freeze_panes == "A2", sheet.title
    assert table.ref == f"A1:{openpyxl.utils.get_column_letter(len(rows[0]))}{max(len(rows), 2)}", (sheet.title, table.ref, len(rows))
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row), f"{sheet.title} has a formula"
    print(json.dumps({
        "sheet": sheet.title, "table": table.name, "rows": len(rows) - 1,
        "formats": {cell.column_letter and rows[0][cell.column - 1]: cell.number_format for cell in (sheet[2] if len(rows) > 1 else ())},
        "sums": {name: str(round(sum(row[place] for row in rows[1:] if isinstance(row[place], (int, float))), 4)) for place, name in enumerate(rows[0])},
        "texts": [value for row in rows[1:] for value in row if isinstance(value, str)][:40],
        "quoted": [cell.value for row in sheet.iter_rows() for cell in row if cell.style and cell.quotePrefix],
    }))
