// Reordering an agenda by its handles: drag with a pointer, or Space, arrow keys, Space. The menu's Move up and Move down do the same.
let lifted = null // { row, list, from, pointer }
let moved = null // where a row was before the move that is on its way: { row, list, from }
let waiting = null // the item whose handle gets the focus back after the server answered

const rows = (list) => [...list.querySelectorAll("[data-item]")]
const say = (text) => document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))

function reveal() {
  for (const list of document.querySelectorAll("[data-builder]")) {
    list.classList.add("builder--script")
    for (const handle of list.querySelectorAll("[data-handle]")) handle.hidden = false
  }
}

function lift(row, pointer) {
  const list = row.closest("[data-builder]")
  lifted = { row, list, from: rows(list).indexOf(row), pointer }
  row.classList.add("builder__row--lifted")
  list.classList.add("builder--dragging")
}

function place(to, { row, list } = lifted) {
  const others = rows(list).filter((each) => each !== row)
  const index = Math.max(0, Math.min(to, others.length))
  list.insertBefore(row, others[index] ?? null)
  return index
}

function settle(keep) {
  const { row, list, from } = lifted
  row.classList.remove("builder__row--lifted")
  list.classList.remove("builder--dragging")
  const to = rows(list).indexOf(row)
  if (!keep) {
    place(from)
    row.querySelector("[data-handle]").focus() // which it lost on its way back
  }
  lifted = null
  if (!keep || to === from) return
  waiting = row.dataset.item
  moved = { row, list, from }
  const token = row.querySelector("[name=csrfmiddlewaretoken]").value
  window.htmx.ajax("POST", row.dataset.shift, { target: "#builder", swap: "outerHTML", values: { to, csrfmiddlewaretoken: token } })
}

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]")
  if (!handle || event.button) return
  event.preventDefault()
  handle.focus()
  handle.setPointerCapture(event.pointerId)
  lift(handle.closest("[data-item]"), event.pointerId)
})

document.addEventListener("pointermove", (event) => {
  if (lifted?.pointer !== event.pointerId) return
  const others = rows(lifted.list).filter((each) => each !== lifted.row)
  const above = others.filter((each) => {
    const box = each.getBoundingClientRect()
    return event.clientY > box.top + box.height / 2
  })
  place(above.length)
})

document.addEventListener("pointerup", (event) => {
  if (lifted?.pointer === event.pointerId) settle(true)
})
document.addEventListener("pointercancel", (event) => {
  if (lifted?.pointer === event.pointerId) settle(false)
})

const number = (row) => rows(row.closest("[data-builder]")).indexOf(row) + 1

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-handle]")
  if (!handle) return
  const row = handle.closest("[data-item]")
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault()
    if (lifted) return settle(true)
    lift(row, null)
    return say(`${number(row)}`)
  }
  if (!lifted) return
  if (event.key === "Escape") return settle(false)
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  if (!step) return
  event.preventDefault()
  place(number(row) - 1 + step)
  handle.focus()
  say(`${number(row)}`)
})

// The move didn't save and is left: the row goes back.
document.addEventListener("portal:left", (event) => {
  if (moved?.row.dataset.shift !== event.detail) return
  place(moved.from, moved)
  moved.row.querySelector("[data-handle]").focus()
  moved = null
})

document.addEventListener("focusout", (event) => {
  if (lifted && lifted.pointer === null && lifted.row.contains(event.target) && event.relatedTarget && !lifted.row.contains(event.relatedTarget)) settle(false)
})

// Who types on while a move is on its way keeps the field, the words and the place in them.
let typing = null
document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
  const field = document.activeElement
  const itsOwn = requestConfig?.elt?.closest?.("form")?.contains(field)
  typing = target.id === "builder" && !itsOwn && field.matches("#builder input[type=text][id], #builder input[id]:not([type]), #builder textarea[id]") ? { id: field.id, value: field.value, at: field.selectionStart } : null
})

function typeOn() {
  const { id, value, at } = typing
  typing = null
  const field = document.getElementById(id)
  if (!field) return false
  field.value = value
  field.focus()
  field.setSelectionRange(at, at)
  return true
}

// WebKit lays the page out once without what a container with queries holds, and comes to rest higher up: back to where it was.
let at = null
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  at = target.id === "builder" ? scrollY : null
})
document.addEventListener("htmx:afterSwap", () => {
  if (typing && typeOn()) waiting = null // now, not when it settled: what is typed in between counts too
  if (at !== null && scrollY < at) scrollTo({ top: at, behavior: "instant" })
  at = null
})

// The focus stays with the control that was pressed, or comes to the nearest that is left: a menu closes, a row goes, a form opens.
let pressed = null
document.addEventListener("htmx:beforeRequest", ({ target, detail: { requestConfig: { verb, path, triggeringEvent } } }) => {
  if (target.getAttribute("hx-post") === null && target.getAttribute("hx-get") === null) return
  const row = target.closest("[data-item]") ?? document.querySelector("[data-open]")
  pressed = {
    id: (triggeringEvent?.submitter ?? target).id,
    item: row?.dataset.item ?? path.match(/\/agenda\/(\d+)\//)?.[1],
    at: row ? number(row) - 1 : 0,
    opens: verb === "get" && path.includes("item="),
  }
})

function keepFocus() {
  const { id, item, at, opens } = pressed
  pressed = null
  if (document.activeElement !== document.body) return
  const list = document.querySelector("[data-builder]")
  const row = list?.querySelector(`[data-item="${item}"]`) ?? (list && rows(list).at(Math.min(at, rows(list).length - 1)))
  const control = opens ? document.getElementById("item-form") : (id && document.getElementById(id)) || row?.querySelector("summary")
  control?.focus({ preventScroll: opens })
  const top = opens && control ? control.getBoundingClientRect().top : 0
  if (top < 0 || top > innerHeight / 2) control.scrollIntoView() // a form may be taller than the screen: its heading is what is looked for
}

document.addEventListener("htmx:afterSettle", () => {
  reveal()
  if (pressed && !waiting) keepFocus()
  const row = waiting && document.querySelector(`[data-item="${waiting}"]`)
  waiting = null
  if (!row) return
  row.querySelector("[data-handle]").focus()
  say(`${number(row)}, ${row.querySelector(".builder__at").textContent.trim()}`)
})

reveal()
