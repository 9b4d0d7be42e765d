"""Markdown from people to safe HTML: parsed without raw HTML, then cleaned once more against an allow-list."""

from html import unescape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

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
KINDS = {
    "paragraph": "paragraph", "heading": "heading", "fence": "code", "code_block": "code", "bullet_list": "list",
    "ordered_list": "list", "blockquote": "quote", "table": "table",
}  # fmt: skip
INLINE = {"strong": "bold", "em": "italic", "s": "strike"}


def to_html(text: str) -> SafeString:
    """Safe HTML. A heading of the first level becomes one of the second: the page has its own."""
    html = PARSER.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return mark_safe(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener"))  # noqa: S308 - nh3 cleaned it


def to_text(text: str) -> str:
    """The words alone, on one line, for descriptions in search engines and previews."""
    return " ".join(unescape(nh3.clean(PARSER.render(text), tags=set())).split())


def blocks(text: str) -> list[str]:
    """The sources of its paragraphs, lists and tables, one after the other: what stands between blank lines, roughly."""
    lines = text.splitlines()
    outer = (token for token in PARSER.parse(text) if token.map and token.level == 0 and token.nesting >= 0)
    return ["\n".join(lines[slice(*token.map)]).strip("\n") for token in outer if token.map]


def tree(text: str) -> list[dict[str, Any]]:
    """The blocks of a text as plain data, for what is no web page. A block has `kind` and `spans`, `blocks` or `items`;
    a span has `text` and what holds for it (`bold`, `italic`, `strike`, `code`, `url`).
    """
    return [block for node in SyntaxTreeNode(PARSER.parse(text)).children for block in _block(node)]


def _block(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    kind = KINDS.get(node.type)
    if kind in ("paragraph", "heading"):
        return [{"kind": kind, "spans": [span for child in node.children for span in _spans(child)]}]
    if kind == "code":
        return [{"kind": "code", "spans": [{"text": node.content.rstrip("\n"), "code": True}]}]
    if kind == "list":
        items = [[block for child in item.children for block in _block(child)] for item in node.children]
        return [{"kind": "list", "ordered": node.type == "ordered_list", "items": items}]
    if kind == "quote":
        return [{"kind": "quote", "blocks": [block for child in node.children for block in _block(child)]}]
    if kind == "table":
        rows = [row for part in node.children for row in part.children]
        cells = [[[s for child in cell.children for s in _spans(child)] for cell in row.children] for row in rows]
        return [{"kind": "table", "rows": cells}]
    return []


def _spans(node: SyntaxTreeNode, **holds: Any) -> list[dict[str, Any]]:
    if node.type in ("text", "code_inline"):
        return [{"text": node.content, **holds} | ({"code": True} if node.type == "code_inline" else {})]
    if node.type in ("softbreak", "hardbreak"):
        return [{"text": "\n" if node.type == "hardbreak" else " "}]
    if node.type == "link":
        url = str(node.attrs.get("href", ""))
        holds |= {"url": url} if url.partition(":")[0] in SCHEMES else {}
    elif name := INLINE.get(node.type):
        holds[name] = True
    return [span for child in node.children or () for span in _spans(child, **holds)]
