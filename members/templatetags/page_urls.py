"""`{% url %}` as Django has it, with addresses that are worked out once (members/web/page_urls.py)."""

from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString

from members.web.page_urls import url_of

register = template.Library()


class KeptURLNode(URLNode):
    def render(self, context: Any) -> str:
        name = self.view_name.resolve(context)
        if self.kwargs or ":" in name:  # of an app inside another: Django looks at the request, too
            return super().render(context)
        try:
            url = url_of(name, *[argument.resolve(context) for argument in self.args])
        except NoReverseMatch:  # which Django words, or keeps silent about
            return super().render(context)
        if self.asvar:
            context[self.asvar] = url
            return ""
        return _escaped(url) if context.autoescape else url


@lru_cache(maxsize=8192)
def _escaped(url: str) -> SafeString:
    return SafeString(escape(url))


@register.tag("url")
def url(parser: Parser, token: Token) -> KeptURLNode:
    node = defaulttags.url(parser, token)
    return KeptURLNode(node.view_name, node.args, node.kwargs, node.asvar)
