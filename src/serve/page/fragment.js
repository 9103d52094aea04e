// The state as the fragment of an address. Browsers never send a fragment to a server: what is shared is this text alone.

const PREFIX = "#1.";

/** The fragment of a state. `texts` gives the text of a scenario that others do not have: the file of this server. */
export async function encode(state, view, texts) {
  const portable = (scenario) => {
    if (scenario.id !== "file" || !texts.has("file")) return scenario;
    return { name: texts.get("file").name, toml: texts.get("file").toml };
  };
  const pins = state.pins.map((pin) => ({ ...pin, scenario: portable(pin.scenario) }));
  const shared = { ...state, scenario: portable(state.scenario), pins, view };
  return PREFIX + base64url(await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(JSON.stringify(shared))));
}

/** The state and view in a fragment or in an address that ends in one; null if there is none, an error if it is damaged. */
export async function decode(text) {
  const start = text.indexOf(PREFIX);
  if (start < 0) return null;
  try {
    const bytes = await through(new DecompressionStream("deflate-raw"), bytesOf(text.slice(start + PREFIX.length).trim()));
    return checked(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new Error("this link is damaged: copy it again, to its end");
  }
}

async function through(transform, bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function base64url(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

const isText = (x) => typeof x === "string";

function settings(set) {
  return Object.fromEntries(Object.entries(set ?? {}).filter(([, value]) => isText(value)));
}

function scenario(s) {
  if (isText(s?.toml)) return { name: isText(s.name) ? s.name : "shared", toml: s.toml };
  if (isText(s?.id)) return { id: s.id };
  throw new Error("no scenario");
}

/** Only what a state consists of; a link comes from somebody else. */
function checked(shared) {
  const pins = (Array.isArray(shared.pins) ? shared.pins : []).slice(0, 26);
  const state = {
    scenario: scenario(shared.scenario),
    set: settings(shared.set),
    pins: pins.map((pin) => {
      return { label: String(pin.label), name: String(pin.name), scenario: scenario(pin.scenario), set: settings(pin.set) };
    }),
    against: Number.isInteger(shared.against) && shared.against >= 0 && shared.against < pins.length ? shared.against : null,
    touched: isText(shared.touched) ? shared.touched : null,
  };
  return { state, view: { theme: shared.view?.theme, metric: shared.view?.metric } };
}
