// A form that makes something rests after the first press: a second tap while it is on its way is the same tap.
// (The server knows it too, by the form's key; this saves the wait.)
const REST = 8000
const keyed = (target) => target.closest?.("form")?.querySelector("[data-once]")?.form

function rest(form) {
  form.setAttribute("aria-busy", "true")
  form.resting = setTimeout(() => wake(form), REST)
}

function wake(form) {
  clearTimeout(form.resting)
  form.removeAttribute("aria-busy")
}

document.addEventListener("submit", (event) => {
  const form = keyed(event.target)
  if (!form) return
  if (!form.hasAttribute("aria-busy")) return rest(form)
  event.preventDefault()
  event.stopImmediatePropagation()
}, true)

document.addEventListener("htmx:afterRequest", (event) => {
  const form = keyed(event.target)
  if (form) wake(form)
})

// Back shows the page as it was left: with the form asleep.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) wake(form)
})
