"""What a person or axe would object to on the page that stands in the browser now."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

WIDE_TEXT = ("200% text at 390 px", 390, "200%")
VIEWS = [WIDE_TEXT, ("320 px", 320, ""), ("390 px", 390, ""), ("1280 px", 1280, "")]
# What axe asks of colors, two thirds of its work.
OF_COLORS = ["color-contrast", "link-in-text-block"]
NO_COLORS = {rule: {"enabled": False} for rule in OF_COLORS}

# Text that stands on other text. Line boxes are taller than the letters, so a fifth of each is left out above and below;
# what is fixed stands over the page on purpose and is compared with its like only.
PROBLEMS = """() => {
  const right = (element) => element.getBoundingClientRect().right
  const desk = window.innerWidth >= 960 // where wide tables may slide, and panes have bars that stick
  const found = [], wide = document.documentElement.scrollWidth - window.innerWidth
  if (wide > 0) {
    const edge = window.innerWidth + 1
    const out = [...document.querySelectorAll("body *")].filter((each) => right(each) > edge && right(each.parentElement) <= edge)
    found.push(`scrolls sideways by ${wide} px: ${out.map((each) => each.outerHTML.slice(0, 90))}`)
  }
  // Safari on an iPhone draws nearer to a field of smaller text, and stays there.
  for (const field of document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=hidden], [type=file]), select, textarea"))
    if (window.innerWidth < 960 && parseFloat(getComputedStyle(field).fontSize) < 16) found.push(`a field has text of less than 16 px: ${field.outerHTML.slice(0, 90)}`)
  const words = (element) => {
    const range = document.createRange()
    range.selectNodeContents(element)
    return range.getBoundingClientRect().right
  }
  for (const table of document.querySelectorAll(".table-wrap, .sheet"))
    if (!desk && table.scrollWidth > table.clientWidth + 1) found.push(`a table slides sideways: ${[...table.querySelectorAll("*")].filter((each) => words(each) > right(table) + 1).map((each) => each.outerHTML.slice(0, 60)).slice(0, 3)}`)
  const fixed = (element) => {
    for (; element; element = element.parentElement) if (["fixed", "sticky"].includes(getComputedStyle(element).position)) return true
    return false
  }
  const unseen = (element) => {
    for (; element; element = element.parentElement) if (getComputedStyle(element).clipPath === "inset(50%)" || element.matches(".skip")) return true
    return false
  }
  const scrolls = (element) => {
    for (; element; element = element.parentElement) if (["auto", "scroll"].includes(getComputedStyle(element).overflowX)) return true
    return false
  }
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, .row__title")) {
    if (!heading.checkVisibility({opacityProperty: true, visibilityProperty: true}) || unseen(heading)) continue
    const parts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT)
    while (parts.nextNode())
      for (const word of parts.currentNode.data.matchAll(/(?<![\\p{L}@.’-])\\p{L}{1,12}(?![\\p{L}@.’-])/gu)) {
        const range = document.createRange()
        range.setStart(parts.currentNode, word.index)
        range.setEnd(parts.currentNode, word.index + word[0].length)
        const lines = new Set([...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.top)))
        if (lines.size > 1) found.push(`“${word[0]}” is broken in the heading “${heading.textContent.trim().slice(0, 40)}”`)
      }
  }
  const boxes = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement
    if (!node.data.trim() || !parent.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue
    if (parent.closest("svg, option") || unseen(parent)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const apart = fixed(parent), slides = scrolls(parent), within = parent.closest("button, .btn, .chip, .badge, .count")
    for (const box of range.getClientRects()) {
      if (box.width <= 1 || box.height <= 1) continue
      if (box.right > window.innerWidth + 1 && !slides) found.push(`“${node.data.trim().slice(0, 40)}” is cut off`)
      if (within && box.right > right(within) + 1) found.push(`“${node.data.trim().slice(0, 40)}” stands out of what holds it`)
      boxes.push({parent, apart, text: node.data.trim(), left: box.left, right: box.right, top: box.top + box.height / 5, bottom: box.bottom - box.height / 5})
    }
  }
  boxes.sort((one, other) => one.top - other.top)
  for (const [n, one] of desk ? [] : boxes.entries())
    for (const other of boxes.slice(n + 1)) {
      if (other.top > one.bottom) break
      if (one.parent === other.parent || one.apart !== other.apart) continue
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left)
      const down = Math.min(one.bottom, other.bottom) - other.top
      if (across > 2 && down > 2) found.push(`“${one.text.slice(0, 40)}” and “${other.text.slice(0, 40)}” overlap`)
    }
  return found.slice(0, 3)
}"""


def violations(page: Any, options: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What axe objects to on the page as it stands. A document is handed axe, half a megabyte of script, once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    run = "given => axe.run(document, {resultTypes: ['violations'], ...given}).then(found => found.violations)"
    return page.evaluate(run, options or {})


def objections(page: Any, *schemes: str, options: dict[str, Any] | None = None) -> list[str]:
    """Axe, in each of these color schemes: `light`, `dark`; as the page stands when none is named.

    All rules in the first; in the second those of colors, which are all that differs (tests/portal/test_bundles.py).
    """
    found = []
    page.wait_for_load_state()  # a link was followed a moment ago: half a page lacks what follows
    for place, scheme in enumerate(schemes or ("",)):
        if scheme:
            page.emulate_media(color_scheme=scheme)
        objects = violations(page, {"runOnly": OF_COLORS} if place else options)
        found += [f"{scheme} {rule['id']}: {rule['nodes'][0]['html'][:120]}".strip() for rule in objects]
    return found


def tight_spots(page: Any, views: Any = VIEWS, options: dict[str, Any] | None = None) -> list[str]:
    """What scrolls sideways, overlaps, is cut or breaks: with text twice as large on a phone, on narrow phones, and on a desk.

    With the large text axe looks as well.
    """
    before, found = page.viewport_size, []
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => true)")  # in another font the words are wider
    for view, width, size in views:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        wrong = page.evaluate(PROBLEMS) + (objections(page, options=options) if size else [])
        found += [f"with {view}: {problem}" for problem in wrong]
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(before)
    return found


def everything(page: Any) -> list[str]:
    """One page load, all there is to say about it. Of large text less contrast is asked than what was seen of small text."""
    return objections(page, "light", "dark") + tight_spots(page, options={"rules": NO_COLORS})
