"""The base of every schema: unknown fields are refused, keys keep their declared order."""

import marshmallow

from shared.faults import fault


class Schema(marshmallow.Schema):
    """A JSON object, or the fields of a form."""

    error_messages = {
        "type": fault("type", expected="an object"),
        "unknown": fault("additionalProperties"),
    }
