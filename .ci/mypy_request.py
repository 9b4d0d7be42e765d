"""A mypy plugin: what the middleware does to a request.

`request.user` is our User: LoginRequiredMiddleware lets nobody else through, and a view that is open to everybody asks
`is_authenticated` first or hands the visitor to `visible_to`, which knows visitors. `request.htmx` exists.
"""

from collections.abc import Callable

from mypy.nodes import MDEF, SymbolTableNode, Var
from mypy.plugin import AttributeContext, ClassDefContext, Plugin
from mypy.types import AnyType, Type, TypeOfAny, UnionType, get_proper_type

DJANGO = "django.http.request.HttpRequest"
USERS = (f"{DJANGO}.user", "rest_framework.request.Request.user")


class RequestPlugin(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return _user if fullname in USERS else None

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return _add_htmx if fullname == DJANGO else None


def _user(context: AttributeContext) -> Type:
    if context.is_lvalue:
        return context.default_attr_type
    kind = get_proper_type(context.default_attr_type)
    return kind.items[0] if isinstance(kind, UnionType) else kind


def _add_htmx(context: ClassDefContext) -> None:
    htmx = Var("htmx", AnyType(TypeOfAny.explicit))
    htmx.info = context.cls.info
    context.cls.info.names["htmx"] = SymbolTableNode(MDEF, htmx, plugin_generated=True)


def plugin(version: str) -> type[Plugin]:
    return RequestPlugin
