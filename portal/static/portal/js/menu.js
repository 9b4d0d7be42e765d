// Menus are <details>; script closes them on Escape and on a click elsewhere, and one at a time.
const open = () => [...document.querySelectorAll("details[data-menu][open]")].filter((menu) => menu.dataset.menu !== "stay")

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false
})

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return
  for (const menu of open()) {
    menu.open = false
    menu.querySelector("summary").focus()
  }
})

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false
})
