"""The script that sets Metabase up, against a server that plays Metabase's part, and the SQL of its cards on the published SQLite file.

    python metabase.py PROJECT        a JSON object: how many rows each card gives

The server knows the documented calls and refuses others, and what a call must have. Metabase itself, a Java program, isn't run.
METABASE_OPENAPI=openapi.json holds every call against Metabase's own description as well, resources/openapi/openapi.json of its repository; needs `jsonschema`.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

current = Path(sys.argv[1]) / "out" / "current"
db = sqlite3.connect(f"file:{current / 'netto.sqlite'}?mode=ro", uri=True, check_same_thread=False)
described = os.environ.get("METABASE_OPENAPI")
# A form is a type (and no text is empty), a range or tuple of the values allowed, a list with the form of its entries, or an object with those of its
# keys: one with `!` is needed, `*` is any. Of the documented keys only those that the script sends are known.
ID, ANY_ID, PLACE = range(1, 2**31), range(-(2**31), 2**31), range(0, 2**31)
SEMANTIC = (None, "type/PK", "type/FK", "type/Name", "type/Currency", "type/Percentage", "type/Quantity", "type/Category")
TAG = {"id!": str, "name!": str, "display-name!": str, "type!": ("text",), "required": bool, "default": str}
QUERY = {"type!": ("native",), "database!": ID, "native!": {"query!": str, "template-tags": {"*": TAG}}}
CARD = {
    "name!": str, "description": str, "display!": ("scalar", "line", "bar", "table"), "type": ("question", "model"),
    "collection_id": ID, "dataset_query!": QUERY, "visualization_settings!": {"graph.dimensions": [str], "graph.metrics": [str]},
}
# Only `string/=` is made for a variable of text: `category` would be taken, as Metabase's clients of old send it.
FILTER = {"id!": str, "type!": ("string/=",), "name": str, "slug": str, "sectionId": ("string",), "default": [str]}
MAPPING = {"parameter_id!": str, "card_id": ID, "target!": list}
PASSED = {"id!": str, "source!": {"type!": ("column",), "id!": str, "name!": str}, "target!": {"type!": ("parameter",), "id!": str}}
CLICK = {"type!": ("link",), "linkType!": ("dashboard",), "targetId!": ID, "parameterMapping": {"*": PASSED}}
PLACED = {
    "id!": ANY_ID, "card_id": ID, "col!": PLACE, "row!": PLACE, "size_x!": ID, "size_y!": ID, "parameter_mappings": [MAPPING],
    "visualization_settings": {"column_settings": {"*": {"click_behavior": CLICK}}},
}
CALLS = {
    "POST session": {"username!": str, "password!": str},
    "GET database": {},
    "GET database/N/metadata": {"include_hidden": [("true", "false")]},
    "PUT database/N": {"details": {"db!": str}},
    "POST database/N/sync_schema": {},
    "PUT table/N": {"description": str, "display_name": str},
    "PUT field/N": {
        "description": str, "display_name": str, "semantic_type": SEMANTIC, "fk_target_field_id": ID,
        "visibility_type": ("normal", "details-only", "hidden", "sensitive", "retired"),
    },
    "GET collection": {},
    "POST collection": {"name!": str},
    "GET collection/N/items": {"models": [("card", "dataset", "dashboard")]},
    "POST card": CARD,
    "PUT card/N": CARD,
    "POST dashboard": {"name!": str, "collection_id": ID},
    "PUT dashboard/N": {"parameters": [FILTER], "dashcards": [PLACED]},
}


def fits(value: object, form: object, where: str) -> None:
    """Refuses what isn't of its form."""
    if isinstance(form, dict):
        assert isinstance(value, dict), f"{where} is no object: {value!r}"
        forms = {key.removesuffix("!"): inner for key, inner in form.items()}
        missing = [key[:-1] for key in form if key.endswith("!") and key[:-1] not in value]
        unknown = [key for key in value if key not in forms and "*" not in forms]
        assert not missing and not unknown, f"{where}: {missing} are missing, {unknown} are unknown"
        for key, inner in value.items():
            fits(inner, forms.get(key, forms.get("*")), f"{where} {key}")
    elif isinstance(form, list):
        assert isinstance(value, list), f"{where} is no list: {value!r}"
        for entry in value:
            fits(entry, form[0], where)
    elif isinstance(form, type):
        assert isinstance(value, form) and value != "", f"{where} is {value!r}"
    else:
        assert value in form, f"{where} is {value!r}, which is none of {form}"


def operations(api: dict) -> dict:
    """The calls of a description, by method and path as in CALLS."""
    found = {}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            found.setdefault(f"{method.upper()} {re.sub(r'{.*?}', 'N', path).strip('/').removeprefix('api/')}", operation)
    return found


def as_described(call: str, sent: dict) -> None:
    """Refuses what Metabase's own description doesn't know, calls deprecated, or has otherwise."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    operation = OPERATIONS.get(call)
    assert operation, f"{call} isn't described"
    assert not operation.get("deprecated") and "DEPRECATED" not in operation["description"], f"{call} is deprecated"
    if call.startswith("GET"):
        known = {given["name"]: given["schema"] for given in operation["parameters"] if given["in"] == "query"}
        schema = {"properties": known, "additionalProperties": False}
        sent = {key: {"true": True, "false": False}.get(value[0], value) for key, value in sent.items()}
    else:
        content = operation.get("requestBody", {}).get("content", {})
        schema = content["application/json"]["schema"] if content else {"maxProperties": 0}
    wrong = best_match(Draft202012Validator({**schema, "components": API["components"]}).iter_errors(sent))
    assert not wrong, f"{call} {wrong.json_path}: {wrong.message[:300]}"


# Several of its alternatives may hold at once, which `oneOf` would refuse.
API = json.loads(Path(described).read_text().replace('"oneOf"', '"anyOf"')) if described else {"paths": {}}
OPERATIONS = operations(API)


def filled(sql: str, with_filters: bool) -> str:
    """The SQL as Metabase asks it: optional parts go where their filter is empty."""
    sql = re.sub(r"\[\[(.*?)\]\]", r"\1" if with_filters else "", sql)
    sql = sql.replace("{schema}", "").replace("{{window}}", "'main'")
    return re.sub(r"\{\{\w+\}\}", "'A'", sql)


class Played(BaseHTTPRequestHandler):
    """As much of Metabase as the script asks for."""

    tables: dict = {}
    fields: dict = {}
    details: dict = {}
    synced: list = []
    made: dict = {"collection": {}, "card": {}, "dashboard": {}}

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, body: object, code: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_call(self) -> None:
        method, (path, _, query) = self.command, self.path.removeprefix("/api/").partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        call = f"{method} {re.sub('[0-9]+', 'N', path)}"
        if call not in CALLS:
            return self.answer(f"API endpoint does not exist: {call}", 404)
        try:
            sent = parse_qs(query) if method == "GET" else body
            fits(sent, CALLS[call], call)
            if described:
                as_described(call, sent)
            self.do(method, *path.split("/"), sent=sent)
        except AssertionError as refused:
            self.answer(str(refused), 400)

    def do(self, method: str, kind: str, number: str = "", what: str = "", *, sent: dict) -> None:
        if kind == "session":
            return self.answer({"id": "s"}) if sent == {"username": "admin", "password": "secret"} else self.answer({"errors": "no"}, 401)
        if self.headers.get("X-Metabase-Session") != "s":
            return self.answer("Unauthenticated", 401)
        number, made = int(number or 0), self.made.get(kind)
        known = {"database": {7}, "table": self.tables, "field": self.fields}.get(kind, made)
        assert not number or number in known, f"there is no {kind} {number}"
        if what == "metadata":
            seen = ("normal", "details-only") if sent.get("include_hidden") == ["true"] else ("normal",)
            tables = [
                {"id": place, "name": name, "schema": "", "fields": [field for field in fields if field.get("visibility_type", "normal") in seen]}
                for place, (name, fields) in self.tables.items()
            ]
            return self.answer({"tables": tables})
        if what == "items":
            wanted = "dashboard" if "dashboard" in sent["models"] else "card"
            return self.answer({"data": list(self.made[wanted].values()), "total": len(self.made[wanted])})
        if what == "sync_schema":
            self.synced.append(self.details["db"])
        elif (method, kind) == ("GET", "database"):
            return self.answer({"data": [{"id": 7, "name": "netto", "engine": "sqlite", "details": self.details}], "total": 1})
        elif (method, kind) == ("GET", "collection"):
            return self.answer([{"id": "root", "name": "Our analytics"}, *made.values()])
        elif kind == "database":
            self.details.update(sent["details"])
        elif kind == "field":
            assert (sent["semantic_type"] == "type/FK") == ("fk_target_field_id" in sent), sent
            assert sent.get("fk_target_field_id", number) in self.fields
            self.fields[number] |= sent
        elif kind == "card":
            self.check_card(sent)
        elif kind == "dashboard" and number:
            self.check_dashboard(sent)
        if made is not None:
            number = number or len(made) + 1
            made[number] = made.get(number, {"id": number}) | sent
        self.answer(made[number] if made else {})

    do_GET = do_POST = do_PUT = handle_call

    def check_card(self, body: dict) -> None:
        query = body["dataset_query"]
        sql, tags = query["native"]["query"], query["native"]["template-tags"]
        assert query["database"] == 7 and body["collection_id"] == 1 and "{schema}" not in sql
        assert body["type"] == "question" or not tags, f"the model {body['name']} has variables"
        assert set(tags) == set(re.findall(r"\{\{(\w+)\}\}", sql)), (body["name"], set(tags))
        columns = {column[0] for column in db.execute(filled(sql, False)).description}
        shown = body["visualization_settings"]
        assert set(shown.get("graph.dimensions", []) + shown.get("graph.metrics", [])) <= columns, body["name"]

    def check_dashboard(self, body: dict) -> None:
        parameters = {parameter["id"] for parameter in body["parameters"]}
        numbers = {placed["id"] for placed in body["dashcards"]}
        assert len(parameters) == len(body["parameters"]) and len(numbers) == len(body["dashcards"]), "ids come twice"
        taken = set()
        for placed in body["dashcards"]:
            card = self.made["card"][placed["card_id"]]
            tags = card["dataset_query"]["native"]["template-tags"]
            assert all(mapping["target"][0] == "variable" and mapping["target"][1][0] == "template-tag" for mapping in placed["parameter_mappings"])
            mapped = {mapping["target"][1][1] for mapping in placed["parameter_mappings"]}
            assert all(mapping["parameter_id"] in parameters and mapping["card_id"] == placed["card_id"] for mapping in placed["parameter_mappings"])
            assert mapped == set(tags), (card["name"], mapped, set(tags))
            cells = {(x, y) for x in range(placed["col"], placed["col"] + placed["size_x"]) for y in range(placed["row"], placed["row"] + placed["size_y"])}
            assert not cells & taken and max(x for x, _ in cells) < 24, card["name"]
            taken |= cells
            for setting in placed["visualization_settings"].get("column_settings", {}).values():
                assert self.made["dashboard"][setting["click_behavior"]["targetId"]]["name"] == "netto: customer"


def main() -> None:
    number = 0
    for place, (name,) in enumerate(db.execute("select name from sqlite_master where type = 'table'").fetchall(), 1):
        fields = []
        for column in db.execute(f"pragma table_info({name})").fetchall():
            number += 1
            fields.append({"id": number, "name": column[1]})
            Played.fields[number] = fields[-1]
        Played.tables[place] = (name, fields)
    server = HTTPServer(("127.0.0.1", 0), Played)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [sys.executable, str(current / "metabase" / "setup.py"), "--url", f"http://127.0.0.1:{server.server_port}"]

    def run(password: str, *more: str) -> subprocess.CompletedProcess:
        return subprocess.run([*command, *more], env={"METABASE_USER": "admin", "METABASE_PASSWORD": password}, capture_output=True, text=True)

    for password in ["wrong", ""]:
        refused = run(password)
        assert refused.returncode == 1 and "those of an administrator" in refused.stderr, refused
    for _ in range(2):
        done = run("secret")
        assert done.returncode == 0 and "netto: customer: http://127.0.0.1" in done.stdout, done
        assert {kind: len(made) for kind, made in Played.made.items()} == {"collection": 1, "card": len(CARDS), "dashboard": 2}
    assert Played.synced == [], "the file is where the database says, unless somebody asks"
    labels = {field["name"]: field["display_name"] for field in Played.fields.values() if "display_name" in field}
    assert labels["net_profit"] == "Net profit", labels["net_profit"]
    (current.parent / "current.txt").write_text(f"runs/{current.resolve().name}\n")
    for _ in range(2):
        done = run("secret", "--language", "nl", "--out", "/data/out/")
        assert done.returncode == 0, done
    (current.parent / "current.txt").unlink()
    assert Played.synced == [f"/data/out/runs/{current.resolve().name}/netto.sqlite"], Played.synced
    labels = {field["name"]: field["display_name"] for field in Played.fields.values() if "display_name" in field}
    assert labels["net_profit"] == "Nettowinst", labels["net_profit"]
    described = [field for field in Played.fields.values() if field.get("description")]
    assert len(described) > 1000 and any(field.get("fk_target_field_id") for field in described)
    print(json.dumps({card["name"]: len(db.execute(filled(card["sql"], False)).fetchall()) for card in CARDS}))
    for card in CARDS:
        db.execute(filled(card["sql"], True)).fetchall()


CARDS = json.loads((current / "metabase" / "cards.json").read_text())["cards"]
main()
