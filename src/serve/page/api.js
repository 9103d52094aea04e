// Calls of the server. The token comes in the address that `faascast serve` prints and is kept for this tab only, so that it is
// neither in the address bar nor in a link that is passed on.

const KEY = "faascast-token";

/** What the server refused, as its list of errors with place and remedy. */
export class Refused extends Error {
  constructor(status, errors) {
    super(errors[0]?.message ?? `the server answered ${status}`);
    this.status = status;
    this.errors = errors;
  }
}

/** Takes the token out of the address; true if there is one. */
export function takeToken() {
  const token = new URLSearchParams(location.search).get("token");
  if (token) {
    sessionStorage.setItem(KEY, token);
    history.replaceState(null, "", location.pathname + location.hash);
  }
  return sessionStorage.getItem(KEY) !== null;
}

/** Forgets a token that the server does not know. */
export function dropToken() {
  sessionStorage.removeItem(KEY);
}

async function send(path, body, signal) {
  const headers = { "x-faascast-token": sessionStorage.getItem(KEY) ?? "" };
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    const method = body === undefined ? "GET" : "POST";
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, [
      { message: "the server does not answer", hint: "start `faascast serve` again and open the address that it prints" },
    ]);
  }
  if (response.ok) return response;
  let errors = [{ message: `the server answered ${response.status} ${response.statusText}` }];
  try {
    errors = (await response.json()).errors ?? errors;
  } catch {
    // No JSON: the status is all there is to tell.
  }
  throw new Refused(response.status, errors);
}

/** A JSON answer: GET without a body, POST with one. */
export async function call(path, body, signal) {
  return (await send(path, body, signal)).json();
}

/** A file and the name that the server gives it. */
export async function file(body) {
  const response = await send("/api/report", body);
  const named = /filename="?([^";]+)"?/.exec(response.headers.get("content-disposition") ?? "");
  return { blob: await response.blob(), name: named?.[1] ?? "faascast" };
}

/** Reads a stream of events; `on(name, data)` is called for each. Ends when the stream ends or `signal` aborts it. */
export async function stream(path, body, signal, on) {
  const response = await send(path, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value.replaceAll("\r", "");
    for (let cut = rest.indexOf("\n\n"); cut >= 0; cut = rest.indexOf("\n\n")) {
      event(rest.slice(0, cut), on);
      rest = rest.slice(cut + 2);
    }
  }
}

function event(block, on) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  if (data.length > 0) on(name, JSON.parse(data.join("\n")));
}
