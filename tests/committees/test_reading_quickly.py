"""No part of an office file keeps the reader busy: what is no markup is seen before it is read."""

import time

import pytest

from committees.documents.reader import Enough, paragraphs_of

SIZE = 400_000
PARTS = {
    "open signs": "<" * SIZE,
    "open signs among few ends": "<<<<" * (SIZE // 4) + ">",
    "one endless name": "<" + "a" * SIZE,
    "endless names": ("<" + "a" * 2000) * (SIZE // 2000),
    "one endless tag": "<a " + "x/" * (SIZE // 2),
    "endless prefixes": "<" + "a:" * (SIZE // 2),
    "open signs with ends": "<>" * (SIZE // 2),
    "a quarter of tags": "<<<p>" * (SIZE // 8),
}


@pytest.mark.parametrize("which", PARTS)
def test_what_is_no_markup_costs_little(which):
    began = time.process_time()
    list(paragraphs_of(PARTS[which], {"p"}, "", Enough()))
    assert time.process_time() - began < 1.5


def test_markup_is_read_as_before():
    page = '<w:p a="b/"><w:t>One &lt; two</w:t></w:p><w:p/><p><w:t>Three</w:t><w:br/>four<w:annotation>x</w:annotation></p>'
    assert list(filter(None, paragraphs_of(page, {"p"}, "", Enough()))) == ["One < two", "Three\nfour"]
    assert list(filter(None, paragraphs_of("<p>2 < 3</p>", {"p"}, "", Enough()))) == ["2 3"]
