/** Noise that a counter decides: the same numbers, bit for bit, as those of `neurarium/page/noise.py`. */

/** Every bit of the answer hangs on every bit of `a`. */
function mix(a: number): number {
  a ^= a >>> 16;
  a = Math.imul(a, 0x21f0aaad);
  a ^= a >>> 15;
  a = Math.imul(a, 0xd35a2d97);
  return (a ^ (a >>> 15)) >>> 0;
}

/** Numbers from 0 up to, but not including, 1, of which float32 holds each exactly. */
export function uniform(seed: number, size: number): Float32Array {
  const start = mix(seed >>> 0);
  return Float32Array.from({ length: size }, (_, i) => (mix((start + Math.imul(i, 0x9e3779b9)) | 0) >>> 8) / 2 ** 24);
}
