"""The documentation pages, and the scripts that they run: Swagger UI and ReDoc from a wheel."""

from importlib.util import find_spec
from pathlib import Path

from shared.api_description import TITLE
from shared.problems import NotFound

MEDIA_TYPES = {
    "redoc.standalone.js": "text/javascript",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
# ReDoc's footer has a picture, which it would fetch from its maker's host.
LOGO = b"https://cdn." + b"redoc.ly/redoc/logo-mini.svg"
SWAGGER_UI = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{TITLE}: Swagger UI</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({{url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true}})</script>
</html>
"""
REDOC = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{TITLE}: ReDoc</title>
<link rel="icon" href="data:,">
<body style="margin: 0">
<redoc spec-url="/openapi.json" disable-google-font="true"></redoc>
<script src="/docs/assets/redoc.standalone.js"></script>
</html>
"""


def asset(name: str) -> tuple[bytes, str]:
    """The bytes and media type of a script or style sheet; it asks no other host for anything.

    Raises NotFound.
    """
    if name not in MEDIA_TYPES:
        raise NotFound
    # The wheel is made for FastAPI; only its files are used, nothing of it is imported.
    wheel = find_spec("fastapi_offline")
    assert wheel is not None and wheel.submodule_search_locations is not None
    folder = Path(wheel.submodule_search_locations[0]) / "static"
    return (folder / name).read_bytes().replace(LOGO, b"data:,"), MEDIA_TYPES[name]
