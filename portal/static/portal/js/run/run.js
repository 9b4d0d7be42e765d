// Running a call. What is done and written becomes an entry with a key and a moment of its own, which lies in this browser
// until the portal has it: without a connection, signed out, after the tab was closed. Sent twice, it lands once.
const EVERY = { before: 10_000, on: 4_000 } // asking what others did
const RETRY = 3_000
const DAYS = 14
const BATCH = 50
const DOUBLE = 600
const root = document.querySelector("[data-run]")
const account = document.documentElement.dataset.account ?? ""
const zone = document.documentElement.dataset.zone || undefined
const lang = document.documentElement.lang
const PREFIX = `portal:run:${account}:${root.dataset.run}:`
const line = root.querySelector("[data-line]")
const waiting = root.querySelector("[data-waiting]")
const capture = root.querySelector("[data-capture]")
const word = (name) => document.getElementById("run-words").content.querySelector(`[data-word="${name}"]`)?.textContent ?? name
const say = (value) => value && document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: value.trim().replace(/\s+/g, " ") } }))

// The queue: one item of storage an entry, named so that their order is that of their names -----------------------------
const memory = new Map() // where storage is closed or full: as long as the tab lives
const names = () => {
  let stored = []
  try { stored = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)) } catch { /* closed */ }
  return [...new Set([...stored, ...memory.keys()])].sort()
}
const load = (name) => { try { return memory.get(name) ?? JSON.parse(localStorage.getItem(name)) } catch { return null } }
const drop = (name) => { memory.delete(name); try { localStorage.removeItem(name) } catch { /* closed */ } }
function save(name, entry) {
  try { localStorage.setItem(name, JSON.stringify(entry)) } catch { memory.set(name, entry) }
}

let last = 0
function put(entry) {
  last = Math.max(Date.now(), last + 1)
  save(`${PREFIX}${String(last).padStart(15, "0")}-${entry.key}`, { ...entry, made_at: last })
}

const queued = () => names().map((name) => [name, load(name)]).filter(([, entry]) => entry)
const open = () => queued().filter(([, entry]) => !entry.refused)

function key() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 15) | 64
  bytes[8] = (bytes[8] & 63) | 128
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
}

// Sending ------------------------------------------------------------------------------------------------------------------
let state = "online" // "offline", "signed-out", "shut"
let busy = false
let timer

function become(now) {
  state = now
  for (const each of line.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== now
  render()
}

const headers = { Accept: "application/json", "HX-Request": "true" }
const field = (name) => root.querySelector(`[name="${name}"]`)?.value ?? ""

async function ask(address, body) {
  const reply = await fetch(address, { method: body ? "POST" : "GET", body, headers }).catch(() => null)
  if (!reply || reply.status >= 500 || reply.status === 429) return become("offline")
  if (reply.status === 401) return signedOut()
  if (reply.status === 403 || reply.status === 404) return become("shut")
  if (state !== "online") become("online")
  return reply
}

// Signed in again in another tab: the forms here get the token of that sign-in, and what waits goes in.
async function signedOut() {
  const reply = await fetch(document.getElementById("toasts").dataset.standing).catch(() => null)
  const now = reply?.ok ? await reply.json() : null
  if (now?.account && now.account === account && now.token !== signedOut.tried) {
    signedOut.tried = now.token
    for (const each of document.querySelectorAll("[name=csrfmiddlewaretoken]")) each.value = now.token
    return soon(0)
  }
  become(now?.account && now.account !== account ? "shut" : "signed-out")
}

async function flush() {
  const batch = open().slice(0, BATCH)
  if (busy || !batch.length) return
  busy = true
  const late = setTimeout(render, 1000)
  const body = new URLSearchParams({
    csrfmiddlewaretoken: field("csrfmiddlewaretoken"),
    typed_by: field("typed_by"),
    sent_at: Date.now(),
    entries: JSON.stringify(batch.map(([, entry]) => entry)),
  })
  const reply = await ask(root.dataset.post, body)
  if (reply) await land(batch, reply)
  clearTimeout(late)
  busy = false
  render()
  if (reply && open().length) flush()
}

async function land(batch, reply) {
  if (!reply.ok) {
    const said = await reply.text()
    for (const [name, entry] of batch) save(name, { ...entry, refused: said.slice(0, 200) })
    return
  }
  const { landed, parts } = await reply.json()
  const outcomes = new Map(landed.map((each) => [each.key, each]))
  for (const [name, entry] of batch) {
    const outcome = outcomes.get(entry.key)
    if (outcome?.state === "kept") drop(name)
    else if (!writes(entry) && outcome) {
      drop(name)
      toast(outcome.said)
    } else save(name, { ...entry, refused: outcome?.said ?? "…" })
    if (outcome?.state === "kept" && outcome.said) toast(outcome.said)
    if (outcome?.state === "kept" && entry.kind === "end") root.dataset.ended = "here"
  }
  if (!open().length) show(parts)
}

const writes = (entry) => ["note", "decision", "action", "edit"].includes(entry.kind)
const toast = (value) => document.dispatchEvent(new CustomEvent("portal:toast", { detail: { value } }))

async function poll() {
  if (busy || open().length) return flush()
  const reply = await ask(`${root.dataset.live}&since=${root.dataset.stamp}`)
  if (reply?.status === 200 && !busy && !open().length) show(await reply.text())
}

// Nobody asks on behalf of a tab that nobody sees, or once the call is over and nothing waits.
function soon(after) {
  clearTimeout(timer)
  const every = state === "online" ? EVERY[root.dataset.stage] : RETRY
  if (document.hidden || (!every && !open().length) || (state === "shut" && after === undefined)) return
  timer = setTimeout(async () => { await poll(); soon() }, after ?? every ?? RETRY)
}

// Showing ------------------------------------------------------------------------------------------------------------------
let ahead = Number(root.dataset.now) - Date.now() // of the portal's clock

function same(part) {
  const copy = part.cloneNode(true)
  for (const each of copy.querySelectorAll("[data-clock], [data-wall-clock], [data-saved]")) each.textContent = ""
  for (const each of copy.querySelectorAll("[data-bar]")) each.removeAttribute("value")
  for (const each of copy.querySelectorAll("[name=key], [name=csrfmiddlewaretoken]")) each.setAttribute("value", "")
  for (const each of copy.querySelectorAll("details")) each.removeAttribute("open")
  return copy.innerHTML
}

const fields = "textarea, input:not([type=hidden])"
const changed = (each) => each.value !== each.defaultValue
const typing = (part) => [...part.querySelectorAll(fields)].some(changed) || document.activeElement.closest(".entry__form")?.closest("[data-part]") === part

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-stage]")
  if (!fresh) return
  const stage = root.dataset.stage
  root.dataset.stage = fresh.dataset.stage
  root.dataset.stamp = fresh.dataset.stamp
  ahead = Number(fresh.dataset.now) - Date.now()
  if (root.dataset.ended && fresh.dataset.stage === "over" && fresh.dataset.after) return location.assign(fresh.dataset.after)
  if (fresh.dataset.stage === "on" && !capture) return location.reload()
  for (const part of fresh.querySelectorAll("[data-part]")) exchange(part)
  const item = root.querySelector("[data-item]")
  if (capture && item) capture.querySelector("[data-current-item]").value = item.dataset.item
  if (stage !== fresh.dataset.stage) soon()
  tick()
}

function exchange(part) {
  const old = root.querySelector(`[data-part="${part.dataset.part}"]`)
  if (!old || same(old) === same(part) || typing(old)) return
  const focused = old.contains(document.activeElement) ? document.activeElement.id : ""
  const opened = [...old.querySelectorAll("details[open][id]")].map((each) => each.id)
  const said = old.querySelector(".run__last")?.textContent
  old.replaceWith(part)
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "")
  if (focused) (document.getElementById(focused) ?? part.querySelector(".btn--primary") ?? document.getElementById("main")).focus()
  const now = part.querySelector(".run__last")?.textContent
  if (now && now !== said) say(now)
}

const at = (moment) => new Date(moment).toLocaleTimeString(lang, { hour: "numeric", minute: "2-digit", timeZone: zone })

function row(id, entry) {
  const item = document.getElementById(id).content.querySelector("li").cloneNode(true)
  item.querySelector("[data-text]").textContent = entry.text || word(entry.mark?.split(":")[0] ?? entry.kind)
  return item
}

function render() {
  const all = queued()
  const unsent = all.filter(([, entry]) => !entry.refused)
  const rows = all.filter(([, entry]) => entry.refused).map(refused)
  if (state !== "online" || busy) {
    for (const [, entry] of unsent) {
      const item = row("run-waiting", entry)
      item.querySelector("[data-at]").textContent = at(entry.made_at)
      rows.push(item)
    }
  }
  waiting.replaceChildren(...rows)
  waiting.hidden = !rows.length
  for (const each of root.querySelectorAll("[data-saved]")) {
    each.textContent = !unsent.length ? word("saved") : unsent.length === 1 ? word("one") : word("many").replace("{n}", unsent.length)
  }
}

function refused([name, entry]) {
  const item = row("run-refused", entry)
  item.querySelector("[data-said]").textContent = entry.refused
  const again = item.querySelector("[data-again]")
  again.hidden = !capture || root.dataset.stage !== "on" || entry.kind === "edit"
  again.addEventListener("click", () => { fill(entry); drop(name); render() })
  item.querySelector("[data-drop]").addEventListener("click", () => { drop(name); render(); document.getElementById("main").focus() })
  item.querySelector("[data-copy-text]").addEventListener("click", async (event) => {
    const words = event.target.dataset.copied
    await navigator.clipboard?.writeText(entry.text).then(() => toast(words), () => window.prompt("", entry.text))
  })
  return item
}

function fill(entry) {
  for (const [name, value] of Object.entries(entry)) {
    if (["key", "item"].includes(name)) continue
    for (const each of capture.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (each.type === "radio") each.checked = each.value === value
      else each.value = value
    }
  }
  capture.querySelector("textarea").focus()
}

// The clock ----------------------------------------------------------------------------------------------------------------
function tick() {
  const now = Date.now() + ahead
  for (const each of root.querySelectorAll("[data-wall-clock]")) {
    each.textContent = new Date(now).toLocaleTimeString(lang, { hour: "numeric", minute: "2-digit", timeZoneName: "short", timeZone: zone })
  }
  const clock = root.querySelector("[data-clock]")
  if (!clock || "stands" in clock.dataset || !clock.dataset.turns) return
  const left = (Number(clock.dataset.turns) - now) * (clock.dataset.clock === "up" ? -1 : 1)
  const seconds = Math.floor(Math.abs(left) / 1000)
  clock.textContent = `${left < 0 ? "+" : ""}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
  clock.parentElement.classList.toggle("run__time--over", left < 0)
  const bar = root.querySelector("[data-bar]")
  if (bar) bar.value = bar.max - left / 1000
}

// Without a connection the page shows what was pressed; the portal's word replaces it.
const guesses = {
  item({ item }) {
    const rows = [...root.querySelectorAll("[data-step]")]
    const place = rows.findIndex((each) => each.dataset.step === item)
    if (place < 0) return
    rows.forEach((each, number) => {
      each.classList.toggle("step--current", number === place)
      each.classList.toggle("step--done", number < place)
    })
    const title = root.querySelector("[data-item]")
    title.textContent = rows[place].querySelector(".step__title").textContent
    title.dataset.item = item
    root.querySelector(".run__left").textContent = ""
    aim("next", rows[place + 1])
    aim("back", rows[place - 1])
    turn(Number(rows[place].dataset.minutes) * 60)
  },
  pause() {
    const clock = root.querySelector("[data-clock]")
    const left = Number(clock.dataset.turns) - Date.now() - ahead
    Object.assign(clock.dataset, { stands: "", left })
    swap("resume")
  },
  resume() {
    const clock = root.querySelector("[data-clock]")
    clock.dataset.turns = Date.now() + ahead + Number(clock.dataset.left)
    delete clock.dataset.stands
    swap("pause")
  },
  extend({ minutes }) {
    const clock = root.querySelector("[data-clock]")
    if ("turns" in clock.dataset) clock.dataset.turns = Number(clock.dataset.turns) + minutes * 60_000
    const bar = root.querySelector("[data-bar]")
    if (bar) bar.max += minutes * 60
  },
}

function aim(id, row) {
  const form = document.getElementById(id)?.form
  if (!form) return
  form.hidden = !row
  if (row) form.elements.item.value = row.dataset.step
}

function turn(seconds) {
  const clock = root.querySelector("[data-clock]")
  delete clock.dataset.stands
  clock.dataset.clock = seconds ? "down" : "up"
  clock.dataset.turns = Date.now() + ahead + seconds * 1000
  const bar = root.querySelector("[data-bar]")
  if (bar && seconds) bar.max = seconds
}

function swap(kind) {
  const form = document.getElementById("pause")?.form
  if (form) form.elements.kind.value = kind
}

// Doing and writing --------------------------------------------------------------------------------------------------------
function read(form, submitter) {
  const values = new FormData(form)
  if (submitter?.name) values.set(submitter.name, submitter.value)
  for (const name of ["csrfmiddlewaretoken", "typed_by"]) values.delete(name)
  const entry = Object.fromEntries([...values].filter(([, value]) => typeof value === "string" && value !== ""))
  return { ...entry, key: key() }
}

// The second tap of a double tap: what stands there now may be the next item's.
const pressed = { id: "", at: 0 }
function again(button) {
  const twice = button?.id && button.id === pressed.id && Date.now() - pressed.at < DOUBLE
  if (!twice) Object.assign(pressed, { id: button?.id, at: Date.now() })
  return twice
}

document.addEventListener("submit", (event) => {
  const form = event.target
  if (!form.matches("[data-entry]")) return
  event.preventDefault()
  if (again(event.submitter)) return
  const entry = read(form, event.submitter)
  const text = form.querySelector("textarea, [name=who]")
  if (text && !text.value.trim()) return text.focus()
  put(entry)
  if (form === capture) empty()
  else if (text) text.value = text.defaultValue = ""
  form.closest("details.entry__more")?.removeAttribute("open")
  guesses[entry.kind]?.(entry)
  tick()
  if (state !== "online") say(word("many").replace("{n}", open().length))
  render()
  flush().then(() => soon())
})

function empty() {
  const kind = capture.querySelector("[name=kind]:checked")
  for (const each of capture.querySelectorAll("textarea, input:not([type=hidden], [type=radio]), select")) each.value = ""
  for (const each of capture.querySelectorAll("[type=radio]")) each.checked = each === kind
  const text = capture.querySelector("textarea")
  text.defaultValue = ""
  text.removeAttribute("aria-invalid")
  capture.querySelector(".form-errors")?.remove()
  capture.querySelector("#id_text_error")?.remove()
  text.dispatchEvent(new Event("input", { bubbles: true })) // drafts.js forgets what was sent
  text.focus()
}

capture?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("textarea")) return
  event.preventDefault()
  capture.requestSubmit()
})
capture?.addEventListener("click", (event) => {
  const radio = event.target.tagName !== "INPUT" && event.target.closest(".kinds__one")?.querySelector("input")
  if (!radio) return
  event.preventDefault() // the label would take the focus to its radio
  radio.checked = true
  capture.querySelector("textarea").focus()
})

// ----------------------------------------------------------------------------------------------------------------------------
function forgetOld() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (/^portal:run:/.test(name) && Number(name.split(":").at(-1).split("-")[0]) < Date.now() - DAYS * 864e5) localStorage.removeItem(name)
    }
  } catch { /* closed */ }
}

document.addEventListener("visibilitychange", () => soon(document.hidden ? undefined : 0))
addEventListener("online", () => soon(0))
addEventListener("offline", () => become("offline"))
addEventListener("storage", (event) => { if (event.key?.startsWith(PREFIX)) render() })
for (const link of line.querySelectorAll("[data-sign-in]")) link.href = root.dataset.signIn
forgetOld()
if (!navigator.onLine) become("offline")
render()
flush().then(() => soon())
tick()
setInterval(tick, 500)
