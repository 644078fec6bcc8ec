"""Serve S3 until standard input ends.

    python server.py FOLDER

Prints the address. FOLDER/changes gets a line for each object that is written or removed: `PUT bucket/name`. While there is a file FOLDER/refused with a
pattern such as `PUT */name`, what is like it is refused, as the account had no right to it.
"""

import sys
import threading
from fnmatch import fnmatchcase
from pathlib import Path

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

REFUSAL = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class Watched:
    def __init__(self, folder: Path) -> None:
        self.moto, self.folder, self.lock = DomainDispatcherApplication(create_backend_app), folder, threading.Lock()

    def __call__(self, environ: dict, start_response):
        asked, refused = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'][1:]}", self.folder / "refused"
        if refused.exists() and fnmatchcase(asked, refused.read_text()):
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [REFUSAL]

        def respond(status: str, headers: list, *more):
            if asked.startswith(("PUT", "DELETE")) and status.startswith("2"):
                with self.lock, (self.folder / "changes").open("a") as changes:
                    changes.write(f"{asked}\n")
            return start_response(status, headers, *more)

        return self.moto(environ, respond)


def main() -> None:
    server = make_server("127.0.0.1", 0, Watched(Path(sys.argv[1])), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
