"""What every answer tells a browser not to do with it."""

import re
from base64 import b64encode
from hashlib import sha256

from shared.docs_pages import SWAGGER_UI

# The one script that stands in a page, allowed by its hash.
_INLINE = [
    f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
    for script in re.findall(r"<script>(.+?)</script>", SWAGGER_UI, re.DOTALL)
]
POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", *_INLINE],
    # Swagger UI and ReDoc write styles and pictures into their pages.
    "style-src": ["'self'", "'unsafe-inline'"],
    # ReDoc searches in a worker that it makes of a text.
    "worker-src": ["'self'", "blob:"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        " ".join([name, *sources]) for name, sources in POLICY.items()
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
