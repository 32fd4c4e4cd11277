// The first value of number fields that will hold float64 times. Hot classes begin such fields
// with it: V8 lays a field that begins with 0 out for small integers, and the first real time then
// changes the layout of the object and throws away the code compiled for it.

/** Equals 0 in every comparison and sum, and is never a small integer: minus zero. */
export const FLOAT_ZERO = -0;
