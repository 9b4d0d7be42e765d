// Small helps: copy an address, print, `/` or Ctrl/Cmd-K to search. Their buttons are hidden until script shows them.
function reveal(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden], [data-print][hidden]")) button.hidden = false
}
reveal(document)
document.addEventListener("htmx:afterSwap", () => reveal(document))

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy)
  } catch {
    window.prompt(button.textContent.trim(), button.dataset.copy)
    return
  }
  document.dispatchEvent(new CustomEvent("portal:toast", { detail: { value: button.dataset.copied } }))
}

document.addEventListener("click", (event) => {
  const copied = event.target.closest("[data-copy]")
  if (copied) copy(copied)
  if (event.target.closest("[data-print]")) window.print()
})

// Which clock the device is set to: a sentence about a sign-in names its place.
for (const field of document.querySelectorAll("[data-clock]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""

const typing = (target) => target.closest("input, textarea, select, [contenteditable]")
const singleKeys = document.documentElement.dataset.keys !== "off"

document.addEventListener("keydown", (event) => {
  const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k"
  const slash = event.key === "/" && singleKeys && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)
  if (!palette && !slash) return
  const field = [...document.querySelectorAll(".top__search input")].find((each) => each.offsetParent)
  const link = document.querySelector(".top__icon[href]")
  if (!field && !link) return
  event.preventDefault()
  if (field) field.focus()
  else link.click()
})
