"""A Power BI project: JSON by Microsoft's published schemas, TMDL by its grammar, every name that is used declared once.

    python check.py PROJECT/out/current/powerbi [FOLDER OF SCHEMAS]

Power BI Desktop itself runs on Windows alone.
"""

import json
import re
import sys
from pathlib import Path

BASE = "https://developer.microsoft.com/json-schemas/"
NAME = r"(?:[A-Za-z_][\w.-]*|'(?:[^']|'')+')"
OBJECT = re.compile(rf"(?:ref )?(database|model|table|column|measure|partition|relationship|expression|annotation|dataAccessOptions|cultureInfo)(?: ({NAME}))?(?: = (.*))?$")
PROPERTY = re.compile(r"([a-z][A-Za-z]*)(?:: (.+)| =(.*))?$")
# Which object may stand in which, and which properties it has.
INSIDE = {
    "": {"database", "model", "table", "relationship", "expression", "annotation", "cultureInfo"},
    "model": {"dataAccessOptions", "annotation"},
    "table": {"column", "measure", "partition", "annotation"},
    "measure": {"annotation"}, "column": {"annotation"}, "partition": set(), "relationship": set(), "expression": set(),
    "annotation": set(), "database": set(), "dataAccessOptions": set(), "cultureInfo": set(),
}
PROPERTIES = {
    "database": {"compatibilityLevel"}, "model": {"culture", "defaultPowerBIDataSourceVersion", "sourceQueryCulture"},
    "dataAccessOptions": {"legacyRedirects", "returnErrorValuesAsNull"}, "table": {"dataCategory"},
    "measure": {"formatString", "displayFolder", "isHidden"}, "relationship": {"isActive", "fromColumn", "toColumn"},
    "column": {"dataType", "isHidden", "isKey", "formatString", "summarizeBy", "sourceColumn", "sortByColumn"},
    "partition": {"mode", "source"}, "expression": set(), "annotation": set(), "cultureInfo": set(),
}
TYPES = {"string", "int64", "decimal", "double", "dateTime", "boolean"}


def objects(path: Path):
    """(kind, name, owner, expression, properties) of each object of a file, by its tabs."""
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf"), f"{path}: a byte order mark"
    assert raw.count(b"\n") == raw.count(b"\r\n"), f"{path}: a line end without CR"
    found, open_objects, described, body = [], [], None, None
    for number, line in enumerate(raw.decode().split("\r\n"), 1):
        where = f"{path.name}:{number}"
        text = line.lstrip("\t")
        depth = len(line) - len(text)
        if not text:
            continue
        assert not text.startswith(" ") or body is not None, f"{where}: spaces"
        if body is not None and depth >= body + 2:
            continue
        body = None
        if text.startswith("///"):
            described = (where, depth)
            continue
        while open_objects and open_objects[-1][0] >= depth:
            open_objects.pop()
        owner = open_objects[-1][1] if open_objects else None
        assert depth == (open_objects[-1][0] + 1 if open_objects else 0), f"{where}: depth {depth}"
        kind = (owner or {"kind": ""})["kind"]
        match = OBJECT.match(text)
        if match and match[1] in INSIDE[kind]:
            name = (match[2] or "").strip("'").replace("''", "'")
            entry = {"kind": match[1], "name": name, "owner": owner, "expression": match[3], "properties": {}, "ref": text.startswith("ref ")}
            found.append(entry)
            open_objects.append((depth, entry))
        else:
            assert described is None, f"{where}: a description of no object"
            match = PROPERTY.match(text)
            assert match and owner and match[1] in PROPERTIES[kind], f"{where}: {text!r} in {kind!r}"
            owner["properties"][match[1]] = match[2]
            body = depth if match[3] is not None else None
        described = None
    return found


def check_model(folder: Path) -> int:
    tables, measures, relations, refs = {}, set(), [], set()
    cultures, of_table = set(), {}
    for file in sorted(path for path in folder.rglob("*.tmdl") if path.parent.name != "cultures"):
        for found in objects(file):
            kind, name, properties = found["kind"], found["name"], found["properties"]
            owner = found["owner"] and found["owner"]["name"]
            if kind == "cultureInfo":
                cultures.add(name)
            elif kind == "table" and found["ref"]:
                refs.add(name)
            elif kind == "table":
                assert name not in tables, name
                tables[name] = {}
            elif kind == "column":
                assert properties["dataType"] in TYPES and properties["summarizeBy"] in {"none", "sum"} and properties["sourceColumn"] == name, (owner, name)
                tables[owner][name] = properties
            elif kind == "measure":
                assert name not in measures and found["expression"], name
                measures.add(name)
                of_table.setdefault(owner, set()).add(name)
            elif kind == "partition":
                assert found["expression"] == "m" and properties["mode"] == "import" and name == owner, name
            elif kind == "relationship":
                relations.append((name, properties))
    assert refs == set(tables), refs ^ set(tables)
    for name, properties in relations:
        for end in ("fromColumn", "toColumn"):
            table, column = properties[end].split(".")
            assert column in tables[table], (name, properties[end])
    assert len({name for name, _ in relations}) == len(relations)
    for name, columns in tables.items():
        for column, properties in columns.items():
            assert properties.get("sortByColumn", column) in columns, (name, column)
            assert sum("isKey" in other for other in columns.values()) <= 1, name
    for name, own in of_table.items():
        alike = {measure.lower() for measure in own} & {column.lower() for column in tables[name]}
        assert not alike, f"{name}: measures are called as columns: {alike}"
    assert cultures == {file.stem for file in (folder / "cultures").glob("*.tmdl")} == {"en-US", "nl-NL", "de-DE"}
    for culture in cultures:
        check_culture(folder / "cultures" / f"{culture}.tmdl", tables, of_table)
    print(f"{len(tables)} tables, {len(measures)} measures, {len(relations)} lines between them")
    return len(measures)


def check_culture(path: Path, tables: dict, measures: dict) -> None:
    """Captions of what there is; what is shown of a table has captions that differ."""
    lines = [line for line in path.read_bytes().decode().split("\r\n") if line]
    assert lines[:3] == [f"cultureInfo {path.stem}", "\ttranslations", "\t\tmodel Model"], lines[:3]
    captions: dict = {}
    table = what = None
    for line in lines[3:]:
        depth, text = len(line) - len(line.lstrip("\t")), line.lstrip("\t")
        if depth == 3:
            table = what = text.removeprefix("table ")
            assert table in tables, line
        elif text.startswith("caption: "):
            place, caption = ("tables" if depth == 4 else table), text.removeprefix("caption: ").lower()
            assert captions.setdefault(place, {}).setdefault(caption, what) == what, f"{path.stem}, {place}: {caption} is {what} and {captions[place][caption]}"
        else:
            kind, _, name = text.partition(" ")
            what = name.strip("'").replace("''", "'")
            assert depth == 4 and what in (tables[table] if kind == "column" else measures[table]), line
    assert len(captions["tables"]) == len(tables) - 1, "all but the steps of the waterfall have a caption"
    for name, columns in tables.items():
        shown = [column for column, properties in columns.items() if "isHidden" not in properties and name != "waterfall_step"]
        assert set(shown) <= set(captions.get(name, {}).values()), (path.stem, name, set(shown) - set(captions.get(name, {}).values()))


def check_json(folder: Path, schemas: Path) -> None:
    from jsonschema import Draft7Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT7

    def retrieve(address: str) -> Resource:
        assert address.startswith(BASE), address
        path = schemas / address.removeprefix(BASE).split("#")[0]
        if path.name == "schema-embedded.json":  # The same, where it stands within another file: it names no schema of its own.
            value = json.loads(path.with_name("schema.json").read_text())
            value["required"] = [name for name in value.get("required", []) if name != "$schema"]
            return Resource.from_contents(value, DRAFT7)
        return Resource.from_contents(json.loads(path.read_text()), DRAFT7)

    registry, files = Registry(retrieve=retrieve), 0
    for file in sorted(path for path in folder.rglob("*") if path.suffix in {".json", ".pbip", ".pbir", ".pbism"} or path.name == ".platform"):
        value = json.loads(file.read_text())
        schema = registry.get_or_retrieve(value["$schema"]).value.contents
        faults = [f"{fault.json_path}: {fault.message}" for fault in Draft7Validator(schema, registry=registry).iter_errors(value)]
        assert not faults, (file, faults)
        files += 1
    print(f"{files} files by their schemas")


if __name__ == "__main__":
    project = Path(sys.argv[1])
    check_model(project / "netto.SemanticModel" / "definition")
    if len(sys.argv) > 2:
        check_json(project, Path(sys.argv[2]))
