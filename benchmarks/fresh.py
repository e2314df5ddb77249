"""Make one app in this new process, and tell as JSON what that took: for benchmarks/claims.py."""

import importlib
import json
import sys
import time

import psutil


def main(app: str, database_url: str) -> None:
    """Seconds of processor time for the imports, the app and its document; MiB after each."""
    found: dict[str, float] = {}
    process = psutil.Process()

    def note(name: str, began: float) -> None:
        found[f"{name} s"] = time.process_time() - began
        found[f"{name} MiB"] = process.memory_info().rss / 1024 / 1024

    note("python", 0)
    began = time.process_time()
    module = importlib.import_module(f"{app}_app.app")
    settings = importlib.import_module("shared.settings").Settings(database_url=database_url)
    note("imports", began)
    began = time.process_time()
    made = module.create_app(settings)
    note("app", began)
    began = time.process_time()
    # Flask's document is made with the app; FastAPI's when it is first asked for.
    _ = made.openapi() if app == "fastapi" else made.extensions["openapi"]
    note("document", began)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
