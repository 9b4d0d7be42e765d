"""A mypy plugin: `request.user` is our User.

LoginRequiredMiddleware lets nobody else through, and a view that is open to everybody asks `is_authenticated` first or
hands the visitor to `visible_to`, which knows visitors. Without it every signed-in view would need a cast.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Type, UnionType, get_proper_type

REQUESTS = ("django.http.request.HttpRequest.user", "rest_framework.request.Request.user")


class RequestPlugin(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return _user if fullname in REQUESTS else None


def _user(context: AttributeContext) -> Type:
    kind = get_proper_type(context.default_attr_type)
    return kind.items[0] if isinstance(kind, UnionType) else kind


def plugin(version: str) -> type[Plugin]:
    return RequestPlugin
