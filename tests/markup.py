"""What a page's own source says against the content models of HTML: a browser repairs it, each in its own way."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
}
HOLD_WORDS = {
    "a",
    "abbr",
    "b",
    "bdi",
    "button",
    "cite",
    "code",
    "dt",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "kbd",
    "label",
    "legend",
    "mark",
    "p",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
}
INTERACTIVE = {"a", "button", "input", "select", "textarea", "summary", "label"}
PARENTS = {
    "figcaption": {"figure"},
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "legend": {"fieldset"},
    "summary": {"details"},
    "tr": {"thead", "tbody", "tfoot", "table"},
    "td": {"tr"},
    "th": {"tr"},
    "option": {"select", "optgroup", "datalist"},
}
NAMED = {"nav", "aside"}


def mistakes(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.found + reader.nameless()


def misplaced(part: str) -> list[str]:
    """The same of a part whose surroundings, and what closes what in which branch, are not known."""
    reader = Reader()
    reader.feed(part)
    return [found for found in reader.found if " in <" in found and " in <>" not in found]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[str] = []
        self.places: list[tuple[str, str]] = []
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept, around = dict(attrs), [name for name, _ in self.open]
        inside = around[len(around) - around[::-1].index("svg") :] if "svg" in around else around
        if "svg" not in around:
            self.look(tag, kept, inside)
        self.ids[kept.get("id") or ""] += 1
        if tag in NAMED:
            self.places.append((tag, kept.get("aria-label") or kept.get("aria-labelledby") or ""))
        if tag not in VOID:
            self.open.append((tag, kept))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def look(self, tag: str, attrs: dict[str, str | None], around: list[str]) -> None:
        parent = around[-1] if around else ""
        if (
            parent in HOLD_WORDS
            and tag in BLOCKS
            and not (parent in {"a", "del"} and not set(around[:-1]) & HOLD_WORDS)
        ):
            self.found.append(f"<{tag}> in <{parent}>: {attrs}")
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.found.append(f"<{tag}> in <{parent}>: {attrs}")
        holds = {"a", "button"} & set(around)
        if tag in INTERACTIVE and holds and attrs.get("type") != "hidden":
            self.found.append(f"<{tag}> in <{holds.pop()}>: {attrs}")
        if tag == "form" and "form" in around:
            self.found.append(f"<form> in <form>: {attrs}")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not self.open or self.open[-1][0] != tag:
            self.found.append(f"</{tag}> closes {self.open[-1] if self.open else 'nothing'}")
            if tag not in [name for name, _ in self.open]:
                return
        while self.open.pop()[0] != tag:
            pass

    def nameless(self) -> list[str]:
        """Who moves by landmarks hears their names: each has one of its own."""
        said = Counter(self.places)
        twice = [f"<{tag}> called “{name}” {n} times" for (tag, name), n in said.items() if n > 1 and name]
        doubled = [f"id “{name}” {n} times" for name, n in self.ids.items() if n > 1 and name]
        return [f"a nameless <{tag}>" for tag, name in said if not name] + twice + doubled
