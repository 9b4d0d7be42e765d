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

// After a failed form the summary is read first, unless the page knows the one field.
if (!document.querySelector("main [autofocus]")) document.querySelector("[data-focus]")?.focus()
