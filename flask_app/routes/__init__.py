"""The topics, in reading order."""

from flask_app.routes import (
    cookies,
    cors,
    errors,
    field_types,
    file_upload,
    form,
    headers,
    hello,
    http_methods,
    json_body,
    openapi,
    path_params,
    query_params,
    static_files,
    users,
    validation,
)

blueprints = [
    hello.bp,
    http_methods.bp,
    path_params.bp,
    query_params.bp,
    json_body.bp,
    form.bp,
    file_upload.bp,
    cookies.bp,
    users.bp,
    validation.bp,
    field_types.bp,
    errors.bp,
    headers.bp,
    static_files.bp,
    cors.bp,
    openapi.bp,
]
