import pytest

from committees.markdown import to_html, to_text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](javascript:alert(1))",
        "<iframe src='https://evil.example'></iframe>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='https://a.example' onclick='alert(1)'>x</a>",
        "<style>*{display:none}</style>",
    ],
)
def test_nothing_active_comes_through(text):
    html = to_html(text).lower()
    for active in ("<script", "<img", "<iframe", "<style", 'href="javascript', 'href="data', 'onclick="', "<a onclick"):
        assert active not in html


def test_links_and_headings_fit_the_page():
    assert (
        to_html("# Why\n\n[Rules](https://a.example/x)")
        == '<h2>Why</h2>\n<p><a href="https://a.example/x" rel="noopener">Rules</a></p>\n'
    )


def test_a_whole_address_is_a_link_and_nothing_else_becomes_one():
    html = to_html("See https://a.example/x?y=1. Not a.example, budget.In, mo@a.example or //a.example")
    assert html.count("<a ") == 1 and '<a href="https://a.example/x?y=1" rel="noopener">' in html


def test_the_words_alone():
    assert to_text("# Why & how\n\n**Because** <b>") == "Why & how Because <b>"
