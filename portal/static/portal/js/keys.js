// Single keys press the control that names them (data-key="a"). Never while typing; a setting turns them off (WCAG 2.1.4).
const on = document.documentElement.dataset.keys !== "off"

document.addEventListener("keydown", (event) => {
  if (!on || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return
  const control = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)
  if (!control) return
  event.preventDefault()
  control.click()
})
if (!on) for (const hint of document.querySelectorAll("kbd[data-key-hint]")) hint.hidden = true
