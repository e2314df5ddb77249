"""Hooks and error handlers of one router, as a blueprint has them.

Keeps: `before` runs ahead of what the route does, `after` on each of its answers, errors
and OPTIONS included, `errors` come before those of the app. A router has `dependencies` (they
see no error answers) and no error handlers of its own. Not wanted where
`dependencies=[Depends(...)]` is enough.

    class ShopRoute(BlueprintRoute): ...
    router = APIRouter(prefix="/shop", route_class=ShopRoute)
"""

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any, ClassVar

from fastapi import Request, Response

from compat.routing import FlaskRoute, Handler

ErrorHandler = Callable[[Request, Any], Any]


class BlueprintRoute(FlaskRoute):
    """Subclass it, override `before`, `after` and `errors`, and make it the `route_class`."""

    errors: ClassVar[Mapping[type[Exception], ErrorHandler]] = {}

    def after(self, response: Response) -> None:
        """Change the answer."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                response = await handle(request)
            except Exception as error:
                response = await self._answer(request, error)
            self.after(response)
            return response

        return handler

    async def _answer(self, request: Request, error: Exception) -> Response:
        handlers = {**request.app.exception_handlers, **self.errors}
        for kind in type(error).__mro__:
            if kind in handlers:
                answer = handlers[kind](request, error)
                return await answer if isawaitable(answer) else answer  # type: ignore[no-any-return]
        raise error
