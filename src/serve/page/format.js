// Numbers as the reports write them (src/report/format.rs): no more digits than the interval supports.

/** What stands where there is no figure. */
export const NONE = "–";

/** Units: a currency as `{ money: "CNY" }`, or one of these. */
export const SHARE = { factor: 100, suffix: "%", share: true };
export const COUNT = { factor: 1, suffix: "" };
export const SECONDS = { time: true };

/** Money in this currency. */
export function money(currency) {
  return { factor: 1, suffix: currency, money: true };
}

const TIMES = [[1e-3, 1e6, "µs"], [1, 1e3, "ms"], [120, 1, "s"], [7_200, 1 / 60, "min"], [172_800, 1 / 3_600, "h"]];

/** The unit in which a time reads best. */
function resolved(x, unit) {
  if (!unit.time) return unit;
  if (x === 0) return { factor: 1, suffix: "s" };
  const [, factor, suffix] = TIMES.find(([below]) => Math.abs(x) < below) ?? [0, 1 / 86_400, "d"];
  return { factor, suffix };
}

/** Decimals that show this many significant digits; negative where even whole units are finer. */
function places(x, digits) {
  return x === 0 || !Number.isFinite(x) ? 0 : digits - 1 - Math.floor(Math.log10(Math.abs(x)));
}

/** Decimals that a half-width supports. */
function supported(half) {
  const decimals = places(half, 1);
  return half * 10 ** decimals < 1.95 ? decimals + 1 : decimals;
}

/** A number with thousands separators. */
export function grouped(x, decimals) {
  const text = Math.abs(x).toFixed(decimals);
  const whole = text.split(".", 1)[0];
  const sign = x < 0 && /[1-9]/.test(text) ? "-" : "";
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + text.slice(whole.length);
}

function decimalsOf(x, half, unit) {
  const scaled = x * unit.factor;
  const size = unit.share ? Math.min(Math.abs(scaled), Math.abs(100 - scaled)) : scaled;
  let wanted;
  if (half > 0) {
    wanted = supported(half * unit.factor);
    if (size !== 0) wanted = Math.min(wanted, places(size, 6));
  } else if (unit.share) {
    wanted = Math.max(places(size, 3), 1);
  } else {
    wanted = places(size, 3);
  }
  wanted = Math.min(Math.max(wanted, 0), 9);
  return unit.money && wanted === 1 ? 2 : wanted;
}

function number(x, decimals, unit, trim) {
  const scaled = x * unit.factor;
  if (unit.share && (scaled <= 0 || scaled >= 100)) return grouped(scaled, 0);
  let text = grouped(scaled, decimals);
  // A share that is not 0 or 1 is never shown as 0 % or 100 %.
  while (unit.share && decimals < 9 && (!/[1-9]/.test(text) || text.startsWith("100"))) {
    decimals += 1;
    text = grouped(scaled, decimals);
  }
  // Zeros carry no information without an interval, but money has cents.
  const least = unit.money ? 2 : 0;
  while (trim && decimals > least && text.endsWith("0")) {
    text = text.slice(0, -1);
    decimals -= 1;
  }
  return text.replace(/\.$/, "");
}

/** A one-sided bound to two significant digits, rounded outwards. */
function bound(x, unit, up) {
  const fitting = resolved(x, unit);
  const scaled = x * fitting.factor;
  const distance = fitting.share ? Math.min(scaled, 100 - scaled) : scaled;
  const decimals = Math.min(Math.max(places(distance, 2), 0), 9);
  const step = 10 ** -decimals;
  // The tiny shift keeps a value that lies on a step where it is.
  const rounded = (up ? Math.ceil(scaled / step - 1e-9) : Math.floor(scaled / step + 1e-9)) * step;
  return attach(grouped(rounded, decimals), fitting);
}

const attach = (text, unit) => (unit.suffix ? `${text} ${unit.suffix}` : text);

/** A plain value to three significant digits (a share: of the smaller side). */
export function value(x, unit) {
  if (x === null || x === undefined || !Number.isFinite(x)) return NONE;
  const fitting = resolved(x, unit);
  return attach(number(x, decimalsOf(x, 0, fitting), fitting, true), fitting);
}

/** A mean with its interval: `1,234 CNY (1,210 to 1,258)`. */
export function estimate(e, unit) {
  if (!e || e.mean === null || !Number.isFinite(e.mean)) return NONE;
  if (e.lo === null || e.hi === null || e.lo >= e.hi) return value(e.mean, unit);
  if (e.mean <= 0 && e.lo >= 0) return `0 (below ${bound(e.hi, unit, true)})`;
  if (unit.share && e.mean >= 1) return `100 % (above ${bound(e.lo, unit, false)})`;
  const fitting = resolved(e.mean, unit);
  const decimals = decimalsOf(e.mean, (e.hi - e.lo) / 2, fitting);
  const [mean, lo, hi] = [e.mean, e.lo, e.hi].map((x) => number(x, decimals, fitting, false));
  return `${attach(mean, fitting)} (${lo} to ${hi})`;
}

const SPANS = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];

/** A length of time as a scenario file writes it: `1d`, `90s`. */
export function span(seconds) {
  const rounded = Math.round(seconds * 1e6) / 1e6;
  if (rounded === 0) return "0";
  const [size, suffix] = SPANS.find(([size]) => rounded % size === 0) ?? [1, "s"];
  return `${rounded / size}${suffix}`;
}

/** A point in time, in its largest parts: `1d 06:30`, `06:30`, `06:30:15`. */
export function clock(seconds, horizon) {
  const two = (n) => String(n).padStart(2, "0");
  const whole = Math.round(seconds);
  const days = Math.floor(whole / 86_400);
  const time = [Math.floor((whole % 86_400) / 3_600), Math.floor((whole % 3_600) / 60)];
  if (whole % 60 !== 0) time.push(whole % 60);
  return (horizon > 86_400 ? `day ${days + 1}, ` : "") + time.map(two).join(":");
}

/** A name from the result, as words. */
export function words(name) {
  return name.replaceAll("_", " ");
}
