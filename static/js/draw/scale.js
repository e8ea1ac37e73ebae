// Scales: from a value to a place in px.

/** `low` stands at `from`, `high` at `to`, and all else in proportion. */
export function linear([low, high], [from, to]) {
  return (value) => from + ((value - low) / (high - low || 1)) * (to - from);
}

/** The same for the logarithms: a straight line is a power. */
export function logarithmic(domain, range) {
  const scale = linear(domain.map(Math.log), range);
  return (value) => scale(Math.log(value));
}

/** Round values between two, about `count` of them. */
export function ticks(low, high, count = 4) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((size) => size >= raw * 0.99);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step)
    values.push(Number(value.toPrecision(8)));
  return values;
}
