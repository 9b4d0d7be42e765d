// Below a field that searches while one types: the arrow keys go through what was found, Escape comes back to the field.
const near = (element) => document.querySelector(element.closest("form[role=search][hx-target]")?.getAttribute("hx-target") ?? "_")
const links = (results) => [...results.querySelectorAll("a.row__title")]

// Back to a list as it stood: WebKit sets fields without autocomplete to what they were sent with, so that follows the typing.
document.addEventListener("input", ({ target }) => {
  if (target.matches("form[role=search][hx-get] [type=search]")) target.defaultValue = target.value
})

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const field = event.target.closest("form[role=search] [type=search]")
  if (field && event.key === "ArrowDown") {
    const first = near(field) && links(near(field))[0]
    if (first) { event.preventDefault(); first.focus() }
    return
  }
  const results = event.target.closest("a.row__title")?.closest("#results")
  const back = document.querySelector("form[role=search][hx-target='#results'] [type=search]")
  if (!results || !back || !(step || event.key === "Escape")) return
  event.preventDefault()
  const all = links(results)
  const next = step ? all[all.indexOf(event.target) + step] : back
  if (next) next.focus()
  else if (step < 0) back.focus()
})
