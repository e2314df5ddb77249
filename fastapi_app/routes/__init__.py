"""The topics, in reading order."""

from fastapi_app.routes import (
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

routers = [
    hello.router,
    http_methods.router,
    path_params.router,
    query_params.router,
    json_body.router,
    form.router,
    file_upload.router,
    cookies.router,
    users.router,
    validation.router,
    field_types.router,
    errors.router,
    headers.router,
    static_files.router,
    cors.router,
    openapi.router,
]
