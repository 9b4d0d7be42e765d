"""Every kind of mail as mail programs show it: nothing is wider than the screen or cut, every button is one, and axe has no objection.

The mails are those of the demo's gallery, made by the verbs that send them; the words of the second round are as long as people make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from committees.models import Committee
from members.models import User
from portal.demo import mail_programs
from portal.demo.letters import one_of_each
from tests.browser.looking import PROBLEMS, violations

LOOKS: dict[str, tuple[Callable[[str], str], int, bool]] = {
    "320 px": (str, 320, False),
    "390 px with text twice as large": (str, 390, True),
    "its own dark": (mail_programs.in_its_own_dark, 390, False),
    "forced dark, as Android": (mail_programs.darkened_partly, 390, False),
    "forced dark, as Outlook on the web": (mail_programs.darkened_wholly, 390, False),
    "as Outlook for Windows": (mail_programs.as_outlook, 720, False),
    "without its styles": (lambda html: mail_programs.STYLES.sub("", html), 390, False),
}
# A mail stands in the page of a mail program, which has the landmarks and the heading.
OF_PAGES = {"region", "landmark-one-main", "page-has-heading-one"}
LARGER = """() => {
  const sizes = [...document.querySelectorAll("body, body *")].map((each) => [each, getComputedStyle(each)])
    .map(([each, style]) => [each, parseFloat(style.fontSize), parseFloat(style.lineHeight)])
  for (const [each, size, line] of sizes) {
    each.style.fontSize = `${2 * size}px`
    if (line) each.style.lineHeight = `${2 * line}px`
  }
}"""
# A button is the cell around its link; in a program that knows no padding of links the cell is what is seen.
TARGETS = """(touched) => {
  const found = []
  for (const cell of document.querySelectorAll(".btn")) {
    const style = getComputedStyle(cell), box = cell.getBoundingClientRect(), words = cell.textContent.trim()
    if (box.height < 44 || box.width < 44) found.push(`the button “${words}” is ${box.width} by ${box.height} px`)
    if (style.backgroundColor === "rgba(0, 0, 0, 0)") found.push(`the button “${words}” has no color`)
    if (parseFloat(style.borderTopWidth) < 1) found.push(`the button “${words}” has no border`)
  }
  for (const link of touched ? document.querySelectorAll("a") : []) {
    const heights = [...link.getClientRects()].map((box) => box.height)
    if (Math.max(...heights) < 44) found.push(`the link “${link.textContent.trim()}” is ${Math.max(...heights)} px high`)
  }
  return found
}"""


@pytest.fixture
def network(transactional_db, load_demo, settings, tmp_path) -> None:
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    load_demo()


def long_words() -> None:
    """Names and addresses as long as forms take them, without a place to break."""
    Committee.objects.update(name=Concat(F("name"), Value(" Intergovernmental-Counterrevolutionaries")))
    email = f"{'maria-de-los-angeles.' * 2}villanueva@very-long-name-of-a-city-council.example"
    User.objects.filter(email="teresa@portal.example").update(
        name="Teresa Wolfeschlegelsteinhausenbergerdorff-Villanueva"
    )
    User.objects.filter(email="marcus@portal.example").update(name=email)


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize("longer", [False, True], ids=["as they are", "long words"])
def test_every_kind_of_mail_stands_what_mail_programs_do(network, browser, longer):
    if longer:
        long_words()
    mails = {kind: str(mail.message().alternatives[0][0]) for kind, mail in sorted(one_of_each().items())}
    wrong: list[str] = []
    for look, (change, width, larger) in LOOKS.items():
        page = browser.new_page(viewport={"width": width, "height": 844})
        for kind, html in mails.items():
            page.set_content(change(html))
            if larger:
                page.evaluate(LARGER)
            found = [*objections(page), *page.evaluate(PROBLEMS), *page.evaluate(TARGETS, "Outlook for" not in look)]
            wrong += [f"{kind}, {look}: {problem}" for problem in found]
        page.close()
    assert not wrong, "\n".join(wrong)


def objections(page) -> Iterator[str]:
    for rule in violations(page):
        if rule["id"] not in OF_PAGES:
            yield f"{rule['id']}: {rule['nodes'][0]['html'][:120]} {rule['nodes'][0]['failureSummary'][:300]}"
