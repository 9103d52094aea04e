// Axes: from values to pixels, and the round values to label.

/** A linear scale from [a, b] to the pixels [from, to]. */
export function linear(a, b, from, to) {
  const width = b > a ? b - a : 1;
  return (x) => from + ((x - a) / width) * (to - from);
}

/** A logarithmic scale; both ends positive. */
export function logarithmic(a, b, from, to) {
  const inner = linear(Math.log(a), Math.log(b), from, to);
  return (x) => inner(Math.log(Math.max(x, a / 1e3)));
}

/** A round number at or above x: 1, 1.5, 2, 3, 4, 5, 6, 8 or 10 times a power of ten. */
export function roundUp(x) {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x));
  const digit = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((d) => d * power >= x * (1 - 1e-9)) ?? 10;
  return digit * power;
}

/** About `most` round values between a and b. */
export function ticks(a, b, most) {
  if (!(b > a)) return [a];
  const raw = (b - a) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((d) => d * power >= raw * (1 - 1e-9)) * power;
  const out = [];
  for (let i = Math.ceil(a / step - 1e-9); i * step <= b + step * 1e-9; i += 1) out.push(i * step + 0);
  return out;
}

const LONG = [60, 120, 300, 600, 1_800, 3_600, 7_200, 18_000, 36_000, 86_400, 172_800, 432_000, 864_000, 2_592_000];

/** Round durations between a and b for a logarithmic axis: 1, 2 and 5 by powers of ten, from a minute on round minutes and hours. */
export function durationTicks(a, b, most) {
  const all = [];
  for (let power = Math.floor(Math.log10(a)); power <= 1; power += 1) {
    for (const digit of [1, 2, 5]) all.push(Number(`${digit}e${power}`));
  }
  const inside = [...all, ...LONG].filter((x) => x >= a * (1 - 1e-9) && x <= b * (1 + 1e-9));
  const step = Math.ceil(inside.length / most);
  const powers = inside.filter((x) => /^1(e|0*$)|^0\.0*1$/.test(String(x)) || (x >= 60 && LONG.indexOf(x) % 2 === 0));
  return step === 1 ? inside : powers.length >= 2 && powers.length <= most ? powers : inside.filter((_, i) => i % step === 0);
}

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000,
];

/** Round points in time up to a horizon. */
export function timeTicks(horizon, most) {
  const step = STEPS.find((s) => horizon / s <= most) ?? horizon;
  const out = [];
  for (let t = 0; t <= horizon * (1 + 1e-9); t += step) out.push(t);
  return out;
}

/** A path through points; a gap where a value is null. */
export function path(points) {
  let out = "";
  let pen = false;
  for (const [x, y] of points) {
    if (y === null || !Number.isFinite(y)) {
      pen = false;
      continue;
    }
    out += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  }
  return out;
}
