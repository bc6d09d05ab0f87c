// Passkeys: a form asks the server what to sign, has the browser sign it, and is then sent like any other form.
// The forms are hidden in the page; this file shows them where the browser can do it.

const RENEW = 4 * 60_000; // ms; the server waits five minutes for an answer

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

function toText(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// `toJSON` and `parse…FromJSON` of browsers are younger than passkeys, so that both ways are spelt out here.
const asKeys = (list) => (list || []).map((key) => ({ ...key, id: toBytes(key.id) }));

function asOptions(json) {
  const options = { ...json, challenge: toBytes(json.challenge) };
  if (json.user) options.user = { ...json.user, id: toBytes(json.user.id) };
  if (json.excludeCredentials) options.excludeCredentials = asKeys(json.excludeCredentials);
  if (json.allowCredentials) options.allowCredentials = asKeys(json.allowCredentials);
  return options;
}

function asJson(made) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (made.response[part]) response[part] = toText(made.response[part]);
  if (made.response.getTransports) response.transports = made.response.getTransports();
  return { id: made.id, rawId: toText(made.rawId), type: made.type, response };
}

class Told extends Error {} // a sentence of the server

async function ask(form) {
  const csrf = form.elements.csrf;
  const answer = await fetch(form.dataset.ask, { method: "POST", headers: csrf ? { "X-CSRF-Token": csrf.value } : {} });
  const said = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : {};
  if (answer.ok) return asOptions(said);
  throw said.error ? new Told(said.error) : new Error(answer.statusText);
}

let waiting = new AbortController();

async function sign(form, mediation) {
  const publicKey = await ask(form);
  const signal = waiting.signal;
  const made =
    form.dataset.passkey === "make"
      ? await navigator.credentials.create({ publicKey, signal })
      : await navigator.credentials.get({ publicKey, signal, mediation });
  form.elements.credential.value = JSON.stringify(asJson(made));
  form.submit();
}

function tell(form, sentence) {
  const line = form.querySelector(".trouble");
  line.textContent = sentence;
  line.hidden = !sentence;
}

function restart() {
  waiting.abort();
  waiting = new AbortController();
}

async function pressed(event) {
  const form = event.target;
  event.preventDefault();
  restart();
  tell(form, "");
  try {
    await sign(form);
  } catch (e) {
    const twice = e.name === "InvalidStateError" && form.dataset.twice;
    tell(form, e instanceof Told ? e.message : twice || form.dataset.failed);
  }
}

// While the page is open the browser offers passkeys where a name is typed. Who does not want one sees no complaint.
async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const again = setTimeout(() => {
    restart();
    offer(form);
  }, RENEW);
  try {
    await sign(form, "conditional");
  } catch {
    clearTimeout(again);
  }
}

if (window.PublicKeyCredential && navigator.credentials)
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    if (location.origin !== form.dataset.at) {
      form.querySelector("button").disabled = true;
      tell(form, form.dataset.elsewhere);
      continue;
    }
    form.addEventListener("submit", pressed);
    if (form.dataset.passkey === "use") offer(form);
  }
