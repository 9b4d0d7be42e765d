// Arrow keys go from square to square of a table, which is then one stop of the Tab key. Without script each link is one.
const squares = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("a")))

function settle() {
  for (const table of document.querySelectorAll("table[data-arrows]")) {
    const all = squares(table).flat().filter(Boolean)
    const stop = all.find((link) => link === document.activeElement) ?? all.find((link) => link.ariaCurrent) ?? all[0]
    for (const link of all) link.tabIndex = link === stop ? 0 : -1
  }
}

document.addEventListener("keydown", (event) => {
  const table = event.target.closest?.("table[data-arrows]")
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
  if (!table || !(step || event.key === "Home" || event.key === "End") || event.ctrlKey || event.metaKey || event.altKey) return
  const rows = squares(table)
  let row = rows.findIndex((links) => links.includes(event.target))
  if (row < 0) return
  event.preventDefault()
  let column = rows[row].indexOf(event.target)
  if (!step) return move(event.key === "Home" ? rows[row].find(Boolean) : rows[row].findLast(Boolean))
  do { row += step[0]; column += step[1] } while (rows[row]?.[column] === null)
  move(rows[row]?.[column])
})

function move(link) {
  link?.focus()
  settle()
}

settle()
document.addEventListener("htmx:afterSettle", settle)
