// The normal distribution: its distribution function and the inverse. Called by the deflated Sharpe
// ratio. Always: relative error below 1e-12 for the function, below 1e-10 for the inverse.

const ROOT_2PI = Math.sqrt(2 * Math.PI);
/** From here on the tail is a continued fraction, nearer 0 a series. */
const TAIL = 3;

/** P(Z <= x). */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const z = Math.abs(x);
  const upper = z > 38 ? 0 : z < TAIL ? 0.5 - density(z) * series(z) : density(z) * fraction(z);
  return x > 0 ? 1 - upper : upper;
}

function density(x: number): number {
  return Math.exp((-x * x) / 2) / ROOT_2PI;
}

/** z + z^3/3 + z^5/15 + ...: Phi(z) - 1/2 over the density. */
function series(z: number): number {
  let [term, sum] = [z, z];
  for (let n = 3; Math.abs(term) > 1e-17 * sum; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return sum;
}

/** The Mills ratio by its continued fraction, 1/(z + 1/(z + 2/(z + ...))). */
function fraction(z: number): number {
  let value = z;
  for (let n = 200; n > 0; n--) value = z + n / value;
  return 1 / value;
}

/** x with P(Z <= x) = p; infinite at 0 and 1, NaN outside. */
export function normalInverse(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalInverse(1 - p);
  // Start by Hastings (26.2.23), then Newton with Halley's term on the function itself.
  const t = Math.sqrt(-2 * Math.log(p));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  let x = top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let i = 0; i < 4; i++) {
    const error = (normalCdf(x) - p) / density(x);
    x -= error / (1 + (x * error) / 2);
  }
  return x;
}
