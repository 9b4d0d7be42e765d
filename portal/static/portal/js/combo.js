// A text field with a list under it (WAI-ARIA combobox, list autocomplete): of places, which are picked, or of what search
// suggests, which is gone to. Without script the form looks the words up.
const WAIT = 150

function start(box) {
  const field = box.querySelector("input[type=text], input[type=search]")
  const picked = box.querySelector("input[type=hidden][name=jurisdiction]")
  const list = box.querySelector("[role=listbox]") ?? append()
  let timer, asked

  const options = () => [...list.querySelectorAll("[role=option]")]
  const active = () => list.querySelector("[aria-selected=true]")
  const say = (text) => document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))

  field.type = "text" // a search field may not be a combobox
  field.autocomplete = "off"
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) field.setAttribute(name, value)

  function append() {
    const made = Object.assign(document.createElement("ul"), { id: "suggestions", className: "combo__list", hidden: true })
    made.setAttribute("role", "listbox")
    made.setAttribute("aria-label", field.getAttribute("aria-label"))
    return box.appendChild(made)
  }

  function show(open) {
    list.hidden = !open
    field.setAttribute("aria-expanded", String(open))
    if (!open) mark(null)
  }

  function mark(option) {
    active()?.setAttribute("aria-selected", "false")
    if (!option) return field.removeAttribute("aria-activedescendant")
    option.setAttribute("aria-selected", "true")
    field.setAttribute("aria-activedescendant", option.id)
    option.scrollIntoView({ block: "nearest" })
  }

  function choose(option) {
    if (option.dataset.url) return location.assign(option.dataset.url)
    field.value = option.dataset.label
    picked.value = option.dataset.value
    for (const radio of box.querySelectorAll("input[type=radio]")) radio.checked = false
    show(false)
    say(option.dataset.label)
  }

  async function ask() {
    asked?.abort()
    asked = new AbortController()
    const query = new URLSearchParams({ q: field.value, prefer: box.dataset.prefer ?? "" })
    try {
      const response = await fetch(`${box.dataset.combo}?${query}`, { headers: { "HX-Request": "true" }, signal: asked.signal })
      if (!response.ok) return show(false)
      list.innerHTML = await response.text()
    } catch {
      return
    }
    const count = options().length
    const spoken = list.querySelector("[data-spoken]")
    show([...list.children].some((each) => !each.hidden))
    if (spoken) say(spoken.dataset.spoken)
    else if (list.children.length) say(count ? box.dataset.found.replace("%d", count) : box.dataset.none)
  }

  function move(step) {
    const all = options()
    if (list.hidden || !all.length) return ask()
    const place = all.indexOf(active())
    mark(all[place < 0 && step < 0 ? all.length - 1 : (place + step + all.length) % all.length])
  }

  field.addEventListener("input", () => {
    if (picked) picked.value = ""
    clearTimeout(timer)
    if (field.value.trim().length < 2) return show(false)
    timer = setTimeout(ask, WAIT)
  })

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      move(event.key === "ArrowDown" ? 1 : -1)
    } else if (event.key === "Enter" && active() && !list.hidden) {
      event.preventDefault()
      choose(active())
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault()
      show(false)
    }
  })

  field.addEventListener("blur", () => { clearTimeout(timer); asked?.abort(); show(false) })
  list.addEventListener("mousedown", (event) => event.preventDefault())
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]")
    if (option) choose(option)
  })
}

for (const box of document.querySelectorAll("[data-combo]")) start(box)
