// Where an error belongs: to the control that has its place, to the control last moved, or to the whole scenario.

import { h } from "./dom.js";

/** Splits errors into those of controls (by key) and the others. */
export function assign(errors, keys, touched, set) {
  const byKey = new Map();
  const others = [];
  for (const error of errors) {
    const place = error.place ?? "";
    const key = keys.find((key) => place === key || place.endsWith(` ${key}`)) ?? keys.find((key) => place.includes(key));
    if (key && !byKey.has(key)) byKey.set(key, error);
    else others.push(error);
  }
  // What a control did is said at the control, even where the file's own place is another.
  if (byKey.size === 0 && others.length > 0 && touched && touched in set && keys.includes(touched)) {
    byKey.set(touched, others[0]);
  }
  return { byKey, others };
}

/** The line in an error's place, from 1; null if it names none. */
export function lineOf(error) {
  const found = /line (\d+)/.exec(error.place ?? "") ?? /:(\d+)(?::\d+)?\b/.exec(error.place ?? "") ?? /^(\d+)\b/.exec(error.place ?? "");
  return found ? Number(found[1]) : null;
}

/** Errors as a list. */
export function listed(errors, jump = null) {
  return h(
    "ul",
    { class: "errors" },
    ...errors.map((error) => {
      const line = lineOf(error);
      // The button says the line already.
      const place = jump ? (error.place ?? "").replace(/,? ?line \d+$/, "") : (error.place ?? "");
      const go =
        jump && line !== null
          ? h("button", { type: "button", class: "quiet", on: { click: () => jump(line) } }, `line ${line}`)
          : null;
      const hint = error.hint ? h("span", { class: "hint" }, error.hint) : null;
      return h("li", {}, go, " ", h("span", {}, place ? `${place}: ${error.message}` : error.message), hint);
    }),
  );
}
