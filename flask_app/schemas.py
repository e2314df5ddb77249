"""The base of every schema: unknown fields are refused, keys keep their declared order."""

import marshmallow

from flask_app.fields import Integer
from shared.faults import fault


class Schema(marshmallow.Schema):
    """A JSON object, or the fields of a form."""

    error_messages = {
        "type": fault("type", expected="an object"),
        "unknown": fault("additionalProperties"),
    }


class Row(Schema):
    """What has a row of its own in the database; the last base of a schema, so that it is first."""

    id = Integer(required=True)
