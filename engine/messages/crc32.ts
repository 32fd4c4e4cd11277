// CRC-32 as zlib computes it (polynomial 0xEDB88320, so Node's, Python's and every zip's), over a
// range of bytes. Called by the journal for each record and by links for each frame. Slicing by
// eight: eight tables of 256 words, made once at import, 8 bytes per step. No allocation per call,
// which `zlib.crc32` cannot promise: it wants a view of its own for each range.

const TABLE_COUNT = 8;
const TABLES = makeTables();

/**
 * CRC-32 of `bytes[from .. to)`, an unsigned 32-bit number. `seed` is the CRC of what came before,
 * so that crc32(b, 0, n) equals crc32(b, m, n, crc32(b, 0, m)). O(to - from).
 */
export function crc32(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  // The loop returns an int32: an unsigned result of a call that is not inlined would be boxed.
  return crcInt32(bytes, from, to, seed | 0) >>> 0;
}

/** The same 32 bits as a signed number, the way int32 fields of frames and records hold them. */
export function crcInt32(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  const table = TABLES;
  let crc = ~seed;
  let i = from;
  for (const end = to - 7; i < end; i += 8) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    crc =
      table[1792 + (crc & 255)] ^
      table[1536 + ((crc >>> 8) & 255)] ^
      table[1280 + ((crc >>> 16) & 255)] ^
      table[1024 + (crc >>> 24)] ^
      table[768 + bytes[i + 4]] ^
      table[512 + bytes[i + 5]] ^
      table[256 + bytes[i + 6]] ^
      table[bytes[i + 7]];
  }
  for (; i < to; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ~crc;
}

/** Table k holds the CRC of a byte followed by k zero bytes. */
function makeTables(): Int32Array {
  const tables = new Int32Array(TABLE_COUNT * 256); // hot-ok: at import
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256];
    tables[i] = (before >>> 8) ^ tables[before & 255];
  }
  return tables;
}
