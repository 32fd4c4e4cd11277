// Candlestick patterns of two and three rows; the pieces are in candle-rows.ts, candles.ts calls
// these. Rows count back from now: 0 is the last one. Always: rules and order of comparisons are
// TA-Lib's.

import {
  body, bottom, close, color, far, hairline, high, isDoji, isLong, low, lower, near, open, top,
  upper, usualBody,
} from "./candle-rows";

export function twoRows(pattern: i32, p: f64): i32 {
  switch (pattern) {
    case 10: return hasTail() && bottom(0) <= low(1) + near(1) ? 100 : 0;
    case 11: return hasTail() && bottom(0) >= high(1) - near(1) ? -100 : 0;
    case 12: return hasHat() && top(0) < bottom(1) ? 100 : 0;
    case 13: return hasHat() && bottom(0) > top(1) ? -100 : 0;
    case 14: return engulfing();
    case 15: return isLong(1) && body(0) <= usualBody(0) ? inside() : 0;
    case 16: return isLong(1) && isDoji(0) ? inside() : 0;
    case 17: return piercing();
    case 18: return darkCloud(p);
    default: return 0;
  }
}

/** A small body with a long lower and hardly an upper shadow. */
function hasTail(): bool {
  return body(0) < usualBody(0) && lower(0) > body(0) && upper(0) < hairline(0);
}

/** A small body with a long upper and hardly a lower shadow. */
function hasHat(): bool {
  return body(0) < usualBody(0) && upper(0) > body(0) && lower(0) < hairline(0);
}

function engulfing(): i32 {
  const way = color(0);
  if (way == color(1)) return 0;
  const covers = way > 0
    ? (close(0) >= open(1) && open(0) < close(1)) || (close(0) > open(1) && open(0) <= close(1))
    : (open(0) >= close(1) && close(0) < open(1)) || (open(0) > close(1) && close(0) <= open(1));
  if (!covers) return 0;
  return open(0) != close(1) && close(0) != open(1) ? way * 100 : way * 80;
}

/** The body lies inside the one before. */
function inside(): i32 {
  if (top(0) < top(1) && bottom(0) > bottom(1)) return -color(1) * 100;
  return top(0) <= top(1) && bottom(0) >= bottom(1) ? -color(1) * 80 : 0;
}

function piercing(): i32 {
  if (color(1) != -1 || !isLong(1) || color(0) != 1 || !isLong(0)) return 0;
  const reaches = close(0) < open(1) && close(0) > close(1) + body(1) * 0.5;
  return open(0) < low(1) && reaches ? 100 : 0;
}

function darkCloud(p: f64): i32 {
  if (color(1) != 1 || !isLong(1) || color(0) != -1) return 0;
  const reaches = close(0) > open(1) && close(0) < close(1) - body(1) * p;
  return open(0) > high(1) && reaches ? -100 : 0;
}

export function threeRows(pattern: i32, p: f64): i32 {
  switch (pattern) {
    case 20: return star(-1, p);
    case 21: return star(1, p);
    case 22: return soldiers();
    case 23: return crows();
    default: return 0;
  }
}

/** A long body of that color, a small one beyond it, and one that comes back (far enough: p). */
function star(first: i32, p: f64): i32 {
  if (!isLong(2) || color(2) != first || body(1) > usualBody(1)) return 0;
  if (body(0) <= usualBody(0) || color(0) != -first) return 0;
  if (first < 0) {
    return top(1) < bottom(2) && close(0) > close(2) + body(2) * p ? 100 : 0;
  }
  return bottom(1) > top(2) && close(0) < close(2) - body(2) * p ? -100 : 0;
}

function soldiers(): i32 {
  for (let k = 2; k >= 0; k--) if (color(k) != 1 || upper(k) >= hairline(k)) return 0;
  if (close(0) <= close(1) || close(1) <= close(2)) return 0;
  if (open(1) <= open(2) || open(1) > close(2) + near(2)) return 0;
  if (open(0) <= open(1) || open(0) > close(1) + near(1)) return 0;
  if (body(1) <= body(2) - far(2) || body(0) <= body(1) - far(1)) return 0;
  return body(0) > usualBody(0) ? 100 : 0;
}

function crows(): i32 {
  if (color(3) != 1) return 0;
  for (let k = 2; k >= 0; k--) if (color(k) != -1 || lower(k) >= hairline(k)) return 0;
  if (open(1) >= open(2) || open(1) <= close(2)) return 0;
  if (open(0) >= open(1) || open(0) <= close(1)) return 0;
  return high(3) > close(2) && close(2) > close(1) && close(1) > close(0) ? -100 : 0;
}
