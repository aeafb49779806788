// Keeps the page of a running video up to date: whenever the run says that something changed, the page is asked
// for again and its live part takes the place of ours. What it looks like is decided in one place, the template.
"use strict";

const live = document.getElementById("live");
const status = document.getElementById("status");
let asked = Promise.resolve();

async function refresh() {
  if (live.dataset.state !== "running") return; // nobody wants the player replaced while it plays
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  live.dataset.state = fresh.dataset.state;
  live.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  const now = live.querySelector("[aria-current]");
  status.textContent = now ? now.textContent.replace(/\s+/g, " ").trim() : live.dataset.state;
}

function follow(address) {
  const events = new EventSource(address);
  const next = () => { asked = asked.then(refresh).catch(console.warn); };
  events.addEventListener("progress", next);
  events.addEventListener("end", () => { events.close(); next(); });
}

if (live.dataset.events) follow(live.dataset.events);
