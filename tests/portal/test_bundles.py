import re

import brotli

from portal import bundles


def test_committed_bundles_equal_their_sources():
    for path, text in bundles.contents().items():
        assert path.read_text() == text, f"run manage.py bundle_assets ({path.name})"


def test_stylesheet_stays_within_its_budget():
    assert len(brotli.compress(bundles.stylesheet().encode())) <= 15_000  # bytes, as browsers get it


def test_dark_values_of_the_system_and_of_the_reader_are_the_same():
    tokens = (bundles.STATIC / "css" / "tokens.css").read_text()
    system = re.search(r":root:not\(\[data-theme=\"light\"\]\) \{(.*?)\}", tokens, re.DOTALL)
    reader = re.search(r":root\[data-theme=\"dark\"\] \{(.*?)\}", tokens, re.DOTALL)
    assert system and reader
    assert system[1].split() == reader[1].split()
