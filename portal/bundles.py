"""One stylesheet and one script for the whole site, one more script for who is signed in, and one more stylesheet for the staff
desk and one for writing and printing an agenda.

`static/portal/css/*.css` becomes `static/portal/app.css`, `css/desk/*.css` becomes `desk.css`, `css/agenda/*.css` becomes
`agenda.css`, `js/*.js` becomes `app.js`, `js/member/*.js` becomes `member.js`.
The results are built, not committed: `collectstatic` writes them first, the tests do so before they start, and
`manage.py bundle_assets` does it alone.
"""

import os
import re
from collections.abc import Iterable
from itertools import accumulate, groupby, starmap
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "portal"


def stylesheet(folder: str = "css") -> str:
    """Every component's rules, layers first (`_layers.css` sorts before all others), without comments and spare spaces."""
    files = (_squeeze(source.read_text()) for source in sorted((STATIC / folder).glob("*.css")))
    return "".join(starmap(_as_one, groupby(files, key=_layer)))


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


def contents() -> dict[Path, str]:
    return {
        STATIC / "app.css": stylesheet(),
        STATIC / "desk.css": stylesheet("css/desk"),
        STATIC / "agenda.css": stylesheet("css/agenda"),
        STATIC / "app.js": script(),
        STATIC / "member.js": script("js/member"),
    }


def _bare(script: str) -> str:
    """Without indents and lines of comment, which take a sixth of what is sent."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _layer(css: str) -> str:
    """What opens the one layer that holds all of a file's rules; "" when there is none."""
    depths = list(accumulate((sign == "{") - (sign == "}") for sign in css))
    is_one = css.startswith("@layer ") and depths.index(0, css.index("{")) == len(css) - 1
    return css.partition("{")[0] if is_one else ""


def _as_one(layer: str, files: Iterable[str]) -> str:
    """Neighbors in the same layer share it."""
    if not layer:
        return "".join(files)
    return f"{layer}{{" + "".join(css.removeprefix(f"{layer}{{").removesuffix("}") for css in files) + "}"


def _squeeze(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css).replace(": ", ":").replace(";}", "}")
    return css.strip()
