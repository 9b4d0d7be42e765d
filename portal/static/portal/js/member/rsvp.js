// Answers paint at once, say so, and roll back when they did not save. The server's fragment replaces the control afterwards.
const page = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2)
let clicks = 0

const stood = new WeakMap() // of each form on its way: what its control showed (a form has a method `before` of its own)

const say = (text) => document.dispatchEvent(new CustomEvent("portal:say", { detail: { value: text } }))
const buttons = (form) => [...form.querySelectorAll("button[name=answer]")]

function paint(form, button) {
  for (const each of buttons(form)) each.setAttribute("aria-pressed", String(each === button))
  const group = form.querySelector("fieldset")
  if (button) group.dataset.answer = button.value
  else delete group.dataset.answer
}

function remember(form) {
  const box = form.closest(".rsvp-box")
  const pressed = buttons(form).find((each) => each.getAttribute("aria-pressed") === "true")
  return { box, pressed, said: box.querySelector("[data-rsvp-say]")?.textContent }
}

// What did not save says so below, with another try and a way to let it be.
function offer(box, why, again, next) {
  box.querySelector(".notice")?.remove()
  box.append(document.getElementById("answer-failed").content.cloneNode(true))
  const notice = box.querySelector(".notice")
  if (why) notice.querySelector("[data-why]").textContent = why
  notice.querySelector("[data-again]").addEventListener("click", again)
  notice.querySelector("[data-leave]").addEventListener("click", () => {
    notice.remove()
    next.focus({ preventScroll: true })
  })
  return notice
}

function rollBack(form, why) {
  const { box, pressed, said, wanted } = stood.get(form)
  paint(form, pressed)
  form.removeAttribute("aria-busy")
  box.querySelector("[data-rsvp-say]").textContent = said
  const notice = offer(box, why, () => wanted.click(), pressed ?? buttons(form)[0])
  notice.querySelector("p").append(` ${pressed?.dataset.still ?? ""}`)
}

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target.closest?.("form[data-rsvp]")
  if (!form) return
  event.detail.parameters.page = page
  event.detail.parameters.click = ++clicks
})

document.addEventListener("htmx:beforeRequest", (event) => {
  event.target.closest?.("form[data-note]")?.querySelector(".notice")?.remove()
  const form = event.target.closest?.("form[data-rsvp]")
  if (!form) return
  const button = event.detail.requestConfig.triggeringEvent?.submitter
  if (!form.hasAttribute("aria-busy")) stood.set(form, remember(form))
  form.closest(".rsvp-box").querySelector(".notice")?.remove()
  form.setAttribute("aria-busy", "true")
  if (!button) return
  stood.get(form).wanted = button
  paint(form, button)
  form.closest(".rsvp-box").querySelector("[data-rsvp-say]").textContent = button.dataset.say
})

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const form = event.target.closest?.("form")
    if (stood.has(form)) return rollBack(form, event.detail.why)
    if (!form?.matches("[data-note]")) return
    offer(form, event.detail.why, () => form.requestSubmit(), form.querySelector("textarea")).querySelector("b").textContent = form.dataset.note
  })
}

// Nobody is signed in: nothing is saved yet, so the control shows what stands, and signedout.js says what to do.
document.addEventListener("portal:signed-out", (event) => {
  const form = event.target
  if (!stood.has(form)) return
  const { box, pressed, said } = stood.get(form)
  paint(form, pressed)
  form.removeAttribute("aria-busy")
  box.querySelector("[data-rsvp-say]").textContent = said
})

// A refusal comes with its reason inside the control: show that instead of the general sentence.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig?.elt?.matches?.("form[data-rsvp], form[data-note]")) return
  if (![400, 409].includes(event.detail.xhr.status)) return
  event.detail.shouldSwap = true
  event.detail.isError = false
})

// The new control takes the focus the old one or the Undo of a toast lost, and the change is announced once.
document.addEventListener("htmx:afterSettle", (event) => {
  const request = event.detail.requestConfig
  const box = event.detail.elt.closest(".rsvp-box")
  if (!box || !request?.elt?.matches?.("form[data-rsvp], .toast form, [data-toast] form")) return
  const control = box.querySelector('button[aria-pressed="true"]') ?? box.querySelector("button")
  if (document.activeElement === document.body || request.elt.contains(document.activeElement)) control.focus({ preventScroll: true })
  const said = box.querySelector("[data-rsvp-say]")?.textContent
  if (said && request.elt.matches("[data-rsvp]")) say(said.trim())
})
