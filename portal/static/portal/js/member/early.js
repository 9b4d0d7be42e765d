// What was chosen before htmx listened (on a slow network, or by a browser that fills a form in again) counts as chosen now.
// A form that saves is asked only on a fresh visit: what a browser puts back is not what somebody did on this page.
const [visit] = performance.getEntriesByType("navigation")

function isAsSent(field) {
  if (field.matches("select")) {
    const sent = [...field.options].filter((option) => option.defaultSelected)
    return sent.length ? sent.every((option) => option.selected) : field.selectedIndex <= 0
  }
  if (["checkbox", "radio"].includes(field.type)) return field.checked === field.defaultChecked
  return field.value === field.defaultValue
}

function tell(holder) {
  const fields = [...holder.elements].filter((each) => each.matches("input:not([type=hidden]), select, textarea"))
  const changed = fields.find((each) => !each.disabled && !isAsSent(each))
  if (!changed) return
  if (holder.getAttribute("hx-trigger").includes("submit")) return holder.requestSubmit()
  for (const kind of ["input", "change"]) changed.dispatchEvent(new Event(kind, { bubbles: true }))
}

// After htmx, whose listener for the same event is older.
if (window.htmx) document.addEventListener("DOMContentLoaded", () => {
  for (const holder of document.querySelectorAll(":is(form, fieldset)[hx-trigger]")) {
    if (holder.matches("[hx-get]") || visit?.type === "navigate") tell(holder)
  }
})
