// The table of rotations that rope kernels read: made on the host in double precision, because WGSL promises
// sine and cosine only to 2^-11, and a position of 32,000 radians to nothing at all.

/** [positions][2][headDim / 2] cosines, then sines, for the inverse frequencies of one head. */
export function rotations(positions: number, frequencies: ArrayLike<number>): Float32Array {
  const half = frequencies.length;
  const table = new Float32Array(positions * 2 * half);
  for (let p = 0; p < positions; p++) {
    for (let i = 0; i < half; i++) {
      const angle = p * (frequencies[i] ?? 0);
      table[p * 2 * half + i] = Math.cos(angle);
      table[p * 2 * half + half + i] = Math.sin(angle);
    }
  }
  return table;
}
