"""The script that sets Metabase up, against a server that plays Metabase's part, and the SQL of its cards on the published SQLite file.

    python metabase.py PROJECT        a JSON object: how many rows each card gives

The server knows the documented calls and refuses others, and what a call must have. Metabase itself, a Java program, isn't run.
"""

import json
import re
import sqlite3
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

current = Path(sys.argv[1]) / "out" / "current"
db = sqlite3.connect(f"file:{current / 'netto.sqlite'}?mode=ro", uri=True, check_same_thread=False)
CARD = {"name", "description", "display", "type", "collection_id", "dataset_query", "visualization_settings"}
SEMANTIC = {None, "type/PK", "type/FK", "type/Name", "type/Currency", "type/Percentage", "type/Quantity", "type/Category"}


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
        method, path = self.command, self.path.removeprefix("/api/")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        if path == "session" and method == "POST":
            return self.answer({"id": "s"} if body == {"username": "admin", "password": "secret"} else {"errors": "no"}, 200 if body["password"] == "secret" else 401)
        if self.headers.get("X-Metabase-Session") != "s":
            return self.answer("Unauthenticated", 401)
        kind, _, rest = path.partition("/")
        number = int(rest) if rest.isdigit() else None
        made = self.made.get(kind)
        if (method, path) == ("GET", "database"):
            return self.answer({"data": [{"id": 7, "name": "netto", "engine": "sqlite", "details": self.details}], "total": 1})
        if (method, path) == ("GET", "database/7/metadata"):
            return self.answer({"tables": [{"id": place, "name": name, "schema": None, "fields": fields} for place, (name, fields) in self.tables.items()]})
        if (method, path) == ("PUT", "database/7"):
            assert set(body) == {"details"} and set(body["details"]) == {"db"}, body
            self.details.update(body["details"])
        elif (method, path) == ("POST", "database/7/sync_schema"):
            self.synced.append(self.details["db"])
        elif method == "PUT" and kind == "table" and number in self.tables:
            assert set(body) == {"description", "display_name"} and body["description"], body
        elif method == "PUT" and kind == "field" and number in self.fields:
            assert set(body) <= {"description", "display_name", "semantic_type", "fk_target_field_id", "visibility_type"}, body
            assert body["semantic_type"] in SEMANTIC and (body["semantic_type"] == "type/FK") == ("fk_target_field_id" in body), body
            assert body.get("fk_target_field_id", number) in self.fields
            self.fields[number] |= body
        elif (method, path) == ("GET", "collection"):
            return self.answer([{"id": "root", "name": "Our analytics"}, *made.values()])
        elif method == "GET" and re.fullmatch(r"collection/1/items\?models=.*", path):
            wanted = "dashboard" if "dashboard" in path else "card"
            return self.answer({"data": list(self.made[wanted].values()), "total": len(self.made[wanted])})
        elif method == "POST" and made is not None and not rest:
            if kind == "card":
                self.check_card(body)
            made[len(made) + 1] = {"id": len(made) + 1, **body}
            return self.answer(made[len(made)])
        elif method == "PUT" and made is not None and number in made:
            self.check_card(body) if kind == "card" else self.check_dashboard(body)
            made[number] |= body
        else:
            return self.answer(f"API endpoint does not exist: {method} {path}", 404)
        return self.answer({})

    do_GET = do_POST = do_PUT = handle_call

    def check_card(self, body: dict) -> None:
        assert set(body) == CARD and body["type"] in {"question", "model"} and body["collection_id"] == 1, body
        query = body["dataset_query"]
        sql, tags = query["native"]["query"], query["native"]["template-tags"]
        assert query["type"] == "native" and query["database"] == 7 and "{schema}" not in sql
        assert set(tags) == set(re.findall(r"\{\{(\w+)\}\}", sql)), (body["name"], set(tags))
        columns = {column[0] for column in db.execute(filled(sql, False)).description}
        shown = body["visualization_settings"]
        assert set(shown.get("graph.dimensions", []) + shown.get("graph.metrics", [])) <= columns, body["name"]

    def check_dashboard(self, body: dict) -> None:
        parameters = {parameter["id"] for parameter in body["parameters"]}
        taken = set()
        for placed in body["dashcards"]:
            card = self.made["card"][placed["card_id"]]
            tags = card["dataset_query"]["native"]["template-tags"]
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

    refused = run("wrong")
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
