// Made by `manage.py bundle_assets` from js/*.js; change those.
{
// Reordering an agenda by its handles: drag with a pointer, or Space, arrow keys, Space. The menu's Move up and Move down do the same.
let lifted = null // { row, list, from, pointer }
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

function place(to) {
  const { row, list } = lifted
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
  if (!keep) place(from)
  lifted = null
  if (!keep || to === from) return
  waiting = row.dataset.item
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

document.addEventListener("focusout", (event) => {
  if (lifted && lifted.pointer === null && lifted.row.contains(event.target) && event.relatedTarget && !lifted.row.contains(event.relatedTarget)) settle(false)
})

document.addEventListener("htmx:afterSettle", () => {
  reveal()
  const row = waiting && document.querySelector(`[data-item="${waiting}"]`)
  waiting = null
  if (!row) return
  row.querySelector("[data-handle]").focus()
  say(`${number(row)}, ${row.querySelector(".builder__at").textContent.trim()}`)
})

reveal()
}
{
// A text field with a list of places under it (WAI-ARIA combobox, list autocomplete). Without script the form looks the words up.
const WAIT = 150

function start(box) {
  const field = box.querySelector("input[type=text]")
  const picked = box.querySelector("input[type=hidden][name=jurisdiction]")
  const list = box.querySelector("[role=listbox]")
  let timer, asked

  const options = () => [...list.querySelectorAll("[role=option]")]
  const active = () => list.querySelector("[aria-selected=true]")
  const say = (text) => document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))

  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) field.setAttribute(name, value)

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
    field.value = option.dataset.label
    picked.value = option.dataset.value
    for (const radio of box.querySelectorAll("input[type=radio]")) radio.checked = false
    show(false)
    say(option.dataset.label)
  }

  async function ask() {
    asked?.abort()
    asked = new AbortController()
    const query = new URLSearchParams({ q: field.value, prefer: box.dataset.prefer })
    try {
      const response = await fetch(`${box.dataset.combo}?${query}`, { headers: { "HX-Request": "true" }, signal: asked.signal })
      if (!response.ok) return show(false)
      list.innerHTML = await response.text()
    } catch {
      return
    }
    show(list.children.length > 0)
    const count = options().length
    if (list.children.length) say(count ? box.dataset.found.replace("%d", count) : box.dataset.none)
  }

  function move(step) {
    const all = options()
    if (list.hidden || !all.length) return ask()
    const place = all.indexOf(active())
    mark(all[place < 0 && step < 0 ? all.length - 1 : (place + step + all.length) % all.length])
  }

  field.addEventListener("input", () => {
    picked.value = ""
    clearTimeout(timer)
    if (field.value.trim().length < 2) return show(false)
    timer = setTimeout(ask, WAIT)
  })

  field.addEventListener("keydown", (event) => {
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
}
{
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
}
{
// One polite voice for the whole page: dispatch `portal:say`, or send it as an HX-Trigger header.
const voice = document.getElementById("live")
let queue = Promise.resolve()
let last = { text: "", at: 0 }

// A control and its toast say the same thing: once is enough.
const repeats = (text) => Date.now() - last.at < 3000 && last.text && (text.startsWith(last.text) || last.text.startsWith(text))

document.addEventListener("portal:say", (event) => {
  const text = event.detail?.value
  if (!voice || !text || repeats(text)) return
  last = { text, at: Date.now() }
  queue = queue.then(() => new Promise((done) => {
    voice.textContent = ""
    setTimeout(() => { voice.textContent = text; setTimeout(done, 400) }, 50)
  }))
})

// After a failed form the summary is read first.
document.querySelector("[data-focus]")?.focus()
}
{
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
}
{
// Without a connection the page says so, and how old what it shows is.
const bar = document.getElementById("offline")
const loaded = new Date()

function tell() {
  bar.hidden = navigator.onLine
  bar.querySelector("[data-since]").textContent = loaded.toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" })
}

if (bar) {
  addEventListener("offline", tell)
  addEventListener("online", tell)
  if (!navigator.onLine) tell()
}
}
{
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

const typing = (target) => target.closest("input, textarea, select, [contenteditable]")
const singleKeys = document.documentElement.dataset.keys !== "off"

document.addEventListener("keydown", (event) => {
  const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k"
  const slash = event.key === "/" && singleKeys && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)
  if (!palette && !slash) return
  const field = [...document.querySelectorAll("[data-search]")].find((each) => each.offsetParent)
  const link = document.querySelector(".top__icon[href]")
  if (!field && !link) return
  event.preventDefault()
  if (field) field.focus()
  else link.click()
})
}
{
// Passkeys: a form marked data-passkey ("get" to prove one, "create" to add one) fetches a challenge by POST from
// data-options, asks the browser, and posts the answer in its field `credential`.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0))
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
const listed = (credentials) => credentials?.map((each) => ({ ...each, id: toBytes(each.id) }))

const onAnAddressWithoutName = /^[\d.]+$|:/.test(location.hostname)
const usable = window.PublicKeyCredential && window.isSecureContext && !onAnAddressWithoutName

function prepared(options) {
  const ready = { ...options, challenge: toBytes(options.challenge) }
  if (options.user) ready.user = { ...options.user, id: toBytes(options.user.id) }
  if (options.allowCredentials) ready.allowCredentials = listed(options.allowCredentials)
  if (options.excludeCredentials) ready.excludeCredentials = listed(options.excludeCredentials)
  return ready
}

function answered(credential) {
  const response = {}
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports()
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  }
}

async function ask(form) {
  const reply = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value } })
  if (!reply.ok || reply.redirected) throw new Error(`challenge: ${reply.status}`)
  const publicKey = prepared(await reply.json())
  const credential = form.dataset.passkey === "create" ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey })
  form.elements.credential.value = JSON.stringify(answered(credential))
}

function complain(form, error) {
  const trouble = form.querySelector("[data-trouble]")
  trouble.lastElementChild.textContent = (error.name === "InvalidStateError" && trouble.dataset.known) || trouble.dataset.failed
  trouble.hidden = false
}

async function submit(event) {
  event.preventDefault()
  const form = event.target
  try {
    await ask(form)
  } catch (error) {
    complain(form, error)
    return
  }
  form.submit()
}

if (usable) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false
    form.addEventListener("submit", submit)
  }
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = false
  for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = true
}
}
{
// Answers paint at once, say so, and roll back when they did not save. The server's fragment replaces the control afterwards.
const page = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2)
let clicks = 0

const say = (text) => document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))
const buttons = (form) => [...form.querySelectorAll("button[name=answer]")]

function paint(form, button) {
  for (const each of buttons(form)) each.setAttribute("aria-pressed", String(each === button))
  const group = form.querySelector("fieldset")
  if (button) group.dataset.answer = button.value
  else delete group.dataset.answer
}

function remember(form) {
  const box = form.closest("[data-rsvp-box]")
  const pressed = buttons(form).find((each) => each.getAttribute("aria-pressed") === "true")
  return { box, pressed, said: box.querySelector("[data-rsvp-say]")?.textContent }
}

function rollBack(form) {
  const { box, pressed, said } = form.before
  paint(form, pressed)
  form.removeAttribute("aria-busy")
  box.querySelector("[data-rsvp-say]").textContent = said
  box.querySelector(".notice")?.remove()
  const notice = document.getElementById("answer-failed").content.cloneNode(true)
  notice.querySelector("p").append(` ${pressed?.dataset.still ?? ""}`)
  box.append(notice)
}

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target.closest?.("form[data-rsvp]")
  if (!form) return
  event.detail.parameters.page = page
  event.detail.parameters.click = ++clicks
})

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest?.("form[data-rsvp]")
  if (!form) return
  const button = event.detail.requestConfig.triggeringEvent?.submitter
  if (!form.hasAttribute("aria-busy")) form.before = remember(form)
  form.closest("[data-rsvp-box]").querySelector(".notice")?.remove()
  form.setAttribute("aria-busy", "true")
  if (!button) return
  paint(form, button)
  form.closest("[data-rsvp-box]").querySelector("[data-rsvp-say]").textContent = button.dataset.say
})

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const form = event.target.closest?.("form[data-rsvp]")
    if (form?.before) rollBack(form)
  })
}

// A refusal comes with its reason inside the control: show that instead of the general sentence.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig?.elt?.matches?.("form[data-rsvp]")) return
  if (![400, 409].includes(event.detail.xhr.status)) return
  event.detail.shouldSwap = true
  event.detail.isError = false
})

// The new control takes the focus the old one lost, and the change is announced once.
document.addEventListener("htmx:afterSettle", (event) => {
  const request = event.detail.requestConfig
  if (!request?.elt?.matches?.("form[data-rsvp]")) return
  const box = event.detail.elt.closest("[data-rsvp-box]") ?? event.detail.elt
  const pressed = box.querySelector?.('button[aria-pressed="true"]')
  if (document.activeElement === document.body) pressed?.focus({ preventScroll: true })
  const said = box.querySelector?.("[data-rsvp-say]")?.textContent
  if (said) say(said.trim())
})
}
{
// Tabs that scroll sideways on a phone start at the current one.
for (const current of document.querySelectorAll(".side-nav [aria-current], .tabs [aria-current]")) {
  const bar = current.closest("nav, ul")
  const [place, room] = [current.getBoundingClientRect(), bar.getBoundingClientRect()]
  if (place.right > room.right || place.left < room.left) bar.scrollLeft += place.left - room.left - (room.width - place.width) / 2
}
}
{
// One toast at a time: it stays 8 seconds, waits under pointer and focus, can be closed, and is kept in a log at the page's end.
const LIFE = 8000
const host = document.getElementById("toasts")

function log(text) {
  let list = document.querySelector("#toast-log ol")
  if (!list) {
    const main = document.getElementById("main")
    main?.insertAdjacentHTML("beforeend", '<details class="toast-log" id="toast-log"><summary></summary><ol></ol></details>')
    list = document.querySelector("#toast-log ol")
    if (!list) return
    list.previousElementSibling.textContent = host.dataset.log
  }
  const item = document.createElement("li")
  item.textContent = text
  list.append(item)
}

function start(toast) {
  if (toast.dataset.started) return
  toast.dataset.started = "1"
  for (const older of host.querySelectorAll("[data-started]:not([data-stay])")) if (older !== toast) older.remove()
  const close = toast.querySelector("[data-close]")
  if (close) {
    close.hidden = false
    close.addEventListener("click", () => toast.remove())
  }
  const text = toast.querySelector("p").textContent.trim()
  log(text)
  document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))
  if (toast.hasAttribute("data-stay")) return
  let timer
  const wait = () => { clearTimeout(timer) }
  const run = () => { wait(); timer = setTimeout(() => toast.remove(), LIFE) }
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, wait)
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, run)
  // Hidden first: htmx looks for where to put the answer from the form's own place in the page.
  toast.addEventListener("submit", () => setTimeout(() => { toast.hidden = true; setTimeout(() => toast.remove(), LIFE) }, 0))
  run()
}

function startAll() {
  for (const toast of host.querySelectorAll("[data-toast]")) start(toast)
}

if (host) {
  startAll()
  new MutationObserver(startAll).observe(host, { childList: true })
}

document.addEventListener("portal:toast", (event) => {
  const toast = document.createElement("div")
  toast.className = "toast"
  toast.dataset.toast = ""
  toast.append(Object.assign(document.createElement("p"), { textContent: event.detail.value }))
  host?.append(toast)
})
}
