import re

import brotli
from django.conf import settings

from portal import bundles


def test_bundles_are_written_where_they_are_missing_or_stale(monkeypatch, tmp_path):
    for folder in ("css/desk", "js/member"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    (tmp_path / "css" / "a.css").write_text("a { color: red; }  /* why */")
    assert [path.name for path in bundles.write()] == ["app.css", "desk.css", "app.js", "member.js"]
    assert (tmp_path / "app.css").read_text() == "a{color:red}"
    assert bundles.write() == []
    (tmp_path / "js" / "b.js").write_text("b()")
    assert [path.name for path in bundles.write()] == ["app.js"]
    written = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert written == ["app.css", "app.js", "desk.css", "member.js"]


def test_bundles_are_built_and_never_committed():
    ignored = (settings.BASE_DIR / ".gitignore").read_text().splitlines()
    for path in bundles.contents():
        assert f"/{path.relative_to(settings.BASE_DIR).with_stem('*')}" in ignored


def bundled(monkeypatch, folder, **sources) -> str:
    (folder / "css").mkdir()
    monkeypatch.setattr(bundles, "STATIC", folder)
    for name, text in sources.items():
        (folder / "css" / f"{name}.css").write_text(text)
    return bundles.stylesheet()


def test_layers_become_order_and_weight(monkeypatch, tmp_path):
    """An older browser drops everything that stands in a layer."""
    assert bundled(
        monkeypatch,
        tmp_path,
        a="@layer utilities { .a, p::after { color: red; } }",
        b="@layer components { .b { color: red; } @media print { .b:is(p, q), i { color: red; } } }",
        c="@layer base { *, a, b:hover { color: red; } q::before { color: red; } }",
        d="@layer base, components, utilities; @font-face { src: url(d); }",
        e="@layer components { @keyframes e { to { opacity: 0; } } }",
    ) == (
        "@font-face{src:url(d)}"
        "*,:where(a,b:hover){color:red}q::before{color:red}"
        ".b{color:red}@media print{.b:is(p,q),i{color:red}}@keyframes e{to{opacity:0}}"
        ".a:not(#_),p:not(#_)::after{color:red}"
    )


def test_what_older_browsers_read_otherwise_stands_beside_it(monkeypatch, tmp_path):
    assert bundled(
        monkeypatch,
        tmp_path,
        a="@layer components {"
        " .a, .b:has(c) { user-select: none; }"
        " .d { text-decoration: underline 1.5px; }"
        " .e { font: 600 min(2rem, 6cqi + 1rem)/1.2 var(--display); }"
        " }",
    ) == (
        ".a{-webkit-user-select:none;user-select:none}.b:has(c){-webkit-user-select:none;user-select:none}"
        ".d{text-decoration:underline;text-decoration-thickness:1.5px}"
        ".e{font:600 2rem/1.2 var(--display);font-size:min(2rem,6cqi + 1rem)}"
    )


def test_reading_order_is_source_order():
    """What is moved by style alone is read, and reached by key, somewhere else than it is seen."""
    sheets = {path.name: text for path, text in bundles.contents().items() if path.suffix == ".css"}
    moved = re.compile(
        r"[{;](?:order|reading-flow|reading-order):[^;}]*|[{;]flex-(?:direction|flow|wrap):[^;}]*-reverse|[{;]grid-auto-flow:[^;}]*dense"
    )
    assert {name: moved.findall(text) for name, text in sheets.items() if moved.search(text)} == {}


def test_scripts_are_sent_without_indents_and_comments():
    sources = [source.read_text() for source in sorted((bundles.STATIC / "js").rglob("*.js"))]
    assert [
        text for text in sources if any(line.count("`") % 2 for line in text.splitlines())
    ] == []  # a text over lines
    folders = ["js", *(f"js/{part}" for part in bundles.parts("js"))]
    bare = [line for folder in folders for line in bundles.script(folder).splitlines()[1:]]
    assert [line for line in bare if line != line.strip() or not line or line.startswith("//")] == []


def test_stylesheet_stays_within_its_budget():
    assert len(brotli.compress(bundles.stylesheet().encode())) <= 14_200  # bytes, as browsers get it


def test_dark_values_of_the_system_and_of_the_reader_are_the_same():
    tokens = (bundles.STATIC / "css" / "tokens.css").read_text()
    system = re.search(r":root:not\(\[data-theme=\"light\"\]\) \{(.*?)\}", tokens, re.DOTALL)
    reader = re.search(r":root\[data-theme=\"dark\"\] \{(.*?)\}", tokens, re.DOTALL)
    assert system and reader
    assert system[1].split() == reader[1].split()


def test_the_dark_has_other_colors_and_nothing_else():
    """So a browser test asks only of colors in the dark, what it asked of everything in the light (tests/browser/looking.py)."""
    sheets = "".join(path.read_text() for path in sorted(bundles.STATIC.glob("css/**/*.css")))
    dark = re.findall(
        r":root(?:\[data-theme=\"dark\"\]|:not\(\[data-theme=\"light\"\]\))[^{]*\{(.*?)\}", sheets, re.DOTALL
    )
    assert sheets.count("prefers-color-scheme: dark") == sheets.count(':not([data-theme="light"])') == len(dark) / 2
    said = dict(
        each.split(":", 1)
        for rule in dark
        for each in re.sub(r'url\(".*?"\)', "url()", rule).split(";")
        if each.strip()
    )
    names = {name.strip() for name, value in said.items() if not re.fullmatch(r"#[0-9a-f]{3,6}", value.strip())}
    assert len(said) > 50
    assert names == {"color-scheme", "background-image", "--shadow-card", "--shadow-float"}
