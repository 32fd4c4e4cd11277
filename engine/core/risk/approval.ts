// The approval word: a hash over what must not change between risk and gateway. Made by the risk
// manager only, checked by the gateway link before anything is written. Always: never 0.

/** Approval word over what must not change between risk and gateway; never 0. */
export function approvalOf(
  idA: number,
  idC: number,
  instrument: number,
  side: number,
  priceE4: number,
  qty: number,
): number {
  let h = Math.imul(idA ^ 0x9e3779b1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ idC, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ instrument, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ (side << 28) ^ priceE4, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 13) ^ qty, 0x85ebca6b);
  return (h ^ (h >>> 16)) | 1;
}
