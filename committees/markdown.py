"""Markdown from people to safe HTML: parsed without raw HTML, then cleaned once more against an allow-list."""

from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark", {"html": False, "typographer": True, "linkify": True}).enable(
    ["table", "strikethrough", "replacements", "smartquotes", "linkify"]
)
if PARSER.linkify:  # a whole address becomes a link; where words without https:// lead is not for us to guess
    PARSER.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("//", "ftp:", "mailto:"):
        PARSER.linkify.add(scheme, None)
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"scope"}}
SCHEMES = {"http", "https", "mailto", "tel"}


def to_html(text: str) -> SafeString:
    """Safe HTML. A heading of the first level becomes one of the second: the page has its own."""
    html = PARSER.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return mark_safe(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener"))  # noqa: S308 - nh3 cleaned it


def to_text(text: str) -> str:
    """The words alone, on one line, for descriptions in search engines and previews."""
    return " ".join(unescape(nh3.clean(PARSER.render(text), tags=set())).split())
