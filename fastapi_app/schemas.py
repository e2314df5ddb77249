"""The base of every schema: unknown fields are refused, JSON's types are not converted."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, create_model


class Schema(BaseModel):
    """A JSON object, or the fields of a form."""

    model_config = ConfigDict(strict=True, extra="forbid", from_attributes=True)


class Row(Schema):
    """What has a row of its own in the database; the last base of a schema, so that it is first."""

    id: int


class _Changes:
    """Makes of a schema one that requires no field; a field keeps what it says of null."""

    def __get_pydantic_core_schema__(
        self, schema: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> Any:
        # A factory, because a default would stand in the document.
        fields: dict[str, Any] = {
            name: (Annotated[field.annotation, *field.metadata], Field(default_factory=type(None)))
            for name, field in schema.model_fields.items()
        }
        return handler(create_model(f"{schema.__name__}Changes", __base__=schema, **fields))


S = TypeVar("S", bound=BaseModel)
# The body of a PATCH: `model_dump(exclude_unset=True)` has the fields that were sent.
Partial = Annotated[S, _Changes()]
