import re

import brotli
from django.conf import settings

from portal import bundles


def test_bundles_are_written_where_they_are_missing_or_stale(monkeypatch, tmp_path):
    for folder in ("css/desk", "js"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    (tmp_path / "css" / "a.css").write_text("a { color: red; }  /* why */")
    assert [path.name for path in bundles.write()] == ["app.css", "desk.css", "agenda.css", "app.js", "member.js"]
    assert (tmp_path / "app.css").read_text() == "a{color:red}"
    assert bundles.write() == []
    (tmp_path / "js" / "b.js").write_text("b()")
    assert [path.name for path in bundles.write()] == ["app.js"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "agenda.css",
        "app.css",
        "app.js",
        "desk.css",
        "member.js",
    ]


def test_bundles_are_built_and_never_committed():
    ignored = (settings.BASE_DIR / ".gitignore").read_text().splitlines()
    assert {f"/{path.relative_to(settings.BASE_DIR)}" for path in bundles.contents()} <= set(ignored)


def test_neighbors_in_one_layer_share_it(monkeypatch, tmp_path):
    (tmp_path / "css").mkdir()
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    for name, text in {
        "a": "@layer base { a { color: red; } }",
        "b": "@layer parts { @media print { b { color: red; } } }",
        "c": "@layer parts { c { color: red; } }",
        "d": "@layer parts { d { color: red; } } e { color: red; }",
        "f": "@layer parts { f { color: red; } }",
    }.items():
        (tmp_path / "css" / f"{name}.css").write_text(text)
    assert bundles.stylesheet() == (
        "@layer base{a{color:red}}@layer parts{@media print{b{color:red}}c{color:red}}"
        "@layer parts{d{color:red}}e{color:red}@layer parts{f{color:red}}"
    )


def test_scripts_are_sent_without_indents_and_comments():
    sources = [source.read_text() for source in sorted((bundles.STATIC / "js").rglob("*.js"))]
    assert [
        text for text in sources if any(line.count("`") % 2 for line in text.splitlines())
    ] == []  # a text over lines
    bare = bundles.script().splitlines()[1:] + bundles.script("js/member").splitlines()[1:]
    assert [line for line in bare if line != line.strip() or not line or line.startswith("//")] == []


def test_stylesheet_stays_within_its_budget():
    assert len(brotli.compress(bundles.stylesheet().encode())) <= 14_200  # bytes, as browsers get it


def test_dark_values_of_the_system_and_of_the_reader_are_the_same():
    tokens = (bundles.STATIC / "css" / "tokens.css").read_text()
    system = re.search(r":root:not\(\[data-theme=\"light\"\]\) \{(.*?)\}", tokens, re.DOTALL)
    reader = re.search(r":root\[data-theme=\"dark\"\] \{(.*?)\}", tokens, re.DOTALL)
    assert system and reader
    assert system[1].split() == reader[1].split()
