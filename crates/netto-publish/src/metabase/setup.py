#!/usr/bin/env python3
"""Sets Metabase up over the tables that netto publishes: what columns mean, models, two dashboards with filters and drill-through.

    METABASE_KEY=… python3 setup.py --url http://localhost:3000 --database netto
    METABASE_USER=… METABASE_PASSWORD=… python3 setup.py --url … --database netto

The database stands in Metabase already: the SQLite file or the PostgreSQL schema, synced. Run it again whenever you like: what it made
before, in the collection "netto", is brought up to date and not made twice. Nothing but Python is needed, and Metabase 49 or newer.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLLECTION = "netto"


class Metabase:
    """Its REST API: https://www.metabase.com/docs/latest/api"""

    def __init__(self, url: str) -> None:
        self.url, self.headers = url.rstrip("/"), {"Content-Type": "application/json"}
        if key := os.environ.get("METABASE_KEY"):
            self.headers["X-API-KEY"] = key
        else:
            who = {"username": os.environ.get("METABASE_USER", ""), "password": os.environ.get("METABASE_PASSWORD", "")}
            self.headers["X-Metabase-Session"] = self.ask("POST", "session", who)["id"]

    def ask(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/{path}", data, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            unknown = path == "session" or error.code in (401, 403)
            who = "are METABASE_KEY, or METABASE_USER and METABASE_PASSWORD, those of an administrator?"
            sys.exit(f"{method} {path}: {error.code} {said}\nhelp: {who if unknown else 'is this Metabase 49 or newer?'}")
        except urllib.error.URLError as error:
            sys.exit(f"{self.url} can't be reached: {error.reason}\nhelp: --url is what you open Metabase by")
        return json.loads(text) if text else None


def listed(answer: object) -> list:
    """Some lists come bare, and some within an object."""
    return answer["data"] if isinstance(answer, dict) else answer


def found(entries: list, what: str, **wanted: object) -> dict:
    entry = next((entry for entry in entries if all(entry.get(key) == value for key, value in wanted.items())), None)
    if entry is None:
        names = ", ".join(sorted(str(entry.get("name")) for entry in entries)) or "none"
        sys.exit(f"there is no {what} {wanted}; there is {names}")
    return entry


def follow(metabase: Metabase, database: dict, out: str) -> None:
    """Points the database at the SQLite file of the run that out/current.txt names: for where out/current can't be a link."""
    pointer = HERE.parents[2] / "current.txt"
    run = pointer.read_text(encoding="utf-8").strip() if pointer.exists() else "current"
    file = f"{out.rstrip('/')}/{run}/netto.sqlite"
    if database.get("engine") != "sqlite":
        sys.exit(f"{database['name']} is no SQLite database: --out is the folder of its file")
    if (database.get("details") or {}).get("db") != file:
        metabase.ask("PUT", f"database/{database['id']}", {"details": {"db": file}})
        metabase.ask("POST", f"database/{database['id']}/sync_schema")


def describe(metabase: Metabase, database: int, schema: str | None, language: str) -> dict:
    """Says what tables and columns mean, and which column leads where; the fields by table and column."""
    declared = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))
    # Keys are hidden by this very script, and must be found when it runs again.
    known = metabase.ask("GET", f"database/{database}/metadata?include_hidden=true")["tables"]
    tables = {table["name"]: table for table in known if schema is None or table.get("schema") == schema}
    fields = {(name, field["name"]): field["id"] for name, table in tables.items() for field in table["fields"]}
    for table in declared:
        if table["name"] not in tables:
            continue
        metabase.ask("PUT", f"table/{tables[table['name']]['id']}", {"description": table["description"], "display_name": table["labels"][language]})
        for column in table["columns"]:
            field = fields.get((table["name"], column["name"]))
            if field is None:
                sys.exit(f"{table['name']} has no column {column['name']}: let Metabase sync the database, and try again")
            change = {"description": column["description"], "semantic_type": column["semantic_type"], "display_name": column["labels"][language]}
            if target := fields.get(tuple(column.get("target") or ())):
                change["fk_target_field_id"] = target
            if column.get("hidden"):
                change["visibility_type"] = "details-only"
            metabase.ask("PUT", f"field/{field}", change)
    return fields


def native(database: int, sql: str) -> dict:
    names = [name for name in PARAMETERS if "{{" + name + "}}" in sql]
    tags = {name: {"id": f"netto-{name}", "name": name, "display-name": PARAMETERS[name], "type": "text"} for name in names}
    if "window" in tags:
        tags["window"] |= {"required": True, "default": "main"}
    return {"type": "native", "database": database, "native": {"query": sql, "template-tags": tags}}


PARAMETERS = {"window": "Window", "market": "Market", "tier": "Tier", "rep": "Account manager", "customer": "Customer"}


def cards_of(metabase: Metabase, database: int, collection: int, cards: list) -> dict:
    """Makes each card, or brings it up to date; their numbers by name."""
    there = {item["name"]: item["id"] for item in listed(metabase.ask("GET", f"collection/{collection}/items?models=card&models=dataset"))}
    numbers = {}
    for card in cards:
        body = {
            "name": card["name"], "description": card["description"], "display": card["display"], "type": card.get("type", "question"),
            "collection_id": collection, "dataset_query": native(database, card["sql"]), "visualization_settings": card.get("settings", {}),
        }
        if card["name"] in there:
            numbers[card["name"]] = there[card["name"]]
            metabase.ask("PUT", f"card/{there[card['name']]}", body)
        else:
            numbers[card["name"]] = metabase.ask("POST", "card", body)["id"]
    return numbers


def drill(dashboard: int) -> dict:
    """A click on a customer opens the dashboard of that customer."""
    target = {"type": "parameter", "id": "netto-customer"}
    mapping = {"netto-customer": {"id": "netto-customer", "source": {"type": "column", "id": "customer_id", "name": "customer_id"}, "target": target}}
    click = {"type": "link", "linkType": "dashboard", "targetId": dashboard, "parameterMapping": mapping}
    return {"column_settings": {json.dumps(["name", column], separators=(",", ":")): {"click_behavior": click} for column in ("customer_id", "name")}}


def lay_out(metabase: Metabase, dashboard: dict, number: int, numbers: dict, sql: dict, customer: int) -> None:
    """Puts the cards in their places, and joins the filters to them."""
    names = dashboard["filters"]
    parameters = [
        {"id": f"netto-{name}", "name": PARAMETERS[name], "slug": name, "type": "string/=", "sectionId": "string"}
        | ({"default": ["main"]} if name == "window" else {})
        for name in names
    ]
    placed = []
    for place, (name, (left, top, width, height)) in enumerate(dashboard["cards"].items(), 1):
        mappings = [
            {"parameter_id": f"netto-{filtered}", "card_id": numbers[name], "target": ["variable", ["template-tag", filtered]]}
            for filtered in names if "{{" + filtered + "}}" in sql[name]
        ]
        settings = drill(customer) if "customer_id" in sql[name] and "customer" not in names else {}
        placed.append({
            "id": -place, "card_id": numbers[name], "col": left, "row": top, "size_x": width, "size_y": height,
            "parameter_mappings": mappings, "visualization_settings": settings,
        })
    metabase.ask("PUT", f"dashboard/{number}", {"parameters": parameters, "dashcards": placed})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://localhost:3000", help="what you open Metabase by")
    parser.add_argument("--database", default="netto", help="what the database is called in Metabase")
    parser.add_argument("--schema", help="the schema of the tables; needed where the database has several")
    parser.add_argument("--language", choices=["en", "nl", "de"], default="en", help="what tables and columns are called in")
    parser.add_argument("--out", help="the folder `out` as Metabase's server sees it, where out/current is no link: the database is pointed at the last run")
    args = parser.parse_args()
    metabase = Metabase(args.url)
    entry = found(listed(metabase.ask("GET", "database")), "database", name=args.database)
    if args.out:
        follow(metabase, entry, args.out)
    database = entry["id"]
    describe(metabase, database, args.schema, args.language)
    collections = [entry for entry in metabase.ask("GET", "collection") if entry.get("name") == COLLECTION and not entry.get("archived")]
    collection = (collections or [metabase.ask("POST", "collection", {"name": COLLECTION})])[0]["id"]
    content = json.loads((HERE / "cards.json").read_text(encoding="utf-8"))
    schema = f'"{args.schema}".' if args.schema else ""
    for card in content["cards"]:
        card["sql"] = card["sql"].replace("{schema}", schema)
    numbers = cards_of(metabase, database, collection, content["cards"])
    there = {item["name"]: item["id"] for item in listed(metabase.ask("GET", f"collection/{collection}/items?models=dashboard"))}
    sql, dashboards = {card["name"]: card["sql"] for card in content["cards"]}, {}
    for dashboard in content["dashboards"]:
        name = dashboard["name"]
        dashboards[name] = there.get(name) or metabase.ask("POST", "dashboard", {"name": name, "collection_id": collection})["id"]
    for dashboard in content["dashboards"]:
        lay_out(metabase, dashboard, dashboards[dashboard["name"]], numbers, sql, dashboards["netto: customer"])
    for name, number in dashboards.items():
        print(f"{name}: {metabase.url}/dashboard/{number}")


if __name__ == "__main__":
    main()
