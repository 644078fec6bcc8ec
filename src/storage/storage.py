"""Copies files to object storage and back: netto writes a job, and this program does it by fsspec.

    python storage.py job.json

The job says where, and what is done, one step after the other:

    {"at": "s3://bucket/netto", "steps": [
        {"look": "current.json"},                                     the text of that file, and the sizes of all that are there
        {"put": [["/here/a.parquet", "lake/a.parquet"], …]},          side by side
        {"create": [["/here/0.json", "lake/_delta_log/0.json"], …]},  the same, but none in place of another
        {"get": [["/here/a.parquet", "lake/a.parquet"], …]},
        {"remove": ["lake/a.parquet", …]}]}

Where the storage is, and by which key it is opened, is known to fsspec: by variables of the environment and files of its own. The last line on
standard output has what each step found, or at which step it failed and why.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AT_A_TIME = 8  # files, which may be large


class Storage:
    def __init__(self, at: str) -> None:
        import fsspec

        self.fs, self.root = fsspec.core.url_to_fs(at, use_listings_cache=False)

    def look(self, pointer: str) -> dict:
        files = {path[len(self.root) + 1 :]: about["size"] for path, about in self.fs.find(self.root, detail=True).items()}
        return {"files": files, "pointer": self.fs.cat_file(self.at(pointer)).decode() if pointer in files else None}

    def put(self, files: list) -> None:
        self.fs.put([here for here, _ in files], [self.at(there) for _, there in files], batch_size=AT_A_TIME)

    def create(self, files: list) -> None:
        self.each(self.create_one, files)

    def get(self, files: list) -> None:
        self.fs.get([self.at(there) for _, there in files], [here for here, _ in files], batch_size=AT_A_TIME)

    def remove(self, files: list) -> None:
        self.each(self.fs.rm_file, map(self.at, files))

    def at(self, path: str) -> str:
        return f"{self.root}/{path}"

    def each(self, work, items) -> None:
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(work, items))

    def create_one(self, file: list) -> None:
        content, there = Path(file[0]).read_bytes(), self.at(file[1])
        try:
            self.fs.pipe_file(there, content, mode="create")
        except Exception:
            # A job that broke off may have put the same there.
            if not self.fs.exists(there):
                raise
            if self.fs.cat_file(there) != content:
                raise FileExistsError(file[1])


def main() -> dict:
    step, job = "library", json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        storage, found = Storage(job["at"]), []
        for one in job["steps"]:
            [(step, what)] = one.items()
            found.append(getattr(storage, step)(what))
        return {"found": found}
    except PermissionError as error:
        return {"step": "rights", "why": str(error)}
    except FileExistsError as error:
        return {"step": "another", "why": str(error)}
    except Exception as error:
        return {"step": step, "why": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps(main()))
