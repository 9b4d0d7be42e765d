// Tabs that scroll sideways on a phone start at the current one.
for (const current of document.querySelectorAll(".side-nav [aria-current], .tabs [aria-current]")) {
  const bar = current.closest("nav, ul")
  const [place, room] = [current.getBoundingClientRect(), bar.getBoundingClientRect()]
  if (place.right > room.right || place.left < room.left) bar.scrollLeft += place.left - room.left - (room.width - place.width) / 2
}
