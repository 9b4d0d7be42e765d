// A save that didn't arrive (an error, no network, no answer) says what still stands, and has two ways on: the same once
// more, or back to what stands. What is painted ahead of the answer is taken back by its own module.
const words = document.getElementById("answer-failed")
const failures = new Map() // what was pressed -> its notice
let sent = new WeakMap() // form -> its fields as they were sent

const fields = (form) => [...form.elements].filter((each) => each.name && !["hidden", "submit"].includes(each.type))
const formOf = (request) => request.elt.closest?.("form")
const elsewhere = (request) => request.verb === "get" || formOf(request)?.matches("[data-rsvp], [data-note]") // rsvp.js
const key = (request) => formOf(request) ?? request.path

// Words that nobody has elsewhere: they go only when one says so once more.
const hasWords = (form) => fields(form).some((each) => each.matches("textarea, input[type=text], input:not([type])") && each.value.trim() && each.value !== each.defaultValue)

function stillOf(box, holder) {
  const answer = box?.querySelector('button[aria-pressed="true"]')
  return answer?.dataset.still ?? holder?.dataset.still ?? ""
}

function show(request, why) {
  const form = formOf(request)
  const box = (form?.matches(".toast form") && request.target.closest(".rsvp-box")) || null
  const holder = box ? null : (form ?? request.target).closest("[data-failed]")
  const place = box ?? holder?.querySelector(".said") ?? holder ?? document.getElementById("main")
  const notice = words.content.firstElementChild.cloneNode(true)
  if (holder) notice.querySelector("b").textContent = holder.dataset.failed
  if (why) notice.querySelector("[data-why]").textContent = why
  notice.querySelector("p").append(` ${stillOf(box, holder)}`)
  if (holder?.id === "builder") place.prepend(notice)
  else place.append(notice)
  notice.scrollIntoView({ block: "nearest" })
  failures.set(key(request), notice)
  return { form, box, notice }
}

function clear(request) {
  failures.get(key(request))?.remove()
  failures.delete(key(request))
}

function again(request, form, submitter) {
  if (!form?.isConnected) {
    const values = Object.fromEntries(request.formData)
    return window.htmx.ajax("POST", request.path, { target: request.target, swap: "outerHTML", values })
  }
  if (form.getAttribute("hx-trigger") === "change") return form.dispatchEvent(new Event("change", { bubbles: true }))
  form.requestSubmit(submitter?.isConnected ? submitter : undefined)
}

function offer(request, why) {
  clear(request)
  const { form, box, notice } = show(request, why)
  const event = request.triggeringEvent
  const pressed = [event?.submitter, event?.target].find((each) => each?.matches?.("button, input, select, textarea"))
  const field = form && fields(form).find((each) => each.type !== "checkbox" && each.offsetParent)
  const control = () => {
    if (pressed?.isConnected && pressed.offsetParent) return pressed
    return box?.querySelector('button[aria-pressed="true"], button') ?? field ?? request.target
  }
  notice.querySelector("[data-again]").addEventListener("click", () => {
    clear(request)
    control().focus({ preventScroll: true })
    again(request, form, event?.submitter)
  })
  notice.querySelector("[data-leave]").addEventListener("click", ({ currentTarget: leave }) => {
    if (leave.dataset.sure && form && hasWords(form)) {
      leave.textContent = leave.dataset.sure
      delete leave.dataset.sure
      return
    }
    clear(request)
    form?.reset()
    document.dispatchEvent(new CustomEvent("portal:left", { detail: request.path }))
    control().focus({ preventScroll: true })
    form?.closest("[data-toast]")?.remove()
  })
}

document.addEventListener("htmx:beforeRequest", ({ detail: { requestConfig: request } }) => {
  if (request.verb === "get") return
  clear(request)
  const form = formOf(request)
  if (form) sent.set(form, fields(form).map((field) => [field, field.value, field.checked]))
})

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, ({ detail: { requestConfig: request, why } }) => {
    if (!elsewhere(request)) offer(request, why)
  })
}

// What was saved is what a form goes back to.
document.addEventListener("htmx:afterOnLoad", ({ detail: { requestConfig: request, xhr } }) => {
  const form = formOf(request)
  if (request.verb === "get" || xhr.status >= 300 || xhr.responseText.includes("aria-invalid")) return
  for (const [field, value, checked] of sent.get(form) ?? []) {
    if (field.type === "checkbox" || field.type === "radio") field.defaultChecked = checked
    else if (field.options) for (const option of field.options) option.defaultSelected = option.value === value
    else keepTyping(field, value)
  }
})

// A new default would replace what somebody has typed meanwhile in a field that counts as untouched.
function keepTyping(field, value) {
  const typed = field.value
  field.defaultValue = value
  if (field.value !== typed) field.value = typed
}
