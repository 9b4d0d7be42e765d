// What is typed into longer forms stays in this browser until the server has it, and is offered back with the time.
// It never leaves the device, and is gone after sending, at sign-out, and when another account signs in.
const PREFIX = "portal:draft:"
const DAYS = 14
const root = document.documentElement
const words = document.getElementById("draft-offer")
const account = root.dataset.account ?? ""
const TEXT = "textarea, input[type=text], input:not([type])"

const forms = () => [...document.querySelectorAll("form[method=post]")].filter((form) => form.querySelector("textarea, [data-draft]"))
const fields = (form) => [...form.querySelectorAll(TEXT)].filter((field) => field.name && !/code|password|credential/.test(`${field.name} ${field.autocomplete}`))
const keyOf = (form) => `${PREFIX}${account}:${new URL(form.getAttribute("action") || location.pathname, location.href).pathname}`
const load = (key) => { try { return JSON.parse(localStorage.getItem(key)) } catch { return null } }
const save = (key, draft) => { try { localStorage.setItem(key, JSON.stringify(draft)) } catch { /* full or closed: typing goes on */ } }
const all = () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)) } catch { return [] } }
const drop = (key) => { try { localStorage.removeItem(key) } catch { /* nothing was kept */ } }

function keep(form) {
  const offered = form.querySelector("[data-draft-offer]") ? load(keyOf(form))?.typed : {}
  const typed = { ...offered, ...Object.fromEntries(fields(form).filter((field) => field.value.trim() && field.value !== field.defaultValue).map((field) => [field.name, field.value])) }
  if (Object.keys(typed).length) save(keyOf(form), { typed, at: Date.now() })
  else drop(keyOf(form))
}

// The page that follows a sent form tells whether the server has it: reached by sending, no mistake on it, nothing carried on.
function arrived(draft) {
  const [visit] = performance.getEntriesByType("navigation")
  if (visit?.type !== "navigate" || visit.responseStatus >= 400 || (draft.account && !account)) return false
  if (!document.referrer || new URL(document.referrer).pathname !== draft.page) return false
  if (document.querySelector(".form-errors, [aria-invalid=true]")) return false
  return ![...document.querySelectorAll("input[type=hidden]")].some((field) => draft.typed[field.name] === field.value)
}

function settle() {
  for (const key of all()) {
    const draft = load(key)
    const mine = key.startsWith(`${PREFIX}${account}:`)
    if (!draft || draft.at < Date.now() - DAYS * 864e5 || (account && !mine)) drop(key)
    else if (draft.sent && arrived(draft)) drop(key)
  }
}

function when(at) {
  const day = new Date(at).toDateString() === new Date().toDateString() ? {} : { month: "short", day: "numeric" }
  return new Date(at).toLocaleString(root.lang, { ...day, hour: "numeric", minute: "2-digit", timeZoneName: "short", timeZone: root.dataset.zone || undefined })
}

function offer(form) {
  const draft = load(keyOf(form))
  const missing = draft ? fields(form).filter((field) => draft.typed[field.name] && draft.typed[field.name] !== field.value) : []
  if (!missing.length || form.dataset.offered || !words) return
  form.dataset.offered = "1"
  const notice = words.content.firstElementChild.cloneNode(true)
  const longest = Object.values(draft.typed).sort((one, other) => other.length - one.length)[0].trim()
  notice.querySelector("[data-when]").textContent = when(draft.at)
  notice.querySelector("[data-words]").textContent = longest.length > 120 ? `${longest.slice(0, 120)}…` : longest
  notice.querySelector("[data-back]").addEventListener("click", () => {
    for (const field of missing) {
      field.value = draft.typed[field.name]
      field.dispatchEvent(new Event("input", { bubbles: true }))
    }
    notice.remove()
    missing[0].closest("details:not([open])")?.setAttribute("open", "")
    missing[0].focus()
  })
  notice.querySelector("[data-away]").addEventListener("click", () => {
    drop(keyOf(form))
    notice.remove()
    missing[0].focus()
  })
  form.prepend(notice)
  form.closest("details:not([open])")?.setAttribute("open", "")
}

let timer
let pending
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form")
  if (!form || !forms().includes(form)) return
  clearTimeout(timer)
  pending = form
  timer = setTimeout(() => { timer = null; keep(form) }, 250)
})
addEventListener("pagehide", () => { if (timer) keep(pending) })

function sent(key) {
  const draft = load(key)
  if (draft) save(key, { ...draft, sent: true, account, page: location.pathname })
}

document.addEventListener("portal:sending", (event) => sent(`${PREFIX}${account}:${event.detail}`)) // by signedout.js
document.addEventListener("submit", (event) => {
  const form = event.target
  if (form.action === new URL(words?.dataset.out ?? "", location.href).href) {
    timer = clearTimeout(timer)
    return all().forEach(drop)
  }
  if (form.elements.resent) return sent(keyOf(form))
  if (!forms().includes(form)) return
  timer = clearTimeout(timer)
  keep(form)
  if (!form.hasAttribute("hx-post")) sent(keyOf(form))
}, true)

document.addEventListener("htmx:afterOnLoad", (event) => {
  const form = event.detail.requestConfig?.elt
  if (event.detail.xhr.status < 300 && form?.matches?.("form") && load(keyOf(form)) && !event.detail.xhr.responseText.includes("aria-invalid")) drop(keyOf(form))
})
document.addEventListener("htmx:afterSettle", () => forms().forEach(offer))

settle()
forms().forEach(offer)
