// Settings save each change as it is made. The button is for browsers without script, and for when that failed.
const forms = () => document.querySelectorAll("form[data-saving]")

function offer(form, button) {
  const part = form.querySelector("[data-save]")
  if (part) part.hidden = !button
}

if (window.htmx) for (const form of forms()) offer(form, false)

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const form = event.target.closest?.("form[data-saving]")
    if (!form) return
    form.querySelector(".said__pill")?.remove()
    offer(form, true)
  })
}
document.addEventListener("reset", (event) => { if (event.target.matches("form[data-saving]")) offer(event.target, false) })
document.addEventListener("htmx:afterOnLoad", (event) => {
  const form = event.detail.requestConfig.elt.closest?.("form[data-saving]")
  if (form && event.detail.successful) offer(form, false)
})
