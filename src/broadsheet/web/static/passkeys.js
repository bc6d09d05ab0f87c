// Passkeys: what the server asks goes to the browser, what the browser answers goes back. Loaded where a form needs it.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function send(path, form, body) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  if (form.elements.csrf) headers["X-CSRF-Token"] = form.elements.csrf.value;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error || "The server does not answer. Try again.");
  return told;
}

const listed = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

async function make(asked) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: listed(asked.excludeCredentials),
    },
  });
  const { attestationObject, clientDataJSON } = made.response;
  const response = { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) };
  return { id: made.id, rawId: text(made.rawId), type: made.type, response };
}

async function sign(asked) {
  const signed = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: listed(asked.allowCredentials) },
  });
  const response = {};
  for (const part of ["authenticatorData", "clientDataJSON", "signature", "userHandle"])
    if (signed.response[part]) response[part] = text(signed.response[part]);
  return { id: signed.id, rawId: text(signed.rawId), type: signed.type, response };
}

function told(error) {
  if (error.name === "NotAllowedError") return "Nothing was signed: it was cancelled, or there is no passkey for this site.";
  if (error.name === "InvalidStateError") return "This device has a passkey for this site already.";
  return error.message;
}

for (const form of document.querySelectorAll("form.passkey")) {
  if (!window.PublicKeyCredential || !window.isSecureContext) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = form.querySelector("[role=alert]");
    line.textContent = "";
    try {
      const asked = await send(`${form.getAttribute("action")}/ask`, form, {});
      const answer = await (form.dataset.does === "make" ? make : sign)(asked);
      for (const field of ["name", "next"]) if (form.elements[field]) answer[field] = form.elements[field].value;
      const { next } = await send(form.getAttribute("action"), form, answer);
      if (next === location.pathname + location.search + location.hash) location.reload();
      else location.href = next;
    } catch (error) {
      line.textContent = told(error);
    }
  });
}
