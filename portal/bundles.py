"""One stylesheet and one script for the whole site, and one more for each part of it that has a folder of its own: the staff
desk, settings, agendas and others; scripts for who is signed in and for who runs a call.

`static/portal/css/*.css` becomes `static/portal/app.css`, `css/desk/*.css` becomes `desk.css`, `js/*.js` becomes `app.js`,
`js/member/*.js` becomes `member.js`. The results are built, not committed: `collectstatic` writes them first, the tests do
so before they start, and `manage.py bundle_assets` does it alone.
"""

import os
import re
from collections.abc import Iterator
from itertools import accumulate, groupby
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "portal"
OLDER = (  # the same for a browser that is a few years old
    # Safari reads no thickness in the shorthand and knows these two with its prefix only.
    (r"text-decoration:underline ([\d.]+px)", r"text-decoration:underline;text-decoration-thickness:\1"),
    (r"((?:user-select|hyphens):[\w-]+)", r"-webkit-\1;\1"),
    # What has a variable beside it is judged when it is used, too late to fall back on the declaration before it.
    (r"font:(\d+ )(min\(([\d.]+rem),[^()]*\))([^;}]*?)( !important|)(?=[;}])", r"font:\1\3\4\5;font-size:\2\5"),
)
LAYERS = ("", "reset", "tokens", "base", "components", "utilities")  # "": what stands in no layer, the fonts


def stylesheet(folder: str = "css") -> str:
    """Every component's rules, one layer after the other, without comments and spare spaces.

    What is sent has no `@layer`: a browser that doesn't know it drops all that stands in one. Order and weight do what
    the layers say instead (docs/adr/0035-what-older-browsers-get.md).
    """
    sheets = dict.fromkeys(LAYERS, "")
    for source in sorted((STATIC / folder).glob("*.css")):
        for opening, rules in _rules(_squeeze(source.read_text())):
            layer = opening.removeprefix("@layer ") if opening.startswith("@layer ") else ""
            sheets[layer] += _weighed(rules, layer) if layer else f"{opening}{{{rules}}}"
    return "".join(sheets.values())


def script(folder: str = "js") -> str:
    """Every module in a scope of its own; they talk through DOM events only, so there is nothing to import."""
    parts = (f"{{\n{_bare(source.read_text())}\n}}\n" for source in sorted((STATIC / folder).glob("*.js")))
    return "// Made by `manage.py bundle_assets`; change its sources.\n" + "".join(parts)


def write() -> list[Path]:
    """Write what is missing or out of date and say which; a reader never sees half a file."""
    stale = [path for path, text in contents().items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_text(contents()[path])
        unfinished.replace(path)
    return stale


def parts(kind: str = "css") -> list[str]:
    """Parts of the site with a stylesheet, or a script ("js"), of their own."""
    return sorted(folder.name for folder in (STATIC / kind).iterdir() if folder.is_dir())


def contents() -> dict[Path, str]:
    return {
        STATIC / "app.css": stylesheet(),
        **{STATIC / f"{part}.css": stylesheet(f"css/{part}") for part in parts()},
        STATIC / "app.js": script(),
        **{STATIC / f"{part}.js": script(f"js/{part}") for part in parts("js")},
    }


def _bare(script: str) -> str:
    """Without indents and lines of comment, which take a sixth of what is sent."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """What stands before and what stands within the braces of each rule; statements without a block are left out."""
    depth = start = opened = 0
    for place, sign in enumerate(css):
        if sign == "{":
            opened = opened if depth else place
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                yield css[start:opened], css[opened + 1 : place]
                start = place + 1
        elif sign == ";" and not depth:
            start = place + 1


def _weighed(css: str, layer: str) -> str:
    """The rules of a layer with selectors that lose to every later layer and win over every earlier one."""
    weighed = ""
    for opening, rules in _rules(css):
        if opening.startswith(("@media", "@supports", "@container")):
            weighed += f"{opening}{{{_weighed(rules, layer)}}}"
        elif opening.startswith("@"):
            weighed += f"{opening}{{{rules}}}"
        else:
            # A browser drops the whole rule for one selector that it doesn't know.
            for _, alike in groupby(sorted(_selectors(opening), key=_is_new), key=_is_new):
                weighed += f"{_weight(list(alike), layer)}{{{rules}}}"
    return weighed


def _selectors(opening: str) -> list[str]:
    depths = accumulate((sign in "([") - (sign in ")]") for sign in opening)
    return "".join(
        "\n" if sign == "," and not depth else sign for sign, depth in zip(opening, depths, strict=True)
    ).split("\n")


def _is_new(selector: str) -> bool:
    return ":has(" in selector


def _weight(selectors: list[str], layer: str) -> str:
    if layer in ("reset", "base"):
        elements = [selector for selector in selectors if "::" not in selector and selector != "*"]
        others = [selector for selector in selectors if selector not in elements]
        return ",".join(others + ([f":where({','.join(elements)})"] if elements else []))
    if layer == "utilities":
        return ",".join(re.sub(r"(?=::)|$", ":not(#_)", selector, count=1) for selector in selectors)
    return ",".join(selectors)


def _squeeze(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css).replace(": ", ":").replace(";}", "}")
    for new, old in OLDER:
        css = re.sub(new, old, css)
    return css.strip()
