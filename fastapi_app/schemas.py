"""The base of every schema: unknown fields are refused, JSON's types are not converted."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """A JSON object, or the fields of a form."""

    model_config = ConfigDict(strict=True, extra="forbid", from_attributes=True)
