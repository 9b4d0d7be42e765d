"""What the style sheets promise on every page: how they are put together, what older browsers get, where the eye and the key go."""

import re

import pytest

from members.models import User
from portal import bundles
from tests.browser.conftest import cookies_of
from tests.browser.test_pages import addresses, network  # noqa: F401

WIDTHS = (390, 1280)
FOLDERS = {"app": "css"} | {part: f"css/{part}" for part in bundles.parts()}
MAIN = {
    "": ["/", "/issues/economic-justice/", "/committees/", "/apply/", "/account/login/", "{publication}"],
    "teresa@portal.example": [
        "/",
        "/calls/",
        "{call}",
        "/committees/economic-justice/",
        "/committees/economic-justice/people/",
        "/people/",
        "/search/?q=wage",
        "/settings/notifications/",
        "/settings/privacy/",
        "/settings/details/",
        "{document}",
        "{call}print/",
    ],
    "denise@portal.example": ["{call}edit/", "{call}agenda/"],
    "admin@portal.example": [
        "/staff/",
        "/staff/applications/{application}/",
        "/staff/members/",
        "/staff/messages/",
        "/staff/publications/new/",
    ],
}
DIFFERENCES = """([sent, written, names]) => {
  const alike = new Map()
  for (const element of document.querySelectorAll("body, body *")) {
    const kind = [element.parentElement.parentElement, element.parentElement, element].map((each) => each && each.cloneNode().outerHTML.replace(/(href|src|datetime|value|id|d)="[^"]*"/g, "")).join("")
    if (!alike.has(kind)) alike.set(kind, element)
  }
  const looks = () => [...alike.values()].flatMap((element) => ["", "::before", "::after"].map((part) => {
    const style = getComputedStyle(element, part || null)
    return part && style.content === "none" ? null : [`${element.tagName}.${element.getAttribute("class")}${part}`, names.map((name) => style.getPropertyValue(name))]
  })).filter(Boolean)
  for (const each of document.styleSheets) each.disabled = true
  const [one, other] = [sent, written].map((rules) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(rules)
    document.adoptedStyleSheets = [sheet]
    return looks()
  })
  document.adoptedStyleSheets = []
  for (const each of document.styleSheets) each.disabled = false
  if (one.length !== other.length) return ["not the same parts"]
  return one.flatMap(([name, values], n) => values.flatMap((value, m) => value === other[n][1][m] ? [] : [`${name} ${names[m]}: ${value}, as written ${other[n][1][m]}`]))
}"""


@pytest.fixture
def visits(network, browser, live_server, sign_in):  # noqa: F811
    """Each page in turn, as its visitor sees it."""

    def pages(places, **options):
        for email, templates in places.items():
            context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
            if email:
                client = sign_in(User.objects.get(email=email), strong=True)
                context.add_cookies(cookies_of(client, live_server.url))
            page = context.new_page()
            for address in addresses(templates):
                yield page, address
            context.close()

    return pages


def as_written(folder: str) -> str:
    return "".join(source.read_text() for source in sorted((bundles.STATIC / folder).glob("*.css")))


MUST_STAND_STILL = """() => { for (const each of document.querySelectorAll("body *")) if (getComputedStyle(each).position === "sticky") each.style.position = "static" }"""
FOCUS = """() => {
  const element = document.activeElement
  if (element === document.body || element.matches(".skip, .toasts *")) return null
  const box = element.getBoundingClientRect()
  let x = 0, y = 0
  for (let each = element.parentElement; each; each = each.parentElement) x += each.scrollLeft, y += each.scrollTop
  return {what: element.outerHTML.slice(0, 90), left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y}
}"""
READ = {
    "": ["/", "/issues/economic-justice/"],
    "teresa@portal.example": ["/", "{call}", "/committees/economic-justice/", "/people/", "/settings/notifications/"],
    "admin@portal.example": ["/staff/"],
}


def goes_back(one, other) -> bool:
    """Up without being further to the right, or back within a row."""
    if other["bottom"] <= one["top"] + 1:
        return other["left"] < one["right"] - 1
    return other["right"] <= one["left"] + 1 and other["top"] < one["bottom"] - 1


@pytest.mark.thorough
@pytest.mark.timeout(400)
def test_the_tab_key_goes_where_the_eye_goes(visits):
    wrong = []
    for width in WIDTHS:
        for page, address in visits(READ, viewport={"width": width, "height": 900}):
            page.goto(address)
            page.evaluate(MUST_STAND_STILL)
            before = None
            for _ in range(45):
                page.keyboard.press("Tab")
                now = page.evaluate(FOCUS)
                if before and now and goes_back(before, now):
                    wrong.append(f"{address} at {width}: from {before} back to {now}")
                before = now
    assert wrong == []


KEPT_IN_2022 = ["display", "visibility", "color", "background-color", "fill", "content", "font-family", "position"]
NEW = re.compile(
    r":has\(|\d(?:cq|[dls]v)[a-z]+|color-mix\(|light-dark\(|oklch\(|@(?:layer|container|scope|starting-style)"
)


def as_read_in_2022(css: str) -> str:
    """What a browser at the plain floor (docs/browsers.md) makes of a sheet, by the error handling of CSS."""
    read = ""
    for opening, rules in bundles._rules(css):
        if NEW.search(opening):
            continue
        if opening.startswith(("@media", "@supports")):
            read += f"{opening}{{{as_read_in_2022(rules)}}}"
        elif opening.startswith("@"):
            read += f"{opening}{{{rules}}}"
        else:
            # In quotes there are semicolons and colons as well.
            declarations = re.findall(r"""((?:[^;"']|"[^"]*"|'[^']*')+);?""", rules)
            read += f"{opening}{{{';'.join(filter(None, map(_declaration_in_2022, declarations)))}}}"
    return read


def _declaration_in_2022(declaration: str) -> str:
    if not NEW.search(declaration):
        return declaration
    name = declaration.partition(":")[0]
    return f"{name}:unset" if "var(" in declaration else ""


def test_an_older_browser_drops_what_the_specification_says():
    assert (
        as_read_in_2022(
            ".a,.b:has(c){color:red}.d{height:1vh;height:1dvh;fill:color-mix(in srgb,var(--e),red)}"
            "@media print{.f{font:600 min(1rem,2cqi)/1 var(--g)}}@layer h{.i{color:red}}"
        )
        == ".d{height:1vh;fill:unset}@media print{.f{font:unset}}"
    )


@pytest.mark.thorough
@pytest.mark.timeout(400)
def test_every_browser_shows_what_is_written(visits):
    """One of today as if what is sent had its layers (portal/bundles.py); one of 2022 the same things in the same colors."""
    names = sorted(set(re.findall(r"[{;]\s*([a-z][a-z-]+):", "".join(map(as_written, FOLDERS.values())))))
    different = []
    for page, address in visits(MAIN):
        page.goto(address)
        loaded = page.evaluate("[...document.styleSheets].map((each) => each.href.match(/portal.(\\w+)/)[1])")
        sent, written = ("".join(put(FOLDERS[name]) for name in loaded) for put in (bundles.stylesheet, as_written))
        comparisons = [(sent, written, names), (as_read_in_2022(sent), sent, KEPT_IN_2022)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for comparison in comparisons:
                different += [f"{address} at {width}: {each}" for each in page.evaluate(DIFFERENCES, list(comparison))]
    assert list(dict.fromkeys(different))[:30] == []
