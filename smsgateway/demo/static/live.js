// Keeps the parts marked data-live as the server would draw them now, and sends forms without leaving the page.
// Without this script the same pages work by full loads.

function sameKind(now, then) {
  return now.nodeType === then.nodeType && now.nodeName === then.nodeName;
}

// Changes what differs and nothing else: focus stays, a live region announces only what is new, widths move.
function morph(now, then) {
  if (now.nodeType === Node.TEXT_NODE) {
    if (now.data !== then.data) now.data = then.data;
    return;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) return;
  for (const { name, value } of then.attributes) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
  for (const { name } of [...now.attributes]) {
    if (!then.hasAttribute(name) && name !== "open") now.removeAttribute(name);
  }
  const have = [...now.childNodes];
  const want = [...then.childNodes];
  want.forEach((node, place) => {
    if (!have[place]) now.append(document.importNode(node, true));
    else if (!sameKind(have[place], node)) have[place].replaceWith(document.importNode(node, true));
    else morph(have[place], node);
  });
  have.slice(want.length).forEach((node) => node.remove());
}

async function draw(response) {
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const then = fresh.getElementById(part.id);
    if (!then) continue;
    const lines = part.childElementCount;
    morph(part, then);
    if (part.id === "talk" && part.childElementCount !== lines) part.scrollTop = part.scrollHeight;
  }
}

let sending = false;

async function look() {
  if (document.hidden || sending) return;
  try {
    const response = await fetch(location.href);
    if (!sending) await draw(response);
  } catch {
    // The server is away; the next look may find it.
  }
}

for (const form of document.querySelectorAll("form[data-in-place]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    try {
      await draw(await fetch(form.action, { method: "POST", body: fields }));
      form.reset();
      document.getElementById("text").focus();
    } finally {
      sending = false;
    }
  });
}

const every = document.querySelector("[data-every]");
if (every) setInterval(look, Number(every.dataset.every));
const talk = document.getElementById("talk");
if (talk) talk.scrollTop = talk.scrollHeight;
