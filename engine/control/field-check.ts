// Reads what a client sent against a schema, and says which field is wrong in words of the reader.
// Called by the HTTP routes and the WebSocket commands. Always: nothing the client sent is repeated
// but the names of fields; a key that one object gives twice is refused, as only one would count.
import type { z } from 'zod';

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly field: string; readonly message: string };

/** Checks `value`; the first wrong field otherwise. */
export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Checked<z.infer<Schema>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.').slice(0, 60);
    return { ok: false, field, message: 'no such field here' };
  }
  const field = path.join('.').slice(0, 60);
  return { ok: false, field, message: issue.message };
}

/** The value of JSON text, or why it is none. */
export function readJson(text: string): Checked<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, field: '', message: 'the body is not JSON' };
  }
  const twice = doubledKey(text);
  if (twice === null) return { ok: true, value };
  return { ok: false, field: twice.slice(0, 60), message: 'the field is given twice' };
}

/** A key that an object of valid JSON text gives a second time, or null. O(length). */
function doubledKey(text: string): string | null {
  // A string is an object's key when a colon follows it; JSON.parse has proved the rest.
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (const [part] of text.matchAll(token)) {
    if (part === '{') open.push(new Set());
    else if (part === '[') open.push(null);
    else if (part === '}' || part === ']') open.pop();
    else if (part === ':') {
      const keys = open[open.length - 1];
      const key = JSON.parse(last) as string;
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    } else last = part;
  }
  return null;
}
